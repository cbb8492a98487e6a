use std::io::Read;

use http::{Client, Secret};
use serde_json::json;

use super::*;
use crate::loopback::{self, Server, client, status};
use crate::tfe::TokenSource;

const TOKEN: &str = "s3cret-token";

fn tfe(server: &Server, http: Client) -> Tfe {
    let address = Address::parse(&server.url).unwrap();
    let access = Access { address, token: Secret::new(TOKEN), source: TokenSource::Said };
    Tfe::new(http, access, "acme")
}

fn plan(log: Option<&str>) -> Plan {
    Plan {
        id: "plan-1".to_owned(),
        has_structured_log: log.is_some(),
        log: log.map(|link| Address::private(link).unwrap()),
        ..Plan::default()
    }
}

async fn text(mut reader: Reader) -> String {
    let read = move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).map(|_| text)
    };
    tokio::task::spawn_blocking(read).await.unwrap().unwrap()
}

#[tokio::test]
async fn runs_are_asked_for_a_hundred_at_a_time_with_what_they_refer_to() {
    let server = Server::start(|_| {
        loopback::json(&json!({"data": [{"id": "run-1", "type": "runs"}], "included": [],
            "meta": {"pagination": {"next-page": 3}}}))
    })
    .await;
    let page = tfe(&server, client()).runs(2, Include::Related).await.unwrap();
    assert_eq!((page.runs[0].id.as_str(), page.next, page.has_related), ("run-1", Some(3), true));
    let heard = server.heard().remove(0);
    let wanted = "GET /api/v2/organizations/acme/runs?page[number]=2&page[size]=100&include=plan,apply,\
        created_by,configuration_version.ingress_attributes,workspace";
    assert_eq!(heard.line, wanted);
    assert!(heard.head.contains("authorization: Bearer s3cret-token"), "{}", heard.head);
    assert!(heard.head.contains("accept: application/vnd.api+json"), "{}", heard.head);
}

#[tokio::test]
async fn a_server_that_includes_nothing_is_noticed() {
    let server = Server::start(|_| loopback::json(&json!({"data": []}))).await;
    let page = tfe(&server, client()).runs(1, Include::Nothing).await.unwrap();
    assert!(!page.has_related && page.next.is_none());
    assert!(!server.lines()[0].contains("include"));
}

#[tokio::test(start_paused = true)]
async fn lists_of_runs_have_a_pace_of_their_own_and_other_calls_do_not_wait_for_it() {
    let server = Server::start(|heard| match heard.line.contains("/organizations/") {
        true => loopback::json(&json!({"data": []})),
        false => loopback::json(&json!({"data": {"id": "run-1"}})),
    })
    .await;
    let tfe = tfe(&server, client());
    let began = tokio::time::Instant::now();
    for _ in 0..5 {
        tfe.runs(1, Include::Nothing).await.unwrap();
    }
    tfe.run("run-1").await.unwrap();
    assert!(began.elapsed().as_millis() < 50);
    tfe.runs(1, Include::Nothing).await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 4, "15 a minute once the first are spent");
}

#[tokio::test]
async fn a_workspace_brings_its_current_run_along() {
    let server = Server::start(|_| {
        loopback::json(&json!({
            "data": [{"id": "ws-1", "type": "workspaces", "attributes": {"name": "prod-api",
                    "execution-mode": "remote"}, "relationships": {
                "current-run": {"data": {"id": "run-1", "type": "runs"}},
                "project": {"data": {"id": "prj-1", "type": "projects"}}}}],
            "included": [{"id": "run-1", "type": "runs", "attributes": {"status": "applied"},
                    "relationships": {"plan": {"data": {"id": "plan-1", "type": "plans"}}}},
                {"id": "plan-1", "type": "plans", "attributes": {"resource-changes": 4}},
                {"id": "prj-1", "type": "projects", "attributes": {"name": "Platform"}}]
        }))
    })
    .await;
    let workspace = tfe(&server, client()).workspaces(1).await.unwrap().workspaces.remove(0);
    assert_eq!(workspace.project.as_deref(), Some("Platform"));
    let run = workspace.current_run.unwrap();
    assert_eq!(run.plan.unwrap().counts.changes, Some(4));
    let line = server.lines().remove(0);
    assert!(line.contains("sort=-current-run.created-at&include=current_run.plan,"), "{line}");
}

