//! One source's way through its window: which page to ask for next, and what to believe of the
//! answer. A state machine without a socket: it is told what arrived and says what to ask.
//!
//! What FilterLogEvents does, and the tools before this one stumbled over: a page may be empty and
//! still have a token; the same token may come back; only a missing token is the end. A page that
//! cannot be decoded takes up to 10,000 events with it, so its interval is cut in half again and
//! again until the smallest unreadable one is known.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// An event as the API gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) stream: String,
    /// Milliseconds since the epoch.
    pub(crate) time: i64,
    pub(crate) ingested: Option<i64>,
    pub(crate) id: Option<String>,
    pub(crate) text: String,
    pub(crate) repaired: bool,
}

/// An event that is handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) event: Event,
    /// While following: much later ones were handed on before.
    pub(crate) late: bool,
}

impl From<Event> for Arrival {
    fn from(event: Event) -> Self {
        Self { event, late: false }
    }
}

/// One answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) events: Vec<Event>,
    pub(crate) token: Option<String>,
}

/// One request. Both ends are included, as FilterLogEvents has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) limit: i32,
    pub(crate) token: Option<String>,
}

/// An interval that could not be read, both ends included, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) reason: GapReason,
}

/// Why an interval could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GapReason {
    /// The answer for it cannot be decoded.
    Undecodable,
    /// Answer after answer cannot be decoded: the rest was not asked for.
    GivenUp,
    /// The service hands out the same token without end.
    Stuck,
}

/// So often may the same token come back, on pages without events, before the service is stuck.
const PATIENCE: u32 = 100;

/// So many answers in a row may be undecodable. One bad event costs some thirty on the way down to
/// its millisecond; where nothing at all can be decoded, halving on would ask for every millisecond.
const UNDECODABLE_IN_A_ROW: u32 = 64;

/// Where the reading of a window stands.
#[derive(Debug)]
pub(crate) struct Cursor {
    /// Intervals yet to read; the earliest is last.
    todo: Vec<Interval>,
    current: Option<Progress>,
    seen: Seen,
    gaps: Vec<Gap>,
    undecodable_in_a_row: u32,
}

#[derive(Clone, Copy, Debug)]
struct Interval {
    first: i64,
    last: i64,
    limit: i32,
}

#[derive(Debug)]
struct Progress {
    interval: Interval,
    token: Option<String>,
    /// How often this token came back.
    repeats: u32,
    /// The latest time that was read.
    reached: i64,
}

impl Cursor {
    /// Begins a half-open window, `limit` events a page.
    pub(crate) fn new(start: i64, end: i64, limit: i32) -> Self {
        Self::around(start, end, limit, &[])
    }

    /// As [`Cursor::new`], without the intervals that are known to be unreadable.
    pub(crate) fn around(start: i64, end: i64, limit: i32, unreadable: &[Gap]) -> Self {
        let mut gaps: Vec<&Gap> = unreadable.iter().collect();
        gaps.sort_by_key(|gap| gap.first);
        let mut todo = Vec::new();
        let mut first = start;
        for gap in gaps {
            if first < gap.first.min(end) {
                todo.push(Interval { first, last: gap.first.min(end) - 1, limit });
            }
            first = first.max(gap.last.saturating_add(1));
        }
        if first < end {
            todo.push(Interval { first, last: end - 1, limit });
        }
        todo.reverse();
        Self {
            todo,
            current: None,
            seen: Seen::default(),
            gaps: Vec::new(),
            undecodable_in_a_row: 0,
        }
    }

    /// The next request; `None` at the end.
    pub(crate) fn ask(&mut self) -> Option<Ask> {
        if self.current.is_none() {
            let interval = self.todo.pop()?;
            self.current =
                Some(Progress { interval, token: None, repeats: 0, reached: interval.first });
        }
        let progress = self.current.as_ref()?;
        let Interval { first, last, limit } = progress.interval;
        Some(Ask { first, last, limit, token: progress.token.clone() })
    }

