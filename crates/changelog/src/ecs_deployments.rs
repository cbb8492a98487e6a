//! ECS deployments as changes: which services were deployed in a window, from what to what, and what
//! became of it.
//!
//! DescribeServices says of every service when it was last deployed. So only services that were
//! deployed inside the window, or are being deployed, cost a call of their own: 500 quiet services are
//! 5 calls to list them and 50 to look at them. Services that were deployed last come first.

mod aftermath;
mod deployment;
mod inside;
mod versions;

use std::collections::{BTreeSet, HashMap};

use ::record::Time;
use aws::{Cause, Error, Operation};
use ecs::{Fleet, Service, ServiceDeployment, ServiceRevision, Task, TaskDefinition, TasksOf};
use futures_util::future::{join, join_all};
use futures_util::stream::StreamExt;

use self::deployment::{Place, of_live_deployment, of_service_deployment};
use self::inside::{Inside, is_in_flight};
use self::versions::Version;
use crate::found::Sink;
use crate::record::{ChangeRecord, Source};
use crate::sources::{Ended, SourceRead};
use crate::window::Window;

/// The operations that are used here, for permissions.md and hints.
pub const OPERATIONS: [Operation; 9] = [
    Operation::ListClusters,
    Operation::ListServices,
    Operation::DescribeServices,
    Operation::ListServiceDeployments,
    Operation::DescribeServiceDeployments,
    Operation::DescribeServiceRevisions,
    Operation::DescribeTaskDefinition,
    Operation::ListTasks,
    Operation::DescribeTasks,
];

/// So many services are asked about at once; then what was found is handed over.
const SERVICES_AT_ONCE: usize = 16;
/// So many deployments of one service are read at most.
const DEPLOYMENTS_OF_A_SERVICE: usize = 200;
/// A deployment that is taken back inside the window may have been asked for so long before it.
const TAKEN_BACK_WITHIN_MS: i64 = 3 * 3_600_000;
/// Clocks differ, and nobody says whether ECS counts the ends of a window in.
const LEEWAY_MS: i64 = 1_000;

/// What is wanted of a fleet.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The window.
    pub window: Window,
    /// The moment of the reading.
    pub now: Time,
    /// The account, where it is known.
    pub account: Option<&'a str>,
    /// The clusters, by name; all of them where there is none.
    pub clusters: &'a [String],
    /// Whether a service is wanted, by its cluster and its name.
    pub wants: &'a (dyn Fn(&str, &str) -> bool + Sync),
    /// Whether stopped tasks are looked at. They tell what became of a deployment, and cost two calls
    /// for each hundred of them in a cluster with a deployment inside the window.
    pub stopped: bool,
}

impl std::fmt::Debug for Ask<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { window, now, account, clusters, wants: _, stopped } = self;
        f.debug_struct("Ask")
            .field("window", window)
            .field("now", now)
            .field("account", account)
            .field("clusters", clusters)
            .field("stopped", stopped)
            .finish_non_exhaustive()
    }
}

