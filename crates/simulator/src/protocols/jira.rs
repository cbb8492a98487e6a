//! Jira as far as issues can be read: Cloud at `/rest/api/3` (and Cloud's own `/rest/api/2` for what is only there), Data
//! Center at `/rest/api/2` and at `/jira/rest/api/2`, since it often lives under a path.
//!
//! <https://developer.atlassian.com/cloud/jira/platform/rest/v3/>,
//! <https://docs.atlassian.com/software/jira/docs/api/REST/9.17.0/>

mod fields;
mod jql;

use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Answer;
use super::address::Address;
use super::trouble::Trouble;
use crate::body::Body;
use crate::world::World;
use crate::world::scenario::tickets::Ticket;
use crate::{JIRA_EMAIL, JIRA_TOKEN};
use fields::Text;
use jql::Query;

const JSON: &str = "application/json;charset=UTF-8";

/// No call of the bulk kind takes more keys.
const MOST_KEYS: usize = 100;

/// The operation that a request calls; an empty text when there is none.
pub(super) fn operation(head: &Parts, address: &Address) -> &'static str {
    let is_post = head.method == Method::POST;
    match door(address).1[..] {
        ["search", "jql"] | ["search"] => "SearchIssues",
        ["issue", "bulkfetch"] if is_post => "BulkFetchIssues",
        ["field"] => "ListFields",
        ["serverInfo"] => "GetServerInfo",
        ["myself"] => "GetMyself",
        _ => "",
    }
}

/// Which Jira is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edition {
    Cloud,
    DataCenter,
}

/// The version of the API, and the rest of the path.
fn door(address: &Address) -> (&str, Vec<&str>) {
    match address.parts()[..] {
        ["rest", "api", version, ref rest @ ..]
        | ["jira", "rest", "api", version, ref rest @ ..] => {
            (version_of(address, version), rest.to_vec())
        }
        _ => ("", Vec::new()),
    }
}

/// Under a path there is Data Center only, which has one version.
fn version_of<'a>(address: &Address, version: &'a str) -> &'a str {
    let is_below = address.path.first().is_some_and(|first| first == "jira");
    if is_below && !matches!(version, "2" | "latest") { "" } else { version }
}

/// A refusal: its status, and what is said.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal(StatusCode, String);

impl Refusal {
    fn bad(message: impl Into<String>) -> Refusal {
        Refusal(StatusCode::BAD_REQUEST, message.into())
    }
}

impl From<Refusal> for Answer {
    fn from(Refusal(status, message): Refusal) -> Answer {
        said(status, &json!({ "errorMessages": [message], "errors": {} }))
    }
}

fn said(status: StatusCode, value: &Value) -> Answer {
    Answer::new(status, JSON, Body::whole(value.to_string().into_bytes()))
}

