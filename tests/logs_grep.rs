//! `oncall logs grep`, and where its verb may stand.

use insta::assert_snapshot;

use crate::support::Machine;
use crate::support::cloud::{Answer, Request, with_one_group};

#[test]
fn the_verb_may_stand_behind_flags() {
    let machine = Machine::new();
    let behind = machine.types("oncall --drill logs --since 10m grep timeout api");
    let before = machine.types("oncall --drill logs grep timeout api --since 10m");
    assert_eq!(before.code, 0);
    assert!(!before.stdout.is_empty());
    assert_eq!(behind.stdout, before.stdout);
}

#[test]
fn a_service_called_grep_is_looked_for_behind_tail() {
    assert_snapshot!(Machine::new().types("oncall --drill logs tail grep"), @"
    ------- stderr -------
    error: there is no service and no log group called `grep` in us-east-1
    hint: `oncall logs groups` lists what there is; --region and --profile look elsewhere
    [exit 2]
    ");
}

#[test]
fn what_it_finds_is_what_grep_finds_in_the_raw_text() {
    let machine = Machine::new();
    let raw = machine.types("oncall --drill logs api --since 10m -o raw");
    let expected: Vec<&str> = raw.stdout.lines().filter(|line| line.contains("timeout")).collect();
    let found = machine.types("oncall --drill logs grep timeout api --since 10m -o raw");
    assert_eq!(found.stdout.lines().collect::<Vec<_>>(), expected);

    let inverted = machine.types("oncall --drill logs grep -v timeout api --since 10m -o raw");
    assert_eq!(inverted.stdout.lines().count() + expected.len(), raw.stdout.lines().count());

    let counted = machine.types("oncall --drill logs grep -c timeout api --since 10m").records();
    assert_eq!(counted[0]["count"], expected.len());

    let first = machine.types("oncall --drill logs grep -m 3 timeout api --since 10m -o raw");
    assert_eq!(first.stdout.lines().collect::<Vec<_>>(), expected[..3]);

    let cases = machine.types("oncall --drill logs grep -i TIMEOUT api --since 10m -o raw");
    assert_eq!(cases.stdout, found.stdout);

    let words = machine.types("oncall --drill logs grep -c -w timeou api --since 10m");
    assert_eq!((words.code, &words.records()[0]["count"]), (1, &0.into()));
}

#[test]
fn several_patterns_are_alternatives() {
    let machine = Machine::new();
    let both =
        machine.types("oncall --drill logs grep -e txn-db -e kafka-3 api --since 10m -o raw");
    assert!(both.stdout.lines().any(|line| line.contains("txn-db")));
    assert!(both.stdout.lines().any(|line| line.contains("kafka-3")));
}

#[test]
fn nothing_found_is_a_no() {
    let ran = Machine::new().types("oncall --drill logs grep 'no such thing' api");
    assert_snapshot!(ran, @"[exit 1]");
}

#[test]
fn a_pattern_needs_a_target() {
    assert_snapshot!(Machine::new().types("oncall --drill logs grep timeout"), @"
    ------- stderr -------
    error: grep needs a pattern and a target
    hint: oncall logs grep timeout api
    [exit 2]
    ");
}

/// One event that is searched for and one that is not, whatever the server makes of a pattern.
fn needle_and_hay(request: &Request, of_pattern: impl Fn(&str) -> Option<Answer>) -> Answer {
    let refused = request.body["filterPattern"].as_str().and_then(of_pattern);
    refused.unwrap_or_else(|| {
        Answer::json(
            r#"{"events":[
                {"logStreamName":"s","timestamp":1795377600001,"message":"a needle","eventId":"1"},
                {"logStreamName":"s","timestamp":1795377600002,"message":"hay","eventId":"2"}]}"#,
        )
    })
}

const SEARCH: &str =
    "oncall logs grep needle group:/shop/web --since 1795377600 --until 1795377660 -o raw";

#[test]
fn a_pattern_of_ours_that_the_server_does_not_take_hinders_nobody() {
    let cloud = with_one_group("/shop/web", |request| {
        needle_and_hay(request, |_| {
            Some(Answer::refusal("InvalidParameterException", "Invalid filter pattern"))
        })
    });
    let ran = Machine::with_endpoint(&cloud.url).types(SEARCH).well();
    assert_eq!(ran.stdout, "a needle\n");
}

#[test]
fn a_server_that_may_not_know_regular_expressions_is_not_given_one() {
    let cloud = with_one_group("/shop/web", |request| {
        // As an implementation that looks for the pattern's own characters.
        needle_and_hay(request, |_| Some(Answer::json(r#"{"events":[]}"#)))
    });
    let ran = Machine::with_endpoint(&cloud.url).types(SEARCH).well();
    assert_eq!(ran.stdout, "a needle\n");
}
