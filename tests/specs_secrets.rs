//! `oncall specs` prints no secret, however harmless it looks, and keeps none.

use serde_json::json;

use crate::support::Machine;
use crate::support::cloud::{Answer, Cloud};

const ECS: &str = "arn:aws:ecs:us-east-1:123456789012";

/// Every text here is a secret.
const SECRETS: [&str; 7] = [
    "tuesday",
    "correct-horse",
    "splunk-4711",
    "label-0815",
    "option-1234",
    "command-5678",
    "hunter2",
];

/// A service whose task definition, and whose answers around it, have secrets in every place.
fn careless() -> Cloud {
    let definition = json!({ "taskDefinition": {
        "taskDefinitionArn": format!("{ECS}:task-definition/shop:1"),
        "containerDefinitions": [{
            "name": "web", "image": "registry.example/web:1", "command": ["--flag", SECRETS[5]],
            "environment": [
                { "name": "DAY", "value": SECRETS[0] },
                { "name": "GREETING", "value": SECRETS[1] },
                { "name": "ENV", "value": format!("postgres://u:{}@db/x", SECRETS[6]) },
                { "name": "NODE_ENV", "value": "production" } ],
            "dockerLabels": { "team": SECRETS[3] },
            "logConfiguration": { "logDriver": "awslogs", "options": {
                "awslogs-group": "/shop", "awslogs-stream-prefix": "web", "splunk-token": SECRETS[2],
                "tag": SECRETS[4] }, "secretOptions": [] } }] } });
    let service = json!({ "services": [{
        "serviceArn": format!("{ECS}:service/prod/shop"), "serviceName": "shop", "status": "ACTIVE",
        "clusterArn": format!("{ECS}:cluster/prod"), "desiredCount": 1, "runningCount": 1, "pendingCount": 0,
        "taskDefinition": format!("{ECS}:task-definition/shop:1"),
        "deployments": [{ "id": "ecs-svc/1", "status": "PRIMARY", "desiredCount": 1, "runningCount": 1,
            "taskDefinition": format!("{ECS}:task-definition/shop:1") }] }] });
    let task = json!({ "tasks": [{
        "taskArn": format!("{ECS}:task/prod/0f9de17a6465404e8b1b2356dc13c2f8"), "group": "service:shop",
        "clusterArn": format!("{ECS}:cluster/prod"), "lastStatus": "RUNNING",
        "overrides": { "containerOverrides": [{ "name": "web", "environment": [{ "name": "DAY", "value": SECRETS[0] }] }] },
        "taskDefinitionArn": format!("{ECS}:task-definition/shop:1") }] });
    Cloud::that(move |request| match request.operation.as_str() {
        "ListClusters" => Answer::json(format!(r#"{{"clusterArns":["{ECS}:cluster/prod"]}}"#)),
        "ListServices" => Answer::json(format!(r#"{{"serviceArns":["{ECS}:service/prod/shop"]}}"#)),
        "DescribeServices" => Answer::json(service.to_string()),
        "DescribeTaskDefinition" => Answer::json(definition.to_string()),
        "ListTasks" if request.body["desiredStatus"] == "STOPPED" => {
            Answer::json(r#"{"taskArns":[]}"#)
        }
        "ListTasks" => Answer::json(format!(
            r#"{{"taskArns":["{ECS}:task/prod/0f9de17a6465404e8b1b2356dc13c2f8"]}}"#
        )),
        "DescribeTasks" => Answer::json(task.to_string()),
        _ => Answer::refusal("UnknownOperationException", "not here"),
    })
}

/// All files below a folder, as text.
fn kept(folder: &std::path::Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.push_str(&kept(&path)),
            false => all.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap())),
        }
    }
    all
}

#[test]
fn no_output_and_no_cache_has_a_secret() {
    let cloud = careless();
    let machine = Machine::with_endpoint(&cloud.url);
    let mut all = String::new();
    for verb in
        ["", "--details", "show shop", "tasks", "diff now now", "watch --for 1s --interval 1s"]
    {
        for form in ["", "-o text", "-o table", "-o raw", "--debug"] {
            let ran = machine.types(&format!("oncall specs {verb} {form}"));
            assert!([0, 2].contains(&ran.code), "{verb} {form}: {ran}");
            all.push_str(&ran.to_string());
        }
    }
    assert!(
        all.contains("GREETING") && all.contains("NODE_ENV=production"),
        "names are shown: {all}"
    );
    let cache = kept(machine.home());
    assert!(cache.contains("GREETING"), "the definition is kept: {cache}");
    for secret in SECRETS {
        assert!(!all.contains(secret), "{secret} is in the output");
        assert!(!cache.contains(secret), "{secret} is in the cache");
    }
}
