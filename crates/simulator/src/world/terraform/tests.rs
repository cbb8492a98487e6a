//! Runs on their clock, and what they leave in states.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::world::{World, objects};

const PAGE: i64 = 1_795_379_760_000;
const START: i64 = PAGE + 240_000;

const HEAD: &str = r#"
name = "x"
summary = "x"
seed = 1
organizations = [{ name = "example" }]
buckets = [{ name = "states" }, { name = "old", versioning = "never" }]

[[workspaces]]
name = "web"
resources = [
  { address = "aws_instance.a", values = { size = "small", password = "hunter2" }, sensitive = ["password"] },
  { address = "aws_instance.b[0]", values = { size = "small" } },
  { address = "aws_instance.b[1]", values = { size = "small" } },
]

[[workspaces]]
name = "laptop"
backend = { bucket = "states", key = "a/b.tfstate", locks = true }
"#;

fn world(timeline: &str) -> World {
    World::new(Scenario::parse("x", &format!("{HEAD}{timeline}")).unwrap(), START)
}

fn run(keys: &str) -> World {
    world(&format!(
        "[[timeline]]\nat = \"-1h\"\n[timeline.run]\nworkspace = \"web\"\nactor = \"ana\"\n{keys}"
    ))
}

/// The statuses that a run goes through, each once.
fn statuses(world: &World) -> Vec<&str> {
    world.terraform.runs[0].steps.iter().map(|step| step.status.as_str()).collect()
}

const UP_TO_PLANNED: [&str; 4] = ["pending", "plan_queued", "planning", "planned"];

#[test]
fn a_run_that_is_applied_goes_through_all_of_it() {
    let world = run("plan = \"30s\"\nconfirm = \"5m\"\napply = \"2m\"");
    let rest = ["confirmed", "apply_queued", "applying", "applied"];
    assert_eq!(statuses(&world), [&UP_TO_PLANNED[..], &rest].concat());
    let run = &world.terraform.runs[0];
    let planned = PAGE - 3_600_000 + 4_000 + 30_000;
    assert_eq!(run.status(planned - 1), "planning");
    assert_eq!(run.status(planned), "planned");
    assert!(!run.is_over(planned + 299_999));
    assert_eq!(run.applying, Some([planned + 302_000, planned + 422_000]));
    assert!(run.is_over(planned + 422_000));
}

#[test]
fn a_run_ends_as_it_is_said_to() {
    let after_apply = ["confirmed", "apply_queued", "applying"];
    for (end, rest) in [
        ("waits", &[][..]),
        ("discarded", &["discarded"]),
        ("errored_in_apply", &[&after_apply[..], &["errored"]].concat()),
        ("canceled_in_apply", &[&after_apply[..], &["canceled"]].concat()),
        ("force_canceled", &[&after_apply[..], &["force_canceled"]].concat()),
    ] {
        let world = run(&format!("ends = \"{end}\""));
        assert_eq!(statuses(&world), [&UP_TO_PLANNED[..], rest].concat(), "{end}");
    }
    for (end, last) in [
        ("no_changes", "planned_and_finished"),
        ("errored_in_plan", "errored"),
        ("canceled_in_plan", "canceled"),
    ] {
        let world = run(&format!("ends = \"{end}\""));
        assert_eq!(statuses(&world), [&UP_TO_PLANNED[..3], &[last]].concat(), "{end}");
        assert_eq!(world.terraform.runs[0].applying, None);
    }
}

#[test]
fn what_still_waits_is_never_over_and_a_status_may_be_new() {
    assert!(!run("ends = \"waits\"").terraform.runs[0].is_over(i64::MAX));
    let world = run("status = \"napping\"");
    assert_eq!(world.terraform.runs[0].status(i64::MAX), "napping");
}

const CHANGES: &str = r#"
changes = [
  { address = "aws_instance.a", action = "update", attributes = ["tags"], values = { size = "large" } },
  { address = "aws_instance.b[1]", action = "delete" },
  { address = "aws_instance.c", action = "create", values = { size = "small" } },
]
"#;

