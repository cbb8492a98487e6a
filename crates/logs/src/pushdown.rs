//! What the server is asked to leave out: from a [`Selection`] to a filter pattern. Pure.
//!
//! The pattern is a *necessary* condition: no event that the selection wants is without it. So it may
//! let through too much, and everything is looked at again here. It leans on one form alone, `%regex%`,
//! which is documented to be looked for anywhere in the exact text, with these operators:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html>
//!
//! What is left out on purpose:
//!
//! - Terms (`ERROR`, `"a phrase"`): whether they are found inside of a word is not documented.
//! - JSON patterns (`{ $.latency > 500 }`): which texts are JSON there, what becomes of a key that stands
//!   twice, of a number with a fraction or in quotes, of a very large one, is not documented. The keys
//!   and values of JSON stand in its text, and that is where they are looked for.
//! - `--level`: loggers say it in too many ways for one pattern.
//! - `.` and classes with characters beyond ASCII, `^`, `$`, `\b`, `\w`: the engines may differ there.
//! - `*`: a data protection policy shows stars where the stored text, which the server may look at, has
//!   others.

use crate::condition::{Claim, Comparison, Value};
use crate::necessary::{self, LEAST_WEIGHT, Place, Run};
use crate::select::Selection;

/// A filter pattern, in CloudWatch Logs' own language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterPattern {
    /// Somebody typed it: it is given to the server as it is.
    Asked(String),
    /// It follows from the conditions: where the server does not take it, it is left out.
    Derived(String),
}

impl FilterPattern {
    /// Its text.
    pub fn text(&self) -> &str {
        match self {
            Self::Asked(text) | Self::Derived(text) => text,
        }
    }
}

/// FilterLogEvents takes no longer one.
const LONGEST: usize = 1024;

/// The filter pattern that the server can be given with this selection, if it is certain that no
/// wanted event is lost. Of several conditions, it has the most telling one.
pub fn filter_pattern(selection: &Selection) -> Option<String> {
    let included = selection.included().map(|patterns| (patterns, false));
    let searched = selection.grep_pattern().and_then(|grep| grep.one_of());
    let of_text =
        [searched, included].into_iter().flatten().filter_map(|(patterns, ignore_case)| {
            let runs = necessary::runs_of_any(patterns, ignore_case, is_carried)?;
            Asked::any_of(&runs, Spelling::Exact)
        });
    let of_fields = selection.claims().filter_map(of_claim);
    let most_telling = of_text
        .chain(of_fields)
        .reduce(|best, other| if other.weight > best.weight { other } else { best })?;
    Some(format!("%{}%", most_telling.alternatives.join("|")))
}

/// What a text is asked for.
struct Asked {
    /// Expressions of the server, one of which must match.
    alternatives: Vec<String>,
    /// How much they tell, as of [`necessary::weight`].
    weight: usize,
}

/// How the characters of a run stand in the text of an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// As they are.
    Exact,
    /// In a JSON string, where any of them may be written as `\u00…`.
    Json,
}

impl Asked {
    fn new(alternatives: Vec<String>, weight: usize) -> Option<Self> {
        let length = alternatives.iter().map(|one| one.len() + 1).sum::<usize>() + 1;
        (length <= LONGEST).then_some(Self { alternatives, weight })
    }

    /// One of the runs, shortened until the pattern is short enough: a part of what is necessary is
    /// necessary too.
    fn any_of(runs: &[Run], spelling: Spelling) -> Option<Self> {
        [usize::MAX, 32, 24, 16, 12, 8, 6, 4, 3].into_iter().find_map(|length| {
            let runs: Vec<&[Place]> =
                runs.iter().map(|run| &run[..run.len().min(length)]).collect();
            let weight = necessary::weight_of_any(&runs);
            let mut alternatives: Vec<String> = runs.iter().map(|run| expression(run)).collect();
            if spelling == Spelling::Json {
                alternatives.extend(escapes(runs.iter().copied().flatten().flatten().copied()));
            }
            if weight < LEAST_WEIGHT { None } else { Self::new(alternatives, weight) }
        })
    }
}