    /// The answer to the last request: its events that are new, in order of time.
    pub(crate) fn answer(&mut self, page: Page) -> Vec<Event> {
        self.undecodable_in_a_row = 0;
        let Some(progress) = &mut self.current else { return Vec::new() };
        let mut events = page.events;
        let stalled = events.is_empty() && page.token.is_some() && page.token == progress.token;
        progress.repeats = if stalled { progress.repeats + 1 } else { 0 };
        if let Some(latest) = events.iter().map(|event| event.time).max() {
            progress.reached = progress.reached.max(latest);
        }
        progress.token = page.token;
        if progress.repeats >= PATIENCE {
            let (first, last) = (progress.reached, progress.interval.last);
            self.give_up(Gap { first, last, reason: GapReason::Stuck });
        } else if progress.token.is_none() {
            self.current = None;
        }
        if !events.is_sorted_by(|a, b| order(a) <= order(b)) {
            events.sort_by(|a, b| order(a).cmp(&order(b)));
        }
        // Without a token and without halves to read, no page follows that could bring them again.
        let more_follows = !self.is_over();
        self.seen.keep_new(&mut events, more_follows);
        events
    }

    /// Whether nothing is left to ask for.
    pub(crate) fn is_over(&self) -> bool {
        self.current.is_none() && self.todo.is_empty()
    }

    /// What the token that is at hand still stands for: from the latest time that was read, of which
    /// more may come, to the end. `None` where there are other parts to read.
    pub(crate) fn rest_of_token(&self) -> Option<(i64, i64)> {
        let progress = self.current.as_ref().filter(|_| self.todo.is_empty())?;
        progress.token.as_ref()?;
        Some((progress.reached, progress.interval.last))
    }

    /// Leaves out what is yet to read; what it has seen is for whoever reads on.
    pub(crate) fn cut(&mut self) -> Seen {
        self.current = None;
        self.todo.clear();
        std::mem::take(&mut self.seen)
    }

    /// Knows what another has seen where this one begins.
    pub(crate) fn knows(&mut self, seen: Option<Seen>) {
        self.seen = seen.unwrap_or_default();
    }

    /// The answer to the last request arrived whole and cannot be decoded.
    pub(crate) fn undecodable(&mut self) {
        self.undecodable_in_a_row += 1;
        if self.undecodable_in_a_row > UNDECODABLE_IN_A_ROW
            && let Some((first, last)) = self.unread()
        {
            self.todo.clear();
            self.give_up(Gap { first, last, reason: GapReason::GivenUp });
            return;
        }
        let Some(progress) = self.current.take() else { return };
        let Interval { last, limit, .. } = progress.interval;
        let first = progress.reached.clamp(progress.interval.first, last);
        if first < last {
            let middle = first + (last - first) / 2;
            self.todo.push(Interval { first: middle + 1, last, limit });
            self.todo.push(Interval { first, last: middle, limit });
        } else if limit > 1 {
            // One millisecond: the events before the bad one come on pages of their own.
            self.todo.push(Interval { first, last, limit: 1 });
        } else {
            self.note(Gap { first, last, reason: GapReason::Undecodable });
        }
    }

    /// The token of the last request is not accepted (any more: tokens live for 24 hours). The rest
    /// of the interval is asked for anew; what was read is known.
    pub(crate) fn token_refused(&mut self) {
        if let Some(progress) = self.current.take() {
            let interval = Interval { first: progress.reached, ..progress.interval };
            self.todo.push(interval);
        }
    }

    /// What is yet to read, from the first to the last millisecond.
    pub(crate) fn unread(&self) -> Option<(i64, i64)> {
        let current =
            self.current.as_ref().map(|progress| (progress.reached, progress.interval.last));
        let first =
            current.map(|(reached, _)| reached).or(self.todo.last().map(|todo| todo.first))?;
        let last = self.todo.first().map(|todo| todo.last).or(current.map(|(_, last)| last))?;
        Some((first, last))
    }

    /// What could not be read so far.
    #[cfg(test)]
    pub(crate) fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// What could not be read since this was last asked, as far as it can grow no more.
    pub(crate) fn take_gaps(&mut self) -> Vec<Gap> {
        let settled =
            if self.is_over() { self.gaps.len() } else { self.gaps.len().saturating_sub(1) };
        self.gaps.drain(..settled).collect()
    }

