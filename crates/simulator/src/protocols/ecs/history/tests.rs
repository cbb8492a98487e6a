//! Each way in which a deployment can go, as every operation tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::protocols::aws_json::Refusal;
use crate::{Scenario, World};

const PAGE: i64 = 1_795_380_000_000;
const MINUTE: i64 = 60_000;

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let scenario =
        Scenario::parse("deployments.toml", include_str!("../../../../tests/deployments.toml"))
            .unwrap();
    World::new(scenario, PAGE + 240_000)
});
static INCIDENT: LazyLock<World> =
    LazyLock::new(|| World::new(Scenario::builtin("incident-8").unwrap(), PAGE + 240_000));

fn ask_of(world: &World, now: i64, operation: &str, input: &Value) -> Result<Value, Refusal> {
    let input = input.to_string();
    let body = crate::protocols::ecs::answer(Some(world), now, operation, input.as_bytes())?;
    Ok(serde_json::from_slice(&body).unwrap())
}

/// At a minute after the page.
fn ask(minute: impl Into<f64>, operation: &str, input: &Value) -> Value {
    ask_of(&WORLD, PAGE + (minute.into() * MINUTE as f64) as i64, operation, input).unwrap()
}

fn refused(operation: &str, input: &Value) -> String {
    ask_of(&WORLD, PAGE, operation, input).unwrap_err().code().to_owned()
}

fn service(minute: impl Into<f64>, name: &str) -> Value {
    let input = json!({ "cluster": "prod", "services": [name] });
    ask(minute, "DescribeServices", &input)["services"][0].clone()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let items = value.as_array().unwrap();
    items.iter().map(|item| item[key].as_str().unwrap_or("-").to_owned()).collect()
}

fn history(minute: impl Into<f64> + Copy, name: &str) -> Vec<Value> {
    let input = json!({ "cluster": "prod", "service": name });
    let listed = ask(minute, "ListServiceDeployments", &input)["serviceDeployments"].clone();
    let arns = texts(&listed, "serviceDeploymentArn");
    if arns.is_empty() {
        return Vec::new();
    }
    let input = json!({ "serviceDeploymentArns": arns });
    let described = ask(minute, "DescribeServiceDeployments", &input);
    assert_eq!(described["failures"], json!([]));
    let described = described["serviceDeployments"].as_array().unwrap().clone();
    for (brief, whole) in listed.as_array().unwrap().iter().zip(&described) {
        for key in [
            "serviceDeploymentArn",
            "status",
            "createdAt",
            "startedAt",
            "finishedAt",
            "statusReason",
        ] {
            assert_eq!(brief.get(key), whole.get(key), "{key}");
        }
        assert_eq!(brief["targetServiceRevisionArn"], whole["targetServiceRevision"]["arn"]);
    }
    described
}

fn revision(minute: impl Into<f64>, arn: &Value) -> Value {
    let answer = ask(minute, "DescribeServiceRevisions", &json!({ "serviceRevisionArns": [arn] }));
    answer["serviceRevisions"][0].clone()
}

fn number(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap()
}

/// `(running, pending)` by the number of the deployment, of everything that is not nothing.
type Counts = BTreeMap<String, (i64, i64)>;

fn counts(items: &Value, id: &str, running: &str, pending: &str) -> Counts {
    let items = items.as_array().map(Vec::as_slice).unwrap_or_default();
    let count = |item: &Value| {
        let number = number(item[id].as_str().unwrap()).to_owned();
        (number, (item[running].as_i64().unwrap(), item[pending].as_i64().unwrap()))
    };
    items.iter().map(count).filter(|(_, count)| *count != (0, 0)).collect()
}

