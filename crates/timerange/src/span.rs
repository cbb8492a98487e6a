//! Lengths of time: `15m`, `2h30m`, `1d`.

use jiff::fmt::friendly::SpanParser;
use jiff::{SignedDuration, Span, SpanRelativeTo};

use crate::Error;

/// Reads a length of time: `90s`, `15m`, `2h30m`, `1.5h`, `1d`, `1w`, `2 hours, 30 minutes`.
///
/// A day is 24 hours here and a week seven of them, because nothing says which day is meant. (As an
/// [`instant`](crate::instant), `1d` is the same wall-clock time yesterday.) `m` is minutes.
///
/// # Errors
/// [`Error::NotADuration`]; [`Error::NotPositive`] for zero, `-5m` and `5m ago`; [`Error::NoFixedLength`] for
/// months and years; [`Error::OutOfRange`] for more than the calendar holds.
pub fn duration(text: &str) -> Result<SignedDuration, Error> {
    let typed = || text.trim().to_owned();
    let span = span(text.trim()).ok_or_else(|| Error::NotADuration { text: typed() })?;
    if !span.is_positive() {
        return Err(Error::NotPositive { text: typed() });
    }
    if span.get_years() != 0 || span.get_months() != 0 {
        return Err(Error::NoFixedLength { text: typed() });
    }
    span.to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| Error::OutOfRange { text: typed() })
}

/// Reads jiff's friendly form, with three spellings left out because they have a second reading:
/// `14:05:06` (also a time of day), `1,500s` (also one and a half) and `+5m` (after now, or just five minutes?).
/// Negative for `-5m` and `5m ago`.
pub(crate) fn span(text: &str) -> Option<Span> {
    let glued_comma = text.split(',').skip(1).any(|after| !after.starts_with(char::is_whitespace));
    if text.starts_with('+') || text.contains(':') || glued_comma {
        return None;
    }
    SpanParser::new().parse_span(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seconds(text: &str) -> Result<i64, Error> {
        duration(text).map(|duration| duration.as_secs())
    }

    #[test]
    fn units_add_up() {
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("15m"), Ok(15 * 60));
        assert_eq!(seconds(" 15m "), Ok(15 * 60));
        assert_eq!(seconds("2h30m"), Ok(150 * 60));
        assert_eq!(seconds("2h 30m"), Ok(150 * 60));
        assert_eq!(seconds("1.5h"), Ok(90 * 60));
        assert_eq!(seconds("2 hours, 30 minutes"), Ok(150 * 60));
        assert_eq!(duration("250ms"), Ok(SignedDuration::from_millis(250)));
    }

    #[test]
    fn a_day_is_24_hours_and_a_week_seven_days() {
        assert_eq!(seconds("1d"), Ok(86_400));
        assert_eq!(seconds("1w"), Ok(7 * 86_400));
        assert_eq!(seconds("1w1d"), Ok(8 * 86_400));
    }

    #[test]
    fn only_positive_lengths() {
        for text in ["0s", "0d", "-5m", "5m ago"] {
            assert_eq!(duration(text), Err(Error::NotPositive { text: text.into() }));
        }
    }

    #[test]
    fn months_and_years_have_no_fixed_length() {
        for text in ["1mo", "1y", "1y 2d"] {
            assert_eq!(duration(text), Err(Error::NoFixedLength { text: text.into() }));
        }
    }

    #[test]
    fn what_has_two_readings_or_none_is_refused() {
        for text in [
            "", "15", "m", "h15", "2h30", "1:30:00", "1,500s", "+5m", "15 M", "PT15M", "soon",
            "1h-30m", "-5m ago",
        ] {
            assert_eq!(duration(text), Err(Error::NotADuration { text: text.into() }));
        }
    }

    proptest! {
        #[test]
        fn any_sum_of_units_is_its_length(days in 0i64..400, hours in 0i64..100, minutes in 0i64..1000, seconds_ in 1i64..1000) {
            let text = format!("{days}d{hours}h{minutes}m{seconds_}s");
            prop_assert_eq!(seconds(&text), Ok(days * 86_400 + hours * 3600 + minutes * 60 + seconds_));
        }

        #[test]
        fn no_text_panics_and_none_is_empty_time(text in "\\PC{0,24}|[0-9dhmswoy.,: +-]{0,16}") {
            if let Ok(duration) = duration(&text) {
                prop_assert!(duration.is_positive());
            }
        }
    }
}
