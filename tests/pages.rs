//! Pages as FilterLogEvents can give them, good and bad: nothing lost, nothing twice, nothing hidden.

use std::sync::atomic::{AtomicU32, Ordering};

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::cloud::{Answer, Request, with_one_group};
use crate::support::{Machine, Ran};

/// 2026-11-22T20:00:00Z
const BASE: i64 = 1_795_377_600_000;
const WINDOW: &str = "--since 2026-11-22T20:00:00Z --until 2026-11-22T20:01:00Z";

fn event(offset: i64, id: u32, message: &str) -> Value {
    json!({
        "logStreamName": "s", "timestamp": BASE + offset, "ingestionTime": BASE + offset + 9,
        "message": message, "eventId": format!("{id:08}"),
    })
}

fn page(events: &[Value], token: Option<&str>) -> Answer {
    let mut page = json!({ "events": events });
    if let Some(token) = token {
        page["nextToken"] = token.into();
    }
    Answer::json(page.to_string())
}

fn read(answers: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Ran {
    let cloud = with_one_group("/shop/web", answers);
    Machine::with_endpoint(&cloud.url).types(&format!("oncall logs /shop/web {WINDOW}"))
}

fn messages(ran: &Ran) -> Vec<String> {
    ran.records().iter().map(|record| record["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn empty_pages_and_equal_tokens_are_not_the_end() {
    let calls = AtomicU32::new(0);
    let ran = read(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => page(&[], Some("a")),
        1 => page(&[], Some("a")),
        2 => page(&[event(1, 1, "one")], Some("b")),
        3 => page(&[], Some("c")),
        _ => page(&[event(2, 2, "two")], None),
    });
    assert_eq!(messages(&ran.well()), ["one", "two"]);
}

#[test]
fn a_page_that_comes_again_is_not_printed_again() {
    let calls = AtomicU32::new(0);
    let ran = read(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => page(&[event(1, 1, "one"), event(1, 2, "one")], Some("a")),
        _ => page(&[event(2, 3, "two")], None),
    });
    assert_eq!(messages(&ran.well()), ["one", "one", "two"]);
}

#[test]
fn half_a_surrogate_pair_costs_one_character() {
    let ran = read(|_| {
        Answer::json(
            r#"{"events":[
            {"logStreamName":"s","timestamp":1795377600001,"message":"whole 😀 \ufffd","eventId":"1"},
            {"logStreamName":"s","timestamp":1795377600002,"message":"half \ud83d.","eventId":"2"},
            {"logStreamName":"s","timestamp":1795377600003,"message":"text \\ud83d","eventId":"3"}]}"#,
        )
    });
    let ran = ran.well();
    let records = ran.records();
    assert_eq!(messages(&ran), ["whole 😀 \u{fffd}", "half \u{fffd}.", "text \\ud83d"]);
    assert_eq!(records[1]["repaired"], true);
    assert!(records[0].get("repaired").is_none() && records[2].get("repaired").is_none());
}

/// A service that pages 100 events, one of which no client can decode.
fn one_bad_event(request: &Request) -> Answer {
    let number = |key: &str| request.body[key].as_i64().unwrap();
    let (first, last, limit) = (number("startTime"), number("endTime"), number("limit"));
    let from: i64 = request.body["nextToken"].as_str().map_or(0, |token| token.parse().unwrap());
    let inside: Vec<i64> =
        (0..100).map(|n| n * 100).filter(|t| (first..=last).contains(&(BASE + t))).collect();
    let chosen = inside.iter().skip(from as usize).take(limit as usize);
    let events: Vec<Value> = chosen
        .map(|offset| {
            let mut event = event(*offset, *offset as u32, "fine");
            if *offset == 5_000 {
                event["timestamp"] = "not a number".into();
            }
            event
        })
        .collect();
    let next = from + events.len() as i64;
    page(&events, (next < inside.len() as i64).then(|| next.to_string()).as_deref())
}

#[test]
fn a_page_that_cannot_be_decoded_is_cut_down_to_the_bad_event() {
    let ran = read(one_bad_event);
    assert_eq!(ran.records().len(), 99);
    let stderr = Ran { stdout: String::new(), ..ran };
    assert_snapshot!(stderr, @"
    ------- stderr -------
    missing: /shop/web from 2026-11-22T20:00:05.000Z to 2026-11-22T20:00:05.000Z: an event cannot be decoded
    99 records, 16 pages (9 empty), 0 throttles, 18 retries, incomplete
    [exit 3]
    ");
}

#[test]
fn a_throttle_a_500_and_a_cut_body_are_survived() {
    let calls = AtomicU32::new(0);
    let ran = read(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Answer::refusal("ThrottlingException", "Rate exceeded"),
        1 => Answer { status: 500, ..Answer::refusal("InternalFailure", "oops") },
        2 => Answer { cut_after: Some(20), ..page(&[event(1, 1, "one")], None) },
        _ => page(&[event(1, 1, "one")], None),
    });
    assert_eq!(messages(&ran.well()), ["one"]);
}

