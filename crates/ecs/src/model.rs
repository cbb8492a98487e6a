//! What the fleet is made of, as far as commands ask about it.

use std::collections::BTreeMap;

use record::Time;
use serde::{Deserialize, Serialize};

/// An ECS service.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its ARN.
    pub arn: String,
    /// Its cluster's name.
    pub cluster: String,
    /// Its name.
    pub name: String,
    /// The task definition (ARN) that it is configured with.
    pub task_definition: Option<String>,
    /// Its deployments, task sets (CODE_DEPLOY, EXTERNAL) among them.
    pub deployments: Vec<Deployment>,
}

impl Service {
    /// `cluster/name`, the spelling that is never ambiguous.
    pub fn path(&self) -> String {
        format!("{}/{}", self.cluster, self.name)
    }
}

/// A deployment or a task set of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// `ecs-svc/N`: what its tasks carry as `started_by`.
    pub id: String,
    /// PRIMARY, ACTIVE, INACTIVE, DRAINING.
    pub status: String,
    /// The task definition (ARN) that its tasks run.
    pub task_definition: Option<String>,
}

/// A task, running or stopped within about the last hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its ARN.
    pub arn: String,
    /// Its id, the last part of the ARN.
    pub id: String,
    /// Its cluster's name.
    pub cluster: String,
    /// `service:NAME`, `family:NAME` or what `run-task` was given.
    pub group: Option<String>,
    /// The task definition (ARN) that it runs.
    pub task_definition: Option<String>,
    /// PROVISIONING … RUNNING … STOPPED.
    pub last_status: Option<String>,
    /// When it started.
    pub started: Option<Time>,
    /// When it stopped.
    pub stopped: Option<Time>,
    /// Why it stopped, in ECS's words.
    pub stopped_reason: Option<String>,
    /// Its containers as they run.
    pub containers: Vec<TaskContainer>,
}

impl Task {
    /// Whether it runs no more.
    pub fn is_stopped(&self) -> bool {
        self.last_status.as_deref() == Some("STOPPED")
    }

    /// The container that says how the task ended: the first that failed, else the first with an exit
    /// code.
    pub fn last_word(&self) -> Option<&TaskContainer> {
        let failed = |container: &&TaskContainer| container.exit_code.is_some_and(|code| code != 0);
        let said = |container: &&TaskContainer| container.exit_code.is_some();
        self.containers.iter().find(failed).or_else(|| self.containers.iter().find(said))
    }

    /// The service that it belongs to, by its group.
    pub fn service(&self) -> Option<&str> {
        self.group.as_deref()?.strip_prefix("service:")
    }
}

/// A container of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskContainer {
    /// Its name in the task definition.
    pub name: String,
    /// The container runtime's id: the stream's name where the awslogs driver has no prefix.
    pub runtime_id: Option<String>,
    /// What it exited with; 137 is SIGKILL, the out-of-memory killer's too.
    pub exit_code: Option<i32>,
    /// Why it stopped, in ECS's words.
    pub reason: Option<String>,
}

/// One revision of a task definition. It never changes, so it may be kept.
///
/// Only what commands need is read; environment variables and secrets are not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskDefinition {
    /// Its ARN.
    pub arn: String,
    /// Its containers.
    pub containers: Vec<Container>,
}

/// A container of a task definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Where its output goes; `None` when nowhere is said.
    pub log: Option<LogConfiguration>,
}

/// Where a container's output goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogConfiguration {
    /// awslogs, awsfirelens, splunk, fluentd, json-file, …
    pub driver: String,
    /// The driver's options that say a place in CloudWatch Logs. Others (they may hold tokens) are
    /// not kept.
    pub options: BTreeMap<String, String>,
}
