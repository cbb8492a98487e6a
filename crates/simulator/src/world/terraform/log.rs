//! What a plan and an apply print: Terraform's machine-readable UI, one JSON object a line, or its text for people.
//!
//! <https://developer.hashicorp.com/terraform/internals/machine-readable-ui>

use serde_json::{Value, json};

use super::{Counts, History};
use crate::world::clock_face::{self, TimeForm};
use crate::world::scenario::Scenario;
use crate::world::scenario::terraform::{Action, Change, End, Run, Workspace};

/// What begins a log, and what ends it once nothing more will come.
const START: char = '\u{2}';
const END: char = '\u{3}';

/// Lines of a log, each with its moment.
struct Log {
    structured: bool,
    lines: Vec<(i64, String)>,
}

impl Log {
    fn say(&mut self, at: i64, level: &str, message: &str, kind: &str, more: Value) {
        if !self.structured {
            self.lines.push((at, format!("{message}\n")));
            return;
        }
        let mut line = json!({
            "@level": level,
            "@message": message,
            "@module": "terraform.ui",
            "@timestamp": clock_face::text(at, TimeForm::Iso).replace('Z', "000Z"),
            "type": kind,
        });
        if let (Some(line), Value::Object(more)) = (line.as_object_mut(), more) {
            line.extend(more);
        }
        self.lines.push((at, format!("{line}\n")));
    }

    fn begins(&mut self, at: i64, workspace: &Workspace) {
        let version = &workspace.terraform_version;
        let more = json!({ "terraform": version, "ui": "1.2" });
        self.say(at, "info", &format!("Terraform {version}"), "version", more);
    }

    /// What there is of it at a moment; it is closed once `ended` has passed.
    fn until(self, now: i64, ended: i64) -> String {
        let mut text = String::from(START);
        text.extend(self.lines.into_iter().filter(|(at, _)| *at <= now).map(|(_, line)| line));
        if ended <= now {
            text.push(END);
        }
        text
    }
}

impl History {
    /// The log of a run's plan.
    pub(crate) fn plan_log(&self, scenario: &Scenario, index: usize, now: i64) -> String {
        let (run, workspace) = parts(scenario, index);
        let [began, ended] = self.runs[index].planning;
        let mut log = Log { structured: workspace.structured, lines: Vec::new() };
        log.begins(began, workspace);
        match run.end {
            End::ErroredInPlan => log.fails(ended, "Invalid reference"),
            End::CanceledInPlan => {}
            _ => log.plans(ended, run),
        }
        log.until(now, ended)
    }

    /// The log of a run's apply; nothing if it never begins to.
    pub(crate) fn apply_log(&self, scenario: &Scenario, index: usize, now: i64) -> Option<String> {
        let (run, workspace) = parts(scenario, index);
        let [began, ended] = self.runs[index].applying?;
        let mut log = Log { structured: workspace.structured, lines: Vec::new() };
        log.begins(began, workspace);
        let planned: Vec<&Change> = run
            .changes
            .iter()
            .filter(|change| !change.drift && !matches!(change.action, Action::NoOp | Action::Read))
            .collect();
        // One after the other, evenly over the time that it takes.
        let turn = (ended - began) / (planned.len() as i64 + 1);
        let applied = run.applied.min(planned.len());
        for (nth, change) in planned.iter().take(applied).enumerate() {
            let from = began + turn * nth as i64;
            log.applies(from, from + turn, change);
        }
        if run.end == End::ErroredInApply {
            let from = began + turn * applied as i64;
            if let Some(change) = planned.get(applied) {
                log.applies_in_vain(from, from + turn, change);
            }
            log.fails(
                ended,
                "creating resource: operation error, StatusCode: 400, ValidationException",
            );
        }
        if run.end == End::Applied {
            log.sums_up(ended, run, "apply");
            log.says_outputs(ended, workspace);
        }
        Some(log.until(now, ended))
    }
}

fn parts(scenario: &Scenario, index: usize) -> (&Run, &Workspace) {
    let run = &scenario.terraform.runs[index];
    (run, &scenario.terraform.workspaces[run.workspace])
}

fn resource(change: &Change) -> Value {
    let address = &change.address;
    let module = address.module.clone().unwrap_or_default();
    let own = address.text.strip_prefix(&module).unwrap_or(&address.text);
    json!({
        "addr": address.text,
        "module": module,
        "resource": own.trim_start_matches('.'),
        "implied_provider": address.kind.split('_').next(),
        "resource_type": address.kind,
        "resource_name": address.name,
        "resource_key": address.index,
    })
}

fn verb(action: Action) -> &'static str {
    match action {
        Action::NoOp => "noop",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::Delete => "delete",
        Action::Replace | Action::ReplaceFirst => "replace",
        Action::Forget => "remove",
        Action::Move => "move",
        Action::Import => "import",
    }
}