/// Tasks, deployments, task sets, revisions and the service say the same, and each task runs what its revision says.
fn adds_up(world: &World, now: i64, cluster: &str) {
    let mut by_deployment: Counts = BTreeMap::new();
    let mut digests: BTreeMap<String, BTreeSet<Vec<String>>> = BTreeMap::new();
    for desired in ["RUNNING", "STOPPED"] {
        let mut input = json!({ "cluster": cluster, "desiredStatus": desired });
        loop {
            let page = ask_of(world, now, "ListTasks", &input).unwrap();
            let arns = page["taskArns"].clone();
            if !arns.as_array().unwrap().is_empty() {
                let input = json!({ "cluster": cluster, "tasks": arns });
                let found = ask_of(world, now, "DescribeTasks", &input).unwrap();
                for task in found["tasks"].as_array().unwrap() {
                    let number = number(task["startedBy"].as_str().unwrap()).to_owned();
                    let count = by_deployment.entry(number.clone()).or_default();
                    match task["lastStatus"].as_str().unwrap() {
                        "RUNNING" => count.0 += 1,
                        "PENDING" => count.1 += 1,
                        _ => {}
                    }
                    if task.get("startedAt").is_some() {
                        let of = texts(&task["containers"], "imageDigest");
                        digests.entry(number).or_default().insert(of);
                    }
                }
            }
            match page.get("nextToken") {
                Some(token) => input["nextToken"] = token.clone(),
                None => break,
            }
        }
    }
    let input = json!({ "cluster": cluster, "maxResults": 100 });
    let arns = ask_of(world, now, "ListServices", &input).unwrap()["serviceArns"].clone();
    let mut told: Counts = BTreeMap::new();
    for arns in arns.as_array().unwrap().chunks(10) {
        let input = json!({ "cluster": cluster, "services": arns });
        let answer = ask_of(world, now, "DescribeServices", &input).unwrap();
        for service in answer["services"].as_array().unwrap() {
            let name = service["serviceName"].as_str().unwrap();
            let mut own = counts(&service["deployments"], "id", "runningCount", "pendingCount");
            if service["deploymentController"]["type"] == "ECS" {
                let primaries = texts(&service["deployments"], "status");
                assert_eq!(primaries.iter().filter(|status| *status == "PRIMARY").count(), 1);
                assert_eq!(primaries[0], "PRIMARY");
            } else {
                assert!(own.is_empty() && service.get("currentServiceRevisions").is_none());
                own = counts(&service["taskSets"], "id", "runningCount", "pendingCount");
            }
            if let Some(revisions) = service.get("currentServiceRevisions") {
                let of = counts(revisions, "arn", "runningTaskCount", "pendingTaskCount");
                assert_eq!(of, own, "{name}");
                let input = json!({ "serviceRevisionArns": texts(revisions, "arn") });
                let answer = ask_of(world, now, "DescribeServiceRevisions", &input).unwrap();
                assert_eq!(answer["failures"], json!([]));
                for revision in answer["serviceRevisions"].as_array().unwrap() {
                    let number = number(revision["serviceRevisionArn"].as_str().unwrap());
                    let of = texts(&revision["containerImages"], "imageDigest");
                    for run in digests.get(number).into_iter().flatten() {
                        assert_eq!(*run, of, "{name}");
                    }
                }
            }
            let (running, pending) =
                own.values().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
            assert_eq!(service["runningCount"], running, "{name}");
            assert_eq!(service["pendingCount"], pending, "{name}");
            told.extend(own);
        }
    }
    by_deployment.retain(|_, count| *count != (0, 0));
    assert_eq!(told, by_deployment);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn at_any_moment_all_views_of_the_fleet_add_up(offset in -95 * MINUTE..40 * MINUTE) {
        adds_up(&WORLD, PAGE + offset, "prod");
    }

    #[test]
    fn at_any_moment_a_history_is_one_that_the_api_can_tell(offset in -95 * MINUTE..40 * MINUTE) {
        let now = PAGE + offset;
        for name in ["web", "given-up", "tried", "overtaken", "green", "latest", "daemon"] {
            let input = json!({ "cluster": "prod", "service": name });
            let answer = ask_of(&WORLD, now, "ListServiceDeployments", &input).unwrap();
            let history = answer["serviceDeployments"].as_array().unwrap();
            let time = |of: &Value, key: &str| of.get(key).and_then(Value::as_f64);
            prop_assert!(history.iter().map(|one| time(one, "createdAt")).rev().is_sorted());
            for (place, one) in history.iter().enumerate() {
                let ended = time(one, "finishedAt");
                let is_under_way = matches!(
                    one["status"].as_str().unwrap(),
                    "PENDING" | "IN_PROGRESS" | "ROLLBACK_IN_PROGRESS"
                );
                prop_assert_eq!(is_under_way, ended.is_none());
                prop_assert!(place == 0 || !is_under_way, "only the newest one is under way");
                prop_assert!(ended.is_none_or(|ended| ended <= now as f64 / 1000.0));
                prop_assert!(ended.is_none() || time(one, "createdAt") <= ended);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn the_incident_adds_up(offset in -60 * MINUTE..30 * MINUTE) {
        adds_up(&INCIDENT, PAGE + offset, "edge");
        adds_up(&INCIDENT, PAGE + offset, "prod");
    }
}

#[test]
fn the_circuit_breaker_gives_up_and_goes_back_to_the_old_revision() {
    let before = service(-61, "web");
    let old = before["currentServiceRevisions"][0]["arn"].clone();
    assert_eq!(before["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(
        before["deploymentConfiguration"]["deploymentCircuitBreaker"],
        json!({ "enable": true, "rollback": true })
    );
    assert_eq!(before["deploymentConfiguration"]["alarms"]["alarmNames"], json!(["web-5xx"]));

    // Under way, nothing runs of it.
    let during = service(-59.8, "web");
    let failing = &during["deployments"][0];
    assert_eq!(failing["status"], "PRIMARY");
    assert_eq!(failing["rolloutState"], "IN_PROGRESS");
    assert_eq!(failing["runningCount"], 0);
    assert_eq!(during["runningCount"], 8);
    let under_way = &history(-59.8, "web")[0];
    assert_eq!(under_way["status"], "IN_PROGRESS");
    assert_eq!(under_way["deploymentCircuitBreaker"]["threshold"], 4);

    // Given up, on the way back.
    let tripped = WORLD.lives[0].deployments[1].tripped;
    let at = |now: i64| {
        let input = json!({ "cluster": "prod", "services": ["web"] });
        ask_of(&WORLD, now, "DescribeServices", &input).unwrap()["services"][0].clone()
    };
    let back = at(tripped + 1_000);
    let [primary, given_up] = &back["deployments"].as_array().unwrap()[..] else {
        panic!("{back}")
    };
    assert_eq!(primary["id"], before["deployments"][0]["id"]);
    assert_eq!(
        primary["rolloutStateReason"],
        format!(
            "ECS deployment circuit breaker: rolling back to deploymentId {}.",
            primary["id"].as_str().unwrap()
        )
    );
    assert_eq!(
        (&given_up["status"], &given_up["rolloutState"]),
        (&json!("ACTIVE"), &json!("FAILED"))
    );
    assert_eq!(
        given_up["rolloutStateReason"],
        "ECS deployment circuit breaker: tasks failed to start."
    );
    assert_eq!(given_up["failedTasks"], 4);

    // Back, on the revision that there was; the history keeps what happened.
    let after = service(-30, "web");
    assert_eq!(texts(&after["deployments"], "rolloutState"), ["COMPLETED"]);
    assert_eq!(after["taskDefinition"], before["taskDefinition"]);
    assert_eq!(after["currentServiceRevisions"], before["currentServiceRevisions"]);
    let told = &history(-30, "web")[0];
    assert_eq!(after["currentServiceDeployment"], told["serviceDeploymentArn"]);
    assert_eq!(told["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(told["rollback"]["serviceRevisionArn"], old);
    assert_eq!(
        told["deploymentCircuitBreaker"],
        json!({ "status": "TRIGGERED", "failureCount": 4, "threshold": 4 })
    );
    assert_eq!(told["sourceServiceRevisions"][0]["runningTaskCount"], 8);
    let events = texts(&after["events"], "message");
    for said in ["deployment failed: tasks failed to start.", "rolling back to deployment ecs-svc/"]
    {
        assert!(events.iter().any(|event| event.contains(said)), "{said}");
    }

    // The one after that is a revision of its own, of a definition of its own.
    let newer = service(20, "web");
    assert_ne!(newer["currentServiceRevisions"][0]["arn"], old);
    assert!(newer["taskDefinition"].as_str().unwrap().ends_with(":3"));
}

#[test]
fn a_task_whose_image_cannot_be_pulled_never_starts() {
    let stopped = ask(
        -50,
        "ListTasks",
        &json!({ "cluster": "prod", "desiredStatus": "STOPPED", "family": "prod-web" }),
    );
    let input = json!({ "cluster": "prod", "tasks": stopped["taskArns"] });
    let tasks = ask(-50, "DescribeTasks", &input)["tasks"].as_array().unwrap().clone();
    assert_eq!(tasks.len(), 4);
    for task in tasks {
        assert_eq!(task["stopCode"], "TaskFailedToStart");
        let reason = task["stoppedReason"].as_str().unwrap();
        assert!(
            reason.starts_with("CannotPullContainerError: ") && reason.contains("example/web:2")
        );
        assert!(task.get("startedAt").is_none());
        assert!(task["containers"][0].get("imageDigest").is_none());
        assert!(task["containers"][0].get("exitCode").is_none());
    }
}

#[test]
fn without_a_rollback_the_deployment_has_failed_and_stays() {
    let after = service(0, "given-up");
    assert_eq!(texts(&after["deployments"], "rolloutState"), ["FAILED", "COMPLETED"]);
    assert_eq!(texts(&after["deployments"], "status"), ["PRIMARY", "ACTIVE"]);
    assert_eq!(
        (&after["deployments"][0]["failedTasks"], &after["runningCount"]),
        (&json!(3), &json!(2))
    );
    let told = &history(0, "given-up")[0];
    assert_eq!(told["status"], "STOPPED");
    assert!(told.get("stoppedAt").is_some() && told.get("rollback").is_none());
}

#[test]
fn without_a_circuit_breaker_it_is_tried_again_and_again() {
    let (early, late) = (service(-30, "tried"), service(30, "tried"));
    let failed = |service: &Value| service["deployments"][0]["failedTasks"].as_i64().unwrap();
    assert!(failed(&late) > failed(&early) && failed(&early) > 3);
    assert_eq!(late["deployments"][0]["rolloutState"], "IN_PROGRESS");
    assert_eq!(history(30, "tried")[0]["deploymentCircuitBreaker"]["status"], "DISABLED");
    assert!(
        texts(&late["events"], "message")
            .iter()
            .any(|event| event.contains("unable to consistently start tasks"))
    );
}

#[test]
fn a_newer_deployment_stops_one_that_is_under_way() {
    assert_eq!(history(-30, "overtaken")[0]["status"], "IN_PROGRESS");
    let told = history(-10, "overtaken");
    assert_eq!(
        told.iter().map(|one| one["status"].as_str().unwrap()).collect::<Vec<_>>(),
        ["SUCCESSFUL", "STOPPED", "SUCCESSFUL"]
    );
    assert_eq!(told[1]["stoppedAt"], told[0]["createdAt"]);
}

#[test]
fn a_moved_tag_is_another_digest_from_the_next_revision_on() {
    let (before, after) = (service(-15, "latest"), service(0, "latest"));
    assert_eq!(before["taskDefinition"], after["taskDefinition"]);
    let (old, new) = (
        revision(0, &before["currentServiceRevisions"][0]["arn"]),
        revision(0, &after["currentServiceRevisions"][0]["arn"]),
    );
    assert_eq!(old["containerImages"][0]["image"], "example/site:latest");
    assert_eq!(old["containerImages"][0]["image"], new["containerImages"][0]["image"]);
    assert_ne!(old["containerImages"][0]["imageDigest"], new["containerImages"][0]["imageDigest"]);
    let pushed = WORLD.digest_at("example/site:latest", PAGE);
    assert_eq!(new["containerImages"][0]["imageDigest"], pushed);

    // What is registered is there, and not deployed.
    let definition = |named: &str| {
        ask(0, "DescribeTaskDefinition", &json!({ "taskDefinition": named }))["taskDefinition"]
            .clone()
    };
    assert_eq!(definition("prod-latest")["revision"], 2);
    assert_eq!(definition("prod-latest")["containerDefinitions"][0]["image"], "example/site:2");
    assert!(definition("prod-latest")["registeredBy"].as_str().unwrap().ends_with("/mei"));
    assert!(after["taskDefinition"].as_str().unwrap().ends_with(":1"));
}

#[test]
fn blue_and_green_run_side_by_side_until_the_traffic_has_moved() {
    let (during, after) = (service(-27, "green"), service(-15, "green"));
    assert_eq!(during["deploymentConfiguration"]["strategy"], "BLUE_GREEN");
    let running = |service: &Value| {
        let deployments = service["deployments"].as_array().unwrap();
        deployments.iter().map(|one| one["runningCount"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((running(&during), running(&after)), (vec![5, 5], vec![5]));
    let stages: Vec<Value> =
        [-29, -27, -26].map(|minute| history(minute, "green")[0]["lifecycleStage"].clone()).into();
    assert_eq!(stages, ["SCALE_UP", "BAKE_TIME", "BAKE_TIME"]);
    let told = &history(-27, "green")[0];
    assert_eq!(told["targetServiceRevision"]["requestedProductionTrafficWeight"], 100.0);
    assert_eq!(told["sourceServiceRevisions"][0]["requestedProductionTrafficWeight"], 0.0);
}

#[test]
fn code_deploy_has_task_sets_and_no_rollout() {
    let at = |minute| service(minute, "shifted");
    let (before, scaling, baking, after) = (at(-31), at(-29), at(-26), at(-15));
    for (service, statuses) in [
        (&before, vec!["PRIMARY"]),
        (&scaling, vec!["ACTIVE", "PRIMARY"]),
        (&baking, vec!["PRIMARY", "ACTIVE"]),
        (&after, vec!["PRIMARY"]),
    ] {
        assert_eq!(texts(&service["taskSets"], "status"), statuses);
        assert_eq!(service["deployments"], json!([]));
        assert_eq!(service["deploymentController"]["type"], "CODE_DEPLOY");
        assert!(service.get("currentServiceRevisions").is_none());
        assert!(service.get("currentServiceDeployment").is_none());
    }
    assert_eq!(scaling["taskDefinition"], before["taskDefinition"]);
    assert_ne!(after["taskDefinition"], before["taskDefinition"]);
    assert_eq!(after["taskSets"][0]["startedBy"], "CODE_DEPLOY");
    assert_eq!(after["taskSets"][0]["stabilityStatus"], "STEADY_STATE");
    let input = json!({ "cluster": "prod", "service": "shifted" });
    assert_eq!(refused("ListServiceDeployments", &input), "UnsupportedFeatureException");
}

#[test]
fn an_external_service_says_only_what_its_task_sets_do_not() {
    let external = service(0, "external");
    assert_eq!(external["taskSets"][0]["runningCount"], 2);
    let bare = service(0, "bare");
    assert_eq!((&bare["deployments"], &bare["taskSets"]), (&json!([]), &json!([])));
    for service in [external, bare] {
        assert!(service.get("taskDefinition").is_none() && service.get("launchType").is_none());
    }
    let families = ask(0, "ListTaskDefinitions", &json!({ "familyPrefix": "prod-bare" }));
    assert_eq!(families["taskDefinitionArns"], json!([]));
}

#[test]
fn what_is_older_than_service_revisions_has_none() {
    let old = service(0, "old");
    assert_eq!(old["deployments"][0]["rolloutState"], "COMPLETED");
    assert!(old.get("currentServiceRevisions").is_none());
    assert!(old.get("currentServiceDeployment").is_none());
    assert!(history(0, "old").is_empty());
    let id = old["deployments"][0]["id"].as_str().unwrap();
    let arn =
        format!("arn:aws:ecs:us-east-1:000000000000:service-revision/prod/old/{}", number(id));
    let answer = ask(0, "DescribeServiceRevisions", &json!({ "serviceRevisionArns": [arn] }));
    assert_eq!(answer["failures"], json!([{ "arn": arn, "reason": "MISSING" }]));
}

#[test]
fn some_tasks_are_sick_for_a_while() {
    let health = |minute: i32| {
        let input = json!({ "cluster": "prod", "serviceName": "web" });
        let arns = ask(minute, "ListTasks", &input)["taskArns"].clone();
        let input = json!({ "cluster": "prod", "tasks": arns });
        let tasks = ask(minute, "DescribeTasks", &input)["tasks"].clone();
        for task in tasks.as_array().unwrap() {
            assert_eq!(
                texts(&task["containers"], "healthStatus"),
                [task["healthStatus"].as_str().unwrap(), "UNKNOWN"]
            );
        }
        let unhealthy =
            texts(&tasks, "healthStatus").iter().filter(|health| *health == "UNHEALTHY").count();
        (unhealthy, tasks.as_array().unwrap().len())
    };
    assert_eq!(health(-16), (0, 8));
    let (unhealthy, all) = health(-10);
    assert!(unhealthy > 0 && unhealthy < all, "{unhealthy}");
    assert_eq!(health(-5), (0, 8));
}

#[test]
fn a_history_is_listed_by_state_and_time_in_pages_newest_first() {
    let input = |more: Value| {
        let mut input = json!({ "cluster": "prod", "service": "overtaken" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let listed = |more: Value| {
        let answer = ask(0, "ListServiceDeployments", &input(more));
        texts(&answer["serviceDeployments"], "serviceDeploymentArn")
    };
    let all = listed(json!({}));
    assert_eq!(all.len(), 3);
    assert_eq!(listed(json!({ "status": ["STOPPED"] })), all[1..2]);
    assert_eq!(listed(json!({ "status": ["PENDING", "IN_PROGRESS"] })), all[..0]);
    let at = |minute: i64| (PAGE + minute * MINUTE) / 1000;
    assert_eq!(listed(json!({ "createdAt": { "after": at(-30) } })), all[..1]);
    assert_eq!(listed(json!({ "createdAt": { "after": at(-50), "before": at(-40) } })), all[1..2]);
    let first = ask(0, "ListServiceDeployments", &input(json!({ "maxResults": 2 })));
    let next = listed(json!({ "maxResults": 2, "nextToken": first["nextToken"] }));
    assert_eq!(texts(&first["serviceDeployments"], "serviceDeploymentArn"), all[..2]);
    assert_eq!(next, all[2..]);
    let by_arn = ask(
        0,
        "ListServiceDeployments",
        &json!({ "service": "arn:aws:ecs:us-east-1:000000000000:service/prod/overtaken" }),
    );
    assert_eq!(texts(&by_arn["serviceDeployments"], "serviceDeploymentArn"), all);
    // After 90 days a deployment is forgotten.
    let later = ask(91 * 24 * 60, "ListServiceDeployments", &input(json!({})));
    assert_eq!(later["serviceDeployments"], json!([]));
    let later =
        ask(91 * 24 * 60, "DescribeServiceDeployments", &json!({ "serviceDeploymentArns": all }));
    assert_eq!(later["failures"].as_array().unwrap().len(), 3);
}

#[test]
fn what_cannot_be_asked_is_refused_as_the_api_refuses_it() {
    let list = "ListServiceDeployments";
    for (code, operation, input) in [
        ("InvalidParameterException", list, json!({ "cluster": "prod" })),
        (
            "InvalidParameterException",
            list,
            json!({ "cluster": "prod", "service": "web", "status": ["DONE"] }),
        ),
        (
            "InvalidParameterException",
            list,
            json!({ "cluster": "prod", "service": "web", "maxResults": 101 }),
        ),
        (
            "InvalidParameterException",
            list,
            json!({ "cluster": "prod", "service": "web", "nextToken": "x" }),
        ),
        (
            "InvalidParameterException",
            list,
            json!({ "cluster": "prod", "service": "web", "createdAt": { "after": 2, "before": 1 } }),
        ),
        ("ClusterNotFoundException", list, json!({ "service": "web" })),
        ("ServiceNotFoundException", list, json!({ "cluster": "prod", "service": "nobody" })),
        ("InvalidParameterException", "DescribeServiceDeployments", json!({})),
        (
            "InvalidParameterException",
            "DescribeServiceDeployments",
            json!({ "serviceDeploymentArns": ["x"] }),
        ),
        (
            "InvalidParameterException",
            "DescribeServiceRevisions",
            json!({ "serviceRevisionArns": [] }),
        ),
        (
            "InvalidParameterException",
            "DescribeServiceRevisions",
            json!({ "serviceRevisionArns": vec!["arn:aws:ecs:us-east-1:0:service-revision/a/b/1"; 21] }),
        ),
    ] {
        assert_eq!(refused(operation, &input), code, "{operation} {input}");
    }
    let gone = json!({ "serviceRevisionArns": ["arn:aws:ecs:us-east-1:0:service-revision/a/b/1"] });
    assert_eq!(ask(0, "DescribeServiceRevisions", &gone)["failures"][0]["reason"], "MISSING");
}

#[test]
fn the_incident_has_what_a_first_look_finds_among_the_quiet_ones() {
    let now = PAGE + 4 * MINUTE;
    let service = |cluster: &str, name: &str| {
        let input = json!({ "cluster": cluster, "services": [name] });
        ask_of(&INCIDENT, now, "DescribeServices", &input).unwrap()["services"][0].clone()
    };
    let input =
        json!({ "cluster": "prod", "service": "billing", "status": ["ROLLBACK_SUCCESSFUL"] });
    let rolled_back = ask_of(&INCIDENT, now, "ListServiceDeployments", &input).unwrap();
    assert_eq!(rolled_back["serviceDeployments"].as_array().unwrap().len(), 1);
    assert_eq!(service("prod", "billing")["runningCount"], 4);
    assert_eq!(service("prod", "docs")["taskSets"][0]["runningCount"], 3);
    let revision = json!({ "serviceRevisionArns": texts(&service("edge", "docs")["currentServiceRevisions"], "arn") });
    let runs =
        ask_of(&INCIDENT, now, "DescribeServiceRevisions", &revision).unwrap()["serviceRevisions"]
            [0]["containerImages"][0]
            .clone();
    assert!(runs["image"].as_str().unwrap().ends_with("web/docs:latest"));
    assert_ne!(runs["imageDigest"], INCIDENT.digest_at(runs["image"].as_str().unwrap(), now));
    let newest = ask_of(
        &INCIDENT,
        now,
        "DescribeTaskDefinition",
        &json!({ "taskDefinition": "control-plane" }),
    )
    .unwrap();
    assert_eq!(newest["taskDefinition"]["revision"], 78);
    assert!(service("prod", "scheduler")["taskDefinition"].as_str().unwrap().ends_with(":77"));
}
