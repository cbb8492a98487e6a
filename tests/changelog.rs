//! `oncall changelog` in the drill: what changed before the page of 19:56?

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Machine, Ran, Served};

const AROUND: &str = "oncall --drill changelog --around 2026-11-22T19:56:00Z";

fn texts<'a>(records: &'a [Value], key: &str) -> Vec<&'a str> {
    records.iter().filter_map(|record| record[key].as_str()).collect()
}

fn has(record: &Value, list: &str, wanted: &str) -> bool {
    let all = record[list].as_array();
    all.is_some_and(|all| all.iter().any(|one| one == wanted))
}

fn sources(summary: &Ran) -> Value {
    let line = summary.stderr.lines().find(|line| line.starts_with('{')).expect(&summary.stderr);
    let record: Value = serde_json::from_str(line).unwrap();
    assert_eq!(record["kind"], "changelog_summary");
    record
}

#[test]
fn ranked_around_the_page_the_two_guilty_changes_are_first_with_their_reasons() {
    let records = Machine::new().types(&format!("{AROUND} --rank")).well().records();
    assert_eq!(texts(&records[..2], "system"), ["hosts-prod", "ledger-prod"]);
    for guilty in &records[..2] {
        assert!(guilty["aftermath"]["deaths"].as_u64().unwrap() > 10, "{guilty}");
        assert!(guilty["steps"].as_array().unwrap().len() >= 2, "run and deployment: {guilty}");
    }
    assert!(records[0]["aftermath"]["death_reason"].as_str().unwrap().contains("OutOfMemory"));
    let scores: Vec<f64> = records.iter().map(|it| it["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|one, other| one >= other), "{scores:?}");
    for record in &records {
        let points = record["reasons"].as_array().unwrap().iter();
        let sum: f64 = points.map(|reason| reason["points"].as_f64().unwrap()).sum();
        assert!((sum - record["score"].as_f64().unwrap()).abs() < 0.01, "{record}");
    }
}

#[test]
fn who_was_paged_moves_what_is_near_it_up() {
    let place = |line: &str| {
        let records = Machine::new().types(line).well().records();
        texts(&records, "system").iter().position(|system| *system == "web-edge").unwrap()
    };
    let nobody = place(&format!("{AROUND} --rank"));
    let dashboard = place(&format!("{AROUND} --rank dashboard"));
    assert!(dashboard < nobody, "{dashboard} {nobody}");
}

#[test]
fn without_rank_it_is_in_time_order_the_newest_first_with_minutes_before_the_page() {
    let records = Machine::new().types(AROUND).well().records();
    assert!(records.len() >= 6);
    let times = texts(&records, "time");
    assert!(times.is_sorted_by(|one, other| one >= other), "{times:?}");
    let run = records.iter().find(|record| record["system"] == "ledger-prod").unwrap();
    assert!((8.0..11.0).contains(&run["before_minutes"].as_f64().unwrap()), "{run}");
    let reversed = Machine::new().types(&format!("{AROUND} --reverse")).well().records();
    let mirrored: Vec<&str> = texts(&reversed, "time").into_iter().rev().collect();
    assert_eq!(mirrored, times);
}

#[test]
fn each_record_begins_with_its_time_and_its_kind() {
    let ran = Machine::new().types(AROUND).well();
    for line in ran.stdout.lines() {
        assert!(line.starts_with("{\"time\":\"2026-11-22T"), "{line}");
        assert_eq!(&line[34..50], ",\"kind\":\"change\"", "{line}");
    }
}

#[test]
fn its_lines_and_those_of_logs_are_merged_by_sort() {
    let machine = Machine::new();
    let changes = machine.types("oncall --drill changelog --since 1h").well().stdout;
    let logs = machine.types("oncall --drill logs prod/coredns txn-writer --since 1h -n 500");
    let mut sort = Command::new("sort");
    sort.args(["-s", "-t,", "-k1,1"]).env("LC_ALL", "C");
    let mut sort = sort.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = sort.stdin.take().unwrap();
    let text = format!("{changes}{}", logs.stdout);
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()).unwrap());
    let sorted = sort.wait_with_output().unwrap();
    writer.join().unwrap();
    let sorted = String::from_utf8(sorted.stdout).unwrap();
    let records: Vec<Value> =
        sorted.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let times = texts(&records, "time");
    assert!(times.is_sorted(), "{times:?}");
    let kinds = texts(&records, "kind");
    assert!(kinds.contains(&"change") && kinds.contains(&"log"), "{kinds:?}");
}

#[test]
fn a_system_is_what_has_its_name_or_is_in_its_set() {
    let machine = Machine::new();
    let records = machine.types(&format!("{AROUND} txn-writer")).well().records();
    assert_eq!(texts(&records, "system"), ["ledger-prod"]);
    let ran = machine.types(&format!("{AROUND} no-such-thing"));
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{ran}");
}

#[test]
fn the_newest_are_the_newest_and_the_others_are_counted() {
    let all = Machine::new().types(AROUND).well().records();
    let ran = Machine::new().types(&format!("{AROUND} -n 2 --summary json"));
    assert_eq!(texts(&ran.records(), "id"), texts(&all[..2], "id"));
    assert_eq!(sources(&ran)["changes"], all.len());
}

