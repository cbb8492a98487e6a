//! Which operation of which service a request calls.

use hyper::StatusCode;
use hyper::http::request::Parts;

use super::aws_json::Refusal;
use super::{Answer, sts};

/// Every operation that the cloud has; what a fault or a rate can be for.
pub(crate) const OPERATIONS: &[&str] = &[
    "BatchGetImage",
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
    "GetCallerIdentity",
    "GetLogEvents",
    "ListClusters",
    "ListContainerInstances",
    "ListLogGroups",
    "ListServiceDeployments",
    "ListServices",
    "ListTagsForResource",
    "ListTaskDefinitions",
    "ListTasks",
    "StartLiveTail",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Logs,
    Ecs,
    Ecr,
    Sts,
    Unknown,
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
        let (service, operation) = match target.split_once('.') {
            Some(("Logs_20140328", operation)) => (Service::Logs, operation),
            Some(("AmazonEC2ContainerServiceV20141113", operation)) => (Service::Ecs, operation),
            Some(("AmazonEC2ContainerRegistry_V20150921", operation)) => (Service::Ecr, operation),
            _ => (Service::Unknown, ""),
        };
        Call { service, operation }
    }

    /// An error in the shape of the service's protocol.
    pub(super) fn refuse(&self, status: StatusCode, code: &'static str, message: &str) -> Answer {
        match self.service {
            Service::Sts => sts::failure(status, code.trim_end_matches("Exception"), message),
            _ => Answer { status, ..Answer::from(Refusal::new(code, message)) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::cloudwatch_logs::CloudWatchLogs;
    use crate::protocols::{ecr, ecs, sts};

    #[test]
    fn every_operation_is_there() {
        let logs = CloudWatchLogs::new(&crate::Faults::default());
        let scenario = crate::Scenario::builtin("incident-8").unwrap();
        let world = crate::World::new(scenario, 1_795_380_000_000);
        let known = |operation: &str| {
            let unknown = Refusal::unknown_operation();
            operation == "StartLiveTail"
                || operation == sts::OPERATION
                || logs.answer(world.in_region(crate::REGION), 0, operation, b"{}")
                    != Err(unknown.clone())
                || ecs::answer(None, 0, operation, b"{}") != Err(unknown.clone())
                || ecr::answer(world.in_region(crate::REGION), 0, operation, b"{}") != Err(unknown)
        };
        assert!(OPERATIONS.is_sorted());
        for operation in OPERATIONS {
            assert!(known(operation), "{operation}");
        }
        assert!(!known("PutLogEvents"));
    }
}
