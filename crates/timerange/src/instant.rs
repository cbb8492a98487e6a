//! One moment, as people write it.

use jiff::civil::{Date, Time};
use jiff::{Timestamp, Zoned};

use crate::civil::{self, Written};
use crate::local::{self, Readings};
use crate::{Error, span};

/// Reads one moment. `now` is the present, and its zone is the one in which local times are read.
///
/// | typed | means |
/// | --- | --- |
/// | `now` | now |
/// | `15m`, `2h30m`, `1 hour ago`, `-5m` | that long before now |
/// | `1d`, `1w`, `1mo` | the same wall-clock time on that earlier day (where clocks were changed: the first of two, or as long after the gap) |
/// | `14:05`, `14:05:06.123` | the latest such moment that is not in the future |
/// | `today 14:05`, `yesterday 14:05` | that time of that day, even if it is still to come |
/// | `2026-11-22 14:05`, `2026-11-22T14:05:06.123` | that local time |
/// | `today`, `yesterday`, `2026-11-22` | the first moment of that day: midnight, where clocks have one |
/// | `2026-11-22T14:05:06Z`, `2026-11-22 14:05 +0100` | that moment, in any zone |
/// | `1795352706`, `1795352706123` | epoch seconds (10 digits) or milliseconds (13) |
///
/// Words are read in either case, white space around is ignored, and seconds may have a fraction. A duration
/// always lies before now: a leading minus, as journalctl has it, changes nothing, and `+5m` is refused.
///
/// # Errors
/// Each says how the text was read: [`Error::NotATime`], [`Error::NotAnEpoch`], [`Error::NoSuchDay`],
/// [`Error::NoSuchTimeOfDay`], [`Error::OutOfRange`], and for local times [`Error::Twice`] and
/// [`Error::Skipped`], where clocks were set back or forward.
pub fn instant(text: &str, now: &Zoned) -> Result<Timestamp, Error> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Ok(now.timestamp());
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return epoch(text);
    }
    if let Some(span) = span::span(text) {
        return match now.checked_sub(span.abs()) {
            Ok(then) => Ok(then.timestamp()),
            Err(_) => Err(Error::OutOfRange { text: text.into() }),
        };
    }
    if let Some(written) = civil::time(text) {
        return latest(text, existing_time(text, text, written)?, now);
    }
    if let Some((day, clock)) = named_day(text, now)? {
        return on_day(text, day, clock, now);
    }
    let (day, clock) = written_day(text)?;
    match clock.find(['Z', 'z', '+', '-']) {
        Some(sign) => at_offset(text, day, clock.split_at(sign)),
        None => on_day(text, day, clock, now),
    }
}

fn epoch(text: &str) -> Result<Timestamp, Error> {
    let out_of_range = || Error::OutOfRange { text: text.into() };
    let number: i64 = text.parse().unwrap_or(i64::MAX);
    match text.len() {
        10 => Timestamp::from_second(number).map_err(|_| out_of_range()),
        13 => Timestamp::from_millisecond(number).map_err(|_| out_of_range()),
        digits => Err(Error::NotAnEpoch { text: text.into(), digits }),
    }
}

/// The latest moment, not after now, at which local clocks showed `time`: today's, or else yesterday's.
///
/// While clocks that were set back repeat an hour, only the pass that is not in the future counts.
fn latest(text: &str, time: Time, now: &Zoned) -> Result<Timestamp, Error> {
    let today = now.date().to_datetime(time);
    let present = now.timestamp();
    match local::readings(today, now.time_zone()) {
        Some(Readings::One(instant)) if instant <= present => return Ok(instant),
        Some(Readings::Two(earlier, later)) if later.0 <= present => {
            return Err(local::twice(text, earlier, later));
        }
        Some(Readings::Two(earlier, _)) if earlier.0 <= present => return Ok(earlier.0),
        Some(Readings::None(change, before, after)) if change <= present => {
            return Err(local::skipped(text, change, before, after));
        }
        _ => {}
    }
    let yesterday = now.date().yesterday();
    let yesterday = yesterday.map_err(|_| Error::OutOfRange { text: text.into() })?;
    local::only(text, yesterday.to_datetime(time), now.time_zone())
}

