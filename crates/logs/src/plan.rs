//! From places to the reads that cover each of their streams exactly once. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::place::{Group, Place, Streams, Writer};

/// FilterLogEvents takes a hundred stream names at most.
const NAMES_A_READ: usize = 100;

/// Streams of one group that one series of FilterLogEvents pages reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) group: Group,
    pub(crate) streams: Streams,
    pub(crate) writers: Vec<Writer>,
    pub(crate) foreign_tasks: BTreeSet<String>,
}

/// The fewest sources that cover the places; no stream is in two of them.
pub(crate) fn sources(places: Vec<Place>) -> Vec<Source> {
    let mut by_group: BTreeMap<Group, Vec<Place>> = BTreeMap::new();
    for place in places {
        by_group.entry(place.group.clone()).or_default().push(place);
    }
    by_group.into_iter().flat_map(|(group, places)| sources_of_group(&group, &places)).collect()
}

/// The places without what another of them already covers.
pub fn distinct(places: Vec<Place>) -> Vec<Place> {
    let place = |source: Source| Place {
        group: source.group,
        streams: source.streams,
        writers: source.writers,
        foreign_tasks: source.foreign_tasks,
    };
    sources(places).into_iter().map(place).collect()
}

fn sources_of_group(group: &Group, places: &[Place]) -> Vec<Source> {
    let mut writers: Vec<Writer> = Vec::new();
    for writer in places.iter().flat_map(|place| &place.writers) {
        if !writers.contains(writer) {
            writers.push(writer.clone());
        }
    }
    let source = |streams: Streams| Source {
        group: group.clone(),
        foreign_tasks: foreign_to_all(places, &streams),
        streams,
        writers: writers.clone(),
    };
    let mut wide: Vec<&Streams> = Vec::new();
    let mut names: BTreeSet<&String> = BTreeSet::new();
    for place in places {
        match &place.streams {
            Streams::Named(some) => names.extend(some),
            streams if wide.iter().any(|known| known.cover(streams)) => {}
            streams => {
                wide.retain(|known| !streams.cover(known));
                wide.push(streams);
            }
        }
    }
    names.retain(|name| !wide.iter().any(|streams| streams.contain(name)));
    let names: Vec<String> = names.into_iter().cloned().collect();
    let named =
        names.chunks(NAMES_A_READ).map(|some| Streams::Named(some.iter().cloned().collect()));
    wide.into_iter().cloned().chain(named).map(source).collect()
}

/// A task is foreign to a source when it is foreign to every place that the source reads for: two
/// services that share a prefix may both have been asked for.
fn foreign_to_all(places: &[Place], streams: &Streams) -> BTreeSet<String> {
    let mut sets = places
        .iter()
        .filter(|place| streams.cover(&place.streams) || place.streams.cover(streams))
        .map(|place| &place.foreign_tasks);
    let Some(first) = sets.next() else { return BTreeSet::new() };
    sets.fold(first.clone(), |common, set| common.intersection(set).cloned().collect())
}

/// The events of a page, so that all sources together stay within bounded memory: what is held is
/// three pages a source (one read, one waiting, one on its way).
pub(crate) fn page_limit(sources: usize) -> i32 {
    /// FilterLogEvents' own maximum, and its default.
    const LARGEST: usize = 10_000;
    const HELD_PAGES: usize = 6;
    let limit = LARGEST * HELD_PAGES / sources.max(HELD_PAGES);
    i32::try_from(limit.max(100)).unwrap_or(100)
}

/// Slices of a window from its end to its beginning, each twice as long as the one before: the
/// newest events are usually in the first. Half-open, in milliseconds.
pub(crate) fn newest_first(start: i64, end: i64) -> Vec<(i64, i64)> {
    const FIRST_SLICE_MS: i64 = 60_000;
    let mut slices = Vec::new();
    let (mut until, mut length) = (end, FIRST_SLICE_MS);
    while until > start {
        let from = until.saturating_sub(length).max(start);
        slices.push((from, until));
        until = from;
        length = length.saturating_mul(2);
    }
    slices
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn group(name: &str) -> Group {
        Group { account: None, region: "us-east-1".into(), name: name.into(), arn: None }
    }

    fn place(name: &str, streams: Streams) -> Place {
        Place { streams, ..Place::whole(group(name)) }
    }

    fn named(names: &[&str]) -> Streams {
        Streams::Named(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn a_whole_group_swallows_its_parts() {
        let places = vec![
            place("/g", Streams::Prefix("a/".into())),
            place("/g", Streams::All),
            place("/g", named(&["b/1"])),
            place("/h", Streams::Prefix("a/".into())),
        ];
        let read: Vec<_> = sources(places).into_iter().map(|s| (s.group.name, s.streams)).collect();
        assert_eq!(
            read,
            [("/g".into(), Streams::All), ("/h".into(), Streams::Prefix("a/".into())),]
        );
    }

    #[test]
    fn more_than_a_hundred_names_are_several_reads() {
        let names: BTreeSet<String> = (0..250).map(|n| format!("s{n:03}")).collect();
        let sources = sources(vec![place("/g", Streams::Named(names))]);
        assert_eq!(sources.len(), 3);
    }

    #[test]
    fn a_task_asked_for_by_one_place_is_not_foreign() {
        let with_foreign = |task: &str| Place {
            foreign_tasks: BTreeSet::from([task.to_owned()]),
            ..place("/g", Streams::Prefix("ecs/".into()))
        };
        let one = sources(vec![with_foreign("t1")]);
        assert_eq!(one[0].foreign_tasks.len(), 1);
        let both = sources(vec![with_foreign("t1"), with_foreign("t2")]);
        assert!(both[0].foreign_tasks.is_empty());
    }

    fn any_streams() -> impl Strategy<Value = Streams> {
        prop_oneof![
            Just(Streams::All),
            "[ab]{1,3}".prop_map(Streams::Prefix),
            proptest::collection::btree_set("[ab]{1,4}", 1..4).prop_map(Streams::Named),
        ]
    }

    proptest! {
        #[test]
        fn every_wanted_stream_is_read_once_and_no_other(
            wanted in proptest::collection::vec(any_streams(), 1..5),
            names in proptest::collection::btree_set("[ab]{1,4}", 1..20),
        ) {
            let places = wanted.iter().map(|streams| place("/g", streams.clone())).collect();
            let sources = sources(places);
            for name in names {
                let asked = wanted.iter().any(|streams| streams.contain(&name));
                let read = sources.iter().filter(|source| source.streams.contain(&name)).count();
                prop_assert_eq!(read, usize::from(asked), "{}", name);
            }
        }

        #[test]
        fn slices_tile_the_window_backwards(start in 0i64..1_000_000_000, length in 1i64..2_000_000_000) {
            let end = start + length;
            let slices = newest_first(start, end);
            prop_assert_eq!(slices.first().map(|slice| slice.1), Some(end));
            prop_assert_eq!(slices.last().map(|slice| slice.0), Some(start));
            for pair in slices.windows(2) {
                prop_assert_eq!(pair[0].0, pair[1].1);
            }
            prop_assert!(slices.iter().all(|(from, until)| from < until));
            prop_assert!(slices.len() < 40);
        }
    }
}
