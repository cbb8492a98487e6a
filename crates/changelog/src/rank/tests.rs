use proptest::prelude::*;

use super::*;
use crate::aftermath::{Aftermath, Reach};
use crate::record::{Action, Counts, Flag, ResourceChange, Source};

const MINUTE: i64 = 60_000;
const PAGE: i64 = 100_000 * MINUTE;

fn page() -> Paged {
    Paged { at: Some(Time::from_millis(PAGE)), ..Paged::default() }
}

fn before(minutes: i64, source: Source) -> ChangeRecord {
    let time = Time::from_millis(PAGE - minutes * MINUTE);
    ChangeRecord::new(time, source, Status::Applied, "a change")
}

fn changing(address: &str, action: Action) -> ChangeRecord {
    let mut change = before(10, Source::Terraform);
    change.resources = vec![ResourceChange::new(address, action)];
    change
}

fn scored(change: &ChangeRecord, paged: &Paged) -> f64 {
    score(change, paged).0
}

fn reasons(change: &ChangeRecord, paged: &Paged) -> Vec<String> {
    score(change, paged).1.into_iter().map(|reason| reason.reason).collect()
}

#[test]
fn the_groups_are_a_hundred_points() {
    let all: f64 = RULES.iter().map(|rule| rule.most).sum();
    assert_eq!(all, 100.0);
}

#[test]
fn an_hour_halves_what_the_time_is_worth() {
    let asked = [0, 60, 120].map(|minutes| scored(&before(minutes, Source::Jira), &page()));
    assert_eq!(asked, [20.0, 10.0, 5.0]);
}

#[test]
fn what_came_after_the_page_is_muted_and_says_so() {
    let mut late = before(-5, Source::Ecs);
    late.flags = vec![Flag::Ticketless];
    assert!(scored(&late, &page()) <= 1.0);
    assert!(reasons(&late, &page()).contains(&"all of it is after the page".to_owned()));
}

#[test]
fn a_run_that_began_before_the_page_and_ended_after_it_is_not_after_it() {
    let mut run = before(-5, Source::Terraform);
    run.began = Some(Time::from_millis(PAGE - MINUTE));
    assert!(reasons(&run, &page()).contains(&"a minute before".to_owned()));
}

#[test]
fn what_changed_nothing_is_muted() {
    for status in [Status::Failed, Status::Planned, Status::AwaitingConfirmation] {
        let mut change = changing("aws_ecs_service.a", Action::Update);
        let applied = scored(&change, &page());
        change.status = status;
        assert!(scored(&change, &page()) < applied / 3.0);
    }
}

#[test]
fn a_destruction_is_worse_than_a_replacement_than_an_update_than_a_creation() {
    let acts = [Action::Delete, Action::Replace, Action::Update, Action::Create, Action::Read];
    let scores = acts.map(|action| scored(&changing("aws_sns_topic.a", action), &page()));
    assert!(scores.is_sorted_by(|one, other| one > other), "{scores:?}");
}

#[test]
fn counts_speak_where_the_resources_are_not_read() {
    let mut counted = before(10, Source::Terraform);
    counted.counts = Counts { destroy: 1, ..Counts::default() };
    let read = changing("aws_sns_topic.a", Action::Delete);
    assert_eq!(scored(&counted, &page()), scored(&read, &page()));
}

#[test]
fn the_network_access_names_data_and_hosts_weigh_more() {
    let plain = scored(&changing("aws_sns_topic.a", Action::Update), &page());
    for kind in [
        "aws_security_group",
        "aws_iam_role",
        "aws_route53_record",
        "aws_db_instance",
        "aws_launch_template",
        "aws_lb",
    ] {
        let boosted = scored(&changing(&format!("{kind}.a"), Action::Update), &page());
        assert!(boosted > plain + 5.0, "{kind}: {boosted}");
    }
}

#[test]
fn what_is_only_made_breaks_little() {
    let of = |action| scored(&changing("aws_security_group.a", action), &page());
    let plain = |action| scored(&changing("aws_sns_topic.a", action), &page());
    let made = of(Action::Create) - plain(Action::Create);
    let changed = of(Action::Update) - plain(Action::Update);
    assert!(made < changed / 3.0 + 0.1, "{made} {changed}");
}

