//! How long a host that throttles wants us to wait, and how often a request is tried (pure).

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::error::Cause;

/// Longer than this nobody waits who has a page to answer: then the throttle is final.
pub(crate) const LONGEST_SAID: Duration = Duration::from_secs(120);
/// A number in `X-RateLimit-Reset` above this is a moment in seconds since 1970, and no span.
const A_MOMENT: f64 = 1_000_000_000.0;

/// How long the headers of a 429 or 503 say to wait. `Retry-After` has seconds or a date (RFC 9110);
/// `X-RateLimit-Reset` has seconds with a fraction (Terraform), or a moment (Jira: ISO 8601).
pub(crate) fn said<'a>(
    header: impl Fn(&str) -> Option<&'a str>,
    now: Timestamp,
) -> Option<Duration> {
    header("retry-after")
        .and_then(|text| span_or_moment(text, now))
        .or_else(|| header("x-ratelimit-reset").and_then(|text| span_or_moment(text, now)))
}

fn span_or_moment(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        if !number.is_finite() {
            return None;
        }
        let now = now.as_millisecond() as f64 / 1_000.0;
        let seconds = if number > A_MOMENT { number - now } else { number };
        return Duration::try_from_secs_f64(seconds.max(0.0)).ok();
    }
    let moment: Timestamp =
        text.parse().ok().or_else(|| rfc2822::parse(text).ok().map(|zoned| zoned.timestamp()))?;
    Some(Duration::try_from(moment.duration_since(now)).unwrap_or_default())
}

/// How many times a request is sent in all before a failure of this kind is final.
pub(crate) fn attempts(cause: &Cause) -> u32 {
    match cause {
        // Somebody else is using the limit: keep asking, ever more slowly.
        Cause::Throttled { said } if said.is_some_and(|said| said > LONGEST_SAID) => 1,
        Cause::Throttled { .. } => 10,
        Cause::Service { .. } | Cause::Connection { .. } => 5,
        Cause::TimedOut | Cause::Truncated => 3,
        Cause::ConnectionRefused | Cause::NoAddress => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    fn said_by(name: &str, value: &str) -> Option<f64> {
        said(|asked| (asked == name).then_some(value), at()).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn each_way_of_saying_it_is_understood() {
        assert_eq!(said_by("retry-after", "7"), Some(7.0));
        assert_eq!(said_by("retry-after", "Tue, 24 Nov 2026 12:00:30 GMT"), Some(30.0));
        assert_eq!(said_by("x-ratelimit-reset", "0.35"), Some(0.35));
        assert_eq!(said_by("x-ratelimit-reset", "2026-11-24T12:01Z"), Some(60.0));
        assert_eq!(said_by("x-ratelimit-reset", "2026-11-24T12:00:05.5Z"), Some(5.5));
        assert_eq!(said_by("x-ratelimit-reset", "1795521610"), Some(10.0));
    }

    #[test]
    fn what_lies_behind_us_is_now_and_nonsense_says_nothing() {
        assert_eq!(said_by("retry-after", "Tue, 24 Nov 2026 11:00:00 GMT"), Some(0.0));
        assert_eq!(said_by("x-ratelimit-reset", "-3"), Some(0.0));
        for nonsense in ["", "soon", "NaN", "inf", "2026-13-40"] {
            assert_eq!(said_by("retry-after", nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn retry_after_goes_first_and_the_other_header_is_asked_when_it_says_nothing() {
        let both = |first: &'static str| {
            said(move |name| if name == "retry-after" { Some(first) } else { Some("5") }, at())
        };
        assert_eq!(both("2"), Some(Duration::from_secs(2)));
        assert_eq!(both("?"), Some(Duration::from_secs(5)));
    }

    proptest! {
        #[test]
        fn no_header_panics(text in ".{0,40}", number: f64) {
            said_by("retry-after", &text);
            said_by("x-ratelimit-reset", &number.to_string());
        }
    }
}
