//! Filter patterns: unstructured terms, regular expressions, JSON selectors and columns.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
//!
//! | form | meaning |
//! | --- | --- |
//! | `ERROR timeout` | both terms, anywhere in the message, case-sensitive |
//! | `"exact phrase"` | needed for anything but letters, digits and `_` |
//! | `?ERROR ?WARN` | either; ignored as soon as a term without `?` is there |
//! | `ERROR -healthcheck` | without the second |
//! | `%4\d\d%` | what the expression finds anywhere in the message; it stands alone |
//! | `{ $.level = "error" && $.latency >= 100 }` | fields of a JSON message |
//! | `{ $.path = %^/v1/% }` | the same with an expression, of which a pattern has at most two |
//! | `[ip, user, ..., status = 4*]` | columns of a message that is divided by spaces |
//!
//! What the documentation does not have (an expression beside terms, for one) is refused as invalid patterns are,
//! never ignored.

mod columns;
mod comparison;
mod expression;
mod json;
mod scan;

use memchr::memmem::Finder;
use regex::bytes::Regex;

use columns::Columns;
use json::Condition;
use scan::Scanner;

/// A parsed pattern.
#[derive(Debug)]
pub(super) struct FilterPattern(Form);

#[derive(Debug)]
enum Form {
    Terms { all: Vec<Finder<'static>>, any: Vec<Finder<'static>>, none: Vec<Finder<'static>> },
    Regex(Regex),
    Json(Condition),
    Columns(Columns),
}

impl FilterPattern {
    /// Reads a pattern; `None` when it is not one.
    pub(super) fn parse(text: &str) -> Option<FilterPattern> {
        let text = text.trim();
        if let Some(inner) = text.strip_prefix('{') {
            return json::parse(inner.strip_suffix('}')?)
                .map(|condition| FilterPattern(Form::Json(condition)));
        }
        if let Some(inner) = text.strip_prefix('[') {
            return columns::parse(inner.strip_suffix(']')?)
                .map(|columns| FilterPattern(Form::Columns(columns)));
        }
        let (mut all, mut any, mut none) = (Vec::new(), Vec::new(), Vec::new());
        let mut scanner = Scanner::new(text);
        if let Some(regex) = expression::between_percents(&mut scanner) {
            return regex
                .filter(|_| scanner.at_end())
                .map(|regex| FilterPattern(Form::Regex(regex)));
        }
        while !scanner.at_end() {
            let list = if scanner.eat("?") {
                &mut any
            } else if scanner.eat("-") {
                &mut none
            } else {
                &mut all
            };
            let term = match scanner.quoted() {
                Some(phrase) => phrase?,
                None => scanner.word()?.to_owned(),
            };
            if !scanner.at_gap() {
                return None;
            }
            // `" "`, the documented way to match everything, holds no term.
            if !term.trim().is_empty() {
                list.push(Finder::new(term.as_bytes()).into_owned());
            }
        }
        if !all.is_empty() || !none.is_empty() {
            any.clear();
        }
        Some(FilterPattern(Form::Terms { all, any, none }))
    }

    pub(super) fn matches_all(&self) -> bool {
        matches!(&self.0, Form::Terms { all, any, none } if all.is_empty() && any.is_empty() && none.is_empty())
    }

    /// Whether a message that looks like this as a JSON string may match. Where it may not, nobody has to take
    /// the escapes out of it.
    pub(super) fn may_match_escaped(&self, escaped: &[u8]) -> bool {
        let Form::Terms { all, .. } = &self.0 else { return true };
        let same = |byte: &u8| *byte >= 0x20 && *byte != b'"' && *byte != b'\\';
        let mut plain = all.iter().filter(|finder| finder.needle().iter().all(same));
        plain.all(|finder| finder.find(escaped).is_some())
    }

    pub(super) fn matches(&self, message: &[u8]) -> bool {
        let holds = |finder: &Finder<'_>| finder.find(message).is_some();
        match &self.0 {
            Form::Terms { all, any, none } => {
                all.iter().all(holds)
                    && (any.is_empty() || any.iter().any(holds))
                    && !none.iter().any(holds)
            }
            Form::Regex(regex) => regex.is_match(message),
            Form::Columns(columns) => {
                std::str::from_utf8(message).is_ok_and(|message| columns.match_message(message))
            }
            Form::Json(condition) => {
                serde_json::from_slice(message).is_ok_and(|value| condition.holds(&value))
            }
        }
    }
}

#[cfg(test)]
mod tests;
