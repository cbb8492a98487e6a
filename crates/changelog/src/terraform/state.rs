//! Two versions of a state, and what became of the resources between them.
//!
//! A state says what is, not what was done: a resource whose `id` is another one was replaced; one that is
//! gone was destroyed, or taken out of the state; one that is found under another address, with the same
//! id, was moved.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ::record::Time;
use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::harmless::{RULE, Rule};
use super::mask::Closed;
use super::resource::{self, Fields, Resources, Sides, fields};
use super::{Document, ReadError, opening};
use crate::flags::{Facts, flags};
use crate::record::{Action, ActionReason, ChangeRecord, Counts, ResourceChange, Source, Status};

/// The version of the format that can be read.
const KNOWN_VERSION: &str = "4";

/// One version of a state. It borrows from the text, and has no `Debug`: it is full of secrets.
pub struct State<'a> {
    serial: u64,
    lineage: Option<String>,
    terraform_version: Option<String>,
    /// Compared, and never told: an output is what somebody found worth showing.
    outputs: Option<&'a RawValue>,
    instances: BTreeMap<Key, Instance<'a>>,
}

/// What makes an instance the same one in two states.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    module: String,
    kind: String,
    name: String,
    index: String,
    deposed: String,
}

struct Instance<'a> {
    attributes: Attributes<'a>,
    sensitive: Option<&'a RawValue>,
    tainted: bool,
}

enum Attributes<'a> {
    Raw(Option<&'a RawValue>),
    /// Of a provider that nobody asked since Terraform 0.11: `tags.%`, `tags.Name`.
    Flat(Option<&'a RawValue>),
}

/// What became of the resources between two versions of a state.
#[derive(Clone, Debug, PartialEq)]
pub struct StateChange {
    /// The serial number before; `None` for the first version.
    pub serial_before: Option<u64>,
    /// The serial number after.
    pub serial: u64,
    /// Whether it is the state of something else: made anew, or put in the other's place.
    pub lineage_changed: bool,
    /// The Terraform that wrote it.
    pub terraform_version: Option<String>,
    /// What became of the resources, at most [`ResourceChange::MOST`] of them.
    pub resources: Vec<ResourceChange>,
    /// How many more.
    pub left_out: u64,
    /// How much was changed.
    pub counts: Counts,
    /// Whether an output has another value, or there are others: what reads this state, reads them.
    pub outputs_changed: bool,
}

impl StateChange {
    /// Whether nothing is changed but the serial number, or what Terraform only looked up.
    pub fn is_nothing(&self) -> bool {
        self.resources.is_empty() && !self.lineage_changed && !self.outputs_changed
    }

    /// The change as a record, at the time at which the newer version was written.
    pub fn into_record(self, time: Time) -> ChangeRecord {
        let serials = match self.serial_before {
            None => format!("serial {}, the first version", self.serial),
            Some(before) => format!("serial {before} to {}", self.serial),
        };
        let what = match self.outputs_changed && self.resources.is_empty() {
            true => "only outputs changed".to_owned(),
            false => self.counts.to_string(),
        };
        let mut summary = format!("{what} ({serials})");
        if self.lineage_changed {
            summary.push_str("; the lineage is another one: this state took the place of another");
        } else if self.serial_before.is_some_and(|before| before > self.serial) {
            summary.push_str("; the serial number went back: an older state was put in place");
        }
        let mut record = ChangeRecord::new(time, Source::S3State, Status::Applied, summary);
        record.resources = self.resources;
        record.resources_left_out = self.left_out;
        record.counts = self.counts;
        record.flags = flags(&Facts::of(&record));
        record
    }
}

#[derive(Deserialize)]
struct Head<'a> {
    version: Option<u64>,
    #[serde(borrow)]
    encrypted_data: Option<&'a RawValue>,
    #[serde(borrow)]
    format_version: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Body<'a> {
    serial: u64,
    lineage: Option<String>,
    terraform_version: Option<String>,
    #[serde(borrow)]
    outputs: Option<&'a RawValue>,
    #[serde(borrow, default)]
    resources: Vec<ResourceText<'a>>,
}

#[derive(Deserialize)]
struct ResourceText<'a> {
    #[serde(default)]
    module: String,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(borrow, default)]
    instances: Vec<InstanceText<'a>>,
}

