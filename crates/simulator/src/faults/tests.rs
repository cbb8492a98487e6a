//! Flags as they are written, and what they do to a row of calls.

use super::*;
use tokio::time::Instant;

const REGION: &str = "us-east-1";

const HALF_A_SECOND: Duration = Duration::from_millis(500);

fn layer(tps: &[&str], faults: &[&str]) -> Layer {
    let rates = tps.iter().map(|text| text.parse().unwrap()).collect();
    let faults = faults.iter().map(|text| text.parse().unwrap()).collect();
    Layer::new(Latency::default(), rates, faults)
}

/// The calls, counted from 1, to which something happened.
fn hit(layer: &Layer, operation: &str, calls: usize) -> Vec<(usize, Outcome)> {
    let now = Instant::now();
    (1..=calls)
        .map(|call| (call, layer.judge(operation, REGION, now).1))
        .filter(|(_, outcome)| *outcome != Outcome::Pass)
        .collect()
}

#[test]
fn the_nth_call_is_hit_on_every_run() {
    for _ in 0..2 {
        let layer = layer(&[], &["throttle:7", "error:11", "cut:13"]);
        assert_eq!(
            hit(&layer, "FilterLogEvents", 28),
            [
                (7, Outcome::Throttle(HALF_A_SECOND)),
                (11, Outcome::Error(1)),
                (13, Outcome::Cut),
                (14, Outcome::Throttle(HALF_A_SECOND)),
                (21, Outcome::Throttle(HALF_A_SECOND)),
                (22, Outcome::Error(2)),
                (26, Outcome::Cut),
                (28, Outcome::Throttle(HALF_A_SECOND)),
            ]
        );
    }
}

#[test]
fn of_two_faults_the_first_befalls_the_call() {
    let layer = layer(&[], &["hang:2", "reset:3"]);
    let outcomes = hit(&layer, "ListTasks", 6);
    assert_eq!(outcomes.last(), Some(&(6, Outcome::Hang)));
    assert!(outcomes.contains(&(3, Outcome::Reset)));
}

#[test]
fn a_fault_counts_only_what_it_may_befall() {
    let layer = layer(&[], &["reset:2@GetLogEvents,ListTasks"]);
    assert!(hit(&layer, "FilterLogEvents", 10).is_empty());
    assert_eq!(hit(&layer, "GetLogEvents", 1), []);
    assert_eq!(hit(&layer, "ListTasks", 1), [(1, Outcome::Reset)]);
}

#[test]
fn what_is_denied_or_absent_is_so_at_every_call() {
    let layer = layer(&[], &["deny@StartLiveTail", "absent@GetLogEvents", "deny:3@ListTasks"]);
    assert_eq!(
        hit(&layer, "StartLiveTail", 3),
        [(1, Outcome::Deny), (2, Outcome::Deny), (3, Outcome::Deny)]
    );
    assert_eq!(hit(&layer, "GetLogEvents", 1), [(1, Outcome::Absent)]);
    assert_eq!(hit(&layer, "ListTasks", 5), [(3, Outcome::Deny)]);
    assert_eq!(hit(&layer, "FilterLogEvents", 10), []);
}

#[test]
fn a_rate_admits_its_burst_and_then_what_comes_back() {
    let layer = layer(&["FilterLogEvents=10,burst=4"], &[]);
    let start = Instant::now();
    let admitted = |after: u64| {
        let now = start + Duration::from_millis(after);
        let judge = |_: &u32| layer.judge("FilterLogEvents", REGION, now).1 == Outcome::Pass;
        (0..20_u32).filter(judge).count()
    };
    assert_eq!(admitted(0), 4);
    assert_eq!(admitted(50), 0);
    assert_eq!(admitted(300), 3);
    assert_eq!(admitted(60_000), 4);
    assert!(hit(&layer, "ListTasks", 100).is_empty());
}

#[test]
fn a_rate_for_all_is_for_each() {
    let layer = layer(&["3", "ListTasks=5", "ListTasks=1"], &[]);
    assert_eq!(hit(&layer, "FilterLogEvents", 10).len(), 7);
    assert_eq!(hit(&layer, "GetLogEvents", 10).len(), 7);
    assert_eq!(hit(&layer, "ListTasks", 10).len(), 9);
}

/// How many of many calls at once are admitted.
fn admitted(layer: &Layer, operation: &str, region: &str) -> usize {
    let now = Instant::now();
    let pass = |_: &u32| layer.judge(operation, region, now).1 == Outcome::Pass;
    (0..200_u32).filter(pass).count()
}

