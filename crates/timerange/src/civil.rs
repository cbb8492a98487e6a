//! Dates and times of day as they are written: `2026-11-22`, `14:05`, `14:05:06.123`.
//!
//! Stricter than jiff's own reading, which also takes `20261122`, `1405` and a bare hour, and forgets an
//! offset that it has no use for: each of those could have been meant as something else.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;

/// Something in the shape of a `T`, which may still not exist (the 30th of February, 25 o'clock).
pub(crate) enum Written<T> {
    Exists(T),
    DoesNotExist,
}

/// Reads `YYYY-MM-DD`. `None` when the text has another shape.
pub(crate) fn date(text: &str) -> Option<Written<Date>> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4..=4)?;
    let month = digits(parts.next()?, 2..=2)?;
    let day = digits(parts.next()?, 2..=2)?;
    if parts.next().is_some() {
        return None;
    }
    let date = i16::try_from(year)
        .ok()
        .zip(i8::try_from(month).ok())
        .zip(i8::try_from(day).ok())
        .and_then(|((year, month), day)| Date::new(year, month, day).ok());
    Some(date.map_or(Written::DoesNotExist, Written::Exists))
}

/// Reads `H:MM`, `HH:MM`, `HH:MM:SS` and `HH:MM:SS.fraction` (up to nanoseconds, after a point or a comma).
/// `None` when the text has another shape. The leap second :60 is read as :59, as jiff does.
pub(crate) fn time(text: &str) -> Option<Written<Time>> {
    let mut parts = text.split(':');
    let hour = digits(parts.next()?, 1..=2)?;
    let minute = digits(parts.next()?, 2..=2)?;
    let (second, nanosecond) = match parts.next() {
        Some(seconds) => seconds_and_fraction(seconds)?,
        None => (0, 0),
    };
    if parts.next().is_some() {
        return None;
    }
    let second = if second == 60 { 59 } else { second };
    let time = i8::try_from(hour)
        .ok()
        .zip(i8::try_from(minute).ok())
        .zip(i8::try_from(second).ok())
        .and_then(|((hour, minute), second)| Time::new(hour, minute, second, nanosecond).ok());
    Some(time.map_or(Written::DoesNotExist, Written::Exists))
}

fn seconds_and_fraction(text: &str) -> Option<(i32, i32)> {
    let Some((whole, fraction)) = text.split_once(['.', ',']) else {
        return Some((digits(text, 2..=2)?, 0));
    };
    let places = u32::try_from(fraction.len()).ok()?;
    let nanosecond = digits(fraction, 1..=9)? * 10_i32.pow(9 - places);
    Some((digits(whole, 2..=2)?, nanosecond))
}

/// Reads `Z`, `+HH:MM`, `+HHMM` and `+HH` (or with a minus). `None` for anything else.
pub(crate) fn offset(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let (sign, text) = match text.split_at_checked(1)? {
        ("+", text) => (1, text),
        ("-", text) => (-1, text),
        _ => return None,
    };
    let (hours, minutes) = text.split_at_checked(2)?;
    let hours = digits(hours, 2..=2).filter(|hours| *hours < 24)?;
    let minutes = match minutes.strip_prefix(':').unwrap_or(minutes) {
        "" if minutes.is_empty() => 0,
        minutes => digits(minutes, 2..=2).filter(|minutes| *minutes < 60)?,
    };
    Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()
}

/// The value of a text of nothing but ASCII digits, as many as allowed (at most nine, so that it fits).
fn digits(text: &str, allowed: std::ops::RangeInclusive<usize>) -> Option<i32> {
    let only_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (only_digits && allowed.contains(&text.len())).then(|| text.parse().ok()).flatten()
}
