//! ListTasks, DescribeTasks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::{self, Paging};
use super::services::launch_type;
use super::{cluster, find_service, network, seconds};
use crate::protocols::aws_json::{self, Refusal};
use crate::world::fleet::{NEVER, Task};
use crate::world::{World, hash};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    cluster: Option<String>,
    container_instance: Option<String>,
    family: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
    started_by: Option<String>,
    service_name: Option<String>,
    desired_status: Option<String>,
    launch_type: Option<String>,
}

pub(super) fn list(world: Option<&World>, now: i64, body: &[u8]) -> Result<Value, Refusal> {
    let input: ListInput = aws_json::input(body)?;
    let (world, cluster) = cluster(world, input.cluster.as_deref())?;
    if input.service_name.is_some() && input.family.is_some() {
        return Err(Refusal::invalid_parameter("Cannot specify both family and serviceName."));
    }
    if input.started_by.is_some() && (input.service_name.is_some() || input.family.is_some()) {
        return Err(Refusal::invalid_parameter(
            "startedBy cannot be combined with family or serviceName.",
        ));
    }
    let service = match &input.service_name {
        None => None,
        Some(name) => Some(
            find_service(world, now, cluster, name)
                .ok_or_else(|| Refusal::new("ServiceNotFoundException", "Service not found."))?,
        ),
    };
    let wanted = input.desired_status.as_deref().unwrap_or("RUNNING");
    if !matches!(wanted, "RUNNING" | "PENDING" | "STOPPED") {
        return Err(Refusal::invalid_parameter(
            "desiredStatus must be one of RUNNING, PENDING, STOPPED.",
        ));
    }
    let host = input.container_instance.as_ref().map(|named| {
        let id = world.member_id("container-instance", cluster, named)?;
        world.host_with_id(cluster, id)
    });
    // A stopped task no longer belongs to its service as far as this filter goes: nothing is listed.
    let nothing = wanted == "STOPPED" && service.is_some();
    let paging = Paging::new(input.next_token.as_deref(), input.max_results, 100)?;
    let tasks = world.tasks_of(cluster, paging.after()).map(|task| &world.tasks[task]);
    let tasks = tasks.filter(|task| {
        let spec = &world.scenario.services[task.service];
        !nothing
            && service.is_none_or(|service| task.service == service)
            && task.is_known_at(now)
            && task.desired_status_at(now) == wanted
            && input.family.as_ref().is_none_or(|family| spec.family == *family)
            && input.launch_type.as_ref().is_none_or(|kind| kind == launch_type(spec.fargate))
            && input.started_by.as_ref().is_none_or(|by| started_by(world, task) == *by)
            && host.is_none_or(|host| host.is_some() && world.host_of(task) == host)
    });
    Ok(paging.page("taskArns", tasks, |task| world.task_arn(task)))
}

#[derive(Debug, Deserialize)]
struct DescribeInput {
    cluster: Option<String>,
    tasks: Option<Vec<String>>,
    #[serde(default)]
    include: Vec<String>,
}