#[test]
fn a_group_that_fails_does_not_hide_the_others() {
    let cloud = crate::support::cloud::Cloud::that(|request| match request.operation.as_str() {
        "DescribeLogGroups" => {
            Answer::json(r#"{"logGroups":[{"logGroupName":"/a"},{"logGroupName":"/b"}]}"#)
        }
        "FilterLogEvents" if request.body["logGroupName"] == "/a" => {
            Answer::refusal("AccessDeniedException", "not authorized")
        }
        "FilterLogEvents" => page(&[event(1, 1, "from b")], None),
        _ => Answer::refusal("AccessDenied", "no"),
    });
    let line = format!("oncall logs '/*' {WINDOW} -o raw");
    assert_snapshot!(Machine::with_endpoint(&cloud.url).types(&line), @"
    from b
    ------- stderr -------
    missing: /a from 2026-11-22T20:00:00.000Z to 2026-11-22T20:00:59.999Z: FilterLogEvents in us-east-1: no permission: not authorized
    hint: ask for the IAM action logs:FilterLogEvents; docs/permissions.md has the least policy
    1 record, 1 page, 0 throttles, 0 retries, incomplete
    [exit 3]
    ");
}

#[test]
fn nul_escapes_and_a_megabyte_pass_unharmed() {
    let long = "x".repeat(1_000_000);
    let text = format!("\u{0}\u{1b}[31m\u{9b}2J\u{202e} tab\t line\n {long}");
    let expected = text.clone();
    let ran = read(move |_| page(&[event(1, 1, &text)], None)).well();
    assert_eq!(ran.stdout.lines().count(), 1);
    assert_eq!(messages(&ran), [expected]);
}

#[test]
fn a_group_of_another_account_is_asked_for_by_its_arn() {
    let arn = "arn:aws:logs:eu-west-1:999999999999:log-group:/theirs";
    let cloud =
        crate::support::cloud::Cloud::that(move |request| match request.operation.as_str() {
            "FilterLogEvents" if request.body["logGroupIdentifier"] == arn => {
                assert!(request.headers.contains("/eu-west-1/logs/aws4_request"));
                page(&[event(1, 1, "theirs")], None)
            }
            _ => Answer::refusal("AccessDenied", "no"),
        });
    let line = format!("oncall logs {arn}:* {WINDOW}");
    let ran = Machine::with_endpoint(&cloud.url).types(&line).well();
    assert_eq!(ran.records()[0]["account"], "999999999999");
}

#[test]
fn the_user_agent_says_who_asks() {
    let cloud = with_one_group("/shop/web", |_| page(&[], None));
    let line = format!("oncall logs group:/shop/web {WINDOW}");
    let ran = Machine::with_endpoint(&cloud.url).types(&line).well();
    assert_eq!(ran.stdout, "");
    for request in cloud.requests() {
        let expected = format!("lib/oncall/{}", env!("CARGO_PKG_VERSION"));
        assert!(request.headers.contains(&expected), "{}", request.headers);
    }
}

#[test]
fn debug_shows_requests_and_no_secrets() {
    let cloud = with_one_group("/shop/web", |_| page(&[event(1, 1, "body text")], None));
    let line = format!("oncall --debug logs group:/shop/web {WINDOW}");
    let ran = Machine::with_endpoint(&cloud.url).types(&line);
    assert!(ran.stderr.contains(r#"operation="FilterLogEvents""#), "{ran}");
    for secret in ["secret-example", "Signature", "body text", "authorization"] {
        assert!(!ran.stderr.contains(secret), "{secret} in {ran}");
    }
}

#[test]
fn where_nothing_can_be_decoded_it_gives_up_and_says_so() {
    let cloud = with_one_group("/shop/web", |_| Answer::json(r#"{"events":[{"timest"#));
    let ran = Machine::with_endpoint(&cloud.url)
        .types(&format!("oncall logs /shop/web {WINDOW} --budget unlimited"));
    assert_eq!(ran.code, 3, "{ran}");
    assert!(ran.stderr.contains("no answer can be decoded"), "{ran}");
    assert!(cloud.requests().len() < 200, "{} requests", cloud.requests().len());
}

#[test]
fn an_absent_stream_does_not_hide_the_others() {
    let task = "0f9de17a6465404e8b1b2356dc13c2f8";
    let cloud = crate::support::cloud::fleet_of_one_task(task, move |request| {
        let web = format!("web/web/{task}");
        match request.body["logStreamNames"].as_array().map(Vec::len) {
            // As AWS refuses a list with a stream that is not there.
            Some(2) => Answer::refusal(
                "ResourceNotFoundException",
                "The specified log stream does not exist.",
            ),
            _ => {
                assert_eq!(request.body["logStreamNamePrefix"], *web);
                let mut event = event(1, 1, "from web");
                event["logStreamName"] = web.into();
                page(&[event], None)
            }
        }
    });
    let line = format!("oncall logs {} {WINDOW} -o raw", task.to_uppercase());
    let ran = Machine::with_endpoint(&cloud.url).types(&line).well();
    assert_eq!(ran.stdout, "from web\n");
}

#[test]
fn tasks_of_another_service_under_the_same_prefix_are_left_out() {
    let (own, other) = ("0f9de17a6465404e8b1b2356dc13c2f8", "1f9de17a6465404e8b1b2356dc13c2f8");
    let cloud = crate::support::cloud::fleet_of_one_task(own, move |_| {
        let of = |task: &str, number: u32| {
            let mut event = event(i64::from(number), number, task);
            event["logStreamName"] = format!("web/web/{task}").into();
            event
        };
        page(&[of(own, 1), of(other, 2)], None)
    });
    let line = format!("oncall logs shop {WINDOW} -o raw");
    let ran = Machine::with_endpoint(&cloud.url).types(&line);
    assert_eq!(ran.stdout, format!("{own}\n"), "{ran}");
}
