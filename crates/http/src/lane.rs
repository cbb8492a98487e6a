//! How fast each host may be asked, and by which of its limits.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pace::{Bucket, Quota};
use tokio::time::Instant;

/// One of a host's limits: the requests that share it share a lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lane {
    /// What tells it from the host's other lanes.
    pub name: &'static str,
    /// What the host allows.
    pub quota: Quota,
}

impl Lane {
    /// What a host allows that says nothing: 30 requests a second.
    pub const USUAL: Lane = Lane { name: "usual", quota: Quota { per_second: 30.0, burst: 20.0 } };
}

/// The part of what a host allows that we may use.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Budget {
    /// Half.
    #[default]
    Usual,
    /// A percentage, 1 to 100.
    Percent(u8),
    /// No ceiling of our own; a throttle still slows us down.
    Unlimited,
}

impl Budget {
    fn bucket(self, quota: Quota) -> Bucket {
        match self {
            Self::Usual => Bucket::new(quota.share(0.5)),
            Self::Percent(percent) => {
                Bucket::new(quota.share(f64::from(percent.clamp(1, 100)) / 100.0))
            }
            Self::Unlimited => Bucket::unlimited(),
        }
    }
}

/// The lanes of all hosts. Time is tokio's, so that a test can stop it.
#[derive(Debug)]
pub(crate) struct Lanes {
    began: Instant,
    budget: Budget,
    gates: Mutex<HashMap<(String, &'static str), Gate>>,
}

impl Lanes {
    pub(crate) fn new(budget: Budget) -> Self {
        Self { began: Instant::now(), budget, gates: Mutex::default() }
    }

    /// Waits until the next request may be sent to this host.
    pub(crate) async fn turn(&self, origin: &str, lane: Lane) {
        let wait = self.with_gate(origin, lane, |gate, now| gate.take(now));
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    pub(crate) fn served(&self, origin: &str, lane: Lane) {
        self.with_gate(origin, lane, |gate, now| gate.bucket.succeeded(now));
    }

    /// The host said that this was too much, and perhaps for how long it wants to be left alone.
    pub(crate) fn throttled(&self, origin: &str, lane: Lane, closed_for: Duration) {
        self.with_gate(origin, lane, |gate, now| {
            gate.bucket.throttled(now);
            gate.closed_until = gate.closed_until.max(now + closed_for);
        });
    }

    fn with_gate<T>(
        &self,
        origin: &str,
        lane: Lane,
        act: impl FnOnce(&mut Gate, Duration) -> T,
    ) -> T {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = gates.entry((origin.to_owned(), lane.name)).or_insert_with(|| Gate {
            bucket: self.budget.bucket(lane.quota),
            closed_until: Duration::ZERO,
        });
        act(gate, self.began.elapsed())
    }
}

/// A bucket, and the moment until which the host wants no request at all.
#[derive(Debug)]
struct Gate {
    bucket: Bucket,
    closed_until: Duration,
}

impl Gate {
    fn take(&mut self, now: Duration) -> Duration {
        let opens = now.max(self.closed_until);
        // Spaced from the moment it opens: those that waited would all go at once otherwise.
        (opens - now) + self.bucket.take(opens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNS: Lane = Lane { name: "runs", quota: Quota { per_second: 2.0, burst: 2.0 } };

    #[tokio::test(start_paused = true)]
    async fn hosts_and_lanes_have_a_pace_each_of_half_the_quota() {
        let lanes = Lanes::new(Budget::Usual);
        let began = Instant::now();
        lanes.turn("https://a", RUNS).await;
        lanes.turn("https://a", Lane::USUAL).await;
        lanes.turn("https://b", RUNS).await;
        assert!(began.elapsed() < Duration::from_millis(1));
        lanes.turn("https://a", RUNS).await;
        assert_eq!(began.elapsed().as_millis(), 1_001); // tokio's timers round up
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_lane_opens_for_one_at_a_time() {
        let lanes = Lanes::new(Budget::Usual);
        let began = Instant::now();
        lanes.throttled("https://a", RUNS, Duration::from_secs(30));
        lanes.turn("https://a", RUNS).await;
        assert_eq!(began.elapsed().as_secs(), 30);
        lanes.turn("https://a", RUNS).await;
        assert_eq!(began.elapsed().as_secs(), 32);
    }
}
