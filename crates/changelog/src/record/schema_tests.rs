//! The schemas of `change` and `changelog_summary`, held against what is written.

use std::collections::BTreeSet;

use ::record::{KINDS, Time};
use serde_json::{Map, Value};

use super::*;
use crate::sources::{Ended, SourceRead, Summary};

fn schema(kind: &str) -> Value {
    let kind = KINDS.iter().find(|known| known.name == kind).unwrap();
    serde_json::from_str(kind.schema).unwrap()
}

/// Where an object that is written differs from its schema: keys that are only here or only there, in
/// it and in all within, where there is none of these missing.
fn differences(
    schema: &Value,
    part: &Value,
    written: &Map<String, Value>,
    at: &str,
) -> Vec<String> {
    let properties = part["properties"].as_object().unwrap();
    let known: BTreeSet<&String> = properties.keys().collect();
    let found: BTreeSet<&String> = written.keys().collect();
    let mut all: Vec<String> =
        known.symmetric_difference(&found).map(|key| format!("{at}.{key}")).collect();
    for (key, value) in written {
        let Some(property) = properties.get(key) else { continue };
        let at = format!("{at}.{key}");
        match value {
            Value::Object(inside) => {
                all.extend(differences(schema, referred(schema, property), inside, &at));
            }
            Value::Array(items) => {
                for item in items.iter().filter_map(Value::as_object) {
                    let part = referred(schema, &property["items"]);
                    all.extend(differences(schema, part, item, &at));
                }
            }
            _ => {}
        }
    }
    all
}

fn referred<'a>(schema: &'a Value, part: &'a Value) -> &'a Value {
    let path = part["$ref"].as_str().unwrap().trim_start_matches('#');
    schema.pointer(path).unwrap()
}

fn words<T: Serialize>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    let word = |value| serde_json::to_value(value).unwrap().as_str().unwrap().to_owned();
    values.into_iter().map(word).collect()
}

/// A record that lacks nothing.
fn everything() -> ChangeRecord {
    let time = Time::from_millis(0);
    let text = || Some("x".to_owned());
    let resource = ResourceChange {
        resource_type: text(),
        previous_address: text(),
        deposed: text(),
        imported: true,
        attributes: vec!["a".to_owned()],
        forced_by: vec!["a".to_owned()],
        reason: Some(ActionReason::ReplaceByTriggers),
        values: vec![ValueChange { path: "p".to_owned(), before: text(), after: text() }],
        time: Some(time),
        elapsed_seconds: Some(1.5),
        outcome: Some(Outcome::Done),
        ..ResourceChange::new("a.b", Action::Replace)
    };
    let ticket = Ticket {
        key: "OPS-12".to_owned(),
        summary: text(),
        status: text(),
        ticket_type: text(),
        approved: Some(true),
        window_start: Some(time),
        window_end: Some(time),
        effect: text(),
        rollback: text(),
        link: text(),
    };
    let step = Step {
        source: Source::Ecs,
        time,
        account: text(),
        region: text(),
        cluster: text(),
        system: text(),
        actor: text(),
        summary: "x".to_owned(),
        status: Status::Applied,
        id: text(),
        link: text(),
    };
    ChangeRecord {
        began: Some(time),
        account: text(),
        region: text(),
        cluster: text(),
        system: text(),
        environment: text(),
        project: text(),
        tags: vec!["team:x".to_owned()],
        task_definition: text(),
        actor: text(),
        resources: vec![resource],
        resources_left_out: 1,
        counts: Counts {
            add: 1,
            change: 1,
            destroy: 1,
            replace: 1,
            import: 1,
            forget: 1,
            moved: 1,
            drift: 1,
        },
        reach: Some(Reach { tasks: 1, daemon: false }),
        aftermath: Some(Aftermath {
            rollout: text(),
            failed_tasks: 1,
            deaths: 1,
            first_death: Some(time),
            last_death: Some(time),
            death_reason: text(),
        }),
        flags: vec![Flag::Partial],
        tickets: vec![ticket],
        commit: text(),
        branch: text(),
        link: text(),
        id: text(),
        diagnostics: vec![Diagnostic { severity: Severity::Error, summary: "x".to_owned() }],
        before_minutes: Some(1.0),
        score: Some(1.0),
        reasons: vec![Reason { reason: "x".to_owned(), points: 1.0 }],
        steps: vec![step],
        ..ChangeRecord::new(time, Source::Terraform, Status::Applied, "x")
    }
}

