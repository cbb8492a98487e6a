//! A deployment of a service as a change. Pure.

use std::collections::HashMap;

use ::record::Time;
use ecs::{Deployment, Service, ServiceDeployment, ServiceRevision, Task, short_name};

use super::aftermath::{Brought, aftermath};
use super::versions::{self, Version};
use crate::aftermath::Reach;
use crate::record::{Action, ChangeRecord, Flag, ResourceChange, Source, Status, ValueChange};

/// A service deployment and the deployment that it is are made within so long.
const ONE_BEGINNING_MS: u64 = 60_000;

/// Where a service is, and what its cluster's stopped tasks are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) account: Option<&'a str>,
    pub(super) region: &'a str,
    pub(super) service: &'a Service,
    /// The stopped tasks of its cluster, as far as ECS shows them.
    pub(super) stopped: &'a [Task],
}

/// A service deployment as a change. Of one that ECS gives no time nothing can be told.
pub(super) fn of_service_deployment(
    place: Place<'_>,
    deployment: &ServiceDeployment,
    revisions: &HashMap<String, ServiceRevision>,
) -> Option<ChangeRecord> {
    let created = deployment.created?;
    let version = |arn: &String| revisions.get(arn).map(Version::of_revision);
    // Where several revisions had tasks, the newest of them is the one before this.
    let source = deployment
        .sources
        .iter()
        .filter_map(|arn| revisions.get(arn))
        .max_by_key(|revision| (revision.created, revision.arn.len(), revision.arn.as_str()));
    let from = source.map(Version::of_revision);
    let to = deployment.target.as_ref().and_then(version).unwrap_or_default();

    let (status, how) = ended(deployment);
    let mut summary = versions::summary(from.as_ref(), &to);
    if let Some(how) = how {
        summary = format!("{summary}: {how}");
    }
    let id = short_name(&deployment.arn);
    let live = live(place.service, deployment, created, to.task_definition.as_deref());
    let number = deployment.target.as_deref().map(numbered);
    let brought_by = live.map(|live| live.id.clone()).or(number).unwrap_or_default();

    let mut change = change(place, created, status, summary, id);
    if deployment.status.starts_with("ROLLBACK_") {
        change.flag(Flag::Rollback);
    }
    let update = if deployment.sources.is_empty() { Action::Create } else { Action::Update };
    touch(&mut change, place.service, update, from.as_ref(), &to);
    // To be taken back is an effect of its own, and may come much later.
    if let Some(rollback) = &deployment.rollback
        && let Some(resource) = change.resources.first_mut()
    {
        resource.time = rollback.started;
    }
    change.reach = Some(reach(place.service, live));
    let rollout = rollout(&deployment.status).or(live.and_then(|live| live.rollout.as_deref()));
    let failed = live.map_or(0, |live| u64::from(live.failed_tasks));
    let brought = Brought { service: &place.service.name, deployment: &brought_by };
    change.aftermath = Some(aftermath(&brought, rollout, failed, place.stopped));
    Some(change)
}

/// The deployment of DescribeServices that a service deployment is: the one with the number of its
/// revision. That the numbers are the same is observed, not documented; where they are not, the PRIMARY
/// one is it, if it began with this one and runs what this one brought.
fn live<'a>(
    service: &'a Service,
    deployment: &ServiceDeployment,
    created: Time,
    task_definition: Option<&str>,
) -> Option<&'a Deployment> {
    let id = numbered(deployment.target.as_deref()?);
    let by_number = service.deployments.iter().find(|live| live.id == id);
    let is_it = |primary: &&Deployment| {
        let began = primary.created.map(|began| began.millis().abs_diff(created.millis()));
        began.is_some_and(|apart| apart <= ONE_BEGINNING_MS)
            && primary.task_definition.as_deref().map(short_name) == task_definition
    };
    by_number.or_else(|| service.primary().filter(is_it))
}

/// `ecs-svc/N` of `…:service-revision/CLUSTER/SERVICE/N`.
fn numbered(revision: &str) -> String {
    format!("ecs-svc/{}", short_name(revision))
}

