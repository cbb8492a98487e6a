//! Whatever the streams, equal times, equal texts, page sizes and batches: what comes out is what grep
//! makes of each stream.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use record::Time;

use super::groups::{Groups, Key, Next};
use super::trail::Way;
use super::{Extent, Reach, Relation, Shown};
use crate::cloudwatch::{StreamAsk, StreamPage};
use crate::cursor::Event;
use crate::event::{LogRecord, Stream};
use crate::place::Group;
use crate::select::{GrepPattern, Selection};
use crate::stream::MissingCause;

/// An event of a world.
#[derive(Clone, Debug)]
struct Written {
    event: Event,
    /// Its place among all matches, where it is one.
    found: Option<u64>,
}

/// Streams, each in its order.
type World = BTreeMap<String, Vec<Written>>;

/// How a service answers, and how the matches come.
#[derive(Clone, Debug)]
struct Habits {
    /// How many events the pages have, one after the other.
    pages: Vec<usize>,
    /// How many matches come at a time.
    batch: usize,
    /// Which of the pages under way comes first.
    first_to_land: usize,
    side_by_side: usize,
    held: usize,
    ahead: usize,
    /// Each so many pages, one fails.
    fails: Option<usize>,
}

/// What was shown, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    stream: String,
    time: i64,
    ingested: Option<i64>,
    text: String,
    relation: Option<Relation>,
    begins_group: bool,
}

impl Line {
    fn new(event: &Event, relation: Option<Relation>, begins_group: bool) -> Self {
        let Event { stream, time, ingested, text, .. } = event.clone();
        Self { stream, time, ingested, text, relation, begins_group }
    }

    fn is_of(&self, event: &Event) -> bool {
        (&self.stream, self.time, self.ingested, &self.text)
            == (&event.stream, event.time, event.ingested, &event.text)
    }
}

fn worlds() -> impl Strategy<Value = World> {
    // A stream: times, whether ingested later, a text, the order of the match among equal times, and
    // whether a match is found at all (-n, -m and --filter-pattern leave some out).
    let event = (0i64..12, 0i64..2, "[mxy]", any::<u8>(), prop::bool::weighted(0.8));
    let stream = prop::collection::vec(event, 0..30);
    prop::collection::vec(stream, 1..4).prop_map(|streams| {
        let mut world = World::new();
        let mut matches = Vec::new();
        for (number, mut events) in streams.into_iter().enumerate() {
            let stream = format!("s{number}");
            events.sort_by_key(|event| event.0);
            let events: Vec<Written> = events
                .into_iter()
                .enumerate()
                .map(|(place, (time, lag, text, order, is_found))| {
                    let time = 1_000 + time;
                    // Of events that are equal in all, the first ones are found.
                    if text == "m" && is_found {
                        matches.push((time, time + lag, order, stream.clone(), place));
                    }
                    let ingested = Some(time + lag);
                    let event = Event {
                        stream: stream.clone(),
                        time,
                        ingested,
                        id: None,
                        text,
                        repaired: false,
                    };
                    Written { event, found: None }
                })
                .collect();
            world.insert(stream, events);
        }
        matches.sort();
        for (number, (_, _, _, stream, place)) in matches.into_iter().enumerate() {
            let events = world.get_mut(&stream).unwrap();
            let event = events[place].event.clone();
            let equal = events.iter_mut().find(|w| w.event == event && w.found.is_none()).unwrap();
            equal.found = Some(number as u64);
        }
        world
    })
}

fn habits() -> impl Strategy<Value = Habits> {
    (
        // With one that has events, else there would be no end.
        prop::collection::vec(0usize..6, 1..8).prop_map(|pages| [pages, vec![2]].concat()),
        1usize..7,
        0usize..5,
        1usize..6,
        0usize..4,
    )
        .prop_map(|(pages, batch, first_to_land, side_by_side, ahead)| Habits {
            pages,
            batch,
            first_to_land,
            side_by_side,
            held: usize::MAX,
            ahead,
            fails: None,
        })
}

/// How many before and how many after, not both none.
fn extents() -> impl Strategy<Value = (usize, usize)> {
    (1usize..16).prop_map(|number| (number / 4, number % 4))
}

