//! What an AWS failure means to the person at the keyboard.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::guard::Refused;
use crate::operations::Operation;
use crate::{credentials, regions};

/// A request, or the set-up for it, that could not be done.
#[derive(Clone, Debug)]
pub struct Error {
    /// The request that failed; `None` when it did not come to one.
    pub operation: Option<Operation>,
    /// The region that was asked.
    pub region: Option<String>,
    /// The profile that was asked for.
    pub profile: Option<String>,
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
    /// The account's quota stayed used up.
    #[error("the account's request quota stayed used up")]
    Throttled,
    /// No permission; the message is the service's.
    #[error("no permission: {message}")]
    Denied {
        /// What the service said.
        message: String,
    },
    /// The thing that was asked for is not there; the message is the service's.
    #[error("{message}")]
    NotFound {
        /// What the service said.
        message: String,
    },
    /// The service refused the request as it was; the message is the service's.
    #[error("{message}")]
    Invalid {
        /// The service's error code.
        code: String,
        /// What the service said.
        message: String,
    },
    /// No credentials anywhere.
    #[error("no AWS credentials were found")]
    NoCredentials,
    /// The credentials were refused as expired.
    #[error("the AWS credentials have expired")]
    Expired,
    /// The credentials were refused as unknown or wrong.
    #[error("AWS does not accept these credentials: {message}")]
    Rejected {
        /// What the service said.
        message: String,
    },
    /// The SSO session is missing or over.
    #[error("the SSO session is missing or has expired")]
    SsoLogin {
        /// The SDK's own words.
        detail: String,
    },
    /// The `aws login` session is missing or over.
    #[error("the `aws login` session is missing or has expired")]
    Login {
        /// The SDK's own words.
        detail: String,
    },
    /// A provider of credentials failed.
    #[error("credentials could not be had: {detail}")]
    Credentials {
        /// The SDK's own words.
        detail: String,
    },
    /// A role wants a code, and none was given.
    #[error("no code was given for the MFA device {serial}")]
    MfaCode {
        /// The device.
        serial: String,
    },
    /// The shared configuration files cannot be read.
    #[error("the AWS configuration files cannot be read: {0}")]
    BrokenProfiles(String),
    /// There is no such profile.
    #[error("the profile `{name}` does not exist")]
    UnknownProfile {
        /// As it was typed.
        name: String,
        /// A profile with a name like it.
        nearest: Option<String>,
    },
    /// There is no such region.
    #[error("there is no region `{name}`")]
    UnknownRegion {
        /// As it was typed.
        name: String,
        /// A region with a name like it.
        nearest: Option<&'static str>,
    },
    /// No region was said anywhere.
    #[error("no AWS region is set")]
    NoRegion,
    /// A generic endpoint would receive tokens.
    #[error(
        "the generic endpoint URL would also receive the tokens of this profile (it sets `{setting}`)"
    )]
    TokensAtGenericEndpoint {
        /// The setting that makes the profile one with tokens.
        setting: &'static str,
    },
    /// The certificates to trust cannot be used.
    #[error("the certificate bundle {path} cannot be used: {problem}")]
    CaBundle {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The configuration cannot be used for another reason.
    #[error("the AWS configuration cannot be used: {0}")]
    Configuration(String),
    /// Nothing listens there.
    #[error("the connection to {service} was refused")]
    ConnectionRefused {
        /// The service as people name it.
        service: &'static str,
    },
    /// The host's name has no address.
    #[error("the host of {service} has no address (DNS)")]
    NoAddress {
        /// The service as people name it.
        service: &'static str,
    },
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// The connection broke; the detail is the library's.
    #[error("the connection broke: {detail}")]
    Connection {
        /// The library's words.
        detail: String,
    },
    /// Something answered that is not AWS: a proxy, a login page.
    #[error("the answer is not from AWS (HTTP {status}, {content_type})")]
    NotAws {
        /// The HTTP status.
        status: u16,
        /// Its content type.
        content_type: String,
    },
    /// The answer arrived whole and cannot be decoded.
    #[error("the answer cannot be decoded: {detail}")]
    Undecodable {
        /// The SDK's words.
        detail: String,
    },
    /// The service failed.
    #[error("the service failed (HTTP {status}): {message}")]
    Service {
        /// The HTTP status.
        status: u16,
        /// What the service said.
        message: String,
    },
    /// oncall tried an operation that is not on its list.
    #[error("{0}")]
    NotListed(String),
}

