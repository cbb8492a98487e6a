//! ListClusters, DescribeClusters.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{find_cluster, listing};
use crate::protocols::aws_json::{self, Refusal};
use crate::world::World;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    next_token: Option<String>,
    max_results: Option<i64>,
}

pub(super) fn list(world: Option<&World>, body: &[u8]) -> Result<Value, Refusal> {
    let input: ListInput = aws_json::input(body)?;
    let mut arns: Vec<String> = world.map_or_else(Vec::new, |world| {
        (0..world.scenario.clusters.len()).map(|cluster| world.cluster_arn(cluster)).collect()
    });
    arns.sort();
    listing::ordered_page("clusterArns", &arns, input.next_token.as_deref(), input.max_results, 100)
}

#[derive(Debug, Deserialize)]
struct DescribeInput {
    clusters: Option<Vec<String>>,
    #[serde(default)]
    include: Vec<String>,
}

pub(super) fn describe(world: Option<&World>, now: i64, body: &[u8]) -> Result<Value, Refusal> {
    let input: DescribeInput = aws_json::input(body)?;
    let named = input
        .clusters
        .filter(|clusters| !clusters.is_empty())
        .unwrap_or_else(|| vec!["default".to_owned()]);
    if named.len() > 100 {
        return Err(Refusal::invalid_parameter("Clusters can have at most 100 items."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in named {
        match world.and_then(|world| Some((world, find_cluster(world, &name)?))) {
            Some((world, cluster)) => found.push(described(world, cluster, now, &input.include)),
            None if name.starts_with("arn:") => failures.push(listing::missing(name)),
            None => {
                let region = world.map_or(crate::REGION, |world| world.scenario().region());
                failures.push(listing::missing(format!(
                    "arn:aws:ecs:{region}:{}:cluster/{name}",
                    crate::ACCOUNT
                )));
            }
        }
    }
    Ok(json!({ "clusters": found, "failures": failures }))
}

fn described(world: &World, cluster: usize, now: i64, include: &[String]) -> Value {
    let services = &world.scenario.services;
    let count = |status: &str, fargate: Option<bool>| {
        world
            .tasks_of(cluster, None)
            .map(|task| &world.tasks[task])
            .filter(|task| fargate.is_none_or(|fargate| services[task.service].fargate == fargate))
            .filter(|task| task.status_at(now) == Some(status))
            .count()
    };
    let active = world
        .services_of(cluster, None)
        .filter(|service| world.page + services[*service].created <= now)
        .count();
    let asked = |what: &str| include.iter().any(|included| included == what);
    let statistics = if asked("STATISTICS") {
        json!([
            { "name": "runningEC2TasksCount", "value": count("RUNNING", Some(false)).to_string() },
            { "name": "runningFargateTasksCount", "value": count("RUNNING", Some(true)).to_string() },
            { "name": "pendingEC2TasksCount", "value": count("PENDING", Some(false)).to_string() },
            { "name": "pendingFargateTasksCount", "value": count("PENDING", Some(true)).to_string() },
        ])
    } else {
        json!([])
    };
    let settings = if asked("SETTINGS") {
        json!([{ "name": "containerInsights", "value": "disabled" }])
    } else {
        json!([])
    };
    json!({
        "clusterArn": world.cluster_arn(cluster),
        "clusterName": world.scenario.clusters[cluster].name,
        "status": "ACTIVE",
        "registeredContainerInstancesCount": world.scenario.clusters[cluster].hosts,
        "runningTasksCount": count("RUNNING", None),
        "pendingTasksCount": count("PENDING", None),
        "activeServicesCount": active,
        "statistics": statistics,
        "tags": [],
        "settings": settings,
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
    })
}
