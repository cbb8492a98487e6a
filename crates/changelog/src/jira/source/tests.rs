use http::{Address, Secret};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::found::{Found, sinks};
use crate::jira::{Access, Deployment, Field, Login};
use crate::loopback::{self, Server, client, status as refusal};

const NOON: Time = Time::from_millis(1_795_521_600_000);

fn minutes(minutes: i64) -> Time {
    Time::from_millis(NOON.millis() + minutes * MINUTE)
}

fn ask(projects: &[&str]) -> Ask {
    Ask {
        window: Window { since: minutes(-120), until: NOON },
        now: NOON,
        projects: projects.iter().map(|key| (*key).to_owned()).collect(),
        rules: TicketRules::default(),
        most: 500,
    }
}

fn jira(server: &Server, deployment: Deployment) -> Jira {
    let login = match deployment {
        Deployment::Cloud => Login::Basic { name: "me".to_owned(), token: Secret::new("s3cret") },
        Deployment::DataCenter => Login::Bearer(Secret::new("s3cret")),
    };
    Jira::new(client(), Access { address: Address::parse(&server.url).unwrap(), login, deployment })
}

async fn all(jira: &Jira, ask: &Ask) -> (Vec<ChangeRecord>, bool, SourceRead) {
    let (mut sinks, mut from) = sinks(1);
    let sink = sinks.remove(0);
    let mut reads = read(jira, ask, &sink).await;
    drop(sink);
    let (mut changes, mut reached) = (Vec::new(), false);
    while let Some((_, found)) = from.recv().await {
        match found {
            Found::Change(change) => changes.push(*change),
            Found::Reached(time) => reached = time == ask.window.since,
            Found::Ended => {}
        }
    }
    (changes, reached, reads.remove(0))
}

fn issue(key: &str, kind: &str, category: &str, resolved: Option<&str>) -> Value {
    json!({"key": key, "fields": {"summary": format!("about {key}"), "labels": ["dns"],
        "components": [{"name": "resolver"}], "assignee": {"displayName": "Ada"},
        "status": {"name": "X", "statusCategory": {"key": category}},
        "issuetype": {"name": kind}, "resolutiondate": resolved}})
}

#[tokio::test]
async fn cloud_is_read_page_by_page_and_what_is_no_change_is_left_out() {
    let server = Server::start(|heard| match heard.line.as_str() {
        "GET /rest/api/3/field" => loopback::json(&json!([])),
        _ if heard.body.contains("nextPageToken") => loopback::json(&json!({"issues": [
            issue("OPS-1", "Change", "done", Some("2026-11-24T11:00:00.000+0000")),
            issue("OPS-3", "Change", "done", Some("2026-11-24T09:59:30.000+0000"))], "isLast": true})),
        _ => loopback::json(&json!({"issues": [
            issue("OPS-2", "Story", "done", Some("2026-11-24T11:30:00.000+0000"))],
            "nextPageToken": "2"})),
    })
    .await;
    let (changes, reached, read) = all(&jira(&server, Deployment::Cloud), &ask(&["ops"])).await;
    let [change] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((change.id.as_deref(), change.time), (Some("OPS-1"), minutes(-60)));
    assert_eq!((change.status.as_str(), change.actor.as_deref()), ("applied", Some("Ada")));
    assert_eq!((change.tags.join(" ").as_str(), change.tickets.len()), ("dns resolver", 1));
    assert!(reached);
    assert_eq!((read.changes, read.ended), (1, Ended::Complete { until: NOON }));
    let question: Value = serde_json::from_str(&server.heard()[1].body).unwrap();
    let wanted =
        "project in (\"OPS\") AND resolved >= -121m AND resolved <= 1m ORDER BY resolved DESC";
    assert_eq!(question["jql"], wanted);
}

