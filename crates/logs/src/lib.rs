//! What are the systems saying? CloudWatch Logs, by the name of a service, a task or a group, as
//! one stream in order of time.
//!
//! A [`Target`] is what the user typed. [`resolve`] turns targets into [`Place`]s through the task
//! definitions of the services behind them; [`LogStream`] reads the places, a bounded number of
//! pages at a time, and merges them. Nothing here prints, and nothing here knows a clock.

mod candidates;
mod cloudwatch;
mod cursor;
mod error;
mod event;
mod gauge;
mod glob;
mod level;
mod listing;
mod mapping;
mod merge;
mod message;
mod place;
mod plan;
#[cfg(test)]
mod random_worlds;
mod resolve;
mod select;
mod stream;
mod target;

pub use candidates::Candidates;
pub use error::Error;
pub use event::{LogRecord, Stream};
pub use gauge::{Gauge, Reached};
pub use level::Level;
pub use listing::{LogGroup, LogGroupListing, LogStreamInfo, LogStreamListing};
pub use message::Message;
pub use place::{Group, Place, Streams};
pub use plan::distinct;
pub use resolve::{Notice, Resolution, resolve};
pub use select::{GrepPattern, PatternError, Selection, StreamChoice, highlight};
pub use stream::{Batch, LogStream, Missing, MissingCause, Query, Summary};
pub use target::{Target, TargetError};

/// The CloudWatch Logs operations that are used here, for permissions.md and hints.
pub const OPERATIONS: [aws::Operation; 3] = [
    aws::Operation::FilterLogEvents,
    aws::Operation::DescribeLogGroups,
    aws::Operation::DescribeLogStreams,
];
