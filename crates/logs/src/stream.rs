//! Reading: from places and a window to one stream of records in order of time.
//!
//! Each source (streams of one group) is read by a task of its own, in shards of time side by side
//! (see `fetch.rs`); the tasks are merged here, as far as whoever takes the records asks for them. What could not be read is noted
//! and does not end the rest.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use aws::{Doors, Site};
use record::Time;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::cloudwatch::Api;
use crate::cursor::{Gap, GapReason};
use crate::event::LogRecord;
use crate::fetch::{Read, Room, SourceReader};
use crate::gauge::Gauge;
use crate::merge::Merge;
use crate::narrow::narrowed;
use crate::newest;
use crate::place::{Group, Place, Whose};
use crate::plan::{self, Source};
use crate::pushdown::{self, FilterPattern};
use crate::resolve::Unread;
use crate::select::Selection;

/// What to read.
#[derive(Clone, Debug)]
pub struct Query {
    /// Where; from [`crate::resolve()`].
    pub places: Vec<Place>,
    /// Where nobody could look, so that it is missing; likewise.
    pub unread: Vec<Unread>,
    /// From this instant on.
    pub start: Time,
    /// Until before this instant.
    pub end: Time,
    /// What the server is asked to leave out.
    pub filter_pattern: Option<FilterPattern>,
    /// What is wanted of that.
    pub selection: Selection,
    /// Only the newest so many.
    pub newest: Option<usize>,
}

impl Query {
    /// What is to be read, as far as the server can be told.
    pub(crate) fn sources(&self) -> Vec<Source> {
        let sources = plan::sources(self.places.clone());
        let narrow = |source| narrowed(source, &self.selection);
        let sources = sources.into_iter().map(narrow).collect();
        let window = (self.start.millis(), self.end.millis());
        match self.filter_pattern.is_none() && plan::is_long(window) {
            true => plan::by_stream(sources),
            false => sources,
        }
    }
}

/// Records in order, and whether more may come.
pub type Batch = Vec<LogRecord>;

/// What was read, and what is missing.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Events that were wanted and handed out.
    pub records: u64,
    /// Events that were handed out with them, for what stands around them.
    pub around: u64,
    /// Pages that were read.
    pub pages: u64,
    /// Pages without an event, ordinary with a filter pattern.
    pub empty_pages: u64,
    /// Events that `--level` left out because they say none.
    pub without_level: u64,
    /// While following: what is to be known beyond that.
    pub follow: FollowCounts,
    /// What could not be read.
    pub missing: Vec<Missing>,
}

impl Summary {
    /// Notes a missing part. What goes on where the one before ended, for the same reason, is one part.
    pub(crate) fn add_missing(&mut self, missing: Missing) {
        let goes_on = |known: &&mut Missing| {
            known.group == missing.group
                && known.last.millis() + 1 == missing.first.millis()
                && known.cause.to_string() == missing.cause.to_string()
        };
        match self.missing.iter_mut().find(goes_on) {
            Some(known) => known.last = missing.last,
            None => self.missing.push(missing),
        }
    }
}

/// What following counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FollowCounts {
    /// Records that were handed out after much later ones.
    pub late: u64,
    /// Events that Live Tail left out, and a poll brought.
    pub recovered: u64,
    /// Updates (seconds) of which Live Tail said that it left something out.
    pub sampled: u64,
    /// Events that came after the guarantee (`--late`), and were not handed out.
    pub after_guarantee: u64,
}

/// A part of the answer that could not be had.
#[derive(Clone, Debug)]
pub struct Missing {
    /// The group; of a site that could not be asked, the target as it was typed.
    pub group: Arc<Group>,
    /// From here.
    pub first: Time,
    /// To here, included.
    pub last: Time,
    /// Why.
    pub cause: MissingCause,
}

/// Why a part of the answer is missing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum MissingCause {
    /// A request failed for good.
    #[error(transparent)]
    Aws(aws::Error),
    /// An answer cannot be decoded; this is the smallest interval that holds it.
    #[error("an event cannot be decoded")]
    Undecodable,
    /// Answer after answer cannot be decoded.
    #[error("no answer can be decoded, so the rest was not asked for")]
    GivenUp,
    /// The task that read it ended without a word.
    #[error("the reader of this group crashed, which is a bug in oncall")]
    Crashed,
    /// The service repeats a token without end.
    #[error("CloudWatch Logs repeated the same page token without end")]
    Stuck,
    /// The matches are there; what stands around them in their streams could not be read.
    #[error("what stands around {matches} of the matches: {cause}")]
    Around {
        /// So many matches.
        matches: u64,
        /// Why.
        cause: Box<MissingCause>,
    },
}

