//! Two moments: where to begin, and where to end.

use jiff::{SignedDuration, Timestamp, Zoned};

use crate::Error;
use crate::instant::instant;
use crate::local::written_out;
use crate::span::duration;

/// How wide `--around` looks when `--window` does not say.
const DEFAULT_WIDTH: SignedDuration = SignedDuration::from_mins(30);

/// A stretch of time, half-open: `start <= t < end`. Never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// The first moment inside.
    pub start: Timestamp,
    /// The first moment after it, which may lie in the future.
    pub end: Timestamp,
}

/// What was typed; each is the text after the flag.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked<'a> {
    /// `--since`: where to begin, as [`instant`] reads it.
    pub since: Option<&'a str>,
    /// `--until`: where to end, as [`instant`] reads it. Without it, now.
    pub until: Option<&'a str>,
    /// `--around`: the moment in the middle, as [`instant`] reads it. Excludes the two above.
    pub around: Option<&'a str>,
    /// `--window`: how wide to look around that moment, half on each side, as [`duration`] reads it.
    /// Without it, 30 minutes.
    pub window: Option<&'a str>,
}

/// The window that was asked for. `now` is the present, and its zone is the one in which local times are read.
///
/// Without `--since` it begins `default_since` before its end. A duration in `--until` counts from now, as
/// everywhere: `--since 2h --until 1h` is one hour.
///
/// # Errors
/// Whatever [`instant`] and [`duration`] say about what was typed; [`Error::EndsBeforeItBegins`] also when it
/// ends as it begins; [`Error::CentreAndEdge`] and [`Error::WidthWithoutCentre`] for flags that do not go together.
pub fn window(
    asked: &Asked<'_>,
    default_since: SignedDuration,
    now: &Zoned,
) -> Result<Window, Error> {
    match asked {
        Asked { around: Some(_), since: Some(_), .. } => {
            Err(Error::CentreAndEdge { flag: "--since" })
        }
        Asked { around: Some(_), until: Some(_), .. } => {
            Err(Error::CentreAndEdge { flag: "--until" })
        }
        Asked { around: Some(centre), window, .. } => around(centre, *window, now),
        Asked { window: Some(text), .. } => Err(Error::WidthWithoutCentre { text: (*text).into() }),
        Asked { since, until, .. } => between(*since, *until, default_since, now),
    }
}

fn around(centre: &str, width: Option<&str>, now: &Zoned) -> Result<Window, Error> {
    let middle = instant(centre, now)?;
    let width = width.map_or(Ok(DEFAULT_WIDTH), duration)?;
    let start = middle.checked_sub(width / 2).ok();
    let end = start.and_then(|start| start.checked_add(width).ok());
    match start.zip(end) {
        Some((start, end)) => Ok(Window { start, end }),
        None => Err(Error::OutOfRange { text: centre.into() }),
    }
}

