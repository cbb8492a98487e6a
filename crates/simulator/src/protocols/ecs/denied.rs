//! Clusters into which nobody may look.

use serde_json::Value;

use super::find_cluster;
use crate::protocols::aws_json::Refusal;
use crate::protocols::denial;
use crate::world::World;

/// The operations that are about no cluster, unless an ARN in them is.
const WITHOUT_CLUSTER: [&str; 5] = [
    "DescribeServiceDeployments",
    "DescribeServiceRevisions",
    "DescribeTaskDefinition",
    "ListClusters",
    "ListTaskDefinitions",
];

/// Where requests name what they want, by ids or ARNs.
const NAMING: [&str; 6] = [
    "services",
    "service",
    "tasks",
    "containerInstances",
    "serviceRevisionArns",
    "serviceDeploymentArns",
];

/// The refusal of a request that names a cluster into which nobody may look; `None` for any other.
pub(super) fn refusal(world: &World, operation: &str, body: &[u8]) -> Option<Refusal> {
    if !world.scenario.clusters.iter().any(|cluster| cluster.denied) {
        return None;
    }
    // What cannot be read is refused later, for that.
    let input: Value = serde_json::from_slice(body).ok()?;
    let cluster = named(operation, &input)
        .filter_map(|name| find_cluster(world, name))
        .find(|cluster| world.scenario.clusters[*cluster].denied)?;
    let resource = resource(world, operation, cluster, &input);
    let sentence = denial::sentence(&format!("ecs:{operation}"), &resource);
    Some(Refusal::new("AccessDeniedException", sentence))
}

/// The clusters that a request names, itself or in ARNs.
fn named<'a>(operation: &str, input: &'a Value) -> impl Iterator<Item = &'a str> {
    let several = if operation == "DescribeClusters" { &input["clusters"] } else { &Value::Null };
    let clusters = texts(several).chain(texts(&input["cluster"]));
    let none = !WITHOUT_CLUSTER.contains(&operation) && clusters.clone().next().is_none();
    // `arn:aws:ecs:REGION:ACCOUNT:KIND/CLUSTER/..`
    let in_arns = NAMING.iter().flat_map(|key| texts(&input[*key])).filter_map(|arn| {
        let (_, rest) = arn.strip_prefix("arn:")?.split_once('/')?;
        Some(rest.split_once('/')?.0)
    });
    clusters.chain(none.then_some("default")).chain(in_arns)
}

fn texts(value: &Value) -> impl Iterator<Item = &str> + Clone {
    let several = value.as_array().map(Vec::as_slice).unwrap_or_default();
    value.as_str().into_iter().chain(several.iter().filter_map(Value::as_str))
}

/// What may not be read, as a permission names it.
///
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html>
fn resource(world: &World, operation: &str, cluster: usize, input: &Value) -> String {
    let first = |kind: &str, key: &str| match texts(&input[key]).next() {
        Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
        Some(id) => world.member_arn(kind, cluster, id),
        None => "*".to_owned(),
    };
    match operation {
        "DescribeClusters" | "ListContainerInstances" => world.cluster_arn(cluster),
        "DescribeServices" => first("service", "services"),
        "ListServiceDeployments" => first("service", "service"),
        "DescribeTasks" => first("task", "tasks"),
        "DescribeContainerInstances" => first("container-instance", "containerInstances"),
        "DescribeServiceRevisions" => first("service-revision", "serviceRevisionArns"),
        "DescribeServiceDeployments" => first("service-deployment", "serviceDeploymentArns"),
        "ListTasks" => world.member_arn("container-instance", cluster, "*"),
        _ => "*".to_owned(),
    }
}
