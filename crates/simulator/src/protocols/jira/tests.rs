//! Both editions, and where they differ.

use hyper::Request;

use super::*;
use crate::Scenario;
use crate::protocols::call::Call;

const START: i64 = 1_795_380_000_000;

const SCENARIO: &str = r#"
name = "x"
summary = "x"
seed = 1
projects = [{ key = "OPS" }, { key = "NET" }, { key = "SEC" }]

[[tickets]]
key = "OPS-1"
summary = "one"
reporter = "ana"
statuses = [{ at = "-3d", name = "To Do" }, { at = "-1h", name = "Approved" }, { at = "+1h", name = "Done" }]
window = ["-2h", "+2h"]
approvals = ["mei"]
effect = "None.\n\nAt all."

[[tickets]]
key = "NET-7"
moved_from = ["OPS-2"]
summary = "two"
reporter = "ana"
statuses = [{ at = "-5d", name = "Done" }]

[[tickets]]
key = "SEC-3"
summary = "three"
reporter = "ana"
statuses = [{ at = "-5d", name = "Done" }]
hidden = true
"#;

fn ask(method: &str, path: &str, authorization: &str, now: i64, body: &Value) -> (u16, Value) {
    let world = World::new(Scenario::parse("x", SCENARIO).unwrap(), START);
    let request =
        Request::builder().method(method).uri(path).header("authorization", authorization);
    let head = request.body(()).unwrap().into_parts().0;
    let text = body.to_string();
    let operation = Call::of(&head, text.as_bytes()).operation;
    let mut answer = answer(&world, now, operation, &head, text.as_bytes());
    let Body::Whole(bytes) = &mut answer.body else { panic!("a whole body") };
    let said = serde_json::from_slice(&bytes.take().unwrap()).unwrap();
    (answer.status.as_u16(), said)
}

fn cloud() -> String {
    format!("Basic {}", base64(b"drill@example.com:drill"))
}

fn fetch(version: u8, body: &Value) -> Value {
    let path = format!("/rest/api/{version}/issue/bulkfetch");
    let (status, value) = ask("POST", &path, &cloud(), START, body);
    assert_eq!(status, 200, "{value}");
    value
}

fn search(path: &str) -> (u16, Value) {
    ask("GET", path, &cloud(), START, &Value::Null)
}

fn keys(value: &Value) -> Vec<&str> {
    value["issues"].as_array().unwrap().iter().map(|issue| issue["key"].as_str().unwrap()).collect()
}

#[test]
fn cloud_wants_a_name_and_a_token_and_data_center_takes_a_token() {
    for (path, authorization, status) in [
        ("/rest/api/3/field", cloud(), 200),
        ("/rest/api/3/field", "Bearer drill".to_owned(), 401),
        ("/rest/api/3/field", "Basic bm9ib2R5Og==".to_owned(), 401),
        ("/rest/api/2/field", "Bearer drill".to_owned(), 200),
        ("/jira/rest/api/2/field", cloud(), 200),
        ("/jira/rest/api/2/field", "Bearer other".to_owned(), 401),
        ("/jira/rest/api/3/field", cloud(), 404),
        ("/rest/api/3/serverInfo", String::new(), 200),
    ] {
        let asked = ask("GET", path, &authorization, START, &Value::Null);
        assert_eq!(asked.0, status, "{path} {authorization}");
    }
}

#[test]
fn what_is_hidden_or_absent_is_left_out_and_what_moved_has_its_new_key() {
    let asked =
        json!({ "issueIdsOrKeys": ["OPS-2", "SEC-3", "OPS-99", "OPS-1"], "fields": ["summary"] });
    let found = fetch(3, &asked);
    assert_eq!(keys(&found), ["OPS-1", "NET-7"]);
    assert_eq!(found["issues"][0]["fields"], json!({ "summary": "one" }));
    let many: Vec<String> = (1..=101).map(|nth| format!("OPS-{nth}")).collect();
    let body = json!({ "issueIdsOrKeys": many });
    assert_eq!(ask("POST", "/rest/api/3/issue/bulkfetch", &cloud(), START, &body).0, 400);
}

#[test]
fn a_ticket_has_the_status_of_the_moment() {
    let status = |now| {
        let body = json!({ "issueIdsOrKeys": ["OPS-1"], "fields": ["status"] });
        let (_, value) = ask("POST", "/rest/api/3/issue/bulkfetch", &cloud(), now, &body);
        value["issues"][0]["fields"]["status"]["name"].as_str().unwrap().to_owned()
    };
    let hour = 3_600_000;
    assert_eq!(
        [START - 2 * hour, START, START + 2 * hour].map(status),
        ["To Do", "Approved", "Done"]
    );
}

