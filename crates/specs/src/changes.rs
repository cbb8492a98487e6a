//! What happened to services between two looks at them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use ecs::{Deployment, Event, Service, Task, short_name};
use record::Time;
use serde::Serialize;

use crate::events::words;
use crate::service_record::Version;
use crate::stops::exit_code;

/// A stopped task is remembered for so long: ECS shows it for about an hour, so that after two it does
/// not come back.
const REMEMBERED_MS: i64 = 2 * 3_600_000;

/// What was seen at a moment, of one region.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    /// The moment of observation.
    pub time: Time,
    /// The account.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The services that are watched, and the versions of their containers.
    pub services: Vec<Watched>,
    /// Their tasks that stopped, as far as ECS remembers them. Tasks of other services are no matter.
    pub stopped: Vec<Task>,
}

/// A service that is watched.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    /// The service.
    pub service: Service,
    /// What [`crate::versions()`] makes of it.
    pub versions: BTreeMap<String, Vec<Version>>,
}

impl Snapshot {
    /// This snapshot, completed from an earlier one. Stopped tasks that ECS forgets are remembered for a
    /// while, so that each is said once. Where `unread` says that a service could not be read this time
    /// (by cluster and name), it stays as it was last seen: it has not vanished.
    pub(crate) fn keeping(mut self, before: &Self, unread: impl Fn(&str, &str) -> bool) -> Self {
        let seen: BTreeSet<(String, String)> = self.services.iter().map(key).collect();
        let lost = before.services.iter().filter(|watched| !seen.contains(&key(watched)));
        let lost = lost.filter(|watched| unread(&watched.service.cluster, &watched.service.name));
        self.services.extend(lost.cloned());
        let known: BTreeSet<String> = self.stopped.iter().map(|task| task.arn.clone()).collect();
        let oldest = self.time.millis().saturating_sub(REMEMBERED_MS);
        let is_recent = |task: &&Task| task.stopped.is_none_or(|at| at.millis() >= oldest);
        let forgotten = before.stopped.iter().filter(|task| !known.contains(&task.arn));
        self.stopped.extend(forgotten.filter(is_recent).cloned());
        self
    }
}

fn key(watched: &Watched) -> (String, String) {
    (watched.service.cluster.clone(), watched.service.name.clone())
}

/// What happened to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It is there, and was not.
    Appeared,
    /// It was there, and is not.
    Vanished,
    /// A deployment began, ended, failed, or lost tasks.
    Rollout,
    /// A version runs that did not, or no longer runs.
    Version,
    /// More or fewer tasks run, or are to.
    Counts,
    /// A task stopped.
    TaskStopped,
    /// ECS said something else.
    Event,
}

/// A change of a service, as a record of kind `service_change`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServiceChange {
    /// When it happened, as far as ECS says it; else when it was seen.
    pub time: Time,
    /// `service_change`.
    pub kind: &'static str,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The cluster's name.
    pub cluster: String,
    /// The service's name.
    pub service: String,
    /// The container's name, of a version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// What happened.
    pub what: What,
    /// What happened, in a sentence.
    pub summary: String,
    /// What it was, as far as it is not any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<State>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<State>,
    /// The task's id, of one that stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Why it stopped, in ECS's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the container that tells exited with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
}

/// A side of a change: only what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct State {
    /// The PRIMARY deployment, `ecs-svc/N`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment: Option<String>,
    /// COMPLETED, IN_PROGRESS, FAILED.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<String>,
    /// How many of its tasks failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_tasks: Option<u32>,
    /// `family:revision`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// How many tasks there are to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired: Option<u32>,
    /// How many run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<u32>,
    /// How many are about to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<u32>,
    /// The versions that run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<Vec<Version>>,
}

/// What happened from one look to the next, in the order of time.
pub(crate) fn changes(before: &Snapshot, now: &Snapshot) -> Vec<ServiceChange> {
    let earlier: BTreeMap<_, &Watched> =
        before.services.iter().map(|watched| (key(watched), watched)).collect();
    let later: BTreeMap<_, &Watched> =
        now.services.iter().map(|watched| (key(watched), watched)).collect();
    let mut all = Vec::new();
    for (key, watched) in &later {
        match earlier.get(key) {
            Some(was) => all.extend(of_service(was, watched, now)),
            None => all.push(appeared(&watched.service, now)),
        }
    }
    for (key, watched) in &earlier {
        if !later.contains_key(key) {
            all.push(vanished(&watched.service, now));
        }
    }
    let is_watched = |cluster: &str, name: &str| {
        let key = (cluster.to_owned(), name.to_owned());
        earlier.contains_key(&key) || later.contains_key(&key)
    };
    all.extend(newly_stopped(before, now, is_watched));
    let order =
        |one: &ServiceChange| (one.time, one.cluster.clone(), one.service.clone(), one.what);
    all.sort_by_key(order);
    all
}

