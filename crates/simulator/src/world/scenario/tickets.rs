//! Jira in a scenario: projects, and tickets whose status moves.

use serde::Deserialize;
use toml::Spanned;

use super::check::{Checked, mistake};
use crate::world::when::Offset;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenProject {
    key: Spanned<String>,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenTicket {
    key: Spanned<String>,
    summary: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    priority: Option<String>,
    reporter: String,
    assignee: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    statuses: Spanned<Vec<WrittenStatus>>,
    window: Option<Spanned<[Offset; 2]>>,
    #[serde(default)]
    approvals: Vec<String>,
    effect: Option<String>,
    rollback: Option<String>,
    #[serde(default)]
    moved_from: Vec<Spanned<String>>,
    #[serde(default)]
    hidden: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStatus {
    at: Offset,
    name: String,
    category: Option<Category>,
}

/// Jira `statusCategory.key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Category {
    New,
    Indeterminate,
    Done,
}

#[derive(Debug, Clone)]
pub(crate) struct Project {
    pub(crate) key: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Ticket {
    pub(crate) key: String,
    pub(crate) project: usize,
    pub(crate) summary: String,
    pub(crate) kind: String,
    pub(crate) priority: String,
    pub(crate) reporter: String,
    pub(crate) assignee: Option<String>,
    pub(crate) labels: Vec<String>,
    /// In order; the first is when it was made.
    pub(crate) statuses: Vec<Status>,
    /// When the change is allowed to happen, relative to the page.
    pub(crate) window: Option<[i64; 2]>,
    pub(crate) approvals: Vec<String>,
    pub(crate) effect: Option<String>,
    pub(crate) rollback: Option<String>,
    /// The keys that it had in other projects.
    pub(crate) moved_from: Vec<String>,
    /// Whether nobody may see it.
    pub(crate) hidden: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Status {
    /// Since when, relative to the page.
    pub(crate) at: i64,
    pub(crate) name: String,
    pub(crate) category: Category,
}

/// The projects and tickets of a scenario.
pub(super) fn all(
    projects: &[WrittenProject],
    tickets: &[WrittenTicket],
) -> Checked<(Vec<Project>, Vec<Ticket>)> {
    let mut known: Vec<Project> = Vec::new();
    for project in projects {
        let key = project.key.get_ref();
        if !is_project(key) {
            return mistake(
                project.key.span(),
                "a project's key is capital letters and digits, and begins with a letter: \"OPS\"",
            );
        }
        if known.iter().any(|other| other.key == *key) {
            return mistake(project.key.span(), format!("the project \"{key}\" is there twice"));
        }
        let name = project.name.clone().unwrap_or_else(|| key.clone());
        known.push(Project { key: key.clone(), name });
    }
    let mut checked: Vec<Ticket> = Vec::new();
    for ticket in tickets {
        let made = self::ticket(ticket, &known)?;
        let keys =
            |ticket: &Ticket| [std::slice::from_ref(&ticket.key), &ticket.moved_from].concat();
        if let Some(twice) = keys(&made)
            .into_iter()
            .find(|key| checked.iter().any(|other| keys(other).contains(key)))
        {
            return mistake(ticket.key.span(), format!("the ticket \"{twice}\" is there twice"));
        }
        checked.push(made);
    }
    Ok((known, checked))
}

fn ticket(ticket: &WrittenTicket, projects: &[Project]) -> Checked<Ticket> {
    let Some((project, _)) = split(ticket.key.get_ref()) else {
        return mistake(ticket.key.span(), KEY);
    };
    let Some(project) = projects.iter().position(|other| other.key == project) else {
        return mistake(ticket.key.span(), format!("there is no project \"{project}\""));
    };
    for key in &ticket.moved_from {
        if split(key.get_ref()).is_none() {
            return mistake(key.span(), KEY);
        }
    }
    let statuses: Vec<Status> = ticket
        .statuses
        .get_ref()
        .iter()
        .map(|status| Status {
            at: status.at.0,
            name: status.name.clone(),
            category: status.category.unwrap_or_else(|| usual(&status.name)),
        })
        .collect();
    if statuses.is_empty() || !statuses.is_sorted_by_key(|status| status.at) {
        return mistake(
            ticket.statuses.span(),
            "a ticket has at least one status, and they are in order",
        );
    }
    let window = match &ticket.window {
        None => None,
        Some(window) => {
            let [from, to] = *window.get_ref();
            if from >= to {
                return mistake(window.span(), "a window ends after it begins");
            }
            Some([from.0, to.0])
        }
    };
    Ok(Ticket {
        key: ticket.key.get_ref().clone(),
        project,
        summary: ticket.summary.clone(),
        kind: ticket.kind.clone().unwrap_or_else(|| "Task".to_owned()),
        priority: ticket.priority.clone().unwrap_or_else(|| "Medium".to_owned()),
        reporter: ticket.reporter.clone(),
        assignee: ticket.assignee.clone(),
        labels: ticket.labels.clone(),
        statuses,
        window,
        approvals: ticket.approvals.clone(),
        effect: ticket.effect.clone(),
        rollback: ticket.rollback.clone(),
        moved_from: ticket.moved_from.iter().map(|key| key.get_ref().clone()).collect(),
        hidden: ticket.hidden,
    })
}

const KEY: &str = "a ticket's key is a project's key, \"-\" and a number: \"OPS-12\"";

/// A ticket's key, taken apart.
pub(crate) fn split(key: &str) -> Option<(&str, u64)> {
    let (project, number) = key.rsplit_once('-')?;
    let number: u64 = number.parse().ok()?;
    (is_project(project) && number > 0).then_some((project, number))
}

fn is_project(key: &str) -> bool {
    key.starts_with(|first: char| first.is_ascii_uppercase())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The category of the statuses that a new project has; the others are under way.
fn usual(name: &str) -> Category {
    match name {
        "To Do" | "Open" | "Draft" | "Waiting for approval" => Category::New,
        "Done" | "Closed" | "Resolved" | "Released" => Category::Done,
        _ => Category::Indeterminate,
    }
}