/// Splits `yesterday 14:05` into that day and what follows it.
fn named_day<'a>(text: &'a str, now: &Zoned) -> Result<Option<(Date, &'a str)>, Error> {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if word.eq_ignore_ascii_case("today") {
        return Ok(Some((now.date(), rest.trim_start())));
    }
    if word.eq_ignore_ascii_case("yesterday") {
        let yesterday = now.date().yesterday();
        let yesterday = yesterday.map_err(|_| Error::OutOfRange { text: text.into() })?;
        return Ok(Some((yesterday, rest.trim_start())));
    }
    Ok(None)
}

/// Splits `2026-11-22 14:05` or `2026-11-22T14:05Z` into the date and what follows the separator.
fn written_day(text: &str) -> Result<(Date, &str), Error> {
    let not_a_time = || Error::NotATime { text: text.into() };
    let (day, rest) = text.split_at_checked("YYYY-MM-DD".len()).ok_or_else(not_a_time)?;
    let date = match civil::date(day).ok_or_else(not_a_time)? {
        Written::Exists(date) => date,
        Written::DoesNotExist => {
            return Err(Error::NoSuchDay { text: text.into(), day: day.into() });
        }
    };
    let clock = rest.strip_prefix(['T', 't']).unwrap_or(rest.trim_start());
    let separated = clock.len() < rest.len() && !clock.is_empty();
    if rest.is_empty() || separated { Ok((date, clock)) } else { Err(not_a_time()) }
}

/// A local time of a day, or without a `clock` its first moment: midnight; where clocks skip that, the moment
/// after the change; where they repeat it, the first.
fn on_day(text: &str, day: Date, clock: &str, now: &Zoned) -> Result<Timestamp, Error> {
    if clock.is_empty() {
        let first = day.to_zoned(now.time_zone().clone());
        let first = first.map_err(|_| Error::OutOfRange { text: text.into() })?;
        return Ok(first.timestamp());
    }
    let written = civil::time(clock).ok_or_else(|| Error::NotATime { text: text.into() })?;
    let time = existing_time(text, clock, written)?;
    local::only(text, day.to_datetime(time), now.time_zone())
}

fn at_offset(text: &str, day: Date, (clock, offset): (&str, &str)) -> Result<Timestamp, Error> {
    let not_a_time = || Error::NotATime { text: text.into() };
    let clock = clock.trim_end();
    let time = existing_time(text, clock, civil::time(clock).ok_or_else(not_a_time)?)?;
    let offset = civil::offset(offset).ok_or_else(not_a_time)?;
    offset.to_timestamp(day.to_datetime(time)).map_err(|_| Error::OutOfRange { text: text.into() })
}