/// A change that says nothing yet but where and what.
fn change(
    cluster: &str,
    service: &str,
    what: What,
    summary: String,
    now: &Snapshot,
) -> ServiceChange {
    ServiceChange {
        time: now.time,
        kind: "service_change",
        account: now.account.clone(),
        region: now.region.clone(),
        cluster: cluster.to_owned(),
        service: service.to_owned(),
        container: None,
        what,
        summary,
        before: None,
        after: None,
        task: None,
        reason: None,
        exit_code: None,
    }
}

fn of(service: &Service, what: What, summary: String, now: &Snapshot) -> ServiceChange {
    change(&service.cluster, &service.name, what, summary, now)
}

fn appeared(service: &Service, now: &Snapshot) -> ServiceChange {
    let runs = running_of(service);
    let definition = definition_of(service).map(|name| format!("{name}, ")).unwrap_or_default();
    let mut change = of(service, What::Appeared, format!("appeared: {definition}{runs}"), now);
    change.after = Some(counts(service));
    change
}

fn vanished(service: &Service, now: &Snapshot) -> ServiceChange {
    let summary = format!("vanished: {} before", running_of(service));
    let mut change = of(service, What::Vanished, summary, now);
    change.before = Some(counts(service));
    change
}

fn of_service(was: &Watched, is: &Watched, now: &Snapshot) -> Vec<ServiceChange> {
    let rollout = rollout(&was.service, &is.service, now);
    let is_completed = rollout.as_ref().is_some_and(|change| {
        let state = change.after.as_ref();
        state.is_some_and(|state| state.rollout.as_deref() == Some("COMPLETED"))
    });
    let mut all = Vec::from_iter(rollout);
    all.extend(versions(was, is, now));
    all.extend(count_change(&was.service, &is.service, now));
    all.extend(events(&was.service, &is.service, is_completed, now));
    all
}

fn rollout(was: &Service, is: &Service, now: &Snapshot) -> Option<ServiceChange> {
    let (before, after) = (was.primary(), is.primary());
    let state = |deployment: Option<&Deployment>| deployment.map(rollout_state);
    if state(before) == state(after) {
        return None;
    }
    let summary = match (before, after) {
        (_, None) => "no deployment is left".to_owned(),
        (Some(before), Some(after)) if before.id == after.id => progress(before, after),
        (before, Some(after)) => beginning(before, after),
    };
    let mut change = of(is, What::Rollout, summary, now);
    (change.before, change.after) = (state(before), state(after));
    Some(change)
}

fn rollout_state(deployment: &Deployment) -> State {
    State {
        deployment: Some(deployment.id.clone()),
        rollout: deployment.rollout.clone(),
        failed_tasks: Some(deployment.failed_tasks),
        task_definition: deployment.task_definition.as_deref().map(short_name).map(str::to_owned),
        ..State::default()
    }
}

/// `deployment ecs-svc/2 began: api:7 → api:8`, and why, when it takes another one back.
fn beginning(before: Option<&Deployment>, after: &Deployment) -> String {
    let name = |deployment: &Deployment| {
        let definition = deployment.task_definition.as_deref();
        definition.map_or("an unknown task definition", short_name).to_owned()
    };
    let from = before.map(name).filter(|from| *from != name(after));
    let from = from.map(|from| format!("{from} → ")).unwrap_or_default();
    let reason = after.rollout_reason.as_deref().filter(|reason| reason.contains("rolling back"));
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    let verb = if reason.is_empty() { "began" } else { "rolls back" };
    format!("deployment {} {verb}, {from}{}{reason}", after.id, name(after))
}

