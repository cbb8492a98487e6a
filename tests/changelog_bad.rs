//! What sources may answer badly: one clear line each, never a token, and other sources go on.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::support::cloud::{Answer, Cloud, Request};
use crate::support::states::{self, Version};
use crate::support::{Machine, Ran, Served};

/// An answer that is none.
type Bad = fn() -> Answer;

const TOKEN: &str = "atlasv1-not-to-be-shown";

/// A run that was applied at 19:50, with a plan.
fn run(status: &str) -> Value {
    json!({"id": "run-1", "type": "runs", "attributes": {"status": status,
        "created-at": "2026-11-22T19:49:00.000Z", "message": "OPS-1 raise the pool",
        "status-timestamps": {"applying-at": "2026-11-22T19:49:30+00:00",
            "applied-at": "2026-11-22T19:50:00+00:00"}},
        "relationships": {"plan": {"data": {"id": "plan-1", "type": "plans"}},
            "workspace": {"data": {"id": "ws-1", "type": "workspaces"}}}})
}

fn runs(status: &str) -> Answer {
    let included = json!([
        {"id": "ws-1", "type": "workspaces", "attributes": {"name": "ledger"}},
        {"id": "plan-1", "type": "plans", "attributes": {"status": "finished",
            "resource-changes": 1, "has-changes": true}}]);
    Answer::json(json!({"data": [run(status)], "included": included}).to_string())
}

fn status(code: u16) -> Answer {
    let body = json!({"errors": [{"status": code.to_string(), "title": "no"}]});
    Answer { status: code, ..Answer::json(body.to_string()) }
}

/// Everything that is asked for beside the list of runs, where nothing is wrong with it.
fn rest(request: &Request) -> Answer {
    match request.path() {
        path if path.contains("/workspaces") => Answer::json(r#"{"data":[]}"#),
        path if path.contains("/json-output") => Answer::json(
            r#"{"format_version":"1.2","resource_changes":[{"address":"a.b","mode":"managed","type":"a",
                "name":"b","change":{"actions":["update"],"before":{"x":1},"after":{"x":2}}}]}"#,
        ),
        _ => status(404),
    }
}

