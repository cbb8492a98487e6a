//! The deployments of a service, as DescribeServices shows them.

use serde_json::{Value, json};

use super::seconds;
use super::services::{launch_type, network};
use crate::world::World;
use crate::world::fleet::NEVER;
use crate::world::scenario::Service;

/// `deploymentConfiguration`: the defaults of each scheduling strategy, with a circuit breaker that only watches.
pub(super) fn configuration(spec: &Service) -> Value {
    let (most, least) = if spec.daemon { (100, 0) } else { (200, 100) };
    json!({
        "deploymentCircuitBreaker": { "enable": false, "rollback": false },
        "maximumPercent": most,
        "minimumHealthyPercent": least,
        "strategy": "ROLLING",
        "bakeTimeInMinutes": 0,
    })
}

/// The PRIMARY deployment, and the ACTIVE ones that still have tasks; newest first.
pub(super) fn described(world: &World, service: usize, now: i64) -> Value {
    let spec = &world.scenario.services[service];
    let life = &world.lives[service];
    let primary = life.primary_at(now);
    let mut shown = Vec::new();
    for index in (0..=primary).rev() {
        let deployment = &life.deployments[index];
        let tasks = || {
            life.tasks
                .iter()
                .map(|task| &world.tasks[*task])
                .filter(|task| task.deployment == index)
        };
        let count =
            |status: &str| tasks().filter(|task| task.status_at(now) == Some(status)).count();
        let (running, pending) = (count("RUNNING"), count("PENDING"));
        let is_primary = index == primary;
        if !is_primary && running + pending == 0 {
            continue;
        }
        let completed = deployment.completed <= now || !is_primary && deployment.completed != NEVER;
        // Failures are counted while a deployment is under way; a steady state resets them.
        let failed = tasks().filter(|task| {
            task.end
                .as_ref()
                .is_some_and(|end| end.stopped <= now && end.code == "EssentialContainerExited")
        });
        let failed = if completed { 0 } else { failed.count() };
        let id = format!("ecs-svc/{}", deployment.number);
        let updated = if completed { deployment.completed.min(now) } else { deployment.created };
        let desired = if is_primary { life.desired_at(now) as usize } else { running + pending };
        let mut entry = json!({
            "id": id,
            "status": if is_primary { "PRIMARY" } else { "ACTIVE" },
            "taskDefinition": world.definition_arn(&spec.family, deployment.revision),
            "desiredCount": desired,
            "pendingCount": pending,
            "runningCount": running,
            "failedTasks": failed,
            "createdAt": seconds(deployment.created),
            "updatedAt": seconds(updated),
            "launchType": launch_type(spec.fargate),
            "rolloutState": if completed { "COMPLETED" } else { "IN_PROGRESS" },
            "rolloutStateReason": if completed {
                format!("ECS deployment {id} completed.")
            } else {
                format!("ECS deployment {id} in progress.")
            },
        });
        if spec.fargate {
            entry["platformVersion"] = json!("1.4.0");
            entry["platformFamily"] = json!("Linux");
            entry["networkConfiguration"] = network(world, spec.cluster);
        }
        shown.push(entry);
    }
    Value::Array(shown)
}
