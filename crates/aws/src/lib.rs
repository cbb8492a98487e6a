//! The one door to AWS: configuration, credentials, pace, retries, and what an error means.
//!
//! Nothing else in the house builds an SDK configuration or an HTTP client for AWS. A crate that
//! reads a service takes [`Door::sdk_config`] in its one outward file and makes each request
//! through [`Door::call`], which holds the request to the account's quota, retries what is worth
//! it, and turns failures into [`Error`]: a sentence, a hint and the kind of exit.

mod account;
mod call;
mod configuration;
mod credentials;
mod door;
mod doors;
mod error;
mod guard;
mod host_prefix;
mod mfa;
mod operations;
mod regions;
mod repair;

pub use call::{Turn, Usage};
pub use configuration::{Environment, Options};
pub use door::{Budget, Door};
pub use doors::{Doors, Opened, Site};
pub use error::{Cause, Error, Gravity, chain_text};
pub use host_prefix::NoHostPrefixOnLoopback;
pub use mfa::{MfaPrompt, NoCode};
pub use operations::Operation;
pub use regions::{console, partition};
pub use repair::{RepairSurrogates, repaired};
