//! Order and completeness over random worlds: whatever the groups, streams, equal times, page sizes
//! and habits of the service, what comes out is what was written, once each, in order.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::cursor::{Ask, Event, Page, order};
use crate::merge::Merge;
use crate::place::{Group, Place, Streams};
use crate::plan;
use crate::shards::{Lane, Manner, Number, Shards};

/// What was written, by group.
type World = BTreeMap<String, Vec<Event>>;

/// How a service answers.
#[derive(Clone, Debug)]
struct Habits {
    /// Events a page holds at the most.
    page: usize,
    /// Events that are looked at for a page at the most.
    scan: usize,
    /// Each page is preceded by so many empty ones, with a token of their own.
    empty: usize,
    /// The token of an empty page is given twice.
    stutters: bool,
    /// Only events that say this are given: the server searches.
    pattern: Option<&'static str>,
    /// Every so many calls a token is refused, three times in all.
    refuses: Option<u64>,
}

impl Habits {
    fn wants(&self, event: &Event) -> bool {
        self.pattern.is_none_or(|pattern| event.text == pattern)
    }
}

fn answer(world: &World, source: &plan::Source, habits: &Habits, ask: &Ask) -> Page {
    let inside: Vec<&Event> = world[&source.group.name]
        .iter()
        .filter(|event| source.streams.contain(&event.stream))
        .filter(|event| (ask.first..=ask.last).contains(&event.time))
        .collect();
    // A token says where the page begins, how many empty pages are still to come, and whether this
    // token was already given back once.
    let parse = |token: &str| {
        let mut numbers = token.split('-').map(|number| number.parse::<usize>().unwrap());
        (numbers.next().unwrap(), numbers.next().unwrap(), numbers.next().unwrap())
    };
    let (from, empty, given) = ask.token.as_deref().map_or((0, habits.empty, 0), parse);
    if empty > 0 {
        let token = match habits.stutters && given == 0 && ask.token.is_some() {
            true => format!("{from}-{empty}-1"),
            false => format!("{from}-{}-0", empty - 1),
        };
        return Page { events: Vec::new(), token: Some(token) };
    }
    let most = habits.page.min(usize::try_from(ask.limit).unwrap());
    let (mut to, mut events) = (from, Vec::new());
    while to < inside.len() && to - from < habits.scan && events.len() < most {
        events.extend(habits.wants(inside[to]).then(|| inside[to].clone()));
        to += 1;
    }
    let token = (to < inside.len()).then(|| format!("{to}-{}-0", habits.empty));
    Page { events, token }
}

/// Reads the places as the product does: the shards of each source side by side, whose answers come
/// in any order.
fn read(
    world: &World,
    places: Vec<Place>,
    window: (i64, i64),
    habits: &Habits,
    manner: (u32, u32),
    seed: u64,
) -> Vec<(String, Event)> {
    type Key = (i64, Option<i64>, Option<String>);
    let sources = plan::sources(places);
    let (openers, side_by_side) = manner;
    let manner = Manner {
        limit: plan::page_limit(sources.len()),
        searched: habits.pattern.is_some(),
        openers,
    };
    let mut shards: Vec<Shards<Vec<(String, Event)>>> =
        sources.iter().map(|_| Shards::new(window, manner)).collect();
    let mut flights: Vec<Vec<(Number, Ask)>> = vec![Vec::new(); sources.len()];
    let key =
        |(_, event): &(String, Event)| -> Key { (event.time, event.ingested, event.id.clone()) };
    let mut merge: Merge<Key, (String, Event)> = Merge::new(sources.len(), key);
    let (mut read, mut dice, mut calls, mut refusals) = (Vec::new(), seed, 0u64, 0);
    let mut throw = |sides: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(dice >> 33).unwrap() % sides
    };
    loop {
        while let Some(lane) = merge.waits_for() {
            let (shards, flights) = (&mut shards[lane], &mut flights[lane]);
            let room = |flights: &Vec<_>| flights.len() < side_by_side as usize;
            while let Some(flight) = shards.ask(Lane::Group, room(flights)) {
                flights.push(flight);
            }
            if let Some(events) = shards.take() {
                merge.add(lane, events);
                continue;
            }
            if shards.is_over() {
                merge.end(lane);
                continue;
            }
            let (number, ask) = flights.swap_remove(throw(flights.len()));
            calls += 1;
            assert!(calls < 20_000, "no end is in sight");
            let refused = habits.refuses.is_some_and(|every| calls.is_multiple_of(every));
            if refused && ask.token.is_some() && refusals < 3 {
                refusals += 1;
                shards.token_refused(number);
                continue;
            }
            let events = shards.answer(number, answer(world, &sources[lane], habits, &ask));
            let group = &sources[lane].group.name;
            shards.hold(number, events.into_iter().map(|event| (group.clone(), event)).collect());
            assert!(shards.gaps(number).is_empty());
        }
        let batch = merge.pop_many(7);
        if batch.is_empty() {
            return read;
        }
        read.extend(batch);
    }
}

