//! The calls. Each is a GET; what to ask next is decided elsewhere.

use http::{Address, Cause, Client, Error, Lane, Quota, Reader, Request};
use serde::de::DeserializeOwned;

use super::credentials::Access;
use super::shapes::{
    Along, Apply, Document, PhaseAttributes, Plan, Resource, Run, RunAttributes, StateVersion,
    StateVersionAttributes, Workspace, WorkspaceAttributes,
};
use super::structured_log::StructuredLog;

/// Lists of runs have a limit of their own: 30 a minute.
const LIST_RUNS: Lane = Lane { name: "runs", quota: Quota { per_second: 0.5, burst: 10.0 } };

const JSON_API: &str = "application/vnd.api+json";
/// The most that a page may have.
const PAGE_SIZE: &str = "100";
/// A plan is streamed, never held: its bound is only against a server that does not end.
const LONGEST_PLAN: u64 = 2 * 1024 * 1024 * 1024;
const LOG_PIECE: usize = 65_536;
const LONGEST_LOG: u64 = 32 * 1024 * 1024;

const OF_A_RUN: &str = "plan,apply,created_by,configuration_version.ingress_attributes,workspace";
const OF_A_WORKSPACE: &str = "current_run.plan,current_run.apply,\
    current_run.configuration_version.ingress_attributes,project";

/// Whether a list is asked to bring along what its runs refer to. Not every server knows that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Include {
    /// Yes.
    Related,
    /// No.
    Nothing,
}

/// One organisation's Terraform.
#[derive(Clone, Debug)]
pub struct Tfe {
    http: Client,
    access: Access,
    organisation: String,
}

/// A page of runs.
#[derive(Clone, Debug)]
pub(super) struct RunPage {
    /// In the order of the answer.
    pub runs: Vec<Run>,
    /// The next page, if there is one.
    pub next: Option<u32>,
    /// Whether plans, applies and commits came along. Without them [`Tfe::run`] has them.
    pub has_related: bool,
}

/// A page of workspaces.
#[derive(Clone, Debug)]
pub(super) struct WorkspacePage {
    /// In the order of the answer.
    pub workspaces: Vec<Workspace>,
    /// The next page, if there is one.
    pub next: Option<u32>,
}

/// A page of versions of a workspace's state.
#[derive(Clone, Debug)]
pub(super) struct StateVersionPage {
    /// Newest first.
    pub versions: Vec<StateVersion>,
    /// The next page, if there is one.
    pub next: Option<u32>,
}

/// What a run did, from the safest source that has it.
#[derive(Debug)]
pub enum Detail {
    /// The plan as JSON, with what is sensitive taken out by the server.
    RedactedPlan(Reader),
    /// The structured log: addresses and actions, no values.
    Log(StructuredLog),
    /// The plan as JSON, with everything in it. It takes more permission.
    Plan(Reader),
    /// None of them can be had.
    Nothing {
        /// Why not, where that is more than that there is no plan yet.
        why: Option<Error>,
    },
}

impl Tfe {
    /// The Terraform of an organisation.
    pub fn new(http: Client, access: Access, organisation: &str) -> Self {
        Self { http, access, organisation: organisation.to_owned() }
    }

    /// The organisation.
    pub fn organisation(&self) -> &str {
        &self.organisation
    }

    /// The host, and its port where that is not the usual one.
    pub fn host(&self) -> String {
        self.access.address.authority()
    }

    /// The page for people of a run.
    pub fn link(&self, workspace: &str, run: &str) -> String {
        let parts = ["app", &self.organisation, "workspaces", workspace, "runs", run];
        self.access.address.join(&parts).to_string()
    }

    /// A page of the organisation's runs over all workspaces, newest first.
    pub(super) async fn runs(&self, page: u32, include: Include) -> Result<RunPage, Error> {
        let address = self.at(&["organizations", &self.organisation, "runs"]);
        let address = paged(address, page);
        let address = match include {
            Include::Related => address.query("include", OF_A_RUN),
            Include::Nothing => address,
        };
        let request = self.get(address).lane(LIST_RUNS);
        let document: Document<Vec<Resource<RunAttributes>>> = self.http.json(&request).await?;
        let along = Along::of(document.included.as_deref());
        Ok(RunPage {
            runs: document.data.iter().map(|run| run.run(&along)).collect(),
            next: document.next_page(),
            has_related: document.included.is_some(),
        })
    }

    /// A run with its plan, apply, commit, workspace and user.
    pub(super) async fn run(&self, id: &str) -> Result<Run, Error> {
        let address = self.at(&["runs", id]).query("include", OF_A_RUN);
        let document: Document<Resource<RunAttributes>> = self.json(address).await?;
        Ok(document.data.run(&Along::of(document.included.as_deref())))
    }

    /// A page of workspaces with their current runs, those with the newest runs first. It is not under the
    /// limit of the lists of runs.
    pub(super) async fn workspaces(&self, page: u32) -> Result<WorkspacePage, Error> {
        let address = self.at(&["organizations", &self.organisation, "workspaces"]);
        let address = paged(address, page)
            .query("sort", "-current-run.created-at")
            .query("include", OF_A_WORKSPACE);
        let document: Document<Vec<Resource<WorkspaceAttributes>>> = self.json(address).await?;
        let along = Along::of(document.included.as_deref());
        Ok(WorkspacePage {
            workspaces: document.data.iter().map(|one| one.workspace(&along)).collect(),
            next: document.next_page(),
        })
    }

