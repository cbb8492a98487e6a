//! The deployments of a service, as DescribeServices shows them.

use serde_json::{Value, json};

use super::seconds;
use super::services::{launch_type, network};
use crate::world::World;
use crate::world::fleet::{Count, Deployment, NEVER};
use crate::world::scenario::{Controller, Service};

/// `deploymentConfiguration`: the defaults of each scheduling strategy, and what the scenario says of the rest. Who is
/// deployed by something else has no strategy, no circuit breaker and no alarms.
pub(super) fn configuration(spec: &Service) -> Value {
    let (most, least) = if spec.daemon { (100, 0) } else { (200, 100) };
    let mut shown = json!({ "maximumPercent": most, "minimumHealthyPercent": least });
    if spec.controller != Controller::Ecs {
        return shown;
    }
    let breaker = spec.circuit_breaker;
    shown["deploymentCircuitBreaker"] =
        json!({ "enable": breaker.enable, "rollback": breaker.rollback });
    if let Some(alarms) = &spec.alarms {
        shown["alarms"] = json!({
            "alarmNames": alarms.names, "enable": alarms.enable, "rollback": alarms.rollback,
        });
    }
    shown["strategy"] = json!(if spec.bake_ms.is_some() { "BLUE_GREEN" } else { "ROLLING" });
    shown["bakeTimeInMinutes"] = json!(spec.bake_ms.unwrap_or(0) / 60_000);
    shown
}

/// How far a deployment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    UnderWay,
    Completed {
        at: i64,
    },
    /// Its tasks failed, and the circuit breaker gave it up.
    Failed {
        at: i64,
    },
    /// Its service has come back to it from one that failed, or is about to.
    GoneBackTo {
        since: i64,
        done: i64,
    },
}

pub(super) fn progress(world: &World, service: usize, index: usize, now: i64) -> Progress {
    let life = &world.lives[service];
    let deployment = &life.deployments[index];
    let newest = &life.deployments[life.newest_at(now)];
    if newest.goes_back_to(now) == Some(index) {
        return Progress::GoneBackTo { since: newest.tripped, done: newest.rolled_back };
    }
    if deployment.tripped <= now {
        return Progress::Failed { at: deployment.tripped };
    }
    // An old one with tasks left was complete before the newer one began.
    let is_primary = index == life.primary_at(now);
    if deployment.completed <= now || !is_primary && deployment.completed != NEVER {
        return Progress::Completed { at: deployment.completed.min(now) };
    }
    Progress::UnderWay
}

/// The deployments that there are: the PRIMARY one, those that still have tasks, and one that has just been given up;
/// newest first.
pub(super) fn live(world: &World, service: usize, now: i64) -> Vec<(usize, Count)> {
    let life = &world.lives[service];
    let counts = world.counts_at(service, now);
    let (primary, newest) = (life.primary_at(now), life.newest_at(now));
    let mut live: Vec<(usize, Count)> = (0..=newest)
        .rev()
        .filter(|index| {
            let is_given_up = *index == newest && now < life.deployments[newest].rolled_back;
            *index == primary || is_given_up || !counts[*index].is_zero()
        })
        .map(|index| (index, counts[index]))
        .collect();
    live.sort_by_key(|(index, _)| *index != primary);
    live
}

/// How many tasks a deployment is to have: an old one is left with those that it still has.
pub(super) fn wanted(world: &World, service: usize, index: usize, count: Count, now: i64) -> usize {
    let life = &world.lives[service];
    if index == life.primary_at(now) {
        life.desired_at(now) as usize
    } else {
        count.running + count.pending
    }
}

pub(super) fn described(world: &World, service: usize, now: i64) -> Value {
    let shown = live(world, service, now);
    shown.into_iter().map(|(index, count)| one(world, service, index, count, now)).collect()
}

