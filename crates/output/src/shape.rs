//! What `--jq` and `--template` make of records. They see a record as its line of JSON.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, BufWriter, Write};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::jq::Program;
use crate::talk::{Notice, Talk};
use crate::template::Template;

/// A shape that was asked for and found right. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Shape {
    maker: Arc<Maker>,
    moment: Moment,
    failed: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Maker {
    Jq(Box<Program>),
    Template(Box<Template>),
}

/// The clock and the zone that a shape sees.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) now: Timestamp,
    pub(crate) zone: TimeZone,
}

/// A program or a template that is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ShapeError {
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl ShapeError {
    /// What to do about it.
    pub fn hint(&self) -> &str {
        &self.hint
    }
}

/// Why a record could not be shaped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The shape failed on it.
    #[error("{0}")]
    OfRecord(String),
    /// Nothing can be written any more.
    #[error("{0}")]
    Write(io::Error),
}

impl Shape {
    /// A jq program.
    pub fn jq(program: &str) -> Result<Self, ShapeError> {
        Ok(Self::new(Maker::Jq(Box::new(Program::compile(program)?))))
    }

    /// A template.
    pub fn template(text: &str) -> Result<Self, ShapeError> {
        Ok(Self::new(Maker::Template(Box::new(Template::compile(text)?))))
    }

    fn new(maker: Maker) -> Self {
        let moment = Moment { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC };
        Self { maker: Arc::new(maker), moment, failed: Arc::default() }
    }

    /// The same, at a time and in a zone.
    pub fn at(self, now: Timestamp, zone: TimeZone) -> Self {
        Self { moment: Moment { now, zone }, ..self }
    }

    /// On how many records it failed so far. What was said of each is on stderr.
    pub fn failures(&self) -> u64 {
        self.failed.load(Ordering::Acquire)
    }

    fn apply(&self, record: &[u8], terminal: bool, out: &mut impl Write) -> Result<(), Trouble> {
        let made = std::panic::catch_unwind(AssertUnwindSafe(|| match &*self.maker {
            Maker::Jq(program) => program.apply(record, &self.moment, terminal, out),
            Maker::Template(template) => template.apply(record, &self.moment, terminal, out),
        }));
        // Else the thread that writes would end, as it does when the reader has gone.
        made.unwrap_or_else(|_| Err(Trouble::OfRecord("it crashed".to_owned())))
    }
}

/// "the jq program", or "the template".
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.maker {
            Maker::Jq(_) => "the jq program",
            Maker::Template(_) => "the template",
        })
    }
}

/// Shapes records on the thread that writes.
pub(crate) struct Shaper {
    shape: Shape,
    talk: Talk,
    terminal: bool,
    said: BTreeSet<String>,
}

impl Shaper {
    /// Programs may recurse: a stack of this size is only taken as far as it is used.
    pub(crate) const STACK: usize = 256 * 1024 * 1024;

    pub(crate) fn new(shape: Shape, talk: Talk, terminal: bool) -> Self {
        Self { shape, talk, terminal, said: BTreeSet::new() }
    }

    /// Writes what becomes of lines of records. What is made is written as it comes: a program may
    /// make outputs without end.
    pub(crate) fn write(&mut self, records: &[u8], out: &mut impl Write) -> io::Result<()> {
        const CHUNK: usize = 64 * 1024;
        let mut out = BufWriter::with_capacity(CHUNK, out);
        for record in records.split(|byte| *byte == b'\n').filter(|record| !record.is_empty()) {
            match self.shape.apply(record, self.terminal, &mut out) {
                Ok(()) => {}
                Err(Trouble::Write(error)) => return Err(error),
                Err(Trouble::OfRecord(problem)) => self.fail(problem),
            }
        }
        out.flush()
    }

    /// Says each problem once, and counts them all.
    fn fail(&mut self, problem: String) {
        /// Problems may quote the record, and then each is another.
        const MOST_SAID: usize = 5;
        /// Characters of a problem that are shown.
        const LONGEST: usize = 200;
        self.shape.failed.fetch_add(1, Ordering::AcqRel);
        if self.said.len() >= MOST_SAID {
            return;
        }
        let mut short: String = problem.chars().take(LONGEST).collect();
        if short.len() < problem.len() {
            short.push('…');
        }
        if self.said.insert(short.clone()) {
            let what = format!("a record, as {} failed on it: {short}", self.shape);
            self.talk.say(Notice::Missing, &what);
        }
    }
}

/// `line 2, column 5`, or `column 5` of what is one line.
pub(crate) fn position(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line_begins = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before[line_begins..].chars().count() + 1;
    match text.trim_end().contains('\n') {
        true => format!("line {}, column {column}", before.matches('\n').count() + 1),
        false => format!("column {column}"),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const RECORD: &str = concat!(
        r#"{"time":"2026-11-22T20:00:00.500Z","kind":"log","level":"error","#,
        r#""message":"two\nlines","fields":{"user":"ann","n":1.50,"o":{"z":[1,null],"a":true}}}"#
    );

    pub(crate) fn moment() -> Moment {
        let now = Timestamp::from_second(1_795_377_600).unwrap();
        Moment { now, zone: TimeZone::get("Europe/Berlin").unwrap() }
    }

    #[test]
    fn a_position_is_counted_in_characters() {
        assert_eq!(position("äöü x", 7), "column 5");
        assert_eq!(position("ä\nö x", 6), "line 2, column 3");
        assert_eq!(position("a", 99), "column 2");
    }
}
