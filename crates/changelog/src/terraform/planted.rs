//! Secrets are planted in every place where Terraform's formats can carry one, and looked for in all that
//! comes out: records, errors, and what `Debug` shows of either.
//!
//! Three places may be told, and are not planted: the first 80 characters of an index key, the summary of
//! a diagnostic, and a harmless scalar over which no mask stands. Each planted secret looks as the value in
//! its place does, so that only the rule holds it back; breaking the rule anywhere must let one through.

use std::fmt::Write;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use ::record::Time;

use super::harmless::{RULE, Rule, Scalar};
use super::mask::Closed;
use super::state::State;
use super::{ReadError, apply, plan};

const NOW: Time = Time::from_millis(0);

/// Makes secrets that nothing else looks like, and remembers them.
#[derive(Default)]
struct Planter {
    planted: Vec<String>,
}

impl Planter {
    fn remember(&mut self, secret: String) -> String {
        self.planted.push(secret.clone());
        secret
    }

    /// Fits wherever letters do.
    fn word(&mut self) -> String {
        self.remember(format!("planted{:05}x", self.planted.len()))
    }

    /// A secret that looks as a harmless value of this name does.
    fn harmless(&mut self, name: &str) -> Value {
        let n = self.planted.len();
        let word = format!("planted{n:05}x");
        let number = 700_100_200 + n as u64;
        let network = format!("10.{}.{}.0/24", n / 250, n % 250);
        let fits = RULE.scalars.iter().find(|scalar| scalar.name == name).unwrap().fits;
        if fits(&word) {
            return json!(self.remember(word));
        }
        if fits(&network) {
            return json!([self.remember(network)]);
        }
        self.remember(number.to_string());
        json!(number)
    }

    /// The same structure with a secret in the place of every leaf and in every key.
    fn tree(&mut self, shape: &Value) -> Value {
        match shape {
            Value::Array(elements) => elements.iter().map(|element| self.tree(element)).collect(),
            Value::Object(members) => {
                let members = members.values().map(|value| (self.word(), self.tree(value)));
                members.collect::<Vec<_>>().into_iter().collect::<Map<_, _>>().into()
            }
            _ => json!(self.word()),
        }
    }

    /// Every harmless scalar with a secret for its value.
    fn scalars(&mut self) -> Value {
        let names = RULE.scalars.iter().map(|scalar| scalar.name);
        let members: Vec<_> = names.map(|name| (name.to_owned(), self.harmless(name))).collect();
        members.into_iter().collect::<Map<_, _>>().into()
    }

    /// An index key whose secret stands behind the 80 characters that may be told.
    fn key(&mut self) -> String {
        format!("{}{}", "k".repeat(80), self.word())
    }

    fn address(&mut self) -> String {
        format!("module.m[\"{}\"].aws_x.y[\"{}\"]", self.key(), self.key())
    }

    /// Attributes that have secrets and no mask: their names are on no list, or what they stand in is.
    fn unmasked(&mut self, shape: &Value) -> Map<String, Value> {
        let containers = json!([{"name": self.word(), "secrets": self.tree(shape),
            "environment": [{"name": "image", "value": self.word()}, self.scalars()]}]);
        let attributes = json!({
            "password": self.word(),
            "user_data": self.tree(shape),
            "tags": self.scalars(),
            "environment": [{"variables": self.scalars()}],
            // Terraform does not mark it where it repeats a sensitive input.
            "output": self.scalars(),
            "container_definitions": containers.to_string(),
        });
        let Value::Object(attributes) = attributes else { unreachable!() };
        attributes
    }
}

/// Where the masks over the harmless names stand.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mask {
    /// On the whole resource.
    Whole,
    /// On each top-level attribute.
    Each,
    /// On the block that they stand in.
    Above,
    /// On each of them within a block.
    Within,
    /// On one element of a list.
    Element,
    /// There is none, nor one that says so.
    Missing,
}

const MASKS: [Mask; 6] =
    [Mask::Whole, Mask::Each, Mask::Above, Mask::Within, Mask::Element, Mask::Missing];

