//! Whose turn it is among the streams that have matches, and what is shown of each. Pure: matches and
//! pages go in, what is to be shown and what is to be asked for come out.
//!
//! A group is shown while it is walked, so nothing of it is held. What is held are the matches of other
//! streams that come meanwhile; when these become too much, the group is divided: the others are
//! shown, and it goes on after them.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use record::Time;

use super::trail::{Match, Step, Stuck, Trail, Way};
use super::{Extent, Reach, Relation, Shown};
use crate::cloudwatch::{StreamAsk, StreamPage};
use crate::event::{LogRecord, Stream};
use crate::place::Group;
use crate::stream::{Missing, MissingCause};

/// A stream of a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) group: Arc<Group>,
    pub(crate) stream: Arc<str>,
}

/// What is to be done next.
#[derive(Debug)]
pub(crate) enum Next {
    Show(Shown),
    /// Wait for a page: [`Groups::asks`] says which to ask for.
    WantsPage,
    /// More matches must be known first, or that there are none.
    WantsMatches,
}

#[derive(Debug)]
pub(crate) struct Groups {
    extent: Extent,
    reach: Reach,
    trails: HashMap<Key, Trail>,
    /// Who is to be shown, by the time of its match or of its next event.
    turns: BTreeMap<(Time, u64), Turn>,
    front: Option<Key>,
    ready: VecDeque<Shown>,
    /// Whose was shown last.
    last: Option<Key>,
    /// Numbers that were given out.
    numbers: u64,
    /// The size of the matches that wait, in bytes.
    held: usize,
    troubles: HashMap<Arc<Group>, Trouble>,
    is_abandoned: bool,
    has_crashed: bool,
    missing: Vec<Missing>,
}

#[derive(Clone, Debug)]
enum Turn {
    /// A match.
    Match(Key),
    /// A group that was divided.
    GoOn(Key),
}

/// What keeps a group from being read.
#[derive(Debug)]
struct Trouble {
    cause: MissingCause,
    failures: u32,
    is_given_up: bool,
}

impl Groups {
    pub(crate) fn new(extent: Extent, reach: Reach) -> Self {
        Self {
            extent,
            reach,
            trails: HashMap::new(),
            turns: BTreeMap::new(),
            front: None,
            ready: VecDeque::new(),
            last: None,
            numbers: 0,
            held: 0,
            troubles: HashMap::new(),
            is_abandoned: false,
            has_crashed: false,
            missing: Vec::new(),
        }
    }

    /// Adds matches, in order of time over all streams.
    pub(crate) fn add(&mut self, matches: impl IntoIterator<Item = LogRecord>) {
        for record in matches {
            self.reach.passed = Some(record.time.millis());
            self.held += weight(&record);
            let number = self.number();
            let key = Key::of(&record.group, &record.stream);
            self.turns.insert((record.time, number), Turn::Match(key.clone()));
            let extent = self.extent;
            let trail = self.trails.entry(key).or_insert_with(|| Trail::new(&record, extent));
            trail.add(Match { number, record });
        }
    }

    /// No more matches come.
    pub(crate) fn end(&mut self) {
        self.reach.is_over = true;
    }

    /// No more pages come, and none is missed: what waits is shown as it is.
    pub(crate) fn abandon(&mut self) {
        self.is_abandoned = true;
        self.end();
    }

    /// A page was lost, and with it whose it was: no more are asked for.
    pub(crate) fn crash(&mut self) {
        self.has_crashed = true;
    }

    /// What could not be read.
    pub(crate) fn missing(&self) -> &[Missing] {
        &self.missing
    }

    pub(crate) fn next(&mut self) -> Next {
        loop {
            if let Some(shown) = self.ready.pop_front() {
                return Next::Show(shown);
            }
            if self.front.is_none() {
                self.front = self.whose_turn();
            }
            let Some(key) = self.front.clone() else { return Next::WantsMatches };
            let is_given_up = self.is_given_up(&key.group);
            let Some(trail) = self.trails.get_mut(&key) else {
                self.front = None;
                continue;
            };
            trail.aim();
            if trail.is_lost() || (is_given_up && !trail.is_in_group()) {
                self.front = None;
                if let Some(found) = trail.take_bare() {
                    self.note_missing(&key.group, found.record.time);
                    self.show(&key, true, Vec::new(), Some(found));
                }
                continue;
            }
            match trail.step(&self.reach) {
                Step::Match { before, found } => {
                    let is_apart = !trail.touches();
                    trail.shown();
                    self.show(&key, is_apart, before, Some(found));
                }
                Step::After(record) => self.show_one(&key, false, record, Some(Relation::After)),
                Step::Passed => {}
                Step::Over => {
                    self.front = None;
                    self.forget_some();
                }
                Step::WantsPage if is_given_up => {
                    self.front = None;
                    if let Some(cut) = trail.fail(None) {
                        self.note_missing(&key.group, cut);
                    }
                }
                Step::WantsPage => return Next::WantsPage,
                Step::WantsMatches(millis) => {
                    let time = Time::from_millis(millis);
                    let others_wait = self.turns.keys().next().is_some_and(|turn| turn.0 < time);
                    if self.held <= self.extent.held || !others_wait {
                        return Next::WantsMatches;
                    }
                    let number = self.number();
                    self.turns.insert((time, number), Turn::GoOn(key));
                    self.front = None;
                }
            }
        }
    }

