//! A plan, as `terraform show -json plan.bin` writes it.
//!
//! It is read as it comes, one resource at a time: of `resource_changes` and `resource_drift`, and of
//! nothing else. Variables, outputs, the prior state, planned values and the configuration are passed over
//! by counting their brackets.

use std::collections::BTreeSet;
use std::io::Read;

use ::record::Time;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::harmless::{RULE, Rule};
use super::mask::Closed;
use super::resource::{self, Resources, Sides, fields};
use super::scan::Scanner;
use super::{Document, ReadError};
use crate::flags::{Facts, flags};
use crate::record::{Action, ActionReason, ChangeRecord, Counts, ResourceChange, Source, Status};

/// The versions of the format that can be read.
const KNOWN_VERSIONS: &str = "1.x";

/// What a plan would change.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The Terraform that made it.
    pub terraform_version: Option<String>,
    /// When it was made (Terraform 1.5 and later).
    pub time: Option<Time>,
    /// Whether planning failed, so that it cannot be applied.
    pub errored: bool,
    /// Whether it covers everything: some of it may have been put off.
    pub complete: bool,
    /// What it changes, at most [`ResourceChange::MOST`] of them.
    pub resources: Vec<ResourceChange>,
    /// How many more.
    pub left_out: u64,
    /// How much it changes.
    pub counts: Counts,
}

impl Plan {
    /// The plan as a record; `read_at` is the time of one that does not say its own.
    pub fn into_record(self, read_at: Time) -> ChangeRecord {
        let mut summary = format!("planned: {}", self.counts);
        if self.errored {
            summary = format!("planning failed; so far: {}", self.counts);
        } else if !self.complete {
            summary.push_str("; some of it is put off to a later plan");
        }
        if self.counts.drift > 0 {
            summary.push_str(&format!("; {} changed outside of Terraform", self.counts.drift));
        }
        let status = if self.errored { Status::Failed } else { Status::Planned };
        let time = self.time.unwrap_or(read_at);
        let mut record = ChangeRecord::new(time, Source::Plan, status, summary);
        record.resources = self.resources;
        record.resources_left_out = self.left_out;
        record.counts = self.counts;
        record.flags = flags(&Facts::of(&record));
        record
    }
}

/// Reads a plan.
pub fn read(input: impl Read) -> Result<Plan, ReadError> {
    read_by(&RULE, input)
}

pub(super) fn read_by(rule: &Rule<'_>, input: impl Read) -> Result<Plan, ReadError> {
    let mut scanner = Scanner::new(input, Document::Plan)?;
    let mut plan = Plan {
        terraform_version: None,
        time: None,
        errored: false,
        complete: true,
        resources: Vec::new(),
        left_out: 0,
        counts: Counts::default(),
    };
    let mut resources = Resources::default();
    let mut marks = Marks::default();
    let mut element = Element::default();
    let mut text = Vec::new();
    if scanner.first_byte()? != b'{' {
        return Err(ReadError::Strange { wanted: Document::Plan });
    }
    scanner.object(|scanner, key| {
        marks.note(key);
        match key {
            "format_version" => {
                scanner.take(&mut text)?;
                refuse_other_versions(&text)
            }
            "terraform_version" => {
                scanner.take(&mut text)?;
                let version: Option<String> = serde_json::from_slice(&text).ok();
                plan.terraform_version = version.and_then(|version| resource::version(&version));
                Ok(())
            }
            "timestamp" => {
                scanner.take(&mut text)?;
                plan.time = serde_json::from_slice(&text).ok();
                Ok(())
            }
            "errored" => {
                scanner.take(&mut text)?;
                plan.errored = text == b"true";
                Ok(())
            }
            "complete" => {
                scanner.take(&mut text)?;
                plan.complete = text != b"false";
                Ok(())
            }
            "resource_changes" => each_element(scanner, |scanner| {
                element.read(scanner)?;
                if let Some(action) = element.action() {
                    let imported = element.imported && action != Action::Import;
                    resources.counts.import += u64::from(imported);
                    resources.add(action, || element.change(rule, action));
                }
                Ok(())
            }),
            "resource_drift" => each_element(scanner, |scanner| {
                plan.counts.drift += 1;
                scanner.skip()
            }),
            _ => scanner.skip(),
        }
    })?;
    if let Some(error) = marks.other() {
        return Err(error);
    }
    scanner.finish()?;
    plan.counts = Counts { drift: plan.counts.drift, ..resources.counts };
    plan.resources = resources.kept;
    plan.left_out = resources.left_out;
    Ok(plan)
}