/// A deployment or a task set that a service has now as a change: all that is known of services of
/// CODE_DEPLOY and EXTERNAL, and where ECS's history may not be read. `from` and `to` are what ran
/// before and what it brought, as far as somebody knows.
pub(super) fn of_live_deployment(
    place: Place<'_>,
    deployment: &Deployment,
    from: Option<&Version>,
    to: &Version,
) -> Option<ChangeRecord> {
    let created = deployment.created?;
    let status = match deployment.rollout.as_deref() {
        Some("COMPLETED") => Status::Applied,
        Some("IN_PROGRESS") => Status::InFlight,
        Some("FAILED") => Status::Partial,
        Some(other) => Status::Unknown(other.to_ascii_lowercase()),
        // Task sets, and services behind a Classic Load Balancer, say only how many tasks run. One
        // that is older than the PRIMARY one is being left.
        None if place
            .service
            .primary()
            .is_some_and(|primary| deployment.created < primary.created) =>
        {
            Status::Applied
        }
        None if deployment.status == "PRIMARY" && deployment.running >= deployment.desired => {
            Status::Applied
        }
        None => Status::InFlight,
    };
    let mut summary = versions::summary(from, to);
    let rolls_back = deployment
        .rollout_reason
        .as_deref()
        .is_some_and(|reason| reason.to_ascii_lowercase().contains("rolling back"));
    if rolls_back {
        summary = format!("{summary}: a failed deployment is taken back");
    }
    let mut change = change(place, created, status, summary, &deployment.id);
    if rolls_back {
        change.flag(Flag::Rollback);
    }
    touch(&mut change, place.service, Action::Update, from, to);
    change.reach = Some(reach(place.service, Some(deployment)));
    let brought = Brought { service: &place.service.name, deployment: &deployment.id };
    change.aftermath = Some(aftermath(
        &brought,
        deployment.rollout.as_deref(),
        u64::from(deployment.failed_tasks),
        place.stopped,
    ));
    Some(change)
}

/// What every change of a service has.
pub(super) fn change(
    place: Place<'_>,
    time: Time,
    status: Status,
    summary: String,
    id: &str,
) -> ChangeRecord {
    let service = place.service;
    let mut change = ChangeRecord::new(time, Source::Ecs, status, summary);
    change.account = place.account.map(str::to_owned);
    change.region = Some(place.region.to_owned());
    change.cluster = Some(service.cluster.clone());
    change.system = Some(service.name.clone());
    change.id = Some(id.to_owned());
    change.link = ecs::deployments_link(place.region, &service.cluster, &service.name);
    if change.status == Status::Partial {
        change.flag(Flag::Partial);
    }
    change
}

/// The resource that every change of a service touches: the service.
pub(super) fn resource(service: &Service, action: Action) -> ResourceChange {
    let mut resource = ResourceChange::new(format!("service/{}", service.path()), action);
    resource.resource_type = Some("aws_ecs_service".to_owned());
    resource
}

fn touch(
    change: &mut ChangeRecord,
    service: &Service,
    action: Action,
    from: Option<&Version>,
    to: &Version,
) {
    change.task_definition = to.task_definition.clone();
    let mut resource = resource(service, action);
    resource.attributes = versions::attributes(from, to);
    let before = from.and_then(|from| from.task_definition.clone());
    if before != to.task_definition {
        let after = to.task_definition.clone();
        resource.values.push(ValueChange { path: "task_definition".to_owned(), before, after });
    }
    change.counts.count(action);
    change.resources.push(resource);
}

fn reach(service: &Service, live: Option<&Deployment>) -> Reach {
    let daemon = service.scheduling.as_deref() == Some("DAEMON");
    let of_live = live.filter(|live| live.status == "PRIMARY").map(|live| live.desired);
    // One that is not there any more had, as far as is known, as many as the service has.
    Reach { tasks: u64::from(of_live.unwrap_or(service.desired)), daemon }
}

/// How a service deployment stands, and what is to be said of it besides.
///
/// Source: `status` of `ServiceDeployment` in the ECS API reference.
fn ended(deployment: &ServiceDeployment) -> (Status, Option<String>) {
    match deployment.status.as_str() {
        "SUCCESSFUL" => (Status::Applied, None),
        "PENDING" | "IN_PROGRESS" => (Status::InFlight, None),
        "STOP_REQUESTED" => (Status::InFlight, Some("it is to be stopped".to_owned())),
        "ROLLBACK_REQUESTED" | "ROLLBACK_IN_PROGRESS" => {
            (Status::InFlight, Some(format!("rolling back{}", by(deployment))))
        }
        "ROLLBACK_SUCCESSFUL" => {
            (Status::RolledBack, Some(format!("rolled back{}", by(deployment))))
        }
        "ROLLBACK_FAILED" => {
            (Status::Partial, Some(format!("the rollback{} failed", by(deployment))))
        }
        "STOPPED" if is_tripped(deployment) => {
            (Status::Partial, Some("given up by the circuit breaker, not rolled back".to_owned()))
        }
        "STOPPED" | "FAILED" => (Status::Partial, Some("stopped half way".to_owned())),
        other => (Status::Unknown(other.to_ascii_lowercase()), None),
    }
}

