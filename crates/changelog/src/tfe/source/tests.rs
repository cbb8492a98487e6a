use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Address, Secret};
use serde_json::{Value, json};

use super::*;
use crate::found::{Found, sinks};
use crate::loopback::{self, Heard, Server, client, status};
use crate::moment::moment;
use crate::record::{Flag, Outcome, Status};
use crate::tfe::{Access, TokenSource};

const TOKEN: &str = "t0ken-s3cret";
const RUNS: &str = "/api/v2/organizations/acme/runs";
const WORKSPACES: &str = "/api/v2/organizations/acme/workspaces";

type Response = (u16, String, String);

fn at(text: &str) -> Time {
    moment(&format!("2026-11-24T{text}:00Z")).unwrap()
}

/// What a reading came to.
struct Reading {
    found: Vec<Found>,
    read: SourceRead,
    /// The paths that were asked for, in order, without their queries.
    paths: Vec<String>,
}

impl Reading {
    fn changes(&self) -> Vec<&ChangeRecord> {
        let changes = self.found.iter().filter_map(|found| match found {
            Found::Change(change) => Some(&**change),
            _ => None,
        });
        changes.collect()
    }

    /// The ids of changes and the moments that were reached, as they came.
    fn order(&self) -> Vec<String> {
        let told = self.found.iter().map(|found| match found {
            Found::Change(change) => change.id.clone().unwrap_or_default(),
            Found::Reached(time) => format!("reached {}", &time.to_string()[11..16]),
            Found::Ended => "ended".to_owned(),
        });
        told.collect()
    }

    fn why(&self) -> &str {
        match &self.read.ended {
            Ended::Complete { .. } => "",
            Ended::CutShort { why, .. }
            | Ended::Partly { why }
            | Ended::Failed { why }
            | Ended::Denied { why } => why,
        }
    }

    fn asked(&self, part: &str) -> usize {
        self.paths.iter().filter(|path| path.contains(part)).count()
    }
}

struct Asked {
    most_pages: u32,
    details: bool,
    store: Option<Store>,
    workspaces: Vec<String>,
}

impl Default for Asked {
    fn default() -> Self {
        Self { most_pages: 5, details: true, store: None, workspaces: Vec::new() }
    }
}

/// Reads the window from 10:00 until 12:00.
async fn reading(
    asked: Asked,
    answer: impl Fn(&Heard) -> Option<Response> + Send + Sync + 'static,
) -> Reading {
    let server = Server::start(move |heard| answer(heard).unwrap_or_else(|| usual(heard))).await;
    reading_of(&server, asked).await
}

async fn reading_of(server: &Server, asked: Asked) -> Reading {
    let already_asked = server.lines().len();
    let address = Address::parse(&server.url).unwrap();
    let access = Access { address, token: Secret::new(TOKEN), source: TokenSource::Said };
    let tfe = Tfe::new(client(), access, "acme");
    let projects = Projects::default();
    let ask = Ask {
        window: Window { since: at("10:00"), until: at("12:00") },
        now: at("12:00"),
        projects: &projects,
        most_pages: asked.most_pages,
        details: asked.details,
        store: asked.store.as_ref(),
        workspaces: &asked.workspaces,
    };
    let (mut all, mut from) = sinks(1);
    let sink = all.remove(0);
    let take = async {
        let mut found = Vec::new();
        while let Some((_, one)) = from.recv().await {
            found.push(one);
        }
        found
    };
    let read = async {
        let read = read(&tfe, &ask, &sink).await;
        drop(sink);
        read
    };
    let (mut reads, found) = join(read, take).await;
    let path =
        |line: String| line.split(['?']).next().unwrap().trim_start_matches("GET ").to_owned();
    let paths = server.lines().into_iter().skip(already_asked).map(path).collect();
    let reading = Reading { found, read: reads.remove(0), paths };
    let said = format!("{:?} {:?}", reading.found, reading.read);
    assert!(!said.contains("s3cret"), "{said}");
    assert_eq!(reading.read.changes, reading.changes().len() as u64);
    reading
}

/// What no test answers itself: empty lists, and a plan with one resource.
fn usual(heard: &Heard) -> Response {
    match &heard.line {
        line if line.contains(RUNS) => list(&[], None),
        line if line.contains(WORKSPACES) => loopback::json(&json!({"data": [], "included": []})),
        line if line.contains("/json-output") => loopback::json(&plan()),
        _ => status(404),
    }
}

