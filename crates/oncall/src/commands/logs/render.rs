//! How a log event looks.

use std::borrow::Cow;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Zoned;
use jiff::tz::TimeZone;
use logs::{Level, LogRecord};
use output::{Line, Present, Role};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use timerange::Window;

use super::tail::Marks;

/// What all lines of a reading have in common.
#[derive(Debug)]
pub(crate) struct Look {
    zone: TimeZone,
    with_date: bool,
    marks: Marks,
}

impl Look {
    /// Times are shown in the zone of `now`, with the date where the window leaves its day.
    pub(crate) fn new(now: Zoned, window: Window, marks: Marks) -> Self {
        let zone = now.time_zone().clone();
        let first = window.start.to_zoned(zone.clone()).date();
        Self { with_date: first != now.date(), zone, marks }
    }
}

/// A log event, ready to be shown.
#[derive(Debug)]
pub(crate) struct LogLine<'a> {
    pub(crate) record: &'a LogRecord,
    pub(crate) look: &'a Look,
}

impl Present for LogLine<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        self.record.write_json(out);
    }

    fn raw(&self) -> Cow<'_, str> {
        (&self.record.text).into()
    }

    /// time, level, group, stream, cluster, service, task, container, message, fields
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let LogRecord { time, group, stream, .. } = self.record;
        let message = self.record.message();
        let optional =
            |text: &Option<String>| Cow::Owned(text.as_deref().unwrap_or_default().to_owned());
        vec![
            time.to_string().into(),
            message.level.map_or("", Level::name).into(),
            (&group.name).into(),
            (&stream.name).into(),
            optional(&stream.cluster),
            optional(&stream.service),
            optional(&stream.task),
            optional(&stream.container),
            message.text.into_owned().into(),
            message.fields.unwrap_or_default().into_owned().into(),
        ]
    }

    fn line(&self, line: &mut Line<'_>) {
        let message = self.record.message();
        line.push(Role::Dim, &self.clock()).push(Role::Plain, " ");
        let role = level_role(message.level);
        line.push(role, &format!("{:<6}", message.level.map_or("", Level::name)));
        let name = self.name();
        line.push_word(Role::Name(color_of(&self.record.stream.name)), &name)
            .push(Role::Plain, " ");
        // Further lines of the same event stand a little in.
        let text = message.text.trim_end().replace('\n', "\n    ");
        self.marked(line, &text);
        if let Some(fields) = message.fields.filter(|fields| *fields != message.text) {
            for (key, value) in other_fields(&fields) {
                line.push(Role::Plain, " ").push_word(Role::Key, &key).push(Role::Dim, "=");
                self.marked(line, &value);
            }
        }
    }

    fn link(&self) -> Option<String> {
        self.record.link()
    }
}

impl LogLine<'_> {
    fn clock(&self) -> String {
        let time = self.record.time.timestamp().to_zoned(self.look.zone.clone());
        let format = if self.look.with_date { "%m-%d %H:%M:%S%.3f" } else { "%H:%M:%S%.3f" };
        time.strftime(format).to_string()
    }

    /// `service/container 0f9de17a`, or the end of the stream's name.
    fn name(&self) -> String {
        const SHORT_ID: usize = 8;
        let stream = &self.record.stream;
        let id = stream.task.as_deref().map(|id| id.get(..SHORT_ID).unwrap_or(id));
        let owner = match (&stream.service, &stream.container) {
            (Some(service), Some(container)) if service != container => {
                format!("{service}/{container}")
            }
            (Some(name), _) | (None, Some(name)) => name.clone(),
            (None, None) => stream.name.rsplit('/').next().unwrap_or(&stream.name).to_owned(),
        };
        id.map_or_else(|| owner.clone(), |id| format!("{owner} {id}"))
    }

    /// The text, with what was searched for marked.
    fn marked(&self, line: &mut Line<'_>, text: &str) {
        let mut from = 0;
        while let Some(found) = self
            .look
            .marks
            .iter()
            .filter_map(|mark| {
                // A match of nothing (`x*`) marks nothing, and ends no search.
                mark.find_iter(text).find(|found| found.start() >= from && !found.is_empty())
            })
            .min_by_key(|found| found.start())
        {
            line.push(Role::Plain, &text[from..found.start()]);
            line.push(Role::Match, found.as_str());
            from = found.end();
        }
        line.push(Role::Plain, &text[from..]);
    }
}

fn level_role(level: Option<Level>) -> Role {
    match level {
        Some(Level::Fatal | Level::Error) => Role::Bad,
        Some(Level::Warn) => Role::Warning,
        Some(Level::Info | Level::Notice) => Role::Good,
        Some(Level::Debug | Level::Trace) | None => Role::Dim,
    }
}

/// The same name has the same colour, in every run.
fn color_of(name: &str) -> u8 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    (hasher.finish() % 251) as u8
}

/// The fields of an event that its line does not show already, as `key=value`, in their order.
fn other_fields(fields: &str) -> Vec<(String, String)> {
    let shown = |key: &str| {
        matches!(
            key,
            "level"
                | "lvl"
                | "severity"
                | "levelname"
                | "levelno"
                | "msg"
                | "message"
                | "event"
                | "time"
                | "ts"
                | "timestamp"
                | "@timestamp"
        )
    };
    let pairs = serde_json::Deserializer::from_str(fields).deserialize_map(Pairs);
    let mut pairs = pairs.unwrap_or_default();
    pairs.retain(|(key, _)| !shown(key));
    pairs
}

struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Vec<(String, String)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut pairs = Vec::new();
        while let Some((key, raw)) = map.next_entry::<String, &RawValue>()? {
            // A text without spaces needs no quotes.
            let text = serde_json::from_str::<String>(raw.get()).ok();
            let plain = text.filter(|text| !text.is_empty() && !text.contains([' ', '"', '\n']));
            pairs.push((key, plain.unwrap_or_else(|| raw.get().to_owned())));
        }
        Ok(pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_shown_once_and_in_their_order() {
        let fields = r#"{"level":50,"z":1.50,"msg":"m","a":"two words","b":"one","o":{"k":[1]}}"#;
        let pairs: Vec<String> =
            other_fields(fields).iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(pairs, ["z=1.50", "a=\"two words\"", "b=one", "o={\"k\":[1]}"]);
    }
}
