//! Keys that expire while they are in use.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// When the keys expire that somebody used before, and for how long. Other keys, as a new login brings
/// them, are good at once.
#[derive(Debug)]
pub(crate) struct Expiry {
    from: Option<Instant>,
    to: Option<Instant>,
    /// When each key was used for the first time.
    first_use: Mutex<HashMap<String, Instant>>,
}

impl Expiry {
    pub(crate) fn new(after: Option<Duration>, length: Option<Duration>, now: Instant) -> Expiry {
        let from = after.map(|after| now + after);
        let to = from.zip(length).map(|(from, length)| from + length);
        Expiry { from, to, first_use: Mutex::default() }
    }

    /// Whether a call with this key comes too late.
    pub(crate) fn is_expired(&self, key: &str, now: Instant) -> bool {
        let Some(from) = self.from else { return false };
        let mut first_use = self.first_use.lock().unwrap_or_else(PoisonError::into_inner);
        let first = *first_use.entry(key.to_owned()).or_insert(now);
        now >= from && first < from && self.to.is_none_or(|to| now < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expired(expiry: &Expiry, key: &str, start: Instant, second: u64) -> bool {
        expiry.is_expired(key, start + Duration::from_secs(second))
    }

    #[test]
    fn keys_in_use_expire_and_new_ones_are_good() {
        let start = Instant::now();
        let expiry = Expiry::new(Some(Duration::from_secs(20)), None, start);
        assert!(!expired(&expiry, "OLD", start, 19));
        assert!(expired(&expiry, "OLD", start, 20));
        assert!(!expired(&expiry, "NEW", start, 21));
        assert!(expired(&expiry, "OLD", start, 3_600));
        assert!(!expired(&expiry, "NEW", start, 3_600));
    }

    #[test]
    fn a_stretch_ends() {
        let start = Instant::now();
        let (after, length) = (Duration::from_secs(20), Duration::from_secs(10));
        let expiry = Expiry::new(Some(after), Some(length), start);
        let seconds = [0, 19, 20, 29, 30, 60];
        let seen = seconds.map(|second| expired(&expiry, "KEY", start, second));
        assert_eq!(seen, [false, false, true, true, false, false]);
    }

    #[test]
    fn nothing_expires_unless_it_is_said() {
        let start = Instant::now();
        assert!(!expired(&Expiry::new(None, None, start), "KEY", start, 1_000_000));
    }
}
