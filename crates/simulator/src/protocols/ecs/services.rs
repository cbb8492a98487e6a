//! ListServices, DescribeServices.

use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::{self, Paging};
use super::{cluster, deployments, events, find_service, history, revisions, seconds};
use crate::ACCOUNT;
use crate::protocols::aws_json::{self, Refusal};
use crate::world::World;
use crate::world::scenario::{Controller, Service};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    cluster: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
    launch_type: Option<String>,
    scheduling_strategy: Option<String>,
}

pub(super) fn list(world: Option<&World>, now: i64, body: &[u8]) -> Result<Value, Refusal> {
    let input: ListInput = aws_json::input(body)?;
    let (world, cluster) = cluster(world, input.cluster.as_deref())?;
    // Ten by default: the smallest page of this API.
    let paging = Paging::new(input.next_token.as_deref(), input.max_results, 10)?;
    let services = world.services_of(cluster, paging.after()).filter(|service| {
        let spec = &world.scenario.services[*service];
        world.page + spec.created <= now
            && input.launch_type.as_ref().is_none_or(|kind| kind == launch_type(spec.fargate))
            && input.scheduling_strategy.as_ref().is_none_or(|kind| kind == strategy(spec.daemon))
    });
    Ok(paging.page("serviceArns", services, |service| world.service_arn(service)))
}

#[derive(Debug, Deserialize)]
struct DescribeInput {
    cluster: Option<String>,
    services: Option<Vec<String>>,
    #[serde(default)]
    include: Vec<String>,
}

pub(super) fn describe(world: Option<&World>, now: i64, body: &[u8]) -> Result<Value, Refusal> {
    let input: DescribeInput = aws_json::input(body)?;
    let (world, cluster) = cluster(world, input.cluster.as_deref())?;
    let named = input.services.unwrap_or_default();
    if named.is_empty() {
        return Err(Refusal::invalid_parameter("Services cannot be empty."));
    }
    if named.len() > 10 {
        return Err(Refusal::invalid_parameter("Services can have at most 10 items."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in named {
        match find_service(world, now, cluster, &name) {
            Some(service) => {
                let mut shown = described(world, service, now);
                if input.include.iter().any(|included| included == "TAGS") {
                    shown["tags"] = json!([]);
                }
                found.push(shown);
            }
            None if name.starts_with("arn:") => failures.push(listing::missing(name)),
            None => {
                failures.push(listing::missing(world.member_arn("service", cluster, &name)));
            }
        }
    }
    Ok(json!({ "services": found, "failures": failures }))
}

pub(super) fn launch_type(fargate: bool) -> &'static str {
    if fargate { "FARGATE" } else { "EC2" }
}

fn strategy(daemon: bool) -> &'static str {
    if daemon { "DAEMON" } else { "REPLICA" }
}

fn described(world: &World, service: usize, now: i64) -> Value {
    let spec = &world.scenario.services[service];
    let life = &world.lives[service];
    let primary = match spec.controller {
        Controller::Ecs => life.primary_at(now),
        Controller::CodeDeploy | Controller::External => life.primary_set_at(now),
    };
    let counts = world.counts_at(service, now);
    let mut shown = json!({
        "serviceArn": world.service_arn(service),
        "serviceName": spec.name,
        "clusterArn": world.cluster_arn(spec.cluster),
        "loadBalancers": [],
        "serviceRegistries": [],
        "status": "ACTIVE",
        "desiredCount": life.desired_at(now),
        "runningCount": counts.iter().map(|count| count.running).sum::<usize>(),
        "pendingCount": counts.iter().map(|count| count.pending).sum::<usize>(),
        "deploymentConfiguration": deployments::configuration(spec),
        "taskSets": deployments::task_sets(world, service, now),
        "deployments": [],
        "roleArn": format!(
            "arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
        ),
        "events": events::described(world, service, now),
        "createdAt": seconds(world.page + spec.created),
        "placementConstraints": [],
        "placementStrategy": [],
        "schedulingStrategy": strategy(spec.daemon),
        "deploymentController": { "type": spec.controller.name() },
        "createdBy": format!("arn:aws:iam::{ACCOUNT}:role/deploy"),
        "enableECSManagedTags": true,
        "propagateTags": "NONE",
        "enableExecuteCommand": false,
        "availabilityZoneRebalancing": "DISABLED",
    });
    if spec.controller == Controller::Ecs {
        shown["deployments"] = deployments::described(world, service, now);
        if let Some(deployment) = history::current(world, service, now) {
            shown["currentServiceDeployment"] = json!(deployment);
        }
        if let Some(revisions) = revisions::current(world, service, now) {
            shown["currentServiceRevisions"] = revisions;
        }
    }
    // The task sets of an external service say all that follows, and it says nothing.
    if spec.controller == Controller::External {
        return shown;
    }
    let revision = life.deployments[primary].revision;
    shown["taskDefinition"] = json!(world.definition_arn(&spec.family, revision));
    shown["launchType"] = json!(launch_type(spec.fargate));
    if spec.fargate {
        shown["platformVersion"] = json!("LATEST");
        shown["platformFamily"] = json!("Linux");
        shown["networkConfiguration"] = network(world, spec.cluster);
    } else if !spec.daemon {
        shown["placementStrategy"] =
            json!([{ "type": "spread", "field": "attribute:ecs.availability-zone" }]);
    }
    if spec.load_balancer.is_some() {
        shown["healthCheckGracePeriodSeconds"] = json!(30);
        shown["loadBalancers"] = load_balancers(world, spec);
    }
    shown
}

pub(super) fn load_balancers(world: &World, spec: &Service) -> Value {
    let balancers = spec.load_balancer.iter().map(|balancer| {
        json!({
            "targetGroupArn": format!(
                "arn:aws:elasticloadbalancing:{}:{ACCOUNT}:targetgroup/{}",
                world.scenario.region, balancer.target_group
            ),
            "containerName": balancer.container,
            "containerPort": balancer.port,
        })
    });
    balancers.collect()
}

/// The network of Fargate tasks, which need one of their own.
pub(super) fn network(world: &World, cluster: usize) -> Value {
    let name = &world.scenario.clusters[cluster].name;
    json!({ "awsvpcConfiguration": {
        "subnets": [format!("subnet-{name}-a"), format!("subnet-{name}-b"), format!("subnet-{name}-c")],
        "securityGroups": [format!("sg-{name}")],
        "assignPublicIp": "DISABLED",
    } })
}
