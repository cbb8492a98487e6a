//! Runs, and what they are made of: plans, applies, comments.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::archive::{Content, MINUTE};
use super::page::Totals;
use super::{Answered, Asked, Refusal, json_api, moment, second};
use crate::body::Body;
use crate::protocols::Answer;
use crate::world::hash;
use crate::world::scenario::terraform::{End, Execution, PlanJson, Run, Source, Workspace};
use crate::world::terraform::{Counts, Played};

/// What a run can bring along.
const INCLUDES: [&str; 9] = [
    "plan",
    "apply",
    "created_by",
    "cost_estimate",
    "configuration_version",
    "configuration_version.ingress_attributes",
    "workspace",
    "task_stages",
    "tf_policy_evaluations",
];

/// For how long the address of a log is good.
const LOG: i64 = 25 * 60 * MINUTE;

impl<'a> Asked<'a> {
    pub(super) fn spec(&self, run: usize) -> (&'a Run, &'a Played, &'a Workspace) {
        let terraform = &self.world.scenario.terraform;
        let spec = &terraform.runs[run];
        (spec, &self.world.terraform.runs[run], &terraform.workspaces[spec.workspace])
    }

    pub(super) fn organization_runs(&self, name: &str) -> Answered {
        let organization = self.organization(name)?;
        let own = |run: &usize| {
            let workspace = self.world.scenario.terraform.runs[*run].workspace;
            self.organization_of(workspace) == Some(organization)
        };
        self.check_timeframe()?;
        self.runs(own, Totals::Untold)
    }

    pub(super) fn workspace_runs(&self, id: &str) -> Answered {
        let workspace = self.find_workspace(id)?;
        self.runs(
            |run| self.world.scenario.terraform.runs[*run].workspace == workspace,
            Totals::Told,
        )
    }

    /// Years only: there is no way to ask for the runs of the last hours.
    fn check_timeframe(&self) -> Result<(), Refusal> {
        match self.address.get("filter[timeframe]") {
            None | Some("year") => Ok(()),
            Some(year) if year.len() == 4 && year.parse::<u16>().is_ok() => Ok(()),
            Some(_) => Err(Refusal(
                StatusCode::BAD_REQUEST,
                "invalid timeframe",
                Some("filter[timeframe] is a year, or \"year\"".to_owned()),
            )),
        }
    }

    /// The newest first.
    fn runs(&self, own: impl Fn(&usize) -> bool, totals: Totals) -> Answered {
        let includes = self.includes(&INCLUDES)?;
        let all = 0..self.world.terraform.runs.len();
        let mut runs: Vec<usize> =
            all.filter(|run| self.is_visible(*run) && own(run) && self.is_wanted(*run)).collect();
        runs.reverse();
        self.listed(
            &runs,
            totals,
            |run| self.run_resource(run),
            |runs| (!includes.is_empty()).then(|| self.included(runs, &includes)),
        )
    }

    /// Whether the filters and the search let a run pass.
    fn is_wanted(&self, run: usize) -> bool {
        let (spec, played, workspace) = self.spec(run);
        let status = played.status(self.now);
        let filter = |name: &str, value: &str| super::allows(&self.address.list(name), value);
        let operations = self.address.list("filter[operation]");
        let operation = match spec {
            Run { plan_only: true, .. } => "plan_only",
            Run { refresh_only: true, .. } => "refresh_only",
            Run { is_destroy: true, .. } => "destroy",
            _ => "plan_and_apply",
        };
        // Those that only plan are told to whoever asks for them.
        let operation = match operations[..] {
            [] => operation != "plan_only",
            _ => operations.contains(&operation),
        };
        let group = match self.address.get("filter[status_group]") {
            Some("final") => played.is_over(self.now),
            Some("non_final") => !played.is_over(self.now),
            Some("discardable") => status == "planned",
            _ => true,
        };
        let sha = self.address.get("search[commit]");
        let basic = self.address.get("search[basic]").filter(|_| sha.is_none());
        let commit = spec.commit.as_ref().map_or("", |commit| commit.sha.as_str());
        filter("filter[status]", status)
            && filter("filter[source]", source(spec.source))
            && filter("filter[workspace_names]", &workspace.name)
            && operation
            && group
            && sha.is_none_or(|sha| !commit.is_empty() && commit.starts_with(sha))
            && basic.is_none_or(|text| spec.message.contains(text) || played.id == text)
            && self.is_of_year(played.created)
    }

