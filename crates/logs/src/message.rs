//! What one event says: its sentence, its level, its fields.
//!
//! The event's text is kept as it is. When it is a JSON object, the sentence inside it is what a
//! person reads, and the object itself goes on verbatim (spelling, order, numbers and duplicate
//! keys as written), so nothing is lost and nothing is said twice.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::level::Level;

/// jq 1.6, the oldest one about, reads no deeper than 256.
const DEEPEST: usize = 200;

/// The parts of an event's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Message<'a> {
    /// The level, where one is said.
    pub level: Option<Level>,
    /// What a person reads: the sentence inside a JSON object, else the exact text.
    pub text: Cow<'a, str>,
    /// The JSON object, verbatim but for white space between its tokens; on one line.
    pub fields: Option<Cow<'a, str>>,
    /// Half of a surrogate pair in the object was replaced by U+FFFD: strict readers refuse it.
    pub repaired: bool,
}

impl<'a> Message<'a> {
    /// Reads an event's text.
    pub fn read(text: &'a str) -> Self {
        let object = text.trim_ascii();
        if !object.starts_with('{') || is_too_deep(object) {
            return Self::plain(text);
        }
        // Node cuts strings between the halves of a pair, and writes the escape of one half.
        match aws::repaired(object.as_bytes()) {
            Cow::Borrowed(_) => Self::object(object).unwrap_or_else(|| Self::plain(text)),
            Cow::Owned(repaired) => String::from_utf8(repaired)
                .ok()
                .and_then(|repaired| Some(Message::object(&repaired)?.owned()))
                .map_or_else(|| Self::plain(text), |message| Self { repaired: true, ..message }),
        }
    }

    fn plain(text: &'a str) -> Self {
        let level = Level::of_text(text);
        Self { level, text: Cow::Borrowed(text), fields: None, repaired: false }
    }

    fn object(object: &'a str) -> Option<Self> {
        let found = serde_json::from_str::<Found<'a>>(object).ok()?;
        Some(Self {
            level: found.level.map(|(_, level)| level),
            text: found.sentence.map_or(Cow::Borrowed(object), |(_, sentence)| sentence),
            fields: Some(on_one_line(object)),
            repaired: false,
        })
    }

    fn owned(self) -> Message<'static> {
        Message {
            level: self.level,
            text: Cow::Owned(self.text.into_owned()),
            fields: self.fields.map(|fields| Cow::Owned(fields.into_owned())),
            repaired: self.repaired,
        }
    }
}

/// Whether the object is nested deeper than every JSON reader goes. Such an event stays text.
fn is_too_deep(object: &str) -> bool {
    let bytes = object.as_bytes();
    let brackets = bytes.iter().filter(|b| matches!(b, b'{' | b'[')).count();
    brackets > DEEPEST && depth(bytes) > DEEPEST
}

fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The object without line breaks. They can only stand between tokens.
fn on_one_line(object: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'\n', b'\r', object.as_bytes()).is_none() {
        return Cow::Borrowed(object);
    }
    let mut line = String::with_capacity(object.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in object.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ' ' | '\t' | '\n' | '\r' if !quoted => continue,
            _ => {}
        }
        line.push(c);
    }
    Cow::Owned(line)
}

/// The best level and sentence found in an object, each with the rank of its key (lower is better).
#[derive(Default)]
struct Found<'a> {
    level: Option<(u8, Level)>,
    sentence: Option<(u8, Cow<'a, str>)>,
}

/// What a key of the top level may hold.
#[derive(Clone, Copy)]
enum Role {
    Level(u8),
    PythonNumber(u8),
    Sentence(u8),
    /// Elastic's `{"log": {"level": …}}`; also Docker's `{"log": "…"}`.
    Log,
    Other,
}

