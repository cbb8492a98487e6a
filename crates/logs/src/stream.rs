//! Reading: from places and a window to one stream of records in order of time.
//!
//! Each source (streams of one group) is paged by a task of its own, one page ahead; the tasks are
//! merged here, as far as whoever takes the records asks for them. What could not be read is noted
//! and does not end the rest.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use aws::{Cause, Door};
use record::Time;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::cloudwatch::Api;
use crate::cursor::{Cursor, Event, Gap, GapReason};
use crate::event::{LogRecord, Stream};
use crate::gauge::Gauge;
use crate::merge::Merge;
use crate::place::{Group, Naming, Place, Streams, Writer};
use crate::plan::{self, Source};
use crate::select::{Selection, Verdict};

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
    /// What could not be read.
    pub missing: Vec<Missing>,
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
    door: Door,
    api: Api,
    source: Source,
    group: Arc<Group>,
    names: StreamNames,
    /// Tasks that turned out to be of another service.
    foreign_tasks: HashSet<String>,
    pattern: Option<String>,
    selection: Selection,
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
        Self {
            door: door.clone(),
            api: Api::new(door, &source.group.region),
            group: Arc::new(source.group.clone()),
            names: StreamNames::new(source.writers.clone()),
            foreign_tasks: HashSet::new(),
            pattern: query.filter_pattern.clone(),
            selection: query.selection.clone(),
            source: narrowed(source, &query.selection),
            limit,
            sender,
            gauge,
        }
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
            if matches!(&self.source.streams, Streams::Named(names) if names.is_empty()) {
                break;
            }
            let answer =
                self.api.events(&self.group, &self.source.streams, self.pattern.as_deref(), &ask);
            match answer.await {
                Ok(page) => {
                    let empty = page.events.is_empty();
                    let read = self.page(cursor.answer(page), empty).await;
                    if let Read::Page { records, .. } = &read {
                        let reached = cursor.unread().map_or(end, |(first, _)| first);
                        self.gauge.1.page(self.gauge.0, records.len(), reached);
                    }
                    self.say(read).await?;
                }
                Err(error) if matches!(error.cause, Cause::Undecodable { .. }) => {
                    cursor.undecodable();
                }
                Err(error) if is_token_refusal(&error) && refused < FRESH_STARTS => {
                    refused += 1;
                    cursor.token_refused();
                }
                Err(error) if self.drop_absent_streams(&error).await => {}
                Err(error) => {
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

    /// A list of names is refused when one of them is absent: a container that never wrote has no
    /// stream. True when the list became shorter, so that asking again makes sense.
    async fn drop_absent_streams(&mut self, error: &aws::Error) -> bool {
        let (Cause::NotFound { .. }, Streams::Named(names)) = (&error.cause, &self.source.streams)
        else {
            return false;
        };
        let observed = Time::from_millis(0);
        match self.api.existing(&self.group, names, observed).await {
            Ok(existing) if existing.len() < names.len() => {
                self.source.streams = Streams::Named(existing);
                true
            }
            _ => false,
        }
    }

    /// Tells the gaps that can grow no more: all but the last, or all at the end.
    async fn tell_gaps(&self, cursor: &Cursor, told: usize, all: bool) -> Result<usize, Gone> {
        let known = cursor.gaps();
        let settled = if all { known.len() } else { known.len().saturating_sub(1) };
        for Gap { first, last, reason } in known.iter().take(settled).skip(told) {
            let cause = match reason {
                GapReason::Undecodable => MissingCause::Undecodable,
                GapReason::GivenUp => MissingCause::GivenUp,
                GapReason::Stuck => MissingCause::Stuck,
            };
            self.say(Read::Missing(self.missing((*first, *last), cause))).await?;
        }
        Ok(settled.max(told))
    }

    fn missing(&self, (first, last): (i64, i64), cause: MissingCause) -> Missing {
        Missing {
            group: Arc::clone(&self.group),
            first: Time::from_millis(first),
            last: Time::from_millis(last),
            cause,
        }
    }

    async fn page(&mut self, events: Vec<Event>, empty: bool) -> Read {
        self.learn_whose_tasks(&events).await;
        let mut records = Vec::with_capacity(events.len());
        let mut without_level = 0;
        for event in events {
            let record = self.record(event);
            let task = record.stream.task.as_ref();
            if task.is_some_and(|task| self.foreign_tasks.contains(task)) {
                continue;
            }
            match self.selection.judge(&record) {
                Verdict::Wanted => records.push(record),
                Verdict::WithoutLevel => without_level += 1,
                Verdict::Unwanted => {}
            }
        }
        Read::Page { records, empty, without_level }
    }

    /// Other services may write under the same prefix. Tasks that are not known to be a wanted
    /// service's are looked up, once; those that ECS has forgotten are taken for its own.
    async fn learn_whose_tasks(&mut self, events: &[Event]) {
        if self.source.owners.is_empty() {
            return;
        }
        let streams: BTreeSet<&str> = events.iter().map(|event| event.stream.as_str()).collect();
        let mut unknown = BTreeSet::new();
        for stream in streams {
            let stream = self.names.stream(stream);
            let own = &self.source.own_tasks;
            let known = |task: &String| own.contains(task) || self.foreign_tasks.contains(task);
            unknown.extend(stream.task.iter().filter(|task| !known(task)).cloned());
        }
        let owners = self.source.owners.clone();
        let places: BTreeSet<_> = owners.iter().map(|o| (&o.region, &o.cluster)).collect();
        let unknown: Vec<String> = unknown.into_iter().collect();
        for (region, cluster) in places {
            if unknown.is_empty() {
                break;
            }
            let fleet = ecs::Fleet::new(&self.door, region, None);
            // Without an answer nobody can tell; the prefix is what the service's own definition says.
            let tasks = fleet.tasks(cluster, &unknown).await.unwrap_or_default();
            let of_another = tasks.into_iter().filter(|task| {
                let service = task.service();
                !owners
                    .iter()
                    .any(|o| o.cluster == task.cluster && Some(o.service.as_str()) == service)
            });
            self.foreign_tasks.extend(of_another.map(|task| task.id));
        }
        self.source.own_tasks.extend(unknown);
    }

    fn record(&mut self, event: Event) -> LogRecord {
        LogRecord {
            time: Time::from_millis(event.time),
            ingested: event.ingested.map(Time::from_millis),
            group: Arc::clone(&self.group),
            stream: self.names.stream(&event.stream),
            id: event.id,
            text: event.text,
            repaired: event.repaired,
        }
    }
}

/// Lets the server leave out what `--stream` and `--task` do not want, where that is certain.
fn narrowed(source: Source, selection: &Selection) -> Source {
    let prefix = selection.stream_choice().map_or("", |choice| choice.prefix());
    let task = selection.task_choice().and_then(ecs::TaskId::parse);
    let streams = match (&source.streams, task) {
        // A whole id, and every writer names its streams so: exactly that stream.
        (Streams::Prefix(known), Some(task)) if is_only_naming(&source, known) => {
            Streams::Named([format!("{known}{}", task.as_str())].into())
        }
        (Streams::All, _) if !prefix.is_empty() => Streams::Prefix(prefix.to_owned()),
        (Streams::Prefix(known), _) if prefix.starts_with(known.as_str()) => {
            Streams::Prefix(prefix.to_owned())
        }
        (streams, _) => streams.clone(),
    };
    Source { streams, ..source }
}

/// Whether no writer under this prefix has a longer one of its own.
fn is_only_naming(source: &Source, prefix: &str) -> bool {
    let mut under_it = source.writers.iter().filter_map(|writer| match &writer.naming {
        Naming::PrefixThenTask(own) if own.starts_with(prefix) => Some(own == prefix),
        Naming::Exactly { stream, .. } if stream.starts_with(prefix) => Some(false),
        _ => None,
    });
    under_it.all(|same| same)
}

/// Tokens live for 24 hours; an old one is refused as an invalid parameter.
fn is_token_refusal(error: &aws::Error) -> bool {
    matches!(&error.cause, Cause::Invalid { code, message }
        if code == "InvalidParameterException" && message.to_ascii_lowercase().contains("token"))
}

/// Whose a stream is, by its name; remembered, since events share streams.
#[derive(Debug)]
pub(crate) struct StreamNames {
    writers: Vec<Writer>,
    known: HashMap<String, Arc<Stream>>,
}

impl StreamNames {
    pub(crate) fn new(writers: Vec<Writer>) -> Self {
        Self { writers, known: HashMap::new() }
    }

    pub(crate) fn stream(&mut self, name: &str) -> Arc<Stream> {
        /// A group may have millions of streams; only the recent ones come again.
        const REMEMBERED: usize = 10_000;
        if let Some(stream) = self.known.get(name) {
            return Arc::clone(stream);
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let stream = Arc::new(self.identify(name));
        self.known.insert(name.to_owned(), Arc::clone(&stream));
        stream
    }

    fn identify(&self, name: &str) -> Stream {
        for writer in &self.writers {
            if let Some(task) = writer.naming.task_of(name) {
                return Stream {
                    name: name.to_owned(),
                    cluster: Some(writer.cluster.clone()),
                    service: writer.service.clone(),
                    task: task.map(str::to_owned),
                    container: Some(writer.container.clone()),
                };
            }
        }
        let (container, task) = awslogs_name(name).unzip();
        Stream { name: name.to_owned(), cluster: None, service: None, task, container }
    }
}

/// Container and task of `prefix/container/task-id`, when the name has that shape with a real id.
fn awslogs_name(name: &str) -> Option<(String, String)> {
    let mut parts = name.rsplit('/');
    let task = parts.next().and_then(ecs::TaskId::parse)?;
    let container = parts.next().filter(|part| !part.is_empty())?;
    parts.next()?;
    Some((container.to_owned(), task.as_str().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: &str = "0f9de17a6465404e8b1b2356dc13c2f8";

    fn writer(prefix: &str) -> Writer {
        Writer {
            cluster: "prod".into(),
            service: Some("api".into()),
            container: "web".into(),
            naming: Naming::PrefixThenTask(prefix.into()),
        }
    }

    #[test]
    fn a_stream_is_known_by_its_writer() {
        let stream = StreamNames::new(vec![writer("in/web/")]).stream(&format!("in/web/{TASK}"));
        assert_eq!(stream.service.as_deref(), Some("api"));
        assert_eq!(stream.task.as_deref(), Some(TASK));
    }

    #[test]
    fn a_stream_of_an_unknown_writer_still_shows_its_task() {
        let mut names = StreamNames::new(Vec::new());
        let stream = names.stream(&format!("x/web/{TASK}"));
        assert_eq!(
            (stream.container.as_deref(), stream.task.as_deref()),
            (Some("web"), Some(TASK))
        );
        assert_eq!(names.stream("2026/11/22/[$LATEST]abc").task, None);
    }

    #[test]
    fn the_server_is_asked_for_no_more_than_the_choice_needs() {
        let source = |streams| Source {
            group: Group { account: None, region: "r".into(), name: "/g".into(), arn: None },
            streams,
            writers: Vec::new(),
            owners: BTreeSet::new(),
            own_tasks: BTreeSet::new(),
        };
        let choose = |selection: &Selection, streams| narrowed(source(streams), selection).streams;
        let prefix = |text: &str| Streams::Prefix(text.into());

        let task = Selection::everything().task(Some(TASK.into()));
        let exactly = Streams::Named([format!("in/web/{TASK}")].into());
        assert_eq!(choose(&task, prefix("in/web/")), exactly);

        let part = Selection::everything().task(Some("0f9d".into()));
        assert_eq!(choose(&part, prefix("in/web/")), prefix("in/web/"));

        let glob = crate::select::StreamChoice::parse("in/web/0*").ok();
        let glob = Selection::everything().stream(glob);
        assert_eq!(choose(&glob, Streams::All), prefix("in/web/0"));
        assert_eq!(choose(&glob, prefix("in/")), prefix("in/web/0"));
        assert_eq!(choose(&glob, prefix("other/")), prefix("other/"));
    }
}
