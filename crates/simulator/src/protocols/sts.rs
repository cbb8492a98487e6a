//! STS GetCallerIdentity: the query protocol, form in and XML out.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;

use super::Answer;
use super::credential_scope::Scope;
use crate::ACCOUNT;
use crate::body::Body;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The one operation of this service here.
pub(super) const OPERATION: &str = "GetCallerIdentity";

/// Whom the cloud takes every caller for.
pub(super) fn caller() -> String {
    format!("arn:aws:sts::{ACCOUNT}:assumed-role/drill/oncall")
}

/// Whether a request speaks the query protocol.
pub(super) fn is_query(head: &Parts) -> bool {
    head.headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// The action that a form asks for.
pub(super) fn action(form: &[u8]) -> &str {
    let named = form.split(|byte| *byte == b'&').find_map(|pair| pair.strip_prefix(b"Action="));
    named.and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default()
}

pub(super) fn answer(head: &Parts, action: &str) -> Answer {
    if Scope::of(head, "sts").is_err() {
        return failure(
            StatusCode::FORBIDDEN,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        );
    }
    if action != OPERATION {
        return failure(
            StatusCode::BAD_REQUEST,
            "InvalidAction",
            &format!("Could not find operation {} for version 2011-06-15", escape(action)),
        );
    }
    xml(
        StatusCode::OK,
        format!(
            "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\"><GetCallerIdentityResult>\
             <Arn>{}</Arn>\
             <UserId>AROADRILLDRILLDRILLDR:oncall</UserId><Account>{ACCOUNT}</Account>\
             </GetCallerIdentityResult><ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId>\
             </ResponseMetadata></GetCallerIdentityResponse>",
            caller()
        ),
    )
}

/// An error of the query protocol.
pub(super) fn failure(status: StatusCode, code: &str, message: &str) -> Answer {
    let fault = if status.is_server_error() { "Receiver" } else { "Sender" };
    xml(
        status,
        format!(
            "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{fault}</Type><Code>{code}</Code>\
             <Message>{message}</Message></Error>\
             <RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
        ),
    )
}

/// A text as it stands in XML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn xml(status: StatusCode, body: String) -> Answer {
    Answer::new(status, "text/xml", Body::whole(body.into_bytes()))
}
