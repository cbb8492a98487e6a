//! `--where`, and what the server may be asked to leave out for it.

use logs::{Condition, GrepPattern, Selection};
use serde_json::Value;

use crate::support::Machine;

/// The records of a reading.
fn records(line: &str) -> Vec<Value> {
    Machine::new().types(line).well().records()
}

fn raw(machine: &Machine, line: &str) -> String {
    machine.types(&format!("{line} -o raw")).stdout
}

#[test]
fn a_field_is_compared_as_a_number_or_as_a_text() {
    let all = records("oncall --drill logs prod/api/api --since 30m");
    let slow = |record: &&Value| record["fields"]["responseTime"].as_f64() > Some(400.0);
    let expected: Vec<&Value> = all.iter().filter(slow).collect();
    let found = records("oncall --drill logs prod/api/api --since 30m --where 'responseTime>400'");
    assert!(!found.is_empty() && found.len() < all.len());
    assert_eq!(found.iter().collect::<Vec<_>>(), expected);

    let again = |message: &Value| message.as_str().is_some_and(|text| text.contains("EAI_AGAIN"));
    let expected = all.iter().filter(|record| again(&record["fields"]["err"]["message"])).count();
    let line = "oncall --drill logs prod/api/api --since 30m --where";
    for condition in ["err.message=*EAI_AGAIN*", "err.message~EAI_A.AIN"] {
        assert_eq!(records(&format!("{line} {condition}")).len(), expected, "{condition}");
    }
}

#[test]
fn a_field_is_there_or_not_and_all_conditions_hold() {
    let line = "oncall --drill logs prod/api/api --since 10m";
    let with = records(&format!("{line} --where err"));
    let without = records(&format!("{line} --where !err"));
    assert!(with.iter().all(|record| record["fields"]["err"].is_object()));
    assert!(without.iter().all(|record| record["fields"].get("err").is_none()));
    assert_eq!(with.len() + without.len(), records(line).len());
    let both = records(&format!("{line} --where !err --where res.statusCode!=200"));
    assert!(!both.is_empty() && both.len() < without.len());
}

#[test]
fn the_level_is_the_records_own() {
    let machine = Machine::new();
    let line = "oncall --drill logs '/ecs/*' --since 10m";
    let by_where = raw(&machine, &format!("{line} --where 'level>=error'"));
    assert!(!by_where.is_empty());
    assert_eq!(by_where, raw(&machine, &format!("{line} --level error")));
    // Plain text has a level, and no fields.
    let panics = raw(&machine, &format!("{line} --where level=fatal --include '^panic: '"));
    assert!(panics.starts_with("panic: "));
}

#[test]
fn grep_looks_at_fields_too() {
    let line = "oncall --drill logs grep timeout api --since 10m";
    let found = records(&format!("{line} --where 'responseTime>=0'"));
    assert!(!found.is_empty());
    assert!(found.iter().all(|record| record["fields"]["responseTime"].is_number()));
    assert!(found.iter().all(|record| record["fields"].to_string().contains("timeout")));
}

/// Conditions, and the selection that they make.
fn pushed() -> Vec<(&'static str, &'static str, Selection)> {
    let only_where = |conditions: &[&str]| {
        let read = |condition: &&str| Condition::parse(condition).unwrap();
        Selection::everything().conditions(conditions.iter().map(read).collect())
    };
    let grep = |pattern: &str, flags: &str| {
        let flag = |name| flags.contains(name);
        let patterns = [pattern.to_owned()];
        let pattern = GrepPattern::new(&patterns, flag('F'), flag('w'), flag('i'), flag('v'));
        Selection::everything().grep(Some(pattern.unwrap()))
    };
    vec![
        ("", "--where 'responseTime>400'", only_where(&["responseTime>400"])),
        ("", "--where 'res.statusCode>=413'", only_where(&["res.statusCode>=413"])),
        ("", "--where 'err.message=*EAI_AGAIN*'", only_where(&["err.message=*EAI_AGAIN*"])),
        ("", "--where batch=108", only_where(&["batch=108"])),
        ("", "--where req.url~track", only_where(&["req.url~track"])),
        ("grep", "'upstream (timeout|refused)'", grep("upstream (timeout|refused)", "")),
        ("grep", "-i UPSTREAM.*kafka", grep("UPSTREAM.*kafka", "i")),
        ("grep", "-F '\"statusCode\":429'", grep("\"statusCode\":429", "F")),
        ("grep", "-w parsed", grep("parsed", "w")),
    ]
}

#[test]
fn what_the_server_may_leave_out_changes_nothing_but_the_work() {
    let machine = Machine::new();
    let all = raw(&machine, "oncall --drill logs prod/api/api --since 10m").lines().count();
    for (verb, conditions, selection) in pushed() {
        let pattern = logs::filter_pattern(&selection).expect(conditions);
        let line = format!("oncall --drill logs {verb} {conditions} prod/api/api --since 10m");
        let alone = raw(&machine, &line);
        let asked = raw(&machine, &format!("{line} --filter-pattern {pattern}"));
        assert!(!alone.is_empty(), "{conditions}");
        assert_eq!(asked, alone, "{conditions}: {pattern}");
        let line = "oncall --drill logs prod/api/api --since 10m --filter-pattern";
        let sent = raw(&machine, &format!("{line} {pattern}")).lines().count();
        assert!(sent < all, "{conditions}: {pattern}");
    }
}