/// Every character that a JSON string may hold as it is, but `/`, which may stand as `\/`.
fn is_carried_in_json(c: u8) -> bool {
    is_carried(c) && !matches!(c, b'"' | b'\\' | b'/')
}

fn is_carried(c: u8) -> bool {
    (c.is_ascii_graphic() || c == b' ') && c != b'*'
}

/// The server's expression for a run.
fn expression(run: &[Place]) -> String {
    run.iter().map(one_of).collect()
}

fn one_of(place: &Place) -> String {
    match place.as_slice() {
        [one] => character(*one),
        several => format!("[{}]", several.iter().map(|c| char::from(*c)).collect::<String>()),
    }
}

/// Letters, digits and some symbols stand for themselves, operators take a backslash, and anything
/// else of ASCII is written in hexadecimal.
fn character(c: u8) -> String {
    match c {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(c).to_string(),
        b':' | b'_' | b'#' | b'=' | b'@' | b'/' | b';' | b',' | b'-' => char::from(c).to_string(),
        b'^' | b'$' | b'?' | b'[' | b']' | b'{' | b'}' | b'|' | b'\\' | b'*' | b'+' | b'.' => {
            format!(r"\{}", char::from(c))
        }
        other => format!(r"\x{other:02X}"),
    }
}

/// Expressions for the escapes of JSON that stand for these characters: `\\u006[15]`, of which a text
/// has one unless each of them stands there as it is.
fn escapes(characters: impl Iterator<Item = u8>) -> Vec<String> {
    let mut rows = [0u16; 8];
    for c in characters.filter(u8::is_ascii) {
        rows[usize::from(c >> 4)] |= 1 << (c & 0xf);
    }
    let digits = |row: u16| -> String {
        let of_row = (0..16u32).filter(|digit| row & (1 << digit) != 0);
        of_row
            .filter_map(|digit| char::from_digit(digit, 16))
            .flat_map(|digit| match digit {
                '0'..='9' => vec![digit],
                letter => vec![letter.to_ascii_uppercase(), letter],
            })
            .collect()
    };
    let of_row = |(high, row): (usize, &u16)| format!(r"\\u00{high}[{}]", digits(*row));
    rows.iter().enumerate().filter(|(_, row)| **row != 0).map(of_row).collect()
}

fn of_claim(claim: &Claim) -> Option<Asked> {
    match claim {
        Claim::SaysLevel(_) | Claim::Level(..) | Claim::Present { present: false, .. } => None,
        Claim::Present { path, present: true } => Key::of(path)?.asked(),
        Claim::Compare { path, comparison, value } => {
            of_value(path, *comparison, value).or_else(|| Key::of(path)?.asked())
        }
        Claim::Matches { path, regex, wanted } => {
            let expressions = [regex.as_str().to_owned()];
            let runs = wanted
                .then(|| necessary::runs_of_any(&expressions, false, is_carried_in_json))
                .flatten();
            runs.and_then(|runs| Asked::any_of(&runs, Spelling::Json))
                .or_else(|| Key::of(path)?.asked())
        }
    }
}

fn of_value(path: &str, comparison: Comparison, value: &Value) -> Option<Asked> {
    match (comparison, &value.number) {
        (Comparison::Equal, None) => {
            let runs = value.text.as_bytes().split(|c| !is_carried_in_json(*c));
            let run = runs.max_by_key(|run| run.len())?;
            let run: Run = run.iter().map(|c| vec![*c]).collect();
            let run = run[..run.len().min(necessary::LONGEST)].to_vec();
            Asked::any_of(&[run], Spelling::Json)
        }
        (Comparison::Equal, Some(_)) => of_number(path, &value.text, false),
        (Comparison::Greater | Comparison::AtLeast, Some(_)) => of_number(path, &value.text, true),
        _ => None,
    }
}

