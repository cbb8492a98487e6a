//! Reads one source's window: its shards side by side, at the pace that the account allows.

use std::sync::Arc;

use aws::{Cause, Door, Operation, Turn};
use record::Time;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::cursor::{Arrival, Ask, Event, Page};
use crate::event::LogRecord;
use crate::gauge::Gauge;
use crate::pages::{PageError, Pages};
use crate::plan::{self, Source};
use crate::shards::{Lane, Manner, Number, Shards};
use crate::sieve::{Sieve, Sifted};
use crate::stream::{Missing, MissingCause, Query};

/// What a source's task says.
#[derive(Debug)]
pub(crate) enum Read {
    Page {
        records: Vec<LogRecord>,
        empty: bool,
        without_level: u64,
    },
    Missing(Missing),
    /// There is no more. A lane that closes without it has crashed.
    End,
}

/// The pages that all sources of a reading hold or ask for ahead of their turn.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    permits: Arc<Semaphore>,
    openers: u32,
}

impl Room {
    /// As many as are sent in a second, so that an answer may take as long: more would only wait.
    /// Without a limit of the account, as many as keep two cores busy.
    pub(crate) fn of(door: &Door, sources: &[Source]) -> Self {
        const FEWEST: f64 = 3.0;
        const MOST: f64 = 22.0;
        const UNLIMITED: f64 = 7.0;
        let rates = sources
            .iter()
            .map(|source| door.rate(Operation::FilterLogEvents, &source.group.region));
        let rate = rates.fold(0.0, f64::max);
        let size = if rate.is_finite() { rate.ceil().clamp(FEWEST, MOST) } else { UNLIMITED };
        // What a bucket gives at once, when it was quiet.
        let openers = if rate.is_finite() { (rate / 5.0).clamp(1.0, 4.0) } else { 4.0 };
        Self { permits: Arc::new(Semaphore::new(size as usize)), openers: openers as u32 }
    }

    fn permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.permits).try_acquire_owned().ok()
    }
}

/// Reads one source.
pub(crate) struct SourceReader {
    pages: Arc<Pages>,
    sieve: Sieve,
    manner: Manner,
    room: Room,
    sender: mpsc::Sender<Read>,
    /// Where it is told how far the source is, by this number.
    gauge: (usize, Gauge),
}

/// Whoever took the records has gone, or a request crashed: the reading is over.
struct Over;

/// What waits for its turn, and its place in the room.
struct Held {
    read: Read,
    _permit: Option<Arc<OwnedSemaphorePermit>>,
}

/// A request under way.
struct Flight {
    number: Number,
    lane: Lane,
    permit: Option<OwnedSemaphorePermit>,
    ask: Ask,
    answer: Result<Page, PageError>,
}

impl SourceReader {
    pub(crate) fn new(
        door: &Door,
        source: Source,
        query: &Query,
        sources: usize,
        room: &Room,
        sender: mpsc::Sender<Read>,
        gauge: (usize, Gauge),
    ) -> Self {
        let sieve = Sieve::new(door, &source, &query.selection);
        let pattern = query.filter_pattern.clone();
        let manner = Manner {
            limit: plan::page_limit(sources),
            searched: pattern.is_some(),
            openers: room.openers,
        };
        let pages = Arc::new(Pages::new(door, source, pattern));
        Self { pages, sieve, manner, room: room.clone(), sender, gauge }
    }

    pub(crate) async fn run(mut self, window: (i64, i64)) {
        // When the records are not wanted any more there is nobody to tell.
        let read = self.read(window).await;
        self.gauge.1.end(self.gauge.0);
        if let Ok(()) = read {
            let _ = self.sender.send(Read::End).await;
        }
    }

    /// All of a window that is missing, for this reason.
    pub(crate) fn missing(&self, (first, last): (i64, i64), cause: MissingCause) -> Missing {
        Missing {
            group: Arc::clone(self.sieve.group()),
            first: Time::from_millis(first),
            last: Time::from_millis(last),
            cause,
        }
    }

