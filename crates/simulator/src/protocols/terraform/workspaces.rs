//! Workspaces, and with them the run that is current in each: the way to a run that waited for days.

use std::cmp::Reverse;

use hyper::StatusCode;
use serde_json::{Value, json};

use super::page::Totals;
use super::{Answered, Asked, Refusal, json_api, moment};
use crate::world::scenario::terraform::{Execution, Home};

/// What a workspace can bring along.
const INCLUDES: [&str; 8] = [
    "current_run",
    "current_run.plan",
    "current_run.apply",
    "current_run.configuration_version",
    "current_run.configuration_version.ingress_attributes",
    "latest_run",
    "project",
    "organization",
];

impl Asked<'_> {
    pub(super) fn workspaces(&self, organization: &str) -> Answered {
        let organization = self.organization(organization)?;
        let includes = self.includes(&INCLUDES)?;
        let mut all: Vec<usize> = (0..self.world.scenario.terraform.workspaces.len())
            .filter(|workspace| self.organization_of(*workspace) == Some(organization))
            .filter(|workspace| self.is_wanted_workspace(*workspace))
            .collect();
        let name = |workspace: &usize| &self.world.scenario.terraform.workspaces[*workspace].name;
        let created = |workspace: &usize| {
            self.current_run(*workspace).map(|run| self.world.terraform.runs[run].created)
        };
        all.sort_by(|one, other| name(one).cmp(name(other)));
        match self.address.get("sort") {
            None | Some("name") => {}
            Some("-name") => all.reverse(),
            Some("current-run.created-at") => all.sort_by_key(created),
            Some("-current-run.created-at") => all.sort_by_key(|w| Reverse(created(w))),
            Some(other) => {
                return Err(Refusal(
                    StatusCode::BAD_REQUEST,
                    "invalid sort",
                    Some(format!("{other} is nothing to sort by")),
                ));
            }
        }
        self.listed(
            &all,
            Totals::Told,
            |workspace| self.workspace_resource(workspace),
            |shown| (!includes.is_empty()).then(|| self.along(shown, &includes)),
        )
    }

    fn is_wanted_workspace(&self, workspace: usize) -> bool {
        let spec = &self.world.scenario.terraform.workspaces[workspace];
        let status = self
            .current_run(workspace)
            .map_or("", |run| self.world.terraform.runs[run].status(self.now));
        let said = |name| self.address.get(name).filter(|text: &&str| !text.is_empty());
        let wild = said("search[wildcard-name]").map(|text| text.trim_matches('*'));
        super::allows(&self.address.list("filter[current-run][status]"), status)
            && said("search[name]").is_none_or(|text| spec.name.contains(text))
            && wild.is_none_or(|text| spec.name.contains(text))
            && said("filter[project][id]").is_none_or(|id| self.project_id(&spec.project) == id)
            && self
                .address
                .list("search[tags]")
                .iter()
                .all(|tag| spec.tags.iter().any(|other| other == tag))
    }

    pub(super) fn workspace_by_name(&self, organization: &str, name: &str) -> Answered {
        let organization = self.organization(organization)?;
        self.workspace(self.find_named(organization, name)?)
    }

    pub(super) fn workspace_by_id(&self, id: &str) -> Answered {
        self.workspace(self.find_workspace(id)?)
    }

    fn workspace(&self, workspace: usize) -> Answered {
        let includes = self.includes(&INCLUDES)?;
        let mut answer = json!({ "data": self.workspace_resource(workspace) });
        if !includes.is_empty() {
            answer["included"] = Value::from(self.along(&[workspace], &includes));
        }
        Ok(json_api(StatusCode::OK, &answer))
    }

    pub(super) fn find_named(&self, organization: usize, name: &str) -> Result<usize, Refusal> {
        let all = &self.world.scenario.terraform.workspaces;
        (0..all.len())
            .find(|workspace| {
                all[*workspace].name == name
                    && self.organization_of(*workspace) == Some(organization)
            })
            .ok_or_else(Refusal::not_found)
    }

    pub(super) fn find_workspace(&self, id: &str) -> Result<usize, Refusal> {
        (0..self.world.scenario.terraform.workspaces.len())
            .find(|workspace| {
                self.organization_of(*workspace).is_some() && self.workspace_id(*workspace) == id
            })
            .ok_or_else(Refusal::not_found)
    }

    /// The run that was made last, but for those that only plan.
    fn current_run(&self, workspace: usize) -> Option<usize> {
        let runs = &self.world.scenario.terraform.runs;
        let mut own = self.world.terraform.runs_of[workspace].iter().rev().copied();
        own.find(|run| !runs[*run].plan_only && self.is_visible(*run))
    }

    /// What comes along with some workspaces.
    fn along(&self, workspaces: &[usize], includes: &[&str]) -> Vec<Value> {
        let runs: Vec<usize> =
            workspaces.iter().filter_map(|workspace| self.current_run(*workspace)).collect();
        let mut along: Vec<Value> = Vec::new();
        if includes.iter().any(|name| name.starts_with("current_run") || *name == "latest_run") {
            along.extend(runs.iter().map(|run| self.run_resource(*run)));
        }
        let of_runs: Vec<&str> =
            includes.iter().filter_map(|name| name.strip_prefix("current_run.")).collect();
        along.extend(self.included(&runs, &of_runs));
        let terraform = &self.world.scenario.terraform;
        for workspace in workspaces {
            let spec = &terraform.workspaces[*workspace];
            let mut more = Vec::new();
            if includes.contains(&"project") {
                more.push(json!({
                    "id": self.project_id(&spec.project), "type": "projects",
                    "attributes": { "name": spec.project },
                }));
            }
            if includes.contains(&"organization")
                && let Home::Organization(organization) = spec.home
            {
                let name = &terraform.organizations[organization].name;
                more.push(
                    json!({ "id": name, "type": "organizations", "attributes": { "name": name } }),
                );
            }
            for resource in more {
                if !along.iter().any(|other| other["id"] == resource["id"]) {
                    along.push(resource);
                }
            }
        }
        along
    }

    pub(super) fn workspace_resource(&self, workspace: usize) -> Value {
        let terraform = &self.world.scenario.terraform;
        let spec = &terraform.workspaces[workspace];
        let id = self.workspace_id(workspace);
        let organization = match spec.home {
            Home::Organization(organization) => terraform.organizations[organization].name.as_str(),
            Home::Bucket { .. } => "",
        };
        let state =
            self.world.terraform.states[workspace].iter().rev().find(|state| state.at <= self.now);
        let current = self.current_run(workspace);
        let is_locked = current.is_some_and(|run| {
            let played = &self.world.terraform.runs[run];
            !played.is_over(self.now)
        });
        let vcs = spec.repo.as_ref().map(|repo| {
            json!({
                "branch": spec.branch, "identifier": repo, "display-identifier": repo,
                "ingress-submodules": false, "oauth-token-id": "ot-drilldrilldrilldr",
                "tags-regex": null,
            })
        });
        let run =
            current.map(|run| json!({ "id": self.world.terraform.runs[run].id, "type": "runs" }));
        let count = state.map_or(0, |state| {
            state.resources.values().filter(|resource| !resource.address.is_data).count()
        });
        json!({
            "id": id,
            "type": "workspaces",
            "attributes": {
                "actions": { "is-destroyable": true },
                "allow-destroy-plan": true,
                "auto-apply": spec.auto_apply,
                "auto-apply-run-trigger": false,
                "created-at": moment(self.world.page + spec.created),
                "description": null,
                "environment": "default",
                "execution-mode": spec.execution.name(),
                "file-triggers-enabled": spec.repo.is_some(),
                "global-remote-state": false,
                "latest-change-at": state.map(|state| moment(state.at)),
                "locked": is_locked,
                "locked-reason": null,
                "name": spec.name,
                "operations": spec.execution != Execution::Local,
                "queue-all-runs": false,
                "resource-count": count,
                "run-failures": null,
                "source": "tfe-ui",
                "speculative-enabled": true,
                "structured-run-output-enabled": spec.structured,
                "tag-names": spec.tags,
                "terraform-version": spec.terraform_version,
                "trigger-patterns": [],
                "trigger-prefixes": [],
                "updated-at": moment(state.map_or(self.world.page + spec.created, |state| state.at)),
                "vcs-repo": vcs,
                "vcs-repo-identifier": spec.repo,
                "working-directory": spec.directory,
            },
            "relationships": {
                "organization": { "data": { "id": organization, "type": "organizations" } },
                "project": { "data": { "id": self.project_id(&spec.project), "type": "projects" } },
                "current-run": { "data": run },
                "latest-run": { "data": run },
                "current-state-version": {
                    "data": state.map(|state| json!({ "id": state.id, "type": "state-versions" })),
                },
            },
            "links": { "self": format!("/api/v2/organizations/{organization}/workspaces/{}", spec.name) },
        })
    }
}
