//! One source as it is followed: the machine, with a socket.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws::{Cause, Door, Operation};
use record::Time;
use tokio::sync::mpsc;

use crate::cursor::{Arrival, Ask, Page};
use crate::event::LogRecord;
use crate::follow::happening::{Clock, Said};
use crate::follow::machine::{Machine, Step, Tally};
use crate::follow::route::LiveNews;
use crate::pages::{PageError, Pages};
use crate::place::Group;
use crate::sieve::{Sieve, Sifted};
use crate::stream::{Missing, MissingCause};

/// Follows one source until nobody listens any more.
pub(crate) struct SourceFollower {
    pub(crate) door: Door,
    pub(crate) pages: Pages,
    pub(crate) inbox: mpsc::Receiver<LiveNews>,
    pub(crate) reporter: Reporter,
}

/// The machine, and the way to whoever takes the records.
pub(crate) struct Reporter {
    pub(crate) number: usize,
    pub(crate) machine: Machine,
    pub(crate) sieve: Sieve,
    pub(crate) clock: Clock,
    pub(crate) said: mpsc::Sender<Said>,
    /// Whether a session shows what is ingested.
    pub(crate) live: bool,
}

/// What a source has to say of its reading.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) records: Vec<LogRecord>,
    pub(crate) without_level: u64,
    pub(crate) pages: u64,
    pub(crate) empty_pages: u64,
    pub(crate) tally: Tally,
    /// When the last whole poll began.
    pub(crate) polled: Option<Time>,
}

/// Whoever took the records has gone.
struct Gone;

/// A request that fails for good on the very first try ends the source; later it may be a passing
/// mistake.
fn is_final(error: &aws::Error) -> bool {
    matches!(error.cause, Cause::Denied { .. } | Cause::Invalid { .. } | Cause::NotListed(_))
}

impl SourceFollower {
    /// Whether a record is of this source.
    pub(crate) fn takes(&self, record: &LogRecord) -> bool {
        *record.group == **self.reporter.sieve.group() && self.pages.take(&record.stream.name)
    }

    /// `others` is how many sources share the quota.
    pub(crate) async fn run(mut self, others: Arc<AtomicUsize>) {
        // When the records are not wanted any more there is nobody to tell.
        let _ = self.follow(&others).await;
    }

    async fn follow(&mut self, others: &AtomicUsize) -> Result<(), Gone> {
        let mut trouble = false;
        let mut answered = false;
        loop {
            let interval = self.interval(others.load(Ordering::Relaxed));
            self.reporter.machine.set_interval(interval);
            let now = self.reporter.now();
            match self.reporter.machine.next(now) {
                Step::Wait(length) => self.wait(length).await?,
                Step::Ask(ask) => match self.ask(&ask).await? {
                    Ok(page) => {
                        answered = true;
                        if std::mem::take(&mut trouble) {
                            let group = Arc::clone(self.reporter.sieve.group());
                            self.reporter.say(Said::Answers { group }).await?;
                        }
                        self.reporter.page(page).await?;
                    }
                    Err(PageError::Undecodable) => {
                        self.reporter.machine.undecodable(now);
                        self.reporter.tell_gaps().await?;
                    }
                    Err(PageError::TokenRefused(_)) => self.reporter.machine.token_refused(now),
                    Err(PageError::Failed(error)) if !answered && is_final(&error) => {
                        let missing = self.reporter.missing(&ask, MissingCause::Aws(error));
                        let source = self.reporter.number;
                        return self.reporter.say(Said::GaveUp { source, missing }).await;
                    }
                    Err(PageError::Failed(error)) => {
                        let now = self.reporter.now();
                        self.reporter.machine.failed(now);
                        if matches!(error.cause, Cause::NotFound { .. }) {
                            self.pages.look_again();
                        }
                        if error.cause.wants_a_login() {
                            self.door.renew_credentials().await;
                        }
                        trouble = true;
                        let group = Arc::clone(self.reporter.sieve.group());
                        self.reporter.say(Said::Trouble { group, error }).await?;
                    }
                },
            }
        }
    }

