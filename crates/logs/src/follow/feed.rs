//! Following targets: the history, and then what is ingested, from all sources, with what joins and
//! leaves meanwhile.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws::{Doors, Site};
use record::Time;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::cursor::Event;
use crate::event::LogRecord;
use crate::follow::happening::{FollowNotice, FollowQuery, Happening, Live, Said};
use crate::follow::live::{LiveTail, NoLiveTail, Plan};
use crate::follow::machine::{Machine, Tally, Terms};
use crate::follow::route::{INBOX, Route, Routes};
use crate::follow::source::{Heard, Reporter, SourceFollower};
use crate::follow::stopped::{self, TaskStopped};
use crate::members::Members;
use crate::narrow::narrowed;
use crate::pages::Pages;
use crate::place::{Group, Streams, Whose};
use crate::plan::{self, Source};
use crate::pushdown::FilterPattern;
use crate::resolve::{Resolution, Unread, resolve};
use crate::sieve::Sieve;
use crate::stream::{Batch, LogStream, Missing, MissingCause, Summary};

/// Records as they are ingested, each once.
#[derive(Debug)]
pub struct FollowStream {
    doors: Doors,
    follow: FollowQuery,
    history: Option<LogStream>,
    /// Sources that wait for the history to end.
    waiting: Vec<Waiting>,
    followed: Vec<Followed>,
    sites: BTreeMap<Site, FollowedSite>,
    said: mpsc::Receiver<Said>,
    sender: mpsc::Sender<Said>,
    tasks: JoinSet<()>,
    members: Members,
    stopped: Option<Box<TaskStopped>>,
    /// When it was learnt that the task has stopped.
    stopped_at: Option<Time>,
    summary: Summary,
    /// Targets at sites that could not be asked yet.
    unread: Vec<Unread>,
    notices: Vec<FollowNotice>,
}

/// An account in a region: it has a quota and a Live Tail of its own.
#[derive(Debug)]
struct FollowedSite {
    /// How many sources share the quota.
    sources: Arc<AtomicUsize>,
    routes: Arc<Routes>,
    plan: watch::Sender<Plan>,
    /// Whether Live Tail was begun, whatever became of it.
    is_live: bool,
}

struct Waiting {
    follower: SourceFollower,
    /// How many share its quota.
    sources: Arc<AtomicUsize>,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waiting({})", self.follower.reporter.number)
    }
}

/// A source, and how it fares.
#[derive(Debug)]
struct Followed {
    group: Group,
    streams: Streams,
    tally: Tally,
    polled: Option<Time>,
    in_trouble: bool,
    gave_up: bool,
}

/// So many things may wait for whoever takes the records.
const QUEUE: usize = 4;

/// From one sweep over the whole guarantee to the next.
const SWEEP_INTERVAL_MS: i64 = 60_000;

/// From one look at what the targets consist of to the next.
const LOOK_INTERVAL: Duration = Duration::from_secs(20);

/// After a task has stopped, what it said last may still be on its way for so long.
const LAST_WORDS_MS: i64 = 12_000;
const LAST_WORDS_AT_MOST_MS: i64 = 60_000;
const LAST_WORDS_TICK: Duration = Duration::from_secs(1);

impl FollowStream {
    /// Begins to follow.
    pub async fn begin(doors: &Doors, mut follow: FollowQuery) -> Result<Self, NoLiveTail> {
        let (sender, said) = mpsc::channel(QUEUE);
        // What could not be asked may answer later.
        let unread = std::mem::take(&mut follow.query.unread);
        let query = &follow.query;
        let has_history = query.start < query.end;
        let history = has_history.then(|| LogStream::new(doors, query.clone()));
        let mut stream = Self {
            doors: doors.clone(),
            history,
            waiting: Vec::new(),
            followed: Vec::new(),
            sites: BTreeMap::new(),
            said,
            sender,
            tasks: JoinSet::new(),
            members: follow.members.clone(),
            stopped: None,
            stopped_at: None,
            summary: Summary::default(),
            notices: unread.iter().rev().filter(|unread| may_answer(unread)).map(trouble).collect(),
            unread,
            follow,
        };
        let places = stream.follow.query.places.clone();
        let sources = plan::sources(places);
        let count = sources.len();
        for source in sources {
            stream.prepare(source, count, true);
        }
        stream.begin_live().await?;
        stream.begin_to_look();
        Ok(stream)
    }

