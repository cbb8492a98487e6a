//! `oncall logs` over several profiles and regions

use std::sync::atomic::{AtomicUsize, Ordering};

use insta::assert_snapshot;

use crate::support::cloud::{Answer, Cloud, Request};
use crate::support::{Machine, Ran};

const WINDOW: &str = "--since 1795377500 --until 1795377600";

/// An account with one group, which has an event every two seconds from `first` on.
fn account(id: &'static str, group: &'static str, first: i64) -> Cloud {
    account_that(id, group, move |request| events(request, id, first))
}

fn events(request: &Request, id: &str, first: i64) -> Answer {
    let event = |number: i64| {
        serde_json::json!({
            "logStreamName": "s", "eventId": format!("{id}-{number}"),
            "timestamp": (first + 2 * number) * 1_000, "message": format!("{id} says {number}"),
        })
    };
    let start = request.body["startTime"].as_i64().unwrap_or_default();
    let is_asked = |event: &serde_json::Value| event["timestamp"].as_i64() >= Some(start);
    let events: Vec<_> = (0..3).map(event).filter(is_asked).collect();
    Answer::json(serde_json::json!({ "events": events }).to_string())
}

fn account_that(
    id: &'static str,
    group: &'static str,
    events: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> Cloud {
    Cloud::that(move |request| match request.operation.as_str() {
        "DescribeLogGroups" => {
            let prefix = request.body["logGroupNamePrefix"].as_str().unwrap_or_default();
            let arn = format!("arn:aws:logs:{}:{id}:log-group:{group}", region_of(request));
            let found = serde_json::json!({ "logGroupName": group, "arn": format!("{arn}:*") });
            let found = if group.starts_with(prefix) { vec![found] } else { Vec::new() };
            Answer::json(serde_json::json!({ "logGroups": found }).to_string())
        }
        "DescribeLogStreams" => Answer::json(r#"{"logStreams":[{"logStreamName":"s"}]}"#),
        "ListClusters" => Answer::json(r#"{"clusterArns":[]}"#),
        "FilterLogEvents" => events(request),
        _ => Answer::refusal("UnknownOperationException", "not here"),
    })
}

fn region_of(request: &Request) -> String {
    let (_, credential) = request.headers.split_once("Credential=").expect("a signature");
    credential.split('/').nth(2).unwrap_or_default().to_owned()
}

/// Regions and access keys that were asked for events, in the order of their names.
fn asked(cloud: &Cloud) -> Vec<String> {
    let of_events = cloud.requests().into_iter().filter(|r| r.operation == "FilterLogEvents");
    let mut asked: Vec<String> = of_events
        .map(|request| {
            let (_, credential) = request.headers.split_once("Credential=").expect("a signature");
            format!("{}/{}", credential.split('/').next().unwrap_or_default(), region_of(&request))
        })
        .collect();
    asked.sort();
    asked.dedup();
    asked
}

/// A machine with a profile for each of these, named after it.
fn machine(profiles: &[(&str, &str)]) -> Machine {
    let machine = Machine::new();
    let profile = |(name, url): &(&str, &str)| {
        format!(
            "[profile {name}]\nregion = us-east-1\nendpoint_url = {url}\n\
             aws_access_key_id = {name}\naws_secret_access_key = s\n"
        )
    };
    let config: String = profiles.iter().map(profile).collect();
    machine.file(".aws/config", &config);
    machine
}

fn messages(ran: &Ran) -> Vec<String> {
    ran.records().iter().map(|record| record["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn two_accounts_are_one_stream_in_order_of_time() {
    let prod = account("111111111111", "/shop/web", 1_795_377_510);
    let staging = account("222222222222", "/shop/web", 1_795_377_511);
    let machine = machine(&[("prod", &prod.url), ("staging", &staging.url)]);
    let both = "oncall logs /shop/web --profile prod --profile staging";
    let ran = machine.types(&format!("{both} {WINDOW}")).well();
    assert_eq!(
        messages(&ran),
        [
            "111111111111 says 0",
            "222222222222 says 0",
            "111111111111 says 1",
            "222222222222 says 1",
            "111111111111 says 2",
            "222222222222 says 2",
        ]
    );
    let accounts: Vec<_> = ran.records().iter().map(|r| r["account"].clone()).collect();
    assert_eq!(accounts[..2], ["111111111111", "222222222222"]);
    assert_eq!(
        (asked(&prod), asked(&staging)),
        (vec!["prod/us-east-1".into()], vec!["staging/us-east-1".into()])
    );

    let by_comma = machine.types(&format!("oncall --profile prod,staging logs /shop/web {WINDOW}"));
    let around =
        machine.types(&format!("oncall --profile prod logs /shop/web --profile staging {WINDOW}"));
    assert_eq!((by_comma.stdout, around.stdout), (ran.stdout.clone(), ran.stdout));
}

#[test]
fn every_profile_is_read_in_every_region() {
    let prod = account("111111111111", "/shop/web", 1_795_377_510);
    let staging = account("222222222222", "/shop/web", 1_795_377_511);
    let machine = machine(&[("prod", &prod.url), ("staging", &staging.url)]);
    let line = "oncall logs /shop/web --profile prod,staging --region us-east-1 --region eu-west-1";
    let ran = machine.types(&format!("{line} {WINDOW}")).well();
    assert_eq!(ran.records().len(), 12);
    assert_eq!(asked(&prod), ["prod/eu-west-1", "prod/us-east-1"]);
    assert_eq!(asked(&staging), ["staging/eu-west-1", "staging/us-east-1"]);
    let regions: std::collections::BTreeSet<String> =
        ran.records().iter().map(|r| r["region"].to_string()).collect();
    assert_eq!(regions.len(), 2);
}

#[test]
fn a_target_may_say_its_profile() {
    let prod = account("111111111111", "/shop/web", 1_795_377_510);
    let staging = account("222222222222", "/shop/web", 1_795_377_511);
    let other = account("333333333333", "/shop/web", 1_795_377_512);
    let machine = machine(&[("prod", &prod.url), ("staging", &staging.url), ("other", &other.url)]);
    let line = "oncall logs prod:/shop/web staging:group:/shop/web --profile other";
    let ran = machine.types(&format!("{line} {WINDOW}")).well();
    assert_eq!(messages(&ran).len(), 6);
    assert!(other.requests().is_empty(), "each target says another");

    let ran = machine.types(&format!(
        "oncall logs grep 'says 1' prod:/shop/web /shop/web --profile other {WINDOW}"
    ));
    assert_eq!(messages(&ran.well()), ["111111111111 says 1", "333333333333 says 1"]);
}

#[test]
fn a_set_of_the_configuration_may_say_profiles() {
    let prod = account("111111111111", "/shop/web", 1_795_377_510);
    let staging = account("222222222222", "/shop/web", 1_795_377_511);
    let machine = machine(&[("prod", &prod.url), ("staging", &staging.url)]);
    machine.file(
        ".config/oncall/config.toml",
        "[target.shop]\ngroups = [\"prod:/shop/web\", \"/shop/web\"]\n",
    );
    let ran = machine.types(&format!("oncall logs shop --profile staging {WINDOW}")).well();
    assert_eq!(messages(&ran).len(), 6);
    let ran = machine.types(&format!("oncall logs prod:shop --profile staging {WINDOW}")).well();
    assert_eq!(messages(&ran).len(), 3, "what says no profile of its own gets this one");
}

#[test]
fn what_only_one_account_has_is_read_there() {
    let prod = account("111111111111", "/shop/web", 1_795_377_510);
    let staging = account("222222222222", "/shop/web-old", 1_795_377_511);
    let machine = machine(&[("prod", &prod.url), ("staging", &staging.url)]);
    let ran =
        machine.types(&format!("oncall logs /shop/web --profile prod,staging {WINDOW} -o raw"));
    assert_snapshot!(ran, @r"
    111111111111 says 0
    111111111111 says 1
    111111111111 says 2
    ------- stderr -------
    note: `/shop/web` is not in staging/us-east-1
    ");
    let nowhere = machine.types("oncall logs /shop/wob --profile prod,staging");
    assert_snapshot!(nowhere, @r"
    ------- stderr -------
    error: there is no log group called `/shop/wob` in prod/us-east-1, staging/us-east-1
    hint: did you mean `/shop/web` or `/shop/web-old`?
    [exit 2]
    ");
}

#[test]
fn who_cannot_be_asked_is_missing_and_the_others_are_read() {
    let prod = account("111111111111", "/shop/web", 1_795_377_510);
    let expired = Cloud::that(|_| Answer::refusal("ExpiredTokenException", "expired"));
    let machine = machine(&[("prod", &prod.url), ("staging", &expired.url)]);
    let ran = machine
        .types(&format!("oncall logs /shop/web --profile prod,staging,stagin {WINDOW} -o raw"));
    assert_snapshot!(ran, @r"
    111111111111 says 0
    111111111111 says 1
    111111111111 says 2
    ------- stderr -------
    missing: staging /shop/web from 2026-11-22T19:58:20.000Z to 2026-11-22T19:59:59.999Z: the AWS credentials have expired
    missing: stagin /shop/web from 2026-11-22T19:58:20.000Z to 2026-11-22T19:59:59.999Z: the profile `stagin` does not exist
    hint: did you mean `--profile staging`?
    hint: log in again with the tool that gave you these credentials, or pass --profile
    3 records, 1 page, 0 throttles, 0 retries, incomplete
    [exit 3]
    ");
    let none = machine.types(&format!("oncall logs /shop/web --profile staging,stagin {WINDOW}"));
    assert_snapshot!(none, @r"
    ------- stderr -------
    error: `/shop/web` could not be looked for
    caused by: staging/us-east-1: the AWS credentials have expired
    caused by: stagin: the profile `stagin` does not exist
    hint: log in again with the tool that gave you these credentials, or pass --profile; did you mean `--profile staging`?
    [exit 4]
    ");
    let unknown = machine.types("oncall logs /shop/web --profile stagin,prd");
    assert_eq!(unknown.code, 2, "{unknown}");
    let somewhere = machine.types("oncall logs /shop/wob --profile prod,staging");
    assert_eq!(somewhere.code, 4, "it may be where nobody can look: {somewhere}");
}

#[test]
fn what_stands_before_a_colon_is_a_profile_or_a_mistake() {
    let machine = machine(&[("prod", "http://127.0.0.1:9")]);
    assert_snapshot!(machine.types("oncall logs prd:api"), @r"
    ------- stderr -------
    error: `prd:api` wants the profile `prd`, which does not exist
    hint: did you mean `prod:api`?
    [exit 2]
    ");
    assert_snapshot!(machine.types("oncall logs servce:api"), @r"
    ------- stderr -------
    error: `servce:api` wants the profile `servce`, which does not exist
    hint: did you mean `service:api`?
    [exit 2]
    ");
    assert_snapshot!(machine.types("oncall logs prod:staging:api"), @r"
    ------- stderr -------
    error: `staging:api` is no target: before a `:` stands a profile, or service, task, group or arn
    hint: with a profile: `PROFILE:TARGET`, as in `prod:api` or `prod:group:/ecs/api`
    [exit 2]
    ");
    assert_snapshot!(machine.types("oncall --drill logs prod:api"), @r"
    ------- stderr -------
    error: a drill has no profiles
    hint: leave out `prod:`, or --drill
    [exit 2]
    ");
}

#[test]
fn one_accounts_throttles_do_not_slow_another() {
    // `slow` throttles until `quick` was read to its end: a pace of both would make `quick` wait for it. That the
    // paces are two is shown by the doors' own tests.
    const PAGES: usize = 30;
    static READ: AtomicUsize = AtomicUsize::new(0);
    static THROTTLED: AtomicUsize = AtomicUsize::new(0);
    let quick = account_that("111111111111", "/shop/web", |request| {
        let page: usize =
            request.body["nextToken"].as_str().map_or(0, |token| token.parse().unwrap());
        READ.fetch_max(page + 1, Ordering::SeqCst);
        match page + 1 < PAGES {
            true => Answer::json(format!(r#"{{"events":[],"nextToken":"{}"}}"#, page + 1)),
            false => Answer::json(r#"{"events":[]}"#),
        }
    });
    let slow = account_that("222222222222", "/shop/web", |request| {
        match READ.load(Ordering::SeqCst) < PAGES {
            true => {
                THROTTLED.fetch_add(1, Ordering::SeqCst);
                Answer::refusal("ThrottlingException", "Rate exceeded")
            }
            false => events(request, "222222222222", 1_795_377_511),
        }
    });
    let machine = machine(&[("quick", &quick.url), ("slow", &slow.url)]);
    let ran = machine.types(&format!("oncall logs /shop/web --profile quick,slow {WINDOW}"));
    assert_eq!((ran.code, ran.records().len()), (0, 3), "{ran}");
    let throttled = THROTTLED.load(Ordering::SeqCst);
    assert!(throttled > 0);
    let summary = ran.stderr.lines().last().unwrap_or_default();
    assert!(summary.contains(&format!("{} pages", PAGES + 1)), "{summary}");
    let word = if throttled == 1 { "throttle" } else { "throttles" };
    assert!(summary.contains(&format!("{throttled} {word}")), "all doors are counted: {summary}");
    let of_quick = quick.requests().iter().filter(|r| r.operation == "FilterLogEvents").count();
    assert_eq!(of_quick, PAGES, "none of its requests was sent twice");
}

#[test]
fn two_profiles_of_one_account_read_its_groups_once() {
    let cloud = account("111111111111", "/shop/web", 1_795_377_510);
    let machine = machine(&[("reader", &cloud.url), ("admin", &cloud.url)]);
    let ran =
        machine.types(&format!("oncall logs /shop/web --profile reader,admin {WINDOW}")).well();
    assert_eq!(ran.records().len(), 3);
    assert_eq!(asked(&cloud), ["reader/us-east-1"]);
}

#[test]
fn an_arn_is_read_through_its_account() {
    let prod = account("111111111111", "/shop/web", 1_795_377_510);
    let staging = account("222222222222", "/shop/web", 1_795_377_511);
    let machine = machine(&[("prod", &prod.url), ("staging", &staging.url)]);
    machine.file(
        ".aws/credentials",
        "[prod]\naws_access_key_id = prod\naws_secret_access_key = s\naws_account_id = 111111111111\n\
         [staging]\naws_access_key_id = staging\naws_secret_access_key = s\naws_account_id = 222222222222\n",
    );
    let arn = "arn:aws:logs:eu-west-1:222222222222:log-group:/shop/web";
    let ran = machine.types(&format!("oncall logs {arn} --profile prod,staging {WINDOW}")).well();
    assert_eq!(ran.records().len(), 3);
    assert_eq!(asked(&prod), [] as [&str; 0]);
    assert_eq!(asked(&staging), ["staging/eu-west-1"]);
}

#[test]
fn groups_and_streams_are_listed_of_all_of_them() {
    let prod = account("111111111111", "/shop/web", 1_795_377_510);
    let staging = account("222222222222", "/shop/api", 1_795_377_511);
    let expired = Cloud::that(|_| Answer::refusal("ExpiredTokenException", "expired"));
    let machine = machine(&[("prod", &prod.url), ("staging", &staging.url), ("old", &expired.url)]);
    let ran = machine.types("oncall logs groups --profile prod,staging").well();
    let of = |ran: &Ran, key: &str| -> Vec<String> {
        let records = ran.records();
        records.iter().map(|record| record[key].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of(&ran, "group"), ["/shop/web", "/shop/api"]);
    assert_eq!(of(&ran, "account"), ["111111111111", "222222222222"]);
    assert_snapshot!(machine.types("oncall logs groups --profile old,prod -o raw"), @r"
    /shop/web
    ------- stderr -------
    missing: old: the AWS credentials have expired
    hint: log in again with the tool that gave you these credentials, or pass --profile
    [exit 3]
    ");
    let ran = machine.types("oncall logs streams '/shop/*' --profile prod,staging").well();
    assert_eq!(of(&ran, "group"), ["/shop/web", "/shop/api"]);
    let ran = machine.types("oncall logs streams '/shop/*' --profile prod,old");
    assert_eq!((ran.code, ran.records().len()), (3, 1), "{ran}");
}

#[test]
fn a_job_goes_on_in_each_account() {
    static LOGGED_IN: AtomicUsize = AtomicUsize::new(0);
    let prod = account("111111111111", "/shop/web", 1_795_377_510);
    let staging = account_that("222222222222", "/shop/web", |request| {
        match LOGGED_IN.load(Ordering::SeqCst) {
            0 => Answer::refusal("ExpiredTokenException", "expired"),
            _ => events(request, "222222222222", 1_795_377_511),
        }
    });
    let mut machine = machine(&[("prod", &prod.url), ("staging", &staging.url)]);
    // Records of a drill's time: the checkpoint looks at the clock.
    machine.set("ONCALL_DRILL_NOW", "");
    let line = "oncall logs /shop/web --profile prod,staging --resume job";
    let first = machine.types(&format!("{line} --since 1795377500 --summary json"));
    assert_eq!((first.code, messages(&first).len()), (3, 3), "{first}");
    let summary: serde_json::Value =
        serde_json::from_str(first.stderr.lines().last().unwrap()).unwrap();
    assert_eq!(summary["missing"][0]["profile"], "staging");

    LOGGED_IN.store(1, Ordering::SeqCst);
    let second = machine.types(line);
    assert_eq!(messages(&second).len(), 3, "{second}");
    assert!(messages(&second)[0].starts_with("222222222222"), "only what was missing: {second}");
    let third = machine.types(line);
    assert_eq!((third.code, third.stdout.as_str()), (0, ""), "{third}");
    let other = machine.types("oncall logs /shop/web --profile prod --resume job");
    assert_eq!(other.code, 2, "another account is another question: {other}");
}

/// One group in two regions, each of which says its own.
const TWO_REGIONS: &str = r#"
name = "two"
summary = "One group in two regions."
seed = 3

[[log_groups]]
name = "/shop/web"
streams = { name = "s", rotate = "1d" }
[[log_groups.templates]]
every = "20s"
message = "west ${region}"

[[log_groups]]
name = "/shop/web"
region = "eu-west-1"
streams = { name = "s", rotate = "1d" }
[[log_groups.templates]]
every = "30s"
message = "east ${region}"
"#;

#[test]
fn a_drill_has_more_than_one_region() {
    let machine = Machine::new();
    machine.file("two.toml", TWO_REGIONS);
    let drill = |flags: &str| machine.types(&format!("oncall --drill=two.toml logs {flags}"));
    let both = drill("/shop/web --since 1m --region us-east-1,eu-west-1").well();
    let each = |region: &str| drill(&format!("/shop/web --since 1m --region {region}")).well();
    let (us, eu) = (each("us-east-1"), each("eu-west-1"));
    assert!(us.stdout.contains("us-east-1") && eu.stdout.contains("eu-west-1"));
    let mut apart: Vec<&str> = us.stdout.lines().chain(eu.stdout.lines()).collect();
    let times = both.records().into_iter().map(|record| record["time"].to_string());
    assert!(times.is_sorted());
    let mut together: Vec<&str> = both.stdout.lines().collect();
    apart.sort_unstable();
    together.sort_unstable();
    assert_eq!(together, apart);

    let empty = drill("/shop/web --since 1m --region us-east-1,ap-south-1 -o raw");
    assert_eq!(empty.stdout.lines().count(), us.stdout.lines().count());
    assert_eq!(empty.stderr, "note: `/shop/web` is not in ap-south-1\n");
    let groups = drill("groups --region us-east-1,eu-west-1,ap-south-1 -o raw").well();
    assert_eq!(groups.stdout, "/shop/web\n/shop/web\n");
}