/// A mask over every harmless scalar in one object.
fn all_scalars(value: &Value) -> Value {
    let names = RULE.scalars.iter().map(|scalar| (scalar.name.to_owned(), value.clone()));
    names.collect::<Map<_, _>>().into()
}

/// Harmless names with secrets, and the mask of a plan over them.
fn masked(planter: &mut Planter, mask: Mask) -> (Map<String, Value>, Option<Value>) {
    let truth = json!(true);
    let (attributes, mask) = match mask {
        Mask::Whole => (planter.scalars(), Some(truth)),
        Mask::Missing => (planter.scalars(), None),
        Mask::Each => (planter.scalars(), Some(all_scalars(&truth))),
        Mask::Above => (json!({"input": planter.scalars()}), Some(json!({"input": true}))),
        Mask::Within => {
            (json!({"input": planter.scalars()}), Some(json!({"input": all_scalars(&truth)})))
        }
        Mask::Element => (
            json!({"ingress": [{}, planter.scalars()]}),
            Some(json!({"ingress": [{}, all_scalars(&truth)]})),
        ),
    };
    let Value::Object(attributes) = attributes else { unreachable!() };
    (attributes, mask)
}

/// What a sample is made of.
#[derive(Clone, Debug)]
struct Sample {
    shape: Value,
    mask: Mask,
    /// Whether the mask stands on the new side too, or on the old one only.
    both: bool,
    actions: Vec<&'static str>,
}

/// Small structures: each is planted some forty times.
fn shapes() -> impl Strategy<Value = Value> {
    Just(Value::Null).prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a-c]", inner, 0..3)
                .prop_map(|map| Value::from(Map::from_iter(map))),
        ]
    })
}

fn samples() -> impl Strategy<Value = Sample> {
    let actions = prop_oneof![
        Just(vec!["update"]),
        Just(vec!["create"]),
        Just(vec!["delete"]),
        Just(vec!["delete", "create"]),
        Just(vec!["create", "delete"]),
        Just(vec!["read"]),
        Just(vec!["forget"]),
        Just(vec!["no-op"]),
        Just(vec!["teleport"]),
    ];
    let mask = proptest::sample::select(&MASKS[..]);
    (shapes(), mask, any::<bool>(), actions).prop_map(|(shape, mask, both, actions)| Sample {
        shape,
        mask,
        both,
        actions,
    })
}

/// A resource of a plan.
fn element(planter: &mut Planter, sample: &Sample) -> Value {
    let shape = &sample.shape;
    let (mut before, mask) = masked(planter, sample.mask);
    let (mut after, _) = masked(planter, sample.mask);
    // Where the mask stands on one side only, the new value must not come out for it either.
    let new_mask = if sample.both { mask.clone() } else { Some(json!({})) };
    before.extend(planter.unmasked(shape));
    after.extend(planter.unmasked(shape));
    let mut change = json!({
        "actions": sample.actions, "before": before, "after": after, "after_unknown": {"arn": true},
        "importing": {"id": planter.word(), planter.word(): planter.word()},
        "generated_config": planter.word(),
        "before_identity": planter.tree(shape), "after_identity": planter.tree(shape),
        "replace_paths": [["password", planter.word(), 0]],
        planter.word(): planter.tree(shape),
    });
    if let Some(mask) = mask {
        change["before_sensitive"] = mask;
    }
    if let Some(mask) = new_mask {
        change["after_sensitive"] = mask;
    }
    json!({
        "address": planter.address(), "previous_address": planter.address(),
        "module_address": planter.word(), "mode": "managed", "type": "aws_x", "name": planter.word(),
        "index": planter.key(), "provider_name": planter.word(), "action_reason": planter.word(),
        "change": change, planter.word(): planter.tree(shape),
    })
}

fn planted_plan(planter: &mut Planter, sample: &Sample) -> Value {
    let shape = &sample.shape;
    json!({
        "format_version": "1.2", "terraform_version": planter.word(), "timestamp": planter.word(),
        "variables": {"password": {"value": planter.word()}, planter.word(): planter.tree(shape)},
        "planned_values": planter.tree(shape),
        "output_changes": {planter.word(): {"before": planter.word(), "after": planter.tree(shape)}},
        "prior_state": planter.tree(shape), "configuration": planter.tree(shape),
        "relevant_attributes": planter.tree(shape), "deferred_changes": planter.tree(shape),
        "checks": planter.tree(shape), "action_invocations": planter.tree(shape),
        "complete": planter.word(), "errored": planter.word(),
        "resource_drift": [element(planter, sample), planter.tree(shape)],
        "resource_changes": [element(planter, sample)],
        planter.word(): planter.tree(shape),
    })
}

