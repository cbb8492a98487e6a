//! Moments as the sources write them.

use ::record::Time;
use jiff::Timestamp;

/// RFC 3339 with either spelling of UTC, or with an offset without a colon, as Jira writes it.
pub(crate) fn moment(text: &str) -> Option<Time> {
    let with_colon = text.parse::<Timestamp>();
    let timestamp =
        with_colon.or_else(|_| Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text)).ok()?;
    Some(timestamp.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_with_and_without_the_colon_of_its_offset() {
        let wanted = Some(Time::from_millis(1_795_380_395_000));
        assert_eq!(moment("2026-11-22T20:46:35.000+0000"), wanted);
        assert_eq!(moment("2026-11-22T22:46:35.000+0200"), wanted);
        assert_eq!(moment("2026-11-22T22:46:35+02:00"), wanted);
        assert_eq!(moment("2026-11-22T20:46:35Z"), wanted);
        assert_eq!(moment("yesterday"), None);
    }
}
