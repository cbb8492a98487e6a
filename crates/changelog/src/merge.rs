//! The changes of several sources as one list, in time order.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use crate::record::{ChangeRecord, Source};

/// Which end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The newest change first.
    NewestFirst,
    /// The oldest change first: what `sort` makes of the records of a pipe.
    OldestFirst,
}

/// All changes of all sources in time order. A change that was read twice (a run that the second
/// pass over the workspaces found again) is in it once, as it was read last.
pub fn merge(
    sources: impl IntoIterator<Item = Vec<ChangeRecord>>,
    order: Order,
) -> Vec<ChangeRecord> {
    let mut places = BTreeMap::new();
    let mut merged: Vec<ChangeRecord> = Vec::new();
    for change in sources.into_iter().flatten() {
        match Identity::of(&change).map(|identity| places.entry(identity).or_insert(merged.len())) {
            Some(place) if *place < merged.len() => merged[*place] = change,
            _ => merged.push(change),
        }
    }
    merged.sort_by(|one, other| match order {
        Order::OldestFirst => in_time(one, other),
        Order::NewestFirst => in_time(other, one),
    });
    merged
}

/// What makes two records one change: the same id at the same place. A record without an id is
/// only itself.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    source: Source,
    account: Option<String>,
    region: Option<String>,
    cluster: Option<String>,
    system: Option<String>,
    id: String,
}

impl Identity {
    fn of(change: &ChangeRecord) -> Option<Self> {
        Some(Self {
            source: change.source,
            account: change.account.clone(),
            region: change.region.clone(),
            cluster: change.cluster.clone(),
            system: change.system.clone(),
            id: change.id.clone()?,
        })
    }
}

/// Whether two records are one change, read twice.
pub(crate) fn are_one(one: &ChangeRecord, other: &ChangeRecord) -> bool {
    let place = |change: &ChangeRecord| {
        (change.source, change.account.clone(), change.region.clone(), change.cluster.clone())
    };
    one.id.is_some()
        && one.id == other.id
        && one.system == other.system
        && place(one) == place(other)
}

/// The order of two changes in time. Where the time is the same, names decide, so that the order
/// does not depend on which source answered first.
pub(crate) fn in_time(one: &ChangeRecord, other: &ChangeRecord) -> Ordering {
    fn key(change: &ChangeRecord) -> impl Ord + '_ {
        (
            change.time,
            change.source,
            (&change.account, &change.region, &change.cluster, &change.system),
            &change.id,
            &change.summary,
        )
    }
    key(one).cmp(&key(other))
}

/// The changes for a terminal: those in flight have a section of their own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sections {
    /// Under way, or waiting for somebody; the newest first.
    pub in_flight: Vec<ChangeRecord>,
    /// The others, in the order in which they came.
    pub made: Vec<ChangeRecord>,
}

/// Parts those in flight from the others.
pub fn sections(changes: Vec<ChangeRecord>) -> Sections {
    let (mut in_flight, made): (Vec<_>, Vec<_>) =
        changes.into_iter().partition(ChangeRecord::is_in_flight);
    in_flight.sort_by_key(|change| Reverse(change.time));
    Sections { in_flight, made }
}

#[cfg(test)]
mod tests {
    use ::record::Time;
    use proptest::prelude::*;

    use super::*;
    use crate::record::Status;

    fn change(millis: i64, source: Source, id: Option<&str>) -> ChangeRecord {
        let mut change = ChangeRecord::new(Time::from_millis(millis), source, Status::Applied, "x");
        change.id = id.map(str::to_owned);
        change
    }

    #[test]
    fn a_run_that_was_read_twice_is_there_once_as_it_was_read_last() {
        let first = change(5, Source::Terraform, Some("run-1"));
        let mut again = change(7, Source::Terraform, Some("run-1"));
        again.summary = "confirmed".to_owned();
        let merged = merge([vec![first], vec![again.clone()]], Order::OldestFirst);
        assert_eq!(merged, [again]);
    }

    #[test]
    fn the_same_id_elsewhere_is_another_change() {
        let one = change(5, Source::Ecs, Some("ecs-svc/1"));
        let mut other = one.clone();
        other.cluster = Some("edge".to_owned());
        assert_eq!(merge([vec![one, other]], Order::OldestFirst).len(), 2);
    }

    #[test]
    fn records_without_an_id_are_all_kept() {
        let one = change(5, Source::File, None);
        assert_eq!(merge([vec![one.clone(), one]], Order::OldestFirst).len(), 2);
    }

    #[test]
    fn those_in_flight_have_their_own_section_the_newest_first() {
        let mut flying = [change(3, Source::Ecs, None), change(9, Source::Terraform, None)];
        flying[0].status = Status::InFlight;
        flying[1].status = Status::AwaitingConfirmation;
        let done = change(5, Source::Ecs, None);
        let parted = sections(vec![flying[0].clone(), done.clone(), flying[1].clone()]);
        assert_eq!(parted.in_flight, [flying[1].clone(), flying[0].clone()]);
        assert_eq!(parted.made, [done]);
    }

    fn changes() -> impl Strategy<Value = Vec<ChangeRecord>> {
        let sources = prop_oneof![Just(Source::Terraform), Just(Source::Ecs), Just(Source::File)];
        let one = (0i64..20, sources, proptest::option::of("[a-c]"));
        proptest::collection::vec(
            one.prop_map(|(millis, source, id)| change(millis, source, id.as_deref())),
            0..12,
        )
    }

    proptest! {
        #[test]
        fn the_list_is_in_order_and_the_other_order_is_its_mirror(a in changes(), b in changes()) {
            let oldest = merge([a.clone(), b.clone()], Order::OldestFirst);
            prop_assert!(oldest.is_sorted_by_key(|change| change.time));
            let mut newest = merge([a, b], Order::NewestFirst);
            newest.reverse();
            prop_assert_eq!(oldest, newest);
        }

        #[test]
        fn which_source_answers_first_does_not_matter(a in changes(), b in changes()) {
            // Ids that both have would be read twice, and then the last reading counts.
            let unlike = |changes: Vec<ChangeRecord>, mark: &str| -> Vec<ChangeRecord> {
                let marked = changes.into_iter().enumerate().map(|(at, mut change)| {
                    change.id = Some(format!("{mark}{at}"));
                    change
                });
                marked.collect()
            };
            let (a, b) = (unlike(a, "a"), unlike(b, "b"));
            prop_assert_eq!(
                merge([a.clone(), b.clone()], Order::OldestFirst),
                merge([b, a], Order::OldestFirst)
            );
        }
    }
}
