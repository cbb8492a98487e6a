//! Change tickets as changes of their own: what was done by hand leaves no other trace.

use std::collections::BTreeMap;

use ::record::Time;
use http::Error;

use super::api::Jira;
use super::clause;
use super::shapes::{Issue, Resolved, StatusCategory};
use super::ticket::TicketRules;
use crate::found::Sink;
use crate::record::{ChangeRecord, Source, Status, Ticket};
use crate::sources::{Ended, SourceRead};
use crate::window::Window;

const MINUTE: i64 = 60_000;
/// A window may be told in dates, and Jira compares these by the day of whoever asks: so much is read on
/// either side of it, and left out here.
const A_DAY: i64 = 24 * 60 * MINUTE;

/// What is asked of Jira.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Whose tickets count: those with a window that overlaps it, and those that were resolved in it.
    pub window: Window,
    /// The moment of the reading.
    pub now: Time,
    /// Keys of projects; none means all that the login may see.
    pub projects: Vec<String>,
    /// How tickets are read.
    pub rules: TicketRules,
    /// Each search reads so many tickets, and the rest of a page.
    pub most: usize,
}

/// The change tickets of a window, newest first.
pub async fn read(jira: &Jira, ask: &Ask, sink: &Sink) -> Vec<SourceRead> {
    let mut changes = 0;
    let ended = match tickets(jira, ask).await {
        Err(error) => Ended::unread(clause::of(&error), error.gravity() == http::Gravity::Denied),
        Ok(Tickets { records, why }) => {
            for record in records {
                changes += 1;
                sink.change(record).await;
            }
            match why {
                None => {
                    sink.reached(ask.window.since).await;
                    Ended::Complete { until: ask.now }
                }
                Some(why) => Ended::Partly { why },
            }
        }
    };
    vec![SourceRead { source: Source::Jira, name: Some(jira.host()), changes, ended }]
}

struct Tickets {
    records: Vec<ChangeRecord>,
    /// What is missing.
    why: Option<String>,
}

async fn tickets(jira: &Jira, ask: &Ask) -> Result<Tickets, Error> {
    let resolved = ask.rules.fields.resolve(&jira.fields().await?);
    let (mut found, mut more) = (BTreeMap::new(), false);
    let (searches, wrong) = searches(ask, &resolved);
    for jql in searches {
        let hits = jira.find(&jql, &resolved, ask.most).await?;
        more |= hits.more;
        found.extend(hits.issues.into_iter().map(|issue| (issue.key.clone(), issue)));
    }
    if found.is_empty() {
        jira.check_login().await?;
    }
    let issues = found.values().filter(|issue| ask.rules.is_change(issue));
    let mut records: Vec<ChangeRecord> = issues
        .map(|issue| {
            let link = jira.link(&issue.key);
            change(issue, ask.rules.ticket(issue, &resolved, link), ask.now)
        })
        .filter(|change| ask.window.has_effect_of(change))
        .collect();
    records.sort_by_key(|change| std::cmp::Reverse(change.time));
    let mut missing: Vec<String> =
        wrong.iter().map(|key| format!("{key:?} is no project")).collect();
    missing.extend(more.then(|| format!("a search has more than {} tickets", ask.most)));
    missing.extend(resolved.unknown.iter().map(|name| format!("Jira has no field {name:?}")));
    Ok(Tickets { records, why: (!missing.is_empty()).then(|| missing.join(", ")) })
}

