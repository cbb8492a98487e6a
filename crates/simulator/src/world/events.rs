//! Log events in order, computed on demand.
//!
//! An event is a function of its stream, its template and its ordinal, so any window can be read without
//! what came before it, in either direction, and nothing is stored. A [`Cursor`] walks a window in slabs:
//! it asks every source for its occurrences within the slab, sorts them, hands them out, moves on. The slab
//! is as long as a few thousand events take, which bounds memory; where its edges fall changes nothing.
//!
//! A writer's clock may be ahead. What decides when and whether it speaks is the moment of writing; the
//! event's own time is that moment and what the clock is ahead.

use std::collections::VecDeque;

use super::hash;
use super::message::Utterance;
use super::scenario::{Moment, Timing, Wave};
use super::{World, streams::Stream};

/// Where an event stands among all others: by its own time, then by ingestion, then by its sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) time: i64,
    pub(crate) ingestion: i64,
    /// 24 bits of stream, 8 of template, 24 of ordinal, 8 of line.
    pub(crate) sequence: u64,
}

impl Position {
    /// Before every event of this moment and after all earlier ones.
    pub(crate) fn before(time: i64) -> Position {
        Position { time, ingestion: 0, sequence: 0 }
    }

    /// Whether it is a place in this stream: one of its events, or a bare moment.
    pub(crate) fn may_be_in(self, stream: u32) -> bool {
        self.sequence == 0 || self.stream() == stream
    }

    pub(crate) fn stream(self) -> u32 {
        (self.sequence >> 40) as u32
    }

    fn template(self) -> usize {
        (self.sequence >> 32) as usize & 0xFF
    }

    fn line(self) -> usize {
        self.sequence as usize & 0xFF
    }
}

/// One event, not yet put into words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Occurrence {
    pub(crate) position: Position,
    ordinal: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Backward,
}

/// A window of time, both ends included, and how much of it `now` lets us see.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) now: i64,
}

#[derive(Debug, Clone, Copy)]
enum Pace {
    Spread { interval_us: i64 },
    Every { interval_us: i64 },
    Once,
}

/// One template in one stream.
#[derive(Debug)]
struct Source {
    stream: u32,
    template: u32,
    pace: Pace,
    /// The moment of ordinal 0, in microseconds.
    origin: i64,
    seed: u64,
    /// The events' own times, as everything that a window is compared with.
    from: i64,
    to: i64,
    /// How much earlier than that they were written.
    ahead: i64,
    wave: Option<Wave>,
    lines: u32,
}

/// An ordered walk over the events of some streams.
pub(crate) struct Cursor<'a> {
    world: &'a World,
    window: Window,
    direction: Direction,
    after: Option<Position>,
    sources: Vec<Source>,
    slab: Vec<Occurrence>,
    ready: VecDeque<Occurrence>,
    length: i64,
    /// The edge of what has been generated: the next slab begins (or, backward, ends) here.
    edge: i64,
}

const SLAB_EVENTS: f64 = 4096.0;
const LONGEST_SLAB: i64 = 6 * 3_600_000;