#[tokio::test]
async fn versions_of_a_state_are_asked_for_by_names() {
    let server = Server::start(|_| {
        loopback::json(&json!({"data": [{"id": "sv-1", "attributes": {"serial": 3}}]}))
    })
    .await;
    let page = tfe(&server, client()).state_versions("laptop", 1).await.unwrap();
    assert_eq!(page.versions[0].serial, Some(3));
    let line = server.lines().remove(0);
    let filters = "filter[workspace][name]=laptop&filter[organization][name]=acme";
    assert!(line.ends_with(filters), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_redacted_plan_comes_through_a_redirect_that_gets_no_token() {
    let archivist = Server::start(|_| loopback::json(&json!({"format_version": "1.2"}))).await;
    let location = format!("Location: {}/v1/object/s3cret\r\n", archivist.url);
    let server = Server::start(move |_| (307, location.clone(), String::new())).await;
    let detail = tfe(&server, client()).detail(&plan(None)).await.unwrap();
    let Detail::RedactedPlan(reader) = detail else { panic!("{detail:?}") };
    assert_eq!(text(reader).await, r#"{"format_version":"1.2"}"#);
    assert_eq!(server.lines(), ["GET /api/v2/plans/plan-1/json-output-redacted"]);
    let head = archivist.heard().remove(0).head.to_ascii_lowercase();
    assert!(!head.contains("authorization") && !head.contains(TOKEN), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_redacted_plan_there_is_the_log_and_then_the_plan() {
    let archivist = Server::start(|heard| {
        let piece = match heard.line.as_str() {
            "GET /log?limit=65536&offset=0" => "\x02{\"a\":1}\n",
            "GET /log?limit=65536&offset=9" => "{\"b\":2}\n\x03",
            other => panic!("{other}"),
        };
        (200, "Content-Type: text/plain\r\n".to_owned(), piece.to_owned())
    })
    .await;
    let server = Server::start(|heard| match heard.line.ends_with("/json-output") {
        true => loopback::json(&json!({"format_version": "1.1"})),
        false => status(404),
    })
    .await;
    let tfe = tfe(&server, client());
    let link = format!("{}/log", archivist.url);
    let detail = tfe.detail(&plan(Some(&link))).await.unwrap();
    let Detail::Log(log) = detail else { panic!("{detail:?}") };
    assert_eq!((log.text(), log.is_whole()), (b"{\"a\":1}\n{\"b\":2}\n".as_slice(), true));
    assert!(!archivist.heard()[0].head.contains(TOKEN));
    let detail = tfe.detail(&plan(None)).await.unwrap();
    let Detail::Plan(reader) = detail else { panic!("{detail:?}") };
    assert_eq!(text(reader).await, r#"{"format_version":"1.1"}"#);
}

#[tokio::test]
async fn an_expired_link_to_a_log_is_asked_for_anew_once() {
    let archivist = Server::start(|heard| match heard.line.contains("/old") {
        true => status(403),
        false => (200, String::new(), "\x02{}\n\x03".to_owned()),
    })
    .await;
    let fresh = format!("{}/new", archivist.url);
    let server = Server::start(move |heard| match heard.line.ends_with("/plans/plan-1") {
        true => loopback::json(&json!({"data": {"id": "plan-1", "type": "plans",
            "attributes": {"log-read-url": fresh}}})),
        false => status(422),
    })
    .await;
    let old = format!("{}/old", archivist.url);
    let detail = tfe(&server, client()).detail(&plan(Some(&old))).await.unwrap();
    assert!(matches!(detail, Detail::Log(ref log) if log.is_whole()), "{detail:?}");
    assert_eq!(archivist.lines().len(), 2);
}

#[tokio::test]
async fn a_plan_that_nobody_has_or_that_is_not_ready_is_nothing() {
    let server = Server::start(|_| status(404)).await;
    let detail = tfe(&server, client()).detail(&plan(None)).await.unwrap();
    let Detail::Nothing { why: Some(why) } = detail else { panic!("{detail:?}") };
    assert_eq!(why.cause, Cause::NotFound);
    let server = Server::start(|_| (204, String::new(), String::new())).await;
    let detail = tfe(&server, client()).detail(&plan(None)).await.unwrap();
    assert!(matches!(detail, Detail::Nothing { why: None }), "{detail:?}");
}

#[tokio::test]
async fn a_wrong_token_ends_the_search_at_once() {
    let server = Server::start(|_| status(401)).await;
    let error = tfe(&server, client()).detail(&plan(None)).await.unwrap_err();
    assert_eq!(error.cause, Cause::Unauthorized);
    assert_eq!(server.lines().len(), 1);
    assert!(!format!("{error:?} {:?}", tfe(&server, client())).contains("s3cret"));
}
