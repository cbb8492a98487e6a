//! Faults: what a real cloud does to its readers, as a layer over all protocols.
//!
//! A [`Faults`] says it in the words of `oncall drill serve`'s flags and of a scenario's `[faults]` table:
//!
//! | flag | key | meaning |
//! | --- | --- | --- |
//! | `--latency 80ms` | `latency = "80ms"` | every answer takes so long; `80ms+40ms` adds up to 40 ms, call by call |
//! | `--tps 25` | `tps = ["25"]` | each operation takes 25 calls a second, and is throttled above |
//! | `--tps FilterLogEvents=10,burst=50` | `tps = ["FilterLogEvents=10,burst=50"]` | this operation takes 10, and 50 at once after a quiet time (default: one second's worth) |
//! | `--tps published` | `tps = ["published"]` | each operation takes what AWS publishes for the region; one for which it publishes nothing takes all |
//! | `--scan-limit 500` | `scan_limit = 500` | a page of FilterLogEvents looks at so many events at most (default: 10,000) |
//! | `--page-limit 100` | `page_limit = 100` | a page of FilterLogEvents or GetLogEvents has so many events at most, whatever is asked (default: 10,000) |
//! | `--without newest-first` | `without = ["newest-first"]` | FilterLogEvents refuses `startFromHead = false` with `InvalidParameterException` |
//! | `--fault throttle:7` | `fault = ["throttle:7"]` | every 7th call is throttled |
//! | `--fault error:11@FilterLogEvents` | the same text | every 11th call of this operation (several: `@A,B`) is a 500 |
//! | `--live-limit 5s` | `live_limit = "5s"` | a Live Tail session ends after so long (default: 3 h) |
//! | `--live-sessions 2` | `live_sessions = 2` | so many Live Tail sessions at once (default: 15) |
//! | `--expire-after 20s` | `expire_after = "20s"` | so long after the server's start, every key that was used by then expires; other keys are good |
//! | `--expire-for 10s` | `expire_for = "10s"` | and for so long only (default: for ever). Live Tail sessions that are open run on |
//! | `--stop-after 2m` | `stop_after = "2m"` | the writers stop so long after the drill's start |
//!
//! The kinds of fault:
//!
//! | kind | every Nth call |
//! | --- | --- |
//! | `throttle` | is a 400, `ThrottlingException: Rate exceeded` |
//! | `error` | is a 500: `InternalFailure` and `ServiceUnavailableException` in turn |
//! | `cut` | is answered, but the connection closes in the middle of the body |
//! | `reset` | is not answered: the connection is reset |
//! | `hang` | is never answered |
//! | `deny` | is refused with `AccessDeniedException` (GetCallerIdentity needs no permission) |
//! | `absent` | is answered with `UnknownOperationException`, as by an endpoint that has no such operation |
//! | `drop` | (Live Tail) no call but each session: its connection closes after N updates |
//! | `lose` | (Live Tail) every Nth update of a session is never sent, as if its reader had been slow |
//! | `stall` | (Live Tail) no call but each session: after N updates nothing is sent any more, and the connection stays open, as with a peer that died |
//!
//! `deny` and `absent` may leave out N, for every call: `deny@StartLiveTail`. Without `@`, every operation. Each fault counts the calls that it may befall, from 1, so the Nth is hit on every run. A call that two
//! faults hit suffers the first. A rate is a token bucket for each region and operation; it goes before the faults.

mod expiry;
mod failure;
mod fault;
mod latency;
mod layer;
mod published;
mod rate;
mod without;

use std::num::NonZeroUsize;
use std::time::Duration;

pub(crate) use expiry::Expiry;
pub use failure::FaultError;
pub use fault::Fault;
pub(crate) use fault::Kind;
pub use latency::Latency;
pub(crate) use layer::{Layer, Outcome};
pub use rate::Rate;
pub use without::Feature;

/// Everything that goes wrong on purpose. The default is nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults {
    /// How long every answer takes.
    pub latency: Latency,
    /// How many calls a second the operations take. Of two for one operation, the later counts.
    pub rates: Vec<Rate>,
    /// What befalls every Nth call.
    pub faults: Vec<Fault>,
    /// How many events a page of FilterLogEvents looks at; 10,000 when it is not said.
    pub scan_limit: Option<NonZeroUsize>,
    /// How many events a page has at most, whatever is asked; 10,000 when it is not said.
    pub page_limit: Option<NonZeroUsize>,
    /// What this endpoint does not know.
    pub without: Vec<Feature>,
    /// How many Live Tail sessions there may be at once; 15 when it is not said.
    pub live_sessions: Option<usize>,
    /// How long a Live Tail session may last; three hours when it is not said.
    pub live_limit: Option<Duration>,
    /// So long after the server's start, every key that has been used by then expires.
    pub expire_after: Option<Duration>,
    /// For how long; for ever when it is not said.
    pub expire_for: Option<Duration>,
    /// The writers stop so long after the drill's start.
    pub stop_after: Option<Duration>,
}

impl Faults {
    /// These faults and those of `other`, which has the last word where both speak of the same: how the
    /// flags of a command add to what its scenario says.
    #[must_use]
    pub fn overridden_by(mut self, other: Faults) -> Faults {
        if other.latency != Latency::default() {
            self.latency = other.latency;
        }
        self.rates.extend(other.rates);
        self.faults.extend(other.faults);
        self.scan_limit = other.scan_limit.or(self.scan_limit);
        self.page_limit = other.page_limit.or(self.page_limit);
        self.without.extend(other.without);
        self.live_sessions = other.live_sessions.or(self.live_sessions);
        self.live_limit = other.live_limit.or(self.live_limit);
        self.expire_after = other.expire_after.or(self.expire_after);
        self.expire_for = other.expire_for.or(self.expire_for);
        self.stop_after = other.stop_after.or(self.stop_after);
        self
    }
}

#[cfg(test)]
mod tests;
