//! What Terraform's answers say: JSON:API out of which only what is named here is read (pure).
//!
//! Unknown keys are left out, and with them variables, outputs and permissions; a status that is not known
//! is kept as text; a key that is null or missing is nothing. Links that are keys (`log-read-url`) become
//! private addresses.

use std::collections::{BTreeMap, HashMap};

use ::record::Time;
use http::Address;
use serde::{Deserialize, Deserializer};

/// A run, and what came along with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// `run-…`.
    pub id: String,
    /// How far it is.
    pub status: RunStatus,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When it came to each status, by names such as `applied-at`.
    pub status_times: BTreeMap<String, Time>,
    /// The message, which anybody may have written.
    pub message: String,
    /// `tfe-ui`, `tfe-api`, `tfe-configuration-version` and others.
    pub source: String,
    /// Why it was begun: `manual`, `auto-apply` and others.
    pub trigger_reason: String,
    /// Whether it destroys everything.
    pub is_destroy: bool,
    /// Whether it can change nothing.
    pub plan_only: bool,
    /// Whether it only takes the state up to date.
    pub refresh_only: bool,
    /// Whether the plan is saved for later.
    pub save_plan: bool,
    /// Whether it applies without being asked.
    pub auto_apply: bool,
    /// Whether the plan has changes, once there is one.
    pub has_changes: Option<bool>,
    /// `-target`.
    pub target_addrs: Vec<String>,
    /// `-replace`.
    pub replace_addrs: Vec<String>,
    /// The version of Terraform.
    pub terraform_version: Option<String>,
    /// `ws-…`.
    pub workspace_id: Option<String>,
    /// `plan-…`.
    pub plan_id: Option<String>,
    /// `apply-…`.
    pub apply_id: Option<String>,
    /// `cv-…`.
    pub configuration_version_id: Option<String>,
    /// `user-…`, who began it.
    pub created_by_id: Option<String>,
    /// `user-…`, who confirmed it.
    pub confirmed_by_id: Option<String>,
    /// Who began it, where the answer includes users.
    pub created_by: Option<User>,
    /// Its workspace, where the answer includes it.
    pub workspace: Option<Workspace>,
    /// Its plan, where the answer includes it.
    pub plan: Option<Plan>,
    /// Its apply, where the answer includes it.
    pub apply: Option<Apply>,
    /// The commit, where the answer includes it and there is one.
    pub ingress: Option<Ingress>,
    /// Who made its configuration: `github`, `terraform` (a command line), `tfe-api` and others.
    pub configuration_source: Option<String>,
    /// Whether all that it was made from came along: without a commit there is none.
    pub knows_commit: bool,
}

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The name.
    pub username: String,
    /// Whether it is no person.
    pub is_service_account: bool,
}

/// A workspace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workspace {
    /// `ws-…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// `remote`, `agent` or `local`. Local ones have no runs, only versions of their state.
    pub execution_mode: String,
    /// The branch that it follows; empty or absent is the repository's own.
    pub branch: Option<String>,
    /// `org/repo`.
    pub repository: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// `prj-…`.
    pub project_id: Option<String>,
    /// Its project's name, where the answer includes it.
    pub project: Option<String>,
    /// The latest run that is no speculation.
    pub current_run_id: Option<String>,
    /// The same, where the answer includes it.
    pub current_run: Option<Box<Run>>,
    /// When its state, its settings or a run of it changed last, where the server says so.
    pub latest_change_at: Option<Time>,
}

/// How many resources something is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApplyCounts {
    /// Created.
    pub additions: Option<u64>,
    /// Changed in place.
    pub changes: Option<u64>,
    /// Destroyed.
    pub destructions: Option<u64>,
    /// Imported.
    pub imports: Option<u64>,
}

/// A plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// `plan-…`.
    pub id: String,
    /// `finished`, `errored` and others.
    pub status: String,
    /// What it would do.
    pub counts: ApplyCounts,
    /// Whether its log is JSON.
    pub has_structured_log: bool,
    /// Where its log is: a link that is a key, valid for a day.
    pub log: Option<Address>,
}

/// An apply. What it counts is what was done, also where that is less than was planned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Apply {
    /// `apply-…`.
    pub id: String,
    /// `finished`, `errored` and others.
    pub status: String,
    /// What it did.
    pub counts: ApplyCounts,
    /// Where its log is: a link that is a key, valid for a day.
    pub log: Option<Address>,
}

