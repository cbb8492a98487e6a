//! The newest N, read from the end: a page or two of each source, newest first.
//!
//! FilterLogEvents reads newest first since 2026, for windows that begin in 2024 or later. What does
//! not know that (older endpoints, other implementations, which may ignore the parameter without a
//! word), and conditions that hardly any event meets, are read in slices from the end instead; see
//! [`plan::newest_first`].

use std::collections::VecDeque;

use aws::{Door, Doors};
use futures_util::future::join_all;

use crate::cloudwatch::First;
use crate::cursor::{Arrival, Ask, Page};
use crate::event::LogRecord;
use crate::pages::Pages;
use crate::plan::{self, Source};
use crate::shards::Lane;
use crate::sieve::{Sieve, Sifted};
use crate::stream::{Query, Summary, key};

/// 2024-01-01T00:00:00Z ("startFromHead" in the API reference of FilterLogEvents).
const SINCE: i64 = 1_704_067_200_000;

/// So many events are asked for at least.
const A_FEW: i32 = 10;

/// What was found from the end.
#[derive(Debug, Default)]
pub(crate) struct Newest {
    /// The newest records, in order of time.
    pub(crate) records: VecDeque<LogRecord>,
    /// Before this, in milliseconds, nothing was read yet, and more is wanted.
    pub(crate) unread_until: Option<i64>,
}

/// One source, read from its end.
struct Backward {
    pages: Pages,
    sieve: Sieve,
    ask: Ask,
    found: Vec<LogRecord>,
    /// Pages that were read, those of them without an event, and events without a level.
    read: usize,
    empty: u64,
    without_level: u64,
    state: State,
}

/// How far a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Everything after this millisecond is known.
    Reached(i64),
    /// There is no more.
    Ended,
    /// It cannot be read from its end.
    Cannot,
}

/// Reads the newest `wanted` records of all sources, as far as that is quick from the end.
pub(crate) async fn newest(
    doors: &Doors,
    query: &Query,
    wanted: usize,
    summary: &mut Summary,
) -> Newest {
    let (start, end) = (query.start.millis(), query.end.millis());
    let untouched = Newest { unread_until: Some(end), ..Newest::default() };
    let sources = query.sources();
    if start < SINCE || start >= end || wanted == 0 || sources.is_empty() {
        return untouched;
    }
    let most = plan::page_limit(sources.len());
    let limit = match query.selection.is_everything() {
        // A single event says nothing of the direction.
        true => i32::try_from(wanted).unwrap_or(most).max(A_FEW).min(most),
        false => most,
    };
    // Beyond that, slices are quicker: they are read side by side.
    let patience = wanted.div_ceil(usize::try_from(limit).unwrap_or(1)) + 2;
    let ask = Ask { first: start, last: end - 1, limit, token: None };
    let begin = |source: Source| {
        let door = doors.of(source.group.profile.as_deref());
        Backward::new(door, source, query, ask.clone())
    };
    let mut lanes: Vec<Backward> = sources.into_iter().map(begin).collect();
    loop {
        if lanes.iter().any(|lane| lane.state == State::Cannot) {
            lanes.iter().for_each(|lane| lane.count(summary));
            return untouched;
        }
        let floor = floor(lanes.iter().map(|lane| lane.state));
        let is_known = |record: &LogRecord| floor.is_none_or(|at| record.time.millis() > at);
        let is_enough = |at: i64| {
            // A source that was asked for no more than is wanted has nothing newer than what it gave.
            let known = if query.selection.is_everything() { at } else { at + 1 };
            let found = lanes.iter().flat_map(|lane| &lane.found);
            found.filter(|record| record.time.millis() >= known).count() >= wanted
        };
        let enough = floor.is_none_or(is_enough);
        let shallowest = |lane: &Backward| floor.is_some_and(|at| lane.state == State::Reached(at));
        let gives_up = lanes.iter().any(|lane| shallowest(lane) && lane.read >= patience);
        if enough || gives_up {
            lanes.iter().for_each(|lane| lane.count(summary));
            let found = lanes.into_iter().flat_map(|lane| lane.found);
            let mut records: Vec<LogRecord> = found.filter(|r| enough || is_known(r)).collect();
            records.sort_by_cached_key(key);
            records.drain(..records.len().saturating_sub(wanted));
            let unread_until = floor.filter(|_| !enough).map(|at| at + 1);
            return Newest { records: records.into(), unread_until };
        }
        let read = lanes.iter_mut().filter(|lane| shallowest(lane)).map(Backward::read);
        join_all(read).await;
    }
}

