use std::collections::BTreeMap;

use super::*;
use crate::moment::moment;
use crate::record::Flag;
use crate::tfe::{Apply, Plan, RunStatus, User};

fn at(text: &str) -> Time {
    moment(&format!("2026-11-24T{text}:00Z")).unwrap()
}

/// A run that was applied, out of a commit on the default branch that names a ticket.
fn applied() -> Run {
    Run {
        id: "run-1".to_owned(),
        status: RunStatus("applied".to_owned()),
        created_at: Some(at("10:00")),
        status_times: BTreeMap::from([
            ("applying-at".to_owned(), at("10:05")),
            ("applied-at".to_owned(), at("10:09")),
        ]),
        message: "OPS-12 raise the pool size\n\nfor the sale".to_owned(),
        source: "tfe-configuration-version".to_owned(),
        created_by_id: Some("user-1".to_owned()),
        confirmed_by_id: Some("user-2".to_owned()),
        created_by: Some(User { username: "ana".to_owned(), is_service_account: false }),
        workspace: Some(Workspace {
            id: "ws-1".to_owned(),
            name: "prod-api".to_owned(),
            project: Some("Platform".to_owned()),
            tags: vec!["team:api".to_owned()],
            ..Workspace::default()
        }),
        plan: Some(Plan { counts: counted(3, 4, 5), ..Plan::default() }),
        apply: Some(Apply { counts: counted(1, 2, 0), ..Apply::default() }),
        ingress: Some(Ingress {
            branch: Some("main".to_owned()),
            commit_message: Some("raise the pool size (#7)".to_owned()),
            commit_sha: Some("0a1b2c".to_owned()),
            on_default_branch: Some(true),
            sender: Some("mei".to_owned()),
            ..Ingress::default()
        }),
        knows_commit: true,
        ..Run::default()
    }
}

fn counted(additions: u64, changes: u64, destructions: u64) -> ApplyCounts {
    ApplyCounts {
        additions: Some(additions),
        changes: Some(changes),
        destructions: Some(destructions),
        imports: Some(0),
    }
}

fn record(run: &Run) -> ChangeRecord {
    let link = |workspace: &str| format!("https://tfe/{workspace}/{}", run.id);
    let mut record = change(run, &Projects::default(), link);
    settle(&mut record, run);
    record
}

fn of(alter: impl FnOnce(&mut Run)) -> ChangeRecord {
    let mut run = applied();
    alter(&mut run);
    record(&run)
}

fn commit(run: &mut Run) -> &mut Ingress {
    run.ingress.as_mut().unwrap()
}

#[test]
fn a_run_says_what_who_where_when_and_out_of_what() {
    let record = record(&applied());
    assert_eq!(record.summary, "OPS-12 raise the pool size");
    assert_eq!((record.began, record.time), (Some(at("10:05")), at("10:09")));
    assert_eq!(record.status, Status::Applied);
    assert_eq!(record.system.as_deref(), Some("prod-api"));
    assert_eq!(record.project.as_deref(), Some("Platform"));
    assert_eq!(record.tags, ["team:api"]);
    assert_eq!(record.actor.as_deref(), Some("ana"));
    assert_eq!(
        (record.commit.as_deref(), record.branch.as_deref()),
        (Some("0a1b2c"), Some("main"))
    );
    assert_eq!(record.link.as_deref(), Some("https://tfe/prod-api/run-1"));
    assert_eq!(record.id.as_deref(), Some("run-1"));
    assert_eq!(record.flags, []);
    assert_eq!(record.tickets.len(), 1);
}

#[test]
fn what_was_done_counts_before_what_was_planned_and_of_an_unfinished_run_what_is_planned() {
    let counts =
        |record: ChangeRecord| (record.counts.add, record.counts.change, record.counts.destroy);
    assert_eq!(counts(of(|_| {})), (1, 2, 0));
    assert_eq!(counts(of(|run| run.apply = None)), (3, 4, 5));
    assert_eq!(counts(of(|run| run.status = RunStatus("applying".to_owned()))), (3, 4, 5));
}

#[test]
fn a_text_that_nobody_wrote_gives_way_to_the_title_of_the_pull_request_or_the_commit() {
    for message in
        ["Queued manually in Terraform Cloud", "Triggered via UI", "Triggered via CLI", ""]
    {
        let summary = |title: Option<&str>| {
            of(|run| {
                run.message = message.to_owned();
                commit(run).pull_request_title = title.map(str::to_owned);
            })
            .summary
        };
        assert_eq!(summary(Some("Grow the pool")), "Grow the pool");
        assert_eq!(summary(None), "raise the pool size (#7)");
    }
    assert_eq!(
        of(|run| (run.message, run.ingress) = ("Triggered via UI".to_owned(), None)).summary,
        "Triggered via UI"
    );
    let nothing = of(|run| (run.message, run.ingress) = (String::new(), None));
    assert_eq!(nothing.summary, "a run without a message");
}

