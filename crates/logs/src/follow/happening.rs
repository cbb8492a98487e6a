//! What is asked of a follow, what happens while it goes on, and what its tasks say to it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use record::Time;
use store::Store;

use crate::follow::live::NoLiveTail;
use crate::follow::source::Heard;
use crate::follow::stopped::{TaskStopped, UntilStopped};
use crate::members::{Change, Members};
use crate::place::Group;
use crate::resolve::Resolution;
use crate::stream::{Batch, Missing, Query};
use crate::target::Address;

/// Tells the present: the wall's clock, or a drill's.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Time + Send + Sync>);

impl Clock {
    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> Time + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present.
    pub fn now(&self) -> Time {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Whether Live Tail takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    /// Polls only.
    Never,
    /// Live Tail where it can be had, for its quickness; polls for the truth.
    Auto {
        /// Whether it goes on after three hours: it is billed by the minute.
        renew: bool,
    },
    /// Live Tail only, with what it leaves out missing.
    Only,
}

/// What to follow.
#[derive(Clone, Debug)]
pub struct FollowQuery {
    /// The history: from where, until now, and what is wanted of it.
    pub query: Query,
    /// What was typed, to look again at what it consists of.
    pub targets: Vec<Address>,
    /// What it consists of just now.
    pub members: Members,
    /// Where task definitions are kept.
    pub store: Option<Store>,
    /// The guarantee: events that are ingested so long after their own time are handed out.
    pub late: Duration,
    /// Whether Live Tail takes part.
    pub live: Live,
    /// Ends when this task has stopped.
    pub until_stopped: Option<UntilStopped>,
    /// Tells the present.
    pub clock: Clock,
}

/// Something that happens while following.
#[derive(Debug)]
pub enum Happening {
    /// Records arrived.
    Records(Batch),
    /// Something is to be known.
    Notice(FollowNotice),
    /// The task that was waited for has stopped. The last thing that happens.
    TaskStopped(Box<TaskStopped>),
}

/// Something to know while following.
#[derive(Clone, Debug)]
pub enum FollowNotice {
    /// A task, a deployment or a group joined or left.
    Change(Change),
    /// Live Tail does not take part, or not any more.
    NoLiveTail {
        /// Why.
        reason: NoLiveTail,
        /// Whether polls do its work; else it is waited for.
        polls: bool,
    },
    /// Live Tail takes part again.
    LiveTailAgain,
    /// A group cannot be read just now; it is tried again.
    Trouble {
        /// The group; of a site that cannot be asked, the target as it was typed.
        group: Arc<Group>,
        /// Why.
        error: Box<aws::Error>,
    },
    /// A group can be read again, and what was missed is read.
    Answers {
        /// The group, likewise.
        group: Arc<Group>,
    },
}

/// What the tasks of a follow say.
#[derive(Debug)]
pub(crate) enum Said {
    Heard {
        source: usize,
        heard: Heard,
    },
    Missing(Missing),
    /// A source that cannot be read at all.
    GaveUp {
        source: usize,
        missing: Missing,
    },
    Trouble {
        group: Arc<Group>,
        error: aws::Error,
    },
    Answers {
        group: Arc<Group>,
    },
    /// There is no Live Tail, and none will be asked for any more.
    LiveOver {
        reason: NoLiveTail,
        /// What the service said, where it was asked.
        error: Option<Box<aws::Error>>,
    },
    /// There is no Live Tail just now.
    LiveOff(NoLiveTail),
    LiveAgain,
    Sampled,
    Resolved(Box<Resolution>),
    Stopped(Box<TaskStopped>),
}