/// Everything that comes out of a plan.
fn out_of_plan(rule: &Rule<'_>, text: &str) -> String {
    match plan::read_by(rule, text.as_bytes()) {
        Ok(plan) => {
            let debug = format!("{plan:?}");
            let record = plan.into_record(NOW);
            format!("{debug}{record:?}{}", serde_json::to_string(&record).unwrap())
        }
        Err(error) => said(&error),
    }
}

/// Everything that comes out of an error.
fn said(error: &ReadError) -> String {
    let mut out = format!("{error}{error:?}{:?}", error.hint());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        write!(out, "{cause}{cause:?}").unwrap();
        source = cause.source();
    }
    out
}

fn planted_state(planter: &mut Planter, sample: &Sample) -> Value {
    let shape = &sample.shape;
    let (mut attributes, _) = masked(planter, sample.mask);
    attributes.extend(planter.unmasked(shape));
    attributes.insert("id".to_owned(), json!(planter.word()));
    if let Some(input) = attributes.remove("input") {
        // An attribute without a fixed type, as terraform_data has them.
        attributes.insert("input".to_owned(), json!({"value": input, "type": planter.tree(shape)}));
    }
    let step = |name: &str| json!({"type": "get_attr", "value": name});
    let each = |above: &[Value]| -> Value {
        let paths = RULE.scalars.iter().map(|scalar| [above, &[step(scalar.name)]].concat());
        paths.collect::<Vec<_>>().into()
    };
    let element = json!({"type": "index", "value": {"value": 1, "type": "number"}});
    let sensitive = match sample.mask {
        Mask::Whole => json!([[]]),
        Mask::Missing => Value::Null,
        Mask::Each => each(&[]),
        Mask::Above => json!([[step("input")]]),
        Mask::Within => each(&[step("input")]),
        Mask::Element => each(&[step("ingress"), element]),
    };
    let module = format!("module.m[\"{}\"]", planter.key());
    json!({
        "version": 4, "terraform_version": planter.word(), "serial": 3, "lineage": planter.word(),
        "outputs": {planter.word(): {"value": planter.tree(shape), "type": planter.word()}},
        "check_results": planter.tree(shape), planter.word(): planter.tree(shape),
        "resources": [
            {"module": module, "mode": "managed", "type": "aws_x", "name": "y",
                "provider": planter.word(), planter.word(): planter.tree(shape), "instances": [
                {"index_key": "same", "status": planter.word(), "attributes": attributes,
                    "sensitive_attributes": sensitive, "private": planter.word(),
                    "dependencies": [planter.word()], "identity": planter.tree(shape),
                    planter.word(): planter.tree(shape)},
                {"index_key": planter.key(), "attributes": planter.unmasked(shape),
                    "sensitive_attributes": []},
                {"index_key": 0, "attributes_flat": {"password": planter.word(),
                    format!("tags.{}", planter.word()): planter.word()}, "sensitive_attributes": []},
            ]},
            {"mode": "data", "type": "aws_secret", "name": planter.word(), "instances": [
                {"attributes": planter.scalars(), "sensitive_attributes": []}]},
        ],
    })
}

fn out_of_states(rule: &Rule<'_>, before: &str, after: &str) -> String {
    let states = (State::parse(before.as_bytes()), State::parse(after.as_bytes()));
    let (before, after) = match states {
        (Ok(before), Ok(after)) => (before, after),
        (before, after) => {
            let errors = [before.err(), after.err()];
            return errors.iter().flatten().map(said).collect();
        }
    };
    let mut out = String::new();
    for change in [after.changes_by(rule, Some(&before)), after.changes_by(rule, None)] {
        write!(out, "{change:?}").unwrap();
        let record = change.into_record(NOW);
        write!(out, "{record:?}{}", serde_json::to_string(&record).unwrap()).unwrap();
    }
    out
}