impl Log {
    fn plans(&mut self, at: i64, run: &Run) {
        for change in &run.changes {
            let (address, action) = (&change.address.text, verb(change.action));
            let mut said = json!({ "resource": resource(change), "action": action });
            if let Some(previous) = &change.previous {
                said["previous_resource"] = json!({ "addr": previous.text });
            }
            if let Some(reason) = change.reason.as_deref().and_then(short_reason) {
                said["reason"] = Value::from(reason);
            }
            let (kind, words) = match change.drift {
                true => ("resource_drift", format!("{address}: Drift detected ({action})")),
                false => ("planned_change", format!("{address}: Plan to {action}")),
            };
            if change.drift || change.action != Action::NoOp {
                self.say(at, "info", &words, kind, json!({ "change": said }));
            }
        }
        self.sums_up(at, run, "plan");
    }

    fn applies(&mut self, from: i64, to: i64, change: &Change) {
        let (address, action) = (&change.address.text, apply_verb(change.action));
        let hook = json!({ "resource": resource(change), "action": action });
        let words = format!("{address}: {}...", ongoing(action));
        self.say(from, "info", &words, "apply_start", json!({ "hook": hook }));
        let mut hook = hook;
        hook["elapsed_seconds"] = Value::from((to - from) / 1000);
        let words = format!("{address}: {} complete after {}s", noun(action), (to - from) / 1000);
        self.say(to, "info", &words, "apply_complete", json!({ "hook": hook }));
    }

    fn applies_in_vain(&mut self, from: i64, to: i64, change: &Change) {
        let (address, action) = (&change.address.text, apply_verb(change.action));
        let hook = json!({ "resource": resource(change), "action": action });
        let words = format!("{address}: {}...", ongoing(action));
        self.say(from, "info", &words, "apply_start", json!({ "hook": hook }));
        let mut hook = hook;
        hook["elapsed_seconds"] = Value::from((to - from) / 1000);
        let words = format!("{address}: {} errored after {}s", noun(action), (to - from) / 1000);
        self.say(to, "info", &words, "apply_errored", json!({ "hook": hook }));
    }

    fn fails(&mut self, at: i64, summary: &str) {
        let diagnostic = json!({ "severity": "error", "summary": summary, "detail": "" });
        let words = format!("Error: {summary}");
        self.say(at, "error", &words, "diagnostic", json!({ "diagnostic": diagnostic }));
    }

    fn sums_up(&mut self, at: i64, run: &Run, operation: &str) {
        let counts = Counts::of(run, run.changes.len());
        let Counts { additions, changes, destructions, imports } = counts;
        let words = match operation {
            "plan" => {
                format!("Plan: {additions} to add, {changes} to change, {destructions} to destroy.")
            }
            _ => format!(
                "Apply complete! Resources: {additions} added, {changes} changed, {destructions} destroyed."
            ),
        };
        let said = json!({ "add": additions, "change": changes, "import": imports, "remove": destructions,
            "action_invocation": 0, "operation": operation });
        self.say(at, "info", &words, "change_summary", json!({ "changes": said }));
    }

    /// With their values, also of those that are sensitive: so does Terraform.
    fn says_outputs(&mut self, at: i64, workspace: &Workspace) {
        if !self.structured || workspace.outputs.is_empty() {
            return;
        }
        let outputs: serde_json::Map<String, Value> = workspace
            .outputs
            .iter()
            .map(|(name, output)| {
                (name.clone(), json!({ "sensitive": output.sensitive, "type": "string", "value": output.value }))
            })
            .collect();
        let words = format!("Outputs: {}", outputs.len());
        self.say(at, "info", &words, "outputs", json!({ "outputs": outputs }));
    }
}

/// The action that an apply names: a replacement is told by its creation here.
fn apply_verb(action: Action) -> &'static str {
    match action {
        Action::Replace | Action::ReplaceFirst => "create",
        other => verb(other),
    }
}

fn ongoing(action: &str) -> &'static str {
    match action {
        "create" => "Creating",
        "delete" => "Destroying",
        "update" => "Modifying",
        _ => "Applying",
    }
}

fn noun(action: &str) -> &'static str {
    match action {
        "create" => "Creation",
        "delete" => "Destruction",
        "update" => "Modifications",
        _ => "Apply",
    }
}

/// A reason of the plan format in the words of the machine-readable UI.
fn short_reason(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "replace_because_tainted" => "tainted",
        "replace_because_cannot_update" => "cannot_update",
        "replace_by_request" => "requested",
        "replace_by_triggers" => "replace_triggered_by",
        "delete_because_no_resource_config" => "delete_because_no_resource_config",
        "delete_because_no_module" => "delete_because_no_module",
        "delete_because_count_index" => "delete_because_count_index",
        "delete_because_each_key" => "delete_because_each_key",
        _ => return None,
    })
}