#[test]
fn a_new_revision_is_an_update() {
    let revised = reasons(&changing("aws_ecs_task_definition.a", Action::Replace), &page());
    assert!(revised.contains(&"it changes 1 resource".to_owned()), "{revised:?}");
    assert!(revised.contains(&"other code runs since".to_owned()), "{revised:?}");
}

#[test]
fn scaling_changes_how_many_run_and_not_what() {
    let mut scaling = changing("aws_ecs_service.a", Action::Update);
    scaling.resources[0].attributes = vec!["desired_count".to_owned()];
    assert!(
        reasons(&scaling, &page()).contains(&"it changes only how many run, not what".to_owned())
    );
    assert!(
        scored(&scaling, &page()) < scored(&changing("aws_ecs_service.a", Action::Update), &page())
    );
}

#[test]
fn the_system_that_was_paged_comes_first_and_its_resources_and_its_workspace_follow() {
    let paged = Paged { systems: vec!["txn-writer".to_owned()], ..page() };
    let mut own = before(10, Source::Ecs);
    own.system = Some("txn_writer".to_owned());
    let resource = changing("aws_sqs_queue.txn_writer", Action::Update);
    let mut workspace = changing("aws_sqs_queue.a", Action::Update);
    workspace.system = Some("prod-txn-writer-infra".to_owned());
    let match_of = |change: &ChangeRecord| {
        let points = scored(change, &paged) - scored(change, &page());
        (points * 10.0).round() / 10.0
    };
    assert_eq!(match_of(&own), matching::SYSTEM);
    assert_eq!(match_of(&resource), matching::RESOURCE);
    assert_eq!(match_of(&workspace), matching::WORKSPACE);
    let mut both = changing("aws_sqs_queue.txn_writer", Action::Update);
    both.system = own.system.clone();
    let said = reasons(&both, &paged);
    assert_eq!(said.iter().filter(|reason| reason.contains("txn-writer")).count(), 1, "{said:?}");
    let mut elsewhere = before(10, Source::Ecs);
    elsewhere.system = Some("txn".to_owned());
    assert_eq!(match_of(&elsewhere), 0.0);
}

#[test]
fn a_daemon_beside_the_paged_system_matches_it_more_than_a_neighbour() {
    let paged = Paged { clusters: vec!["prod".to_owned()], ..page() };
    let mut neighbour = before(10, Source::Ecs);
    neighbour.cluster = Some("prod".to_owned());
    neighbour.reach = Some(Reach { tasks: 1, daemon: false });
    let mut daemon = neighbour.clone();
    daemon.reach = Some(Reach { tasks: 1, daemon: true });
    let gap = scored(&daemon, &paged) - scored(&neighbour, &paged);
    assert!((gap - (matching::DAEMON_BESIDE - matching::CLUSTER + blast::DAEMON)).abs() < 0.01);
}

#[test]
fn deaths_count_while_they_go_on_and_less_long_after_the_last() {
    let dying = |minutes_before_the_page: i64, rollout: &str| {
        let mut change = before(400, Source::Ecs);
        change.aftermath = Some(Aftermath {
            rollout: Some(rollout.to_owned()),
            deaths: 20,
            last_death: Some(Time::from_millis(PAGE - minutes_before_the_page * MINUTE)),
            ..Aftermath::default()
        });
        scored(&change, &page())
    };
    assert!(dying(0, "COMPLETED") > dying(60, "COMPLETED") + 10.0);
    assert!(dying(60, "IN_PROGRESS") > dying(0, "COMPLETED"));
}

#[test]
fn the_reasons_say_what_became_of_it() {
    let mut change = before(45, Source::Ecs);
    change.status = Status::InFlight;
    change.aftermath = Some(Aftermath {
        deaths: 63,
        failed_tasks: 2,
        first_death: Some(Time::from_millis(PAGE - 30 * MINUTE)),
        last_death: Some(Time::from_millis(PAGE)),
        death_reason: Some("OutOfMemoryError".to_owned()),
        ..Aftermath::default()
    });
    let said = reasons(&change, &page());
    assert!(said.contains(
        &"63 of its tasks died, the first 15 minutes after it, 2 did not start: OutOfMemoryError".to_owned()
    ));
    assert!(said.contains(&"it is not done yet".to_owned()));
    assert!(said.contains(&"45 minutes before".to_owned()));
}