#[derive(Deserialize)]
struct InstanceText<'a> {
    #[serde(borrow)]
    index_key: Option<&'a RawValue>,
    #[serde(default)]
    deposed: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(borrow)]
    attributes: Option<&'a RawValue>,
    #[serde(borrow)]
    attributes_flat: Option<&'a RawValue>,
    #[serde(borrow)]
    sensitive_attributes: Option<&'a RawValue>,
}

impl<'a> State<'a> {
    /// Reads a state of version 4.
    pub fn parse(text: &'a [u8]) -> Result<Self, ReadError> {
        let whole = text.len() as u64;
        opening::expect_json(text, Document::State)?;
        let text = opening::without_mark(text);
        let mark = whole - text.len() as u64;
        let place = |error: &serde_json::Error| mark + offset(text, error);
        let failed = |error: serde_json::Error| match error.classify() {
            Category::Eof => ReadError::Truncated { document: Document::State, at: whole },
            _ => ReadError::Malformed { document: Document::State, at: place(&error) },
        };
        let head: Head<'_> = serde_json::from_slice(text).map_err(failed)?;
        match head {
            Head { encrypted_data: Some(_), .. } => return Err(ReadError::Encrypted),
            Head { version: Some(4), .. } => {}
            Head { version: Some(other), .. } => {
                return Err(ReadError::Version {
                    document: Document::State,
                    version: other.to_string(),
                    known: KNOWN_VERSION,
                });
            }
            Head { format_version: Some(_), .. } => {
                return Err(ReadError::Other { wanted: Document::State, found: Document::Plan });
            }
            _ => return Err(ReadError::Strange { wanted: Document::State }),
        }
        let body: Body<'a> = serde_json::from_slice(text).map_err(failed)?;
        let mut instances = BTreeMap::new();
        for resource in body.resources.into_iter().filter(|resource| resource.mode == "managed") {
            for instance in resource.instances {
                let key = Key {
                    module: resource.module.clone(),
                    kind: resource.kind.clone(),
                    name: resource.name.clone(),
                    index: instance.index_key.map_or_else(String::new, |key| key.get().to_owned()),
                    deposed: instance.deposed,
                };
                let attributes = match instance.attributes {
                    None => Attributes::Flat(instance.attributes_flat),
                    attributes => Attributes::Raw(attributes),
                };
                let tainted = instance.status.as_deref() == Some("tainted");
                let sensitive = instance.sensitive_attributes;
                instances.insert(key, Instance { attributes, sensitive, tainted });
            }
        }
        Ok(Self {
            serial: body.serial,
            lineage: body.lineage,
            terraform_version: body.terraform_version.as_deref().and_then(resource::version),
            outputs: body.outputs,
            instances,
        })
    }

    /// The serial number: each version has a greater one.
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// The Terraform that wrote it.
    pub fn terraform_version(&self) -> Option<&str> {
        self.terraform_version.as_deref()
    }

    /// How many instances of managed resources it has.
    pub fn instances(&self) -> usize {
        self.instances.len()
    }

