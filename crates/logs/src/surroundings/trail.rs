//! One stream's way past its matches: what stands right before them and after them. Pure.
//!
//! A trail holds a small contiguous part of its stream. It is walked from its first event to its last,
//! one event a step; pages are added on either side as they are needed.

use std::collections::VecDeque;
use std::sync::Arc;

use record::Time;

use super::{Extent, Reach};
use crate::cloudwatch::{StreamAsk, StreamPage};
use crate::cursor::Event;
use crate::event::{LogRecord, Stream};
use crate::place::Group;

/// A match that is not shown yet.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    /// Its number among all matches, in the order in which they were found.
    pub(crate) number: u64,
    pub(crate) record: LogRecord,
}

/// What a step brings.
#[derive(Debug)]
pub(crate) enum Step {
    /// A match, and what stands right before it and was not shown yet.
    Match { before: Vec<LogRecord>, found: Match },
    /// An event that belongs to the match before it.
    After(LogRecord),
    /// An event that belongs to no match, as far as is known.
    Passed,
    /// The next event is of no match's surroundings: what comes later is another group.
    Over,
    /// A page must be had first.
    WantsPage,
    /// Whether an event of this time is a match is not known yet.
    WantsMatches(i64),
}

/// Which way a page leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Back,
    On,
}

/// A page came without an event so many times in a row: the service repeats itself without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stuck;

#[derive(Debug)]
pub(crate) struct Trail {
    group: Arc<Group>,
    stream: Arc<Stream>,
    extent: Extent,
    /// In the order in which they were found, which is that of time.
    matches: VecDeque<Match>,
    /// Whether a part of the stream is held.
    is_placed: bool,
    /// The time of the match that it was placed at.
    origin: i64,
    /// The time of the last event that was walked past.
    walked: i64,
    /// The time of the last event that was shown.
    shown_until: i64,
    /// It was let go, so which events of the last time that was shown are shown is not known any more.
    is_cut: bool,
    /// What is before this time is not looked at.
    floor: i64,
    /// Right before the place, not shown; as many as may stand before a match, at the most.
    behind: VecDeque<LogRecord>,
    /// From the place on.
    ahead: VecDeque<LogRecord>,
    back: Side,
    on: Side,
    /// How many events may still be shown after the last match.
    after_left: usize,
    in_group: bool,
    /// Something between what was shown last and what is behind was passed over.
    has_skipped: bool,
    /// The page for the next match failed: that one goes without.
    is_lost: bool,
    last_match: Time,
    /// The match for which the end of the stream was looked at again.
    looked_again_for: Option<u64>,
}

#[derive(Debug, Default)]
struct Side {
    token: Option<String>,
    limit: usize,
    /// Nothing more is to be had, or wanted.
    ended: bool,
    in_flight: bool,
    empty_pages: u32,
}

/// GetLogEvents gives so many events a page at the most.
const LONGEST_PAGE: usize = 10_000;

impl Trail {
    pub(crate) fn new(record: &LogRecord, extent: Extent) -> Self {
        Self {
            group: Arc::clone(&record.group),
            stream: Arc::clone(&record.stream),
            extent,
            matches: VecDeque::new(),
            is_placed: false,
            origin: 0,
            walked: 0,
            shown_until: 0,
            is_cut: false,
            floor: 0,
            behind: VecDeque::new(),
            ahead: VecDeque::new(),
            back: Side::default(),
            on: Side::default(),
            after_left: 0,
            in_group: false,
            has_skipped: true,
            is_lost: false,
            last_match: Time::from_millis(0),
            looked_again_for: None,
        }
    }

    /// Adds a match, no earlier than those it had.
    pub(crate) fn add(&mut self, found: Match) {
        self.matches.push_back(found);
    }

    pub(crate) fn holds_match(&self, number: u64) -> bool {
        self.matches.binary_search_by_key(&number, |found| found.number).is_ok()
    }

    /// Whether it is within a group, which goes on with the next step.
    pub(crate) fn is_in_group(&self) -> bool {
        self.in_group
    }

    /// Whether what is shown next follows at once on what was shown last.
    pub(crate) fn touches(&self) -> bool {
        !self.has_skipped
    }

    /// Whether nothing is left to do with it.
    pub(crate) fn is_idle(&self) -> bool {
        self.matches.is_empty() && !self.in_group && !self.back.in_flight && !self.on.in_flight
    }

