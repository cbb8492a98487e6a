//! STS GetCallerIdentity: the query protocol, form in and XML out.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;

use super::Answer;
use super::credential_scope::Scope;
use crate::ACCOUNT;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Whether a request speaks the query protocol.
pub(super) fn is_query(head: &Parts) -> bool {
    head.headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

pub(super) fn answer(head: &Parts, body: &[u8]) -> Answer {
    if Scope::of(head, "sts").is_err() {
        return failure(
            StatusCode::FORBIDDEN,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        );
    }
    let form = String::from_utf8_lossy(body);
    let action = form.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or_default();
    if action != "GetCallerIdentity" {
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
             <Arn>arn:aws:sts::{ACCOUNT}:assumed-role/drill/oncall</Arn>\
             <UserId>AROADRILLDRILLDRILLDR:oncall</UserId><Account>{ACCOUNT}</Account>\
             </GetCallerIdentityResult><ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId>\
             </ResponseMetadata></GetCallerIdentityResponse>"
        ),
    )
}

fn failure(status: StatusCode, code: &str, message: &str) -> Answer {
    xml(
        status,
        format!(
            "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>{message}</Message></Error>\
             <RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
        ),
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn xml(status: StatusCode, body: String) -> Answer {
    Answer { status, content_type: "text/xml", body: body.into_bytes() }
}
