//! How a source's window is cut into shards that are read side by side, and handed out in order.
//! A state machine without a socket: it is told what arrived and says what to ask next.
//!
//! Nobody says beforehand how many events lie where. So the window begins as a few shards; what
//! their first pages reach tells how long a page is there, and the rest is cut into shards of
//! about one page each. A shard that turns out to hold more is cut again where its page ended.
//! While the server searches (a filter pattern is given), a page may be empty and says nothing of
//! how far it reached: there a shard takes a few pages, and their number is what is learned.
//!
//! Shards share no millisecond, so what one of them reads is nobody else's: a shard that is cut
//! gives back the last millisecond that it saw, since more of it may be on the next page. While
//! searching, where a match may be the last one for long, it is handed on at once and remembered.

use std::collections::VecDeque;

use crate::cursor::{Ask, Cursor, Event, Gap, Page, Seen};

/// A page is full at this many bytes of events (FilterLogEvents in the API reference), each of
/// which is counted as PutLogEvents does: its text and 26 bytes.
const FULL_PAGE: f64 = 1_048_576.0;
const OVERHEAD: usize = 26;

/// How full a page is meant to be: density varies, and what does not fit costs a page more.
const FILL: f64 = 0.95;

/// What is left of a shard is read on by its token when it is hardly more than a page.
const WORTH_A_CUT: f64 = 1.2;

/// A shard of one stream is meant to take so many pages: only a further one says that it ended.
const STREAM_PAGES: f64 = 3.0;

/// While searching, a shard is meant to take so many pages: its last one is half wasted.
const SEARCHED_PAGES: f64 = 6.0;

/// A page may be given before it is full. One that is so full tells how dense the events are.
const TELLING: f64 = 0.1;

/// While searching, pages with so many events tell how far they reached.
const MANY_FOUND: usize = 100;

/// Of pages that are hardly filled, so many tell how dense the events are.
const HARDLY_FILLED: u32 = 4;

/// While searching without any measure, a shard is cut after so many pages with a token, and its
/// rest is taken for so many pages.
const PATIENCE: u32 = 2;
const GUESSED_PAGES: f64 = 32.0;

/// A shard's number, for as long as it is read.
pub(crate) type Number = u64;

/// The two ways to read: over all streams of a source, or one stream by itself. Each has a quota of
/// its own, and what begins in one lane goes on in it: the tokens differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// FilterLogEvents.
    Group,
    /// GetLogEvents.
    Stream,
}

/// How a source is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Manner {
    /// Events a page at most.
    pub(crate) limit: i32,
    /// Whether the server searches, so that empty pages are ordinary.
    pub(crate) searched: bool,
    /// How many shards the window begins with.
    pub(crate) openers: u32,
}

/// The shards of one source's window, in order of time. `T` is what is kept of an answer until it
/// is its turn.
#[derive(Debug)]
pub(crate) struct Shards<T> {
    items: VecDeque<Item<T>>,
    manner: Manner,
    next: Number,
    end: i64,
    /// Bytes of events on a page that is full.
    full: f64,
}

#[derive(Debug)]
enum Item<T> {
    Shard(Shard<T>),
    Rest(Rest),
}

#[derive(Debug)]
struct Shard<T> {
    number: Number,
    first: i64,
    last: i64,
    cursor: Cursor,
    /// A request is under way.
    asked: bool,
    pages: u32,
    /// How many pages' worth it brought.
    fullness: f64,
    /// How many pages it was planned to take; none where nothing was known.
    expected: Option<f64>,
    /// The lane that it is read in, once it is.
    lane: Option<Lane>,
    held: VecDeque<T>,
    /// Events of this millisecond were handed on: where they would not be known again, it cannot be
    /// cut there.
    handed_on: Option<i64>,
}

/// What is to be cut into shards yet. Both ends are included.
#[derive(Debug)]
struct Rest {
    first: i64,
    last: i64,
    /// How long one page is.
    page_ms: f64,
    /// No part of it is longer than that: what was cut in vain is halved, or it would be cut in vain
    /// for ever.
    longest: i64,
    /// The events of its first millisecond that were handed on.
    known: Option<Seen>,
}