fn plan() -> Value {
    json!({"format_version": "1.2", "resource_changes": [{"address": "aws_ecs_service.web",
        "type": "aws_ecs_service", "change": {"actions": ["update"], "before": {"desired_count": 1,
        "token": "s3cret"}, "after": {"desired_count": 2, "token": "s3cret2"},
        "before_sensitive": {}, "after_sensitive": {}}}]})
}

fn run(id: &str, created: &str, applied: &str) -> Value {
    json!({"id": id, "type": "runs", "attributes": {"status": "applied", "message": "OPS-1 grow",
        "created-at": at(created).to_string(),
        "status-timestamps": {"applying-at": at(applied).to_string(),
            "applied-at": at(applied).to_string()}},
        "relationships": {"plan": {"data": {"id": format!("plan-{id}"), "type": "plans"}},
            "apply": {"data": {"id": format!("apply-{id}"), "type": "applies"}},
            "workspace": {"data": {"id": "ws-1", "type": "workspaces"}},
            "configuration-version": {"data": {"id": "cv-1", "type": "configuration-versions"}}}})
}

fn with(mut run: Value, status: &str) -> Value {
    run["attributes"]["status"] = json!(status);
    run
}

/// A list with what its runs refer to: each plan changes one resource.
fn list(runs: &[Value], next: Option<u32>) -> Response {
    let mut included = vec![
        json!({"id": "ws-1", "type": "workspaces", "attributes": {"name": "prod-api"}}),
        json!({"id": "cv-1", "type": "configuration-versions", "attributes": {"source": "tfe-api"}}),
    ];
    included.extend(runs.iter().map(plan_of));
    loopback::json(
        &json!({"data": runs, "included": included, "meta": {"pagination": {"next-page": next}}}),
    )
}

fn plan_of(run: &Value) -> Value {
    json!({"id": format!("plan-{}", run["id"].as_str().unwrap()), "type": "plans",
        "attributes": {"resource-changes": 1, "status": "finished"}})
}

fn workspace(id: &str, current: &Value) -> Value {
    json!({"id": id, "type": "workspaces", "attributes": {"name": format!("name-{id}")},
        "relationships": {"current-run": {"data": {"id": current["id"], "type": "runs"}}}})
}

fn html() -> Response {
    (200, "Content-Type: text/html\r\n".to_owned(), "<html>s3cret login</html>".to_owned())
}

fn is_runs(heard: &Heard) -> bool {
    heard.line.contains(RUNS)
}

#[tokio::test]
async fn the_newest_come_first_and_what_was_confirmed_late_before_the_end_is_reached() {
    let reading = reading(Asked::default(), |heard| match &heard.line {
        line if line.contains(RUNS) => Some(list(
            &[
                run("run-3", "11:30", "11:31"),
                run("run-2", "11:00", "11:40"),
                run("run-1", "08:00", "08:10"),
            ],
            Some(2),
        )),
        line if line.contains(WORKSPACES) => {
            let late = run("run-0", "01:00", "11:35");
            let included = [late.clone(), plan_of(&late)];
            Some(loopback::json(&json!({"data": [workspace("ws-9", &late)], "included": included})))
        }
        line if line.contains("/runs/run-0") => {
            let late = run("run-0", "01:00", "11:35");
            Some(loopback::json(&json!({"data": late, "included": [plan_of(&late),
                {"id": "cv-1", "type": "configuration-versions"}]})))
        }
        _ => None,
    })
    .await;
    assert_eq!(
        reading.order(),
        ["run-2", "reached 11:40", "run-0", "reached 11:35", "run-3", "reached 10:00"]
    );
    assert_eq!(reading.read.ended, Ended::Complete { until: at("12:00") });
    assert_eq!(reading.read.name.as_deref(), Some("acme"));
    assert_eq!((reading.asked(RUNS), reading.asked(WORKSPACES)), (1, 1));
    assert_eq!((reading.asked("/runs/run-0"), reading.asked("/json-output-redacted")), (1, 3));
    assert_eq!(reading.paths.len(), 6, "{:?}", reading.paths);
    let late = reading.changes()[1];
    assert_eq!(late.system.as_deref(), Some("name-ws-9"));
    assert_eq!(late.resources[0].address, "aws_ecs_service.web");
}