impl MissingCause {
    /// Why, without what it is about.
    pub fn root(&self) -> &Self {
        match self {
            Self::Around { cause, .. } => cause.root(),
            cause => cause,
        }
    }
}

impl From<GapReason> for MissingCause {
    fn from(reason: GapReason) -> Self {
        match reason {
            GapReason::Undecodable => Self::Undecodable,
            GapReason::GivenUp => Self::GivenUp,
            GapReason::Stuck => Self::Stuck,
        }
    }
}

impl Missing {
    /// A target at a site that could not be asked: all of a window, half-open.
    pub fn of_unread(Unread { target, site, error }: &Unread, start: Time, end: Time) -> Self {
        let group = Group {
            profile: site.profile.clone(),
            account: None,
            region: site.region.clone(),
            name: target.clone(),
            arn: None,
        };
        Self {
            group: Arc::new(group),
            first: start,
            last: Time::from_millis(end.millis() - 1).max(start),
            cause: MissingCause::Aws(error.clone()),
        }
    }

    pub(crate) fn of_gap(group: &Arc<Group>, Gap { first, last, reason }: Gap) -> Self {
        Self {
            group: Arc::clone(group),
            first: Time::from_millis(first),
            last: Time::from_millis(last),
            cause: reason.into(),
        }
    }
}

/// Records in order of time, ingestion and id, merged over all sources.
#[derive(Debug)]
pub struct LogStream {
    doors: Doors,
    query: Query,
    /// Windows yet to read, the next one last. One for a plain reading; for `newest` the slices
    /// from the newest to the oldest.
    windows: Vec<(i64, i64)>,
    current: Option<Reading>,
    /// The server was asked to leave out what it can.
    asked_the_server: bool,
    /// `newest` was looked for from the end.
    looked_from_end: bool,
    /// What `newest` has kept so far, in order.
    kept: VecDeque<LogRecord>,
    summary: Summary,
    gauge: Gauge,
}

/// Records are handed over in batches of so many at the most.
const BATCH: usize = 1_000;

impl LogStream {
    /// Begins to read. Nothing is asked for until the first [`LogStream::next`].
    pub fn new(doors: &Doors, query: Query) -> Self {
        let (start, end) = (query.start.millis(), query.end.millis());
        let windows = match query.newest {
            None => vec![(start, end)],
            Some(_) => Vec::new(),
        };
        let unread = query.unread.iter();
        let missing = unread.map(|unread| Missing::of_unread(unread, query.start, query.end));
        let summary = Summary { missing: missing.collect(), ..Summary::default() };
        Self {
            doors: doors.clone(),
            query,
            windows,
            current: None,
            asked_the_server: false,
            looked_from_end: false,
            kept: VecDeque::new(),
            summary,
            gauge: Gauge::default(),
        }
    }

    /// The next records; `None` at the end.
    pub async fn next(&mut self) -> Option<Batch> {
        if !std::mem::replace(&mut self.asked_the_server, true) {
            self.ask_the_server().await;
        }
        let batch = match self.query.newest {
            None => self.next_of_windows().await,
            Some(newest) => self.next_of_newest(newest).await,
        };
        self.summary.records += batch.as_ref().map_or(0, |batch| batch.len() as u64);
        batch
    }

    /// What was read so far, and what is missing.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// What has to be said so that it is clear whose a record is.
    pub fn whose(&self) -> Whose {
        Whose::of(&self.doors, &self.query.places)
    }

    /// How far the reading is, to be looked at while [`LogStream::next`] is waited for.
    pub fn gauge(&self) -> Gauge {
        self.gauge.clone()
    }

    /// Lets the server leave out what cannot be wanted, where it knows how. Another implementation may
    /// look for the pattern's own characters and lose everything, so it has to refuse what AWS refuses.
    async fn ask_the_server(&mut self) {
        if self.query.filter_pattern.is_some() {
            return;
        }
        let Some(pattern) = pushdown::filter_pattern(&self.query.selection) else { return };
        let groups =
            self.query.sources().into_iter().map(|source| (source.group.site(), source.group));
        let one_a_site: BTreeMap<Site, Group> = groups.collect();
        for (site, group) in one_a_site {
            let door = self.doors.of(site.profile.as_deref());
            let knows_how = door.logs_are_of_aws()
                || Api::new(door, &site.region).refuses_broken_regex(&group).await;
            if !knows_how {
                return;
            }
        }
        tracing::debug!(target: "oncall", pattern, "the server is asked for this only");
        self.query.filter_pattern = Some(FilterPattern::Derived(pattern));
    }

