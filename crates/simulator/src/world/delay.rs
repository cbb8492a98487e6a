//! Ingestion lag: how long CloudWatch Logs takes to know of an event.

use super::hash;
use super::scenario::Lag;

/// An agent sends what it has collected so often: the PutLogEvents batch.
const BATCH: i64 = 500;

/// The network's share of the usual delay is below this.
const NETWORK: i64 = 300;

/// A stream's way of being late. Its batches never overtake each other, whatever the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delay {
    /// A batch waits until it is full of time, then for the stream's own lag (200 ms to 2 s) and for the
    /// network (up to 300 ms): an event is 0.2 to 2.8 s late.
    Usual { lag: i64 },
    /// As a scenario says: no event is less than `low` or more than `high` late, and the stream wanders
    /// between the two, as an agent does that falls behind and catches up.
    Within { low: i64, high: i64 },
}

impl Delay {
    /// The delay of the stream with this seed.
    pub(crate) fn new(seed: u64, lag: Option<Lag>) -> Delay {
        match lag {
            Some(Lag { low_ms: low, high_ms: high }) => Delay::Within { low, high },
            None => Delay::Usual { lag: 200 + hash::below(hash::combine(seed, 1), 1_800) as i64 },
        }
    }

    /// When an event of the stream with this seed, of this moment, is taken in.
    #[inline]
    pub(crate) fn arrival(self, seed: u64, time_ms: i64) -> i64 {
        let phase = (seed & 0xFF) as i64;
        match self {
            Delay::Usual { lag } => {
                let batch = (time_ms + phase).div_euclid(BATCH);
                let jitter = hash::below(hash::combine(seed, batch as u64), NETWORK as u64) as i64;
                (batch + 1) * BATCH - phase + lag + jitter
            }
            Delay::Within { low, high } => {
                let batch = ((high - low) / 2).clamp(1, BATCH);
                let waits = batch - 1 - (time_ms + phase).rem_euclid(batch);
                let sent = time_ms + waits;
                sent + low + wander(seed, sent, high - low - (batch - 1))
            }
        }
    }

    /// No event of the stream is later than this.
    pub(crate) fn longest(self) -> i64 {
        match self {
            Delay::Usual { lag } => BATCH + lag + NETWORK,
            Delay::Within { high, .. } => high,
        }
    }
}

/// A number in `0..=span` that moves by less than half of what the time moves, so that nothing is overtaken.
fn wander(seed: u64, time_ms: i64, span: i64) -> i64 {
    let leg = (2 * span).max(10_000);
    let (turn, way) = (time_ms.div_euclid(leg), time_ms.rem_euclid(leg));
    let height = |turn: i64| hash::below(hash::combine(seed, turn as u64), span as u64 + 1) as i64;
    (height(turn) * (leg - way) + height(turn + 1) * way) / leg
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_lag_stays_within_its_range_and_nothing_overtakes(
            seed: u64, low in 0..20_000_i64, spread in 0..20_000_i64, from in 0..2_000_000_000_000_i64,
        ) {
            let delay = Delay::new(seed, Some(Lag { low_ms: low, high_ms: low + spread }));
            let mut last = 0;
            for time in (from..from + 60_000).step_by(97) {
                let arrival = delay.arrival(seed, time);
                prop_assert!((low..=low + spread).contains(&(arrival - time)), "{}", arrival - time);
                prop_assert!(arrival >= last);
                last = arrival;
            }
            prop_assert_eq!(delay.longest(), low + spread);
        }

        #[test]
        fn the_usual_lag_is_below_three_seconds(seed: u64, time in 0..2_000_000_000_000_i64) {
            let delay = Delay::new(seed, None);
            let late = delay.arrival(seed, time) - time;
            prop_assert!((200..=delay.longest()).contains(&late) && late < 2_800);
        }
    }

    #[test]
    fn a_wide_range_is_used() {
        let delay = Delay::new(7, Some(Lag { low_ms: 500, high_ms: 8_000 }));
        let late = (0..1_000_000).step_by(1_000).map(|time| delay.arrival(7, time) - time);
        let (low, high) =
            late.fold((i64::MAX, 0), |(low, high), late| (low.min(late), high.max(late)));
        assert!(low < 1_500 && high > 7_000, "{low} to {high}");
    }
}
