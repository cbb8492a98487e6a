//! Where tail and grep take records from: a reading that ends, or a follow that does not.

use logs::{FollowStream, Gauge, Happening, LogStream, Summary};

/// Records, as they come.
#[derive(Debug)]
pub(crate) enum Feed {
    /// A window of the past.
    Reading(Box<LogStream>),
    /// From the past on.
    Following(Box<FollowStream>),
}

impl Feed {
    /// What comes next; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Happening> {
        match self {
            Self::Reading(stream) => stream.next().await.map(Happening::Records),
            Self::Following(stream) => stream.next().await,
        }
    }

    /// Tells how far a reading is; a follow is never far.
    pub(crate) fn gauge(&self) -> Option<Gauge> {
        match self {
            Self::Reading(stream) => Some(stream.gauge()),
            Self::Following(_) => None,
        }
    }

    /// What was read and not handed out, after an interruption: a follow's task had it already.
    pub(crate) fn rest(&mut self) -> Vec<logs::Batch> {
        match self {
            Self::Reading(_) => Vec::new(),
            Self::Following(stream) => stream.rest(),
        }
    }

    /// What was handed out so far, and what is missing.
    pub(crate) fn summary(&self) -> Summary {
        match self {
            Self::Reading(stream) => stream.summary().clone(),
            Self::Following(stream) => stream.summary(),
        }
    }
}
