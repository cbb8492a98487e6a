//! The events of a service: what its scheduler did, newest first, at most a hundred.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::seconds;
use crate::world::World;
use crate::world::fleet::{Deployment, Life, NEVER};
use crate::world::hash;
use crate::world::scenario::Controller;

const KEPT: usize = 100;

/// A scheduler speaks of what it did within so long in one event.
const BREATH: i64 = 10_000;

/// A service at rest says so every six hours.
const REST: i64 = 6 * 3_600_000;

/// A held service complains so often.
const COMPLAINT: i64 = 45_000;

pub(super) fn described(world: &World, service: usize, now: i64) -> Value {
    let spec = &world.scenario.services[service];
    let name = &spec.name;
    let life = &world.lives[service];
    if spec.containers.is_empty() {
        return json!([]);
    }
    let mut events: Vec<(i64, String)> = Vec::new();
    // Task ids by the moment at which they were started or stopped.
    let (mut started, mut stopped) = (BTreeMap::new(), BTreeMap::new());
    let note = |moments: &mut BTreeMap<i64, Vec<usize>>, at: i64, task: usize| {
        // What is said is not taken back: the breath has to be over.
        let breath = at - at.rem_euclid(BREATH);
        if breath + BREATH <= now {
            moments.entry(breath).or_default().push(task);
        }
    };
    for index in &life.tasks {
        let task = &world.tasks[*index];
        note(&mut started, task.created, *index);
        if let Some(end) = &task.end
            && end.code == "ServiceSchedulerInitiated"
        {
            note(&mut stopped, end.stopping, *index);
        }
    }
    let listed = |tasks: &[usize]| {
        tasks
            .iter()
            .map(|task| format!("(task {})", world.tasks[*task].id))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let newest = |tasks: &[usize], of: fn(&World, usize) -> i64| {
        tasks.iter().map(|task| of(world, *task)).max().unwrap_or_default()
    };
    for tasks in started.values().rev().take(KEPT) {
        let at = newest(tasks, |world, task| world.tasks[task].created);
        events.push((
            at,
            format!("(service {name}) has started {} tasks: {}.", tasks.len(), listed(tasks)),
        ));
    }
    for tasks in stopped.values().rev().take(KEPT) {
        let at = newest(tasks, |world, task| {
            world.tasks[task].end.as_ref().map_or(0, |end| end.stopping)
        });
        events.push((
            at,
            format!(
                "(service {name}) has stopped {} running tasks: {}.",
                tasks.len(),
                listed(tasks)
            ),
        ));
    }
    for deployment in &life.deployments {
        failures(name, life, deployment, now, &mut events);
        if deployment.completed <= now {
            let id = deployment.name();
            if spec.controller == Controller::Ecs {
                events.push((
                    deployment.completed - 1,
                    format!("(service {name}) (deployment {id}) deployment completed."),
                ));
            }
            events.push((
                deployment.completed,
                format!("(service {name}) has reached a steady state."),
            ));
        }
    }
    for hold in &life.holds {
        let mut at = hold.from + 5_000;
        while at < hold.to.min(now + 1) {
            events.push((at, format!("(service {name}) {}", hold.message)));
            at += COMPLAINT;
        }
    }
    rest(world, service, now, &mut events);
    events.sort_by(|left, right| right.cmp(left));
    events.truncate(KEPT);
    let seed = hash::of_text(world.scenario.seed, &world.service_arn(service));
    events
        .into_iter()
        .map(|(at, message)| {
            let id = hash::hex(hash::of_text(seed ^ at as u64, &message), 32);
            json!({
                "id": format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]),
                "createdAt": seconds(at),
                "message": message,
            })
        })
        .collect()
}

/// What is said of a deployment whose tasks fail.
fn failures(
    name: &str,
    life: &Life,
    deployment: &Deployment,
    now: i64,
    events: &mut Vec<(i64, String)>,
) {
    for at in deployment.failures.iter().skip(2).step_by(10).filter(|at| **at <= now) {
        events.push((
            *at,
            format!(
                "(service {name}) is unable to consistently start tasks successfully. For more information, see the \
                 Troubleshooting section of the Amazon ECS Developer Guide."
            ),
        ));
    }
    if deployment.tripped > now {
        return;
    }
    events.push((
        deployment.tripped,
        format!(
            "(service {name}) (deployment {}) deployment failed: tasks failed to start.",
            deployment.name()
        ),
    ));
    let Some(source) = deployment.goes_back_to(now) else { return };
    let source = life.deployments[source].name();
    events.push((
        deployment.tripped + 1,
        format!("(service {name}) rolling back to deployment {source}."),
    ));
    if deployment.rolled_back <= now.min(deployment.superseded) {
        events.push((
            deployment.rolled_back - 1,
            format!("(service {name}) (deployment {source}) deployment completed."),
        ));
        events.push((
            deployment.rolled_back,
            format!("(service {name}) has reached a steady state."),
        ));
    }
}

/// The steady state is repeated while nothing happens after the last completed deployment.
fn rest(world: &World, service: usize, now: i64, events: &mut Vec<(i64, String)>) {
    let name = &world.scenario.services[service].name;
    let life = &world.lives[service];
    let primary = &life.deployments[life.primary_at(now)];
    if primary.completed == NEVER || primary.completed > now {
        return;
    }
    let busy = events.iter().map(|(at, _)| *at).max().unwrap_or(now);
    let mut at = primary.completed + REST;
    // Only the newest can be among those kept.
    at += (now - at).max(0) / REST / KEPT as i64 * REST * KEPT as i64;
    while at <= now {
        if at > busy || busy == primary.completed {
            events.push((at, format!("(service {name}) has reached a steady state.")));
        }
        at += REST;
    }
}