/// The lines of an apply, one of each type and some that are no messages.
fn planted_apply(planter: &mut Planter, sample: &Sample) -> Vec<String> {
    let shape = &sample.shape;
    let address = planter.address();
    let mut resource = || {
        json!({"addr": address, "module": planter.word(), "resource": planter.word(),
            "implied_provider": planter.word(), "resource_type": "aws_x",
            "resource_name": planter.word(), "resource_key": planter.word()})
    };
    let (one, other) = (resource(), resource());
    let mut hook = |action: &str| {
        json!({"resource": one, "action": action, "id_key": planter.word(),
            "id_value": planter.word(), "elapsed_seconds": 2, planter.word(): planter.tree(shape)})
    };
    let bodies = json!([
        ["log", {"log": hook("create")}],
        ["version", {"terraform": "1.11.4", "ui": "1.2"}],
        ["planned_change", {"change": {"resource": other, "previous_resource": other, "action": "update"}}],
        ["apply_start", {"hook": hook("delete")}],
        ["apply_progress", {"hook": hook("delete")}],
        ["apply_complete", {"hook": hook("delete")}],
        ["apply_start", {"hook": hook("create")}],
        ["apply_errored", {"hook": hook("create")}],
        ["provision_start", {"hook": hook("create")}],
        ["refresh_complete", {"hook": hook("read")}],
        ["ephemeral_op_complete", {"hook": hook("open")}],
        ["action_progress", {"hook": hook("invoke")}],
        ["apply_start", {"hook": hook("teleport")}],
        ["planned_change", {"change": {"resource": other, "action": planter.word(),
            "reason": planter.word(), "importing": {"id": planter.word()},
            "generated_config": planter.word()}}],
        ["planned_change", {"change": planter.tree(shape)}],
        ["resource_drift", {"change": {"resource": other, "action": planter.word()}}],
        ["diagnostic", {"diagnostic": {"severity": planter.word(), "summary": "it failed",
            "detail": planter.word(), "address": planter.word(),
            "range": {"filename": planter.word()},
            "snippet": {"context": planter.word(), "code": planter.word(), "values": [
                {"traversal": planter.word(), "statement": planter.word()}]}}}],
        ["diagnostic", {"diagnostic": planter.word()}],
        ["provision_progress", {"hook": {"resource": other, "output": planter.word()}}],
        ["outputs", {"outputs": {planter.word(): {"sensitive": false, "value": planter.tree(shape)}}}],
        ["change_summary", {"changes": {"add": 1, "change": 0, "remove": 1, "operation": planter.word()}}],
        [planter.word(), {"hook": planter.tree(shape), "change": planter.tree(shape)}],
    ]);
    let mut lines: Vec<String> = Vec::new();
    for body in bodies.as_array().unwrap() {
        let mut message = body[1].clone();
        message["type"] = body[0].clone();
        message["@message"] = json!(planter.word());
        message["@module"] = json!(planter.word());
        message["@timestamp"] = json!(planter.word());
        message[planter.word()] = planter.tree(shape);
        lines.push(message.to_string());
    }
    lines.push(format!("+ export TF_VAR_password={}", planter.word()));
    lines.push(format!("{{\"type\":\"version\",\"terraform\":{{\"x\":\"{}\"", planter.word()));
    lines
}

fn out_of_apply(text: &str) -> String {
    match apply::read(text.as_bytes()) {
        Ok(apply) => {
            let debug = format!("{apply:?}");
            let record = apply.into_record(NOW);
            format!("{debug}{record:?}{}", serde_json::to_string(&record).unwrap())
        }
        Err(error) => said(&error),
    }
}

/// The secrets that came out.
fn leaked<'p>(planter: &'p Planter, out: &str) -> Vec<&'p str> {
    let secrets = planter.planted.iter().map(String::as_str);
    secrets.filter(|secret| out.contains(secret)).collect()
}

/// That every secret is really in what goes in: a test that plants nothing finds nothing.
fn assert_planted(planter: &Planter, text: &str) {
    for secret in &planter.planted {
        assert!(text.contains(secret.as_str()), "{secret} was not planted");
    }
}