#[test]
fn an_old_change_is_muted_unless_something_of_it_shows() {
    let mut old = changing("aws_security_group.a", Action::Delete);
    old.time = Time::from_millis(PAGE - 2_000 * MINUTE);
    let quiet = reasons(&old, &page());
    assert!(quiet.contains(&"it is long ago, and nothing of it shows".to_owned()), "{quiet:?}");
    assert!(scored(&old, &page()) < 6.0);
    old.aftermath = Some(Aftermath {
        deaths: 1,
        last_death: Some(Time::from_millis(PAGE - MINUTE)),
        ..Aftermath::default()
    });
    assert!(scored(&old, &page()) > 17.0);
}

#[test]
fn without_a_page_there_is_no_time_to_count() {
    let (score, reasons) = score(&before(10, Source::Jira), &Paged::default());
    assert_eq!((score, reasons.len()), (0.0, 0));
}

#[test]
fn the_page_about_the_ranking_has_every_rule_and_every_weight() {
    const PAGE: &str = include_str!("../../../../docs/ranking.md");
    let rules = RULES.map(|rule| format!("| {} | {} |", rule.about, rule.most));
    let flags = Flag::ALL
        .map(|flag| format!("| {} | {} | {} |", flag.name(), flag.meaning(), flag.weight()));
    let weights = [
        ("it is the system, or a member of it", matching::SYSTEM),
        ("it is a daemon on the hosts of the system's cluster", matching::DAEMON_BESIDE),
        ("a resource has the system's name", matching::RESOURCE),
        ("its workspace, project or tags name the system", matching::WORKSPACE),
        ("it is in the system's cluster", matching::CLUSTER),
        ("its summary names the system", matching::SUMMARY),
        ("it says a word of the page", matching::WORD),
        ("it is in the system's environment", matching::ENVIRONMENT),
        ("it destroys something", blast::DESTROY),
        ("it replaces something", blast::REPLACE),
        ("it changes something, or brings a new revision of it", blast::UPDATE),
        ("it makes something", blast::CREATE),
        (
            "for each doubling of the number of its resources, and of its tasks, at most",
            blast::MANY,
        ),
        ("other code runs since", blast::CODE),
        ("it is a daemon: a task on every host", blast::DAEMON),
        ("for each cluster beyond the first", blast::ANOTHER_CLUSTER),
        ("all of it, when only the number of tasks or hosts changes", blast::ONLY_NUMBERS),
        ("network, access, names, data: each", kind::Kind::Network.weight()),
        ("hosts, load balancing: each", kind::Kind::Hosts.weight()),
        ("a task that it brought died, or did not start", aftermath::LOST_ONE),
        ("as many as it is to have did: beside that", aftermath::LOST_ALL),
        ("it stopped half way", aftermath::PARTIAL),
        ("it is not done yet", aftermath::IN_FLIGHT),
    ]
    .map(|(what, points)| format!("| {what} | {points} |"));
    let kept = [
        ("all of it is after the page", KEPT_AFTER_THE_PAGE),
        ("it has changed nothing so far", KEPT_WITHOUT_EFFECT),
        ("it was taken back", KEPT_TAKEN_BACK),
    ]
    .map(|(what, percent)| format!("| {what} | {percent} % |"));
    let rows = rules.iter().chain(&flags).chain(&weights).chain(&kept);
    let missing: Vec<&String> = rows.filter(|row| !PAGE.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "docs/ranking.md lacks {missing:#?}");
    for number in [
        format!("half of it {} minutes earlier", time::HALF_EVERY_MINUTES),
        format!("after {} minutes", aftermath::HALF_EVERY_MINUTES),
        format!("after {} minutes", time::OLD_AFTER_MINUTES),
        format!("every {} minutes", time::OLD_HALF_EVERY_MINUTES),
        format!("never below {KEPT_LONG_AFTER} %"),
    ] {
        assert!(PAGE.contains(&number), "docs/ranking.md lacks `{number}`");
    }
}

