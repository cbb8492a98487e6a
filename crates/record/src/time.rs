//! An instant as every record writes it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant in milliseconds since the Unix epoch: the precision of CloudWatch Logs, and of every
/// record.
///
/// It is shown and serialised as RFC 3339 in UTC, always with three decimals:
/// `2026-11-22T20:36:58.123Z`. Times outside the years -9999 to 9999 are clamped when shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// The instant so many milliseconds after the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The instant of a float of epoch seconds, as the ECS API writes them.
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * 1000.0).round() as i64)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The same instant for calendars and zones; clamped to the range that they can show.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

impl From<jiff::Timestamp> for Time {
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self(timestamp.as_millisecond())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DAY_MS: i64 = 86_400_000;
        /// 1970-01-01 to 9999-12-31: what the short way below is right for.
        const PLAIN: std::ops::Range<i64> = 0..253_402_300_800_000;
        if !PLAIN.contains(&self.0) {
            return write!(f, "{:.3}", self.timestamp());
        }
        // Two of these stand in each record, so this is written out: a general formatter was a
        // fifth of the time that a record takes.
        let (year, month, day) = civil(self.0 / DAY_MS);
        let ms = self.0 % DAY_MS;
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let mut put = |at: usize, width: usize, mut value: i64| {
            for place in (at..at + width).rev() {
                text[place] = b'0' + (value % 10) as u8;
                value /= 10;
            }
        };
        put(0, 4, year);
        put(5, 2, month);
        put(8, 2, day);
        put(11, 2, ms / 3_600_000);
        put(14, 2, ms / 60_000 % 60);
        put(17, 2, ms / 1_000 % 60);
        put(20, 3, ms % 1_000);
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// Year, month and day of a day counted from the epoch (not before it), in the Gregorian calendar:
/// years are counted from March, so that the leap day comes last.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let timestamp: jiff::Timestamp = text.parse().map_err(de::Error::custom)?;
        Ok(timestamp.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let time = Time::from_millis(1_795_000_000_123);
        let text = serde_json::to_string(&time).unwrap();
        assert_eq!(serde_json::from_str::<Time>(&text).unwrap(), time);
        assert!(serde_json::from_str::<Time>("\"yesterday\"").is_err());
    }
    use proptest::prelude::*;

    #[test]
    fn a_time_always_shows_three_decimals() {
        assert_eq!(Time::from_millis(1_795_466_218_000).to_string(), "2026-11-23T20:36:58.000Z");
        assert_eq!(Time::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Time::from_millis(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn a_time_beyond_the_calendar_is_clamped_not_a_panic() {
        assert!(Time::from_millis(i64::MAX).to_string().starts_with("9999-"));
        assert!(Time::from_millis(i64::MIN).to_string().starts_with("-00"));
    }

    #[test]
    fn ecs_seconds_keep_their_milliseconds() {
        assert_eq!(Time::from_seconds(1_795_466_218.123).millis(), 1_795_466_218_123);
    }

    proptest! {
        #[test]
        fn the_short_way_agrees_with_the_calendar(millis in -1_000_000_000_000i64..260_000_000_000_000) {
            let time = Time::from_millis(millis);
            prop_assert_eq!(time.to_string(), format!("{:.3}", time.timestamp()));
        }
    }
}
