//! Amazon ECS, API version 2014-11-13, as far as it can be read.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/Welcome.html>

mod clusters;
mod container_instances;
mod definitions;
mod denied;
mod deployments;
mod events;
mod listing;
mod network;
mod services;
mod tasks;

use serde_json::Value;

use super::aws_json::{Answered, Refusal};
use crate::world::World;

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

#[cfg(test)]
mod fleet_tests;
#[cfg(test)]
mod tests;
