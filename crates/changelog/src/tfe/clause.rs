//! What went wrong, as clauses for whoever reads that not everything could be read (pure). Nothing that a
//! server said of values, and no link, is in them.

use http::{Cause, Error};

use crate::terraform::ReadError;

/// Why the runs, the workspaces or the states could not be had.
pub(super) fn of_lists(error: &Error) -> String {
    match &error.cause {
        Cause::NotFound => {
            "there is no such organisation, or the token may not see it (HTTP 404)".to_owned()
        }
        cause => of(cause),
    }
}

/// Why the details of a run could not be had. Its permission is named: the service says "not found" of what
/// may not be seen.
pub(super) fn of_details(error: &Error) -> String {
    match &error.cause {
        Cause::NotFound => "json-output needs admin on the workspace (HTTP 404)".to_owned(),
        Cause::Denied { .. } => "json-output needs admin on the workspace (HTTP 403)".to_owned(),
        cause => of(cause),
    }
}

fn of(cause: &Cause) -> String {
    match cause {
        Cause::NotTheApi { .. } => format!("{cause}: a proxy or a login page may stand between"),
        cause => cause.to_string(),
    }
}

/// Why a plan or a log could not be read: where, never what stands there.
pub(super) fn unreadable(error: &ReadError) -> String {
    let of_transport = match error {
        ReadError::Io(error) => error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()),
        _ => None,
    };
    of_transport.map_or_else(|| error.to_string(), of_details)
}