#[test]
fn nothing_changed_is_an_answer() {
    let ran = Machine::new()
        .types("oncall --drill changelog --since 1m --source terraform --from /dev/null");
    // A run that waits for somebody is in every window.
    assert_eq!(ran.code, 0, "{ran}");
    let ran = Machine::new().types(
        "oncall --drill changelog --source terraform --since 2026-11-10T03:00:00Z --until 2026-11-10T03:01:00Z",
    );
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{ran}");
    assert!(ran.stderr.contains("Nothing changed: terraform example read until"), "{ran}");
    let quiet = Machine::new().types(
        "oncall --drill changelog -q --source terraform --since 2026-11-10T03:00:00Z --until 2026-11-10T03:01:00Z",
    );
    assert_eq!((quiet.stderr.as_str(), quiet.code), ("", 1), "{quiet}");
}

#[test]
fn the_audit_says_which_changes_have_a_forbidden_flag() {
    let check = |flags: &str| {
        Machine::new().types(&format!(
            "oncall --drill changelog check --forbid {flags} --around 2026-11-22T19:56:00Z --since 2h --source terraform"
        ))
    };
    let ran = check("TICKETLESS");
    assert_eq!((texts(&ran.records(), "system"), ran.code), (vec!["outbound-prod"], 1), "{ran}");
    assert!(has(&ran.records()[0], "flags", "TICKETLESS"));
    assert!(ran.stderr.contains("1 of"), "{ran}");
    let both = check("ticketless,destroys");
    assert!(both.records().len() > 1, "{both}");
    let clean = check("PARTIAL");
    assert_eq!((clean.stdout.as_str(), clean.code), ("", 0), "{clean}");
    assert!(clean.stderr.contains("is PARTIAL"), "{clean}");
    let unknown = check("TICKETLES");
    assert_eq!(unknown.code, 2, "{unknown}");
    assert!(unknown.stderr.contains("TICKETLESS"), "{unknown}");
}

/// A drill that is served, and a machine whose Terraform it is; what else it has is said.
fn served(machine: &Machine) -> Served {
    Served::by(machine, "oncall --drill drill serve --port 0")
}

#[test]
fn one_source_that_fails_leaves_the_others_and_the_answer_is_incomplete() {
    let cloud = served(&Machine::new());
    let mut machine = Machine::with_endpoint(&cloud.url);
    machine.set("TFE_ADDRESS", &cloud.url).set("TFE_TOKEN", "atlas-wrong");
    machine.set("TF_CLOUD_ORGANIZATION", "example");
    let ran = machine.types(
        "oncall changelog --source terraform,ecs --around 2026-11-22T19:56:00Z --until 2026-11-22T20:00:00Z --summary json",
    );
    assert_eq!(ran.code, 3, "{ran}");
    assert!(texts(&ran.records(), "source").iter().all(|source| *source == "ecs"), "{ran}");
    assert!(!ran.records().is_empty(), "{ran}");
    let read = sources(&ran);
    let mut all = read["sources"].as_array().unwrap().iter();
    let terraform = all.find(|read| read["source"] == "terraform").unwrap();
    assert_eq!(terraform["ended"], "denied", "{terraform}");
    assert!(!ran.stderr.contains("atlas-wrong"), "{ran}");
}

#[test]
fn an_audit_that_did_not_read_everything_is_incomplete_whatever_it_found() {
    let cloud = served(&Machine::new());
    let mut machine = Machine::with_endpoint(&cloud.url);
    machine.set("TFE_ADDRESS", &cloud.url).set("TFE_TOKEN", "atlas-wrong");
    machine.set("TF_CLOUD_ORGANIZATION", "example");
    let nothing = machine.types("oncall changelog --source terraform");
    assert_eq!((nothing.stdout.as_str(), nothing.code), ("", 4), "{nothing}");
    let ran = machine.types("oncall changelog check --forbid TICKETLESS --source terraform");
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 3), "{ran}");
    assert!(ran.stderr.contains("not everything could be read"), "{ran}");
}

#[test]
fn a_source_that_was_asked_for_and_is_not_configured_is_a_mistake() {
    let machine = Machine::new();
    for (source, hint) in [
        ("terraform", "TF_CLOUD_ORGANIZATION"),
        ("s3-state", "[[s3_state]]"),
        ("jira", "JIRA_BASE_URL"),
    ] {
        let ran = machine.types(&format!("oncall changelog --source {source}"));
        assert_eq!((ran.stdout.as_str(), ran.code), ("", 2), "{ran}");
        assert!(ran.stderr.contains("hint:") && ran.stderr.contains(hint), "{ran}");
    }
    let ran = machine.types("oncall changelog --source terrafrom");
    assert_eq!(ran.code, 2, "{ran}");
}

#[test]
fn the_window_is_counted_from_the_moment_that_matters() {
    let window = |flags: &str| {
        let line = format!("oncall --drill changelog --summary json --source terraform {flags}");
        let read = sources(&Machine::new().types(&line));
        let text = |key: &str| read[key].as_str().unwrap()[11..16].to_owned();
        (text("since"), text("until"))
    };
    let times = |since: &str, until: &str| (since.to_owned(), until.to_owned());
    assert_eq!(window(""), times("18:00", "20:00"));
    assert_eq!(window("--around 19:00"), times("17:00", "19:30"));
    assert_eq!(window("--around 19:00 --since 30m"), times("18:30", "19:30"));
    assert_eq!(window("--around 19:00 --since 18:45 --until 19:05"), times("18:45", "19:05"));
    assert_eq!(window("--around 19:00 --window 20m"), times("18:50", "19:10"));
    assert_eq!(window("--around 19:56"), times("17:56", "20:00"));
    let ran = Machine::new().types("oncall --drill changelog --around 19:00 --until 16:00");
    assert_eq!(ran.code, 2, "{ran}");
}
