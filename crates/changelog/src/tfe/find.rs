//! The calls in their order: the runs of a window, newest first, and the versions of a state.

use std::collections::HashSet;

use http::{Cause, Error};

use super::api::{Include, RunPage, Tfe};
use super::plan_calls::{Coverage, Paging, Step, late_runs, matters};
use super::shapes::{Effect, Run, StateVersion, Workspace};
use crate::window::Window;

/// Pages of workspaces that the second pass turns at most: two thousand workspaces.
const MOST_WORKSPACE_PAGES: u32 = 20;

/// What a search for runs came to. The runs themselves were handed over as they came.
#[derive(Clone, Debug)]
pub struct Found {
    /// How much of the window the list of runs showed.
    pub coverage: Coverage,
    /// Whether all workspaces were looked through for runs that were confirmed late.
    pub has_all_workspaces: bool,
    /// The workspaces that were seen, without their runs. Those with `local` execution have no runs to show.
    pub workspaces: Vec<Workspace>,
    /// What could not be had, while the rest could.
    pub failures: Vec<Error>,
}

/// The versions of a workspace's state that a window has.
#[derive(Clone, Debug)]
pub struct Versions {
    /// Newest first.
    pub within: Vec<StateVersion>,
    /// The one before the window, which the oldest within differs from.
    pub before: Option<StateVersion>,
    /// How much of the window was seen.
    pub coverage: Coverage,
}

impl Tfe {
    /// Hands over each run that took effect within a window or is still about to, with what it refers
    /// to, as soon as it is known: first the list of runs, newest first, with at most so many pages, then those
    /// that only their workspaces know.
    ///
    /// An error is one that left nothing to read; those of single calls are among the failures.
    pub async fn runs_within(
        &self,
        window: Window,
        most_pages: u32,
        mut hand_over: impl FnMut(Run),
    ) -> Result<Found, Error> {
        let mut failures = Vec::new();
        let mut seen = HashSet::new();
        let mut paging = Paging::new(window.since, most_pages);
        let mut page = self.first_runs(paging.first()).await?;
        let include = if page.has_related { Include::Related } else { Include::Nothing };
        let coverage = loop {
            let step = paging.saw(page.runs.iter().map(|run| run.created_at), page.next);
            for run in page.runs {
                if !seen.insert(run.id.clone()) || !matters(&run, window) {
                    continue;
                }
                match page.has_related {
                    true => hand_over(run),
                    false => hand_over(self.completed(run, &mut failures).await),
                }
            }
            let next = match step {
                Step::Enough(coverage) => break coverage,
                Step::Ask(next) => next,
            };
            page = match self.runs(next, include).await {
                Ok(page) => page,
                Err(error) => {
                    failures.push(error);
                    break paging.broken_off();
                }
            };
        };
        let mut workspaces = Vec::new();
        let mut next = Some(1);
        while let Some(number) = next.filter(|number| *number <= MOST_WORKSPACE_PAGES) {
            let page = match self.workspaces(number).await {
                Ok(page) => page,
                Err(error) => {
                    failures.push(error);
                    break;
                }
            };
            next = page.next;
            let known: HashSet<&str> = seen.iter().map(String::as_str).collect();
            let late = late_runs(&known, &page.workspaces, window);
            let late: HashSet<String> = late.into_iter().map(str::to_owned).collect();
            for mut workspace in page.workspaces {
                let run = workspace.current_run.take();
                let wanted = workspace.current_run_id.clone().filter(|id| late.contains(id));
                workspaces.push(workspace.clone());
                let Some(id) = wanted else { continue };
                // Who began it does not come along here. Of what still waits, that is not worth a call.
                let has_enough = run
                    .as_ref()
                    .is_some_and(|run| !matches!(run.effect(), Effect::Applied | Effect::Partial));
                let run = run.map_or_else(|| Run { id, ..Run::default() }, |run| *run);
                let run = match has_enough {
                    true => run,
                    false => self.completed(run, &mut failures).await,
                };
                if matters(&run, window) {
                    hand_over(Run { workspace: run.workspace.or(Some(workspace)), ..run });
                }
            }
        }
        let has_all_workspaces = next.is_none();
        Ok(Found { coverage, has_all_workspaces, workspaces, failures })
    }

