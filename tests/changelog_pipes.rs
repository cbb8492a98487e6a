//! `oncall changelog plan` and `apply`: what Terraform says, as records; and `--from`.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::Machine;

// Terraform 1.11.4 wrote these.
const PLAN: &[u8] = include_bytes!("../crates/changelog/src/terraform/fixtures/plan_second.json");
const APPLIED: &[u8] =
    include_bytes!("../crates/changelog/src/terraform/fixtures/apply_second.jsonl");
const FAILED: &[u8] =
    include_bytes!("../crates/changelog/src/terraform/fixtures/apply_failed.jsonl");
const STATE: &[u8] = include_bytes!("../crates/changelog/src/terraform/fixtures/state_1.json");

/// The only record.
fn change(records: &[Value]) -> &Value {
    assert_eq!(records.len(), 1, "{records:?}");
    &records[0]
}

fn addresses(change: &Value) -> Vec<&str> {
    let resources = change["resources"].as_array().unwrap().iter();
    resources.map(|resource| resource["address"].as_str().unwrap()).collect()
}

#[test]
fn a_plan_is_a_change_that_is_planned() {
    let machine = Machine::new();
    let ran = machine.pipes(PLAN, "oncall changelog plan - --system web").well();
    let records = ran.records();
    let change = change(&records);
    assert_eq!(change["kind"], "change");
    assert_eq!((&change["source"], &change["status"]), (&json!("plan"), &json!("planned")));
    assert_eq!(change["system"], "web");
    assert_eq!(change["flags"], json!(["DESTROYS"]));
    assert_eq!(change["counts"]["destroy"], 2);
    assert!(addresses(change).contains(&"terraform_data.queue[\"bills\"]"), "{change}");
    // It says itself when it was made, unless one knows better.
    assert_eq!(change["time"], "2026-11-24T11:47:18.000Z");
    let file = machine.file("plan.json", std::str::from_utf8(PLAN).unwrap());
    let line = format!("oncall changelog plan {} --at 2026-11-22T19:00:00Z", file.display());
    assert_eq!(machine.types(&line).well().records()[0]["time"], "2026-11-22T19:00:00.000Z");
}

#[test]
fn an_apply_says_when_each_resource_was_done() {
    let ran = Machine::new().pipes(APPLIED, "oncall changelog apply -").well();
    let records = ran.records();
    let change = change(&records);
    assert_eq!((&change["source"], &change["status"]), (&json!("apply"), &json!("applied")));
    let resources = change["resources"].as_array().unwrap();
    let web =
        resources.iter().find(|resource| resource["address"] == "terraform_data.web").unwrap();
    assert_eq!(web["outcome"], "done");
    assert!(web["time"].as_str().unwrap() >= change["time"].as_str().unwrap(), "{web}");
    assert!(web["elapsed_seconds"].is_number(), "{web}");
}

#[test]
fn an_apply_that_failed_in_the_middle_is_partial_and_says_of_what() {
    let ran = Machine::new().pipes(FAILED, "oncall changelog apply").well();
    let records = ran.records();
    let change = change(&records);
    assert_eq!((&change["status"], &change["flags"]), (&json!("partial"), &json!(["PARTIAL"])));
    assert_eq!(change["diagnostics"][0]["summary"], "local-exec provisioner error");
}

#[test]
fn messages_that_end_in_the_middle_are_an_incomplete_answer() {
    let begun = APPLIED.windows(14).position(|text| text == b"apply_complete").unwrap();
    let ran = Machine::new().pipes(&APPLIED[..begun], "oncall changelog apply -");
    assert_eq!(ran.code, 3, "{ran}");
    assert!(ran.stderr.contains("missing: what Terraform did last"), "{ran}");
    assert_eq!(change(&ran.records())["status"], "partial");
}

