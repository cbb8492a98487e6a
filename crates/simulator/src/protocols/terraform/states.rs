//! State versions: the only history of a workspace whose runs are on somebody's machine.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::page::Totals;
use super::{Answered, Asked, Refusal, json_api, moment};
use crate::world::hash;
use crate::world::terraform::{State, has_runs, lineage, state_document};

impl<'a> Asked<'a> {
    /// Those of one workspace, the newest first. Both filters have to be there.
    pub(super) fn state_versions(&self) -> Answered {
        let filter = |name: &'static str| {
            self.address.get(name).ok_or_else(|| {
                let detail = Some(format!("{name} is required"));
                Refusal(StatusCode::UNPROCESSABLE_ENTITY, "invalid filter", detail)
            })
        };
        let organization = self.organization(filter("filter[organization][name]")?)?;
        let workspace = self.find_named(organization, filter("filter[workspace][name]")?)?;
        let wanted = super::allows(&self.address.list("filter[status]"), "finalized");
        let states = &self.world.terraform.states[workspace];
        let mut shown: Vec<usize> =
            (0..states.len()).filter(|state| wanted && states[*state].at <= self.now).collect();
        shown.reverse();
        self.listed(&shown, Totals::Told, |state| self.state_resource(workspace, state), |_| None)
    }

    pub(super) fn state_version(&self, id: &str) -> Answered {
        let all = &self.world.terraform.states;
        let found = (0..all.len())
            .filter(|workspace| self.organization_of(*workspace).is_some())
            .find_map(|workspace| {
                let is_it = |state: &State| state.id == id && state.at <= self.now;
                Some((workspace, all[workspace].iter().position(is_it)?))
            });
        let (workspace, state) = found.ok_or_else(Refusal::not_found)?;
        let answer = json!({ "data": self.state_resource(workspace, state) });
        Ok(json_api(StatusCode::OK, &answer))
    }

    /// The ids of the states that a run has made so far.
    pub(super) fn states_of_run(&self, run: usize) -> impl Iterator<Item = &'a str> {
        let workspace = self.world.scenario.terraform.runs[run].workspace;
        let now = self.now;
        self.world.terraform.states[workspace]
            .iter()
            .filter(move |state| state.run == Some(run) && state.at <= now)
            .map(|state| state.id.as_str())
    }

    fn state_resource(&self, workspace: usize, index: usize) -> Value {
        let terraform = &self.world.scenario.terraform;
        let spec = &terraform.workspaces[workspace];
        let state = &self.world.terraform.states[workspace][index];
        let run = state.run.filter(|_| has_runs(&self.world.scenario, workspace));
        let commit = state.run.and_then(|run| terraform.runs[run].commit.as_ref());
        let url = commit
            .zip(spec.repo.as_ref())
            .map(|(commit, repo)| format!("https://github.com/{repo}/commit/{}", commit.sha));
        let mut resources: Vec<Value> = Vec::new();
        for resource in state.resources.values() {
            let address = &resource.address;
            let module = address.module.as_deref().map_or_else(
                || "root".to_owned(),
                |module| format!("root.{}", module.replace("module.", "")),
            );
            let said = json!({
                "name": address.name, "type": address.kind, "module": module, "count": 1,
                "provider": format!("provider[\"{}\"]", address.provider()),
            });
            let same = |other: &&mut Value| {
                ["name", "type", "module"].iter().all(|key| other[*key] == said[*key])
            };
            match resources.iter_mut().find(same) {
                Some(other) => {
                    let count = other["count"].as_u64().unwrap_or_default() + 1;
                    other["count"] = Value::from(count);
                }
                None => resources.push(said),
            }
        }
        let text = state_document(spec, state);
        let mut said = json!({
            "id": state.id,
            "type": "state-versions",
            "attributes": {
                "created-at": moment(state.at),
                "size": text.len(),
                "serial": state.serial,
                "state-version": 4,
                "status": "finalized",
                "lineage": lineage(spec),
                "md5": hash::hex(hash::of_text(9, &text), 32),
                "intermediate": false,
                "resources-processed": true,
                "resources": resources,
                "terraform-version": spec.terraform_version,
                "vcs-commit-sha": commit.map(|commit| &commit.sha),
                "vcs-commit-url": url,
            },
            "relationships": {
                "workspace": { "data": { "id": self.workspace_id(workspace), "type": "workspaces" } },
                "outputs": { "data": [] },
                "run": { "data": run.map(|run| json!({ "id": self.world.terraform.runs[run].id, "type": "runs" })) },
            },
            "links": { "self": format!("/api/v2/state-versions/{}", state.id) },
        });
        if let Some(run) = state.run {
            said["relationships"]["created-by"] = self.created_by(&terraform.runs[run].actor);
        }
        said
    }
}