impl<T> Shards<T> {
    /// The shards of a half-open window.
    pub(crate) fn new((start, end): (i64, i64), manner: Manner) -> Self {
        let mut shards = Self { items: VecDeque::new(), manner, next: 0, end, full: FULL_PAGE };
        let mut first = start;
        let mut left = i64::from(manner.openers.max(1));
        while first < end {
            let last = first + (end - first).div_euclid(left).max(1) - 1;
            let shard = shards.shard(first, last, None);
            shards.items.push_back(Item::Shard(shard));
            (first, left) = (last + 1, (left - 1).max(1));
        }
        shards
    }

    /// The next request in a lane, the earliest one first. Requests for other than the first shard are
    /// made only when `ahead` allows it.
    pub(crate) fn ask(&mut self, lane: Lane, ahead: bool) -> Option<(Number, Ask)> {
        let mut place = 0;
        while place < self.items.len() && (place == 0 || ahead) {
            if matches!(self.items[place], Item::Rest(_)) {
                self.plan(place, lane);
            }
            if let Item::Shard(shard) = &mut self.items[place]
                && shard.is_open(lane)
                && let Some(ask) = shard.cursor.ask()
            {
                shard.asked = true;
                shard.lane = Some(lane);
                return Some((shard.number, ask));
            }
            place += 1;
        }
        None
    }

    /// Whether [`Shards::ask`] would have a request.
    pub(crate) fn has_request(&self, lane: Lane, ahead: bool) -> bool {
        let open = |item: &Item<T>| match item {
            Item::Rest(_) => true,
            Item::Shard(shard) => shard.is_open(lane) && !shard.cursor.is_over(),
        };
        self.items.iter().take(if ahead { usize::MAX } else { 1 }).any(open)
    }

    /// Whether a shard is the first one: what it brings is handed out at once.
    pub(crate) fn is_first(&self, number: Number) -> bool {
        matches!(self.items.front(), Some(Item::Shard(shard)) if shard.number == number)
    }

    /// The answer to a shard's request: its events that are new and the shard's own, in order.
    pub(crate) fn answer(&mut self, number: Number, page: Page) -> Vec<Event> {
        let (count, has_token) = (page.events.len(), page.token.is_some());
        let weight: usize = page.events.iter().map(|event| event.text.len() + OVERHEAD).sum();
        let limit = usize::try_from(self.manner.limit).unwrap_or(usize::MAX);
        let fullness = (weight as f64 / FULL_PAGE).max(count as f64 / limit as f64);
        if has_token && fullness > TELLING && count < limit && !self.manner.searched {
            self.full = (weight as f64).min(FULL_PAGE);
        }
        let (searched, full) = (self.manner.searched, self.full);
        let Some((place, shard)) = self.find(number) else { return Vec::new() };
        shard.asked = false;
        shard.pages += 1;
        shard.fullness += (weight as f64 / full).max(count as f64 / limit as f64);
        let mut events = shard.cursor.answer(page);
        let began = events.first().map(|event| event.time);
        if shard.cursor.is_over() {
            self.learn_from_end(place);
            return events;
        }
        if let Some((reached, last)) = shard.cursor.rest_of_token()
            && let Some(page_ms) = shard.cut((reached, last), began, (count, fullness), searched)
        {
            let seen = shard.cursor.cut();
            shard.last = reached - 1;
            let known = if searched { Some(seen) } else { None };
            if !searched {
                events.truncate(events.partition_point(|event| event.time < reached));
            }
            self.learn(place, page_ms);
            let longest = ((last - reached + 1) / 2).max(1);
            let rest = Rest { first: reached, last, page_ms, longest, known };
            self.items.insert(place + 1, Item::Rest(rest));
        } else {
            shard.handed_on = events.last().map(|event| event.time).or(shard.handed_on);
        }
        events
    }

    /// The answer to a shard's request cannot be decoded.
    pub(crate) fn undecodable(&mut self, number: Number) {
        if let Some((_, shard)) = self.find(number) {
            shard.asked = false;
            shard.cursor.undecodable();
        }
    }

    /// The token of a shard's request is not accepted.
    pub(crate) fn token_refused(&mut self, number: Number) {
        if let Some((_, shard)) = self.find(number) {
            shard.asked = false;
            shard.cursor.token_refused();
        }
    }

