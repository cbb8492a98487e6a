//! The whole reading, over the wire, against the simulated ECS.

use std::sync::Arc;
use std::time::Duration;

use simulator::{Faults, Scenario, Server, World};

use super::*;
use crate::found::{Found, sinks};
use crate::rank::{Paged, rank};
use crate::record::{Flag, Status};

/// The page of these worlds, and the moment of the reading.
const NOW: i64 = 1_795_380_000_000;
const MINUTE: i64 = 60_000;

async fn server(services: &str, faults: &[&str]) -> Server {
    let text = format!(
        "name = \"deployments\"\nsummary = \"x\"\nseed = 3\npage_lead = \"0s\"\n\
         [[clusters]]\nname = \"prod\"\nhosts = 3\n{services}"
    );
    let world = World::new(Scenario::parse("wire.toml", &text).unwrap(), NOW);
    let faults = Faults {
        faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        ..Faults::default()
    };
    Server::start_with(world, Arc::new(|| NOW), 0, faults).await.unwrap()
}

fn door(server: &Server) -> aws::Door {
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
    aws::Door::to_drill(&url, vec![simulator::REGION.to_owned()], &options).unwrap()
}

struct Told {
    changes: Vec<ChangeRecord>,
    /// How many changes had come when each moment was reached.
    reached: Vec<(usize, Time)>,
    reads: Vec<SourceRead>,
    requests: u64,
}

impl Told {
    fn summaries(&self) -> Vec<&str> {
        self.changes.iter().map(|change| change.summary.as_str()).collect()
    }

    fn only_end(&self) -> &Ended {
        assert_eq!(self.reads.len(), 1);
        assert_eq!(self.reads[0].changes, self.changes.len() as u64);
        &self.reads[0].ended
    }
}

/// What is told of so many minutes before now.
async fn told(server: &Server, minutes: i64) -> Told {
    told_of(server, minutes, &|_, _| true).await
}

async fn told_of(
    server: &Server,
    minutes: i64,
    wants: &(dyn Fn(&str, &str) -> bool + Sync),
) -> Told {
    let since = Time::from_millis(NOW - minutes * MINUTE);
    let window = Window { since, until: Time::from_millis(NOW + 1) };
    told_in(server, window, wants).await
}

async fn told_in(
    server: &Server,
    window: Window,
    wants: &(dyn Fn(&str, &str) -> bool + Sync),
) -> Told {
    let door = door(server);
    let fleet = Fleet::new(&door, simulator::REGION, None);
    let ask = Ask {
        window,
        now: Time::from_millis(NOW),
        account: Some(simulator::ACCOUNT),
        clusters: &[],
        wants,
        stopped: true,
    };
    let (mut sinks, mut found) = sinks(1);
    let sink = sinks.remove(0);
    let reading = async {
        let reads = read(&fleet, &ask, &sink).await;
        sink.ended().await;
        reads
    };
    let hearing = async {
        let (mut changes, mut reached) = (Vec::new(), Vec::new());
        while let Some((_, found)) = found.recv().await {
            match found {
                Found::Change(change) => changes.push(*change),
                Found::Reached(time) => reached.push((changes.len(), time)),
                Found::Ended => break,
            }
        }
        (changes, reached)
    };
    let (reads, (changes, reached)) = join(reading, hearing).await;
    Told { changes, reached, reads, requests: door.usage().requests }
}

const QUIET: &str = "[[services]]\nname = \"quiet\"\ncluster = \"prod\"\ncopies = 30\ndesired = 1\n\
    containers = [{ name = \"app\", image = \"example/quiet:1\" }]\n";
const API: &str = "[[services]]\nname = \"api\"\ncluster = \"prod\"\ndesired = 4\n\
    circuit_breaker = { enable = true, rollback = true }\n\
    containers = [{ name = \"app\", image = \"example/api:v1\" }]\n";

fn deploy(minutes: i64, rest: &str) -> String {
    format!("[[timeline]]\nat = \"-{minutes}m\"\ndeploy = {{ service = \"api\", {rest} }}\n")
}

#[tokio::test]
async fn only_services_inside_the_window_cost_a_call() {
    let deployed = deploy(30, "images = { app = \"example/api:v2\" }");
    let server = server(&format!("{QUIET}{API}{deployed}"), &[]).await;
    let all = told(&server, 120).await;
    assert_eq!(all.summaries(), ["app v1 -> v2"]);
    assert_eq!(*all.only_end(), Ended::Complete { until: Time::from_millis(NOW) });
    // ListClusters, ListServices, DescribeServices for 31 services, ListServiceDeployments,
    // DescribeServiceDeployments, DescribeServiceRevisions, ListTasks, DescribeTasks.
    assert_eq!(all.requests, 1 + 1 + 4 + 1 + 1 + 1 + 1 + 1);
    let nothing = told(&server, 20).await;
    assert_eq!((nothing.changes.len(), nothing.requests), (0, 1 + 1 + 4));
    assert_eq!(nothing.reached, [(0, Time::from_millis(NOW - 20 * MINUTE))]);
}

