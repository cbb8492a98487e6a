//! `= value`, `!= value`, `> 5`: what both JSON selectors and columns compare with.

use regex::bytes::Regex;

use super::expression;
use super::scan::Scanner;

#[derive(Debug)]
pub(super) enum Comparison {
    Text { equal: bool, wildcard: Vec<String> },
    Regex { equal: bool, regex: Regex },
    Number { operator: Operator, number: f64 },
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

const OPERATORS: [(&str, Operator); 6] = [
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl Comparison {
    /// Reads an operator and a value.
    pub(super) fn read(scanner: &mut Scanner<'_>) -> Option<Comparison> {
        let (_, operator) = *OPERATORS.iter().find(|(symbol, _)| scanner.eat_spaced(symbol))?;
        scanner.at_end();
        let equal = match operator {
            Operator::Equal => Some(true),
            Operator::NotEqual => Some(false),
            _ => None,
        };
        if let Some(regex) = expression::between_percents(scanner) {
            return Some(Comparison::Regex { equal: equal?, regex: regex? });
        }
        let text = match scanner.quoted() {
            Some(phrase) => phrase?,
            None => {
                let bare = scanner.take(|c| c.is_alphanumeric() || "_.*+-".contains(c))?;
                if let Ok(number) = bare.parse() {
                    return Some(Comparison::Number { operator, number });
                }
                // Without quotes, only letters, digits and `_` are text; addresses with a wildcard are documented too.
                bare.to_owned()
            }
        };
        let wildcard = text.split('*').map(str::to_owned).collect();
        Some(Comparison::Text { equal: equal?, wildcard })
    }

    /// Whether it holds for a text.
    pub(super) fn holds_for_text(&self, text: &str) -> bool {
        match self {
            Comparison::Text { equal, wildcard } => fits(text, wildcard) == *equal,
            Comparison::Regex { equal, regex } => regex.is_match(text.as_bytes()) == *equal,
            Comparison::Number { .. } => false,
        }
    }

    /// Whether it holds for a number, which is written like this.
    pub(super) fn holds_for_number(&self, value: f64, written: &str) -> bool {
        match self {
            Comparison::Number { operator, number } => operator.holds(value, *number),
            _ => self.holds_for_text(written),
        }
    }

    /// Whether it is `!=` and a number: what is no number differs from it.
    pub(super) fn is_unequal_to_a_number(&self) -> bool {
        matches!(self, Comparison::Number { operator: Operator::NotEqual, .. })
    }

    pub(super) fn is_regex(&self) -> bool {
        matches!(self, Comparison::Regex { .. })
    }
}

impl Operator {
    fn holds(self, value: f64, number: f64) -> bool {
        match self {
            Operator::Equal => value == number,
            Operator::NotEqual => value != number,
            Operator::Less => value < number,
            Operator::LessOrEqual => value <= number,
            Operator::Greater => value > number,
            Operator::GreaterOrEqual => value >= number,
        }
    }
}

/// Whether the text is these parts with anything between them.
fn fits(text: &str, parts: &[String]) -> bool {
    let [first, middle @ .., last] = parts else {
        return parts.first().is_some_and(|only| only == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        match rest.find(part.as_str()) {
            Some(place) => rest = &rest[place + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}
