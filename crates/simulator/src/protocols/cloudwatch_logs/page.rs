//! One page of events, written straight into the answer's body.

use std::ops::Range;

use crate::protocols::aws_json::write_string;
use crate::world::World;
use crate::world::event_id;
use crate::world::events::{Occurrence, Position};

/// A page holds up to 1 MB. What the service counts is not documented for reads; this counts as
/// PutLogEvents does: the message in UTF-8 plus 26 bytes for each event.
pub(super) const LARGEST_PAGE: usize = 1_048_576;
const OVERHEAD: usize = 26;

/// An event with a message of so many bytes.
pub(super) fn weight(message: usize) -> usize {
    message + OVERHEAD
}

/// Whether the events carry their id and their stream, as those of FilterLogEvents do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Filtered,
    OfOneStream,
}

/// Begins the body.
pub(super) fn begin() -> Vec<u8> {
    let mut body = Vec::with_capacity(64 * 1024);
    body.extend_from_slice(b"{\"events\":[");
    body
}

/// Sets what comes next apart from the event before it.
pub(super) fn separate(body: &mut Vec<u8>) {
    if body.last() == Some(&b'}') {
        body.push(b',');
    }
}

/// Appends one event.
pub(super) fn write_event(
    body: &mut Vec<u8>,
    world: &World,
    event: Occurrence,
    message: &[u8],
    shape: Shape,
) {
    if shape == Shape::Filtered {
        body.extend_from_slice(HEAD);
        event_id::write(body, event.position);
    }
    write_name(body, &world.stream_of(event).name, shape);
    write_rest(body, event.position, message);
}

/// How an event of FilterLogEvents begins, before its id.
pub(super) const HEAD: &[u8] = b"{\"eventId\":\"";

/// What stands before the time.
pub(super) fn write_name(body: &mut Vec<u8>, stream: &str, shape: Shape) {
    match shape {
        Shape::Filtered => {
            body.extend_from_slice(b"\",\"logStreamName\":");
            write_string(body, stream.as_bytes());
            body.extend_from_slice(b",\"timestamp\":");
        }
        Shape::OfOneStream => body.extend_from_slice(b"{\"timestamp\":"),
    }
}

/// From the time to the end; where in the body the message stands, without its quotes.
pub(super) fn write_rest(body: &mut Vec<u8>, position: Position, message: &[u8]) -> Range<usize> {
    write_number(body, position.time);
    body.extend_from_slice(b",\"message\":");
    let start = body.len() + 1;
    write_string(body, message);
    let text = start..body.len() - 1;
    body.extend_from_slice(b",\"ingestionTime\":");
    write_number(body, position.ingestion);
    body.push(b'}');
    text
}

pub(super) fn write_number(body: &mut Vec<u8>, number: i64) {
    let mut digits = [0u8; 20];
    let mut place = digits.len();
    let mut left = number.unsigned_abs();
    loop {
        place -= 1;
        digits[place] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    body.extend_from_slice(&digits[place..]);
}
