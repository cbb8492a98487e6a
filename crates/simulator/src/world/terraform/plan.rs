//! A plan as JSON, format version 1.2, in full and redacted.
//!
//! <https://developer.hashicorp.com/terraform/internals/json-format>

use serde_json::{Map, Value, json};

use super::{History, Sides, State};
use crate::world::clock_face::{self, TimeForm};
use crate::world::scenario::Scenario;
use crate::world::scenario::terraform::{Action, Change, Resource};

/// What stands for a value that is redacted.
const REDACTED: &str = "REDACTED_SENSITIVE";

impl History {
    /// The plan of a run.
    pub(crate) fn plan(&self, scenario: &Scenario, index: usize, is_redacted: bool) -> Value {
        let (run, played) = (&scenario.terraform.runs[index], &self.runs[index]);
        let workspace = &scenario.terraform.workspaces[run.workspace];
        let before = self.state_before(run.workspace, played.planning[1]);
        let hide = |name: &String, value: &Value, is_sensitive: bool| {
            let shown =
                if is_sensitive && is_redacted { Value::from(REDACTED) } else { value.clone() };
            (name.clone(), shown)
        };
        let variables: Map<String, Value> = workspace
            .variables
            .iter()
            .map(|(name, value)| (name.clone(), json!({ "value": hide(name, value, true).1 })))
            .collect();
        let outputs: Map<String, Value> = workspace
            .outputs
            .iter()
            .map(|(name, output)| {
                let (name, value) = hide(name, &output.value, output.sensitive);
                (name, json!({ "actions": ["no-op"], "before": value, "after": value, "after_unknown": false,
                    "before_sensitive": output.sensitive, "after_sensitive": output.sensitive }))
            })
            .collect();
        let (mut changes, mut drift) = (Vec::new(), Vec::new());
        for (change, sides) in run.changes.iter().zip(&played.changes) {
            let made = resource_change(change, sides, is_redacted);
            if change.drift { drift.push(made) } else { changes.push(made) }
        }
        let prior = |resource: &Resource| resource_values(resource, is_redacted);
        json!({
            "format_version": "1.2",
            "terraform_version": workspace.terraform_version,
            "variables": variables,
            "planned_values": { "root_module": { "resources": planned_values(&run.changes, &played.changes, is_redacted) } },
            "resource_drift": drift,
            "resource_changes": changes,
            "output_changes": outputs,
            "prior_state": {
                "format_version": "1.0",
                "terraform_version": workspace.terraform_version,
                "values": { "root_module": { "resources":
                    before.map_or_else(Vec::new, |state| state.resources.values().map(prior).collect()) } },
            },
            "configuration": { "root_module": {} },
            "timestamp": clock_face::text(played.planning[1], TimeForm::IsoSeconds),
            "applyable": !changes_nothing(&run.changes),
            "complete": run.targets.is_empty(),
            "errored": false,
        })
    }

    fn state_before(&self, workspace: usize, moment: i64) -> Option<&State> {
        self.states[workspace].iter().rev().find(|state| state.at <= moment)
    }
}

fn changes_nothing(changes: &[Change]) -> bool {
    changes.iter().all(|change| change.drift || change.action == Action::NoOp)
}

/// The actions of a change, as a plan lists them.
fn actions(action: Action) -> &'static [&'static str] {
    match action {
        // What is moved or imported without another change.
        Action::NoOp | Action::Move | Action::Import => &["no-op"],
        Action::Create => &["create"],
        Action::Read => &["read"],
        Action::Update => &["update"],
        Action::Delete => &["delete"],
        Action::Replace => &["delete", "create"],
        Action::ReplaceFirst => &["create", "delete"],
        Action::Forget => &["forget"],
    }
}

fn resource_change(change: &Change, sides: &Sides, is_redacted: bool) -> Value {
    let address = &change.address;
    let side = |values: &Option<Map<String, Value>>| {
        values.as_ref().map(|values| shown(values, &sides.sensitive, is_redacted))
    };
    let before = side(&sides.before);
    let mut after = side(&sides.after);
    let mut unknown = Map::new();
    for name in &sides.unknown {
        if let Some(after) = &mut after {
            after.remove(name);
        }
        unknown.insert(name.clone(), Value::Bool(true));
    }
    let mask = |values: &Option<Map<String, Value>>| {
        values.as_ref().map_or(Value::Bool(false), |_| mask(&sides.sensitive))
    };
    let mut said = json!({
        "address": address.text,
        "mode": if address.is_data { "data" } else { "managed" },
        "type": address.kind,
        "name": address.name,
        "provider_name": address.provider(),
        "change": {
            "actions": actions(change.action),
            "before": before,
            "after": after,
            "after_unknown": if sides.after.is_some() { Value::Object(unknown) } else { json!({}) },
            "before_sensitive": mask(&sides.before),
            "after_sensitive": mask(&sides.after),
        },
    });
    if let Some(module) = &address.module {
        said["module_address"] = Value::from(module.clone());
    }
    if let Some(index) = &address.index {
        said["index"] = index.clone();
    }
    if let Some(previous) = &change.previous {
        said["previous_address"] = Value::from(previous.text.clone());
    }
    if let Some(reason) = &change.reason {
        said["action_reason"] = Value::from(reason.clone());
    }
    if matches!(change.action, Action::Replace | Action::ReplaceFirst) {
        // What is not known yet cannot be the reason.
        let names = change.attributes.iter().chain(change.values.keys());
        let names = names.filter(|name| !change.unknown.contains(name));
        said["change"]["replace_paths"] = names.map(|name| json!([name])).collect();
    }
    if change.action == Action::Import {
        let id = sides.after.as_ref().and_then(|after| after.get("id")).cloned();
        said["change"]["importing"] = json!({ "id": id });
    }
    said
}

/// The values, or what may be seen of them.
fn shown(
    values: &Map<String, Value>,
    sensitive: &[String],
    is_redacted: bool,
) -> Map<String, Value> {
    let mut shown = values.clone();
    for name in sensitive.iter().filter(|_| is_redacted) {
        if let Some(value) = shown.get_mut(name) {
            *value = Value::from(REDACTED);
        }
    }
    shown
}

fn mask(sensitive: &[String]) -> Value {
    sensitive.iter().map(|name| (name.clone(), Value::Bool(true))).collect::<Map<_, _>>().into()
}

fn resource_values(resource: &Resource, is_redacted: bool) -> Value {
    let address = &resource.address;
    json!({
        "address": address.text,
        "mode": if address.is_data { "data" } else { "managed" },
        "type": address.kind,
        "name": address.name,
        "provider_name": address.provider(),
        "schema_version": 0,
        "values": shown(&resource.values, &resource.sensitive, is_redacted),
        "sensitive_values": mask(&resource.sensitive),
    })
}

fn planned_values(changes: &[Change], sides: &[Sides], is_redacted: bool) -> Vec<Value> {
    let planned = changes.iter().zip(sides).filter(|(change, _)| !change.drift);
    planned
        .filter_map(|(change, sides)| {
            let mut values = sides.after.clone()?;
            values.retain(|name, _| !sides.unknown.contains(name));
            let address = change.address.clone();
            let resource = Resource { address, values, sensitive: sides.sensitive.clone() };
            Some(resource_values(&resource, is_redacted))
        })
        .collect()
}
