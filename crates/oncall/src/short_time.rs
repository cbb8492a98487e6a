//! Moments as people read them in a list: no more of them than is not the same as now.

use jiff::Zoned;
use record::Time;

/// A time of day, with the date where that is another; of another year, the date alone.
pub(crate) fn clock(at: Time, now: &Zoned) -> String {
    let at = at.timestamp().to_zoned(now.time_zone().clone());
    let form = match () {
        () if at.date() == now.date() => "%H:%M:%S",
        () if at.year() == now.year() => "%m-%d %H:%M",
        () => "%Y-%m-%d",
    };
    at.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_as_far_as_it_is_not_now() {
        let now: Zoned = "2026-01-02T03:04:05Z[UTC]".parse().unwrap();
        let clock = |at: &str| clock(Time::from(at.parse::<jiff::Timestamp>().unwrap()), &now);
        assert_eq!(clock("2026-01-02T00:00:01Z"), "00:00:01");
        assert_eq!(clock("2026-01-01T23:59:01Z"), "01-01 23:59");
        assert_eq!(clock("2025-12-31T23:59:01Z"), "2025-12-31");
    }
}