    /// A shard cannot be read in its lane: it is read on in another, from where it was. Whether it can.
    pub(crate) fn leave_lane(&mut self, number: Number) -> bool {
        let limit = self.manner.limit;
        let Some((_, shard)) = self.find(number) else { return false };
        let Some((first, last)) = shard.cursor.unread() else { return false };
        if shard.handed_on == Some(first) {
            return false;
        }
        // The events of the other lane have ids, so that equal ones would not be known.
        shard.cursor = Cursor::new(first, last + 1, limit);
        (shard.asked, shard.lane) = (false, None);
        true
    }

    /// A shard's request failed for good: what is not read of it.
    pub(crate) fn failed(&mut self, number: Number) -> Option<(i64, i64)> {
        let (_, shard) = self.find(number)?;
        shard.asked = false;
        let unread = shard.cursor.unread();
        shard.cursor.cut();
        unread
    }

    /// Asks for nothing more beside what is under way: what is left out.
    pub(crate) fn stop(&mut self, mut keep: impl FnMut((i64, i64)) -> T) {
        for item in &mut self.items {
            match item {
                Item::Rest(Rest { first, last, .. }) => {
                    let (first, last) = (*first, *last);
                    let mut shard = new_shard(self.next, first, last, self.manner.limit, None);
                    self.next += 1;
                    shard.cursor.cut();
                    shard.held.push_back(keep((first, last)));
                    *item = Item::Shard(shard);
                }
                Item::Shard(shard) if !shard.asked => {
                    if let Some(unread) = shard.cursor.unread() {
                        shard.cursor.cut();
                        shard.held.push_back(keep(unread));
                    }
                }
                Item::Shard(_) => {}
            }
        }
    }

    /// What could not be read of a shard since this was last asked, as far as it can grow no more.
    pub(crate) fn gaps(&mut self, number: Number) -> Vec<Gap> {
        self.find(number).map(|(_, shard)| shard.cursor.take_gaps()).unwrap_or_default()
    }

    /// Keeps what a shard brought until it is its turn.
    pub(crate) fn hold(&mut self, number: Number, kept: T) {
        if let Some((_, shard)) = self.find(number) {
            shard.held.push_back(kept);
        }
    }

    /// What comes next in order, as far as it is there.
    pub(crate) fn take(&mut self) -> Option<T> {
        loop {
            let Some(Item::Shard(shard)) = self.items.front_mut() else { return None };
            if let Some(kept) = shard.held.pop_front() {
                return Some(kept);
            }
            if shard.asked || !shard.cursor.is_over() {
                return None;
            }
            self.items.pop_front();
        }
    }

    /// Whether everything was read and taken.
    pub(crate) fn is_over(&self) -> bool {
        self.items.is_empty()
    }

    /// Everything before this was read.
    pub(crate) fn reached(&self) -> i64 {
        match self.items.front() {
            None => self.end,
            Some(Item::Rest(rest)) => rest.first,
            Some(Item::Shard(shard)) => {
                shard.cursor.unread().map_or(shard.last + 1, |(first, _)| first)
            }
        }
    }

    fn find(&mut self, number: Number) -> Option<(usize, &mut Shard<T>)> {
        self.items.iter_mut().enumerate().find_map(|(place, item)| match item {
            Item::Shard(shard) if shard.number == number => Some((place, shard)),
            _ => None,
        })
    }

    fn shard(&mut self, first: i64, last: i64, expected: Option<f64>) -> Shard<T> {
        self.next += 1;
        new_shard(self.next - 1, first, last, self.manner.limit, expected)
    }

    /// Cuts the next shard off the rest at this place.
    fn plan(&mut self, place: usize, lane: Lane) {
        let wanted = match self.manner.searched {
            false if lane == Lane::Stream => STREAM_PAGES,
            false => FILL,
            // Towards the end the shards become shorter, so that all of them end together.
            true => {
                let twice_over = 2.0 * self.under_way().max(2) as f64;
                (self.unplanned() / twice_over).clamp(FILL, SEARCHED_PAGES)
            }
        };
        let (number, limit) = (self.next, self.manner.limit);
        self.next += 1;
        let Item::Rest(rest) = &mut self.items[place] else { return };
        let length = rest.last - rest.first + 1;
        let pages = length as f64 / rest.page_ms;
        let pieces = (pages / wanted).ceil().max(1.0);
        let piece = ((length as f64 / pieces).ceil() as i64).clamp(1, length.min(rest.longest));
        let (first, last) = (rest.first, rest.first + piece - 1);
        let mut shard = new_shard(number, first, last, limit, Some(pages / pieces));
        shard.cursor.knows(rest.known.take());
        rest.first = last + 1;
        if rest.first > rest.last {
            self.items[place] = Item::Shard(shard);
        } else {
            self.items.insert(place, Item::Shard(shard));
        }
    }