    /// From one poll to the next: a second, or as long as all sources together take with a quarter of
    /// what the pace allows. Beside Live Tail, polls are for what it leaves out.
    fn interval(&self, sources: usize) -> i64 {
        const SHORTEST_MS: f64 = 1_000.0;
        const BESIDE_LIVE_MS: f64 = 2_000.0;
        // No region has less. A pace that throttles have lowered holds each call back by itself: polls
        // that came more seldom too would leave it low.
        const LEAST_QUOTA: f64 = 4.5;
        let region = &self.reporter.sieve.group().region;
        let rate = self.door.rate(Operation::FilterLogEvents, region);
        let shared = sources as f64 * 4.0 / rate.max(LEAST_QUOTA) * 1_000.0;
        let least = if self.reporter.live { BESIDE_LIVE_MS } else { SHORTEST_MS };
        shared.max(least).min(60_000.0) as i64
    }

    async fn wait(&mut self, length: i64) -> Result<(), Gone> {
        // A laptop that slept wakes to a clock that went on: no wait is long.
        let length = Duration::from_millis(u64::try_from(length.clamp(1, 10_000)).unwrap_or(1));
        tokio::select! {
            () = tokio::time::sleep(length) => Ok(()),
            () = self.reporter.said.closed() => Err(Gone),
            Some(news) = self.inbox.recv() => self.reporter.live(news).await,
        }
    }

    /// Asks for a page, and listens to Live Tail meanwhile.
    async fn ask(&mut self, ask: &Ask) -> Result<Result<Page, PageError>, Gone> {
        let mut answer = pin!(self.pages.get(ask));
        loop {
            tokio::select! {
                answer = &mut answer => return Ok(answer),
                Some(news) = self.inbox.recv() => self.reporter.live(news).await?,
            }
        }
    }
}

impl Reporter {
    fn now(&self) -> i64 {
        self.clock.now().millis()
    }

    async fn say(&self, said: Said) -> Result<(), Gone> {
        self.said.send(said).await.map_err(|_| Gone)
    }

    async fn page(&mut self, page: Page) -> Result<(), Gone> {
        let empty_pages = u64::from(page.events.is_empty());
        let now = self.now();
        let arrivals = self.machine.page(now, page);
        self.tell_gaps().await?;
        let heard = Heard { pages: 1, empty_pages, ..self.heard(arrivals).await };
        self.say(Said::Heard { source: self.number, heard }).await
    }

    async fn live(&mut self, news: LiveNews) -> Result<(), Gone> {
        let now = self.now();
        match news {
            LiveNews::Began => {
                self.live = true;
                self.machine.live_began(now);
            }
            LiveNews::Missed => self.machine.poll_soon(now),
            LiveNews::Ended => {
                self.live = false;
                self.machine.live_ended(now);
            }
            LiveNews::Shown { session, events } => {
                let arrivals = self.machine.live(now, session, events);
                let heard = self.heard(arrivals).await;
                return self.say(Said::Heard { source: self.number, heard }).await;
            }
        }
        Ok(())
    }

    async fn heard(&mut self, arrivals: Vec<Arrival>) -> Heard {
        let Sifted { records, without_level } = self.sieve.sift(arrivals).await;
        let polled = Some(self.machine.polled()).filter(|polled| *polled > i64::MIN);
        Heard {
            records,
            without_level,
            tally: self.machine.tally(),
            polled: polled.map(Time::from_millis),
            ..Heard::default()
        }
    }

    async fn tell_gaps(&mut self) -> Result<(), Gone> {
        for gap in self.machine.take_gaps() {
            let missing = Missing::of_gap(self.sieve.group(), gap);
            self.say(Said::Missing(missing)).await?;
        }
        Ok(())
    }

    fn missing(&self, ask: &Ask, cause: MissingCause) -> Missing {
        let group: Arc<Group> = Arc::clone(self.sieve.group());
        let last = ask.last.min(self.now()).max(ask.first);
        Missing { group, first: Time::from_millis(ask.first), last: Time::from_millis(last), cause }
    }
}
