//! What a source hands over while it is read, and to whom.

use ::record::Time;
use tokio::sync::mpsc;

use crate::record::ChangeRecord;

/// So many findings may wait for the reader; then the sources wait.
const WAITING: usize = 64;

/// What a source hands over.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A change: one of its window, or one in flight.
    Change(Box<ChangeRecord>),
    /// Everything that took effect from this moment on, and everything in flight, was handed over.
    Reached(Time),
    /// The source was read as far as it will be.
    Ended,
}

/// Where a source hands over what it finds. The findings of all sources go to one reader.
///
/// A source says when it is at its end: [`Sink::ended`].
#[derive(Debug)]
pub struct Sink {
    place: usize,
    to: mpsc::Sender<(usize, Found)>,
}

/// A sink for each of so many sources, and where their findings come out, each with the place of
/// its source.
pub fn sinks(sources: usize) -> (Vec<Sink>, mpsc::Receiver<(usize, Found)>) {
    let (to, from) = mpsc::channel(WAITING);
    ((0..sources).map(|place| Sink { place, to: to.clone() }).collect(), from)
}

impl Sink {
    /// Hands over a change; waits while the reader is behind.
    pub async fn change(&self, change: ChangeRecord) {
        self.send(Found::Change(Box::new(change))).await;
    }

    /// Says how far back the source is known by now.
    pub async fn reached(&self, time: Time) {
        self.send(Found::Reached(time)).await;
    }

    /// Says that nothing more will come.
    pub async fn ended(self) {
        self.send(Found::Ended).await;
    }

    async fn send(&self, found: Found) {
        // A reader that has gone wants nothing more: what is read for it ends with it.
        let _ = self.to.send((self.place, found)).await;
    }
}
