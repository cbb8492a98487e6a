//! Sessions on a clock that the test turns: tokio's, paused.

use std::collections::HashSet;
use std::future::poll_fn;

use serde_json::Value;
use tokio::time::advance;

use super::*;
use crate::Scenario;
use crate::body::Severed;
use crate::protocols::event_stream::tests::read;

const START: i64 = 1_795_380_000_000;
const API: &str = "arn:aws:logs:us-east-1:000000000000:log-group:/ecs/prod-ingest";
const DNS: &str = "arn:aws:logs:us-east-1:000000000000:log-group:/ecs/platform/dns";
const HOSE: &str = "arn:aws:logs:us-east-1:000000000000:log-group:/ecs/bench-hose";

fn world(name: &str) -> Arc<World> {
    let scenario = match name {
        "firehose" => {
            let text = include_str!("../../../../../../benches/scenarios/firehose.toml");
            Scenario::parse("firehose.toml", text).unwrap()
        }
        name => Scenario::builtin(name).unwrap(),
    };
    Arc::new(World::new(scenario, START))
}

/// A clock that runs with tokio's.
fn running() -> Now {
    let began = Instant::now();
    Arc::new(move || START + began.elapsed().as_millis() as i64)
}

/// What a session says next: the kind of message and its payload.
async fn next(body: &mut LiveBody) -> Option<Result<Vec<(String, Value)>, Severed>> {
    let bytes = match poll_fn(|context| body.poll(context)).await? {
        Ok(bytes) => bytes,
        Err(severed) => return Some(Err(severed)),
    };
    let (mut said, mut rest) = (Vec::new(), bytes.as_ref());
    while !rest.is_empty() {
        let (headers, payload, after) = read(rest);
        said.push((headers[0].1.clone(), serde_json::from_slice(&payload).unwrap()));
        rest = after;
    }
    Some(Ok(said))
}

async fn update(body: &mut LiveBody) -> Value {
    let (kind, payload) = next(body).await.unwrap().unwrap().pop().unwrap();
    assert_eq!(kind, "sessionUpdate");
    payload
}

fn begin(live: &LiveTail, world: &Arc<World>, now: &Now, input: &Value) -> LiveBody {
    live.start((world, "us-east-1"), now, input.to_string().as_bytes()).unwrap()
}

fn shown(event: &Value) -> String {
    format!(
        "{} {} {} {} {}",
        event["logGroupIdentifier"],
        event["logStreamName"],
        event["timestamp"],
        event["ingestionTime"],
        event["message"]
    )
}

/// What was ingested after `since` and until `now`, as the ledger has it.
fn ingested(world: &World, groups: &[&str], since: i64, now: i64) -> Vec<String> {
    let names: Vec<&str> = groups
        .iter()
        .filter_map(|arn| arn.split_once("log-group:"))
        .map(|(_, name)| name)
        .collect();
    let events = world.ledger(&names, since - 60_000, now).unwrap();
    let mut shown: Vec<String> = events
        .filter(|event| event.ingestion_ms > since && event.ingestion_ms <= now)
        .map(|event| {
            let arn = format!("arn:aws:logs:us-east-1:000000000000:log-group:{}", event.group);
            self::shown(&json!({
                "logGroupIdentifier": arn, "logStreamName": event.stream, "timestamp": event.time_ms,
                "ingestionTime": event.ingestion_ms, "message": event.message,
            }))
        })
        .collect();
    shown.sort();
    shown
}

#[tokio::test(start_paused = true)]
async fn every_second_shows_what_came_in_since_the_last() {
    let world = world("incident-8");
    let now = running();
    let input = json!({ "logGroupIdentifiers": [API, DNS] });
    let mut body = begin(&LiveTail::new(&Faults::default()), &world, &now, &input);
    let opening = next(&mut body).await.unwrap().unwrap();
    assert_eq!(opening[0], ("initial-response".to_owned(), json!({})));
    assert_eq!(opening[1].0, "sessionStart");
    assert_eq!(opening[1].1["logGroupIdentifiers"], input["logGroupIdentifiers"]);
    assert_eq!(opening[1].1["sessionId"].as_str().unwrap().len(), 36);
    let mut seen = 0;
    for second in 0..90 {
        let update = update(&mut body).await;
        assert_eq!(update["sessionMetadata"]["sampled"], false);
        let mut events: Vec<String> =
            update["sessionResults"].as_array().unwrap().iter().map(shown).collect();
        events.sort();
        let since = START + second * 1_000;
        assert_eq!(events, ingested(&world, &[API, DNS], since, since + 1_000));
        seen += events.len();
    }
    assert!(seen > 500, "{seen}");
}

