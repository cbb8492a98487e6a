//! SigV4's credential scope: `Credential=AKID/20261122/us-east-1/logs/aws4_request`.
//!
//! The signature itself is not verified (a drill has no secrets), but the scope is what the request is for.

use hyper::http::request::Parts;

use super::aws_json::Refusal;

/// The access key id that a request was signed with.
pub(super) fn key(head: &Parts) -> Option<&str> {
    let header = head.headers.get("authorization")?.to_str().ok()?;
    let (_, credential) = header.split_once("Credential=")?;
    credential.split(['/', ',', ' ']).next()
}

/// The region of a request, as it says itself, whatever it is for.
pub(super) fn region(head: &Parts) -> Option<&str> {
    let header = head.headers.get("authorization")?.to_str().ok()?;
    let (_, credential) = header.split_once("Credential=")?;
    credential.split([',', ' ']).next()?.rsplit('/').nth(2)
}

/// The service that a request was signed for, if it was.
pub(super) fn service(head: &Parts) -> Option<&str> {
    let header = head.headers.get("authorization")?.to_str().ok()?;
    let (_, credential) = header.split_once("Credential=")?;
    credential.split([',', ' ']).next()?.rsplit('/').nth(1)
}

/// The region that a request was signed for.
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a str,
}

impl Scope<'_> {
    /// Reads the scope of a request to `service`.
    pub(crate) fn of<'a>(head: &'a Parts, service: &str) -> Result<Scope<'a>, Refusal> {
        let missing =
            || Refusal::new("MissingAuthenticationTokenException", "Missing Authentication Token");
        let header = head
            .headers
            .get("authorization")
            .and_then(|value| value.to_str().ok())
            .ok_or_else(missing)?;
        let (_, credential) = header.split_once("Credential=").ok_or_else(missing)?;
        let credential = credential.split([',', ' ']).next().unwrap_or_default();
        // An access key id holds no slash, but the end is where the scope is in any case.
        let parts: Vec<&str> = credential.rsplitn(5, '/').collect();
        match parts[..] {
            ["aws4_request", signed_for, region, _, _] if signed_for == service => {
                Ok(Scope { region })
            }
            ["aws4_request", _, _, _, _] => Err(Refusal::new(
                "InvalidSignatureException",
                format!("Credential should be scoped to correct service: '{service}'. "),
            )),
            _ => Err(Refusal::new(
                "IncompleteSignatureException",
                "Authorization header requires 'Credential' parameter.",
            )),
        }
    }
}
