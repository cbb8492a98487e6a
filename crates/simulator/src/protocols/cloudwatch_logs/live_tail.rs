//! StartLiveTail.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html>
//!
//! A session says `initial-response` and `sessionStart`, then once a second a `sessionUpdate` with what has
//! been ingested since the last one, empty when that is nothing. Of more than 500 events, 500 are in it, and
//! it says that it is sampled. What a slow reader has not taken waits: up to ten updates, then the oldest is
//! dropped, and nothing says so. After three hours (`--live-limit`) the session ends with a
//! `SessionTimeoutException` in the stream.

mod body;
mod request;
mod selection;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

pub(crate) use body::LiveBody;
use body::Waiting;
use selection::Selection;

use crate::faults::{Faults, Kind};
use crate::protocols::aws_json::Refusal;
use crate::protocols::event_stream;
use crate::server::Now;
use crate::world::{World, hash};

const SECOND: Duration = Duration::from_secs(1);
const SESSIONS: usize = 15;
const LIMIT: Duration = Duration::from_secs(3 * 3600);

/// The Live Tail of an account: its limits, and the sessions that are open.
#[derive(Debug)]
pub(crate) struct LiveTail {
    sessions: usize,
    limit: Duration,
    /// The connection is dropped after so many updates.
    drop_after: Option<u64>,
    /// Every update of this number is never sent.
    lose_every: Option<u64>,
    /// After so many updates nothing more is sent, and the connection stays open.
    stall_after: Option<u64>,
    open: Arc<AtomicUsize>,
    started: AtomicUsize,
}

/// One of the account's sessions, given back when it is dropped.
#[derive(Debug)]
struct Slot(Arc<AtomicUsize>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl LiveTail {
    pub(crate) fn new(faults: &Faults) -> LiveTail {
        let every = |kind| {
            let last = faults.faults.iter().rev().find(|fault| fault.kind() == kind);
            last.map(|fault| fault.every().get())
        };
        LiveTail {
            sessions: faults.live_sessions.unwrap_or(SESSIONS),
            limit: faults.live_limit.unwrap_or(LIMIT),
            drop_after: every(Kind::Drop),
            lose_every: every(Kind::Lose),
            stall_after: every(Kind::Stall),
            open: Arc::default(),
            started: AtomicUsize::new(0),
        }
    }

    /// Opens a session on the current tokio runtime; it ends with its body.
    pub(crate) fn start(
        &self,
        (world, region): (&Arc<World>, &str),
        now: &Now,
        body: &[u8],
    ) -> Result<LiveBody, Refusal> {
        let since = now();
        let selection = request::read((world, region), since, body)?;
        let slot = self.slot()?;
        let opening = self.opening(&selection);
        let waiting = Arc::new(Mutex::new(Waiting::default()));
        let told = Arc::clone(&waiting);
        let (now, limit) = (Arc::clone(now), self.limit);
        let (lose_every, stall_after) = (self.lose_every, self.stall_after);
        let began = Instant::now();
        let session = tokio::spawn(async move {
            let mut tick = interval_at(began + SECOND, SECOND);
            tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
            let (mut since, mut serial) = (since, 0_u64);
            let ended = sleep_until(began + limit);
            tokio::pin!(ended);
            loop {
                tokio::select! {
                    biased;
                    () = &mut ended => break,
                    _ = tick.tick() => {
                        // A clock that is set back has nothing new to say until it has caught up.
                        let until = now().max(since);
                        let update = selection.update(since, until);
                        since = until;
                        serial += 1;
                        if lose_every.is_none_or(|every| !serial.is_multiple_of(every)) {
                            lock(&told).update(event_stream::event("sessionUpdate", &update));
                        }
                        if stall_after == Some(serial) {
                            // Not even its end is said: whoever waits for it waits for ever.
                            return std::future::pending().await;
                        }
                    }
                }
            }
            let message = json!({ "message": "The Live Tail session has timed out." }).to_string();
            let timeout = event_stream::exception("SessionTimeoutException", message.as_bytes());
            lock(&told).end(timeout);
        });
        Ok(LiveBody::new(opening, waiting, session.abort_handle(), slot, self.drop_after))
    }

    fn slot(&self) -> Result<Slot, Refusal> {
        let next = |open: usize| (open < self.sessions).then_some(open + 1);
        match self.open.fetch_update(Ordering::AcqRel, Ordering::Acquire, next) {
            Ok(_) => Ok(Slot(Arc::clone(&self.open))),
            Err(_) => Err(Refusal::new(
                "LimitExceededException",
                format!("The limit of {} concurrent Live Tail sessions is reached.", self.sessions),
            )),
        }
    }

    fn opening(&self, selection: &Selection) -> Vec<u8> {
        let serial = self.started.fetch_add(1, Ordering::Relaxed) as u64;
        let id = |salt| hash::uuid(hash::combine(selection.seed(), serial << 1 | salt));
        let start = selection.described(&id(0), &id(1)).to_string();
        let mut opening = event_stream::event("initial-response", b"{}");
        opening.extend_from_slice(&event_stream::event("sessionStart", start.as_bytes()));
        opening
    }
}

fn lock(waiting: &Mutex<Waiting>) -> std::sync::MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
