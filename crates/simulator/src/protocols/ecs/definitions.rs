//! ListTaskDefinitions, DescribeTaskDefinition.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{listing, network, seconds};
use crate::ACCOUNT;
use crate::protocols::aws_json::{self, Refusal};
use crate::world::World;
use crate::world::fleet::Definition;
use crate::world::scenario::{Container, Driver};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    family_prefix: Option<String>,
    status: Option<String>,
    sort: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

/// Every revision that has been registered, with its service.
fn registered(world: &World, now: i64) -> impl Iterator<Item = (usize, &Definition)> + '_ {
    world
        .lives
        .iter()
        .enumerate()
        .filter(|(service, _)| !world.scenario.services[*service].containers.is_empty())
        .flat_map(|(service, life)| life.definitions.iter().map(move |one| (service, one)))
        .filter(move |(_, definition)| definition.registered <= now)
}

pub(super) fn list(world: Option<&World>, now: i64, body: &[u8]) -> Result<Value, Refusal> {
    let input: ListInput = aws_json::input(body)?;
    let mut arns: BTreeMap<(&str, u32), String> = BTreeMap::new();
    if let (Some(world), None | Some("ACTIVE")) = (world, input.status.as_deref()) {
        for (service, definition) in registered(world, now) {
            let family = world.scenario.services[service].family.as_str();
            let revision = definition.revision;
            if input.family_prefix.as_ref().is_none_or(|prefix| prefix == family) {
                arns.insert((family, revision), world.definition_arn(family, revision));
            }
        }
    }
    let mut arns: Vec<String> = arns.into_values().collect();
    if input.sort.as_deref() == Some("DESC") {
        arns.reverse();
    }
    listing::ordered_page(
        "taskDefinitionArns",
        &arns,
        input.next_token.as_deref(),
        input.max_results,
        100,
    )
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    task_definition: Option<String>,
    #[serde(default)]
    include: Vec<String>,
}

pub(super) fn describe(world: Option<&World>, now: i64, body: &[u8]) -> Result<Value, Refusal> {
    let input: DescribeInput = aws_json::input(body)?;
    let named = input.task_definition.unwrap_or_default();
    if named.is_empty() {
        return Err(Refusal::new("ClientException", "TaskDefinition can not be blank."));
    }
    let missing = || Refusal::new("ClientException", "Unable to describe task definition.");
    let world = world.ok_or_else(missing)?;
    // FAMILY names the newest revision, FAMILY:REVISION and the ARN exactly one.
    let (service, definition) = registered(world, now)
        .filter(|(service, definition)| {
            let family = &world.scenario.services[*service].family;
            let revision = definition.revision;
            *family == named
                || named == format!("{family}:{revision}")
                || named == world.definition_arn(family, revision)
        })
        .max_by_key(|(_, definition)| definition.revision)
        .ok_or_else(missing)?;
    let mut answer = json!({ "taskDefinition": described(world, service, definition) });
    if input.include.iter().any(|included| included == "TAGS") {
        answer["tags"] = json!([]);
    }
    Ok(answer)
}

fn described(world: &World, service: usize, definition: &Definition) -> Value {
    let spec = &world.scenario.services[service];
    let launch = super::services::launch_type(spec.fargate);
    let containers: Vec<Value> = spec
        .containers
        .iter()
        .zip(&definition.images)
        .map(|(container, image)| {
            let share = spec.containers.len() as u32;
            let mut shown = container_definition(
                world,
                container,
                image,
                spec.cpu / share,
                spec.memory / share,
            );
            shown["portMappings"] = network::mappings(&container.ports, spec.fargate);
            shown
        })
        .collect();
    let mut shown = json!({
        "taskDefinitionArn": world.definition_arn(&spec.family, definition.revision),
        "containerDefinitions": containers,
        "family": spec.family,
        "revision": definition.revision,
        "taskRoleArn": format!("arn:aws:iam::{ACCOUNT}:role/{}", spec.family),
        "executionRoleArn": format!("arn:aws:iam::{ACCOUNT}:role/ecs-execution"),
        "networkMode": if spec.fargate { "awsvpc" } else { "bridge" },
        "volumes": [],
        "status": "ACTIVE",
        "requiresAttributes": [{ "name": "com.amazonaws.ecs.capability.docker-remote-api.1.19" }],
        "placementConstraints": [],
        "compatibilities": if spec.fargate { json!(["EC2", "FARGATE"]) } else { json!(["EC2"]) },
        "requiresCompatibilities": [launch],
        "cpu": spec.cpu.to_string(),
        "memory": spec.memory.to_string(),
        "registeredAt": seconds(definition.registered),
        "registeredBy": definition.registered_by,
    });
    if spec.fargate {
        shown["runtimePlatform"] =
            json!({ "cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX" });
    }
    shown
}

fn container_definition(
    world: &World,
    container: &Container,
    image: &str,
    cpu: u32,
    memory: u32,
) -> Value {
    let environment: Vec<Value> = container
        .environment
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let mut shown = json!({
        "name": container.name,
        "image": image,
        "cpu": cpu,
        "memory": memory,
        "essential": container.essential,
        "environment": environment,
        "mountPoints": [],
        "volumesFrom": [],
        "systemControls": [],
    });
    if container.health_check {
        shown["healthCheck"] = json!({
            "command": ["CMD-SHELL", "curl -sf http://localhost/health || exit 1"],
            "interval": 30, "timeout": 5, "retries": 3,
        });
    }
    if let Some(log) = &container.log {
        let mut options: BTreeMap<&str, &str> =
            log.options.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let group = log.group.map(|group| &world.scenario.groups[group]);
        // The two drivers spell the same three things differently.
        let keys = match log.driver {
            Driver::Awslogs => Some(["awslogs-group", "awslogs-region", "awslogs-stream-prefix"]),
            Driver::Awsfirelens if group.is_some() => {
                options.insert("Name", "cloudwatch_logs");
                Some(["log_group_name", "region", "log_stream_prefix"])
            }
            _ => None,
        };
        if let Some([group_key, region_key, prefix_key]) = keys {
            options.insert(region_key, group.map_or(&world.scenario.region, |group| &group.region));
            options.extend(group.map(|group| (group_key, group.name.as_str())));
            options.extend(log.stream_prefix.as_deref().map(|prefix| (prefix_key, prefix)));
        }
        shown["logConfiguration"] = json!({ "logDriver": log.driver.name(), "options": options });
    }
    shown
}
