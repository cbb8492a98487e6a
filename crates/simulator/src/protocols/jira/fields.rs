//! An issue's fields: those that every Jira has, and the custom ones of a change.

use serde_json::{Map, Value, json};

use super::jql::Moment;
use super::{Asked, Edition};
use crate::JIRA_EMAIL;
use crate::world::clock_face::{self, TimeForm};
use crate::world::hash;
use crate::world::scenario::tickets::{Category, Status, Ticket};

/// How a text of several paragraphs is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Plain,
    /// The Atlassian document format.
    Document,
}

/// The custom fields: their ids, and the names by which they are found.
const CUSTOM: [(&str, &str, Kind); 5] = [
    ("customfield_10201", "Change start date", Kind::Moment),
    ("customfield_10202", "Change completion date", Kind::Moment),
    ("customfield_10203", "Approvers", Kind::People),
    ("customfield_10204", "Expected effect", Kind::Paragraphs),
    ("customfield_10205", "Rollback plan", Kind::Paragraphs),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Moment,
    People,
    Paragraphs,
}

const SYSTEM: [(&str, &str, &str); 14] = [
    ("summary", "Summary", "string"),
    ("status", "Status", "status"),
    ("issuetype", "Issue Type", "issuetype"),
    ("priority", "Priority", "priority"),
    ("assignee", "Assignee", "user"),
    ("reporter", "Reporter", "user"),
    ("created", "Created", "datetime"),
    ("updated", "Updated", "datetime"),
    ("resolutiondate", "Resolved", "datetime"),
    ("labels", "Labels", "array"),
    ("components", "Components", "array"),
    ("project", "Project", "project"),
    ("parent", "Parent", "issuelink"),
    ("description", "Description", "string"),
];