fn role(key: &str) -> Role {
    match key {
        "level" => Role::Level(0),
        "severity" | "severityText" | "SeverityText" => Role::Level(1),
        "lvl" | "loglevel" | "logLevel" | "log_level" | "log.level" | "levelname" | "@level"
        | "Level" | "LEVEL" | "@l" => Role::Level(2),
        "levelno" => Role::PythonNumber(3),
        "msg" => Role::Sentence(0),
        "message" => Role::Sentence(1),
        "@message" | "Message" | "@m" | "MESSAGE" | "short_message" => Role::Sentence(2),
        "event" => Role::Sentence(3),
        "text" | "Body" | "body" | "@mt" => Role::Sentence(4),
        "log" => Role::Log,
        _ => Role::Other,
    }
}

impl<'a> Found<'a> {
    fn offer_level(&mut self, rank: u8, level: Option<Level>) {
        if let Some(level) = level
            && self.level.is_none_or(|(best, _)| rank < best)
        {
            self.level = Some((rank, level));
        }
    }

    fn offer_sentence(&mut self, rank: u8, raw: &'a RawValue) {
        if let Some(sentence) = string(raw)
            && !sentence.trim_ascii().is_empty()
            && self.sentence.as_ref().is_none_or(|(best, _)| rank < *best)
        {
            self.sentence = Some((rank, sentence));
        }
    }
}

/// A JSON string, decoded; `None` for any other value.
pub(crate) fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let quoted = raw.get();
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str::<String>(quoted).ok().map(Cow::Owned)
}

fn level(raw: &RawValue, of_number: fn(i64) -> Option<Level>) -> Option<Level> {
    match string(raw) {
        Some(word) => {
            Level::from_word(word.trim()).or_else(|| of_number(word.trim().parse().ok()?))
        }
        None => of_number(raw.get().parse().ok()?),
    }
}

/// The level of Elastic's nested `log` object.
fn nested_level(raw: &RawValue) -> Option<Level> {
    #[derive(serde::Deserialize)]
    struct Log<'a> {
        #[serde(borrow)]
        level: &'a RawValue,
    }
    level(serde_json::from_str::<Log<'_>>(raw.get()).ok()?.level, Level::from_number)
}

impl<'de> de::Deserialize<'de> for Found<'de> {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = Found<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Found<'de>, M::Error> {
                let mut found = Found::default();
                while let Some(role) = map.next_key_seed(KeyRole)? {
                    if matches!(role, Role::Other) {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    let raw: &'de RawValue = map.next_value()?;
                    match role {
                        Role::Level(rank) => {
                            found.offer_level(rank, level(raw, Level::from_number));
                        }
                        Role::PythonNumber(rank) => {
                            found.offer_level(rank, level(raw, Level::from_python_number));
                        }
                        Role::Sentence(rank) => found.offer_sentence(rank, raw),
                        Role::Log => {
                            found.offer_level(4, nested_level(raw));
                            found.offer_sentence(5, raw);
                        }
                        Role::Other => {}
                    }
                }
                Ok(found)
            }
        }

        deserializer.deserialize_map(Keys)
    }
}

/// Reads a key as its role, without keeping the key.
struct KeyRole;

