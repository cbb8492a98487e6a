//! The ledger: what the writers of this world wrote, exactly. The oracle of every reader.

use serde::{Serialize, Serializer};

use super::World;
use super::event_id;
use super::events::{Cursor, Direction, Window};

/// Nobody plays a drill for longer; it keeps the arithmetic of time in range.
const FAR: i64 = 366 * 86_400_000;

/// One event as it was written. As JSON it is one object, its time first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Written<'w> {
    /// The event's own time, in milliseconds since the epoch; RFC 3339 in JSON, as `time`. A writer's clock
    /// may be ahead of the cloud's.
    #[serde(rename = "time", serialize_with = "rfc3339")]
    pub time_ms: i64,
    /// When the event became readable; RFC 3339 in JSON, as `ingestion_time`.
    #[serde(rename = "ingestion_time", serialize_with = "rfc3339")]
    pub ingestion_ms: i64,
    /// When it was written, by the cloud's clock.
    #[serde(skip)]
    pub written_ms: i64,
    /// The region that the log group is in.
    pub region: &'w str,
    /// The log group.
    pub group: &'w str,
    /// The log stream.
    pub stream: &'w str,
    /// The id that FilterLogEvents gives it.
    pub id: String,
    /// The message.
    pub message: String,
}

/// The events that were written, in the order of FilterLogEvents. Nothing is collected: each is made when
/// it is asked for.
pub struct Ledger<'w> {
    world: &'w World,
    cursor: Cursor<'w>,
    message: Vec<u8>,
}

impl World {
    /// Every event of `groups` (all of them, when none is named) with a time of `from_ms` to `to_ms`, both
    /// included, whether it has been ingested yet or not, in every region that has such a group. `None` when a group is not in this world.
    ///
    /// Retention and log classes hide nothing here.
    pub fn ledger(&self, groups: &[&str], from_ms: i64, to_ms: i64) -> Option<Ledger<'_>> {
        let known = &self.scenario.groups;
        if !groups.iter().all(|name| known.iter().any(|group| group.name == *name)) {
            return None;
        }
        let wanted =
            |index: &usize| groups.is_empty() || groups.contains(&known[*index].name.as_str());
        let streams: Vec<u32> = (0..known.len())
            .filter(wanted)
            .flat_map(|group| self.streams_of[group].iter().copied())
            .collect();
        let window = Window { from: from_ms, to: to_ms.min(self.page + FAR), now: i64::MAX };
        let cursor = self.events(streams.into_iter(), window, Direction::Forward, None);
        Some(Ledger { world: self, cursor, message: Vec::new() })
    }

    /// Every event that was written from `from_ms` to `to_ms`, both included, by the cloud's clock: what a
    /// writer's own clock says of it may be later.
    pub fn written(&self, from_ms: i64, to_ms: i64) -> impl Iterator<Item = Written<'_>> {
        let events = self.ledger(&[], from_ms, to_ms.saturating_add(self.furthest_ahead));
        let meanwhile = move |event: &Written<'_>| (from_ms..=to_ms).contains(&event.written_ms);
        events.into_iter().flatten().filter(meanwhile)
    }
}

impl<'w> Iterator for Ledger<'w> {
    type Item = Written<'w>;

    fn next(&mut self) -> Option<Written<'w>> {
        let event = self.cursor.next()?;
        self.message.clear();
        self.world.render(event, &mut self.message);
        let mut id = Vec::with_capacity(56);
        event_id::write(&mut id, event.position);
        let stream = self.world.stream_of(event);
        Some(Written {
            time_ms: event.position.time,
            ingestion_ms: event.position.ingestion,
            written_ms: event.position.time - stream.ahead,
            region: &self.world.scenario.groups[stream.group].region,
            group: &self.world.scenario.groups[stream.group].name,
            stream: &stream.name,
            id: String::from_utf8_lossy(&id).into_owned(),
            message: String::from_utf8_lossy(&self.message).into_owned(),
        })
    }
}

impl std::fmt::Debug for Ledger<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}

fn rfc3339<S: Serializer>(time_ms: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    match jiff::Timestamp::from_millisecond(*time_ms) {
        Ok(time) => serializer.collect_str(&format_args!("{time:.3}")),
        Err(error) => Err(serde::ser::Error::custom(error)),
    }
}
