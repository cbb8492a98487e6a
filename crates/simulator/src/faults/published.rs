//! The rates that AWS publishes, by operation and region.
//!
//! The API reference names no burst for CloudWatch Logs and ECR: here it is one second's worth. ECS names both, and
//! lets operations of a kind share a bucket. ECR publishes rates for what pushes and pulls images, and none for
//! DescribeImages and DescribeRepositories.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>,
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>,
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html>,
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>

use super::rate::Limit;

/// What an account may ask of an operation in a region, and the bucket that it is taken from. `None` where no rate is
/// published.
pub(super) fn limit(operation: &str, region: &str) -> Option<(&'static str, Limit)> {
    let even = |bucket, per_second| (bucket, Limit { per_second, burst: per_second });
    let ecs = |bucket, burst| (bucket, Limit { per_second: 20.0, burst });
    Some(match operation {
        "FilterLogEvents" => even("FilterLogEvents", filter_log_events(region)),
        "GetLogEvents" => even("GetLogEvents", get_log_events(region)),
        "StartLiveTail" => even("StartLiveTail", 5.0),
        "DescribeLogGroups" => even("DescribeLogGroups", 10.0),
        "DescribeLogStreams" => even("DescribeLogStreams", 25.0),
        "ListClusters" | "DescribeClusters" => ecs("clusters", 50.0),
        "ListServices" | "DescribeServices" => ecs("services", 100.0),
        "DescribeServiceRevisions" => ecs("service revisions", 50.0),
        "ListServiceDeployments" | "DescribeServiceDeployments" => ecs("service deployments", 50.0),
        "ListTasks" | "DescribeTasks" | "ListContainerInstances" | "DescribeContainerInstances" => {
            ecs("tasks", 100.0)
        }
        "ListTaskDefinitions" | "DescribeTaskDefinition" => ecs("task definitions", 50.0),
        "LookupEvents" => even("LookupEvents", 2.0),
        "BatchGetImage" => even("BatchGetImage", 2_000.0),
        _ => return None,
    })
}

/// What HCP Terraform takes of each user, and refuses above it, whatever else is asked of the drill: runs are listed 30
/// times a minute, everything else is read 30 times a second.
///
/// <https://developer.hashicorp.com/terraform/cloud-docs/api-docs#rate-limiting>,
/// <https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run#list-runs-in-an-organization>
pub(super) fn always(operation: &str) -> Option<(&'static str, Limit)> {
    match operation {
        "ListOrganizationRuns" | "ListWorkspaceRuns" => {
            Some(("lists of runs", Limit { per_second: 0.5, burst: 30.0 }))
        }
        name if crate::protocols::is_terraform(name) => {
            Some(("Terraform", Limit { per_second: 30.0, burst: 30.0 }))
        }
        _ => None,
    }
}

fn filter_log_events(region: &str) -> f64 {
    match region {
        "us-east-1" => 25.0,
        "ap-northeast-3" | "ap-southeast-3" | "ca-west-1" | "eu-central-1" | "il-central-1" => 5.0,
        _ => 10.0,
    }
}

fn get_log_events(region: &str) -> f64 {
    match region {
        "us-west-2" | "ap-northeast-3" | "ap-southeast-3" | "ca-west-1" | "eu-central-1"
        | "eu-west-1" | "il-central-1" => 10.0,
        "eu-west-3" => 30.0,
        _ => 25.0,
    }
}
