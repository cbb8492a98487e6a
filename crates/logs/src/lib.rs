//! What are the systems saying? CloudWatch Logs, by the name of a service, a task or a group, as
//! one stream in order of time, or as they are ingested.
//!
//! An [`Address`] is what the user typed: a [`Target`], and perhaps a profile. [`resolve`] turns them
//! into [`Place`]s, at each site that is asked (an account in a region), through the task definitions
//! of the services behind them; [`LogStream`] reads the places, a bounded number of
//! pages at a time, and merges them; [`FollowStream`] goes on from there. Nothing here prints, and
//! nothing here knows a clock but the one that it is given.

mod candidates;
mod cloudwatch;
mod condition;
mod cursor;
mod error;
mod event;
mod fetch;
mod field;
mod follow;
mod gather;
mod gauge;
mod glob;
mod level;
mod link;
mod listing;
mod mapping;
mod members;
mod merge;
mod message;
mod names;
mod narrow;
mod necessary;
mod newest;
mod number;
#[cfg(test)]
mod over_the_wire;
mod pages;
mod place;
mod plan;
mod pushdown;
#[cfg(test)]
mod random_worlds;
mod resolve;
mod resume;
mod select;
mod shards;
mod sieve;
mod stream;
mod surroundings;
mod target;

pub use candidates::Candidates;
pub use condition::{Condition, ConditionError};
pub use error::Error;
pub use event::{LogRecord, Stream};
pub use follow::{
    Clock, FollowNotice, FollowQuery, FollowStream, Happening, Live, NoLiveTail, TaskStopped,
    UntilStopped,
};
pub use gauge::{Gauge, Reached};
pub use level::Level;
pub use listing::{LogGroup, LogGroupListing, LogStreamInfo, LogStreamListing, retention_days};
pub use members::{Change, Member, Members};
pub use message::Message;
pub use place::{Group, Place, Streams, Whose};
pub use plan::distinct;
pub use pushdown::{FilterPattern, filter_pattern};
pub use resolve::{Notice, Resolution, Unread, find_task, resolve};
pub use resume::{Bookmark, Difference, Question, Resume};
pub use select::{GrepPattern, PatternError, Selection, StreamChoice, highlight};
pub use stream::{Batch, FollowCounts, LogStream, Missing, MissingCause, Query, Summary};
pub use surroundings::{Around, Relation, Shown, Surroundings};
pub use target::{Address, Target, TargetError, split_profile};

/// The CloudWatch Logs operations that are used here, for permissions.md and hints.
pub const OPERATIONS: [aws::Operation; 5] = [
    aws::Operation::FilterLogEvents,
    aws::Operation::GetLogEvents,
    aws::Operation::StartLiveTail,
    aws::Operation::DescribeLogGroups,
    aws::Operation::DescribeLogStreams,
];
