//! What a failure on the network means to the person at the keyboard.

use std::error::Error as StdError;
use std::path::PathBuf;
use std::time::Duration;

use crate::connector::UnknownProxy;
use crate::said;

/// A request, or the set-up for it, that could not be done. It holds nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The method and the address without its query; `None` when it did not come to a request.
    pub request: Option<String>,
    /// Why.
    pub cause: Cause,
}

/// How a failure weighs: which exit code it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// What was asked for does not exist or cannot be asked (2).
    Usage,
    /// The answer could not be had (3).
    Unavailable,
    /// Credentials or permissions (4).
    Denied,
    /// oncall did what it must not (70).
    Bug,
}

/// Why a request, or the set-up for it, failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// A setting is no address.
    #[error("the address cannot be used: {problem}")]
    NotAnAddress {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The bundle of certificates cannot be used.
    #[error("the certificates in {} cannot be used: {problem}", path.display())]
    CaBundle {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A token has characters that no header can have.
    #[error("the token has characters that no token can have")]
    UnusableToken,
    /// 401: the token is missing, wrong or over.
    #[error("the token is not accepted (HTTP 401)")]
    Unauthorized,
    /// 403.
    #[error("no permission (HTTP 403){}", after_colon(message))]
    Denied {
        /// What the service said.
        message: String,
    },
    /// 404, which Terraform also says of what may not be seen.
    #[error("not found, or not permitted (HTTP 404)")]
    NotFound,
    /// The service refused the request as it was.
    #[error("refused (HTTP {status}){}", after_colon(message))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the service said.
        message: String,
    },
    /// A link that is a key, and opens no more.
    #[error("the link is no longer valid (HTTP {status})")]
    LinkExpired {
        /// The HTTP status.
        status: u16,
    },
    /// 429, time and again, or for longer than anybody waits.
    #[error("the rate limit stayed used up{}", for_so_long(*said))]
    Throttled {
        /// How long the service wants to be left alone, where it says so.
        said: Option<Duration>,
    },
    /// The service failed.
    #[error("the service failed (HTTP {status}){}", after_colon(message))]
    Service {
        /// The HTTP status.
        status: u16,
        /// What the service said.
        message: String,
    },
    /// Something answered that is not the API: a proxy, a login page.
    #[error("the answer is not from the API (HTTP {status}, {content_type})")]
    NotTheApi {
        /// The HTTP status.
        status: u16,
        /// Its content type.
        content_type: String,
    },
    /// The answer ended before its end.
    #[error("the answer was cut off")]
    Truncated,
    /// The answer is longer than we read.
    #[error("the answer is longer than {limit} bytes")]
    TooLarge {
        /// What was allowed.
        limit: u64,
    },
    /// The answer arrived whole and is not what it should be.
    #[error("the answer cannot be decoded: {detail}")]
    Undecodable {
        /// Where, never what.
        detail: String,
    },
    /// A redirect that is not followed.
    #[error("a redirect was not followed: {problem}")]
    Redirect {
        /// Why not.
        problem: &'static str,
    },
    /// The certificate, or another part of the handshake.
    #[error("no encrypted connection: {detail}")]
    Tls {
        /// The library's words.
        detail: String,
    },
    /// The proxy cannot be used.
    #[error("the proxy cannot be used: {problem}")]
    Proxy {
        /// Why.
        problem: &'static str,
    },
    /// Nothing listens there.
    #[error("the connection was refused")]
    ConnectionRefused,
    /// The name has no address.
    #[error("the host's name cannot be resolved")]
    NoAddress,
    /// Nobody answered in time.
    #[error("no answer in time")]
    TimedOut,
    /// The connection broke.
    #[error("the connection broke: {detail}")]
    Connection {
        /// The library's words.
        detail: String,
    },
    /// A drill was about to ask another machine.
    #[error("a drill asks only this machine")]
    OutsideDrill,
}

fn after_colon(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

fn for_so_long(said: Option<Duration>) -> String {
    said.map_or_else(String::new, |said| format!("; it wants {} s of rest", said.as_secs()))
}

impl Error {
    pub(crate) fn setup(cause: Cause) -> Self {
        Self { request: None, cause }
    }

    /// How the failure weighs.
    pub fn gravity(&self) -> Gravity {
        use Cause::*;
        match &self.cause {
            NotAnAddress { .. } | CaBundle { .. } | NotFound | Refused { .. } => Gravity::Usage,
            UnusableToken | Unauthorized | Denied { .. } => Gravity::Denied,
            LinkExpired { .. }
            | Throttled { .. }
            | Service { .. }
            | NotTheApi { .. }
            | Truncated
            | TooLarge { .. }
            | Undecodable { .. }
            | Redirect { .. }
            | Tls { .. }
            | Proxy { .. }
            | ConnectionRefused
            | NoAddress
            | TimedOut
            | Connection { .. } => Gravity::Unavailable,
            OutsideDrill => Gravity::Bug,
        }
    }

    /// The next thing to check. What to type is known to whoever knows the service.
    pub fn hint(&self) -> Option<&'static str> {
        use Cause::*;
        Some(match &self.cause {
            NotAnAddress { .. } => "an address looks like `https://app.terraform.io`",
            UnusableToken => "check that the token was copied whole, and nothing else with it",
            Unauthorized => "the token may be over, or be for another host; log in again",
            Denied { .. } => "ask for read access with this token, or use another one",
            NotFound => "check the name; without permission the answer is the same",
            Throttled { .. } => {
                "others use the same limit; try a shorter window or a lower --budget"
            }
            LinkExpired { .. } => "such links last minutes to hours; ask again",
            Service { .. } => "try again; the service's status page shows known trouble",
            NotTheApi { .. } | Redirect { .. } => {
                "a proxy or a login page may stand between; check the address and HTTPS_PROXY"
            }
            Undecodable { .. } | Truncated => {
                "a proxy may have changed the answer; check the address and HTTPS_PROXY"
            }
            Tls { .. } => {
                "if a proxy or the server has a certificate of your company, set AWS_CA_BUNDLE"
            }
            Proxy { .. } => "check HTTPS_PROXY and NO_PROXY",
            ConnectionRefused => "check the address, HTTPS_PROXY, and whether a VPN is needed",
            NoAddress => "check the address, the network and the VPN",
            TimedOut | Connection { .. } => {
                "check the network, the VPN and HTTPS_PROXY; --timeout waits longer"
            }
            CaBundle { .. } | Refused { .. } | TooLarge { .. } | OutsideDrill => return None,
        })
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.request {
            Some(request) => write!(f, "{request}: {}", self.cause),
            None => write!(f, "{}", self.cause),
        }
    }
}