impl Error {
    pub(crate) fn setup(cause: Cause) -> Self {
        Self { operation: None, region: None, profile: None, cause }
    }

    /// How the failure weighs.
    pub fn gravity(&self) -> Gravity {
        use Cause::*;
        match &self.cause {
            Invalid { .. }
            | NotFound { .. }
            | UnknownProfile { .. }
            | UnknownRegion { .. }
            | NoRegion
            | TokensAtGenericEndpoint { .. }
            | CaBundle { .. }
            | Configuration(_)
            | BrokenProfiles(_) => Gravity::Usage,
            Denied { .. }
            | NoCredentials
            | Expired
            | Rejected { .. }
            | SsoLogin { .. }
            | Login { .. }
            | Credentials { .. }
            | MfaCode { .. } => Gravity::Denied,
            Throttled
            | ConnectionRefused { .. }
            | NoAddress { .. }
            | TimedOut
            | Connection { .. }
            | NotAws { .. }
            | Undecodable { .. }
            | Service { .. } => Gravity::Unavailable,
            NotListed(_) => Gravity::Bug,
        }
    }

    /// What the library said, where the sentence does not say it already.
    pub fn detail(&self) -> Option<&str> {
        match &self.cause {
            Cause::SsoLogin { detail } | Cause::Login { detail } => Some(detail),
            _ => None,
        }
    }

    fn profile_flag(&self) -> String {
        self.profile.as_ref().map_or_else(String::new, |profile| format!(" --profile {profile}"))
    }

    /// The next thing to type or to check.
    pub fn hint(&self) -> Option<String> {
        use Cause::*;
        Some(match &self.cause {
            Denied { .. } => {
                let action = self.operation.map_or("the action", Operation::action);
                format!("ask for the IAM action {action}; docs/permissions.md has the least policy")
            }
            NoCredentials => {
                "set up a profile with `aws configure sso`, or try `oncall --drill logs api`, which needs no account".into()
            }
            Expired | Rejected { .. } => {
                "log in again with the tool that gave you these credentials, or pass --profile".into()
            }
            SsoLogin { .. } => format!("aws sso login{}", self.profile_flag()),
            Login { .. } => format!("aws login{}", self.profile_flag()),
            MfaCode { .. } => {
                "run it on a terminal, which asks for the code, or set `credential_process` in the profile".into()
            }
            UnknownProfile { nearest: Some(nearest), .. } => {
                format!("did you mean `--profile {nearest}`?")
            }
            UnknownProfile { nearest: None, .. } => {
                "`aws configure list-profiles` shows the profiles that exist".into()
            }
            UnknownRegion { nearest: Some(nearest), .. } => {
                format!("did you mean `--region {nearest}`?")
            }
            UnknownRegion { nearest: None, .. } => "a region looks like `us-east-1`".into(),
            NoRegion => "pass --region, or set AWS_REGION or `region` in the profile".into(),
            TokensAtGenericEndpoint { .. } => {
                "unset AWS_ENDPOINT_URL (or `endpoint_url`) and set AWS_ENDPOINT_URL_CLOUDWATCH_LOGS, AWS_ENDPOINT_URL_ECS and AWS_ENDPOINT_URL_ECR instead".into()
            }
            Throttled => "others use the same quota; ask for less (a shorter window, fewer services), or try again with a lower --budget".into(),
            Configuration(_) => "check AWS_ENDPOINT_URL and the AWS configuration files".into(),
            ConnectionRefused { .. } => {
                "check AWS_ENDPOINT_URL, or whether a proxy or VPN is needed".into()
            }
            NoAddress { .. } => "check the network, the VPN and --region".into(),
            TimedOut | Connection { .. } => {
                "check the network, the VPN and HTTPS_PROXY; --timeout waits longer".into()
            }
            NotAws { .. } => {
                "a proxy or a login page stands between; check HTTPS_PROXY and AWS_ENDPOINT_URL".into()
            }
            Undecodable { .. } => {
                "a proxy may have changed the answer; check HTTPS_PROXY and AWS_ENDPOINT_URL".into()
            }
            Service { .. } => "try again; https://health.aws.amazon.com shows known trouble".into(),
            Invalid { message, .. } if message.contains("log-group-class") => {
                "only Logs Insights reads this class: `aws logs start-query`, or the console".into()
            }
            Invalid { message, .. } if message.to_ascii_lowercase().contains("filter pattern") => {
                "in a filter pattern, a term with more than letters, digits and _ wants quotes: --filter-pattern '\"a-b\"'".into()
            }
            _ => return None,
        })
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.operation, &self.region) {
            // Credentials and regions are the same for every request: which one met the trouble
            // first says nothing.
            (Some(operation), Some(region)) if !self.cause.is_of_all_requests() => {
                write!(f, "{} in {region}: {}", operation.name(), self.cause)
            }
            _ => write!(f, "{}", self.cause),
        }
    }
}