/// The digits that follow the key of a field, when it is this number or, `or_more`, also when it is a
/// greater one.
///
/// The first digits behind the key are those of the field: nothing but white space, a colon, quotes,
/// a sign or a point stands between. Without an exponent, a number that is at least 500 has three
/// digits before its point, the first of them at least a 5, or it has four.
fn of_number(path: &str, number: &str, or_more: bool) -> Option<Asked> {
    const MOST_DIGITS: usize = 18;
    let whole = match or_more {
        true => number.split('.').next()?,
        false => number,
    };
    let is_plain = !whole.is_empty()
        && whole.bytes().all(|c| c.is_ascii_digit())
        && number.bytes().all(|c| c.is_ascii_digit() || c == b'.')
        && (whole == "0" || !whole.starts_with('0'))
        && whole.len() <= MOST_DIGITS;
    // Every number is at least 0, or has a sign that is passed over.
    if !is_plain || (or_more && whole == "0") {
        return None;
    }
    let key = Key::last_of(path)?;
    let before = key.expression();
    let mut alternatives = vec![format!(r"{before}\D*\d+\.?\d*[eE]")];
    let weight = match (or_more, whole.len() - 1) {
        (false, _) => {
            alternatives.push(format!(r"{before}\D*{whole}"));
            Key::WEIGHT + 3 * whole.len()
        }
        (true, more) => {
            let first = match whole.as_bytes()[0] {
                b'9' => "9".to_owned(),
                first => format!("[{}-9]", char::from(first)),
            };
            alternatives.push(format!(r"{before}\D*{first}{}", r"\d".repeat(more)));
            alternatives.push(format!(r"{before}\D*\d\d{}", r"\d".repeat(more)));
            Key::WEIGHT + 3
        }
    };
    // A number may stand in a string.
    alternatives.extend(escapes(key.characters().chain(*b"0123456789+-.eE")));
    Asked::new(alternatives, weight)
}

/// A part of a path that stands in the text of an object that has the path, with the quotes around the
/// whole of it: `code"` of `err.code`, which is also the end of a flat key `err.code`.
struct Key<'p> {
    opens: bool,
    part: &'p str,
    closes: bool,
}

impl<'p> Key<'p> {
    /// Which fields an event has tells less than any text that it has.
    const WEIGHT: usize = 5;

    /// The longest one.
    fn of(path: &'p str) -> Option<Self> {
        let names: Vec<&str> = path.split('.').collect();
        let last = names.len() - 1;
        // Behind a dot, a number may be an index, which stands nowhere.
        let is_index = |place: usize| place > 0 && names[place].bytes().all(|c| c.is_ascii_digit());
        let parts = (0..names.len()).filter(|place| !is_index(*place)).flat_map(|place| {
            let name = names[place];
            let mut parts: Vec<Self> = name
                .split(|c| !is_carried_char(c))
                .map(|part| Self { opens: false, part, closes: false })
                .collect();
            if let Some(first) = parts.first_mut() {
                first.opens = place == 0;
            }
            if let Some(end) = parts.last_mut() {
                end.closes = place == last;
            }
            parts
        });
        parts.max_by_key(Self::length).filter(|key| key.length() > 2)
    }

    /// The one that the value follows.
    fn last_of(path: &'p str) -> Option<Self> {
        let (before, name) = match path.rsplit_once('.') {
            Some((before, name)) => (Some(before), name),
            None => (None, path),
        };
        if before.is_some() && name.bytes().all(|c| c.is_ascii_digit()) {
            return None;
        }
        let part = name.rsplit(|c| !is_carried_char(c)).next().filter(|part| !part.is_empty())?;
        Some(Self { opens: before.is_none() && part.len() == name.len(), part, closes: true })
    }

    fn length(&self) -> usize {
        self.part.len() + usize::from(self.opens) + usize::from(self.closes)
    }

    fn characters(&self) -> impl Iterator<Item = u8> {
        self.part.bytes()
    }

    fn expression(&self) -> String {
        let quote = |is_there: bool| if is_there { character(b'"') } else { String::new() };
        let part: String = self.characters().map(character).collect();
        format!("{}{part}{}", quote(self.opens), quote(self.closes))
    }

    fn asked(&self) -> Option<Asked> {
        let mut alternatives = vec![self.expression()];
        alternatives.extend(escapes(self.characters()));
        Asked::new(alternatives, Self::WEIGHT)
    }
}

fn is_carried_char(c: char) -> bool {
    u8::try_from(c).is_ok_and(is_carried_in_json)
}

#[cfg(test)]
mod tests;