/// Calls `each` before each element of an array; `null` has none.
fn each_element<R: Read>(
    scanner: &mut Scanner<R>,
    each: impl FnMut(&mut Scanner<R>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    if scanner.first_byte()? == b'n' { scanner.skip() } else { scanner.array(each) }
}

fn refuse_other_versions(text: &[u8]) -> Result<(), ReadError> {
    let version: String = serde_json::from_slice(text).unwrap_or_default();
    if version.split('.').next() == Some("1") {
        return Ok(());
    }
    Err(ReadError::Version {
        document: Document::Plan,
        version: resource::version(&version).unwrap_or_else(|| "?".to_owned()),
        known: KNOWN_VERSIONS,
    })
}

/// The top-level keys by which a document is known.
#[derive(Default)]
struct Marks {
    has_version: bool,
    of_plan: bool,
    of_state: bool,
    of_apply: bool,
}

impl Marks {
    fn note(&mut self, key: &str) {
        match key {
            "format_version" => self.has_version = true,
            "resource_changes" | "planned_values" | "configuration" | "output_changes" => {
                self.of_plan = true;
            }
            "lineage" | "serial" | "values" => self.of_state = true,
            "@level" | "@message" => self.of_apply = true,
            _ => {}
        }
    }

    /// That it is no plan; `None` when it is one.
    fn other(&self) -> Option<ReadError> {
        let wanted = Document::Plan;
        match self {
            Self { has_version: true, of_plan: true, .. } => None,
            Self { of_apply: true, .. } => {
                Some(ReadError::Other { wanted, found: Document::Apply })
            }
            Self { of_state: true, .. } => {
                Some(ReadError::Other { wanted, found: Document::State })
            }
            _ => Some(ReadError::Strange { wanted }),
        }
    }
}

/// One resource of a plan: what was read of it, in buffers that the next one takes over. It has no
/// `Debug`: it holds secrets.
#[derive(Default)]
struct Element {
    address: String,
    previous_address: Option<String>,
    resource_type: Option<String>,
    deposed: Option<String>,
    reason: Option<ActionReason>,
    actions: Vec<String>,
    before: Text,
    after: Text,
    unknown: Text,
    before_sensitive: Text,
    after_sensitive: Text,
    /// The attributes that force a replacement.
    forced_by: Vec<String>,
    imported: bool,
    /// For what is read into a value at once.
    scratch: Vec<u8>,
}

/// The text of a part; empty where there is none.
type Text = Vec<u8>;

impl Element {
    fn clear(&mut self) {
        self.address.clear();
        self.previous_address = None;
        self.resource_type = None;
        self.deposed = None;
        self.reason = None;
        self.actions.clear();
        for text in [&mut self.before, &mut self.after, &mut self.unknown] {
            text.clear();
        }
        self.before_sensitive.clear();
        self.after_sensitive.clear();
        self.forced_by.clear();
        self.imported = false;
    }

    fn read<R: Read>(&mut self, scanner: &mut Scanner<R>) -> Result<(), ReadError> {
        self.clear();
        let at = scanner.offset();
        scanner.object(|scanner, key| {
            match key {
                "address" => self.address = self.value(scanner)?,
                "previous_address" => self.previous_address = self.value(scanner)?,
                "type" => self.resource_type = self.value(scanner)?,
                "deposed" => self.deposed = self.value(scanner)?,
                // Where it is no word, it is none that is known.
                "action_reason" => {
                    scanner.take(&mut self.scratch)?;
                    let word: Option<String> = serde_json::from_slice(&self.scratch).ok();
                    self.reason = word.as_deref().and_then(resource::reason);
                }
                "change" => self.read_change(scanner)?,
                _ => scanner.skip()?,
            }
            Ok(())
        })?;
        if self.address.is_empty() || self.actions.is_empty() {
            return Err(scanner.malformed_at(at));
        }
        Ok(())
    }

    fn read_change<R: Read>(&mut self, scanner: &mut Scanner<R>) -> Result<(), ReadError> {
        scanner.object(|scanner, key| {
            let text = match key {
                "actions" => {
                    self.actions = self.value(scanner)?;
                    return Ok(());
                }
                "replace_paths" => {
                    let paths: Option<Vec<Vec<Box<RawValue>>>> = self.value(scanner)?;
                    self.forced_by = attributes_of(&paths.unwrap_or_default());
                    return Ok(());
                }
                // The id that is imported is not looked at.
                "importing" => {
                    self.imported = scanner.first_byte()? != b'n';
                    return scanner.skip();
                }
                // Most resources of a plan stay as they are: what they are is passed over.
                _ if self.actions == ["no-op"] => return scanner.skip(),
                "before" => &mut self.before,
                "after" => &mut self.after,
                "after_unknown" => &mut self.unknown,
                "before_sensitive" => &mut self.before_sensitive,
                "after_sensitive" => &mut self.after_sensitive,
                _ => return scanner.skip(),
            };
            scanner.take(text)
        })
    }

    /// Reads a part into a value. What serde says of one that has another shape is not passed on: it
    /// quotes what stands there.
    fn value<R: Read, T: DeserializeOwned>(
        &mut self,
        scanner: &mut Scanner<R>,
    ) -> Result<T, ReadError> {
        let at = scanner.offset();
        scanner.take(&mut self.scratch)?;
        serde_json::from_slice(&self.scratch).map_err(|_| scanner.malformed_at(at))
    }

    /// What becomes of the resource; `None` where that is nothing.
    fn action(&self) -> Option<Action> {
        let actions: Vec<&str> = self.actions.iter().map(String::as_str).collect();
        Some(match actions.as_slice() {
            ["no-op"] if self.previous_address.is_some() => Action::Move,
            ["no-op"] if self.imported => Action::Import,
            ["no-op"] => return None,
            // The second is made, and its old object left alone.
            ["create"] | ["create", "forget"] | ["forget", "create"] => Action::Create,
            ["update"] => Action::Update,
            ["delete"] => Action::Delete,
            ["delete", "create"] | ["create", "delete"] => Action::Replace,
            ["read"] => Action::Read,
            ["forget"] => Action::Forget,
            _ => Action::Unknown,
        })
    }

    fn change(&self, rule: &Rule<'_>, action: Action) -> ResourceChange {
        let mut out = ResourceChange::new(resource::address(&self.address), action);
        out.resource_type = self.resource_type.as_deref().map(resource::name);
        out.previous_address = self.previous_address.as_deref().map(resource::address);
        out.deposed = self.deposed.as_deref().map(resource::name);
        out.imported = self.imported;
        out.reason = self.reason;
        out.forced_by.clone_from(&self.forced_by);
        if matches!(action, Action::Create | Action::Update | Action::Delete | Action::Replace) {
            let sides = self.sides();
            let differing = sides.differing();
            let told = match action {
                Action::Update => differing.clone(),
                _ => sides.told(rule),
            };
            out.values = rule.values(&sides.before, &sides.after, &told, &sides.closed);
            // All that is made or destroyed differs from nothing.
            if matches!(action, Action::Update | Action::Replace) {
                out.attributes = resource::names(differing);
            }
        }
        out
    }

    fn sides(&self) -> Sides<'_> {
        let mut closed = Closed::default();
        let mut unknown = Closed::default();
        closed.add_mask(part(&self.before_sensitive));
        closed.add_mask(part(&self.after_sensitive));
        if !self.unknown.is_empty() {
            closed.add_mask(part(&self.unknown));
            unknown.add_mask(part(&self.unknown));
        }
        let (before, after) = (fields(part(&self.before)), fields(part(&self.after)));
        Sides { before, after, closed, unknown }
    }
}