/// Where the configuration of a run came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingress {
    /// The branch.
    pub branch: Option<String>,
    /// The commit's message.
    pub commit_message: Option<String>,
    /// The commit.
    pub commit_sha: Option<String>,
    /// The commit's page.
    pub commit_url: Option<String>,
    /// `org/repo`.
    pub repository: Option<String>,
    /// Whether it is a pull request.
    pub is_pull_request: bool,
    /// Whether the branch is the repository's own.
    pub on_default_branch: Option<bool>,
    /// The pull request's title.
    pub pull_request_title: Option<String>,
    /// The pull request's text.
    pub pull_request_body: Option<String>,
    /// The pull request's page.
    pub pull_request_url: Option<String>,
    /// The tag.
    pub tag: Option<String>,
    /// Who pushed it.
    pub sender: Option<String>,
}

/// One version of a workspace's state: what a workspace has to show that applies elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateVersion {
    /// `sv-…`.
    pub id: String,
    /// When it was stored.
    pub created_at: Option<Time>,
    /// Its number.
    pub serial: Option<u64>,
    /// `pending`, `finalized` or `discarded`.
    pub status: String,
    /// The version of Terraform.
    pub terraform_version: Option<String>,
    /// The commit.
    pub commit: Option<String>,
    /// The run that made it, if one did.
    pub run_id: Option<String>,
    /// Who stored it.
    pub created_by_id: Option<String>,
    /// How many of each resource there are, by `module.type.name`.
    pub resources: BTreeMap<String, u64>,
    /// Whether the server has not counted them yet: it does so some time after the state was stored.
    pub is_uncounted: bool,
}

/// How far a run is, in Terraform's own word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct RunStatus(pub String);

/// What a run did to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// All of it was applied.
    Applied,
    /// It ended badly after it had begun to apply: some of it was done.
    Partial,
    /// It is applying.
    Applying,
    /// It waits for somebody to confirm it.
    Awaiting,
    /// It is on its way, before its apply.
    OnItsWay,
    /// It ended, and changed nothing.
    None,
    /// Its status is not known here.
    Unknown,
}

impl RunStatus {
    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Run {
    /// When it came to a status, such as `applied`.
    pub fn time_of(&self, status: &str) -> Option<Time> {
        self.status_times.get(&format!("{status}-at")).copied()
    }

    /// What it did to the world, or is about to.
    pub fn effect(&self) -> Effect {
        let began_to_apply = self.time_of("applying").is_some();
        match self.status.as_str() {
            "applied" => Effect::Applied,
            "applying" | "post_apply_running" | "post_apply_completed" => Effect::Applying,
            "errored" | "canceled" | "force_canceled" if began_to_apply => Effect::Partial,
            "errored"
            | "canceled"
            | "force_canceled"
            | "discarded"
            | "planned_and_finished"
            | "planned_and_saved"
            | "assessed"
            | "policy_soft_failed" => Effect::None,
            _ if self.plan_only => Effect::None,
            // They wait for a person, unless the run confirms itself.
            "planned"
            | "cost_estimated"
            | "policy_checked"
            | "policy_override"
            | "post_plan_completed"
            | "post_plan_awaiting_decision"
            | "pre_plan_awaiting_decision"
            | "tf_policy_checked"
            | "tf_policy_override"
                if !self.auto_apply || self.status.as_str().contains("override") =>
            {
                Effect::Awaiting
            }
            "pending"
            | "fetching"
            | "fetching_completed"
            | "pre_plan_running"
            | "pre_plan_completed"
            | "pre_plan_awaiting_decision"
            | "queuing"
            | "plan_queued"
            | "planning"
            | "planned"
            | "tf_policy_checked"
            | "tf_policy_override"
            | "post_plan_running"
            | "post_plan_completed"
            | "post_plan_awaiting_decision"
            | "cost_estimating"
            | "cost_estimated"
            | "policy_checking"
            | "policy_checked"
            | "policy_override"
            | "confirmed"
            | "pre_apply_running"
            | "pre_apply_completed"
            | "queuing_apply"
            | "apply_queued"
            | "assessing" => Effect::OnItsWay,
            _ => Effect::Unknown,
        }
    }

    /// When it took effect or began to: the apply's begin where nothing better is said, and the creation of
    /// a run that has changed nothing yet.
    pub fn took_effect_at(&self) -> Option<Time> {
        let applying = self.time_of("applying");
        match self.effect() {
            Effect::Applied => self.time_of("applied").or(applying).or(self.created_at),
            Effect::Partial | Effect::Applying => applying.or(self.created_at),
            _ => self.created_at,
        }
    }

    /// Whether its log, once it is over, never changes again.
    pub fn is_final(&self) -> bool {
        matches!(self.effect(), Effect::Applied | Effect::Partial | Effect::None)
    }
}

/// An answer with one thing, or a list, and what came along.
#[derive(Deserialize)]
pub(super) struct Document<T> {
    pub(super) data: T,
    /// What came along; absent where the server does not know `include` there.
    #[serde(default, deserialize_with = "included")]
    pub(super) included: Option<Vec<Included>>,
    #[serde(default)]
    meta: Meta,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(default)]
    pagination: Pagination,
}