/// What `oncall changelog` says of a Terraform and of a file, which has one change.
fn read(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Ran {
    let cloud = Cloud::that(answer);
    let mut machine = Machine::new();
    machine.set("TFE_ADDRESS", &cloud.url).set("TFE_TOKEN", TOKEN);
    machine.set("TF_CLOUD_ORGANIZATION", "acme");
    machine.file("ci.jsonl", r#"{"time":"2026-11-22T19:45:00Z","summary":"deployed by CI"}"#);
    let ran = machine.types(
        "oncall changelog --source terraform --from ci.jsonl --debug --since 2026-11-22T19:00:00Z --until 2026-11-22T20:00:00Z",
    );
    assert!(!ran.stderr.contains(TOKEN) && !ran.stdout.contains(TOKEN), "{ran}");
    ran
}

fn sources(ran: &Ran) -> Vec<String> {
    let records = ran.records();
    records.iter().map(|record| record["source"].as_str().unwrap().to_owned()).collect()
}

fn missing(ran: &Ran) -> &str {
    ran.stderr.lines().find(|line| line.starts_with("missing: ")).unwrap_or_default()
}

#[test]
fn an_answer_that_is_none_is_said_in_one_line_and_the_file_is_read_all_the_same() {
    let cases: [(Bad, &str); 4] = [
        (|| status(401), "the token is not accepted"),
        (|| status(404), "there is no such organisation, or the token may not see it"),
        (|| Answer::html(200), "a proxy or a login page may stand between"),
        (|| Answer::json(r#"{"data": 5}"#), "terraform acme"),
    ];
    for (bad, said) in cases {
        let ran = read(move |_| bad());
        assert_eq!((sources(&ran), ran.code), (vec!["file".to_owned()], 3), "{ran}");
        assert!(missing(&ran).contains(said), "{said}: {ran}");
    }
}

#[test]
fn a_throttle_is_waited_for_as_long_as_its_header_says() {
    let asked = AtomicU32::new(0);
    let ran = read(move |request| {
        if !request.path().contains("/runs?") {
            return rest(request);
        }
        match asked.fetch_add(1, Ordering::SeqCst) {
            0 => Answer { headers: vec![("X-RateLimit-Reset", "0.21".to_owned())], ..status(429) },
            _ => runs("applied"),
        }
    });
    assert_eq!(
        (sources(&ran), ran.code),
        (vec!["terraform".to_owned(), "file".to_owned()], 0),
        "{ran}"
    );
}

#[test]
fn a_status_that_nobody_knows_yet_is_told_as_it_is_and_what_became_of_the_run_is_not_known() {
    let ran = read(|request| match request.path().contains("/runs?") {
        true => runs("applied_by_moonlight"),
        false => rest(request),
    });
    assert_eq!(
        (ran.records()[0]["status"].as_str(), ran.code),
        (Some("applied_by_moonlight"), 3),
        "{ran}"
    );
    assert!(missing(&ran).contains("what became of 1 run"), "{ran}");
    assert!(missing(&ran).contains("`applied_by_moonlight`"), "{ran}");
}

#[test]
fn a_plan_that_cannot_be_read_leaves_the_change_without_its_resources() {
    let cases: [(Bad, &str); 3] = [
        (|| Answer::json(r#"{"format_version":"2.0","resource_changes":[]}"#), "2.0"),
        (|| Answer::json(r#"{"format_version":"1.2","resource_changes":[{"addr"#), "plan"),
        (|| Answer::html(200), "proxy"),
    ];
    for (bad, said) in cases {
        let ran = read(move |request| match request.path() {
            path if path.contains("/runs?") => runs("applied"),
            path if path.contains("/json-output") => bad(),
            _ => rest(request),
        });
        assert_eq!(
            (sources(&ran), ran.code),
            (vec!["terraform".to_owned(), "file".to_owned()], 3),
            "{ran}"
        );
        assert!(ran.records()[0].get("resources").is_none(), "{ran}");
        assert!(missing(&ran).contains("details of 1 of 1"), "{ran}");
        assert!(missing(&ran).contains(said), "{said}: {ran}");
    }
    // A minor version that is not known yet is read.
    let ran = read(|request| match request.path() {
        path if path.contains("/runs?") => runs("applied"),
        path if path.contains("/json-output") => Answer::json(
            r#"{"format_version":"1.9","new":[],"resource_changes":[{"address":"a.b","mode":"managed","type":"a",
                "name":"b","change":{"actions":["update"],"before":{"x":1},"after":{"x":2}}}]}"#,
        ),
        _ => rest(request),
    });
    assert_eq!(
        (ran.records()[0]["resources"][0]["address"].as_str(), ran.code),
        (Some("a.b"), 0),
        "{ran}"
    );
}

#[test]
fn where_nobody_listens_the_others_are_read() {
    let mut machine = Machine::new();
    machine.set("TFE_ADDRESS", "http://127.0.0.1:9").set("TFE_TOKEN", TOKEN);
    machine.set("TF_CLOUD_ORGANIZATION", "acme");
    machine.file("ci.jsonl", r#"{"time":"2026-11-22T19:45:00Z","summary":"deployed by CI"}"#);
    let ran = machine.types("oncall changelog --source terraform --from ci.jsonl --since 2026-11-22T19:00:00Z --until 2026-11-22T20:00:00Z");
    assert_eq!((sources(&ran), ran.code), (vec!["file".to_owned()], 3), "{ran}");
    assert!(missing(&ran).contains("refused"), "{ran}");
}

#[test]
fn a_truncated_state_is_said_and_the_other_versions_are_told() {
    let state = |serial: u32, port: u32| {
        json!({"version": 4, "terraform_version": "1.11.4", "serial": serial, "lineage": "l", "outputs": {},
            "resources": [{"mode": "managed", "type": "a", "name": "b", "provider": "p",
                "instances": [{"attributes": {"id": "1", "port": port}}]}]})
        .to_string()
    };
    let version = |id, written, body: String| Version {
        key: "app.tfstate",
        id,
        written,
        body: body.into_bytes(),
    };
    let cloud = states::bucket(
        vec![
            version("3", "2026-11-22T19:40:00.000Z", state(3, 82)[..90].to_owned()),
            version("2", "2026-11-22T19:30:00.000Z", state(2, 81)),
            version("1", "2026-11-22T18:30:00.000Z", state(1, 80)),
        ],
        "owner".to_owned(),
    );
    let mut machine = Machine::with_endpoint(&Cloud::nowhere());
    states::are_at(&mut machine, &cloud);
    let ran = machine.types("oncall changelog --source s3-state --since 2026-11-22T19:00:00Z --until 2026-11-22T20:00:00Z");
    assert_eq!((ran.records().len(), ran.code), (2, 3), "{ran}");
    assert!(ran.records()[0]["summary"].as_str().unwrap().contains("could not be read"), "{ran}");
    assert_eq!(ran.records()[1]["resources"][0]["attributes"], json!(["port"]), "{ran}");
    assert!(missing(&ran).contains("app.tfstate"), "{ran}");
}

#[test]
fn a_wrong_token_is_4_where_it_leaves_nothing_to_read() {
    let cloud = Served::by(&Machine::new(), "oncall --drill drill serve --port 0");
    let mut machine = Machine::new();
    machine.set("TFE_ADDRESS", &cloud.url).set("TFE_TOKEN", TOKEN);
    machine.set("TF_CLOUD_ORGANIZATION", "example");
    machine.set("JIRA_BASE_URL", &cloud.url).set("JIRA_EMAIL", "drill@example.com");
    machine.set("JIRA_API_TOKEN", TOKEN);
    let ran = machine.types("oncall changelog --source terraform,jira");
    assert_eq!((ran.stdout.as_str(), ran.stderr.lines().count(), ran.code), ("", 1, 4), "{ran}");
    let host = cloud.url.trim_start_matches("http://");
    for said in ["terraform example not at all", &format!("jira {host} not at all"), "HTTP 401"] {
        assert!(missing(&ran).contains(said), "{said}: {ran}");
    }
    assert!(!ran.stderr.contains(TOKEN), "{ran}");
    // Where another source can be read, it is not.
    machine.file("ci.jsonl", r#"{"time":"2026-11-22T19:45:00Z","summary":"deployed by CI"}"#);
    let line =
        "oncall changelog --source terraform,jira --from ci.jsonl --since 2026-11-22T19:00:00Z";
    let ran = machine.types(line);
    assert_eq!((sources(&ran), ran.code), (vec!["file".to_owned()], 3), "{ran}");
}

#[test]
fn a_page_of_a_proxy_before_jira_is_told_and_not_quoted() {
    let pages: [Bad; 3] = [
        || Answer::html(200),
        || Answer::html(403),
        // It says that it is JSON.
        || Answer { content_type: "application/json", ..Answer::html(200) },
    ];
    for page in pages {
        let cloud = Cloud::that(move |_| page());
        let mut machine = Machine::new();
        machine.set("JIRA_BASE_URL", &cloud.url).set("JIRA_PAT", TOKEN);
        machine.file("ci.jsonl", r#"{"time":"2026-11-22T19:45:00Z","summary":"deployed by CI"}"#);
        let ran = machine
            .types("oncall changelog --source jira --from ci.jsonl --since 2026-11-22T19:00:00Z");
        assert_eq!((sources(&ran), ran.code), (vec!["file".to_owned()], 3), "{ran}");
        assert!(missing(&ran).contains("a proxy or a login page may stand between"), "{ran}");
        assert!(!ran.stderr.contains("log in"), "{ran}");
    }
}

/// The log of an apply that failed.
const LOG: &str = concat!(
    "\u{2}{\"@level\":\"info\",\"@timestamp\":\"2026-11-22T19:49:31Z\",\"type\":\"version\",",
    "\"terraform\":\"1.11.4\",\"ui\":\"1.2\"}\n",
    "{\"@level\":\"info\",\"@timestamp\":\"2026-11-22T19:49:35Z\",\"type\":\"apply_start\",",
    "\"hook\":{\"resource\":{\"addr\":\"a.b\",\"resource_type\":\"a\"},\"action\":\"update\"}}\n",
    "{\"@level\":\"error\",\"@timestamp\":\"2026-11-22T19:49:37Z\",\"type\":\"apply_errored\",",
    "\"hook\":{\"resource\":{\"addr\":\"a.b\",\"resource_type\":\"a\"},\"action\":\"update\",",
    "\"elapsed_seconds\":2}}\n\u{3}"
);

/// What is said of a run that failed while it was applied. The link to its log is over, and leads to
/// this archive.
fn read_with_a_link_that_is_over(archive: &Cloud) -> Ran {
    let phase = {
        let archive = archive.url.clone();
        move |kind: &str, log: &str| {
            json!({"id": format!("{kind}-1"), "type": kind, "attributes": {"status": "errored",
                "structured-run-output-enabled": true, "resource-changes": 1, "has-changes": true,
                "log-read-url": format!("{archive}/{log}")}})
        }
    };
    let mut failed = run("errored");
    failed["relationships"]["apply"] = json!({"data": {"id": "applies-1", "type": "applies"}});
    failed["relationships"]["plan"] = json!({"data": {"id": "plans-1", "type": "plans"}});
    let list = json!({"data": [failed], "included": [phase("plans", "old"), phase("applies", "old"),
        {"id": "ws-1", "type": "workspaces", "attributes": {"name": "ledger"}}]});
    read(move |request| match request.path() {
        path if path.contains("/runs?") => Answer::json(list.to_string()),
        "/api/v2/applies/applies-1" => {
            Answer::json(json!({"data": phase("applies", "fresh")}).to_string())
        }
        _ => rest(request),
    })
}

fn over() -> Answer {
    states::error(403, "AccessDenied", "Request has expired")
}

#[test]
fn a_link_to_a_log_that_is_over_is_asked_for_anew() {
    let archive = Cloud::that(|request| match request.path().starts_with("/fresh?") {
        true => Answer::json(LOG),
        false => over(),
    });
    let ran = read_with_a_link_that_is_over(&archive);
    assert_eq!((missing(&ran), ran.code), ("", 0), "{ran}");
    assert_eq!(ran.records()[0]["resources"][0]["outcome"], "errored", "{ran}");
    let asked: Vec<String> =
        archive.requests().iter().map(|request| request.path()[..5].to_owned()).collect();
    assert_eq!(asked, ["/old?", "/fres"]);
}

#[test]
fn a_link_to_a_log_that_stays_over_is_said_without_the_link() {
    let archive = Cloud::that(|_| over());
    let ran = read_with_a_link_that_is_over(&archive);
    assert_eq!((sources(&ran), ran.code), (vec!["terraform".to_owned(), "file".to_owned()], 3));
    assert!(missing(&ran).contains("details of 1 of 1 runs"), "{ran}");
    assert!(missing(&ran).contains("the link is no longer valid (HTTP 403)"), "{ran}");
    assert!(!ran.stderr.contains("/fresh") && !ran.stderr.contains("/old"), "{ran}");
}

#[test]
fn a_ticket_that_moved_is_found_by_its_old_key_and_has_its_new_one() {
    let cloud = Served::by(&Machine::new(), "oncall --drill drill serve --port 0");
    let mut machine = Machine::new();
    machine.set("JIRA_BASE_URL", &cloud.url).set("JIRA_EMAIL", "drill@example.com");
    machine.set("JIRA_API_TOKEN", "drill");
    let change = json!({"time": "2026-11-22T19:45:00Z", "summary": "deployed by CI",
        "tickets": ["OPS-2077", "NET-86"]});
    machine.file("ci.jsonl", &change.to_string());
    let ran = machine.types(
        "oncall changelog --source jira --from ci.jsonl --since 2026-11-22T19:44:00Z --until 2026-11-22T19:46:00Z",
    );
    assert_eq!((ran.stderr.as_str(), ran.code), ("", 0), "{ran}");
    let records = ran.records();
    let change = records.iter().find(|record| record["source"] == "file").unwrap();
    let tickets = change["tickets"].as_array().unwrap();
    assert_eq!(tickets.len(), 1, "two keys of one ticket: {change}");
    assert_eq!(tickets[0]["key"], "NET-86");
    assert_eq!(tickets[0]["summary"], "CAA records for the public zone");
}
