//! Terraform in a scenario: organisations, workspaces with what is in their states, and runs.
//!
//! A workspace lives in HCP Terraform (`organization`), or its state is an object in S3 (`backend`): then its runs
//! are applies on somebody's machine, and the object's versions are all that is seen of them.

mod check;
mod file;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::world::address::Address;

pub(super) use check::{Known, runs, workspaces};
pub(crate) use file::{Action, End, Execution, PlanJson, Source};
pub(super) use file::{
    Organization as WrittenOrganization, Run as WrittenRun, Workspace as WrittenWorkspace,
};

/// All of it. The runs are in the order of their creation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Terraform {
    pub(crate) organizations: Vec<Organization>,
    pub(crate) workspaces: Vec<Workspace>,
    pub(crate) runs: Vec<Run>,
}

#[derive(Debug, Clone)]
pub(crate) struct Organization {
    pub(crate) name: String,
    /// Whether the drill's token may see nothing of it.
    pub(crate) denied: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    pub(crate) name: String,
    pub(crate) home: Home,
    pub(crate) project: String,
    pub(crate) tags: Vec<String>,
    pub(crate) repo: Option<String>,
    /// The branch that its runs come from; the repository's default one.
    pub(crate) branch: String,
    pub(crate) directory: Option<String>,
    pub(crate) execution: Execution,
    pub(crate) auto_apply: bool,
    /// Whether the logs of its runs are JSON Lines.
    pub(crate) structured: bool,
    pub(crate) plan_json: PlanJson,
    pub(crate) terraform_version: String,
    pub(crate) denied: bool,
    /// When it was made, relative to the page.
    pub(crate) created: i64,
    pub(crate) resources: Vec<Resource>,
    pub(crate) variables: BTreeMap<String, Value>,
    pub(crate) outputs: BTreeMap<String, Output>,
}

/// Where a workspace is.
#[derive(Debug, Clone)]
pub(crate) enum Home {
    /// In this organisation.
    Organization(usize),
    /// Nowhere but in its state object.
    Bucket { bucket: usize, key: String, locks: bool },
}

/// What a state has of a resource.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resource {
    pub(crate) address: Address,
    pub(crate) values: Map<String, Value>,
    /// The attributes that nobody should see.
    pub(crate) sensitive: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Output {
    pub(crate) value: Value,
    pub(crate) sensitive: bool,
}

/// A run as the scenario says it; [`crate::world::terraform`] sets it on its clock.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// When it was made, relative to the page.
    pub(crate) at: i64,
    pub(crate) workspace: usize,
    pub(crate) message: String,
    pub(crate) source: Source,
    pub(crate) trigger: String,
    pub(crate) actor: String,
    pub(crate) confirmed_by: Option<String>,
    pub(crate) commit: Option<Commit>,
    pub(crate) is_destroy: bool,
    pub(crate) plan_only: bool,
    pub(crate) refresh_only: bool,
    pub(crate) targets: Vec<String>,
    pub(crate) replaces: Vec<String>,
    pub(crate) auto_apply: bool,
    /// How long it waits before it plans, how long it plans, waits for a yes, and applies, in milliseconds.
    pub(crate) queued_ms: i64,
    pub(crate) plan_ms: i64,
    pub(crate) confirm_ms: i64,
    pub(crate) apply_ms: i64,
    pub(crate) end: End,
    /// What its last status is called, where it is another than the one that its end has.
    pub(crate) status: Option<String>,
    pub(crate) changes: Vec<Change>,
    /// How many of the changes were made when it ended.
    pub(crate) applied: usize,
    pub(crate) comments: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Commit {
    pub(crate) sha: String,
    pub(crate) message: String,
    pub(crate) branch: String,
    pub(crate) pull_request: Option<PullRequest>,
}

#[derive(Debug, Clone)]
pub(crate) struct PullRequest {
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: String,
}

/// What a run does to a resource.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) address: Address,
    pub(crate) previous: Option<Address>,
    pub(crate) action: Action,
    pub(crate) reason: Option<String>,
    /// The attributes that change to a value that is made.
    pub(crate) attributes: Vec<String>,
    /// And those that change to this one.
    pub(crate) values: Map<String, Value>,
    /// Those of them that are known after the apply only.
    pub(crate) unknown: Vec<String>,
    pub(crate) sensitive: Vec<String>,
    /// Whether it was found to have happened outside of Terraform, and is no change of the plan.
    pub(crate) drift: bool,
}

#[cfg(test)]
mod tests;
