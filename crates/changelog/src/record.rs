//! One change, as a record of kind `change`.

use std::fmt;

use ::record::Time;
use serde::{Deserialize, Serialize, Serializer};

use crate::aftermath::{Aftermath, Reach};

/// One change: a run of Terraform, a new version of a state, a deployment, a ticket. Keys without a
/// value are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeRecord {
    /// When it took effect, or began to.
    pub time: Time,
    /// `change`.
    pub kind: &'static str,
    /// When it began to take effect, where `time` is when it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began: Option<Time>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The cluster's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Where it was read.
    pub source: Source,
    /// The workspace, the key of the state, the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Production, staging, … as the configuration names them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The project of a workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The tags of a workspace: `team:outbound`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The task definition that a deployment brought: `coredns:12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What it is, in a line.
    pub summary: String,
    /// What it touched, at most [`ResourceChange::MOST`] of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceChange>,
    /// How many more it touched.
    #[serde(skip_serializing_if = "is_zero")]
    pub resources_left_out: u64,
    /// How much it changed.
    pub counts: Counts,
    /// How it stands.
    pub status: Status,
    /// How much of the fleet runs what a deployment brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
    /// What became of the tasks that a deployment brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aftermath: Option<Aftermath>,
    /// What is to be noticed about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// The tickets that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tickets: Vec<Ticket>,
    /// The commit that it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The branch of that commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The run's, the deployment's or the version's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Errors and warnings that it ended with: their summaries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<Diagnostic>,
    /// Minutes before the moment asked about; negative after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_minutes: Option<f64>,
    /// How likely it matters: the points of `reasons` together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// The parts of a change that was made in several steps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

impl ChangeRecord {
    /// A record with what each must have; the rest is empty.
    pub fn new(time: Time, source: Source, status: Status, summary: impl Into<String>) -> Self {
        Self {
            time,
            kind: "change",
            began: None,
            account: None,
            region: None,
            cluster: None,
            source,
            system: None,
            environment: None,
            project: None,
            tags: Vec::new(),
            task_definition: None,
            actor: None,
            summary: summary.into(),
            resources: Vec::new(),
            resources_left_out: 0,
            counts: Counts::default(),
            status,
            reach: None,
            aftermath: None,
            flags: Vec::new(),
            tickets: Vec::new(),
            commit: None,
            branch: None,
            link: None,
            id: None,
            diagnostics: Vec::new(),
            before_minutes: None,
            score: None,
            reasons: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// Raises a flag, once.
    pub fn flag(&mut self, flag: Flag) {
        if !self.flags.contains(&flag) {
            self.flags.push(flag);
        }
    }
}

/// Where a change was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// HCP Terraform or Terraform Enterprise.
    Terraform,
    /// Versions of a state object in S3.
    S3State,
    /// ECS deployments.
    Ecs,
    /// Jira.
    Jira,
    /// `terraform show -json`.
    Plan,
    /// `terraform apply -json`.
    Apply,
    /// JSON Lines of somebody else.
    File,
}

/// What a change does to one resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResourceChange {
    /// Its address; each index key in it is cut at 80 characters.
    pub address: String,
    /// What becomes of it.
    pub action: Action,
    /// `aws_ecs_service`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// The address that it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_address: Option<String>,
    /// The key of an object that was replaced and still waits to be destroyed: eight hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposed: Option<String>,
    /// Whether it is taken over into the state, whatever else becomes of it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub imported: bool,
    /// The names of its top-level attributes that change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
    /// The names of those that force a replacement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forced_by: Vec<String>,
    /// Why Terraform does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ActionReason>,
    /// Values that are known to be harmless.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ValueChange>,
    /// When it was done with, or began where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_seconds: Option<f64>,
    /// How far it came, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

impl ResourceChange {
    /// How many a record has at most; what is more is counted.
    pub const MOST: usize = 20_000;

