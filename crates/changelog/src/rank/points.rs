//! Points, counted in tenths, so that the reasons that are printed add up to the score exactly.

use std::cmp::Reverse;

use crate::record::Reason;

/// A number of points in tenths.
pub(super) fn tenths(points: f64) -> i64 {
    (points * 10.0).round() as i64
}

/// The points of one group of rules.
pub(super) struct Group {
    most: i64,
    reasons: Vec<(i64, String)>,
}

impl Group {
    pub(super) fn of_at_most(points: f64) -> Self {
        Self { most: tenths(points), reasons: Vec::new() }
    }

    /// Gives points for a reason; nothing for nothing.
    pub(super) fn give(&mut self, points: f64, reason: impl Into<String>) {
        let points = tenths(points);
        if points > 0 {
            self.reasons.push((points, reason.into()));
        }
    }

    /// Whether it has any reason.
    pub(super) fn gives(&self) -> bool {
        !self.reasons.is_empty()
    }

    /// The reasons, the weightiest first, as far as the group has points for them. Those beyond
    /// stay, for they are true, with no points.
    fn granted(mut self) -> Vec<(i64, String)> {
        self.reasons.sort_by_key(|(points, _)| Reverse(*points));
        let mut left = self.most;
        for (points, _) in &mut self.reasons {
            *points = left.min(*points);
            left -= *points;
        }
        self.reasons
    }
}

/// The points of a change.
#[derive(Default)]
pub(super) struct Points {
    reasons: Vec<(i64, String)>,
}

impl Points {
    pub(super) fn add(&mut self, group: Group) {
        self.reasons.extend(group.granted());
    }

    /// Takes away all but so many percent.
    pub(super) fn mute(&mut self, kept_percent: i64, reason: &str) {
        let taken = self.total() * (100 - kept_percent) / 100;
        if taken > 0 {
            self.reasons.push((-taken, reason.to_owned()));
        }
    }

    fn total(&self) -> i64 {
        self.reasons.iter().map(|(points, _)| points).sum()
    }

    /// The score and its reasons, the weightiest first.
    pub(super) fn into_score(mut self) -> (f64, Vec<Reason>) {
        let score = self.total() as f64 / 10.0;
        self.reasons.sort_by_key(|(points, _)| Reverse(*points));
        let reasons = self.reasons.into_iter();
        let reasons =
            reasons.map(|(points, reason)| Reason { reason, points: points as f64 / 10.0 });
        (score, reasons.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_gives_no_more_than_it_has_and_to_the_weightiest_first() {
        let mut group = Group::of_at_most(5.0);
        group.give(1.0, "third");
        group.give(3.0, "first");
        group.give(0.0, "nothing");
        group.give(2.5, "second");
        let granted = group.granted();
        assert_eq!(
            granted,
            [(30, "first".to_owned()), (20, "second".to_owned()), (0, "third".to_owned())]
        );
    }

    #[test]
    fn what_is_muted_is_a_reason_too_and_all_of_them_are_the_score() {
        let mut group = Group::of_at_most(50.0);
        group.give(33.3, "x");
        let mut points = Points::default();
        points.add(group);
        points.mute(10, "late");
        let (score, reasons) = points.into_score();
        assert_eq!(score, 3.4);
        assert_eq!(reasons.iter().map(|reason| reason.points).collect::<Vec<_>>(), [33.3, -29.9]);
    }
}