fn group(name: &str) -> Group {
    Group { profile: None, account: None, region: "r".into(), name: name.into(), arn: None }
}

fn any_world() -> impl Strategy<Value = World> {
    // Few streams, few texts and a narrow range of times: equal everything is common.
    let event = (0usize..4, 0i64..300, 0i64..3, 0usize..2);
    let group = proptest::collection::vec(event, 0..80);
    proptest::collection::vec(group, 1..4).prop_map(|groups| {
        let mut id = 0;
        let groups = groups.into_iter().enumerate().map(|(number, events)| {
            let events = events.into_iter().map(|(stream, time, lag, text)| {
                id += 1;
                Event {
                    stream: format!("{}/{stream}", ["a", "b"][stream % 2]),
                    time,
                    ingested: Some(time + lag),
                    id: Some(format!("{id:056}")),
                    text: ["same", "other"][text].to_owned(),
                    repaired: false,
                }
            });
            let mut events: Vec<Event> = events.collect();
            events.sort_by(|a, b| order(a).cmp(&order(b)));
            (format!("/g{number}"), events)
        });
        groups.collect()
    })
}

fn any_streams() -> impl Strategy<Value = Streams> {
    prop_oneof![
        Just(Streams::All),
        prop_oneof![Just("a/"), Just("b/"), Just("")]
            .prop_map(|prefix| Streams::Prefix(prefix.into())),
        proptest::collection::btree_set(prop_oneof![Just("a/0"), Just("b/1"), Just("a/2")], 1..3)
            .prop_map(|names| Streams::Named(names.into_iter().map(str::to_owned).collect())),
    ]
}

fn any_habits() -> impl Strategy<Value = Habits> {
    let pattern = proptest::option::of(prop_oneof![Just("same"), Just("other"), Just("absent")]);
    let refuses = proptest::option::weighted(0.3, 3u64..9);
    (1usize..25, 1usize..40, 0usize..3, any::<bool>(), pattern, refuses).prop_map(
        |(page, scan, empty, stutters, pattern, refuses)| {
            // Without a search, every event that is looked at is given.
            let scan = if pattern.is_some() { scan } else { usize::MAX };
            Habits { page, scan, empty, stutters, pattern, refuses }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_comes_out_is_what_was_written(
        world in any_world(),
        wanted in proptest::collection::vec((0usize..3, any_streams()), 1..5),
        window in (0i64..300, 1i64..300),
        habits in any_habits(),
        manner in (1u32..5, 1u32..9),
        seed in any::<u64>(),
    ) {
        let (start, end) = (window.0, window.0 + window.1);
        let name = |number: usize| format!("/g{}", number % world.len());
        let places: Vec<Place> = wanted
            .iter()
            .map(|(number, streams)| Place { streams: streams.clone(), ..Place::whole(group(&name(*number))) })
            .collect();
        let asked = |group: &str, event: &Event| {
            (start..end).contains(&event.time)
                && habits.wants(event)
                && places.iter().any(|place| place.group.name == group && place.streams.contain(&event.stream))
        };
        let mut expected: Vec<(String, Event)> = Vec::new();
        for (group, events) in &world {
            let events = events.iter().filter(|event| asked(group, event));
            expected.extend(events.map(|event| (group.clone(), event.clone())));
        }
        expected.sort_by(|(_, a), (_, b)| order(a).cmp(&order(b)));

        let read = read(&world, places.clone(), (start, end), &habits, manner, seed);
        prop_assert_eq!(&read, &expected);

        // The newest N, slice by slice from the end, are the end of the whole.
        let slices = plan::newest_first(start, end);
        let by_slices: Vec<(String, Event)> = slices
            .into_iter()
            .rev()
            .flat_map(|slice| self::read(&world, places.clone(), slice, &habits, manner, seed))
            .collect();
        prop_assert_eq!(by_slices, expected);
        let ids: BTreeSet<_> = read.iter().map(|(_, event)| event.id.clone()).collect();
        prop_assert_eq!(ids.len(), read.len());
    }
}

/// Each page of the search is preceded by empty ones: a shard of two milliseconds was cut into itself.
#[test]
fn a_search_that_is_cut_in_vain_comes_to_an_end() {
    let event = |time: i64, id: u32, text: &str| Event {
        stream: "a/0".into(),
        time,
        ingested: Some(time),
        id: Some(format!("{id:056}")),
        text: text.into(),
        repaired: false,
    };
    let events = vec![event(201, 3, "other"), event(278, 1, "other"), event(278, 2, "same")];
    let world = World::from([("/g0".to_owned(), events)]);
    let pattern = Some("same");
    let habits = Habits { page: 1, scan: 1, empty: 1, stutters: true, pattern, refuses: None };
    let places = vec![Place::whole(group("/g0"))];
    let found = read(&world, places, (198, 330), &habits, (3, 1), 0);
    assert_eq!(found.len(), 1);
}
