//! What a reader can rely on, however it pages.

use std::collections::HashSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::CloudWatchLogs;
use crate::protocols::aws_json::Refusal;
use crate::{Faults, Feature, Scenario, World};

const START: i64 = 1_795_380_000_000;
const REGION: &str = "us-east-1";
const HOUR: i64 = 3_600_000;
const NEW_YEAR: i64 = 1_704_067_200_000;
const API: &str = "/ecs/prod-ingest";

static WORLD: LazyLock<World> =
    LazyLock::new(|| World::new(Scenario::builtin("incident-8").unwrap(), START));
static FIREHOSE: LazyLock<World> = LazyLock::new(|| {
    let text = include_str!("../../../../../benches/scenarios/firehose.toml");
    World::new(Scenario::parse("firehose.toml", text).unwrap(), START)
});

fn service() -> CloudWatchLogs {
    CloudWatchLogs::new(&Faults::default())
}

fn ask(
    logs: &CloudWatchLogs,
    world: &World,
    now: i64,
    operation: &str,
    input: &Value,
) -> Result<Value, Refusal> {
    let body =
        logs.answer(world.in_region(REGION), now, operation, input.to_string().as_bytes())?;
    Ok(serde_json::from_slice(&body).unwrap())
}

fn refused(operation: &str, input: &Value) -> String {
    ask(&service(), &WORLD, START, operation, input).unwrap_err().code().to_owned()
}

/// Follows the tokens to the end: the events of every page.
fn pages(world: &World, now: i64, input: &Value) -> Vec<Vec<Value>> {
    pages_of(&service(), world, now, input)
}

fn pages_of(logs: &CloudWatchLogs, world: &World, now: i64, input: &Value) -> Vec<Vec<Value>> {
    let mut input = input.clone();
    let mut pages = Vec::new();
    loop {
        let answer = ask(logs, world, now, "FilterLogEvents", &input).unwrap();
        pages.push(answer["events"].as_array().unwrap().clone());
        match answer.get("nextToken") {
            Some(token) => input["nextToken"] = token.clone(),
            None => return pages,
        }
        assert!(pages.len() < 20_000);
    }
}

fn all(input: &Value) -> Vec<Value> {
    pages(&WORLD, START, input).concat()
}

fn window(from: i64, to: i64) -> Value {
    json!({ "logGroupName": API, "startTime": from, "endTime": to })
}

fn with(mut input: Value, key: &str, value: impl Into<Value>) -> Value {
    input[key] = value.into();
    input
}

fn key(event: &Value) -> (i64, i64, String) {
    let id = event["eventId"].as_str().unwrap().to_owned();
    (event["timestamp"].as_i64().unwrap(), event["ingestionTime"].as_i64().unwrap(), id)
}

#[test]
fn the_same_seed_start_and_now_give_the_same_bytes() {
    let again = World::new(Scenario::builtin("incident-8").unwrap(), START);
    let input = window(START - 600_000, START).to_string();
    let bytes = |world: &World| {
        service()
            .answer(world.in_region(REGION), START, "FilterLogEvents", input.as_bytes())
            .unwrap()
    };
    assert!(bytes(&again) == bytes(&WORLD));
}

#[test]
fn events_are_ordered_unique_and_already_ingested() {
    for group in [API, "/ecs/platform/dns", "/ecs/prod-ledger", "/aws/lambda/invoice-mailer"] {
        let events = all(&with(window(START - HOUR, START), "logGroupName", group));
        let keys: Vec<_> = events.iter().map(key).collect();
        assert!(keys.len() > 50, "{group}");
        assert!(keys.is_sorted(), "{group}");
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len(), "{group}");
        assert!(keys.iter().all(|(time, ingestion, id)| {
            *ingestion <= START && (200..3_000).contains(&(ingestion - time)) && id.len() == 56
        }));
    }
}

#[test]
fn some_events_of_different_streams_share_their_millisecond() {
    let events = all(&window(START - HOUR, START));
    let shared = events.windows(2).filter(|pair| {
        pair[0]["timestamp"] == pair[1]["timestamp"]
            && pair[0]["logStreamName"] != pair[1]["logStreamName"]
    });
    assert!(shared.count() > 5);
}

#[test]
fn what_is_visible_grows_and_never_changes() {
    let early: HashSet<String> = pages(&WORLD, START - 30_000, &window(START - 300_000, START))
        .concat()
        .iter()
        .map(Value::to_string)
        .collect();
    let late: HashSet<String> =
        all(&window(START - 300_000, START)).iter().map(Value::to_string).collect();
    assert!(early.is_subset(&late) && early.len() < late.len());
}

#[test]
fn both_ends_of_a_window_are_included() {
    let events = all(&window(START - HOUR, START));
    let (first, last) = (&events[10], &events[40]);
    let inner =
        all(&window(first["timestamp"].as_i64().unwrap(), last["timestamp"].as_i64().unwrap()));
    assert!(inner.contains(first) && inner.contains(last));
    let moment = first["timestamp"].as_i64().unwrap();
    assert!(all(&window(moment, moment)).contains(first));
}