impl StdError for Error {}

impl Cause {
    /// What a connection that did not come about, or broke, means.
    pub(crate) fn of_transport(error: &(dyn StdError + 'static)) -> Self {
        let links = chain(error);
        let io = |kind| {
            links
                .iter()
                .filter_map(|link| link.downcast_ref::<std::io::Error>())
                .any(|io| io.kind() == kind)
        };
        let detail = text_of(&links);
        if links.iter().any(|link| link.is::<UnknownProxy>()) {
            return Self::Proxy { problem: "only http:// and https:// proxies are known here" };
        }
        if detail.contains("proxy authorization required") {
            return Self::Proxy { problem: "it wants a user name and a password" };
        }
        if detail.contains("tunnel") && detail.contains("unsuccessful") {
            return Self::Proxy { problem: "it did not connect us to the host" };
        }
        if links.iter().any(|link| link.is::<rustls::Error>()) {
            return Self::Tls { detail: tls_words(&links) };
        }
        if io(std::io::ErrorKind::ConnectionRefused) {
            return Self::ConnectionRefused;
        }
        if detail.contains("dns error") {
            return Self::NoAddress;
        }
        if io(std::io::ErrorKind::TimedOut) {
            return Self::TimedOut;
        }
        Self::Connection { detail }
    }

    /// What a body that broke means.
    pub(crate) fn of_body(error: &hyper::Error) -> Self {
        let is_the_end = |link: &&(dyn StdError + 'static)| {
            let io = link.downcast_ref::<std::io::Error>();
            io.is_some_and(|io| io.kind() == std::io::ErrorKind::UnexpectedEof)
        };
        if error.is_incomplete_message() || chain(error).iter().any(is_the_end) {
            return Self::Truncated;
        }
        Self::of_transport(error)
    }

    /// What JSON that cannot be read means. serde's own words quote the text, which may be secret.
    pub(crate) fn of_json(error: &serde_json::Error) -> Self {
        if error.is_eof() {
            return Self::Truncated;
        }
        let what = if error.is_data() { "another shape than expected" } else { "no JSON" };
        let (line, column) = (error.line(), error.column());
        Self::Undecodable { detail: format!("{what} at line {line}, column {column}") }
    }
}

/// An error and its causes, those inside of io errors too: these say no source for what they wrap.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> Vec<&'a (dyn StdError + 'static)> {
    let mut links: Vec<&'a (dyn StdError + 'static)> = Vec::new();
    let mut next = Some(error);
    while let Some(link) = next {
        links.push(link);
        let inside = link.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match inside {
            Some(inside) => Some(inside),
            None => link.source(),
        };
    }
    links
}

/// The causes in one line, each said once.
fn text_of(links: &[&(dyn StdError + 'static)]) -> String {
    let mut text = String::new();
    for part in links.iter().map(ToString::to_string) {
        if text.contains(&part) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&part);
    }
    said::shown(&text, None)
}

fn tls_words(links: &[&(dyn StdError + 'static)]) -> String {
    let words = links.iter().find_map(|link| link.downcast_ref::<rustls::Error>());
    said::shown(&words.map(ToString::to_string).unwrap_or_default(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_cannot_be_read_is_not_quoted() {
        let wrong = serde_json::from_str::<u32>(r#""s3cret""#).unwrap_err();
        assert!(wrong.to_string().contains("s3cret"), "or else this test says nothing");
        let cause = Cause::of_json(&wrong);
        assert_eq!(
            cause.to_string(),
            "the answer cannot be decoded: another shape than expected at line 1, column 8"
        );
        let cut = serde_json::from_str::<Vec<u32>>("[1, 2").unwrap_err();
        assert_eq!(Cause::of_json(&cut), Cause::Truncated);
    }

    #[test]
    fn an_untrusted_certificate_is_told_from_a_broken_line() {
        let inner = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let wrapped = std::io::Error::other(std::io::Error::other(inner));
        let Cause::Tls { detail } = Cause::of_transport(&wrapped) else { panic!("{wrapped:?}") };
        assert!(detail.contains("UnknownIssuer"), "{detail}");
        let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert!(matches!(Cause::of_transport(&broken), Cause::Connection { .. }));
    }

    #[test]
    fn an_error_says_what_was_asked_and_what_to_check() {
        let request = Some("GET https://tfe.example/api/v2/runs/run-1".to_owned());
        let error = Error { request, cause: Cause::NotFound };
        assert_eq!(
            error.to_string(),
            "GET https://tfe.example/api/v2/runs/run-1: not found, or not permitted (HTTP 404)"
        );
        assert_eq!(error.gravity(), Gravity::Usage);
        assert!(error.hint().is_some_and(|hint| hint.contains("permission")));
    }
}