/// Reads what was deployed in one region: a record for each deployment, and one answer for each
/// cluster, `us-east-1/prod`.
pub async fn read(fleet: &Fleet, ask: &Ask<'_>, sink: &Sink) -> Vec<SourceRead> {
    let clusters = match ask.clusters {
        [] => fleet.clusters().await,
        named => Ok(named.to_vec()),
    };
    let clusters = match clusters {
        Ok(clusters) => clusters,
        Err(error) => {
            return vec![of_region(fleet, without_answer(&error))];
        }
    };
    if clusters.is_empty() {
        sink.reached(ask.window.since).await;
        return vec![of_region(fleet, Ended::Complete { until: ask.now })];
    }
    let looks = clusters.iter().map(|cluster| look(fleet, ask, cluster));
    let (mut readings, inside): (Vec<Reading>, Vec<Vec<Service>>) =
        join_all(looks).await.into_iter().unzip();
    let inside = inside.into_iter().enumerate();
    let mut inside: Vec<Inside> = inside
        .flat_map(|(cluster, services)| services.into_iter().map(move |one| (cluster, one)))
        .filter_map(|(cluster, service)| Inside::of(cluster, service, ask.window))
        .collect();
    inside.sort_by_key(|service| std::cmp::Reverse(service.order()));

    let mut stopped = HashMap::new();
    let mut rest = inside.as_slice();
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(SERVICES_AT_ONCE));
        let changes = batch(fleet, ask, now, &mut stopped, &mut readings).await;
        for change in changes {
            sink.change(change).await;
        }
        rest = later;
        // What is in flight comes first: once a settled service is next, all of it is known.
        if let Some(next) = later.first().filter(|next| !next.in_flight) {
            sink.reached(Time::from_millis(next.latest.millis().saturating_add(1))).await;
        }
    }
    sink.reached(ask.window.since).await;
    readings.into_iter().map(|reading| reading.into_read(fleet.region(), ask.now)).collect()
}

fn of_region(fleet: &Fleet, ended: Ended) -> SourceRead {
    let name = Some(fleet.region().to_owned());
    SourceRead { source: Source::Ecs, name, changes: 0, ended }
}

/// How the reading of a cluster goes.
#[derive(Debug)]
struct Reading {
    cluster: String,
    changes: u64,
    /// Why it could not be read at all.
    failed: Option<Ended>,
    /// What is missing, each thing once.
    missing: BTreeSet<String>,
    /// The services of which there are older deployments than were read, and from when on it is whole.
    cut: Option<Time>,
}

impl Reading {
    fn into_read(self, region: &str, now: Time) -> SourceRead {
        let missing = self.missing.into_iter().collect::<Vec<_>>().join("; ");
        let ended = match (self.failed, self.cut) {
            (Some(ended), _) => ended,
            (None, _) if !missing.is_empty() => Ended::Partly { why: missing },
            (None, Some(at)) => Ended::CutShort {
                at,
                why: format!(
                    "{DEPLOYMENTS_OF_A_SERVICE} deployments of a service are read at most"
                ),
            },
            (None, None) => Ended::Complete { until: now },
        };
        let name = Some(format!("{region}/{}", self.cluster));
        SourceRead { source: Source::Ecs, name, changes: self.changes, ended }
    }
}

/// The services of a cluster that are wanted.
async fn look(fleet: &Fleet, ask: &Ask<'_>, cluster: &str) -> (Reading, Vec<Service>) {
    let mut reading = Reading {
        cluster: cluster.to_owned(),
        changes: 0,
        failed: None,
        missing: BTreeSet::new(),
        cut: None,
    };
    let names = match fleet.service_names(cluster).await {
        Ok(names) => names,
        Err(error) => {
            reading.failed = Some(without_answer(&error));
            return (reading, Vec::new());
        }
    };
    let wanted: Vec<String> = names.into_iter().filter(|name| (ask.wants)(cluster, name)).collect();
    let described = fleet.services(cluster, &wanted).await;
    let unread: usize = described.unread.iter().map(|part| part.asked.len()).sum();
    match described.unread.first() {
        Some(part) if unread == wanted.len() => reading.failed = Some(without_answer(&part.error)),
        Some(part) => {
            let why = clause(&part.error);
            reading.missing.insert(format!("{unread} of {} services: {why}", wanted.len()));
        }
        None => {}
    }
    // One that was deleted in between is no failure.
    for failure in described.failures.iter().filter(|failure| !failure.is_missing()) {
        reading.missing.insert(format!("{}: {}", ecs::short_name(&failure.arn), failure.reason));
    }
    (reading, described.items)
}