#[derive(Default, Deserialize)]
struct Pagination {
    #[serde(rename = "next-page")]
    next_page: Option<u32>,
}

impl<T> Document<T> {
    pub(super) fn next_page(&self) -> Option<u32> {
        self.meta.pagination.next_page
    }
}

#[derive(Deserialize)]
pub(super) struct Resource<A> {
    id: String,
    #[serde(default)]
    attributes: A,
    #[serde(default, deserialize_with = "or_default")]
    relationships: HashMap<String, Relationship>,
}

#[derive(Default, Deserialize)]
struct Relationship {
    #[serde(default)]
    data: Option<Linkage>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Linkage {
    One(Identifier),
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Identifier {
    id: String,
}

impl<A> Resource<A> {
    fn related(&self, name: &str) -> Option<String> {
        match self.relationships.get(name)?.data.as_ref()? {
            Linkage::One(one) => Some(one.id.clone()),
            Linkage::Other(_) => None,
        }
    }
}

/// What may come along.
#[derive(Deserialize)]
#[serde(tag = "type")]
pub(super) enum Included {
    #[serde(rename = "runs")]
    Run(Resource<RunAttributes>),
    #[serde(rename = "workspaces")]
    Workspace(Resource<WorkspaceAttributes>),
    #[serde(rename = "projects")]
    Project(Resource<Named>),
    #[serde(rename = "plans")]
    Plan(Resource<PhaseAttributes>),
    #[serde(rename = "applies")]
    Apply(Resource<PhaseAttributes>),
    #[serde(rename = "users")]
    User(Resource<UserAttributes>),
    #[serde(rename = "configuration-versions")]
    ConfigurationVersion(Resource<ConfigurationAttributes>),
    #[serde(rename = "ingress-attributes")]
    Ingress(Resource<IngressAttributes>),
    #[serde(other)]
    Other,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ConfigurationAttributes {
    source: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct RunAttributes {
    #[serde(deserialize_with = "or_default")]
    status: RunStatus,
    #[serde(deserialize_with = "moment")]
    created_at: Option<Time>,
    #[serde(deserialize_with = "moments")]
    status_timestamps: BTreeMap<String, Time>,
    message: Option<String>,
    source: Option<String>,
    trigger_reason: Option<String>,
    is_destroy: Option<bool>,
    plan_only: Option<bool>,
    refresh_only: Option<bool>,
    save_plan: Option<bool>,
    auto_apply: Option<bool>,
    has_changes: Option<bool>,
    target_addrs: Option<Vec<String>>,
    replace_addrs: Option<Vec<String>>,
    terraform_version: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct WorkspaceAttributes {
    name: Option<String>,
    execution_mode: Option<String>,
    vcs_repo: Option<Repository>,
    tag_names: Option<Vec<String>>,
    #[serde(deserialize_with = "moment")]
    latest_change_at: Option<Time>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Repository {
    identifier: Option<String>,
    branch: Option<String>,
}

/// A plan and an apply say the same of themselves.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct PhaseAttributes {
    status: Option<String>,
    resource_additions: Option<u64>,
    resource_changes: Option<u64>,
    resource_destructions: Option<u64>,
    resource_imports: Option<u64>,
    structured_run_output_enabled: Option<bool>,
    log_read_url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct UserAttributes {
    username: Option<String>,
    is_service_account: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct IngressAttributes {
    branch: Option<String>,
    commit_message: Option<String>,
    commit_sha: Option<String>,
    commit_url: Option<String>,
    identifier: Option<String>,
    is_pull_request: Option<bool>,
    on_default_branch: Option<bool>,
    pull_request_title: Option<String>,
    pull_request_body: Option<String>,
    pull_request_url: Option<String>,
    tag: Option<String>,
    sender_username: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct StateVersionAttributes {
    #[serde(deserialize_with = "moment")]
    created_at: Option<Time>,
    serial: Option<u64>,
    status: Option<String>,
    terraform_version: Option<String>,
    vcs_commit_sha: Option<String>,
    resources: Option<Vec<CountedResource>>,
    resources_processed: Option<bool>,
}

#[derive(Deserialize)]
struct CountedResource {
    #[serde(default)]
    name: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    module: String,
    #[serde(default)]
    count: u64,
}

/// What came along, by its id: ids are unique over all types.
#[derive(Default)]
pub(super) struct Along<'a>(HashMap<&'a str, &'a Included>);

impl<'a> Along<'a> {
    pub(super) fn of(included: Option<&'a [Included]>) -> Self {
        let things = included.unwrap_or_default().iter();
        Self(things.filter_map(|thing| Some((thing.id()?, thing))).collect())
    }

    fn get(&self, id: Option<&String>) -> Option<&'a Included> {
        self.0.get(id?.as_str()).copied()
    }
}

impl Included {
    fn id(&self) -> Option<&str> {
        Some(match self {
            Self::Run(thing) => &thing.id,
            Self::Workspace(thing) => &thing.id,
            Self::Project(thing) => &thing.id,
            Self::Plan(thing) | Self::Apply(thing) => &thing.id,
            Self::User(thing) => &thing.id,
            Self::ConfigurationVersion(thing) => &thing.id,
            Self::Ingress(thing) => &thing.id,
            Self::Other => return None,
        })
    }
}

impl Resource<RunAttributes> {
    pub(super) fn run(&self, along: &Along<'_>) -> Run {
        let said = &self.attributes;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let configuration_version_id = self.related("configuration-version");
        let mut run = Run {
            id: self.id.clone(),
            status: said.status.clone(),
            created_at: said.created_at,
            status_times: said.status_timestamps.clone(),
            message: text(&said.message),
            source: text(&said.source),
            trigger_reason: text(&said.trigger_reason),
            is_destroy: said.is_destroy.unwrap_or_default(),
            plan_only: said.plan_only.unwrap_or_default(),
            refresh_only: said.refresh_only.unwrap_or_default(),
            save_plan: said.save_plan.unwrap_or_default(),
            auto_apply: said.auto_apply.unwrap_or_default(),
            has_changes: said.has_changes,
            target_addrs: said.target_addrs.clone().unwrap_or_default(),
            replace_addrs: said.replace_addrs.clone().unwrap_or_default(),
            terraform_version: said.terraform_version.clone(),
            workspace_id: self.related("workspace"),
            plan_id: self.related("plan"),
            apply_id: self.related("apply"),
            configuration_version_id,
            created_by_id: self.related("created-by"),
            confirmed_by_id: self.related("confirmed-by"),
            ..Run::default()
        };
        if let Some(Included::User(user)) = along.get(run.created_by_id.as_ref()) {
            run.created_by = Some(user.user());
        }
        if let Some(Included::Workspace(workspace)) = along.get(run.workspace_id.as_ref()) {
            run.workspace = Some(workspace.bare_workspace(along));
        }
        if let Some(Included::Plan(plan)) = along.get(run.plan_id.as_ref()) {
            run.plan = Some(plan.plan());
        }
        if let Some(Included::Apply(apply)) = along.get(run.apply_id.as_ref()) {
            run.apply = Some(apply.apply());
        }
        if let Some(Included::ConfigurationVersion(version)) =
            along.get(run.configuration_version_id.as_ref())
        {
            run.configuration_source = version.attributes.source.clone();
            let ingress = version.related("ingress-attributes");
            if let Some(Included::Ingress(ingress)) = along.get(ingress.as_ref()) {
                run.ingress = Some(ingress.ingress());
            }
            run.knows_commit = ingress.is_none() || run.ingress.is_some();
        }
        run
    }
}

impl Resource<WorkspaceAttributes> {
    pub(super) fn workspace(&self, along: &Along<'_>) -> Workspace {
        let mut workspace = self.bare_workspace(along);
        if let Some(Included::Run(run)) = along.get(workspace.current_run_id.as_ref()) {
            workspace.current_run = Some(Box::new(run.run(along)));
        }
        workspace
    }

    /// Without its run, which has it.
    fn bare_workspace(&self, along: &Along<'_>) -> Workspace {
        let said = &self.attributes;
        let repository = said.vcs_repo.as_ref();
        let project_id = self.related("project");
        let project = match along.get(project_id.as_ref()) {
            Some(Included::Project(project)) => project.attributes.name.clone(),
            _ => None,
        };
        Workspace {
            id: self.id.clone(),
            name: said.name.clone().unwrap_or_default(),
            execution_mode: said.execution_mode.clone().unwrap_or_default(),
            branch: repository.and_then(|repository| repository.branch.clone()),
            repository: repository.and_then(|repository| repository.identifier.clone()),
            tags: said.tag_names.clone().unwrap_or_default(),
            project_id,
            project,
            current_run_id: self.related("current-run"),
            current_run: None,
            latest_change_at: said.latest_change_at,
        }
    }
}

impl Resource<PhaseAttributes> {
    pub(super) fn plan(&self) -> Plan {
        Plan {
            id: self.id.clone(),
            status: self.attributes.status.clone().unwrap_or_default(),
            counts: self.attributes.counts(),
            has_structured_log: self.attributes.structured_run_output_enabled.unwrap_or_default(),
            log: self.attributes.log(),
        }
    }

    pub(super) fn apply(&self) -> Apply {
        Apply {
            id: self.id.clone(),
            status: self.attributes.status.clone().unwrap_or_default(),
            counts: self.attributes.counts(),
            log: self.attributes.log(),
        }
    }
}

impl PhaseAttributes {
    fn counts(&self) -> ApplyCounts {
        ApplyCounts {
            additions: self.resource_additions,
            changes: self.resource_changes,
            destructions: self.resource_destructions,
            imports: self.resource_imports,
        }
    }

    /// A link that cannot be read is as good as none: the log is one source of several.
    fn log(&self) -> Option<Address> {
        Address::private(self.log_read_url.as_ref()?).ok()
    }
}

impl Resource<UserAttributes> {
    pub(super) fn user(&self) -> User {
        User {
            username: self.attributes.username.clone().unwrap_or_default(),
            is_service_account: self.attributes.is_service_account.unwrap_or_default(),
        }
    }
}

impl Resource<IngressAttributes> {
    pub(super) fn ingress(&self) -> Ingress {
        let said = &self.attributes;
        Ingress {
            branch: said.branch.clone(),
            commit_message: said.commit_message.clone(),
            commit_sha: said.commit_sha.clone(),
            commit_url: said.commit_url.clone(),
            repository: said.identifier.clone(),
            is_pull_request: said.is_pull_request.unwrap_or_default(),
            on_default_branch: said.on_default_branch,
            pull_request_title: said.pull_request_title.clone(),
            pull_request_body: said.pull_request_body.clone(),
            pull_request_url: said.pull_request_url.clone(),
            tag: said.tag.clone(),
            sender: said.sender_username.clone(),
        }
    }
}

impl Resource<StateVersionAttributes> {
    pub(super) fn state_version(&self) -> StateVersion {
        let said = &self.attributes;
        let mut resources = BTreeMap::new();
        for resource in said.resources.iter().flatten() {
            let name = format!("{}.{}.{}", resource.module, resource.kind, resource.name);
            *resources.entry(name).or_default() += resource.count;
        }
        StateVersion {
            id: self.id.clone(),
            created_at: said.created_at,
            serial: said.serial,
            status: said.status.clone().unwrap_or_default(),
            terraform_version: said.terraform_version.clone(),
            commit: said.vcs_commit_sha.clone(),
            run_id: self.related("run"),
            created_by_id: self.related("created-by"),
            resources,
            is_uncounted: said.resources_processed == Some(false),
        }
    }
}

/// What came along in another shape than expected is left out; the list itself is still good.
fn included<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<Included>>, D::Error> {
    let things: Option<Vec<serde_json::Value>> = Option::deserialize(from)?;
    let read = |thing| serde_json::from_value(thing).unwrap_or(Included::Other);
    Ok(things.map(|things| things.into_iter().map(read).collect()))
}

fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// What is no moment is none.
fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Time>, D::Error> {
    let text: Option<String> = Option::deserialize(from)?;
    Ok(text.and_then(|text| crate::moment::moment(&text)))
}

fn moments<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Time>, D::Error> {
    let texts: Option<BTreeMap<String, Option<String>>> = Option::deserialize(from)?;
    let texts = texts.unwrap_or_default().into_iter();
    Ok(texts.filter_map(|(name, text)| Some((name, crate::moment::moment(&text?)?))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run_of(attributes: &serde_json::Value) -> Run {
        let document = json!({"data": {"id": "run-1", "type": "runs", "attributes": attributes}});
        let document: Document<Resource<RunAttributes>> = serde_json::from_value(document).unwrap();
        document.data.run(&Along::default())
    }

    fn run_at(status: &str, times: &[&str]) -> Run {
        let times: serde_json::Map<_, _> = times
            .iter()
            .map(|name| (format!("{name}-at"), json!("2026-11-22T20:10:00+00:00")))
            .collect();
        run_of(&json!({"status": status, "status-timestamps": times,
            "created-at": "2026-11-22T20:00:00.171Z"}))
    }

    #[test]
    fn a_run_that_failed_is_a_change_once_it_began_to_apply() {
        assert_eq!(run_at("errored", &["planned"]).effect(), Effect::None);
        for status in ["errored", "canceled", "force_canceled"] {
            let run = run_at(status, &["planned", "applying"]);
            assert_eq!(run.effect(), Effect::Partial);
            assert_eq!(run.took_effect_at(), run.time_of("applying"));
        }
        assert_eq!(run_at("applied", &["applying", "applied"]).effect(), Effect::Applied);
        assert_eq!(run_at("post_apply_running", &["applying"]).effect(), Effect::Applying);
        assert_eq!(run_at("planned_and_finished", &[]).effect(), Effect::None);
        assert_eq!(run_at("planned", &[]).effect(), Effect::Awaiting);
        assert_eq!(run_at("apply_queued", &["confirmed"]).effect(), Effect::OnItsWay);
    }

    #[test]
    fn a_run_that_applies_itself_or_only_plans_waits_for_nobody() {
        let auto = run_of(&json!({"status": "planned", "auto-apply": true}));
        assert_eq!(auto.effect(), Effect::OnItsWay);
        let override_wanted = run_of(&json!({"status": "policy_override", "auto-apply": true}));
        assert_eq!(override_wanted.effect(), Effect::Awaiting);
        let speculative = run_of(&json!({"status": "planning", "plan-only": true}));
        assert_eq!(speculative.effect(), Effect::None);
    }

    #[test]
    fn an_unknown_status_is_kept_as_text() {
        let run = run_at("quantum_applying", &[]);
        assert_eq!((run.effect(), run.status.as_str()), (Effect::Unknown, "quantum_applying"));
    }

    #[test]
    fn both_spellings_of_a_time_are_read_and_nonsense_is_none() {
        let run = run_at("applied", &["applied"]);
        assert_eq!(run.created_at, Some(Time::from_millis(1_795_377_600_171)));
        assert_eq!(run.took_effect_at(), Some(Time::from_millis(1_795_378_200_000)));
        let odd = run_of(&json!({"created-at": "soon", "status-timestamps": {"applied-at": null}}));
        assert_eq!((odd.created_at, odd.status_times.len()), (None, 0));
    }

    #[test]
    fn nulls_and_missing_keys_are_nothing() {
        let run = run_of(&json!({"status": null, "message": null, "target-addrs": null,
            "status-timestamps": null}));
        assert_eq!(run, Run { id: "run-1".to_owned(), ..Run::default() });
    }

    #[test]
    fn what_came_along_is_put_where_it_belongs() {
        let document = json!({
            "data": [{"id": "run-1", "type": "runs", "attributes": {"status": "applied",
                    "variables": [{"key": "password", "value": "s3cret"}]},
                "relationships": {
                    "workspace": {"data": {"id": "ws-1", "type": "workspaces"}},
                    "plan": {"data": {"id": "plan-1", "type": "plans"}},
                    "apply": {"data": {"id": "apply-1", "type": "applies"}},
                    "created-by": {"data": {"id": "user-1", "type": "users"}},
                    "confirmed-by": {"data": null},
                    "run-events": {"data": [{"id": "re-1", "type": "run-events"}]},
                    "comments": {"links": {"related": "/x"}},
                    "configuration-version": {"data": {"id": "cv-1", "type": "configuration-versions"}}}}],
            "included": [
                {"id": "ws-1", "type": "workspaces", "attributes": {"name": "prod-api", "tag-names": ["a"],
                    "vcs-repo": {"identifier": "acme/infra", "branch": ""}}},
                {"id": "plan-1", "type": "plans", "attributes": {"resource-additions": 2,
                    "structured-run-output-enabled": true,
                    "log-read-url": "https://archivist.example/v1/object/s3cret"}},
                {"id": "apply-1", "type": "applies", "attributes": {"resource-additions": 1}},
                {"id": "user-1", "type": "users", "attributes": {"username": "ada", "email": "s3cret"}},
                {"id": "cv-1", "type": "configuration-versions", "relationships":
                    {"ingress-attributes": {"data": {"id": "ia-1", "type": "ingress-attributes"}}}},
                {"id": "ia-1", "type": "ingress-attributes", "attributes": {"branch": "main",
                    "commit-message": "OPS-12", "on-default-branch": true}},
                {"id": "x-1", "type": "something-new", "attributes": {"a": 1}}],
            "meta": {"pagination": {"current-page": 1, "next-page": 2, "page-size": 100}}
        });
        let document: Document<Vec<Resource<RunAttributes>>> =
            serde_json::from_value(document).unwrap();
        assert_eq!(document.next_page(), Some(2));
        let run = document.data[0].run(&Along::of(document.included.as_deref()));
        assert_eq!(run.workspace.as_ref().unwrap().name, "prod-api");
        assert_eq!(run.plan.as_ref().unwrap().counts.additions, Some(2));
        assert_eq!(run.apply.as_ref().unwrap().counts.additions, Some(1));
        assert_eq!(run.created_by.as_ref().unwrap().username, "ada");
        assert_eq!(run.ingress.as_ref().unwrap().on_default_branch, Some(true));
        assert_eq!(run.confirmed_by_id, None);
        let shown = format!("{run:?}");
        assert!(shown.contains("archivist.example") && !shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn what_came_along_in_another_shape_spoils_only_itself() {
        let document = json!({"data": {"id": "run-1", "relationships": {
                "plan": {"data": {"id": "plan-1"}}, "apply": {"data": {"id": "apply-1"}}}},
            "included": [
                {"id": "plan-1", "type": "plans", "attributes": {"resource-additions": "many"}},
                {"id": "apply-1", "type": "applies", "attributes": {"resource-additions": 1}}, 7]});
        let document: Document<Resource<RunAttributes>> = serde_json::from_value(document).unwrap();
        let run = document.data.run(&Along::of(document.included.as_deref()));
        assert_eq!((run.plan, run.apply.unwrap().counts.additions), (None, Some(1)));
    }

    #[test]
    fn a_version_of_a_state_counts_its_resources_and_takes_no_link() {
        let resource = json!({"id": "sv-1", "attributes": {"serial": 7, "status": "finalized",
            "created-at": "2026-11-22T20:00:00Z",
            "hosted-state-download-url": "https://archivist.example/s3cret",
            "resources": [{"type": "aws_instance", "name": "a", "module": "root", "count": 2}]},
            "relationships": {"run": {"data": null}}});
        let resource: Resource<StateVersionAttributes> = serde_json::from_value(resource).unwrap();
        let version = resource.state_version();
        assert_eq!((version.serial, version.run_id.clone()), (Some(7), None));
        assert_eq!(version.resources["root.aws_instance.a"], 2);
        assert!(!format!("{version:?}").contains("s3cret"));
    }
}