/// A trouble in Jira's words.
pub(super) fn fails(trouble: &Trouble) -> Answer {
    match trouble {
        Trouble::Throttled(wait) => {
            let seconds = wait.as_secs_f64().ceil().max(1.0);
            Answer::from(Refusal(StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded.".to_owned()))
                .with("retry-after", format!("{seconds}"))
                .with("x-ratelimit-remaining", "0")
        }
        Trouble::Broken(nth) if nth.is_multiple_of(2) => {
            Refusal(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable.".to_owned()).into()
        }
        Trouble::Broken(_) => {
            Refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error".to_owned()).into()
        }
        Trouble::Expired => unauthorized(),
        Trouble::Denied(_) => {
            let message = "You do not have permission to perform this operation.";
            Refusal(StatusCode::FORBIDDEN, message.to_owned()).into()
        }
        Trouble::Absent => absent(),
    }
}

fn unauthorized() -> Answer {
    let message = "Client must be authenticated to access this resource.";
    Answer::from(Refusal(StatusCode::UNAUTHORIZED, message.to_owned()))
        .with("www-authenticate", "Basic realm=\"Jira\"")
}

fn absent() -> Answer {
    said(StatusCode::NOT_FOUND, &json!({ "message": "null for uri", "status-code": 404 }))
}

/// What a request needs to be answered.
struct Asked<'a> {
    world: &'a World,
    now: i64,
    text: Text,
    edition: Edition,
}

pub(super) fn answer(
    world: &World,
    now: i64,
    operation: &str,
    head: &Parts,
    body: &[u8],
) -> Answer {
    let address = Address::of(&head.uri);
    let (version, rest) = door(&address);
    let is_below = address.path.first().is_some_and(|first| first == "jira");
    let (edition, text) = match (version, &rest[..]) {
        ("3", _) => (Edition::Cloud, Text::Document),
        // What Data Center does not have.
        ("2", ["search", "jql"] | ["issue", "bulkfetch"]) if !is_below => {
            (Edition::Cloud, Text::Plain)
        }
        ("2" | "latest", _) => (Edition::DataCenter, Text::Plain),
        _ => return absent(),
    };
    if operation == "GetServerInfo" {
        return server_info(edition);
    }
    if !is_known(head, edition) {
        return unauthorized();
    }
    let asked = Asked { world, now, text, edition };
    let answer = match (operation, edition, &rest[..]) {
        ("ListFields", ..) => Ok(said(StatusCode::OK, &asked.fields())),
        ("GetMyself", ..) => Ok(said(StatusCode::OK, &asked.myself())),
        ("BulkFetchIssues", Edition::Cloud, _) => asked.bulk_fetch(body),
        ("SearchIssues", Edition::Cloud, ["search", "jql"]) => {
            asked.search_by_token(&address, head, body)
        }
        ("SearchIssues", Edition::Cloud, _) => {
            let message = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.";
            Err(Refusal(StatusCode::GONE, message.to_owned()))
        }
        ("SearchIssues", Edition::DataCenter, ["search"]) => {
            asked.search_by_place(&address, head, body)
        }
        _ => return absent(),
    };
    answer.unwrap_or_else(Answer::from)
}

/// Needs nobody to be known.
fn server_info(edition: Edition) -> Answer {
    let (kind, version) = match edition {
        Edition::Cloud => ("Cloud", "1001.0.0-SNAPSHOT"),
        Edition::DataCenter => ("Server", "9.17.5"),
    };
    said(
        StatusCode::OK,
        &json!({ "version": version, "deploymentType": kind, "serverTitle": "Jira of the drill" }),
    )
}

/// Whether the request says who asks: Cloud wants a name and a token, Data Center takes that or a token alone.
fn is_known(head: &Parts, edition: Edition) -> bool {
    let header = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, said)) = header.and_then(|header| header.split_once(' ')) else {
        return false;
    };
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => said.trim() == base64(format!("{JIRA_EMAIL}:{JIRA_TOKEN}").as_bytes()),
        "bearer" => edition == Edition::DataCenter && said.trim() == JIRA_TOKEN,
        _ => false,
    }
}

/// <https://www.rfc-editor.org/rfc/rfc4648#section-4>
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let word = three.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for place in 0..4 {
            match place <= three.len() {
                true => out.push(char::from(ALPHABET[(word >> (18 - 6 * place)) as usize & 63])),
                false => out.push('='),
            }
        }
    }
    out
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BulkFetch {
    issue_ids_or_keys: Vec<String>,
    #[serde(default)]
    fields: Vec<String>,
}

/// A search as its body says it; a query says the same.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Search {
    jql: String,
    fields: Vec<String>,
    max_results: Option<usize>,
    next_page_token: Option<String>,
    start_at: usize,
}

impl Search {
    fn of(address: &Address, head: &Parts, body: &[u8]) -> Result<Search, Refusal> {
        if head.method == Method::POST {
            return serde_json::from_slice(body).map_err(|_| {
                Refusal::bad(
                    "Invalid request payload. Refer to the REST API documentation and try again.",
                )
            });
        }
        let number = |name| address.get(name).and_then(|text| text.parse::<usize>().ok());
        Ok(Search {
            jql: address.get("jql").unwrap_or_default().to_owned(),
            fields: address.list("fields").into_iter().map(str::to_owned).collect(),
            max_results: number("maxResults"),
            next_page_token: address.get("nextPageToken").map(str::to_owned),
            start_at: number("startAt").unwrap_or(0),
        })
    }
}

