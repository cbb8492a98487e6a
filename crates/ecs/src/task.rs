//! A task, as DescribeTasks shows it.

use record::Time;

/// A task, running or stopped within about the last hour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Task {
    /// Its ARN.
    pub arn: String,
    /// Its id, the last part of the ARN.
    pub id: String,
    /// Its cluster's name.
    pub cluster: String,
    /// `service:NAME`, `family:NAME` or what `run-task` was given.
    pub group: Option<String>,
    /// `ecs-svc/N`, the deployment that started it, or what `run-task` was given.
    pub started_by: Option<String>,
    /// The task definition (ARN) that it runs.
    pub task_definition: Option<String>,
    /// PROVISIONING … RUNNING … STOPPED.
    pub last_status: Option<String>,
    /// RUNNING, STOPPED.
    pub desired_status: Option<String>,
    /// HEALTHY, UNHEALTHY, UNKNOWN.
    pub health: Option<String>,
    /// When it was asked for.
    pub created: Option<Time>,
    /// When it started.
    pub started: Option<Time>,
    /// When it began to stop.
    pub stopping: Option<Time>,
    /// When it stopped.
    pub stopped: Option<Time>,
    /// TaskFailedToStart, EssentialContainerExited, UserInitiated, ServiceSchedulerInitiated,
    /// SpotInterruption, TerminationNotice.
    pub stop_code: Option<String>,
    /// Why it stopped, in ECS's words.
    pub stopped_reason: Option<String>,
    /// FARGATE, EC2, EXTERNAL.
    pub launch_type: Option<String>,
    /// The capacity provider that placed it.
    pub capacity_provider: Option<String>,
    /// Its availability zone.
    pub zone: Option<String>,
    /// The container instance (ARN) that it runs on; Fargate has none.
    pub container_instance: Option<String>,
    /// Its private address: of its own network interface.
    pub address: Option<String>,
    /// CPU units, 1,024 a virtual CPU.
    pub cpu: Option<u32>,
    /// Memory, in MiB.
    pub memory_mb: Option<u32>,
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

    /// Why it stopped, in ECS's words: the reason of the container that tells, else of any that has
    /// one, else the task's, else the name of its stop code.
    pub fn why_it_stopped(&self) -> Option<&str> {
        let of_last_word = self.last_word().and_then(|container| container.reason.as_deref());
        let of_any = || self.containers.iter().find_map(|container| container.reason.as_deref());
        let of_task = || self.stopped_reason.as_deref().or(self.stop_code.as_deref());
        of_last_word.or_else(of_any).or_else(of_task)
    }

    /// The service that it belongs to, by its group.
    pub fn service(&self) -> Option<&str> {
        self.group.as_deref()?.strip_prefix("service:")
    }
}

/// A container of a task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskContainer {
    /// Its name in the task definition.
    pub name: String,
    /// The image; where ECS keeps versions consistent, with the digest (`repo:tag@sha256:…`).
    pub image: Option<String>,
    /// The image's digest, of images from ECR and of recent agents.
    pub digest: Option<String>,
    /// PENDING, RUNNING, STOPPED.
    pub last_status: Option<String>,
    /// HEALTHY, UNHEALTHY, UNKNOWN.
    pub health: Option<String>,
    /// The container runtime's id: the stream's name where the awslogs driver has no prefix.
    pub runtime_id: Option<String>,
    /// What it exited with; 137 is SIGKILL, the out-of-memory killer's too.
    pub exit_code: Option<i32>,
    /// Why it stopped, in ECS's words.
    pub reason: Option<String>,
    /// `HOST_PORT->CONTAINER_PORT` on the host's own address.
    pub ports: Vec<Binding>,
}

/// A container's port on its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The port inside.
    pub container: u16,
    /// The port on the host.
    pub host: u16,
}

/// A host of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerInstance {
    /// Its ARN.
    pub arn: String,
    /// The EC2 instance's id; for a host outside of AWS, its id in Systems Manager.
    pub instance: Option<String>,
}
