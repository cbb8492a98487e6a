//! An evening like that of the drill: a dull rollout of a daemon that dies since, a release that does
//! not settle, and many louder changes that are innocent. The rules know none of these names.

use super::*;
use crate::aftermath::{Aftermath, Reach};
use crate::collapse::collapse;
use crate::record::{Action, ActionReason, Flag, ResourceChange, Source, Ticket};

const MINUTE: i64 = 60_000;
const PAGE: i64 = 1_000_000 * MINUTE;

fn before(minutes: i64) -> Time {
    Time::from_millis(PAGE - minutes * MINUTE)
}

fn run(minutes: i64, workspace: &str, summary: &str) -> ChangeRecord {
    let mut run = ChangeRecord::new(before(minutes), Source::Terraform, Status::Applied, summary);
    run.system = Some(workspace.to_owned());
    run.id = Some(format!("run-{workspace}-{minutes}"));
    run
}

fn deployment(minutes: i64, cluster: &str, service: &str, tasks: u64) -> ChangeRecord {
    let summary = format!("{service} gets a new image");
    let mut deployment = ChangeRecord::new(before(minutes), Source::Ecs, Status::Applied, summary);
    deployment.cluster = Some(cluster.to_owned());
    deployment.system = Some(service.to_owned());
    deployment.id = Some(format!("ecs-svc/{service}-{cluster}-{minutes}"));
    deployment.reach = Some(Reach { tasks, daemon: false });
    deployment.aftermath =
        Some(Aftermath { rollout: Some("COMPLETED".to_owned()), ..Aftermath::default() });
    deployment
}

fn resource(address: &str, action: Action, attributes: &[&str]) -> ResourceChange {
    let mut resource = ResourceChange::new(address, action);
    resource.attributes = attributes.iter().map(|name| (*name).to_owned()).collect();
    resource
}

fn ticketed(mut change: ChangeRecord, key: &str) -> ChangeRecord {
    change.tickets =
        vec![Ticket { key: key.to_owned(), approved: Some(true), ..Ticket::default() }];
    change
}

fn daemon(minutes: i64, cluster: &str, hosts: u64, deaths: u64) -> ChangeRecord {
    let mut deployment = deployment(minutes, cluster, "coredns", hosts);
    deployment.reach = Some(Reach { tasks: hosts, daemon: true });
    deployment.aftermath = Some(Aftermath {
        rollout: Some("COMPLETED".to_owned()),
        deaths,
        first_death: Some(before(30)),
        last_death: Some(before(3)),
        death_reason: Some("OutOfMemoryError: Container killed due to memory usage".to_owned()),
        ..Aftermath::default()
    });
    deployment
}

fn host_image() -> Vec<ChangeRecord> {
    let mut run = ticketed(run(42, "hosts-prod", "OPS-2114 host image"), "OPS-2114");
    run.began = Some(before(46));
    run.resources = vec![
        resource("aws_launch_template.hosts", Action::Update, &["image_id", "user_data"]),
        resource("aws_ssm_parameter.host_image", Action::Update, &["value"]),
        resource("aws_ecs_task_definition.coredns", Action::Replace, &["container_definitions"]),
        resource(
            "aws_ecs_task_definition.coredns_edge",
            Action::Replace,
            &["container_definitions"],
        ),
        resource("aws_ecs_service.coredns", Action::Update, &["task_definition"]),
        resource("aws_ecs_service.coredns_edge", Action::Update, &["task_definition"]),
    ];
    vec![run, daemon(45, "prod", 24, 16), daemon(43, "edge", 8, 5)]
}

/// A service's release: the run that registers the task definition, and the deployment of it.
fn released(
    minutes: i64,
    workspace: &str,
    name: &str,
    deployment: ChangeRecord,
) -> Vec<ChangeRecord> {
    let mut run = ticketed(run(minutes - 1, workspace, "a release"), "REL-431");
    run.began = Some(before(minutes + 1));
    run.flags = vec![Flag::AutoApply];
    run.resources = vec![
        resource(
            &format!("aws_ecs_task_definition.{name}"),
            Action::Replace,
            &["container_definitions"],
        ),
        resource(&format!("aws_ecs_service.{name}"), Action::Update, &["task_definition"]),
    ];
    vec![run, deployment]
}