#[test]
fn a_state_has_what_the_applied_changes_left() {
    let world = run(CHANGES);
    let [first, second] = &world.terraform.states[0][..] else { panic!("two states") };
    assert_eq!((first.serial, second.serial), (1, 2));
    assert_eq!(second.at, world.terraform.runs[0].applying.unwrap()[1]);
    let names = |state: &State| state.resources.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(first), ["aws_instance.a", "aws_instance.b[0]", "aws_instance.b[1]"]);
    assert_eq!(names(second), ["aws_instance.a", "aws_instance.b[0]", "aws_instance.c"]);
    let [before, after] = [first, second].map(|state| &state.resources["aws_instance.a"].values);
    let changed: Vec<&String> = after
        .iter()
        .filter(|(name, value)| before.get(*name) != Some(value))
        .map(|(n, _)| n)
        .collect();
    assert_eq!(changed, ["size", "tags"]);
}

#[test]
fn an_apply_that_fails_leaves_the_first_changes() {
    let world = run(&format!("ends = \"errored_in_apply\"\napplied = 2\n{CHANGES}"));
    let state = world.terraform.states[0].last().unwrap();
    assert!(!state.resources.contains_key("aws_instance.b[1]"));
    assert!(!state.resources.contains_key("aws_instance.c"));
    let spec = &world.scenario.terraform.runs[0];
    let counts = Counts::of(spec, spec.applied);
    assert_eq!((counts.additions, counts.changes, counts.destructions), (0, 1, 1));
    let log = world.terraform.apply_log(&world.scenario, 0, i64::MAX).unwrap();
    assert!(log.contains("apply_errored") && !log.contains("change_summary"), "{log}");
}

#[test]
fn a_run_that_is_not_applied_leaves_nothing() {
    for end in ["waits", "discarded", "canceled_in_plan"] {
        let world = run(&format!("ends = \"{end}\"\n{CHANGES}"));
        assert_eq!(world.terraform.states[0].len(), 1, "{end}");
    }
}

#[test]
fn a_plan_has_both_sides_and_hides_what_is_sensitive_when_redacted() {
    let world = run(CHANGES);
    let [full, redacted] = [false, true].map(|is| world.terraform.plan(&world.scenario, 0, is));
    let change = &full["resource_changes"][0]["change"];
    assert_eq!(change["actions"], json!(["update"]));
    assert_eq!(
        (&change["before"]["size"], &change["after"]["size"]),
        (&json!("small"), &json!("large"))
    );
    assert_eq!(change["before_sensitive"], json!({ "password": true }));
    assert!(full.to_string().contains("hunter2"));
    assert!(!redacted.to_string().contains("hunter2"), "{redacted}");
    assert_eq!(full["resource_changes"][1]["change"]["after"], json!(null));
    let created = &full["resource_changes"][2]["change"];
    assert_eq!((&created["before"], &created["after_unknown"]["id"]), (&json!(null), &json!(true)));
}

#[test]
fn a_log_grows_and_is_closed_at_its_end() {
    let world = run(&format!("apply = \"4m\"\n{CHANGES}"));
    let [began, ended] = world.terraform.runs[0].applying.unwrap();
    let at = |now| world.terraform.apply_log(&world.scenario, 0, now).unwrap();
    let half = at(began + 61_000);
    assert!(half.starts_with('\u{2}') && !half.ends_with('\u{3}'));
    assert_eq!(half.matches("apply_complete").count(), 1);
    let whole = at(ended);
    assert!(whole.starts_with(&half) && whole.ends_with('\u{3}'));
    assert_eq!(whole.matches("apply_complete").count(), 3);
}

#[test]
fn a_state_document_has_the_instances_of_a_count_together() {
    let world = run("");
    let text =
        state_document(&world.scenario.terraform.workspaces[0], &world.terraform.states[0][0]);
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["version"], json!(4));
    let b = &document["resources"][1];
    assert_eq!((&b["name"], b["instances"].as_array().unwrap().len()), (&json!("b"), 2));
    assert_eq!(b["instances"][1]["index_key"], json!(1));
    assert_eq!(
        document["resources"][0]["instances"][0]["sensitive_attributes"],
        json!([[{ "type": "get_attr", "value": "password" }]])
    );
}

