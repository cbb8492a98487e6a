//! The layer that every request passes before its protocol sees it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::rate::Bucket;
use super::{Fault, Kind, Latency, Rate, published};

/// How long a call that is throttled by a fault is told to wait.
const A_MOMENT: Duration = Duration::from_millis(500);

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Pass,
    /// Too many calls; the next is welcome after so long.
    Throttle(Duration),
    /// A 500; the number tells the first from the second, and so on.
    Error(u64),
    Cut,
    Reset,
    Hang,
    /// There is no permission for it.
    Deny,
    /// There is no such operation.
    Absent,
}

/// The faults, and how far each has counted.
#[derive(Debug, Default)]
pub(crate) struct Layer {
    latency: Latency,
    rates: Vec<Rate>,
    /// By region and operation, or kind of operations.
    buckets: Mutex<HashMap<(String, String), Bucket>>,
    faults: Vec<(Fault, AtomicU64)>,
    served: AtomicU64,
}

impl Layer {
    pub(crate) fn new(latency: Latency, rates: Vec<Rate>, faults: Vec<Fault>) -> Layer {
        let faults = faults.into_iter().map(|fault| (fault, AtomicU64::new(0))).collect();
        Layer { latency, rates, faults, ..Layer::default() }
    }

    /// Counts a call of this operation in this region: how long it takes, and what becomes of it.
    pub(crate) fn judge(&self, operation: &str, region: &str, now: Instant) -> (Duration, Outcome) {
        let wait = self.latency.of(self.served.fetch_add(1, Ordering::Relaxed));
        let mut outcome = Outcome::Pass;
        // Every fault counts every call, so that none shifts another's turn.
        for (fault, calls) in &self.faults {
            if fault.kind().is_of_sessions() || !fault.concerns(operation) {
                continue;
            }
            let call = calls.fetch_add(1, Ordering::Relaxed) + 1;
            if call.is_multiple_of(fault.every().get()) && outcome == Outcome::Pass {
                outcome = match fault.kind() {
                    Kind::Throttle => Outcome::Throttle(A_MOMENT),
                    Kind::Error => Outcome::Error(call / fault.every()),
                    Kind::Cut => Outcome::Cut,
                    Kind::Reset => Outcome::Reset,
                    Kind::Hang => Outcome::Hang,
                    Kind::Deny => Outcome::Deny,
                    Kind::Absent => Outcome::Absent,
                    Kind::Drop | Kind::Lose | Kind::Stall => Outcome::Pass,
                };
            }
        }
        match self.admits(operation, region, now) {
            Ok(()) => (wait, outcome),
            Err(until) => (wait, Outcome::Throttle(until)),
        }
    }

    /// Takes a token, or says how long it is until there is one.
    fn admits(&self, operation: &str, region: &str, now: Instant) -> Result<(), Duration> {
        let said = |rate: &Rate| rate.of(operation, region);
        let (named, each): (Vec<&Rate>, Vec<&Rate>) =
            self.rates.iter().rev().partition(|rate| rate.operation.is_some());
        let limit = named
            .into_iter()
            .find_map(said)
            .or_else(|| published::always(operation))
            .or_else(|| each.into_iter().find_map(said));
        let Some((bucket, limit)) = limit else { return Ok(()) };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry((region.to_owned(), bucket.to_owned()));
        bucket.or_insert_with(|| Bucket::full(limit, now)).take(limit, now)
    }
}
