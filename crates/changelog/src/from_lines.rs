//! Changes that somebody else wrote: any JSON Lines with `time` and `summary`, so that every CI can
//! take part.

mod newest;
mod shape;

use std::io::{self, BufRead};

use serde_json::error::Category;

use crate::lines::{Line, Lines};
use crate::record::ChangeRecord;

pub use newest::newest;

/// The longest line that is read, in bytes. A longer one is an error, and is passed over.
pub const LONGEST_LINE: usize = 1 << 20;

/// The changes of a text, line by line. Empty lines are passed over; a line that is no change is an
/// error with its number, and the next ones are read all the same.
///
/// `time` is RFC 3339, or a number of epoch seconds or milliseconds. `summary` is text. Other keys
/// count where they have the name and the shape that they have in our records: `began`, `account`,
/// `region`, `cluster`, `source`, `system`, `environment`, `project`, `tags`, `task_definition`,
/// `actor`, `status`, `flags`, `tickets` (keys, or objects), `resources` (`address`, `action`, `type`,
/// `attributes`, `time`), `counts`, `reach`, `aftermath`, `steps`, `commit`, `branch`, `link`, `id`. A
/// `link` may be called `url`. What else is there is left out: values of resources, for nobody knows
/// whose they are, and what is made anew (`before_minutes`, `score`, `reasons`).
///
/// A record of ours of another kind (`changelog_summary`, the lines of a log) is no change, and is
/// passed over like an empty line.
pub fn from_lines<R: BufRead>(reader: R) -> FromLines<R> {
    FromLines { lines: Lines::new(reader, LONGEST_LINE), number: 0, ended: false }
}

/// See [`from_lines`].
pub struct FromLines<R> {
    lines: Lines<R>,
    number: u64,
    ended: bool,
}

/// Why a line is no change. It never quotes the line.
#[derive(Debug, thiserror::Error)]
#[error("line {number}: {what}")]
pub struct LineError {
    /// Which line, from 1 on.
    pub number: u64,
    /// What is wrong with it.
    pub what: LineFault,
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum LineFault {
    /// It could not be read; nothing is read after it.
    #[error("it could not be read: {0}")]
    Unreadable(io::Error),
    /// It is longer than [`LONGEST_LINE`].
    #[error("it is longer than {LONGEST_LINE} bytes")]
    TooLong,
    /// It is no JSON.
    #[error("it is no JSON (column {0})")]
    NotJson(usize),
    /// The JSON ends before its end.
    #[error("its JSON is cut off")]
    CutOff,
    /// It is JSON, and no object.
    #[error("it is no JSON object")]
    NoObject,
    /// It lacks a key.
    #[error("it has no {0}")]
    Missing(&'static str),
    /// A key has a value of another shape.
    #[error("its {key} is not {wanted}")]
    Shape {
        /// The key.
        key: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
}

impl<R: BufRead> Iterator for FromLines<R> {
    type Item = Result<ChangeRecord, LineError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.ended {
                return None;
            }
            self.number += 1;
            let read = match self.lines.next() {
                Ok(None) => return None,
                Ok(Some(Line::Whole(line))) if line.trim_ascii().is_empty() => continue,
                Ok(Some(Line::Whole(line))) => match change(line, self.number).transpose() {
                    Some(read) => read,
                    None => continue,
                },
                Ok(Some(Line::TooLong(_))) => Err(LineFault::TooLong),
                Err(error) => {
                    self.ended = true;
                    Err(LineFault::Unreadable(error))
                }
            };
            let number = self.number;
            return Some(read.map_err(|what| LineError { number, what }));
        }
    }
}

fn change(line: &[u8], number: u64) -> Result<Option<ChangeRecord>, LineFault> {
    // A byte order mark, as some editors begin a file.
    let line = match line.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) if number == 1 => rest,
        _ => line,
    };
    let value = serde_json::from_slice(line).map_err(|error| match error.classify() {
        Category::Eof => LineFault::CutOff,
        _ => LineFault::NotJson(error.column()),
    })?;
    shape::change(value)
}

#[cfg(test)]
mod tests;