#[test]
fn an_apply_on_a_laptop_is_a_version_of_an_object_and_a_lock_while_it_lasts() {
    let world = world(
        "[[timeline]]\nat = \"-1h\"\nrun = { workspace = \"laptop\", actor = \"ana\", changes = [{ address = \"a_b.c\", action = \"create\" }] }\n\
         [[timeline]]\nat = \"-30m\"\nput = { bucket = \"old\", key = \"k\", body = \"1\" }\n\
         [[timeline]]\nat = \"-20m\"\nput = { bucket = \"old\", key = \"k\", body = \"22\" }\n\
         [[timeline]]\nat = \"-10m\"\ndelete = { bucket = \"states\", key = \"a/b.tfstate\" }\n",
    );
    let [began, ended] = world.terraform.runs[0].applying.unwrap();
    let keys = |now| -> Vec<(String, bool)> {
        let versions = world.versions(0, now);
        versions
            .iter()
            .map(|v| (v.event.key.clone(), v.event.what == objects::What::Nothing))
            .collect()
    };
    let lock = || "a/b.tfstate.tflock".to_owned();
    let state = || "a/b.tfstate".to_owned();
    assert_eq!(keys(began), [(lock(), false)]);
    assert_eq!(keys(ended), [(state(), false), (lock(), true), (lock(), false)]);
    let last = world.versions(0, i64::MAX);
    assert!(last[0].is_latest && last[0].event.what == objects::What::Nothing);
    // Where no versions are kept, what is overwritten is gone.
    let old = world.versions(1, i64::MAX);
    assert_eq!((old.len(), old[0].id, world.content(old[0].event)), (1, "null", "22".to_owned()));
}

/// In the drill, what Terraform says of a service is what ECS shows, to the second.
#[test]
fn the_runs_of_incident_8_are_the_deployments_of_its_services() {
    let world = World::new(Scenario::builtin("incident-8").unwrap(), START);
    let mut deployments = 0;
    for (spec, run) in world.scenario.terraform.runs.iter().zip(&world.terraform.runs) {
        let Some([began, ended]) = run.applying else { continue };
        let turn = (ended - began) / (spec.changes.len() as i64 + 1);
        for (nth, change) in spec.changes.iter().enumerate() {
            let Some(definition) = change.values.get("task_definition").and_then(Value::as_str)
            else {
                continue;
            };
            let at = began + turn * nth as i64;
            let is_it = |service: &usize| {
                world.lives[*service].deployments.iter().any(|deployment| {
                    let family = &world.scenario.services[*service].family;
                    world.definition_arn(family, deployment.revision) == definition
                        && (deployment.created - at).abs() < 1_000
                })
            };
            assert!((0..world.lives.len()).any(|service| is_it(&service)), "{definition} at {at}");
            deployments += 1;
        }
    }
    assert_eq!(deployments, 9);
    let family = world.scenario.services.iter().position(|service| service.name == "destinations");
    let scaled = world.scenario.timeline.iter().find_map(|(at, action)| match action {
        crate::world::scenario::Action::Scale { service, desired: 180, .. }
            if Some(*service) == family =>
        {
            Some(PAGE + at)
        }
        _ => None,
    });
    let run = world.terraform.runs.iter().zip(&world.scenario.terraform.runs);
    let mut by_hand = run.filter(|(_, spec)| spec.message.starts_with("more destinations"));
    assert_eq!(by_hand.next().unwrap().0.applying.unwrap()[0], scaled.unwrap());
}

proptest! {
    #[test]
    fn the_moments_of_a_run_are_in_order(
        queued in 0..100_000_i64, plan in 0..1_000_000_i64, confirm in 0..400_000_000_i64, apply in 0..10_000_000_i64,
    ) {
        let keys = format!("queued = \"{queued}ms\"\nplan = \"{plan}ms\"\nconfirm = \"{confirm}ms\"\napply = \"{apply}ms\"");
        let world = run(&keys);
        let run = &world.terraform.runs[0];
        prop_assert!(run.steps.is_sorted_by_key(|step| step.at));
        prop_assert_eq!(run.status(run.steps[7].at), "applied");
        prop_assert_eq!(run.updated(i64::MAX), run.steps[7].at);
    }
}
