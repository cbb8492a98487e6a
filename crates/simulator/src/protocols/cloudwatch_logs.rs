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
mod reading;
mod rendered;
mod resources;
mod token;

pub(crate) use live_tail::{LiveBody, LiveTail};
pub(super) use resources::resource;

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use rendered::Rendered;

use super::aws_json::{Answered, Refusal};
use crate::world::World;

/// The service. It remembers one thing between requests: which page tokens it has handed back unchanged.
#[derive(Debug, Default)]
pub(super) struct CloudWatchLogs {
    stalled: Mutex<HashSet<String>>,
    rendered: Option<Rendered>,
}

impl CloudWatchLogs {
    /// The service, with the events of `length` before `now` in words already: for a clock that is stopped.
    pub(super) fn rendered_ahead(mut self, world: &World, now: i64, length: Duration) -> Self {
        self.rendered = Some(Rendered::ahead(world, now, length));
        self
    }

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
            "FilterLogEvents" => filter_log_events::answer(self, world, now, body),
            "GetLogEvents" => get_log_events::answer(self, world, now, body),
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