impl<'a> Asked<'a> {
    /// The tickets that there are, and that may be seen.
    fn tickets(&self) -> impl Iterator<Item = &'a Ticket> {
        let (page, now) = (self.world.page, self.now);
        self.world
            .scenario
            .tickets
            .iter()
            .filter(move |ticket| !ticket.hidden && page + ticket.statuses[0].at <= now)
    }

    /// A ticket by its id, its key, or one that it once had.
    fn find(&self, name: &str) -> Option<&'a Ticket> {
        self.tickets().find(|ticket| {
            ticket.key.eq_ignore_ascii_case(name)
                || ticket.moved_from.iter().any(|old| old.eq_ignore_ascii_case(name))
                || self.id(ticket) == name
        })
    }

    /// What is not there, and what may not be seen, is left out without a word.
    fn bulk_fetch(&self, body: &[u8]) -> Result<Answer, Refusal> {
        let asked: BulkFetch = serde_json::from_slice(body).map_err(|_| {
            Refusal::bad(
                "Invalid request payload. Refer to the REST API documentation and try again.",
            )
        })?;
        if asked.issue_ids_or_keys.is_empty() || asked.issue_ids_or_keys.len() > MOST_KEYS {
            return Err(Refusal::bad(format!(
                "The number of issues to fetch must be between 1 and {MOST_KEYS}."
            )));
        }
        let mut found: Vec<&Ticket> = Vec::new();
        for name in &asked.issue_ids_or_keys {
            if let Some(ticket) = self.find(name)
                && !found.iter().any(|other| other.key == ticket.key)
            {
                found.push(ticket);
            }
        }
        // In the order of the tickets, not in that of the request.
        found.sort_by_key(|ticket| self.number(ticket));
        let fields = match asked.fields.is_empty() {
            true => vec!["*navigable".to_owned()],
            false => asked.fields,
        };
        let issues: Vec<Value> = found.iter().map(|ticket| self.issue(ticket, &fields)).collect();
        Ok(said(
            StatusCode::OK,
            &json!({ "expand": "schema,names", "issues": issues, "issueErrors": [] }),
        ))
    }

    fn found(&self, jql: &str) -> Result<Vec<&'a Ticket>, Refusal> {
        let query = Query::parse(jql).map_err(Refusal::bad)?;
        for key in query.keys() {
            if self.find(key).is_none() {
                return Err(Refusal::bad(format!(
                    "An issue with key '{key}' does not exist for field 'key'."
                )));
            }
        }
        let mut found: Vec<&Ticket> = self
            .tickets()
            .filter(|ticket| {
                query.holds_of(
                    |key| self.find(key).is_some_and(|other| other.key == ticket.key),
                    &self.world.scenario.projects[ticket.project].key,
                    |moment| self.moment_of(ticket, moment),
                    self.now,
                )
            })
            .collect();
        found.sort_by_key(|ticket| self.number(ticket));
        found.reverse();
        Ok(found)
    }

    /// Cloud: page by page with a token, without a total, and with no field that was not asked for.
    fn search_by_token(
        &self,
        address: &Address,
        head: &Parts,
        body: &[u8],
    ) -> Result<Answer, Refusal> {
        let search = Search::of(address, head, body)?;
        if search.jql.trim().is_empty() {
            return Err(Refusal::bad(
                "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.",
            ));
        }
        let found = self.found(&search.jql)?;
        let from = match &search.next_page_token {
            None => 0,
            Some(token) => token
                .strip_prefix("drill-")
                .and_then(|place| place.parse::<usize>().ok())
                .ok_or_else(|| {
                    Refusal::bad("The provided next page token is invalid or expired.")
                })?,
        };
        let size = search.max_results.unwrap_or(50).clamp(1, 5000);
        let to = from.saturating_add(size).min(found.len());
        let issue = |ticket: &&Ticket| match search.fields.is_empty() {
            true => json!({ "id": self.id(ticket) }),
            false => self.issue(ticket, &search.fields),
        };
        let issues: Vec<Value> =
            found.get(from..to).unwrap_or_default().iter().map(issue).collect();
        let mut answer = json!({ "issues": issues, "isLast": to >= found.len() });
        if to < found.len() {
            answer["nextPageToken"] = Value::from(format!("drill-{to}"));
        }
        Ok(said(StatusCode::OK, &answer))
    }

    /// Data Center: by place, with a total, and with all fields unless some are named.
    fn search_by_place(
        &self,
        address: &Address,
        head: &Parts,
        body: &[u8],
    ) -> Result<Answer, Refusal> {
        let search = Search::of(address, head, body)?;
        let found = self.found(&search.jql)?;
        let size = search.max_results.unwrap_or(50).min(1000);
        let from = search.start_at.min(found.len());
        let to = from.saturating_add(size).min(found.len());
        let fields = match search.fields.is_empty() {
            true => vec!["*navigable".to_owned()],
            false => search.fields,
        };
        let issues: Vec<Value> =
            found[from..to].iter().map(|ticket| self.issue(ticket, &fields)).collect();
        Ok(said(
            StatusCode::OK,
            &json!({ "expand": "schema,names", "startAt": search.start_at, "maxResults": size,
                "total": found.len(), "issues": issues }),
        ))
    }
}

#[cfg(test)]
mod tests;
