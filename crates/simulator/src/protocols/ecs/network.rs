//! Where a task is reached: the interface of a Fargate task, the ports that a task in bridge mode has on its host.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking.html>

use serde_json::{Value, json};

use crate::world::fleet::Task;
use crate::world::scenario::{MOST_PORTS, Port};
use crate::world::{World, hash, names};

/// Docker takes dynamic ports from 32768 to 60999.
const FIRST_DYNAMIC: usize = 32_768;
const DYNAMIC: usize = 28_232;

/// `portMappings` of a container definition. In awsvpc mode the host's port is the container's; in bridge mode 0
/// asks for a dynamic one.
pub(super) fn mappings(ports: &[Port], awsvpc: bool) -> Value {
    ports
        .iter()
        .map(|port| {
            let host = if awsvpc { port.number } else { port.host.unwrap_or(0) };
            let mut shown = json!({
                "containerPort": port.number,
                "hostPort": host,
                "protocol": port.protocol.name(),
            });
            if let Some(name) = &port.name {
                shown["name"] = json!(name);
            }
            shown
        })
        .collect()
}

/// The network interface of a Fargate task; other tasks have none of their own.
pub(super) fn attachments(world: &World, task: &Task, status: &str) -> Value {
    let spec = &world.scenario.services[task.service];
    if !spec.fargate {
        return json!([]);
    }
    let address = address(world, task);
    let zone = world.zone(task.slot);
    let subnet = format!(
        "subnet-{}-{}",
        world.scenario.clusters[spec.cluster].name,
        &zone[world.scenario.region.len()..]
    );
    let domain = match world.scenario.region.as_str() {
        "us-east-1" => "ec2.internal".to_owned(),
        region => format!("{region}.compute.internal"),
    };
    let seed = hash::combine(task.seed, 8);
    let mac = hash::hex(seed, 10);
    let detail = |name: &str, value: String| json!({ "name": name, "value": value });
    json!([{
        "id": attachment_id(task),
        "type": "ElasticNetworkInterface",
        "status": if status == "STOPPED" { "DELETED" } else { "ATTACHED" },
        "details": [
            detail("subnetId", subnet),
            detail("networkInterfaceId", format!("eni-0{}", hash::hex(seed ^ 1, 16))),
            detail("macAddress", format!(
                "0a:{}:{}:{}:{}:{}", &mac[..2], &mac[2..4], &mac[4..6], &mac[6..8], &mac[8..]
            )),
            detail("privateDnsName", format!("{}.{domain}", names::host_name(&address))),
            detail("privateIPv4Address", address),
        ],
    }])
}

/// `networkInterfaces` of a container.
pub(super) fn interfaces(world: &World, task: &Task) -> Value {
    if !world.scenario.services[task.service].fargate {
        return json!([]);
    }
    json!([{ "attachmentId": attachment_id(task), "privateIpv4Address": address(world, task) }])
}

/// `networkBindings` of a container: there are some while it runs, in bridge mode.
pub(super) fn bindings(world: &World, task: &Task, container: usize, now: i64) -> Value {
    let spec = &world.scenario.services[task.service];
    if spec.fargate || !is_bound(task, now) {
        return json!([]);
    }
    let index = ordinal(world, task);
    let before: usize = spec.containers[..container].iter().map(|other| other.ports.len()).sum();
    spec.containers[container]
        .ports
        .iter()
        .enumerate()
        .map(|(place, port)| {
            json!({
                "bindIP": "0.0.0.0",
                "containerPort": port.number,
                "hostPort": host_port(world, index, before + place, port),
                "protocol": port.protocol.name(),
            })
        })
        .collect()
}

/// The ports of its host that a task holds.
pub(super) fn host_ports(
    world: &World,
    index: usize,
    now: i64,
) -> impl Iterator<Item = (&Port, u16)> {
    let task = &world.tasks[index];
    let spec = &world.scenario.services[task.service];
    let ports = spec.containers.iter().flat_map(|container| &container.ports).enumerate();
    ports
        .filter(move |_| is_bound(task, now))
        .map(move |(place, port)| (port, host_port(world, index, place, port)))
}

fn is_bound(task: &Task, now: i64) -> bool {
    matches!(task.status_at(now), Some("RUNNING" | "STOPPING")) && task.started <= now
}

/// Each task of a host has a hand of ports of its own; after 3,529 tasks they come round again.
fn host_port(world: &World, index: usize, place: usize, port: &Port) -> u16 {
    let turn = world.turn_of(index);
    let dynamic = FIRST_DYNAMIC + (turn * MOST_PORTS + place) % DYNAMIC;
    port.host.unwrap_or(dynamic as u16)
}

fn attachment_id(task: &Task) -> String {
    hash::uuid(hash::combine(task.seed, 9))
}

fn address(world: &World, task: &Task) -> String {
    world.interface_address(ordinal(world, task))
}

fn ordinal(world: &World, task: &Task) -> usize {
    world.task_by_id.get(&task.id).copied().unwrap_or_default()
}
