//! The archive: where logs and plans are, under addresses that are secrets and are good for a while.
//!
//! It is on this port, too, but under another name of this machine, and it takes no `Authorization`: a client that
//! carries its token along is refused, as a store of objects refuses two ways to say who is there.

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, HOST};
use hyper::http::request::Parts;

use super::Asked;
use crate::body::Body;
use crate::protocols::Answer;
use crate::protocols::address::Address;
use crate::protocols::trouble::Trouble;
use crate::world::{World, hash};

pub(super) const MINUTE: i64 = 60_000;

/// What is in the archive of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    PlanLog,
    ApplyLog,
    Plan,
    RedactedPlan,
}

impl Content {
    const ALL: [Content; 4] =
        [Content::PlanLog, Content::ApplyLog, Content::Plan, Content::RedactedPlan];

    fn letter(self) -> char {
        match self {
            Content::PlanLog => 'p',
            Content::ApplyLog => 'a',
            Content::Plan => 'j',
            Content::RedactedPlan => 'r',
        }
    }
}

/// Where the archive is for who asked this host.
pub(super) fn origin(host: &str) -> String {
    let (name, port) = host.rsplit_once(':').unwrap_or((host, "80"));
    let other = if name == "localhost" { "127.0.0.1" } else { "localhost" };
    format!("http://{other}:{port}")
}

impl Asked<'_> {
    /// The address of something of a run that is good for so long, in milliseconds.
    pub(super) fn archived(&self, content: Content, run: usize, length: i64) -> String {
        let until = self.now + length;
        let (letter, seal) = (content.letter(), seal(self.world, content, run, until));
        format!("{}/v1/object/{letter}{run}.{until}.{seal}", self.archive)
    }
}

/// What only this world can have written below an address.
fn seal(world: &World, content: Content, run: usize, until: i64) -> String {
    let text = format!("{}/{}/{until}", content.letter(), world.terraform.runs[run].id);
    hash::letters(hash::of_text(world.scenario.seed, &text), 32)
}

/// Reads an object of the archive, or with `offset` and `limit` a part of it.
pub(in crate::protocols) fn archive(world: &World, now: i64, head: &Parts) -> Answer {
    if head.headers.contains_key(AUTHORIZATION) {
        return refused(StatusCode::BAD_REQUEST, "Only one auth mechanism allowed\n");
    }
    if head.headers.get(HOST).is_none() {
        return refused(StatusCode::BAD_REQUEST, "no host\n");
    }
    let address = Address::of(&head.uri);
    let parts = address.parts();
    let Some((content, run, until)) = parts.get(2).and_then(|token| opened(world, token)) else {
        return refused(StatusCode::NOT_FOUND, "not found\n");
    };
    if until < now {
        return refused(StatusCode::FORBIDDEN, "Request has expired\n");
    }
    let history = &world.terraform;
    let (kind, text) = match content {
        Content::PlanLog => ("text/plain", history.plan_log(&world.scenario, run, now)),
        Content::ApplyLog => {
            ("text/plain", history.apply_log(&world.scenario, run, now).unwrap_or_default())
        }
        Content::Plan => {
            ("application/json", history.plan(&world.scenario, run, false).to_string())
        }
        Content::RedactedPlan => {
            ("application/json", history.plan(&world.scenario, run, true).to_string())
        }
    };
    let number = |name, default| {
        address.get(name).and_then(|text| text.parse::<usize>().ok()).unwrap_or(default)
    };
    let from = number("offset", 0).min(text.len());
    let to = from.saturating_add(number("limit", usize::MAX)).min(text.len());
    Answer::new(StatusCode::OK, kind, Body::whole(text.as_bytes()[from..to].to_vec()))
}

/// What an address is of, and until when it is good.
fn opened(world: &World, token: &str) -> Option<(Content, usize, i64)> {
    let mut parts = token.split('.');
    let (first, until, own) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
    let content = Content::ALL.into_iter().find(|content| first.starts_with(content.letter()))?;
    let run: usize = first.get(1..)?.parse().ok()?;
    let is_ours = run < world.terraform.runs.len() && seal(world, content, run, until) == own;
    is_ours.then_some((content, run, until))
}

fn refused(status: StatusCode, text: &str) -> Answer {
    Answer::new(status, "text/plain", Body::whole(text.as_bytes().to_vec()))
}

/// A trouble in the archive's words.
pub(super) fn fails(trouble: &Trouble) -> Answer {
    let (status, text) = match trouble {
        Trouble::Expired | Trouble::Denied(_) => (StatusCode::FORBIDDEN, "Request has expired\n"),
        Trouble::Absent => (StatusCode::NOT_FOUND, "not found\n"),
        Trouble::Throttled(_) => (StatusCode::TOO_MANY_REQUESTS, "slow down\n"),
        Trouble::Broken(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal error\n"),
    };
    refused(status, text)
}