/// ` by the circuit breaker`, ` for the alarm high-5xx`.
fn by(deployment: &ServiceDeployment) -> String {
    match deployment.triggered_alarms.as_slice() {
        [] if is_tripped(deployment) => " by the circuit breaker".to_owned(),
        [] => String::new(),
        [alarm] => format!(" for the alarm {alarm}"),
        alarms => format!(" for the alarms {}", alarms.join(", ")),
    }
}

fn is_tripped(deployment: &ServiceDeployment) -> bool {
    let of_rollback = deployment.rollback.as_ref().and_then(|rollback| rollback.reason.as_deref());
    let said = [of_rollback, deployment.reason.as_deref()];
    deployment.circuit_breaker.as_deref() == Some("TRIGGERED")
        || said.into_iter().flatten().any(|reason| reason.contains("circuit breaker"))
}

/// `rolloutState`, as the status of the service deployment says it.
fn rollout(status: &str) -> Option<&'static str> {
    match status {
        "SUCCESSFUL" => Some("COMPLETED"),
        "PENDING" | "IN_PROGRESS" => Some("IN_PROGRESS"),
        "STOPPED" | "FAILED" => Some("FAILED"),
        rollback if rollback.starts_with("ROLLBACK_") => Some("FAILED"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs::{ContainerImage, Rollback};

    fn revision(number: u32, tag: &str) -> ServiceRevision {
        ServiceRevision {
            arn: format!("arn:aws:ecs:r:1:service-revision/prod/coredns/{number}"),
            task_definition: Some(format!("arn:aws:ecs:r:1:task-definition/coredns:{number}")),
            images: vec![ContainerImage {
                container: "coredns".to_owned(),
                image: Some(format!("public.ecr.aws/coredns:{tag}")),
                digest: None,
            }],
            created: Some(Time::from_millis(i64::from(number))),
        }
    }

    fn revisions() -> HashMap<String, ServiceRevision> {
        let both = [revision(11, "v1.11.1"), revision(12, "v1.11.3")];
        both.into_iter().map(|revision| (revision.arn.clone(), revision)).collect()
    }

    fn deployment(status: &str) -> ServiceDeployment {
        ServiceDeployment {
            arn: "arn:aws:ecs:r:1:service-deployment/prod/coredns/dep1".to_owned(),
            status: status.to_owned(),
            created: Some(Time::from_millis(1_000)),
            sources: vec![revision(11, "").arn],
            target: Some(revision(12, "").arn),
            ..ServiceDeployment::default()
        }
    }

    fn service() -> Service {
        Service {
            cluster: "prod".to_owned(),
            name: "coredns".to_owned(),
            desired: 40,
            scheduling: Some("DAEMON".to_owned()),
            deployments: vec![Deployment {
                id: "ecs-svc/12".to_owned(),
                status: "PRIMARY".to_owned(),
                desired: 42,
                failed_tasks: 2,
                ..Deployment::default()
            }],
            ..Service::default()
        }
    }

    fn told(deployment: &ServiceDeployment, stopped: &[Task]) -> ChangeRecord {
        let service = service();
        let place = Place { account: Some("1"), region: "eu-west-1", service: &service, stopped };
        of_service_deployment(place, deployment, &revisions()).unwrap()
    }

    #[test]
    fn a_deployment_is_a_change_of_its_service_from_one_image_to_another() {
        let change = told(&deployment("SUCCESSFUL"), &[]);
        assert_eq!(change.summary, "coredns v1.11.1 -> v1.11.3");
        assert_eq!(
            serde_json::to_value(&change).unwrap(),
            serde_json::json!({
                "time": "1970-01-01T00:00:01.000Z", "kind": "change", "account": "1",
                "region": "eu-west-1", "cluster": "prod", "source": "ecs", "system": "coredns",
                "task_definition": "coredns:12", "summary": "coredns v1.11.1 -> v1.11.3",
                "resources": [{
                    "address": "service/prod/coredns", "action": "update",
                    "type": "aws_ecs_service", "attributes": ["task_definition", "image"],
                    "values": [{"path": "task_definition", "before": "coredns:11", "after": "coredns:12"}],
                }],
                "counts": {"add": 0, "change": 1, "destroy": 0}, "status": "applied",
                "reach": {"tasks": 42, "daemon": true},
                "aftermath": {"rollout": "COMPLETED", "failed_tasks": 2, "deaths": 0},
                "link": "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/coredns/deployments?region=eu-west-1",
                "id": "dep1",
            })
        );
    }

    #[test]
    fn its_tasks_are_found_by_the_number_of_its_revision() {
        let task = Task {
            group: Some("service:coredns".to_owned()),
            started_by: Some("ecs-svc/12".to_owned()),
            stop_code: Some("EssentialContainerExited".to_owned()),
            ..Task::default()
        };
        let after = told(&deployment("SUCCESSFUL"), &[task.clone(), task]).aftermath.unwrap();
        assert_eq!(after.deaths, 2);
    }

    #[test]
    fn where_the_numbers_are_not_the_same_the_primary_deployment_is_it() {
        let mut service = service();
        service.deployments[0].id = "ecs-svc/77".to_owned();
        service.deployments[0].created = Some(Time::from_millis(2_000));
        service.deployments[0].task_definition =
            Some("arn:aws:ecs:r:1:task-definition/coredns:12".to_owned());
        let task = Task {
            group: Some("service:coredns".to_owned()),
            started_by: Some("ecs-svc/77".to_owned()),
            stop_code: Some("EssentialContainerExited".to_owned()),
            ..Task::default()
        };
        let stopped = [task];
        let deaths = |service: &Service| {
            let place = Place { account: None, region: "r", service, stopped: &stopped };
            let change = of_service_deployment(place, &deployment("SUCCESSFUL"), &revisions());
            change.unwrap().aftermath.unwrap().deaths
        };
        assert_eq!(deaths(&service), 1);
        service.deployments[0].created = Some(Time::from_millis(200_000));
        assert_eq!(deaths(&service), 0, "a later one is another");
    }

    #[test]
    fn a_rollback_says_who_took_it_back() {
        let mut back = deployment("ROLLBACK_SUCCESSFUL");
        back.circuit_breaker = Some("TRIGGERED".to_owned());
        let change = told(&back, &[]);
        assert_eq!(
            change.summary,
            "coredns v1.11.1 -> v1.11.3: rolled back by the circuit breaker"
        );
        assert_eq!((change.status, change.flags), (Status::RolledBack, vec![Flag::Rollback]));
        back.triggered_alarms = vec!["high-5xx".to_owned()];
        assert!(told(&back, &[]).summary.ends_with("rolled back for the alarm high-5xx"));
        back.status = "ROLLBACK_IN_PROGRESS".to_owned();
        assert_eq!(told(&back, &[]).status, Status::InFlight);
        back.status = "ROLLBACK_FAILED".to_owned();
        assert_eq!(told(&back, &[]).flags, [Flag::Partial, Flag::Rollback]);
    }

    #[test]
    fn one_that_nobody_took_back_is_half_done() {
        let mut stopped = deployment("STOPPED");
        let change = told(&stopped, &[]);
        assert_eq!((change.status, change.flags), (Status::Partial, vec![Flag::Partial]));
        stopped.reason = Some("The circuit breaker threshold was exceeded: circuit breaker".into());
        stopped.rollback = Some(Rollback::default());
        let summary = told(&stopped, &[]).summary;
        assert!(summary.ends_with("given up by the circuit breaker, not rolled back"), "{summary}");
    }

    #[test]
    fn what_is_under_way_is_in_flight_and_an_unknown_status_stays_as_it_is() {
        for status in ["PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED"] {
            assert_eq!(told(&deployment(status), &[]).status, Status::InFlight, "{status}");
        }
        let unknown = Status::Unknown("paused".to_owned());
        assert_eq!(told(&deployment("PAUSED"), &[]).status, unknown);
    }

    #[test]
    fn a_task_set_is_told_by_its_counts() {
        let service = service();
        let place = Place { account: None, region: "r", service: &service, stopped: &[] };
        let mut set = Deployment {
            id: "ecs-svc/9".to_owned(),
            status: "PRIMARY".to_owned(),
            is_task_set: true,
            created: Some(Time::from_millis(5)),
            desired: 3,
            running: 3,
            ..Deployment::default()
        };
        let to = Version { task_definition: Some("coredns:9".to_owned()), images: Vec::new() };
        let change = of_live_deployment(place, &set, None, &to).unwrap();
        assert_eq!((change.status, change.summary.as_str()), (Status::Applied, "coredns:9"));
        set.running = 1;
        let change = of_live_deployment(place, &set, None, &to).unwrap();
        assert_eq!(change.status, Status::InFlight);
        set.rollout = Some("FAILED".to_owned());
        let change = of_live_deployment(place, &set, None, &to).unwrap();
        assert_eq!(change.status, Status::Partial);
    }
}
