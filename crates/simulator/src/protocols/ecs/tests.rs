//! The fleet adds up, at any moment.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::protocols::aws_json::Refusal;
use crate::{Scenario, World};

const START: i64 = 1_795_380_000_000;

static WORLD: LazyLock<World> =
    LazyLock::new(|| World::new(Scenario::builtin("incident-8").unwrap(), START));

fn ask(now: i64, operation: &str, input: &Value) -> Result<Value, Refusal> {
    let body = super::answer(Some(&WORLD), now, operation, input.to_string().as_bytes())?;
    Ok(serde_json::from_slice(&body).unwrap())
}

fn refused(operation: &str, input: &Value) -> String {
    ask(START, operation, input).unwrap_err().code().to_owned()
}

fn arns(now: i64, operation: &str, key: &str, mut input: Value) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let answer = ask(now, operation, &input).unwrap();
        found.extend(
            answer[key].as_array().unwrap().iter().map(|arn| arn.as_str().unwrap().to_owned()),
        );
        let Some(token) = answer.get("nextToken") else { return found };
        input["nextToken"] = token.clone();
    }
}

fn services(now: i64, cluster: &str) -> Vec<Value> {
    let names = arns(now, "ListServices", "serviceArns", json!({ "cluster": cluster }));
    names
        .chunks(10)
        .flat_map(|some| {
            let answer =
                ask(now, "DescribeServices", &json!({ "cluster": cluster, "services": some }))
                    .unwrap();
            assert!(answer["failures"].as_array().unwrap().is_empty());
            answer["services"].as_array().unwrap().clone()
        })
        .collect()
}

fn tasks(now: i64, input: &Value) -> Vec<Value> {
    let names = arns(now, "ListTasks", "taskArns", input.clone());
    names
        .chunks(100)
        .flat_map(|some| {
            let answer =
                ask(now, "DescribeTasks", &json!({ "cluster": input["cluster"], "tasks": some }))
                    .unwrap();
            assert!(answer["failures"].as_array().unwrap().is_empty());
            answer["tasks"].as_array().unwrap().clone()
        })
        .collect()
}

fn service(now: i64, cluster: &str, name: &str) -> Value {
    let input = json!({ "cluster": cluster, "services": [name] });
    ask(now, "DescribeServices", &input).unwrap()["services"][0].clone()
}

