//! A field of an event's JSON object, by a dotted path. Pure.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::message::string;

/// The value of a field that can be compared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar<'a> {
    /// A string, decoded.
    Text(Cow<'a, str>),
    /// A number, as it is written.
    Number(&'a str),
    /// `true`, `false` or `null`.
    Word(&'a str),
}

impl<'a> Scalar<'a> {
    /// `None` for an object or an array.
    pub(crate) fn read(raw: &'a RawValue) -> Option<Self> {
        match raw.get().as_bytes().first()? {
            b'"' => string(raw).map(Self::Text),
            b'{' | b'[' => None,
            b'-' | b'0'..=b'9' => Some(Self::Number(raw.get())),
            _ => Some(Self::Word(raw.get())),
        }
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Number(written) | Self::Word(written) => written,
        }
    }
}

/// The value at a path: `err.code` is the field `code` of the object `err`, or else the field that is
/// called `err.code`, as flat loggers write it; `users.0` is the first element of an array. Of a key
/// that stands twice, the last one counts, as with other readers of JSON.
pub(crate) fn value_at<'a>(json: &'a str, path: &str) -> Option<&'a RawValue> {
    match json.as_bytes().first()? {
        b'{' => {
            let mut reader = serde_json::Deserializer::from_str(json);
            let mut found = FirstKeys(path).deserialize(&mut reader).ok()?;
            found.sort_by_key(|(length, _)| *length);
            found.into_iter().find_map(|(length, value)| further(value, &path[length..]))
        }
        b'[' => {
            let (index, rest) = path.split_at(path.find('.').unwrap_or(path.len()));
            let elements: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            further(elements.get(index.parse::<usize>().ok()?).copied()?, rest)
        }
        _ => None,
    }
}

/// The rest of a path begins with its dot, or is none.
fn further<'a>(value: &'a RawValue, rest: &str) -> Option<&'a RawValue> {
    match rest.strip_prefix('.') {
        Some(path) => value_at(value.get(), path),
        None => Some(value),
    }
}

/// Reads the fields of an object whose keys a path begins with, each with its key's length.
struct FirstKeys<'p>(&'p str);

type Found<'a> = Vec<(usize, &'a RawValue)>;

impl<'de> DeserializeSeed<'de> for FirstKeys<'_> {
    type Value = Found<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FirstKeys<'_> {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Found<'de>, M::Error> {
        let mut found = Found::new();
        while let Some(length) = map.next_key_seed(KeyLength(self.0))? {
            let Some(length) = length else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = map.next_value()?;
            match found.iter_mut().find(|(known, _)| *known == length) {
                Some(known) => known.1 = value,
                None => found.push((length, value)),
            }
        }
        Ok(found)
    }
}

/// Reads a key as its length, if the path begins with it.
struct KeyLength<'p>(&'p str);

impl<'de> DeserializeSeed<'de> for KeyLength<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyLength<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        let rest = self.0.strip_prefix(key);
        Ok(rest.filter(|rest| rest.is_empty() || rest.starts_with('.')).map(|_| key.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(json: &str, path: &str) -> Option<String> {
        value_at(json, path).map(|raw| raw.get().to_owned())
    }

    #[test]
    fn a_path_goes_through_objects_and_arrays() {
        let json = r#"{"err":{"code":"EAI_AGAIN"},"users":[{"id":7},{"id":[8, 9]}],"n":null}"#;
        let cases = [
            ("err.code", Some(r#""EAI_AGAIN""#)),
            ("err", Some(r#"{"code":"EAI_AGAIN"}"#)),
            ("users.0.id", Some("7")),
            ("users.1.id.1", Some("9")),
            ("n", Some("null")),
            ("users.2", None),
            ("users.first", None),
            ("err.code.x", None),
            ("er", None),
            ("err.co", None),
        ];
        for (path, value) in cases {
            assert_eq!(at(json, path).as_deref(), value, "{path}");
        }
    }

    #[test]
    fn a_name_with_a_dot_is_found_too() {
        let json = r#"{"http.status":500,"http":{"method":"GET"},"a.b":{"c.d":1},"0":2}"#;
        assert_eq!(at(json, "http.status").as_deref(), Some("500"));
        assert_eq!(at(json, "http.method").as_deref(), Some(r#""GET""#));
        assert_eq!(at(json, "a.b.c.d").as_deref(), Some("1"));
        assert_eq!(at(json, "0").as_deref(), Some("2"));
        let both = r#"{"a.b":"flat","a":{"b":"nested"}}"#;
        assert_eq!(at(both, "a.b").as_deref(), Some(r#""nested""#));
    }

    #[test]
    fn keys_are_read_as_json_reads_them() {
        let json = r#"{"l\u0061tency" : 1, "é" : 2, "a" : 3, "a" : 4}"#;
        assert_eq!(at(json, "latency").as_deref(), Some("1"));
        assert_eq!(at(json, "é").as_deref(), Some("2"));
        assert_eq!(at(json, "a").as_deref(), Some("4"));
    }

    #[test]
    fn a_scalar_is_decoded_or_as_it_is_written() {
        let json = r#"{"t":"a\tb","n":1.50,"w":true,"o":{},"l":[]}"#;
        let text = |path| {
            let raw = value_at(json, path).unwrap();
            Scalar::read(raw).map(|scalar| scalar.text().to_owned())
        };
        assert_eq!(text("t").as_deref(), Some("a	b"));
        assert_eq!(text("n").as_deref(), Some("1.50"));
        assert_eq!(text("w").as_deref(), Some("true"));
        assert_eq!((text("o"), text("l")), (None, None));
    }
}
