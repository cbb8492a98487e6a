//! How a log event looks.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Zoned;
use jiff::tz::TimeZone;
use logs::{Level, LogRecord, Whose};
use output::{Line, Present, Role};
use regex::Regex;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use timerange::Window;

use super::pretty::pretty;
use super::tail::Marks;

/// What all lines of a reading have in common.
#[derive(Debug)]
pub(crate) struct Look {
    zone: TimeZone,
    with_date: bool,
    marks: Marks,
    expanded: bool,
    whose: Whose,
    /// The widest name so far: the messages stand under each other.
    name_width: Cell<usize>,
}

impl Look {
    /// Times are shown in the zone of `now`, with the date where the window leaves its day.
    /// Each line says whose it is where that has to be said.
    pub(crate) fn new(now: Zoned, window: Window, marks: Marks, whose: Whose) -> Self {
        let zone = now.time_zone().clone();
        let first = window.start.to_zoned(zone.clone()).date();
        let with_date = first != now.date();
        Self { with_date, zone, marks, expanded: false, whose, name_width: Cell::new(0) }
    }

    /// `--expand`: JSON messages over several lines.
    pub(crate) fn expanded(self, expanded: bool) -> Self {
        Self { expanded, ..self }
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
        self.draw(line, " ");
    }

    fn link(&self) -> Option<String> {
        self.record.link()
    }
}

