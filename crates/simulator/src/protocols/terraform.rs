//! HCP Terraform's API, version 2 (JSON:API), as far as runs and states can be read.
//!
//! <https://developer.hashicorp.com/terraform/cloud-docs/api-docs>
//!
//! What the vendor's description of the API has is answered so that it holds against it, to the last key; the tests name
//! what it does not describe.

mod archive;
mod configuration;
mod page;
mod runs;
mod states;
mod workspaces;

use hyper::header::{AUTHORIZATION, HOST};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::Answer;
use super::address::Address;
use super::call::Service;
use super::trouble::Trouble;
use crate::TERRAFORM_TOKEN;
use crate::body::Body;
use crate::world::clock_face::{self, TimeForm};
use crate::world::scenario::terraform::Home;
use crate::world::{World, hash};

pub(super) use archive::archive;

const JSON_API: &str = "application/vnd.api+json";

/// The one operation of the archive.
pub(super) const ARCHIVE: &str = "GetArchivedObject";

/// The operations of this API.
const OPERATIONS: [&str; 15] = [
    "GetApply",
    "GetConfigurationVersion",
    "GetIngressAttributes",
    "GetPlan",
    "GetPlanJsonOutput",
    "GetPlanJsonOutputRedacted",
    "GetRun",
    "GetStateVersion",
    "GetWorkspace",
    "ListOrganizationRuns",
    "ListRunComments",
    "ListStateVersions",
    "ListWorkspaceRuns",
    "ListWorkspaces",
    "Ping",
];

/// Whether an operation is one of this API.
pub(crate) fn is_terraform(operation: &str) -> bool {
    OPERATIONS.contains(&operation)
}

/// The operation that a request calls; an empty text when there is none.
pub(super) fn operation(head: &Parts, address: &Address) -> &'static str {
    let parts = address.parts();
    if head.method != Method::GET {
        return "";
    }
    match parts.get(2..).unwrap_or_default() {
        ["ping"] => "Ping",
        ["organizations", _, "runs"] => "ListOrganizationRuns",
        ["organizations", _, "workspaces"] => "ListWorkspaces",
        ["organizations", _, "workspaces", _] | ["workspaces", _] => "GetWorkspace",
        ["workspaces", _, "runs"] => "ListWorkspaceRuns",
        ["runs", _] => "GetRun",
        ["runs", _, "plan"] | ["plans", _] => "GetPlan",
        ["runs", _, "plan", "json-output"] | ["plans", _, "json-output"] => "GetPlanJsonOutput",
        ["plans", _, "json-output-redacted"] => "GetPlanJsonOutputRedacted",
        ["runs", _, "apply"] | ["applies", _] => "GetApply",
        ["runs", _, "comments"] => "ListRunComments",
        ["runs", _, "configuration-version"] | ["configuration-versions", _] => {
            "GetConfigurationVersion"
        }
        ["configuration-versions", _, "ingress-attributes"] => "GetIngressAttributes",
        ["state-versions"] => "ListStateVersions",
        ["state-versions", _] => "GetStateVersion",
        _ => "",
    }
}

/// A refusal: its status, and what is said.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal(StatusCode, &'static str, Option<String>);

type Answered = Result<Answer, Refusal>;

impl Refusal {
    /// What is not there, and what nobody may see: no difference can be told.
    fn not_found() -> Refusal {
        Refusal(StatusCode::NOT_FOUND, "not found", None)
    }
}

impl From<Refusal> for Answer {
    fn from(Refusal(status, title, detail): Refusal) -> Answer {
        let mut error = json!({ "status": status.as_str(), "title": title });
        if let Some(detail) = detail {
            error["detail"] = Value::from(detail);
        }
        json_api(status, &json!({ "errors": [error] }))
    }
}

fn json_api(status: StatusCode, value: &Value) -> Answer {
    Answer::new(status, JSON_API, Body::whole(value.to_string().into_bytes()))
        .with("x-ratelimit-limit", "30")
        .with("tfp-api-version", "2.6")
}

/// What a request needs to be answered.
struct Asked<'a> {
    world: &'a World,
    now: i64,
    address: &'a Address,
    /// The host that was asked.
    host: &'a str,
    /// Where the archive is: at another name of this machine than the one that was asked.
    archive: String,
}

