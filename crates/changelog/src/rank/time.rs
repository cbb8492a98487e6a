//! How long before the page.

use ::record::Time;

use super::points::Group;
use super::{KEPT_LONG_AFTER, MOST_FOR_TIME, Paged};
use crate::record::ChangeRecord;

/// In so many minutes the points for the time become half of what they were.
pub(super) const HALF_EVERY_MINUTES: f64 = 60.0;

/// A change of the last hours is not old.
pub(super) const OLD_AFTER_MINUTES: f64 = 120.0;
/// In so many minutes more, half of what an old change has is taken away.
pub(super) const OLD_HALF_EVERY_MINUTES: f64 = 720.0;

pub(super) fn points(change: &ChangeRecord, paged: &Paged) -> Group {
    let mut group = Group::of_at_most(MOST_FOR_TIME);
    if let Some(page) = paged.at
        && let Some(minutes) = minutes_before(change, page)
    {
        let points = MOST_FOR_TIME * 0.5_f64.powf(minutes / HALF_EVERY_MINUTES);
        group.give(points, format!("{} before", spelled(minutes)));
    }
    group
}

/// Whether all of it took effect after the page. A run that ended after it and began before it
/// may well have caused it.
pub(super) fn is_after(change: &ChangeRecord, paged: &Paged) -> bool {
    paged.at.is_some_and(|page| minutes_before(change, page).is_none())
}

/// How much stays of the score of a change that is so old, in percent: all of a recent one's.
pub(super) fn kept_of_old(change: &ChangeRecord, paged: &Paged) -> i64 {
    let minutes = paged.at.and_then(|page| minutes_before(change, page)).unwrap_or(0.0);
    let halvings = (minutes - OLD_AFTER_MINUTES).max(0.0) / OLD_HALF_EVERY_MINUTES;
    ((100.0 * 0.5_f64.powf(halvings)) as i64).max(KEPT_LONG_AFTER)
}

/// Minutes from the last moment of it that is not after the page until the page.
fn minutes_before(change: &ChangeRecord, page: Time) -> Option<f64> {
    let last = change.moments().filter(|moment| *moment <= page).max()?;
    Some(page.millis().saturating_sub(last.millis()) as f64 / 60_000.0)
}

/// `45 minutes`, in the unit that matters.
pub(super) fn spelled(minutes: f64) -> String {
    let whole = minutes.round() as u64;
    match whole {
        0 => "less than a minute".to_owned(),
        1 => "a minute".to_owned(),
        2..120 => format!("{whole} minutes"),
        120..2_880 => format!("{} hours", whole / 60),
        _ => format!("{} days", whole / 1_440),
    }
}