    /// What a state makes that has the same lineage and holds nothing.
    fn emptied(&self) -> State<'static> {
        State {
            serial: self.serial,
            lineage: self.lineage.clone(),
            terraform_version: self.terraform_version.clone(),
            outputs: None,
            instances: BTreeMap::new(),
        }
    }

    /// What Terraform forgets when this state is deleted: the resources go on to exist.
    pub fn forgotten(&self) -> StateChange {
        let mut change = self.emptied().changes_since(Some(self));
        change.counts = Counts { forget: change.counts.destroy, ..Counts::default() };
        for resource in &mut change.resources {
            resource.action = Action::Forget;
        }
        change
    }

    /// Whether it is another version of the same state.
    pub fn is_of_one_lineage_with(&self, other: &State<'_>) -> bool {
        self.lineage == other.lineage
    }

    /// What became of the resources since an older version; `None` when there was none.
    pub fn changes_since(&self, older: Option<&State<'_>>) -> StateChange {
        self.changes_by(&RULE, older)
    }

    pub(super) fn changes_by(&self, rule: &Rule<'_>, older: Option<&State<'_>>) -> StateChange {
        let none = BTreeMap::new();
        let before = older.map_or(&none, |older| &older.instances);
        let mut gone: BTreeMap<&Key, &Instance<'_>> =
            before.iter().filter(|(key, _)| !self.instances.contains_key(*key)).collect();
        let moved = self.moved(&gone, before);
        let mut resources = Resources::default();
        for (key, instance) in &self.instances {
            let (old, from) = match (before.get(key), moved.get(key)) {
                (None, Some(from)) => (gone.remove(*from), Some(*from)),
                (old, _) => (old, None),
            };
            if let Some(change) = became(rule, key, from, old, Some(instance)) {
                resources.add(change.action, || change);
            }
        }
        for (key, instance) in gone {
            if let Some(change) = became(rule, key, None, Some(instance), None) {
                resources.add(change.action, || change);
            }
        }
        StateChange {
            serial_before: older.map(|older| older.serial),
            serial: self.serial,
            lineage_changed: older.is_some_and(|older| older.lineage != self.lineage),
            terraform_version: self.terraform_version.clone(),
            resources: resources.kept,
            left_out: resources.left_out,
            counts: resources.counts,
            outputs_changed: older
                .is_some_and(|older| text_of(older.outputs) != text_of(self.outputs)),
        }
    }

    /// New keys, each with the one that the same object had: of one type, by an id that no other has.
    fn moved<'k>(
        &'k self,
        gone: &BTreeMap<&'k Key, &'k Instance<'_>>,
        before: &BTreeMap<Key, Instance<'_>>,
    ) -> BTreeMap<&'k Key, &'k Key> {
        let mut by_id: HashMap<(&str, &str), Option<&Key>> = HashMap::new();
        for (key, instance) in gone {
            if let Some(id) = instance.id() {
                let same = by_id.entry((key.kind.as_str(), id)).or_insert(Some(key));
                *same = same.filter(|other| other == key);
            }
        }
        let new = self.instances.iter().filter(|(key, _)| !before.contains_key(*key));
        let new = new.filter(|(key, _)| key.deposed.is_empty());
        let moves = new.filter_map(|(key, instance)| {
            let from = by_id.get_mut(&(key.kind.as_str(), instance.id()?))?.take()?;
            Some((key, from))
        });
        moves.collect()
    }
}

/// The outputs as they are written; none are as good as an empty list of them.
fn text_of(outputs: Option<&RawValue>) -> &str {
    outputs.map(RawValue::get).filter(|text| *text != "null").unwrap_or("{}")
}

/// Where serde stopped. Its own message quotes what stands there.
fn offset(text: &[u8], error: &serde_json::Error) -> u64 {
    let before: usize = text
        .split_inclusive(|byte| *byte == b'\n')
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    (before + error.column().saturating_sub(1)) as u64
}

impl<'a> Instance<'a> {
    fn id(&self) -> Option<&'a str> {
        match self.attributes {
            Attributes::Raw(raw) => {
                let fields = fields(raw.map(RawValue::get));
                let id = fields.iter().find(|(name, _)| name == "id").map(|(_, id)| id.get());
                id.filter(|id| *id != "null" && *id != "\"\"")
            }
            Attributes::Flat(_) => None,
        }
    }

    fn fields(&self) -> Fields<'a> {
        match self.attributes {
            Attributes::Raw(raw) | Attributes::Flat(raw) => fields(raw.map(RawValue::get)),
        }
    }
}

impl Key {
    fn address(&self) -> String {
        let mut address = self.module.clone();
        if !address.is_empty() {
            address.push('.');
        }
        address.push_str(&format!("{}.{}", self.kind, self.name));
        if !self.index.is_empty() {
            address.push_str(&format!("[{}]", self.index));
        }
        resource::address(&address)
    }
}

/// What became of one instance; `None` where that is nothing.
fn became(
    rule: &Rule<'_>,
    key: &Key,
    from: Option<&Key>,
    old: Option<&Instance<'_>>,
    new: Option<&Instance<'_>>,
) -> Option<ResourceChange> {
    let mut sides = Sides {
        before: old.map(Instance::fields).unwrap_or_default(),
        after: new.map(Instance::fields).unwrap_or_default(),
        closed: Closed::default(),
        unknown: Closed::default(),
    };
    for side in [old, new].into_iter().flatten() {
        sides.closed.add_paths(side.sensitive);
    }
    let differing = sides.differing();
    let became_tainted = new.is_some_and(|new| new.tainted) && !old.is_some_and(|old| old.tainted);
    let action = match (old, new) {
        (None, Some(_)) if !key.deposed.is_empty() => Action::Depose,
        (None, _) => Action::Create,
        (_, None) => Action::Delete,
        (Some(old), Some(new)) => match (old.id(), new.id()) {
            (Some(old), Some(new)) if old != new => Action::Replace,
            _ if !differing.is_empty() || became_tainted => Action::Update,
            _ if from.is_some() => Action::Move,
            _ => return None,
        },
    };
    let mut change = ResourceChange::new(key.address(), action);
    change.resource_type = Some(resource::name(&key.kind));
    change.previous_address = from.map(Key::address);
    change.deposed = (!key.deposed.is_empty()).then(|| resource::name(&key.deposed));
    change.reason = old
        .filter(|old| old.tainted && action == Action::Replace)
        .map(|_| ActionReason::ReplaceBecauseTainted);
    let told = match action {
        Action::Update => differing.clone(),
        _ => sides.told(rule),
    };
    change.values = rule.values(&sides.before, &sides.after, &told, &sides.closed);
    if matches!(action, Action::Update | Action::Replace) {
        // The keys of maps stand behind the point in a flat name.
        let names = differing.iter().map(|name| name.split('.').next().unwrap_or_default());
        let names: BTreeSet<&str> = names.collect();
        change.attributes = resource::names(names);
    }
    Some(change)
}