    /// A resource and what becomes of it; the rest is empty.
    pub fn new(address: impl Into<String>, action: Action) -> Self {
        Self {
            address: address.into(),
            action,
            resource_type: None,
            previous_address: None,
            deposed: None,
            imported: false,
            attributes: Vec::new(),
            forced_by: Vec::new(),
            reason: None,
            values: Vec::new(),
            time: None,
            elapsed_seconds: None,
            outcome: None,
        }
    }
}

/// What becomes of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is destroyed.
    Delete,
    /// It is destroyed and made anew, in whatever order.
    Replace,
    /// A data source is read.
    Read,
    /// It leaves the state and goes on to exist.
    Forget,
    /// It gets another address, and nothing else becomes of it.
    Move,
    /// It is taken over into the state, and nothing else becomes of it.
    Import,
    /// Its old object is set aside, to be destroyed later.
    Depose,
    /// What this version of `oncall` has no word for.
    Unknown,
}

/// Why Terraform does to a resource what it does: `action_reason` of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "these are Terraform's own words")]
pub enum ActionReason {
    ReplaceBecauseTainted,
    ReplaceBecauseCannotUpdate,
    ReplaceByRequest,
    ReplaceByTriggers,
    DeleteBecauseNoResourceConfig,
    DeleteBecauseNoModule,
    DeleteBecauseWrongRepetition,
    DeleteBecauseCountIndex,
    DeleteBecauseEachKey,
    DeleteBecauseNoMoveTarget,
    ReadBecauseConfigUnknown,
    ReadBecauseDependencyPending,
    ReadBecauseCheckNested,
}

/// A value that is known to be harmless, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueChange {
    /// Where it stands: `desired_count`, `ingress[].cidr_blocks[]`.
    pub path: String,
    /// What it was; several with a comma between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it becomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// How far a change of one resource came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// To its end.
    Done,
    /// It failed.
    Errored,
    /// It began, and its end is not known.
    Unfinished,
    /// It was planned, and did not begin.
    NotStarted,
}

/// How much a change changes, counted as Terraform does: a replacement is one to add and one to destroy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Resources made.
    pub add: u64,
    /// Resources changed in place.
    pub change: u64,
    /// Resources destroyed.
    pub destroy: u64,
    /// How many of these are replacements.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub replace: u64,
    /// Resources taken over into the state.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub import: u64,
    /// Resources that leave the state and go on to exist.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub forget: u64,
    /// Resources that get another address.
    #[serde(default, rename = "move", skip_serializing_if = "is_zero")]
    pub moved: u64,
    /// Resources that somebody else had changed: no part of this change.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub drift: u64,
}

impl Counts {
    /// Counts one resource.
    pub fn count(&mut self, action: Action) {
        match action {
            Action::Create => self.add += 1,
            Action::Update => self.change += 1,
            Action::Delete => self.destroy += 1,
            Action::Replace => {
                self.add += 1;
                self.destroy += 1;
                self.replace += 1;
            }
            Action::Forget => self.forget += 1,
            Action::Move => self.moved += 1,
            Action::Import => self.import += 1,
            Action::Read | Action::Depose | Action::Unknown => {}
        }
    }

    /// Whether nothing is changed. Drift is no change of this one.
    pub fn is_nothing(&self) -> bool {
        Self { drift: 0, ..*self } == Self::default()
    }
}

/// `3 added, 1 changed, 3 destroyed (2 replaced)`, without what is zero.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            (self.add, "added"),
            (self.change, "changed"),
            (self.destroy, "destroyed"),
            (self.import, "imported"),
            (self.forget, "forgotten"),
            (self.moved, "moved"),
        ];
        let said = words.iter().filter(|(count, _)| *count > 0);
        let said: Vec<String> = said.map(|(count, word)| format!("{count} {word}")).collect();
        f.write_str(if said.is_empty() { "nothing changed" } else { "" })?;
        f.write_str(&said.join(", "))?;
        if self.replace > 0 {
            write!(f, " ({} replaced)", self.replace)?;
        }
        Ok(())
    }
}

/// How a change stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is done.
    Applied,
    /// It began, and did not come to its end.
    Partial,
    /// It is being made.
    InFlight,
    /// It waits for somebody to confirm it.
    AwaitingConfirmation,
    /// It failed before it changed anything.
    Failed,
    /// It was undone.
    RolledBack,
    /// It is planned.
    Planned,
    /// What the source says, where this version of `oncall` does not know it.
    Unknown(String),
}