#[test]
fn adjacent_windows_are_one_window() {
    let whole = all(&window(START - HOUR, START));
    let middle = START - HOUR / 3;
    let parts = [all(&window(START - HOUR, middle - 1)), all(&window(middle, START))].concat();
    assert!(whole == parts);
}

#[test]
fn newest_first_is_oldest_first_reversed() {
    let mut forward = all(&window(START - HOUR, START));
    let backward =
        all(&with(with(window(START - HOUR, START), "startFromHead", false), "limit", 777));
    forward.reverse();
    assert!(forward == backward);
}

#[test]
fn newest_first_reaches_back_to_2024() {
    let input = with(window(1_704_067_199_999, START), "startFromHead", false);
    assert_eq!(refused("FilterLogEvents", &input), "InvalidParameterException");
    let input = json!({ "logGroupName": API, "startFromHead": false });
    assert_eq!(refused("FilterLogEvents", &input), "InvalidParameterException");
}

#[test]
fn a_token_keeps_its_direction_whatever_is_said_beside_it() {
    let logs = service();
    let hour = with(window(START - HOUR, START), "limit", 300);
    let read = |input: &Value| ask(&logs, &WORLD, START, "FilterLogEvents", input).unwrap();
    for newest_first in [false, true] {
        let first = read(&with(hour.clone(), "startFromHead", !newest_first));
        let next = with(hour.clone(), "nextToken", first["nextToken"].clone());
        let second = read(&next);
        for said in [true, false] {
            assert_eq!(second, read(&with(next.clone(), "startFromHead", said)));
        }
        let last = key(first["events"].as_array().unwrap().last().unwrap());
        let beyond = key(&second["events"][0]);
        assert_eq!(beyond < last, newest_first);
    }
}

#[test]
fn newest_first_filters_and_limits_as_oldest_first_does() {
    for (pattern, limit) in [("timeout", 10_000), ("%time.ut%", 50), ("-completed", 777)] {
        let input = with(window(START - HOUR, START), "filterPattern", pattern);
        let mut forward = all(&input);
        let newest_first = with(with(input, "startFromHead", false), "limit", limit);
        let pages = pages(&WORLD, START, &newest_first);
        assert!(pages.iter().all(|page| page.len() <= limit as usize));
        assert!(forward.len() > 100, "{pattern}");
        forward.reverse();
        assert!(forward == pages.concat(), "{pattern}");
    }
}

#[test]
fn an_endpoint_may_not_know_newest_first() {
    let faults = Faults { without: vec![Feature::NewestFirst], ..Faults::default() };
    let older = CloudWatchLogs::new(&faults);
    let asked = |oldest_first| {
        let input = with(window(START - HOUR, START), "startFromHead", oldest_first);
        ask(&older, &WORLD, START, "FilterLogEvents", &input)
    };
    assert_eq!(asked(false).unwrap_err().code(), "InvalidParameterException");
    assert!(asked(true).is_ok());
}

#[test]
fn a_page_looks_at_so_many_events_and_has_so_many() {
    let limit = std::num::NonZeroUsize::new;
    let input = window(START - HOUR, START);
    let whole = all(&input);
    let paged = |faults: Faults, input: Value| {
        pages_of(&CloudWatchLogs::new(&faults), &WORLD, START, &input)
    };
    let few = paged(
        Faults { page_limit: limit(333), ..Faults::default() },
        with(input.clone(), "limit", 9_999),
    );
    assert!(few[..few.len() - 1].iter().all(|page| page.len() == 333));
    assert!(few.concat() == whole);
    let short = paged(Faults { scan_limit: limit(100), ..Faults::default() }, input.clone());
    assert!(short.iter().all(|page| page.len() <= 100) && short.concat() == whole);
    let sparse = with(input, "filterPattern", "timeout");
    let pages = paged(Faults { scan_limit: limit(100), ..Faults::default() }, sparse.clone());
    assert!(pages.iter().filter(|page| page.is_empty()).count() > 3);
    assert!(pages.concat() == all(&sparse));

    let faults = Faults { page_limit: limit(20), ..Faults::default() };
    let stream = json!({ "logGroupName": API, "logStreamName": busy_stream() });
    let page = ask(&CloudWatchLogs::new(&faults), &WORLD, START, "GetLogEvents", &stream).unwrap();
    assert_eq!(page["events"].as_array().unwrap().len(), 20);
}

#[test]
fn history_reaches_back_a_fortnight_and_not_further() {
    let day = 24 * HOUR;
    assert!(
        !all(&with(
            window(START - 13 * day, START - 13 * day + HOUR),
            "logGroupName",
            "/ecs/platform/dns"
        ))
        .is_empty()
    );
    assert!(
        all(&with(window(START - 16 * day, START - 15 * day), "logGroupName", "/ecs/platform/dns"))
            .is_empty()
    );
}

