//! Following one source: when to ask for what, and what of the answers is new. Pure: the present and
//! what arrived go in, what to ask and what to print come out.
//!
//! Polls and sweeps are the truth, Live Tail is quicker. A poll looks back from what is *settled*, the
//! latest moment of which everything ingested is known to have been asked for, by as much as events
//! usually lag. A sweep looks back by the whole guarantee (`--late`). Both moments move only when a
//! reading came to its end, so a failure, an expired login or a laptop's sleep leaves no gap: the next
//! reading begins where the last whole one ended. An event from the future moves neither.

use std::collections::HashMap;

use crate::cursor::{Arrival, Ask, Cursor, Event, Gap, GapReason, Page};
use crate::follow::identities::{Identities, Known, Session};
use crate::follow::lag::{LagMeter, SHORTEST_WINDOW_MS};

/// What is asked for and what is promised. All times and lengths are in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// Events that are ingested so long after their own time are printed, once.
    pub(crate) late: i64,
    /// Events a page.
    pub(crate) limit: i32,
    /// From one poll to the next.
    pub(crate) interval: i64,
    /// From one sweep to the next.
    pub(crate) sweep_interval: i64,
    /// Whether Live Tail alone is read: no polls, no sweeps.
    pub(crate) live_only: bool,
}

/// A record is marked late when so much later ones of its source were printed before it: unmarked
/// ones are in order but for this much.
pub(crate) const OUT_OF_ORDER_MS: i64 = SHORTEST_WINDOW_MS;

/// A local clock may be ahead of AWS's by so much before a poll of a silent source looks back too
/// little. (Sweeps look back further, and signatures are refused from five minutes on.)
const CLOCK_AHEAD_MS: i64 = 60_000;

/// CloudWatch Logs takes events from up to two hours in the future; an hour more for our own clock.
const FUTURE_MS: i64 = 3 * 3_600_000;

/// The pause after a long poll or sweep is as long as it took, up to this.
const LONGEST_REST_MS: i64 = 10_000;

/// What Live Tail shows later than this after its own time is left to the polls.
const LIVE_LAG_MS: i64 = 60_000;

/// Polls are so far apart, however much Live Tail leaves out.
const SOONEST_MS: i64 = 1_000;

/// After a failure the next request waits a second, then twice as long, up to this.
const LONGEST_PAUSE_MS: i64 = 10_000;

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ask for a page.
    Ask(Ask),
    /// Nothing, for so many milliseconds.
    Wait(i64),
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Events that were ingested too late for the guarantee, and are not printed.
    pub(crate) after_guarantee: u64,
    /// Events that Live Tail left out, and a poll brought.
    pub(crate) recovered: u64,
}

#[derive(Debug)]
pub(crate) struct Machine {
    terms: Terms,
    /// Events of earlier times are not wanted.
    start: i64,
    /// Where the history that was read by somebody else ended, and the oldest event that was printed
    /// of it.
    history_end: i64,
    oldest_remembered: Option<i64>,
    /// Everything ingested before this and not older than a window was asked for.
    settled: i64,
    /// What was settled when the last whole sweep began.
    swept: i64,
    /// When the last whole poll began.
    polled: i64,
    /// The latest time that was printed, the future left out.
    newest: i64,
    lag: LagMeter,
    seen: Identities,
    poll: Option<Reading>,
    sweep: Option<Reading>,
    asked: Option<Kind>,
    poll_due: i64,
    sweep_due: i64,
    not_before: i64,
    failures: u32,
    live_since: Option<i64>,
    unreadable: Vec<Gap>,
    gaps: Vec<Gap>,
    tally: Tally,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Poll,
    Sweep,
}

/// A poll or a sweep under way.
#[derive(Debug)]
struct Reading {
    cursor: Cursor,
    began: i64,
    settled_before: i64,
    /// The latest ingestion on the first page. What is on later ones may have been ingested while the
    /// reading was under way, past where it was by then.
    newest_ingested: i64,
    is_on_first_page: bool,
    /// The whole time since the beginning, so that nothing in it is too late.
    is_history: bool,
    /// Equal events without an id, to tell them apart.
    equals: HashMap<(String, i64, String), u32>,
}

