//! `oncall specs` of a shop in the middle of its releases: each way in which a service is deployed.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::cloud::{Answer, Cloud};
use crate::support::{Machine, Ran};

/// A service of each kind, two of one name.
pub const SHOP: &str = r#"
name = "shop"
summary = "A shop in the middle of its releases."
seed = 5

[[clusters]]
name = "main"
hosts = 2
[[clusters]]
name = "edge"
hosts = 1

[[services]]
name = "cart"
cluster = "main"
desired = 4
since = "-9d"
launch_type = "FARGATE"
[[services.containers]]
name = "cart"
image = "registry.example:5000/shop/cart:v1"

[[services]]
name = "cart"
cluster = "edge"
desired = 1
since = "-9d"
[[services.containers]]
name = "cart"
image = "registry.example:5000/shop/cart:v1"

[[services]]
name = "pay"
cluster = "main"
desired = 2
since = "-9d"
circuit_breaker = { enable = true, rollback = false }
[[services.containers]]
name = "pay"
image = "registry.example/shop/pay:3"

[[services]]
name = "mail"
cluster = "main"
desired = 2
since = "-9d"
circuit_breaker = { enable = true, rollback = true }
[[services.containers]]
name = "mail"
image = "registry.example/shop/mail:7"

[[services]]
name = "web"
cluster = "main"
desired = 2
since = "-9d"
controller = "CODE_DEPLOY"
load_balancer = { target_group = "web", container = "nginx", port = 80 }
[[services.containers]]
name = "nginx"
image = "nginx"

[[services]]
name = "batch"
cluster = "main"
desired = 0
controller = "EXTERNAL"

# Its revision is older than service revisions.
[[services]]
name = "attic"
cluster = "edge"
desired = 1
since = "-900d"
created = "-1000d"
[[services.containers]]
name = "attic"
image = "registry.example/shop/attic:0.9"

[[timeline]]
at = "+3m"
deploy = { service = "main/cart", images = { cart = "registry.example:5000/shop/cart:v2" }, over = "4m" }
[[timeline]]
at = "-30m"
deploy = { service = "pay", images = { pay = "registry.example/shop/pay:4" }, fail = {} }
[[timeline]]
at = "-3h"
deploy = { service = "mail", images = { mail = "registry.example/shop/mail:8" }, fail = {} }
[[timeline]]
at = "+2m"
deploy = { service = "web", images = { nginx = "nginx:1.29" } }
"#;

/// Types `oncall --drill=shop.toml REST`.
pub fn in_shop(rest: &str) -> Ran {
    let machine = Machine::new();
    machine.file("shop.toml", SHOP);
    machine.types(&format!("oncall --drill=shop.toml {rest}"))
}

fn record(rest: &str) -> Value {
    let ran = in_shop(rest).well();
    let mut records = ran.records();
    assert_eq!(records.len(), 1, "{ran}");
    records.remove(0)
}

/// `image definition running/desired` of each version.
fn versions(record: &Value) -> Vec<String> {
    let versions = record["versions"].as_array().unwrap();
    let text = |version: &Value, key: &str| version[key].as_str().unwrap_or("-").to_owned();
    let line = |version: &Value| {
        let (image, definition) = (text(version, "image"), text(version, "task_definition"));
        format!("{image} {definition} {}/{}", version["running"], version["desired"])
    };
    versions.iter().map(line).collect()
}

