//! Events that were put into words ahead of any request, so that a page costs little more than copying it.
//!
//! It stands for a stopped clock only: what can be seen does not change. An event is kept as the pieces of JSON
//! that no other event shares, about 1.3 times its message and 150 bytes.

use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;
use std::time::Duration;

use memchr::memchr;

use super::page::{self, Shape};
use crate::protocols::aws_json::read_string;
use crate::world::World;
use crate::world::event_id;
use crate::world::events::{Direction, Position, Window};
use crate::world::scenario::Class;

/// What is kept of a world at one moment.
#[derive(Debug)]
pub(super) struct Rendered {
    now: i64,
    /// Of the events' own times.
    from: i64,
    groups: Vec<Group>,
    /// By stream: what stands between the id and the time.
    names: Vec<Box<[u8]>>,
}

/// The events of one log group, in their order.
#[derive(Debug, Default)]
struct Group {
    /// Of each event its id, and everything from its time on.
    text: Vec<u8>,
    events: Vec<Event>,
    /// The places of each stream's events.
    by_stream: HashMap<u32, Vec<u32>>,
}

#[derive(Debug)]
struct Event {
    position: Position,
    /// Where its text begins.
    start: u64,
    /// How long the message is, and how long it is as JSON.
    message: u32,
    escaped: u32,
}

const ID: usize = 56;
const BEFORE_MESSAGE: usize = b",\"message\":\"".len();

impl Rendered {
    /// Everything that can be seen at `now` and is not older than `length` before that.
    pub(super) fn ahead(world: &World, now: i64, length: Duration) -> Rendered {
        let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
        let from = now.saturating_sub(length).max(world.floor);
        let groups = (0..world.scenario.groups.len())
            .map(|group| match world.scenario.groups[group].class {
                Class::Standard => {
                    Group::rendered(world, group, Window { from, to: i64::MAX, now })
                }
                _ => Group::default(),
            })
            .collect();
        let name = |name: &str| {
            let mut text = Vec::new();
            page::write_name(&mut text, name, Shape::Filtered);
            text.into_boxed_slice()
        };
        let names = world.streams.iter().map(|stream| name(&stream.name)).collect();
        Rendered { now, from, groups, names }
    }

    /// The first moment of which everything is kept, if this is the moment that it was kept for.
    pub(super) fn since(&self, now: i64) -> Option<i64> {
        (now == self.now).then_some(self.from)
    }

    /// Walks the kept events of a window as [`World::events`] would.
    pub(super) fn read(
        &self,
        group: usize,
        streams: &[u32],
        window: Window,
        direction: Direction,
        after: Option<Position>,
    ) -> Walk<'_> {
        let kept = &self.groups[group];
        let mut places =
            kept.before(|at| at.time < window.from)..kept.before(|at| at.time <= window.to);
        match (direction, after) {
            (Direction::Forward, Some(after)) => {
                places.start = places.start.max(kept.before(|at| at <= after));
            }
            (Direction::Backward, Some(after)) => {
                places.end = places.end.min(kept.before(|at| at < after));
            }
            (_, None) => {}
        }
        let order = Order::of(kept, streams, places, direction);
        Walk { rendered: self, group: kept, order, direction, at: 0 }
    }
}

impl Group {
    fn rendered(world: &World, group: usize, window: Window) -> Group {
        let mut kept = Group::default();
        let mut message = Vec::new();
        let streams = world.log_streams(group, window.now);
        for event in world.events(streams, window, Direction::Forward, None) {
            message.clear();
            world.render(event, &mut message);
            let start = kept.text.len();
            event_id::write(&mut kept.text, event.position);
            let escaped = page::write_rest(&mut kept.text, event.position, &message);
            let place = kept.events.len() as u32;
            kept.by_stream.entry(event.position.stream()).or_default().push(place);
            kept.events.push(Event {
                position: event.position,
                start: start as u64,
                message: message.len() as u32,
                escaped: escaped.len() as u32,
            });
        }
        kept.text.shrink_to_fit();
        kept.events.shrink_to_fit();
        kept
    }