#[tokio::test]
async fn what_is_in_flight_comes_before_anything_is_reached_however_long_ago_it_began() {
    let reading = reading(Asked { details: false, ..Asked::default() }, |heard| {
        let waiting = with(run("run-0", "01:00", "01:00"), "planned");
        let line = &heard.line;
        if line.contains(WORKSPACES) {
            let included = [waiting.clone()];
            return Some(loopback::json(
                &json!({"data": [workspace("ws-9", &waiting)], "included": included}),
            ));
        }
        let second = line.contains("page[number]=2");
        is_runs(heard).then(|| match second {
            false => {
                list(&[run("run-2", "11:30", "11:31"), run("run-1", "10:50", "10:51")], Some(2))
            }
            true => list(&[run("run-b", "10:45", "10:46"), run("run-a", "08:00", "08:10")], None),
        })
    })
    .await;
    assert_eq!(
        reading.order(),
        ["run-0", "run-2", "run-1", "reached 11:50", "run-b", "reached 10:00"]
    );
    assert_eq!(reading.changes()[0].status, Status::AwaitingConfirmation);
    assert_eq!(reading.asked("/runs/"), 0, "who began what still waits is not worth a call");
}

#[tokio::test]
async fn only_runs_that_changed_something_in_the_window_cost_a_call_for_their_details() {
    let answer = |heard: &Heard| {
        is_runs(heard).then(|| {
            let empty = run("run-empty", "11:20", "11:21");
            let mut answer = list(
                &[
                    run("run-2", "11:30", "11:31"),
                    empty,
                    with(run("run-gone", "11:10", "11:11"), "discarded"),
                    with(run("run-same", "11:05", "11:06"), "planned_and_finished"),
                    run("run-old", "09:00", "09:10"),
                ],
                None,
            );
            let mut body: Value = serde_json::from_str(&answer.2).unwrap();
            for thing in body["included"].as_array_mut().unwrap() {
                if thing["id"] == "plan-run-empty" {
                    thing["attributes"]["resource-changes"] = json!(0);
                }
            }
            answer.2 = body.to_string();
            answer
        })
    };
    let with_details = reading(Asked::default(), answer).await;
    assert_eq!(with_details.order(), ["run-2", "reached 11:31", "run-empty", "reached 10:00"]);
    assert_eq!(with_details.asked("json-output"), 1);
    assert!(with_details.changes()[1].summary.starts_with("changed no resource: "));
    let without = reading(Asked { details: false, ..Asked::default() }, answer).await;
    assert_eq!((without.changes().len(), without.asked("json-output")), (2, 0));
    assert_eq!(without.read.ended, Ended::Complete { until: at("12:00") });
}

