//! FilterLogEvents.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

use super::filter_pattern::FilterPattern;
use super::page::{self, Shape};
use super::reading::Reading;
use super::{CloudWatchLogs, resources, token};
use crate::protocols::aws_json::{self, Answered, Refusal, length, within, write_string};
use crate::world::events::{Direction, Window};
use crate::world::hash;
use crate::world::scenario::Class;
use crate::world::{Regional, World};

/// Reading newest first reaches back to 2024-01-01T00:00:00Z.
const NEWEST_FIRST_SINCE: i64 = 1_704_067_200_000;

/// How many handed-back tokens are remembered.
const REMEMBERED: usize = 4096;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
}

impl Input {
    fn check(&self) -> Result<(), Refusal> {
        within("limit", self.limit, 1, 10_000)?;
        within("startTime", self.start_time, 0, i64::MAX)?;
        within("endTime", self.end_time, 0, i64::MAX)?;
        if let Some(names) = &self.log_stream_names {
            length("logStreamNames", &format!("[{}]", names.join(", ")), names.len(), 1, 100)?;
        }
        if let Some(prefix) = &self.log_stream_name_prefix {
            length("logStreamNamePrefix", prefix, prefix.chars().count(), 1, 512)?;
        }
        if let Some(pattern) = &self.filter_pattern {
            length("filterPattern", pattern, pattern.chars().count(), 0, 1024)?;
        }
        if self.log_stream_names.is_some() && self.log_stream_name_prefix.is_some() {
            return Err(Refusal::invalid_parameter(
                "logStreamNames and logStreamNamePrefix cannot both be specified.",
            ));
        }
        if let (Some(start), Some(end)) = (self.start_time, self.end_time)
            && end < start
        {
            return Err(Refusal::invalid_parameter("endTime must not be before startTime."));
        }
        if self.start_from_head == Some(false)
            && self.start_time.is_none_or(|start| start < NEWEST_FIRST_SINCE)
        {
            return Err(Refusal::invalid_parameter(
                "startFromHead=false requires a startTime of 2024-01-01T00:00:00Z or later.",
            ));
        }
        Ok(())
    }

    /// What a token is tied to: everything that selects events. The limit may change from page to page,
    /// and the direction is the token's own.
    fn fingerprint(&self, group: usize) -> u64 {
        let names = format!(
            "{group} {:?} {:?} {:?} {:?} {:?}",
            self.log_stream_names,
            self.log_stream_name_prefix,
            self.start_time,
            self.end_time,
            self.filter_pattern,
        );
        hash::of_text(0, &names)
    }

    fn streams(&self, world: &World, group: usize, now: i64) -> Result<Vec<u32>, Refusal> {
        let name = |index: &u32| world.streams[*index as usize].name.as_str();
        let all = world.log_streams(group, now);
        if let Some(prefix) = &self.log_stream_name_prefix {
            return Ok(all.filter(|index| name(index).starts_with(prefix)).collect());
        }
        let Some(names) = &self.log_stream_names else { return Ok(all.collect()) };
        let wanted: HashSet<&str> = names.iter().map(String::as_str).collect();
        let found: Vec<u32> = all.filter(|index| wanted.contains(name(index))).collect();
        if found.len() < wanted.len() {
            return Err(resources::no_stream());
        }
        Ok(found)
    }
}

pub(super) fn answer(logs: &CloudWatchLogs, here: Regional<'_>, now: i64, body: &[u8]) -> Answered {
    let input: Input = aws_json::input(body)?;
    input.check()?;
    if input.start_from_head == Some(false) && !logs.knows_newest_first {
        return Err(Refusal::invalid_parameter("startFromHead=false is not supported."));
    }
    let pattern = FilterPattern::parse(input.filter_pattern.as_deref().unwrap_or_default())
        .ok_or_else(|| Refusal::invalid_parameter("Invalid filter pattern"))?;
    let (world, group) = resources::group(
        here,
        now,
        input.log_group_name.as_deref(),
        input.log_group_identifier.as_deref(),
    )?;
    let spec = &world.scenario.groups[group];
    if spec.class != Class::Standard {
        return Err(wrong_class(&spec.name, spec.class, "FilterLogEvents"));
    }

    let fingerprint = input.fingerprint(group);
    let began = match &input.next_token {
        Some(text) => Some(token::read(text, fingerprint, now)?),
        None => None,
    };
    let streams = input.streams(world, group, now)?;
    // Whatever a request with a token says of the direction, the token's counts.
    let (direction, after) = match began {
        Some((direction, after)) => (direction, Some(after)),
        None if input.start_from_head == Some(false) => (Direction::Backward, None),
        None => (Direction::Forward, None),
    };
    let window = Window {
        from: input.start_time.unwrap_or(0).max(world.retained_from(group, now)),
        to: input.end_time.unwrap_or(i64::MAX),
        now,
    };
    let limit = logs.page_length(input.limit);

    let mut body = page::begin();
    if let Some(token) = &input.next_token
        && !pattern.matches_all()
        && hands_back(token, &logs.stalled)
    {
        finish(&mut body, Some(token));
        return Ok(body);
    }

    let (mut found, mut scanned, mut bytes) = (0, 0, 0);
    let (mut last, mut unfinished) = (after, false);
    let rendered = logs.rendered.as_ref();
    let mut reading = Reading::of(world, rendered, group, &streams, window, direction, after);
    while let Some(position) = reading.next() {
        if found == limit || scanned == logs.scan_limit {
            unfinished = true;
            break;
        }
        if reading.matches(&pattern) {
            bytes += reading.weight();
            // A single event larger than a page still gets one to itself.
            if bytes > page::LARGEST_PAGE && found > 0 {
                unfinished = true;
                break;
            }
            page::separate(&mut body);
            reading.write(&mut body, Shape::Filtered);
            found += 1;
        }
        scanned += 1;
        last = Some(position);
    }
    let next = last.filter(|_| unfinished).map(|at| token::write(fingerprint, now, direction, at));
    finish(&mut body, next.as_deref());
    Ok(body)
}

fn finish(body: &mut Vec<u8>, next: Option<&str>) {
    body.extend_from_slice(b"],\"searchedLogStreams\":[]");
    if let Some(next) = next {
        body.extend_from_slice(b",\"nextToken\":");
        write_string(body, next.as_bytes());
    }
    body.push(b'}');
}

/// Now and then a filtered read gets an empty page and the very token that it came with (boto3#1584,
/// aws-cli#3191): a reader that takes this for the end, or for an error, loses events. Each such token
/// comes back once, then the read goes on.
fn hands_back(token: &str, stalled: &Mutex<HashSet<String>>) -> bool {
    if !hash::of_text(0, token).is_multiple_of(5) {
        return false;
    }
    let mut stalled = stalled.lock().unwrap_or_else(PoisonError::into_inner);
    if stalled.remove(token) {
        return false;
    }
    if stalled.len() >= REMEMBERED {
        stalled.clear();
    }
    stalled.insert(token.to_owned())
}

/// What a class says to an operation that it does not have.
pub(super) fn wrong_class(group: &str, class: Class, operation: &str) -> Refusal {
    let class = class.name();
    Refusal::new(
        "InvalidOperationException",
        format!(
            "{group} is of log-group-class {class}. {operation} is not supported for this log class."
        ),
    )
}
