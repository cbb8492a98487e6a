//! AWS JSON 1.1: how a request is read and how a refusal is written.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>

use hyper::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::Answer;
use crate::body::Body;

pub(super) const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// An error in the shape of the AWS API: HTTP 400, `__type` and a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    code: &'static str,
    message: Option<String>,
}

pub(super) type Answered = Result<Vec<u8>, Refusal>;

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { code, message: Some(message.into()) }
    }

    pub(super) fn unknown_operation() -> Refusal {
        Refusal { code: "UnknownOperationException", message: None }
    }

    pub(super) fn invalid_parameter(message: impl Into<String>) -> Refusal {
        Refusal::new("InvalidParameterException", message)
    }

    #[cfg(test)]
    pub(super) fn code(&self) -> &str {
        self.code
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Answer {
        let body = match refusal.message {
            Some(message) => json!({ "__type": refusal.code, "message": message }),
            None => json!({ "__type": refusal.code }),
        };
        let body = Body::whole(body.to_string().into_bytes());
        Answer::new(StatusCode::BAD_REQUEST, CONTENT_TYPE, body)
    }
}

/// Reads a request's input; an empty body is an empty object.
pub(super) fn input<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        Refusal::new("SerializationException", format!("Could not parse the request: {error}"))
    })
}

/// Checks a number against its range, in the words of the API's validation.
pub(super) fn within(
    name: &str,
    value: Option<i64>,
    low: i64,
    high: i64,
) -> Result<Option<i64>, Refusal> {
    let bound = match value {
        Some(value) if value < low => format!("greater than or equal to {low}"),
        Some(value) if value > high => format!("less than or equal to {high}"),
        _ => return Ok(value),
    };
    Err(invalid(
        name,
        &value.unwrap_or_default().to_string(),
        &format!("Member must have value {bound}"),
    ))
}

/// Checks a text's or a list's length against its range.
pub(super) fn length(
    name: &str,
    shown: &str,
    length: usize,
    low: usize,
    high: usize,
) -> Result<(), Refusal> {
    let bound = if length < low {
        format!("greater than or equal to {low}")
    } else if length > high {
        format!("less than or equal to {high}")
    } else {
        return Ok(());
    };
    Err(invalid(name, shown, &format!("Member must have length {bound}")))
}

fn invalid(name: &str, value: &str, constraint: &str) -> Refusal {
    Refusal::invalid_parameter(format!(
        "1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {constraint}"
    ))
}

/// Appends `text` as a JSON string. Control characters are escaped, everything else passes as it is.
pub(super) fn write_string(out: &mut Vec<u8>, text: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let mut clean = 0;
    for (place, byte) in text.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&text[clean..place]);
        clean = place + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => out.extend_from_slice(&[
                b'\\',
                b'u',
                b'0',
                b'0',
                HEX[usize::from(other >> 4)],
                HEX[usize::from(other & 15)],
            ]),
        }
    }
    out.extend_from_slice(&text[clean..]);
    out.push(b'"');
}

/// Appends the text of a string that [`write_string`] wrote, given without its quotes.
pub(super) fn read_string(out: &mut Vec<u8>, mut escaped: &[u8]) {
    while let Some(place) = memchr::memchr(b'\\', escaped) {
        out.extend_from_slice(&escaped[..place]);
        let (byte, length) = match escaped[place..] {
            [_, b'n', ..] => (b'\n', 2),
            [_, b'r', ..] => (b'\r', 2),
            [_, b't', ..] => (b'\t', 2),
            [_, b'u', _, _, high, low, ..] => (digit(high) << 4 | digit(low), 6),
            [_, itself, ..] => (itself, 2),
            _ => return,
        };
        out.push(byte);
        escaped = &escaped[place + length..];
    }
    out.extend_from_slice(escaped);
}

fn digit(hex: u8) -> u8 {
    if hex.is_ascii_digit() { hex - b'0' } else { hex - b'a' + 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_survive_json() {
        let every: String = (0..=0x17F).filter_map(char::from_u32).collect();
        for text in [
            "",
            "plain",
            "a \"quoted\" \\ path",
            "\u{1b}[31mred\u{1b}[0m\t\r\n\u{0}",
            "ünï \u{202e}cødé 🚒",
            "ends with \\",
            &every,
        ] {
            let mut out = Vec::new();
            write_string(&mut out, text.as_bytes());
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
            let mut again = Vec::new();
            read_string(&mut again, &out[1..out.len() - 1]);
            assert_eq!(String::from_utf8(again).unwrap(), text);
        }
    }

    #[test]
    fn ranges_are_refused_in_the_words_of_the_api() {
        let refusal = within("limit", Some(10_001), 1, 10_000).unwrap_err();
        assert_eq!(refusal.code(), "InvalidParameterException");
        assert_eq!(
            refusal.message.unwrap(),
            "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: \
             Member must have value less than or equal to 10000",
        );
    }
}