impl Machine {
    /// Follows from `start` on: the first poll reads all that is since then.
    pub(crate) fn new(now: i64, start: i64, terms: Terms) -> Self {
        let terms = Terms { late: terms.late.max(SHORTEST_WINDOW_MS), ..terms };
        let mut machine = Self {
            terms,
            start,
            history_end: start,
            oldest_remembered: None,
            settled: start,
            swept: start,
            polled: i64::MIN,
            newest: start,
            lag: LagMeter::default(),
            seen: Identities::new(),
            poll: None,
            sweep: None,
            asked: None,
            poll_due: now,
            sweep_due: now + terms.sweep_interval,
            not_before: now,
            failures: 0,
            live_since: None,
            unreadable: Vec::new(),
            gaps: Vec::new(),
            tally: Tally::default(),
        };
        machine.poll = Some(machine.reading(now, start, now + FUTURE_MS, true));
        machine
    }

    /// Follows from `read_until` on, which a history was read to; its events are to be told with
    /// [`Machine::remember`].
    pub(crate) fn after_history(now: i64, start: i64, read_until: i64, terms: Terms) -> Self {
        let mut machine = Self::new(now, start, terms);
        machine.poll = None;
        machine.history_end = read_until;
        machine.settled = read_until - CLOCK_AHEAD_MS;
        machine.swept = machine.settled;
        machine.seen.forget_before(machine.settled - machine.terms.late);
        machine
    }

    /// An event that was printed as history.
    pub(crate) fn remember(&mut self, now: i64, event: &Event) {
        self.oldest_remembered =
            Some(self.oldest_remembered.map_or(event.time, |oldest| oldest.min(event.time)));
        self.is_too_late(event, true);
        self.seen.polled(event, 0);
        self.learn(now, event);
        self.saw(event);
    }

    /// Of the history only the newest events were printed: what is older than those is not wanted.
    pub(crate) fn begin_at_what_is_remembered(&mut self) {
        self.start = self.oldest_remembered.map_or(self.history_end, |oldest| oldest + 1);
    }

    /// Live Tail is about to take part: to be said before a session begins.
    pub(crate) fn expect_live(&mut self) {
        self.seen.expect_live();
    }

    /// A session shows what is ingested from now on.
    pub(crate) fn live_began(&mut self, now: i64) {
        self.live_since.get_or_insert(now);
    }

    /// No session shows anything any more.
    pub(crate) fn live_ended(&mut self, now: i64) {
        self.live_since = None;
        self.poll_soon(now);
    }

    /// Live Tail is known to have left something out.
    pub(crate) fn poll_soon(&mut self, now: i64) {
        self.poll_due = self.poll_due.min(now.max(self.polled.saturating_add(SOONEST_MS)));
    }

    /// From one poll to the next, in milliseconds.
    pub(crate) fn set_interval(&mut self, interval: i64) {
        self.terms.interval = interval;
    }

    /// What to do now.
    pub(crate) fn next(&mut self, now: i64) -> Step {
        self.heed_a_clock_that_went_back(now);
        if self.terms.live_only {
            self.seen.forget_before(now - self.terms.late);
            return Step::Wait(self.terms.sweep_interval);
        }
        if now < self.not_before {
            return Step::Wait(self.not_before - now);
        }
        if self.poll.is_none() && now >= self.poll_due {
            let from = self.settled - self.lag.window(self.terms.late);
            self.poll = Some(self.reading(now, from, now + FUTURE_MS, false));
        }
        if self.sweep.is_none() && now >= self.sweep_due {
            let from = self.swept - self.terms.late;
            self.sweep = Some(self.reading(now, from, self.settled + 1, false));
        }
        // A poll does not wait for a long sweep to end. What failed comes first, or a service that
        // fails every other time would serve the polls alone.
        let kinds = match self.asked {
            Some(Kind::Sweep) if self.failures > 0 => [Kind::Sweep, Kind::Poll],
            _ => [Kind::Poll, Kind::Sweep],
        };
        for kind in kinds {
            while let Some(reading) = self.under_way(kind) {
                if let Some(ask) = reading.cursor.ask() {
                    self.asked = Some(kind);
                    return Step::Ask(ask);
                }
                self.finish(kind, now);
            }
        }
        Step::Wait(self.poll_due.min(self.sweep_due).saturating_sub(now).max(1))
    }