    /// What happens next; `None` when there is nothing left to follow.
    pub async fn next(&mut self) -> Option<Happening> {
        if let Some(batch) = self.next_of_history().await {
            return Some(Happening::Records(batch));
        }
        loop {
            if let Some(notice) = self.notices.pop() {
                return Some(Happening::Notice(notice));
            }
            if let Some(stopped) = self.stopped_and_read() {
                return Some(Happening::TaskStopped(stopped));
            }
            if self.followed.iter().all(|followed| followed.gave_up) {
                return None;
            }
            if let Some(happening) = self.heed_tasks().await? {
                return Some(happening);
            }
        }
    }

    /// What was read and not handed out yet, at the end.
    pub fn rest(&mut self) -> Vec<Batch> {
        self.said.close();
        let mut rest = Vec::new();
        while let Ok(said) = self.said.try_recv() {
            if let Said::Heard { source, heard } = said
                && let Some(Happening::Records(batch)) = self.heard(source, heard)
            {
                rest.push(batch);
            }
        }
        rest
    }

    /// What has to be said so that it is clear whose a record is.
    pub fn whose(&self) -> Whose {
        Whose::of(&self.doors, &self.follow.query.places)
    }

    /// What was handed out so far, and what is missing.
    pub fn summary(&self) -> Summary {
        let mut summary = self.summary.clone();
        let (start, now) = (self.follow.query.start, self.follow.clock.now());
        let unread = self.unread.iter().map(|unread| Missing::of_unread(unread, start, now));
        summary.missing.extend(unread);
        for followed in &self.followed {
            summary.follow.recovered += followed.tally.recovered;
            summary.follow.after_guarantee += followed.tally.after_guarantee;
        }
        if let Some(history) = &self.history {
            add(&mut summary, history.summary());
        }
        summary
    }

    /// What the tasks have to say, or that one of them crashed.
    async fn heed_tasks(&mut self) -> Option<Option<Happening>> {
        tokio::select! {
            said = self.said.recv() => self.heed(said?).await,
            Some(ended) = self.tasks.join_next() => {
                if ended.is_err_and(|error| error.is_panic()) {
                    self.fail(MissingCause::Crashed);
                    return None;
                }
                Some(None)
            }
            // Whether the last words are read is a matter of time, too.
            () = tokio::time::sleep(LAST_WORDS_TICK), if self.stopped_at.is_some() => Some(None),
        }
    }

    async fn heed(&mut self, said: Said) -> Option<Option<Happening>> {
        match said {
            Said::Heard { source, heard } => return Some(self.heard(source, heard)),
            Said::Missing(missing) => self.summary.missing.push(missing),
            Said::GaveUp { source, missing } => {
                if let Some(followed) = self.followed.get_mut(source) {
                    followed.gave_up = true;
                }
                self.summary.missing.push(missing);
            }
            Said::Trouble { group, error } => {
                if !self.mark_trouble(&group, true) {
                    let error = Box::new(error);
                    return notice(FollowNotice::Trouble { group, error });
                }
            }
            Said::Answers { group } => {
                if self.mark_trouble(&group, false) {
                    return notice(FollowNotice::Answers { group });
                }
            }
            Said::LiveOver { error: Some(error), .. } if self.follow.live == Live::Only => {
                self.fail(MissingCause::Aws(*error));
                return None;
            }
            Said::LiveOver { reason, .. } | Said::LiveOff(reason) => {
                return notice(self.no_live_tail(reason));
            }
            Said::LiveAgain => return notice(FollowNotice::LiveTailAgain),
            Said::Sampled => self.summary.follow.sampled += 1,
            // Rare, and deep: boxed, or it makes every wait as large as itself.
            Said::Resolved(resolution) => Box::pin(self.resolved(*resolution)).await,
            Said::Stopped(stopped) => {
                self.stopped = Some(stopped);
                self.stopped_at = Some(self.follow.clock.now());
            }
        }
        Some(None)
    }

