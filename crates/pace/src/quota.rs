//! How much a service allows.

/// What a service allows, or the part of it that we take: a ceiling that is never exceeded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quota {
    /// Calls per second, in the long run.
    pub per_second: f64,
    /// Calls at once, after a quiet while. At least one is always allowed.
    pub burst: f64,
}

impl Quota {
    /// This part of the quota: `share(0.9)` leaves a tenth of the rate and of the burst to others.
    #[must_use]
    pub fn share(self, fraction: f64) -> Quota {
        Quota { per_second: self.per_second * fraction, burst: self.burst * fraction }
    }
}