pub(super) fn answer(world: &World, now: i64, operation: &str, head: &Parts) -> Answer {
    if bearer(head) != Some(TERRAFORM_TOKEN) {
        return Refusal(StatusCode::UNAUTHORIZED, "unauthorized", None).into();
    }
    let address = Address::of(&head.uri);
    let host = host(head);
    let asked = Asked { world, now, address: &address, host, archive: archive::origin(host) };
    asked.answer(operation).unwrap_or_else(Answer::from)
}

fn bearer(head: &Parts) -> Option<&str> {
    head.headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn host(head: &Parts) -> &str {
    head.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1")
}

/// A trouble in the words of this API, or of its archive.
pub(super) fn fails(service: Service, trouble: &Trouble) -> Answer {
    if service == Service::Archive {
        return archive::fails(trouble);
    }
    match trouble {
        // Here, and nowhere else, the status is a number.
        Trouble::Throttled(wait) => {
            let detail = "You have exceeded the API's rate limit.";
            let said = json!({ "errors": [{ "detail": detail, "status": 429, "title": "Too many requests" }] });
            json_api(StatusCode::TOO_MANY_REQUESTS, &said)
                .with("x-ratelimit-remaining", "0")
                .with("x-ratelimit-reset", format!("{:.3}", wait.as_secs_f64()))
        }
        Trouble::Broken(nth) if nth.is_multiple_of(2) => {
            Refusal(StatusCode::SERVICE_UNAVAILABLE, "service unavailable", None).into()
        }
        Trouble::Broken(_) => {
            Refusal(StatusCode::INTERNAL_SERVER_ERROR, "internal server error", None).into()
        }
        Trouble::Expired => Refusal(StatusCode::UNAUTHORIZED, "unauthorized", None).into(),
        Trouble::Denied(_) | Trouble::Absent => Refusal::not_found().into(),
    }
}

impl Asked<'_> {
    fn answer(&self, operation: &str) -> Answered {
        let parts = self.address.parts();
        let named = parts.get(3).copied().unwrap_or_default();
        match (operation, parts.get(2..).unwrap_or_default()) {
            ("Ping", _) => {
                Ok(Answer::new(StatusCode::NO_CONTENT, JSON_API, Body::whole(Vec::new()))
                    .with("tfp-api-version", "2.6")
                    .with("tfp-appname", "HCP Terraform")
                    .with("x-ratelimit-limit", "30"))
            }
            ("ListOrganizationRuns", _) => self.organization_runs(named),
            ("ListWorkspaceRuns", _) => self.workspace_runs(named),
            ("GetRun", _) => self.run(named),
            ("ListRunComments", _) => self.comments(named),
            ("GetPlan", ["runs", ..]) => self.plan(self.find_run(named)?),
            ("GetPlan", _) => self.plan(self.find_part("plan", named)?),
            ("GetPlanJsonOutput", ["runs", ..]) => self.json_output(self.find_run(named)?),
            ("GetPlanJsonOutput", _) => self.json_output(self.find_part("plan", named)?),
            ("GetPlanJsonOutputRedacted", _) => {
                self.redacted_output(self.find_part("plan", named)?)
            }
            ("GetApply", ["runs", ..]) => self.apply(self.find_run(named)?),
            ("GetApply", _) => self.apply(self.find_part("apply", named)?),
            ("GetConfigurationVersion", ["runs", ..]) => self.configuration(self.find_run(named)?),
            ("GetConfigurationVersion", _) => self.configuration(self.find_part("cv", named)?),
            ("GetIngressAttributes", _) => self.ingress(self.find_part("cv", named)?),
            ("ListWorkspaces", _) => self.workspaces(named),
            ("GetWorkspace", ["organizations", _, _, name]) => self.workspace_by_name(named, name),
            ("GetWorkspace", _) => self.workspace_by_id(named),
            ("ListStateVersions", _) => self.state_versions(),
            ("GetStateVersion", _) => self.state_version(named),
            _ => Err(Refusal::not_found()),
        }
    }

    /// The organisation of that name, if the token may see it.
    fn organization(&self, name: &str) -> Result<usize, Refusal> {
        let all = &self.world.scenario.terraform.organizations;
        all.iter()
            .position(|organization| organization.name == name && !organization.denied)
            .ok_or_else(Refusal::not_found)
    }

    /// The organisation of a workspace that is there, and that the token may see.
    fn organization_of(&self, workspace: usize) -> Option<usize> {
        let terraform = &self.world.scenario.terraform;
        let spec = &terraform.workspaces[workspace];
        match spec.home {
            Home::Organization(organization)
                if !terraform.organizations[organization].denied
                    && !spec.denied
                    && self.world.page + spec.created <= self.now =>
            {
                Some(organization)
            }
            _ => None,
        }
    }

    /// A run that is there, and that the token may see.
    fn find_run(&self, id: &str) -> Result<usize, Refusal> {
        self.world
            .terraform
            .find(id)
            .filter(|run| self.is_visible(*run))
            .ok_or_else(Refusal::not_found)
    }

    /// The run with this plan, apply or configuration version.
    fn find_part(&self, kind: &str, id: &str) -> Result<usize, Refusal> {
        let runs = &self.world.terraform.runs;
        (0..runs.len())
            .find(|run| self.is_visible(*run) && runs[*run].part(kind) == id)
            .ok_or_else(Refusal::not_found)
    }

    fn is_visible(&self, run: usize) -> bool {
        let workspace = self.world.scenario.terraform.runs[run].workspace;
        self.world.terraform.runs[run].created <= self.now
            && crate::world::terraform::has_runs(&self.world.scenario, workspace)
            && self.organization_of(workspace).is_some()
    }

    fn workspace_id(&self, workspace: usize) -> String {
        let name = &self.world.scenario.terraform.workspaces[workspace].name;
        let seed = hash::of_text(self.world.scenario.seed, &format!("workspace/{name}"));
        format!("ws-{}", hash::letters(seed, 16))
    }

    fn project_id(&self, name: &str) -> String {
        let seed = hash::of_text(self.world.scenario.seed, &format!("project/{name}"));
        format!("prj-{}", hash::letters(seed, 16))
    }

    fn user_id(&self, name: &str) -> String {
        let seed = hash::of_text(self.world.scenario.seed, &format!("user/{name}"));
        format!("user-{}", hash::letters(seed, 16))
    }

    fn user(&self, name: &str) -> Value {
        json!({
            "id": self.user_id(name),
            "type": "users",
            "attributes": {
                "username": name,
                "is-service-account": name.starts_with("ci-") || name.starts_with("api-org-"),
                "avatar-url": format!("https://www.gravatar.com/avatar/{}?s=100&d=mm", hash::hex(hash::of_text(0, name), 32)),
                "v2-only": false,
                "permissions": { "can-create-organizations": false, "can-change-email": false, "can-change-username": false },
            },
        })
    }

    fn created_by(&self, name: &str) -> Value {
        json!({ "data": { "id": self.user_id(name), "type": "users" } })
    }

    /// The related resources that a request wants along, each checked against what can be had.
    fn includes(&self, known: &[&str]) -> Result<Vec<&str>, Refusal> {
        let wanted = self.address.list("include");
        match wanted.iter().find(|name| !known.contains(name)) {
            Some(unknown) => Err(Refusal(
                StatusCode::BAD_REQUEST,
                "invalid include",
                Some(format!("{unknown} is not a relationship that can be included")),
            )),
            None => Ok(wanted),
        }
    }
}

/// A moment with its milliseconds: `2026-11-22T20:36:58.123Z`.
fn moment(time_ms: i64) -> String {
    clock_face::text(time_ms, TimeForm::Iso)
}

/// A moment as `status-timestamps` has it: `2026-11-22T20:36:58+00:00`.
fn second(time_ms: i64) -> String {
    clock_face::text(time_ms, TimeForm::IsoSeconds).replace('Z', "+00:00")
}

/// Whether a list of names, taken apart at its commas, is empty or has this one.
fn allows(list: &[&str], name: &str) -> bool {
    list.is_empty() || list.contains(&name)
}

#[cfg(test)]
mod tests;