    async fn read(&mut self, window: (i64, i64)) -> Result<(), Over> {
        let openers = if plan::is_long(window) { self.manner.openers } else { 1 };
        let mut shards = Shards::new(window, Manner { openers, ..self.manner });
        let mut flights = JoinSet::new();
        let mut patience = Patience::default();
        let pages = Arc::clone(&self.pages);
        // What to ask for is decided when its turn has come: by then more is known.
        let (mut turn, mut stream_turn) =
            (Box::pin(pages.turn(Lane::Group)), Box::pin(pages.turn(Lane::Stream)));
        let mut has_stream_lane = pages.has_stream_lane();
        loop {
            if let Some(Held { read, .. }) = shards.take() {
                self.sender.send(read).await.map_err(|_| Over)?;
                continue;
            }
            if shards.is_over() {
                return Ok(());
            }
            let permit = self.room.permit();
            let may_ask = |lane| shards.has_request(lane, permit.is_some());
            let (ask_group, ask_stream) =
                (may_ask(Lane::Group), has_stream_lane && may_ask(Lane::Stream));
            tokio::select! {
                biased;
                Some(landed) = flights.join_next(), if !flights.is_empty() => {
                    let flight: Flight = landed.map_err(|_| Over)?;
                    if flight.has_no_lane() && shards.leave_lane(flight.number) {
                        has_stream_lane = false;
                        continue;
                    }
                    self.land(flight, &mut shards, &mut patience).await;
                }
                taken = &mut turn, if ask_group => {
                    turn.set(pages.turn(Lane::Group));
                    self.send(Lane::Group, taken, permit, &mut shards, &mut flights);
                }
                // Only what the first lane has no turn for: its events have ids.
                taken = &mut stream_turn, if ask_stream => {
                    stream_turn.set(pages.turn(Lane::Stream));
                    self.send(Lane::Stream, taken, permit, &mut shards, &mut flights);
                }
                else => return Err(Over),
            }
        }
    }

    /// Sends the next request.
    fn send(
        &self,
        lane: Lane,
        turn: Turn,
        permit: Option<OwnedSemaphorePermit>,
        shards: &mut Shards<Held>,
        flights: &mut JoinSet<Flight>,
    ) {
        let Some((number, ask)) = shards.ask(lane, permit.is_some()) else { return };
        // The first one needs no room: it is handed out at once.
        let permit = permit.filter(|_| !shards.is_first(number));
        let pages = Arc::clone(&self.pages);
        flights.spawn(async move {
            let answer = pages.get_by(lane, turn, &ask).await;
            Flight { number, lane, permit, ask, answer }
        });
    }

    /// Takes an answer.
    async fn land(
        &mut self,
        Flight { number, permit, ask, answer, .. }: Flight,
        shards: &mut Shards<Held>,
        patience: &mut Patience,
    ) {
        let permit = permit.map(Arc::new);
        // What is empty takes no room.
        let held = |read: Read| {
            let has_records = matches!(&read, Read::Page { records, .. } if !records.is_empty());
            Held { read, _permit: permit.clone().filter(|_| has_records) }
        };
        match answer {
            Ok(page) => {
                let empty = page.events.is_empty();
                let events = shards.answer(number, page);
                let read = self.page(events, empty).await;
                if let Read::Page { records, .. } = &read {
                    self.gauge.1.page(self.gauge.0, records.len(), shards.reached());
                }
                shards.hold(number, held(read));
            }
            Err(PageError::Undecodable) => shards.undecodable(number),
            Err(PageError::TokenRefused(_)) if patience.takes_refusal() => {
                shards.token_refused(number);
            }
            Err(PageError::TokenRefused(error) | PageError::Failed(error)) => {
                let goes_on = patience.takes_failure(&error.cause);
                let unread = shards.failed(number).unwrap_or((ask.first, ask.last));
                let missing =
                    |unread| Read::Missing(self.missing(unread, MissingCause::Aws(error.clone())));
                shards.hold(number, held(missing(unread)));
                if !goes_on {
                    shards.stop(|unread| Held { read: missing(unread), _permit: None });
                }
            }
        }
        for gap in shards.gaps(number) {
            let missing = Missing::of_gap(self.sieve.group(), gap);
            shards.hold(number, held(Read::Missing(missing)));
        }
    }

    async fn page(&mut self, events: Vec<Event>, empty: bool) -> Read {
        let Sifted { records, without_level } =
            self.sieve.sift(events.into_iter().map(Arrival::from).collect()).await;
        Read::Page { records, empty, without_level }
    }
}

impl Flight {
    /// Whether the lane cannot be had here, for want of a permission or of the operation.
    fn has_no_lane(&self) -> bool {
        let Err(PageError::Failed(error)) = &self.answer else { return false };
        let absent = match &error.cause {
            Cause::Denied { .. } => true,
            Cause::Invalid { code, .. } => code == "UnknownOperationException",
            _ => false,
        };
        absent && self.lane == Lane::Stream
    }
}

/// How much is borne with before a source is given up.
#[derive(Debug, Default)]
struct Patience {
    refused_tokens: u32,
    failures: u32,
}

impl Patience {
    /// A token that is refused again and again did not expire.
    fn takes_refusal(&mut self) -> bool {
        const FRESH_STARTS: u32 = 3;
        self.refused_tokens += 1;
        self.refused_tokens <= FRESH_STARTS
    }

    /// A part that could not be read for a passing reason leaves the others; what is refused once is
    /// refused always.
    fn takes_failure(&mut self, cause: &Cause) -> bool {
        const PASSING: u32 = 2;
        self.failures += 1;
        let passing = matches!(
            cause,
            Cause::Throttled | Cause::Service { .. } | Cause::Connection { .. } | Cause::TimedOut
        );
        passing && self.failures <= PASSING
    }
}