pub(super) fn describe(world: Option<&World>, now: i64, body: &[u8]) -> Result<Value, Refusal> {
    let input: DescribeInput = aws_json::input(body)?;
    let (world, cluster) = cluster(world, input.cluster.as_deref())?;
    let named = input.tasks.unwrap_or_default();
    if named.is_empty() {
        return Err(Refusal::invalid_parameter("Tasks cannot be empty."));
    }
    if named.len() > 100 {
        return Err(Refusal::invalid_parameter("Tasks can have at most 100 items."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in named {
        let task = world
            .member_id("task", cluster, &name)
            .and_then(|id| world.task_by_id.get(id))
            .map(|index| &world.tasks[*index])
            .filter(|task| {
                world.scenario.services[task.service].cluster == cluster && task.is_known_at(now)
            });
        match task {
            Some(task) => {
                let mut shown = described(world, task, now);
                if input.include.iter().any(|included| included == "TAGS") {
                    shown["tags"] = json!([]);
                }
                found.push(shown);
            }
            None if name.starts_with("arn:") => failures.push(listing::missing(name)),
            None => failures.push(listing::missing(world.member_arn("task", cluster, &name))),
        }
    }
    Ok(json!({ "tasks": found, "failures": failures }))
}

fn started_by(world: &World, task: &Task) -> String {
    world.lives[task.service].deployments[task.deployment].name()
}

fn described(world: &World, task: &Task, now: i64) -> Value {
    let spec = &world.scenario.services[task.service];
    let deployment = &world.lives[task.service].deployments[task.deployment];
    let host = world.host_of(task);
    let status = task.status_at(now).unwrap_or("PENDING");
    let mut shown = json!({
        "attachments": network::attachments(world, task, status),
        "attributes": [{ "name": "ecs.cpu-architecture", "value": "x86_64" }],
        "availabilityZone": world.zone(host.unwrap_or(task.slot)),
        "clusterArn": world.cluster_arn(spec.cluster),
        "connectivity": "CONNECTED",
        "connectivityAt": seconds(task.created + 400),
        "containers": containers(world, task, now, status),
        "cpu": spec.cpu.to_string(),
        "createdAt": seconds(task.created),
        "desiredStatus": task.desired_status_at(now),
        "enableExecuteCommand": false,
        "group": format!("service:{}", spec.name),
        "healthStatus": health(world, task, now),
        "lastStatus": status,
        "launchType": launch_type(spec.fargate),
        "memory": spec.memory.to_string(),
        "overrides": { "containerOverrides": spec.containers.iter()
            .map(|container| json!({ "name": container.name })).collect::<Vec<_>>(), "inferenceAcceleratorOverrides": [] },
        "startedBy": started_by(world, task),
        "tags": [],
        "taskArn": world.task_arn(task),
        "taskDefinitionArn": world.definition_arn(&spec.family, deployment.revision),
        "version": version(task, now),
    });
    if let Some(host) = host {
        shown["containerInstanceArn"] = json!(world.instance_arn(spec.cluster, host));
    }
    if spec.fargate {
        shown["platformVersion"] = json!("1.4.0");
        shown["platformFamily"] = json!("Linux");
        shown["ephemeralStorage"] = json!({ "sizeInGiB": 20 });
    }
    if task.started != NEVER {
        for (key, at) in [
            ("pullStartedAt", task.created + (task.started - task.created) / 4),
            ("pullStoppedAt", task.started - (task.started - task.created) / 4),
            ("startedAt", task.started),
        ] {
            if at <= now {
                shown[key] = seconds(at);
            }
        }
    }
    if let Some(end) = task.end.as_ref().filter(|end| end.stopping <= now) {
        shown["stoppingAt"] = seconds(end.stopping);
        shown["stopCode"] = json!(end.code);
        shown["stoppedReason"] = json!(end.reason);
        if end.stopped <= now {
            shown["executionStoppedAt"] = seconds(end.stopped - (end.stopped - end.stopping) / 2);
            shown["stoppedAt"] = seconds(end.stopped);
        }
    }
    shown
}

/// Each change of state counts one up.
fn version(task: &Task, now: i64) -> usize {
    let ends = task.end.as_ref().map_or([NEVER; 2], |end| [end.stopping, end.stopped]);
    1 + [task.started, ends[0], ends[1]].iter().filter(|at| **at <= now).count()
}

/// What the health checks of a task's essential containers come to.
fn health(world: &World, task: &Task, now: i64) -> &'static str {
    let containers = &world.scenario.services[task.service].containers;
    let of_essential: Vec<&str> = (0..containers.len())
        .filter(|index| containers[*index].essential)
        .map(|index| container_health(world, task, index, now))
        .collect();
    ["UNHEALTHY", "HEALTHY"]
        .into_iter()
        .find(|health| of_essential.contains(health))
        .unwrap_or("UNKNOWN")
}

fn container_health(world: &World, task: &Task, container: usize, now: i64) -> &'static str {
    let is_checked = world.scenario.services[task.service].containers[container].health_check;
    if !is_checked || task.status_at(now) != Some("RUNNING") {
        "UNKNOWN"
    } else if world.lives[task.service].is_sick(task, container, now) {
        "UNHEALTHY"
    } else {
        "HEALTHY"
    }
}

fn containers(world: &World, task: &Task, now: i64, status: &str) -> Vec<Value> {
    let spec = &world.scenario.services[task.service];
    let deployment = &world.lives[task.service].deployments[task.deployment];
    let arn = world.task_arn(task);
    let ended = task.end.as_ref().filter(|end| end.stopped <= now);
    spec.containers
        .iter()
        .enumerate()
        .map(|(index, container)| {
            let seed = hash::combine(task.seed, 0xC0_0000 + index as u64);
            let image = &deployment.images[index];
            let id = hash::hex(seed, 32);
            let mut shown = json!({
                "containerArn": world.container_arn(task, &format!(
                    "{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]
                )),
                "taskArn": arn,
                "name": container.name,
                "image": image,
                "lastStatus": if status == "STOPPING" { "RUNNING" } else { status },
                "networkBindings": network::bindings(world, task, index, now),
                "networkInterfaces": network::interfaces(world, task),
                "healthStatus": container_health(world, task, index, now),
                "cpu": (spec.cpu as usize / spec.containers.len()).to_string(),
                "memory": (spec.memory as usize / spec.containers.len()).to_string(),
            });
            if task.started != NEVER && task.started <= now {
                shown["imageDigest"] = json!(world.digest_at(image, deployment.created));
                shown["runtimeId"] = json!(if spec.fargate {
                    format!("{}-{}", task.id, hash::below(seed, 4_000_000_000))
                } else {
                    hash::hex(seed ^ 1, 64)
                });
            }
            if let Some(end) = ended {
                match &end.failure {
                    Some(failure) if failure.container == index => {
                        shown["exitCode"] = json!(failure.exit_code);
                        if let Some(reason) = &failure.reason {
                            shown["reason"] = json!(reason);
                        }
                    }
                    // The others are told to stop, and do.
                    _ if task.started != NEVER => shown["exitCode"] = json!(0),
                    _ => {}
                }
            }
            shown
        })
        .collect()
}
