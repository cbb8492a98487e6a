//! Terraform as a scenario file writes it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;

use crate::world::when::{Offset, Span};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Organization {
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) denied: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Workspace {
    pub(super) name: Spanned<String>,
    pub(super) organization: Option<Spanned<String>>,
    pub(super) backend: Option<Spanned<Backend>>,
    pub(super) project: Option<String>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    pub(super) repo: Option<String>,
    pub(super) branch: Option<String>,
    pub(super) directory: Option<String>,
    pub(super) execution: Option<Execution>,
    #[serde(default)]
    pub(super) auto_apply: bool,
    pub(super) structured: Option<bool>,
    pub(super) plan_json: Option<PlanJson>,
    pub(super) terraform_version: Option<String>,
    #[serde(default)]
    pub(super) denied: bool,
    pub(super) created: Option<Offset>,
    #[serde(default)]
    pub(super) resources: Vec<Resource>,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) outputs: BTreeMap<String, Output>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backend {
    pub(super) bucket: Spanned<String>,
    pub(super) key: String,
    pub(super) workspace: Option<String>,
    #[serde(default)]
    pub(super) locks: bool,
}

/// Workspace `execution-mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Execution {
    Remote,
    Agent,
    /// On somebody's machine: there are no runs, only the states that they leave.
    Local,
}

impl Execution {
    /// As the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Execution::Remote => "remote",
            Execution::Agent => "agent",
            Execution::Local => "local",
        }
    }
}

/// Which JSON of a plan can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PlanJson {
    /// The redacted one, and the full one: the token may administer the workspace.
    Both,
    /// The redacted one.
    Redacted,
    /// The full one: this server is older than the redacted one.
    Full,
    /// None: the token may read runs and their logs.
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resource {
    pub(super) address: Spanned<String>,
    #[serde(default)]
    pub(super) values: Map<String, Value>,
    #[serde(default)]
    pub(super) sensitive: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
    pub(super) value: Value,
    #[serde(default)]
    pub(super) sensitive: bool,
}

/// Who asked for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Source {
    Vcs,
    Ui,
    Api,
    Cli,
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    Applied,
    /// Planned, and nobody says yes or no.
    Waits,
    Discarded,
    NoChanges,
    ErroredInPlan,
    ErroredInApply,
    CanceledInPlan,
    CanceledInApply,
    /// In its apply.
    ForceCanceled,
}

impl End {
    /// Whether an apply begins before the run ends so.
    pub(crate) fn is_after_apply_began(self) -> bool {
        matches!(
            self,
            End::Applied | End::ErroredInApply | End::CanceledInApply | End::ForceCanceled
        )
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    pub(super) workspace: Spanned<String>,
    pub(super) message: Option<String>,
    pub(super) source: Option<Spanned<Source>>,
    pub(super) trigger: Option<String>,
    pub(super) actor: String,
    pub(super) confirmed_by: Option<Spanned<String>>,
    pub(super) commit: Option<Spanned<String>>,
    pub(super) commit_message: Option<Spanned<String>>,
    pub(super) branch: Option<Spanned<String>>,
    pub(super) pull_request: Option<Spanned<PullRequest>>,
    #[serde(default)]
    pub(super) is_destroy: bool,
    #[serde(default)]
    pub(super) plan_only: bool,
    #[serde(default)]
    pub(super) refresh_only: bool,
    #[serde(default)]
    pub(super) target_addrs: Vec<String>,
    #[serde(default)]
    pub(super) replace_addrs: Vec<String>,
    pub(super) queued: Option<Span>,
    pub(super) plan: Option<Span>,
    pub(super) confirm: Option<Spanned<Span>>,
    pub(super) apply: Option<Spanned<Span>>,
    pub(super) ends: Option<Spanned<End>>,
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) changes: Vec<Spanned<Change>>,
    pub(super) applied: Option<Spanned<usize>>,
    #[serde(default)]
    pub(super) comments: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PullRequest {
    pub(super) number: u64,
    pub(super) title: String,
    #[serde(default)]
    pub(super) body: String,
}

/// What becomes of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    NoOp,
    Create,
    Read,
    Update,
    Delete,
    /// Deleted, then created.
    Replace,
    /// Created, then deleted.
    ReplaceFirst,
    Forget,
    Move,
    Import,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    pub(super) address: Spanned<String>,
    pub(super) previous: Option<Spanned<String>>,
    pub(super) action: Action,
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) attributes: Vec<String>,
    #[serde(default)]
    pub(super) values: Map<String, Value>,
    pub(super) unknown: Option<Spanned<Vec<String>>>,
    #[serde(default)]
    pub(super) sensitive: Vec<String>,
    #[serde(default)]
    pub(super) drift: bool,
}
