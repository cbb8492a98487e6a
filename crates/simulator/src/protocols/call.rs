//! Which operation of which service a request calls.

use hyper::Method;
use hyper::http::request::Parts;

use super::address::Address;
use super::{credential_scope, jira, s3, sts, terraform};

/// Every operation that the cloud has; what a fault or a rate can be for.
pub(crate) const OPERATIONS: &[&str] = &[
    "BatchGetImage",
    "BulkFetchIssues",
    "DescribeClusters",
    "DescribeContainerInstances",
    "DescribeImages",
    "DescribeLogGroups",
    "DescribeLogStreams",
    "DescribeRepositories",
    "DescribeServiceDeployments",
    "DescribeServiceRevisions",
    "DescribeServices",
    "DescribeTaskDefinition",
    "DescribeTasks",
    "FilterLogEvents",
    "GetApply",
    "GetArchivedObject",
    "GetBucketVersioning",
    "GetCallerIdentity",
    "GetConfigurationVersion",
    "GetIngressAttributes",
    "GetLogEvents",
    "GetMyself",
    "GetObject",
    "GetPlan",
    "GetPlanJsonOutput",
    "GetPlanJsonOutputRedacted",
    "GetRun",
    "GetServerInfo",
    "GetStateVersion",
    "GetWorkspace",
    "HeadBucket",
    "HeadObject",
    "ListBuckets",
    "ListClusters",
    "ListContainerInstances",
    "ListFields",
    "ListLogGroups",
    "ListObjectVersions",
    "ListOrganizationRuns",
    "ListRunComments",
    "ListServiceDeployments",
    "ListServices",
    "ListStateVersions",
    "ListTagsForResource",
    "ListTaskDefinitions",
    "ListTasks",
    "ListWorkspaceRuns",
    "ListWorkspaces",
    "LookupEvents",
    "Ping",
    "SearchIssues",
    "StartLiveTail",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Logs,
    Ecs,
    Ecr,
    CloudTrail,
    Sts,
    S3,
    Terraform,
    /// Where Terraform's answers say that the rest of them is.
    Archive,
    Jira,
    Unknown,
}

impl Service {
    /// The header that has a request's id.
    pub(super) fn request_id(self) -> &'static str {
        match self {
            Service::S3 => "x-amz-request-id",
            Service::Terraform | Service::Archive => "x-request-id",
            Service::Jira => "x-arequestid",
            _ => "x-amzn-requestid",
        }
    }
}

/// A request's destination. The host does not matter: `stream-logs…` and a plain address are one door.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) service: Service,
    pub(super) operation: &'a str,
}

impl Call<'_> {
    pub(super) fn of<'a>(head: &'a Parts, body: &'a [u8]) -> Call<'a> {
        let target = head
            .headers
            .get("x-amz-target")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if target.is_empty() && sts::is_query(head) {
            return Call { service: Service::Sts, operation: sts::action(body) };
        }
        if target.is_empty() {
            let address = Address::of(&head.uri);
            let service = match address.parts()[..] {
                // Whatever is signed for S3 is for it: a bucket may have any name.
                _ if credential_scope::service(head) == Some("s3") => Service::S3,
                ["api", "v2", ..] => Service::Terraform,
                ["v1", "object", ..] => Service::Archive,
                ["rest", "api", ..] | ["jira", "rest", "api", ..] => Service::Jira,
                _ if head.method == Method::POST => Service::Unknown,
                _ => Service::S3,
            };
            let operation = match service {
                Service::S3 => s3::operation(head, &address),
                Service::Terraform => terraform::operation(head, &address),
                Service::Archive => terraform::ARCHIVE,
                Service::Jira => jira::operation(head, &address),
                _ => "",
            };
            return Call { service, operation };
        }
        let (service, operation) = match target.split_once('.') {
            Some(("Logs_20140328", operation)) => (Service::Logs, operation),
            Some(("AmazonEC2ContainerServiceV20141113", operation)) => (Service::Ecs, operation),
            Some(("AmazonEC2ContainerRegistry_V20150921", operation)) => (Service::Ecr, operation),
            Some(("CloudTrail_20131101", operation)) => (Service::CloudTrail, operation),
            _ => (Service::Unknown, ""),
        };
        Call { service, operation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::aws_json::Refusal;
    use crate::protocols::cloudwatch_logs::CloudWatchLogs;
    use crate::protocols::{cloudtrail, ecr, ecs, sts};

    #[test]
    fn every_operation_is_there() {
        const BY_ADDRESS: [&str; 12] = [
            terraform::ARCHIVE,
            "BulkFetchIssues",
            "GetBucketVersioning",
            "GetObject",
            "GetMyself",
            "GetServerInfo",
            "HeadBucket",
            "HeadObject",
            "ListBuckets",
            "ListFields",
            "ListObjectVersions",
            "SearchIssues",
        ];
        let logs = CloudWatchLogs::new(&crate::Faults::default());
        let scenario = crate::Scenario::builtin("incident-8").unwrap();
        let world = crate::World::new(scenario, 1_795_380_000_000);
        let known = |operation: &str| {
            let unknown = Refusal::unknown_operation();
            BY_ADDRESS.contains(&operation)
                || terraform::is_terraform(operation)
                || operation == "StartLiveTail"
                || operation == sts::OPERATION
                || logs.answer(world.in_region(crate::REGION), 0, operation, b"{}")
                    != Err(unknown.clone())
                || ecs::answer(None, 0, operation, b"{}") != Err(unknown.clone())
                || cloudtrail::answer(None, 0, operation, b"{}") != Err(unknown.clone())
                || ecr::answer(world.in_region(crate::REGION), 0, operation, b"{}") != Err(unknown)
        };
        assert!(OPERATIONS.is_sorted());
        for operation in OPERATIONS {
            assert!(known(operation), "{operation}");
        }
        assert!(!known("PutLogEvents"));
    }
}
