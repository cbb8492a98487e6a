//! Service revisions: DescribeServiceRevisions, and those that DescribeServices counts.
//!
//! A service revision is what a deployment is of: a task definition with the digests that its images stood for.
//! There is one for each deployment that was made on or after 25 October 2024 by ECS itself.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-revision.html>

use serde::Deserialize;
use serde_json::{Value, json};

use super::deployments::{live, wanted};
use super::services::{launch_type, load_balancers, network};
use super::{find_part, listing, seconds};
use crate::protocols::aws_json::{self, Refusal};
use crate::world::World;
use crate::world::fleet::Count;
use crate::world::scenario::Controller;

/// 2024-10-25T00:00:00Z: nothing older has a revision or a history.
pub(super) const FIRST: i64 = 1_729_814_400_000;

/// Whether a deployment has a service revision, and a service deployment.
pub(super) fn exists(world: &World, service: usize, index: usize, now: i64) -> bool {
    let made = world.lives[service].deployments[index].created;
    world.scenario.services[service].controller == Controller::Ecs && (FIRST..=now).contains(&made)
}

/// `{ arn, requestedTaskCount, runningTaskCount, pendingTaskCount }`.
pub(super) fn summary(
    world: &World,
    service: usize,
    index: usize,
    wanted: usize,
    count: Count,
) -> Value {
    json!({
        "arn": world.revision_arn(service, index),
        "requestedTaskCount": wanted,
        "runningTaskCount": count.running,
        "pendingTaskCount": count.pending,
    })
}

/// `currentServiceRevisions`, if there are any.
pub(super) fn current(world: &World, service: usize, now: i64) -> Option<Value> {
    let revisions: Vec<Value> = live(world, service, now)
        .into_iter()
        .filter(|(index, _)| exists(world, service, *index, now))
        .map(|(index, count)| {
            summary(world, service, index, wanted(world, service, index, count, now), count)
        })
        .collect();
    (!revisions.is_empty()).then_some(Value::Array(revisions))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    #[serde(default)]
    service_revision_arns: Vec<String>,
}

pub(super) fn describe(world: Option<&World>, now: i64, body: &[u8]) -> Result<Value, Refusal> {
    let input: DescribeInput = aws_json::input(body)?;
    let arns = input.service_revision_arns;
    super::check_arns("serviceRevisionArns", "service-revision", &arns)?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in arns {
        let part = find_part(world, now, &arn, |deployment| deployment.number.as_str());
        match part.filter(|(world, service, index)| exists(world, *service, *index, now)) {
            Some((world, service, index)) => found.push(described(world, service, index)),
            None => failures.push(listing::missing(arn)),
        }
    }
    Ok(json!({ "serviceRevisions": found, "failures": failures }))
}

fn described(world: &World, service: usize, index: usize) -> Value {
    let spec = &world.scenario.services[service];
    let deployment = &world.lives[service].deployments[index];
    let images: Vec<Value> = spec
        .containers
        .iter()
        .zip(&deployment.images)
        .map(|(container, image)| {
            let digest = world.digest_at(image, deployment.created);
            json!({ "containerName": container.name, "image": image, "imageDigest": digest })
        })
        .collect();
    let mut shown = json!({
        "serviceRevisionArn": world.revision_arn(service, index),
        "serviceArn": world.service_arn(service),
        "clusterArn": world.cluster_arn(spec.cluster),
        "taskDefinition": world.definition_arn(&spec.family, deployment.revision),
        "launchType": launch_type(spec.fargate),
        "loadBalancers": load_balancers(world, spec),
        "serviceRegistries": [],
        "containerImages": images,
        "guardDutyEnabled": false,
        "createdAt": seconds(deployment.created),
    });
    if spec.fargate {
        shown["platformVersion"] = json!("1.4.0");
        shown["platformFamily"] = json!("Linux");
        shown["networkConfiguration"] = network(world, spec.cluster);
    }
    shown
}
