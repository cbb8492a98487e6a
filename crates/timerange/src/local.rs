//! Local time to instant, for a zone whose clocks are sometimes set back or forward.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use crate::Error;

/// The instants at which the clocks of a zone showed some date and time.
pub(crate) enum Readings {
    One(Timestamp),
    /// Clocks were set back: both, each with its offset.
    Two((Timestamp, Offset), (Timestamp, Offset)),
    /// Clocks were set forward over it: the moment of the change, with the offsets before and after it.
    None(Timestamp, Offset, Offset),
}

/// How `datetime` can be read in `zone`. `None` outside the years that a timestamp covers.
pub(crate) fn readings(datetime: DateTime, zone: &TimeZone) -> Option<Readings> {
    let at = |offset: Offset| offset.to_timestamp(datetime).ok();
    let readings = match zone.to_ambiguous_timestamp(datetime).offset() {
        AmbiguousOffset::Unambiguous { offset } => Readings::One(at(offset)?),
        AmbiguousOffset::Fold { before, after } => {
            Readings::Two((at(before)?, before), (at(after)?, after))
        }
        AmbiguousOffset::Gap { before, after } => {
            let just_before = at(after)?;
            let change = zone.following(just_before).next()?.timestamp();
            Readings::None(change, before, after)
        }
    };
    Some(readings)
}

/// The only instant at which the clocks of `zone` showed `datetime`.
pub(crate) fn only(text: &str, datetime: DateTime, zone: &TimeZone) -> Result<Timestamp, Error> {
    match readings(datetime, zone) {
        Some(Readings::One(instant)) => Ok(instant),
        Some(Readings::Two(earlier, later)) => Err(twice(text, earlier, later)),
        Some(Readings::None(change, before, after)) => Err(skipped(text, change, before, after)),
        None => Err(Error::OutOfRange { text: text.into() }),
    }
}

pub(crate) fn twice(text: &str, earlier: (Timestamp, Offset), later: (Timestamp, Offset)) -> Error {
    Error::Twice {
        text: text.into(),
        earlier: earlier.0.display_with_offset(earlier.1).to_string(),
        later: later.0.display_with_offset(later.1).to_string(),
    }
}

pub(crate) fn skipped(text: &str, change: Timestamp, before: Offset, after: Offset) -> Error {
    Error::Skipped {
        text: text.into(),
        from: change.display_with_offset(before).to_string(),
        to: change.display_with_offset(after).to_string(),
    }
}

/// RFC 3339, with the offset that the zone of `now` has at that instant.
pub(crate) fn written_out(instant: Timestamp, now: &Zoned) -> String {
    let offset = now.time_zone().to_offset(instant);
    instant.display_with_offset(offset).to_string()
}