    fn heard(&mut self, source: usize, heard: Heard) -> Option<Happening> {
        let Heard { records, without_level, pages, empty_pages, tally, polled } = heard;
        self.summary.pages += pages;
        self.summary.empty_pages += empty_pages;
        self.summary.without_level += without_level;
        self.summary.records += records.len() as u64;
        let late = records.iter().filter(|record| record.late).count();
        self.summary.follow.late += late as u64;
        if let Some(followed) = self.followed.get_mut(source) {
            followed.tally = tally;
            followed.polled = polled.or(followed.polled);
        }
        (!records.is_empty()).then_some(Happening::Records(records))
    }

    /// Whether the group was in trouble before.
    fn mark_trouble(&mut self, group: &Group, in_trouble: bool) -> bool {
        let of_group = self.followed.iter_mut().filter(|followed| followed.group == *group);
        let mut was = false;
        for followed in of_group {
            was |= std::mem::replace(&mut followed.in_trouble, in_trouble);
        }
        was
    }

    /// Nothing more can be had of any group.
    fn fail(&mut self, cause: MissingCause) {
        let now = self.follow.clock.now();
        if let Some(followed) = self.followed.first() {
            let group = Arc::new(followed.group.clone());
            self.summary.missing.push(Missing { group, first: now, last: now, cause });
        }
    }

    fn no_live_tail(&self, reason: NoLiveTail) -> FollowNotice {
        FollowNotice::NoLiveTail { reason, polls: self.follow.live != Live::Only }
    }

    async fn next_of_history(&mut self) -> Option<Batch> {
        let history = self.history.as_mut()?;
        if let Some(batch) = history.next().await {
            let now = self.follow.clock.now().millis();
            for record in &batch {
                remember(&mut self.waiting, now, record);
            }
            return Some(batch);
        }
        add(&mut self.summary, history.summary());
        let newest_only = self.follow.query.newest.is_some();
        self.history = None;
        for waiting in std::mem::take(&mut self.waiting) {
            self.start(waiting, newest_only);
        }
        None
    }

    /// Makes a source ready, one of `count`. `with_history`: what is before now is read by somebody else.
    fn prepare(&mut self, source: Source, count: usize, with_history: bool) {
        let FollowQuery { query, live, .. } = &self.follow;
        let now = self.follow.clock.now().millis();
        let terms = Terms {
            late: i64::try_from(self.follow.late.as_millis()).unwrap_or(i64::MAX / 4),
            limit: plan::page_limit(count),
            interval: 1_000,
            sweep_interval: SWEEP_INTERVAL_MS,
            live_only: *live == Live::Only,
        };
        let (start, end) = (query.start.millis(), query.end.millis());
        let mut machine = match with_history {
            true => Machine::after_history(now, start, end, terms),
            false => Machine::new(now, start, terms),
        };
        if *live != Live::Never {
            machine.expect_live();
        }
        let (inbox, news) = mpsc::channel(INBOX);
        let except = self.followed.iter().filter(|other| other.group == source.group);
        let except = except.map(|other| other.streams.clone()).collect();
        let followed = Followed {
            group: source.group.clone(),
            streams: source.streams.clone(),
            tally: Tally::default(),
            polled: None,
            in_trouble: false,
            gave_up: false,
        };
        let door = self.doors.of(source.group.profile.as_deref()).clone();
        let sieve = Sieve::new(&door, &source, &query.selection);
        let source = narrowed(source, &query.selection);
        let route = Route {
            group: source.group.clone(),
            streams: source.streams.clone(),
            except,
            inbox,
            missed: false,
        };
        let site = self.site(source.group.site());
        site.routes.add(route);
        site.sources.fetch_add(1, Ordering::Relaxed);
        let sources = Arc::clone(&site.sources);
        let pages = Pages::new(&door, source, self.follow.query.filter_pattern.clone());
        let reporter = Reporter {
            number: self.followed.len(),
            machine,
            sieve,
            clock: self.follow.clock.clone(),
            said: self.sender.clone(),
            live: false,
        };
        self.followed.push(followed);
        let follower = SourceFollower { door, pages, inbox: news, reporter };
        self.waiting.push(Waiting { follower, sources });
        if self.history.is_none() {
            for waiting in std::mem::take(&mut self.waiting) {
                self.start(waiting, false);
            }
        }
    }

