//! A request, before it is sent.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::Method;
use hyper::header::HeaderValue;
use serde::Serialize;

use crate::address::Address;
use crate::lane::Lane;
use crate::secret::Secret;

/// What an answer may be at most unless a request says otherwise, in bytes.
const USUAL_LIMIT: u64 = 16 * 1024 * 1024;

/// A request that changes nothing: a GET, or a POST that asks.
#[derive(Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) address: Address,
    pub(crate) authorization: Option<Authorization>,
    pub(crate) accept: Option<&'static str>,
    pub(crate) body: Option<Bytes>,
    pub(crate) lane: Lane,
    /// Bytes that the answer may have.
    pub(crate) limit: u64,
}

impl Request {
    /// Asks for what is at an address.
    pub fn get(address: Address) -> Self {
        Self {
            method: Method::GET,
            address,
            authorization: None,
            accept: None,
            body: None,
            lane: Lane::USUAL,
            limit: USUAL_LIMIT,
        }
    }

    /// Asks a question in JSON. For what reads: nothing here writes to anybody's service.
    pub fn post_json(
        address: Address,
        question: &impl Serialize,
    ) -> Result<Self, serde_json::Error> {
        let body = Bytes::from(serde_json::to_vec(question)?);
        Ok(Self { method: Method::POST, body: Some(body), ..Self::get(address) })
    }

    /// With a token: `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(mut self, token: &Secret) -> Self {
        let value = format!("Bearer {}", token.expose());
        self.authorization = Some(Authorization { secret: token.clone(), value });
        self
    }

    /// With a name and a password: `Authorization: Basic`.
    #[must_use]
    pub fn basic(mut self, name: &str, password: &Secret) -> Self {
        let value = format!("Basic {}", STANDARD.encode(format!("{name}:{}", password.expose())));
        self.authorization = Some(Authorization { secret: password.clone(), value });
        self
    }

    /// In this lane of its host instead of the usual one.
    #[must_use]
    pub fn lane(mut self, lane: Lane) -> Self {
        self.lane = lane;
        self
    }

    /// With an `Accept` header; JSON is asked for otherwise where JSON is wanted.
    #[must_use]
    pub fn accept(mut self, content_type: &'static str) -> Self {
        self.accept = Some(content_type);
        self
    }

    /// With so many bytes as the most that its answer may have; 16 MiB otherwise.
    #[must_use]
    pub fn at_most(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({self})")
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.address)
    }
}

/// The header, and the secret in it.
#[derive(Clone)]
pub(crate) struct Authorization {
    secret: Secret,
    value: String,
}

impl Authorization {
    /// `None` when the secret has characters that no header can have.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let mut header = HeaderValue::from_str(&self.value).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// The secret, plain and as the header has it.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let in_header = self.value.split_once(' ').map_or("", |(_, secret)| secret);
        [self.secret.expose(), in_header].into_iter().filter(|secret| !secret.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_shows_its_method_and_place_and_nothing_secret() {
        let address = Address::parse("https://j.example/rest").unwrap().query("jql", "s3cret");
        let request = Request::get(address).basic("me", &Secret::new("s3cret"));
        assert_eq!(format!("{request:?}"), "Request(GET https://j.example/rest)");
        let header = request.authorization.unwrap().header().unwrap();
        assert_eq!(header.to_str().unwrap(), "Basic bWU6czNjcmV0");
        assert!(!format!("{header:?}").contains("bWU6"));
    }
}