#[cfg(test)]
mod tests {
    use super::super::scan::tests::any_json;
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    // Terraform 1.11.4 wrote these, of a configuration of terraform_data with sensitive inputs.
    const FIRST: &[u8] = include_bytes!("fixtures/state_1.json");
    const SECOND: &[u8] = include_bytes!("fixtures/state_2.json");
    const THIRD: &[u8] = include_bytes!("fixtures/state_3.json");

    fn between(before: &[u8], after: &[u8]) -> StateChange {
        let before = State::parse(before).unwrap();
        State::parse(after).unwrap().changes_since(Some(&before))
    }

    fn of_resources(serial: u64, resources: &Value) -> String {
        json!({"version": 4, "terraform_version": "1.11.4", "serial": serial, "lineage": "l",
            "outputs": {}, "resources": resources})
        .to_string()
    }

    fn one(attributes: &Value, extra: &Value) -> String {
        let mut instance =
            json!({"schema_version": 0, "attributes": attributes, "sensitive_attributes": []});
        instance.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        of_resources(
            1,
            &json!([{"mode": "managed", "type": "a", "name": "b", "instances": [instance]}]),
        )
    }

    fn changed(before: &str, after: &str) -> Vec<String> {
        let change = between(before.as_bytes(), after.as_bytes());
        change.resources.iter().map(sketch).collect()
    }

    fn sketch(resource: &ResourceChange) -> String {
        let name = serde_json::to_string(&resource.action).unwrap();
        let mut out = format!("{} {}", name.trim_matches('"'), resource.address);
        if !resource.attributes.is_empty() {
            out.push_str(&format!(" ({})", resource.attributes.join(", ")));
        }
        for value in &resource.values {
            let (before, after) = (value.before.as_deref(), value.after.as_deref());
            out.push_str(&format!(
                " {}: {} to {};",
                value.path,
                before.unwrap_or("-"),
                after.unwrap_or("-")
            ));
        }
        out
    }

    #[test]
    fn two_real_states_tell_what_an_apply_did() {
        let change = between(FIRST, SECOND);
        assert_eq!(
            change.resources.iter().map(sketch).collect::<Vec<_>>(),
            [
                "update terraform_data.hidden (input, output) input.port: 80 to 81;",
                "move terraform_data.new_name",
                "create terraform_data.queue[\"letters\"] input.port: - to 5672;",
                "replace terraform_data.schema (id, triggers_replace)",
                "create terraform_data.taken_over",
                "update terraform_data.web (input, output) input.desired_count: 2 to 4; \
                 input.image: registry/web:1 to registry/web:2;",
                // Taken out of the state, which looks the same as destroyed.
                "delete terraform_data.let_go",
                "delete terraform_data.queue[\"bills\"] input.port: 5672 to -;",
            ]
        );
        assert!(!change.lineage_changed);
        assert!(change.serial_before.unwrap() < change.serial);
        assert!(!format!("{change:?}").contains("hunter"));
    }

    #[test]
    fn a_state_is_no_change_of_itself() {
        assert!(between(SECOND, SECOND).resources.is_empty());
    }

    #[test]
    fn an_apply_that_failed_leaves_a_tainted_resource() {
        let change = between(SECOND, THIRD);
        let sketches: Vec<String> = change.resources.iter().map(sketch).collect();
        assert_eq!(sketches, ["create terraform_data.migration"]);
        let untainted = String::from_utf8(THIRD.to_vec()).unwrap().replace("tainted", "x");
        let change = between(untainted.as_bytes(), THIRD);
        assert_eq!(sketch(&change.resources[0]), "update terraform_data.migration");
    }

