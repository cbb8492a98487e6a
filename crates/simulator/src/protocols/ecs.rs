//! Amazon ECS, API version 2014-11-13, as far as it can be read.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/Welcome.html>

mod clusters;
mod container_instances;
mod definitions;
mod denied;
mod deployments;
mod events;
mod history;
mod listing;
mod network;
mod revisions;
mod services;
mod tasks;

use serde_json::Value;

use super::aws_json::{Answered, Refusal};
use crate::ACCOUNT;
use crate::world::World;
use crate::world::fleet::Deployment;

pub(super) fn answer(world: Option<&World>, now: i64, operation: &str, body: &[u8]) -> Answered {
    if let Some(refusal) = world.and_then(|world| denied::refusal(world, operation, body)) {
        return Err(refusal);
    }
    let answer = match operation {
        "ListClusters" => clusters::list(world, body),
        "DescribeClusters" => clusters::describe(world, now, body),
        "ListServices" => services::list(world, now, body),
        "DescribeServices" => services::describe(world, now, body),
        "ListContainerInstances" => container_instances::list(world, body),
        "DescribeContainerInstances" => container_instances::describe(world, now, body),
        "DescribeServiceRevisions" => revisions::describe(world, now, body),
        "ListServiceDeployments" => history::list(world, now, body),
        "DescribeServiceDeployments" => history::describe(world, now, body),
        "ListTasks" => tasks::list(world, now, body),
        "DescribeTasks" => tasks::describe(world, now, body),
        "ListTaskDefinitions" => definitions::list(world, now, body),
        "DescribeTaskDefinition" => definitions::describe(world, now, body),
        _ => Err(Refusal::unknown_operation()),
    }?;
    Ok(answer.to_string().into_bytes())
}

/// A timestamp of this API: seconds since the epoch, with a fraction.
fn seconds(time_ms: i64) -> Value {
    Value::from(time_ms as f64 / 1000.0)
}

/// The cluster that a request names by name or ARN; `default` when it names none.
fn cluster<'w>(
    world: Option<&'w World>,
    named: Option<&str>,
) -> Result<(&'w World, usize), Refusal> {
    let found =
        world.and_then(|world| Some((world, find_cluster(world, named.unwrap_or("default"))?)));
    found.ok_or_else(|| Refusal::new("ClusterNotFoundException", "Cluster not found."))
}

fn find_cluster(world: &World, named: &str) -> Option<usize> {
    let name = named.rsplit('/').next().unwrap_or_default();
    let cluster = world.cluster_named(name)?;
    (named == name || world.cluster_arn(cluster) == named).then_some(cluster)
}

/// The service that a request names by name or ARN.
fn find_service(world: &World, now: i64, cluster: usize, named: &str) -> Option<usize> {
    let name = world.member_id("service", cluster, named)?;
    let service = world.service_named(cluster, name)?;
    (world.page + world.scenario.services[service].created <= now).then_some(service)
}

/// The deployment that an ARN of its service revision or its service deployment means: `KIND/CLUSTER/SERVICE/ID`.
fn find_part<'w>(
    world: Option<&'w World>,
    now: i64,
    arn: &str,
    id_of: fn(&Deployment) -> &str,
) -> Option<(&'w World, usize, usize)> {
    let world = world?;
    let mut parts = arn.rsplitn(4, '/');
    let (id, service, cluster) = (parts.next()?, parts.next()?, parts.next()?);
    let at_home =
        parts.next()?.starts_with(&format!("arn:aws:ecs:{}:{ACCOUNT}:", world.scenario.region));
    let service = find_service(world, now, find_cluster(world, cluster)?, service)?;
    let deployments = &world.lives[service].deployments;
    let index = deployments.iter().position(|deployment| id_of(deployment) == id)?;
    at_home.then_some((world, service, index))
}

/// That a list of such ARNs has 1 to 20 items, and nothing else in it.
fn check_arns(name: &str, kind: &str, arns: &[String]) -> Result<(), Refusal> {
    if arns.is_empty() {
        return Err(Refusal::invalid_parameter(format!("{name} cannot be empty.")));
    }
    if arns.len() > 20 {
        return Err(Refusal::invalid_parameter(format!("{name} can have at most 20 items.")));
    }
    let is_arn = |arn: &&String| {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        matches!(parts[..], ["arn", _, "ecs", _, _, resource]
            if resource.strip_prefix(kind).is_some_and(|rest| rest.starts_with('/') && rest.matches('/').count() == 3))
    };
    match arns.iter().find(|arn| !is_arn(arn)) {
        Some(arn) => Err(Refusal::invalid_parameter(format!("Invalid ARN of a {kind}: {arn}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod fleet_tests;
#[cfg(test)]
mod tests;