    /// A page of the versions of a workspace's state, newest first: the history of what applies elsewhere.
    pub(super) async fn state_versions(
        &self,
        workspace: &str,
        page: u32,
    ) -> Result<StateVersionPage, Error> {
        let address = paged(self.at(&["state-versions"]), page)
            .query("filter[workspace][name]", workspace)
            .query("filter[organization][name]", &self.organisation);
        let document: Document<Vec<Resource<StateVersionAttributes>>> = self.json(address).await?;
        Ok(StateVersionPage {
            versions: document.data.iter().map(Resource::state_version).collect(),
            next: document.next_page(),
        })
    }

    /// A plan anew: its link to the log is valid for a day only.
    pub(super) async fn plan(&self, id: &str) -> Result<Plan, Error> {
        let document: Document<Resource<PhaseAttributes>> =
            self.json(self.at(&["plans", id])).await?;
        Ok(document.data.plan())
    }

    /// An apply anew, for a fresh link to its log.
    pub(super) async fn apply(&self, id: &str) -> Result<Apply, Error> {
        let document: Document<Resource<PhaseAttributes>> =
            self.json(self.at(&["applies", id])).await?;
        Ok(document.data.apply())
    }

    /// What a plan says: as redacted JSON, else as its structured log, else as JSON.
    ///
    /// An error that has nothing to do with this plan (no answer, a throttle, a wrong token) ends the search.
    pub async fn detail(&self, plan: &Plan) -> Result<Detail, Error> {
        let mut why = None;
        match self.plan_json(&plan.id, "json-output-redacted").await {
            Ok(Some(reader)) => return Ok(Detail::RedactedPlan(reader)),
            Ok(None) => {}
            Err(error) if is_of_this_plan(&error) => why = Some(error),
            Err(error) => return Err(error),
        }
        if plan.has_structured_log {
            match self.log_of(plan).await {
                Ok(Some(log)) => return Ok(Detail::Log(log)),
                Ok(None) => {}
                Err(error) if is_of_this_plan(&error) => why = Some(error),
                Err(error) => return Err(error),
            }
        }
        match self.plan_json(&plan.id, "json-output").await {
            Ok(Some(reader)) => Ok(Detail::Plan(reader)),
            Ok(None) => Ok(Detail::Nothing { why }),
            Err(error) if is_of_this_plan(&error) => Ok(Detail::Nothing { why: Some(error) }),
            Err(error) => Err(error),
        }
    }

    /// A log, from the link of a plan or an apply. No token goes along: the link is the key.
    pub async fn log(&self, link: &Address) -> Result<StructuredLog, Error> {
        let mut log = StructuredLog::default();
        while !log.is_whole() && log.offset() < LONGEST_LOG {
            let address = link
                .clone()
                .query("limit", &LOG_PIECE.to_string())
                .query("offset", &log.offset().to_string());
            let piece = self.http.bytes(&Request::get(address)).await?.unwrap_or_default();
            log.push(&piece);
            // An empty piece is the present end. One that is too long is all there is: the server does not
            // know how to give pieces.
            if piece.is_empty() || piece.len() > LOG_PIECE {
                break;
            }
        }
        Ok(log)
    }

    /// The log of a plan; once more with a fresh link when this one is over.
    async fn log_of(&self, plan: &Plan) -> Result<Option<StructuredLog>, Error> {
        let Some(link) = &plan.log else { return Ok(None) };
        match self.log(link).await {
            Err(Error { cause: Cause::LinkExpired { .. }, .. }) => {}
            read => return read.map(Some),
        }
        match self.plan(&plan.id).await?.log {
            Some(link) => self.log(&link).await.map(Some),
            None => Ok(None),
        }
    }

    async fn plan_json(&self, id: &str, form: &str) -> Result<Option<Reader>, Error> {
        let request = self.get(self.at(&["plans", id, form])).at_most(LONGEST_PLAN);
        let stream = self.http.open_stream(&request).await?;
        Ok((stream.status() != 204).then(|| stream.into_reader()))
    }

    async fn json<T: DeserializeOwned>(&self, address: Address) -> Result<T, Error> {
        self.http.json(&self.get(address)).await
    }

    fn get(&self, address: Address) -> Request {
        Request::get(address).bearer(&self.access.token).accept(JSON_API)
    }

    fn at(&self, path: &[&str]) -> Address {
        self.access.address.join(&["api", "v2"]).join(path)
    }
}

fn paged(address: Address, page: u32) -> Address {
    address.query("page[number]", &page.to_string()).query("page[size]", PAGE_SIZE)
}

/// Whether another source may still have what this one refuses.
fn is_of_this_plan(error: &Error) -> bool {
    matches!(
        error.cause,
        Cause::NotFound | Cause::Denied { .. } | Cause::Refused { .. } | Cause::LinkExpired { .. }
    )
}

#[cfg(test)]
mod tests;