#[test]
fn published_rates_are_those_of_the_region() {
    for (operation, region, rate) in [
        ("FilterLogEvents", "us-east-1", 25),
        ("FilterLogEvents", "eu-west-1", 10),
        ("FilterLogEvents", "eu-central-1", 5),
        ("FilterLogEvents", "il-central-1", 5),
        ("GetLogEvents", "us-east-1", 25),
        ("GetLogEvents", "us-west-2", 10),
        ("GetLogEvents", "eu-west-1", 10),
        ("GetLogEvents", "eu-west-3", 30),
        ("StartLiveTail", "us-east-1", 5),
        ("DescribeLogGroups", "us-east-1", 10),
        ("DescribeLogStreams", "us-east-1", 25),
        ("DescribeClusters", "us-east-1", 50),
        ("DescribeServices", "us-east-1", 100),
        ("DescribeServiceRevisions", "us-east-1", 50),
        ("DescribeContainerInstances", "us-east-1", 100),
        ("BatchGetImage", "us-east-1", 200),
        ("DescribeImages", "us-east-1", 200),
        ("GetCallerIdentity", "us-east-1", 200),
    ] {
        let layer = layer(&["published"], &[]);
        assert_eq!(admitted(&layer, operation, region), rate, "{operation} in {region}");
    }
}

#[test]
fn a_region_has_buckets_of_its_own() {
    let layer = layer(&["FilterLogEvents=4"], &[]);
    assert_eq!(admitted(&layer, "FilterLogEvents", "us-east-1"), 4);
    assert_eq!(admitted(&layer, "FilterLogEvents", "eu-west-1"), 4);
    assert_eq!(admitted(&layer, "FilterLogEvents", "us-east-1"), 0);
}

#[test]
fn operations_of_a_kind_take_from_one_bucket() {
    for (burst, kind) in [
        (
            100,
            &["ListTasks", "DescribeTasks", "ListContainerInstances", "DescribeContainerInstances"]
                [..],
        ),
        (50, &["ListServiceDeployments", "DescribeServiceDeployments"]),
        (50, &["ListClusters", "DescribeClusters"]),
        (100, &["ListServices", "DescribeServices"]),
    ] {
        let published = layer(&["published"], &[]);
        assert_eq!(admitted(&published, kind[0], REGION), burst);
        for other in &kind[1..] {
            assert_eq!(admitted(&published, other, REGION), 0, "{other}");
        }
        assert_eq!(admitted(&published, "DescribeServiceRevisions", REGION), 50);
    }
    let each = layer(&["100"], &[]);
    assert_eq!(admitted(&each, "ListTasks", REGION), 100);
    assert_eq!(admitted(&each, "DescribeTasks", REGION), 100);
}

#[test]
fn what_is_named_goes_before_what_is_published() {
    let layer = layer(&["FilterLogEvents=3", "7", "published"], &[]);
    assert_eq!(admitted(&layer, "FilterLogEvents", REGION), 3);
    assert_eq!(admitted(&layer, "GetLogEvents", REGION), 25);
    assert_eq!(admitted(&layer, "ListLogGroups", REGION), 7);
    let one = self::layer(&["GetLogEvents=published"], &[]);
    assert_eq!(admitted(&one, "GetLogEvents", "eu-west-3"), 30);
    assert_eq!(admitted(&one, "FilterLogEvents", REGION), 200);
}

#[test]
fn latency_is_fixed_and_jitter_comes_on_top() {
    let fixed: Latency = "80ms".parse().unwrap();
    assert_eq!(fixed.of(5), Duration::from_millis(80));
    let wavering: Latency = "80ms+40ms".parse().unwrap();
    let taken: Vec<Duration> = (0..100).map(|call| wavering.of(call)).collect();
    assert!(taken.iter().all(|took| (80..=120).contains(&took.as_millis())));
    assert!(taken.iter().max().unwrap().as_millis() > 110);
    assert_eq!(taken, (0..100).map(|call| wavering.of(call)).collect::<Vec<_>>());
}

#[test]
fn a_fault_is_written_as_it_is_read() {
    for text in [
        "throttle:7",
        "error:11@FilterLogEvents",
        "cut:13@GetLogEvents,ListTasks",
        "drop:5",
        "lose:3@StartLiveTail",
        "stall:4",
        "deny@StartLiveTail",
        "deny:3",
        "absent",
    ] {
        assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
    }
}

