//! Which call made which deployment. Pure.

use std::cmp::Reverse;

use ::record::Time;

use super::event::Called;
use crate::record::{ChangeRecord, Source};

/// A deployment begins so long after the call at most: CloudTrail writes whole seconds, and ECS may
/// take its time.
pub(super) const AFTER_THE_CALL_MS: i64 = 2 * 60_000;
/// Clocks of two services are not one.
pub(super) const BEFORE_THE_CALL_MS: i64 = 5_000;

/// Spans with less than this between them are asked for at once: a call more is dearer than what it
/// leaves out.
const APART_MS: i64 = 15 * 60_000;

/// Whether somebody is to be found for a change.
pub(super) fn wants_an_actor(change: &ChangeRecord, region: &str) -> bool {
    change.source == Source::Ecs
        && change.actor.is_none()
        && change.region.as_deref() == Some(region)
}

/// The spans in which the calls are that made these changes, the newest first; none touches another.
pub(super) fn spans(times: impl Iterator<Item = Time>) -> Vec<(Time, Time)> {
    let mut times: Vec<i64> = times.map(Time::millis).collect();
    times.sort_unstable_by_key(|time| Reverse(*time));
    let mut spans: Vec<(i64, i64)> = Vec::new();
    for time in times {
        let from = time.saturating_sub(AFTER_THE_CALL_MS);
        let to = time.saturating_add(BEFORE_THE_CALL_MS);
        match spans.last_mut() {
            Some((newest, _)) if newest.saturating_sub(to) < APART_MS => *newest = from,
            _ => spans.push((from, to)),
        }
    }
    spans.into_iter().map(|(from, to)| (Time::from_millis(from), Time::from_millis(to))).collect()
}

/// Gives each change the actor of the call that is nearest to it in time, of its own service. Each
/// call made one change. Says how many got one.
pub(super) fn name(changes: &mut [ChangeRecord], region: &str, calls: &[Called]) -> u64 {
    let mut pairs: Vec<(u64, usize, usize)> = Vec::new();
    for (at, change) in changes.iter().enumerate() {
        if !wants_an_actor(change, region) {
            continue;
        }
        let fitting = calls.iter().enumerate().filter(|(_, call)| made(call, change));
        pairs.extend(
            fitting.map(|(which, call)| {
                (call.time.millis().abs_diff(change.time.millis()), at, which)
            }),
        );
    }
    pairs.sort_unstable();
    let mut used = vec![false; calls.len()];
    let mut named = 0;
    for (_, at, which) in pairs {
        if changes[at].actor.is_none() && !used[which] {
            used[which] = true;
            changes[at].actor = Some(calls[which].actor.clone());
            named += 1;
        }
    }
    named
}

fn made(call: &Called, change: &ChangeRecord) -> bool {
    let after = change.time.millis().saturating_sub(call.time.millis());
    change.system.as_deref() == Some(&call.service)
        && change.cluster.as_deref() == Some(&call.cluster)
        && (-BEFORE_THE_CALL_MS..=AFTER_THE_CALL_MS).contains(&after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Status;
    use proptest::prelude::*;

    fn deployment(service: &str, seconds: i64) -> ChangeRecord {
        let time = Time::from_millis(seconds * 1_000);
        let mut change = ChangeRecord::new(time, Source::Ecs, Status::Applied, "x");
        change.system = Some(service.to_owned());
        change.cluster = Some("prod".to_owned());
        change.region = Some("r".to_owned());
        change
    }

    fn call(service: &str, seconds: i64, actor: &str) -> Called {
        Called {
            time: Time::from_millis(seconds * 1_000),
            cluster: "prod".to_owned(),
            service: service.to_owned(),
            actor: actor.to_owned(),
            id: String::new(),
            scales_to: None,
        }
    }

    fn actors(changes: &[ChangeRecord]) -> Vec<Option<&str>> {
        changes.iter().map(|change| change.actor.as_deref()).collect()
    }

    #[test]
    fn the_nearest_call_to_the_same_service_made_it() {
        let mut changes =
            [deployment("api", 1_000), deployment("web", 1_000), deployment("api", 1_060)];
        let calls = [call("api", 999, "ada"), call("api", 1_058, "bob"), call("web", 400, "eve")];
        assert_eq!(name(&mut changes, "r", &calls), 2);
        assert_eq!(actors(&changes), [Some("ada"), None, Some("bob")]);
    }

    #[test]
    fn each_call_made_one_change() {
        let mut changes = [deployment("api", 1_000), deployment("api", 1_050)];
        assert_eq!(name(&mut changes, "r", &[call("api", 1_000, "ada")]), 1);
        assert_eq!(actors(&changes), [Some("ada"), None]);
    }

    #[test]
    fn another_region_cluster_or_source_is_another_matter_and_a_known_actor_stays() {
        let mut changes = [deployment("api", 10), deployment("api", 10), deployment("api", 10)];
        changes[0].cluster = Some("edge".to_owned());
        changes[1].source = Source::Terraform;
        changes[2].actor = Some("bob".to_owned());
        assert_eq!(name(&mut changes, "r", &[call("api", 10, "ada")]), 0);
        let mut elsewhere = [deployment("api", 10)];
        assert_eq!(name(&mut elsewhere, "other", &[call("api", 10, "ada")]), 0);
    }

    proptest! {
        #[test]
        fn spans_hold_the_call_of_each_change_and_lie_apart(
            times in prop::collection::vec(0i64..10_000, 0..20),
        ) {
            let at = |seconds: i64| Time::from_millis(seconds * 1_000);
            let spans = spans(times.iter().map(|seconds| at(*seconds)));
            for seconds in &times {
                let first = Time::from_millis(seconds * 1_000 - AFTER_THE_CALL_MS);
                prop_assert!(spans.iter().any(|(from, to)| *from <= first && at(*seconds) < *to));
            }
            for pair in spans.windows(2) {
                prop_assert!(pair[0].0.millis() - pair[1].1.millis() >= APART_MS);
            }
        }
    }
}