    /// Pages to ask for, of the streams whose turn it is next; about so many at the most.
    pub(crate) fn asks(&mut self, most: usize) -> Vec<(Key, Way, StreamAsk)> {
        /// The streams of so many turns are looked at.
        const LOOKED_AT: usize = 64;
        let of_turn = |turn: &Turn| match turn {
            Turn::Match(key) | Turn::GoOn(key) => key.clone(),
        };
        let soon = self.turns.values().take(LOOKED_AT).map(of_turn);
        let keys: Vec<Key> = self.front.clone().into_iter().chain(soon).collect();
        let mut asks = Vec::new();
        for key in keys {
            if asks.len() >= most {
                break;
            }
            if self.is_given_up(&key.group) {
                continue;
            }
            let Some(trail) = self.trails.get_mut(&key) else { continue };
            trail.aim();
            if !trail.is_lost() {
                asks.extend(trail.asks().into_iter().map(|(way, ask)| (key.clone(), way, ask)));
            }
        }
        asks
    }

    /// Takes an answer.
    pub(crate) fn answer(&mut self, key: &Key, way: Way, page: Result<StreamPage, MissingCause>) {
        let Some(trail) = self.trails.get_mut(key) else { return };
        let answer =
            page.and_then(|page| trail.answer(way, page).map_err(|Stuck| MissingCause::Stuck));
        if let Err(cause) = answer {
            let cut = trail.fail(Some(way));
            self.take_failure(&key.group, cause);
            if let Some(time) = cut {
                self.note_missing(&key.group, time);
            }
        }
    }

    /// What is refused once is refused always; what fails for a passing reason may be asked for a few
    /// times more.
    fn take_failure(&mut self, group: &Arc<Group>, cause: MissingCause) {
        const PASSING: u32 = 2;
        let is_for_good = match &cause {
            MissingCause::Aws(error) => error.gravity() == aws::Gravity::Denied,
            MissingCause::Crashed => true,
            _ => false,
        };
        let known = self.troubles.remove(group);
        let failures = known.map_or(0, |known| known.failures) + 1;
        let is_given_up = is_for_good || failures > PASSING;
        self.troubles.insert(Arc::clone(group), Trouble { cause, failures, is_given_up });
    }

    fn is_given_up(&self, group: &Arc<Group>) -> bool {
        let is_given_up = |trouble: &Trouble| trouble.is_given_up;
        self.is_abandoned || self.has_crashed || self.troubles.get(group).is_some_and(is_given_up)
    }

    /// What stands around a match could not be read: told once of all matches of a group.
    fn note_missing(&mut self, group: &Arc<Group>, time: Time) {
        let cause = match self.troubles.get(group) {
            _ if self.is_abandoned => return,
            Some(trouble) => &trouble.cause,
            None => &MissingCause::Crashed,
        };
        let text = cause.to_string();
        for missing in &mut self.missing {
            if let MissingCause::Around { matches, cause } = &mut missing.cause
                && missing.group == *group
                && cause.to_string() == text
            {
                *matches += 1;
                missing.last = missing.last.max(time);
                return;
            }
        }
        let cause = MissingCause::Around { matches: 1, cause: Box::new(cause.clone()) };
        self.missing.push(Missing { group: Arc::clone(group), first: time, last: time, cause });
    }

    fn whose_turn(&mut self) -> Option<Key> {
        while let Some(turn) = self.turns.first_entry() {
            let number = turn.key().1;
            match turn.get() {
                Turn::Match(key) => {
                    if self.trails.get(key).is_some_and(|trail| trail.holds_match(number)) {
                        return Some(key.clone());
                    }
                    turn.remove();
                }
                Turn::GoOn(key) => {
                    let key = key.clone();
                    turn.remove();
                    if self.trails.get(&key).is_some_and(Trail::is_in_group) {
                        return Some(key);
                    }
                }
            }
        }
        None
    }

    fn show(&mut self, key: &Key, is_apart: bool, before: Vec<LogRecord>, found: Option<Match>) {
        let mut is_apart = is_apart;
        for record in before {
            self.show_one(key, is_apart, record, Some(Relation::Before));
            is_apart = false;
        }
        if let Some(Match { number, record }) = found {
            self.turns.remove(&(record.time, number));
            self.held -= weight(&record);
            self.show_one(key, is_apart, record, None);
        }
    }

    fn show_one(
        &mut self,
        key: &Key,
        is_apart: bool,
        record: LogRecord,
        relation: Option<Relation>,
    ) {
        let is_apart = is_apart || self.last.as_ref() != Some(key);
        let begins_group = is_apart && self.last.is_some();
        if is_apart {
            self.last = Some(key.clone());
        }
        self.ready.push_back(Shown { record, relation, begins_group });
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// Streams with nothing left to do are kept while there is room: they may match again.
    fn forget_some(&mut self) {
        const MOST_STREAMS: usize = 256;
        const MOST_EVENTS: usize = 100_000;
        let events = self.trails.values().map(Trail::size).sum::<usize>();
        if self.trails.len() > MOST_STREAMS || events > MOST_EVENTS {
            self.trails.retain(|_, trail| !trail.is_idle());
        }
    }
}

impl Key {
    fn of(group: &Arc<Group>, stream: &Arc<Stream>) -> Self {
        Self { group: Arc::clone(group), stream: stream.name.as_str().into() }
    }
}

/// About how many bytes a record takes.
fn weight(record: &LogRecord) -> usize {
    const FRAME: usize = 256;
    record.text.len() + FRAME
}
