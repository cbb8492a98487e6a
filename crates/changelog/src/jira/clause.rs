//! What went wrong, as a clause for whoever reads that not everything could be read (pure).

use http::{Cause, Error};

pub(super) fn of(error: &Error) -> String {
    match &error.cause {
        Cause::Denied { .. } => {
            format!("{}: the login needs Browse Projects", error.cause)
        }
        Cause::NotFound => "there is no such Jira at this address (HTTP 404)".to_owned(),
        cause @ Cause::NotTheApi { .. } => {
            format!("{cause}: a proxy or a login page may stand between")
        }
        cause => cause.to_string(),
    }
}
