//! ListContainerInstances, DescribeContainerInstances.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::{self, Paging};
use super::{cluster, network, seconds};
use crate::protocols::aws_json::{self, Refusal};
use crate::world::scenario::Protocol;
use crate::world::{World, hash};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    cluster: Option<String>,
    filter: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
    status: Option<String>,
}

pub(super) fn list(world: Option<&World>, body: &[u8]) -> Result<Value, Refusal> {
    let input: ListInput = aws_json::input(body)?;
    let (world, cluster) = cluster(world, input.cluster.as_deref())?;
    if input.filter.is_some_and(|filter| !filter.is_empty()) {
        return Err(Refusal::invalid_parameter("This cluster knows no cluster query language."));
    }
    const STATUSES: [&str; 5] =
        ["ACTIVE", "DRAINING", "REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED"];
    let wanted = input.status.as_deref().unwrap_or("ACTIVE");
    if !STATUSES.contains(&wanted) {
        return Err(Refusal::invalid_parameter(format!(
            "status must be one of {}.",
            STATUSES.join(", ")
        )));
    }
    let paging = Paging::new(input.next_token.as_deref(), input.max_results, 100)?;
    // Every host of a drill is active.
    let hosts = world.hosts_of(cluster, paging.after()).filter(|_| wanted == "ACTIVE");
    Ok(paging.page("containerInstanceArns", hosts, |host| world.instance_arn(cluster, host)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    cluster: Option<String>,
    container_instances: Option<Vec<String>>,
    #[serde(default)]
    include: Vec<String>,
}

pub(super) fn describe(world: Option<&World>, now: i64, body: &[u8]) -> Result<Value, Refusal> {
    let input: DescribeInput = aws_json::input(body)?;
    let (world, cluster) = cluster(world, input.cluster.as_deref())?;
    let named = input.container_instances.unwrap_or_default();
    if named.is_empty() {
        return Err(Refusal::invalid_parameter("Container instances cannot be empty."));
    }
    if named.len() > 100 {
        return Err(Refusal::invalid_parameter("Container instances can have at most 100 items."));
    }
    let loads = loads(world, cluster, now);
    let machine = Machine::of(world, cluster);
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in named {
        let id = world.member_id("container-instance", cluster, &name);
        match id.and_then(|id| world.host_with_id(cluster, id)) {
            Some(host) => {
                let idle = Load::default();
                let load = loads.get(&host).unwrap_or(&idle);
                found.push(described((world, now), (cluster, host), machine, load, &input.include));
            }
            None if name.starts_with("arn:") => failures.push(listing::missing(name)),
            None => {
                let arn = world.member_arn("container-instance", cluster, &name);
                failures.push(listing::missing(arn));
            }
        }
    }
    Ok(json!({ "containerInstances": found, "failures": failures }))
}

/// What the tasks of a host take of it.
#[derive(Debug, Default)]
struct Load {
    running: usize,
    pending: usize,
    cpu: u32,
    memory: u32,
    tcp: BTreeSet<u16>,
    udp: BTreeSet<u16>,
}

fn loads(world: &World, cluster: usize, now: i64) -> BTreeMap<u32, Load> {
    let mut loads: BTreeMap<u32, Load> = BTreeMap::new();
    for index in world.tasks_of(cluster, None) {
        let task = &world.tasks[index];
        let status = task.status_at(now);
        let Some(host) = world.host_of(task) else { continue };
        if !matches!(status, Some("PENDING" | "RUNNING" | "STOPPING")) {
            continue;
        }
        let spec = &world.scenario.services[task.service];
        let load = loads.entry(host).or_default();
        load.running += usize::from(status == Some("RUNNING"));
        load.pending += usize::from(status == Some("PENDING"));
        load.cpu += spec.cpu;
        load.memory += spec.memory;
        for (port, host_port) in network::host_ports(world, index, now) {
            match port.protocol {
                Protocol::Tcp => load.tcp.insert(host_port),
                Protocol::Udp => load.udp.insert(host_port),
            };
        }
    }
    loads
}

/// A type of EC2 instance.
#[derive(Debug, Clone, Copy)]
struct Machine {
    name: &'static str,
    /// In CPU units: 1,024 a vCPU.
    cpu: u32,
    /// What is left for tasks, in MiB.
    memory: u32,
}

const MACHINES: [Machine; 7] = [
    Machine { name: "m6i.large", cpu: 2_048, memory: 7_687 },
    Machine { name: "m6i.xlarge", cpu: 4_096, memory: 15_591 },
    Machine { name: "m6i.2xlarge", cpu: 8_192, memory: 31_399 },
    Machine { name: "m6i.4xlarge", cpu: 16_384, memory: 63_014 },
    Machine { name: "m6i.8xlarge", cpu: 32_768, memory: 126_245 },
    Machine { name: "m6i.16xlarge", cpu: 65_536, memory: 252_706 },
    Machine { name: "m6i.32xlarge", cpu: 131_072, memory: 505_629 },
];

impl Machine {
    /// What the hosts of a cluster are: large enough for twice their share of what is desired at first, since tasks
    /// are spread by luck.
    fn of(world: &World, cluster: usize) -> Machine {
        let hosts = u64::from(world.scenario.clusters[cluster].hosts.max(1));
        let (mut cpu, mut memory) = (0, 0);
        for service in world.services_of(cluster, None) {
            let spec = &world.scenario.services[service];
            if !spec.fargate {
                cpu += u64::from(spec.desired) * u64::from(spec.cpu);
                memory += u64::from(spec.desired) * u64::from(spec.memory);
            }
        }
        let fits = |machine: &&Machine| {
            u64::from(machine.cpu) * hosts >= 2 * cpu
                && u64::from(machine.memory) * hosts >= 2 * memory
        };
        *MACHINES.iter().find(fits).unwrap_or(&MACHINES[MACHINES.len() - 1])
    }
}

/// The ports that the agent and the system keep for themselves.
const RESERVED_PORTS: [u16; 5] = [22, 2375, 2376, 51_678, 51_679];

fn described(
    (world, now): (&World, i64),
    (cluster, host): (usize, u32),
    machine: Machine,
    load: &Load,
    include: &[String],
) -> Value {
    let arn = world.instance_arn(cluster, host);
    let seed = hash::of_text(world.scenario.seed, &arn);
    let registered =
        world.page - 60 * 86_400_000 - hash::below(hash::combine(seed, 1), 60 * 86_400_000) as i64;
    let taken = |ports: &BTreeSet<u16>, reserved: &[u16]| -> Vec<String> {
        let ports: BTreeSet<u16> = ports.iter().chain(reserved).copied().collect();
        ports.iter().map(u16::to_string).collect()
    };
    let nobody = BTreeSet::new();
    let mut shown = json!({
        "containerInstanceArn": arn,
        "ec2InstanceId": format!("i-0{}", hash::hex(hash::combine(seed, 2), 16)),
        "version": load.running + load.pending + 1,
        "versionInfo": {
            "agentVersion": "1.98.0",
            "agentHash": hash::hex(hash::of_text(0, "1.98.0"), 8),
            "dockerVersion": "DockerVersion: 25.0.8",
        },
        "remainingResources": resources(
            machine.cpu.saturating_sub(load.cpu),
            machine.memory.saturating_sub(load.memory),
            taken(&load.tcp, &RESERVED_PORTS),
            taken(&load.udp, &[]),
        ),
        "registeredResources": resources(
            machine.cpu,
            machine.memory,
            taken(&nobody, &RESERVED_PORTS),
            Vec::new(),
        ),
        "status": "ACTIVE",
        "agentConnected": true,
        "runningTasksCount": load.running,
        "pendingTasksCount": load.pending,
        "attributes": attributes(world, host, machine),
        "registeredAt": seconds(registered),
        "attachments": [],
        "tags": [],
    });
    let asked = |what: &str| include.iter().any(|included| included == what);
    if asked("CONTAINER_INSTANCE_HEALTH") {
        shown["healthStatus"] = json!({
            "overallStatus": "OK",
            "details": [{
                "type": "CONTAINER_RUNTIME",
                "status": "OK",
                "lastUpdated": seconds(now),
                "lastStatusChange": seconds(registered),
            }],
        });
    }
    shown
}

fn resources(cpu: u32, memory: u32, tcp: Vec<String>, udp: Vec<String>) -> Value {
    let integer = |name: &str, value: u32| {
        json!({
            "name": name, "type": "INTEGER",
            "doubleValue": 0.0, "longValue": 0, "integerValue": value,
        })
    };
    let set = |name: &str, values: Vec<String>| {
        json!({
            "name": name, "type": "STRINGSET",
            "doubleValue": 0.0, "longValue": 0, "integerValue": 0, "stringSetValue": values,
        })
    };
    json!([
        integer("CPU", cpu),
        integer("MEMORY", memory),
        set("PORTS", tcp),
        set("PORTS_UDP", udp),
    ])
}

fn attributes(world: &World, host: u32, machine: Machine) -> Value {
    let image = hash::hex(hash::of_text(world.scenario.seed, "host image"), 16);
    let with_value = [
        ("ecs.ami-id", format!("ami-0{image}")),
        ("ecs.availability-zone", world.zone(host)),
        ("ecs.cpu-architecture", "x86_64".to_owned()),
        ("ecs.instance-type", machine.name.to_owned()),
        ("ecs.os-family", "LINUX".to_owned()),
        ("ecs.os-type", "linux".to_owned()),
    ];
    let capabilities = [
        "com.amazonaws.ecs.capability.docker-remote-api.1.19",
        "com.amazonaws.ecs.capability.ecr-auth",
        "com.amazonaws.ecs.capability.logging-driver.awsfirelens",
        "com.amazonaws.ecs.capability.logging-driver.awslogs",
        "com.amazonaws.ecs.capability.task-iam-role",
        "ecs.capability.container-health-check",
        "ecs.capability.task-eni",
    ];
    let mut shown: Vec<Value> = capabilities.iter().map(|name| json!({ "name": name })).collect();
    shown.extend(with_value.iter().map(|(name, value)| json!({ "name": name, "value": value })));
    Value::Array(shown)
}
