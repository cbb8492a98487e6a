//! The client: one request after another, each at its host's pace, tried again where that helps.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, Uri};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::dns::GaiResolver;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::certificates::Trust;
use crate::connector::{Connector, Names};
use crate::error::{Cause, Error};
use crate::lane::{Budget, Lane, Lanes};
use crate::proxies::Proxies;
use crate::reader::Reader;
use crate::redirect::Hop;
use crate::request::Request;
use crate::{said, waiting};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that was idle for longer is not used again: what stands between may have forgotten it.
const IDLE: Duration = Duration::from_secs(60);
/// Of a refusal, as much is read as has its message in it.
const REFUSAL: u64 = 64 * 1024;
/// Those that wait for the same moment come back spread over so much time.
const SPREAD: Duration = Duration::from_millis(500);

/// What a user asks of the client.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long to wait for the first byte of an answer, an attempt, and for the next byte of a body.
    pub timeout: Duration,
    /// The `User-Agent`: who asks, in which version.
    pub user_agent: String,
    /// The proxies of the environment.
    pub proxies: Proxies,
    /// Certificates to believe beside the platform's, as PEM.
    pub ca_bundle: Option<PathBuf>,
    /// The part of the limits that we may use.
    pub budget: Budget,
    /// Random numbers in `[0, 1)`, for the jitter of retries.
    pub random: fn() -> f64,
    /// The clock, for headers that say a moment.
    pub now: fn() -> Timestamp,
}

/// What a client has asked so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests that were sent, repeats and redirects included.
    pub requests: u64,
    /// Requests that a host throttled.
    pub throttled: u64,
    /// Requests that were sent again after a failure that was not a throttle.
    pub retried: u64,
}

/// The one client. Cheap to clone; clones share connections, pace and counters.
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    pool: Pool<Connector, Full<Bytes>>,
    connector: Connector,
    only_loopback: bool,
    timeout: Duration,
    user_agent: HeaderValue,
    random: fn() -> f64,
    now: fn() -> Timestamp,
    lanes: Lanes,
    requests: AtomicU64,
    throttled: AtomicU64,
    retried: AtomicU64,
}

/// A failure of one attempt, and whom to leave alone for how long.
struct Failure {
    cause: Cause,
    said: Option<Duration>,
    origin: String,
    lane: Lane,
}

impl Client {
    /// A client for the user's network: its proxies, the platform's certificates and the user's bundle.
    /// Nothing is sent yet.
    pub fn open(options: &Options) -> Result<Self, Error> {
        let trust = Trust::platform(options.ca_bundle.as_deref())?;
        let names = Names::System(GaiResolver::new());
        Ok(Self::new(options, trust, options.proxies.clone(), names, false))
    }

    /// A client for a drill: it asks this machine and no other, whatever the options say of proxies and
    /// certificates. Every name is this machine to it.
    pub fn to_drill(options: &Options) -> Self {
        Self::new(options, Trust::nobody(), Proxies::none(), Names::Loopback, true)
    }