    async fn next_of_windows(&mut self) -> Option<Batch> {
        loop {
            if self.current.is_none() {
                let window = self.windows.pop()?;
                self.current = Some(Reading::begin(&self.doors, &self.query, window, &self.gauge));
            }
            let reading = self.current.as_mut()?;
            match reading.next(&mut self.summary).await {
                Some(batch) => return Some(batch),
                None => self.current = None,
            }
        }
    }

    /// Reads from the end, and then slice after slice, from the newest on, until enough is kept.
    async fn next_of_newest(&mut self, newest: usize) -> Option<Batch> {
        if !std::mem::replace(&mut self.looked_from_end, true) {
            let found = newest::newest(&self.doors, &self.query, newest, &mut self.summary).await;
            self.kept = found.records;
            let until = found.unread_until.unwrap_or(self.query.start.millis());
            let slices = plan::newest_first(self.query.start.millis(), until);
            self.windows = slices.into_iter().rev().collect();
        }
        while self.kept.len() < newest
            && let Some(slice) = self.windows.pop()
        {
            let room = newest - self.kept.len();
            let mut reading = Reading::begin(&self.doors, &self.query, slice, &self.gauge);
            let mut found: VecDeque<LogRecord> = VecDeque::new();
            while let Some(batch) = reading.next(&mut self.summary).await {
                found.extend(batch);
                found.drain(..found.len().saturating_sub(room));
            }
            found.append(&mut self.kept);
            self.kept = found;
        }
        // Enough is kept. It is handed out batch by batch, and nothing more is read.
        self.windows.clear();
        self.query.newest = Some(0);
        let batch: Batch = self.kept.drain(..self.kept.len().min(BATCH)).collect();
        (!batch.is_empty()).then_some(batch)
    }
}

/// One window of all sources.
#[derive(Debug)]
struct Reading {
    lanes: Vec<Lane>,
    merge: Merge<Key, LogRecord>,
    /// Ends the tasks when the reading is dropped.
    _tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Lane {
    said: mpsc::Receiver<Read>,
    /// What is missing when the lane crashes: all of it.
    whole: Missing,
}

/// Time, ingestion, id.
pub(crate) type Key = (Time, Option<Time>, Option<String>);

impl Reading {
    fn begin(doors: &Doors, query: &Query, window: (i64, i64), gauge: &Gauge) -> Self {
        let sources = query.sources();
        let count = sources.len();
        // Each account has a pace of its own in each region: none takes another's room.
        let mut rooms = BTreeMap::new();
        let merge = Merge::new(sources.len(), key);
        gauge.begin(sources.len(), window.0);
        let mut tasks = JoinSet::new();
        let mut lanes = Vec::new();
        for (number, source) in sources.into_iter().enumerate() {
            let (sender, said) = mpsc::channel(1);
            let gauge = (number, gauge.clone());
            let door = doors.of(source.group.profile.as_deref());
            let new_room = || Room::of(door, std::slice::from_ref(&source));
            let room = rooms.entry(source.group.site()).or_insert_with(new_room).clone();
            let reader = SourceReader::new(door, source, query, count, &room, sender, gauge);
            let whole = reader.missing((window.0, window.1 - 1), MissingCause::Crashed);
            tasks.spawn(reader.run(window));
            lanes.push(Lane { said, whole });
        }
        Self { lanes, merge, _tasks: tasks }
    }

    async fn next(&mut self, summary: &mut Summary) -> Option<Batch> {
        while let Some(lane) = self.merge.waits_for() {
            match self.lanes[lane].said.recv().await {
                None => {
                    summary.add_missing(self.lanes[lane].whole.clone());
                    self.merge.end(lane);
                }
                Some(Read::End) => self.merge.end(lane),
                Some(Read::Missing(missing)) => summary.add_missing(missing),
                Some(Read::Page { records, empty, without_level }) => {
                    summary.pages += 1;
                    summary.empty_pages += u64::from(empty);
                    summary.without_level += without_level;
                    self.merge.add(lane, records);
                }
            }
        }
        let batch = self.merge.pop_many(BATCH);
        (!batch.is_empty()).then_some(batch)
    }
}

/// The order of records across sources.
pub(crate) fn key(record: &LogRecord) -> Key {
    (record.time, record.ingested, record.id.clone())
}
