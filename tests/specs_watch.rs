//! `oncall specs watch`: the drill's clock runs, and things happen a few seconds after it began.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use insta::assert_snapshot;
use serde_json::json;

use crate::specs_releases::in_shop;
use crate::support::Machine;
use crate::support::cloud::{Answer, denied, three_clusters};

/// The drill begins four minutes after the page. A release begins two seconds later, two of three
/// tasks die five and ten seconds after the beginning.
const SOON: &str = r#"
name = "soon"
summary = "Tasks die, and a release begins, while somebody watches."
seed = 3
[[clusters]]
name = "main"
hosts = 2
[[services]]
name = "cart"
cluster = "main"
desired = 3
[[services.containers]]
name = "cart"
image = "registry.example/cart:1"
[[services]]
name = "pay"
cluster = "main"
desired = 2
[[services.containers]]
name = "pay"
image = "registry.example/pay:1"
[[timeline]]
at = "+3m58s"
stop = { service = "cart", share = 0.6, exit_code = 137, reason = "OutOfMemoryError: Container killed due to memory usage" }
[[timeline]]
at = "+4m2s"
deploy = { service = "pay", images = { pay = "registry.example/pay:2" }, over = "1m" }
"#;

fn live() -> Machine {
    let mut machine = Machine::new();
    machine.set("ONCALL_DRILL_NOW", "");
    machine.file("soon.toml", SOON);
    machine
}

#[test]
fn each_change_is_said_once_as_it_happens() {
    let ran = live().types("oncall --drill=soon.toml specs watch --interval 1s --for 12s").well();
    let records = ran.records();
    let of =
        |what: &str| records.iter().filter(|record| record["what"] == what).collect::<Vec<_>>();
    let stopped = of("task_stopped");
    let tasks: BTreeSet<_> = stopped.iter().map(|record| record["task"].to_string()).collect();
    assert_eq!((tasks.len(), stopped.len()), (2, 2), "each of both once: {ran}");
    for stopped in stopped {
        assert_eq!((&stopped["service"], &stopped["exit_code"]), (&"cart".into(), &137.into()));
        assert_eq!(stopped["reason"], "OutOfMemoryError: Container killed due to memory usage");
    }
    let [rollout] = of("rollout")[..] else { panic!("{ran}") };
    assert_eq!(rollout["service"], "pay");
    assert_eq!(
        (&rollout["before"]["task_definition"], &rollout["after"]["task_definition"]),
        (&"main-pay:1".into(), &"main-pay:2".into())
    );
    assert_eq!(rollout["after"]["rollout"], "IN_PROGRESS");
    for (line, record) in ran.stdout.lines().zip(&records) {
        assert!(line.starts_with(r#"{"time":""#), "{line}");
        assert_eq!(record["kind"], "service_change");
    }
}

#[test]
fn ctrl_c_ends_it() {
    let machine = live();
    let mut command = machine.command("oncall --drill=soon.toml specs watch pay --interval 1s");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    let change: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!((&change["service"], &change["what"]), (&"pay".into(), &"rollout".into()));
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(130), ""));
}

#[test]
fn where_nothing_happens_nothing_is_said() {
    let ran = in_shop("specs watch --interval 1s --for 2s").well();
    assert_eq!(ran.stdout, "");
}

#[test]
fn what_a_service_revision_says_is_asked_for_once() {
    let ran = in_shop("specs watch main/cart --interval 1s --for 3s --debug");
    assert_eq!(ran.code, 0, "{ran}");
    let asked =
        |operation: &str| ran.stderr.lines().filter(|line| line.contains(operation)).count();
    assert!(asked("DescribeServices") >= 3, "{ran}");
    assert_eq!(asked("DescribeServiceRevisions"), 1, "it never changes: {ran}");
}

