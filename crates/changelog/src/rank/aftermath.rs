//! What became of a change: the honest sign that it is to blame is that what it brought does not
//! live.

use super::points::Group;
use super::time::spelled;
use super::{MOST_FOR_AFTERMATH, Paged};
use crate::aftermath::Aftermath;
use crate::record::{ChangeRecord, Status};

/// One of the tasks that it brought died, or did not start.
pub(super) const LOST_ONE: f64 = 8.0;
/// As much again, when it lost as many tasks as it is to have.
pub(super) const LOST_ALL: f64 = 8.0;
/// It stopped half way.
pub(super) const PARTIAL: f64 = 12.0;
/// It is not done yet.
pub(super) const IN_FLIGHT: f64 = 6.0;
/// Deaths count half so many minutes after the last of them: what died in the morning is no sign
/// at night.
pub(super) const HALF_EVERY_MINUTES: f64 = 30.0;

pub(super) fn points(change: &ChangeRecord, paged: &Paged) -> Group {
    let mut group = Group::of_at_most(MOST_FOR_AFTERMATH);
    if let Some(aftermath) = &change.aftermath
        && aftermath.lost() > 0
    {
        let share = match change.reach.as_ref().map(|reach| reach.tasks) {
            Some(tasks) if tasks > 0 => (aftermath.lost() as f64 / tasks as f64).min(1.0),
            // Nobody knows of how many: ten are as good as all.
            _ => (aftermath.lost() as f64 / 10.0).min(1.0),
        };
        let points = (LOST_ONE + LOST_ALL * share) * freshness(change, aftermath, paged);
        group.give(points, lost(change, aftermath));
    }
    if change.status == Status::Partial {
        group.give(PARTIAL, "it stopped half way");
    }
    let rolls_out = change.aftermath.as_ref().is_some_and(Aftermath::is_rolling_out);
    if change.status == Status::InFlight || rolls_out {
        group.give(IN_FLIGHT, "it is not done yet");
    }
    group
}

/// Whether something of it can still be seen: it is under way, or tasks that it brought died not
/// long before the page.
pub(super) fn goes_on(change: &ChangeRecord, paged: &Paged) -> bool {
    let dies = |aftermath: &Aftermath| {
        aftermath.is_rolling_out()
            || (aftermath.lost() > 0 && freshness(change, aftermath, paged) >= 0.5)
    };
    change.status == Status::InFlight || change.aftermath.as_ref().is_some_and(dies)
}

/// 1 while tasks die or a rollout fails, less with each minute from the last death to the page.
/// Failures to start have no time of their own: they are as old as the change.
fn freshness(change: &ChangeRecord, aftermath: &Aftermath, paged: &Paged) -> f64 {
    let Some(page) = paged.at.filter(|_| !aftermath.is_rolling_out()) else { return 1.0 };
    let last = aftermath.last_death.unwrap_or_else(|| change.last_moment());
    let minutes = page.millis().saturating_sub(last.millis()).max(0) as f64 / 60_000.0;
    0.5_f64.powf(minutes / HALF_EVERY_MINUTES)
}

/// `63 of its tasks died, the first 15 minutes after it: OutOfMemoryError`
fn lost(change: &ChangeRecord, aftermath: &Aftermath) -> String {
    let mut said = Vec::new();
    if aftermath.deaths > 0 {
        said.push(format!("{} of its tasks died", aftermath.deaths));
    }
    if let Some(first) = aftermath.first_death {
        let millis = first.millis().saturating_sub(change.first_moment().millis()).max(0);
        said.push(format!("the first {} after it", spelled(millis as f64 / 60_000.0)));
    }
    if aftermath.failed_tasks > 0 {
        said.push(format!("{} did not start", aftermath.failed_tasks));
    }
    let said = said.join(", ");
    match &aftermath.death_reason {
        Some(reason) => format!("{said}: {reason}"),
        None => said,
    }
}
