//! From places to the reads that cover each of their streams exactly once. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::place::{Group, Owner, Place, Streams, Writer};

/// FilterLogEvents takes a hundred stream names at most.
const NAMES_A_READ: usize = 100;

/// Streams of one group that one series of FilterLogEvents pages reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) group: Group,
    pub(crate) streams: Streams,
    pub(crate) writers: Vec<Writer>,
    /// The services that it is read for; none when all that it holds is wanted.
    pub(crate) owners: BTreeSet<Owner>,
    pub(crate) own_tasks: BTreeSet<String>,
}

/// The fewest sources that cover the places; no stream is in two of them.
pub(crate) fn sources(places: Vec<Place>) -> Vec<Source> {
    let mut by_group: BTreeMap<Group, Vec<Place>> = BTreeMap::new();
    for place in places {
        by_group.entry(place.group.clone()).or_default().push(place);
    }
    by_group.into_iter().flat_map(|(group, places)| sources_of_group(&group, &places)).collect()
}

/// The sources that places add to what is known.
pub(crate) fn added(known: &[(Group, Streams)], places: Vec<Place>) -> Vec<Source> {
    let mut added = Vec::new();
    for mut source in sources(places) {
        let of_group: Vec<&Streams> = known
            .iter()
            .filter(|(group, _)| *group == source.group)
            .map(|(_, streams)| streams)
            .collect();
        if let Streams::Named(names) = &mut source.streams {
            names.retain(|name| !of_group.iter().any(|streams| streams.contain(name)));
            if names.is_empty() {
                continue;
            }
        }
        if !of_group.iter().any(|streams| streams.cover(&source.streams)) {
            added.push(source);
        }
    }
    added
}

/// The places without what another of them already covers.
pub fn distinct(places: Vec<Place>) -> Vec<Place> {
    let place = |source: Source| Place {
        streams: source.streams,
        writers: source.writers,
        ..Place::whole(source.group)
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
    let source = |streams: Streams| {
        let read_for: Vec<&Place> = places
            .iter()
            .filter(|place| streams.cover(&place.streams) || place.streams.cover(&streams))
            .collect();
        // Where somebody asked for all of it, all of it is wanted.
        let by_services_only = read_for.iter().all(|place| place.owner.is_some());
        let owners = read_for.iter().filter_map(|place| place.owner.clone());
        Source {
            group: group.clone(),
            owners: if by_services_only { owners.collect() } else { BTreeSet::new() },
            own_tasks: read_for.iter().flat_map(|place| place.own_tasks.clone()).collect(),
            streams,
            writers: writers.clone(),
        }
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

/// Whether a window, in milliseconds, is likely to have more than one page.
pub(crate) fn is_long((start, end): (i64, i64)) -> bool {
    const HOUR_MS: i64 = 3_600_000;
    end - start > HOUR_MS
}

/// The sources with those of a few streams taken apart: a single stream can be read in a second lane.
pub(crate) fn by_stream(sources: Vec<Source>) -> Vec<Source> {
    /// Each costs a request of its own.
    const A_FEW: usize = 4;
    let apart = |source: Source| match &source.streams {
        Streams::Named(names) if (2..=A_FEW).contains(&names.len()) => names
            .iter()
            .map(|name| Source {
                streams: Streams::Named(BTreeSet::from([name.clone()])),
                ..source.clone()
            })
            .collect(),
        _ => vec![source],
    };
    sources.into_iter().flat_map(apart).collect()
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
        Group {
            profile: None,
            account: None,
            region: "us-east-1".into(),
            name: name.into(),
            arn: None,
        }
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
    fn only_what_is_not_known_is_added() {
        let known =
            [(group("/g"), Streams::Prefix("a/".into())), (group("/g"), named(&["x1", "x2"]))];
        let now = vec![
            place("/g", Streams::Prefix("a/web/".into())),
            place("/g", named(&["x2", "x3"])),
            place("/h", Streams::All),
        ];
        let added: Vec<_> =
            added(&known, now).into_iter().map(|s| (s.group.name, s.streams)).collect();
        assert_eq!(added, [("/g".into(), named(&["x3"])), ("/h".into(), Streams::All)]);
    }

    #[test]
    fn more_than_a_hundred_names_are_several_reads() {
        let names: BTreeSet<String> = (0..250).map(|n| format!("s{n:03}")).collect();
        let sources = sources(vec![place("/g", Streams::Named(names))]);
        assert_eq!(sources.len(), 3);
    }

    #[test]
    fn a_few_streams_are_read_one_by_one_and_many_together() {
        let few = sources(vec![place("/g", named(&["a", "b"])), place("/h", Streams::All)]);
        let read: Vec<_> = by_stream(few).into_iter().map(|source| source.streams).collect();
        assert_eq!(read, [named(&["a"]), named(&["b"]), Streams::All]);
        let many = sources(vec![place("/g", named(&["a", "b", "c", "d", "e"]))]);
        assert_eq!(by_stream(many.clone()), many);
    }

    #[test]
    fn a_source_knows_whom_it_is_read_for() {
        let of = |service: &str, task: &str| Place {
            owner: Some(Owner {
                region: "us-east-1".into(),
                cluster: "prod".into(),
                service: service.into(),
            }),
            own_tasks: BTreeSet::from([task.to_owned()]),
            ..place("/g", Streams::Prefix("ecs/".into()))
        };
        let both = sources(vec![of("api", "t1"), of("worker", "t2")]);
        assert_eq!((both.len(), both[0].owners.len(), both[0].own_tasks.len()), (1, 2, 2));
        let whole = sources(vec![of("api", "t1"), place("/g", Streams::All)]);
        assert!(whole[0].owners.is_empty(), "all of the group is wanted");
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
