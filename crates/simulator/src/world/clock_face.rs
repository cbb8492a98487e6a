//! The ways in which programs write the time into their log lines.

use std::io::Write;

use jiff::Timestamp;
use jiff::tz::Offset;

/// How a moment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeForm {
    /// `2026-11-22T20:36:58.123Z`
    Iso,
    /// `2026-11-22T20:36:58Z`
    IsoSeconds,
    /// `1795379818123`
    EpochMillis,
    /// `1795379818.123`, as zap writes it
    EpochSeconds,
    /// `22/Nov/2026:20:36:58 +0000`, the common log format
    Common,
    /// `2026-11-22 20:36:58,123`, as log4j writes it
    Log4j,
    /// `2026/11/22 20:36:58`, as Go's log package writes it
    Go,
    /// `20:36:58`
    Clock,
    /// `2026/11/22`, as Lambda names its streams
    Day,
}

impl TimeForm {
    /// The form that a placeholder's name stands for.
    pub(crate) fn named(name: &str) -> Option<TimeForm> {
        Some(match name {
            "time" => TimeForm::Iso,
            "time:seconds" => TimeForm::IsoSeconds,
            "time:epoch_ms" => TimeForm::EpochMillis,
            "time:epoch" => TimeForm::EpochSeconds,
            "time:clf" => TimeForm::Common,
            "time:log4j" => TimeForm::Log4j,
            "time:go" => TimeForm::Go,
            "time:clock" => TimeForm::Clock,
            "time:day" => TimeForm::Day,
            _ => return None,
        })
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn digits(out: &mut Vec<u8>, number: i64, width: usize) {
    let start = out.len();
    out.resize(start + width, b'0');
    let mut left = number;
    for place in (start..start + width).rev() {
        out[place] = b'0' + (left % 10) as u8;
        left /= 10;
    }
}

/// A moment as text, in UTC.
pub(crate) fn text(time_ms: i64, form: TimeForm) -> String {
    let mut out = Vec::new();
    write(&mut out, time_ms, form);
    String::from_utf8_lossy(&out).into_owned()
}

/// Writes a moment, in UTC.
pub(crate) fn write(out: &mut Vec<u8>, time_ms: i64, form: TimeForm) {
    let millis = time_ms.rem_euclid(1000);
    match form {
        TimeForm::EpochMillis => return super::message::write_int(out, time_ms),
        TimeForm::EpochSeconds => {
            super::message::write_int(out, time_ms.div_euclid(1000));
            out.push(b'.');
            return digits(out, millis, 3);
        }
        _ => {}
    }
    let at = Offset::UTC
        .to_datetime(Timestamp::from_millisecond(time_ms).unwrap_or(Timestamp::UNIX_EPOCH));
    let date = |out: &mut Vec<u8>, mark: u8| {
        digits(out, i64::from(at.year()), 4);
        out.push(mark);
        digits(out, i64::from(at.month()), 2);
        out.push(mark);
        digits(out, i64::from(at.day()), 2);
    };
    let clock = |out: &mut Vec<u8>| {
        digits(out, i64::from(at.hour()), 2);
        out.push(b':');
        digits(out, i64::from(at.minute()), 2);
        out.push(b':');
        digits(out, i64::from(at.second()), 2);
    };
    match form {
        TimeForm::Iso | TimeForm::IsoSeconds => {
            date(out, b'-');
            out.push(b'T');
            clock(out);
            if form == TimeForm::Iso {
                out.push(b'.');
                digits(out, millis, 3);
            }
            out.push(b'Z');
        }
        TimeForm::Log4j => {
            date(out, b'-');
            out.push(b' ');
            clock(out);
            out.push(b',');
            digits(out, millis, 3);
        }
        TimeForm::Go => {
            date(out, b'/');
            out.push(b' ');
            clock(out);
        }
        TimeForm::Common => {
            let month = MONTHS[(at.month() - 1) as usize];
            // Writing to a Vec cannot fail.
            let _ = write!(out, "{:02}/{month}/{}:", at.day(), at.year());
            clock(out);
            out.extend_from_slice(b" +0000");
        }
        TimeForm::Clock => clock(out),
        TimeForm::Day => date(out, b'/'),
        TimeForm::EpochMillis | TimeForm::EpochSeconds => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_says_the_same_moment() {
        let written = |form| {
            let mut out = Vec::new();
            write(&mut out, 1_795_379_818_123, form);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written(TimeForm::Iso), "2026-11-22T20:36:58.123Z");
        assert_eq!(written(TimeForm::IsoSeconds), "2026-11-22T20:36:58Z");
        assert_eq!(written(TimeForm::EpochMillis), "1795379818123");
        assert_eq!(written(TimeForm::EpochSeconds), "1795379818.123");
        assert_eq!(written(TimeForm::Common), "22/Nov/2026:20:36:58 +0000");
        assert_eq!(written(TimeForm::Log4j), "2026-11-22 20:36:58,123");
        assert_eq!(written(TimeForm::Go), "2026/11/22 20:36:58");
        assert_eq!(written(TimeForm::Clock), "20:36:58");
        assert_eq!(written(TimeForm::Day), "2026/11/22");
    }
}