/// `deployment ecs-svc/2 completed`, `failed: …`, or how many tasks it has lost.
fn progress(before: &Deployment, after: &Deployment) -> String {
    let id = &after.id;
    let reason = after.rollout_reason.as_deref().filter(|reason| !reason.is_empty());
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    if before.rollout != after.rollout {
        return match after.rollout.as_deref() {
            Some("COMPLETED") => format!("deployment {id} completed, {} run", tasks(after.running)),
            Some("FAILED") => format!("deployment {id} failed{reason}"),
            Some("IN_PROGRESS") => format!("deployment {id} is in progress again{reason}"),
            Some(other) => format!("deployment {id} is {other}{reason}"),
            None => format!("deployment {id} no longer says how it stands"),
        };
    }
    match after.failed_tasks {
        same if same == before.failed_tasks => {
            let definition = after.task_definition.as_deref().map_or("none", short_name);
            format!("deployment {id} now has the task definition {definition}")
        }
        0 => format!(
            "deployment {id} has a healthy task after {} failed",
            tasks(before.failed_tasks)
        ),
        failed => format!("{} of deployment {id} failed", tasks(failed)),
    }
}

fn versions(was: &Watched, is: &Watched, now: &Snapshot) -> Vec<ServiceChange> {
    let containers: BTreeSet<&String> = was.versions.keys().chain(is.versions.keys()).collect();
    let one = |container: &String| {
        let (before, after) = (running(was, container), running(is, container));
        let summary = version_summary(&before, &after)?;
        let mut change = of(&is.service, What::Version, summary, now);
        change.container = Some(container.clone()).filter(|name| !name.is_empty());
        let state = |versions| State { versions: Some(versions), ..State::default() };
        (change.before, change.after) = (Some(state(before)), Some(state(after)));
        Some(change)
    };
    containers.into_iter().filter_map(one).collect()
}

/// The versions of a container that tasks run. Tasks that nothing is known of are no version.
fn running(watched: &Watched, container: &str) -> Vec<Version> {
    let all = watched.versions.get(container).into_iter().flatten();
    let is_known = |version: &&Version| version.image.is_some() || version.digest.is_some();
    all.filter(|version| version.running > 0).filter(is_known).cloned().collect()
}

/// `v2 runs on 3 tasks; v1 runs no more`
fn version_summary(before: &[Version], after: &[Version]) -> Option<String> {
    let is_in = |version: &Version, all: &[Version]| {
        all.iter().any(|other| other.image == version.image && other.digest == version.digest)
    };
    let came = after.iter().filter(|version| !is_in(version, before));
    let came =
        came.map(|version| format!("{} runs on {}", version.label(), tasks(version.running)));
    let went = before.iter().filter(|version| !is_in(version, after));
    let went = went.map(|version| format!("{} runs no more", version.label()));
    let said: Vec<String> = came.chain(went).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn count_change(was: &Service, is: &Service, now: &Snapshot) -> Option<ServiceChange> {
    let (before, after) = (counts(was), counts(is));
    if before == after {
        return None;
    }
    let moved = [
        ("running", was.running, is.running),
        ("desired", was.desired, is.desired),
        ("pending", was.pending, is.pending),
    ];
    let moved = moved.iter().filter(|(_, from, to)| from != to);
    let said: Vec<String> = moved.map(|(name, from, to)| format!("{name} {from} → {to}")).collect();
    let mut change = of(is, What::Counts, said.join(", "), now);
    (change.before, change.after) = (Some(before), Some(after));
    Some(change)
}

fn counts(service: &Service) -> State {
    State {
        desired: Some(service.desired),
        running: Some(service.running),
        pending: Some(service.pending),
        ..State::default()
    }
}

/// What ECS said since. That the service is steady is no news where its rollout is said to be over.
fn events<'a>(
    was: &Service,
    is: &'a Service,
    is_completed: bool,
    now: &'a Snapshot,
) -> impl Iterator<Item = ServiceChange> {
    let mut known: Vec<&Event> = was.events.iter().collect();
    let mut new: Vec<&Event> = Vec::new();
    for event in &is.events {
        match known.iter().position(|other| *other == event) {
            Some(at) => {
                known.swap_remove(at);
            }
            None => new.push(event),
        }
    }
    let is_said = move |event: &&Event| {
        let words = words(&event.message);
        let is_over = words.starts_with("has reached a steady state")
            || words.starts_with("deployment completed");
        is_completed && is_over
    };
    new.into_iter().filter(move |event| !is_said(event)).map(|event| {
        let summary = words(&event.message).to_owned();
        let mut change = of(is, What::Event, summary, now);
        change.time = event.time.unwrap_or(now.time);
        change
    })
}

