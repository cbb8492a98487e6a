//! DescribeLogStreams.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>

use std::cmp::Reverse;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{resources, token};
use crate::protocols::aws_json::{self, Answered, Refusal, length, within};
use crate::world::events::{Direction, Occurrence, Window};
use crate::world::hash;
use crate::world::{Regional, World};

/// What the API says of a stream's events is eventually consistent, by up to an hour; here by so much at most.
const STALENESS: u64 = 180_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    descending: Option<bool>,
    next_token: Option<String>,
    limit: Option<i64>,
}

pub(super) fn describe(here: Regional<'_>, now: i64, body: &[u8]) -> Answered {
    let input: Input = aws_json::input(body)?;
    within("limit", input.limit, 1, 50)?;
    let by_time = match input.order_by.as_deref() {
        None | Some("LogStreamName") => false,
        Some("LastEventTime") => true,
        Some(other) => {
            return Err(Refusal::invalid_parameter(format!(
                "1 validation error detected: Value '{other}' at 'orderBy' failed to satisfy constraint: \
                 Member must satisfy enum value set: [LastEventTime, LogStreamName]"
            )));
        }
    };
    if let Some(prefix) = &input.log_stream_name_prefix {
        length("logStreamNamePrefix", prefix, prefix.chars().count(), 1, 512)?;
        if by_time {
            return Err(Refusal::invalid_parameter(
                "Cannot order by LastEventTime with a logStreamNamePrefix.",
            ));
        }
    }
    let (world, group) = resources::group(
        here,
        now,
        input.log_group_name.as_deref(),
        input.log_group_identifier.as_deref(),
    )?;

    let name = |index: u32| world.streams[index as usize].name.as_str();
    let mut streams: Vec<u32> = world
        .log_streams(group, now)
        .filter(|index| {
            input
                .log_stream_name_prefix
                .as_ref()
                .is_none_or(|prefix| name(*index).starts_with(prefix))
        })
        .collect();
    if by_time {
        let last = |index: u32| {
            seen(world, group, index, now, Direction::Backward).map(|event| event.position.time)
        };
        streams.sort_by_cached_key(|index| (last(*index), *index));
    }
    if input.descending == Some(true) {
        streams.reverse();
    }

    let after = input.next_token.as_deref().map(token::read_name).transpose()?;
    let start = match &after {
        None => 0,
        // By name the place is found even if the stream has gone; by time it has to be there.
        Some(after) if by_time => {
            streams.iter().position(|index| name(*index) == after).ok_or_else(token::invalid)? + 1
        }
        Some(after) if input.descending == Some(true) => {
            streams.partition_point(|index| Reverse(name(*index)) <= Reverse(after.as_str()))
        }
        Some(after) => streams.partition_point(|index| name(*index) <= after.as_str()),
    };
    let limit = input.limit.unwrap_or(50) as usize;
    let page = &streams[start..(start + limit).min(streams.len())];
    let shown: Vec<Value> = page.iter().map(|index| described(world, group, *index, now)).collect();
    let mut answer = json!({ "logStreams": shown });
    if let (Some(last), true) = (page.last(), start + limit < streams.len()) {
        answer["nextToken"] = json!(token::after_name(name(*last)));
    }
    Ok(answer.to_string().into_bytes())
}

/// The first or last event of a stream that its description knows of.
fn seen(
    world: &World,
    group: usize,
    index: u32,
    now: i64,
    direction: Direction,
) -> Option<Occurrence> {
    let stale = hash::below(hash::combine(world.streams[index as usize].seed, 9), STALENESS) as i64;
    let now = now - stale;
    let window = Window { from: world.retained_from(group, now), to: i64::MAX, now };
    world.events(std::iter::once(index), window, direction, None).next()
}

fn described(world: &World, group: usize, index: u32, now: i64) -> Value {
    let stream = &world.streams[index as usize];
    let mut shown = json!({
        "logStreamName": stream.name,
        "creationTime": stream.created,
        "arn": format!("{}:log-stream:{}", world.group_arn(group), stream.name),
        // Always 0 since 2019, and ignored since 2023, respectively.
        "storedBytes": 0,
        "uploadSequenceToken": format!("490{:053}", stream.seed),
    });
    let first = seen(world, group, index, now, Direction::Forward);
    let last = seen(world, group, index, now, Direction::Backward);
    if let (Some(first), Some(last)) = (first, last) {
        shown["firstEventTimestamp"] = json!(first.position.time);
        shown["lastEventTimestamp"] = json!(last.position.time);
        shown["lastIngestionTime"] = json!(last.position.ingestion);
    }
    shown
}
