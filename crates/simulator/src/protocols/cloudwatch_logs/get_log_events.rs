//! GetLogEvents.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
//!
//! Its tokens are places between events: `f/ID/s` reads on after the event of that id, `b/ID/s` back from it.

use std::ops::Range;

use serde::Deserialize;

use super::page::{self, Shape};
use super::reading::Reading;
use super::{CloudWatchLogs, filter_log_events, resources, token};
use crate::protocols::aws_json::{self, Answered, Refusal, length, within, write_string};
use crate::world::Regional;
use crate::world::event_id;
use crate::world::events::{Direction, Position, Window};
use crate::world::scenario::Class;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
}

pub(super) fn answer(logs: &CloudWatchLogs, here: Regional<'_>, now: i64, body: &[u8]) -> Answered {
    let input: Input = aws_json::input(body)?;
    within("limit", input.limit, 1, 10_000)?;
    within("startTime", input.start_time, 0, i64::MAX)?;
    within("endTime", input.end_time, 0, i64::MAX)?;
    let Some(name) = &input.log_stream_name else {
        return Err(Refusal::invalid_parameter(
            "1 validation error detected: Value null at 'logStreamName' failed to satisfy constraint: \
             Member must not be null",
        ));
    };
    length("logStreamName", name, name.chars().count(), 1, 512)?;
    let (world, group) = resources::group(
        here,
        now,
        input.log_group_name.as_deref(),
        input.log_group_identifier.as_deref(),
    )?;
    let spec = &world.scenario.groups[group];
    if spec.class != Class::Standard {
        return Err(filter_log_events::wrong_class(&spec.name, spec.class, "GetLogEvents"));
    }
    let stream = world
        .log_streams(group, now)
        .find(|index| world.streams[*index as usize].name == *name)
        .ok_or_else(resources::no_stream)?;

    let from = input.start_time.unwrap_or(0).max(world.retained_from(group, now));
    // The end is exclusive here, unlike FilterLogEvents'.
    let window =
        Window { from, to: input.end_time.map_or(i64::MAX, |end| end.saturating_sub(1)), now };
    let (direction, after) = match &input.next_token {
        Some(text) => {
            let (direction, at) = read(text)?;
            if !at.may_be_in(stream) {
                return Err(token::invalid());
            }
            (direction, Some(at))
        }
        None if input.start_from_head == Some(true) => (Direction::Forward, None),
        None => (Direction::Backward, None),
    };
    let limit = logs.page_length(input.limit);

    let rendered = logs.rendered.as_ref();
    let mut reading = Reading::of(world, rendered, group, &[stream], window, direction, after);
    let (mut read, mut bytes) = (Vec::new(), 0);
    let mut events: Vec<(Position, Range<usize>)> = Vec::new();
    while events.len() < limit
        && let Some(position) = reading.next()
    {
        bytes += reading.weight();
        if bytes > page::LARGEST_PAGE && !events.is_empty() {
            break;
        }
        let start = read.len();
        reading.write(&mut read, Shape::OfOneStream);
        events.push((position, start..read.len()));
    }
    if direction == Direction::Backward {
        events.reverse();
    }

    let mut body = page::begin();
    for (_, text) in &events {
        page::separate(&mut body);
        body.extend_from_slice(&read[text.clone()]);
    }
    // Nothing here: the same place again. A follower that keeps asking sees what comes later.
    let here = after.unwrap_or(Position::before(from));
    let first = events.first().map_or(here, |(position, _)| *position);
    let last = events.last().map_or(here, |(position, _)| *position);
    body.extend_from_slice(b"],\"nextForwardToken\":");
    write_string(&mut body, &written(b"f/", last));
    body.extend_from_slice(b",\"nextBackwardToken\":");
    write_string(&mut body, &written(b"b/", first));
    body.push(b'}');
    Ok(body)
}

fn written(mark: &[u8], at: Position) -> Vec<u8> {
    let mut token = mark.to_vec();
    event_id::write(&mut token, at);
    token.extend_from_slice(b"/s");
    token
}

fn read(text: &str) -> Result<(Direction, Position), Refusal> {
    let (mark, id) = text.split_once('/').ok_or_else(token::invalid)?;
    let direction = match mark {
        "f" => Direction::Forward,
        "b" => Direction::Backward,
        _ => return Err(token::invalid()),
    };
    let position = id.strip_suffix("/s").and_then(event_id::parse).ok_or_else(token::invalid)?;
    Ok((direction, position))
}
