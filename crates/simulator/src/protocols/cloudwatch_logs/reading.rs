//! The events that a request reads, one after the other: made on demand, or taken from what was rendered ahead.
//! The answers are the same.

use super::filter_pattern::FilterPattern;
use super::page::{self, Shape};
use super::rendered::{Rendered, Walk};
use crate::world::World;
use crate::world::events::{Cursor, Direction, Occurrence, Position, Window};

/// An ordered walk. What it says of an event is about the one that came last.
pub(super) struct Reading<'a> {
    world: &'a World,
    source: Source<'a>,
    /// What comes when the source has come to its end.
    then: Option<Source<'a>>,
    message: Vec<u8>,
}

enum Source<'a> {
    OnDemand(Cursor<'a>, Option<Occurrence>),
    Ahead(Walk<'a>),
}

impl<'a> Reading<'a> {
    /// Begins after (backward: before) `after`, or at the window's edge.
    pub(super) fn of(
        world: &'a World,
        rendered: Option<&'a Rendered>,
        group: usize,
        streams: &[u32],
        window: Window,
        direction: Direction,
        after: Option<Position>,
    ) -> Reading<'a> {
        let on_demand = |window| {
            let streams = streams.iter().copied();
            Source::OnDemand(world.events(streams, window, direction, after), None)
        };
        let kept = rendered.and_then(|all| Some((all, all.since(window.now)?)));
        let (source, then) = match kept {
            None => (on_demand(window), None),
            Some((all, since)) => {
                let walk = Source::Ahead(all.read(group, streams, window, direction, after));
                let older = Window { to: window.to.min(since - 1), ..window };
                let passed = direction == Direction::Forward
                    && after.is_some_and(|after| after.time > older.to);
                match direction {
                    _ if passed || older.to < window.from.max(world.floor) => (walk, None),
                    Direction::Forward => (on_demand(older), Some(walk)),
                    Direction::Backward => (walk, Some(on_demand(older))),
                }
            }
        };
        Reading { world, source, then, message: Vec::new() }
    }

    /// Goes on to the next event: where it stands.
    pub(super) fn next(&mut self) -> Option<Position> {
        loop {
            let next = match &mut self.source {
                Source::OnDemand(cursor, event) => {
                    *event = cursor.next();
                    if let Some(event) = *event {
                        self.message.clear();
                        self.world.render(event, &mut self.message);
                    }
                    event.map(|event| event.position)
                }
                Source::Ahead(walk) => walk.next(),
            };
            if next.is_some() {
                return next;
            }
            self.source = self.then.take()?;
        }
    }

    /// Whether the event's message matches.
    pub(super) fn matches(&mut self, pattern: &FilterPattern) -> bool {
        match &self.source {
            _ if pattern.matches_all() => true,
            Source::OnDemand(..) => pattern.matches(&self.message),
            Source::Ahead(walk) => {
                pattern.may_match_escaped(walk.escaped())
                    && pattern.matches(walk.message(&mut self.message))
            }
        }
    }

    /// What the event counts for in a page.
    pub(super) fn weight(&self) -> usize {
        page::weight(match &self.source {
            Source::OnDemand(..) => self.message.len(),
            Source::Ahead(walk) => walk.message_length(),
        })
    }

    /// Appends the event as JSON.
    pub(super) fn write(&self, body: &mut Vec<u8>, shape: Shape) {
        match &self.source {
            Source::OnDemand(_, Some(event)) => {
                page::write_event(body, self.world, *event, &self.message, shape);
            }
            Source::OnDemand(_, None) => {}
            Source::Ahead(walk) => walk.write(body, shape),
        }
    }
}