#[test]
fn durations_that_cannot_be() {
    assert_snapshot!(in_shop("specs watch --interval x"), @"
    ------- stderr -------
    error: `x` is not a duration
    hint: durations look like 90s, 15m, 2h30m, 1d or 1w
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs watch --for 0s"), @"
    ------- stderr -------
    error: `0s` is not a positive duration
    hint: durations look like 90s, 15m, 2h30m, 1d or 1w
    [exit 2]
    ");
}

#[test]
fn a_watch_that_loses_its_permission_says_so_once_with_what_to_do() {
    let looks = AtomicUsize::new(0);
    let cloud = three_clusters(move |request, cluster| {
        let is_it = request.operation == "DescribeServices" && cluster == "b";
        (is_it && looks.fetch_add(1, Ordering::SeqCst) > 0).then(denied)
    });
    let machine = Machine::with_endpoint(&cloud.url);
    assert_snapshot!(machine.types("oncall specs watch --interval 1s --for 3s"), @"
    ------- stderr -------
    missing: cluster b: DescribeServices in us-east-1: no permission: User: arn:aws:iam::1:user/me is not authorized
    hint: ask for the IAM action ecs:DescribeServices; docs/permissions.md has the least policy
    [exit 3]
    ");
}

#[test]
fn what_stopped_before_a_watch_could_read_it_is_no_news() {
    let lists = AtomicUsize::new(0);
    let cloud = three_clusters(move |request, cluster| {
        let arn = format!(
            "arn:aws:ecs:us-east-1:123456789012:task/{cluster}/1f9de17a6465404e8b1b2356dc13c2f8"
        );
        match request.operation.as_str() {
            "ListTasks" if cluster == "b" && lists.fetch_add(1, Ordering::SeqCst) == 0 => {
                Some(denied())
            }
            "ListTasks" => Some(Answer::json(json!({ "taskArns": [arn] }).to_string())),
            "DescribeTasks" => Some(Answer::json(
                json!({ "tasks": [{
                "taskArn": arn, "group": "service:web", "lastStatus": "STOPPED",
                "clusterArn": format!("arn:aws:ecs:us-east-1:123456789012:cluster/{cluster}"), "stoppedReason": "long ago" }] })
                .to_string(),
            )),
            _ => None,
        }
    });
    let ran = Machine::with_endpoint(&cloud.url).types("oncall specs watch --interval 1s --for 3s");
    assert_eq!(ran.stdout, "", "{ran}");
}

#[test]
fn a_service_that_goes_is_said_though_another_cluster_cannot_be_read() {
    let looks = AtomicUsize::new(0);
    let cloud =
        three_clusters(move |request, cluster| match (request.operation.as_str(), cluster) {
            (_, "b") => Some(denied()),
            ("ListTasks", _) => Some(Answer::json(r#"{"taskArns":[]}"#)),
            ("ListServices", "c") if looks.fetch_add(1, Ordering::SeqCst) > 0 => {
                Some(Answer::json(r#"{"serviceArns":[]}"#))
            }
            _ => None,
        });
    let line = "oncall specs watch --interval 1s --for 3s --jq '[.cluster, .what]'";
    assert_snapshot!(Machine::with_endpoint(&cloud.url).types(line), @r#"
    ["c","vanished"]
    ------- stderr -------
    missing: cluster b: ListServices in us-east-1: no permission: User: arn:aws:iam::1:user/me is not authorized
    hint: ask for the IAM action ecs:ListServices; docs/permissions.md has the least policy
    [exit 3]
    "#);
}

#[test]
fn a_task_that_is_stopping_is_said_when_it_has_stopped() {
    let looks = AtomicUsize::new(0);
    let cloud = three_clusters(move |request, cluster| {
        let arn = format!(
            "arn:aws:ecs:us-east-1:123456789012:task/{cluster}/1f9de17a6465404e8b1b2356dc13c2f8"
        );
        match request.operation.as_str() {
            "ListTasks" if cluster == "a" => {
                Some(Answer::json(json!({ "taskArns": [arn] }).to_string()))
            }
            "ListTasks" => Some(Answer::json(r#"{"taskArns":[]}"#)),
            "DescribeTasks" => {
                let status =
                    if looks.fetch_add(1, Ordering::SeqCst) < 2 { "STOPPING" } else { "STOPPED" };
                Some(Answer::json(json!({ "tasks": [{
                    "taskArn": arn, "group": "service:web", "lastStatus": status, "desiredStatus": "STOPPED",
                    "clusterArn": format!("arn:aws:ecs:us-east-1:123456789012:cluster/{cluster}"),
                    "stoppedReason": "Essential container in task exited" }] }).to_string()))
            }
            _ => None,
        }
    });
    let line = "oncall specs watch --interval 1s --for 4s --jq '[.what, .reason]'";
    let ran = Machine::with_endpoint(&cloud.url).types(line).well();
    assert_snapshot!(ran, @r#"["task_stopped","Essential container in task exited"]"#);
}