impl Status {
    /// The word of the record.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Applied => "applied",
            Self::Partial => "partial",
            Self::InFlight => "in_flight",
            Self::AwaitingConfirmation => "awaiting_confirmation",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
            Self::Planned => "planned",
            Self::Unknown(text) => text,
        }
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What is to be noticed about a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Flag {
    /// It began, and did not come to its end.
    Partial,
    /// It destroys what it does not make anew.
    Destroys,
    /// It makes something anew.
    Replaces,
    /// It names no ticket.
    Ticketless,
    /// Its ticket is not approved.
    TicketNotApproved,
    /// It was made outside the window of its ticket.
    OutsideWindow,
    /// It was made for some resources only (`-target`, `-replace`).
    Targeted,
    /// It was made from another branch than the default one.
    NotDefaultBranch,
    /// Who made it confirmed it, too.
    SelfConfirmed,
    /// It was made from somebody's machine, without a commit.
    CliDriven,
    /// It undoes another.
    Rollback,
    /// Nobody was asked to confirm it.
    AutoApply,
}

/// A ticket that a change names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ticket {
    /// `OPS-12`.
    pub key: String,
    /// Its summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Its status, in its own workflow's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Its type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub ticket_type: Option<String>,
    /// Whether it is approved, where that can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<bool>,
    /// When the change may begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_start: Option<Time>,
    /// By when it is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_end: Option<Time>,
    /// What is expected of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// How it is undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<String>,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// A reason for a change's place in the ranking.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// A sentence.
    pub reason: String,
    /// What it adds to the score.
    pub points: f64,
}

/// A part of a change that was made in several steps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Where it was read.
    pub source: Source,
    /// When it took effect, or began to.
    pub time: Time,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The cluster's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The workspace, the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What it is.
    pub summary: String,
    /// How it stands.
    pub status: Status,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// An error or a warning: never more of it than its summary. The detail and the snippet of the
/// configuration quote values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Its summary, cut at 200 characters.
    pub summary: String,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It ended what was under way.
    Error,
    /// It did not.
    Warning,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

#[cfg(test)]
mod schema_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_begins_with_time_and_kind_and_leaves_out_what_it_has_not() {
        let record = ChangeRecord::new(
            Time::from_millis(0),
            Source::S3State,
            Status::Unknown("policy_override".to_owned()),
            "x",
        );
        assert_eq!(
            serde_json::to_string(&record).unwrap(),
            r#"{"time":"1970-01-01T00:00:00.000Z","kind":"change","source":"s3-state","summary":"x","counts":{"add":0,"change":0,"destroy":0},"status":"policy_override"}"#
        );
    }

    #[test]
    fn a_resource_is_what_becomes_of_it() {
        let mut resource = ResourceChange::new("aws_ecs_service.web", Action::Update);
        resource.resource_type = Some("aws_ecs_service".to_owned());
        resource.attributes = vec!["desired_count".to_owned()];
        assert_eq!(
            serde_json::to_string(&resource).unwrap(),
            r#"{"address":"aws_ecs_service.web","action":"update","type":"aws_ecs_service","attributes":["desired_count"]}"#
        );
    }

    #[test]
    fn flags_are_raised_once_and_written_in_capitals() {
        let mut record = ChangeRecord::new(Time::from_millis(0), Source::Ecs, Status::Partial, "x");
        record.flag(Flag::Partial);
        record.flag(Flag::TicketNotApproved);
        record.flag(Flag::Partial);
        let written = serde_json::to_string(&record.flags).unwrap();
        assert_eq!(written, r#"["PARTIAL","TICKET-NOT-APPROVED"]"#);
    }

    #[test]
    fn a_replacement_counts_as_terraform_counts_it() {
        let mut counts = Counts::default();
        assert!(counts.is_nothing());
        assert_eq!(counts.to_string(), "nothing changed");
        for action in [Action::Create, Action::Replace, Action::Read, Action::Forget] {
            counts.count(action);
        }
        counts.drift = 4;
        assert_eq!(counts.to_string(), "2 added, 1 destroyed, 1 forgotten (1 replaced)");
        assert_eq!(
            serde_json::to_string(&counts).unwrap(),
            r#"{"add":2,"change":0,"destroy":1,"replace":1,"forget":1,"drift":4}"#
        );
        assert!(Counts { drift: 4, ..Counts::default() }.is_nothing());
    }
}
