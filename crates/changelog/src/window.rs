//! Which changes a window has: those that took effect in it, and those under way.

use ::record::Time;

use crate::record::{ChangeRecord, Status};

/// From a moment until before another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first moment that is in it.
    pub since: Time,
    /// The first that is not any more.
    pub until: Time,
}

impl Window {
    /// Whether a moment is in it.
    pub fn has(&self, time: Time) -> bool {
        (self.since..self.until).contains(&time)
    }

    /// Whether a change took effect in it: at its time, or while it was made, or in one of its
    /// steps. One that began before it and is still in flight goes on in it.
    pub fn has_effect_of(&self, change: &ChangeRecord) -> bool {
        let (first, last) = (change.first_moment(), change.last_moment());
        let overlaps = first < self.until && last >= self.since;
        overlaps || (change.is_in_flight() && first < self.until)
    }
}

/// Minutes from a change until the moment asked about, with one decimal; negative after it.
pub fn before_minutes(change: &ChangeRecord, around: Time) -> f64 {
    let minutes = (around.millis() as f64 - change.time.millis() as f64) / 60_000.0;
    // Adding zero makes of a negative zero a plain one.
    (minutes * 10.0).round() / 10.0 + 0.0
}

impl ChangeRecord {
    /// Whether it is under way, or waits for somebody.
    pub fn is_in_flight(&self) -> bool {
        matches!(self.status, Status::InFlight | Status::AwaitingConfirmation)
    }

    /// When the first of it took effect.
    pub fn first_moment(&self) -> Time {
        self.moments().min().unwrap_or(self.time)
    }

    /// When the last of it took effect, as far as is known.
    pub fn last_moment(&self) -> Time {
        self.moments().max().unwrap_or(self.time)
    }

    /// Every moment at which a part of it took effect.
    pub(crate) fn moments(&self) -> impl Iterator<Item = Time> + '_ {
        let steps = self.steps.iter().map(|step| step.time);
        self.own_moments().chain(steps)
    }

    /// The same without its steps.
    pub(crate) fn own_moments(&self) -> impl Iterator<Item = Time> + '_ {
        let resources = self.resources.iter().filter_map(|resource| resource.time);
        std::iter::once(self.time).chain(self.began).chain(resources)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::Source;

    const WINDOW: Window =
        Window { since: Time::from_millis(1_000), until: Time::from_millis(2_000) };

    fn at(millis: i64) -> ChangeRecord {
        ChangeRecord::new(Time::from_millis(millis), Source::Ecs, Status::Applied, "x")
    }

    #[test]
    fn a_window_has_its_first_moment_and_not_its_last() {
        let asked = [999, 1_000, 1_999, 2_000].map(|millis| WINDOW.has_effect_of(&at(millis)));
        assert_eq!(asked, [false, true, true, false]);
    }

    #[test]
    fn a_run_that_began_in_it_is_in_it_although_it_was_done_later() {
        let mut run = at(2_500);
        assert!(!WINDOW.has_effect_of(&run));
        run.began = Some(Time::from_millis(1_500));
        assert!(WINDOW.has_effect_of(&run));
        run.began = Some(Time::from_millis(500));
        assert!(WINDOW.has_effect_of(&run), "it was made all through the window");
    }

    #[test]
    fn what_began_before_it_and_is_in_flight_is_in_it() {
        let mut deployment = at(10);
        assert!(!WINDOW.has_effect_of(&deployment));
        deployment.status = Status::InFlight;
        assert!(WINDOW.has_effect_of(&deployment));
        deployment.time = Time::from_millis(2_000);
        assert!(!WINDOW.has_effect_of(&deployment), "it had not begun");
    }

    #[test]
    fn minutes_are_counted_back_from_the_page() {
        let page = Time::from_millis(3_600_000);
        assert_eq!(before_minutes(&at(900_000), page), 45.0);
        assert_eq!(before_minutes(&at(3_780_000), page), -3.0);
        assert!(before_minutes(&at(3_600_001), page).is_sign_positive());
    }

    proptest! {
        #[test]
        fn a_wider_window_never_loses_a_change(
            time in 0i64..100, began in proptest::option::of(0i64..100), flies: bool,
            since in 0i64..100, length in 0i64..50, wider in 0i64..50,
        ) {
            let mut change = at(time);
            change.began = began.map(|began| Time::from_millis(began.min(time)));
            if flies {
                change.status = Status::InFlight;
            }
            let window = |since, until| Window { since: Time::from_millis(since), until: Time::from_millis(until) };
            if window(since, since + length).has_effect_of(&change) {
                prop_assert!(window(since - wider, since + length + wider).has_effect_of(&change));
            }
        }
    }
}