impl World {
    /// Walks the events of `streams` within `window`, beginning after (backward: before) `after`.
    pub(crate) fn events(
        &self,
        streams: impl Iterator<Item = u32>,
        window: Window,
        direction: Direction,
        after: Option<Position>,
    ) -> Cursor<'_> {
        let mut window = Window {
            from: window.from.max(self.floor),
            to: window.to.min(window.now.saturating_add(self.furthest_ahead)),
            now: window.now,
        };
        match (direction, after) {
            (Direction::Forward, Some(after)) => window.from = window.from.max(after.time),
            (Direction::Backward, Some(after)) => window.to = window.to.min(after.time),
            (_, None) => {}
        }
        let mut sources = Vec::new();
        for index in streams {
            self.sources(index, window, &mut sources);
        }
        Cursor {
            world: self,
            window,
            direction,
            after,
            sources,
            slab: Vec::new(),
            ready: VecDeque::new(),
            length: 60_000,
            edge: match direction {
                Direction::Forward => window.from,
                Direction::Backward => window.to,
            },
        }
    }

    fn sources(&self, index: u32, window: Window, sources: &mut Vec<Source>) {
        let stream = &self.streams[index as usize];
        let ahead = stream.ahead;
        let until = stream.to.min(self.silence);
        if stream.from + ahead > window.to || until.saturating_add(ahead) < window.from {
            return;
        }
        for (template_index, template) in self.templates(stream).iter().enumerate() {
            let seed = hash::combine(stream.seed, template_index as u64);
            let mut from = stream.from.max(self.page.saturating_add(template.from));
            let mut to = until.min(self.page.saturating_add(template.to).saturating_sub(1));
            let phase =
                |interval_us: i64| self.floor * 1000 + hash::below(seed, interval_us as u64) as i64;
            let (pace, origin) = match template.timing {
                Timing::Spread { interval_us } => {
                    (Pace::Spread { interval_us }, phase(interval_us))
                }
                Timing::Every { interval_us } => (Pace::Every { interval_us }, phase(interval_us)),
                Timing::Once { moment, after_ms } => {
                    let Some(at) = self.once(stream, moment, after_ms) else { continue };
                    from = from.max(at);
                    to = to.min(at);
                    (Pace::Once, at * 1000)
                }
            };
            // Until here by the moment of writing, from here by the events' own time.
            let (from, to) = (from.saturating_add(ahead), to.saturating_add(ahead));
            if from > to || from > window.to || to < window.from {
                continue;
            }
            sources.push(Source {
                stream: index,
                template: template_index as u32,
                pace,
                origin,
                seed,
                from: from.max(window.from),
                to: to.min(window.to),
                ahead,
                wave: template.wave,
                lines: template.lines.len() as u32,
            });
        }
    }

    /// When a `once` template speaks in a stream. A stream cut off by the beginning of history has no start.
    fn once(&self, stream: &Stream, moment: Moment, after_ms: i64) -> Option<i64> {
        let ends = stream.to != super::fleet::NEVER;
        let at = match moment {
            Moment::Start => (stream.from > self.floor).then_some(stream.from + after_ms)?,
            Moment::Stop => ends.then_some(stream.to - after_ms)?,
            Moment::Crash => (ends && stream.crashes).then_some(stream.to - after_ms)?,
        };
        (at >= stream.from && at <= stream.to).then_some(at)
    }

    /// Appends the message of an event.
    pub(crate) fn render(&self, event: Occurrence, out: &mut Vec<u8>) {
        let stream = &self.streams[event.position.stream() as usize];
        let template = &self.templates(stream)[event.position.template()];
        let seed = hash::combine(stream.seed, event.position.template() as u64);
        let said = Utterance {
            time_ms: event.position.time,
            hash: hash::combine(seed, event.ordinal as u64),
            ordinal: event.ordinal,
        };
        template.lines[event.position.line()].render(out, said, &stream.speaker);
    }

    /// The stream that an event is in.
    pub(crate) fn stream_of(&self, event: Occurrence) -> &Stream {
        &self.streams[event.position.stream() as usize]
    }
}

impl Source {
    /// Roughly how many events it has within the slab.
    fn expected(&self, from: i64, to: i64) -> f64 {
        let overlap = (to.min(self.to) - from.max(self.from) + 1).max(0) as f64 * 1000.0;
        match self.pace {
            Pace::Spread { interval_us } | Pace::Every { interval_us } => {
                overlap / interval_us as f64 * f64::from(self.lines)
            }
            Pace::Once => 0.0,
        }
    }

    fn collect(&self, world: &World, from: i64, to: i64, now: i64, out: &mut Vec<Occurrence>) {
        let (from, to) = (from.max(self.from) - self.ahead, to.min(self.to) - self.ahead);
        if from > to {
            return;
        }
        let (first, last, interval_us) = match self.pace {
            Pace::Once => (0, 0, 1),
            Pace::Spread { interval_us } | Pace::Every { interval_us } => (
                (from * 1000 - self.origin).div_euclid(interval_us).max(0),
                (to * 1000 + 999 - self.origin).div_euclid(interval_us),
                interval_us,
            ),
        };
        let stream = &world.streams[self.stream as usize];
        for ordinal in first..=last {
            let mut micros = self.origin + ordinal * interval_us;
            if let Pace::Spread { .. } = self.pace {
                micros +=
                    hash::below(hash::combine(self.seed, !(ordinal as u64)), interval_us as u64)
                        as i64;
            }
            let written = micros.div_euclid(1000);
            if written < from
                || written > to
                || self.wave.is_some_and(|wave| !wave.is_on(written - world.page))
            {
                continue;
            }
            let ingestion = stream.ingestion(written);
            if ingestion > now {
                continue;
            }
            for line in 0..u64::from(self.lines) {
                let sequence = u64::from(self.stream) << 40
                    | u64::from(self.template & 0xFF) << 32
                    | (ordinal as u64 & 0xFF_FFFF) << 8
                    | line;
                let time = written + self.ahead;
                out.push(Occurrence { position: Position { time, ingestion, sequence }, ordinal });
            }
        }
    }
}

