//! Reading: from places and a window to one stream of records in order of time.
//!
//! Each source (streams of one group) is paged by a task of its own, one page ahead; the tasks are
//! merged here, as far as whoever takes the records asks for them. What could not be read is noted
//! and does not end the rest.

use std::collections::VecDeque;
use std::sync::Arc;

use aws::Door;
use record::Time;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::cursor::{Arrival, Cursor, Event, Gap, GapReason};
use crate::event::LogRecord;
use crate::gauge::Gauge;
use crate::merge::Merge;
use crate::narrow::narrowed;
use crate::pages::{PageError, Pages};
use crate::place::{Group, Place};
use crate::plan::{self, Source};
use crate::select::Selection;
use crate::sieve::{Sieve, Sifted};

/// What to read.
#[derive(Clone, Debug)]
pub struct Query {
    /// Where; from [`crate::resolve()`].
    pub places: Vec<Place>,
    /// From this instant on.
    pub start: Time,
    /// Until before this instant.
    pub end: Time,
    /// A filter pattern in CloudWatch Logs' own language, given to the server as it is.
    pub filter_pattern: Option<String>,
    /// What is wanted of that.
    pub selection: Selection,
    /// Only the newest so many.
    pub newest: Option<usize>,
}

/// Records in order, and whether more may come.
pub type Batch = Vec<LogRecord>;

/// What was read, and what is missing.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Events that were wanted and handed out.
    pub records: u64,
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
    /// The group.
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
    door: Door,
    query: Query,
    /// Windows yet to read, the next one last. One for a plain reading; for `newest` the slices
    /// from the newest to the oldest.
    windows: Vec<(i64, i64)>,
    current: Option<Reading>,
    /// What `newest` has kept so far, in order.
    kept: VecDeque<LogRecord>,
    summary: Summary,
    gauge: Gauge,
}

/// Records are handed over in batches of so many at the most.
const BATCH: usize = 1_000;

impl LogStream {
    /// Begins to read. Nothing is asked for until the first [`LogStream::next`].
    pub fn new(door: &Door, query: Query) -> Self {
        let (start, end) = (query.start.millis(), query.end.millis());
        let windows = match query.newest {
            None => vec![(start, end)],
            Some(_) => plan::newest_first(start, end).into_iter().rev().collect(),
        };
        Self {
            door: door.clone(),
            query,
            windows,
            current: None,
            kept: VecDeque::new(),
            summary: Summary::default(),
            gauge: Gauge::default(),
        }
    }