/// What comes out of a plan, and of two states, by some rule.
fn leaks(rule: &Rule<'_>, sample: &Sample) -> Vec<String> {
    let mut planter = Planter::default();
    let text = planted_plan(&mut planter, sample).to_string();
    assert_planted(&planter, &text);
    let out = out_of_plan(rule, &text);
    let mut all: Vec<String> =
        leaked(&planter, &out).into_iter().map(|secret| format!("plan: {secret}")).collect();
    let mut planter = Planter::default();
    let before = planted_state(&mut planter, sample).to_string();
    let after = planted_state(&mut planter, sample).to_string();
    assert_planted(&planter, &format!("{before}{after}"));
    let out = out_of_states(rule, &before, &after);
    let secrets = leaked(&planter, &out);
    all.extend(secrets.into_iter().map(|secret| format!("state: {secret}")));
    all
}

/// What comes out by a broken rule, over all masks.
fn leaks_anywhere(rule: &Rule<'_>) -> (usize, usize) {
    let (mut plans, mut states) = (0, 0);
    for mask in MASKS {
        let shape = json!({"a": ["b", {"c": 1}]});
        let leaks = leaks(rule, &Sample { shape, mask, both: true, actions: vec!["update"] });
        plans += leaks.iter().filter(|leak| leak.starts_with("plan")).count();
        states += leaks.iter().filter(|leak| leak.starts_with("state")).count();
    }
    (plans, states)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_secret_comes_out_of_a_plan_or_a_state(sample in samples()) {
        prop_assert_eq!(leaks(&RULE, &sample), Vec::<String>::new());
    }

    #[test]
    fn no_secret_comes_out_of_an_apply(sample in samples(), order in any::<prop::sample::Index>(), kept in 0.0..1.0f64) {
        let mut planter = Planter::default();
        let mut lines = planted_apply(&mut planter, &sample);
        let begin = order.index(lines.len());
        lines.rotate_left(begin);
        let text = lines.join("\n");
        assert_planted(&planter, &text);
        let cut: String = text.chars().take((text.len() as f64 * kept) as usize).collect();
        for part in [text.as_str(), cut.as_str()] {
            let out = out_of_apply(part);
            prop_assert_eq!(leaked(&planter, &out), Vec::<&str>::new());
        }
        for line in &lines {
            let out = out_of_apply(line);
            prop_assert_eq!(leaked(&planter, &out), Vec::<&str>::new(), "{}", line);
        }
    }

}

proptest! {
    // Each case breaks some fifty parts.
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn no_secret_comes_out_of_an_error(sample in samples(), kept in 0.0..1.0f64, place in any::<prop::sample::Index>()) {
        let mut planter = Planter::default();
        let plan = planted_plan(&mut planter, &sample).to_string();
        let state = planted_state(&mut planter, &sample).to_string();
        let (whole_plan, whole_state): (Value, Value) = (serde_json::from_str(&plan).unwrap(), serde_json::from_str(&state).unwrap());
        // Cut short, and with some structure of secrets in the place of a part that is read.
        let cut = |text: &str| text.chars().take((text.len() as f64 * kept) as usize).collect::<String>();
        let mut outs = vec![out_of_plan(&RULE, &cut(&plan)), out_of_states(&RULE, &cut(&state), &state)];
        let word = planter.planted[place.index(planter.planted.len())].clone();
        let read = ["format_version", "terraform_version", "timestamp", "resource_changes", "resource_drift",
            "address", "previous_address", "type", "change", "actions", "before", "after", "after_unknown",
            "before_sensitive", "after_sensitive", "replace_paths", "deposed",
            "version", "serial", "lineage", "resources", "module", "mode", "name", "instances", "index_key",
            "attributes", "sensitive_attributes", "status"];
        for (at, name) in read.into_iter().enumerate() {
            let wrong = [json!(word), json!({&word: &word}), json!([&word]), json!([[&word]]), json!([{"type": &word}])];
            let wrong = &wrong[place.index(wrong.len() * 7 + at) % wrong.len()];
            // An object is a mask, of something else. The names of attributes are told, and so is what is a word in the place of a name.
            let of_attributes = matches!(name, "before" | "after" | "after_unknown" | "attributes" | "before_sensitive" | "after_sensitive") && wrong.is_object();
            let of_paths = name == "replace_paths" && wrong[0].is_array();
            let told = matches!(name, "type" | "deposed" | "address" | "previous_address" | "module" | "name" | "index_key");
            if of_attributes || of_paths || told && !(wrong.is_object() && name != "index_key") {
                continue;
            }
            let mut broken = whole_plan.clone();
            put(&mut broken, name, wrong);
            outs.push(out_of_plan(&RULE, &broken.to_string()));
            let mut broken = whole_state.clone();
            put(&mut broken, name, wrong);
            outs.push(out_of_states(&RULE, &broken.to_string(), &state));
        }
        for out in outs {
            prop_assert_eq!(leaked(&planter, &out), Vec::<&str>::new(), "{}", out);
        }
    }
}