/// The searches, and the projects that are none. Moments are told from now on, since a moment by its hour
/// would be read in the time zone of whoever asks.
///
/// <https://support.atlassian.com/jira-software-cloud/docs/jql-fields/>
fn searches(ask: &Ask, resolved: &Resolved) -> (Vec<String>, Vec<String>) {
    let (projects, wrong): (Vec<String>, Vec<String>) = ask
        .projects
        .iter()
        .map(|key| key.trim().to_ascii_uppercase())
        .partition(|key| is_project(key));
    if projects.is_empty() && !wrong.is_empty() {
        return (Vec::new(), wrong);
    }
    let of_projects = match projects.is_empty() {
        true => String::new(),
        false => format!("project in ({}) AND ", quoted(&projects)),
    };
    let ago = |time: Time, pad: i64| relative(time.millis().saturating_add(pad), ask.now.millis());
    let (since, until) = (ask.window.since, ask.window.until);
    let mut searches = vec![format!(
        "{of_projects}resolved >= {} AND resolved <= {} ORDER BY resolved DESC",
        ago(since, -MINUTE),
        ago(until, MINUTE)
    )];
    let (start, end) = ask.rules.fields.window_ids(resolved);
    let (first, last) = (ago(since, -A_DAY), ago(until, A_DAY));
    if let Some(start) = start.and_then(of_field) {
        searches.push(format!(
            "{of_projects}{start} >= {first} AND {start} <= {last} ORDER BY {start} DESC"
        ));
        // Those that began before.
        if let Some(end) = end.and_then(of_field) {
            searches.push(format!(
                "{of_projects}{start} <= {last} AND {end} >= {first} ORDER BY {start} DESC"
            ));
        }
    }
    (searches, wrong)
}

/// `cf[10201]`: a custom field is asked for by its number, since names may be many fields'.
fn of_field(id: &str) -> Option<String> {
    match id.strip_prefix("customfield_") {
        Some(number) if number.bytes().all(|digit| digit.is_ascii_digit()) => {
            Some(format!("cf[{number}]"))
        }
        Some(_) => None,
        None => id.bytes().all(|letter| letter.is_ascii_alphabetic()).then(|| id.to_owned()),
    }
}

/// `-180m`: minutes from now on, rounded down.
fn relative(time: i64, now: i64) -> String {
    format!("{}m", time.saturating_sub(now).div_euclid(MINUTE))
}

/// A letter, then letters, digits and underscores: nothing else comes into a search.
fn is_project(key: &str) -> bool {
    key.starts_with(|first: char| first.is_ascii_uppercase())
        && key.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'_')
}

/// In quotes, for `IN` and `ORDER` are words of the language.
fn quoted(projects: &[String]) -> String {
    projects.iter().map(|key| format!("\"{key}\"")).collect::<Vec<_>>().join(", ")
}

fn change(issue: &Issue, ticket: Ticket, now: Time) -> ChangeRecord {
    let status = status(issue, &ticket, now);
    let start = ticket.window_start;
    let time = match status {
        Status::Applied => issue.resolved.or(ticket.window_end.map(|end| end.min(now))),
        _ => start.or(issue.resolved),
    };
    let time = time.or(start).or(issue.updated).or(issue.created).unwrap_or(now);
    let mut change = ChangeRecord::new(time, Source::Jira, status, issue.summary.clone());
    change.began = start.filter(|start| *start < time);
    change.tags = issue.labels.iter().chain(&issue.components).cloned().collect();
    change.actor = issue.assignee.clone();
    change.link = ticket.link.clone();
    change.id = Some(issue.key.clone());
    change.tickets = vec![ticket];
    change
}

/// One that nobody took up waits for somebody once its window is open.
fn status(issue: &Issue, ticket: &Ticket, now: Time) -> Status {
    let said = issue.status.clone().unwrap_or_default();
    let open = ticket.window_start.is_none_or(|start| start <= now)
        && ticket.window_end.is_none_or(|end| now <= end);
    match issue.category {
        Some(StatusCategory::Done) if is_called_off(&said) => Status::Unknown(said.to_lowercase()),
        Some(StatusCategory::Done) => Status::Applied,
        // An approved ticket is in progress for Jira; before its window, nobody works on it.
        Some(StatusCategory::InProgress)
            if ticket.window_start.is_some_and(|start| now < start) =>
        {
            Status::Planned
        }
        Some(StatusCategory::InProgress) => Status::InFlight,
        Some(StatusCategory::New) if open => Status::AwaitingConfirmation,
        Some(StatusCategory::New) => Status::Planned,
        None => Status::Unknown(said.to_lowercase()),
    }
}

/// Jira counts as done what was never begun.
fn is_called_off(status: &str) -> bool {
    let status = status.to_lowercase();
    ["cancel", "declin", "reject", "won't", "withdrawn", "abandon", "duplicate"]
        .iter()
        .any(|word| status.contains(word))
}

#[cfg(test)]
mod tests;
