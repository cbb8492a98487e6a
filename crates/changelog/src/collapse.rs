//! A Terraform run that registered a task definition, and the ECS deployments of it, are one change
//! in several steps.

use std::ops::RangeInclusive;

use ::record::Time;

use crate::names::{given_names, words};
use crate::rank::{resource_type, scales_only};
use crate::record::{Action, ChangeRecord, Flag, ResourceChange, Source, Status, Step};

/// So long after the end of a run a deployment may begin and still be a step of it, in
/// milliseconds: a pipeline may have to pick up the new revision first.
pub const AFTER_THE_RUN: i64 = 10 * 60_000;

/// A run whose beginning is not known is taken to have begun so long before its end: an apply waits
/// for the services to be steady, if it is told to.
pub(crate) const RUN_LASTS: i64 = 20 * 60_000;

/// Clocks of two services are not one.
const CLOCKS_DIFFER: i64 = 5_000;

/// Puts each deployment that a run caused into that run, as a step of it. Every other change stays
/// as it is, and where it is.
///
/// A deployment is a step of a run when the run changed a task definition or a service that has the
/// deployment's name, and when it began during the run or within [`AFTER_THE_RUN`]. Where several
/// runs fit, the one that ended last before it is taken. A run that only scaled a service makes no
/// deployment.
pub fn collapse(changes: Vec<ChangeRecord>) -> Vec<ChangeRecord> {
    let causes = causes(&changes);
    let mut heads: Vec<Option<ChangeRecord>> = changes.into_iter().map(Some).collect();
    for (at, cause) in causes.into_iter().enumerate() {
        // A run is no deployment, so what is taken here is nobody's cause.
        if let Some(run) = cause
            && let Some(deployment) = heads[at].take()
            && let Some(run) = &mut heads[run]
        {
            take_in(run, deployment);
        }
    }
    heads.into_iter().flatten().collect()
}

/// The place of the run that each change is a step of, where there is one.
pub(crate) fn causes(changes: &[ChangeRecord]) -> Vec<Option<usize>> {
    let runs: Vec<Run<'_>> =
        changes.iter().enumerate().filter_map(|(place, change)| Run::of(place, change)).collect();
    changes.iter().map(|change| cause(change, &runs)).collect()
}

/// A change that may have caused deployments.
struct Run<'a> {
    /// Its place in the list.
    place: usize,
    change: &'a ChangeRecord,
    /// When deployments of it begin, in epoch milliseconds.
    span: RangeInclusive<i64>,
}

impl<'a> Run<'a> {
    fn of(place: usize, change: &'a ChangeRecord) -> Option<Self> {
        let took_effect = !matches!(
            change.status,
            Status::Failed | Status::Planned | Status::AwaitingConfirmation
        );
        let deploys = took_effect
            && matches!(change.source, Source::Terraform | Source::Apply | Source::S3State)
            && change.resources.iter().any(deploys);
        let first = change.own_moments().min().map_or(change.time.millis(), Time::millis);
        let last = change.own_moments().max().map_or(change.time.millis(), Time::millis);
        let first = if first == last { first.saturating_sub(RUN_LASTS) } else { first };
        let span = first.saturating_sub(CLOCKS_DIFFER)..=last.saturating_add(AFTER_THE_RUN);
        deploys.then_some(Self { place, change, span })
    }

    fn caused(&self, deployment: &ChangeRecord) -> bool {
        self.span.contains(&deployment.time.millis())
            && same_place(&self.change.account, &deployment.account)
            && same_place(&self.change.region, &deployment.region)
            && Called::of(self.change, deployment).has_resource(self.change)
    }
}