#[test]
fn a_run_that_stopped_after_it_began_to_apply_is_partial_and_says_so_first() {
    let stopped = |status: &str| {
        of(|run| {
            run.status = RunStatus(status.to_owned());
            run.status_times.remove("applied-at");
        })
    };
    let failed = stopped("errored");
    assert_eq!(failed.summary, "failed while it was applied: OPS-12 raise the pool size");
    assert_eq!((failed.status, failed.time), (Status::Partial, at("10:05")));
    assert_eq!(failed.flags, [Flag::Partial]);
    for status in ["canceled", "force_canceled"] {
        let cancelled = stopped(status);
        assert!(cancelled.summary.starts_with("cancelled while it was applied: "));
        assert_eq!(cancelled.flags, [Flag::Partial]);
    }
}

#[test]
fn how_it_stands_follows_its_status_and_an_unknown_one_is_kept() {
    let stands = |status: &str| of(|run| run.status = RunStatus(status.to_owned())).status;
    assert_eq!(stands("applying"), Status::InFlight);
    assert_eq!(stands("planning"), Status::InFlight);
    assert_eq!(stands("planned"), Status::AwaitingConfirmation);
    assert_eq!(stands("levitating"), Status::Unknown("levitating".to_owned()));
}

#[test]
fn what_changes_no_resource_says_so() {
    let refresh = of(|run| run.refresh_only = true);
    assert!(refresh.summary.starts_with("only refreshes the state: "), "{}", refresh.summary);
    let empty = of(|run| run.apply.as_mut().unwrap().counts = counted(0, 0, 0));
    assert!(empty.summary.starts_with("changed no resource: "), "{}", empty.summary);
    let uncounted = of(|run| (run.apply, run.plan) = (None, None));
    assert_eq!(uncounted.summary, "OPS-12 raise the pool size", "unknown is not nothing");
    let whole = of(|run| run.is_destroy = true);
    assert!(whole.summary.starts_with("destroys the whole workspace: "), "{}", whole.summary);
}

#[test]
fn a_ticket_may_be_named_in_every_text_and_once_is_enough() {
    let keys = |alter: &dyn Fn(&mut Run)| {
        let record = of(|run| {
            run.message = "grow".to_owned();
            alter(run);
        });
        let keys: Vec<String> = record.tickets.iter().map(|ticket| ticket.key.clone()).collect();
        (keys, record.flags)
    };
    let key = || Some("for OPS-7, see OPS-7".to_owned());
    assert_eq!(keys(&|_| {}), (vec![], vec![Flag::Ticketless]));
    let places: [&dyn Fn(&mut Run); 5] = [
        &|run| run.message = "OPS-7".to_owned(),
        &|run| commit(run).commit_message = key(),
        &|run| commit(run).pull_request_title = key(),
        &|run| commit(run).pull_request_body = key(),
        &|run| commit(run).tag = Some("OPS-7".to_owned()),
    ];
    for place in places {
        assert_eq!(keys(place), (vec!["OPS-7".to_owned()], vec![]));
    }
    let mut run = applied();
    run.message = "grow".to_owned();
    commit(&mut run).branch = Some("ops-9-grow".to_owned());
    let listed = change(&run, &Projects::new(["OPS"]), |_| String::new());
    assert_eq!(listed.tickets[0].key, "OPS-9");
}

#[test]
fn a_run_is_ticketless_only_where_all_of_it_was_read() {
    let flags = |knows_commit| {
        let alter = |run: &mut Run| {
            (run.message, run.ingress) = ("grow".to_owned(), None);
            run.knows_commit = knows_commit;
        };
        of(alter).flags
    };
    assert_eq!(flags(true), [Flag::Ticketless]);
    assert_eq!(flags(false), []);
}

