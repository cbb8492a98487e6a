//! A state file, version 4: everything that a workspace knows of its resources, secrets among it.
//!
//! The format is internal to Terraform; this is what 1.x writes.

use serde_json::{Value, json};

use super::State;
use crate::world::hash;
use crate::world::scenario::terraform::{Resource, Workspace};

/// The file's text.
pub(crate) fn document(workspace: &Workspace, state: &State) -> String {
    let mut outputs = serde_json::Map::new();
    for (name, output) in &workspace.outputs {
        let mut said = json!({ "value": output.value, "type": kind_of(&output.value) });
        if output.sensitive {
            said["sensitive"] = Value::Bool(true);
        }
        outputs.insert(name.clone(), said);
    }
    let document = json!({
        "version": 4,
        "terraform_version": workspace.terraform_version,
        "serial": state.serial,
        "lineage": lineage(workspace),
        "outputs": outputs,
        "resources": resources(state),
        "check_results": null,
    });
    // A tree of texts and numbers can always be written.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// What all states of a workspace have in common, and those of no other.
pub(crate) fn lineage(workspace: &Workspace) -> String {
    hash::uuid(hash::of_text(4, &workspace.name))
}

/// The resources, with the instances of one `count` or `for_each` under one entry.
fn resources(state: &State) -> Vec<Value> {
    let mut entries: Vec<(Vec<String>, Value)> = Vec::new();
    for resource in state.resources.values() {
        let address = &resource.address;
        let mode = if address.is_data { "data" } else { "managed" };
        let key = vec![
            address.module.clone().unwrap_or_default(),
            mode.to_owned(),
            address.kind.clone(),
            address.name.clone(),
        ];
        let instance = instance(resource);
        if let Some((_, entry)) = entries.iter_mut().find(|(other, _)| *other == key) {
            if let Some(instances) = entry["instances"].as_array_mut() {
                instances.push(instance);
            }
            continue;
        }
        let mut entry = json!({
            "mode": mode,
            "type": address.kind,
            "name": address.name,
            "provider": format!("provider[\"{}\"]", address.provider()),
            "instances": [instance],
        });
        if let Some(module) = &address.module {
            entry["module"] = Value::from(module.clone());
        }
        entries.push((key, entry));
    }
    entries.into_iter().map(|(_, entry)| entry).collect()
}

fn instance(resource: &Resource) -> Value {
    let path = |name: &String| json!([{ "type": "get_attr", "value": name }]);
    let mut instance = json!({
        "schema_version": 0,
        "attributes": resource.values,
        "sensitive_attributes": resource.sensitive.iter().map(path).collect::<Vec<_>>(),
        "identity_schema_version": 0,
    });
    if let Some(index) = &resource.address.index {
        instance["index_key"] = index.clone();
    }
    instance
}

/// A value's type, as a state writes it.
fn kind_of(value: &Value) -> Value {
    match value {
        Value::Bool(_) => json!("bool"),
        Value::Number(_) => json!("number"),
        Value::Array(items) => json!(["tuple", items.iter().map(kind_of).collect::<Vec<_>>()]),
        Value::Object(fields) => {
            let fields: serde_json::Map<String, Value> =
                fields.iter().map(|(name, value)| (name.clone(), kind_of(value))).collect();
            json!(["object", fields])
        }
        Value::Null | Value::String(_) => json!("string"),
    }
}
