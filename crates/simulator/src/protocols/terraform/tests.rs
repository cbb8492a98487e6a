//! The API as its clients meet it: who may ask, pages, filters, and where the rest of an answer is.

use hyper::Request;

use super::*;
use crate::Scenario;
use crate::protocols::call::Call;

const START: i64 = 1_795_380_000_000;

const SCENARIO: &str = r#"
name = "x"
summary = "x"
seed = 1
organizations = [{ name = "example" }, { name = "secret", denied = true }]

[[workspaces]]
name = "web"
organization = "example"
repo = "example/web"

[[workspaces]]
name = "old"
organization = "example"
terraform_version = "0.11.14"
structured = false

[[workspaces]]
name = "logs-only"
organization = "example"
plan_json = "none"

[[workspaces]]
name = "closed"
organization = "example"
denied = true

[[workspaces]]
name = "warehouse"
organization = "example"
execution = "local"

[[timeline]]
at = "-3d"
run = { workspace = "web", actor = "ana", commit = "0123456789012345678901234567890123456789", commit_message = "OPS-1 x", confirm = "70h", changes = [{ address = "a_b.c", action = "create" }] }

[[timeline]]
at = "-2h"
run = { workspace = "old", actor = "ana", source = "cli" }

[[timeline]]
at = "-1h"
run = { workspace = "logs-only", actor = "ana", comments = ["OPS-2, if anybody asks"] }

[[timeline]]
at = "-50m"
run = { workspace = "closed", actor = "ana" }

[[timeline]]
at = "-40m"
run = { workspace = "warehouse", actor = "lena", changes = [{ address = "a_b.c", action = "create" }] }

[[timeline]]
at = "-30m"
run = { workspace = "web", actor = "ana", plan_only = true, ends = "no_changes" }

[[timeline]]
at = "+1h"
run = { workspace = "web", actor = "ana" }
"#;

fn world() -> World {
    World::new(Scenario::parse("x", SCENARIO).unwrap(), START)
}

fn head(path: &str, token: Option<&str>) -> Parts {
    let mut request = Request::get(path).header("host", "127.0.0.1:8000");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(()).unwrap().into_parts().0
}

fn said(answer: &mut Answer) -> Value {
    let Body::Whole(bytes) = &mut answer.body else { panic!("a whole body") };
    serde_json::from_slice(&bytes.take().unwrap()).unwrap_or(Value::Null)
}

fn ask(world: &World, now: i64, path: &str) -> (u16, Value) {
    let head = head(&format!("/api/v2/{path}"), Some(TERRAFORM_TOKEN));
    let mut answer = answer(world, now, Call::of(&head, b"").operation, &head);
    (answer.status.as_u16(), said(&mut answer))
}

fn get(path: &str) -> Value {
    let (status, value) = ask(&world(), START, path);
    assert_eq!(status, 200, "{path}: {value}");
    value
}

fn names(value: &Value, attribute: &str) -> Vec<String> {
    let data = value["data"].as_array().unwrap();
    data.iter().map(|item| item["attributes"][attribute].as_str().unwrap().to_owned()).collect()
}

/// The redirect of a path, if it is one.
fn redirect(world: &World, path: &str) -> Option<String> {
    let head = head(&format!("/api/v2/{path}"), Some(TERRAFORM_TOKEN));
    let answer = answer(world, START, Call::of(&head, b"").operation, &head);
    assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT);
    answer.headers.into_iter().find(|(name, _)| *name == "location").map(|(_, value)| value)
}