#[test]
fn the_fields_of_a_change_are_found_by_their_names() {
    let (_, fields) = search("/rest/api/3/field");
    let id = |name: &str| {
        let field = fields.as_array().unwrap().iter().find(|field| field["name"] == name);
        field.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let (start, effect, approvers) =
        (id("Change start date"), id("Expected effect"), id("Approvers"));
    let asked = json!({ "issueIdsOrKeys": ["OPS-1"], "fields": [&start, &effect, &approvers] });
    let (rich, plain) = (fetch(3, &asked), fetch(2, &asked));
    let fields = |value: &Value| value["issues"][0]["fields"].clone();
    assert_eq!(fields(&rich)[&start], json!("2026-11-22T18:36:00.000+0000"));
    assert_eq!(fields(&rich)[&effect]["content"][1]["content"][0]["text"], json!("At all."));
    assert_eq!(fields(&plain)[&effect], json!("None.\n\nAt all."));
    assert_eq!(fields(&rich)[&approvers][0]["displayName"], json!("mei"));
}

#[test]
fn cloud_pages_by_token_and_tells_nothing_that_was_not_asked_for() {
    let (_, first) = search("/rest/api/3/search/jql?jql=project%20in%20(OPS,NET)&maxResults=1");
    assert_eq!(first["issues"], json!([{ "id": "10002" }]));
    assert!(first.get("total").is_none());
    let token = first["nextPageToken"].as_str().unwrap();
    let (_, second) = search(&format!(
        "/rest/api/3/search/jql?jql=project%20in%20(OPS,NET)&maxResults=1&fields=summary&nextPageToken={token}"
    ));
    assert_eq!((keys(&second), &second["isLast"]), (vec!["OPS-1"], &json!(true)));
    assert_eq!(search("/rest/api/3/search/jql?jql=").0, 400);
    assert_eq!(search("/rest/api/3/search?jql=project=OPS").0, 410);
}

#[test]
fn data_center_pages_by_place_and_counts() {
    let body = json!({ "jql": "project in (OPS, NET)", "startAt": 1, "maxResults": 1, "fields": ["summary"] });
    let (_, page) = ask("POST", "/jira/rest/api/2/search", "Bearer drill", START, &body);
    assert_eq!(
        (keys(&page), &page["total"], &page["startAt"]),
        (vec!["OPS-1"], &json!(2), &json!(1))
    );
}

#[test]
fn one_bad_key_spoils_a_search() {
    assert_eq!(search("/rest/api/3/search/jql?jql=key%20in%20(OPS-1,SEC-3)").0, 400);
    let (status, moved) = search("/rest/api/3/search/jql?jql=key%20=%20OPS-2&fields=summary");
    assert_eq!((status, keys(&moved)), (200, vec!["NET-7"]));
}

#[test]
fn what_was_touched_lately_is_found_by_the_minute() {
    let found = |clause: &str| {
        let path = format!("/rest/api/3/search/jql?jql={clause}&fields=summary");
        let (status, value) = search(&path);
        assert_eq!(status, 200, "{value}");
        keys(&value).iter().map(|key| (*key).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("updated%20%3E=%20-180m"), ["OPS-1"]);
    assert_eq!(found("updated%20%3E=%20%222026-11-22%2019:36%22"), ["OPS-1"]);
    assert!(found("updated%20%3E=%20%222026-11-22%2019:37%22").is_empty());
}

#[test]
fn what_was_resolved_and_what_has_a_window_is_found_by_its_moments() {
    let found = |jql: &str, now: i64| {
        let body = json!({ "jql": jql, "fields": ["summary"] });
        let (status, value) = ask("POST", "/rest/api/3/search/jql", &cloud(), now, &body);
        assert_eq!(status, 200, "{value}");
        keys(&value).iter().map(|key| (*key).to_owned()).collect::<Vec<_>>()
    };
    let hour = 3_600_000;
    assert_eq!(found("resolved >= -6d AND resolved <= 0m", START), ["NET-7"]);
    assert_eq!(found("resolved >= -90m", START + 2 * hour), ["OPS-1"]);
    assert_eq!(found("cf[10201] <= -60m AND cf[10202] >= 60m", START), ["OPS-1"]);
    assert!(found("cf[10201] > -60m", START).is_empty());
}

#[test]
fn only_who_is_known_learns_who_they_are() {
    let (status, value) = search("/rest/api/3/myself");
    assert_eq!((status, value["displayName"].as_str()), (200, Some("Drill")));
    assert_eq!(ask("GET", "/rest/api/3/myself", "", START, &Value::Null).0, 401);
}

#[test]
fn names_and_tokens_are_written_as_http_wants_them() {
    for (text, written) in
        [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
    {
        assert_eq!(base64(text.as_bytes()), written);
    }
}