#[test]
fn each_flag_is_raised_by_what_the_run_says() {
    let flags = |alter: &dyn Fn(&mut Run)| of(alter).flags;
    let target = || vec!["aws_lb.web".to_owned()];
    assert_eq!(flags(&|run| run.target_addrs = target()), [Flag::Targeted]);
    assert_eq!(flags(&|run| run.replace_addrs = target()), [Flag::Targeted]);
    assert_eq!(flags(&|run| commit(run).on_default_branch = Some(false)), [Flag::NotDefaultBranch]);
    assert_eq!(
        flags(&|run| run.confirmed_by_id.clone_from(&run.created_by_id)),
        [Flag::SelfConfirmed]
    );
    let unasked = |run: &mut Run| (run.auto_apply, run.confirmed_by_id) = (true, None);
    assert_eq!(flags(&unasked), [Flag::AutoApply]);
    assert_eq!(flags(&|run| run.auto_apply = true), [], "somebody confirmed it all the same");
    assert_eq!(
        flags(&|run| run.message = "Revert \"OPS-12 raise the pool size\"".to_owned()),
        [Flag::Rollback]
    );
    let from = |source: &'static str| {
        move |run: &mut Run| {
            run.ingress = None;
            run.configuration_source = Some(source.to_owned());
        }
    };
    assert_eq!(flags(&from("terraform")), [Flag::CliDriven]);
    assert_eq!(flags(&from("tfe-api")), []);
    let destroyed = |run: &mut Run| run.apply.as_mut().unwrap().counts = counted(0, 0, 1);
    assert_eq!(flags(&destroyed), [Flag::Destroys]);
}

#[test]
fn the_branch_that_a_workspace_follows_is_its_default_one() {
    let flags = |followed: &str, branch: &str| {
        of(|run| {
            run.workspace.as_mut().unwrap().branch = Some(followed.to_owned());
            commit(run).branch = Some(branch.to_owned());
            commit(run).on_default_branch = Some(false);
        })
        .flags
    };
    assert_eq!(flags("production", "production"), []);
    assert_eq!(flags("production", "main"), [Flag::NotDefaultBranch]);
    assert_eq!(flags("", "fix"), [Flag::NotDefaultBranch]);
}

#[test]
fn behind_an_account_of_a_service_stands_who_pushed() {
    let actor = |alter: &dyn Fn(&mut Run)| of(alter).actor;
    let robot = |run: &mut Run| run.created_by.as_mut().unwrap().is_service_account = true;
    assert_eq!(actor(&robot).as_deref(), Some("mei"));
    let lonely = |run: &mut Run| {
        robot(run);
        run.ingress = None;
    };
    assert_eq!(actor(&lonely).as_deref(), Some("ana"));
    assert_eq!(actor(&|run| (run.created_by, run.ingress) = (None, None)), None);
}

#[test]
fn long_texts_are_cut() {
    let record = of(|run| run.message = "x".repeat(5_000));
    assert_eq!(record.summary.chars().count(), LONGEST_SUMMARY + 1);
}

fn version(serial: u64, resources: &[(&str, u64)]) -> StateVersion {
    StateVersion {
        id: format!("sv-{serial}"),
        serial: Some(serial),
        status: "finalized".to_owned(),
        resources: resources.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
        ..StateVersion::default()
    }
}

fn versions(before: Option<&StateVersion>, after: &StateVersion) -> ChangeRecord {
    let workspace = Workspace { name: "laptop".to_owned(), ..Workspace::default() };
    of_version(after, before, &workspace, at("10:00"))
}

#[test]
fn a_version_of_a_state_tells_what_appeared_and_vanished_and_that_the_rest_is_not_known() {
    let before = version(11, &[("root.aws_lb.web", 1), ("root.net.aws_subnet.private", 3)]);
    let after = version(12, &[("root.aws_sqs_queue.jobs", 1), ("root.net.aws_subnet.private", 1)]);
    let record = versions(Some(&before), &after);
    assert_eq!(
        record.summary,
        "state version 12, made from a laptop or elsewhere: 1 added, 3 destroyed, what changed in place is not known"
    );
    let resources: Vec<_> =
        record.resources.iter().map(|one| (one.address.as_str(), one.action)).collect();
    assert_eq!(
        resources,
        [
            ("aws_lb.web", Action::Delete),
            ("aws_sqs_queue.jobs", Action::Create),
            ("module.net.aws_subnet.private", Action::Delete),
        ]
    );
    assert_eq!(record.flags, [Flag::Destroys, Flag::CliDriven]);
    assert_eq!((record.system.as_deref(), record.id.as_deref()), (Some("laptop"), Some("sv-12")));
}

#[test]
fn a_version_that_cannot_be_compared_says_so() {
    let one = version(12, &[("root.aws_lb.web", 1)]);
    let unknown = "state version 12, made from a laptop or elsewhere: what it changed is not known";
    assert_eq!(versions(None, &one).summary, unknown);
    let uncounted = StateVersion { is_uncounted: true, ..version(12, &[]) };
    let record = versions(Some(&version(11, &[("root.aws_lb.web", 1)])), &uncounted);
    assert_eq!(record.summary, unknown);
    assert!(record.counts.is_nothing());
    let same = versions(Some(&version(11, &[("root.aws_lb.web", 1)])), &one);
    assert!(same.summary.ends_with("nothing added or removed, what changed in place is not known"));
}