impl<'de> de::DeserializeSeed<'de> for KeyRole {
    type Value = Role;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Role, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyRole {
    type Value = Role;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Role, E> {
        Ok(role(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn summary(text: &str) -> (Option<Level>, String, Option<String>) {
        let message = Message::read(text);
        (message.level, message.text.into_owned(), message.fields.map(Cow::into_owned))
    }

    #[test]
    fn loggers_of_the_trade() {
        let cases = [
            (r#"{"level":50,"time":1,"msg":"pino"}"#, Level::Error, "pino"),
            (r#"{"level":"warn","ts":1.5,"msg":"zap"}"#, Level::Warn, "zap"),
            (r#"{"level":"warning","msg":"logrus"}"#, Level::Warn, "logrus"),
            (r#"{"time":"t","level":"ERROR","msg":"slog"}"#, Level::Error, "slog"),
            (r#"{"level":"FATAL","loggerName":"a","message":"log4j"}"#, Level::Fatal, "log4j"),
            (r#"{"levelname":"CRITICAL","levelno":50,"message":"python"}"#, Level::Fatal, "python"),
            (r#"{"levelno":30,"message":"python by number"}"#, Level::Warn, "python by number"),
            (
                r#"{"level":"CRIT","info":{},"data":{},"message":"segment"}"#,
                Level::Fatal,
                "segment",
            ),
            (r#"{"log":{"level":"error"},"message":"elastic"}"#, Level::Error, "elastic"),
            (r#"{"severity":"NOTICE","message":"gcp"}"#, Level::Notice, "gcp"),
            (r#"{"event":"structlog","level":"info"}"#, Level::Info, "structlog"),
            (r#"{"level":3,"short_message":"gelf"}"#, Level::Error, "gelf"),
        ];
        for (text, level, sentence) in cases {
            let (found, said, fields) = summary(text);
            assert_eq!((found, said.as_str()), (Some(level), sentence), "{text}");
            assert_eq!(fields.as_deref(), Some(text));
        }
    }

    #[test]
    fn an_object_without_a_sentence_is_its_own_text() {
        let text = r#"{"method":"GET","status":200}"#;
        assert_eq!(summary(text), (None, text.into(), Some(text.into())));
    }

    #[test]
    fn fields_are_verbatim() {
        let text =
            r#"{"n":1.50,"big":123456789012345678901234567890,"a":1,"a":2,"u":"\u00e9","msg":"x"}"#;
        assert_eq!(summary(text).2.as_deref(), Some(text));
    }

    #[test]
    fn a_pretty_object_folds_to_one_line() {
        let text = "{\n  \"msg\": \"two  spaces \\\" {\",\n  \"a\": [1, 2]\n}\n";
        assert_eq!(summary(text).2.as_deref(), Some(r#"{"msg":"two  spaces \" {","a":[1,2]}"#));
    }

    #[test]
    fn what_only_looks_like_json_is_text() {
        for text in [r#"{"msg":"x"} trailing"#, "{not json}", r#"{"msg":"x""#, "[1]", "{"] {
            assert_eq!(summary(text).1, text);
            assert_eq!(summary(text).2, None, "{text}");
        }
    }

    #[test]
    fn half_a_surrogate_costs_one_character_and_not_the_level() {
        let message = Message::read(r#"{"level":50,"msg":"cut \ud83d"}"#);
        assert_eq!((message.level, &*message.text), (Some(Level::Error), "cut \u{fffd}"));
        assert_eq!(message.fields.as_deref(), Some(r#"{"level":50,"msg":"cut \ufffd"}"#));
        assert!(message.repaired);
        assert!(!Message::read(r#"{"msg":"whole \ud83d\ude00"}"#).repaired);
    }

    #[test]
    fn an_object_that_is_nested_too_deeply_is_text() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(300), "]".repeat(300));
        assert_eq!(summary(&deep).2, None);
    }

    #[test]
    fn escapes_in_the_sentence_are_decoded() {
        assert_eq!(summary(r#"{"msg":"a\tb \"c\" \u00e9"}"#).1, "a\tb \"c\" é");
    }

    proptest! {
        #[test]
        fn any_text_is_either_passed_on_or_kept(text in any::<String>()) {
            let message = Message::read(&text);
            if message.fields.is_none() {
                prop_assert_eq!(&message.text, &text);
            }
        }

        #[test]
        fn fields_hold_the_same_value_as_the_text(
            keys in proptest::collection::vec(("[a-z]{1,6}", any::<String>()), 0..6),
            pretty in any::<bool>(),
        ) {
            let object: serde_json::Map<_, _> =
                keys.into_iter().map(|(key, value)| (key, value.into())).collect();
            let text = if pretty {
                serde_json::to_string_pretty(&object).unwrap()
            } else {
                serde_json::to_string(&object).unwrap()
            };
            let message = Message::read(&text);
            let fields = message.fields.expect("an object");
            prop_assert!(!fields.contains('\n'));
            let back: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&fields).unwrap();
            prop_assert_eq!(back, object);
        }
    }
}
