//! The tickets that changes name, filled in from Jira.

use std::collections::{BTreeMap, BTreeSet};

use ::record::Time;
use http::{Cause, Error};

use super::api::{Jira, MOST_KEYS};
use super::clause;
use super::keys::Projects;
use super::shapes::Resolved;
use super::ticket::TicketRules;
use crate::flags::{Facts, flags};
use crate::record::{ChangeRecord, Flag, Source, Ticket};
use crate::sources::{Ended, SourceRead};

/// So many failures one after the other, and Jira is asked no more.
const MOST_FAILURES: u32 = 3;

/// Fills in the tickets of changes, each ticket asked for once.
#[derive(Debug)]
pub struct Tickets {
    jira: Jira,
    rules: TicketRules,
    projects: Projects,
    resolved: Option<Resolved>,
    known: BTreeMap<String, Known>,
    login_is_known: bool,
    failures: u32,
    over: bool,
    why: Option<String>,
}

#[derive(Clone, Debug)]
enum Known {
    Ticket(Box<Ticket>),
    /// Jira has no such ticket, or does not show it.
    Absent,
    /// One of the tickets that moved may be meant: which, could not be told.
    Unplaced,
}

impl Tickets {
    /// The tickets of a Jira. With listed projects, every key of theirs is a ticket; without, only what Jira
    /// knows is one.
    pub fn new(jira: Jira, rules: TicketRules, projects: Projects) -> Self {
        Self {
            jira,
            rules,
            projects,
            resolved: None,
            known: BTreeMap::new(),
            login_is_known: false,
            failures: 0,
            over: false,
            why: None,
        }
    }

    /// Fills in the tickets of these changes, and raises and clears the flags that follow from them. Where
    /// Jira could not be asked, a change stays as it is.
    pub async fn join(&mut self, changes: &mut [&mut ChangeRecord]) {
        let named = changes.iter().flat_map(|change| change.tickets.iter().filter(is_bare));
        let wanted: BTreeSet<&String> = named.map(|ticket| &ticket.key).collect();
        let wanted = wanted.into_iter().filter(|key| !self.known.contains_key(*key));
        let wanted: Vec<String> = wanted.cloned().collect();
        for keys in wanted.chunks(MOST_KEYS) {
            if self.over {
                break;
            }
            if let Err(error) = self.learn(keys).await {
                self.failed(&error);
                break;
            }
            self.failures = 0;
        }
        for change in changes {
            self.fill(change);
        }
    }

    /// Names of fields that were set and that this Jira does not have.
    pub fn unknown_names(&self) -> &[String] {
        self.resolved.as_ref().map_or(&[], |resolved| &resolved.unknown)
    }

    /// How the reading went, by a moment: `None` where nothing was asked. It has no changes of its own.
    pub fn read(&self, now: Time) -> Option<SourceRead> {
        let ended = match &self.why {
            None if self.known.is_empty() => return None,
            None => Ended::Complete { until: now },
            Some(why) if self.known.is_empty() => Ended::Failed { why: why.clone() },
            Some(why) => Ended::Partly { why: why.clone() },
        };
        let name = Some(self.jira.host());
        Some(SourceRead { source: Source::Jira, name, changes: 0, ended })
    }

    async fn learn(&mut self, keys: &[String]) -> Result<(), Error> {
        let resolved = match self.resolved.take() {
            Some(resolved) => resolved,
            None => self.rules.fields.resolve(&self.jira.fields().await?),
        };
        let resolved = self.resolved.insert(resolved);
        let found = self.jira.tickets(keys, resolved).await?;
        // Jira shows an unknown login no ticket at all, and calls that no error.
        if found.tickets.is_empty() && found.unplaced.is_empty() && !self.login_is_known {
            self.jira.check_login().await?;
        }
        self.login_is_known = true;
        for (key, issue) in &found.tickets {
            let ticket = self.rules.ticket(issue, resolved, self.jira.link(&issue.key));
            self.known.insert(key.clone(), Known::Ticket(Box::new(ticket)));
        }
        let nothing = match found.unplaced.is_empty() {
            true => Known::Absent,
            false => Known::Unplaced,
        };
        self.known.extend(found.missing.into_iter().map(|key| (key, nothing.clone())));
        Ok(())
    }

    fn failed(&mut self, error: &Error) {
        self.failures += 1;
        self.over = self.failures >= MOST_FAILURES || error.cause == Cause::Unauthorized;
        self.why = Some(format!("tickets: {}", clause::of(error)));
    }

    fn fill(&self, change: &mut ChangeRecord) {
        if change.tickets.is_empty() {
            return;
        }
        let mut tickets: Vec<Ticket> = Vec::new();
        for ticket in std::mem::take(&mut change.tickets) {
            let ticket = match self.known.get(&ticket.key).filter(|_| is_bare(&&ticket)) {
                Some(Known::Ticket(known)) => (**known).clone(),
                Some(Known::Absent) if self.projects.is_empty() => continue,
                _ => ticket,
            };
            // Two keys of a ticket that moved are one ticket.
            if tickets.iter().all(|other| other.key != ticket.key) {
                tickets.push(ticket);
            }
        }
        change.tickets = tickets;
        raise(change);
    }
}

/// Of a ticket that could not be seen, nobody knows the approval or the window: nothing is raised then.
fn raise(change: &mut ChangeRecord) {
    let of_tickets = [Flag::TicketNotApproved, Flag::OutsideWindow];
    if change.tickets.is_empty() {
        change.flags.retain(|flag| !of_tickets.contains(flag));
        if change.source == Source::Terraform {
            change.flag(Flag::Ticketless);
        }
    } else {
        change.flags.retain(|flag| *flag != Flag::Ticketless);
        if !change.tickets.iter().any(|ticket| is_bare(&ticket)) {
            let raised = flags(&Facts::of(change));
            change.flags.retain(|flag| !of_tickets.contains(flag));
            change.flags.extend(raised.into_iter().filter(|flag| of_tickets.contains(flag)));
        }
    }
    change.flags.sort_unstable();
}

/// Whether nothing but its key is known of a ticket.
fn is_bare(ticket: &&Ticket) -> bool {
    ticket.link.is_none() && ticket.status.is_none() && ticket.summary.is_none()
}

#[cfg(test)]
mod tests;
