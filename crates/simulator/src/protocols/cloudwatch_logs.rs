//! CloudWatch Logs, API version 2014-03-28.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html>

mod filter_log_events;
mod filter_pattern;
mod get_log_events;
mod live_tail;
mod log_groups;
mod log_streams;
mod page;
mod resources;
mod token;

pub(crate) use live_tail::{LiveBody, LiveTail};
pub(super) use resources::resource;

use std::collections::HashSet;
use std::sync::Mutex;

use super::aws_json::{Answered, Refusal};
use crate::world::World;

/// The service. It remembers one thing between requests: which page tokens it has handed back unchanged.
#[derive(Debug, Default)]
pub(super) struct CloudWatchLogs {
    stalled: Mutex<HashSet<String>>,
}

impl CloudWatchLogs {
    pub(super) fn answer(
        &self,
        world: Option<&World>,
        now: i64,
        operation: &str,
        body: &[u8],
    ) -> Answered {
        match operation {
            "DescribeLogGroups" => log_groups::describe(world, now, body),
            "ListLogGroups" => log_groups::list(world, now, body),
            "DescribeLogStreams" => log_streams::describe(world, now, body),
            "FilterLogEvents" => filter_log_events::answer(world, now, body, &self.stalled),
            "GetLogEvents" => get_log_events::answer(world, now, body),
            "ListTagsForResource" => log_groups::tags(world, now, body),
            _ => Err(Refusal::unknown_operation()),
        }
    }
}

/// Whether a filter pattern holds of a message; `None` when it is no pattern.
pub(crate) fn matches(pattern: &str, message: &str) -> Option<bool> {
    let pattern = filter_pattern::FilterPattern::parse(pattern)?;
    Some(pattern.matches_all() || pattern.matches(message.as_bytes()))
}

#[cfg(test)]
mod tests;
