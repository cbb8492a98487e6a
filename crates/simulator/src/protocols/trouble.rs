//! What a fault looks like: each protocol says the same trouble in its own words.

use std::time::Duration;

use hyper::StatusCode;

use super::aws_json::Refusal;
use super::call::{Call, Service};
use super::{Answer, jira, s3, sts, terraform};

/// Why a call is not answered, whatever it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The key that it was signed with is good no more.
    Expired,
    /// Nobody may, in the words of IAM.
    Denied(String),
    /// There is no such operation.
    Absent,
    /// Too many calls; the next is welcome after so long.
    Throttled(Duration),
    /// It is the server's own fault; the number tells the first from the second, and so on.
    Broken(u64),
}

impl Call<'_> {
    /// A trouble in the shape of the service's protocol.
    pub(super) fn fails(&self, trouble: Trouble) -> Answer {
        match self.service {
            Service::Sts => of_sts(trouble),
            Service::S3 => s3::fails(&trouble),
            Service::Terraform | Service::Archive => terraform::fails(self.service, &trouble),
            Service::Jira => jira::fails(&trouble),
            Service::Logs
            | Service::Ecs
            | Service::Ecr
            | Service::CloudTrail
            | Service::Unknown => of_aws_json(trouble),
        }
    }
}

/// The error's code and message.
fn words(trouble: Trouble) -> (&'static str, String) {
    let said = |code, message: &str| (code, message.to_owned());
    match trouble {
        Trouble::Expired => {
            said("ExpiredTokenException", "The security token included in the request is expired")
        }
        Trouble::Denied(message) => ("AccessDeniedException", message),
        Trouble::Throttled(_) => said("ThrottlingException", "Rate exceeded"),
        Trouble::Broken(nth) if nth.is_multiple_of(2) => {
            said("ServiceUnavailableException", "The service cannot complete the request.")
        }
        Trouble::Broken(_) => said(
            "InternalFailure",
            "The request processing has failed because of an unknown error.",
        ),
        Trouble::Absent => said("UnknownOperationException", ""),
    }
}

fn of_aws_json(trouble: Trouble) -> Answer {
    let status = match trouble {
        Trouble::Absent => return Answer::from(Refusal::unknown_operation()),
        Trouble::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    let (code, message) = words(trouble);
    Answer { status, ..Answer::from(Refusal::new(code, message)) }
}

fn of_sts(trouble: Trouble) -> Answer {
    let status = match trouble {
        Trouble::Absent => return Answer::from(Refusal::unknown_operation()),
        Trouble::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        Trouble::Expired => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    let (code, message) = words(trouble);
    sts::failure(status, code.trim_end_matches("Exception"), &message)
}
