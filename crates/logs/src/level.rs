//! How loud an event is, out of the many ways in which loggers say it.

use std::borrow::Cow;

use serde::Serialize;

/// A level, from the quietest to the loudest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Finest.
    Trace,
    /// For developers.
    Debug,
    /// Ordinary life.
    Info,
    /// Ordinary, but worth a look (syslog).
    Notice,
    /// Something may go wrong.
    Warn,
    /// Something went wrong.
    Error,
    /// The process, or more, is going down (fatal, panic, critical, alert, emergency).
    Fatal,
}

impl Level {
    /// All of them, the quietest first.
    pub const ALL: [Self; 7] =
        [Self::Trace, Self::Debug, Self::Info, Self::Notice, Self::Warn, Self::Error, Self::Fatal];

    /// The name that records carry.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// What can be typed, as a sentence.
    pub fn choices() -> String {
        let names = Self::ALL.map(Self::name);
        format!("a level is one of {}", names.join(", "))
    }

    /// The level of a logger's word, in any case: `WARNING`, `err`, `CRIT`, slog's `ERROR+2`.
    pub fn from_word(word: &str) -> Option<Self> {
        const LONGEST: usize = 11;
        let word = word.split(['+', '-']).next().unwrap_or(word);
        if word.len() > LONGEST || !word.is_ascii() {
            return None;
        }
        let mut lower = [0; LONGEST];
        let lower = &mut lower[..word.len()];
        lower.copy_from_slice(word.as_bytes());
        lower.make_ascii_lowercase();
        Some(match &*lower {
            b"trace" | b"verbose" | b"finest" | b"finer" | b"all" => Self::Trace,
            b"debug" | b"dbg" | b"fine" => Self::Debug,
            b"info" | b"inf" | b"information" | b"config" => Self::Info,
            b"notice" => Self::Notice,
            b"warn" | b"warning" | b"wrn" => Self::Warn,
            b"error" | b"err" | b"eror" | b"severe" => Self::Error,
            b"fatal" | b"panic" | b"dpanic" | b"critical" | b"crit" | b"alert" | b"emerg"
            | b"emergency" => Self::Fatal,
            _ => return None,
        })
    }

    /// The level of a number under the key `level`: pino and bunyan (10 to 60), or syslog's
    /// severities as GELF writes them (0 to 7).
    pub fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            0..=2 => Self::Fatal,
            3 => Self::Error,
            4 => Self::Warn,
            5 => Self::Notice,
            6 => Self::Info,
            7 => Self::Debug,
            10..=19 => Self::Trace,
            20..=29 => Self::Debug,
            30..=39 => Self::Info,
            40..=49 => Self::Warn,
            50..=59 => Self::Error,
            60..=69 => Self::Fatal,
            _ => return None,
        })
    }

    /// The level of Python's `levelno` (10 DEBUG to 50 CRITICAL).
    pub fn from_python_number(number: i64) -> Option<Self> {
        Some(match number {
            1..=9 => Self::Trace,
            10..=19 => Self::Debug,
            20..=29 => Self::Info,
            30..=39 => Self::Warn,
            40..=49 => Self::Error,
            50..=59 => Self::Fatal,
            _ => return None,
        })
    }

    /// The level that a line of plain text begins with: after a time stamp or a bracket
    /// (`2026-11-22 14:05:01,123 ERROR …`, `[warn] …`, `E1122 14:05:01 …`), as `level=warn`, or as
    /// Go's `panic: `.
    pub fn of_text(text: &str) -> Option<Self> {
        // What stands further in is not a heading any more.
        const FIRST_WORDS: usize = 9;
        let start = text.trim_start();
        if start.starts_with("panic: ") || start.starts_with("fatal error: ") {
            return Some(Self::Fatal);
        }
        let line = without_colours(start.lines().next().unwrap_or_default());
        let mut heading = true;
        // Envoy writes its brackets without a space between them: `[2026-…][15][warning][main]`.
        let words = line.split_ascii_whitespace().flat_map(|word| word.split_inclusive(']'));
        let words: Vec<&str> = words.take(FIRST_WORDS).collect();
        for (place, word) in words.iter().copied().enumerate() {
            if let Some(level) = logfmt_level(word) {
                return Some(level);
            }
            if !heading {
                continue;
            }
            if let Some(level) = heading_word(word) {
                return Some(level);
            }
            if place == 0
                && let Some(level) = klog_level(word)
            {
                return Some(level);
            }
            // Python's usual format sets names off with dashes: `… - app.db - ERROR - …`.
            let dash = |at: usize| words.get(at).is_some_and(|word| *word == "-");
            let between_dashes = place > 0 && dash(place - 1) && dash(place + 1);
            heading = is_preamble(word) || between_dashes;
        }
        None
    }
}

/// The line without the colour codes (`ESC [ … m`) that some programs log.
fn without_colours(line: &str) -> Cow<'_, str> {
    if !line.contains('\u{1b}') {
        return Cow::Borrowed(line);
    }
    let mut parts = line.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.find(|c: char| !matches!(c, '0'..='9' | ';'));
        match code {
            Some(end) if part[end..].starts_with('m') => plain.push_str(&part[end + 1..]),
            _ => plain.push_str(part),
        }
    }
    Cow::Owned(plain)
}

