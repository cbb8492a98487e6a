//! Service revisions and service deployments: what a service ran, and when. ECS keeps them since
//! 25 October 2024, deployments for 90 days.

use record::Time;

/// One revision of a service: what its tasks run, by digest. It never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceRevision {
    /// Its ARN, `…:service-revision/CLUSTER/SERVICE/N`.
    pub arn: String,
    /// The task definition's ARN.
    pub task_definition: Option<String>,
    /// The images of its containers.
    pub images: Vec<ContainerImage>,
    /// When it was made.
    pub created: Option<Time>,
}

/// What a container of a service revision runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerImage {
    /// The container's name.
    pub container: String,
    /// The image as the task definition has it.
    pub image: Option<String>,
    /// `sha256:…`: what the tag stood for when the revision was made.
    pub digest: Option<String>,
}

/// A service deployment: how a service went from one revision to another.
///
/// Source: `ServiceDeployment` in the ECS API reference.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceDeployment {
    /// Its ARN.
    pub arn: String,
    /// SUCCESSFUL, IN_PROGRESS, ROLLBACK_SUCCESSFUL, …
    pub status: String,
    /// Why, in ECS's words.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created: Option<Time>,
    /// When it was over.
    pub finished: Option<Time>,
    /// The revisions (ARNs) that it was to replace.
    pub sources: Vec<String>,
    /// The revision (ARN) that it was to bring.
    pub target: Option<String>,
    /// How it was taken back, if it was.
    pub rollback: Option<Rollback>,
    /// TRIGGERED, MONITORING, MONITORING_COMPLETE, DISABLED.
    pub circuit_breaker: Option<String>,
    /// The alarms that ended it.
    pub triggered_alarms: Vec<String>,
}

/// How a deployment was taken back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollback {
    /// Why, in ECS's words.
    pub reason: Option<String>,
    /// When it began.
    pub started: Option<Time>,
    /// The revision (ARN) that it went back to.
    pub revision: Option<String>,
}