#[tokio::test]
async fn data_center_is_read_by_place_and_a_limit_is_told() {
    let server = Server::start(|heard| match heard.line.as_str() {
        "GET /rest/api/2/field" => loopback::json(&json!([])),
        _ => {
            let question: Value = serde_json::from_str(&heard.body).unwrap();
            let key = format!("OPS-{}", question["startAt"]);
            let issue = issue(&key, "Change", "done", Some("2026-11-24T11:00:00.000+0000"));
            loopback::json(&json!({"issues": [issue], "total": 5}))
        }
    })
    .await;
    let jira = jira(&server, Deployment::DataCenter);
    let (changes, reached, read) = all(&jira, &ask(&[])).await;
    assert_eq!((changes.len(), reached, server.lines().len()), (5, true, 6));
    assert_eq!(read.ended, Ended::Complete { until: NOON });
    let (changes, reached, read) = all(&jira, &Ask { most: 3, ..ask(&[]) }).await;
    assert_eq!((changes.len(), reached), (3, false));
    assert_eq!(read.ended, Ended::Partly { why: "a search has more than 3 tickets".to_owned() });
}

#[tokio::test]
async fn nothing_is_an_answer_only_to_a_login_that_jira_knows() {
    let server = Server::start(|heard| match heard.line.as_str() {
        "GET /rest/api/3/field" => loopback::json(&json!([])),
        "GET /rest/api/3/myself" => refusal(401),
        _ => loopback::json(&json!({"issues": [], "isLast": true})),
    })
    .await;
    let (_, reached, read) = all(&jira(&server, Deployment::Cloud), &ask(&[])).await;
    let why = "the token is not accepted (HTTP 401)".to_owned();
    assert_eq!((reached, read.ended), (false, Ended::Denied { why }));
}

#[test]
fn windows_are_asked_for_by_the_number_of_their_fields() {
    let field = |id: &str, name: &str| Field { id: id.to_owned(), name: name.to_owned() };
    let ask = ask(&[]);
    let resolved = ask.rules.fields.resolve(&[
        field("customfield_7", "Change start date"),
        field("customfield_8", "Change completion date"),
    ]);
    let (searches, _) = searches(&ask, &resolved);
    assert_eq!(searches[1], "cf[7] >= -1560m AND cf[7] <= 1440m ORDER BY cf[7] DESC");
    assert_eq!(searches[2], "cf[7] <= 1440m AND cf[8] >= -1560m ORDER BY cf[7] DESC");
}

fn standing(category: StatusCategory, said: &str, start: i64) -> ChangeRecord {
    let issue =
        Issue { category: Some(category), status: Some(said.to_owned()), ..Issue::default() };
    let ticket = Ticket { window_start: Some(minutes(start)), ..Ticket::default() };
    change(&issue, ticket, NOON)
}

#[test]
fn a_ticket_stands_as_its_status_and_its_window_say() {
    use StatusCategory::{Done, InProgress, New};
    for (category, said, start, wanted) in [
        (New, "To Do", -10, "awaiting_confirmation"),
        (New, "To Do", 10, "planned"),
        (InProgress, "Implementing", -10, "in_flight"),
        (InProgress, "Approved", 10, "planned"),
        (Done, "Closed", -10, "applied"),
        (Done, "Cancelled", -10, "cancelled"),
    ] {
        assert_eq!(standing(category, said, start).status.as_str(), wanted, "{said} {start}");
    }
    let change = standing(StatusCategory::InProgress, "Implementing", -300);
    assert!(ask(&[]).window.has_effect_of(&change), "it is being made since before the window");
}

proptest! {
    #[test]
    fn no_name_of_a_project_writes_a_search(name in ".{0,20}") {
        let (searches, wrong) = searches(&ask(&[name.as_str(), "OPS"]), &Resolved::default());
        let key = name.trim().to_ascii_uppercase();
        let plain = key.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'_');
        prop_assert_eq!(wrong.is_empty(), plain && key.starts_with(|c: char| c.is_ascii_uppercase()));
        let rest = searches[0].strip_prefix("project in (\"").unwrap();
        let (projects, _) = rest.split_once("\") AND resolved >= ").unwrap();
        prop_assert!(projects.split("\", \"").all(is_project));
    }

    #[test]
    fn a_moment_told_from_now_on_is_never_later(time in -1_000_000i64..1_000_000) {
        let told: i64 = relative(time, 0).trim_end_matches('m').parse().unwrap();
        prop_assert!(told * MINUTE <= time && time < (told + 1) * MINUTE);
    }
}
