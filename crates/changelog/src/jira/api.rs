//! The calls: fields by name, and many tickets at once.

use std::collections::{BTreeMap, BTreeSet};

use http::{Address, Cause, Client, Error, Request};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::credentials::{Access, Deployment, Login};
use super::shapes::{Field, Issue, IssueAnswer, Resolved, USUAL_FIELDS};

/// Keys that one call may ask for.
pub(super) const MOST_KEYS: usize = 100;
/// Keys that are looked up one by one, to learn what a ticket that moved was called before.
const MOST_LOOKUPS: usize = 20;

/// A Jira.
#[derive(Clone, Debug)]
pub struct Jira {
    http: Client,
    access: Access,
}

/// What became of the keys that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Tickets by the key that was asked for; their own is another where they moved.
    pub tickets: BTreeMap<String, Issue>,
    /// Keys that Jira left out without a word: there is no such ticket, or it may not be seen. When all are,
    /// the login may be at fault, for Jira does not say so either.
    pub missing: Vec<String>,
    /// Tickets that came for a key that could not be told any more.
    pub unplaced: Vec<Issue>,
}

#[derive(Deserialize)]
struct Issues {
    #[serde(default)]
    issues: Vec<IssueAnswer>,
    /// Data Center's count of all that it found.
    total: Option<usize>,
    /// Cloud's way to the next page.
    #[serde(rename = "nextPageToken")]
    next_page: Option<String>,
    #[serde(rename = "isLast", default)]
    is_last: bool,
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub(super) struct Hits {
    pub(super) issues: Vec<Issue>,
    /// Whether there are more than were asked for.
    pub(super) more: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BulkFetch<'a> {
    issue_ids_or_keys: &'a [String],
    fields: &'a [&'a str],
    fields_by_keys: bool,
}

impl Jira {
    /// A Jira that is asked in this way.
    pub fn new(http: Client, access: Access) -> Self {
        Self { http, access }
    }

    /// The page for people of a ticket.
    pub fn link(&self, key: &str) -> String {
        self.access.address.join(&["browse", key]).to_string()
    }

    /// The host, and the port where it is not the usual one.
    pub fn host(&self) -> String {
        self.access.address.authority()
    }

    /// Asks who the login is: the one call that Jira refuses to somebody whom it does not know.
    ///
    /// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-myself/>
    pub async fn check_login(&self) -> Result<(), Error> {
        let _: IgnoredAny = self.http.json(&self.login(Request::get(self.at(&["myself"])))).await?;
        Ok(())
    }

    /// All fields of this Jira. [`super::resolve`] finds those with a name.
    pub async fn fields(&self) -> Result<Vec<Field>, Error> {
        self.http.json(&self.login(Request::get(self.at(&["field"])))).await
    }

    /// The tickets of these keys, with their usual fields and those that were asked for by name.
    ///
    /// A ticket that moved comes under its new key, the order of the answer says nothing, and what cannot be
    /// seen is left out: so each key that nothing came for is looked up by itself, the first twenty of them.
    pub async fn tickets(&self, keys: &[String], asked: &Resolved) -> Result<Found, Error> {
        let keys: Vec<String> = BTreeSet::from_iter(keys).into_iter().cloned().collect();
        let fields = fields_of(asked);
        let mut found = Found::default();
        let mut open = Vec::new();
        for keys in keys.chunks(MOST_KEYS) {
            let issues = match self.access.deployment {
                Deployment::Cloud => self.bulk_fetch(keys, &fields).await?,
                Deployment::DataCenter => self.search_keys(keys, &fields).await?,
            };
            for ticket in issues.iter().map(|issue| issue.issue(asked)) {
                match keys.contains(&ticket.key) {
                    true => _ = found.tickets.insert(ticket.key.clone(), ticket),
                    false => found.unplaced.push(ticket),
                }
            }
            open.extend(keys.iter().filter(|key| !found.tickets.contains_key(*key)).cloned());
        }
        if let ([key], [_]) = (open.as_slice(), found.unplaced.as_slice()) {
            found.tickets.extend(found.unplaced.pop().map(|ticket| (key.clone(), ticket)));
            return Ok(found);
        }
        for (lookups, key) in open.into_iter().enumerate() {
            let ticket = match lookups < MOST_LOOKUPS {
                true => self.look_up(&key, &fields, asked).await?,
                false => None,
            };
            match ticket {
                Some(ticket) => {
                    found.unplaced.retain(|unplaced| unplaced.key != ticket.key);
                    found.tickets.insert(key, ticket);
                }
                None => found.missing.push(key),
            }
        }
        Ok(found)
    }

