use proptest::prelude::*;

use super::*;
use crate::aftermath::{Aftermath, Reach};
use crate::record::Ticket;

const MINUTE: i64 = 60_000;

fn run(minute: i64, id: &str, addresses: &[&str]) -> ChangeRecord {
    let time = Time::from_millis(minute * MINUTE);
    let mut run = ChangeRecord::new(time, Source::Terraform, Status::Applied, "a run");
    run.id = Some(id.to_owned());
    run.system = Some("platform".to_owned());
    let changes = addresses.iter().map(|address| ResourceChange::new(*address, Action::Replace));
    run.resources = changes.collect();
    run
}

fn deployment(minute: i64, id: &str, cluster: &str, service: &str) -> ChangeRecord {
    let time = Time::from_millis(minute * MINUTE);
    let mut deployment = ChangeRecord::new(time, Source::Ecs, Status::Applied, "a deployment");
    deployment.id = Some(id.to_owned());
    deployment.cluster = Some(cluster.to_owned());
    deployment.system = Some(service.to_owned());
    deployment
}

fn steps(change: &ChangeRecord) -> Vec<&str> {
    change.steps.iter().filter_map(|step| step.id.as_deref()).collect()
}

#[test]
fn a_run_and_the_deployment_of_what_it_registered_are_one_change_of_two_steps() {
    let collapsed = collapse(vec![
        deployment(2, "d", "prod", "txn-writer"),
        run(0, "r", &["aws_ecs_task_definition.txn_writer"]),
    ]);
    assert_eq!(collapsed.len(), 1);
    assert_eq!(collapsed[0].id.as_deref(), Some("r"));
    assert_eq!(steps(&collapsed[0]), ["r", "d"]);
    assert_eq!(collapsed[0].steps[1].cluster.as_deref(), Some("prod"));
}