    fn is_of_year(&self, created: i64) -> bool {
        const YEAR: i64 = 365 * 24 * 60 * MINUTE;
        match self.address.get("filter[timeframe]") {
            None | Some("year") => created > self.now - YEAR,
            Some(year) => moment(created).starts_with(year),
        }
    }

    pub(super) fn run(&self, id: &str) -> Answered {
        let run = self.find_run(id)?;
        let includes = self.includes(&INCLUDES)?;
        let mut answer = json!({ "data": self.run_resource(run) });
        if !includes.is_empty() {
            answer["included"] = Value::from(self.included(&[run], &includes));
        }
        Ok(json_api(StatusCode::OK, &answer))
    }

    /// What comes along with some runs; nothing twice.
    pub(super) fn included(&self, runs: &[usize], includes: &[&str]) -> Vec<Value> {
        let mut included: Vec<Value> = Vec::new();
        let mut add = |resource: Value| {
            if !included.iter().any(|other| other["id"] == resource["id"]) {
                included.push(resource);
            }
        };
        for run in runs {
            let (spec, _, _) = self.spec(*run);
            for include in includes {
                match *include {
                    "plan" => add(self.plan_resource(*run)),
                    "apply" => add(self.apply_resource(*run)),
                    "created_by" => add(self.user(&spec.actor)),
                    "configuration_version" => add(self.configuration_resource(*run)),
                    "configuration_version.ingress_attributes" => {
                        add(self.configuration_resource(*run));
                        if let Some(ingress) = self.ingress_resource(*run) {
                            add(ingress);
                        }
                    }
                    "workspace" => add(self.workspace_resource(spec.workspace)),
                    // Neither costs, tasks nor policies are simulated.
                    _ => {}
                }
            }
        }
        included
    }

    pub(super) fn run_resource(&self, run: usize) -> Value {
        let (spec, played, workspace) = self.spec(run);
        let status = played.status(self.now);
        let stamps: Map<String, Value> = played
            .steps
            .iter()
            .filter(|step| step.at <= self.now)
            .filter_map(|step| Some((step.stamp?.to_owned(), Value::from(second(step.at)))))
            .collect();
        let stamp = |name: &str| stamps.get(name).is_some();
        let canceled = played.steps.iter().find(|step| {
            step.at <= self.now && matches!(step.stamp, Some("canceled-at" | "force-canceled-at"))
        });
        let waits = status == "planned";
        let runs = !played.is_over(self.now) && !waits;
        let list = |texts: &[String]| (!texts.is_empty()).then(|| texts.to_vec());
        let has_changes = played.planning[1] <= self.now && spec.changes.iter().any(|c| !c.drift);
        let mut said = json!({
            "id": played.id,
            "type": "runs",
            "attributes": {
                "actions": {
                    "is-cancelable": runs, "is-confirmable": waits, "is-discardable": waits,
                    "is-force-cancelable": false,
                },
                "allow-config-generation": false,
                "allow-empty-apply": false,
                "auto-apply": spec.auto_apply,
                "canceled-at": canceled.map(|step| moment(step.at)),
                "created-at": moment(played.created),
                "has-changes": has_changes,
                "invoke-action-addrs": null,
                "is-destroy": spec.is_destroy,
                "message": spec.message,
                "plan-only": spec.plan_only,
                "refresh": true,
                "refresh-only": spec.refresh_only,
                "replace-addrs": list(&spec.replaces),
                "save-plan": false,
                "source": source(spec.source),
                "status": status,
                "status-timestamps": stamps,
                "target-addrs": list(&spec.targets),
                "terraform-version": workspace.terraform_version,
                "trigger-reason": spec.trigger,
                "triggering-source-name": null,
                "updated-at": moment(played.updated(self.now)),
                "permissions": {
                    "can-apply": false, "can-cancel": false, "can-comment": false, "can-discard": false,
                    "can-force-cancel": false, "can-force-execute": false, "can-override-policy-check": false,
                },
                "variables": [],
            },
            "relationships": {
                "workspace": { "data": { "id": self.workspace_id(spec.workspace), "type": "workspaces" } },
                "plan": self.part(run, "plan", "plans"),
                "apply": self.part(run, "apply", "applies"),
                "configuration-version": self.part(run, "cv", "configuration-versions"),
                "created-by": self.created_by(&spec.actor),
                "comments": { "data": self.comment_ids(run) },
                "run-events": { "data": [] },
                "policy-checks": { "data": [] },
                "task-stages": { "data": [] },
            },
        });
        if stamp("confirmed-at")
            && let Some(by) = &spec.confirmed_by
        {
            said["relationships"]["confirmed-by"] = self.created_by(by);
        }
        if canceled.is_some() {
            said["relationships"]["canceled-by"] = self.created_by(&spec.actor);
        }
        said
    }