fn existing_time(text: &str, clock: &str, written: Written<Time>) -> Result<Time, Error> {
    match written {
        Written::Exists(time) => Ok(time),
        Written::DoesNotExist => {
            Err(Error::NoSuchTimeOfDay { text: text.into(), clock: clock.into() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::{Offset, TimeZone};
    use proptest::prelude::*;

    /// New York by rule, so that no test depends on the machine's zone database: clocks go from 02:00 to 03:00
    /// on 2026-03-08, and from 02:00 back to 01:00 on 2026-11-01.
    fn new_york(local: &str) -> Zoned {
        let zone = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
        local.parse::<jiff::civil::DateTime>().unwrap().to_zoned(zone).unwrap()
    }

    /// Clocks go from 00:00 to 01:00 on 2026-03-08, so that day has no midnight; on 2026-11-01 they go from
    /// 01:00 back to 00:00, so that day has two.
    fn havana(local: &str) -> Zoned {
        let zone = TimeZone::posix("CST5CDT,M3.2.0/0,M11.1.0/1").unwrap();
        local.parse::<jiff::civil::DateTime>().unwrap().to_zoned(zone).unwrap()
    }

    fn read(text: &str, now: &Zoned) -> Result<String, Error> {
        instant(text, now).map(|instant| local::written_out(instant, now))
    }

    #[test]
    fn a_duration_counts_back_from_now() {
        let now = new_york("2026-11-22 20:40:30");
        for (text, meant) in [
            ("now", "2026-11-22T20:40:30-05:00"),
            ("NOW", "2026-11-22T20:40:30-05:00"),
            ("0s", "2026-11-22T20:40:30-05:00"),
            ("15m", "2026-11-22T20:25:30-05:00"),
            ("2h30m", "2026-11-22T18:10:30-05:00"),
            ("1 hour ago", "2026-11-22T19:40:30-05:00"),
            ("-5m", "2026-11-22T20:35:30-05:00"),
            ("1w", "2026-11-15T20:40:30-05:00"),
            ("1mo", "2026-10-22T20:40:30-04:00"),
        ] {
            assert_eq!(read(text, &now), Ok(meant.into()), "{text}");
        }
    }

    #[test]
    fn one_day_ago_is_the_same_time_on_the_clock_but_24_hours_ago_is_not() {
        let now = new_york("2026-11-01 20:40");
        assert_eq!(read("1d", &now), Ok("2026-10-31T20:40:00-04:00".into()));
        assert_eq!(read("24h", &now), Ok("2026-10-31T21:40:00-04:00".into()));
    }

    #[test]
    fn a_time_of_day_is_the_latest_one_that_is_not_in_the_future() {
        let now = new_york("2026-11-22 14:05:06");
        for (text, meant) in [
            ("14:05", "2026-11-22T14:05:00-05:00"),
            ("14:05:06", "2026-11-22T14:05:06-05:00"),
            ("14:05:06.001", "2026-11-21T14:05:06.001-05:00"),
            ("14:06", "2026-11-21T14:06:00-05:00"),
            ("9:30", "2026-11-22T09:30:00-05:00"),
            ("00:00", "2026-11-22T00:00:00-05:00"),
        ] {
            assert_eq!(read(text, &now), Ok(meant.into()), "{text}");
        }
    }

    #[test]
    fn days_have_names_and_dates() {
        let now = new_york("2026-11-22 14:05:06");
        for (text, meant) in [
            ("yesterday 14:05", "2026-11-21T14:05:00-05:00"),
            ("Yesterday  9:05:07", "2026-11-21T09:05:07-05:00"),
            ("today 23:00", "2026-11-22T23:00:00-05:00"),
            ("today", "2026-11-22T00:00:00-05:00"),
            ("yesterday", "2026-11-21T00:00:00-05:00"),
            ("2026-07-04", "2026-07-04T00:00:00-04:00"),
            ("2026-07-04 14:05", "2026-07-04T14:05:00-04:00"),
            (" 2026-07-04T14:05:06.123 ", "2026-07-04T14:05:06.123-04:00"),
            ("2026-07-04 14:05:06,123", "2026-07-04T14:05:06.123-04:00"),
        ] {
            assert_eq!(read(text, &now), Ok(meant.into()), "{text}");
        }
    }

    #[test]
    fn an_offset_says_which_moment_whatever_the_zone() {
        let now = new_york("2026-11-22 14:05");
        for text in [
            "2026-11-22T14:05:06Z",
            "2026-11-22t14:05:06z",
            "2026-11-22T15:05:06+01:00",
            "2026-11-22 09:05:06-05:00",
            "2026-11-22 15:05:06 +0100",
            "1795356306",
            "1795356306000",
        ] {
            assert_eq!(read(text, &now), Ok("2026-11-22T09:05:06-05:00".into()), "{text}");
        }
    }

    #[test]
    fn a_number_is_epoch_seconds_or_milliseconds_by_its_digits_and_nothing_else() {
        let now = new_york("2026-11-22 14:05");
        for (text, hint) in [
            ("15", "add a unit: 15m is 15 minutes"),
            ("1405", "a time of day is written 14:05"),
            ("20261122", "a date is written 2026-11-22"),
            ("17953563061", "cut or pad it to 13 digits for milliseconds"),
            ("1795356306000000", "cut or pad it to 13 digits for milliseconds"),
        ] {
            let error = instant(text, &now).unwrap_err();
            assert_eq!(error, Error::NotAnEpoch { text: text.into(), digits: text.len() });
            assert_eq!(error.hint().as_deref(), Some(hint));
        }
    }

    #[test]
    fn a_time_that_clocks_showed_twice_is_an_error_that_shows_both() {
        let error = instant("2026-11-01 01:30", &new_york("2026-11-22 14:05")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`2026-11-01 01:30` can be read two ways, because clocks were set back: \
             2026-11-01T01:30:00-04:00 and 2026-11-01T01:30:00-05:00"
        );
        for either in ["2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"] {
            assert_eq!(read(either, &new_york("2026-11-01 12:00")), Ok(either.into()));
        }
    }

    #[test]
    fn while_the_hour_repeats_only_a_pass_that_has_happened_counts() {
        let first_pass: Timestamp = "2026-11-01T01:50:00-04:00".parse().unwrap();
        let second_pass: Timestamp = "2026-11-01T01:20:00-05:00".parse().unwrap();
        let zone = new_york("2026-11-01").time_zone().clone();
        let (first_pass, second_pass) =
            (first_pass.to_zoned(zone.clone()), second_pass.to_zoned(zone));

        assert_eq!(read("1:30", &first_pass), Ok("2026-11-01T01:30:00-04:00".into()));
        assert_eq!(read("1:30", &second_pass), Ok("2026-11-01T01:30:00-04:00".into()));
        assert_eq!(read("1:55", &first_pass), Ok("2026-10-31T01:55:00-04:00".into()));
        for now in [second_pass, new_york("2026-11-01 12:00"), new_york("2026-11-02 00:30")] {
            assert!(matches!(instant("1:10", &now), Err(Error::Twice { .. })), "{now}");
        }
    }

    #[test]
    fn a_time_that_clocks_never_showed_is_an_error_that_names_the_gap() {
        let error = instant("2026-03-08 02:30", &new_york("2026-03-20 14:05")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`2026-03-08 02:30` never happened, because clocks went from \
             2026-03-08T02:00:00-05:00 straight to 2026-03-08T03:00:00-04:00"
        );
        assert_eq!(
            error.hint().as_deref(),
            Some("the moment of the change is 2026-03-08T03:00:00-04:00")
        );
        let after = instant("2:30", &new_york("2026-03-08 09:00"));
        assert!(matches!(after, Err(Error::Skipped { .. })));
        let before = read("2:30", &new_york("2026-03-08 01:00"));
        assert_eq!(before, Ok("2026-03-07T02:30:00-05:00".into()));
    }

    #[test]
    fn a_day_begins_at_its_first_moment() {
        let now = havana("2026-11-22 14:05");
        assert_eq!(read("2026-03-08", &now), Ok("2026-03-08T01:00:00-04:00".into()));
        assert_eq!(read("2026-11-01", &now), Ok("2026-11-01T00:00:00-04:00".into()));
    }

    #[test]
    fn what_exists_on_no_calendar_and_no_clock_is_named() {
        let now = new_york("2026-11-22 14:05");
        for (text, sentence) in [
            ("2026-02-30", "`2026-02-30` cannot be read: there is no day 2026-02-30"),
            ("2026-13-01T00:00Z", "`2026-13-01T00:00Z` cannot be read: there is no day 2026-13-01"),
            ("yesterday 25:00", "`yesterday 25:00` cannot be read: there is no time of day 25:00"),
            ("14:60", "`14:60` cannot be read: there is no time of day 14:60"),
            ("19000y", "`19000y` is further away than the calendar reaches"),
        ] {
            assert_eq!(instant(text, &now).unwrap_err().to_string(), sentence);
        }
    }

    #[test]
    fn what_is_none_of_the_forms_is_refused() {
        let now = new_york("2026-11-22 14:05");
        for text in [
            "",
            "soon",
            "tomorrow",
            "+5m",
            "now-5m",
            "2pm",
            "14h05",
            "14:5",
            "11/22/2026",
            "2026-11-22T",
            "2026-11-22T14",
            "2026-11-22x14:05",
            "2026-11-2214:05",
            "2026-1é-2 14:05",
            "2026-11-22Z",
            "2026-11-22 +01:00",
            "2026-11-22T14:05 UTC",
            "2026-11-22T14:05+1",
            "2026-11-22T14:05+01:",
            "2026-11-22T14:05+99:00",
            "2026-11-22T14:05+01:00[Europe/Paris]",
            "2026-11-22T14:05:06.1234567890Z",
            "yesterday 14:05Z",
        ] {
            assert_eq!(instant(text, &now), Err(Error::NotATime { text: text.into() }));
        }
    }

    fn moments() -> impl Strategy<Value = Timestamp> {
        (0i64..4_000_000_000_000).prop_map(|ms| Timestamp::from_millisecond(ms).unwrap())
    }

    proptest! {
        #[test]
        fn rfc_3339_round_trips_in_any_zone(moment in moments(), minutes in -720i32..=840) {
            let offset = Offset::from_seconds(minutes * 60).unwrap();
            let now = new_york("2026-11-22 14:05");
            prop_assert_eq!(instant(&moment.to_string(), &now), Ok(moment));
            prop_assert_eq!(instant(&moment.display_with_offset(offset).to_string(), &now), Ok(moment));
        }

        #[test]
        fn epoch_times_round_trip(seconds in 1_000_000_000i64..=9_999_999_999, ms in 0i64..1000) {
            let now = new_york("2026-11-22 14:05");
            prop_assert_eq!(instant(&seconds.to_string(), &now), Ok(Timestamp::from_second(seconds).unwrap()));
            let ms = seconds * 1000 + ms;
            prop_assert_eq!(instant(&ms.to_string(), &now), Ok(Timestamp::from_millisecond(ms).unwrap()));
        }

        #[test]
        fn a_local_time_is_that_moment_unless_it_happened_twice(moment in moments()) {
            let now = new_york("2026-11-22 14:05");
            let text = moment.to_zoned(now.time_zone().clone()).datetime().to_string();
            match instant(&text, &now) {
                Err(Error::Twice { earlier, later, .. }) => {
                    let shown = local::written_out(moment, &now);
                    prop_assert!(shown == earlier || shown == later);
                }
                read => prop_assert_eq!(read, Ok(moment)),
            }
        }

        #[test]
        fn a_time_of_day_is_within_the_last_day(present in moments(), hour in 0i8..24, minute in 0i8..60) {
            let now = present.to_zoned(new_york("2026-11-22 14:05").time_zone().clone());
            if let Ok(read) = instant(&format!("{hour:02}:{minute:02}"), &now) {
                let clock = read.to_zoned(now.time_zone().clone()).time();
                prop_assert_eq!((clock.hour(), clock.minute(), clock.second()), (hour, minute, 0));
                prop_assert!(read <= present);
                prop_assert!(present.duration_since(read) <= jiff::SignedDuration::from_hours(25));
            }
        }

        #[test]
        fn exact_durations_count_back_exactly(hours in 0i64..5000, minutes in 0i64..600, seconds in 0i64..600) {
            let now = new_york("2026-11-22 14:05");
            let back = jiff::SignedDuration::from_secs(hours * 3600 + minutes * 60 + seconds);
            let read = instant(&format!("{hours}h{minutes}m{seconds}s"), &now);
            prop_assert_eq!(read, Ok(now.timestamp() - back));
        }

        #[test]
        fn no_text_panics_and_every_refusal_is_one_sentence_with_a_hint(
            text in "\\PC{0,30}|[0-9dhmsTtZzyago.,:+ -]{0,28}|(yesterday|today|[0-9]{4}-[0-9]{2}-[0-9]{2})[ T][0-9]{1,2}:[0-9]{2}[Z+-]?[0-9:]{0,6}",
        ) {
            if let Err(error) = instant(&text, &new_york("2026-11-22 14:05")) {
                prop_assert!(!error.to_string().ends_with('.'));
                prop_assert!(error.hint().is_some());
            }
        }
    }
}