fn between(
    since: Option<&str>,
    until: Option<&str>,
    default_since: SignedDuration,
    now: &Zoned,
) -> Result<Window, Error> {
    let end = until.map_or(Ok(now.timestamp()), |text| instant(text, now))?;
    let start = match since {
        Some(text) => instant(text, now)?,
        None => end
            .checked_sub(default_since)
            .map_err(|_| Error::OutOfRange { text: format!("{default_since:#}") })?,
    };
    if start < end {
        return Ok(Window { start, end });
    }
    Err(Error::EndsBeforeItBegins {
        start: written_out(start, now),
        start_from: since.map_or("the default".into(), |text| format!("--since {text}")),
        end: written_out(end, now),
        end_from: until.map_or("now".into(), |text| format!("--until {text}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const QUARTER: SignedDuration = SignedDuration::from_mins(15);

    fn now() -> Zoned {
        "2026-11-22T20:40:00+01:00[+01:00]".parse().unwrap()
    }

    fn read(asked: Asked<'_>) -> Result<(String, String), Error> {
        let Window { start, end } = window(&asked, QUARTER, &now())?;
        Ok((written_out(start, &now()), written_out(end, &now())))
    }

    fn from_to(start: &str, end: &str) -> Result<(String, String), Error> {
        Ok((format!("2026-11-22T{start}+01:00"), format!("2026-11-22T{end}+01:00")))
    }

    #[test]
    fn without_flags_it_is_the_default_before_now() {
        assert_eq!(read(Asked::default()), from_to("20:25:00", "20:40:00"));
    }

    #[test]
    fn since_and_until_are_its_ends() {
        let since = Some("14:05");
        assert_eq!(read(Asked { since, ..Asked::default() }), from_to("14:05:00", "20:40:00"));
        let until = Some("30m");
        assert_eq!(
            read(Asked { since, until, ..Asked::default() }),
            from_to("14:05:00", "20:10:00")
        );
        let until = Some("today 23:00");
        assert_eq!(
            read(Asked { since, until, ..Asked::default() }),
            from_to("14:05:00", "23:00:00")
        );
    }

    #[test]
    fn with_only_an_end_the_default_counts_from_there() {
        let until = Some("14:05");
        assert_eq!(read(Asked { until, ..Asked::default() }), from_to("13:50:00", "14:05:00"));
    }

    #[test]
    fn around_looks_half_the_width_to_each_side() {
        let around = Some("14:05");
        assert_eq!(read(Asked { around, ..Asked::default() }), from_to("13:50:00", "14:20:00"));
        let window = Some("10m");
        assert_eq!(
            read(Asked { around, window, ..Asked::default() }),
            from_to("14:00:00", "14:10:00")
        );
    }

    #[test]
    fn a_window_that_ends_before_it_begins_shows_how_each_end_was_read() {
        let error = read(Asked { since: Some("13:00"), until: Some("8h"), ..Asked::default() });
        assert_eq!(
            error.unwrap_err().to_string(),
            "the window must end after it begins: it begins at 2026-11-22T13:00:00+01:00 (--since 13:00) \
             and ends at 2026-11-22T12:40:00+01:00 (--until 8h)"
        );
        let error = read(Asked { since: Some("2030-01-01"), ..Asked::default() });
        assert_eq!(
            error.unwrap_err().to_string(),
            "the window must end after it begins: it begins at 2030-01-01T00:00:00+01:00 (--since 2030-01-01) \
             and ends at 2026-11-22T20:40:00+01:00 (now)"
        );
    }

    #[test]
    fn a_window_that_ends_as_it_begins_is_an_error_too() {
        let error = read(Asked { since: Some("now"), ..Asked::default() }).unwrap_err();
        assert!(matches!(error, Error::EndsBeforeItBegins { .. }));
    }

    #[test]
    fn flags_that_do_not_go_together_are_refused() {
        let around = Some("14:05");
        let with_since = read(Asked { around, since: Some("1h"), ..Asked::default() });
        assert_eq!(with_since, Err(Error::CentreAndEdge { flag: "--since" }));
        let with_until = read(Asked { around, until: Some("1h"), ..Asked::default() });
        assert_eq!(with_until, Err(Error::CentreAndEdge { flag: "--until" }));
        let alone = read(Asked { window: Some("10m"), ..Asked::default() });
        assert_eq!(alone, Err(Error::WidthWithoutCentre { text: "10m".into() }));
    }

    #[test]
    fn what_cannot_be_read_is_named_as_typed() {
        let since = read(Asked { since: Some("soon"), ..Asked::default() });
        assert_eq!(since, Err(Error::NotATime { text: "soon".into() }));
        let width = read(Asked { around: Some("now"), window: Some("-5m"), ..Asked::default() });
        assert_eq!(width, Err(Error::NotPositive { text: "-5m".into() }));
    }

    fn typed() -> impl Strategy<Value = String> {
        prop_oneof![
            "[1-9][0-9]{0,3}(ms|s|m|h|d|w|mo|y)",
            "(yesterday |today |)[0-2][0-9]:[0-5][0-9]",
            "[0-9]{4}-[01][0-9]-[0-3][0-9]([ T][0-2][0-9]:[0-5][0-9]Z?)?",
            "[0-9]{10}([0-9]{3})?",
        ]
    }

    proptest! {
        #[test]
        fn every_window_ends_after_it_begins(
            since in proptest::option::of(typed()),
            until in proptest::option::of(typed()),
        ) {
            let asked = Asked { since: since.as_deref(), until: until.as_deref(), ..Asked::default() };
            if let Ok(Window { start, end }) = window(&asked, QUARTER, &now()) {
                prop_assert!(start < end);
            }
        }

        #[test]
        fn every_window_around_a_moment_holds_it_and_is_as_wide_as_asked(centre in typed(), ms in 1i64..10_000_000) {
            let width = format!("{ms}ms");
            let asked = Asked { around: Some(&centre), window: Some(&width), ..Asked::default() };
            if let Ok(Window { start, end }) = window(&asked, QUARTER, &now()) {
                let moment = instant(&centre, &now()).unwrap();
                prop_assert!(start <= moment && moment < end);
                prop_assert_eq!(end.duration_since(start), SignedDuration::from_millis(ms));
            }
        }
    }
}