    /// How many events are before the first that is not.
    fn before(&self, earlier: impl Fn(Position) -> bool) -> u32 {
        self.events.partition_point(|event| earlier(event.position)) as u32
    }

    fn text(&self, place: usize) -> &[u8] {
        let end = self.events.get(place + 1).map_or(self.text.len(), |next| next.start as usize);
        &self.text[self.events[place].start as usize..end]
    }
}

/// Which events come, and in which order.
enum Order<'a> {
    /// All between two places.
    All(Range<u32>),
    /// Those of some streams: the places that are left of each, and whose turn it is.
    Some(Vec<&'a [u32]>, BinaryHeap<(u32, usize)>),
}

impl<'a> Order<'a> {
    fn of(group: &'a Group, streams: &[u32], places: Range<u32>, direction: Direction) -> Self {
        let lanes: Vec<&[u32]> = streams
            .iter()
            .filter_map(|stream| group.by_stream.get(stream).map(Vec::as_slice))
            .collect();
        if lanes.len() == group.by_stream.len() {
            return Order::All(places);
        }
        let within = |lane: &'a [u32]| {
            let start = lane.partition_point(|place| *place < places.start);
            let end = lane.partition_point(|place| *place < places.end);
            lane.get(start..end).unwrap_or_default()
        };
        let lanes: Vec<&[u32]> = lanes.into_iter().map(within).collect();
        let turns = lanes.iter().enumerate();
        let turns = turns.filter_map(|(lane, left)| Some((turn(left, direction)?, lane))).collect();
        Order::Some(lanes, turns)
    }

    fn next(&mut self, direction: Direction) -> Option<u32> {
        match (self, direction) {
            (Order::All(places), Direction::Forward) => places.next(),
            (Order::All(places), Direction::Backward) => places.next_back(),
            (Order::Some(lanes, turns), _) => {
                let (_, lane) = turns.pop()?;
                let left = &mut lanes[lane];
                let place = match direction {
                    Direction::Forward => left.split_off_first(),
                    Direction::Backward => left.split_off_last(),
                };
                if let Some(next) = turn(left, direction) {
                    turns.push((next, lane));
                }
                place.copied()
            }
        }
    }
}

/// The greater, the earlier in the walk.
fn turn(left: &[u32], direction: Direction) -> Option<u32> {
    match direction {
        Direction::Forward => left.first().map(|place| u32::MAX - place),
        Direction::Backward => left.last().copied(),
    }
}

/// An ordered walk over kept events. What it says of an event is about the one that came last.
pub(super) struct Walk<'a> {
    rendered: &'a Rendered,
    group: &'a Group,
    order: Order<'a>,
    direction: Direction,
    at: usize,
}

impl Walk<'_> {
    pub(super) fn next(&mut self) -> Option<Position> {
        self.at = self.order.next(self.direction)? as usize;
        Some(self.group.events[self.at].position)
    }

    pub(super) fn message_length(&self) -> usize {
        self.group.events[self.at].message as usize
    }

    /// The message as a JSON string, without its quotes.
    pub(super) fn escaped(&self) -> &[u8] {
        let rest = &self.group.text(self.at)[ID..];
        let start = memchr(b',', rest).map_or(rest.len(), |comma| comma + BEFORE_MESSAGE);
        let length = self.group.events[self.at].escaped as usize;
        rest.get(start..start + length).unwrap_or_default()
    }

    /// The message; `scratch` holds it where it is not kept as it is.
    pub(super) fn message<'m>(&'m self, scratch: &'m mut Vec<u8>) -> &'m [u8] {
        let escaped = self.escaped();
        if escaped.len() == self.message_length() {
            return escaped;
        }
        scratch.clear();
        read_string(scratch, escaped);
        scratch
    }

    pub(super) fn write(&self, body: &mut Vec<u8>, shape: Shape) {
        let text = self.group.text(self.at);
        if shape == Shape::Filtered {
            body.extend_from_slice(page::HEAD);
            body.extend_from_slice(&text[..ID]);
            let stream = self.group.events[self.at].position.stream();
            body.extend_from_slice(&self.rendered.names[stream as usize]);
        } else {
            page::write_name(body, "", shape);
        }
        body.extend_from_slice(&text[ID..]);
    }
}
