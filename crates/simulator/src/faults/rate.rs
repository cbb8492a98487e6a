//! Rates: how many calls a second an operation takes.

use std::str::FromStr;
use std::time::Duration;

use tokio::time::Instant;

use super::failure::{self, FaultError};
use super::published;

const PUBLISHED: &str = "published";

/// How many calls a second an operation takes: `25` for each, `FilterLogEvents=25` for one, and
/// `FilterLogEvents=25,burst=50` where more of them may come at once. `published` is what AWS publishes for the
/// operation and the region, where it publishes anything; `FilterLogEvents=published` is that of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Each, when none is named.
    pub(super) operation: Option<String>,
    /// As published, when it is not said.
    limit: Option<Limit>,
}

/// Calls a second, and how many may come at once after a quiet time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limit {
    pub(super) per_second: f64,
    pub(super) burst: f64,
}

impl Rate {
    /// What it says about an operation in a region, and the bucket that the calls are taken from.
    pub(super) fn of<'a>(&self, operation: &'a str, region: &str) -> Option<(&'a str, Limit)> {
        if self.operation.as_deref().is_some_and(|named| named != operation) {
            return None;
        }
        match self.limit {
            Some(limit) => Some((operation, limit)),
            None => published::limit(operation, region),
        }
    }
}

impl FromStr for Rate {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Rate, FaultError> {
        let expected = || {
            FaultError::new(format!(
                "\"{text}\" is not a rate: expected calls a second like \"25\", \"FilterLogEvents=25\", \
                 \"FilterLogEvents=25,burst=50\" or \"published\""
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
        if rate == PUBLISHED && burst.is_none() {
            let operation = operation.map(failure::operation).transpose()?;
            if let Some(name) = &operation
                && published::limit(name, crate::REGION).is_none()
            {
                return Err(FaultError::new(format!(
                    "\"{text}\": no rate is published for {name}"
                )));
            }
            return Ok(Rate { operation, limit: None });
        }
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
        Ok(Rate { operation, limit: Some(Limit { per_second, burst }) })
    }
}

/// A token bucket: one token a call, `per_second` come back, `burst` is all that it holds.
#[derive(Debug)]
pub(super) struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    pub(super) fn full(limit: Limit, now: Instant) -> Bucket {
        Bucket { tokens: limit.burst, filled: now }
    }

    /// Takes a token; if there is none, says how long it is until there is.
    pub(super) fn take(&mut self, limit: Limit, now: Instant) -> Result<(), Duration> {
        let gained = now.saturating_duration_since(self.filled).as_secs_f64() * limit.per_second;
        self.tokens = (self.tokens + gained).min(limit.burst);
        self.filled = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        let lacking = (1.0 - self.tokens) / limit.per_second;
        Err(Duration::try_from_secs_f64(lacking).unwrap_or(Duration::MAX))
    }
}