/// `level=warn`, `lvl="error"`, `severity=INFO`.
fn logfmt_level(word: &str) -> Option<Level> {
    let (key, value) = word.split_once('=')?;
    let known = ["level", "lvl", "severity", "loglevel", "log.level"];
    if !known.iter().any(|name| key.eq_ignore_ascii_case(name)) {
        return None;
    }
    Level::from_word(value.trim_matches('"'))
}

/// A word that stands as a level: in capitals (`ERROR`), in brackets (`[error]`) or before a colon
/// (`error:`). A plain `error` may begin a sentence.
fn heading_word(word: &str) -> Option<Level> {
    // Python's shortest format: `ERROR:root:it broke`.
    let word = match word.split_once(':') {
        Some((first, rest)) if !rest.is_empty() && !first.is_empty() => &word[..=first.len()],
        _ => word,
    };
    let bare = word
        .trim_matches(|c: char| matches!(c, '[' | ']' | '(' | ')' | '<' | '>' | ':' | '|' | ','));
    let marked = bare.len() < word.len();
    let capitals = bare.bytes().all(|b| b.is_ascii_uppercase());
    // "ALL systems up", "CONFIG loaded", "FINE" are prose as often as levels.
    let prose = matches!(bare, "ALL" | "CONFIG" | "FINE");
    ((marked || capitals) && !prose).then(|| Level::from_word(bare)).flatten()
}

/// klog and glog: `E1122 14:05:01.123456`.
fn klog_level(word: &str) -> Option<Level> {
    let (letter, date) = word.split_at_checked(1)?;
    if date.len() != 4 || !date.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match letter {
        "I" => Some(Level::Info),
        "W" => Some(Level::Warn),
        "E" => Some(Level::Error),
        "F" => Some(Level::Fatal),
        _ => None,
    }
}

/// Dates, times, process ids and bracketed names, which stand before a level.
fn is_preamble(word: &str) -> bool {
    let bracketed = word.starts_with(['[', '(', '<']);
    // `UTC` behind a time (PostgreSQL), `E,` before one (Ruby).
    let zone = matches!(word, "UTC" | "GMT" | "CET" | "CEST" | "EST" | "EDT" | "PST" | "PDT");
    let letter = word.len() == 2 && word.ends_with(',');
    let separator = matches!(word, "-" | "|" | "--");
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    bracketed || zone || letter || separator || digits * 2 >= word.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_usual_loggers() {
        let cases = [
            ("warning", Level::Warn),
            ("WARN", Level::Warn),
            ("ERROR+2", Level::Error),
            ("dpanic", Level::Fatal),
            ("EMERG", Level::Fatal),
            ("Information", Level::Info),
            ("SEVERE", Level::Error),
        ];
        for (word, level) in cases {
            assert_eq!(Level::from_word(word), Some(level), "{word}");
        }
        assert_eq!(Level::from_word("erroneous"), None);
        assert_eq!(Level::from_word(""), None);
    }

    #[test]
    fn the_head_of_a_line_says_the_level() {
        let cases = [
            ("2026-11-22 14:05:01,123 ERROR [main] boom", Level::Error),
            ("2026-11-22T14:05:01Z WARN pool is full", Level::Warn),
            ("[INFO] 10.0.3.7:4312 - 42 \"A IN api.\"", Level::Info),
            ("[ERROR] plugin/errors: 2 api. A: read udp: i/o timeout", Level::Error),
            ("E1122 14:05:01.123456 1 main.go:12] boom", Level::Error),
            ("ts=2026-11-22T14:05:01Z level=warn msg=x", Level::Warn),
            ("time=\"2026\" level=error msg=\"x\"", Level::Error),
            ("panic: runtime error: index out of range", Level::Fatal),
            ("error: no such file", Level::Error),
            ("ERROR:root:boom", Level::Error),
            ("2026-11-22 14:05:01,123 - app.db - ERROR - boom", Level::Error),
            ("2026-11-22 14:05:01.123 UTC [77] ERROR:  relation is missing", Level::Error),
            ("E, [2026-11-22T14:05:01.123456 #77] ERROR -- : boom", Level::Error),
            ("[2026-11-22T14:05:01.123Z][15][warning][upstream] [cds.cc:12] x", Level::Warn),
            ("\u{1b}[33mWARNING\u{1b}[39m in ./src/pages/Sources.tsx", Level::Warn),
            ("14:05:01.123 [main] DEBUG com.acme.Billing - x", Level::Debug),
        ];
        for (text, level) in cases {
            assert_eq!(Level::of_text(text), Some(level), "{text}");
        }
    }

    #[test]
    fn prose_is_not_a_level() {
        for text in [
            "error handling is hard",
            "ALL systems up",
            "retrying after ERROR",
            "",
            "   ",
            "GET /error 200",
        ] {
            assert_eq!(Level::of_text(text), None, "{text}");
        }
    }
}