    fn start(&mut self, Waiting { mut follower, sources }: Waiting, newest_only: bool) {
        if newest_only {
            follower.reporter.machine.begin_at_what_is_remembered();
        }
        self.tasks.spawn(follower.run(sources));
    }

    fn site(&mut self, site: Site) -> &mut FollowedSite {
        self.sites.entry(site).or_insert_with(|| FollowedSite {
            sources: Arc::default(),
            routes: Arc::default(),
            plan: watch::Sender::new(Plan::nothing()),
            is_live: false,
        })
    }

    async fn begin_live(&mut self) -> Result<(), NoLiveTail> {
        if self.follow.live == Live::Never {
            return Ok(());
        }
        let sites: Vec<Site> = self.sites.keys().cloned().collect();
        for name in sites {
            let plan = match self.plan_of(&name).await {
                Ok(plan) => plan,
                Err(reason) if self.follow.live == Live::Only => return Err(reason),
                Err(reason) => {
                    let notice = self.no_live_tail(reason);
                    self.notices.push(notice);
                    continue;
                }
            };
            self.show_live(name, plan);
        }
        Ok(())
    }

    /// Lets the Live Tail of a site show this from now on.
    fn show_live(&mut self, name: Site, plan: Plan) {
        let door = self.doors.of(name.profile.as_deref()).clone();
        let (region, said) = (name.region.clone(), self.sender.clone());
        let renew = self.follow.live != Live::Auto { renew: false };
        let site = self.site(name);
        site.plan.send_replace(plan);
        if std::mem::replace(&mut site.is_live, true) {
            return;
        }
        let (routes, plan) = (Arc::clone(&site.routes), site.plan.subscribe());
        self.tasks.spawn(LiveTail { door, region, plan, routes, said, renew }.run());
    }

    async fn plan_of(&self, site: &Site) -> Result<Plan, NoLiveTail> {
        let of_site = self.followed.iter().filter(|followed| followed.group.site() == *site);
        let places: Vec<(Group, Streams)> =
            of_site.map(|followed| (followed.group.clone(), followed.streams.clone())).collect();
        let door = self.doors.of(site.profile.as_deref());
        let pattern = self.follow.query.filter_pattern.as_ref().map(FilterPattern::text);
        Plan::of(door, &places, pattern).await
    }

    /// Looks again and again at what the targets consist of.
    fn begin_to_look(&mut self) {
        let (doors, said) = (self.doors.clone(), self.sender.clone());
        let FollowQuery { targets, store, clock, until_stopped, .. } = self.follow.clone();
        if let Some(task) = until_stopped {
            let door = doors.of(task.profile.as_deref()).clone();
            self.tasks.spawn(stopped::wait(door, task, said.clone()));
        }
        // The quota of ECS is everybody's: many targets are looked at less often.
        let interval = LOOK_INTERVAL * u32::try_from(1 + targets.len() / 5).unwrap_or(u32::MAX);
        self.tasks.spawn(async move {
            loop {
                tokio::select! {
                    () = said.closed() => return,
                    () = tokio::time::sleep(interval) => {}
                }
                // What cannot be asked just now is asked later.
                let Ok(found) = resolve(&doors, store.as_ref(), &targets, clock.now()).await else {
                    continue;
                };
                for Unread { site, error, .. } in &found.unread {
                    if error.cause.wants_a_login() {
                        doors.of(site.profile.as_deref()).renew_credentials().await;
                    }
                }
                if said.send(Said::Resolved(Box::new(found))).await.is_err() {
                    return;
                }
            }
        });
    }