/// The place of the run that caused a deployment: the nearest in time, and of two that are equally
/// near the one that stands first.
fn cause(deployment: &ChangeRecord, runs: &[Run<'_>]) -> Option<usize> {
    if deployment.source != Source::Ecs {
        return None;
    }
    let runs = runs.iter().filter(|run| run.caused(deployment));
    runs.min_by_key(|run| run.change.time.millis().abs_diff(deployment.time.millis()))
        .map(|run| run.place)
}

/// Terraform's records often do not say where they are; then nothing speaks against it.
fn same_place(one: &Option<String>, other: &Option<String>) -> bool {
    one.is_none() || other.is_none() || one == other
}

/// Whether a change of this resource makes ECS deploy.
fn deploys(resource: &ResourceChange) -> bool {
    matches!(resource.action, Action::Create | Action::Update | Action::Replace)
        && matches!(
            resource_type(resource),
            Some("aws_ecs_task_definition" | "aws_ecs_service" | "aws_ecs_task_set")
        )
        && !scales_only(resource)
}

/// Words beside the name of a service that do not make it another service.
const BESIDE: [&str; 9] =
    ["app", "daemon", "default", "definition", "ecs", "main", "service", "task", "this"];

/// What a deployment's service and family are called, but for words such as the cluster's and the
/// environment's: `prod_api_service` is about `api`, `billing_api` is not.
struct Called {
    beside: Vec<String>,
    names: Vec<Vec<String>>,
}

impl Called {
    fn of(run: &ChangeRecord, deployment: &ChangeRecord) -> Self {
        let places = [&deployment.cluster, &deployment.environment, &run.environment];
        let places = places.into_iter().flatten().flat_map(|name| words(name));
        let beside = places.chain(BESIDE.map(str::to_owned)).collect();
        let mut called = Self { beside, names: Vec::new() };
        let family = deployment.task_definition.as_deref().map(family);
        let names = deployment.system.as_deref().into_iter().chain(family);
        called.names = names.map(|name| called.plain(name)).collect();
        called
    }

    /// Whether a resource of the run is about it: one of its names is its name. Where the resource
    /// is called `this` or `main` only, the name of its workspace counts.
    fn has_resource(&self, run: &ChangeRecord) -> bool {
        run.resources.iter().filter(|resource| deploys(resource)).any(|resource| {
            let given = given_names(&resource.address);
            let says_nothing = given.iter().all(|name| self.without_beside(name).is_empty());
            given.iter().any(|name| self.is(name))
                || (says_nothing && run.system.as_deref().is_some_and(|name| self.is(name)))
        })
    }

    fn is(&self, name: &str) -> bool {
        let name = self.plain(name);
        self.names.contains(&name)
    }

    /// The words that tell a name; all of its words where all of them are beside.
    fn plain(&self, name: &str) -> Vec<String> {
        let telling = self.without_beside(name);
        if telling.is_empty() { words(name) } else { telling }
    }

    fn without_beside(&self, name: &str) -> Vec<String> {
        words(name).into_iter().filter(|word| !self.beside.contains(word)).collect()
    }
}

/// `coredns` of `coredns:12`.
fn family(task_definition: &str) -> &str {
    task_definition.rsplit_once(':').map_or(task_definition, |(family, _)| family)
}

/// Makes a deployment a step of a run. Where it is (account, region, cluster) stays in the step: a
/// run may deploy to several places, and what it matches must not depend on what it has taken in.
fn take_in(run: &mut ChangeRecord, deployment: ChangeRecord) {
    if run.steps.is_empty() {
        let first = step(run);
        run.steps.push(first);
    }
    run.steps.push(step(&deployment));
    run.steps.sort_by(|one, other| {
        let key = |step: &Step| (step.time, step.source, step.id.clone(), step.summary.clone());
        key(one).cmp(&key(other))
    });

    for ticket in deployment.tickets {
        if run.tickets.iter().all(|known| known.key != ticket.key) {
            run.tickets.push(ticket);
        }
    }
    for flag in deployment.flags {
        run.flag(flag);
    }
    // A ticket of one step is the ticket of the change.
    run.flags.retain(|flag| *flag != Flag::Ticketless || run.tickets.is_empty());
    run.flags.sort_unstable();

    run.status = both(&run.status, deployment.status);
    run.reach = joined(run.reach.take(), deployment.reach, |one, other| one.and(other));
    run.aftermath = joined(run.aftermath.take(), deployment.aftermath, |one, other| one.and(other));
    run.commit = run.commit.take().or(deployment.commit);
    run.branch = run.branch.take().or(deployment.branch);
    run.resources.extend(deployment.resources.into_iter().map(|resource| ResourceChange {
        // The step says when.
        time: None,
        ..resource
    }));
    run.resources_left_out = run.resources_left_out.saturating_add(deployment.resources_left_out);
    run.diagnostics.extend(deployment.diagnostics);
}

fn step(change: &ChangeRecord) -> Step {
    Step {
        source: change.source,
        time: change.time,
        account: change.account.clone(),
        region: change.region.clone(),
        cluster: change.cluster.clone(),
        system: change.system.clone(),
        actor: change.actor.clone(),
        summary: change.summary.clone(),
        status: change.status.clone(),
        id: change.id.clone(),
        link: change.link.clone(),
    }
}

/// How a change of two parts stands: what is not as it should be is what counts.
fn both(run: &Status, deployment: Status) -> Status {
    let weight = |status: &Status| match status {
        Status::Partial => 4,
        Status::InFlight => 3,
        Status::RolledBack => 2,
        Status::Failed => 1,
        _ => 0,
    };
    if weight(&deployment) <= weight(run) {
        return run.clone();
    }
    // The run did change something: a deployment that failed leaves it half made.
    if deployment == Status::Failed { Status::Partial } else { deployment }
}

fn joined<T>(one: Option<T>, other: Option<T>, join: impl Fn(&T, &T) -> T) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(join(&one, &other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests;