    #[test]
    fn the_first_version_creates_everything() {
        let state = State::parse(FIRST).unwrap();
        let change = state.changes_since(None);
        assert_eq!(change.counts.add, state.instances() as u64);
        let record = change.into_record(Time::from_millis(5));
        assert!(record.summary.ends_with("the first version)"), "{}", record.summary);
        assert_eq!((record.source, record.status), (Source::S3State, Status::Applied));
    }

    #[test]
    fn another_lineage_and_a_serial_that_goes_back_are_said() {
        let text = String::from_utf8(SECOND.to_vec()).unwrap();
        let lineage = State::parse(SECOND).unwrap().lineage.unwrap();
        let other = text.replace(&lineage, "00000000-0000-0000-0000-000000000000");
        let change = between(SECOND, other.as_bytes());
        assert!(change.lineage_changed);
        let record = change.into_record(Time::from_millis(0));
        assert!(record.summary.contains("the lineage is another one"), "{}", record.summary);
        let back = between(SECOND, FIRST).into_record(Time::from_millis(0));
        assert!(back.summary.contains("the serial number went back"), "{}", back.summary);
    }

    #[test]
    fn outputs_are_compared_and_not_told() {
        let with = |serial: u64, outputs: &Value| {
            json!({"version": 4, "serial": serial, "lineage": "l", "outputs": outputs, "resources": []})
                .to_string()
        };
        let password = |value: &str| json!({"password": {"value": value, "type": "string"}});
        let (one, other) = (with(1, &password("hunter1")), with(2, &password("hunter2")));
        let change = between(one.as_bytes(), other.as_bytes());
        assert!(change.outputs_changed && !change.is_nothing());
        assert!(!format!("{change:?}").contains("hunter"));
        let record = change.into_record(Time::from_millis(0));
        assert_eq!(record.summary, "only outputs changed (serial 1 to 2)");
        let again = between(one.as_bytes(), with(2, &password("hunter1")).as_bytes());
        assert!(again.is_nothing(), "only the serial number is another one");
        let none = json!({"version": 4, "serial": 3, "lineage": "l"}).to_string();
        assert!(between(none.as_bytes(), with(4, &json!({})).as_bytes()).is_nothing());
    }

    #[test]
    fn a_state_that_is_deleted_forgets_its_resources() {
        let state = State::parse(SECOND).unwrap();
        let forgotten = state.forgotten();
        assert_eq!(forgotten.counts.forget, state.instances() as u64);
        assert_eq!(forgotten.counts.destroy, 0);
        assert!(forgotten.resources.iter().all(|resource| resource.action == Action::Forget));
    }

    #[test]
    fn data_sources_are_no_resources() {
        let data = json!([{"mode": "data", "type": "a", "name": "b", "instances": [{"attributes": {"id": "1"}}]}]);
        assert_eq!(changed(&of_resources(1, &json!([])), &of_resources(2, &data)), [""; 0]);
    }

    #[test]
    fn a_resource_whose_id_is_another_one_was_replaced() {
        let tainted = json!({"status": "tainted"});
        let before = one(&json!({"id": "1", "port": 1}), &tainted);
        let after = one(&json!({"id": "2", "port": 2}), &json!({}));
        let change = between(before.as_bytes(), after.as_bytes());
        assert_eq!(sketch(&change.resources[0]), "replace a.b (id, port) port: 1 to 2;");
        assert_eq!(change.resources[0].reason, Some(ActionReason::ReplaceBecauseTainted));
        assert_eq!((change.counts.add, change.counts.destroy), (1, 1));
    }

    #[test]
    fn an_object_that_waits_to_be_destroyed_is_told_by_its_key() {
        let deposed = one(&json!({"id": "1"}), &json!({"deposed": "8a1b2c3d"}));
        let none = of_resources(1, &json!([]));
        assert_eq!(changed(&none, &deposed), ["depose a.b"]);
        assert_eq!(changed(&deposed, &none), ["delete a.b"]);
        let change = between(none.as_bytes(), deposed.as_bytes());
        assert_eq!(change.resources[0].deposed.as_deref(), Some("8a1b2c3d"));
        assert!(change.counts.is_nothing());
    }