    /// How many pages are not planned yet, about.
    fn unplanned(&self) -> f64 {
        let pages = |item: &Item<T>| match item {
            Item::Rest(rest) => (rest.last - rest.first + 1) as f64 / rest.page_ms,
            Item::Shard(_) => 0.0,
        };
        self.items.iter().map(pages).sum()
    }

    /// How many requests are under way.
    fn under_way(&self) -> usize {
        let asked = |item: &&Item<T>| matches!(item, Item::Shard(shard) if shard.asked);
        self.items.iter().filter(asked).count()
    }

    /// A shard that was read says how long a page is there, by how much it brought; while searching,
    /// by how many pages it took.
    fn learn_from_end(&mut self, place: usize) {
        /// An almost empty page says little.
        const LEAST: f64 = 0.02;
        let Item::Shard(shard) = &self.items[place] else { return };
        let pages = match self.manner.searched {
            false => shard.fullness.max(LEAST),
            true => f64::from(shard.pages) - 0.5,
        };
        self.learn(place, (shard.last - shard.first + 1) as f64 / pages);
    }

    /// What follows is likely to be as dense as what was read just before it.
    fn learn(&mut self, place: usize, page_ms: f64) {
        /// One strange shard does not decide for all.
        const MOST: f64 = 8.0;
        let rests = self.items.iter_mut().skip(place).find_map(|item| match item {
            Item::Rest(rest) => Some(rest),
            Item::Shard(_) => None,
        });
        if let Some(rest) = rests {
            let measured = page_ms.clamp(rest.page_ms / MOST, rest.page_ms * MOST);
            // A page too many costs more than one that is not full.
            rest.page_ms = (rest.page_ms * measured).sqrt().min(measured).max(1.0);
        }
    }
}

fn new_shard<T>(
    number: Number,
    first: i64,
    last: i64,
    limit: i32,
    expected: Option<f64>,
) -> Shard<T> {
    Shard {
        number,
        first,
        last,
        cursor: Cursor::new(first, last + 1, limit),
        asked: false,
        pages: 0,
        fullness: 0.0,
        expected,
        lane: None,
        held: VecDeque::new(),
        handed_on: None,
    }
}

impl<T> Shard<T> {
    /// Whether a request may be made in this lane.
    fn is_open(&self, lane: Lane) -> bool {
        !self.asked && self.lane.is_none_or(|own| own == lane)
    }

    /// Whether it is to be cut where its last page has reached, and how long a page of the rest is
    /// then taken for: what follows is likely to be as dense as that page, which `began` at its first
    /// event.
    fn cut(
        &self,
        (reached, last): (i64, i64),
        began: Option<i64>,
        (count, fullness): (usize, f64),
        searched: bool,
    ) -> Option<f64> {
        // A single millisecond has no parts.
        if reached == last || !searched && self.handed_on == Some(reached) {
            return None;
        }
        let rest = (last - reached + 1) as f64;
        let began = began.filter(|_| reached > self.first);
        let measured = began.map(|began| (reached - began).max(1) as f64);
        let pages = f64::from(self.pages);
        if !searched {
            let on_average = (reached - self.first).max(1) as f64 / pages;
            let measured = match fullness > TELLING {
                true => measured,
                false => measured.and(Some(on_average)).filter(|_| self.pages >= HARDLY_FILLED),
            };
            return measured.filter(|page_ms| rest > page_ms * WORTH_A_CUT);
        }
        if let Some(page_ms) = measured.filter(|_| count >= MANY_FOUND) {
            return Some(page_ms).filter(|page_ms| rest > page_ms * SEARCHED_PAGES * 2.0);
        }
        let (patience, guess) = match self.expected {
            None => (f64::from(PATIENCE), GUESSED_PAGES),
            Some(expected) => ((2.0 * expected).max(3.0), 4.0 * pages),
        };
        (pages >= patience).then_some((rest / guess).max(1.0))
    }
}

#[cfg(test)]
mod tests;