#[tokio::test]
async fn a_service_that_is_not_wanted_is_not_looked_at() {
    let deployed = deploy(30, "images = { app = \"example/api:v2\" }");
    let server = server(&format!("{QUIET}{API}{deployed}"), &[]).await;
    let some = told_of(&server, 120, &|_, service| service == "quiet-001").await;
    assert_eq!((some.changes.len(), some.requests), (0, 3));
}

#[tokio::test]
async fn the_newest_deployment_comes_first_and_each_says_what_it_replaced() {
    let first = deploy(60, "images = { app = \"example/api:v2\" }");
    let second = deploy(30, "images = { app = \"example/api:v3\" }");
    let server = server(&format!("{API}{first}{second}"), &[]).await;
    let all = told(&server, 120).await;
    assert_eq!(all.summaries(), ["app v2 -> v3", "app v1 -> v2"]);
    let newest = &all.changes[0];
    assert_eq!(newest.time, Time::from_millis(NOW - 30 * MINUTE));
    assert_eq!(newest.status, Status::Applied);
    assert_eq!(newest.task_definition.as_deref(), Some("prod-api:3"));
    assert_eq!(newest.reach.as_ref().unwrap().tasks, 4);
    let aftermath = newest.aftermath.as_ref().unwrap();
    assert_eq!((aftermath.rollout.as_deref(), aftermath.deaths), (Some("COMPLETED"), 0));
    // A newer deployment does not hide the one of a window that was over before it.
    let (since, until) = (NOW - 90 * MINUTE, NOW - 45 * MINUTE);
    let window = Window { since: Time::from_millis(since), until: Time::from_millis(until) };
    assert_eq!(told_in(&server, window, &|_, _| true).await.summaries(), ["app v1 -> v2"]);
}

#[tokio::test]
async fn what_is_in_flight_is_told_although_it_began_long_before() {
    let slow = deploy(200, "images = { app = \"example/api:v2\" }, settles = false");
    let server = server(&format!("{API}{slow}"), &[]).await;
    let all = told(&server, 30).await;
    assert_eq!(all.changes.len(), 1);
    assert_eq!(all.changes[0].status, Status::InFlight);
    assert!(all.changes[0].aftermath.as_ref().unwrap().is_rolling_out());
    assert_eq!(all.reached.first().map(|(changes, _)| *changes), Some(1), "it came before");
}

#[tokio::test]
async fn a_circuit_breaker_takes_it_back_and_the_reason_is_told() {
    let fails = deploy(
        50,
        "images = { app = \"example/api:v2\" }, fail = { exit_code = 3, reason = \"no such flag\" }",
    );
    let server = server(&format!("{API}{fails}"), &[]).await;
    let all = told(&server, 120).await;
    assert_eq!(all.summaries(), ["app v1 -> v2: rolled back by the circuit breaker"]);
    let change = &all.changes[0];
    assert_eq!((&change.status, &change.flags[..]), (&Status::RolledBack, &[Flag::Rollback][..]));
    let aftermath = change.aftermath.as_ref().unwrap();
    assert_eq!(aftermath.rollout.as_deref(), Some("FAILED"));
    assert!(aftermath.lost() >= 3, "{aftermath:?}");
    assert_eq!(aftermath.death_reason.as_deref(), Some("no such flag"));
}

#[tokio::test]
async fn tasks_that_a_deployment_brought_and_that_died_are_counted_to_it() {
    let deployed = deploy(40, "images = { app = \"example/api:v2\" }");
    let dies = "[[timeline]]\nat = \"-10m\"\nstop = { service = \"api\", share = 1.0, exit_code = 137, reason = \"OutOfMemoryError: Container killed due to memory usage\" }\n";
    let server = server(&format!("{API}{deployed}{dies}"), &[]).await;
    let all = told(&server, 120).await;
    let aftermath = all.changes[0].aftermath.clone().unwrap();
    assert_eq!(aftermath.deaths, 4);
    let reason = aftermath.death_reason.as_deref();
    assert_eq!(reason, Some("OutOfMemoryError: Container killed due to memory usage"));
    assert!(aftermath.first_death.unwrap() >= Time::from_millis(NOW - 10 * MINUTE));
}