#[test]
fn the_deployments_of_one_run_in_two_clusters_are_steps_of_one_change() {
    let mut in_prod = deployment(1, "p", "prod", "coredns");
    in_prod.reach = Some(Reach { tasks: 14, daemon: true });
    in_prod.aftermath = Some(Aftermath { deaths: 5, ..Aftermath::default() });
    let mut at_edge = deployment(3, "e", "edge", "coredns");
    at_edge.reach = Some(Reach { tasks: 6, daemon: true });
    at_edge.status = Status::InFlight;
    let collapsed = collapse(vec![
        run(0, "r", &[r#"module.dns["edge"].aws_ecs_service.coredns"#, "aws_launch_template.host"]),
        in_prod,
        at_edge,
    ]);
    assert_eq!(steps(&collapsed[0]), ["r", "p", "e"]);
    assert_eq!(collapsed[0].clusters(), ["edge", "prod"]);
    assert_eq!(collapsed[0].reach, Some(Reach { tasks: 20, daemon: true }));
    assert_eq!(collapsed[0].aftermath.as_ref().map(Aftermath::lost), Some(5));
    assert_eq!(collapsed[0].status, Status::InFlight);
}

fn is_one(run: ChangeRecord, deployment: ChangeRecord) -> bool {
    collapse(vec![run, deployment]).len() == 1
}

#[test]
fn a_deployment_of_another_service_is_a_change_of_its_own() {
    let asked = |address: &str, service: &str| {
        is_one(run(0, "r", &[address]), deployment(1, "d", "prod", service))
    };
    assert!(asked("aws_ecs_service.prod_api", "api"), "the cluster is no part of the name");
    assert!(asked(r#"module.services["api"].aws_ecs_service.this"#, "api"));
    assert!(asked("aws_ecs_service.api_service", "api-service"));
    assert!(!asked("aws_ecs_service.billing_api", "api"));
    assert!(!asked("aws_ecs_service.api", "billing-api"));
    assert!(!asked("aws_api_gateway_stage.api", "api"), "it deploys nothing");
    assert!(!asked("aws_ecs_service.this", "api"), "and the workspace is called platform");
}

#[test]
fn where_the_resource_has_no_name_of_its_own_the_workspace_has() {
    let mut nameless = run(0, "r", &["aws_ecs_service.this"]);
    nameless.system = Some("api-prod".to_owned());
    assert!(is_one(nameless, deployment(1, "d", "prod", "api")));
}

#[test]
fn the_family_of_the_task_definition_counts_too() {
    let mut brought = deployment(1, "d", "prod", "front");
    brought.task_definition = Some("prod-web:12".to_owned());
    assert!(is_one(run(0, "r", &["aws_ecs_task_definition.web"]), brought));
}

#[test]
fn only_what_begins_during_a_run_or_minutes_after_it_is_a_step_of_it() {
    let asked = |minute| {
        let mut run = run(5, "r", &["aws_ecs_service.api"]);
        run.began = Some(Time::from_millis(0));
        is_one(run, deployment(minute, "d", "prod", "api"))
    };
    assert_eq!([-1, 0, 5, 15, 16].map(asked), [false, true, true, true, false]);
}

#[test]
fn scaling_deploys_nothing_and_neither_does_a_run_that_failed() {
    let mut scaling = run(0, "r", &["aws_ecs_service.api"]);
    scaling.resources[0].attributes = vec!["desired_count".to_owned()];
    assert!(!is_one(scaling, deployment(1, "d", "prod", "api")));
    let mut failed = run(0, "r", &["aws_ecs_service.api"]);
    failed.status = Status::Failed;
    assert!(!is_one(failed, deployment(1, "d", "prod", "api")));
}

#[test]
fn of_two_runs_the_nearer_one_has_it() {
    let collapsed = collapse(vec![
        run(0, "far", &["aws_ecs_service.api"]),
        run(4, "near", &["aws_ecs_service.api"]),
        deployment(5, "d", "prod", "api"),
    ]);
    assert_eq!(collapsed.len(), 2);
    assert_eq!(steps(&collapsed[1]), ["near", "d"]);
}

#[test]
fn a_run_does_not_grow_longer_by_what_it_has_taken_in() {
    let mut slow = deployment(5, "first", "prod", "api");
    let mut service = ResourceChange::new("service/prod/api", Action::Update);
    service.time = Some(Time::from_millis(20 * MINUTE));
    slow.resources = vec![service];
    let once = collapse(vec![run(0, "r", &["aws_ecs_service.api"]), slow]);
    assert_eq!(once[0].resources.len(), 2);
    let late = deployment(25, "second", "prod", "api");
    assert_eq!(collapse([once, vec![late]].concat()).len(), 2);
}

#[test]
fn the_ticket_of_a_step_is_the_ticket_of_the_change() {
    let mut ticketless = run(0, "r", &["aws_ecs_service.api"]);
    ticketless.flags = vec![Flag::Ticketless, Flag::AutoApply];
    let mut ticketed = deployment(1, "d", "prod", "api");
    ticketed.tickets = vec![Ticket { key: "OPS-1".to_owned(), ..Ticket::default() }];
    let collapsed = collapse(vec![ticketless, ticketed]);
    assert_eq!(collapsed[0].flags, [Flag::AutoApply]);
    assert_eq!(collapsed[0].tickets.len(), 1);
}

#[test]
fn a_deployment_that_failed_leaves_the_change_half_made() {
    let mut failed = deployment(1, "d", "prod", "api");
    failed.status = Status::Failed;
    let collapsed = collapse(vec![run(0, "r", &["aws_ecs_service.api"]), failed]);
    assert_eq!(collapsed[0].status, Status::Partial);
}

fn changes() -> impl Strategy<Value = Vec<ChangeRecord>> {
    let names = prop_oneof![Just("api"), Just("web"), Just("this")];
    let one = (any::<bool>(), 0i64..40, names, prop_oneof![Just("prod"), Just("edge")]);
    proptest::collection::vec(one, 0..10).prop_map(|drawn| {
        let numbered = drawn.into_iter().enumerate();
        let made = numbered.map(|(at, (is_run, minute, name, cluster))| {
            let id = format!("id-{at}");
            match is_run {
                true => run(minute, &id, &[&format!("aws_ecs_service.{name}")]),
                false => deployment(minute, &id, cluster, name),
            }
        });
        made.collect()
    })
}

/// The ids of what is there, each as often as it is there.
fn ids(changes: &[ChangeRecord]) -> Vec<String> {
    let mut ids = Vec::new();
    for change in changes {
        match change.steps.is_empty() {
            true => ids.extend(change.id.clone()),
            false => ids.extend(change.steps.iter().filter_map(|step| step.id.clone())),
        }
    }
    ids.sort();
    ids
}

proptest! {
    #[test]
    fn nothing_is_lost_and_nothing_is_there_twice(changes in changes()) {
        prop_assert_eq!(ids(&collapse(changes.clone())), ids(&changes));
    }

    #[test]
    fn what_is_collapsed_stays_so(changes in changes()) {
        let once = collapse(changes);
        prop_assert_eq!(collapse(once.clone()), once);
    }

    #[test]
    fn a_deployment_that_comes_late_finds_its_run(changes in changes(), late in changes()) {
        let late: Vec<ChangeRecord> = late
            .into_iter()
            .filter(|change| change.source == Source::Ecs)
            .enumerate()
            .map(|(at, mut change)| {
                change.id = Some(format!("late-{at}"));
                change
            })
            .collect();
        let all = collapse(changes.iter().chain(&late).cloned().collect());
        let piecemeal = collapse(collapse(changes).into_iter().chain(late).collect());
        let sorted = |mut changes: Vec<ChangeRecord>| {
            changes.sort_by(crate::merge::in_time);
            changes
        };
        prop_assert_eq!(sorted(all), sorted(piecemeal));
    }
}