fn release() -> Vec<ChangeRecord> {
    let mut release = deployment(10, "prod", "txn-writer", 12);
    release.status = Status::InFlight;
    release.aftermath = Some(Aftermath {
        rollout: Some("IN_PROGRESS".to_owned()),
        deaths: 9,
        failed_tasks: 2,
        first_death: Some(before(9)),
        last_death: Some(before(1)),
        death_reason: Some("Essential container in task exited".to_owned()),
    });
    released(10, "ledger-prod", "txn_writer", release)
}

fn scaling(minutes: i64) -> ChangeRecord {
    let mut scaling = run(minutes, "outbound-prod", "more destinations, queues are long");
    scaling.resources =
        vec![resource("aws_ecs_service.destinations", Action::Update, &["desired_count"])];
    scaling.flags = vec![Flag::Ticketless, Flag::Targeted, Flag::SelfConfirmed, Flag::CliDriven];
    scaling
}

fn red_herrings() -> Vec<ChangeRecord> {
    let mut dashboard = deployment(12, "edge", "dashboard", 6);
    dashboard.summary = "WARNING in Sources.tsx: export was not found".to_owned();
    let mut group = ticketed(run(30, "network-prod", "NET-88 remove the old group"), "NET-88");
    let mut deleted = resource("aws_security_group.legacy", Action::Delete, &[]);
    deleted.reason = Some(ActionReason::DeleteBecauseNoResourceConfig);
    group.resources = vec![deleted];
    group.flags = vec![Flag::Destroys];
    let mut bucket = run(22, "docs-edge", "a new version of the state");
    bucket.source = Source::S3State;
    bucket.resources = vec![resource("aws_s3_bucket.logs", Action::Update, &["lifecycle_rule"])];
    let mut alarm = ticketed(run(60, "observability", "OPS-2098 alarm on lag"), "OPS-2098");
    alarm.resources =
        vec![resource("aws_cloudwatch_metric_alarm.lag", Action::Update, &["threshold"])];
    let others = [group, bucket, alarm, scaling(15), scaling(11), scaling(7)];
    released(12, "web-edge", "dashboard", dashboard).into_iter().chain(others).collect()
}

/// Two ordinary days.
fn ordinary() -> Vec<ChangeRecord> {
    let mut failed = deployment(420, "prod", "billing", 6);
    failed.status = Status::RolledBack;
    failed.flags = vec![Flag::Rollback, Flag::Ticketless];
    failed.aftermath = Some(Aftermath {
        rollout: Some("FAILED".to_owned()),
        failed_tasks: 10,
        death_reason: Some("CannotPullContainerError".to_owned()),
        ..Aftermath::default()
    });
    let mut database = ticketed(run(1_300, "data", "OPS-2090 raise connections"), "OPS-2090");
    database.resources =
        vec![resource("aws_db_parameter_group.main", Action::Update, &["parameter"])];
    let mut half = run(2_000, "edge-network", "new routes");
    half.status = Status::Partial;
    half.flags = vec![Flag::Partial, Flag::Ticketless];
    half.resources = vec![resource("aws_route.out", Action::Replace, &["gateway_id"])];
    let mut waiting = run(90, "dns", "tidy records");
    waiting.status = Status::AwaitingConfirmation;
    waiting.resources = vec![resource("aws_route53_record.old", Action::Delete, &[])];
    waiting.flags = vec![Flag::Destroys, Flag::Ticketless];
    let mut late = deployment(-3, "prod", "destinations", 140);
    late.flags = vec![Flag::Rollback];
    let services = ["api", "dedupe", "webhooks", "docs", "scheduler", "destinations"];
    let deployments = services
        .iter()
        .zip(1..)
        .map(|(service, at)| ticketed(deployment(at * 400, "prod", service, 40), "REL-1"));
    [failed, database, half, waiting, late].into_iter().chain(deployments).collect()
}

fn evening() -> Vec<ChangeRecord> {
    collapse([host_image(), release(), red_herrings(), ordinary()].concat())
}

fn ids(ranked: &[ChangeRecord]) -> Vec<&str> {
    ranked.iter().filter_map(|change| change.id.as_deref()).collect()
}