#[test]
fn a_bad_token_is_401_and_what_is_forbidden_404() {
    let world = world();
    for token in [None, Some("other")] {
        let head = head("/api/v2/organizations/example/runs", token);
        let answer = answer(&world, START, Call::of(&head, b"").operation, &head);
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    for path in [
        "organizations/secret/runs",
        "organizations/nobody/runs",
        "organizations/example/workspaces/closed",
        "runs/run-0000000000000000",
        "nothing/at/all",
    ] {
        let (status, value) = ask(&world, START, path);
        assert_eq!((status, &value["errors"][0]["title"]), (404, &json!("not found")), "{path}");
    }
}

#[test]
fn runs_come_newest_first_and_are_never_counted() {
    let runs = get("organizations/example/runs?page%5Bsize%5D=2");
    let created = names(&runs, "created-at");
    assert!(created.len() == 2 && created[0] > created[1], "{created:?}");
    assert_eq!(
        runs["meta"]["pagination"],
        json!({ "current-page": 1, "page-size": 2, "next-page": 2, "prev-page": null })
    );
    let rest = get("organizations/example/runs?page%5Bsize%5D=2&page%5Bnumber%5D=2");
    assert_eq!(
        (rest["data"].as_array().unwrap().len(), &rest["meta"]["pagination"]["next-page"]),
        (1, &Value::Null)
    );
}

#[test]
fn those_of_local_or_closed_workspaces_and_of_the_future_are_not_listed() {
    let messages = names(&get("organizations/example/runs"), "message");
    assert_eq!(messages, ["Triggered via CLI", "Triggered via CLI", "OPS-1 x"]);
    let (_, later) = ask(&world(), START + 3_600_000, "organizations/example/runs");
    assert_eq!(later["data"].as_array().unwrap().len(), 4);
}

#[test]
fn filters_are_heeded_and_a_timeframe_is_a_year() {
    let count = |query: &str| {
        get(&format!("organizations/example/runs?{query}"))["data"].as_array().unwrap().len()
    };
    assert_eq!(count("filter[operation]=plan_only"), 1);
    assert_eq!(count("filter[status]=applied"), 3);
    assert_eq!(count("filter[status]=planned,planned_and_saved"), 0);
    assert_eq!(count("filter[workspace_names]=web"), 1);
    assert_eq!(count("filter[source]=terraform%2Bcloud"), 2);
    assert_eq!(count("search[commit]=01234567"), 1);
    assert_eq!(count("search[basic]=OPS-1"), 1);
    assert_eq!(count("filter[timeframe]=2024"), 0);
    assert_eq!(ask(&world(), START, "organizations/example/runs?filter[timeframe]=2h").0, 400);
}

#[test]
fn what_is_included_is_there_once_and_nothing_else_can_be() {
    let runs = get(
        "organizations/example/runs?include=plan,created_by,configuration_version.ingress_attributes",
    );
    let kinds: Vec<&str> = runs["included"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["type"].as_str().unwrap())
        .collect();
    let count = |kind: &str| kinds.iter().filter(|other| **other == kind).count();
    assert_eq!((count("plans"), count("users"), count("ingress-attributes")), (3, 1, 1));
    assert!(get("organizations/example/runs").get("included").is_none());
    assert_eq!(ask(&world(), START, "organizations/example/runs?include=everything").0, 400);
}

#[test]
fn a_run_that_waited_for_days_is_found_by_its_workspace() {
    let workspaces = get(
        "organizations/example/workspaces?include=current_run.apply&sort=-current-run.created-at",
    );
    let names = names(&workspaces, "name");
    assert_eq!(names, ["logs-only", "old", "web", "warehouse"]);
    let run = workspaces["included"].as_array().unwrap().iter().rev().find(|item| {
        item["type"] == "applies" && item["attributes"]["resource-additions"] == json!(1)
    });
    let finished = run.unwrap()["attributes"]["status-timestamps"]["finished-at"].as_str().unwrap();
    assert!(finished.starts_with("2026-11-22T18:"), "{finished}");
    assert_eq!(workspaces["meta"]["pagination"]["total-count"], json!(4));
}

#[test]
fn a_local_workspace_has_states_and_no_runs() {
    let filters = "filter[workspace][name]=warehouse&filter[organization][name]=example";
    let states = get(&format!("state-versions?{filters}"));
    assert_eq!(states["data"][0]["relationships"]["run"]["data"], Value::Null);
    assert_eq!(states["data"][0]["attributes"]["resources"][0]["type"], json!("a_b"));
    let id = states["data"][0]["id"].as_str().unwrap();
    assert_eq!(get(&format!("state-versions/{id}"))["data"], states["data"][0]);
    let web = get(&format!("state-versions?{}", filters.replace("warehouse", "web")));
    assert!(web["data"][0]["relationships"]["run"]["data"]["id"].is_string());
    assert_eq!(ask(&world(), START, "state-versions?filter[workspace][name]=web").0, 422);
}

#[test]
fn plans_are_elsewhere_for_a_minute_and_not_for_everybody() {
    let world = world();
    let runs = get("organizations/example/runs");
    let plan =
        |nth: usize| runs["data"][nth]["relationships"]["plan"]["data"]["id"].as_str().unwrap();
    let (logs_only, old, web) = (plan(0), plan(1), plan(2));
    assert_eq!(ask(&world, START, &format!("plans/{logs_only}/json-output-redacted")).0, 404);
    assert_eq!(ask(&world, START, &format!("plans/{old}/json-output")).0, 422);
    let url = redirect(&world, &format!("plans/{web}/json-output-redacted")).unwrap();
    let path = url.strip_prefix("http://localhost:8000").unwrap();
    let mut found = archive(&world, START, &head(path, None));
    assert_eq!(said(&mut found)["format_version"], json!("1.2"));
    assert_eq!(archive(&world, START + 60_001, &head(path, None)).status, StatusCode::FORBIDDEN);
    let with_token = archive(&world, START, &head(path, Some(TERRAFORM_TOKEN)));
    assert_eq!(with_token.status, StatusCode::BAD_REQUEST);
    let forged = path.replace("/r", "/j");
    assert_eq!(archive(&world, START, &head(&forged, None)).status, StatusCode::NOT_FOUND);
}

#[test]
fn a_plan_that_is_not_there_yet_is_204() {
    let world = world();
    // The run of an hour later, while it plans.
    let now = START - 240_000 + 3_600_000 + 10_000;
    let (_, runs) = ask(&world, now, "organizations/example/runs?page%5Bsize%5D=1");
    let plan = runs["data"][0]["relationships"]["plan"]["data"]["id"].as_str().unwrap();
    assert_eq!(runs["data"][0]["attributes"]["status"], json!("planning"));
    assert_eq!(ask(&world, now, &format!("plans/{plan}/json-output")).0, 204);
}

#[test]
fn a_log_can_be_read_in_parts() {
    let world = world();
    let run = get("organizations/example/runs?include=plan&page%5Bsize%5D=1");
    let url = run["included"][0]["attributes"]["log-read-url"].as_str().unwrap();
    let path = url.strip_prefix("http://localhost:8000").unwrap();
    let read = |query: &str| {
        let answer = archive(&world, START, &head(&format!("{path}{query}"), None));
        let Body::Whole(Some(bytes)) = answer.body else { return Vec::new() };
        bytes.to_vec()
    };
    let whole = read("");
    assert!(whole.starts_with(&[2]) && whole.ends_with(&[3]));
    let parts: Vec<u8> = (0..whole.len().div_ceil(100))
        .flat_map(|nth| read(&format!("?limit=100&offset={}", nth * 100)))
        .collect();
    assert_eq!(parts, whole);
    assert!(read("?offset=1000000").is_empty());
}

#[test]
fn what_people_wrote_on_a_run_can_be_read() {
    let runs = get("organizations/example/runs");
    let id = runs["data"][0]["id"].as_str().unwrap();
    assert_eq!(names(&get(&format!("runs/{id}/comments")), "body"), ["OPS-2, if anybody asks"]);
}

#[test]
fn too_much_is_a_429_that_says_how_long_to_wait() {
    let mut answer =
        fails(Service::Terraform, &Trouble::Throttled(std::time::Duration::from_millis(1_250)));
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers.contains(&("x-ratelimit-reset", "1.250".to_owned())));
    assert_eq!(said(&mut answer)["errors"][0]["status"], json!(429));
}
