//! Latency: what every answer takes, and what it takes on top, call by call.

use std::str::FromStr;
use std::time::Duration;

use super::failure::FaultError;
use crate::world::{Span, hash};

/// How long every answer takes: `80ms`, or `80ms+40ms` for 80 to 120 ms. The default is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Latency {
    fixed: Duration,
    jitter: Duration,
}

impl Latency {
    /// `fixed`, and up to `jitter` more.
    pub fn new(fixed: Duration, jitter: Duration) -> Latency {
        Latency { fixed, jitter }
    }

    /// What the call with this number takes. The numbers decide, not chance.
    pub(super) fn of(self, serial: u64) -> Duration {
        self.fixed + self.jitter.mul_f64(hash::unit(hash::combine(0x1A7E, serial)))
    }
}

impl FromStr for Latency {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Latency, FaultError> {
        let (fixed, jitter) = text.split_once('+').unwrap_or((text, "0"));
        let length = |text| Span::parse(text).map(Span::duration);
        match (length(fixed), length(jitter)) {
            (Some(fixed), Some(jitter)) => Ok(Latency { fixed, jitter }),
            _ => Err(FaultError::new(format!(
                "\"{text}\" is not a latency: expected a length of time like \"80ms\", or with a jitter \
                 \"80ms+40ms\""
            ))),
        }
    }
}
