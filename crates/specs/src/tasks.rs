//! Tasks as records.

use ecs::{Task, TaskContainer};
use record::Time;

use crate::stops::exit_code;
use crate::task_record::{TaskContainerRecord, TaskRecord};
use crate::versions::tag_and_digest;

/// Whose tasks they are, and when they were looked at.
#[derive(Clone, Debug)]
pub struct Seen {
    /// When.
    pub time: Time,
    /// The account, where it is known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
}

impl Seen {
    /// A task as a record.
    pub fn task(&self, task: Task) -> TaskRecord {
        let service = task.service().map(str::to_owned);
        let (reason, exit_code) = (task.why_it_stopped().map(str::to_owned), exit_code(&task));
        TaskRecord {
            time: self.time,
            kind: "task",
            account: self.account.clone(),
            region: self.region.clone(),
            group: if service.is_some() { None } else { task.group },
            service,
            cluster: task.cluster,
            task: task.id,
            task_definition: task.task_definition.as_deref().map(definition_name),
            started_by: task.started_by,
            status: task.last_status.unwrap_or_default(),
            desired_status: task.desired_status,
            health: task.health.filter(|health| health != "UNKNOWN"),
            created: task.created,
            started: task.started,
            stopping: task.stopping,
            stopped: task.stopped,
            stop_code: task.stop_code,
            reason,
            exit_code,
            containers: task.containers.into_iter().map(container).collect(),
            launch_type: task.launch_type,
            capacity_provider: task.capacity_provider,
            zone: task.zone,
            container_instance: task
                .container_instance
                .as_deref()
                .map(|arn| ecs::short_name(arn).to_owned()),
            instance: None,
            address: task.address,
            cpu: task.cpu,
            memory_mb: task.memory_mb,
        }
    }
}

/// `family:revision`
pub(crate) fn definition_name(arn: &str) -> String {
    ecs::family_and_revision(arn).to_owned()
}

fn container(container: TaskContainer) -> TaskContainerRecord {
    let (tag, digest) = container.image.as_deref().map(tag_and_digest).unwrap_or_default();
    TaskContainerRecord {
        container: container.name,
        image: container.image,
        tag,
        digest: container.digest.or(digest),
        status: container.last_status,
        health: container.health.filter(|health| health != "UNKNOWN"),
        exit_code: container.exit_code,
        reason: container.reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Seen {
        Seen { time: Time::from_millis(0), account: None, region: "r".into() }
    }

    fn container(name: &str, exit_code: Option<i32>, reason: Option<&str>) -> TaskContainer {
        TaskContainer {
            name: name.into(),
            exit_code,
            reason: reason.map(str::to_owned),
            ..TaskContainer::default()
        }
    }

    #[test]
    fn a_stopped_task_says_what_its_container_says() {
        let mut task = Task {
            group: Some("service:coredns".into()),
            stopped_reason: Some("Essential container in task exited".into()),
            containers: vec![
                container("agent", Some(0), None),
                container("coredns", Some(137), Some("OutOfMemoryError")),
            ],
            ..Task::default()
        };
        let record = seen().task(task.clone());
        assert_eq!(
            (record.reason.as_deref(), record.exit_code),
            (Some("OutOfMemoryError"), Some(137))
        );
        task.containers.clear();
        let record = seen().task(task);
        assert_eq!(record.reason.as_deref(), Some("Essential container in task exited"));
        assert_eq!(record.exit_code, None);
    }

    #[test]
    fn an_image_that_cannot_be_pulled_is_the_reason() {
        let task = Task {
            stopped_reason: Some("Task failed to start".into()),
            containers: vec![container("web", None, Some("CannotPullContainerError: not found"))],
            ..Task::default()
        };
        let reason = seen().task(task).reason;
        assert_eq!(reason.as_deref(), Some("CannotPullContainerError: not found"));
    }

    #[test]
    fn a_group_is_said_where_there_is_no_service() {
        let task = Task { group: Some("family:migrate".into()), ..Task::default() };
        let record = seen().task(task);
        assert_eq!((record.service, record.group.as_deref()), (None, Some("family:migrate")));
    }
}