    fn give_up(&mut self, gap: Gap) {
        self.current = None;
        self.note(gap);
    }

    /// Neighbouring gaps are one.
    fn note(&mut self, gap: Gap) {
        match self.gaps.last_mut() {
            Some(known) if known.reason == gap.reason && gap.first <= known.last + 1 => {
                known.last = known.last.max(gap.last);
            }
            _ => self.gaps.push(gap),
        }
    }
}

/// The order of records: time, then ingestion, then id. Ids of one group have the same length, so
/// the order of their text is that of their numbers.
pub(crate) fn order(event: &Event) -> (i64, Option<i64>, Option<&str>) {
    (event.time, event.ingested, event.id.as_deref())
}

/// The identities of the events that may still come a second time: those of the last page that had
/// any, and those of the latest millisecond (a millisecond may fill several pages).
#[derive(Debug, Default)]
pub(crate) struct Seen {
    hasher: RandomState,
    latest: i64,
    of_latest: HashSet<u64>,
    last_page: HashSet<u64>,
}

impl Seen {
    /// Leaves out what came before, and remembers what is new where `more_follows`. The events are in
    /// order.
    fn keep_new(&mut self, events: &mut Vec<Event>, more_follows: bool) {
        let is_first = self.last_page.is_empty() && self.of_latest.is_empty();
        if events.is_empty() || is_first && !more_follows && is_strictly_ordered(events) {
            return;
        }
        let identities = self.identities(events);
        let mut page = HashSet::with_capacity(events.len());
        let mut places = identities.iter();
        events.retain(|event| {
            let Some(&identity) = places.next() else { return true };
            let new = !self.last_page.contains(&identity) && !self.of_latest.contains(&identity);
            let new = page.insert(identity) && new;
            if event.time > self.latest {
                self.latest = event.time;
                self.of_latest.clear();
            }
            if event.time == self.latest {
                self.of_latest.insert(identity);
            }
            new
        });
        self.last_page = page;
    }

    /// An event is known by its id; where the API gives none, by stream, times, exact text, and its
    /// place among equal ones (a program may say the same thing twice in a millisecond).
    fn identities(&self, events: &[Event]) -> Vec<u64> {
        let mut equal: std::collections::HashMap<u64, u32> = std::collections::HashMap::new();
        let identity = |event: &Event| match &event.id {
            Some(id) => self.hasher.hash_one(id),
            None => {
                let parts = (&event.stream, event.time, event.ingested, &event.text);
                let hash = self.hasher.hash_one(parts);
                let ordinal = equal.entry(hash).or_default();
                *ordinal += 1;
                self.hasher.hash_one((hash, *ordinal))
            }
        };
        events.iter().map(identity).collect()
    }
}

