//! Who is said to have changed the services.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::answer;
use crate::protocols::aws_json::Refusal;
use crate::{Scenario, World};

const NOW: i64 = 1_795_380_000_000;
const MINUTE: i64 = 60_000;

const TEXT: &str = r#"
name = "trail"
summary = "x"
seed = 9
page_lead = "0s"

[[clusters]]
name = "prod"
hosts = 2

[[services]]
name = "api"
cluster = "prod"
desired = 2
family = "api"
revision = 7
containers = [{ name = "app", image = "example/api:1" }]

[[timeline]]
at = "-60m"
deploy = { service = "api", images = { app = "example/api:2" }, registered_by = "ci", by = "terraform/api-prod" }

[[timeline]]
at = "-40m"
deploy = { service = "api", images = { app = "example/api:3" }, registered_by = "ci" }

[[timeline]]
at = "-30m"
scale = { service = "api", desired = 5, by = "ana" }

[[timeline]]
at = "-30s"
scale = { service = "api", desired = 6 }
"#;

static WORLD: LazyLock<World> =
    LazyLock::new(|| World::new(Scenario::parse("trail.toml", TEXT).unwrap(), NOW));

fn lookup(input: Value) -> Result<Value, Refusal> {
    let body = answer(Some(&WORLD), NOW, "LookupEvents", input.to_string().as_bytes())?;
    Ok(serde_json::from_slice(&body).unwrap())
}

fn updates(mut input: Value) -> Value {
    input["LookupAttributes"] =
        json!([{ "AttributeKey": "EventName", "AttributeValue": "UpdateService" }]);
    lookup(input).unwrap()
}

fn names(page: &Value) -> Vec<(&str, f64)> {
    let events = page["Events"].as_array().unwrap().iter();
    events
        .map(|event| (event["Username"].as_str().unwrap(), event["EventTime"].as_f64().unwrap()))
        .collect()
}

fn minutes_ago(minutes: i64) -> f64 {
    (NOW - minutes * MINUTE) as f64 / 1_000.0
}

#[test]
fn each_update_of_a_service_is_there_once_it_has_arrived_the_newest_first() {
    let page = updates(json!({}));
    assert_eq!(
        names(&page),
        [("ana", minutes_ago(30)), ("ci", minutes_ago(40)), ("api-prod", minutes_ago(60))]
    );
    assert_eq!(page["NextToken"], Value::Null);
}

#[test]
fn an_event_says_who_called_what_on_which_service() {
    let page = updates(json!({ "EndTime": minutes_ago(50) }));
    let event = page["Events"][0]["CloudTrailEvent"].as_str().unwrap();
    let event: Value = serde_json::from_str(event).unwrap();
    assert_eq!(
        event["userIdentity"]["arn"],
        "arn:aws:sts::000000000000:assumed-role/terraform/api-prod"
    );
    assert_eq!(event["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"], "terraform");
    assert_eq!(
        event["requestParameters"],
        json!({
            "service": "api", "cluster": "prod", "forceNewDeployment": false,
            "taskDefinition": "api:8",
        })
    );
}

#[test]
fn a_page_ends_where_it_is_told_to_and_the_next_goes_on_there() {
    let first = updates(json!({ "MaxResults": 2 }));
    let second = updates(json!({ "MaxResults": 2, "NextToken": first["NextToken"] }));
    let all: Vec<_> =
        names(&first).into_iter().chain(names(&second)).map(|(name, _)| name).collect();
    assert_eq!(all, ["ana", "ci", "api-prod"]);
    assert_eq!(second["NextToken"], Value::Null);
}

#[test]
fn whoever_registers_a_task_definition_is_there_too() {
    let attribute =
        json!([{ "AttributeKey": "EventName", "AttributeValue": "RegisterTaskDefinition" }]);
    let page = lookup(json!({ "LookupAttributes": attribute })).unwrap();
    assert_eq!(names(&page).len(), 2);
    assert_eq!(names(&lookup(json!({})).unwrap()).len(), 5);
    let source = json!([{ "AttributeKey": "EventSource", "AttributeValue": "s3.amazonaws.com" }]);
    assert!(names(&lookup(json!({ "LookupAttributes": source })).unwrap()).is_empty());
}

#[test]
fn what_the_service_refuses_is_refused() {
    let one = json!({ "AttributeKey": "EventName", "AttributeValue": "UpdateService" });
    let strange = json!({ "AttributeKey": "Colour", "AttributeValue": "red" });
    for (input, code) in [
        (json!({ "MaxResults": 51 }), "InvalidMaxResultsException"),
        (json!({ "MaxResults": 0 }), "InvalidMaxResultsException"),
        (json!({ "StartTime": 9.0, "EndTime": 8.0 }), "InvalidTimeRangeException"),
        (json!({ "LookupAttributes": [one, one] }), "InvalidLookupAttributesException"),
        (json!({ "LookupAttributes": [strange] }), "InvalidLookupAttributesException"),
        (json!({ "NextToken": "x" }), "InvalidNextTokenException"),
    ] {
        assert_eq!(lookup(input.clone()).unwrap_err().code(), code, "{input}");
    }
}
