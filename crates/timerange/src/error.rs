//! What was wrong with a time as it was typed, and what to type instead.

/// A time, a duration or a window that cannot be used. Displays as one sentence without a final period.
///
/// Instants inside are already written out, as RFC 3339 with the offset of the zone in which they were read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// None of the forms of a time.
    #[error("`{text}` is not a time")]
    NotATime {
        /// What was typed.
        text: String,
    },

    /// None of the forms of a duration.
    #[error("`{text}` is not a duration")]
    NotADuration {
        /// What was typed.
        text: String,
    },

    /// A duration of zero or less, where only a positive length makes sense.
    #[error("`{text}` is not a positive duration")]
    NotPositive {
        /// What was typed.
        text: String,
    },

    /// A length in months or years, which differ in length, where no date says which one is meant.
    #[error("`{text}` has no fixed length, because months and years differ")]
    NoFixedLength {
        /// What was typed.
        text: String,
    },

    /// A number without a unit that is too short or too long to be an epoch time.
    #[error(
        "`{text}` has {digits} digits, but epoch seconds have 10 and epoch milliseconds have 13"
    )]
    NotAnEpoch {
        /// What was typed.
        text: String,
        /// How many digits it has.
        digits: usize,
    },

    /// A date that is in no calendar, such as 2026-02-30.
    #[error("`{text}` cannot be read: there is no day {day}")]
    NoSuchDay {
        /// What was typed.
        text: String,
        /// The part that names a day.
        day: String,
    },

    /// A time that is on no clock, such as 25:61.
    #[error("`{text}` cannot be read: there is no time of day {clock}")]
    NoSuchTimeOfDay {
        /// What was typed.
        text: String,
        /// The part that names a time of day.
        clock: String,
    },

    /// A moment outside the years -9999 to 9999.
    #[error("`{text}` is further away than the calendar reaches")]
    OutOfRange {
        /// What was typed.
        text: String,
    },

    /// A local time that happened twice, because clocks were set back.
    #[error("`{text}` can be read two ways, because clocks were set back: {earlier} and {later}")]
    Twice {
        /// What was typed.
        text: String,
        /// The first of the two moments.
        earlier: String,
        /// The second of the two moments.
        later: String,
    },

    /// A local time that never happened, because clocks were set forward over it.
    #[error("`{text}` never happened, because clocks went from {from} straight to {to}")]
    Skipped {
        /// What was typed.
        text: String,
        /// What the clocks would have shown at the moment of the change.
        from: String,
        /// What they showed instead.
        to: String,
    },

    /// A window that ends before, or when, it begins.
    #[error(
        "the window must end after it begins: it begins at {start} ({start_from}) and ends at {end} ({end_from})"
    )]
    EndsBeforeItBegins {
        /// The moment at which it begins.
        start: String,
        /// Where that came from, such as "--since 14:05".
        start_from: String,
        /// The moment at which it ends.
        end: String,
        /// Where that came from, such as "--until 13:00".
        end_from: String,
    },

    /// A centre and an edge were both asked for.
    #[error("--around and {flag} cannot be used together")]
    CentreAndEdge {
        /// The flag that names the edge: `--since` or `--until`.
        flag: &'static str,
    },

    /// A width without the centre that it belongs to.
    #[error("--window {text} needs --around, the moment that it is centred on")]
    WidthWithoutCentre {
        /// What was typed.
        text: String,
    },
}

impl Error {
    /// The next thing to type.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Error::NotATime { .. } => {
                "times look like 15m, 14:05, `yesterday 14:05`, `2026-11-22 14:05`, 2026-11-22T14:05:06Z or now".into()
            }
            Error::NotADuration { .. } | Error::NotPositive { .. } => {
                "durations look like 90s, 15m, 2h30m, 1d or 1w".into()
            }
            Error::NoFixedLength { .. } => "say it in days or weeks, such as 30d".into(),
            Error::NotAnEpoch { text, digits } => match digits {
                ..=3 => format!("add a unit: {text}m is {text} minutes"),
                4 => format!("a time of day is written {}", separated(text, &[2], ':')),
                8 => format!("a date is written {}", separated(text, &[4, 6], '-')),
                _ => "cut or pad it to 13 digits for milliseconds".into(),
            },
            Error::NoSuchDay { .. } => "dates are year-month-day, such as 2026-11-22".into(),
            Error::NoSuchTimeOfDay { .. } => "times of day run from 00:00 to 23:59:59".into(),
            Error::OutOfRange { .. } => "ask for a shorter time, such as 1w".into(),
            Error::Twice { earlier, later, .. } => {
                format!("type {earlier} for the first, or {later} for the second")
            }
            Error::Skipped { to, .. } => format!("the moment of the change is {to}"),
            Error::EndsBeforeItBegins { .. } => {
                "a time of day is the latest one that has passed; another day's is written `yesterday 14:05`".into()
            }
            Error::CentreAndEdge { .. } => {
                "type --around 14:05 --window 30m, or --since 13:50 --until 14:20".into()
            }
            Error::WidthWithoutCentre { text } => format!("type --around 14:05 --window {text}"),
        };
        Some(hint)
    }
}

/// The text with a separator before each of these places.
fn separated(text: &str, places: &[usize], separator: char) -> String {
    let mut written = String::new();
    for (place, letter) in text.chars().enumerate() {
        if places.contains(&place) {
            written.push(separator);
        }
        written.push(letter);
    }
    written
}
