//! What Jira's answers say (pure): of a ticket, the fields that are named here and those that were asked for.

use std::collections::BTreeMap;

use ::record::Time;
use serde::Deserialize;
use serde_json::Value;

use crate::cut::cut;
use crate::moment::moment;

/// Texts of fields are cut there, in characters.
const LONGEST_TEXT: usize = 2_000;
/// Documents are nested no deeper than this in practice.
const DEEPEST: u32 = 40;

/// A field of this Jira.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Field {
    /// `summary`, `customfield_10010` and others.
    pub id: String,
    /// Its name for people.
    #[serde(default)]
    pub name: String,
}

/// Fields by the names that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The ids of a name: several fields may have one.
    pub ids: BTreeMap<String, Vec<String>>,
    /// Names that no field has.
    pub unknown: Vec<String>,
}

/// Finds fields by name, in any spelling; an id is a name too.
pub fn resolve(names: &[String], fields: &[Field]) -> Resolved {
    let mut resolved = Resolved::default();
    for name in names {
        let wanted = name.trim().to_lowercase();
        let is_meant = |field: &&Field| {
            field.name.trim().to_lowercase() == wanted || field.id.to_lowercase() == wanted
        };
        let ids: Vec<String> =
            fields.iter().filter(is_meant).map(|field| field.id.clone()).collect();
        match ids.is_empty() {
            true => resolved.unknown.push(name.clone()),
            false => {
                resolved.ids.insert(name.clone(), ids);
            }
        }
    }
    resolved
}

/// What Jira makes of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusCategory {
    /// Not begun.
    New,
    /// Begun.
    InProgress,
    /// Over.
    Done,
}

/// A ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issue {
    /// Its key today; one that moved had another.
    pub key: String,
    /// Its title.
    pub summary: String,
    /// Its status, in this Jira's own word.
    pub status: Option<String>,
    /// What Jira makes of that status.
    pub category: Option<StatusCategory>,
    /// Its type.
    pub kind: Option<String>,
    /// Its priority.
    pub priority: Option<String>,
    /// Who works on it.
    pub assignee: Option<String>,
    /// When it was made.
    pub created: Option<Time>,
    /// When it was last touched.
    pub updated: Option<Time>,
    /// When it was resolved.
    pub resolved: Option<Time>,
    /// Its labels.
    pub labels: Vec<String>,
    /// The names of its components.
    pub components: Vec<String>,
    /// The fields that were asked for by name, as text.
    pub fields: BTreeMap<String, String>,
}

/// The fields that every ticket is asked for.
pub(super) const USUAL_FIELDS: &[&str] = &[
    "summary",
    "status",
    "issuetype",
    "priority",
    "assignee",
    "created",
    "updated",
    "resolutiondate",
    "labels",
    "components",
];

#[derive(Deserialize)]
pub(super) struct IssueAnswer {
    pub(super) key: String,
    #[serde(default)]
    fields: serde_json::Map<String, Value>,
}

impl IssueAnswer {
    pub(super) fn issue(&self, asked: &Resolved) -> Issue {
        let text = |path: &[&str]| {
            let (first, rest) = path.split_first()?;
            let value =
                rest.iter().try_fold(self.fields.get(*first)?, |value, key| value.get(key))?;
            Some(value.as_str()?.to_owned())
        };
        let time = |name: &str| moment(self.fields.get(name)?.as_str()?);
        let category = match text(&["status", "statusCategory", "key"]).as_deref() {
            Some("new") => Some(StatusCategory::New),
            Some("indeterminate") => Some(StatusCategory::InProgress),
            Some("done") => Some(StatusCategory::Done),
            _ => None,
        };
        let labels = self.fields.get("labels").and_then(Value::as_array).into_iter().flatten();
        let components =
            self.fields.get("components").and_then(Value::as_array).into_iter().flatten();
        let components = components.filter_map(|component| component.get("name")?.as_str());
        let mut fields = BTreeMap::new();
        for (name, ids) in &asked.ids {
            let values = ids.iter().filter_map(|id| self.fields.get(id));
            let found = values.map(readable).find(|text| !text.is_empty());
            fields.extend(found.map(|text| (name.clone(), text)));
        }
        Issue {
            key: self.key.clone(),
            summary: text(&["summary"]).unwrap_or_default(),
            status: text(&["status", "name"]),
            category,
            kind: text(&["issuetype", "name"]),
            priority: text(&["priority", "name"]),
            assignee: text(&["assignee", "displayName"]),
            created: time("created"),
            updated: time("updated"),
            resolved: time("resolutiondate"),
            labels: labels.filter_map(Value::as_str).map(str::to_owned).collect(),
            components: components.map(str::to_owned).collect(),
            fields,
        }
    }
}

/// A field's value as text: what it says, or the name of what it refers to, or the words of a document.
fn readable(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text, 0);
    cut(text.trim(), LONGEST_TEXT)
}

