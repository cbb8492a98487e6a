//! Configuration versions, and where they came from.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::{Answered, Asked, Refusal, json_api, second};
use crate::world::hash;
use crate::world::scenario::terraform::Source;

impl Asked<'_> {
    pub(super) fn configuration(&self, run: usize) -> Answered {
        let includes = self.includes(&["ingress_attributes"])?;
        let mut answer = json!({ "data": self.configuration_resource(run) });
        if !includes.is_empty() {
            answer["included"] = self.ingress_resource(run).into_iter().collect();
        }
        Ok(json_api(StatusCode::OK, &answer))
    }

    pub(super) fn configuration_resource(&self, run: usize) -> Value {
        let (spec, played, _) = self.spec(run);
        let id = played.part("cv");
        let source = match (&spec.commit, spec.source) {
            (Some(_), _) => "github",
            (None, Source::Cli) => "terraform",
            (None, _) => "tfe-api",
        };
        let ingress = spec
            .commit
            .as_ref()
            .map(|_| json!({ "id": played.part("ia"), "type": "ingress-attributes" }));
        json!({
            "id": id,
            "type": "configuration-versions",
            "attributes": {
                "auto-queue-runs": true,
                "error": null,
                "error-message": null,
                "provisional": false,
                "source": source,
                "speculative": spec.plan_only,
                "status": "uploaded",
                "status-timestamps": { "uploaded-at": second(played.created) },
                "upload-url": null,
            },
            "relationships": {
                "ingress-attributes": {
                    "data": ingress,
                    "links": { "related": format!("/api/v2/configuration-versions/{id}/ingress-attributes") },
                },
            },
            "links": {
                "self": format!("/api/v2/configuration-versions/{id}"),
                "download": format!("/api/v2/configuration-versions/{id}/download"),
            },
        })
    }

    pub(super) fn ingress(&self, run: usize) -> Answered {
        let ingress = self.ingress_resource(run).ok_or_else(Refusal::not_found)?;
        Ok(json_api(StatusCode::OK, &json!({ "data": ingress })))
    }

    /// Nothing for what was not in a repository.
    pub(super) fn ingress_resource(&self, run: usize) -> Option<Value> {
        let (spec, played, workspace) = self.spec(run);
        let (commit, repo) = (spec.commit.as_ref()?, workspace.repo.as_deref()?);
        let id = played.part("ia");
        let site = format!("https://github.com/{repo}");
        let mut attributes = json!({
            "branch": commit.branch,
            "clone-url": format!("{site}.git"),
            "commit-message": commit.message,
            "commit-sha": commit.sha,
            "commit-url": format!("{site}/commit/{}", commit.sha),
            "compare-url": format!("{site}/compare/{}...{}", hash::hex(hash::of_text(7, &commit.sha), 12), &commit.sha[..12]),
            "identifier": repo,
            "is-pull-request": spec.plan_only && commit.pull_request.is_some(),
            "on-default-branch": commit.branch == workspace.branch,
            "sender-avatar-url": "https://avatars.githubusercontent.com/u/1?v=4",
            "sender-html-url": format!("https://github.com/{}", spec.actor),
            "sender-username": spec.actor,
            "tag": null,
        });
        if let Some(request) = &commit.pull_request {
            attributes["pull-request-number"] = Value::from(request.number);
            attributes["pull-request-title"] = Value::from(request.title.clone());
            attributes["pull-request-body"] = Value::from(request.body.clone());
            attributes["pull-request-url"] = Value::from(format!("{site}/pull/{}", request.number));
        }
        Some(json!({
            "id": id,
            "type": "ingress-attributes",
            "attributes": attributes,
            "relationships": { "created-by": self.created_by(&spec.actor) },
            "links": { "self": format!("/api/v2/ingress-attributes/{id}") },
        }))
    }
}