impl StdError for Error {}

impl Cause {
    /// Whether somebody who logs in again can mend it.
    pub fn wants_a_login(&self) -> bool {
        use Cause::*;
        matches!(
            self,
            Expired
                | Rejected { .. }
                | SsoLogin { .. }
                | Login { .. }
                | Credentials { .. }
                | NoCredentials
        )
    }

    fn is_of_all_requests(&self) -> bool {
        use Cause::*;
        matches!(
            self,
            NoCredentials
                | Expired
                | Rejected { .. }
                | SsoLogin { .. }
                | Login { .. }
                | Credentials { .. }
                | MfaCode { .. }
                | UnknownRegion { .. }
                | BrokenProfiles(_)
                | Configuration(_)
        )
    }

    pub(crate) fn unknown_region(name: &str) -> Self {
        Self::UnknownRegion { name: name.to_owned(), nearest: regions::nearest(name) }
    }

    /// What a failed request means.
    pub(crate) fn of<E>(
        error: &SdkError<E, HttpResponse>,
        operation: Operation,
        region: &str,
    ) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        match error {
            SdkError::ServiceError(refusal) => {
                let response = refusal.raw();
                let status = response.status().as_u16();
                let content_type = response.headers().get("content-type").unwrap_or_default();
                let message = refusal.err().message().unwrap_or_default();
                match refusal.err().code() {
                    Some(code) => Self::of_code(code, status, message),
                    None => Self::without_code(status, content_type, || chain_text(refusal.err())),
                }
            }
            SdkError::TimeoutError(_) => Self::TimedOut,
            _ => Self::of_transport(error, operation, region),
        }
    }

    fn of_code(code: &str, status: u16, message: &str) -> Self {
        // Some refusals have no words (UnknownOperationException): then the code is all there is to say.
        let message = if message.is_empty() { code } else { message }.to_owned();
        match code {
            "ThrottlingException"
            | "Throttling"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "SlowDown" => Self::Throttled,
            "AccessDeniedException"
            | "AccessDenied"
            | "AllAccessDisabled"
            | "UnauthorizedOperation"
            | "OptInRequired" => Self::Denied { message },
            "ExpiredTokenException" | "ExpiredToken" | "RequestExpired" => Self::Expired,
            "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidAccessKeyId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException" => Self::Rejected { message },
            "ResourceNotFoundException"
            | "ClusterNotFoundException"
            | "ServiceNotFoundException" => Self::NotFound { message },
            _ if status >= 500 => Self::Service { status, message },
            _ => Self::Invalid { code: code.to_owned(), message },
        }
    }

    /// AWS names a code in every refusal. Without one, a 5xx is a gateway's, a success is a body
    /// that the SDK could not read, and anything else did not come from AWS.
    fn without_code(status: u16, content_type: &str, detail: impl FnOnce() -> String) -> Self {
        let (json, xml) = (content_type.contains("json"), content_type.contains("xml"));
        match status {
            500.. => Self::Service { status, message: format!("a {content_type} body") },
            200..=299 if json => Self::Undecodable { detail: detail() },
            // The SDK's own words quote the XML in a form for its developers.
            200..=299 if xml => {
                Self::Undecodable { detail: "its XML has another shape".to_owned() }
            }
            _ => Self::NotAws { status, content_type: content_type.to_owned() },
        }
    }

    fn of_transport<E: StdError + 'static>(
        error: &SdkError<E, HttpResponse>,
        operation: Operation,
        region: &str,
    ) -> Self {
        if let Some(cause) = credentials::cause(error) {
            return cause;
        }
        let service = operation.service();
        let detail = chain_text(error);
        if let Some(refused) = chain(error).find_map(|link| link.downcast_ref::<Refused>()) {
            return Self::NotListed(refused.to_string());
        }
        let kinds = || chain(error).filter_map(|link| link.downcast_ref::<std::io::Error>());
        if kinds().any(|io| io.kind() == std::io::ErrorKind::ConnectionRefused) {
            return Self::ConnectionRefused { service };
        }
        if detail.contains("dns error") {
            return match regions::is_known(region) {
                true => Self::NoAddress { service },
                false => Self::unknown_region(region),
            };
        }
        if let SdkError::DispatchFailure(failure) = error
            && failure.is_timeout()
        {
            return Self::TimedOut;
        }
        match error {
            SdkError::ConstructionFailure(_) => Self::Configuration(detail),
            // The text of this one carries a dump of the request.
            _ if ["ResolveEndpointError", "resolving an endpoint", "failed to apply endpoint"]
                .iter()
                .any(|sign| detail.contains(sign)) =>
            {
                Self::Configuration("the endpoint URL is not a URL".to_owned())
            }
            _ => Self::Connection { detail },
        }
    }
}