    #[test]
    fn modules_and_keys_make_the_address() {
        let resources = json!([{"module": "module.m[\"x\"]", "mode": "managed", "type": "a", "name": "b",
            "instances": [{"index_key": 0, "attributes": {}}, {"index_key": "k\"y", "attributes": {}}]}]);
        assert_eq!(
            changed(&of_resources(1, &json!([])), &of_resources(2, &resources)),
            ["create module.m[\"x\"].a.b[\"k\\\"y\"]", "create module.m[\"x\"].a.b[0]"]
        );
    }

    #[test]
    fn two_resources_that_share_an_id_are_not_taken_for_a_move() {
        let named = |names: &[&str]| {
            let all = names.iter().map(|name| {
                json!({"mode": "managed", "type": "a", "name": name, "instances": [{"attributes": {"id": "same"}}]})
            });
            of_resources(1, &all.collect())
        };
        assert_eq!(changed(&named(&["a"]), &named(&["b"])), ["move a.b"]);
        assert_eq!(
            changed(&named(&["a", "b"]), &named(&["c"])),
            ["create a.c", "delete a.a", "delete a.b"]
        );
    }

    #[test]
    fn a_mask_on_either_side_holds_a_value_back() {
        let masked = json!({"sensitive_attributes": [[{"type": "get_attr", "value": "port"}]]});
        let (open, closed) = (json!({}), &masked);
        let (old, new) = (json!({"id": "1", "port": 1}), json!({"id": "1", "port": 2}));
        assert_eq!(
            changed(&one(&old, &open), &one(&new, &open)),
            ["update a.b (port) port: 1 to 2;"]
        );
        assert_eq!(changed(&one(&old, closed), &one(&new, &open)), ["update a.b (port)"]);
        assert_eq!(changed(&one(&old, &open), &one(&new, closed)), ["update a.b (port)"]);
    }

    #[test]
    fn an_instance_without_a_list_of_masks_tells_no_value() {
        let absent = json!({"sensitive_attributes": null});
        let after = one(&json!({"port": 2}), &absent);
        assert_eq!(changed(&one(&json!({"port": 1}), &absent), &after), ["update a.b (port)"]);
    }

    #[test]
    fn attributes_of_an_old_provider_are_named_by_their_first_part() {
        let flat = |name: &str| {
            one(&Value::Null, &json!({"attributes_flat": {"tags.%": "1", "tags.Name": name}}))
        };
        assert_eq!(changed(&flat("x"), &flat("y")), ["update a.b (tags)"]);
    }

    #[test]
    fn what_is_no_state_of_version_4_is_called_by_its_name() {
        let said = |text: &[u8]| State::parse(text).err().unwrap().to_string();
        assert_eq!(
            said(b"{\"version\":3,\"modules\":[]}"),
            "a Terraform state of version 3 cannot be read: this program knows version 4"
        );
        assert_eq!(said(b""), "expected a Terraform state, and the input is empty");
        assert!(said(b"<html>").ends_with("HTML"));
        assert!(said(b"PK\x03\x04").ends_with("`terraform plan -out` writes it"));
        assert!(
            said(include_bytes!("fixtures/plan_second.json")).ends_with("this is a plan in JSON")
        );
        assert!(said(b"{\"a\":1}").ends_with("some other JSON"));
        assert_eq!(
            said(br#"{"serial":1,"lineage":"l","encrypted_data":"x"}"#),
            "the state is encrypted"
        );
        let wrong = "{\n \"version\": 4,\n \"serial\": \"hunter\"}";
        let error = State::parse(wrong.as_bytes()).err().unwrap();
        let ReadError::Malformed { at, .. } = error else { panic!("{error:?}") };
        assert!(
            wrong[..at as usize + 1].contains("serial") && !error.to_string().contains("hunter")
        );
    }

    proptest! {
        #[test]
        fn a_real_state_cut_anywhere_is_an_error(cut in 0.0..1.0f64) {
            let text = SECOND.trim_ascii_end();
            let kept = (text.len() as f64 * cut) as usize;
            let error = State::parse(&text[..kept]).err().unwrap();
            prop_assert!(matches!(error, ReadError::Truncated { .. } | ReadError::Empty { .. }), "{:?}", error);
        }

        #[test]
        fn no_state_is_a_panic(resources in any_json(), attributes in any_json(), masks in any_json()) {
            let _ = State::parse(of_resources(1, &resources).as_bytes()).map(|state| state.changes_since(None));
            let text = one(&attributes, &json!({"sensitive_attributes": masks, "index_key": resources}));
            if let Ok(state) = State::parse(text.as_bytes()) {
                let _ = state.changes_since(None);
            }
        }
    }
}