    /// The finished versions of a workspace's state within a window, with at most so many pages.
    pub async fn versions_within(
        &self,
        workspace: &str,
        window: Window,
        most_pages: u32,
    ) -> Result<Versions, Error> {
        let mut paging = Paging::down_to(window.since, most_pages);
        let (mut within, mut before) = (Vec::new(), None);
        let mut number = paging.first();
        loop {
            let page = self.state_versions(workspace, number).await?;
            let step =
                paging.saw(page.versions.iter().map(|version| version.created_at), page.next);
            for version in page.versions {
                // Half-written and withdrawn ones were never the state.
                if matches!(version.status.as_str(), "pending" | "discarded") {
                    continue;
                }
                match version.created_at {
                    Some(created) if created >= window.until => {}
                    Some(created) if created < window.since => before = before.or(Some(version)),
                    _ => within.push(version),
                }
            }
            match step {
                Step::Ask(next) => number = next,
                Step::Enough(coverage) => return Ok(Versions { within, before, coverage }),
            }
        }
    }

    /// The first page, without what runs refer to where the server does not know how to include it.
    async fn first_runs(&self, page: u32) -> Result<RunPage, Error> {
        match self.runs(page, Include::Related).await {
            Err(Error { cause: Cause::Refused { .. }, .. }) => {
                self.runs(page, Include::Nothing).await
            }
            answer => answer,
        }
    }

