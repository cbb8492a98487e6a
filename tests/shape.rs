//! `--jq`, `--template` and `--link`: what becomes of records on their way out.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::support::cloud::{Answer, with_one_group};
use crate::support::{Machine, Ran};

fn typed(line: &str) -> Ran {
    Machine::new().types(line)
}

/// A machine whose group has an event for each of these texts.
fn with_events(texts: &[&str]) -> Machine {
    let event = |(at, text): (usize, &&str)| {
        serde_json::json!({ "logStreamName": "s", "timestamp": 1_795_377_600_001_u64 + at as u64,
            "message": text, "eventId": at.to_string() })
    };
    let events: Vec<_> = texts.iter().enumerate().map(event).collect();
    let page = serde_json::json!({ "events": events }).to_string();
    Machine::with_endpoint(&with_one_group("/shop/web", move |_| Answer::json(page.clone())).url)
}

const WINDOW: &str = "--since 1795377600 --until 1795377660";

#[test]
fn jq_takes_each_record_and_prints_texts_raw() {
    assert_snapshot!(typed("oncall --drill logs api -n 2 --jq '.message, .fields.res'").well(), @r#"
    request completed
    {"statusCode":202}
    request completed
    {"statusCode":200}
    "#);
    assert_snapshot!(typed("oncall --drill logs api -n 2 --jq '[.time, .level, .service] | @tsv'").well(), @"
    2026-11-22T19:59:58.060Z	info	api
    2026-11-22T19:59:58.937Z	info	api
    ");
    assert_snapshot!(typed("oncall --drill logs api -n 2 --jq empty").well(), @"");
}

#[test]
fn jq_makes_what_it_would_make_of_the_json_lines() {
    let machine = Machine::new();
    let records = machine.types("oncall --drill logs api --since 5m").well().records();
    let lengths =
        machine.types("oncall --drill logs api --since 5m --jq '.message | length'").well();
    let expected: Vec<String> = records
        .iter()
        .map(|record| record["message"].as_str().unwrap().chars().count().to_string())
        .collect();
    assert!(expected.len() > 300);
    assert_eq!(lengths.stdout.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn every_command_that_prints_records_takes_it() {
    assert_snapshot!(typed("oncall --drill logs grep -c timeout api --jq .count").well(), @"837");
    assert_snapshot!(typed("oncall --drill logs groups lambda --jq '.group'").well(), @"
    /aws/lambda/invoice-mailer
    /aws/lambda/thumbnails
    ");
    assert_snapshot!(typed("oncall --drill logs streams prod/scheduler -n 1 --jq .container").well(), @"scheduler");
    let machine = Machine::new();
    let mut serve = machine.command("oncall drill serve --frozen --jq .scenario");
    let mut child = serve.stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "incident-8\n");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn grep_that_finds_nothing_says_no_all_the_same() {
    assert_snapshot!(typed("oncall --drill logs grep 'no such thing' api --jq ."), @"[exit 1]");
}

#[test]
fn a_wrong_program_is_said_before_anything_is_asked() {
    let nowhere = Machine::with_endpoint(&crate::support::cloud::Cloud::nowhere());
    assert_snapshot!(nowhere.types("oncall logs api --jq '.a | (.b'"), @r#"
    ------- stderr -------
    error: the jq program is wrong at column 6: `(` is not closed
    hint: --jq takes what jq takes, as in --jq .message or --jq 'select(.level == "error") | .fields'; docs/records.md says where they differ
    [exit 2]
    "#);
    assert_snapshot!(nowhere.types("oncall logs api --jq 'select(.level == \"error\") | .mesage('"), @r#"
    ------- stderr -------
    error: the jq program is wrong at column 36: `(` is not closed
    hint: --jq takes what jq takes, as in --jq .message or --jq 'select(.level == "error") | .fields'; docs/records.md says where they differ
    [exit 2]
    "#);
    assert_snapshot!(nowhere.types("oncall logs api --jq 'foo(1)'"), @r#"
    ------- stderr -------
    error: the jq program is wrong at column 1: there is no filter foo/1
    hint: --jq takes what jq takes, as in --jq .message or --jq 'select(.level == "error") | .fields'; docs/records.md says where they differ
    [exit 2]
    "#);
    assert_snapshot!(nowhere.types("oncall logs api --jq 'env.AWS_SECRET_ACCESS_KEY'"), @"
    ------- stderr -------
    error: the jq program is wrong at column 1: there is no filter env/0
    hint: a program does not see the environment, where secrets are
    [exit 2]
    ");
    assert_snapshot!(nowhere.types("oncall logs api --jq $ENV"), @"
    ------- stderr -------
    error: the jq program is wrong at column 1: there is no variable $ENV
    hint: a program does not see the environment, where secrets are
    [exit 2]
    ");
    assert_snapshot!(nowhere.types("oncall logs api --template '{{ time'"), @"
    ------- stderr -------
    error: the template is wrong at column 4: unexpected end of input, expected end of variable block
    hint: --template takes minijinja, as in --template '{{ time | clock }} {{ message }}'; docs/records.md has the filters
    [exit 2]
    ");
    assert_snapshot!(nowhere.types("oncall logs api --template @nowhere.j2"), @"
    ------- stderr -------
    error: the template nowhere.j2 cannot be read: No such file or directory (os error 2)
    [exit 2]
    ");
}

#[test]
fn it_is_a_form_of_its_own() {
    assert_snapshot!(typed("oncall --drill logs api --jq . -o raw"), @"
    ------- stderr -------
    error: --jq is a form of output of its own
    hint: leave out --jq, or -o
    [exit 2]
    ");
    assert_snapshot!(typed("oncall --drill logs api --jq . --template x"), @"
    ------- stderr -------
    error: the argument '--jq <PROGRAM>' cannot be used with '--template <TEMPLATE|@FILE>'

    Usage: oncall logs tail --jq <PROGRAM> <TARGET>...

    For more information, try '--help'.
    [exit 2]
    ");
    let json = typed("oncall --drill logs api -n 1 --jq .kind -o json").well();
    assert_eq!(json.stdout, "log\n");
}

#[test]
fn what_a_program_fails_on_is_said_once_and_counted() {
    let machine = with_events(&["1", "two", "{\"msg\":\"three\",\"n\":3}", "4"]);
    let line = |shape: &str| format!("oncall logs group:/shop/web {WINDOW} {shape}");
    assert_snapshot!(machine.types(&line("--jq '.message | tonumber | if . == 4 then halt else . end'")), @r#"
    1
    ------- stderr -------
    missing: a record, as the jq program failed on it: cannot parse "two" as JSON: byte offset 0: value expected
    missing: a record, as the jq program failed on it: cannot parse "three" as JSON: byte offset 0: value expected
    missing: a record, as the jq program failed on it: it called halt
    missing: 3 records in all, on which the jq program failed
    [exit 3]
    "#);
    assert_snapshot!(machine.types(&line("--jq .message.text")), @r#"
    ------- stderr -------
    missing: a record, as the jq program failed on it: cannot index a text with "text"
    missing: 4 records in all, on which the jq program failed
    [exit 3]
    "#);
    assert_snapshot!(machine.types(&line("--template '{{ message | datetime }}'")), @"
    ------- stderr -------
    missing: a record, as the template failed on it: invalid operation: 1 is no time (line 1)
    missing: a record, as the template failed on it: invalid operation: two is no time (line 1)
    missing: a record, as the template failed on it: invalid operation: three is no time (line 1)
    missing: a record, as the template failed on it: invalid operation: 4 is no time (line 1)
    missing: 4 records in all, on which the template failed
    [exit 3]
    ");
}

#[test]
fn a_template_is_filled_in_with_each_record() {
    let machine = Machine::new();
    let line = "oncall --drill --timezone Europe/Berlin logs grep -m 3 parsed api --template";
    let inline = "'{{ time | clock }} {{ level | pad(6) }}{{ message | truncate(16) }} \
                  {{ fields.err.type }}{{ fields.no.such.key }}'";
    assert_snapshot!(machine.types(&format!("{line} {inline}")).well(), @"
    20:46:03.758 error body could not … SyntaxError
    20:46:53.687 error body could not … SyntaxError
    20:47:39.125 error body could not … SyntaxError
    ");
    machine.file("short.j2", "{% if level == 'error' %}{{ task[:8] }}: {{ fields.err | tojson | truncate(40) }}{% endif %}\n");
    assert_snapshot!(machine.types(&format!("{line} @short.j2")).well(), @r#"
    683112f0: {"type":"SyntaxError","message":"Unexpe…
    653dc2d4: {"type":"SyntaxError","message":"Unexpe…
    b7b9d8de: {"type":"SyntaxError","message":"Unexpe…
    "#);
}

#[test]
fn a_link_is_the_last_key_and_the_last_column() {
    let machine = with_events(&["hello"]);
    let line = |flags: &str| format!("oncall logs group:/shop/web {WINDOW} {flags}");
    assert_snapshot!(machine.types(&line("--link")).well(), @r#"{"time":"2026-11-22T20:00:00.001Z","kind":"log","account":"123456789012","region":"us-east-1","group":"/shop/web","stream":"s","message":"hello","id":"0","link":"https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/$252Fshop$252Fweb/log-events/s$3Fstart$3D1795377600001$26refEventId$3D0"}"#);
    assert_snapshot!(machine.types(&line("--link --jq .link")).well(), @"https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/$252Fshop$252Fweb/log-events/s$3Fstart$3D1795377600001$26refEventId$3D0");
    assert_snapshot!(machine.types(&line("--link -o text")).well(), @"2026-11-22T20:00:00.001Z		/shop/web	s					hello		https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/$252Fshop$252Fweb/log-events/s$3Fstart$3D1795377600001$26refEventId$3D0");
    assert_snapshot!(machine.types(&line("--link -o raw")).well(), @"hello");
    assert_snapshot!(typed("oncall --drill logs groups lambda --link --jq .link").well(), @"
    https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/$252Faws$252Flambda$252Finvoice-mailer
    https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/$252Faws$252Flambda$252Fthumbnails
    ");
    assert_snapshot!(typed("oncall --drill logs streams prod/scheduler -n 1 --link --jq .link").well(), @"https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/$252Fecs$252Fprod-control/log-events/cp$252Fscheduler$252F0b19f94a084e06f89c61c129cf7744a1");
    assert_snapshot!(typed("oncall --drill logs grep -c timeout api --link").well(), @r#"{"time":"2026-11-22T20:00:00.000Z","kind":"count","count":837}"#);
}

/// A program that writes more than a pipe takes at once, and then never ends.
const WITHOUT_END: &str = "--jq '(range(40000) | tostring), (1 | until(false; .))'";

#[test]
fn a_reader_that_leaves_ends_a_program_without_end() {
    let machine = with_events(&["one"]);
    let mut command =
        machine.command(&format!("oncall logs group:/shop/web {WINDOW} {WITHOUT_END}"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "0\n");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn ctrl_c_ends_a_program_without_end() {
    let machine = with_events(&["one"]);
    let mut command =
        machine.command(&format!("oncall logs group:/shop/web {WINDOW} {WITHOUT_END}"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
