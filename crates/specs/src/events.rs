//! The events of a service for people: what ECS says again and again is said once. Pure.

use std::cmp::Reverse;

use ecs::Event;
use record::Time;
use serde::Serialize;

use ecs::without_numbers;

/// What ECS said, once or several times in a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventSaid {
    /// When it was said last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// When it was said first, of several times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
    /// So many times.
    pub count: u32,
    /// In ECS's words, as it was said last.
    pub message: String,
}

/// Events, the newest first. Those in a row that differ in ids, ARNs and numbers only are one.
pub(crate) fn events(events: &[Event]) -> Vec<EventSaid> {
    let mut newest_first: Vec<&Event> = events.iter().collect();
    newest_first.sort_by_key(|event| Reverse(event.time));
    let mut all: Vec<(String, EventSaid)> = Vec::new();
    for event in newest_first {
        let gist = without_numbers(&event.message);
        match all.last_mut() {
            Some((same, said)) if *same == gist => {
                said.count += 1;
                said.since = event.time.or(said.since);
            }
            _ => {
                let message = event.message.clone();
                all.push((gist, EventSaid { time: event.time, since: None, count: 1, message }));
            }
        }
    }
    all.into_iter().map(|(_, said)| said).collect()
}

/// What an event says beyond the service and the deployment that it is of:
/// `(service api) (deployment ecs-svc/1) deployment completed.` is `deployment completed.`
pub(crate) fn words(message: &str) -> &str {
    let mut rest = message.trim_start();
    for subject in ["(service ", "(deployment "] {
        let after = rest.strip_prefix(subject).and_then(|text| text.split_once(')'));
        rest = after.map_or(rest, |(_, text)| text.trim_start());
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(at: i64, message: &str) -> Event {
        Event { time: Some(Time::from_millis(at)), message: message.to_owned() }
    }

    #[test]
    fn what_is_said_again_in_a_row_is_said_once() {
        let steady = "(service api) has reached a steady state.";
        let all = events(&[
            event(1, "(service api) has started 2 tasks: (task 0f9de17a6465) (task 0f9de17a6466)."),
            event(2, steady),
            event(9, steady),
            event(5, steady),
            event(12, "(service api) has started 1 tasks: (task 0f9de17a6467)."),
        ]);
        let said: Vec<_> = all
            .iter()
            .map(|said| (said.time.unwrap().millis(), said.since.map(Time::millis), said.count))
            .collect();
        assert_eq!(said, [(12, None, 1), (9, Some(2), 3), (1, None, 1)]);
        assert_eq!(all[1].message, steady);
    }

    #[test]
    fn the_words_of_an_event_are_what_is_new_in_it() {
        let failed = "(service a) (deployment ecs-svc/1) deployment failed: tasks failed to start.";
        assert_eq!(words(failed), "deployment failed: tasks failed to start.");
        assert_eq!(words("(service a) has reached a steady state."), "has reached a steady state.");
        assert_eq!(words("(service a, taskSet ecs-svc/1) has x."), "has x.");
        assert_eq!(words("service a was unable"), "service a was unable");
        assert_eq!(words("(service a"), "(service a");
    }

    proptest! {
        #[test]
        fn counts_add_up_to_the_number_of_events(
            all in prop::collection::vec((prop::option::of(0i64..20), "(started [0-9]|steady|[a-c])"), 0..40),
        ) {
            let all: Vec<Event> = all
                .into_iter()
                .map(|(time, message)| Event { time: time.map(Time::from_millis), message })
                .collect();
            let said = events(&all);
            prop_assert_eq!(said.iter().map(|said| said.count as usize).sum::<usize>(), all.len());
            prop_assert!(said.is_sorted_by_key(|said| Reverse(said.time)));
            prop_assert!(said.iter().all(|said| said.since.is_none() || said.since <= said.time));
        }
    }
}