/// The changes of some services, those in flight first, then the newest.
async fn batch(
    fleet: &Fleet,
    ask: &Ask<'_>,
    services: &[Inside],
    stopped: &mut HashMap<usize, Vec<Task>>,
    readings: &mut [Reading],
) -> Vec<ChangeRecord> {
    let new: BTreeSet<usize> = services.iter().map(|service| service.cluster).collect();
    let new: Vec<(usize, String)> = new
        .into_iter()
        .filter(|cluster| ask.stopped && !stopped.contains_key(cluster))
        .map(|cluster| (cluster, readings[cluster].cluster.clone()))
        .collect();
    let tasks = join_all(new.iter().map(|(_, cluster)| dead_tasks(fleet, cluster)));
    let histories = join_all(services.iter().map(|service| history(fleet, ask, &service.service)));
    let (tasks, histories) = join(tasks, histories).await;
    for ((cluster, _), (tasks, error)) in new.iter().zip(tasks) {
        readings[*cluster].missing.extend(
            error.map(|error| format!("what became of the deployments: {}", clause(&error))),
        );
        stopped.insert(*cluster, tasks);
    }

    let revisions = revisions(fleet, services, &histories, readings).await;
    let mut changes = Vec::new();
    for (inside, history) in services.iter().zip(histories) {
        let place = Place {
            account: ask.account,
            region: fleet.region(),
            service: &inside.service,
            stopped: stopped.get(&inside.cluster).map_or(&[], Vec::as_slice),
        };
        let reading = &mut readings[inside.cluster];
        let of_service = match history {
            History::Kept { deployments, cut } => {
                reading.cut = reading.cut.max(cut);
                let all = deployments.iter();
                all.filter_map(|one| of_service_deployment(place, one, &revisions)).collect()
            }
            History::Live { missing } => {
                reading.missing.extend(missing.map(|error| clause(&error)));
                live(fleet, ask, place, reading).await
            }
        };
        let inside: Vec<ChangeRecord> =
            of_service.into_iter().filter(|change| ask.window.has_effect_of(change)).collect();
        reading.changes += inside.len() as u64;
        changes.extend(inside);
    }
    changes.sort_by_key(|change| std::cmp::Reverse((change.is_in_flight(), change.time)));
    changes
}

/// What ECS tells of a service's deployments.
#[derive(Debug)]
enum History {
    /// Those around the window.
    Kept {
        deployments: Vec<ServiceDeployment>,
        /// The oldest that was read, where there are older ones.
        cut: Option<Time>,
    },
    /// Only what the service has now: ECS keeps no history of task sets, and none from before
    /// October 2024; or it may not be read.
    Live { missing: Option<Error> },
}

async fn history(fleet: &Fleet, ask: &Ask<'_>, service: &Service) -> History {
    if !service.is_deployed_by_ecs() {
        return History::Live { missing: None };
    }
    let window = ask.window;
    let rolling = service.deployments.iter().filter(|deployment| is_in_flight(deployment));
    let oldest = rolling.filter_map(|deployment| deployment.created).map(Time::millis).min();
    let since = window.since.millis().saturating_sub(TAKEN_BACK_WITHIN_MS);
    let since = oldest.map_or(since, |oldest| oldest.min(since)).saturating_sub(LEEWAY_MS);
    let until = window.until.millis().saturating_add(LEEWAY_MS);
    let (since, until) = (Some(Time::from_millis(since)), Some(Time::from_millis(until)));
    let most = DEPLOYMENTS_OF_A_SERVICE;
    match fleet.service_deployments(service, since, until, most).await {
        Ok(deployments) if deployments.is_empty() => History::Live { missing: None },
        Ok(deployments) => {
            let oldest = deployments.last().and_then(|deployment| deployment.created);
            let is_whole = deployments.len() < most || oldest < Some(window.since);
            History::Kept { cut: oldest.filter(|_| !is_whole), deployments }
        }
        Err(error) => History::Live { missing: Some(error) },
    }
}

