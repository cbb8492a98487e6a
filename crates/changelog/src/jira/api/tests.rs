use http::Secret;
use serde_json::Value;

use super::*;
use crate::loopback::{self, Server, client, status};

fn jira(server: &Server, deployment: Deployment) -> Jira {
    let login = match deployment {
        Deployment::Cloud => {
            Login::Basic { name: "me@acme.example".to_owned(), token: Secret::new("s3cret") }
        }
        Deployment::DataCenter => Login::Bearer(Secret::new("s3cret")),
    };
    let address = Address::parse(&server.url).unwrap();
    Jira::new(client(), Access { address, login, deployment })
}

fn issue(key: &str) -> Value {
    json!({"id": "1", "key": key, "fields": {"summary": format!("about {key}")}})
}

fn keys(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

fn own_keys(found: &Found) -> Vec<(&str, &str)> {
    found.tickets.iter().map(|(asked, ticket)| (asked.as_str(), ticket.key.as_str())).collect()
}

#[tokio::test]
async fn cloud_gives_many_tickets_at_once_and_leaves_out_the_unknown() {
    let server = Server::start(|heard| match heard.line.ends_with("/issue/bulkfetch") {
        true => loopback::json(&json!({"issues": [issue("OPS-2"), issue("OPS-1")]})),
        false => status(400),
    })
    .await;
    let jira = jira(&server, Deployment::Cloud);
    let asked = Resolved {
        ids: BTreeMap::from([("Risk".to_owned(), vec!["customfield_1".to_owned()])]),
        unknown: Vec::new(),
    };
    let found = jira.tickets(&keys(&["OPS-1", "OPS-2", "OPS-3", "OPS-1"]), &asked).await.unwrap();
    assert_eq!(own_keys(&found), [("OPS-1", "OPS-1"), ("OPS-2", "OPS-2")]);
    assert_eq!(found.missing, ["OPS-3"]);
    let heard = server.heard();
    assert_eq!(heard.len(), 2, "all at once, and then the one that nothing came for");
    assert_eq!(heard[0].line, "POST /rest/api/3/issue/bulkfetch");
    assert!(heard[0].head.contains("authorization: Basic bWVAYWNtZS5leGFtcGxlOnMzY3JldA=="));
    let question: Value = serde_json::from_str(&heard[0].body).unwrap();
    assert_eq!(question["issueIdsOrKeys"], json!(["OPS-1", "OPS-2", "OPS-3"]));
    let fields = question["fields"].as_array().unwrap();
    assert!(fields.contains(&json!("customfield_1")) && fields.contains(&json!("status")));
    assert!(!fields.contains(&json!("description")));
}

#[tokio::test]
async fn no_call_asks_for_more_than_a_hundred_keys() {
    let server = Server::start(|_| loopback::json(&json!({"issues": []}))).await;
    let many: Vec<String> = (1..=250).map(|number| format!("OPS-{number}")).collect();
    let found =
        jira(&server, Deployment::Cloud).tickets(&many, &Resolved::default()).await.unwrap();
    let calls = server.lines();
    let bulk = calls.iter().filter(|line| line.ends_with("/bulkfetch")).count();
    assert_eq!((found.missing.len(), bulk, calls.len()), (250, 3, 3 + MOST_LOOKUPS));
}

#[tokio::test]
async fn a_single_ticket_that_moved_is_known_without_a_further_call() {
    let server =
        Server::start(|_| loopback::json(&json!({"issues": [issue("NEW-9"), issue("OPS-1")]})))
            .await;
    let jira = jira(&server, Deployment::Cloud);
    let found = jira.tickets(&keys(&["OPS-1", "OPS-2"]), &Resolved::default()).await.unwrap();
    assert_eq!(own_keys(&found), [("OPS-1", "OPS-1"), ("OPS-2", "NEW-9")]);
    assert_eq!((found.missing.len(), server.heard().len()), (0, 1));
}

#[tokio::test]
async fn tickets_that_moved_are_placed_by_searching_and_never_by_their_order() {
    let server = Server::start(|heard| {
        let issues = match heard.line.as_str() {
            "POST /rest/api/3/issue/bulkfetch" => json!([issue("NEW-9"), issue("NEW-8")]),
            "POST /rest/api/3/search/jql" if heard.body.contains("OPS-1") => {
                json!([issue("NEW-8")])
            }
            "POST /rest/api/3/search/jql" if heard.body.contains("OPS-3") => {
                json!([issue("NEW-9")])
            }
            "POST /rest/api/3/search/jql" => return status(400),
            other => panic!("{other}"),
        };
        loopback::json(&json!({"issues": issues, "isLast": true}))
    })
    .await;
    let jira = jira(&server, Deployment::Cloud);
    let asked = keys(&["OPS-1", "OPS-2", "OPS-3", "OPS-4"]);
    let found = jira.tickets(&asked, &Resolved::default()).await.unwrap();
    assert_eq!(own_keys(&found), [("OPS-1", "NEW-8"), ("OPS-3", "NEW-9")]);
    assert_eq!(found.missing, ["OPS-2", "OPS-4"]);
    assert_eq!(found.unplaced, []);
}

#[tokio::test]
async fn a_ticket_that_is_asked_for_by_its_old_and_its_new_key_is_found_by_both() {
    let server = Server::start(|_| loopback::json(&json!({"issues": [issue("NEW-9")]}))).await;
    let jira = jira(&server, Deployment::Cloud);
    let found = jira.tickets(&keys(&["NEW-9", "OPS-1"]), &Resolved::default()).await.unwrap();
    assert_eq!(own_keys(&found), [("NEW-9", "NEW-9"), ("OPS-1", "NEW-9")]);
}

#[tokio::test]
async fn data_center_is_searched_and_an_unknown_key_spoils_only_itself() {
    let server = Server::start(|heard| {
        let question: Value = serde_json::from_str(&heard.body).unwrap();
        let jql = question["jql"].as_str().unwrap();
        if jql.contains("OPS-3") {
            return status(400);
        }
        let all: Vec<Value> = ["OPS-1", "OPS-2", "OPS-4"]
            .into_iter()
            .filter(|key| jql.contains(key))
            .map(issue)
            .collect();
        let start = question["startAt"].as_u64().unwrap() as usize;
        let page: Vec<&Value> = all.iter().skip(start).take(1).collect();
        loopback::json(&json!({"issues": page, "startAt": start, "total": all.len()}))
    })
    .await;
    let jira = jira(&server, Deployment::DataCenter);
    let asked = keys(&["OPS-1", "OPS-2", "OPS-3", "OPS-4"]);
    let found = jira.tickets(&asked, &Resolved::default()).await.unwrap();
    assert_eq!(own_keys(&found), [("OPS-1", "OPS-1"), ("OPS-2", "OPS-2"), ("OPS-4", "OPS-4")]);
    assert_eq!(found.missing, ["OPS-3"]);
    let heard = server.heard();
    assert!(heard.iter().all(|heard| heard.line == "POST /rest/api/2/search"));
    assert!(heard[0].head.contains("authorization: Bearer s3cret"));
}

#[tokio::test]
async fn fields_are_listed_and_a_wrong_login_is_said() {
    let server = Server::start(|_| {
        loopback::json(&json!([{"id": "customfield_1", "name": "Risk", "schema": {}}]))
    })
    .await;
    let fields = jira(&server, Deployment::Cloud).fields().await.unwrap();
    assert_eq!(fields[0].name, "Risk");
    assert_eq!(server.lines(), ["GET /rest/api/3/field"]);
    let server = Server::start(|_| status(401)).await;
    let jira = jira(&server, Deployment::DataCenter);
    let error = jira.fields().await.unwrap_err();
    assert_eq!(error.cause, Cause::Unauthorized);
    assert!(!format!("{error:?} {jira:?}").contains("s3cret"));
    assert_eq!(jira.link("OPS-1"), format!("{}/browse/OPS-1", server.url));
}