    /// The next records; `None` at the end.
    pub async fn next(&mut self) -> Option<Batch> {
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

    /// How far the reading is, to be looked at while [`LogStream::next`] is waited for.
    pub fn gauge(&self) -> Gauge {
        self.gauge.clone()
    }

    async fn next_of_windows(&mut self) -> Option<Batch> {
        loop {
            if self.current.is_none() {
                let window = self.windows.pop()?;
                self.current = Some(Reading::begin(&self.door, &self.query, window, &self.gauge));
            }
            let reading = self.current.as_mut()?;
            match reading.next(&mut self.summary).await {
                Some(batch) => return Some(batch),
                None => self.current = None,
            }
        }
    }

    /// Reads slice after slice, from the newest on, until enough is kept.
    async fn next_of_newest(&mut self, newest: usize) -> Option<Batch> {
        while self.kept.len() < newest
            && let Some(slice) = self.windows.pop()
        {
            let room = newest - self.kept.len();
            let mut reading = Reading::begin(&self.door, &self.query, slice, &self.gauge);
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
type Key = (Time, Option<Time>, Option<String>);

/// What a source's task says.
#[derive(Debug)]
enum Read {
    Page {
        records: Vec<LogRecord>,
        empty: bool,
        without_level: u64,
    },
    Missing(Missing),
    /// There is no more. A lane that closes without it has crashed.
    End,
}

impl Reading {
    fn begin(door: &Door, query: &Query, window: (i64, i64), gauge: &Gauge) -> Self {
        let sources = plan::sources(query.places.clone());
        let limit = plan::page_limit(sources.len());
        let merge = Merge::new(sources.len(), key);
        gauge.begin(sources.len(), window.0);
        let mut tasks = JoinSet::new();
        let mut lanes = Vec::new();
        for (number, source) in sources.into_iter().enumerate() {
            let (sender, said) = mpsc::channel(1);
            let gauge = (number, gauge.clone());
            let reader = SourceReader::new(door, source, query, limit, sender, gauge);
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
                    summary.missing.push(self.lanes[lane].whole.clone());
                    self.merge.end(lane);
                }
                Some(Read::End) => self.merge.end(lane),
                Some(Read::Missing(missing)) => summary.missing.push(missing),
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
fn key(record: &LogRecord) -> Key {
    (record.time, record.ingested, record.id.clone())
}

/// Pages one source.
struct SourceReader {
    pages: Pages,
    sieve: Sieve,
    limit: i32,
    sender: mpsc::Sender<Read>,
    /// Where it is told how far the source is, by this number.
    gauge: (usize, Gauge),
}

/// Whoever took the records has gone: the reading is over.
struct Gone;

impl SourceReader {
    fn new(
        door: &Door,
        source: Source,
        query: &Query,
        limit: i32,
        sender: mpsc::Sender<Read>,
        gauge: (usize, Gauge),
    ) -> Self {
        let sieve = Sieve::new(door, &source, &query.selection);
        let source = narrowed(source, &query.selection);
        let pages = Pages::new(door, source, query.filter_pattern.clone());
        Self { pages, sieve, limit, sender, gauge }
    }

    async fn run(mut self, window: (i64, i64)) {
        // When the records are not wanted any more there is nobody to tell.
        let read = self.read(window).await;
        self.gauge.1.end(self.gauge.0);
        if let Ok(()) = read {
            let _ = self.say(Read::End).await;
        }
    }

    async fn read(&mut self, (start, end): (i64, i64)) -> Result<(), Gone> {
        /// A token that is refused again and again did not expire.
        const FRESH_STARTS: u32 = 3;
        let mut cursor = Cursor::new(start, end, self.limit);
        let (mut refused, mut told) = (0, 0);
        while let Some(ask) = cursor.ask() {
            match self.pages.get(&ask).await {
                Ok(page) => {
                    let empty = page.events.is_empty();
                    let read = self.page(cursor.answer(page), empty).await;
                    if let Read::Page { records, .. } = &read {
                        let reached = cursor.unread().map_or(end, |(first, _)| first);
                        self.gauge.1.page(self.gauge.0, records.len(), reached);
                    }
                    self.say(read).await?;
                }
                Err(PageError::Undecodable) => cursor.undecodable(),
                Err(PageError::TokenRefused(_)) if refused < FRESH_STARTS => {
                    refused += 1;
                    cursor.token_refused();
                }
                Err(PageError::TokenRefused(error) | PageError::Failed(error)) => {
                    self.tell_gaps(&cursor, told, true).await?;
                    let unread = cursor.unread().unwrap_or((ask.first, ask.last));
                    let missing = self.missing(unread, MissingCause::Aws(error));
                    return self.say(Read::Missing(missing)).await;
                }
            }
            told = self.tell_gaps(&cursor, told, false).await?;
        }
        self.tell_gaps(&cursor, told, true).await?;
        Ok(())
    }

    async fn say(&self, said: Read) -> Result<(), Gone> {
        self.sender.send(said).await.map_err(|_| Gone)
    }

    /// Tells the gaps that can grow no more: all but the last, or all at the end.
    async fn tell_gaps(&self, cursor: &Cursor, told: usize, all: bool) -> Result<usize, Gone> {
        let known = cursor.gaps();
        let settled = if all { known.len() } else { known.len().saturating_sub(1) };
        for gap in known.iter().take(settled).skip(told) {
            self.say(Read::Missing(Missing::of_gap(self.sieve.group(), *gap))).await?;
        }
        Ok(settled.max(told))
    }

    fn missing(&self, (first, last): (i64, i64), cause: MissingCause) -> Missing {
        Missing {
            group: Arc::clone(self.sieve.group()),
            first: Time::from_millis(first),
            last: Time::from_millis(last),
            cause,
        }
    }

    async fn page(&mut self, events: Vec<Event>, empty: bool) -> Read {
        let Sifted { records, without_level } =
            self.sieve.sift(events.into_iter().map(Arrival::from).collect()).await;
        Read::Page { records, empty, without_level }
    }
}