/// The tasks of services that are watched which were not known to have stopped, each once.
fn newly_stopped(
    before: &Snapshot,
    now: &Snapshot,
    is_watched: impl Fn(&str, &str) -> bool,
) -> Vec<ServiceChange> {
    let mut known: BTreeSet<&str> = before.stopped.iter().map(|task| task.arn.as_str()).collect();
    let mut all = Vec::new();
    for task in now.stopped.iter().filter(|task| task.is_stopped()) {
        let Some(service) = task.service() else { continue };
        if !is_watched(&task.cluster, service) || !known.insert(&task.arn) {
            continue;
        }
        let (why, code) = (task.why_it_stopped(), exit_code(task));
        let said = why.map(|why| format!(": {why}")).unwrap_or_default();
        let exit = code.map(|code| format!(" (exit code {code})")).unwrap_or_default();
        let summary = format!("task {} stopped{said}{exit}", task.id);
        let mut change = change(&task.cluster, service, What::TaskStopped, summary, now);
        change.time = task.stopped.unwrap_or(now.time);
        change.task = Some(task.id.clone());
        change.reason = why.map(str::to_owned);
        change.exit_code = code;
        all.push(change);
    }
    all
}

fn definition_of(service: &Service) -> Option<&str> {
    let primary = service.primary().and_then(|primary| primary.task_definition.as_deref());
    primary.or(service.task_definition.as_deref()).map(short_name)
}

/// `3 of 4 tasks run`
fn running_of(service: &Service) -> String {
    format!("{} of {} run", service.running, tasks(service.desired))
}

