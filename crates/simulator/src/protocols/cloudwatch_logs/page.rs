//! One page of events, written straight into the answer's body.

use crate::protocols::aws_json::write_string;
use crate::world::World;
use crate::world::event_id;
use crate::world::events::Occurrence;

/// A page holds up to 1 MB. What the service counts is not documented for reads; this counts as
/// PutLogEvents does: the message in UTF-8 plus 26 bytes for each event.
pub(super) const LARGEST_PAGE: usize = 1_048_576;
const OVERHEAD: usize = 26;

/// An event with its message in words.
pub(super) fn weight(message: &[u8]) -> usize {
    message.len() + OVERHEAD
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

/// Appends one event.
pub(super) fn write_event(
    body: &mut Vec<u8>,
    world: &World,
    event: Occurrence,
    message: &[u8],
    shape: Shape,
) {
    if body.last() == Some(&b'}') {
        body.push(b',');
    }
    body.push(b'{');
    if shape == Shape::Filtered {
        body.extend_from_slice(b"\"eventId\":\"");
        event_id::write(body, event.position);
        body.extend_from_slice(b"\",\"logStreamName\":");
        write_string(body, world.stream_of(event).name.as_bytes());
        body.push(b',');
    }
    body.extend_from_slice(b"\"timestamp\":");
    write_number(body, event.position.time);
    body.extend_from_slice(b",\"message\":");
    write_string(body, message);
    body.extend_from_slice(b",\"ingestionTime\":");
    write_number(body, event.position.ingestion);
    body.push(b'}');
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
