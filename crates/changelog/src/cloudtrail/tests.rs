//! The asking, over the wire, against the simulated CloudTrail.

use std::sync::Arc;
use std::time::Duration;

use simulator::{Faults, Scenario, Server, World};

use super::*;
use crate::record::{Source, Status};

const NOW: i64 = 1_795_380_000_000;
const MINUTE: i64 = 60_000;

const WORLD: &str = r#"
name = "who"
summary = "x"
seed = 3
page_lead = "0s"
[[clusters]]
name = "prod"
hosts = 1
[[services]]
name = "api"
cluster = "prod"
desired = 1
containers = [{ name = "app", image = "example/api:1" }]
[[timeline]]
at = "-60m"
deploy = { service = "api", images = { app = "example/api:2" }, by = "terraform/api-prod" }
[[timeline]]
at = "-20m"
scale = { service = "api", desired = 2, by = "ana" }
[[timeline]]
at = "-20s"
scale = { service = "api", desired = 3, by = "ana" }
"#;

async fn server(faults: &[&str]) -> Server {
    let world = World::new(Scenario::parse("who.toml", WORLD).unwrap(), NOW);
    let faults = Faults {
        faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        ..Faults::default()
    };
    Server::start_with(world, Arc::new(|| NOW), 0, faults).await.unwrap()
}

fn door(server: &Server) -> Door {
    let options = aws::Options {
        profile: None,
        regions: Vec::new(),
        usual_profile: None,
        usual_region: None,
        budget: aws::Budget::Unlimited,
        timeout: Duration::from_secs(5),
        environment: aws::Environment::new(|_| None),
        mfa: aws::MfaPrompt::new(|serial| Err(aws::NoCode { serial: serial.to_owned() })),
        random: || 0.01,
        version: "0",
    };
    let url = format!("http://{}", server.address());
    Door::to_drill(&url, vec![simulator::REGION.to_owned()], &options).unwrap()
}

/// A deployment of `api` so many milliseconds before now.
fn deployment(millis: i64) -> ChangeRecord {
    let time = Time::from_millis(NOW - millis);
    let mut change = ChangeRecord::new(time, Source::Ecs, Status::Applied, "x");
    change.system = Some("api".to_owned());
    change.cluster = Some("prod".to_owned());
    change.region = Some(simulator::REGION.to_owned());
    change.id = Some("dep1".to_owned());
    change
}

async fn asked(server: &Server, changes: &mut [ChangeRecord]) -> Who {
    who(&door(server), simulator::REGION, Time::from_millis(NOW), changes).await
}

#[tokio::test]
async fn each_deployment_gets_the_name_of_who_made_it() {
    let server = server(&[]).await;
    let mut changes = [deployment(60 * MINUTE), deployment(20 * MINUTE)];
    let who = asked(&server, &mut changes).await;
    assert_eq!(changes[0].actor.as_deref(), Some("api-prod (terraform)"));
    assert_eq!(changes[1].actor.as_deref(), Some("ana (deploy)"));
    // Two moments that lie far apart are two calls.
    assert_eq!((who.named, who.calls, who.remarks()), (2, 2, Vec::new()));
}

#[tokio::test]
async fn nothing_is_asked_where_nobody_is_looked_for() {
    let server = server(&[]).await;
    let mut named = deployment(60 * MINUTE);
    named.actor = Some("bob".to_owned());
    let mut run = deployment(60 * MINUTE);
    run.source = Source::Terraform;
    let mut changes = [named, run];
    let who = asked(&server, &mut changes).await;
    assert_eq!((who.calls, changes[0].actor.as_deref()), (0, Some("bob")));
}

#[tokio::test]
async fn what_is_not_delivered_yet_is_said_to_be_late_and_nothing_else() {
    let server = server(&[]).await;
    let mut changes = [deployment(20_000), deployment(40 * MINUTE)];
    let who = asked(&server, &mut changes).await;
    assert_eq!((who.named, who.maybe_late), (0, 1));
    assert_eq!(
        who.remarks(),
        ["who made 1 deployment of the last 15 minutes is not known yet: CloudTrail may be late"]
    );
}

#[tokio::test]
async fn without_the_permission_the_action_is_named_and_it_is_asked_once() {
    let server = server(&["deny@LookupEvents"]).await;
    let mut changes = [deployment(60 * MINUTE), deployment(20 * MINUTE)];
    let who = asked(&server, &mut changes).await;
    assert_eq!((who.calls, who.named), (1, 0));
    let error = who.failed.unwrap();
    assert!(error.hint().unwrap().contains("cloudtrail:LookupEvents"), "{error}");
}

#[tokio::test]
async fn what_only_scaled_is_a_change_of_its_own() {
    let server = server(&[]).await;
    let window =
        Window { since: Time::from_millis(NOW - 90 * MINUTE), until: Time::from_millis(NOW) };
    let (changes, who) = scalings(&door(&server), simulator::REGION, Some("1"), window).await;
    assert_eq!((changes.len(), who.calls), (1, 1));
    assert_eq!(
        serde_json::to_value(&changes[0]).unwrap(),
        serde_json::json!({
            "time": changes[0].time, "kind": "change", "account": "1", "region": "us-east-1",
            "cluster": "prod", "source": "ecs", "system": "api", "actor": "ana (deploy)",
            "summary": "scaled to 2 tasks",
            "resources": [{
                "address": "service/prod/api", "action": "update", "type": "aws_ecs_service",
                "attributes": ["desired_count"],
                "values": [{"path": "desired_count", "after": "2"}],
            }],
            "counts": {"add": 0, "change": 1, "destroy": 0}, "status": "applied",
            "link": ecs::service_link("us-east-1", "prod", "api"), "id": changes[0].id,
        })
    );
}