fn check_counts(now: i64) {
    for cluster in ["prod", "edge"] {
        let mut by_deployment: HashMap<String, i64> = HashMap::new();
        let mut by_group: HashMap<String, i64> = HashMap::new();
        for task in tasks(now, &json!({ "cluster": cluster })) {
            if task["lastStatus"] == "RUNNING" {
                *by_deployment
                    .entry(task["startedBy"].as_str().unwrap().to_owned())
                    .or_default() += 1;
                *by_group.entry(task["group"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
        let mut running = 0;
        for service in services(now, cluster) {
            let name = service["serviceName"].as_str().unwrap();
            let count = service["runningCount"].as_i64().unwrap();
            running += count;
            assert_eq!(
                by_group.get(&format!("service:{name}")).copied().unwrap_or(0),
                count,
                "{name}"
            );
            // Where others than ECS deploy, task sets stand for deployments.
            let deployments = match service["deploymentController"]["type"].as_str() {
                Some("ECS") => service["deployments"].as_array().unwrap(),
                _ => service["taskSets"].as_array().unwrap(),
            };
            assert_eq!(
                deployments.iter().filter(|deployment| deployment["status"] == "PRIMARY").count(),
                1,
                "{name}"
            );
            let of_deployments: i64 = deployments
                .iter()
                .map(|deployment| deployment["runningCount"].as_i64().unwrap())
                .sum();
            assert_eq!(of_deployments, count, "{name}");
            for deployment in deployments {
                let id = deployment["id"].as_str().unwrap();
                let joined = by_deployment.get(id).copied().unwrap_or(0);
                assert_eq!(joined, deployment["runningCount"].as_i64().unwrap(), "{name}");
            }
        }
        let input = json!({ "clusters": [cluster] });
        assert_eq!(
            ask(now, "DescribeClusters", &input).unwrap()["clusters"][0]["runningTasksCount"],
            running
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn counts_add_up_at_any_moment(offset in -3_600_000..7_200_000_i64) {
        check_counts(START + offset);
    }
}

#[test]
fn the_incident_is_there() {
    let page = WORLD.page_ms();
    let coredns = |now| service(now, "prod", "coredns")["runningCount"].as_i64().unwrap();
    assert_eq!(coredns(page - 31 * 60_000), 48);
    assert!((0..90).map(|second| coredns(page - 30 * 60_000 + second * 1000)).min().unwrap() < 48);
    let stopped = tasks(START, &json!({ "cluster": "prod", "desiredStatus": "STOPPED" }));
    let out_of_memory = stopped.iter().filter(|task| {
        task["group"] == "service:coredns"
            && task["containers"][0]["exitCode"] == 137
            && task["containers"][0]["reason"]
                == "OutOfMemoryError: Container killed due to memory usage"
            && task["stopCode"] == "EssentialContainerExited"
    });
    assert!(out_of_memory.count() > 50);

    let destinations = service(page, "prod", "destinations");
    assert!(destinations["runningCount"].as_i64() < destinations["desiredCount"].as_i64());
    let writer = service(page, "prod", "txn-writer");
    assert_eq!(writer["deployments"][0]["rolloutState"], "IN_PROGRESS");
    assert!(writer["deployments"][0]["failedTasks"].as_i64().unwrap() > 0);
}

#[test]
fn a_stopped_tasks_streams_end_with_it() {
    for stream in &WORLD.streams {
        let Some(index) = WORLD.task_by_id.get(&stream.speaker.task) else { continue };
        let task = &WORLD.tasks[*index];
        assert!(stream.from >= task.started);
        assert_eq!(stream.to, task.end.as_ref().map_or(i64::MAX, |end| end.stopped));
        assert!(stream.name.ends_with(&task.id));
    }
}

#[test]
fn a_rolling_deployment_replaces_the_tasks_it_found() {
    let at = WORLD.page_ms() - 26 * 3_600_000;
    let during = service(at + 180_000, "prod", "destinations");
    let deployments = during["deployments"].as_array().unwrap();
    assert_eq!(deployments.len(), 2);
    assert_eq!(
        (&deployments[0]["status"], &deployments[0]["rolloutState"]),
        (&json!("PRIMARY"), &json!("IN_PROGRESS"))
    );
    assert_eq!(deployments[1]["status"], "ACTIVE");
    assert_ne!(deployments[0]["taskDefinition"], deployments[1]["taskDefinition"]);
    let after = service(at + 1_800_000, "prod", "destinations");
    assert_eq!(after["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(after["deployments"][0]["rolloutState"], "COMPLETED");
    let images: HashSet<String> =
        tasks(at + 1_800_000, &json!({ "cluster": "prod", "serviceName": "destinations" }))
            .iter()
            .map(|task| task["containers"][0]["image"].as_str().unwrap().to_owned())
            .collect();
    assert_eq!(images.len(), 1);
}

#[test]
fn events_are_newest_first_and_a_hundred_at_most() {
    for cluster in ["prod", "edge"] {
        for service in services(START, cluster) {
            let events = service["events"].as_array().unwrap();
            let times: Vec<f64> =
                events.iter().map(|event| event["createdAt"].as_f64().unwrap()).collect();
            assert!(!times.is_empty() && times.len() <= 100);
            assert!(times.iter().rev().is_sorted() && times[0] <= START as f64 / 1000.0);
        }
    }
}

#[test]
fn stopped_tasks_are_not_listed_by_service_and_are_forgotten_in_an_hour() {
    let by_service =
        json!({ "cluster": "prod", "serviceName": "coredns", "desiredStatus": "STOPPED" });
    assert!(arns(START, "ListTasks", "taskArns", by_service).is_empty());
    let stopped = json!({ "cluster": "edge", "desiredStatus": "STOPPED" });
    let old = tasks(START, &stopped);
    let oldest = old.iter().filter_map(|task| task["stoppedAt"].as_f64()).fold(f64::MAX, f64::min);
    assert!(oldest > (START - 3_600_000) as f64 / 1000.0);
}

#[test]
fn definitions_are_found_by_family_revision_and_arn() {
    let describe = |name: &str| {
        ask(START, "DescribeTaskDefinition", &json!({ "taskDefinition": name })).unwrap()
    };
    let newest = describe("platform-coredns");
    assert_eq!(newest["taskDefinition"]["revision"], 20);
    assert_eq!(describe("platform-coredns:19")["taskDefinition"]["revision"], 19);
    let arn = newest["taskDefinition"]["taskDefinitionArn"].as_str().unwrap();
    assert_eq!(describe(arn), newest);
    assert_eq!(
        refused("DescribeTaskDefinition", &json!({ "taskDefinition": "nobody" })),
        "ClientException"
    );
    let listed = arns(
        START,
        "ListTaskDefinitions",
        "taskDefinitionArns",
        json!({ "familyPrefix": "platform-coredns", "maxResults": 1 }),
    );
    assert_eq!(listed.len(), 2);
}

#[test]
fn firelens_and_other_drivers_are_in_the_definition() {
    let log = |family: &str, container: usize| {
        let answer =
            ask(START, "DescribeTaskDefinition", &json!({ "taskDefinition": family })).unwrap();
        answer["taskDefinition"]["containerDefinitions"][container]["logConfiguration"].clone()
    };
    assert_eq!(log("prod-dedupe", 0)["options"]["log_stream_prefix"], "pipeline/");
    assert_eq!(log("outbound-destinations", 1)["logDriver"], "awsfirelens");
    assert_eq!(log("finance-billing", 1)["logDriver"], "splunk");
}

#[test]
fn what_is_not_there_is_said_as_the_api_says_it() {
    assert_eq!(refused("ListServices", &json!({})), "ClusterNotFoundException");
    assert_eq!(
        refused("ListTasks", &json!({ "cluster": "prod", "serviceName": "nobody" })),
        "ServiceNotFoundException"
    );
    let both = json!({ "cluster": "prod", "serviceName": "api", "family": "x" });
    assert_eq!(refused("ListTasks", &both), "InvalidParameterException");
    assert_eq!(
        refused("DescribeServices", &json!({ "cluster": "prod", "services": [] })),
        "InvalidParameterException"
    );
    assert_eq!(
        refused("DescribeServices", &json!({ "cluster": "prod", "services": vec!["a"; 11] })),
        "InvalidParameterException"
    );
    assert_eq!(refused("UpdateService", &json!({})), "UnknownOperationException");
    let answer =
        ask(START, "DescribeServices", &json!({ "cluster": "prod", "services": ["nobody"] }))
            .unwrap();
    assert_eq!(
        answer["failures"],
        json!([{ "arn": "arn:aws:ecs:us-east-1:000000000000:service/prod/nobody", "reason": "MISSING" }])
    );
    let answer = ask(START, "DescribeClusters", &json!({})).unwrap();
    assert_eq!(answer["failures"][0]["reason"], "MISSING");
    assert_eq!(
        super::answer(None, START, "ListClusters", b"{}").unwrap(),
        br#"{"clusterArns":[]}"#
    );
}
