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
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::time::Duration;

use rendered::Rendered;

use super::aws_json::{Answered, Refusal};
use crate::faults::{Faults, Feature};
use crate::world::{Regional, World};

/// No page has more events, and by default none looks at more.
const LONGEST_PAGE: usize = 10_000;

/// The service. It remembers one thing between requests: which page tokens it has handed back unchanged.
#[derive(Debug)]
pub(super) struct CloudWatchLogs {
    stalled: Mutex<HashSet<String>>,
    rendered: Option<Rendered>,
    /// How many events a page has at most, and how many are looked at for it.
    page_limit: usize,
    scan_limit: usize,
    knows_newest_first: bool,
}

impl CloudWatchLogs {
    pub(super) fn new(faults: &Faults) -> CloudWatchLogs {
        let limit = |said: Option<NonZeroUsize>| said.map_or(LONGEST_PAGE, NonZeroUsize::get);
        CloudWatchLogs {
            stalled: Mutex::default(),
            rendered: None,
            page_limit: limit(faults.page_limit),
            scan_limit: limit(faults.scan_limit),
            knows_newest_first: !faults.without.contains(&Feature::NewestFirst),
        }
    }

    /// How many events a page has for whom asks for so many.
    fn page_length(&self, asked: Option<i64>) -> usize {
        asked.map_or(LONGEST_PAGE, |asked| asked as usize).min(self.page_limit)
    }

    /// The service, with the events of `length` before `now` in words already: for a clock that is stopped.
    pub(super) fn rendered_ahead(mut self, world: &World, now: i64, length: Duration) -> Self {
        self.rendered = Some(Rendered::ahead(world, now, length));
        self
    }

    pub(super) fn answer(
        &self,
        here: Regional<'_>,
        now: i64,
        operation: &str,
        body: &[u8],
    ) -> Answered {
        match operation {
            "DescribeLogGroups" => log_groups::describe(here, now, body),
            "ListLogGroups" => log_groups::list(here, now, body),
            "DescribeLogStreams" => log_streams::describe(here, now, body),
            "FilterLogEvents" => filter_log_events::answer(self, here, now, body),
            "GetLogEvents" => get_log_events::answer(self, here, now, body),
            "ListTagsForResource" => log_groups::tags(here, now, body),
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