impl Cursor<'_> {
    /// Generates slabs until there is something to hand out, or nothing left.
    fn fill(&mut self) {
        while self.ready.is_empty() {
            let (from, to) = match self.direction {
                Direction::Forward if self.edge > self.window.to => return,
                Direction::Backward if self.edge < self.window.from => return,
                Direction::Forward => self.slab_forward(),
                Direction::Backward => self.slab_backward(),
            };
            self.slab.clear();
            for source in &self.sources {
                source.collect(self.world, from, to, self.window.now, &mut self.slab);
            }
            self.slab.sort_unstable_by_key(|event| event.position);
            let after = self.after;
            match self.direction {
                Direction::Forward => {
                    self.edge = to + 1;
                    let fresh =
                        |event: &&Occurrence| after.is_none_or(|after| event.position > after);
                    self.ready.extend(self.slab.iter().filter(fresh));
                    self.sources.retain(|source| source.to > to);
                }
                Direction::Backward => {
                    self.edge = from - 1;
                    let fresh =
                        |event: &&Occurrence| after.is_none_or(|after| event.position < after);
                    self.ready.extend(self.slab.iter().rev().filter(fresh));
                    self.sources.retain(|source| source.from < from);
                }
            }
            if self.sources.is_empty() {
                self.edge = match self.direction {
                    Direction::Forward => i64::MAX,
                    Direction::Backward => i64::MIN,
                };
            }
            if self.slab.len() < SLAB_EVENTS as usize / 2 {
                self.length = (self.length * 4).min(LONGEST_SLAB);
            }
        }
    }

    fn slab_forward(&mut self) -> (i64, i64) {
        loop {
            let to = self.edge.saturating_add(self.length - 1).min(self.window.to);
            if !self.shorten(self.edge, to) {
                return (self.edge, to);
            }
        }
    }

    fn slab_backward(&mut self) -> (i64, i64) {
        loop {
            let from = self.edge.saturating_sub(self.length - 1).max(self.window.from);
            if !self.shorten(from, self.edge) {
                return (from, self.edge);
            }
        }
    }

    /// Shortens the slab when too many events would be in it; whether it did.
    fn shorten(&mut self, from: i64, to: i64) -> bool {
        let expected: f64 = self.sources.iter().map(|source| source.expected(from, to)).sum();
        if expected <= SLAB_EVENTS || self.length <= 1 {
            return false;
        }
        self.length =
            ((self.length as f64 * SLAB_EVENTS / expected / 1.5) as i64).clamp(1, self.length - 1);
        true
    }
}

impl Iterator for Cursor<'_> {
    type Item = Occurrence;

    fn next(&mut self) -> Option<Occurrence> {
        if self.ready.is_empty() {
            self.fill();
        }
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scenario;

    const START: i64 = 1_795_380_000_000;

    /// Two streams that write the same: the clock of one is ahead.
    fn world(ahead: &str) -> World {
        let text = format!(
            "name = \"clocks\"\nsummary = \"One clock is ahead.\"\nseed = 5\n\
             [[log_groups]]\nname = \"/x\"\nahead = \"{ahead}\"\nlag = [\"1s\", \"1s\"]\n\
             streams = {{ name = \"s\", rotate = \"1h\" }}\n\
             templates = [{{ every = \"1s\", message = \"${{time}}\" }}]\n"
        );
        World::new(Scenario::parse("clocks.toml", &text).unwrap(), START)
    }

    fn read(world: &World, window: Window, direction: Direction) -> Vec<(i64, i64)> {
        let streams = 0..world.streams.len() as u32;
        let events = world.events(streams, window, direction, None);
        events.map(|event| (event.position.time, event.position.ingestion)).collect()
    }

    #[test]
    fn a_clock_that_is_ahead_moves_the_times_and_nothing_else() {
        let (right, fast) = (world("0"), world("2m"));
        for direction in [Direction::Forward, Direction::Backward] {
            let window = Window { from: START - 60_000, to: START - 1, now: START + 600_000 };
            let expected: Vec<(i64, i64)> = read(&right, window, direction)
                .into_iter()
                .map(|(time, ingestion)| (time + 120_000, ingestion))
                .collect();
            assert_eq!(expected.len(), 60);
            let later =
                Window { from: window.from + 120_000, to: window.to + 120_000, now: window.now };
            assert_eq!(read(&fast, later, direction), expected);
        }
    }

    #[test]
    fn what_is_in_the_future_is_there_once_it_was_ingested() {
        let window = Window { from: START - 10_000, to: i64::MAX, now: START };
        let seen = read(&world("2m"), window, Direction::Forward);
        let (last, ingested) = *seen.last().unwrap();
        assert!((START - 1_000..=START).contains(&ingested), "{ingested}");
        assert_eq!(last, ingested - 1_000 + 120_000);
    }

    #[test]
    fn the_writers_stop_by_the_clouds_clock() {
        let world = world("2m").stopping_after(std::time::Duration::from_secs(30));
        let written: Vec<i64> =
            world.written(START, START + 600_000).map(|event| event.written_ms).collect();
        assert_eq!(written.len(), 30);
        assert!(written.iter().all(|moment| (START..=START + 30_000).contains(moment)));
        let message = world.written(START, START + 1_000).next().unwrap();
        let own = jiff::Timestamp::from_millisecond(message.time_ms).unwrap();
        assert_eq!(message.message, format!("{own:.3}"), "the writer believes its clock");
    }
}
