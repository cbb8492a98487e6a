//! What became of the tasks that a deployment brought, out of the stopped tasks that ECS still
//! shows: those of about the last hour. Pure.

use std::collections::BTreeMap;

use ::record::Time;
use ecs::{Task, without_ids};

use crate::aftermath::Aftermath;

/// Whose tasks are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Brought<'a> {
    /// The service's name.
    pub(super) service: &'a str,
    /// `ecs-svc/N`: what its tasks carry as `startedBy`.
    pub(super) deployment: &'a str,
}

impl Brought<'_> {
    fn has(&self, task: &Task) -> bool {
        task.service() == Some(self.service) && task.started_by.as_deref() == Some(self.deployment)
    }
}

/// What became of the tasks of a deployment. `failed_tasks` is what ECS counts itself, where it
/// still does.
pub(super) fn aftermath(
    brought: &Brought<'_>,
    rollout: Option<&str>,
    failed_tasks: u64,
    stopped: &[Task],
) -> Aftermath {
    let of_it: Vec<&Task> = stopped.iter().filter(|task| brought.has(task)).collect();
    let dead: Vec<&Task> = of_it.iter().copied().filter(|task| died(task)).collect();
    let never_started = of_it.iter().filter(|task| failed_to_start(task)).count() as u64;
    let ends = || dead.iter().filter_map(|task| end(task));
    // Where nothing died of itself, what kept its tasks from starting is the reason.
    let reasons = if dead.is_empty() {
        of_it.iter().copied().filter(|task| failed_to_start(task)).collect()
    } else {
        dead.clone()
    };
    Aftermath {
        rollout: rollout.map(str::to_owned),
        // ECS counts a task that died before it was healthy, too: it is told as dead already.
        failed_tasks: failed_tasks.saturating_sub(dead.len() as u64).max(never_started),
        deaths: dead.len() as u64,
        first_death: ends().min(),
        last_death: ends().max(),
        death_reason: commonest(&reasons),
    }
}

fn end(task: &Task) -> Option<Time> {
    task.stopping.or(task.stopped)
}

/// Whether a task died of itself. What a person, a scaling or a newer deployment stopped did not;
/// the scheduler stops a task too when its health check fails.
///
/// Source: `stopCode` and "Stopped tasks error messages" in the ECS developer guide.
pub(super) fn died(task: &Task) -> bool {
    match task.stop_code.as_deref() {
        Some("EssentialContainerExited") => true,
        Some("ServiceSchedulerInitiated") => {
            let reason = task.stopped_reason.as_deref().unwrap_or_default();
            reason.to_ascii_lowercase().contains("health check")
        }
        _ => false,
    }
}

pub(super) fn failed_to_start(task: &Task) -> bool {
    task.stop_code.as_deref() == Some("TaskFailedToStart")
}

/// The reason that most of them have, without the ids in it; of two that are as common, the one
/// that comes first in the alphabet.
fn commonest(tasks: &[&Task]) -> Option<String> {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for reason in tasks.iter().filter_map(|task| task.why_it_stopped()) {
        *counted.entry(without_ids(reason)).or_default() += 1;
    }
    let most = counted.values().copied().max()?;
    counted.into_iter().find(|(_, count)| *count == most).map(|(reason, _)| reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BROUGHT: Brought<'_> = Brought { service: "api", deployment: "ecs-svc/2" };

    fn stopped(deployment: &str, code: &str, reason: &str, at: i64) -> Task {
        Task {
            group: Some("service:api".to_owned()),
            started_by: Some(deployment.to_owned()),
            stop_code: Some(code.to_owned()),
            stopped_reason: Some(reason.to_owned()),
            stopping: Some(Time::from_millis(at)),
            ..Task::default()
        }
    }

    #[test]
    fn only_tasks_that_died_of_themselves_count() {
        let tasks = [
            stopped(
                "ecs-svc/2",
                "EssentialContainerExited",
                "Essential container in task exited",
                5,
            ),
            stopped(
                "ecs-svc/2",
                "EssentialContainerExited",
                "Essential container in task exited",
                9,
            ),
            stopped(
                "ecs-svc/2",
                "ServiceSchedulerInitiated",
                "Task failed container health checks",
                7,
            ),
            stopped(
                "ecs-svc/2",
                "ServiceSchedulerInitiated",
                "Scaling activity initiated by (deployment ecs-svc/3)",
                8,
            ),
            stopped("ecs-svc/2", "UserInitiated", "Task stopped by user", 2),
            stopped(
                "ecs-svc/1",
                "EssentialContainerExited",
                "Essential container in task exited",
                1,
            ),
        ];
        let after = aftermath(&BROUGHT, Some("COMPLETED"), 0, &tasks);
        assert_eq!((after.deaths, after.failed_tasks), (3, 0));
        assert_eq!(after.first_death, Some(Time::from_millis(5)));
        assert_eq!(after.last_death, Some(Time::from_millis(9)));
        assert_eq!(after.death_reason.as_deref(), Some("Essential container in task exited"));
    }

    #[test]
    fn tasks_of_another_service_are_another_matter() {
        let mut other = stopped("ecs-svc/2", "EssentialContainerExited", "x", 1);
        other.group = Some("service:web".to_owned());
        assert_eq!(aftermath(&BROUGHT, None, 0, &[other]), Aftermath::default());
    }

    #[test]
    fn what_never_started_is_counted_where_ecs_does_not_count_it_any_more() {
        let reason = "CannotPullContainerError: not found";
        let tasks = [stopped("ecs-svc/2", "TaskFailedToStart", reason, 1)];
        let after = aftermath(&BROUGHT, Some("FAILED"), 0, &tasks);
        assert_eq!((after.deaths, after.failed_tasks), (0, 1));
        assert_eq!(after.death_reason.as_deref(), Some(reason));
        assert_eq!(aftermath(&BROUGHT, Some("FAILED"), 4, &tasks).failed_tasks, 4);
    }

    proptest! {
        #[test]
        fn the_first_death_is_not_after_the_last(
            ends in prop::collection::vec((0i64..100, any::<bool>()), 0..20),
        ) {
            let tasks: Vec<Task> = ends.iter().map(|(at, own)| {
                let code = if *own { "EssentialContainerExited" } else { "UserInitiated" };
                stopped("ecs-svc/2", code, "x", *at)
            }).collect();
            let after = aftermath(&BROUGHT, None, 0, &tasks);
            prop_assert_eq!(after.deaths as usize, ends.iter().filter(|(_, own)| *own).count());
            prop_assert!(after.first_death <= after.last_death);
            prop_assert_eq!(after.first_death.is_some(), after.deaths > 0);
        }
    }
}