const GUILTY: [&str; 2] = ["run-hosts-prod-42", "run-ledger-prod-9"];

fn table(ranked: &[ChangeRecord]) -> String {
    let line = |change: &ChangeRecord| {
        let reasons: Vec<String> = change
            .reasons
            .iter()
            .map(|reason| format!("    {:+.1} {}\n", reason.points, reason.reason))
            .collect();
        format!("{:?} {:?} {}\n{}", change.score, change.id, change.summary, reasons.concat())
    };
    ranked.iter().map(line).collect()
}

/// The guilty two are first, and not by a hair.
fn are_first(changes: Vec<ChangeRecord>, paged: &Paged) {
    let ranked = rank(changes, paged);
    let mut first = ids(&ranked)[..2].to_vec();
    first.sort_unstable_by_key(|id| GUILTY.iter().position(|guilty| guilty == id));
    assert_eq!(first, GUILTY, "{}", table(&ranked));
    let score = |at: usize| ranked[at].score.unwrap_or_default();
    assert!(score(1) > score(2) + 5.0, "{}", table(&ranked));
}

fn page() -> Paged {
    Paged { at: Some(Time::from_millis(PAGE)), ..Paged::default() }
}

#[test]
fn the_guilty_two_are_first_when_nobody_knows_which_system_it_is() {
    are_first(evening(), &page());
}

#[test]
fn and_when_the_whole_pipeline_was_paged_the_louder_members_among_it() {
    let members = ["api", "dedupe", "destinations", "webhooks", "txn-writer"];
    let paged = Paged {
        systems: members.map(str::to_owned).to_vec(),
        clusters: vec!["prod".to_owned()],
        ..page()
    };
    are_first(evening(), &paged);
}

#[test]
fn and_when_the_page_is_held_against_a_moment_some_minutes_later() {
    let paged = Paged { at: Some(Time::from_millis(PAGE + 8 * MINUTE)), ..page() };
    are_first(evening(), &paged);
}

#[test]
fn the_rollout_is_one_change_with_its_steps_and_the_reasons_say_why_it_is_first() {
    let ranked = rank(evening(), &page());
    let rollout = &ranked[0];
    assert_eq!(rollout.id.as_deref(), Some(GUILTY[0]), "{}", table(&ranked));
    assert_eq!(rollout.steps.len(), 3);
    let said: Vec<&str> = rollout.reasons.iter().map(|reason| reason.reason.as_str()).collect();
    for wanted in [
        "a task of it runs on every host, beside everything else",
        "it is in 2 clusters: edge, prod",
        "other code runs since",
    ] {
        assert!(said.contains(&wanted), "{}", table(&ranked));
    }
    assert!(said.iter().any(|reason| reason.starts_with("21 of its tasks died")));
}

#[test]
fn where_terraform_cannot_be_read_the_deployments_alone_are_first() {
    let mut of_ecs = [host_image(), release(), red_herrings(), ordinary()].concat();
    of_ecs.retain(|change| change.source == Source::Ecs);
    let ranked = rank(collapse(of_ecs), &page());
    let mut first = ids(&ranked)[..3].to_vec();
    first.sort_unstable();
    let guilty =
        ["ecs-svc/coredns-edge-43", "ecs-svc/coredns-prod-45", "ecs-svc/txn-writer-prod-10"];
    assert_eq!(first, guilty, "{}", table(&ranked));
}

#[test]
fn a_guilty_change_is_first_for_what_it_did_not_for_its_name() {
    let renamed = evening().into_iter().map(|mut change| {
        let rename = |name: &mut Option<String>| {
            *name = name.as_ref().map(|name| format!("x{}", name.len()));
        };
        rename(&mut change.system);
        rename(&mut change.cluster);
        change.summary = String::new();
        change
    });
    are_first(renamed.collect(), &page());
}

#[test]
fn without_the_deaths_the_loud_ones_win_so_these_are_the_signal() {
    let deaf = evening().into_iter().map(|mut change| {
        change.aftermath = None;
        if change.status == Status::InFlight {
            change.status = Status::Applied;
        }
        change
    });
    let ranked = rank(deaf.collect(), &page());
    assert_ne!(ids(&ranked)[..2], GUILTY, "{}", table(&ranked));
}
