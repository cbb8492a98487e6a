//! What stands around a match in its own stream: grep's `-A`, `-B` and `-C`.
//!
//! Matches come in order of time over all streams. What a process wrote right before and after a match
//! is read from its stream alone, by GetLogEvents, which has a quota of its own; no condition
//! applies to it. Surroundings that overlap or touch are one group. Groups come out in the order of
//! their first match, and a group is not interrupted by another.

mod groups;
#[cfg(test)]
mod random_worlds;
mod trail;

use std::collections::HashMap;

use aws::{Doors, Operation};
use record::Time;
use tokio::task::JoinSet;

use crate::cloudwatch::{Api, StreamAsk, StreamPage};
use crate::event::LogRecord;
use crate::select::{Selection, Verdict};
use crate::stream::{Batch, MissingCause, Summary};
use groups::{Groups, Key, Next};
use trail::Way;

/// How an event stands to the match that it is shown with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Right before it.
    Before,
    /// After it.
    After,
}

impl Relation {
    /// `before` or `after`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// An event that is to be shown.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The event.
    pub record: LogRecord,
    /// How it stands to its match; a match has none.
    pub relation: Option<Relation>,
    /// It does not follow at once on what was shown before it. The first of all does not begin a
    /// group in this sense.
    pub begins_group: bool,
}

/// How much is shown around a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Around {
    /// So many events before it.
    pub before: usize,
    /// So many events after it.
    pub after: usize,
}

/// How much is shown around a match, and how much is held for that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) before: usize,
    pub(crate) after: usize,
    /// So many events more are read than are wanted: the next match may be near.
    pub(crate) ahead: usize,
    /// Matches that wait may have so many bytes before a group is divided.
    pub(crate) held: usize,
}

/// What is known of the matches: up to where they are, and what they are like.
#[derive(Debug)]
pub(crate) struct Reach {
    /// From here on, in milliseconds.
    pub(crate) start: i64,
    /// Until before here.
    pub(crate) end: i64,
    pub(crate) selection: Selection,
    /// All matches before this time are known.
    pub(crate) passed: Option<i64>,
    /// All matches are known.
    pub(crate) is_over: bool,
}

impl Reach {
    /// Whether an event may be a match that is not known yet.
    pub(crate) fn may_be_found(&self, event: &LogRecord) -> bool {
        let time = event.time.millis();
        let is_known = self.is_over || self.passed.is_some_and(|passed| time < passed);
        !is_known
            && (self.start..self.end).contains(&time)
            && self.selection.judge(event) == Verdict::Wanted
    }
}

/// Matches, each with what stands around it.
#[derive(Debug)]
pub struct Surroundings {
    doors: Doors,
    groups: Groups,
    /// By region.
    apis: HashMap<(Option<String>, String), Api>,
    flights: JoinSet<(Key, Way, Result<StreamPage, MissingCause>)>,
    /// Events around matches that were handed out.
    around: u64,
    pages: u64,
    empty_pages: u64,
}

impl Surroundings {
    /// Of matches of `selection` from `start` on, until before `end`. Nothing is asked for until
    /// there is a match.
    pub fn new(
        doors: &Doors,
        around: Around,
        selection: Selection,
        start: Time,
        end: Time,
    ) -> Self {
        const AHEAD: usize = 100;
        const HELD: usize = 16 * 1024 * 1024;
        let Around { before, after } = around;
        let extent = Extent { before, after, ahead: AHEAD, held: HELD };
        let reach = Reach {
            start: start.millis(),
            end: end.millis(),
            selection,
            passed: None,
            is_over: false,
        };
        Self {
            doors: doors.clone(),
            groups: Groups::new(extent, reach),
            apis: HashMap::new(),
            flights: JoinSet::new(),
            around: 0,
            pages: 0,
            empty_pages: 0,
        }
    }

    /// Adds matches, in order of time.
    pub fn add(&mut self, matches: Batch) {
        self.groups.add(matches);
    }

    /// No more matches come.
    pub fn end(&mut self) {
        self.groups.end();
    }

    /// No more is read: the matches that wait come out as they are.
    pub fn abandon(&mut self) {
        self.flights.abort_all();
        self.groups.abandon();
    }

    /// What is to be shown next. `None` where more matches must be added first; after
    /// [`Surroundings::end`], where there is no more.
    ///
    /// It can be dropped and called again: nothing is lost.
    pub async fn next(&mut self) -> Option<Shown> {
        loop {
            match self.groups.next() {
                Next::Show(shown) => {
                    self.around += u64::from(shown.relation.is_some());
                    return Some(shown);
                }
                Next::WantsMatches => return None,
                Next::WantsPage => {
                    self.send();
                    self.land().await;
                }
            }
        }
    }

    /// Adds what was read here to what was read of the matches.
    pub fn tell(&self, summary: &mut Summary) {
        summary.around += self.around;
        summary.pages += self.pages;
        summary.empty_pages += self.empty_pages;
        summary.missing.extend(self.groups.missing().iter().cloned());
    }

    /// Asks for the pages of the streams whose turn it is next. The pace holds them back.
    fn send(&mut self) {
        const SIDE_BY_SIDE: usize = 8;
        let room = SIDE_BY_SIDE.saturating_sub(self.flights.len());
        for (key, way, ask) in self.groups.asks(room.max(1)) {
            let (profile, region) = (&key.group.profile, &key.group.region);
            let door = || self.doors.of(profile.as_deref());
            let api = self.apis.entry((profile.clone(), region.clone()));
            let api = api.or_insert_with(|| Api::new(door(), region)).clone();
            self.flights.spawn(fetch(api, key, way, ask));
        }
    }

    async fn land(&mut self) {
        match self.flights.join_next().await {
            Some(Ok((key, way, page))) => {
                if let Ok(page) = &page {
                    self.pages += 1;
                    self.empty_pages += u64::from(page.events.is_empty());
                }
                self.groups.answer(&key, way, page);
            }
            // Whose page it was is not known any more.
            Some(Err(_)) | None => self.groups.crash(),
        }
    }
}

async fn fetch(
    api: Api,
    key: Key,
    way: Way,
    ask: StreamAsk,
) -> (Key, Way, Result<StreamPage, MissingCause>) {
    let turn = api.turn(Operation::GetLogEvents).await;
    let page = api.stream_events(turn, &key.group, &key.stream, &ask).await;
    (key, way, page.map_err(MissingCause::Aws))
}
