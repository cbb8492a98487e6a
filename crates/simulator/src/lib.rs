//! A small cloud on loopback: the world that a drill plays in, and the AWS protocols that show it.
//!
//! The [`World`] is pure. It is made from a [`Scenario`] (a data file) and the moment the drill began;
//! everything that can be asked of it takes the clock as an argument, so the same seed, start and now
//! give the same bytes. The [`Server`] speaks the protocols: CloudWatch Logs (Live Tail among it), ECS and ECR (AWS JSON
//! 1.1), STS (query), S3 (REST with XML), HCP Terraform (JSON:API) and Jira, on one loopback port, chosen by the request
//! itself.
//!
//! [`Faults`] are a layer over all protocols: latency, rates, throttles, errors, cut and reset connections.
//! What a reader should have seen in spite of them is in the [`Ledger`].
//!
//! This crate shares no code with the AWS SDK on purpose: a simulator built from the client's own
//! types would share the client's misreadings.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod body;
mod faults;
mod protocols;
mod server;
mod world;

pub use faults::{Fault, FaultError, Faults, Feature, Latency, Rate};
pub use server::{Now, Server};
pub use world::scenario::{Cause, Decoy, Exercise, Page, Scenario, ScenarioError, Verdict};
pub use world::{Ledger, World, Written};

/// Whether a filter pattern of CloudWatch Logs holds of a message, as FilterLogEvents would say; `None`
/// when it would refuse the pattern. A judge for whoever makes patterns.
pub fn matches(pattern: &str, message: &str) -> Option<bool> {
    protocols::matches(pattern, message)
}

/// The account that every drill plays in. No real account has this number.
pub const ACCOUNT: &str = "000000000000";

/// The one token that the simulated HCP Terraform takes. It is no secret: there is nothing behind it.
pub const TERRAFORM_TOKEN: &str = "drill";

/// Who asks the simulated Jira, with [`JIRA_TOKEN`].
pub const JIRA_EMAIL: &str = "drill@example.com";

/// The one token that the simulated Jira takes: an API token of Jira Cloud, a personal access token of Data Center.
pub const JIRA_TOKEN: &str = "drill";

/// The region that a scenario lives in, unless it names another.
pub const REGION: &str = "us-east-1";