/// `1 task`, `9 tasks`.
fn tasks(number: u32) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} task{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs::TaskContainer;
    use proptest::prelude::*;

    fn at(millis: i64) -> Option<Time> {
        Some(Time::from_millis(millis))
    }

    fn watched(change: impl FnOnce(&mut Service)) -> Watched {
        let mut service = Service {
            cluster: "prod".to_owned(),
            name: "api".to_owned(),
            desired: 4,
            running: 4,
            deployments: vec![Deployment {
                id: "ecs-svc/1".to_owned(),
                status: "PRIMARY".to_owned(),
                task_definition: Some("arn:aws:ecs:r:1:task-definition/api:7".to_owned()),
                running: 4,
                rollout: Some("COMPLETED".to_owned()),
                ..Deployment::default()
            }],
            ..Service::default()
        };
        change(&mut service);
        Watched { service, versions: BTreeMap::new() }
    }

    fn snapshot(time: i64, services: Vec<Watched>, stopped: Vec<Task>) -> Snapshot {
        Snapshot {
            time: Time::from_millis(time),
            account: None,
            region: "eu-west-1".to_owned(),
            services,
            stopped,
        }
    }

    fn between(before: Watched, now: Watched) -> Vec<ServiceChange> {
        changes(&snapshot(100, vec![before], vec![]), &snapshot(200, vec![now], vec![]))
    }

    fn said(changes: &[ServiceChange]) -> Vec<(What, i64, &str)> {
        changes.iter().map(|one| (one.what, one.time.millis(), one.summary.as_str())).collect()
    }

    fn version(tag: &str, running: u32) -> Version {
        Version {
            image: Some(format!("r/api:{tag}")),
            tag: Some(tag.to_owned()),
            running,
            ..Version::default()
        }
    }

    #[test]
    fn a_rollout_is_said_from_its_beginning_to_its_end() {
        let old = watched(|_| {});
        let begun = |change: fn(&mut Deployment)| {
            watched(|service| {
                let mut new = service.deployments[0].clone();
                new.id = "ecs-svc/2".to_owned();
                new.task_definition = Some("arn:aws:ecs:r:1:task-definition/api:8".to_owned());
                new.rollout = Some("IN_PROGRESS".to_owned());
                change(&mut new);
                service.deployments[0].status = "ACTIVE".to_owned();
                service.deployments.insert(0, new);
            })
        };
        let new = begun(|_| {});
        let began = "deployment ecs-svc/2 began, api:7 → api:8";
        assert_eq!(said(&between(old, new.clone())), [(What::Rollout, 200, began)]);
        let failing = begun(|new| new.failed_tasks = 2);
        let lost = "2 tasks of deployment ecs-svc/2 failed";
        assert_eq!(said(&between(new, failing.clone())), [(What::Rollout, 200, lost)]);
        let failed = begun(|new| {
            (new.failed_tasks, new.rollout) = (2, Some("FAILED".to_owned()));
            new.rollout_reason = Some("tasks failed to start.".to_owned());
        });
        let over = "deployment ecs-svc/2 failed: tasks failed to start.";
        assert_eq!(said(&between(failing.clone(), failed)), [(What::Rollout, 200, over)]);
        let done = begun(|new| (new.failed_tasks, new.rollout) = (0, Some("COMPLETED".to_owned())));
        let changes = between(failing, done);
        assert_eq!(
            said(&changes),
            [(What::Rollout, 200, "deployment ecs-svc/2 completed, 4 tasks run")]
        );
        let json = serde_json::to_value(&changes[0]).unwrap();
        assert_eq!(json["what"], "rollout");
        assert_eq!(json["before"]["rollout"], "IN_PROGRESS");
        assert_eq!(json["after"]["task_definition"], "api:8");
    }

    #[test]
    fn a_rollback_says_what_it_goes_back_to_and_why() {
        let back = watched(|service| {
            service.deployments[0].id = "ecs-svc/3".to_owned();
            service.deployments[0].rollout_reason = Some(
                "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1."
                    .to_owned(),
            );
        });
        let failed = watched(|service| {
            service.deployments[0].task_definition =
                Some("arn:aws:ecs:r:1:task-definition/api:8".to_owned());
        });
        let says = "deployment ecs-svc/3 rolls back, api:8 → api:7: \
                    ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.";
        assert_eq!(said(&between(failed.clone(), back)), [(What::Rollout, 200, says)]);
        let says = "deployment ecs-svc/1 now has the task definition api:8";
        assert_eq!(said(&between(watched(|_| {}), failed)), [(What::Rollout, 200, says)]);
    }

    #[test]
    fn a_version_that_comes_or_goes_is_said_with_its_tasks() {
        let with = |versions: Vec<Version>| Watched {
            versions: BTreeMap::from([("api".to_owned(), versions)]),
            ..watched(|_| {})
        };
        let before = with(vec![version("v2", 0), version("v1", 4)]);
        let middle = with(vec![version("v2", 1), version("v1", 3)]);
        let after = with(vec![version("v2", 4), Version { running: 1, ..Version::default() }]);
        let came = between(before, middle.clone());
        assert_eq!(said(&came), [(What::Version, 200, "v2 runs on 1 task")]);
        assert_eq!(came[0].container.as_deref(), Some("api"));
        let went = between(middle, after);
        assert_eq!(said(&went), [(What::Version, 200, "v1 runs no more")]);
    }

    #[test]
    fn counts_that_move_are_one_record() {
        let scaled = watched(|service| (service.desired, service.pending) = (6, 2));
        let changes = between(watched(|_| {}), scaled);
        assert_eq!(said(&changes), [(What::Counts, 200, "desired 4 → 6, pending 0 → 2")]);
    }

    #[test]
    fn a_service_that_comes_or_goes_is_said_and_one_that_was_not_read_is_not() {
        let some = snapshot(100, vec![watched(|_| {})], vec![]);
        let none = snapshot(200, vec![], vec![]);
        let appeared = changes(&none, &snapshot(300, some.services.clone(), vec![]));
        assert_eq!(said(&appeared), [(What::Appeared, 300, "appeared: api:7, 4 of 4 tasks run")]);
        let vanished = changes(&some, &none);
        assert_eq!(said(&vanished), [(What::Vanished, 200, "vanished: 4 of 4 tasks run before")]);
        let not_read = none.keeping(&some, |cluster, name| (cluster, name) == ("prod", "api"));
        assert_eq!(changes(&some, &not_read), []);
    }

    fn event(time: i64, words: &str) -> Event {
        Event { time: at(time), message: format!("(service api) {words}") }
    }

    #[test]
    fn ecs_says_what_is_new_and_a_completed_rollout_is_said_once() {
        let place = event(150, "was unable to place a task because of X.");
        let steady = event(160, "has reached a steady state.");
        let before = watched(|service| {
            service.deployments[0].rollout = Some("IN_PROGRESS".to_owned());
            service.events = vec![event(90, "has started 1 tasks: (task a).")];
        });
        let with_events = |service: &mut Service, before: &Watched| {
            let new = [steady.clone(), place.clone()];
            service.events = new.into_iter().chain(before.service.events.clone()).collect();
        };
        let still = watched(|service| {
            service.deployments[0].rollout = Some("IN_PROGRESS".to_owned());
            with_events(service, &before);
        });
        let placed = (What::Event, 150, "was unable to place a task because of X.");
        assert_eq!(
            said(&between(before.clone(), still)),
            [placed, (What::Event, 160, "has reached a steady state.")]
        );
        let done = watched(|service| with_events(service, &before));
        let completed = (What::Rollout, 200, "deployment ecs-svc/1 completed, 4 tasks run");
        assert_eq!(said(&between(before, done)), [placed, completed]);
    }

    fn stopped(id: &str, service: &str, time: i64) -> Task {
        Task {
            arn: format!("arn:aws:ecs:r:1:task/prod/{id}"),
            id: id.to_owned(),
            cluster: "prod".to_owned(),
            group: Some(format!("service:{service}")),
            last_status: Some("STOPPED".to_owned()),
            stopped: at(time),
            containers: vec![TaskContainer {
                exit_code: Some(137),
                reason: Some("OutOfMemoryError".to_owned()),
                ..TaskContainer::default()
            }],
            ..Task::default()
        }
    }

    #[test]
    fn a_task_that_stopped_is_said_with_its_reason_at_its_own_time() {
        let before = snapshot(100, vec![watched(|_| {})], vec![stopped("a", "api", 90)]);
        let tasks = vec![
            stopped("a", "api", 90),
            stopped("b", "api", 150),
            stopped("b", "api", 150),
            stopped("c", "not-watched", 150),
        ];
        let changes = changes(&before, &snapshot(200, before.services.clone(), tasks));
        let says = "task b stopped: OutOfMemoryError (exit code 137)";
        assert_eq!(said(&changes), [(What::TaskStopped, 150, says)]);
        assert_eq!(changes[0].exit_code, Some(137));
    }

    fn some_snapshot() -> impl Strategy<Value = Snapshot> {
        let one = (0u32..3, 0u32..3, 0u32..3, "[ab]", prop::collection::vec(0i64..4, 0..4))
            .prop_map(|(desired, running, failed, name, said)| {
                let mut made = watched(|service| {
                    (service.desired, service.running) = (desired, running);
                    service.name = name;
                    service.deployments[0].failed_tasks = failed;
                    service.events =
                        said.iter().map(|time| event(*time, "said something")).collect();
                });
                made.versions = BTreeMap::from([(
                    "api".to_owned(),
                    vec![version("v1", running), version("v2", failed)],
                )]);
                made
            });
        let task =
            ("[a-e]", "[ab]", 0i64..9).prop_map(|(id, service, time)| stopped(&id, &service, time));
        (prop::collection::vec(one, 0..3), prop::collection::vec(task, 0..6))
            .prop_map(|(services, tasks)| snapshot(10, services, tasks))
    }

    proptest! {
        #[test]
        fn nothing_changes_from_a_moment_to_itself(one in some_snapshot()) {
            prop_assert_eq!(changes(&one, &one), []);
        }

        #[test]
        fn each_stopped_task_is_said_once_however_often_it_is_seen(
            looks in prop::collection::vec(some_snapshot(), 1..6),
        ) {
            let both = || vec![
                watched(|service| service.name = "a".to_owned()),
                watched(|service| service.name = "b".to_owned()),
            ];
            let mut before = snapshot(0, both(), vec![]);
            let mut told = BTreeSet::new();
            let mut seen = BTreeSet::new();
            for look in looks {
                let now = snapshot(10, both(), look.stopped).keeping(&before, |_, _| false);
                seen.extend(now.stopped.iter().map(|task| task.id.clone()));
                for change in changes(&before, &now) {
                    if change.what == What::TaskStopped {
                        prop_assert!(told.insert(change.task.clone().unwrap()));
                    }
                }
                before = now;
            }
            prop_assert_eq!(told, seen);
        }

        #[test]
        fn changes_come_in_the_order_of_time_and_say_something(a in some_snapshot(), b in some_snapshot()) {
            let all = changes(&a, &b);
            prop_assert!(all.is_sorted_by_key(|one| one.time));
            prop_assert!(all.iter().all(|one| !one.summary.is_empty()));
        }
    }
}