/// Puts something else in the place of every member of a name, but not within what is put there.
fn put(document: &mut Value, name: &str, other: &Value) {
    match document {
        Value::Object(members) => {
            for (key, value) in members {
                if key == name {
                    *value = other.clone();
                } else {
                    put(value, name, other);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| put(element, name, other)),
        _ => {}
    }
}

#[test]
fn the_rule_lets_nothing_through() {
    assert_eq!(leaks_anywhere(&RULE), (0, 0));
}

#[test]
fn one_more_name_on_the_list_lets_a_secret_through() {
    for name in ["password", "id"] {
        let more = [RULE.scalars, &[Scalar { name, fits: |_| true }]].concat();
        let (plans, states) = leaks_anywhere(&Rule { scalars: &more, ..RULE });
        // A plan has no id here.
        assert!((plans > 0 || name == "id") && states > 0, "{name}: {plans} {states}");
    }
}

#[test]
fn one_more_thing_to_look_into_lets_a_secret_through() {
    for name in ["output", "tags"] {
        let more = [RULE.blocks, &[name]].concat();
        let (plans, states) = leaks_anywhere(&Rule { blocks: &more, ..RULE });
        assert!(plans > 0 && states > 0, "{name}: {plans} {states}");
    }
    // These take two: the attribute, and the map or the list in it.
    for pair in [["environment", "variables"], ["container_definitions", "environment"]] {
        let more = [RULE.blocks, &pair].concat();
        let (plans, states) = leaks_anywhere(&Rule { blocks: &more, ..RULE });
        assert!(plans > 0 && states > 0, "{pair:?}: {plans} {states}");
    }
}

#[test]
fn without_the_check_of_masks_secrets_come_through() {
    let (plans, states) = leaks_anywhere(&Rule { forbids: |_, _| false, ..RULE });
    assert!(plans > 0 && states > 0, "{plans} {states}");
}

#[test]
fn without_the_check_of_what_is_above_secrets_come_through() {
    let (plans, states) = leaks_anywhere(&Rule { forbids: Closed::covers_exactly, ..RULE });
    assert!(plans > 0 && states > 0, "{plans} {states}");
}

#[test]
fn without_the_check_of_what_is_within_secrets_come_through() {
    // Only masks on the whole, or on a top-level attribute, are looked at.
    let forbids = |closed: &Closed, path: &str| {
        closed.covers(path.split(['.', '[']).next().unwrap_or_default())
    };
    let (plans, states) = leaks_anywhere(&Rule { forbids, ..RULE });
    assert!(plans > 0 && states > 0, "{plans} {states}");
}

#[test]
fn without_the_look_of_a_value_a_harmless_name_tells_what_it_should_not() {
    let any: Vec<Scalar<'_>> =
        RULE.scalars.iter().map(|scalar| Scalar { name: scalar.name, fits: |_| true }).collect();
    let text = json!({"format_version": "1.2", "resource_changes": [{"address": "a.b", "change": {
        "actions": ["update"], "before": {"port": 1}, "after": {"port": "planted secret"},
        "before_sensitive": {}, "after_sensitive": {}}}]})
    .to_string();
    assert!(!out_of_plan(&RULE, &text).contains("planted secret"));
    assert!(out_of_plan(&Rule { scalars: &any, ..RULE }, &text).contains("planted secret"));
}