    /// A relationship to a part that every run has one of.
    fn part(&self, run: usize, kind: &str, name: &str) -> Value {
        let id = self.world.terraform.runs[run].part(kind);
        json!({ "data": { "id": id, "type": name }, "links": { "related": format!("/api/v2/{name}/{id}") } })
    }

    fn comment_ids(&self, run: usize) -> Vec<Value> {
        let (spec, played, _) = self.spec(run);
        (0..spec.comments.len())
            .map(|nth| json!({ "id": comment_id(played, nth), "type": "workspace-comments" }))
            .collect()
    }

    pub(super) fn comments(&self, id: &str) -> Answered {
        let run = self.find_run(id)?;
        let (spec, played, _) = self.spec(run);
        let all: Vec<usize> = (0..spec.comments.len()).collect();
        let show = |nth: usize| {
            json!({
                "id": comment_id(played, nth),
                "type": "comments",
                "attributes": { "body": spec.comments[nth] },
            })
        };
        self.listed(&all, Totals::Told, show, |_| None)
    }

    pub(super) fn plan(&self, run: usize) -> Answered {
        Ok(json_api(StatusCode::OK, &json!({ "data": self.plan_resource(run) })))
    }

    fn plan_resource(&self, run: usize) -> Value {
        let (spec, played, workspace) = self.spec(run);
        let id = played.part("plan");
        let [began, ended] = played.planning;
        let status = match spec.end {
            _ if self.now < began => "pending",
            _ if self.now < ended => "running",
            End::ErroredInPlan => "errored",
            End::CanceledInPlan => "canceled",
            _ => "finished",
        };
        let counts = (status == "finished").then(|| Counts::of(spec, spec.changes.len()));
        let mut stamps = json!({ "queued-at": second(played.created) });
        if began <= self.now {
            stamps["started-at"] = Value::from(second(began));
        }
        if ended <= self.now {
            stamps["finished-at"] = Value::from(second(ended));
        }
        let mut said = json!({
            "id": id,
            "type": "plans",
            "attributes": {
                "execution-details": { "mode": mode(workspace) },
                "generated-configuration": false,
                "has-changes": counts.is_some_and(|counts| counts != Counts::default()),
                "resource-additions": counts.map(|counts| counts.additions),
                "resource-changes": counts.map(|counts| counts.changes),
                "resource-destructions": counts.map(|counts| counts.destructions),
                "resource-imports": counts.map(|counts| counts.imports),
                "structured-run-output-enabled": workspace.structured,
                "status": status,
                "status-timestamps": stamps,
                "log-read-url": self.archived(Content::PlanLog, run, LOG),
                "permissions": { "can-export": false },
                "actions": { "is-exportable": false },
            },
            "relationships": { "state-versions": { "data": [] } },
            "links": { "self": format!("/api/v2/plans/{id}") },
        });
        // A link is where there is something behind it, or will be.
        let links = match workspace.plan_json {
            PlanJson::Both => &["json-output", "json-output-redacted"][..],
            PlanJson::Redacted => &["json-output-redacted"],
            PlanJson::Full => &["json-output"],
            PlanJson::None => &[],
        };
        for link in links {
            said["links"][link] = Value::from(format!("/api/v2/plans/{id}/{link}"));
        }
        said
    }

    /// The plan with all that is in it: for those who may administer the workspace.
    pub(super) fn json_output(&self, run: usize) -> Answered {
        let (_, _, workspace) = self.spec(run);
        match workspace.plan_json {
            PlanJson::Both | PlanJson::Full => self.output(run, Content::Plan, [0, 12, 0]),
            PlanJson::Redacted | PlanJson::None => Err(Refusal::not_found()),
        }
    }

    pub(super) fn redacted_output(&self, run: usize) -> Answered {
        let (_, _, workspace) = self.spec(run);
        match workspace.plan_json {
            PlanJson::Both | PlanJson::Redacted => {
                self.output(run, Content::RedactedPlan, [0, 15, 2])
            }
            PlanJson::Full | PlanJson::None => Err(Refusal::not_found()),
        }
    }