/// The latest moment up to which some source may have more; none when all of them ended.
fn floor(states: impl Iterator<Item = State>) -> Option<i64> {
    let reached = |state| match state {
        State::Reached(at) => Some(at),
        State::Ended | State::Cannot => None,
    };
    states.filter_map(reached).max()
}

impl Backward {
    fn new(door: &Door, source: Source, query: &Query, ask: Ask) -> Self {
        let sieve = Sieve::new(door, &source, &query.selection);
        let pages = Pages::new(door, source, query.filter_pattern.clone());
        let state = State::Reached(ask.last);
        Self { pages, sieve, ask, found: Vec::new(), read: 0, empty: 0, without_level: 0, state }
    }

    fn count(&self, summary: &mut Summary) {
        summary.pages += self.read as u64;
        summary.empty_pages += self.empty;
        summary.without_level += self.without_level;
    }

    /// Reads the next page. What fails here is read in slices, and said there.
    async fn read(&mut self) {
        let turn = self.pages.turn(Lane::Group).await;
        let Ok(page) = self.pages.get_in(turn, &self.ask, First::Newest).await else {
            self.state = State::Cannot;
            return;
        };
        self.read += 1;
        self.empty += u64::from(page.events.is_empty());
        self.state = after(self.state, &page);
        self.ask.token = page.token;
        let arrivals = page.events.into_iter().map(Arrival::from).collect();
        let Sifted { records, without_level } = self.sieve.sift(arrivals).await;
        self.found.extend(records);
        self.without_level += without_level;
    }
}

/// How far a source is after a page.
fn after(state: State, page: &Page) -> State {
    if page.token.is_none() {
        return State::Ended;
    }
    let (Some(first), Some(last)) = (page.events.first(), page.events.last()) else {
        return state;
    };
    let falls = page.events.is_sorted_by(|a, b| a.time >= b.time) && first.time > last.time;
    match state {
        // Where all are equal, nobody can tell which way it goes.
        State::Reached(at) if falls && last.time <= at => State::Reached(last.time),
        _ => State::Cannot,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Event;

    fn page(times: &[i64], token: Option<&str>) -> Page {
        let event = |time: &i64| Event {
            stream: "s".into(),
            time: *time,
            ingested: None,
            id: None,
            text: String::new(),
            repaired: false,
        };
        Page { events: times.iter().map(event).collect(), token: token.map(str::to_owned) }
    }

    #[test]
    fn a_page_that_falls_tells_how_far_it_reached() {
        let state = State::Reached(100);
        assert_eq!(after(state, &page(&[90, 80, 80], Some("t"))), State::Reached(80));
        assert_eq!(after(state, &page(&[], Some("t"))), state);
        assert_eq!(after(state, &page(&[80, 90], None)), State::Ended);
    }

    #[test]
    fn what_ignores_the_direction_is_not_believed() {
        let state = State::Reached(100);
        assert_eq!(after(state, &page(&[80, 90], Some("t"))), State::Cannot);
        assert_eq!(after(state, &page(&[80, 80], Some("t"))), State::Cannot);
        assert_eq!(after(State::Reached(70), &page(&[90, 80], Some("t"))), State::Cannot);
    }

    #[test]
    fn nothing_is_certain_before_the_source_that_is_read_least() {
        let states = [State::Reached(50), State::Ended, State::Reached(80)];
        assert_eq!(floor(states.into_iter()), Some(80));
        assert_eq!(floor([State::Ended].into_iter()), None);
    }
}