fn write(value: &Value, text: &mut String, depth: u32) {
    if depth > DEEPEST || text.len() > 4 * LONGEST_TEXT {
        return;
    }
    match value {
        Value::Null => {}
        Value::Bool(said) => text.push_str(if *said { "yes" } else { "no" }),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::String(said) => text.push_str(said),
        Value::Array(values) => {
            for (at, value) in values.iter().enumerate() {
                if at > 0 && !text.is_empty() {
                    text.push_str(", ");
                }
                write(value, text, depth + 1);
            }
        }
        Value::Object(keys)
            if keys.get("type").is_some_and(Value::is_string) && is_document(keys) =>
        {
            write_document(value, text, depth);
        }
        Value::Object(keys) => {
            let names = ["displayName", "value", "name", "key"];
            let name = names.iter().find_map(|name| keys.get(*name));
            if let Some(name) = name.filter(|name| name.is_string()) {
                write(name, text, depth + 1);
            }
            // The second choice of a cascade.
            if let Some(child) = keys.get("child").filter(|child| child.is_object()) {
                text.push_str(" / ");
                write(child, text, depth + 1);
            }
        }
    }
}

fn is_document(keys: &serde_json::Map<String, Value>) -> bool {
    keys.contains_key("content") || keys.contains_key("text")
}

/// The words of an Atlassian document, a line for each paragraph.
fn write_document(node: &Value, text: &mut String, depth: u32) {
    if depth > DEEPEST || text.len() > 4 * LONGEST_TEXT {
        return;
    }
    if let Some(said) = node["text"].as_str() {
        text.push_str(said);
    }
    for child in node["content"].as_array().into_iter().flatten() {
        write_document(child, text, depth + 1);
    }
    let ends_a_line = ["paragraph", "heading", "codeBlock", "hardBreak", "rule"];
    let kind = node["type"].as_str().unwrap_or_default();
    if ends_a_line.contains(&kind) && !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_ticket_says_what_it_is_and_the_fields_that_were_asked_for() {
        let issue: IssueAnswer =
            serde_json::from_value(json!({"id": "1", "key": "OPS-12", "fields": {
            "summary": "Raise the pool", "labels": ["change"],
            "status": {"name": "Approved", "statusCategory": {"key": "indeterminate"}},
            "issuetype": {"name": "Change"}, "priority": null, "assignee": {"displayName": "Ada"},
            "created": "2026-11-22T20:46:35.000+0000", "customfield_1": {"value": "High"},
            "customfield_2": {"type": "doc", "version": 1, "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": "Apply "},
                    {"type": "text", "text": "v1."}]},
                {"type": "paragraph", "content": [{"type": "text", "text": "Done."}]}]},
            "customfield_3": null, "description": "not asked for"}}))
            .unwrap();
        let ids = |id: &str| vec![id.to_owned()];
        let asked = Resolved {
            ids: BTreeMap::from([
                ("Risk".to_owned(), ids("customfield_1")),
                (
                    "Rollback".to_owned(),
                    vec!["customfield_3".to_owned(), "customfield_2".to_owned()],
                ),
                ("Window".to_owned(), ids("customfield_3")),
            ]),
            unknown: Vec::new(),
        };
        let ticket = issue.issue(&asked);
        assert_eq!(
            (ticket.summary.as_str(), ticket.kind.as_deref()),
            ("Raise the pool", Some("Change"))
        );
        assert_eq!(ticket.status.as_deref(), Some("Approved"));
        assert_eq!(ticket.category, Some(StatusCategory::InProgress));
        assert_eq!((ticket.priority, ticket.assignee.as_deref()), (None, Some("Ada")));
        assert_eq!(ticket.fields["Risk"], "High");
        assert_eq!(ticket.fields["Rollback"], "Apply v1.\nDone.");
        assert!(!ticket.fields.contains_key("Window"));
    }

    #[test]
    fn values_of_all_kinds_are_readable() {
        for (value, wanted) in [
            (json!("text"), "text"),
            (json!(4.5), "4.5"),
            (json!(true), "yes"),
            (json!([{"displayName": "Ada", "accountId": "x"}, {"name": "ops"}]), "Ada, ops"),
            (json!({"value": "EU", "child": {"value": "Dublin"}}), "EU / Dublin"),
            (json!({"unknown": "shape"}), ""),
        ] {
            assert_eq!(readable(&value), wanted);
        }
        let mut deep = json!("end");
        for _ in 0..100 {
            deep = json!([deep]);
        }
        assert_eq!(readable(&deep), "");
    }

    #[test]
    fn fields_are_found_by_name_in_any_spelling_and_by_id() {
        let field = |id: &str, name: &str| Field { id: id.to_owned(), name: name.to_owned() };
        let fields =
            [field("customfield_1", "Rollback plan"), field("customfield_2", "rollback plan")];
        let names = ["Rollback Plan", "customfield_2", "Nope"].map(str::to_owned);
        let resolved = resolve(&names, &fields);
        assert_eq!(resolved.ids["Rollback Plan"], ["customfield_1", "customfield_2"]);
        assert_eq!(resolved.ids["customfield_2"], ["customfield_2"]);
        assert_eq!(resolved.unknown, ["Nope"]);
    }
}