/// The revisions that the deployments speak of, by ARN.
async fn revisions(
    fleet: &Fleet,
    services: &[Inside],
    histories: &[History],
    readings: &mut [Reading],
) -> HashMap<String, ServiceRevision> {
    let mut arns = BTreeSet::new();
    let mut clusters = BTreeSet::new();
    for (inside, history) in services.iter().zip(histories) {
        if let History::Kept { deployments, .. } = history {
            clusters.insert(inside.cluster);
            let ends =
                |one: &ServiceDeployment| one.target.clone().into_iter().chain(one.sources.clone());
            arns.extend(deployments.iter().flat_map(ends));
        }
    }
    let arns: Vec<String> = arns.into_iter().collect();
    let described = fleet.revisions(&arns).await;
    if let Some(part) = described.unread.first() {
        let why = format!("from which version to which: {}", clause(&part.error));
        for cluster in clusters {
            readings[cluster].missing.insert(why.clone());
        }
    }
    described.items.into_iter().map(|revision| (revision.arn.clone(), revision)).collect()
}

/// The deployments or task sets that a service has now.
async fn live(
    fleet: &Fleet,
    ask: &Ask<'_>,
    place: Place<'_>,
    reading: &mut Reading,
) -> Vec<ChangeRecord> {
    let mut newest_first: Vec<&ecs::Deployment> = place.service.deployments.iter().collect();
    newest_first.sort_by_key(|deployment| std::cmp::Reverse(deployment.created));
    let mut changes = Vec::new();
    for (at, deployment) in newest_first.iter().enumerate() {
        let is_wanted = is_in_flight(deployment)
            || deployment.created.is_some_and(|created| ask.window.has(created));
        if !is_wanted {
            continue;
        }
        let to = version(fleet, deployment, reading).await;
        let from = match newest_first.get(at + 1) {
            Some(older) => Some(version(fleet, older, reading).await),
            None => None,
        };
        changes.extend(of_live_deployment(place, deployment, from.as_ref(), &to));
    }
    changes
}

/// What a deployment runs, by its task definition.
async fn version(fleet: &Fleet, deployment: &ecs::Deployment, reading: &mut Reading) -> Version {
    let Some(arn) = &deployment.task_definition else { return Version::default() };
    match fleet.task_definition(arn).await {
        Ok(definition) => of_definition(&definition),
        Err(error) => {
            reading.missing.insert(format!("images: {}", clause(&error)));
            Version { task_definition: Some(versions::short(arn)), images: Vec::new() }
        }
    }
}

fn of_definition(definition: &TaskDefinition) -> Version {
    let images = definition.containers.iter().map(|container| ecs::ContainerImage {
        container: container.name.clone(),
        image: container.image.clone(),
        digest: None,
    });
    Version { task_definition: Some(versions::short(&definition.arn)), images: images.collect() }
}

/// The stopped tasks of a cluster that died of themselves or never started, as far as they could be
/// read.
async fn dead_tasks(fleet: &Fleet, cluster: &str) -> (Vec<Task>, Option<Error>) {
    let mut dead = Vec::new();
    let mut pages = std::pin::pin!(fleet.tasks_of(cluster, TasksOf::Stopped));
    while let Some(page) = pages.next().await {
        match page {
            Ok(tasks) => dead.extend(
                tasks
                    .into_iter()
                    .filter(|task| aftermath::died(task) || aftermath::failed_to_start(task)),
            ),
            Err(error) => return (dead, Some(error)),
        }
    }
    (dead, None)
}

/// How a reading ended that an error left nothing of.
fn without_answer(error: &Error) -> Ended {
    Ended::unread(clause(error), error.gravity() == aws::Gravity::Denied)
}

/// Why something could not be read: the IAM action where that is what is missing.
fn clause(error: &Error) -> String {
    match (&error.cause, error.operation) {
        (Cause::Denied { .. }, Some(operation)) => format!("{} is not allowed", operation.action()),
        (cause, Some(operation)) => format!("{}: {cause}", operation.name()),
        (cause, None) => cause.to_string(),
    }
}

#[cfg(test)]
mod tests;