    /// The run with what it refers to; as it was, where that cannot be had.
    async fn completed(&self, run: Run, failures: &mut Vec<Error>) -> Run {
        match self.run(&run.id).await {
            Ok(whole) => whole,
            Err(error) => {
                failures.push(error);
                run
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ::record::Time;
    use http::{Address, Secret};
    use serde_json::{Value, json};

    use super::*;
    use crate::loopback::{self, Heard, Server, client, status};
    use crate::moment::moment;
    use crate::tfe::{Access, TokenSource};

    fn at(text: &str) -> Time {
        moment(&format!("2026-11-24T{text}:00Z")).unwrap()
    }

    fn window() -> Window {
        Window { since: at("10:00"), until: at("12:00") }
    }

    fn run(id: &str, created: &str, applied: &str) -> Value {
        json!({"id": id, "type": "runs", "attributes": {"status": "applied",
            "created-at": at(created).to_string(), "message": id,
            "status-timestamps": {"applied-at": at(applied).to_string()}},
            "relationships": {"plan": {"data": {"id": format!("plan-{id}"), "type": "plans"}}}})
    }

    async fn find(
        answer: impl Fn(&Heard) -> (u16, String, String) + Send + Sync + 'static,
    ) -> (Result<Found, Error>, Vec<Run>, Vec<String>) {
        let server = Server::start(answer).await;
        let address = Address::parse(&server.url).unwrap();
        let access = Access { address, token: Secret::new("t"), source: TokenSource::Said };
        let tfe = Tfe::new(client(), access, "acme");
        let mut runs = Vec::new();
        let found = tfe.runs_within(window(), 3, |run| runs.push(run)).await;
        let lines = server.lines().into_iter();
        let paths = lines.map(|line| line.split(['?']).next().unwrap().to_owned()).collect();
        (found, runs, paths)
    }

    fn ids(runs: &[Run]) -> Vec<&str> {
        runs.iter().map(|run| run.id.as_str()).collect()
    }

    const RUNS: &str = "GET /api/v2/organizations/acme/runs";
    const WORKSPACES: &str = "GET /api/v2/organizations/acme/workspaces";

    #[tokio::test]
    async fn the_list_goes_first_and_workspaces_know_what_was_confirmed_late() {
        let (found, runs, paths) = find(|heard| match &heard.line {
            line if line.starts_with(RUNS) => loopback::json(&json!({"included": [],
                "data": [run("run-2", "11:00", "11:05"), run("run-1", "08:00", "08:10")],
                "meta": {"pagination": {"next-page": 2}}})),
            line if line.starts_with(WORKSPACES) => loopback::json(&json!({
                "data": [
                    {"id": "ws-1", "attributes": {"name": "late"}, "relationships":
                        {"current-run": {"data": {"id": "run-0", "type": "runs"}}}},
                    {"id": "ws-2", "attributes": {"name": "laptop", "execution-mode": "local"}}],
                "included": [run("run-0", "01:00", "11:30")]})),
            _ => loopback::json(&json!({"data": run("run-0", "01:00", "11:30"), "included": [
                {"id": "plan-run-0", "type": "plans", "attributes": {"resource-changes": 7}}]})),
        })
        .await;
        let found = found.unwrap();
        assert_eq!(ids(&runs), ["run-2", "run-0"]);
        assert_eq!(paths, [RUNS, WORKSPACES, "GET /api/v2/runs/run-0"]);
        assert_eq!((found.coverage, found.has_all_workspaces), (Coverage::Whole, true));
        assert_eq!(runs[1].workspace.as_ref().unwrap().name, "late");
        assert_eq!(runs[1].plan.as_ref().unwrap().counts.changes, Some(7));
        assert_eq!(found.workspaces[1].execution_mode, "local");
    }

    #[tokio::test]
    async fn where_nothing_is_included_only_the_runs_that_matter_cost_a_second_call() {
        for refuses in [false, true] {
            let (found, runs, paths) =
                find(move |heard| match &heard.line {
                    line if line.starts_with(RUNS) && refuses && line.contains("include") => {
                        status(400)
                    }
                    line if line.starts_with(RUNS) => loopback::json(&json!({
                    "data": [run("run-2", "11:00", "11:05"), run("run-1", "09:30", "09:31")]})),
                    line if line.starts_with(WORKSPACES) => loopback::json(&json!({"data": []})),
                    _ => loopback::json(
                        &json!({"data": run("run-2", "11:00", "11:05"), "included": [
                    {"id": "plan-run-2", "type": "plans", "attributes": {"resource-changes": 7}}]}),
                    ),
                })
                .await;
            assert_eq!(found.unwrap().failures, []);
            assert_eq!(ids(&runs), ["run-2"]);
            assert_eq!(runs[0].plan.as_ref().unwrap().counts.changes, Some(7));
            let asked = if refuses { vec![RUNS, RUNS] } else { vec![RUNS] };
            assert_eq!(paths, [asked, vec!["GET /api/v2/runs/run-2", WORKSPACES]].concat());
        }
    }

    #[tokio::test]
    async fn what_fails_on_the_way_is_said_and_the_rest_is_read() {
        let (found, runs, _) = find(|heard| match &heard.line {
            line if line.contains("page[number]=2") => status(404),
            line if line.starts_with(RUNS) => loopback::json(&json!({"included": [],
                "data": [run("run-2", "11:00", "11:05")],
                "meta": {"pagination": {"next-page": 2}}})),
            _ => status(403),
        })
        .await;
        let found = found.unwrap();
        assert_eq!(ids(&runs), ["run-2"]);
        assert_eq!(found.coverage, Coverage::Cut { before: Some(at("11:00")) });
        assert_eq!((found.failures.len(), found.has_all_workspaces), (2, false));
    }

    #[tokio::test]
    async fn a_run_that_comes_on_two_pages_is_one() {
        let (_, runs, _) = find(|heard| match &heard.line {
            line if line.starts_with(RUNS) => loopback::json(&json!({"included": [],
                "data": [run("run-2", "11:00", "11:05")],
                "meta": {"pagination": {"next-page": 2}}})),
            _ => loopback::json(&json!({"data": []})),
        })
        .await;
        assert_eq!(ids(&runs), ["run-2"]);
    }

    #[tokio::test]
    async fn an_organisation_that_cannot_be_seen_is_an_error() {
        let (found, runs, paths) = find(|_| status(404)).await;
        assert_eq!(found.unwrap_err().cause, Cause::NotFound);
        assert_eq!((runs.len(), paths.len()), (0, 1));
    }

    #[tokio::test]
    async fn versions_of_a_state_come_with_the_one_before_the_window() {
        let version = |serial: u64, created: &str, status: &str| {
            json!({"id": format!("sv-{serial}"), "attributes": {"serial": serial, "status": status,
                "created-at": at(created).to_string()}})
        };
        let list = json!({"data": [version(9, "12:00", "finalized"), version(8, "11:50", "pending"),
            version(7, "11:00", "finalized"), version(6, "09:00", "finalized"),
            version(5, "08:00", "finalized")], "meta": {"pagination": {"next-page": 2}}});
        let server = Server::start(move |_| loopback::json(&list)).await;
        let address = Address::parse(&server.url).unwrap();
        let access = Access { address, token: Secret::new("t"), source: TokenSource::Said };
        let tfe = Tfe::new(client(), access, "acme");
        let versions = tfe.versions_within("laptop", window(), 3).await.unwrap();
        let serials: Vec<_> = versions.within.iter().map(|version| version.serial).collect();
        assert_eq!(serials, [Some(7)]);
        assert_eq!(versions.before.unwrap().serial, Some(6));
        assert_eq!((versions.coverage, server.lines().len()), (Coverage::Whole, 1));
    }
}