/// What GetLogEvents answers. A token says which way it leads, where it is, and how many pages were
/// empty before it.
fn answer(world: &World, stream: &str, ask: &StreamAsk, size: usize) -> StreamPage {
    let inside: Vec<&Event> = world[stream]
        .iter()
        .map(|written| &written.event)
        .filter(|event| (ask.first..=ask.last).contains(&event.time))
        .collect();
    let (is_on, place, empty) = match &ask.token {
        None => (ask.from_head, if ask.from_head { 0 } else { inside.len() }, 0),
        Some(token) => {
            let mut parts = token.split('-');
            let is_on = parts.next().unwrap() == "f";
            let mut number = || parts.next().unwrap().parse::<usize>().unwrap();
            (is_on, number(), number())
        }
    };
    let size = size.min(usize::try_from(ask.limit).unwrap());
    let (from, to) = match is_on {
        true => (place, (place + size).min(inside.len())),
        false => (place.saturating_sub(size), place),
    };
    let is_end = place == if is_on { inside.len() } else { 0 };
    let empty = if from == to && !is_end { empty + 1 } else { empty };
    StreamPage {
        events: inside[from..to].iter().map(|event| (*event).clone()).collect(),
        forward: Some(format!("f-{to}-{empty}")),
        backward: Some(format!("b-{from}-{empty}")),
    }
}

fn record(event: &Event) -> LogRecord {
    let group =
        Group { profile: None, account: None, region: "r".into(), name: "/g".into(), arn: None };
    let stream = Stream {
        name: event.stream.clone(),
        cluster: None,
        service: None,
        task: None,
        container: None,
    };
    LogRecord {
        time: Time::from_millis(event.time),
        ingested: event.ingested.map(Time::from_millis),
        group: Arc::new(group),
        stream: Arc::new(stream),
        id: None,
        text: event.text.clone(),
        repaired: false,
        late: false,
    }
}

fn line(shown: Shown) -> Line {
    let Shown { record, relation, begins_group } = shown;
    Line {
        stream: record.stream.name.clone(),
        time: record.time.millis(),
        ingested: record.ingested.map(Time::millis),
        text: record.text,
        relation,
        begins_group,
    }
}

/// What the machine makes of a world whose service has `seen` of it; and whether something was missing.
fn shown(
    world: &World,
    seen: &World,
    extent: (usize, usize),
    habits: &Habits,
) -> (Vec<Line>, bool) {
    let (before, after) = extent;
    let extent = Extent { before, after, ahead: habits.ahead, held: habits.held };
    let grep = GrepPattern::new(&["m".to_owned()], false, false, false, false).unwrap();
    let selection = Selection::everything().grep(Some(grep));
    let reach = Reach { start: 1_000, end: 1_012, selection, passed: None, is_over: false };
    let mut groups = Groups::new(extent, reach);
    let matches = matches(world);
    let mut batches = matches.chunks(habits.batch);
    let mut sizes = habits.pages.iter().cycle();
    let mut flights: Vec<(Key, Way, StreamAsk)> = Vec::new();
    let (mut lines, mut is_over, mut pages) = (Vec::new(), false, 0);
    loop {
        match groups.next() {
            Next::Show(shown) => lines.push(line(shown)),
            Next::WantsMatches => match batches.next() {
                Some(batch) => groups.add(batch.iter().map(|event| record(event))),
                None if is_over => break,
                None => {
                    is_over = true;
                    groups.end();
                }
            },
            Next::WantsPage => {
                let room = habits.side_by_side.saturating_sub(flights.len());
                flights.extend(groups.asks(room.max(1)));
                let landed = habits.first_to_land % flights.len();
                let (key, way, ask) = flights.remove(landed);
                pages += 1;
                let page = match habits.fails {
                    Some(each) if pages % each == 0 => Err(MissingCause::Undecodable),
                    _ => Ok(answer(seen, &key.stream, &ask, *sizes.next().unwrap())),
                };
                groups.answer(&key, way, page);
            }
        }
        assert!(pages < 10_000, "it asks without end");
    }
    (lines, !groups.missing().is_empty())
}

