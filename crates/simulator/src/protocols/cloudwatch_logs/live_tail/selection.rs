//! What a session shows: which streams, which messages, and what of it came in within a second.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::protocols::aws_json::write_string;
use crate::protocols::cloudwatch_logs::filter_pattern::FilterPattern;
use crate::protocols::cloudwatch_logs::page::write_number;
use crate::world::World;
use crate::world::events::{Direction, Occurrence, Window};

/// An update has at most so many events.
const MOST: usize = 500;

/// Which streams of the session's groups. A name or a prefix that nothing has yet may still come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Streams {
    All,
    Named(Vec<String>),
    Prefixed(Vec<String>),
}

/// A session's choice among the events of its world.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) world: Arc<World>,
    /// As they were asked for.
    pub(super) identifiers: Vec<String>,
    pub(super) groups: Vec<usize>,
    pub(super) streams: Streams,
    pub(super) pattern: Option<String>,
    pub(super) filter: FilterPattern,
}

impl Selection {
    pub(super) fn seed(&self) -> u64 {
        self.world.scenario.seed
    }

    /// `sessionStart`.
    pub(super) fn described(&self, request: &str, session: &str) -> Value {
        let (names, prefixes): (&[String], &[String]) = match &self.streams {
            Streams::All => (&[], &[]),
            Streams::Named(names) => (names, &[]),
            Streams::Prefixed(prefixes) => (&[], prefixes),
        };
        json!({
            "requestId": request,
            "sessionId": session,
            "logGroupIdentifiers": self.identifiers,
            "logStreamNames": names,
            "logStreamNamePrefixes": prefixes,
            "logEventFilterPattern": self.pattern.as_deref().unwrap_or_default(),
        })
    }

    fn shows(&self, stream: &str) -> bool {
        match &self.streams {
            Streams::All => true,
            Streams::Named(names) => names.iter().any(|name| name == stream),
            Streams::Prefixed(prefixes) => {
                prefixes.iter().any(|prefix| stream.starts_with(prefix.as_str()))
            }
        }
    }

    /// `sessionUpdate`: what was ingested after `since` and until `now`.
    pub(super) fn update(&self, since: i64, now: i64) -> Vec<u8> {
        let came = self.came(since, now);
        let sampled = came.len() > MOST;
        let shown = came.len().min(MOST);
        let mut body = Vec::with_capacity(64 + shown * 256);
        body.extend_from_slice(b"{\"sessionMetadata\":{\"sampled\":");
        body.extend_from_slice(if sampled { b"true" } else { b"false" });
        body.extend_from_slice(b"},\"sessionResults\":[");
        let mut message = Vec::new();
        for place in 0..shown {
            // Evenly over the second, whatever there was.
            self.write(&mut body, came[place * came.len() / shown], &mut message);
        }
        body.extend_from_slice(b"]}");
        body
    }

    fn came(&self, since: i64, now: i64) -> Vec<Occurrence> {
        let world = &self.world;
        let mut streams = Vec::new();
        for group in &self.groups {
            let made = world.log_streams(*group, now);
            streams.extend(made.filter(|index| self.shows(&world.streams[*index as usize].name)));
        }
        let delays = streams.iter().map(|index| world.streams[*index as usize].delay.longest());
        let from = since - delays.max().unwrap_or(0);
        let window = Window { from, to: i64::MAX, now };
        let mut message = Vec::new();
        let mut matches = |event: &Occurrence| {
            if event.position.ingestion <= since {
                return false;
            }
            if self.filter.matches_all() {
                return true;
            }
            message.clear();
            world.render(*event, &mut message);
            self.filter.matches(&message)
        };
        world
            .events(streams.into_iter(), window, Direction::Forward, None)
            .filter(|event| matches(event))
            .collect()
    }

    fn write(&self, body: &mut Vec<u8>, event: Occurrence, message: &mut Vec<u8>) {
        let stream = self.world.stream_of(event);
        message.clear();
        self.world.render(event, message);
        if body.last() == Some(&b'}') {
            body.push(b',');
        }
        body.extend_from_slice(b"{\"logGroupIdentifier\":");
        write_string(body, self.world.group_arn(stream.group).as_bytes());
        body.extend_from_slice(b",\"logStreamName\":");
        write_string(body, stream.name.as_bytes());
        body.extend_from_slice(b",\"timestamp\":");
        write_number(body, event.position.time);
        body.extend_from_slice(b",\"ingestionTime\":");
        write_number(body, event.position.ingestion);
        body.extend_from_slice(b",\"message\":");
        write_string(body, message);
        body.push(b'}');
    }
}