    /// Elsewhere, for a minute; or not yet; or never.
    fn output(&self, run: usize, content: Content, since: [u64; 3]) -> Answered {
        let (spec, played, workspace) = self.spec(run);
        if version(&workspace.terraform_version) < since {
            return Err(Refusal(
                StatusCode::UNPROCESSABLE_ENTITY,
                "unprocessable entity",
                Some("JSON output is not supported by this version of Terraform".to_owned()),
            ));
        }
        let nothing = |status| Ok(Answer::new(status, super::JSON_API, Body::whole(Vec::new())));
        if self.now < played.planning[1] {
            return nothing(StatusCode::NO_CONTENT);
        }
        if matches!(spec.end, End::ErroredInPlan | End::CanceledInPlan) {
            return Err(Refusal::not_found());
        }
        let answer = nothing(StatusCode::TEMPORARY_REDIRECT)?;
        Ok(answer.with("location", self.archived(content, run, MINUTE)))
    }

    pub(super) fn apply(&self, run: usize) -> Answered {
        Ok(json_api(StatusCode::OK, &json!({ "data": self.apply_resource(run) })))
    }

    fn apply_resource(&self, run: usize) -> Value {
        let (spec, played, workspace) = self.spec(run);
        let id = played.part("apply");
        let status = match (played.applying, spec.end) {
            (Some([began, ended]), end) if self.now >= began => match end {
                _ if self.now < ended => "running",
                End::ErroredInApply => "errored",
                End::CanceledInApply | End::ForceCanceled => "canceled",
                _ => "finished",
            },
            // It is known before that there will be nothing to do.
            (_, End::ErroredInPlan | End::CanceledInPlan | End::NoChanges | End::Discarded)
                if played.is_over(self.now) =>
            {
                "unreachable"
            }
            _ => "pending",
        };
        let mut stamps = json!({});
        if let Some([began, ended]) = played.applying {
            if began <= self.now {
                stamps["started-at"] = Value::from(second(began));
            }
            if ended <= self.now {
                let name = match spec.end {
                    End::ErroredInApply => "errored-at",
                    End::CanceledInApply => "canceled-at",
                    End::ForceCanceled => "force-canceled-at",
                    _ => "finished-at",
                };
                stamps[name] = Value::from(second(ended));
            }
        }
        let ended = played.applying.is_some_and(|[_, ended]| ended <= self.now);
        let counts = ended.then(|| Counts::of(spec, spec.applied));
        let states: Vec<Value> = self
            .states_of_run(run)
            .map(|state| json!({ "id": state, "type": "state-versions" }))
            .collect();
        let mut said = json!({
            "id": id,
            "type": "applies",
            "attributes": {
                "action-failures": 0,
                "action-invocations": 0,
                "execution-details": { "mode": mode(workspace) },
                "resource-additions": counts.map(|counts| counts.additions),
                "resource-changes": counts.map(|counts| counts.changes),
                "resource-destructions": counts.map(|counts| counts.destructions),
                "resource-imports": counts.map(|counts| counts.imports),
                "status": status,
                "status-timestamps": stamps,
            },
            "relationships": { "state-versions": { "data": states } },
            "links": { "self": format!("/api/v2/applies/{id}") },
        });
        if played.applying.is_some_and(|[began, _]| began <= self.now) {
            said["attributes"]["log-read-url"] =
                Value::from(self.archived(Content::ApplyLog, run, LOG));
        }
        said
    }
}

fn comment_id(run: &Played, nth: usize) -> String {
    let seed = hash::combine(hash::of_text(6, &run.id), nth as u64);
    format!("wsc-{}", hash::letters(seed, 16))
}

fn mode(workspace: &Workspace) -> &'static str {
    match workspace.execution {
        Execution::Agent => "agent",
        Execution::Remote | Execution::Local => "remote",
    }
}

/// As a run names where it came from.
fn source(source: Source) -> &'static str {
    match source {
        Source::Vcs => "tfe-configuration-version",
        Source::Ui => "tfe-ui",
        Source::Api => "tfe-api",
        Source::Cli => "terraform+cloud",
    }
}

/// The numbers of a version; what is none is 0.
fn version(text: &str) -> [u64; 3] {
    let mut numbers = text.split(['.', '-']).map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| numbers.next().unwrap_or(0))
}
