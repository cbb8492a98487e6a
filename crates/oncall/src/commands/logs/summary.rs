//! `--summary json`: how a reading went, as a record.

use logs::{FollowCounts, Missing, Summary};
use record::Time;
use serde::Serialize;

use super::reading::{Ended, Ending};
use super::resume::Gone;
use crate::context::Context;
use crate::exit::Exit;

/// How a reading went, as docs/records.md has it.
#[derive(Debug, Serialize)]
pub(crate) struct SummaryRecord {
    time: Time,
    kind: &'static str,
    region: String,
    /// The window: from here, until before that.
    from: Time,
    to: Time,
    records: u64,
    around: u64,
    pages: u64,
    empty_pages: u64,
    without_level: u64,
    late: u64,
    recovered: u64,
    sampled: u64,
    after_guarantee: u64,
    unshaped: u64,
    requests: u64,
    throttled: u64,
    throttled_share: f64,
    retries: u64,
    duration_ms: i64,
    missing: Vec<MissingPart>,
    ended: &'static str,
    complete: bool,
    exit_code: u8,
}

/// A part of the answer that could not be had.
#[derive(Debug, Serialize)]
struct MissingPart {
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    region: String,
    group: String,
    from: Time,
    /// Included.
    to: Time,
    problem: String,
}

impl SummaryRecord {
    /// What there is to say of a reading that ends now.
    pub(crate) fn new(
        summary: &Summary,
        gone: &[Gone],
        doors: &aws::Doors,
        ended: Ended,
        exit: Exit,
        context: &Context,
    ) -> Self {
        let usage = doors.usage();
        let now = Time::from(context.now().timestamp());
        let FollowCounts { late, recovered, sampled, after_guarantee } = summary.follow;
        let gone = gone.iter().map(|part| MissingPart {
            profile: part.group.profile.clone(),
            region: part.group.region.clone(),
            group: part.group.name.clone(),
            from: part.first,
            to: part.last,
            problem: part.problem(),
        });
        let missing =
            summary.missing.iter().map(|Missing { group, first, last, cause }| MissingPart {
                profile: group.profile.clone(),
                region: group.region.clone(),
                group: group.name.clone(),
                from: *first,
                to: *last,
                problem: cause.to_string(),
            });
        let missing: Vec<MissingPart> = gone.chain(missing).collect();
        let interrupted = ended.ending == Ending::Interrupted;
        Self {
            time: now,
            kind: "summary",
            region: doors.regions().join(","),
            from: ended.window.start.into(),
            to: if ended.follows { now } else { ended.window.end.into() },
            records: match ended.ending {
                Ending::Enough { printed } => printed,
                _ => summary.records,
            },
            around: summary.around,
            pages: summary.pages,
            empty_pages: summary.empty_pages,
            without_level: summary.without_level,
            late,
            recovered,
            sampled,
            after_guarantee,
            unshaped: context.unshaped(),
            requests: usage.requests,
            throttled: usage.throttled,
            throttled_share: share(usage.throttled, usage.requests),
            retries: usage.retried,
            duration_ms: context.elapsed_ms(),
            complete: missing.is_empty() && context.unshaped() == 0 && !interrupted,
            missing,
            ended: match ended.ending {
                Ending::All => "end",
                Ending::Enough { .. } => "enough",
                Ending::Interrupted => "interrupted",
                Ending::TaskStopped { .. } => "task_stopped",
            },
            exit_code: exit.code(),
        }
    }

    /// One JSON object.
    pub(crate) fn json(&self) -> String {
        // Written to memory, this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Of all, with four decimals; 0 of none.
fn share(some: u64, all: u64) -> f64 {
    match all {
        0 => 0.0,
        _ => (some as f64 / all as f64 * 10_000.0).round() / 10_000.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_four_decimals() {
        assert_eq!(share(1, 3), 0.3333);
        assert_eq!(share(0, 0), 0.0);
        assert_eq!(share(7, 7), 1.0);
    }
}
