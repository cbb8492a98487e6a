//! Waiting for a task to stop.

use std::time::Duration;

use aws::Door;
use ecs::{Fleet, Task, short_name};
use record::Time;
use serde::Serialize;
use tokio::sync::mpsc;

use crate::follow::happening::Said;

/// The task that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UntilStopped {
    /// The profile of its account, where one was said.
    pub profile: Option<String>,
    /// The region of its cluster.
    pub region: String,
    /// Its cluster's name.
    pub cluster: String,
    /// Its id.
    pub id: String,
}

/// A task has stopped, as docs/records.md has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskStopped {
    /// When.
    pub time: Time,
    /// `task_stopped`
    pub kind: &'static str,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The cluster's name.
    pub cluster: String,
    /// The service's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The task's id.
    pub task: String,
    /// `family:revision`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// The container that says how it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// What that container exited with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Why, in ECS's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl TaskStopped {
    fn of(task: &Task, region: &str) -> Self {
        let container = task.last_word();
        let reason = container.and_then(|container| container.reason.clone());
        Self {
            time: task.stopped.or(task.started).unwrap_or(Time::from_millis(0)),
            kind: "task_stopped",
            account: task.arn.split(':').nth(4).map(str::to_owned),
            region: region.to_owned(),
            cluster: task.cluster.clone(),
            service: task.service().map(str::to_owned),
            task: task.id.clone(),
            task_definition: task.task_definition.as_deref().map(|arn| short_name(arn).to_owned()),
            container: container.map(|container| container.name.clone()),
            exit_code: container.and_then(|container| container.exit_code),
            reason: reason.or_else(|| task.stopped_reason.clone()),
        }
    }
}

/// Asks ECS every few seconds until the task has stopped.
pub(crate) async fn wait(door: Door, task: UntilStopped, said: mpsc::Sender<Said>) {
    const INTERVAL: Duration = Duration::from_secs(3);
    let fleet = Fleet::new(&door, &task.region, None);
    let ids = [task.id.clone()];
    loop {
        // What cannot be asked just now is asked again.
        if let Ok(tasks) = fleet.tasks(&task.cluster, &ids).await
            && let Some(known) = tasks.iter().find(|known| known.is_stopped())
        {
            let stopped = TaskStopped::of(known, &task.region);
            // When nobody listens any more there is nobody to tell.
            let _ = said.send(Said::Stopped(Box::new(stopped))).await;
            return;
        }
        tokio::select! {
            () = said.closed() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}
