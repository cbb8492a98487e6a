//! `--resume`, `--to` and `--summary json`: a job that runs again and again.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use insta::assert_snapshot;

use crate::support::cloud::{Answer, Cloud, Request, with_one_group};
use crate::support::{Machine, Ran};

const CHECKPOINT: &str = ".local/state/oncall/checkpoints/job.json";
const MINUTE: i64 = 60_000;

fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// An event: minutes ago, and its text.
type Event = (i64, &'static str);

/// The group /shop/web, and what is in it at the moment.
struct Shop {
    events: Arc<Mutex<Vec<(i64, String)>>>,
    cloud: Cloud,
}

impl Shop {
    fn with(events: &[Event]) -> Self {
        let shop = Arc::new(Mutex::new(Vec::new()));
        let there = Arc::clone(&shop);
        let cloud =
            with_one_group("/shop/web", move |request| page(request, &there.lock().unwrap()));
        let shop = Self { events: shop, cloud };
        shop.add(events);
        shop
    }

    fn add(&self, events: &[Event]) {
        let mut there = self.events.lock().unwrap();
        there.extend(events.iter().map(|(ago, text)| (now() - ago * MINUTE, (*text).to_owned())));
        there.sort();
    }

    fn machine(&self) -> Machine {
        Machine::with_endpoint(&self.cloud.url)
    }
}

/// Two events a page.
fn page(request: &Request, events: &[(i64, String)]) -> Answer {
    let bound = |name: &str| request.body[name].as_i64().unwrap();
    let inside: Vec<_> = events
        .iter()
        .enumerate()
        .filter(|(_, (time, _))| (bound("startTime")..=bound("endTime")).contains(time))
        .map(|(number, (time, text))| {
            serde_json::json!({ "logStreamName": "s", "timestamp": time, "ingestionTime": time,
                "message": text, "eventId": format!("{number:056}-{text}") })
        })
        .collect();
    let from: usize = request.body["nextToken"].as_str().map_or(0, |token| token.parse().unwrap());
    let to = inside.len().min(from + 2);
    let token = (to < inside.len()).then(|| to.to_string());
    Answer::json(serde_json::json!({ "events": inside[from..to], "nextToken": token }).to_string())
}

fn job(machine: &Machine) -> Ran {
    machine.types("oncall logs group:/shop/web --resume job -o raw")
}

fn job_to_file(machine: &Machine) -> Ran {
    machine.types("oncall logs group:/shop/web --resume job --to out -o raw")
}

fn file(machine: &Machine) -> String {
    fs::read_to_string(machine.home().join("out")).unwrap()
}

fn checkpoint(machine: &Machine) -> PathBuf {
    machine.home().join(CHECKPOINT)
}

/// Changes numbers of the checkpoint.
fn shift(machine: &Machine, keys: &[&str], by: i64) {
    let path = checkpoint(machine);
    let mut kept: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for key in keys {
        let place = &mut kept["value"]["bookmark"][key];
        *place = (place.as_i64().unwrap() + by).into();
    }
    fs::write(path, kept.to_string()).unwrap();
}

#[test]
fn each_run_prints_what_is_new_and_what_came_late() {
    let shop = Shop::with(&[(20, "before --since"), (10, "one"), (2, "two"), (2, "two")]);
    let machine = shop.machine();
    assert_eq!(job(&machine).well().stdout, "one\ntwo\ntwo\n");
    assert_eq!(job(&machine).well().stdout, "");
    shop.add(&[(3, "late"), (0, "three"), (9, "too late")]);
    let ran = machine.types("oncall logs group:/shop/web --resume job").well();
    let records: Vec<_> =
        ran.records().iter().map(|r| (r["message"].clone(), r["late"].clone())).collect();
    assert_eq!(records, [("late".into(), true.into()), ("three".into(), ().into())]);
}

#[test]
fn a_file_gets_each_event_once() {
    let shop = Shop::with(&[(10, "one"), (2, "two")]);
    let machine = shop.machine();
    assert_eq!(job_to_file(&machine).well().stdout, "");
    shop.add(&[(0, "three")]);
    // As if it had been killed after it wrote, and before it said so.
    let torn = file(&machine) + "three\nhal";
    fs::write(machine.home().join("out"), torn).unwrap();
    assert_eq!(job_to_file(&machine).well().stdout, "");
    assert_eq!(file(&machine), "one\ntwo\nthree\n");
    assert_eq!(job_to_file(&machine).well().stdout, "");
    assert_eq!(file(&machine), "one\ntwo\nthree\n");
}

#[test]
fn a_search_that_stops_goes_on_where_it_stopped() {
    let shop = Shop::with(&[(10, "a 1"), (9, "b"), (8, "a 2"), (7, "a 3")]);
    let machine = shop.machine();
    let search = || machine.types("oncall logs grep -m 2 a group:/shop/web --resume job -o raw");
    assert_eq!(search().stdout, "a 1\na 2\n");
    assert_eq!(search().stdout, "a 3\n");
    assert_eq!(search().code, 1);
}

#[test]
fn nothing_is_passed_that_could_not_be_read() {
    let broken = Arc::new(Mutex::new(true));
    let is_broken = Arc::clone(&broken);
    let events = [
        (now() - 10 * MINUTE, "one".to_owned()),
        (now() - 9 * MINUTE, "two".to_owned()),
        (now() - 8 * MINUTE, "three".to_owned()),
    ];
    let cloud = with_one_group("/shop/web", move |request| {
        match request.body["nextToken"].is_string() && *is_broken.lock().unwrap() {
            true => Answer::refusal("AccessDeniedException", "not now"),
            false => page(request, &events),
        }
    });
    let machine = Machine::with_endpoint(&cloud.url);
    let ran = job_to_file(&machine);
    assert_eq!((ran.code, file(&machine).as_str()), (3, "one\ntwo\n"), "{ran}");
    *broken.lock().unwrap() = false;
    assert_eq!(job_to_file(&machine).well().stdout, "");
    assert_eq!(file(&machine), "one\ntwo\nthree\n");
}

#[test]
fn ctrl_c_keeps_what_is_written() {
    let hangs = Arc::new(Mutex::new(true));
    let hangs_now = Arc::clone(&hangs);
    let at = now();
    let cloud = with_one_group("/shop/web", move |request| {
        if request.body["nextToken"].is_string() && *hangs_now.lock().unwrap() {
            loop {
                std::thread::park();
            }
        }
        let events = ["one", "two", "three"].map(|text| (at - MINUTE, text.to_owned()));
        page(request, &events)
    });
    let machine = Machine::with_endpoint(&cloud.url);
    let line = "oncall logs group:/shop/web --resume job --to out -o raw --timeout 1h";
    let mut child = machine.command(line).stderr(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while fs::read_to_string(machine.home().join("out")).unwrap_or_default() != "one\ntwo\n" {
        assert!(Instant::now() < until, "the first page is not written");
        std::thread::yield_now();
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let kept: serde_json::Value =
        serde_json::from_slice(&fs::read(checkpoint(&machine)).unwrap()).unwrap();
    assert_eq!(kept["value"]["file"]["length_bytes"], 8);
    *hangs.lock().unwrap() = false;
    assert_eq!(job_to_file(&machine).well().stdout, "");
    assert_eq!(file(&machine), "one\ntwo\nthree\n");
}

#[test]
fn what_cannot_be_gone_on_with_is_refused_and_left() {
    let machine = Shop::with(&[(10, "one")]).machine();
    assert_eq!(job_to_file(&machine).well().stdout, "");
    let (path, out) = (checkpoint(&machine), machine.home().join("out"));
    let (whole, written) = (fs::read_to_string(&path).unwrap(), file(&machine));

    fs::write(&path, &whole[..40]).unwrap();
    assert_snapshot!(job_to_file(&machine), @"
    ------- stderr -------
    error: the checkpoint HOME/.local/state/oncall/checkpoints/job.json cannot be read: its end is missing
    hint: another --resume NAME begins anew, and so does removing HOME/.local/state/oncall/checkpoints/job.json
    [exit 2]
    ");
    fs::write(&path, "{}").unwrap();
    assert_snapshot!(job_to_file(&machine), @"
    ------- stderr -------
    error: the checkpoint HOME/.local/state/oncall/checkpoints/job.json cannot be read: it is no checkpoint
    hint: another --resume NAME begins anew, and so does removing HOME/.local/state/oncall/checkpoints/job.json
    [exit 2]
    ");
    fs::write(&path, whole.replace("\"version\":1", "\"version\":7")).unwrap();
    assert_snapshot!(job_to_file(&machine), @"
    ------- stderr -------
    error: the checkpoint HOME/.local/state/oncall/checkpoints/job.json was written by a newer oncall (version 7)
    hint: update oncall; another --resume NAME begins anew, and so does removing HOME/.local/state/oncall/checkpoints/job.json
    [exit 2]
    ");
    fs::write(&path, &whole).unwrap();

    let typed = |line: &str| machine.types(line);
    assert_snapshot!(typed("oncall logs group:/shop --resume job --to out"), @"
    ------- stderr -------
    error: the checkpoint `job` is of the targets group:/shop/web, and these are group:/shop
    hint: another --resume NAME begins anew, and so does removing HOME/.local/state/oncall/checkpoints/job.json; --to takes an empty file then
    [exit 2]
    ");
    assert_snapshot!(typed("oncall logs group:/shop/web --level warn --resume job --to out"), @"
    ------- stderr -------
    error: the checkpoint `job` is of other conditions
    hint: another --resume NAME begins anew, and so does removing HOME/.local/state/oncall/checkpoints/job.json; --to takes an empty file then
    [exit 2]
    ");
    assert_snapshot!(typed("oncall --region eu-west-1 logs group:/shop/web --resume job --to out"), @"
    ------- stderr -------
    error: the checkpoint `job` is of the region us-east-1, and this is eu-west-1
    hint: another --resume NAME begins anew, and so does removing HOME/.local/state/oncall/checkpoints/job.json; --to takes an empty file then
    [exit 2]
    ");
    fs::write(&path, whole.replace("123456789012", "210987654321")).unwrap();
    assert_snapshot!(job_to_file(&machine), @"
    ------- stderr -------
    error: the checkpoint `job` is of the account 210987654321, and this is 123456789012
    hint: another --resume NAME begins anew, and so does removing HOME/.local/state/oncall/checkpoints/job.json; --to takes an empty file then
    [exit 2]
    ");
    fs::write(&path, &whole).unwrap();

    assert_snapshot!(job(&machine), @"
    ------- stderr -------
    error: the checkpoint `job` goes with --to HOME/out
    hint: another --resume NAME begins anew, and so does removing HOME/.local/state/oncall/checkpoints/job.json; --to takes an empty file then
    [exit 2]
    ");
    assert_snapshot!(typed("oncall logs group:/shop/web --resume job --to other"), @"
    ------- stderr -------
    error: the checkpoint `job` goes with --to HOME/out, not with other
    hint: another --resume NAME begins anew, and so does removing HOME/.local/state/oncall/checkpoints/job.json; --to takes an empty file then
    [exit 2]
    ");
    assert!(!machine.home().join("other").exists());
    machine.file("other", "somebody's");
    assert_snapshot!(typed("oncall logs group:/shop/web --resume job --to other"), @"
    ------- stderr -------
    error: the checkpoint `job` goes with --to HOME/out, not with other
    hint: another --resume NAME begins anew, and so does removing HOME/.local/state/oncall/checkpoints/job.json; --to takes an empty file then
    [exit 2]
    ");
    assert_snapshot!(typed("oncall logs group:/shop/web --resume second --to other"), @"
    ------- stderr -------
    error: other is not empty, and --resume begins a file
    hint: --to takes a file that is empty, or not there yet
    [exit 2]
    ");
    assert_eq!(fs::read_to_string(machine.home().join("other")).unwrap(), "somebody's");

    fs::write(&out, "o").unwrap();
    assert_snapshot!(job_to_file(&machine), @"
    ------- stderr -------
    error: out has become shorter: 1 bytes, of 4 that the checkpoint `job` knows
    hint: another --resume NAME begins anew, and so does removing HOME/.local/state/oncall/checkpoints/job.json; --to takes an empty file then
    [exit 2]
    ");
    fs::remove_file(&out).unwrap();
    assert_snapshot!(job_to_file(&machine), @"
    ------- stderr -------
    error: out is missing, and the checkpoint `job` goes on in it
    hint: another --resume NAME begins anew, and so does removing HOME/.local/state/oncall/checkpoints/job.json; --to takes an empty file then
    [exit 2]
    ");
    assert!(!out.exists());
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);

    fs::write(&out, written).unwrap();
    assert_eq!(job_to_file(&machine).well().stdout, "");
}

#[test]
fn a_run_without_a_file_goes_on_without_one() {
    let machine = Shop::with(&[(10, "one")]).machine();
    assert_eq!(job(&machine).well().stdout, "one\n");
    assert_snapshot!(job_to_file(&machine), @"
    ------- stderr -------
    error: the checkpoint `job` goes without --to, and not with out
    hint: another --resume NAME begins anew, and so does removing HOME/.local/state/oncall/checkpoints/job.json
    [exit 2]
    ");
    assert!(!machine.home().join("out").exists());
}

#[test]
fn a_second_run_at_once_leaves() {
    let cloud = with_one_group("/shop/web", |_| {
        loop {
            std::thread::park();
        }
    });
    let machine = Machine::with_endpoint(&cloud.url);
    let line = "oncall logs group:/shop/web --resume job --timeout 1h";
    let mut first =
        machine.command(line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while !cloud.requests().iter().any(|request| request.operation == "FilterLogEvents") {
        assert!(Instant::now() < until, "the first run does not begin");
        std::thread::yield_now();
    }
    assert_snapshot!(job(&machine), @"
    ------- stderr -------
    error: another run holds the checkpoint `job`
    hint: wait for its end, or give this one another --resume NAME
    [exit 3]
    ");
    first.kill().unwrap();
    first.wait().unwrap();
    // It was killed before it read anything, and the next one begins where it began.
    assert!(checkpoint(&machine).exists());
}

#[test]
fn what_is_no_longer_kept_is_said_once() {
    const DAY: i64 = 24 * 60 * MINUTE;
    let cloud = Cloud::that(|request| match request.operation.as_str() {
        "DescribeLogGroups" => Answer::json(
            r#"{"logGroups":[{"logGroupName":"/shop/web","retentionInDays":1,
                "arn":"arn:aws:logs:us-east-1:123456789012:log-group:/shop/web:*"}]}"#,
        ),
        "FilterLogEvents" => page(request, &[(now() - MINUTE, "one".to_owned())]),
        _ => Answer::refusal("UnknownOperationException", "not here"),
    });
    let machine = Machine::with_endpoint(&cloud.url);
    assert_eq!(job_to_file(&machine).well().code, 0);
    shift(&machine, &["reached_ms", "from_ms"], -3 * DAY);
    let line = "oncall logs group:/shop/web --resume job --to out -o raw --summary json";
    let ran = machine.types(line);
    assert_eq!(ran.code, 3);
    let (said, summary) = ran.stderr.trim_end().split_once('\n').unwrap();
    assert!(said.starts_with("missing: /shop/web from 20"), "{said}");
    assert!(said.ends_with(": no longer kept (retention 1 day)"), "{said}");
    let summary: serde_json::Value = serde_json::from_str(summary).unwrap();
    assert_eq!(summary["missing"][0]["problem"], "no longer kept (retention 1 day)");
    assert_eq!((&summary["complete"], &summary["exit_code"]), (&false.into(), &3.into()));
    assert_eq!(job_to_file(&machine).well().stdout, "");

    shift(&machine, &["reached_ms", "from_ms"], 2 * DAY);
    let ran = job_to_file(&machine);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("which is later than now\nhint: look at the clock; "), "{ran}");
}

#[test]
fn a_drill_keeps_nothing_between_runs() {
    assert_snapshot!(Machine::new().types("oncall --drill logs api --resume job"), @"
    ------- stderr -------
    error: a drill keeps nothing between runs, so --resume has nothing to go on from
    hint: `oncall drill serve` with AWS_ENDPOINT_URL is a cloud on which it works
    [exit 2]
    ");
}

#[test]
fn a_file_gets_what_a_pipe_gets() {
    let machine = Machine::new();
    let to = |more: &str| {
        let line = format!("oncall --drill logs prod/api/api -n 3 {more}");
        let expected = machine.types(&line).well().stdout;
        machine.file("out", "what was there before, and is longer than what comes");
        assert_eq!(machine.types(&format!("{line} --to out --color always")).well().stdout, "");
        let written = fs::read_to_string(machine.home().join("out")).unwrap();
        assert_eq!((written.lines().count(), &written), (3, &expected), "{more}");
    };
    to("");
    to("-o text");
    to("-o raw");
    to("--jq .message");
    let through = machine.types("oncall --drill logs prod/api/api -n 3 --to -").well();
    assert_eq!(through.records().len(), 3);
}

#[test]
fn a_file_that_cannot_be_written() {
    let machine = Machine::new();
    assert_snapshot!(machine.types("oncall --drill logs api --to ."), @"
    ------- stderr -------
    error: . cannot be written: Is a directory (os error 21)
    [exit 2]
    ");
    assert_snapshot!(machine.types("oncall --drill logs api --to nowhere/out"), @"
    ------- stderr -------
    error: nowhere/out cannot be written: No such file or directory (os error 2)
    [exit 2]
    ");
    if std::path::Path::new("/dev/full").exists() {
        assert_snapshot!(machine.types("oncall --drill logs api --to /dev/full"), @"
        ------- stderr -------
        error: /dev/full cannot be written: No space left on device (os error 28)
        [exit 3]
        ");
    }
}

/// How many requests it takes to find a service is no promise.
fn without_requests(summary: &str) -> String {
    let (before, after) = summary.split_once("\"requests\":").unwrap();
    format!("{before}\"requests\":N{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
}

#[test]
fn how_a_reading_went_is_a_record_when_asked_for() {
    let machine = Machine::new();
    let line = "oncall --drill -q logs prod/api/api --since 1m -n 1 --summary json -o raw";
    let ran = machine.types(line);
    assert_snapshot!(without_requests(&ran.stderr), @r#"{"time":"2026-11-22T20:00:00.000Z","kind":"summary","region":"us-east-1","from":"2026-11-22T19:59:00.000Z","to":"2026-11-22T20:00:00.000Z","records":1,"pages":1,"empty_pages":0,"without_level":0,"late":0,"recovered":0,"sampled":0,"after_guarantee":0,"unshaped":0,"requests":N,"throttled":0,"throttled_share":0.0,"retries":0,"duration_ms":0,"missing":[],"ended":"end","complete":true,"exit_code":0}"#);
    assert_eq!(ran.code, 0);
    let none = machine.types("oncall --drill -q logs grep nosuchword api --summary json");
    let summary: serde_json::Value = serde_json::from_str(&none.stderr).unwrap();
    assert_eq!((none.code, &summary["exit_code"]), (1, &1.into()));
    let failed = machine.types("oncall --drill logs api -n 1 --jq 'error(\"x\")' --summary json");
    let summary = failed.stderr.lines().find(|line| line.starts_with('{')).unwrap();
    let summary: serde_json::Value = serde_json::from_str(summary).unwrap();
    assert_eq!((failed.code, &summary["unshaped"]), (3, &1.into()));
    assert_eq!(summary["complete"], false);
    let silent =
        machine.types("oncall --drill logs '/ecs/*' --since 15m --level error --summary none");
    assert_eq!(silent.stderr, "");
}

#[test]
fn nothing_read_is_a_record_too() {
    let machine = Machine::new();
    let ran = machine.types("oncall --drill logs /archive/audit --summary json");
    let summary = ran.stderr.lines().find(|line| line.starts_with('{')).unwrap();
    let summary: serde_json::Value = serde_json::from_str(summary).unwrap();
    assert_eq!((ran.code, &summary["exit_code"]), (2, &2.into()));
    assert_eq!(summary["missing"][0]["group"], "/archive/audit");
}