    /// The ticket that a key leads to today.
    async fn look_up(
        &self,
        key: &String,
        fields: &[&str],
        asked: &Resolved,
    ) -> Result<Option<Issue>, Error> {
        let jql = format!("key = {}", quoted(std::slice::from_ref(key)));
        match self.search(&jql, fields).await {
            Ok(issues) => Ok(issues.first().map(|issue| issue.issue(asked))),
            // Some say so of a key that there is not.
            Err(Error { cause: Cause::Refused { .. }, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn bulk_fetch(
        &self,
        keys: &[String],
        fields: &[&str],
    ) -> Result<Vec<IssueAnswer>, Error> {
        let question = BulkFetch { issue_ids_or_keys: keys, fields, fields_by_keys: false };
        let answer: Issues = self.ask(&["issue", "bulkfetch"], &question).await?;
        Ok(answer.issues)
    }

    /// One search for many keys. A server that refuses the search because of one unknown key is asked for the
    /// halves, down to the key itself, which is then left out.
    async fn search_keys(
        &self,
        keys: &[String],
        fields: &[&str],
    ) -> Result<Vec<IssueAnswer>, Error> {
        let mut issues = Vec::new();
        let mut waiting = vec![keys];
        while let Some(keys) = waiting.pop() {
            match self.search(&format!("key in ({})", quoted(keys)), fields).await {
                Ok(found) => issues.extend(found),
                Err(Error { cause: Cause::Refused { status: 400, .. }, .. }) if keys.len() > 1 => {
                    let (one, other) = keys.split_at(keys.len() / 2);
                    waiting.extend([other, one]);
                }
                Err(Error { cause: Cause::Refused { status: 400, .. }, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(issues)
    }

    /// All that a search finds; for few tickets, each is known by its key.
    async fn search(&self, jql: &str, fields: &[&str]) -> Result<Vec<IssueAnswer>, Error> {
        if self.access.deployment == Deployment::Cloud {
            let question = json!({"jql": jql, "fields": fields, "maxResults": MOST_KEYS});
            let answer: Issues = self.ask(&["search", "jql"], &question).await?;
            return Ok(answer.issues);
        }
        let mut issues = Vec::new();
        loop {
            let question = json!({"jql": jql, "fields": fields, "startAt": issues.len(),
                "maxResults": MOST_KEYS, "validateQuery": false});
            let answer: Issues = self.ask(&["search"], &question).await?;
            let is_empty = answer.issues.is_empty();
            issues.extend(answer.issues);
            // A server may give fewer than it was asked for.
            if is_empty || answer.total.is_none_or(|total| issues.len() >= total) {
                return Ok(issues);
            }
        }
    }

    /// What a search finds, page by page, `most` tickets of it and some more.
    ///
    /// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/>
    pub(super) async fn find(
        &self,
        jql: &str,
        asked: &Resolved,
        most: usize,
    ) -> Result<Hits, Error> {
        let fields = fields_of(asked);
        let mut hits = Hits::default();
        let mut next: Option<String> = None;
        loop {
            let mut question = json!({"jql": jql, "fields": fields, "maxResults": MOST_KEYS});
            let path: &[&str] = match self.access.deployment {
                Deployment::Cloud => {
                    if let Some(token) = &next {
                        question["nextPageToken"] = json!(token);
                    }
                    &["search", "jql"]
                }
                Deployment::DataCenter => {
                    question["startAt"] = json!(hits.issues.len());
                    &["search"]
                }
            };
            let page: Issues = self.ask(path, &question).await?;
            let is_empty = page.issues.is_empty();
            hits.issues.extend(page.issues.iter().map(|issue| issue.issue(asked)));
            let goes_on = match self.access.deployment {
                // A page of Cloud may be empty, and a token that comes again leads nowhere.
                Deployment::Cloud => {
                    !page.is_last && page.next_page.is_some() && page.next_page != next
                }
                Deployment::DataCenter => {
                    !is_empty && page.total.is_some_and(|total| hits.issues.len() < total)
                }
            };
            next = page.next_page;
            if !goes_on || hits.issues.len() >= most {
                hits.more = goes_on;
                return Ok(hits);
            }
        }
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        path: &[&str],
        question: &impl Serialize,
    ) -> Result<T, Error> {
        let address = self.at(path);
        let request = Request::post_json(address, question).map_err(|error| Error {
            request: None,
            cause: Cause::Undecodable { detail: error.to_string() },
        })?;
        self.http.json(&self.login(request)).await
    }

    fn login(&self, request: Request) -> Request {
        match &self.access.login {
            Login::Basic { name, token } => request.basic(name, token),
            Login::Bearer(token) => request.bearer(token),
        }
    }

    fn at(&self, path: &[&str]) -> Address {
        let version = match self.access.deployment {
            Deployment::Cloud => "3",
            Deployment::DataCenter => "2",
        };
        self.access.address.join(&["rest", "api", version]).join(path)
    }
}

fn fields_of(asked: &Resolved) -> Vec<&str> {
    let by_name = asked.ids.values().flatten().map(String::as_str);
    let all: BTreeSet<&str> = USUAL_FIELDS.iter().copied().chain(by_name).collect();
    all.into_iter().collect()
}

/// Keys for JQL. They come out of texts by [`super::ticket_keys`]; a quote in one would still be harmless.
fn quoted(keys: &[String]) -> String {
    let keys = keys.iter().map(|key| format!("\"{}\"", key.replace(['"', '\\'], "")));
    keys.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests;
