//! The record of a log event, as docs/records.md has it.

use std::sync::Arc;

use record::Time;
use serde::Serialize;

use crate::message::Message;
use crate::place::Group;
use crate::surroundings::Relation;

/// One event of a log stream.
#[derive(Clone, Debug)]
pub struct LogRecord {
    /// The event's own time.
    pub time: Time,
    /// When CloudWatch Logs took it in.
    pub ingested: Option<Time>,
    /// Where it was read.
    pub group: Arc<Group>,
    /// The stream, and whose it is.
    pub stream: Arc<Stream>,
    /// The API's id.
    pub id: Option<String>,
    /// The exact text.
    pub text: String,
    /// Half of a surrogate pair in the text was replaced by U+FFFD.
    pub repaired: bool,
    /// While following: much later ones of its group were printed before.
    pub late: bool,
}

/// A stream, and whose it is as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Its name.
    pub name: String,
    /// The cluster of its task.
    pub cluster: Option<String>,
    /// The service of its task.
    pub service: Option<String>,
    /// The task's id.
    pub task: Option<String>,
    /// The container's name.
    pub container: Option<String>,
}

impl LogRecord {
    /// The sentence, level and fields of the text.
    pub fn message(&self) -> Message<'_> {
        Message::read(&self.text)
    }

    /// Appends the record as one JSON object, without a line break.
    ///
    /// Written by hand, key by key: `fields` goes through verbatim, and this is the one place that
    /// every event passes.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        self.write_json_as(None, out);
    }

    /// The same, of an event that is shown for the match next to it.
    pub fn write_json_as(&self, relation: Option<Relation>, out: &mut Vec<u8>) {
        let message = self.message();
        let mut object = Object::begin(out, self.time);
        object.text("account", self.group.account.as_deref());
        object.text("region", Some(&self.group.region));
        object.text("group", Some(&self.group.name));
        object.text("stream", Some(&self.stream.name));
        object.text("cluster", self.stream.cluster.as_deref());
        object.text("service", self.stream.service.as_deref());
        object.text("task", self.stream.task.as_deref());
        object.text("container", self.stream.container.as_deref());
        object.text("level", message.level.map(|level| level.name()));
        object.text("message", Some(&message.text));
        object.verbatim("fields", message.fields.as_deref());
        object.value("ingested", self.ingested.as_ref());
        object.text("id", self.id.as_deref());
        object.value("repaired", (self.repaired || message.repaired).then_some(&true));
        object.value("late", self.late.then_some(&true));
        object.text("context", relation.map(Relation::word));
        object.end();
    }
}

struct Object<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Object<'a> {
    fn begin(out: &'a mut Vec<u8>, time: Time) -> Self {
        out.extend_from_slice(b"{\"time\":");
        let mut object = Self { out };
        object.json(&time);
        object.out.extend_from_slice(b",\"kind\":\"log\"");
        object
    }

    fn key(&mut self, key: &str) {
        self.out.extend_from_slice(b",\"");
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn text(&mut self, key: &str, value: Option<&str>) {
        self.value(key, value);
    }

    fn value<T: Serialize + ?Sized>(&mut self, key: &str, value: Option<&T>) {
        if let Some(value) = value {
            self.key(key);
            self.json(value);
        }
    }

    fn verbatim(&mut self, key: &str, json: Option<&str>) {
        if let Some(json) = json {
            self.key(key);
            self.out.extend_from_slice(json.as_bytes());
        }
    }

    fn json<T: Serialize + ?Sized>(&mut self, value: &T) {
        // Strings, times and booleans written to memory cannot fail.
        let _ = serde_json::to_writer(&mut *self.out, value);
    }

    fn end(self) {
        self.out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> LogRecord {
        LogRecord {
            time: Time::from_millis(1_795_466_218_123),
            ingested: Some(Time::from_millis(1_795_466_219_000)),
            group: Arc::new(Group {
                profile: None,
                account: Some("123456789012".into()),
                region: "us-east-1".into(),
                name: "/ecs/api".into(),
                arn: None,
            }),
            stream: Arc::new(Stream {
                name: "ecs/web/0f".into(),
                cluster: Some("prod".into()),
                service: Some("api".into()),
                task: Some("0f".into()),
                container: Some("web".into()),
            }),
            id: Some("7".into()),
            text: text.into(),
            repaired: false,
            late: false,
        }
    }

    fn json(record: &LogRecord) -> String {
        let mut out = Vec::new();
        record.write_json(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_record_has_its_keys_in_the_documented_order() {
        assert_eq!(
            json(&record(r#"{"level":50,"msg":"boom","n":1.0}"#)),
            concat!(
                r#"{"time":"2026-11-23T20:36:58.123Z","kind":"log","account":"123456789012","#,
                r#""region":"us-east-1","group":"/ecs/api","stream":"ecs/web/0f","cluster":"prod","#,
                r#""service":"api","task":"0f","container":"web","level":"error","message":"boom","#,
                r#""fields":{"level":50,"msg":"boom","n":1.0},"#,
                r#""ingested":"2026-11-23T20:36:59.000Z","id":"7"}"#
            )
        );
    }

    #[test]
    fn control_characters_and_long_lines_pass_unharmed() {
        let text = format!("\0\u{1b}[31m\t\n{}", "x".repeat(1_000_000));
        let value: serde_json::Value = serde_json::from_str(&json(&record(&text))).unwrap();
        assert_eq!(value["message"], text);
    }

    #[test]
    fn a_key_without_a_value_is_left_out() {
        let line = json(&LogRecord { ingested: None, id: None, ..record("plain") });
        assert!(line.ends_with(r#""message":"plain"}"#), "{line}");
    }
}
