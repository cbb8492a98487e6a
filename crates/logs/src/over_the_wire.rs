//! The whole reading over the wire: whatever the density, the sizes of pages and what befalls the calls,
//! what is printed is what was written, once each, in order.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use record::Time;
use simulator::{Faults, Scenario, Server, World};

use crate::event::LogRecord;
use crate::place::{Group, Place, Streams};
use crate::select::{GrepPattern, Selection};
use crate::stream::{LogStream, Query};

const NOW: i64 = 1_795_380_000_000;

/// A world of two groups whose streams are renewed, one of them rarely spoken in.
fn world(every_ms: u64, seed: u64) -> World {
    let text = format!(
        "name = \"wire\"\nsummary = \"Two groups.\"\nseed = {seed}\n\
         [[log_groups]]\nname = \"/busy\"\nlag = [\"1s\", \"9s\"]\n\
         streams = {{ name = \"s\", rotate = \"40m\" }}\n\
         templates = [{{ every = \"{every_ms}ms\", message = \"busy ${{time}}\" }}, \
         {{ every = \"97s\", message = \"needle ${{time}}\" }}]\n\
         [[log_groups]]\nname = \"/quiet\"\nlag = [\"0s\", \"1ms\"]\n\
         streams = {{ name = \"q\", rotate = \"14d\" }}\n\
         templates = [{{ every = \"13s\", message = \"quiet ${{time}}\" }}]\n"
    );
    World::new(Scenario::parse("wire.toml", &text).unwrap(), NOW)
}

fn doors(server: &Server) -> aws::Doors {
    let options = aws::Options {
        profile: None,
        regions: Vec::new(),
        usual_profile: None,
        usual_region: None,
        budget: aws::Budget::Unlimited,
        timeout: Duration::from_secs(5),
        environment: aws::Environment::new(|_| None),
        mfa: aws::MfaPrompt::new(|serial| Err(aws::NoCode { serial: serial.to_owned() })),
        random: || 0.01,
        version: "0",
    };
    let url = format!("http://{}", server.address());
    let regions = vec![server.world().scenario().region().to_owned()];
    let door = aws::Door::to_drill(&url, regions, &options);
    aws::Doors::new(vec![aws::Opened { profile: None, door }], Vec::new()).unwrap()
}

fn place(region: &str, name: &str, streams: Streams) -> Place {
    let group =
        Group { profile: None, account: None, region: region.into(), name: name.into(), arn: None };
    Place { streams, ..Place::whole(group) }
}

/// What is read, and how.
#[derive(Clone, Debug)]
struct Case {
    every_ms: u64,
    seed: u64,
    hours: i64,
    newest: Option<usize>,
    searches: bool,
    /// The one stream of the quiet group, by its name.
    by_name: bool,
    faults: Vec<&'static str>,
    scan_limit: usize,
    page_limit: usize,
}

fn any_case() -> impl Strategy<Value = Case> {
    let faults =
        proptest::sample::subsequence(vec!["throttle:60", "error:11", "cut:13", "reset:17"], 0..3);
    let newest = proptest::option::weighted(0.3, 1usize..400);
    let of_service = (faults, prop_oneof![Just(60usize), Just(10_000)], 40usize..900);
    (1_500u64..9_000, any::<u16>(), 1i64..6, newest, any::<bool>(), any::<bool>(), of_service)
        .prop_map(|(every_ms, seed, hours, newest, searches, by_name, (faults, scan, page))| Case {
            every_ms,
            seed: seed.into(),
            hours,
            newest,
            searches,
            by_name,
            faults,
            scan_limit: scan.max(60),
            page_limit: page,
        })
}

type Printed = (i64, String, String);

async fn read(case: &Case) -> (Vec<Printed>, Vec<Printed>) {
    let faults = Faults {
        faults: case.faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        scan_limit: case.scan_limit.try_into().ok(),
        page_limit: case.page_limit.try_into().ok(),
        ..Faults::default()
    };
    let world = world(case.every_ms, case.seed);
    let server = Server::start_with(world, Arc::new(|| NOW), 0, faults).await.unwrap();
    let region = server.world().scenario().region().to_owned();
    let quiet = match case.by_name {
        true => {
            let all = server.world().ledger(&["/quiet"], NOW - 86_400_000, NOW).unwrap();
            Streams::Named(all.map(|written| written.stream.to_owned()).collect::<BTreeSet<_>>())
        }
        false => Streams::All,
    };
    let (start, end) = (NOW - case.hours * 3_600_000, NOW);
    let grep = GrepPattern::new(&["needle".to_owned()], false, false, false, false).unwrap();
    let selection = Selection::everything().grep(case.searches.then_some(grep));
    let query = Query {
        places: vec![place(&region, "/busy", Streams::All), place(&region, "/quiet", quiet)],
        unread: Vec::new(),
        start: Time::from_millis(start),
        end: Time::from_millis(end),
        filter_pattern: None,
        selection,
        newest: case.newest,
    };
    let mut stream = LogStream::new(&doors(&server), query);
    let mut printed = Vec::new();
    while let Some(batch) = stream.next().await {
        printed.extend(batch.into_iter().map(|LogRecord { time, stream, text, .. }| {
            (time.millis(), stream.name.clone(), text)
        }));
    }
    assert!(stream.summary().missing.is_empty(), "{:?}", stream.summary().missing);
    let written = server.world().ledger(&["/busy", "/quiet"], start, end - 1).unwrap();
    let mut expected: Vec<Printed> = written
        .filter(|written| written.ingestion_ms <= NOW)
        .filter(|written| !case.searches || written.message.contains("needle"))
        .map(|written| (written.time_ms, written.stream.to_owned(), written.message))
        .collect();
    let surplus = case.newest.map_or(0, |newest| expected.len().saturating_sub(newest));
    expected.drain(..surplus);
    (printed, expected)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_what_was_written(case in any_case()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (mut printed, mut expected) = runtime.block_on(read(&case));
        prop_assert!(printed.is_sorted_by_key(|(time, ..)| *time));
        // Of equal times, those without an id have no order.
        printed.sort();
        expected.sort();
        prop_assert_eq!(printed.len(), expected.len());
        prop_assert_eq!(printed, expected);
    }
}