    /// Follows what joined, and says what changed.
    async fn resolved(&mut self, mut found: Resolution) {
        for Unread { site, .. } in &found.unread {
            found.members.keep(&self.members, site);
        }
        let still = |known: &Unread| {
            found.unread.iter().any(|now| (&now.target, &now.site) == (&known.target, &known.site))
        };
        let (unread, answer) = std::mem::take(&mut self.unread).into_iter().partition(still);
        self.unread = unread;
        self.notices.extend(answer.iter().rev().map(answers));
        let changes = self.members.changes(&found.members);
        self.notices.extend(changes.into_iter().rev().map(FollowNotice::Change));
        self.members = found.members;
        let added = plan::added(&self.known(), found.places);
        if added.is_empty() {
            return;
        }
        let sites: Vec<Site> = added.iter().map(|source| source.group.site()).collect();
        let count = self.followed.len() + added.len();
        for source in added {
            self.prepare(source, count, false);
        }
        if self.follow.live == Live::Never {
            return;
        }
        for site in sites {
            match self.plan_of(&site).await {
                Ok(plan) => self.show_live(site, plan),
                // The session goes on with what it has; what joined is polled.
                Err(reason) => {
                    let notice = self.no_live_tail(reason);
                    self.notices.push(notice);
                }
            }
        }
    }

    fn known(&self) -> Vec<(Group, Streams)> {
        let known = self.followed.iter();
        known.map(|followed| (followed.group.clone(), followed.streams.clone())).collect()
    }

    /// The task that has stopped, once what it said last is read.
    fn stopped_and_read(&mut self) -> Option<Box<TaskStopped>> {
        let stopped_at = self.stopped_at?.millis();
        let read = |followed: &Followed| {
            followed.gave_up
                || followed.polled.is_some_and(|at| at.millis() > stopped_at + LAST_WORDS_MS)
        };
        let waited = self.follow.clock.now().millis() - stopped_at;
        let by_live = self.follow.live == Live::Only && waited > LAST_WORDS_MS;
        let enough = waited > LAST_WORDS_AT_MOST_MS || by_live;
        match enough || self.followed.iter().all(read) {
            true => {
                for followed in &mut self.followed {
                    followed.gave_up = true;
                }
                self.stopped.take()
            }
            false => None,
        }
    }
}

/// A profile that could not be opened is not tried again.
fn may_answer(Unread { site, .. }: &Unread) -> bool {
    !site.region.is_empty()
}

fn trouble(unread: &Unread) -> FollowNotice {
    let never = Time::from_millis(0);
    let group = Missing::of_unread(unread, never, never).group;
    FollowNotice::Trouble { group, error: Box::new(unread.error.clone()) }
}

fn answers(unread: &Unread) -> FollowNotice {
    let never = Time::from_millis(0);
    FollowNotice::Answers { group: Missing::of_unread(unread, never, never).group }
}

fn notice(notice: FollowNotice) -> Option<Option<Happening>> {
    Some(Some(Happening::Notice(notice)))
}

/// Tells the record's source that it was handed out as history.
fn remember(waiting: &mut [Waiting], now: i64, record: &LogRecord) {
    let source = waiting.iter_mut().find(|Waiting { follower, .. }| follower.takes(record));
    let Some(Waiting { follower, .. }) = source else { return };
    let event = Event {
        stream: record.stream.name.clone(),
        time: record.time.millis(),
        ingested: record.ingested.map(|time| time.millis()),
        id: record.id.clone(),
        text: record.text.clone(),
        repaired: record.repaired,
    };
    follower.reporter.machine.remember(now, &event);
}

fn add(whole: &mut Summary, part: &Summary) {
    whole.records += part.records;
    whole.pages += part.pages;
    whole.empty_pages += part.empty_pages;
    whole.without_level += part.without_level;
    whole.missing.extend(part.missing.iter().cloned());
}