#[test]
fn a_constant_rate_is_exact() {
    let input = json!({ "logGroupName": "/ecs/bench-hose", "startTime": START - HOUR, "endTime": START - HOUR + 35_999 });
    assert_eq!(pages(&FIREHOSE, START, &input).concat().len(), 20_000);
}

#[test]
fn a_page_holds_at_most_a_megabyte() {
    let input = json!({ "logGroupName": "/ecs/bench-hose", "startTime": START - HOUR, "endTime": START - HOUR + 60_000 });
    let pages = pages(&FIREHOSE, START, &input);
    for page in &pages {
        let bytes: usize =
            page.iter().map(|event| event["message"].as_str().unwrap().len() + 26).sum();
        assert!(bytes <= 1_048_576 && page.len() <= 10_000);
    }
    assert!(pages.len() > 4);
}

#[test]
fn a_filtered_read_finds_what_is_there_through_empty_pages() {
    let window = json!({ "logGroupName": "/ecs/bench-hose", "startTime": START - HOUR, "endTime": START - HOUR + 90_000 });
    let unfiltered = pages(&FIREHOSE, START, &window).concat();
    let rare = unfiltered[30_000]["message"].as_str().unwrap();
    let id = rare.split("request_id\":\"").nth(1).unwrap().split('"').next().unwrap();
    let pages = pages(&FIREHOSE, START, &with(window, "filterPattern", id));
    assert_eq!(pages.concat(), [unfiltered[30_000].clone()]);
    assert!(pages.iter().filter(|page| page.is_empty()).count() > 2);
}

#[test]
fn now_and_then_an_empty_page_brings_its_own_token_back_once() {
    let logs = service();
    let mut input = json!({
        "logGroupName": "/ecs/bench-hose", "filterPattern": "nowhere",
        "startTime": START - HOUR, "endTime": START - HOUR + 250_000,
    });
    let (mut same, mut before) = (0, Value::Null);
    loop {
        let answer = ask(&logs, &FIREHOSE, START, "FilterLogEvents", &input).unwrap();
        let Some(token) = answer.get("nextToken") else { break };
        if *token == input["nextToken"] {
            assert_ne!(*token, before, "a token comes back once, not twice");
            before = token.clone();
            same += 1;
        }
        input["nextToken"] = token.clone();
    }
    assert!(same > 1);
}

#[test]
fn a_token_is_of_use_for_its_own_request_only() {
    let logs = service();
    let input = with(window(START - HOUR, START), "limit", 5);
    let page = ask(&logs, &WORLD, START, "FilterLogEvents", &input).unwrap();
    let input = with(input, "nextToken", page["nextToken"].clone());
    let asked = |input: &Value, now| {
        ask(&logs, &WORLD, now, "FilterLogEvents", input)
            .map_err(|refusal| refusal.code().to_owned())
    };
    assert!(asked(&input, START).is_ok());
    assert!(asked(&with(input.clone(), "limit", 7), START).is_ok(), "the limit may change");
    let invalid = Err("InvalidParameterException".to_owned());
    assert_eq!(asked(&with(input.clone(), "filterPattern", "x"), START), invalid);
    assert_eq!(asked(&with(input.clone(), "startTime", START - HOUR - 1), START), invalid);
    assert_eq!(asked(&with(input.clone(), "logGroupName", "/ecs/prod-mesh"), START), invalid);
    assert_eq!(asked(&with(input.clone(), "nextToken", "garbage"), START), invalid);
    assert_eq!(asked(&input, START + 25 * HOUR), invalid);
}

#[test]
fn streams_are_chosen_by_name_or_by_prefix() {
    let everything = all(&window(START - 600_000, START));
    let of_api = all(&with(window(START - 600_000, START), "logStreamNamePrefix", "ingest/api/"));
    assert!(of_api == everything, "this group has one prefix");
    let stream = everything[0]["logStreamName"].clone();
    let one = all(&with(window(START - 600_000, START), "logStreamNames", json!([stream])));
    assert_eq!(
        one.len(),
        everything.iter().filter(|event| event["logStreamName"] == stream).count()
    );
    assert!(all(&with(window(START - HOUR, START), "logStreamNamePrefix", "nobody/")).is_empty());
}

