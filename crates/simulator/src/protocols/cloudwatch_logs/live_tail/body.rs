//! A session's body: what its reader takes, and what waits for it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio::task::AbortHandle;

use super::{Slot, lock};
use crate::body::{End, Severed};

/// So many updates wait for a slow reader (5,000 events, at 500 each).
const BUFFERED: usize = 10;

/// What the reader has not taken yet.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    updates: VecDeque<Bytes>,
    last: Option<Bytes>,
    ended: bool,
    reader: Option<Waker>,
}

impl Waiting {
    /// One more update; when there is no room, the oldest is dropped, and nobody is told.
    pub(super) fn update(&mut self, frame: Vec<u8>) {
        if self.updates.len() == BUFFERED {
            self.updates.pop_front();
        }
        self.updates.push_back(Bytes::from(frame));
        self.wake();
    }

    /// The session's last words.
    pub(super) fn end(&mut self, frame: Vec<u8>) {
        self.last = Some(Bytes::from(frame));
        self.ended = true;
        self.wake();
    }

    fn wake(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

/// The body of an answer to StartLiveTail. The session ends when it is dropped.
#[derive(Debug)]
pub(crate) struct LiveBody {
    opening: Option<Bytes>,
    waiting: Arc<Mutex<Waiting>>,
    session: AbortHandle,
    /// Given back as soon as the session ends.
    slot: Option<Slot>,
    drop_after: Option<u64>,
    /// The first update is cut in its middle.
    cut: bool,
    taken: u64,
    severed: bool,
    end: End,
}

impl LiveBody {
    pub(super) fn new(
        opening: Vec<u8>,
        waiting: Arc<Mutex<Waiting>>,
        session: AbortHandle,
        slot: Slot,
        drop_after: Option<u64>,
    ) -> LiveBody {
        LiveBody {
            opening: Some(Bytes::from(opening)),
            waiting,
            session,
            slot: Some(slot),
            drop_after,
            cut: false,
            taken: 0,
            severed: false,
            end: End::default(),
        }
    }

    /// The same session, but its connection closes in the middle of the first update.
    pub(crate) fn cut(mut self) -> LiveBody {
        self.cut = true;
        self
    }

    /// The next frame, in the way of `poll_frame`.
    pub(crate) fn poll(&mut self, context: &Context<'_>) -> Poll<Option<Result<Bytes, Severed>>> {
        if let Some(opening) = self.opening.take() {
            return Poll::Ready(Some(Ok(opening)));
        }
        if self.severed {
            return self.end.poll(context).map(|severed| Some(Err(severed)));
        }
        let mut waiting = lock(&self.waiting);
        if let Some(update) = waiting.updates.pop_front() {
            self.taken += 1;
            self.severed = self.cut || self.drop_after == Some(self.taken);
            let update = if self.cut { update.slice(..update.len() / 2) } else { update };
            return Poll::Ready(Some(Ok(update)));
        }
        if waiting.ended {
            self.slot = None;
            return Poll::Ready(waiting.last.take().map(Ok));
        }
        waiting.reader = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for LiveBody {
    fn drop(&mut self) {
        self.session.abort();
    }
}