#[test]
fn a_change_has_the_keys_that_its_schema_has() {
    let schema = schema("change");
    let written = serde_json::to_value(everything()).unwrap();
    let differences = differences(&schema, &schema, written.as_object().unwrap(), "change");
    assert_eq!(differences, Vec::<String>::new());
}

#[test]
fn a_change_that_has_nothing_has_what_its_schema_requires() {
    let bare = ChangeRecord::new(Time::from_millis(0), Source::Jira, Status::Planned, "x");
    let written = serde_json::to_value(bare).unwrap();
    let keys: BTreeSet<&str> = written.as_object().unwrap().keys().map(String::as_str).collect();
    let schema = schema("change");
    let required = schema["required"].as_array().unwrap();
    assert_eq!(keys, required.iter().map(|key| key.as_str().unwrap()).collect());
}

#[test]
fn the_words_of_the_schema_are_those_that_are_written() {
    let schema = schema("change");
    let listed = |path: &str| words(schema.pointer(path).unwrap().as_array().unwrap());
    let resource = |key: &str| listed(&format!("/$defs/resource/properties/{key}/enum"));
    assert_eq!(listed("/properties/source/enum"), words(Source::ALL));
    assert_eq!(listed("/properties/flags/items/enum"), words(Flag::ALL));
    let actions = [
        Action::Create,
        Action::Update,
        Action::Delete,
        Action::Replace,
        Action::Read,
        Action::Forget,
        Action::Move,
        Action::Import,
        Action::Depose,
        Action::Unknown,
    ];
    assert_eq!(resource("action"), words(actions));
    let outcomes = [Outcome::Done, Outcome::Errored, Outcome::Unfinished, Outcome::NotStarted];
    assert_eq!(resource("outcome"), words(outcomes));
    let reasons = [
        ActionReason::ReplaceBecauseTainted,
        ActionReason::ReplaceBecauseCannotUpdate,
        ActionReason::ReplaceByRequest,
        ActionReason::ReplaceByTriggers,
        ActionReason::DeleteBecauseNoResourceConfig,
        ActionReason::DeleteBecauseNoModule,
        ActionReason::DeleteBecauseWrongRepetition,
        ActionReason::DeleteBecauseCountIndex,
        ActionReason::DeleteBecauseEachKey,
        ActionReason::DeleteBecauseNoMoveTarget,
        ActionReason::ReadBecauseConfigUnknown,
        ActionReason::ReadBecauseDependencyPending,
        ActionReason::ReadBecauseCheckNested,
    ];
    assert_eq!(resource("reason"), words(reasons));
}

#[test]
fn a_summary_has_the_keys_that_its_schema_has() {
    let time = Time::from_millis(0);
    let why = || "x".to_owned();
    let ends = [
        Ended::Complete { until: time },
        Ended::CutShort { at: time, why: why() },
        Ended::Partly { why: why() },
        Ended::Failed { why: why() },
        Ended::Denied { why: why() },
    ];
    let read = |ended| SourceRead { source: Source::Ecs, name: Some(why()), changes: 1, ended };
    let sources: Vec<SourceRead> = ends.into_iter().map(read).collect();
    let summary = Summary { time, since: time, until: time, changes: 1, sources };
    let written = serde_json::to_value(summary).unwrap();

    let schema = schema("changelog_summary");
    let mut keys: BTreeSet<&str> =
        written.as_object().unwrap().keys().map(String::as_str).collect();
    let known = schema["properties"].as_object().unwrap().keys().map(String::as_str);
    assert_eq!(keys, known.collect());
    // No source ends in every way, so their keys are those of all of them together.
    let sources = written["sources"].as_array().unwrap();
    keys = sources
        .iter()
        .flat_map(|read| read.as_object().unwrap().keys())
        .map(String::as_str)
        .collect();
    let known = schema["$defs"]["source_read"]["properties"].as_object().unwrap();
    assert_eq!(keys, known.keys().map(String::as_str).collect());
    let ended = schema["$defs"]["source_read"]["properties"]["ended"]["enum"].as_array().unwrap();
    let written: Vec<&Value> = sources.iter().map(|read| &read["ended"]).collect();
    assert_eq!(ended.iter().collect::<Vec<_>>(), written);
}