/// An error and its causes.
pub(crate) fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let link = next?;
        next = link.source();
        Some(link)
    })
}

/// An error's causes in one line, each said once. Debug forms never.
pub fn chain_text(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    for link in chain(error) {
        let part = link.to_string();
        let generic =
            matches!(part.as_str(), "service error" | "dispatch failure" | "unhandled error");
        if generic || text.contains(&part) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(cause: Cause) -> Error {
        Error {
            operation: Some(Operation::FilterLogEvents),
            region: Some("eu-west-1".into()),
            profile: Some("prod".into()),
            cause,
        }
    }

    #[test]
    fn a_missing_permission_names_its_action() {
        let denied = error(Cause::of_code("AccessDeniedException", 400, "not authorized"));
        assert_eq!(
            denied.to_string(),
            "FilterLogEvents in eu-west-1: no permission: not authorized"
        );
        assert!(denied.hint().is_some_and(|hint| hint.contains("logs:FilterLogEvents")));
        assert_eq!(denied.gravity(), Gravity::Denied);
    }

    #[test]
    fn an_expired_sso_session_names_the_command_to_type() {
        let expired = error(Cause::SsoLogin { detail: "the SSO token has expired".into() });
        assert_eq!(expired.hint().as_deref(), Some("aws sso login --profile prod"));
        assert_eq!(expired.gravity(), Gravity::Denied);
    }

    #[test]
    fn codes_become_causes() {
        assert_eq!(Cause::of_code("ThrottlingException", 400, ""), Cause::Throttled);
        let wordless = Cause::of_code("UnknownOperationException", 400, "");
        assert_eq!(wordless.to_string(), "UnknownOperationException");
        assert_eq!(Cause::of_code("ExpiredTokenException", 400, ""), Cause::Expired);
        assert!(matches!(Cause::of_code("InternalFailure", 500, ""), Cause::Service { .. }));
        assert!(matches!(
            Cause::of_code("InvalidParameterException", 400, ""),
            Cause::Invalid { .. }
        ));
    }

    #[test]
    fn an_answer_without_a_code_is_told_apart() {
        let text = || "unexpected token".to_owned();
        let html = Cause::without_code(200, "text/html", text);
        assert!(matches!(html, Cause::NotAws { status: 200, .. }));
        let cut = Cause::without_code(200, "application/x-amz-json-1.1", text);
        assert!(matches!(cut, Cause::Undecodable { .. }));
        assert!(matches!(Cause::without_code(502, "text/html", text), Cause::Service { .. }));
        assert!(matches!(Cause::without_code(403, "text/html", text), Cause::NotAws { .. }));
    }
}
