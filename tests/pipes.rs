//! At the other end of a pipe: readers that leave, disks that are full, Ctrl-C.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::support::Machine;
use crate::support::cloud::{Answer, with_one_group};

fn start(machine: &Machine, line: &str) -> Child {
    let mut command = machine.command(line);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn stderr_of(child: &mut Child) -> String {
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_reader_that_has_its_line_ends_it_at_once_and_quietly() {
    let machine = Machine::new();
    let mut child = start(&machine, "oncall --drill logs '/ecs/*' --since 6h");
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with(r#"{"time":"#));
    assert_eq!(stderr_of(&mut child), "");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_reader_that_leaves_while_nothing_comes_ends_it_too() {
    let cloud = with_one_group("/shop/web", |_| {
        loop {
            std::thread::park();
        }
    });
    let machine = Machine::with_endpoint(&cloud.url);
    let mut child = start(&machine, "oncall logs group:/shop/web --timeout 1h");
    drop(child.stdout.take());
    assert_eq!(stderr_of(&mut child), "");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn ctrl_c_writes_what_was_read_and_says_so() {
    let cloud = with_one_group("/shop/web", |request| {
        if request.body["nextToken"].is_string() {
            loop {
                std::thread::park();
            }
        }
        Answer::json(
            r#"{"events":[{"logStreamName":"s","timestamp":1795377600001,"message":"first","eventId":"1"}],"nextToken":"t"}"#,
        )
    });
    let machine = Machine::with_endpoint(&cloud.url);
    let line =
        "oncall logs group:/shop/web --since 1795377600 --until 1795377660 -o raw --timeout 1h";
    let mut child = start(&machine, line);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    assert_eq!(first, "first\n");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(stderr_of(&mut child), "1 record, 1 page, 0 throttles, 0 retries, interrupted\n");
}

#[test]
fn a_full_disk_is_said() {
    let machine = Machine::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let mut command = machine.command("oncall --drill logs api -n 1");
    let output = command.stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("error: the output cannot be written: "), "{stderr}");
}

#[test]
fn help_and_version_need_nothing() {
    let mut machine = Machine::new();
    machine.file(".config/oncall/config.toml", "this is not toml");
    machine.set("AWS_PROFILE", "nowhere");
    assert!(machine.types("oncall --help").well().stdout.contains("logs"));
    assert!(machine.types("oncall logs --help").well().stdout.contains("grep"));
    assert!(machine.types("oncall logs grep --help").well().stdout.contains("--ignore-case"));
    let version = machine.types("oncall --version").well();
    assert_eq!(version.stdout, format!("oncall {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_drill_can_be_served_to_other_tools() {
    let machine = Machine::new();
    let mut child = start(&machine, "oncall drill serve --frozen");
    let mut first = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut first).unwrap();
    let endpoint: serde_json::Value = serde_json::from_str(&first).unwrap();
    let url = endpoint["env"]["AWS_ENDPOINT_URL"].as_str().unwrap();
    let window = "--since 2026-11-22T19:59:00Z --until 2026-11-22T20:00:00Z";
    let over_the_wire =
        Machine::with_endpoint(url).types(&format!("oncall logs api {window}")).well();
    let embedded = machine.types(&format!("oncall --drill logs api {window}")).well();
    assert_eq!(over_the_wire.stdout, embedded.stdout);
    drop(stdout);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