impl Asked<'_> {
    /// What `GET /field` lists.
    pub(super) fn fields(&self) -> Value {
        let system = SYSTEM.iter().map(|(id, name, kind)| {
            json!({ "id": id, "key": id, "name": name, "custom": false, "orderable": true,
                "navigable": true, "searchable": true, "clauseNames": [id],
                "schema": { "type": kind, "system": id } })
        });
        let custom = CUSTOM.iter().map(|(id, name, kind)| {
            let (kind, custom) = match kind {
                Kind::Moment => ("datetime", "datetime"),
                Kind::People => ("array", "multiuserpicker"),
                Kind::Paragraphs => ("string", "textarea"),
            };
            let number: u64 = id.trim_start_matches("customfield_").parse().unwrap_or_default();
            json!({ "id": id, "key": id, "name": name, "custom": true, "orderable": true,
                "navigable": true, "searchable": true,
                "clauseNames": [format!("cf[{number}]"), name],
                "schema": { "type": kind, "customId": number,
                    "custom": format!("com.atlassian.jira.plugin.system.customfieldtypes:{custom}") } })
        });
        system.chain(custom).collect()
    }

    /// Ids grow with the place in the scenario.
    pub(super) fn number(&self, ticket: &Ticket) -> usize {
        let all = &self.world.scenario.tickets;
        10_001 + all.iter().position(|other| other.key == ticket.key).unwrap_or_default()
    }

    pub(super) fn id(&self, ticket: &Ticket) -> String {
        self.number(ticket).to_string()
    }

    fn status<'t>(&self, ticket: &'t Ticket) -> &'t Status {
        let past = |status: &&Status| self.world.page + status.at <= self.now;
        ticket.statuses.iter().rev().find(past).unwrap_or(&ticket.statuses[0])
    }

    /// When it was changed last, in milliseconds since the epoch.
    pub(super) fn updated(&self, ticket: &Ticket) -> i64 {
        self.world.page + self.status(ticket).at
    }

    /// A moment of a ticket that a search may ask for, in milliseconds since the epoch.
    pub(super) fn moment_of(&self, ticket: &Ticket, moment: Moment) -> Option<i64> {
        let page = self.world.page;
        let status = self.status(ticket);
        match moment {
            Moment::Updated => Some(self.updated(ticket)),
            Moment::Resolved => (status.category == Category::Done).then(|| page + status.at),
            Moment::WindowStart => ticket.window.map(|window| page + window[0]),
            Moment::WindowEnd => ticket.window.map(|window| page + window[1]),
        }
    }

    /// Who asks.
    pub(super) fn myself(&self) -> Value {
        let mut person = self.person("Drill");
        person["emailAddress"] = json!(JIRA_EMAIL);
        person
    }

    /// The issue with the fields that are wanted: by id, `*all` or `*navigable`.
    pub(super) fn issue(&self, ticket: &Ticket, wanted: &[String]) -> Value {
        let all = wanted.iter().any(|name| name == "*all" || name == "*navigable");
        let fields: Map<String, Value> = self
            .values(ticket)
            .into_iter()
            .filter(|(id, _)| all || wanted.iter().any(|name| name == id))
            .map(|(id, value)| (id.to_owned(), value))
            .collect();
        let id = self.id(ticket);
        let version = if self.text == Text::Document { "3" } else { "2" };
        json!({
            "expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields",
            "id": id,
            "self": format!("https://jira.example.com/rest/api/{version}/issue/{id}"),
            "key": ticket.key,
            "fields": fields,
        })
    }

    fn values(&self, ticket: &Ticket) -> Vec<(&'static str, Value)> {
        let page = self.world.page;
        let status = self.status(ticket);
        let resolved = (status.category == Category::Done).then(|| moment(page + status.at));
        let project = &self.world.scenario.projects[ticket.project];
        let window = |end: usize| ticket.window.map(|window| moment(page + window[end]));
        let approvers: Vec<Value> = ticket.approvals.iter().map(|name| self.person(name)).collect();
        let custom = |id: &str| match id {
            "customfield_10201" => json!(window(0)),
            "customfield_10202" => json!(window(1)),
            "customfield_10203" if approvers.is_empty() => Value::Null,
            "customfield_10203" => Value::from(approvers.clone()),
            "customfield_10204" => self.paragraphs(ticket.effect.as_deref()),
            _ => self.paragraphs(ticket.rollback.as_deref()),
        };
        let mut values = vec![
            ("summary", json!(ticket.summary)),
            (
                "status",
                json!({ "name": status.name, "id": status_id(&status.name), "statusCategory": category(status.category) }),
            ),
            ("issuetype", json!({ "name": ticket.kind, "subtask": false })),
            ("priority", json!({ "name": ticket.priority })),
            ("assignee", json!(ticket.assignee.as_deref().map(|name| self.person(name)))),
            ("reporter", self.person(&ticket.reporter)),
            ("created", json!(moment(page + ticket.statuses[0].at))),
            ("updated", json!(moment(page + status.at))),
            ("resolutiondate", json!(resolved)),
            ("labels", json!(ticket.labels)),
            ("components", json!([])),
            ("project", json!({ "key": project.key, "name": project.name })),
            ("description", Value::Null),
        ];
        values.extend(CUSTOM.iter().map(|(id, _, _)| (*id, custom(id))));
        values
    }

    fn person(&self, name: &str) -> Value {
        let seed = hash::of_text(self.world.scenario.seed, &format!("person/{name}"));
        match self.edition {
            Edition::Cloud => json!({ "accountId": hash::hex(seed, 24), "accountType": "atlassian",
                "displayName": name, "active": true }),
            Edition::DataCenter => {
                json!({ "name": name, "key": name, "displayName": name, "active": true })
            }
        }
    }

    fn paragraphs(&self, text: Option<&str>) -> Value {
        match (text, self.text) {
            (None, _) => Value::Null,
            (Some(text), Text::Plain) => json!(text),
            (Some(text), Text::Document) => {
                let paragraph = |line: &str| json!({ "type": "paragraph", "content": [{ "type": "text", "text": line }] });
                let lines = text.lines().filter(|line| !line.trim().is_empty());
                json!({ "type": "doc", "version": 1, "content": lines.map(paragraph).collect::<Vec<_>>() })
            }
        }
    }
}

fn status_id(name: &str) -> String {
    (10_000 + hash::below(hash::of_text(11, name), 900)).to_string()
}

fn category(category: Category) -> Value {
    let (id, key, color, name) = match category {
        Category::New => (2, "new", "blue-gray", "To Do"),
        Category::Indeterminate => (4, "indeterminate", "yellow", "In Progress"),
        Category::Done => (3, "done", "green", "Done"),
    };
    json!({ "id": id, "key": key, "colorName": color, "name": name })
}

/// A moment as Jira writes it, with no colon in the offset: `2026-11-22T20:46:35.000+0000`.
fn moment(time_ms: i64) -> String {
    clock_face::text(time_ms, TimeForm::Iso).replace('Z', "+0000")
}