    /// Events that it holds.
    pub(crate) fn size(&self) -> usize {
        self.behind.len() + self.ahead.len()
    }

    /// Looks to it that the next match lies on the way. A match far ahead is gone to at once, and what
    /// lies between is not read.
    pub(crate) fn aim(&mut self) {
        let Some(next) = self.matches.front() else { return };
        let (time, number) = (next.record.time.millis(), next.number);
        if self.back.in_flight || self.on.in_flight {
            return;
        }
        let is_held = self.ahead.back().is_some_and(|last| time <= last.time.millis());
        if !self.is_placed {
            self.is_lost |= self.is_cut && time <= self.shown_until;
            self.place(time);
        } else if !is_held && self.on.ended {
            // More may have been ingested since. Without a token there is no way on.
            if self.on.token.is_some() && self.looked_again_for != Some(number) {
                self.looked_again_for = Some(number);
                self.on.ended = false;
            }
        } else if !is_held && self.walked < time && self.has_skipped && !self.in_group {
            self.place(time);
        }
    }

    fn place(&mut self, time: i64) {
        let Extent { before, after, ahead, .. } = self.extent;
        self.is_placed = true;
        self.origin = time;
        self.walked = time;
        let is_cut = std::mem::replace(&mut self.is_cut, false);
        self.floor = if is_cut { self.shown_until + 1 } else { 0 };
        self.behind.clear();
        self.ahead.clear();
        let has_none = before == 0 || time <= self.floor;
        self.back = Side { limit: before, ended: has_none, ..Side::default() };
        // So that a page shows whether the next match is near.
        self.on = Side { limit: after + before + 1 + ahead, ..Side::default() };
    }

    /// The pages that are wanted and not asked for yet.
    pub(crate) fn asks(&mut self) -> Vec<(Way, StreamAsk)> {
        /// The last millisecond of the year 9999.
        const FAR: i64 = 253_402_300_799_999;
        let limit = |limit: usize| i32::try_from(limit.min(LONGEST_PAGE)).unwrap_or(i32::MAX);
        let mut asks = Vec::new();
        if self.is_placed && !self.back.ended && !self.back.in_flight {
            self.back.in_flight = true;
            let ask = StreamAsk {
                first: self.floor,
                last: self.origin - 1,
                from_head: false,
                limit: limit(self.back.limit),
                token: self.back.token.clone(),
            };
            asks.push((Way::Back, ask));
        }
        if self.is_placed && self.ahead.is_empty() && !self.on.ended && !self.on.in_flight {
            self.on.in_flight = true;
            let ask = StreamAsk {
                first: self.origin,
                last: FAR,
                from_head: true,
                limit: limit(self.on.limit),
                token: self.on.token.clone(),
            };
            asks.push((Way::On, ask));
        }
        asks
    }

    /// Takes a page that was asked for.
    pub(crate) fn answer(&mut self, way: Way, page: StreamPage) -> Result<(), Stuck> {
        if !self.is_placed {
            // The page of the other side failed.
            match way {
                Way::Back => self.back.in_flight = false,
                Way::On => self.on.in_flight = false,
            }
            return Ok(());
        }
        let (group, stream) = (Arc::clone(&self.group), Arc::clone(&self.stream));
        let is_empty = page.events.is_empty();
        let records = page.events.into_iter().map(|event| record(event, &group, &stream));
        match way {
            Way::Back => {
                records.rev().for_each(|record| self.behind.push_front(record));
                self.back.turn_page(page.backward, is_empty)?;
                let surplus = self.behind.len().saturating_sub(self.extent.before);
                self.behind.drain(..surplus);
                self.back.ended |= self.behind.len() == self.extent.before;
            }
            Way::On => {
                self.ahead.extend(records);
                self.on.turn_page(page.forward, is_empty)?;
                // Who walks on and on wants more at a time.
                let most = self.extent.ahead.saturating_mul(16).max(self.on.limit);
                self.on.limit = (self.on.limit * 2).min(most);
            }
        }
        Ok(())
    }

    /// A page cannot be had. What was held is let go. A group ends here, and the time of its last match
    /// is returned; else the next match goes without what stands around it.
    pub(crate) fn fail(&mut self, way: Option<Way>) -> Option<Time> {
        match way {
            Some(Way::Back) => self.back.in_flight = false,
            Some(Way::On) => self.on.in_flight = false,
            None => {}
        }
        // The other side failed before.
        if !self.is_placed && way.is_some() {
            return None;
        }
        let cut = self.in_group.then_some(self.last_match);
        self.is_lost = cut.is_none();
        self.let_go();
        cut
    }

