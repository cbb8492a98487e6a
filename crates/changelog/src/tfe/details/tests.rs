use std::collections::BTreeMap;

use super::*;
use crate::record::Action;
use crate::tfe::{ApplyCounts, Plan, RunStatus};

const FAILED: &str = include_str!("../../terraform/fixtures/apply_failed.jsonl");

fn run(status: &str, changes: Option<u64>) -> Run {
    let applying = ("applying-at".to_owned(), Time::from_millis(0));
    let counts = ApplyCounts { changes, ..ApplyCounts::default() };
    Run {
        id: "run-1".to_owned(),
        status: RunStatus(status.to_owned()),
        status_times: BTreeMap::from([applying]),
        plan: Some(Plan { has_structured_log: true, counts, ..Plan::default() }),
        ..Run::default()
    }
}

fn log(text: &str) -> apply::Apply {
    apply::read(text.as_bytes()).unwrap()
}

fn planned(addresses: &[&str]) -> Details {
    let resources: Vec<_> =
        addresses.iter().map(|address| ResourceChange::new(*address, Action::Create)).collect();
    let add = resources.len() as u64;
    Details {
        resources,
        counts: Counts { add, drift: 2, ..Counts::default() },
        ..Details::default()
    }
}

#[test]
fn only_what_may_have_resources_to_tell_is_asked_for() {
    assert!(has_details(&run("applied", Some(2))) && has_details(&run("applied", None)));
    assert!(!has_details(&run("applied", Some(0))));
    assert!(has_details(&run("planned", Some(1))) && !has_details(&run("planning", None)));
    assert!(has_details(&run("errored", Some(0))), "what a partial apply did is not known before");
    let mut unchanged = run("planned", None);
    unchanged.has_changes = Some(false);
    assert!(!has_details(&unchanged) && !has_details(&run("discarded", Some(5))));
}

#[test]
fn the_log_of_an_apply_is_asked_for_where_the_end_says_too_little() {
    assert!(
        wants_apply_log(&run("errored", Some(1))) && wants_apply_log(&run("applying", Some(1)))
    );
    let took = |minutes: i64| {
        let mut run = run("applied", Some(1));
        run.status_times.insert("applied-at".to_owned(), Time::from_millis(minutes * 60_000));
        run
    };
    assert!(!wants_apply_log(&took(4)) && wants_apply_log(&took(5)));
    let mut unstructured = took(5);
    unstructured.plan.as_mut().unwrap().has_structured_log = false;
    assert!(!wants_apply_log(&unstructured));
}

#[test]
fn the_log_tells_how_far_each_resource_of_the_plan_came() {
    let mut details = planned(&["terraform_data.migration", "terraform_data.later"]);
    details.came_to(log(FAILED));
    let outcomes: Vec<_> =
        details.resources.iter().map(|one| (one.address.as_str(), one.outcome)).collect();
    assert_eq!(
        outcomes,
        [
            ("terraform_data.migration", Some(Outcome::Errored)),
            ("terraform_data.later", Some(Outcome::NotStarted)),
            ("terraform_data.after", Some(Outcome::NotStarted)),
        ]
    );
    assert!(details.resources[0].time.is_some());
    assert_eq!(details.counts, Counts { drift: 2, ..Counts::default() }, "nothing was done");
    assert!(!format!("{details:?}").contains("hunter"));
}

fn filled(details: Details, run: &Run, counts: Counts) -> Counts {
    let mut record = ChangeRecord::new(
        Time::from_millis(0),
        crate::Source::Terraform,
        crate::Status::Applied,
        "x",
    );
    record.counts = counts;
    details.fill(&mut record, run);
    record.counts
}

#[test]
fn what_the_service_counted_stands_and_the_plan_adds_what_it_does_not_count() {
    let mut details = planned(&["a.b"]);
    details.counts.replace = 1;
    let said = Counts { add: 7, ..Counts::default() };
    let counts = filled(details.clone(), &run("applied", Some(1)), said);
    assert_eq!((counts.add, counts.replace, counts.drift), (7, 1, 2));
    let uncounted = filled(details.clone(), &run("applied", None), Counts::default());
    assert_eq!(uncounted, details.counts);
}

#[test]
fn what_was_planned_is_not_what_a_partial_run_did() {
    let said = Counts { add: 1, ..Counts::default() };
    let mut details = planned(&["a.b", "a.c", "a.d"]);
    details.counts.replace = 1;
    let counts = filled(details.clone(), &run("errored", Some(3)), said);
    assert_eq!(counts, Counts { add: 1, drift: 2, ..Counts::default() });
    details.counts = Counts { add: 2, ..Counts::default() };
    details.counts_are_done = true;
    assert_eq!(filled(details, &run("errored", Some(3)), said).add, 2);
}

#[test]
fn details_are_kept_by_run_and_the_oldest_make_room() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::new(root.path().into(), root.path().into());
    let shelf = Shelf(Some(store.cache(&Scope::new("tfe.example", "acme"))));
    let all: Vec<String> = (0..200).map(|number| format!("run-{number}")).collect();
    for (time, run) in all.iter().enumerate() {
        shelf.keep(run, Time::from_millis(time as i64), &planned(&[run]));
    }
    let found = all.iter().filter_map(|run| Some((run, shelf.take(run)?)));
    let found: Vec<_> = found.collect();
    assert_eq!(found.len(), all.len());
    assert!(found.iter().all(|(run, details)| details.resources[0].address == **run));
    assert_eq!(shelf.take("run-other"), None);
    let elsewhere = Shelf(Some(store.cache(&Scope::new("tfe.example", "other"))));
    assert_eq!(elsewhere.take("run-1"), None);
}

#[test]
fn a_full_place_loses_its_oldest_run_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::new(root.path().into(), root.path().into());
    let shelf = Shelf(Some(store.cache(&Scope::new("tfe.example", "acme"))));
    let place = |run: &str| names(run).next().unwrap();
    let first = place("run-0");
    let runs = (0..).map(|number| format!("run-{number}")).filter(|run| place(run) == first);
    let runs: Vec<String> = runs.take(5).collect();
    for (time, run) in runs.iter().enumerate() {
        shelf.keep(run, Time::from_millis(time as i64), &planned(&[run]));
    }
    assert_eq!(shelf.take(&runs[0]), None);
    assert!(runs[1..].iter().all(|run| shelf.take(run).is_some()));
}

#[test]
fn what_is_kept_is_read_back_as_it_was() {
    let mut details = planned(&["terraform_data.migration"]);
    details.came_to(log(FAILED));
    let written = serde_json::to_string(&details).unwrap();
    assert_eq!(serde_json::from_str::<Details>(&written).unwrap(), details);
}
