//! What a version of a state changed (pure): its text and the text before it, to a record.

use ::record::Time;

use super::history::{Comparison, What};
use super::key::Name;
use crate::flags::{Facts, flags};
use crate::record::{ChangeRecord, Flag, Source, Status};
use crate::terraform::ReadError;
use crate::terraform::state::State;

/// What was had of a version. It has no `Debug`: a state is full of secrets.
pub(super) enum Text {
    Read(Vec<u8>),
    /// Why it could not be had, in a clause.
    Unread(String),
}

/// What a comparison comes to.
#[derive(Debug, PartialEq)]
pub(super) struct Judged {
    /// The change; nothing where nothing changed, or where it is no state.
    pub(super) change: Option<ChangeRecord>,
    /// What could not be read, in a clause.
    pub(super) missing: Option<String>,
}

/// Why there is nothing before a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeps {
    /// What is not there was removed, or never was.
    Versions,
    /// Only what was written last is there.
    OnlyTheLast,
}

/// What a comparison comes to, with the texts of its sides: `newer` of a version that is no deletion,
/// `older` where there was one before.
pub(super) fn judge(
    comparison: &Comparison,
    newer: Option<&Text>,
    older: Option<&Text>,
    keeps: Keeps,
) -> Judged {
    let time = comparison.newer.written;
    let any_name = comparison.key.name == Name::Perhaps;
    let (older, older_missing) = match older.map(read) {
        None => (None, None),
        Some(Ok(state)) => (Some(state), None),
        // It was no state then; what became of it since is known only where it is one now.
        Some(Err(NotRead { is_no_state: true, .. })) if any_name => (None, None),
        Some(Err(NotRead { why, .. })) => (None, Some(why)),
    };
    let judged = match (&comparison.newer.what, newer.map(read)) {
        (What::Deleted, _) | (_, None) => Judged {
            change: deletion(comparison, time, older.as_ref(), older_missing.as_deref()),
            missing: older_missing,
        },
        (_, Some(Err(NotRead { is_no_state: true, .. }))) if any_name => {
            Judged { change: None, missing: None }
        }
        (_, Some(Err(NotRead { why, .. }))) => {
            let summary = format!("a new version of the state, which could not be read: {why}");
            Judged { change: Some(told(time, summary)), missing: Some(why) }
        }
        (_, Some(Ok(newer))) => match &older_missing {
            Some(why) => Judged {
                change: Some(unknown(
                    time,
                    &newer,
                    &format!("the one before could not be read: {why}"),
                )),
                missing: older_missing,
            },
            None => {
                let change = version(comparison, time, &newer, older.as_ref(), keeps);
                Judged { change, missing: None }
            }
        },
    };
    Judged { change: judged.change.map(|change| placed(comparison, change)), ..judged }
}

/// The change with what its key and its version say.
fn placed(comparison: &Comparison, mut change: ChangeRecord) -> ChangeRecord {
    change.system = Some(comparison.key.system());
    change.id = Some(comparison.newer.id.clone());
    change
}

/// A version that holds something.
fn version(
    comparison: &Comparison,
    time: Time,
    newer: &State<'_>,
    older: Option<&State<'_>>,
    keeps: Keeps,
) -> Option<ChangeRecord> {
    let restored =
        older.filter(|older| comparison.after_deletion && newer.is_of_one_lineage_with(older));
    let older = if comparison.after_deletion { restored } else { older };
    if older.is_none() && newer.serial() > FIRST_SERIAL && !comparison.after_deletion {
        return Some(unknown(
            time,
            newer,
            match keeps {
                Keeps::OnlyTheLast => "the bucket keeps no versions",
                Keeps::Versions => {
                    "no older version is there: a lifecycle rule removed it, or the state was moved here"
                }
            },
        ));
    }
    let change = newer.changes_since(older);
    if change.is_nothing() && !comparison.after_deletion {
        return None;
    }
    let mut record = change.into_record(time);
    if comparison.after_deletion {
        let what = match restored {
            Some(_) => "the state was put back after it was deleted",
            None => "the state was made anew after it was deleted",
        };
        record.summary = format!("{what}: {}", record.summary);
    }
    Some(record)
}

/// The serial number with which Terraform begins: `workspace new` writes 0, a first apply 1.
const FIRST_SERIAL: u64 = 1;

/// A version of which only is known that it was written.
fn unknown(time: Time, state: &State<'_>, why: &str) -> ChangeRecord {
    let (serial, instances) = (state.serial(), state.instances());
    let summary = format!(
        "a new version of the state (serial {serial}, {instances} resources); what it changed is not known: {why}"
    );
    told(time, summary)
}

/// A change of which only a sentence is known.
fn told(time: Time, summary: String) -> ChangeRecord {
    let mut record = ChangeRecord::new(time, Source::S3State, Status::Applied, summary);
    record.flags = flags(&Facts::of(&record));
    record
}

/// A state that was deleted: what was in it goes on to exist, and Terraform knows nothing of it.
fn deletion(
    comparison: &Comparison,
    time: Time,
    older: Option<&State<'_>>,
    missing: Option<&str>,
) -> Option<ChangeRecord> {
    Some(match older {
        None if comparison.key.name == Name::Perhaps => return None,
        None => {
            let why = missing.map_or_else(
                || "no older version is there".to_owned(),
                |why| format!("the version before could not be read: {why}"),
            );
            told(time, format!("the state was deleted; what was in it is not known: {why}"))
        }
        Some(older) if older.instances() == 0 => {
            told(time, "the state was deleted; no resource was in it".to_owned())
        }
        Some(older) => {
            let mut record = older.forgotten().into_record(time);
            record.summary = format!(
                "the state was deleted with {} resources in it, which go on to exist and are managed by \
                 nobody (serial {})",
                older.instances(),
                older.serial(),
            );
            // The resources are there, and all that Terraform knew of them is not.
            record.flag(Flag::Destroys);
            record
        }
    })
}

struct NotRead {
    /// Whether it is something else altogether.
    is_no_state: bool,
    why: String,
}

fn read(text: &Text) -> Result<State<'_>, NotRead> {
    let bytes = match text {
        Text::Read(bytes) => bytes,
        Text::Unread(why) => return Err(NotRead { is_no_state: false, why: why.clone() }),
    };
    State::parse(bytes).map_err(|error| NotRead {
        is_no_state: matches!(
            error,
            ReadError::Empty { .. }
                | ReadError::BinaryPlan { .. }
                | ReadError::Compressed { .. }
                | ReadError::Html { .. }
                | ReadError::Utf16 { .. }
                | ReadError::NotJson { .. }
                | ReadError::Other { .. }
                | ReadError::Strange { .. }
        ),
        why: error.to_string(),
    })
}