    fn let_go(&mut self) {
        self.in_group = false;
        self.is_placed = false;
        self.is_cut = true;
        self.has_skipped = true;
        self.after_left = 0;
        self.behind.clear();
        self.ahead.clear();
    }

    /// Whether the next match goes without what stands around it.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// The next match, without what stands around it.
    pub(crate) fn take_bare(&mut self) -> Option<Match> {
        self.is_lost = false;
        self.let_go();
        let found = self.matches.pop_front()?;
        self.shown_until = self.shown_until.max(found.record.time.millis());
        Some(found)
    }

    /// Walks on by one event.
    pub(crate) fn step(&mut self, reach: &Reach) -> Step {
        if !self.in_group && self.matches.is_empty() {
            return Step::Over;
        }
        if !self.is_placed || !self.back.ended {
            return Step::WantsPage;
        }
        let Some(event) = self.ahead.front() else {
            if !self.on.ended {
                return Step::WantsPage;
            }
            return match self.matches.pop_front() {
                Some(found) => self.show(found),
                None => self.end_group(),
            };
        };
        let time = event.time;
        // The stream does not have it, or not yet: it was found all the same.
        if self.matches.front().is_some_and(|next| next.record.time < time)
            && let Some(found) = self.matches.pop_front()
        {
            return self.show(found);
        }
        let mut of_this_time = self.matches.iter().take_while(|found| found.record.time == time);
        if let Some(place) = of_this_time.position(|found| is_same(&found.record, event))
            && let Some(found) = self.matches.remove(place)
        {
            self.ahead.pop_front();
            self.walked = time.millis();
            return self.show(found);
        }
        if reach.may_be_found(event) {
            return Step::WantsMatches(time.millis());
        }
        match self.ahead.pop_front() {
            Some(event) => self.pass(event),
            None => Step::WantsPage,
        }
    }

    fn show(&mut self, found: Match) -> Step {
        self.in_group = true;
        self.after_left = self.extent.after;
        self.last_match = found.record.time;
        self.shown_until = self.shown_until.max(found.record.time.millis());
        Step::Match { before: self.behind.drain(..).collect(), found }
    }

    /// Told that what a match brought is shown, so that what follows touches it.
    pub(crate) fn shown(&mut self) {
        self.has_skipped = false;
    }

    fn pass(&mut self, event: LogRecord) -> Step {
        self.walked = event.time.millis();
        if self.after_left > 0 {
            self.after_left -= 1;
            self.shown_until = self.shown_until.max(self.walked);
            return Step::After(event);
        }
        self.behind.push_back(event);
        if self.behind.len() <= self.extent.before {
            return Step::Passed;
        }
        self.behind.pop_front();
        self.has_skipped = true;
        self.end_group()
    }

    fn end_group(&mut self) -> Step {
        match std::mem::replace(&mut self.in_group, false) {
            true => Step::Over,
            false => Step::Passed,
        }
    }
}

impl Side {
    /// The end is where the same token comes back; other implementations give none.
    fn turn_page(&mut self, token: Option<String>, is_empty: bool) -> Result<(), Stuck> {
        const MOST_EMPTY_PAGES: u32 = 200;
        self.in_flight = false;
        self.ended = token.is_none() || token == self.token;
        self.token = token;
        self.empty_pages = if is_empty { self.empty_pages + 1 } else { 0 };
        match self.empty_pages > MOST_EMPTY_PAGES {
            true => Err(Stuck),
            false => Ok(()),
        }
    }
}

/// GetLogEvents gives no ids: an event is known by its times and its exact text. Events that are
/// equal in these are as good as one another.
fn is_same(found: &LogRecord, event: &LogRecord) -> bool {
    let is_ingested_alike = match (found.ingested, event.ingested) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    is_ingested_alike && found.text == event.text
}

fn record(event: Event, group: &Arc<Group>, stream: &Arc<Stream>) -> LogRecord {
    LogRecord {
        time: Time::from_millis(event.time),
        ingested: event.ingested.map(Time::from_millis),
        group: Arc::clone(group),
        stream: Arc::clone(stream),
        id: None,
        text: event.text,
        repaired: event.repaired,
        late: false,
    }
}