/// What `grep -B -A` makes of each stream, its groups in the order of their first match.
fn expected(world: &World, (before, after): (usize, usize)) -> Vec<Line> {
    let mut of_streams: BTreeMap<&str, Vec<Vec<Line>>> = BTreeMap::new();
    for (stream, events) in world {
        let is_match = |place: usize| events[place].found.is_some();
        let is_within = |place: usize, from: usize, to: usize| {
            (from..=to.min(events.len() - 1)).any(|other| is_match(other) && other != place)
        };
        let mut groups: Vec<Vec<Line>> = Vec::new();
        let mut last = None;
        for (place, Written { event, .. }) in events.iter().enumerate() {
            let relation = match place {
                _ if is_match(place) => None,
                _ if is_within(place, place.saturating_sub(after), place) => Some(Relation::After),
                _ if is_within(place, place, place + before) => Some(Relation::Before),
                _ => continue,
            };
            let begins = last.is_none_or(|last| last + 1 != place);
            last = Some(place);
            let line = Line::new(event, relation, begins);
            match groups.last_mut() {
                Some(group) if !begins => group.push(line),
                _ => groups.push(vec![line]),
            }
        }
        groups.reverse();
        of_streams.insert(stream, groups);
    }
    let mut lines: Vec<Line> = Vec::new();
    for event in matches(world) {
        let equal = |written: &&Written| written.event == *event && written.found.is_some();
        let first_ones = |written: &&Written| written.found <= number_of(world, event);
        let wanted = world[&event.stream].iter().filter(equal).filter(first_ones).count();
        let is_shown = |lines: &[Line]| {
            let shown = lines.iter().filter(|line| line.relation.is_none() && line.is_of(event));
            shown.count() >= wanted
        };
        while !is_shown(&lines) {
            let groups = of_streams.get_mut(event.stream.as_str()).unwrap();
            lines.extend(groups.pop().unwrap());
        }
    }
    if let Some(first) = lines.first_mut() {
        first.begins_group = false;
    }
    lines
}

/// All matches, in the order in which they are found.
fn matches(world: &World) -> Vec<&Event> {
    let mut matches: Vec<&Written> =
        world.values().flatten().filter(|written| written.found.is_some()).collect();
    matches.sort_by_key(|written| written.found);
    matches.into_iter().map(|written| &written.event).collect()
}

/// The number of this very event, not of one that is equal.
fn number_of(world: &World, event: &Event) -> Option<u64> {
    world[&event.stream].iter().find(|w| std::ptr::eq(&raw const w.event, event))?.found
}

/// Lines of a stream, without where groups begin.
fn of_stream(lines: &[Line], stream: &str) -> Vec<Line> {
    let of_it = lines.iter().filter(|line| line.stream == stream).cloned();
    of_it.map(|line| Line { begins_group: false, ..line }).collect()
}

fn matches_of(lines: &[Line]) -> Vec<Line> {
    let matches = lines.iter().filter(|line| line.relation.is_none()).cloned();
    let mut matches: Vec<Line> = matches.map(|line| Line { begins_group: false, ..line }).collect();
    matches.sort_by_key(|line| (line.stream.clone(), line.time, line.ingested));
    matches
}

/// No event is shown more often than it was written.
fn none_twice(world: &World, lines: &[Line]) -> bool {
    world.values().flatten().all(|Written { event, .. }| {
        let written = world[&event.stream].iter().filter(|other| other.event == *event).count();
        lines.iter().filter(|line| line.is_of(event)).count() <= written
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn it_is_grep_on_each_stream(
        world in worlds(), extent in extents(), habits in habits(),
    ) {
        let (lines, is_missing) = shown(&world, &world, extent, &habits);
        prop_assert!(!is_missing);
        prop_assert_eq!(lines, expected(&world, extent));
    }

    #[test]
    fn a_group_that_is_divided_has_the_same_events(
        world in worlds(), extent in extents(), habits in habits(), held in 0usize..2_000,
    ) {
        let (lines, _) = shown(&world, &world, extent, &Habits { held, ..habits });
        let expected = expected(&world, extent);
        prop_assert_eq!(lines.len(), expected.len());
        for stream in world.keys() {
            prop_assert_eq!(of_stream(&lines, stream), of_stream(&expected, stream));
        }
    }

    #[test]
    fn what_fails_costs_no_match_and_is_missing(
        world in worlds(), extent in extents(), habits in habits(), each in 1usize..9,
    ) {
        let habits = Habits { fails: Some(each), ..habits };
        let (lines, is_missing) = shown(&world, &world, extent, &habits);
        let expected = expected(&world, extent);
        prop_assert_eq!(matches_of(&lines), matches_of(&expected));
        prop_assert!(none_twice(&world, &lines));
        prop_assert!(is_missing || each > 1 || expected.is_empty());
    }

    #[test]
    fn what_the_stream_does_not_have_yet_is_shown_all_the_same(
        world in worlds(), extent in extents(), habits in habits(), hidden in any::<u64>(),
    ) {
        let mut seen = world.clone();
        for events in seen.values_mut() {
            events.retain(|w| w.found.is_none_or(|number| hidden >> (number % 64) & 1 == 0));
        }
        let (lines, _) = shown(&world, &seen, extent, &habits);
        prop_assert_eq!(matches_of(&lines), matches_of(&expected(&world, extent)));
        prop_assert!(none_twice(&world, &lines));
    }
}