#[test]
fn invalid_requests_are_refused() {
    let group = window(START - HOUR, START);
    for (input, code) in [
        (json!({}), "InvalidParameterException"),
        (json!({ "logGroupName": "/nope" }), "ResourceNotFoundException"),
        (json!({ "logGroupName": "a b" }), "InvalidParameterException"),
        (json!({ "logGroupName": API, "logGroupIdentifier": API }), "InvalidParameterException"),
        (
            json!({ "logGroupIdentifier": "arn:aws:logs:us-east-1:000000000000:log-group:/ecs/prod-ingest:*" }),
            "InvalidParameterException",
        ),
        (
            json!({ "logGroupIdentifier": "arn:aws:logs:us-east-1:111111111111:log-group:/ecs/prod-ingest" }),
            "ResourceNotFoundException",
        ),
        (with(group.clone(), "limit", 0), "InvalidParameterException"),
        (with(group.clone(), "limit", 10_001), "InvalidParameterException"),
        (with(group.clone(), "endTime", 1), "InvalidParameterException"),
        (with(group.clone(), "filterPattern", "%(regex)%"), "InvalidParameterException"),
        (with(group.clone(), "filterPattern", "x".repeat(1025)), "InvalidParameterException"),
        (with(group.clone(), "logStreamNames", json!([])), "InvalidParameterException"),
        (with(group.clone(), "logStreamNames", vec!["s"; 101]), "InvalidParameterException"),
        (with(group.clone(), "logStreamNames", json!(["nobody"])), "ResourceNotFoundException"),
        (
            with(with(group.clone(), "logStreamNames", json!(["s"])), "logStreamNamePrefix", "s"),
            "InvalidParameterException",
        ),
        (with(group, "logGroupName", "/archive/audit"), "InvalidOperationException"),
        (json!({ "logGroupName": 5 }), "SerializationException"),
    ] {
        assert_eq!(refused("FilterLogEvents", &input), code, "{input}");
    }
    assert_eq!(refused("PutLogEvents", &json!({})), "UnknownOperationException");
}

