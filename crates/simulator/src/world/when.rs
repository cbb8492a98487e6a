//! Moments and lengths of time as a scenario writes them.

use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error};

/// A moment relative to the page, in milliseconds: `"-45m"`, `"+2h"`, `"0"`, `"-6d"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Offset(pub(crate) i64);

/// A length of time, in microseconds: `"90s"`, `"1h30m"`, `"14400us"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span(pub(crate) i64);

impl Span {
    /// The length in whole milliseconds.
    pub(crate) fn millis(self) -> i64 {
        self.0 / 1000
    }

    /// Reads `90s`, `1h30m`, `250ms`.
    pub(crate) fn parse(text: &str) -> Option<Span> {
        micros(text).map(Span)
    }

    /// The length as the standard library has it.
    pub(crate) fn duration(self) -> Duration {
        Duration::from_micros(self.0.unsigned_abs())
    }
}

const UNITS: [(&str, i64); 6] = [
    ("us", 1),
    ("ms", 1_000),
    ("s", 1_000_000),
    ("m", 60_000_000),
    ("h", 3_600_000_000),
    ("d", 86_400_000_000),
];

fn micros(text: &str) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    let mut rest = text;
    let mut total = 0i64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        let unit_end = rest[digits..]
            .find(|c: char| c.is_ascii_digit())
            .map_or(rest.len(), |end| digits + end);
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == &rest[digits..unit_end])?;
        total = total.checked_add(number.checked_mul(*scale)?)?;
        rest = &rest[unit_end..];
    }
    (!text.is_empty()).then_some(total)
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Span::parse(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "\"{text}\" is not a length of time (write it like \"90s\", \"1h30m\" or \"250ms\")"
            ))
        })
    }
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (sign, length) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
            (Some(length), _) => (-1, length),
            (_, Some(length)) => (1, length),
            _ => (1, text.as_str()),
        };
        micros(length).map(|micros| Offset(sign * micros / 1000)).ok_or_else(|| {
            D::Error::custom(format!(
                "\"{text}\" is not a moment relative to the page (write it like \"-45m\", \"+2h\" or \"0\")"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_add_up() {
        assert_eq!(micros("1h30m"), Some(5_400_000_000));
        assert_eq!(micros("14400us"), Some(14_400));
        assert_eq!(micros("0"), Some(0));
    }

    #[test]
    fn what_is_not_a_length_is_refused() {
        for text in ["", "5", "m", "1x", "1h30", "99999999999999999d"] {
            assert_eq!(micros(text), None, "{text}");
        }
    }
}