/// Whether each event has an id and stands after the one before: then none of them is there twice.
fn is_strictly_ordered(events: &[Event]) -> bool {
    let in_order = |pair: &[Event]| order(&pair[0]) < order(&pair[1]);
    events.iter().all(|event| event.id.is_some()) && events.windows(2).all(in_order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(time: i64, id: usize) -> Event {
        Event {
            stream: format!("s{}", id % 3),
            time,
            ingested: Some(time + 5),
            id: Some(format!("{id:08}")),
            text: "same text".into(),
            repaired: false,
        }
    }

    /// A service that pages as FilterLogEvents does, with all its habits.
    struct Service {
        events: Vec<Event>,
        /// How many events it looks at for a page.
        page: usize,
        /// Every so many pages are empty, or repeat their token once.
        empty_every: usize,
        repeat_every: usize,
        /// Pages that hold one of these ids cannot be decoded.
        bad: HashSet<String>,
        calls: usize,
        repeated: Option<String>,
    }

    impl Service {
        fn get(&mut self, ask: &Ask) -> Option<Page> {
            self.calls += 1;
            assert!(self.calls < 20_000, "the cursor does not end");
            let inside: Vec<&Event> =
                self.events.iter().filter(|e| (ask.first..=ask.last).contains(&e.time)).collect();
            let from: usize = ask.token.as_deref().map_or(0, |token| token.parse().unwrap());
            if self.repeat_every > 0
                && self.calls.is_multiple_of(self.repeat_every)
                && ask.token.is_some()
                && self.repeated != ask.token
            {
                self.repeated = ask.token.clone();
                return Some(Page { events: Vec::new(), token: ask.token.clone() });
            }
            if self.empty_every > 0
                && self.calls.is_multiple_of(self.empty_every)
                && ask.token.is_none()
            {
                return Some(Page { events: Vec::new(), token: Some("0".into()) });
            }
            let to = inside.len().min(from + self.page.min(ask.limit as usize));
            let events: Vec<Event> = inside[from..to].iter().map(|e| (*e).clone()).collect();
            if events.iter().any(|e| self.bad.contains(e.id.as_ref().unwrap())) {
                return None;
            }
            let token = (to < inside.len()).then(|| to.to_string());
            Some(Page { events, token })
        }
    }

    fn read(service: &mut Service, start: i64, end: i64) -> (Vec<Event>, Vec<Gap>) {
        let mut cursor = Cursor::new(start, end, 10_000);
        let mut read = Vec::new();
        while let Some(ask) = cursor.ask() {
            match service.get(&ask) {
                Some(page) => read.extend(cursor.answer(page)),
                None => cursor.undecodable(),
            }
        }
        (read, cursor.gaps().to_vec())
    }

    fn service(times: &[i64]) -> Service {
        let mut events: Vec<Event> =
            times.iter().enumerate().map(|(id, t)| event(*t, id)).collect();
        events.sort_by(|a, b| order(a).cmp(&order(b)));
        Service {
            events,
            page: 10,
            empty_every: 0,
            repeat_every: 0,
            bad: HashSet::new(),
            calls: 0,
            repeated: None,
        }
    }

    #[test]
    fn only_a_missing_token_is_the_end() {
        let mut cursor = Cursor::new(0, 10, 100);
        let empty = |token: Option<&str>| Page { events: vec![], token: token.map(str::to_owned) };
        assert!(cursor.ask().is_some_and(|ask| ask.token.is_none()));
        cursor.answer(empty(Some("a")));
        assert_eq!(cursor.ask().and_then(|ask| ask.token).as_deref(), Some("a"));
        cursor.answer(empty(Some("a")));
        assert_eq!(cursor.ask().and_then(|ask| ask.token).as_deref(), Some("a"));
        cursor.answer(empty(None));
        assert_eq!(cursor.ask(), None);
        assert_eq!(cursor.gaps(), []);
    }

    #[test]
    fn a_token_without_end_is_given_up_and_said() {
        let mut cursor = Cursor::new(0, 10, 100);
        let mut calls = 0;
        while cursor.ask().is_some() {
            calls += 1;
            cursor.answer(Page { events: vec![], token: Some("a".into()) });
        }
        assert_eq!(calls, PATIENCE + 1);
        assert_eq!(cursor.gaps(), [Gap { first: 0, last: 9, reason: GapReason::Stuck }]);
    }

    #[test]
    fn what_is_known_to_be_unreadable_is_not_asked_for() {
        let gap = |first, last| Gap { first, last, reason: GapReason::Undecodable };
        let mut cursor = Cursor::around(0, 100, 10, &[gap(50, 60), gap(10, 10), gap(99, 200)]);
        let mut asked = Vec::new();
        while let Some(ask) = cursor.ask() {
            asked.push((ask.first, ask.last));
            cursor.answer(Page::default());
        }
        assert_eq!(asked, [(0, 9), (11, 49), (61, 98)]);
        assert_eq!(Cursor::around(50, 60, 10, &[gap(40, 70)]).ask(), None);
    }

    #[test]
    fn a_page_that_comes_again_is_not_printed_again() {
        let mut cursor = Cursor::new(0, 10, 100);
        let page = Page { events: vec![event(1, 1), event(2, 2)], token: Some("a".into()) };
        cursor.ask();
        assert_eq!(cursor.answer(page.clone()).len(), 2);
        cursor.ask();
        assert_eq!(cursor.answer(page).len(), 0);
    }

    #[test]
    fn equal_events_without_an_id_are_all_kept() {
        let mut cursor = Cursor::new(0, 10, 100);
        let anonymous = Event { id: None, ..event(1, 0) };
        cursor.ask();
        let page = Page { events: vec![anonymous.clone(), anonymous], token: None };
        assert_eq!(cursor.answer(page).len(), 2);
    }

    #[test]
    fn a_refused_token_begins_again_where_it_was() {
        let mut cursor = Cursor::new(0, 10, 100);
        cursor.ask();
        cursor.answer(Page { events: vec![event(3, 1)], token: Some("old".into()) });
        cursor.token_refused();
        let ask = cursor.ask().unwrap();
        assert_eq!((ask.first, ask.token), (3, None));
        assert_eq!(
            cursor.answer(Page { events: vec![event(3, 1), event(4, 2)], token: None }).len(),
            1
        );
    }

    #[test]
    fn where_nothing_can_be_decoded_it_gives_up_soon() {
        let mut cursor = Cursor::new(0, 900_000, 10_000);
        let mut calls = 0;
        while cursor.ask().is_some() {
            calls += 1;
            cursor.undecodable();
        }
        assert_eq!(calls, UNDECODABLE_IN_A_ROW + 1);
        let missing: i64 = cursor.gaps().iter().map(|gap| gap.last - gap.first + 1).sum();
        assert_eq!(missing, 900_000, "{:?}", cursor.gaps());
    }

    #[test]
    fn one_bad_event_costs_one_event() {
        let times: Vec<i64> = (0..200).map(|n| n * 17).collect();
        let mut service = service(&times);
        service.page = 10_000;
        service.bad.insert("00000100".into());
        let (read, gaps) = read(&mut service, 0, 10_000);
        assert_eq!(read.len(), 199);
        assert_eq!(gaps, [Gap { first: 1700, last: 1700, reason: GapReason::Undecodable }]);
    }

    proptest! {
        #[test]
        fn every_event_is_read_once_in_order(
            times in proptest::collection::vec(0i64..400, 0..120),
            page in 1usize..40,
            empty_every in 0usize..5,
            repeat_every in 0usize..5,
            window in (0i64..400, 1i64..400),
        ) {
            let (start, end) = (window.0, window.0 + window.1);
            let mut service = service(&times);
            (service.page, service.empty_every, service.repeat_every) = (page, empty_every, repeat_every);
            // An empty page for every first call would never end, with AWS too.
            if service.empty_every == 1 { service.empty_every = 2; }
            let expected: Vec<Event> =
                service.events.iter().filter(|e| (start..end).contains(&e.time)).cloned().collect();
            let (read, gaps) = read(&mut service, start, end);
            prop_assert_eq!(read, expected);
            prop_assert!(gaps.is_empty());
        }

        #[test]
        fn what_cannot_be_decoded_is_all_that_is_missing(
            times in proptest::collection::vec(0i64..300, 1..80),
            page in 1usize..40,
            bad in proptest::collection::hash_set(0usize..80, 0..4),
        ) {
            let mut service = service(&times);
            service.page = page;
            service.bad = bad.iter().map(|id| format!("{id:08}")).collect();
            let (read, gaps) = read(&mut service, 0, 300);
            let inside_a_gap = |time: i64| gaps.iter().any(|gap| (gap.first..=gap.last).contains(&time));
            let ids: HashSet<_> = read.iter().map(|e| e.id.clone()).collect();
            prop_assert_eq!(ids.len(), read.len(), "an event came twice");
            prop_assert!(read.is_sorted_by_key(|e| e.time));
            for event in &service.events {
                let is_bad = service.bad.contains(event.id.as_ref().unwrap());
                prop_assert!(!(is_bad && ids.contains(&event.id)));
                // Nothing is missing outside the reported intervals.
                prop_assert!(ids.contains(&event.id) || inside_a_gap(event.time));
            }
            for gap in &gaps {
                let covers_bad = service.events.iter().any(|e| {
                    service.bad.contains(e.id.as_ref().unwrap()) && (gap.first..=gap.last).contains(&e.time)
                });
                prop_assert!(covers_bad, "a gap without a reason");
            }
        }
    }
}
