//! How long events take from their own time to their ingestion, and so how far a poll looks back.
//! Pure.

use std::collections::VecDeque;

/// A poll looks back at least so far, in milliseconds: what is seen of the lag is little, and what
/// is ingested is not visible everywhere at once.
pub(crate) const SHORTEST_WINDOW_MS: i64 = 10_000;

/// The lags of the last ten minutes, in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct LagMeter {
    /// One histogram a minute, the newest last.
    minutes: VecDeque<(i64, Histogram)>,
}

type Histogram = [u32; BUCKETS];

/// Each bucket ends a quarter later than the one before; the last is beyond two hours.
const BUCKETS: usize = 48;
const FIRST_BUCKET_MS: f64 = 250.0;
const GROWTH: f64 = 1.25;

const MINUTES_KEPT: i64 = 10;
const MINUTE_MS: i64 = 60_000;

impl LagMeter {
    /// Notes that an event took so long.
    pub(crate) fn add(&mut self, now: i64, lag: i64) {
        let minute = now.div_euclid(MINUTE_MS);
        if self.minutes.back().is_none_or(|(known, _)| *known < minute) {
            self.minutes.push_back((minute, [0; BUCKETS]));
        }
        self.minutes.retain(|(known, _)| minute - known < MINUTES_KEPT);
        if let Some((_, histogram)) = self.minutes.back_mut() {
            histogram[bucket(lag)] += 1;
        }
    }

    /// How far back a poll looks: a quarter and two seconds more than all but one event in a thousand
    /// took, from [`SHORTEST_WINDOW_MS`] to `longest`. What takes longer is the sweep's.
    pub(crate) fn window(&self, longest: i64) -> i64 {
        const SPARE_MS: i64 = 2_000;
        let lag = self.all_but_one_in_a_thousand();
        (lag + lag / 4 + SPARE_MS).max(SHORTEST_WINDOW_MS).min(longest)
    }

    fn all_but_one_in_a_thousand(&self) -> i64 {
        let total: u64 =
            self.minutes.iter().flat_map(|(_, histogram)| histogram).map(|n| u64::from(*n)).sum();
        let mut beyond = total / 1_000;
        for number in (0..BUCKETS).rev() {
            let here: u64 = self.minutes.iter().map(|(_, h)| u64::from(h[number])).sum();
            if here > beyond {
                return upper_end(number);
            }
            beyond -= here;
        }
        0
    }
}

fn bucket(lag: i64) -> usize {
    (0..BUCKETS - 1).find(|number| lag <= upper_end(*number)).unwrap_or(BUCKETS - 1)
}

fn upper_end(bucket: usize) -> i64 {
    let exponent = i32::try_from(bucket).unwrap_or(i32::MAX);
    (FIRST_BUCKET_MS * GROWTH.powi(exponent)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LATE: i64 = 300_000;

    #[test]
    fn without_evidence_and_with_little_lag_the_window_is_the_shortest() {
        let mut meter = LagMeter::default();
        assert_eq!(meter.window(LATE), SHORTEST_WINDOW_MS);
        for _ in 0..1_000 {
            meter.add(0, 900);
        }
        assert_eq!(meter.window(LATE), SHORTEST_WINDOW_MS);
    }

    #[test]
    fn one_slow_stream_of_many_widens_it_and_a_single_straggler_does_not() {
        let mut meter = LagMeter::default();
        for n in 0..10_000 {
            meter.add(0, if n == 0 { 200_000 } else { 700 });
        }
        assert_eq!(meter.window(LATE), SHORTEST_WINDOW_MS);
        for _ in 0..100 {
            meter.add(0, 30_000);
        }
        let window = meter.window(LATE);
        assert!((38_000..50_000).contains(&window), "{window}");
    }

    #[test]
    fn what_was_slow_ten_minutes_ago_is_forgotten() {
        let mut meter = LagMeter::default();
        meter.add(0, 60_000);
        assert!(meter.window(LATE) > 70_000);
        meter.add(10 * MINUTE_MS, 500);
        assert_eq!(meter.window(LATE), SHORTEST_WINDOW_MS);
    }

    proptest! {
        #[test]
        fn the_window_covers_the_lags_and_keeps_its_bounds(
            lags in proptest::collection::vec(-10_000i64..400_000, 1..200),
        ) {
            let mut meter = LagMeter::default();
            lags.iter().for_each(|lag| meter.add(0, *lag));
            let window = meter.window(LATE);
            prop_assert!((SHORTEST_WINDOW_MS..=LATE).contains(&window));
            // So few events have no one in a thousand.
            prop_assert!(lags.iter().all(|lag| *lag <= window || window == LATE));
        }
    }
}