fn a_change() -> impl Strategy<Value = ChangeRecord> {
    let resource = (
        prop_oneof![
            Just("aws_security_group.a"),
            Just("aws_ecs_service.web"),
            Just("aws_ecs_task_definition.web"),
            Just("module.m[\"k\"].aws_db_instance.x")
        ],
        prop_oneof![
            Just(Action::Create),
            Just(Action::Update),
            Just(Action::Delete),
            Just(Action::Replace),
            Just(Action::Read)
        ],
    );
    let status = prop_oneof![
        Just(Status::Applied),
        Just(Status::Partial),
        Just(Status::InFlight),
        Just(Status::Failed),
        Just(Status::RolledBack),
        Just(Status::Unknown("odd".to_owned()))
    ];
    let ecs = (0u64..40, 0u64..200, any::<bool>(), 0i64..4_000);
    (
        0i64..4_000,
        proptest::collection::vec(resource, 0..5),
        status,
        proptest::collection::vec(0usize..Flag::ALL.len(), 0..12),
        proptest::option::of(ecs),
        prop_oneof![Just("web"), Just("api")],
    )
        .prop_map(|(minutes, resources, status, flags, ecs, system)| {
            let mut change = before(minutes, Source::Terraform);
            change.status = status;
            change.system = Some(system.to_owned());
            let made = resources.into_iter();
            change.resources =
                made.map(|(address, action)| ResourceChange::new(address, action)).collect();
            for at in flags {
                change.flag(Flag::ALL[at]);
            }
            if let Some((tasks, deaths, daemon, last)) = ecs {
                change.reach = Some(Reach { tasks, daemon });
                let last_death = Some(Time::from_millis(PAGE - last * MINUTE));
                change.aftermath = Some(Aftermath { deaths, last_death, ..Aftermath::default() });
            }
            change
        })
}

fn paged() -> Paged {
    Paged { systems: vec!["web".to_owned()], ..page() }
}

proptest! {
    #[test]
    fn a_score_is_between_0_and_100_and_its_reasons_are_all_of_it(change in a_change()) {
        let (score, reasons) = score(&change, &paged());
        prop_assert!((0.0..=100.0).contains(&score));
        let together: f64 = reasons.iter().map(|reason| reason.points).sum();
        prop_assert!((together - score).abs() < 1e-6);
        prop_assert!(reasons.is_sorted_by(|one, other| one.points >= other.points));
    }

    #[test]
    fn a_flag_more_never_lowers_the_score(change in a_change(), at in 0usize..Flag::ALL.len(), after: bool) {
        let mut change = change;
        if after {
            change.time = Time::from_millis(PAGE + MINUTE);
        }
        let fewer = scored(&change, &paged());
        change.flag(Flag::ALL[at]);
        prop_assert!(scored(&change, &paged()) >= fewer);
    }

    #[test]
    fn a_change_after_the_page_never_beats_the_same_change_before(
        change in a_change(), earlier in 0i64..100_000, later in 1i64..100_000,
    ) {
        // What became of it is the same; failures that have no time are as old as the change.
        let mut before = change.clone();
        before.time = Time::from_millis(PAGE - earlier);
        let mut after = change;
        after.time = Time::from_millis(PAGE + later);
        prop_assert!(scored(&after, &paged()) <= scored(&before, &paged()));
    }

    #[test]
    fn the_nearer_of_two_alike_is_not_behind(change in a_change(), nearer in 0i64..9_000, further in 0i64..9_000) {
        let mut near = change.clone();
        near.time = Time::from_millis(PAGE - nearer * MINUTE);
        let mut far = change;
        far.time = Time::from_millis(PAGE - (nearer + further) * MINUTE);
        prop_assert!(scored(&near, &paged()) >= scored(&far, &paged()));
    }

    #[test]
    fn the_order_does_not_depend_on_the_order_before(
        (changes, shuffled) in proptest::collection::vec(a_change(), 0..8).prop_flat_map(|mut changes| {
            for (at, change) in changes.iter_mut().enumerate() {
                change.id = Some(format!("id-{at}"));
            }
            (Just(changes.clone()), Just(changes).prop_shuffle())
        }),
    ) {
        let ranked = rank(changes, &paged());
        prop_assert!(ranked.is_sorted_by(|one, other| one.score >= other.score));
        prop_assert_eq!(&rank(shuffled, &paged()), &ranked);
        prop_assert_eq!(rank(ranked.clone(), &paged()), ranked);
    }
}