#[test]
fn a_slip_of_the_pen_is_told_what_is_expected() {
    for text in ["", "throttle", "throttle:", "throttle:0", "throttle:-1", "melt:7", "7:throttle"] {
        let error = text.parse::<Fault>().unwrap_err().to_string();
        assert!(error.contains("expected KIND:N") && error.contains("throttle, error"), "{error}");
    }
    for text in ["throttle:7@", "throttle:7@FilterLogEvent", "throttle:7@FilterLogEvents,"] {
        let error = text.parse::<Fault>().unwrap_err().to_string();
        assert!(error.contains("there are ") && error.contains("FilterLogEvents"), "{error}");
    }
    for text in ["deny:0@StartLiveTail", "absent:", "stall", "stall@StartLiveTail"] {
        let error = text.parse::<Fault>().unwrap_err().to_string();
        assert!(error.contains("expected KIND:N"), "{error}");
    }
    let error = "lose:5@ListTasks".parse::<Fault>().unwrap_err().to_string();
    assert!(error.contains("expected \"lose:N\""), "{error}");
    for text in
        ["", "x", "0", "-5", "inf", "FilterLogEvents", "FilterLogEvents=", "25,burst=0", "25,50"]
    {
        let error = text.parse::<Rate>().unwrap_err().to_string();
        assert!(error.contains("expected calls a second"), "{error}");
    }
    for text in ["published,burst=5", "FilterLogEvents=publish"] {
        let error = text.parse::<Rate>().unwrap_err().to_string();
        assert!(error.contains("expected calls a second"), "{error}");
    }
    let error = "GetCallerIdentity=published".parse::<Rate>().unwrap_err().to_string();
    assert!(error.contains("no rate is published for GetCallerIdentity"), "{error}");
    let error = "newest".parse::<Feature>().unwrap_err().to_string();
    assert!(error.contains("newest-first"), "{error}");
    for text in ["", "80", "80ms+", "fast"] {
        let error = text.parse::<Latency>().unwrap_err().to_string();
        assert!(error.contains("expected a length of time"), "{error}");
    }
}

#[test]
fn flags_have_the_last_word() {
    let scenario = Faults {
        latency: "10ms".parse().unwrap(),
        faults: vec!["cut:5".parse().unwrap()],
        live_sessions: Some(2),
        scan_limit: NonZeroUsize::new(5),
        page_limit: NonZeroUsize::new(6),
        expire_after: Some(Duration::from_secs(20)),
        ..Faults::default()
    };
    let flags = Faults {
        faults: vec!["reset:9".parse().unwrap()],
        live_sessions: Some(3),
        page_limit: NonZeroUsize::new(7),
        without: vec![Feature::NewestFirst],
        expire_for: Some(Duration::from_secs(10)),
        ..Faults::default()
    };
    let both = scenario.clone().overridden_by(flags);
    assert_eq!(
        (both.scan_limit, both.page_limit, both.without),
        (NonZeroUsize::new(5), NonZeroUsize::new(7), vec![Feature::NewestFirst])
    );
    assert_eq!((both.latency, both.live_sessions), (scenario.latency, Some(3)));
    assert_eq!(
        (both.expire_after, both.expire_for),
        (scenario.expire_after, Some(Duration::from_secs(10)))
    );
    let faults: Vec<String> = both.faults.iter().map(Fault::to_string).collect();
    assert_eq!(faults, ["cut:5", "reset:9"]);
}

#[test]
fn hcp_terraform_has_its_own_rates_whatever_is_asked() {
    for tps in [&[][..], &["1000"], &["published"]] {
        let layer = layer(tps, &[]);
        assert_eq!(admitted(&layer, "ListOrganizationRuns", ""), 30);
        assert_eq!(admitted(&layer, "ListWorkspaceRuns", ""), 0);
        assert_eq!(admitted(&layer, "GetRun", ""), 30);
        assert_eq!(admitted(&layer, "ListWorkspaces", ""), 0);
        let (_, last) = layer.judge("ListOrganizationRuns", "", Instant::now());
        let Outcome::Throttle(wait) = last else { panic!("{last:?}") };
        assert!(wait > Duration::from_millis(500) && wait <= Duration::from_secs(2), "{wait:?}");
    }
    let named = layer(&["ListOrganizationRuns=100"], &[]);
    assert_eq!(admitted(&named, "ListOrganizationRuns", ""), 100);
}
