//! The one door to everything on the network that is not AWS: Terraform, Jira, and whatever comes later.
//!
//! A [`Client`] holds every call to the pace that its host allows, tries again what passes, follows
//! redirects without taking a token to another origin, and turns what went wrong into an [`Error`] with
//! a sentence, a hint and a gravity. What is secret (tokens, links that are keys, query strings) is in
//! no error, no log and no `Debug` form.
//!
//! It stands on hyper, hyper-rustls and rustls with ring, exactly as the AWS SDK's own client does, so
//! that the program has one HTTP stack, one TLS stack and one provider of cryptography.

mod address;
mod certificates;
mod client;
mod connector;
mod error;
mod lane;
mod proxies;
mod reader;
mod redirect;
mod request;
mod said;
mod secret;
mod waiting;

pub use address::Address;
pub use client::{Client, Options, Stream, Usage};
pub use error::{Cause, Error, Gravity};
pub use lane::{Budget, Lane};
pub use pace::Quota;
pub use proxies::Proxies;
pub use reader::Reader;
pub use request::Request;
pub use secret::Secret;

#[cfg(test)]
mod loopback;
