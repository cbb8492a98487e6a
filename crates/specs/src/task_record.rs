//! A task, as a record of kind `task`.

use record::Time;
use serde::Serialize;

/// A task, running or stopped within about the last hour.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskRecord {
    /// When it was looked at.
    pub time: Time,
    /// `task`.
    pub kind: &'static str,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The cluster's name.
    pub cluster: String,
    /// The service's name; absent for a task that no service runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The group, of a task that no service runs: `family:migrate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The task's id.
    pub task: String,
    /// `family:revision`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// What started it: `ecs-svc/N`, or what `run-task` was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_by: Option<String>,
    /// PROVISIONING … RUNNING … STOPPED.
    pub status: String,
    /// RUNNING, STOPPED.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired_status: Option<String>,
    /// HEALTHY, UNHEALTHY; absent where nothing is checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<String>,
    /// When it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Time>,
    /// When it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<Time>,
    /// When it began to stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopping: Option<Time>,
    /// When it stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Time>,
    /// EssentialContainerExited, TaskFailedToStart, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_code: Option<String>,
    /// Why it stopped, in ECS's words: the container's own where it has one, else the task's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the container that tells exited with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Its containers.
    pub containers: Vec<TaskContainerRecord>,
    /// FARGATE, EC2, EXTERNAL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_type: Option<String>,
    /// The capacity provider that placed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_provider: Option<String>,
    /// Its availability zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The container instance's id that it runs on; Fargate has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_instance: Option<String>,
    /// The EC2 instance's id, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Its private address, of its own network interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// CPU units, 1,024 a virtual CPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<u32>,
    /// Memory, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_mb: Option<u32>,
}

/// A container of a task.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TaskContainerRecord {
    /// Its name.
    pub container: String,
    /// The image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// PENDING, RUNNING, STOPPED.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// HEALTHY, UNHEALTHY; absent where nothing is checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<String>,
    /// What it exited with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Why it stopped, in ECS's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
