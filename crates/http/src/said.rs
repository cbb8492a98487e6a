//! What a service said about a failure, made fit to be shown (pure).

use serde::Deserialize;

use crate::request::Authorization;

/// Longer messages are cut: they are somebody else's text.
const LONGEST: usize = 200;

/// The refusals of JSON:API (Terraform) and of Jira.
#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    errors: serde_json::Value,
    #[serde(default, rename = "errorMessages")]
    messages: Vec<String>,
    message: Option<String>,
}

/// The message in a refusal's body; empty when there is none that we know to read.
pub(crate) fn message(body: &[u8], sent: Option<&Authorization>) -> String {
    let Ok(refusal) = serde_json::from_slice::<Refusal>(body) else { return String::new() };
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let mut parts = refusal.messages;
    match &refusal.errors {
        // A title is the same for all of its kind (JSON:API 1.1, "Error Objects"). A detail is of this
        // one request, and may quote a value.
        serde_json::Value::Array(errors) => {
            parts.extend(errors.iter().filter_map(|error| text(&error["title"]).or(text(error))));
        }
        // Jira: a message for each field. It may quote what the field was given, so only the name is told.
        serde_json::Value::Object(fields) => parts.extend(fields.keys().cloned()),
        _ => {}
    }
    parts.extend(refusal.message);
    shown(&parts.join(": "), sent)
}

/// Somebody else's text in one line: short, without control characters, URLs and what was sent as a secret.
pub(crate) fn shown(text: &str, sent: Option<&Authorization>) -> String {
    let mut text = text.to_owned();
    for secret in sent.into_iter().flat_map(Authorization::secrets) {
        text = text.replace(secret, "(hidden)");
    }
    let words = text.split(|c: char| c.is_whitespace() || is_invisible(c));
    let words = words.filter(|word| !word.is_empty());
    let words: Vec<&str> =
        words.map(|word| if word.contains("://") { "(a URL)" } else { word }).collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Control characters, and those that turn the direction of writing.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Address, Request, Secret};
    use proptest::prelude::*;

    fn read(body: &str) -> String {
        message(body.as_bytes(), None)
    }

    #[test]
    fn the_refusals_of_terraform_and_jira_are_read() {
        let terraform = r#"{"errors":[{"detail":"Too slow","status":429,"title":"No"}]}"#;
        assert_eq!(read(terraform), "No");
        assert_eq!(read(r#"{"errors":["plain"]}"#), "plain");
        let jira = r#"{"errorMessages":["Not seen"],"errors":{"jql":"wrong"}}"#;
        assert_eq!(read(jira), "Not seen: jql");
        assert_eq!(read("<html>"), "");
    }

    #[test]
    fn a_message_that_repeats_the_token_or_a_link_does_not_get_through() {
        let address = Address::parse("https://x.example").unwrap();
        let request = Request::get(address).basic("me", &Secret::new("abc.def"));
        let sent = request.authorization.as_ref();
        let body =
            r#"{"message":"token abc.def at https://x.example/?k=v\u001b[31m was\u202e bad"}"#;
        let read = message(body.as_bytes(), sent);
        assert_eq!(read, "token (hidden) at (a URL) [31m was bad");
        let encoded = r#"{"message":"bad header Basic bWU6YWJjLmRlZg=="}"#;
        assert_eq!(message(encoded.as_bytes(), sent), "bad header Basic (hidden)");
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_short_and_of_one_line(text in ".{0,600}") {
            let shown = shown(&text, None);
            prop_assert!(shown.chars().count() <= LONGEST + 1);
            prop_assert!(!shown.chars().any(is_invisible));
        }
    }
}
