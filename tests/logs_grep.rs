//! `oncall logs grep`, and where its verb may stand.

use std::collections::BTreeSet;

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

/// What a run printed, in short: the stream's task, the time, and how it stands to a match.
fn lines_around(ran: &crate::support::Ran) -> String {
    let short = |record: &serde_json::Value| {
        let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        let (task, time) = (text("task"), text("time"));
        let line =
            format!("{} {} {} {}", &task[..4], &time[11..], text("message"), text("context"));
        line.trim_end().to_owned() + "\n"
    };
    ran.records().iter().map(short).collect()
}

#[test]
fn what_stands_around_a_match_is_of_its_stream() {
    let machine = Machine::new();
    let ran =
        machine.types("oncall --drill logs grep -C 1 -m 3 'is behind' dedupe --since 5m").well();
    assert_snapshot!(lines_around(&ran), @"
    220b 19:54:58.938Z batch processed before
    220b 19:55:06.886Z partition is behind
    220b 19:55:18.748Z batch processed after
    394d 19:55:03.194Z batch processed before
    394d 19:55:09.357Z partition is behind
    394d 19:55:12.023Z batch processed after
    45a5 19:55:08.800Z batch processed before
    45a5 19:55:09.722Z partition is behind
    45a5 19:55:28.061Z batch processed after
    ");
}

#[test]
fn it_is_what_grep_makes_of_each_stream() {
    let machine = Machine::new();
    let all = machine.types("oncall --drill logs prod/api/api --since 30m").records();
    let window = "--since 10m --until 2m";
    let (from, to) = ("2026-11-22T19:50:00.000Z", "2026-11-22T19:58:00.000Z");
    for (flags, before, after) in
        [("-C 3", 3, 3), ("-B 2", 2, 0), ("-A 4", 0, 4), ("-A 1 -C 5", 5, 1), ("-C 40", 40, 40)]
    {
        let line = format!("oncall --drill logs grep {flags} 'kafka-3' prod/api/api {window}");
        let ran = machine.types(&line);
        assert_eq!(ran.code, 0, "{ran}");
        let printed = ran.records();
        let streams: BTreeSet<&str> = printed.iter().filter_map(|r| r["stream"].as_str()).collect();
        assert!(streams.len() > 5);
        for stream in streams {
            let of_it: Vec<_> = all.iter().filter(|record| record["stream"] == stream).collect();
            let is_match = |place: usize| {
                let (text, time) = (of_it[place].to_string(), of_it[place]["time"].as_str());
                text.contains("kafka-3") && time.is_some_and(|time| (from..to).contains(&time))
            };
            let is_near = |place: usize| {
                let last = of_it.len() - 1;
                (place.saturating_sub(after)..=(place + before).min(last)).any(is_match)
            };
            let expected: Vec<_> = (0..of_it.len())
                .filter(|place| is_near(*place))
                .map(|place| (of_it[place]["time"].clone(), is_match(place)))
                .collect();
            let printed = printed.iter().filter(|record| record["stream"] == stream);
            let printed: Vec<_> = printed
                .map(|record| (record["time"].clone(), record.get("context").is_none()))
                .collect();
            assert_eq!(printed, expected, "{line} in {stream}");
        }
    }
}

#[test]
fn a_match_has_its_id_and_what_stands_around_it_has_none() {
    let line = "oncall --drill logs grep -B 1 -m 1 'is behind' dedupe --since 5m";
    let ran = Machine::new().types(line).well();
    let [before, found] = ran.stdout.lines().collect::<Vec<_>>()[..] else { panic!("{ran}") };
    assert!(before.ends_with(r#","context":"before"}"#), "{before}");
    assert!(before.contains(r#""ingested":"#) && !before.contains(r#""id":"#), "{before}");
    assert!(found.contains(r#""id":"#) && !found.contains(r#""context":"#), "{found}");
}

#[test]
fn columns_say_what_is_no_match_at_their_end() {
    let line = "oncall --drill logs grep -A 1 -m 2 'is behind' dedupe --since 5m -o text";
    let ran = Machine::new().types(line).well();
    let ends: Vec<&str> = ran.stdout.lines().map(|row| row.split('\t').nth(10).unwrap()).collect();
    assert_eq!(ends, ["", "after", "", "after"]);
}

#[test]
fn groups_are_apart_on_a_terminal_and_in_nothing_that_is_read_by_programs() {
    let machine = Machine::new();
    for form in ["json", "raw", "text"] {
        let line = format!("oncall --drill logs grep -C 1 -m 3 kafka-3 api -o {form}");
        let ran = machine.types(&line);
        assert!(!ran.stdout.lines().any(|line| line == "--"), "{ran}");
    }
}

#[test]
fn a_count_and_a_limit_are_of_matches() {
    let machine = Machine::new();
    let count = "oncall --drill logs grep -c timeout api --since 10m";
    assert_eq!(machine.types(&format!("{count} -C 2")).stdout, machine.types(count).stdout);
    let limited = machine.types("oncall --drill logs grep -m 4 -C 2 kafka-3 api --since 10m");
    let matches = limited.records().iter().filter(|r| r.get("context").is_none()).count();
    assert_eq!(matches, 4);
    let none = machine.types("oncall --drill logs grep -C 2 'no such thing' api");
    assert_snapshot!(none, @"[exit 1]");
}

#[test]
fn the_conditions_are_the_matches_and_not_what_stands_around_them() {
    let line = "oncall --drill logs grep -C 2 -v -F nothing-has-this prod/api/api --level error \
                --since 10m --where err.code=EAI_*";
    let records = Machine::new().types(line).records();
    let (around, matches): (Vec<_>, Vec<_>) =
        records.iter().partition(|record| record.get("context").is_some());
    assert!(matches.iter().all(|record| record["level"] == "error"));
    assert!(around.iter().any(|record| record["level"] == "info"));
}

#[test]
fn the_summary_tells_matches_and_what_stands_around_them_apart() {
    let line = "oncall --drill logs grep -C 1 -m 2 'is behind' dedupe --summary json";
    let ran = Machine::new().types(line);
    let summary: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!((&summary["records"], &summary["around"]), (&2.into(), &4.into()));
}
