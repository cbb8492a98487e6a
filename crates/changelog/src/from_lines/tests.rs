use ::record::Time;
use proptest::prelude::*;

use super::*;
use crate::record::{Action, Flag, Source, Status};

fn read(text: &str) -> Vec<Result<ChangeRecord, String>> {
    let lines = from_lines(text.as_bytes());
    lines.map(|line| line.map_err(|error| error.to_string())).collect()
}

fn only(text: &str) -> ChangeRecord {
    let mut read = read(text);
    assert_eq!(read.len(), 1);
    read.remove(0).unwrap()
}

fn error(text: &str) -> String {
    read(text).remove(0).unwrap_err()
}

#[test]
fn time_and_summary_are_enough() {
    let change = only(r#"{"time":"2026-11-22T20:36:58Z","summary":"flag dark_mode on"}"#);
    assert_eq!(change.time.to_string(), "2026-11-22T20:36:58.000Z");
    assert_eq!((change.source, change.status), (Source::File, Status::Applied));
    assert_eq!(change.summary, "flag dark_mode on");
}

#[test]
fn a_time_may_be_a_number_of_seconds_or_milliseconds() {
    for time in ["1795466218.5", "1795466218500"] {
        let change = only(&format!(r#"{{"time":{time},"summary":"x"}}"#));
        assert_eq!(change.time, Time::from_millis(1_795_466_218_500));
    }
}

#[test]
fn keys_with_our_names_are_kept_and_others_are_left_out() {
    let change = only(concat!(
        r#"{"time":0,"summary":"x","system":"api","cluster":"prod","actor":"ana","status":"in_flight","#,
        r#""flags":["ticketless"],"tickets":["OPS-1",{"key":"OPS-2","approved":false}],"#,
        r#""resources":[{"address":"a.b","action":"delete","values":[1]}],"url":"https://ci/1","#,
        r#""environment":null,"pipeline":{"secret":"hunter2"}}"#
    ));
    assert_eq!(change.system.as_deref(), Some("api"));
    assert_eq!(change.cluster.as_deref(), Some("prod"));
    assert_eq!(change.actor.as_deref(), Some("ana"));
    assert_eq!(change.link.as_deref(), Some("https://ci/1"));
    assert_eq!(change.status, Status::InFlight);
    assert_eq!(change.flags, [Flag::Ticketless]);
    assert_eq!(change.tickets[1].approved, Some(false));
    assert_eq!(change.resources[0].action, Action::Delete);
    assert_eq!(change.counts.destroy, 1);
    assert!(!format!("{change:?}").contains("hunter2"));
}

#[test]
fn what_we_wrote_we_read() {
    let text = concat!(
        r#"{"time":"1970-01-01T00:00:00.000Z","kind":"change","began":"1969-12-31T23:59:00.000Z","#,
        r#""source":"terraform","system":"hosts","task_definition":"a:2","summary":"x","#,
        r#""resources":[{"address":"a.b","action":"update","attributes":["c"]}],"#,
        r#""counts":{"add":0,"change":1,"destroy":0},"status":"rolled_back","#,
        r#""reach":{"tasks":3,"daemon":true},"#,
        r#""aftermath":{"rollout":"FAILED","failed_tasks":1,"deaths":2,"last_death":"1970-01-01T00:00:01.000Z"},"#,
        r#""flags":["AUTO-APPLY"],"tickets":[{"key":"OPS-1","approved":true}],"id":"d","#,
        r#""steps":[{"source":"ecs","time":"1970-01-01T00:00:00.000Z","cluster":"prod","summary":"y","status":"applied"}]}"#
    );
    assert_eq!(serde_json::to_string(&only(text)).unwrap(), text);
}

#[test]
fn our_records_of_other_kinds_are_passed_over() {
    let text = concat!(
        "{\"time\":0,\"kind\":\"log\",\"message\":\"x\"}\n",
        "{\"time\":0,\"kind\":\"changelog_summary\",\"changes\":0}\n",
        "{\"time\":0,\"kind\":\"release\",\"summary\":\"theirs\"}\n",
    );
    assert_eq!(only(text).summary, "theirs");
}

#[test]
fn a_line_that_is_no_change_is_said_by_its_number_and_the_next_one_is_read() {
    let text = "{\"time\":0,\"summary\":\"a\"}\n\nnonsense\n{\"time\":0,\"summary\":\"b\"}";
    let read = read(text);
    assert_eq!(read[1], Err("line 3: it is no JSON (column 2)".to_owned()));
    assert_eq!(read[2].as_ref().unwrap().summary, "b");
}

#[test]
fn an_error_says_what_is_wrong_and_quotes_nothing() {
    assert_eq!(error(r#"{"summary":"x"}"#), "line 1: it has no time");
    assert_eq!(error(r#"{"time":0}"#), "line 1: it has no summary");
    assert_eq!(error(r#"{"time":0,"summary":["hunter2"]}"#), "line 1: its summary is not text");
    assert_eq!(error(r#"{"time":0,"summary":"#), "line 1: its JSON is cut off");
    assert_eq!(error("[1]"), "line 1: it is no JSON object");
    assert_eq!(
        error(r#"{"time":"yesterday","summary":"x"}"#),
        "line 1: its time is not RFC 3339, or a number of seconds or milliseconds"
    );
    assert_eq!(
        error(r#"{"time":0,"summary":"x","flags":["LOUD"]}"#),
        "line 1: its flags is not a list of flags"
    );
    assert_eq!(
        error(r#"{"time":0,"summary":"x","counts":{"add":"hunter2"}}"#),
        "line 1: its counts is not an object of ours"
    );
}

#[test]
fn a_line_that_is_too_long_is_passed_over() {
    let long = format!(r#"{{"time":0,"summary":"{}"}}"#, "x".repeat(LONGEST_LINE));
    let read = read(&format!("{long}\n{{\"time\":0,\"summary\":\"b\"}}\n"));
    assert_eq!(read[0], Err(format!("line 1: it is longer than {LONGEST_LINE} bytes")));
    assert_eq!(read[1].as_ref().unwrap().summary, "b");
    assert_eq!(read.len(), 2);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_no_trouble() {
    let read =
        read("\u{feff}{\"time\":0,\"summary\":\"a\"}\r\n\r\n{\"time\":0,\"summary\":\"b\"}\r\n");
    assert_eq!(read.len(), 2);
    assert!(read.iter().all(Result::is_ok));
}

#[test]
fn a_reader_that_fails_ends_it() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    let read: Vec<_> = from_lines(io::BufReader::new(Broken)).collect();
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].as_ref().unwrap_err().to_string(), "line 1: it could not be read: gone");
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in "(\\PC|\n){0,200}") {
        let lines = text.split('\n').filter(|line| !line.as_bytes().trim_ascii().is_empty());
        prop_assert_eq!(read(&text).len(), lines.count());
    }

    #[test]
    fn the_size_of_the_buffer_does_not_matter(summaries in proptest::collection::vec("\\PC{0,20}", 0..6), size in 1usize..40) {
        let lines: Vec<String> = summaries
            .iter()
            .map(|summary| format!("{}\n", serde_json::json!({"time": 0, "summary": summary})))
            .collect();
        let text = lines.concat();
        let reader = io::BufReader::with_capacity(size, text.as_bytes());
        let read: Vec<String> = from_lines(reader).map(|line| line.unwrap().summary).collect();
        prop_assert_eq!(read, summaries);
    }
}
