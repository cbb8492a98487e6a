//! How fast may we ask? Token buckets that learn from throttling.
//!
//! An account's API quota is shared: with the deploys that may be fixing the outage, with colleagues, with
//! the other end of a pipe. So a [`Bucket`] starts at our share of the published quota, halves its rate when
//! the service says that this was too much, and climbs back slowly once it has been answered for a while
//! (additive increase, multiplicative decrease: the rule by which strangers come to share a line).
//!
//! Everything here is pure. Time is passed in as the [`Duration`](std::time::Duration) since any fixed origin,
//! on a clock that does not go back; randomness is passed in as a number.

mod backoff;
mod bucket;
mod quota;

pub use backoff::backoff;
pub use bucket::Bucket;
pub use quota::Quota;

#[cfg(test)]
mod shared_account;
