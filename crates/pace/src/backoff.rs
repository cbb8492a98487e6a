//! How long to wait before a failed call is tried again.

use std::time::Duration;

/// The longest that the first retry waits.
const FIRST: Duration = Duration::from_millis(200);
/// The longest that any retry waits.
const LONGEST: Duration = Duration::from_secs(20);

/// How long to wait before retry number `retry` of a failed call, counted from 0.
///
/// Exponential with full jitter: the fraction `random`, in [0, 1), of 200 ms, 400 ms, 800 ms and so on up to
/// 20 s. Anything outside [0, 1) waits the whole of it.
pub fn backoff(retry: u32, random: f64) -> Duration {
    let doubled = 2_u32.saturating_pow(retry);
    let longest = FIRST.saturating_mul(doubled).min(LONGEST);
    let fraction = if (0.0..1.0).contains(&random) { random } else { 1.0 };
    longest.mul_f64(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_retry_may_wait_twice_as_long_up_to_twenty_seconds() {
        let longest = |retry| backoff(retry, 1.0);
        assert_eq!(longest(0), Duration::from_millis(200));
        assert_eq!(longest(1), Duration::from_millis(400));
        assert_eq!(longest(6), Duration::from_millis(12_800));
        assert_eq!(longest(7), Duration::from_secs(20));
        assert_eq!(longest(u32::MAX), Duration::from_secs(20));
    }

    #[test]
    fn the_wait_is_a_random_part_of_that() {
        assert_eq!(backoff(3, 0.0), Duration::ZERO);
        assert_eq!(backoff(3, 0.5), Duration::from_millis(800));
    }

    proptest! {
        #[test]
        fn no_retry_and_no_random_number_panics_or_waits_longer(retry: u32, random: f64) {
            prop_assert!(backoff(retry, random) <= LONGEST);
        }
    }
}