#[test]
fn the_second_ctrl_c_ends_the_reading_and_what_was_seen_is_said() {
    let machine = Machine::new();
    let mut command = machine.command("oncall changelog apply -");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let begun = APPLIED.windows(14).position(|text| text == b"apply_complete").unwrap();
    stdin.write_all(&APPLIED[..begun]).unwrap();
    // More than a pipe holds: once it is written, it is being read.
    let mut said = vec![b' '; 1 << 20];
    said.push(b'\n');
    stdin.write_all(&said).unwrap();
    let pid = child.id().to_string();
    let interrupt = || {
        assert!(
            std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success()
        );
    };
    interrupt();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    stderr.read_line(&mut first).unwrap();
    assert_eq!(first, "note: waiting for Terraform to stop; Ctrl-C again does not wait\n");
    interrupt();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let record: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(record["status"], "partial");
    drop(stdin);
}

#[test]
fn what_is_no_plan_and_no_apply_is_called_by_its_name() {
    let plan = "hint: terraform show -json plan.bin | oncall changelog plan -";
    let apply = "hint: terraform apply -json | oncall changelog apply -";
    let version = br#"{"format_version":"2.0","resource_changes":[]}"#;
    let ui = br#"{"@level":"info","type":"version","terraform":"9.0.0","ui":"2.0"}"#;
    for (input, verb, code, said, hint) in [
        (APPLIED, "plan", 2, "this is the JSON output of an apply", apply),
        (STATE, "plan", 2, "this is a Terraform state", plan),
        (b"PK\x03\x04\x14\0", "plan", 2, "a plan file as `terraform plan -out` writes it", plan),
        (b"<!DOCTYPE html><html>", "plan", 2, "a page of HTML", "hint: a proxy or a sign-in page"),
        (b"\x1b[1mTerraform will perform", "plan", 2, "this is not JSON", plan),
        (version, "plan", 2, "of version 2.0 cannot be read", ""),
        (b"", "plan", 3, "the input is empty", plan),
        (&PLAN[..5_000], "plan", 3, "ends in the middle, at byte 5000", "hint: did the command"),
        (PLAN, "apply", 2, "this is a plan in JSON", plan),
        (STATE, "apply", 2, "this is a Terraform state", apply),
        (b"PK\x03\x04\x14\0", "apply", 2, "a plan file as `terraform plan -out` writes it", apply),
        (b"", "apply", 3, "the input is empty", apply),
        (ui, "apply", 2, "of version 2.0 cannot be read", ""),
    ] {
        let ran = Machine::new().pipes(input, &format!("oncall changelog {verb} -"));
        assert_eq!((ran.stdout.as_str(), ran.code), ("", code), "{ran}");
        assert!(ran.stderr.starts_with("error: stdin: ") && ran.stderr.contains(said), "{ran}");
        assert!(ran.stderr.contains(hint), "{ran}");
    }
    let ran = Machine::new().types("oncall changelog plan no-such-plan.json");
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 2), "{ran}");
}

#[test]
fn lines_of_somebody_else_are_changes_among_the_others() {
    let machine = Machine::new();
    let lines = concat!(
        r#"{"time":"2026-11-22T19:41:00Z","summary":"deployed the CDN","system":"cdn","url":"https://ci.example/7"}"#,
        "\n",
        r#"{"time":"2026-11-20T19:41:00Z","summary":"too long ago"}"#,
        "\n",
    );
    let line = "oncall --drill changelog --source terraform --from - --summary json";
    let of_file = |records: Vec<Value>| -> Vec<Value> {
        records.into_iter().filter(|record| record["source"] == "file").collect()
    };
    let ran = machine.pipes(lines.as_bytes(), line);
    let records = of_file(ran.records());
    let found = change(&records);
    assert_eq!((&found["system"], &found["link"]), (&json!("cdn"), &json!("https://ci.example/7")));
    assert_eq!(found["before_minutes"], 19.0);

    let ran = machine.pipes(format!("{lines}oops\n").as_bytes(), line);
    assert_eq!((of_file(ran.records()).len(), ran.code), (1, 3), "{ran}");
    let summary: Value = serde_json::from_str(ran.stderr.lines().last().unwrap()).unwrap();
    let reads = summary["sources"].as_array().unwrap();
    let read = reads.iter().find(|read| read["source"] == "file").unwrap();
    assert_eq!((&read["name"], &read["ended"]), (&json!("stdin"), &json!("partly")));
    assert_eq!(read["why"], "a line is no change: line 3: it is no JSON (column 1)");

    let ran = machine.types("oncall --drill changelog --from no-such-file.jsonl");
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 2), "{ran}");
}