fn one(world: &World, service: usize, index: usize, count: Count, now: i64) -> Value {
    let spec = &world.scenario.services[service];
    let life = &world.lives[service];
    let deployment = &life.deployments[index];
    let is_primary = index == life.primary_at(now);
    let id = deployment.name();
    let progress = progress(world, service, index, now);
    let (created, updated, state, reason) = match progress {
        Progress::UnderWay => (
            deployment.created,
            deployment.created,
            "IN_PROGRESS",
            format!("ECS deployment {id} in progress."),
        ),
        Progress::Completed { at } => {
            (deployment.created, at, "COMPLETED", format!("ECS deployment {id} completed."))
        }
        Progress::Failed { at } => (
            deployment.created,
            at,
            "FAILED",
            "ECS deployment circuit breaker: tasks failed to start.".to_owned(),
        ),
        // The same deployment is begun anew.
        Progress::GoneBackTo { since, done } if done <= now => {
            (since, done, "COMPLETED", format!("ECS deployment {id} completed."))
        }
        Progress::GoneBackTo { since, .. } => (
            since,
            since,
            "IN_PROGRESS",
            format!("ECS deployment circuit breaker: rolling back to deploymentId {id}."),
        ),
    };
    let mut entry = json!({
        "id": id,
        "status": if is_primary { "PRIMARY" } else { "ACTIVE" },
        "taskDefinition": world.definition_arn(&spec.family, deployment.revision),
        "desiredCount": wanted(world, service, index, count, now),
        "pendingCount": count.pending,
        "runningCount": count.running,
        "failedTasks": failed(world, service, index, progress, now),
        "createdAt": seconds(created),
        "updatedAt": seconds(updated),
        "launchType": launch_type(spec.fargate),
        "rolloutState": state,
        "rolloutStateReason": reason,
    });
    if spec.fargate {
        entry["platformVersion"] = json!("1.4.0");
        entry["platformFamily"] = json!("Linux");
        entry["networkConfiguration"] = network(world, spec.cluster);
    }
    entry
}

/// Failures are counted while a deployment is under way; a steady state resets them.
fn failed(world: &World, service: usize, index: usize, progress: Progress, now: i64) -> usize {
    match progress {
        Progress::Completed { .. } | Progress::GoneBackTo { .. } => 0,
        Progress::UnderWay | Progress::Failed { .. } => failures(world, service, index, now),
    }
}

/// How many tasks of a deployment have failed by now.
pub(super) fn failures(world: &World, service: usize, index: usize, now: i64) -> usize {
    let life = &world.lives[service];
    let failed = life.tasks.iter().map(|task| &world.tasks[*task]).filter(|task| {
        task.deployment == index
            && task.end.as_ref().is_some_and(|end| {
                end.stopped <= now
                    && matches!(end.code, "EssentialContainerExited" | "TaskFailedToStart")
            })
    });
    failed.count()
}

/// `taskSets`: what CODE_DEPLOY and EXTERNAL services have instead of deployments.
pub(super) fn task_sets(world: &World, service: usize, now: i64) -> Value {
    let spec = &world.scenario.services[service];
    let life = &world.lives[service];
    if spec.controller == Controller::Ecs || spec.containers.is_empty() {
        return json!([]);
    }
    let counts = world.counts_at(service, now);
    let (primary, newest) = (life.primary_set_at(now), life.newest_at(now));
    (0..=newest)
        .rev()
        .filter(|index| *index == primary || *index == newest || !counts[*index].is_zero())
        .map(|index| task_set(world, service, index, counts[index], now))
        .collect()
}

fn task_set(world: &World, service: usize, index: usize, count: Count, now: i64) -> Value {
    let spec = &world.scenario.services[service];
    let life = &world.lives[service];
    let set: &Deployment = &life.deployments[index];
    let desired = life.desired_at(now) as usize;
    let is_steady = count == Count { running: desired, pending: 0 };
    let steady_since = if set.completed <= now { set.completed } else { set.created };
    let mut shown = json!({
        "id": set.name(),
        "taskSetArn": world.task_set_arn(service, index),
        "serviceArn": world.service_arn(service),
        "clusterArn": world.cluster_arn(spec.cluster),
        "status": if index == life.primary_set_at(now) { "PRIMARY" } else { "ACTIVE" },
        "taskDefinition": world.definition_arn(&spec.family, set.revision),
        "computedDesiredCount": desired,
        "pendingCount": count.pending,
        "runningCount": count.running,
        "createdAt": seconds(set.created),
        "updatedAt": seconds(steady_since),
        "launchType": launch_type(spec.fargate),
        "loadBalancers": super::services::load_balancers(world, spec),
        "serviceRegistries": [],
        "scale": { "value": 100.0, "unit": "PERCENT" },
        "stabilityStatus": if is_steady { "STEADY_STATE" } else { "STABILIZING" },
        "stabilityStatusAt": seconds(steady_since),
        "tags": [],
    });
    if spec.controller == Controller::CodeDeploy {
        shown["startedBy"] = json!("CODE_DEPLOY");
        shown["externalId"] = json!(format!("d-{}", set.id[..9].to_ascii_uppercase()));
    }
    if spec.fargate {
        shown["platformVersion"] = json!("1.4.0");
        shown["platformFamily"] = json!("Linux");
        shown["networkConfiguration"] = network(world, spec.cluster);
    }
    shown
}