impl LogLine<'_> {
    /// Draws it, with a mark of one column behind the time.
    pub(crate) fn draw(&self, line: &mut Line<'_>, mark: &str) {
        let message = self.record.message();
        line.push(Role::Dim, &self.clock()).push(Role::Plain, mark).stop();
        let role = level_role(message.level);
        line.push(role, &format!("{:<5}", message.level.map_or("", Level::name)));
        line.push(Role::Plain, " ").stop();
        if let Some(word) = self.look.whose.word(&self.record.group) {
            line.push_word(Role::Dim, &word).push(Role::Plain, " ").stop();
        }
        let name = self.name();
        line.push_word(Role::Name(color_of(&self.record.stream.name)), &name);
        line.push(Role::Plain, &" ".repeat(1 + self.short_of(&name, line))).stop();
        let fields = message.fields.as_deref().unwrap_or_default();
        // A sentence is a part of its object; without one the text is all of it.
        let has_sentence = message.text.len() < fields.len() || fields.is_empty();
        if has_sentence {
            self.marked(line, message.text.trim_end());
        }
        match self.look.expanded {
            _ if fields.is_empty() => {}
            true => {
                line.push(Role::Plain, if has_sentence { "\n" } else { "" });
                pretty(fields, |role, text| match role {
                    Role::Plain => self.marked(line, text),
                    role => {
                        line.push(role, text);
                    }
                });
            }
            false => {
                let mut space = if has_sentence { " " } else { "" };
                for (key, value) in other_fields(fields, has_sentence) {
                    line.push(Role::Plain, std::mem::replace(&mut space, " "));
                    line.push_word(Role::Key, &key).push(Role::Dim, "=");
                    self.marked(line, &value);
                }
            }
        }
    }

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

    /// How many columns the name lacks to be as wide as the widest. A very wide one is not waited
    /// for.
    fn short_of(&self, name: &str, line: &Line<'_>) -> usize {
        const WIDEST: usize = 40;
        let Some(most) = line.width().map(|width| WIDEST.min(width / 4)) else { return 0 };
        let columns = output::columns(name);
        let widest = self.look.name_width.get().max(columns.min(most));
        self.look.name_width.set(widest);
        widest.saturating_sub(columns)
    }

    /// The text, with what was searched for marked.
    fn marked(&self, line: &mut Line<'_>, text: &str) {
        // A match of nothing (`x*`) marks nothing.
        let matches = |mark: &'_ Regex| {
            let found = mark.find_iter(text).map(|found| found.range());
            found.filter(|range| !range.is_empty()).collect::<Vec<_>>()
        };
        let mut found: Vec<_> = self.look.marks.iter().flat_map(matches).collect();
        found.sort_by_key(|range| (range.start, range.end));
        let mut from = 0;
        for range in found {
            // Where two overlap, the first is marked whole.
            if range.start >= from {
                line.push(Role::Plain, &text[from..range.start]);
                line.push(Role::Match, &text[range.clone()]);
                from = range.end;
            }
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
fn other_fields(fields: &str, has_sentence: bool) -> Vec<(String, String)> {
    let shown = |key: &str| match key {
        "level" | "lvl" | "severity" | "levelname" | "levelno" => true,
        "time" | "ts" | "timestamp" | "@timestamp" => true,
        "msg" | "message" | "event" => has_sentence,
        _ => false,
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
    use std::sync::Arc;

    use logs::{Group, Stream};
    use record::Time;

    use super::*;

    const SENTENCE: &str =
        "GET /v1/export 日本語 took 9120 ms, which is longer than the client waits";
    const OBJECT: &str = r#"{"level":50,"msg":"upstream timeout: lookup dedupe.prod.internal did not answer","took":1.50,"err":{"code":"EAI_AGAIN","try":[1,2]},"none":{}}"#;
    const TRACE: &str = "ERROR java.lang.IllegalStateException: no connection\n\tat com.example.Pool.take(Pool.java:88)\n\tat com.example.billing.invoices.InvoiceRepository.findAllOpenInvoicesOf(InvoiceRepository.java:213)";
    const HOSTILE: &str = "a\u{1b}[2Jb\u{202e}c\rd";

    fn record(container: &str, task: &str, text: &str) -> LogRecord {
        let text_or_none = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let group = Group {
            profile: None,
            account: None,
            region: "us-east-1".to_owned(),
            name: "/ecs/prod".to_owned(),
            arn: None,
        };
        let stream = Stream {
            name: format!("{container}/{task}"),
            cluster: Some("prod".to_owned()),
            service: Some("api".to_owned()),
            task: text_or_none(task),
            container: text_or_none(container),
        };
        LogRecord {
            time: Time::from_millis(1_795_377_600_123),
            ingested: None,
            group: Arc::new(group),
            stream: Arc::new(stream),
            id: None,
            text: text.to_owned(),
            repaired: false,
            late: false,
        }
    }

    fn look(marks: &[&str]) -> Look {
        let now = Time::from_millis(1_795_377_700_000).timestamp().to_zoned(TimeZone::UTC);
        let window = Window { start: now.timestamp(), end: now.timestamp() };
        let marks = marks.iter().map(|mark| Regex::new(mark).unwrap()).collect();
        Look::new(now, window, marks, Whose::default())
    }

    fn screen(look: &Look, columns: usize, colored: bool) -> String {
        let records = [
            record("api", "0f9de17a6465404e8b1b2356dc13c2f8", SENTENCE),
            record("api", "77aa01f26465404e8b1b2356dc13c2f8", OBJECT),
            record("envoy", "0f9de17a6465404e8b1b2356dc13c2f8", TRACE),
            record("api", "0f9de17a6465404e8b1b2356dc13c2f8", HOSTILE),
        ];
        let lines = records.iter().map(|record| {
            let line = output::drawn(&LogLine { record, look }, colored, columns);
            format!("{line}\n")
        });
        let screen: String = lines.collect();
        screen.replace('\u{1b}', "^")
    }

    #[test]
    fn eighty_columns() {
        insta::assert_snapshot!(screen(&look(&[]), 80, false), @r#"
        20:00:00.123       api 0f9de17a GET /v1/export 日本語 took 9120 ms, which is
                                        longer than the client waits
        20:00:00.123 error api 77aa01f2 upstream timeout: lookup dedupe.prod.internal
                                        did not answer took=1.50
                                        err={"code":"EAI_AGAIN","try":[1,2]} none={}
        20:00:00.123 error api/envoy 0f9de17a ERROR java.lang.IllegalStateException: no
                           connection
                               at com.example.Pool.take(Pool.java:88)
                               at com.example.billing.invoices.InvoiceRepository.findAll
                                 OpenInvoicesOf(InvoiceRepository.java:213)
        20:00:00.123       api 0f9de17a       a␛[2Jb<U+202E>c␍d
        "#);
    }

    #[test]
    fn each_line_says_whose_it_is_where_there_are_several() {
        let opened = |profile: &str, regions: &[&str]| aws::Opened {
            profile: Some(profile.to_owned()),
            door: drill_door(regions),
        };
        let word = |opened: Vec<aws::Opened>, profile: Option<&str>, account: Option<&str>| {
            let doors = aws::Doors::new(opened, Vec::new()).unwrap();
            let mut record = record("api", "0f9de17a6465404e8b1b2356dc13c2f8", SENTENCE);
            let text = |text: Option<&str>| text.map(str::to_owned);
            record.group = Arc::new(Group {
                profile: text(profile),
                account: text(account),
                ..(*record.group).clone()
            });
            let look = Look { whose: Whose::of(&doors, &[]), ..look(&[]) };
            let line = output::drawn(&LogLine { record: &record, look: &look }, false, 200);
            line.split(" api").next().unwrap()[12..].trim_start().to_owned()
        };
        let (both, us) = (["us-east-1", "eu-west-1"], ["us-east-1"]);
        assert_eq!(word(vec![opened("prod", &us)], Some("prod"), None), "");
        assert_eq!(word(vec![opened("prod", &both)], Some("prod"), None), "us-east-1");
        let two = || vec![opened("prod", &us), opened("staging", &us)];
        assert_eq!(word(two(), Some("prod"), Some("111122223333")), "prod");
        assert_eq!(word(two(), None, Some("111122223333")), "111122223333");
        let four = vec![opened("prod", &both), opened("staging", &both)];
        assert_eq!(word(four, Some("prod"), None), "prod/us-east-1");
    }

    /// A door that is never used.
    fn drill_door(regions: &[&str]) -> Result<aws::Door, aws::Error> {
        let options = aws::Options {
            profile: None,
            regions: Vec::new(),
            usual_profile: None,
            usual_region: None,
            budget: aws::Budget::Usual,
            timeout: std::time::Duration::from_secs(1),
            environment: aws::Environment::new(|_| None),
            mfa: aws::MfaPrompt::new(|serial| Err(aws::NoCode { serial: serial.to_owned() })),
            random: || 0.5,
            version: "0",
        };
        let regions = regions.iter().map(|region| (*region).to_owned()).collect();
        aws::Door::to_drill("http://127.0.0.1:9", regions, &options)
    }

    #[test]
    fn two_hundred_columns() {
        insta::assert_snapshot!(screen(&look(&[]), 200, false), @r#"
        20:00:00.123       api 0f9de17a GET /v1/export 日本語 took 9120 ms, which is longer than the client waits
        20:00:00.123 error api 77aa01f2 upstream timeout: lookup dedupe.prod.internal did not answer took=1.50 err={"code":"EAI_AGAIN","try":[1,2]} none={}
        20:00:00.123 error api/envoy 0f9de17a ERROR java.lang.IllegalStateException: no connection
                                                  at com.example.Pool.take(Pool.java:88)
                                                  at com.example.billing.invoices.InvoiceRepository.findAllOpenInvoicesOf(InvoiceRepository.java:213)
        20:00:00.123       api 0f9de17a       a␛[2Jb<U+202E>c␍d
        "#);
    }

    #[test]
    fn eighty_columns_in_colour_with_marks() {
        insta::assert_snapshot!(screen(&look(&["did not", "Invoice.*Of"]), 80, true), @r#"
        ^[2m20:00:00.123^[0m ^[2m     ^[0m ^[34mapi 0f9de17a^[0m GET /v1/export 日本語 took 9120 ms, which is
                                        longer than the client waits
        ^[2m20:00:00.123^[0m ^[1m^[31merror^[0m ^[96mapi 77aa01f2^[0m upstream timeout: lookup dedupe.prod.internal
                                        ^[1m^[4m^[33mdid not^[0m answer ^[36mtook^[0m^[2m=^[0m1.50
                                        ^[36merr^[0m^[2m=^[0m{"code":"EAI_AGAIN","try":[1,2]} ^[36mnone^[0m^[2m=^[0m{}
        ^[2m20:00:00.123^[0m ^[1m^[31merror^[0m ^[34mapi/envoy 0f9de17a^[0m ERROR java.lang.IllegalStateException: no
                           connection
                               at com.example.Pool.take(Pool.java:88)
                               at com.example.billing.invoices.^[1m^[4m^[33mInvoiceRepository.findAll^[0m
                                 ^[1m^[4m^[33mOpenInvoicesOf^[0m(InvoiceRepository.java:213)
        ^[2m20:00:00.123^[0m ^[2m     ^[0m ^[34mapi 0f9de17a^[0m       a␛[2Jb<U+202E>c␍d
        "#);
    }

    #[test]
    fn two_hundred_columns_in_colour() {
        insta::assert_snapshot!(screen(&look(&[]), 200, true), @r#"
        ^[2m20:00:00.123^[0m ^[2m     ^[0m ^[34mapi 0f9de17a^[0m GET /v1/export 日本語 took 9120 ms, which is longer than the client waits
        ^[2m20:00:00.123^[0m ^[1m^[31merror^[0m ^[96mapi 77aa01f2^[0m upstream timeout: lookup dedupe.prod.internal did not answer ^[36mtook^[0m^[2m=^[0m1.50 ^[36merr^[0m^[2m=^[0m{"code":"EAI_AGAIN","try":[1,2]} ^[36mnone^[0m^[2m=^[0m{}
        ^[2m20:00:00.123^[0m ^[1m^[31merror^[0m ^[34mapi/envoy 0f9de17a^[0m ERROR java.lang.IllegalStateException: no connection
                                                  at com.example.Pool.take(Pool.java:88)
                                                  at com.example.billing.invoices.InvoiceRepository.findAllOpenInvoicesOf(InvoiceRepository.java:213)
        ^[2m20:00:00.123^[0m ^[2m     ^[0m ^[34mapi 0f9de17a^[0m       a␛[2Jb<U+202E>c␍d
        "#);
    }

    #[test]
    fn expanded() {
        let look = look(&[]).expanded(true);
        let record = record("api", "0f9de17a6465404e8b1b2356dc13c2f8", OBJECT);
        insta::assert_snapshot!(output::drawn(&LogLine { record: &record, look: &look }, false, 80), @r#"
        20:00:00.123 error api 0f9de17a upstream timeout: lookup dedupe.prod.internal
                                        did not answer
                                        {
                                          "level": 50,
                                          "msg": "upstream timeout: lookup
                                            dedupe.prod.internal did not answer",
                                          "took": 1.50,
                                          "err": {
                                            "code": "EAI_AGAIN",
                                            "try": [
                                              1,
                                              2
                                            ]
                                          },
                                          "none": {}
                                        }
        "#);
        let broken = OBJECT.trim_end_matches('}');
        let record = LogRecord { text: broken.to_owned(), ..record };
        let shown = output::drawn(&LogLine { record: &record, look: &look }, false, 1_000);
        assert!(shown.ends_with(broken), "{shown}");
    }

    #[test]
    fn an_object_without_a_sentence_is_its_fields() {
        let record =
            record("api", "0f9de17a6465404e8b1b2356dc13c2f8", "{\n \"a\": 1,\n \"b\": \"x\"\n}");
        let shown = output::drawn(&LogLine { record: &record, look: &look(&[]) }, false, 80);
        assert!(shown.ends_with("api 0f9de17a a=1 b=x"), "{shown}");
    }

    #[test]
    fn many_marks_in_a_long_line_take_no_time() {
        let text = "needle ".repeat(150_000);
        let record = record("api", "0f9de17a6465404e8b1b2356dc13c2f8", &text);
        let look = look(&["needle", "absent"]);
        // Quadratic, this would take minutes.
        assert!(
            output::drawn(&LogLine { record: &record, look: &look }, true, 80).len() > text.len()
        );
    }

    #[test]
    fn fields_are_shown_once_and_in_their_order() {
        let fields = r#"{"level":50,"z":1.50,"msg":"m","a":"two words","b":"one","o":{"k":[1]}}"#;
        let pairs: Vec<String> = other_fields(fields, true)
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        assert_eq!(pairs, ["z=1.50", "a=\"two words\"", "b=one", "o={\"k\":[1]}"]);
    }
}