#[tokio::test]
async fn without_the_history_the_deployments_of_now_are_told_and_the_action_is_named() {
    let deployed = deploy(30, "images = { app = \"example/api:v2\" }");
    let world = format!("{API}{deployed}");
    let denied = server(&world, &["deny@ListServiceDeployments"]).await;
    let all = told(&denied, 120).await;
    assert_eq!(all.changes.len(), 1);
    assert_eq!(all.changes[0].task_definition.as_deref(), Some("prod-api:2"));
    let why = "ecs:ListServiceDeployments is not allowed".to_owned();
    assert_eq!(*all.only_end(), Ended::Partly { why });

    let denied = server(&world, &["deny@ListTasks"]).await;
    let all = told(&denied, 120).await;
    assert_eq!(all.summaries(), ["app v1 -> v2"]);
    let why = "what became of the deployments: ecs:ListTasks is not allowed".to_owned();
    assert_eq!(*all.only_end(), Ended::Partly { why });
}

#[tokio::test]
async fn where_nothing_may_be_read_it_is_said_which_action_is_missing() {
    for (denied, action) in [
        ("deny@ListClusters", "ecs:ListClusters"),
        ("deny@ListServices", "ecs:ListServices"),
        ("deny@DescribeServices", "ecs:DescribeServices"),
    ] {
        let server = server(API, &[denied]).await;
        let all = told(&server, 120).await;
        assert_eq!(*all.only_end(), Ended::Denied { why: format!("{action} is not allowed") });
    }
}

#[tokio::test]
async fn a_cluster_that_may_not_be_read_does_not_hide_the_others() {
    let deployed = deploy(30, "images = { app = \"example/api:v2\" }");
    let secret = "[[clusters]]\nname = \"secret\"\nhosts = 1\ndenied = true\n";
    let server = server(&format!("{secret}{API}{deployed}"), &[]).await;
    let all = told(&server, 120).await;
    assert_eq!(all.summaries(), ["app v1 -> v2"]);
    let ends: Vec<_> = all.reads.iter().map(|read| (read.name.as_deref(), &read.ended)).collect();
    let why = "ecs:ListServices is not allowed".to_owned();
    assert_eq!(
        ends,
        [
            (Some("us-east-1/prod"), &Ended::Complete { until: Time::from_millis(NOW) }),
            (Some("us-east-1/secret"), &Ended::Denied { why }),
        ]
    );
}

#[tokio::test]
async fn task_sets_of_code_deploy_are_told_by_what_there_is_now() {
    let blue_green = "[[services]]\nname = \"api\"\ncluster = \"prod\"\ndesired = 2\ncontroller = \"CODE_DEPLOY\"\n\
        load_balancer = { target_group = \"api\", container = \"app\", port = 80 }\n\
        containers = [{ name = \"app\", image = \"example/api:v1\", ports = [{ port = 80 }] }]\n";
    let deployed = deploy(4, "images = { app = \"example/api:v2\" }");
    let server = server(&format!("{blue_green}{deployed}"), &[]).await;
    let all = told(&server, 120).await;
    assert_eq!(all.summaries(), ["app v1 -> v2"]);
    assert!(all.changes[0].id.as_deref().unwrap().starts_with("ecs-svc/"));
    assert_eq!(*all.only_end(), Ended::Complete { until: Time::from_millis(NOW) });
}

#[tokio::test]
async fn in_the_built_in_drill_the_guilty_deployments_lost_the_most_tasks() {
    let world = World::new(Scenario::builtin("incident-8").unwrap(), NOW);
    let faults = Faults::default();
    let server = Server::start_with(world, Arc::new(|| NOW), 0, faults).await.unwrap();
    let all = told(&server, 120).await;
    let mut lost: Vec<(u64, String)> = all
        .changes
        .iter()
        .map(|change| {
            let lost = change.aftermath.as_ref().unwrap().lost();
            let place = (change.cluster.as_deref().unwrap(), change.system.as_deref().unwrap());
            (lost, format!("{}/{}: {}", place.0, place.1, change.summary))
        })
        .collect();
    lost.sort_by(|one, other| other.cmp(one));
    let named: Vec<&str> = lost.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(named[3..], ["edge/dashboard: web pr-4471 -> pr-4502"], "{lost:?}");
    assert_eq!(lost[3].0, 0);
    assert!(lost[..3].iter().all(|(lost, _)| *lost > 0), "{lost:?}");
    let in_flight: Vec<_> = all.changes.iter().filter(|change| change.is_in_flight()).collect();
    assert_eq!(in_flight.len(), 1);
    assert_eq!(in_flight[0].system.as_deref(), Some("txn-writer"));
    assert!(
        all.reads.iter().all(|read| matches!(read.ended, Ended::Complete { .. })),
        "{:?}",
        all.reads
    );

    let paged = Paged { at: Some(Time::from_millis(server.world().page_ms())), ..Paged::default() };
    let ranked = rank(all.changes, &paged);
    let mut first: Vec<&str> =
        ranked[..3].iter().filter_map(|change| change.system.as_deref()).collect();
    first.sort_unstable();
    assert_eq!(first, ["coredns", "coredns", "txn-writer"], "{ranked:#?}");
}
