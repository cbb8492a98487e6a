//! Why tasks stopped, the most frequent reason first. Pure.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use ecs::{Task, without_ids};

use crate::service_record::Stops;

/// Tasks that stopped, by reason and exit code, the most frequent first. Ids in a reason are `…`, so
/// that reasons which differ in nothing else are one. Tasks that still run are not counted.
pub(crate) fn stops(tasks: &[Task]) -> Vec<Stops> {
    let mut by_reason: BTreeMap<(String, Option<i32>), Stops> = BTreeMap::new();
    for task in tasks.iter().filter(|task| task.is_stopped()) {
        let reason = without_ids(task.why_it_stopped().unwrap_or("no reason is given"));
        let exit_code = exit_code(task);
        let stops = by_reason.entry((reason.clone(), exit_code)).or_insert_with(|| Stops {
            reason,
            exit_code,
            tasks: 0,
            latest: None,
        });
        stops.tasks += 1;
        stops.latest = stops.latest.max(task.stopped);
    }
    let mut all: Vec<Stops> = by_reason.into_values().collect();
    all.sort_by_key(|stops| (Reverse(stops.tasks), Reverse(stops.latest)));
    all
}

/// What the container that tells exited with.
pub(crate) fn exit_code(task: &Task) -> Option<i32> {
    task.last_word().and_then(|container| container.exit_code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs::TaskContainer;
    use proptest::prelude::*;
    use record::Time;

    fn stopped(reason: &str, container: Option<(&str, i32)>, at: i64) -> Task {
        Task {
            last_status: Some("STOPPED".to_owned()),
            stopped_reason: Some(reason.to_owned()),
            stopped: Some(Time::from_millis(at)),
            containers: Vec::from_iter(container.map(|(reason, code)| TaskContainer {
                reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
                exit_code: Some(code),
                ..TaskContainer::default()
            })),
            ..Task::default()
        }
    }

    #[test]
    fn the_containers_own_reason_tells_more_than_the_tasks() {
        const MEMORY: &str = "OutOfMemoryError: Container killed due to memory usage";
        let tasks = [
            stopped("Scaling activity initiated by (deployment ecs-svc/1234567890)", None, 1),
            stopped("Essential container in task exited", Some((MEMORY, 137)), 2),
            stopped("Essential container in task exited", Some((MEMORY, 137)), 9),
            stopped("Essential container in task exited", Some(("", 1)), 4),
            stopped("Scaling activity initiated by (deployment ecs-svc/2234567890)", None, 3),
            stopped("Essential container in task exited", Some((MEMORY, 137)), 5),
        ];
        let said: Vec<_> = stops(&tasks)
            .into_iter()
            .map(|stops| {
                (stops.reason, stops.exit_code, stops.tasks, stops.latest.unwrap().millis())
            })
            .collect();
        let line = |reason: &str, code, tasks, at| (reason.to_owned(), code, tasks, at);
        assert_eq!(
            said,
            [
                line(MEMORY, Some(137), 3, 9),
                line("Scaling activity initiated by (deployment ecs-svc/…)", None, 2, 3),
                line("Essential container in task exited", Some(1), 1, 4),
            ]
        );
    }

    #[test]
    fn an_image_that_cannot_be_pulled_is_the_reason_of_a_container_without_an_exit_code() {
        let mut task = stopped("Task failed to start", None, 1);
        task.containers.push(TaskContainer {
            reason: Some("CannotPullContainerError: not found".to_owned()),
            ..TaskContainer::default()
        });
        assert_eq!(task.why_it_stopped(), Some("CannotPullContainerError: not found"));
        assert_eq!(exit_code(&task), None);
    }

    #[test]
    fn a_running_task_is_no_stop() {
        assert!(stops(&[Task::default()]).is_empty());
    }

    proptest! {
        #[test]
        fn each_stopped_task_is_counted_once(
            reasons in prop::collection::vec(("[ab] ecs-svc/[0-9]{1,3}", prop::option::of(0i32..3)), 0..30),
        ) {
            let tasks: Vec<Task> = reasons
                .iter()
                .map(|(reason, code)| stopped(reason, code.map(|code| ("", code)), 1))
                .collect();
            let all = stops(&tasks);
            prop_assert_eq!(all.iter().map(|stops| stops.tasks as usize).sum::<usize>(), tasks.len());
            prop_assert!(all.is_sorted_by_key(|stops| Reverse(stops.tasks)));
            prop_assert!(all.len() <= 2 * 4);
        }
    }
}