#[test]
fn another_region_is_empty() {
    let logs = service();
    let groups =
        logs.answer(WORLD.in_region("eu-west-1"), START, "DescribeLogGroups", b"{}").unwrap();
    assert_eq!(groups, br#"{"logGroups":[]}"#);
    let read = logs.answer(
        WORLD.in_region("eu-west-1"),
        START,
        "FilterLogEvents",
        window(0, START).to_string().as_bytes(),
    );
    assert_eq!(read.unwrap_err().code(), "ResourceNotFoundException");
}

/// One name in two regions, and a container that writes to a third.
const SCATTERED: &str = r#"
    name = "scattered"
    summary = "Groups in three regions."
    seed = 5
    [[log_groups]]
    name = "/x"
    streams = { name = "s-${id}", rotate = "1h" }
    templates = [{ every = "1s", message = "${region}" }]
    [[log_groups]]
    name = "/x"
    region = "eu-west-1"
    streams = { name = "s-${id}", rotate = "1h" }
    templates = [{ every = "2s", message = "${region}" }]
    [[log_groups]]
    name = "/far"
    region = "ap-south-1"
    [[clusters]]
    name = "prod"
    hosts = 1
    [[services]]
    name = "api"
    cluster = "prod"
    desired = 1
    [[services.containers]]
    name = "app"
    image = "app:1"
    log = { driver = "awslogs", group = "/far", stream_prefix = "api" }
    templates = [{ every = "5s", message = "${region}" }]
"#;

#[test]
fn a_region_has_the_groups_that_say_so() {
    let world = World::new(Scenario::parse("scattered.toml", SCATTERED).unwrap(), START);
    let logs = service();
    let ask = |region: &str, operation: &str, input: Value| {
        let here = world.in_region(region);
        let body = logs.answer(here, START, operation, input.to_string().as_bytes());
        body.map(|body| serde_json::from_slice::<Value>(&body).unwrap())
            .map_err(|refusal| refusal.code().to_owned())
    };
    for (region, group, events, said) in [
        ("us-east-1", "/x", 60, "us-east-1"),
        ("eu-west-1", "/x", 30, "eu-west-1"),
        // The container is where its cluster is.
        ("ap-south-1", "/far", 12, "us-east-1"),
    ] {
        let arn = format!("arn:aws:logs:{region}:000000000000:log-group:{group}");
        for operation in ["DescribeLogGroups", "ListLogGroups"] {
            let listed = ask(region, operation, json!({})).unwrap();
            let groups = listed["logGroups"].as_array().unwrap();
            assert_eq!(groups.len(), 1, "{region}");
            assert_eq!(groups[0]["logGroupArn"], json!(arn));
        }
        let minute = json!({ "startTime": START - 120_000, "endTime": START - 60_001 });
        for (key, value) in [("logGroupName", group), ("logGroupIdentifier", &arn)] {
            let input = with(minute.clone(), key, value);
            let read = ask(region, "FilterLogEvents", input.clone()).unwrap();
            let read = read["events"].as_array().unwrap();
            assert_eq!(read.len(), events, "{region}");
            assert!(read.iter().all(|event| event["message"] == said));
            let elsewhere = ask("ca-central-1", "FilterLogEvents", input);
            assert_eq!(elsewhere.unwrap_err(), "ResourceNotFoundException");
        }
        let written: Vec<_> =
            world.ledger(&[group], START - 120_000, START - 60_001).unwrap().collect();
        assert_eq!(written.iter().filter(|event| event.region == region).count(), events);
    }
    let streams = |region: &str| {
        ask(region, "DescribeLogStreams", json!({ "logGroupName": "/x" })).unwrap()["logStreams"][0]
            ["logStreamName"]
            .clone()
    };
    assert_ne!(streams("us-east-1"), streams("eu-west-1"));
    assert_eq!(
        ask("ca-central-1", "DescribeLogGroups", json!({})).unwrap()["logGroups"],
        json!([])
    );
}

#[test]
fn a_definition_says_which_region_its_logs_go_to() {
    let world = World::new(Scenario::parse("scattered.toml", SCATTERED).unwrap(), START);
    let input = br#"{"taskDefinition":"prod-api:1"}"#;
    let body = crate::protocols::ecs::answer(Some(&world), START, "DescribeTaskDefinition", input);
    let shown: Value = serde_json::from_slice(&body.unwrap()).unwrap();
    let options =
        &shown["taskDefinition"]["containerDefinitions"][0]["logConfiguration"]["options"];
    assert_eq!(options["awslogs-region"], "ap-south-1");
}

#[test]
fn a_name_is_there_once_in_a_region() {
    let twice = SCATTERED.replace("region = \"eu-west-1\"", "region = \"us-east-1\"");
    let error = Scenario::parse("scattered.toml", &twice).unwrap_err();
    assert_eq!(error.to_string(), "scattered.toml:10:12: the log group \"/x\" is there twice");
    let odd = SCATTERED.replace("\"eu-west-1\"", "\"EU (Ireland)\"");
    let error = Scenario::parse("scattered.toml", &odd).unwrap_err();
    assert_eq!(error.to_string(), "scattered.toml:11:14: a region is written like \"eu-west-1\"");
}

#[test]
fn groups_are_found_by_prefix_by_substring_and_by_page() {
    let logs = service();
    let names = |operation: &str, input: Value| -> Vec<String> {
        let answer = ask(&logs, &WORLD, START, operation, &input).unwrap();
        answer["logGroups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| group["logGroupName"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(names("DescribeLogGroups", json!({ "logGroupNamePrefix": "/ecs/prod-" })).len() >= 4);
    assert_eq!(
        names("DescribeLogGroups", json!({ "logGroupNamePattern": "ledger" })),
        ["/ecs/prod-ledger"]
    );
    assert!(names("DescribeLogGroups", json!({ "logGroupNamePattern": "LEDGER" })).is_empty());
    assert_eq!(names("ListLogGroups", json!({ "logGroupNamePattern": "^billing" })), ["billing"]);
    assert_eq!(
        refused(
            "DescribeLogGroups",
            &json!({ "logGroupNamePattern": "a", "logGroupNamePrefix": "a" })
        ),
        "InvalidParameterException",
    );
    assert_eq!(refused("DescribeLogGroups", &json!({ "limit": 51 })), "InvalidParameterException");

    let everything = names("DescribeLogGroups", json!({}));
    let (mut paged, mut input) = (Vec::new(), json!({ "limit": 4 }));
    loop {
        let answer = ask(&logs, &WORLD, START, "DescribeLogGroups", &input).unwrap();
        paged.extend(
            answer["logGroups"]
                .as_array()
                .unwrap()
                .iter()
                .map(|group| group["logGroupName"].clone()),
        );
        let Some(token) = answer.get("nextToken") else { break };
        input["nextToken"] = token.clone();
    }
    assert_eq!(json!(paged), json!(everything));
}

#[test]
fn a_class_is_shown_filtered_by_and_says_what_it_lacks() {
    let mut text = "name = \"classes\"\nsummary = \"One group a class.\"\nseed = 5\n".to_owned();
    for class in ["STANDARD", "INFREQUENT_ACCESS", "ESSENTIALS", "DELIVERY"] {
        text += &format!(
            "[[log_groups]]\nname = \"/{class}\"\nclass = \"{class}\"\n\
             streams = {{ name = \"s\", rotate = \"1h\" }}\n\
             templates = [{{ every = \"1s\", message = \"${{time}}\" }}]\n"
        );
    }
    let world = World::new(Scenario::parse("classes.toml", &text).unwrap(), START);
    let logs = service();
    let names = |operation: &str, class: &str| -> Vec<String> {
        let answer =
            ask(&logs, &world, START, operation, &json!({ "logGroupClass": class })).unwrap();
        let groups = answer["logGroups"].as_array().unwrap();
        groups
            .iter()
            .map(|group| {
                let name = group["logGroupName"].as_str().unwrap().trim_start_matches('/');
                assert_eq!(group["logGroupClass"], name);
                name.to_owned()
            })
            .collect()
    };
    for class in ["INFREQUENT_ACCESS", "ESSENTIALS"] {
        assert_eq!(names("DescribeLogGroups", class), ["ESSENTIALS", "INFREQUENT_ACCESS"]);
        assert_eq!(names("ListLogGroups", class), [class]);
    }
    for class in ["STANDARD", "DELIVERY"] {
        assert_eq!(names("DescribeLogGroups", class), [class]);
        assert_eq!(names("ListLogGroups", class), [class]);
    }
    assert_eq!(
        refused("DescribeLogGroups", &json!({ "logGroupClass": "GOLD" })),
        "InvalidParameterException"
    );
    for class in ["INFREQUENT_ACCESS", "ESSENTIALS", "DELIVERY"] {
        let group = format!("/{class}");
        let stream = json!({ "logGroupName": group, "logStreamName": "s" });
        for (operation, input) in
            [("FilterLogEvents", json!({ "logGroupName": group })), ("GetLogEvents", stream)]
        {
            let refusal = ask(&logs, &world, START, operation, &input).unwrap_err();
            let said = format!("{refusal:?}");
            let words = format!(
                "{group} is of log-group-class {class}. {operation} is not supported for this log class."
            );
            assert!(said.contains("InvalidOperationException") && said.contains(&words), "{said}");
        }
    }
}

#[test]
fn streams_are_listed_by_name_and_by_time() {
    let logs = service();
    let list = |mut input: Value| -> Vec<Value> {
        let mut found = Vec::new();
        input["logGroupName"] = json!("/ecs/platform/dns");
        loop {
            let answer = ask(&logs, &WORLD, START, "DescribeLogStreams", &input).unwrap();
            found.extend(answer["logStreams"].as_array().unwrap().iter().cloned());
            let Some(token) = answer.get("nextToken") else { return found };
            input["nextToken"] = token.clone();
        }
    };
    let names = |streams: &[Value]| -> Vec<String> {
        streams.iter().map(|stream| stream["logStreamName"].as_str().unwrap().to_owned()).collect()
    };
    let by_name = names(&list(json!({})));
    assert!(by_name.is_sorted() && by_name.len() > 124);
    let mut reversed = names(&list(json!({ "descending": true })));
    reversed.reverse();
    assert_eq!(by_name, reversed);
    let by_time = list(json!({ "orderBy": "LastEventTime", "descending": true }));
    assert_eq!(names(&by_time).into_iter().collect::<HashSet<_>>(), by_name.into_iter().collect());
    let last: Vec<i64> =
        by_time.iter().map(|stream| stream["lastEventTimestamp"].as_i64().unwrap_or(0)).collect();
    assert!(last.iter().rev().is_sorted());
    assert!(
        list(json!({ "logStreamNamePrefix": "edge/" })).iter().all(|stream| {
            stream["logStreamName"].as_str().unwrap().starts_with("edge/coredns/")
        })
    );
    let both =
        json!({ "logGroupName": API, "orderBy": "LastEventTime", "logStreamNamePrefix": "x" });
    assert_eq!(refused("DescribeLogStreams", &both), "InvalidParameterException");
}

/// One stream, read by GetLogEvents until its token comes back unchanged.
fn stream_pages(input: &Value, mark: &str) -> Vec<Vec<Value>> {
    let logs = service();
    let mut input = input.clone();
    let mut pages = Vec::new();
    loop {
        let answer = ask(&logs, &WORLD, START, "GetLogEvents", &input).unwrap();
        assert!(answer["nextForwardToken"].as_str().unwrap().starts_with("f/"));
        assert!(answer["nextBackwardToken"].as_str().unwrap().starts_with("b/"));
        pages.push(answer["events"].as_array().unwrap().clone());
        if answer[mark] == input["nextToken"] {
            assert!(pages.pop().unwrap().is_empty());
            return pages;
        }
        input["nextToken"] = answer[mark].clone();
    }
}

fn busy_stream() -> String {
    all(&window(START - HOUR, START - 1))[3]["logStreamName"].as_str().unwrap().to_owned()
}

fn bare(events: Vec<Value>) -> Vec<Value> {
    let keep =
        |event: &Value| json!([event["timestamp"], event["ingestionTime"], event["message"]]);
    events.iter().map(keep).collect()
}

#[test]
fn both_ways_of_reading_a_stream_agree() {
    let stream = busy_stream();
    let filtered = all(&with(window(START - HOUR, START - 1), "logStreamNames", json!([stream])));
    let input = json!({ "logGroupName": API, "logStreamName": stream, "startTime": START - HOUR, "endTime": START, "limit": 37 });
    let forward =
        stream_pages(&with(input.clone(), "startFromHead", true), "nextForwardToken").concat();
    let mut backward = stream_pages(&input, "nextBackwardToken");
    backward.reverse();
    assert!(filtered.len() > 200);
    assert!(bare(filtered.clone()) == bare(forward));
    assert!(bare(filtered) == bare(backward.concat()));
}

#[test]
fn the_end_of_a_stream_read_is_excluded() {
    let stream = busy_stream();
    let filtered = all(&with(window(START - HOUR, START), "logStreamNames", json!([stream])));
    let moment = filtered[20]["timestamp"].as_i64().unwrap();
    let read = |from: i64, to: i64| {
        let input = json!({ "logGroupName": API, "logStreamName": stream, "startTime": from, "endTime": to });
        ask(&service(), &WORLD, START, "GetLogEvents", &input).unwrap()["events"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(read(moment, moment), 0);
    assert_eq!(read(moment, moment + 1), 1);
    let other = all(&window(START - HOUR, START));
    let other = other.iter().find(|event| event["logStreamName"] != json!(stream)).unwrap();
    let token = format!("f/{}/s", other["eventId"].as_str().unwrap());
    let astray = json!({ "logGroupName": API, "logStreamName": stream, "nextToken": token });
    assert_eq!(refused("GetLogEvents", &astray), "InvalidParameterException");
    let lost = json!({ "logGroupName": API, "logStreamName": stream, "nextToken": "f/nonsense" });
    assert_eq!(refused("GetLogEvents", &lost), "InvalidParameterException");
    assert_eq!(
        refused("GetLogEvents", &json!({ "logGroupName": API, "logStreamName": "nobody" })),
        "ResourceNotFoundException"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_page_size_gives_the_same_events(
        from in 0..HOUR,
        length in 0..HOUR / 12,
        limit in 1..200_i64,
        (scan_limit, page_limit) in (50..10_000_usize, 50..10_000_usize),
        newest_first: bool,
        pattern in prop::sample::select(vec!["", "timeout", "-completed", "%timeouts?%"]),
    ) {
        let from = START - HOUR + from;
        let input = with(window(from, from + length), "filterPattern", pattern);
        let whole = all(&input);
        let logs = CloudWatchLogs::new(&Faults {
            scan_limit: std::num::NonZeroUsize::new(scan_limit),
            page_limit: std::num::NonZeroUsize::new(page_limit),
            ..Faults::default()
        });
        let input = with(with(input, "limit", limit), "startFromHead", !newest_first);
        let mut paged = pages_of(&logs, &WORLD, START, &input).concat();
        if newest_first {
            paged.reverse();
        }
        prop_assert!(whole == paged);
    }
}

fn written(world: &World, groups: &[&str], from: i64, to: i64) -> Vec<Value> {
    let ledger = world.ledger(groups, from, to).unwrap();
    ledger.map(|event| json!([event.id, event.stream, event.time_ms, event.message])).collect()
}

#[test]
fn the_ledger_is_what_a_reader_sees_in_the_end() {
    let (from, to) = (START - 600_000, START + 60_000);
    let read: Vec<Value> = pages(&WORLD, to + HOUR, &window(from, to))
        .concat()
        .iter()
        .map(|event| {
            json!([event["eventId"], event["logStreamName"], event["timestamp"], event["message"]])
        })
        .collect();
    assert!(read.len() > 1_000);
    assert!(read == written(&WORLD, &[API], from, to));
    let both = written(&WORLD, &[API, "/ecs/platform/dns"], from, to).len();
    let dns = written(&WORLD, &["/ecs/platform/dns"], from, to).len();
    assert_eq!(both, read.len() + dns);
    assert!(written(&WORLD, &[], from, to).len() > both);
    assert!(WORLD.ledger(&["/nope"], from, to).is_none());
}

#[test]
fn a_line_of_the_ledger_is_one_object_with_its_time_first() {
    let event = WORLD.ledger(&[API], START, START + 60_000).unwrap().next().unwrap();
    let line = serde_json::to_string(&event).unwrap();
    assert!(line.starts_with("{\"time\":\"2026-11-22T20:40:0"), "{line}");
    let read: Value = serde_json::from_str(&line).unwrap();
    let keys: Vec<&str> = read.as_object().unwrap().keys().map(String::as_str).collect();
    for key in ["time", "ingestion_time", "group", "stream", "id", "message"] {
        assert!(keys.contains(&key), "{line}");
    }
    assert_eq!(read["group"], API);
}

#[test]
fn the_writers_stop_when_they_are_told_to() {
    let world = World::new(Scenario::builtin("incident-8").unwrap(), START)
        .stopping_after(std::time::Duration::from_secs(120));
    let stop = START + 120_000;
    let read = pages(&world, stop + HOUR, &window(stop - 60_000, stop + HOUR)).concat();
    let last = read.iter().filter_map(|event| event["timestamp"].as_i64()).max().unwrap();
    assert!(last <= stop && last > stop - 2_000, "{last}");
    assert_eq!(read.len(), written(&world, &[API], stop - 60_000, i64::MAX).len());
    let before = window(stop - 60_000, stop);
    assert!(read == pages(&WORLD, stop + HOUR, &before).concat());
}

/// What was rendered ahead of three hours is asked for what is older, too: it joins the two.
static AHEAD: LazyLock<CloudWatchLogs> = LazyLock::new(|| {
    let length = std::time::Duration::from_secs(3 * 3_600);
    service().rendered_ahead(&WORLD, START, length)
});

/// The same requests to both, page by page to the end: the answers have to be the same to the byte.
fn same_answers(operation: &str, input: &Value, mark: &str) -> Result<usize, TestCaseError> {
    let on_demand = service();
    let mut input = input.clone();
    let (mut pages, mut events) = (0, 0);
    loop {
        let body = input.to_string();
        let asked = |logs: &CloudWatchLogs| {
            logs.answer(WORLD.in_region(REGION), START, operation, body.as_bytes())
        };
        let (fresh, kept) = (asked(&on_demand), asked(&AHEAD));
        prop_assert!(fresh == kept, "{operation} {body}");
        let answer: Value = serde_json::from_slice(&fresh.unwrap()).unwrap();
        events += answer["events"].as_array().unwrap().len();
        pages += 1;
        match answer.get(mark) {
            Some(token) if *token != input["nextToken"] && pages < 40 => {
                input["nextToken"] = token.clone();
            }
            _ => return Ok(events),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_was_rendered_ahead_is_read_as_on_demand(
        group in prop::sample::select(vec![API, "/ecs/platform/dns", "/aws/lambda/invoice-mailer"]),
        from in -8 * HOUR..HOUR / 60,
        length in 0..HOUR / 6,
        limit in prop_oneof![1..50_i64, 1..=10_000_i64],
        newest_first: bool,
        pattern in prop::sample::select(vec!["", "timeout", "-completed", "{ $.level = 50 }", "\"\\\"\"", "nowhere"]),
        streams in prop::sample::select(vec!["all", "prefix", "one", "some"]),
        seed: prop::sample::Index,
    ) {
        let mut input = json!({
            "logGroupName": group, "startTime": START + from, "endTime": START + from + length,
            "limit": limit, "startFromHead": !newest_first, "filterPattern": pattern,
        });
        let index = WORLD.in_region(REGION).log_group(group, START).unwrap();
        let names: Vec<&str> = WORLD
            .log_streams(index, START)
            .map(|stream| WORLD.streams[stream as usize].name.as_str())
            .collect();
        let name = names[seed.index(names.len())];
        match streams {
            "prefix" => input["logStreamNamePrefix"] = json!(name[..name.len() - 30]),
            "one" => input["logStreamNames"] = json!([name]),
            "some" => {
                input["logStreamNames"] = names.iter().copied().step_by(3).take(100).collect();
            }
            _ => {}
        }
        same_answers("FilterLogEvents", &input, "nextToken")?;
        let stream = json!({
            "logGroupName": group, "logStreamName": name, "startTime": START + from,
            "endTime": START + from + length, "limit": limit, "startFromHead": !newest_first,
        });
        same_answers("GetLogEvents", &stream, "nextForwardToken")?;
        same_answers("GetLogEvents", &stream, "nextBackwardToken")?;
    }
}

#[test]
fn what_was_rendered_ahead_is_joined_to_what_is_older() {
    let edge = START - 3 * HOUR;
    for newest_first in [false, true] {
        let input = with(window(edge - 60_000, edge + 60_000), "startFromHead", !newest_first);
        let events = same_answers("FilterLogEvents", &with(input, "limit", 70), "nextToken");
        assert!(events.unwrap() > 300);
    }
    let open = with(json!({ "logGroupName": API, "startTime": NEW_YEAR }), "startFromHead", false);
    assert!(same_answers("FilterLogEvents", &open, "nextToken").unwrap() > 10_000);
}

#[test]
fn what_was_rendered_ahead_has_the_edges_of_a_window_and_of_itself() {
    let moments: Vec<i64> = all(&window(START - HOUR / 30, START))
        .iter()
        .map(|event| event["timestamp"].as_i64().unwrap())
        .collect();
    let (from, to) = (moments[5], moments[40]);
    // It begins at the very moment of an event, or right after it.
    for since in [moments[20], moments[20] + 1] {
        let length = std::time::Duration::from_millis((START - since).unsigned_abs());
        let logs = service().rendered_ahead(&WORLD, START, length);
        for newest_first in [false, true] {
            let whole = with(window(from, to), "startFromHead", !newest_first);
            let kept_only = with(whole.clone(), "startTime", since);
            for input in [whole, kept_only] {
                let paged = with(input.clone(), "limit", 3);
                let read = pages_of(&logs, &WORLD, START, &paged).concat();
                assert!(read == all(&input), "{input}");
            }
        }
    }
}

#[test]
fn what_was_rendered_ahead_is_for_its_moment_only() {
    let input = window(START - 60_000, START).to_string();
    let asked = |logs: &CloudWatchLogs, now| {
        logs.answer(WORLD.in_region(REGION), now, "FilterLogEvents", input.as_bytes()).unwrap()
    };
    let later = START + 5_000;
    assert!(asked(&AHEAD, later) == asked(&service(), later));
    assert!(asked(&AHEAD, later) != asked(&AHEAD, START));
}