#[tokio::test]
async fn a_second_reading_asks_for_no_details_of_runs_that_are_over() {
    let root = tempfile::tempdir().unwrap();
    let server = Server::start(|heard| match is_runs(heard) {
        true => list(
            &[run("run-2", "11:30", "11:31"), with(run("run-1", "11:00", "11:01"), "planned")],
            None,
        ),
        false => usual(heard),
    })
    .await;
    let mut seen = Vec::new();
    for expected in [2, 1] {
        let store = Some(Store::new(root.path().into(), root.path().into()));
        let reading = reading_of(&server, Asked { store, ..Asked::default() }).await;
        assert_eq!(reading.asked("json-output"), expected, "{:?}", reading.paths);
        seen.push(reading.found);
    }
    assert_eq!(seen[0], seen[1]);
    for entry in walk(root.path()) {
        assert!(!std::fs::read_to_string(&entry).unwrap().contains("s3cret"), "{entry:?}");
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn where_nothing_is_included_only_the_runs_that_matter_cost_a_call_of_their_own() {
    for refuses in [false, true] {
        let reading = reading(Asked::default(), move |heard| {
            let new = run("run-2", "11:00", "11:05");
            if is_runs(heard) && refuses && heard.line.contains("include") {
                return Some(status(400));
            }
            if heard.line.contains("/runs/run-2") {
                return Some(loopback::json(&json!({"data": new, "included": [plan_of(&new)]})));
            }
            is_runs(heard)
                .then(|| loopback::json(&json!({"data": [new, run("run-1", "09:30", "09:31")]})))
        })
        .await;
        assert_eq!(reading.order(), ["run-2", "reached 10:00"]);
        assert_eq!(reading.asked(RUNS), if refuses { 2 } else { 1 });
        assert_eq!((reading.asked("/runs/run-2"), reading.changes()[0].counts.change), (1, 1));
    }
}

#[tokio::test]
async fn a_run_of_which_the_rest_cannot_be_had_is_told_as_far_as_it_is_known() {
    let reading = reading(Asked::default(), |heard| {
        let mut run = run("run-2", "11:00", "11:05");
        run["attributes"]["message"] = json!("grow");
        is_runs(heard).then(|| loopback::json(&json!({"data": [run]})))
    })
    .await;
    assert_eq!(reading.order(), ["run-2", "reached 10:00"]);
    assert_eq!(reading.changes()[0].flags, [], "what was not read may name a ticket");
    assert_eq!(
        reading.why(),
        "commit and actor of 1 runs: not found, or not permitted (HTTP 404); \
         details of 1 of 1 runs: the server does not say which plan they have"
    );
}

#[tokio::test]
async fn an_organisation_that_cannot_be_read_is_said_in_a_clause() {
    type Refuses = fn() -> Response;
    let cases: [(Refuses, bool, &str); 3] = [
        (|| status(401), true, "the token is not accepted (HTTP 401)"),
        (
            || status(404),
            false,
            "there is no such organisation, or the token may not see it (HTTP 404)",
        ),
        (
            html,
            false,
            "the answer is not from the API (HTTP 200, text/html): a proxy or a login page may stand between",
        ),
    ];
    for (refusal, is_denied, why) in cases {
        let reading = reading(Asked::default(), move |_| Some(refusal())).await;
        assert_eq!(reading.read.ended, Ended::unread(why.to_owned(), is_denied));
        assert_eq!(reading.order(), [""; 0]);
        assert!(reading.paths.len() <= 2, "{:?}", reading.paths);
    }
}

#[tokio::test]
async fn a_throttle_is_waited_for() {
    let throttles = AtomicUsize::new(0);
    let reading = reading(Asked::default(), move |heard| {
        if is_runs(heard) && throttles.fetch_add(1, Ordering::Relaxed) == 0 {
            let head = "Content-Type: application/json\r\nX-RateLimit-Reset: 0.012\r\n";
            return Some((429, head.to_owned(), "{}".to_owned()));
        }
        is_runs(heard).then(|| list(&[run("run-2", "11:00", "11:05")], None))
    })
    .await;
    assert_eq!(reading.read.ended, Ended::Complete { until: at("12:00") });
    assert_eq!((reading.asked(RUNS), reading.changes().len()), (2, 1));
}

/// A reading of two runs, of which the second has no details: `answer` says why.
async fn without_details(answer: impl Fn() -> Response + Send + Sync + 'static) -> Reading {
    let reading = reading(Asked::default(), move |heard| {
        let runs = [run("run-2", "11:00", "11:05"), run("run-1", "10:30", "10:31")];
        if heard.line.contains("plan-run-1") {
            return Some(answer());
        }
        is_runs(heard).then(|| list(&runs, None))
    })
    .await;
    assert_eq!(reading.order(), ["run-2", "reached 11:05", "run-1", "reached 10:00"]);
    assert_eq!(reading.changes()[0].resources.len(), 1);
    assert_eq!(reading.changes()[1].resources.len(), 0);
    assert_eq!(reading.changes()[1].counts.change, 1);
    reading
}

#[tokio::test]
async fn a_run_without_details_is_told_all_the_same_and_why() {
    let version = || loopback::json(&json!({"format_version": "2.0", "resource_changes": []}));
    let cut = || {
        let whole = plan().to_string();
        (200, "Content-Type: application/json\r\n".to_owned(), whole[..whole.len() - 9].to_owned())
    };
    let denied = "json-output needs admin on the workspace (HTTP 404)";
    assert_eq!(
        without_details(|| status(404)).await.read.ended,
        Ended::Partly { why: format!("details of 1 of 2 runs: {denied}") }
    );
    let unknown = without_details(version).await;
    assert_eq!(
        unknown.why(),
        "details of 1 of 2 runs: a plan in JSON of version 2.0 cannot be read: this program knows version 1.x"
    );
    let truncated = without_details(cut).await;
    assert!(
        truncated.why().contains("a plan in JSON ends in the middle, at byte "),
        "{}",
        truncated.why()
    );
    let proxy = without_details(html).await;
    assert!(proxy.why().contains("a login page may stand between"), "{}", proxy.why());
}

#[tokio::test]
async fn a_newer_minor_version_of_a_plan_is_read() {
    let reading = reading(Asked::default(), |heard| {
        let mut plan = plan();
        plan["format_version"] = json!("1.9");
        plan["brand_new"] = json!({"secret": "s3cret"});
        match &heard.line {
            line if line.contains("/json-output") => Some(loopback::json(&plan)),
            _ => is_runs(heard).then(|| list(&[run("run-2", "11:00", "11:05")], None)),
        }
    })
    .await;
    assert_eq!(reading.changes()[0].resources[0].attributes, ["desired_count", "token"]);
    assert_eq!(reading.why(), "");
}

#[tokio::test]
async fn an_unknown_status_is_shown_in_its_own_word() {
    let reading = reading(Asked { details: false, ..Asked::default() }, |heard| {
        let strange = with(run("run-2", "11:00", "11:05"), "levitating");
        is_runs(heard).then(|| list(&[strange], None))
    })
    .await;
    assert_eq!(reading.changes()[0].status, Status::Unknown("levitating".to_owned()));
}

/// A run that failed in the middle, of which the log of the apply is behind `link`.
fn failed_run(server: &str, link: &str) -> Response {
    let failed = with(run("run-2", "11:00", "11:05"), "errored");
    let (code, head, body) = list(&[failed], None);
    let mut body: Value = serde_json::from_str(&body).unwrap();
    let included = body["included"].as_array_mut().unwrap();
    for thing in included.iter_mut().filter(|thing| thing["type"] == "plans") {
        thing["attributes"]["structured-run-output-enabled"] = json!(true);
    }
    included.push(json!({"id": "apply-run-2", "type": "applies", "attributes":
        {"log-read-url": format!("http://{server}/{link}")}}));
    (code, head, body.to_string())
}

fn host(heard: &Heard) -> String {
    let host = heard.head.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}

fn log() -> Response {
    let text = include_str!("../../terraform/fixtures/apply_failed.jsonl");
    (200, "Content-Type: text/plain\r\n".to_owned(), format!("\u{2}{text}\u{3}"))
}

#[tokio::test]
async fn a_run_that_failed_in_the_middle_is_told_by_the_log_of_its_apply() {
    let reading = reading(Asked::default(), |heard| match &heard.line {
        line if line.contains("/log-s3cret") => Some(log()),
        _ => is_runs(heard).then(|| failed_run(&host(heard), "log-s3cret")),
    })
    .await;
    let change = reading.changes()[0];
    assert_eq!((&change.status, change.flags.contains(&Flag::Partial)), (&Status::Partial, true));
    let outcome = |address: &str| {
        change.resources.iter().find(|one| one.address == address).and_then(|one| one.outcome)
    };
    assert_eq!(outcome("terraform_data.migration"), Some(Outcome::Errored));
    assert_eq!(outcome("aws_ecs_service.web"), Some(Outcome::NotStarted));
    assert!(!change.diagnostics.is_empty());
    assert_eq!(reading.why(), "");
}

#[tokio::test]
async fn a_link_to_a_log_that_is_over_is_asked_for_anew_and_where_that_fails_it_is_said() {
    for is_renewed in [true, false] {
        let reading = reading(Asked::default(), move |heard| match &heard.line {
            line if line.contains("/log-s3cret-old") => Some(status(403)),
            line if line.contains("/log-s3cret-new") => Some(log()),
            line if line.contains("/applies/") && is_renewed => {
                let link = format!("http://{}/log-s3cret-new", host(heard));
                let attributes = json!({"log-read-url": link});
                Some(loopback::json(
                    &json!({"data": {"id": "apply-run-2", "attributes": attributes}}),
                ))
            }
            line if line.contains("/applies/") => Some(status(403)),
            _ => is_runs(heard).then(|| failed_run(&host(heard), "log-s3cret-old")),
        })
        .await;
        let change = reading.changes()[0];
        assert_eq!(change.diagnostics.is_empty(), !is_renewed);
        assert!(change.resources.iter().any(|one| one.address == "aws_ecs_service.web"));
        assert_eq!(reading.why().is_empty(), is_renewed, "{}", reading.why());
    }
}

#[tokio::test]
async fn at_the_most_pages_it_is_said_from_when_on_nothing_is_missing() {
    let reading = reading(Asked { most_pages: 1, ..Asked::default() }, |heard| {
        is_runs(heard).then(|| {
            list(&[run("run-2", "11:30", "11:31"), run("run-1", "10:40", "10:41")], Some(2))
        })
    })
    .await;
    let why = "more than 1 pages of runs".to_owned();
    assert_eq!(reading.read.ended, Ended::CutShort { at: at("11:40"), why });
    assert_eq!(reading.order(), ["run-2", "run-1", "reached 11:40"]);
}

#[tokio::test]
async fn a_page_that_fails_and_workspaces_that_are_refused_leave_the_rest() {
    let reading = reading(Asked::default(), |heard| match &heard.line {
        line if line.contains("page[number]=2") => Some(status(404)),
        line if line.contains(WORKSPACES) => Some(status(403)),
        _ => is_runs(heard).then(|| list(&[run("run-2", "11:00", "11:05")], Some(2))),
    })
    .await;
    assert_eq!(reading.changes().len(), 1);
    let Ended::CutShort { at: from, why } = &reading.read.ended else {
        panic!("{:?}", reading.read)
    };
    assert_eq!(*from, at("12:00"));
    assert!(
        why.contains("HTTP 404") && why.contains("confirmed late may be missing: no permission"),
        "{why}"
    );
}

#[tokio::test]
async fn only_wanted_workspaces_are_told_and_cost_details() {
    let workspaces = vec!["prod-*".to_owned(), "dns".to_owned()];
    let reading = reading(Asked { workspaces, ..Asked::default() }, |heard| {
        let mut other = run("run-2", "11:30", "11:31");
        other["relationships"]["workspace"]["data"]["id"] = json!("ws-2");
        is_runs(heard).then(|| {
            let (code, head, body) = list(&[other, run("run-1", "11:00", "11:05")], None);
            let mut body: Value = serde_json::from_str(&body).unwrap();
            body["included"].as_array_mut().unwrap().push(
                json!({"id": "ws-2", "type": "workspaces", "attributes": {"name": "staging-api"}}),
            );
            (code, head, body.to_string())
        })
    })
    .await;
    assert_eq!(reading.order(), ["run-1", "reached 10:00"]);
    assert_eq!(reading.asked("json-output"), 1);
}

#[tokio::test]
async fn a_workspace_without_runs_is_told_by_its_states_where_they_may_have_changed() {
    let local = |id: &str, changed: Option<&str>| {
        json!({"id": id, "type": "workspaces", "attributes": {"name": id, "execution-mode": "local",
            "latest-change-at": changed.map(|changed| at(changed).to_string())}})
    };
    let version = |serial: u64, created: &str, count: u64| {
        json!({"id": format!("sv-{serial}"), "attributes": {"serial": serial, "status": "finalized",
            "created-at": at(created).to_string(), "resources": [
                {"name": "web", "type": "aws_lb", "module": "root", "count": count}]}})
    };
    let reading = reading(Asked::default(), move |heard| match &heard.line {
        line if line.contains(WORKSPACES) => Some(loopback::json(&json!({"included": [], "data": [
            local("laptop", Some("11:00")), local("quiet", Some("09:00")), local("closed", None)]}))),
        line if line.contains("[name]=laptop") => Some(loopback::json(&json!({"data":
            [version(7, "11:00", 3), version(6, "09:00", 1)]}))),
        _ => None,
    })
    .await;
    assert_eq!(reading.order(), ["sv-7", "reached 10:00"]);
    let change = reading.changes()[0];
    assert!(change.summary.contains("2 added"), "{}", change.summary);
    assert_eq!(change.flags, [Flag::CliDriven]);
    assert_eq!(reading.asked("/state-versions"), 2, "quiet did not change");
    assert_eq!(
        reading.why(),
        "states of 1 of 2 local workspaces: the token needs to read state versions"
    );
}

#[tokio::test]
async fn a_service_that_gives_no_details_of_any_run_is_not_asked_for_all_of_them() {
    let reading = reading(Asked::default(), |heard| match &heard.line {
        line if line.contains("/json-output") => Some(html()),
        _ => is_runs(heard).then(|| {
            let runs: Vec<Value> = (10..50)
                .rev()
                .map(|minute| run(&format!("run-{minute}"), "11:00", &format!("11:{minute}")))
                .collect();
            list(&runs, None)
        }),
    })
    .await;
    assert_eq!(reading.changes().len(), 40);
    assert!(reading.asked("json-output") <= 8, "{}", reading.asked("json-output"));
    assert!(reading.why().starts_with("details of 40 of 40 runs: "), "{}", reading.why());
}