#[test]
fn everything_at_a_glance() {
    assert_snapshot!(in_shop("specs -o table").well(), @"
    SERVICE  CONTAINER  TASKS  VERSION               DIGEST         AGE  ROLLOUT      LAUNCH   DEFINITION    FINDINGS
    edge: 2 services, 2 of 2 tasks run
    attic    attic        1/1  0.9                                 900d  COMPLETED    EC2      edge-attic:1
    cart     cart         1/1  v1                    13208c249060    9d  COMPLETED    EC2      edge-cart:1
    main: 5 services, 12 of 10 tasks run
    batch                 0/0
    cart     cart         4/4  v2 (1), v1 (3)                        1m  IN_PROGRESS  FARGATE  main-cart:2   mixed-versions
    mail     mail         2/2  7                     369f176b0929    3h  COMPLETED    EC2      main-mail:1   rolled-back
    pay      pay          2/2  3                     8c6b36c22f6e   34m  FAILED       EC2      main-pay:2    stuck-rollout
    web      nginx        4/2  no tag (2), 1.29 (2)                  9d               EC2      main-web:1    mixed-versions, mutable-tag
    ");
}

#[test]
fn while_a_rollout_is_under_way_both_versions_are_counted() {
    let cart = record("specs main/cart");
    assert_eq!(
        versions(&cart),
        [
            "registry.example:5000/shop/cart:v2 main-cart:2 1/4",
            "registry.example:5000/shop/cart:v1 main-cart:1 3/3",
        ]
    );
    assert_eq!((&cart["rollout"], &cart["tag"]), (&"IN_PROGRESS".into(), &"v2".into()));
    assert_eq!(
        cart["findings"],
        json!([{ "finding": "mixed-versions", "says": "2 versions run: 1 task runs v2, 3 tasks run v1" }])
    );
    assert_eq!(
        (&cart["registry"], &cart["repository"]),
        (&"registry.example:5000".into(), &"shop/cart".into()),
        "the port belongs to the registry"
    );
}

#[test]
fn a_release_that_failed_is_stuck_and_what_runs_is_the_one_before() {
    let pay = record("specs pay");
    assert_eq!(
        versions(&pay),
        [
            "registry.example/shop/pay:4 main-pay:2 0/2",
            "registry.example/shop/pay:3 main-pay:1 2/2"
        ]
    );
    assert_eq!((&pay["rollout"], &pay["failed_tasks"]), (&"FAILED".into(), &3.into()));
    assert_snapshot!(pay["findings"], @r#"[{"finding":"stuck-rollout","says":"failed 32 minutes ago, 3 tasks failed: ECS deployment circuit breaker: tasks failed to start."}]"#);
    assert_snapshot!(in_shop("specs pay --unhealthy -o table").well(), @"
    SERVICE  CONTAINER  TASKS  VERSION  DIGEST        AGE  ROLLOUT  LAUNCH  DEFINITION  FINDINGS
    main: 1 service, 2 of 2 tasks run
    pay      pay          2/2  3        8c6b36c22f6e  34m  FAILED   EC2     main-pay:2  stuck-rollout
      stuck-rollout: failed 32 minutes ago, 3 tasks failed: ECS deployment circuit breaker: tasks failed to start.
      3 tasks stopped within the hour: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref registry.example/shop/pay:4: registry.example/shop/pay:4: not found; the last at 19:27:37
    ");
}

#[test]
fn the_digest_in_a_table_is_that_of_the_version_beside_it() {
    let digest_of = |image: &str, record: &Value| {
        let versions = record["versions"].as_array().unwrap();
        let version = versions.iter().find(|version| version["image"] == image).unwrap();
        version["digest"].as_str().unwrap()["sha256:".len()..][..12].to_owned()
    };
    let old = digest_of("registry.example/shop/pay:3", &record("specs pay"));
    let table = in_shop("specs pay -o table").well().stdout;
    let row: Vec<&str> = table.lines().nth(2).unwrap().split_whitespace().collect();
    assert_eq!(row[..5], ["pay", "pay", "2/2", "3", &old], "{table}");
}

#[test]
fn a_release_that_was_taken_back_says_so_until_the_next() {
    let mail = record("specs mail");
    assert_eq!(versions(&mail), ["registry.example/shop/mail:7 main-mail:1 2/2"]);
    assert_snapshot!(mail["findings"], @r#"[{"finding":"rolled-back","says":"rolled back 3 hours ago: deployment failed: tasks failed to start."}]"#);
    assert_eq!(mail["circuit_breaker"], json!({ "enabled": true, "rollback": true }));
}

#[test]
fn blue_and_green_are_versions_by_their_task_sets() {
    let web = record("specs web");
    assert_eq!(versions(&web), ["nginx main-web:1 2/2", "nginx:1.29 main-web:2 2/2"]);
    assert_eq!(web["controller"], "CODE_DEPLOY");
    assert_eq!(web.get("rollout"), None, "task sets have none");
    assert_eq!(web.get("tag"), None, "an image without a tag has none");
    assert_snapshot!(web["findings"], @r#"[{"finding":"mixed-versions","says":"2 versions run: 2 tasks run main-web:1, 2 tasks run 1.29"},{"finding":"mutable-tag","says":"nginx has no tag, so `latest` is pulled, whatever that is"}]"#);
}

#[test]
fn where_nothing_was_ever_deployed_there_is_a_record_all_the_same() {
    assert_snapshot!(in_shop("specs batch").well(), @r#"{"time":"2026-11-22T20:00:00.000Z","kind":"service","account":"000000000000","region":"us-east-1","cluster":"main","service":"batch","desired":0,"running":0,"pending":0,"versions":[],"status":"ACTIVE","scheduling":"REPLICA","controller":"EXTERNAL"}"#);
}

#[test]
fn what_is_older_than_service_revisions_is_told_by_its_task_definition() {
    let attic = record("specs attic");
    assert_eq!(versions(&attic), ["registry.example/shop/attic:0.9 edge-attic:1 1/1"]);
    assert_eq!(attic.get("digest"), None, "no revision says one");
}

#[test]
fn a_definition_that_was_deleted_costs_its_service_no_count() {
    const ECS: &str = "arn:aws:ecs:us-east-1:123456789012";
    let service = json!({ "services": [{
        "serviceArn": format!("{ECS}:service/prod/old"), "serviceName": "old", "status": "ACTIVE",
        "clusterArn": format!("{ECS}:cluster/prod"), "desiredCount": 2, "runningCount": 2,
        "pendingCount": 0, "taskDefinition": format!("{ECS}:task-definition/old:3"),
        "deployments": [{ "id": "ecs-svc/1", "status": "PRIMARY", "desiredCount": 2, "runningCount": 2,
            "taskDefinition": format!("{ECS}:task-definition/old:3") }] }] });
    let cloud = Cloud::that(move |request| match request.operation.as_str() {
        "ListClusters" => Answer::json(format!(r#"{{"clusterArns":["{ECS}:cluster/prod"]}}"#)),
        "ListServices" => Answer::json(format!(r#"{{"serviceArns":["{ECS}:service/prod/old"]}}"#)),
        "DescribeServices" => Answer::json(service.to_string()),
        "DescribeTaskDefinition" => {
            Answer::refusal("ClientException", "Unable to describe task definition.")
        }
        _ => Answer::refusal("UnknownOperationException", "not here"),
    });
    let ran = Machine::with_endpoint(&cloud.url)
        .types("oncall specs --jq '[.service, .running, .task_definition, (.versions | length)]'");
    assert_snapshot!(ran, @r#"
    ["old",2,"old:3",1]
    ------- stderr -------
    missing: the task definition old:3 of prod/old: DescribeTaskDefinition in us-east-1: Unable to describe task definition.
    [exit 3]
    "#);
}