    fn new(
        options: &Options,
        trust: Trust,
        proxies: Proxies,
        names: Names,
        only_loopback: bool,
    ) -> Self {
        let connector = Connector::new(trust, proxies, names, CONNECT_TIMEOUT.min(options.timeout));
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector.clone());
        let user_agent = HeaderValue::from_str(&options.user_agent);
        let inner = Inner {
            pool,
            connector,
            only_loopback,
            timeout: options.timeout,
            user_agent: user_agent.unwrap_or(HeaderValue::from_static("oncall")),
            random: options.random,
            now: options.now,
            lanes: Lanes::new(options.budget),
            requests: AtomicU64::new(0),
            throttled: AtomicU64::new(0),
            retried: AtomicU64::new(0),
        };
        Self { inner: Arc::new(inner) }
    }

    /// What has been asked so far.
    pub fn usage(&self) -> Usage {
        Usage {
            requests: self.inner.requests.load(Ordering::Relaxed),
            throttled: self.inner.throttled.load(Ordering::Relaxed),
            retried: self.inner.retried.load(Ordering::Relaxed),
        }
    }

    /// Asks, and reads the answer's JSON.
    pub async fn json<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Error> {
        let mut asked = request.clone();
        asked.accept = asked.accept.or(Some("application/json"));
        let answer = self.send(&asked, true).await?;
        let body = answer.whole.unwrap_or_default();
        serde_json::from_slice(&body)
            .map_err(|error| Error { request: Some(answer.request), cause: Cause::of_json(&error) })
    }

    /// Asks, and reads the whole answer; `None` when it has no content (HTTP 204).
    pub async fn bytes(&self, request: &Request) -> Result<Option<Bytes>, Error> {
        let answer = self.send(request, true).await?;
        Ok(answer.whole.filter(|_| answer.status != 204))
    }

    /// Asks, and gives the answer as it comes. A body that breaks is not asked for again.
    pub async fn open_stream(&self, request: &Request) -> Result<Stream, Error> {
        self.send(request, false).await
    }

    async fn send(&self, request: &Request, whole: bool) -> Result<Stream, Error> {
        // A throttle is no failure of the request: each kind has a patience of its own.
        let (mut throttles, mut failures) = (0, 0);
        loop {
            let Failure { cause, said, origin, lane } = match self.once(request, whole).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            tracing::debug!(target: "oncall", %request, %cause, "failed");
            let is_throttle = matches!(cause, Cause::Throttled { .. });
            let (count, counter) = match is_throttle {
                true => (&mut throttles, &self.inner.throttled),
                false => (&mut failures, &self.inner.retried),
            };
            *count += 1;
            let is_final = *count >= waiting::attempts(&cause);
            if is_throttle {
                counter.fetch_add(1, Ordering::Relaxed);
            }
            let random = (self.inner.random)();
            let backoff = pace::backoff(*count - 1, random);
            if is_throttle {
                // The others of this lane wait with us; where nothing is said, at least as long as we.
                let rest = said.unwrap_or(backoff).min(waiting::LONGEST_SAID);
                self.inner.lanes.throttled(&origin, lane, rest);
            }
            if is_final {
                return Err(Error { request: Some(request.to_string()), cause });
            }
            if !is_throttle {
                counter.fetch_add(1, Ordering::Relaxed);
            }
            let wait = match (is_throttle, said) {
                (true, _) => SPREAD.mul_f64(random.clamp(0.0, 1.0)),
                (false, Some(said)) => said.min(waiting::LONGEST_SAID),
                (false, None) => backoff,
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// One attempt: the request, and what redirects make of it.
    async fn once(&self, request: &Request, whole: bool) -> Result<Stream, Failure> {
        let mut hop = Hop::first(request.address.clone(), request.method.clone());
        loop {
            let origin = hop.address.origin().ascii_serialization();
            let lane = if hop.redirects == 0 { request.lane } else { Lane::USUAL };
            let fails = |cause| Failure { cause, said: None, origin: origin.clone(), lane };
            if self.inner.only_loopback && !hop.address.is_loopback() {
                return Err(fails(Cause::OutsideDrill));
            }
            let prepared = self.prepare(request, &hop).map_err(fails)?;
            self.inner.lanes.turn(&origin, lane).await;
            self.inner.requests.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(target: "oncall", method = %hop.method, address = %hop.address, "request");
            let sent = tokio::time::timeout(self.inner.timeout, self.inner.pool.request(prepared));
            let response = match sent.await {
                Ok(Ok(response)) => response,
                Ok(Err(error)) => return Err(fails(Cause::of_transport(&error))),
                Err(_) => return Err(fails(Cause::TimedOut)),
            };
            let status = response.status().as_u16();
            if status != 429 {
                self.inner.lanes.served(&origin, lane);
            }
            if matches!(status, 301 | 302 | 303 | 307 | 308) {
                let location = text(response.headers(), &header::LOCATION);
                hop = hop.follow(status, location).map_err(fails)?;
                continue;
            }
            let said = |name: &str| response.headers().get(name)?.to_str().ok();
            let said = waiting::said(said, (self.inner.now)());
            let answer = self.receive(request, &hop, response, whole).await;
            return answer.map_err(|cause| match cause {
                Cause::Throttled { .. } => {
                    Failure { cause: Cause::Throttled { said }, said, origin, lane }
                }
                // A 503 may say when it will be back.
                Cause::Service { .. } => Failure { cause, said, origin, lane },
                cause => Failure { cause, said: None, origin, lane },
            });
        }
    }

    fn prepare(&self, request: &Request, hop: &Hop) -> Result<hyper::Request<Full<Bytes>>, Cause> {
        let unusable =
            Cause::NotAnAddress { problem: "it has characters that no request can have" };
        let uri: Uri = hop.address.expose().parse().map_err(|_| unusable.clone())?;
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, self.inner.user_agent.clone());
        if let Some(accept) = request.accept {
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        }
        if let Some(authorization) = request.authorization.as_ref().filter(|_| hop.carries_token) {
            let value = authorization.header().ok_or(Cause::UnusableToken)?;
            headers.insert(header::AUTHORIZATION, value);
        }
        // In the clear, the proxy reads the request itself; a tunnel was asked for with its own header.
        if !hop.address.is_encrypted()
            && let Some(proxy) = self.inner.connector.proxy(&uri)
            && let Some(authorization) = proxy.basic_auth()
        {
            headers.insert(header::PROXY_AUTHORIZATION, authorization.clone());
        }
        let body = request.body.clone().filter(|_| hop.method == hyper::Method::POST);
        if body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let mut prepared = hyper::Request::new(Full::new(body.unwrap_or_default()));
        *prepared.method_mut() = hop.method.clone();
        *prepared.uri_mut() = uri;
        *prepared.headers_mut() = headers;
        Ok(prepared)
    }

    async fn receive(
        &self,
        request: &Request,
        hop: &Hop,
        response: Response<Incoming>,
        whole: bool,
    ) -> Result<Stream, Cause> {
        let status = response.status().as_u16();
        let content_type = text(response.headers(), &header::CONTENT_TYPE).unwrap_or_default();
        let content_type = said::shown(content_type, None);
        let is_encoded = response.headers().contains_key(header::CONTENT_ENCODING);
        let length = text(response.headers(), &header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.parse::<u64>().ok()).unwrap_or(0);
        let is_success = (200..300).contains(&status);
        let limit = if is_success { request.limit } else { REFUSAL };
        let mut stream = Stream {
            request: request.to_string(),
            status,
            incoming: response.into_body(),
            whole: None,
            limit,
            read: 0,
            silence: self.inner.timeout,
        };
        if !is_success {
            // Of a refusal that breaks or does not end, its status is enough.
            let body = stream.collect().await.unwrap_or_default();
            return Err(refusal(status, &content_type, &body, request, hop));
        }
        if content_type.starts_with("text/html") {
            return Err(Cause::NotTheApi { status, content_type });
        }
        if is_encoded {
            return Err(Cause::Undecodable {
                detail: "compressed, though nobody asked".to_owned(),
            });
        }
        if length > limit {
            return Err(Cause::TooLarge { limit });
        }
        if whole {
            let body = stream.collect().await?;
            // Some proxies say JSON, or nothing, of their login page.
            if body.trim_ascii_start().starts_with(b"<")
                && request.accept.is_some_and(|accept| accept.ends_with("json"))
            {
                return Err(Cause::NotTheApi { status, content_type });
            }
            stream.whole = Some(body);
        }
        Ok(stream)
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// What a status other than success means.
fn refusal(status: u16, content_type: &str, body: &[u8], request: &Request, hop: &Hop) -> Cause {
    // What stands behind a link that is a key may repeat the key.
    let message = match hop.address.is_private() {
        true => String::new(),
        false => said::message(body, request.authorization.as_ref()),
    };
    match status {
        407 => Cause::Proxy { problem: "it wants a user name and a password" },
        429 => Cause::Throttled { said: None },
        500.. => Cause::Service { status, message },
        401 | 403 | 404 | 410 if hop.address.is_private() => Cause::LinkExpired { status },
        // Jira says a wrong password in HTML.
        401 => Cause::Unauthorized,
        _ if content_type.starts_with("text/html") => {
            Cause::NotTheApi { status, content_type: content_type.to_owned() }
        }
        403 => Cause::Denied { message },
        404 => Cause::NotFound,
        _ => Cause::Refused { status, message },
    }
}

/// An answer on its way. It counts its bytes, and ends with an error where there are too many.
#[derive(Debug)]
pub struct Stream {
    request: String,
    status: u16,
    incoming: Incoming,
    whole: Option<Bytes>,
    limit: u64,
    read: u64,
    silence: Duration,
}

impl Stream {
    /// The HTTP status, one of success.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The next bytes; `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let chunk = self.next().await;
        chunk.map_err(|cause| Error { request: Some(self.request.clone()), cause })
    }

    /// The rest, for whoever reads with `std::io::Read` on a thread of its own.
    pub fn into_reader(self) -> Reader {
        Reader::of(self)
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Cause> {
        loop {
            let frame = tokio::time::timeout(self.silence, self.incoming.frame()).await;
            let frame = match frame.map_err(|_| Cause::TimedOut)? {
                None => return Ok(None),
                Some(frame) => frame.map_err(|error| Cause::of_body(&error))?,
            };
            // Trailers say nothing to us.
            let Ok(data) = frame.into_data() else { continue };
            self.read += data.len() as u64;
            if self.read > self.limit {
                return Err(Cause::TooLarge { limit: self.limit });
            }
            return Ok(Some(data));
        }
    }

    async fn collect(&mut self) -> Result<Bytes, Cause> {
        let patience = self.silence * 4;
        let all = async {
            let mut body = BytesMut::new();
            while let Some(chunk) = self.next().await? {
                body.extend_from_slice(&chunk);
            }
            Ok(body.freeze())
        };
        tokio::time::timeout(patience, all).await.map_err(|_| Cause::TimedOut)?
    }
}

#[cfg(test)]
mod tests;
