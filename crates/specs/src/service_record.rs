//! One container of a service, as a record of kind `service`.

use record::Time;
use serde::{Deserialize, Serialize};

/// One container of a service: what it runs, how many of it, and how its rollout stands. Counts are of
/// tasks. It is read again by `specs diff file:…`, from the same release or another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceRecord {
    /// When it was looked at.
    pub time: Option<Time>,
    /// `service`.
    pub kind: String,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The cluster's name.
    pub cluster: String,
    /// The service's name.
    pub service: String,
    /// The container's name; absent where no definition could be had, and where nothing runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The image as the task definition has it, of the PRIMARY deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its registry's host; absent where none is said (Docker Hub).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// Its repository, without the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Its tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Its digest, `sha256:…`: what the tag stood for when the deployment began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// How many tasks the service is to have.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// How many are about to.
    pub pending: u32,
    /// What runs: the running counts add up to `running`.
    pub versions: Vec<Version>,
    /// ACTIVE, DRAINING.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// COMPLETED, IN_PROGRESS, FAILED: of the PRIMARY deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<String>,
    /// Why, in ECS's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout_reason: Option<String>,
    /// How many tasks of the PRIMARY deployment failed since the last one that was healthy.
    #[serde(skip_serializing_if = "is_zero")]
    pub failed_tasks: u32,
    /// What happens to a deployment that fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub circuit_breaker: Option<Breaker>,
    /// The alarms that end a deployment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alarms: Vec<String>,
    /// The PRIMARY deployment, `ecs-svc/N`, or the task set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment: Option<String>,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployed: Option<Time>,
    /// How long ago, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment_age_seconds: Option<u64>,
    /// FARGATE, EC2, EXTERNAL, or the names of capacity providers with commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_type: Option<String>,
    /// REPLICA, DAEMON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduling: Option<String>,
    /// ECS, CODE_DEPLOY, EXTERNAL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controller: Option<String>,
    /// `family:revision`, of the PRIMARY deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// CPU units of the container, else of the task: 1,024 a virtual CPU. Where the definition is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<u32>,
    /// Memory of the container, else of the task, in MiB. Where the definition is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_mb: Option<u32>,
    /// Who registered the task definition (ARN). Where the definition is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered: Option<Time>,
    /// What is to be noticed about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingSaid>,
    /// Its tasks that stopped within about the last hour, by reason; where they were read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<Stops>,
}

/// A version of a container that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Version {
    /// `family:revision`; absent for tasks that no deployment accounts for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// The image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// How many tasks are to run it.
    pub desired: u32,
    /// How many run it.
    pub running: u32,
    /// How many are about to.
    pub pending: u32,
}

/// A circuit breaker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Breaker {
    /// Whether it watches.
    pub enabled: bool,
    /// Whether it goes back to the last deployment that was complete.
    pub rollback: bool,
}

/// A finding, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FindingSaid {
    /// Its name, `mixed-versions`.
    pub finding: String,
    /// One sentence.
    pub says: String,
}

/// Tasks that stopped for the same reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stops {
    /// The reason, in ECS's words: the container's own where it has one, else the task's.
    pub reason: String,
    /// What the container exited with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// So many tasks.
    pub tasks: u32,
    /// When the last of them stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<Time>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
