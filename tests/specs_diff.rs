//! `oncall specs diff`

use std::io::Write;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::specs_releases::{SHOP, in_shop};
use crate::support::{Machine, Ran};

fn shop() -> Machine {
    let machine = Machine::new();
    machine.file("shop.toml", SHOP);
    machine
}

/// Types a line with a text on stdin.
fn with_stdin(machine: &Machine, line: &str, text: &str) -> Ran {
    let mut command = machine.command(line);
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap_or(-1),
    }
}

#[test]
fn the_same_moment_twice_is_no_difference() {
    assert_eq!(in_shop("specs diff now now").well().stdout, "");
    assert_eq!(in_shop("specs diff now").well().stdout, "", "b is now where nothing is said");
}

#[test]
fn a_moment_of_the_past_shows_what_was_deployed_since() {
    assert_snapshot!(in_shop("specs diff time:19:00 now -o text"), @"
    changed	main	cart	cart	tag,digest,task_definition	v1 (13208c249060, main-cart:1)	v2 (09a2f0bf954d, main-cart:2)
    changed	main	pay	pay	tag,digest,task_definition	3 (8c6b36c22f6e, main-pay:1)	4 (2dd7d4a43266, main-pay:2)
    [exit 1]
    ");
    assert_snapshot!(in_shop("specs diff time:19:00 now main/pay"), @r#"
    {"time":"2026-11-22T20:00:00.000Z","kind":"difference","account":"000000000000","region":"us-east-1","cluster":"main","service":"pay","container":"pay","difference":"changed","fields":["tag","digest","task_definition"],"a":{"tag":"3","digest":"sha256:8c6b36c22f6ecbda5aba1b4f9b920a67e9157578dbc9197fa50ea2646aa27203","task_definition":"main-pay:1"},"b":{"tag":"4","digest":"sha256:2dd7d4a43266421b99b07e932c73c6db59781cab906446265ae92716d9bc566c","task_definition":"main-pay:2"},"deployed":"2026-11-22T19:26:00.000Z"}
    [exit 1]
    "#);
}

#[test]
fn a_release_that_was_taken_back_is_no_difference() {
    assert_eq!(in_shop("specs diff time:16:00 now mail").well().stdout, "");
}

#[test]
fn a_moment_between_two_releases_is_compared_with_another() {
    // pay was released at 19:26, cart at 19:59.
    assert_snapshot!(in_shop("specs diff time:19:00 time:19:30 -o text"), @"
    changed	main	pay	pay	tag,digest,task_definition	3 (8c6b36c22f6e, main-pay:1)	4 (2dd7d4a43266, main-pay:2)
    [exit 1]
    ");
    assert_snapshot!(in_shop("specs diff time:19:30 time:19:59:30 -o text"), @"
    changed	main	cart	cart	tag,digest,task_definition	v1 (13208c249060, main-cart:1)	v2 (09a2f0bf954d, main-cart:2)
    [exit 1]
    ");
}

#[test]
fn two_clusters_are_compared_by_the_names_of_their_services() {
    assert_snapshot!(in_shop("specs diff cluster:main cluster:edge -o text"), @"
    only_in_b	edge	attic	attic	repository,tag		shop/attic:0.9
    only_in_a	main	batch				
    changed		cart	cart	tag,digest	v2 (09a2f0bf954d)	v1 (13208c249060)
    only_in_a	main	mail	mail	repository,tag,digest	shop/mail:7 (369f176b0929)	
    only_in_a	main	pay	pay	repository,tag,digest	shop/pay:4 (2dd7d4a43266)	
    only_in_a	main	web	nginx	repository	nginx	
    [exit 1]
    ");
    let only = in_shop("specs diff cluster:main cluster:edge cart --jq '[.service, .difference]'");
    assert_snapshot!(only, @r#"
    ["cart","changed"]
    [exit 1]
    "#);
}

#[test]
fn a_file_is_a_side_and_so_is_stdin() {
    let machine = shop();
    let then = machine.types("oncall --drill=shop.toml specs").well().stdout;
    machine.file("then.jsonl", &then);
    let same = machine.types("oncall --drill=shop.toml specs diff file:then.jsonl now");
    assert_eq!(same.well().stdout, "");
    // Of the two carts, only the one in edge ran v1 alone.
    let older = then.replace(":v1", ":v0").replace(r#""tag":"v1""#, r#""tag":"v0""#);
    let line = "oncall --drill=shop.toml specs diff file:- now -o text";
    assert_snapshot!(with_stdin(&machine, line, &older), @"
    changed	edge	cart	cart	tag	v0	v1
    [exit 1]
    ");
    let line = "oncall --drill=shop.toml specs diff now file:-";
    let gone: String = then
        .lines()
        .filter(|line| !line.contains("attic"))
        .map(|line| format!("{line}\n"))
        .collect();
    let ran = with_stdin(&machine, line, &gone);
    assert_eq!((ran.code, &ran.records()[0]["difference"]), (1, &"only_in_a".into()), "{ran}");
}

#[test]
fn records_of_other_kinds_in_a_file_are_passed_over() {
    let machine = shop();
    let services = machine.types("oncall --drill=shop.toml specs").well().stdout;
    let tasks = machine.types("oncall --drill=shop.toml specs tasks").stdout;
    let line = "oncall --drill=shop.toml specs diff file:- now";
    assert_eq!(with_stdin(&machine, line, &format!("{tasks}\n{services}")).code, 0);
}

#[test]
fn what_is_no_record_is_told_with_its_line() {
    let machine = shop();
    let diff =
        |text: &str| with_stdin(&machine, "oncall --drill=shop.toml specs diff file:- now", text);
    assert_snapshot!(diff("\nCLUSTER  SERVICE\n"), @"
    ------- stderr -------
    error: line 2 of stdin is no record: expected value at line 1 column 1
    hint: a side is what `oncall specs` writes into a pipe
    [exit 2]
    ");
    assert_snapshot!(diff("{\"service\":\"api\"}\n"), @"
    ------- stderr -------
    error: line 1 of stdin is no record: it has no kind
    hint: a side is what `oncall specs` writes into a pipe
    [exit 2]
    ");
    assert_snapshot!(diff("{\"kind\":\"service\",\"desired\":\"many\"}\n"), @r#"
    ------- stderr -------
    error: line 1 of stdin is no record: invalid type: string "many", expected u32
    hint: a side is what `oncall specs` writes into a pipe
    [exit 2]
    "#);
    assert_snapshot!(diff("{\"kind\":\"service\",\"clus"), @"
    ------- stderr -------
    error: line 1 of stdin is no record: EOF while parsing a string at line 1 column 23
    hint: a side is what `oncall specs` writes into a pipe
    [exit 2]
    ");
    let long = diff(&"x".repeat((1 << 20) + 1));
    assert_snapshot!(long, @"
    ------- stderr -------
    error: line 1 of stdin is no record: it is too long
    hint: a side is what `oncall specs` writes into a pipe
    [exit 2]
    ");
}

#[test]
fn operands_that_cannot_be() {
    assert_snapshot!(in_shop("specs diff main now"), @"
    ------- stderr -------
    error: `main` is nothing that can be compared
    hint: did you mean `cluster:main`? it is cluster:NAME, profile:NAME, region:NAME, time:WHEN, file:PATH, file:- or now; commas join them, as in profile:staging,cluster:main
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs diff file:nowhere.jsonl now"), @"
    ------- stderr -------
    error: nowhere.jsonl cannot be read: No such file or directory (os error 2)
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs diff file:- file:-"), @"
    ------- stderr -------
    error: both sides cannot be stdin
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs diff time:soon now"), @"
    ------- stderr -------
    error: `soon` is not a time
    hint: times look like 15m, 14:05, `yesterday 14:05`, `2026-11-22 14:05`, 2026-11-22T14:05:06Z or now
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs diff time:2026-11-23 now"), @"
    ------- stderr -------
    error: `time:2026-11-23` is in the future
    hint: what runs then nobody knows
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs diff cluster:mian now"), @"
    ------- stderr -------
    error: there is no cluster `mian` in us-east-1
    hint: did you mean `main`?
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs diff cluster:main,cluster:edge now"), @"
    ------- stderr -------
    error: `cluster:main,cluster:edge` says its cluster twice
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs diff profile:staging now"), @"
    ------- stderr -------
    error: a drill has no profiles
    hint: leave out `staging:`, or --drill
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs diff"), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      <A>

    Usage: oncall specs diff <A> [B] [SERVICE]...

    For more information, try '--help'.
    [exit 2]
    ");
}

#[test]
fn what_nobody_kept_is_missing_and_no_difference() {
    let ran = in_shop("specs diff time:2026-11-01 now web");
    assert_snapshot!(ran, @"
    ------- stderr -------
    missing: what main/web ran then: ECS keeps no history of task sets
    [exit 3]
    ");
    let ran = in_shop("specs diff time:2026-08-01 now pay");
    assert_snapshot!(ran, @"
    ------- stderr -------
    missing: what main/pay ran then: ECS keeps deployments for 90 days
    [exit 3]
    ");
}