    /// The page that was asked for: what of it is new, in order of time.
    pub(crate) fn page(&mut self, now: i64, page: Page) -> Vec<Arrival> {
        self.failures = 0;
        let Some(reading) = self.asked_reading() else { return Vec::new() };
        let events = reading.cursor.answer(page);
        let is_history = reading.is_history;
        if std::mem::take(&mut reading.is_on_first_page) {
            let ingested = events.iter().filter_map(|event| event.ingested);
            reading.newest_ingested = ingested.max().unwrap_or(i64::MIN);
        }
        let mut arrivals = Vec::new();
        for event in events {
            let Some(reading) = self.asked_reading() else { break };
            let ordinal = match event.id {
                Some(_) => 0,
                None => reading.ordinal(&event),
            };
            if self.is_too_late(&event, is_history) {
                continue;
            }
            match self.seen.polled(&event, ordinal) {
                Known::New => {
                    if self.should_have_been_live(&event) {
                        self.tally.recovered += 1;
                    }
                    self.learn(now, &event);
                    arrivals.push(event);
                }
                // A reading never asks for what is forgotten, but another may have made it so.
                Known::Forgotten
                | Known::ForgottenBefore
                | Known::Printed
                | Known::PolledBefore
                | Known::LeftToPolls => {}
            }
        }
        self.note_gaps();
        self.arrived(arrivals)
    }

    /// What a Live Tail session shows: what of it is new, in order of time.
    pub(crate) fn live(
        &mut self,
        now: i64,
        session: Session,
        mut events: Vec<Event>,
    ) -> Vec<Arrival> {
        events.sort_by(|a, b| crate::cursor::order(a).cmp(&crate::cursor::order(b)));
        let is_history = self.poll.as_ref().is_some_and(|reading| reading.is_history);
        let mut arrivals = Vec::new();
        for event in events {
            if event.time < self.start {
                continue;
            }
            if self.is_too_late(&event, is_history) {
                continue;
            }
            match self.seen.live(session, &event) {
                Known::New => {
                    self.learn(now, &event);
                    arrivals.push(event);
                }
                Known::Forgotten => self.tally.after_guarantee += 1,
                Known::PolledBefore => {
                    self.tally.recovered = self.tally.recovered.saturating_sub(1);
                }
                Known::Printed | Known::ForgottenBefore | Known::LeftToPolls => {}
            }
        }
        self.arrived(arrivals)
    }

    /// The page that was asked for arrived whole and cannot be decoded.
    pub(crate) fn undecodable(&mut self, now: i64) {
        if let Some(reading) = self.asked_reading() {
            reading.cursor.undecodable();
        }
        if self.note_gaps() {
            self.failed(now);
        }
    }

    /// The token that was sent is not accepted any more.
    pub(crate) fn token_refused(&mut self, now: i64) {
        if let Some(reading) = self.asked_reading() {
            reading.cursor.token_refused();
        }
        self.failed(now);
    }

    /// The request failed. It is made again after a pause.
    pub(crate) fn failed(&mut self, now: i64) {
        let pause = 1_000i64.saturating_mul(1 << self.failures.min(10)).min(LONGEST_PAUSE_MS);
        self.failures += 1;
        self.not_before = now + pause;
    }

    /// Intervals that cannot be read, each told once.
    pub(crate) fn take_gaps(&mut self) -> Vec<Gap> {
        std::mem::take(&mut self.gaps)
    }

    /// When the last whole poll began.
    pub(crate) fn polled(&self) -> i64 {
        self.polled
    }

    /// What was counted.
    pub(crate) fn tally(&self) -> Tally {
        self.tally
    }

    fn reading(&self, now: i64, from: i64, to: i64, is_history: bool) -> Reading {
        let from = from.max(self.seen.horizon()).max(self.start);
        Reading {
            cursor: Cursor::around(from, to, self.terms.limit, &self.unreadable),
            began: now,
            settled_before: self.settled,
            newest_ingested: i64::MIN,
            is_on_first_page: true,
            is_history,
            equals: HashMap::new(),
        }
    }

    fn under_way(&mut self, kind: Kind) -> Option<&mut Reading> {
        match kind {
            Kind::Poll => self.poll.as_mut(),
            Kind::Sweep => self.sweep.as_mut(),
        }
    }