#[tokio::test(start_paused = true)]
async fn a_stopped_clock_still_has_a_heartbeat() {
    let input = json!({ "logGroupIdentifiers": [API] });
    let now: Now = Arc::new(|| START);
    let mut body = begin(&LiveTail::new(&Faults::default()), &world("incident-8"), &now, &input);
    next(&mut body).await.unwrap().unwrap();
    for _ in 0..5 {
        assert_eq!(update(&mut body).await["sessionResults"], json!([]));
    }
}

#[tokio::test(start_paused = true)]
async fn streams_and_pattern_choose() {
    let world = world("firehose");
    let now = running();
    let name = world.streams[world.log_streams(0, START).next().unwrap() as usize].name.clone();
    for input in [
        json!({ "logGroupIdentifiers": [HOSE], "logStreamNames": [name, "not-yet"] }),
        json!({ "logGroupIdentifiers": [HOSE], "logStreamNamePrefixes": [name] }),
    ] {
        let mut body = begin(&LiveTail::new(&Faults::default()), &world, &now, &input);
        next(&mut body).await.unwrap().unwrap();
        let update = update(&mut body).await;
        let events = update["sessionResults"].as_array().unwrap();
        assert!(events.len() > 40 && events.iter().all(|event| event["logStreamName"] == name));
    }
    let input =
        json!({ "logGroupIdentifiers": [HOSE], "logEventFilterPattern": "{ $.status = 503 }" });
    let mut body = begin(&LiveTail::new(&Faults::default()), &world, &now, &input);
    next(&mut body).await.unwrap().unwrap();
    let mut found = 0;
    for _ in 0..20 {
        let update = update(&mut body).await;
        let events = update["sessionResults"].as_array().unwrap();
        assert!(events.iter().all(|event| event["message"].as_str().unwrap().contains("503")));
        found += events.len();
    }
    assert!(found > 10);
}

