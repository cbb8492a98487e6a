//! Rates: how many calls a second an operation takes.

use std::str::FromStr;

use tokio::time::Instant;

use super::failure::{self, FaultError};

/// How many calls a second an operation takes: `25` for each, `FilterLogEvents=25` for one, and
/// `FilterLogEvents=25,burst=50` where more of them may come at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Each, when none is named.
    pub(super) operation: Option<String>,
    pub(super) per_second: f64,
    pub(super) burst: f64,
}

impl FromStr for Rate {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Rate, FaultError> {
        let expected = || {
            FaultError::new(format!(
                "\"{text}\" is not a rate: expected calls a second like \"25\", \"FilterLogEvents=25\" \
                 or \"FilterLogEvents=25,burst=50\""
            ))
        };
        let (rate, burst) = match text.split_once(",burst=") {
            Some((rate, burst)) => (rate, Some(burst)),
            None => (text, None),
        };
        let (operation, rate) = match rate.split_once('=') {
            Some((operation, rate)) => (Some(operation), rate),
            None => (None, rate),
        };
        let number = |text: &str, low: f64| {
            let number: f64 = text.parse().map_err(|_| expected())?;
            if number.is_finite() && number >= low { Ok(number) } else { Err(expected()) }
        };
        let per_second = number(rate, f64::MIN_POSITIVE)?;
        let burst = match burst {
            Some(burst) => number(burst, 1.0)?,
            None => per_second.max(1.0),
        };
        let operation = operation.map(failure::operation).transpose()?;
        Ok(Rate { operation, per_second, burst })
    }
}

/// A token bucket: one token a call, `per_second` come back, `burst` is all that it holds.
#[derive(Debug)]
pub(super) struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    pub(super) fn full(rate: &Rate, now: Instant) -> Bucket {
        Bucket { tokens: rate.burst, filled: now }
    }

    /// Takes a token; whether there was one.
    pub(super) fn take(&mut self, rate: &Rate, now: Instant) -> bool {
        let gained = now.saturating_duration_since(self.filled).as_secs_f64() * rate.per_second;
        self.tokens = (self.tokens + gained).min(rate.burst);
        self.filled = now;
        let there = self.tokens >= 1.0;
        if there {
            self.tokens -= 1.0;
        }
        there
    }
}