    fn asked_reading(&mut self) -> Option<&mut Reading> {
        self.asked.and_then(|kind| self.under_way(kind))
    }

    fn finish(&mut self, kind: Kind, now: i64) {
        match kind {
            Kind::Poll => {
                let Some(poll) = self.poll.take() else { return };
                let clock = poll.began - CLOCK_AHEAD_MS;
                self.settled = self.settled.max(clock).max(poll.newest_ingested.min(now));
                self.polled = poll.began;
                self.seen.keep_ids_before(self.settled - LIVE_LAG_MS);
                self.poll_due = (poll.began + self.terms.interval).max(now + rest(poll.began, now));
            }
            Kind::Sweep => {
                let Some(sweep) = self.sweep.take() else { return };
                self.swept = self.swept.max(sweep.settled_before);
                self.seen.forget_before(self.swept - self.terms.late);
                let next = sweep.began + self.terms.sweep_interval;
                self.sweep_due = next.max(now + rest(sweep.began, now));
                let horizon = self.seen.horizon();
                self.unreadable.retain(|gap| gap.last >= horizon);
            }
        }
    }

    /// What was due by the clock as it was would be due too late.
    fn heed_a_clock_that_went_back(&mut self, now: i64) {
        let Terms { interval, sweep_interval, .. } = self.terms;
        self.poll_due = self.poll_due.min(now + interval.max(LONGEST_REST_MS));
        self.sweep_due = self.sweep_due.min(now + sweep_interval.max(LONGEST_REST_MS));
        self.not_before = self.not_before.min(now + LONGEST_PAUSE_MS);
    }

    /// Notes what a reading has found to be unreadable. True when it gave up on its rest.
    fn note_gaps(&mut self) -> bool {
        let Some(reading) = self.asked_reading() else { return false };
        let began = reading.began;
        let mut gave_up = false;
        for mut gap in reading.cursor.take_gaps() {
            match gap.reason {
                GapReason::Undecodable => self.unreadable.push(gap),
                // The rest is asked for again by the next reading.
                GapReason::GivenUp | GapReason::Stuck => {
                    gave_up = true;
                    gap.last = gap.last.min(began).max(gap.first);
                }
            }
            if !self.gaps.contains(&gap) {
                self.gaps.push(gap);
            }
        }
        gave_up
    }

    /// Whether an event is left out for coming after the guarantee; then it is counted, once. The
    /// history has no guarantee to be too late for, and what it shows no later reading counts.
    fn is_too_late(&mut self, event: &Event, is_history: bool) -> bool {
        let lag = event.ingested.map_or(0, |ingested| ingested - event.time);
        if lag <= self.terms.late {
            return false;
        }
        let is_first = self.seen.refuse(event);
        self.tally.after_guarantee += u64::from(is_first && !is_history);
        !is_history
    }

    fn should_have_been_live(&self, event: &Event) -> bool {
        let since = self.live_since.unwrap_or(i64::MAX);
        event.ingested.is_some_and(|ingested| ingested > since)
    }

    fn learn(&mut self, now: i64, event: &Event) {
        let Some(ingested) = event.ingested else { return };
        let lag = ingested - event.time;
        // What is beyond the guarantee, or was ingested long ago, says nothing about the next poll.
        if lag <= self.terms.late && now - ingested < 10 * 60_000 {
            self.lag.add(now, lag);
        }
    }

    fn arrived(&mut self, events: Vec<Event>) -> Vec<Arrival> {
        let newest = self.newest;
        let arrivals = events.into_iter().map(|event| {
            self.saw(&event);
            Arrival { late: event.time < newest - OUT_OF_ORDER_MS, event }
        });
        arrivals.collect()
    }

    fn saw(&mut self, event: &Event) {
        let not_future = event.ingested.map_or(event.time, |ingested| event.time.min(ingested));
        self.newest = self.newest.max(not_future);
    }
}

/// At most half of the time is spent on reading.
fn rest(began: i64, now: i64) -> i64 {
    (now - began).clamp(0, LONGEST_REST_MS)
}

impl Reading {
    fn ordinal(&mut self, event: &Event) -> u32 {
        let kind = (event.stream.clone(), event.time, event.text.clone());
        let ordinal = self.equals.entry(kind).or_default();
        *ordinal += 1;
        *ordinal - 1
    }
}