#[tokio::test(start_paused = true)]
async fn more_than_500_events_are_sampled() {
    let world = world("firehose");
    let input = json!({ "logGroupIdentifiers": [HOSE] });
    let mut body = begin(&LiveTail::new(&Faults::default()), &world, &running(), &input);
    next(&mut body).await.unwrap().unwrap();
    for second in 0..10 {
        let update = update(&mut body).await;
        let events = update["sessionResults"].as_array().unwrap();
        let since = START + second * 1_000;
        let all = ingested(&world, &[HOSE], since, since + 1_000);
        assert_eq!(update["sessionMetadata"]["sampled"], all.len() > 500);
        assert_eq!(events.len(), all.len().min(500));
        let distinct: HashSet<String> = events.iter().map(shown).collect();
        assert!(
            distinct.len() == events.len()
                && distinct.iter().all(|event| all.binary_search(event).is_ok())
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_loses_the_oldest_updates() {
    let world = world("incident-8");
    let input = json!({ "logGroupIdentifiers": [API] });
    let mut body = begin(&LiveTail::new(&Faults::default()), &world, &running(), &input);
    next(&mut body).await.unwrap().unwrap();
    for _ in 0..30 {
        advance(SECOND).await;
        tokio::task::yield_now().await;
    }
    for second in 20..31 {
        let update = update(&mut body).await;
        let since = START + second * 1_000;
        let events = update["sessionResults"].as_array().unwrap().len();
        assert_eq!(events, ingested(&world, &[API], since, since + 1_000).len());
    }
}

#[tokio::test(start_paused = true)]
async fn sessions_are_limited_and_given_back() {
    let world = world("incident-8");
    let now = running();
    let live = LiveTail::new(&Faults { live_sessions: Some(2), ..Faults::default() });
    let input = json!({ "logGroupIdentifiers": [API] });
    let one = begin(&live, &world, &now, &input);
    let _two = begin(&live, &world, &now, &input);
    let third = || live.start((&world, "us-east-1"), &now, input.to_string().as_bytes());
    assert_eq!(third().unwrap_err().code(), "LimitExceededException");
    drop(one);
    assert!(third().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_with_its_time() {
    let input = json!({ "logGroupIdentifiers": [API] });
    let live = LiveTail::new(&Faults {
        live_sessions: Some(1),
        live_limit: Some(Duration::from_millis(3_500)),
        ..Faults::default()
    });
    let (world, now) = (world("incident-8"), running());
    let mut body = begin(&live, &world, &now, &input);
    next(&mut body).await.unwrap().unwrap();
    for _ in 0..3 {
        update(&mut body).await;
    }
    let last = next(&mut body).await.unwrap().unwrap();
    assert_eq!(last[0].0, "SessionTimeoutException");
    assert!(next(&mut body).await.is_none());
    // Its place is free, though the body is still there.
    begin(&live, &world, &now, &input);
}

#[tokio::test(start_paused = true)]
async fn a_connection_can_be_dropped_after_some_updates() {
    let input = json!({ "logGroupIdentifiers": [API] });
    let live =
        LiveTail::new(&Faults { faults: vec!["drop:3".parse().unwrap()], ..Faults::default() });
    let mut body = begin(&live, &world("incident-8"), &running(), &input);
    next(&mut body).await.unwrap().unwrap();
    for _ in 0..3 {
        update(&mut body).await;
    }
    assert_eq!(next(&mut body).await, Some(Err(Severed::Closed)));
}

#[tokio::test(start_paused = true)]
async fn requests_are_checked_as_the_api_does() {
    let scenario = r#"
        name = "classes"
        summary = "Two."
        seed = 1
        [[log_groups]]
        name = "/standard"
        [[log_groups]]
        name = "/rare"
        class = "INFREQUENT_ACCESS"
    "#;
    let world = Arc::new(World::new(Scenario::parse("classes.toml", scenario).unwrap(), START));
    let arn = |name: &str| format!("arn:aws:logs:us-east-1:000000000000:log-group:{name}");
    let one = arn("/standard");
    let many: Vec<String> = (0..101).map(|number| format!("s{number}")).collect();
    let now = running();
    let ask = |region: &str, input: Value| {
        let live = LiveTail::new(&Faults::default());
        live.start((&world, region), &now, input.to_string().as_bytes())
            .map_err(|refusal| refusal.code().to_owned())
    };
    assert!(ask("us-east-1", json!({ "logGroupIdentifiers": [one] })).is_ok());
    let invalid = "InvalidParameterException";
    for (input, code) in [
        (json!({}), invalid),
        (json!({ "logGroupIdentifiers": [] }), invalid),
        (json!({ "logGroupIdentifiers": vec![one.clone(); 11] }), invalid),
        (json!({ "logGroupIdentifiers": ["/standard"] }), invalid),
        (json!({ "logGroupIdentifiers": [format!("{one}:*")] }), invalid),
        (json!({ "logGroupIdentifiers": [one, arn("/rare")], "logStreamNames": ["s"] }), invalid),
        (json!({ "logGroupIdentifiers": [one], "logStreamNames": [] }), invalid),
        (json!({ "logGroupIdentifiers": [one], "logStreamNames": many }), invalid),
        (json!({ "logGroupIdentifiers": [one], "logStreamNamePrefixes": many }), invalid),
        (
            json!({ "logGroupIdentifiers": [one], "logStreamNames": ["s"], "logStreamNamePrefixes": ["s"] }),
            invalid,
        ),
        (
            json!({ "logGroupIdentifiers": [one], "logEventFilterPattern": "x".repeat(1025) }),
            invalid,
        ),
        (json!({ "logGroupIdentifiers": [one], "logEventFilterPattern": "{ $.x" }), invalid),
        (json!({ "logGroupIdentifiers": [arn("/nope")] }), "ResourceNotFoundException"),
        (json!({ "logGroupIdentifiers": [one, arn("/rare")] }), "InvalidOperationException"),
    ] {
        assert_eq!(ask("us-east-1", input.clone()).unwrap_err(), code, "{input}");
    }
    let elsewhere = ask("eu-west-1", json!({ "logGroupIdentifiers": [one] }));
    assert_eq!(elsewhere.unwrap_err(), "ResourceNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn a_stalled_session_never_says_another_word_and_never_ends() {
    let input = json!({ "logGroupIdentifiers": [API] });
    let faults = Faults {
        faults: vec!["stall:2".parse().unwrap()],
        live_limit: Some(Duration::from_secs(3)),
        ..Faults::default()
    };
    let mut body = begin(&LiveTail::new(&faults), &world("incident-8"), &running(), &input);
    next(&mut body).await.unwrap().unwrap();
    update(&mut body).await;
    update(&mut body).await;
    assert!(tokio::time::timeout(Duration::from_secs(7_200), next(&mut body)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn updates_can_be_lost_without_a_word() {
    let input = json!({ "logGroupIdentifiers": [API] });
    let faults = Faults { faults: vec!["lose:3".parse().unwrap()], ..Faults::default() };
    let world = world("incident-8");
    let mut body = begin(&LiveTail::new(&faults), &world, &running(), &input);
    next(&mut body).await.unwrap().unwrap();
    for second in [0, 1, 3, 4, 6, 7] {
        let update = update(&mut body).await;
        let since = START + second * 1_000;
        let events = update["sessionResults"].as_array().unwrap().len();
        assert_eq!(events, ingested(&world, &[API], since, since + 1_000).len());
        assert_eq!(update["sessionMetadata"]["sampled"], false);
    }
}
