//! A cloud in bad weather: what is read is what was written all the same.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use insta::assert_snapshot;

use crate::support::Machine;

#[test]
fn throttles_errors_and_cut_answers_cost_no_event() {
    let machine = Machine::new();
    let line = "oncall drill serve --fault throttle:3 --fault error:5 --fault cut:7 --latency 1ms";
    let mut cloud = machine.command(line).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let mut stdout = BufReader::new(cloud.stdout.take().unwrap());
    stdout.read_line(&mut first).unwrap();
    let endpoint: serde_json::Value = serde_json::from_str(&first).unwrap();
    let window = "--since 2026-11-22T19:30:00Z --until 2026-11-22T20:00:00Z";
    let in_bad_weather = Machine::with_endpoint(endpoint["url"].as_str().unwrap())
        .types(&format!("oncall logs '/ecs/*' {window}"));
    let in_good = machine.types(&format!("oncall --drill logs '/ecs/*' {window}"));
    assert_eq!(in_bad_weather.code, 0, "{}", in_bad_weather.stderr);
    assert!(in_good.stdout.lines().count() > 10_000);
    assert!(in_bad_weather.stdout == in_good.stdout, "the events differ");
    drop(stdout);
    assert_eq!(cloud.wait().unwrap().code(), Some(0));
}

#[test]
fn a_fault_that_cannot_be_read_says_what_is_expected() {
    assert_snapshot!(Machine::new().types("oncall drill serve --fault throttle"), @r#"
    ------- stderr -------
    error: invalid value 'throttle' for '--fault <KIND:N>': "throttle" is not a fault: expected KIND:N or KIND:N@OPERATION, like "throttle:7", "cut:13@FilterLogEvents" or "deny@StartLiveTail"; the kinds are throttle, error, cut, reset, hang, deny, absent, drop, lose, stall

    For more information, try '--help'.
    [exit 2]
    "#);
    assert_snapshot!(Machine::new().types("oncall drill serve --tps lots"), @r#"
    ------- stderr -------
    error: invalid value 'lots' for '--tps <RATE>': "lots" is not a rate: expected calls a second like "25", "FilterLogEvents=25", "FilterLogEvents=25,burst=50" or "published"

    For more information, try '--help'.
    [exit 2]
    "#);
}

#[test]
fn what_is_rendered_ahead_needs_a_clock_that_stands_still() {
    let mut machine = Machine::new();
    machine.set("ONCALL_DRILL_NOW", "");
    assert_snapshot!(machine.types("oncall drill serve --render-ahead=1h"), @"
    ------- stderr -------
    error: `--render-ahead` needs a clock that stands still: what was rendered is true for one moment
    hint: add `--frozen`, or set ONCALL_DRILL_NOW
    [exit 2]
    ");
}