/// A part that is there. JSON is UTF-8: what is not has no attributes and, as a mask, masks all.
fn part(text: &Text) -> Option<&str> {
    std::str::from_utf8(text).ok().filter(|text| !text.is_empty())
}

/// The attributes that some paths begin with. The steps behind may be keys of somebody's own choice.
fn attributes_of(paths: &[Vec<Box<RawValue>>]) -> Vec<String> {
    let first = paths.iter().filter_map(|path| path.first());
    let names = first.filter_map(|step| serde_json::from_str::<String>(step.get()).ok());
    let names: BTreeSet<String> = names.collect();
    resource::names(names.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::super::scan::tests::{Pieces, any_json};
    use super::*;
    use crate::record::Flag;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    // Terraform 1.11.4 wrote these, of a configuration of terraform_data with sensitive inputs.
    const FIRST: &str = include_str!("fixtures/plan_first.json");
    const SECOND: &str = include_str!("fixtures/plan_second.json");
    const DESTROY: &str = include_str!("fixtures/plan_destroy.json");

    fn plan(document: &Value) -> Plan {
        read(document.to_string().as_bytes()).unwrap()
    }

    fn with_changes(changes: &Value) -> Value {
        json!({"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes})
    }

    fn update(before: &Value, after: &Value) -> Value {
        json!({"address": "a.b", "mode": "managed", "type": "a", "name": "b", "change": {
            "actions": ["update"], "before": before, "after": after, "after_unknown": {},
            "before_sensitive": {}, "after_sensitive": {}}})
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
    fn a_real_plan_tells_what_becomes_of_each_resource() {
        let plan = read(SECOND.as_bytes()).unwrap();
        assert_eq!(
            plan.resources.iter().map(sketch).collect::<Vec<_>>(),
            [
                "update terraform_data.hidden (input, output) input.port: 80 to 81;",
                "forget terraform_data.let_go",
                "move terraform_data.new_name",
                "delete terraform_data.queue[\"bills\"] input.port: 5672 to -;",
                "create terraform_data.queue[\"letters\"] input.port: - to 5672;",
                "replace terraform_data.schema (id, triggers_replace)",
                "import terraform_data.taken_over",
                "update terraform_data.web (input, output) input.desired_count: 2 to 4; \
                 input.image: registry/web:1 to registry/web:2;",
            ]
        );
        let of = |address: &str| plan.resources.iter().find(|one| one.address == address).unwrap();
        let replaced = of("terraform_data.schema");
        assert_eq!(replaced.reason, Some(ActionReason::ReplaceBecauseCannotUpdate));
        assert_eq!(replaced.forced_by, ["triggers_replace"]);
        let moved = of("terraform_data.new_name");
        assert_eq!(moved.previous_address.as_deref(), Some("terraform_data.old_name"));
        assert!(of("terraform_data.taken_over").imported);
        assert_eq!(
            plan.counts,
            Counts {
                add: 2,
                change: 2,
                destroy: 2,
                replace: 1,
                import: 1,
                forget: 1,
                moved: 1,
                drift: 0
            }
        );
        assert_eq!(plan.terraform_version.as_deref(), Some("1.11.4"));
        assert!(plan.time.is_some() && plan.complete && !plan.errored);
    }

    #[test]
    fn a_real_plan_to_destroy_destroys_everything() {
        let plan = read(DESTROY.as_bytes()).unwrap();
        assert!(plan.resources.iter().all(|resource| resource.action == Action::Delete));
        assert_eq!(plan.counts.destroy, plan.resources.len() as u64);
    }

    #[test]
    fn a_plan_is_the_same_however_the_pipe_hands_it_out() {
        let whole = read(SECOND.as_bytes()).unwrap();
        let pretty: Value = serde_json::from_str(SECOND).unwrap();
        let pretty = serde_json::to_string_pretty(&pretty).unwrap();
        for size in [1, 2, 3, 7, 64, 1000] {
            assert_eq!(read(Pieces { text: SECOND.as_bytes(), size }).unwrap(), whole);
            assert_eq!(read(Pieces { text: pretty.as_bytes(), size }).unwrap(), whole);
        }
    }

    #[test]
    fn a_record_of_a_plan_says_what_is_planned() {
        let plan = read(SECOND.as_bytes()).unwrap();
        let time = plan.time.unwrap();
        let record = plan.into_record(Time::from_millis(0));
        assert_eq!(record.time, time);
        assert_eq!(record.status, Status::Planned);
        assert_eq!(
            record.summary,
            "planned: 2 added, 2 changed, 2 destroyed, 1 imported, 1 forgotten, 1 moved (1 replaced)"
        );
        // The replaced one is a terraform_data, which is made of revisions.
        assert_eq!(record.flags, [Flag::Destroys]);
    }

    #[test]
    fn a_plan_that_failed_says_so() {
        let mut document = with_changes(&json!([]));
        document["errored"] = json!(true);
        document["resource_drift"] = json!([{"address": "a.b"}, {}]);
        let record = plan(&document).into_record(Time::from_millis(7));
        assert_eq!((record.status, record.time), (Status::Failed, Time::from_millis(7)));
        assert_eq!(
            record.summary,
            "planning failed; so far: nothing changed; 2 changed outside of Terraform"
        );
        assert_eq!(record.counts.drift, 2);
        assert!(record.resources.is_empty(), "drift is no change of this plan");
    }

    #[test]
    fn an_output_that_repeats_a_sensitive_input_is_not_told_though_no_mask_stands_on_it() {
        // Terraform 1.11 marks `input.image` here, and leaves `output.image` open.
        let document: Value = serde_json::from_str(SECOND).unwrap();
        let hidden = &document["resource_changes"][0];
        assert_eq!(hidden["change"]["before_sensitive"]["output"], json!({}));
        assert_eq!(hidden["change"]["before"]["output"]["image"], "hunter-one");
        let plan = read(SECOND.as_bytes()).unwrap();
        assert!(!format!("{plan:?}").contains("hunter"));
        assert!(!format!("{:?}", read(FIRST.as_bytes()).unwrap()).contains("hunter"));
        assert!(!format!("{:?}", read(DESTROY.as_bytes()).unwrap()).contains("hunter"));
    }

    #[test]
    fn every_pair_of_actions_has_its_word() {
        let action = |actions: &[&str]| {
            let element = json!({"address": "a.b", "change": {"actions": actions}});
            let plan = plan(&with_changes(&json!([element])));
            plan.resources.first().map(|resource| resource.action)
        };
        assert_eq!(action(&["no-op"]), None);
        assert_eq!(action(&["delete", "create"]), Some(Action::Replace));
        assert_eq!(action(&["create", "delete"]), Some(Action::Replace));
        assert_eq!(action(&["create", "forget"]), Some(Action::Create));
        assert_eq!(action(&["forget"]), Some(Action::Forget));
        assert_eq!(action(&["read"]), Some(Action::Read));
        assert_eq!(action(&["teleport"]), Some(Action::Unknown));
    }

    #[test]
    fn a_deposed_object_is_told_by_its_key() {
        let element =
            json!({"address": "a.b", "deposed": "8a1b2c3d", "change": {"actions": ["delete"]}});
        let plan = plan(&with_changes(&json!([element])));
        assert_eq!(plan.resources[0].deposed.as_deref(), Some("8a1b2c3d"));
    }

    #[test]
    fn an_import_with_a_change_is_both() {
        let mut element = update(&json!({"port": 1}), &json!({"port": 2}));
        element["change"]["importing"] = json!({"id": "x"});
        let plan = plan(&with_changes(&json!([element])));
        assert_eq!(sketch(&plan.resources[0]), "update a.b (port) port: 1 to 2;");
        assert_eq!((plan.counts.change, plan.counts.import), (1, 1));
    }

    #[test]
    fn without_masks_no_value_is_told() {
        let mut element = update(&json!({"port": 1}), &json!({"port": 2}));
        element["change"].as_object_mut().unwrap().remove("before_sensitive");
        let plan = plan(&with_changes(&json!([element])));
        assert_eq!(sketch(&plan.resources[0]), "update a.b (port)");
    }

    #[test]
    fn a_value_that_is_not_known_yet_is_not_told() {
        let mut element = update(&json!({"port": 1}), &json!({}));
        element["change"]["after_unknown"] = json!({"port": true});
        let plan = plan(&with_changes(&json!([element])));
        assert_eq!(sketch(&plan.resources[0]), "update a.b (port)");
    }

    #[test]
    fn more_resources_than_a_record_has_room_for_are_counted() {
        let changes: Vec<Value> = (0..ResourceChange::MOST + 3)
            .map(|n| json!({"address": format!("a.b[{n}]"), "change": {"actions": ["create"]}}))
            .collect();
        let plan = plan(&with_changes(&json!(changes)));
        assert_eq!((plan.resources.len(), plan.left_out), (ResourceChange::MOST, 3));
        assert_eq!(plan.counts.add, ResourceChange::MOST as u64 + 3);
    }

    #[test]
    fn another_major_version_is_refused_and_another_minor_is_read() {
        let mut document = with_changes(&json!([]));
        document["format_version"] = json!("1.99");
        document["something_new"] = json!({"a": [1, 2, {"b": "}"}]});
        assert!(plan(&document).counts.is_nothing());
        for (version, said) in [(json!("2.0"), "2.0"), (json!("x"), "?"), (json!(3), "?")] {
            document["format_version"] = version;
            let error = read(document.to_string().as_bytes()).unwrap_err();
            let expected = format!(
                "a plan in JSON of version {said} cannot be read: this program knows version 1.x"
            );
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_plan_is_called_by_its_name() {
        let said = |text: &[u8]| {
            let error = read(text).unwrap_err();
            (error.to_string(), error.hint())
        };
        let show = Some("terraform show -json plan.bin | oncall changelog plan -");
        assert_eq!(
            said(b" \n"),
            ("expected a plan in JSON, and the input is empty".to_owned(), show)
        );
        assert_eq!(
            said(b"PK\x03\x04\x14\0\x08"),
            ("expected a plan in JSON, and this is a plan file as `terraform plan -out` writes it".to_owned(), show)
        );
        assert!(said(b"<!DOCTYPE html><html>").0.ends_with("this is a page of HTML"));
        assert!(said(b"\x1b[1mTerraform will perform").0.ends_with("this is not JSON"));
        assert!(said(b"\xff\xfe{\0").0.ends_with("this is UTF-16"));
        assert!(said(b"\x1f\x8b\x08").0.ends_with("compressed with gzip"));
        assert!(said(b"[]").0.ends_with("some other JSON"));
        assert!(said(b"{}").0.ends_with("some other JSON"));
        let state = said(include_bytes!("fixtures/state_1.json"));
        assert_eq!(
            state,
            ("expected a plan in JSON, and this is a Terraform state".to_owned(), show)
        );
        assert_eq!(said(include_bytes!("fixtures/show_state.json")), state);
        let (apply, hint) = said(include_bytes!("fixtures/apply_second.jsonl"));
        assert_eq!(apply, "expected a plan in JSON, and this is the JSON output of an apply");
        assert_eq!(hint, Some("terraform apply -json | oncall changelog apply -"));
    }

    #[test]
    fn a_resource_of_another_shape_is_an_error_that_says_where_and_not_what() {
        for wrong in [
            json!({"address": {"hunter": 1}, "change": {"actions": []}}),
            json!({"address": "a.b", "change": {"actions": "hunter"}}),
            json!({"address": "a.b", "change": "hunter"}),
            json!({"address": "a.b"}),
            json!("hunter"),
        ] {
            let error = read(with_changes(&json!([wrong])).to_string().as_bytes()).unwrap_err();
            assert!(matches!(error, ReadError::Malformed { .. }), "{error:?}");
            assert!(!format!("{error}{error:?}").contains("hunter"));
        }
    }

    proptest! {
        #[test]
        fn a_real_plan_cut_anywhere_is_an_error(cut in 0.0..1.0f64) {
            let kept = (SECOND.trim_end().len() as f64 * cut) as usize;
            let error = read(&SECOND.as_bytes()[..kept]).unwrap_err();
            prop_assert!(matches!(error, ReadError::Truncated { .. } | ReadError::Empty { .. }), "{:?}", error);
        }

        #[test]
        fn an_attribute_is_named_when_it_differs_and_only_then(
            before in proptest::collection::btree_map("[a-d]", any_json(), 0..4),
            after in proptest::collection::btree_map("[a-d]", any_json(), 0..4),
        ) {
            let (before_json, after_json) = (json!(before), json!(after));
            let plan = plan(&with_changes(&json!([update(&before_json, &after_json)])));
            let all = before.keys().chain(after.keys());
            let differ = all.filter(|name| before_json[name.as_str()] != after_json[name.as_str()]);
            let differ: std::collections::BTreeSet<&String> = differ.collect();
            let named: std::collections::BTreeSet<&String> = plan.resources[0].attributes.iter().collect();
            prop_assert_eq!(named, differ);
        }

        #[test]
        fn no_element_is_a_panic(element in any_json(), unknown in any_json(), mask in any_json()) {
            let _ = read(with_changes(&json!([element])).to_string().as_bytes());
            let mut strange = update(&element, &unknown);
            strange["change"]["after_sensitive"] = mask.clone();
            strange["change"]["after_unknown"] = mask.clone();
            strange["change"]["replace_paths"] = mask;
            let _ = read(with_changes(&json!([strange])).to_string().as_bytes());
        }
    }
}
