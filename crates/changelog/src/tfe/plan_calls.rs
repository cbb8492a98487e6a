//! Which calls find what changed: when to stop turning pages, and what they cannot have found (pure).

use std::collections::HashSet;

use ::record::Time;

use super::shapes::{Effect, Run, Workspace};
use crate::window::Window;

/// Runs that were created up to so long before the window are found by the list itself. Those that waited for
/// longer are found by their workspaces.
const SLACK_MS: i64 = 60 * 60 * 1000;

/// From when on everything is known, where the list was read back to runs that were created at a moment:
/// those that were created before it took effect within the slack, or their workspaces know them.
pub(super) fn known_from(created: Time) -> Time {
    Time::from_millis(created.millis().saturating_add(SLACK_MS))
}

/// Turning the pages of the runs of an organisation, newest first.
///
/// The list takes no time: pages are read until a run is older than the window. That the newest come first is
/// not documented, so it is looked at: from the first page that breaks it on, only the last page is the end.
#[derive(Clone, Debug)]
pub(super) struct Paging {
    /// Runs that were created before this are not wanted.
    oldest_wanted: Time,
    most_pages: u32,
    pages: u32,
    oldest_seen: Option<Time>,
    is_in_order: bool,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask for this page, counted from 1.
    Ask(u32),
    /// Enough was read.
    Enough(Coverage),
}

/// How much of the window was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coverage {
    /// All of it.
    Whole,
    /// Reading was cut short.
    Cut {
        /// Of the runs that were created before this, some may be missing; of all times, when it is not known.
        before: Option<Time>,
    },
}

impl Paging {
    /// For the runs of a window that begins at `since`, with at most so many pages.
    pub(super) fn new(since: Time, most_pages: u32) -> Self {
        Self::down_to(Time::from_millis(since.millis().saturating_sub(SLACK_MS)), most_pages)
    }

    /// For a list in which what was created before this is not wanted.
    pub(super) fn down_to(oldest_wanted: Time, most_pages: u32) -> Self {
        Self {
            oldest_wanted,
            most_pages: most_pages.max(1),
            pages: 0,
            oldest_seen: None,
            is_in_order: true,
        }
    }

    /// The first page.
    pub(super) fn first(&self) -> u32 {
        1
    }

    /// What can be said of the window when the next page cannot be had.
    pub(super) fn broken_off(&self) -> Coverage {
        Coverage::Cut { before: self.oldest_seen.filter(|_| self.is_in_order) }
    }

    /// From when on everything is known by now; nothing while the order of the list cannot be trusted.
    pub(super) fn reached(&self) -> Option<Time> {
        self.oldest_seen.filter(|_| self.is_in_order).map(known_from)
    }

    /// A page came: when its runs were created, in its order, and which page is the next.
    pub(super) fn saw(
        &mut self,
        created: impl IntoIterator<Item = Option<Time>>,
        next: Option<u32>,
    ) -> Step {
        self.pages += 1;
        // While pages are turned new runs push old ones back, so that a page may begin with what was seen.
        let mut previous: Option<Time> = None;
        for created in created.into_iter().flatten() {
            self.is_in_order &= previous.is_none_or(|previous| created <= previous);
            previous = Some(created);
            self.oldest_seen = Some(self.oldest_seen.map_or(created, |oldest| oldest.min(created)));
        }
        let is_past = previous.is_some_and(|last| last < self.oldest_wanted);
        match next {
            None => Step::Enough(Coverage::Whole),
            Some(_) if self.is_in_order && is_past => Step::Enough(Coverage::Whole),
            Some(_) if self.pages >= self.most_pages => Step::Enough(self.broken_off()),
            Some(next) => Step::Ask(next),
        }
    }
}

/// The second pass: the current runs of workspaces that matter to the window and were not in the list, because
/// they were created long before and confirmed late, or still wait.
///
/// A run that was confirmed late and is no longer its workspace's current one cannot be found this way.
pub(super) fn late_runs<'a>(
    seen: &HashSet<&str>,
    workspaces: &'a [Workspace],
    window: Window,
) -> Vec<&'a str> {
    let wanted = workspaces.iter().filter_map(|workspace| {
        let id = workspace.current_run_id.as_deref().filter(|id| !seen.contains(id))?;
        match &workspace.current_run {
            Some(run) => matters(run, window).then_some(id),
            // The answer did not include it: only the run itself can tell.
            None => Some(id),
        }
    });
    wanted.collect()
}

/// Whether a run took effect within a window, or is still about to.
pub(super) fn matters(run: &Run, window: Window) -> bool {
    match run.effect() {
        Effect::None => false,
        Effect::Applying | Effect::Awaiting | Effect::OnItsWay => {
            run.created_at.is_none_or(|created| created < window.until)
        }
        Effect::Applied | Effect::Partial | Effect::Unknown => {
            // What cannot be placed is rather shown.
            run.took_effect_at().is_none_or(|time| window.has(time))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> Time {
        Time::from_millis((1_795_000_000 + minute * 60) * 1000)
    }

    fn hour() -> Window {
        Window { since: at(0), until: at(60) }
    }

    fn page(minutes: &[i64]) -> Vec<Option<Time>> {
        minutes.iter().map(|minute| Some(at(*minute))).collect()
    }

    #[test]
    fn pages_are_turned_until_a_run_is_older_than_the_window_and_its_slack() {
        let mut paging = Paging::new(at(0), 5);
        assert_eq!(paging.first(), 1);
        assert_eq!(paging.saw(page(&[90, 30]), Some(2)), Step::Ask(2));
        assert_eq!(paging.saw(page(&[20, -59]), Some(3)), Step::Ask(3));
        assert_eq!(paging.saw(page(&[-60, -61]), Some(4)), Step::Enough(Coverage::Whole));
    }

    #[test]
    fn the_last_page_is_the_end_and_an_empty_one_too() {
        assert_eq!(Paging::new(at(0), 5).saw(page(&[90]), None), Step::Enough(Coverage::Whole));
        assert_eq!(Paging::new(at(0), 5).saw([], None), Step::Enough(Coverage::Whole));
    }

    #[test]
    fn at_the_most_pages_it_is_said_from_where_on_something_may_be_missing() {
        let mut paging = Paging::new(at(0), 2);
        assert_eq!(paging.saw(page(&[90, 80]), Some(2)), Step::Ask(2));
        let cut = Coverage::Cut { before: Some(at(60)) };
        assert_eq!(paging.saw(page(&[70, 60]), Some(3)), Step::Enough(cut));
    }

    #[test]
    fn a_list_in_another_order_is_read_to_its_end_or_cut_without_a_time() {
        let mut paging = Paging::new(at(0), 2);
        assert_eq!(paging.saw(page(&[-500, 90, -600]), Some(2)), Step::Ask(2));
        let cut = Coverage::Cut { before: None };
        assert_eq!(paging.saw(page(&[-700]), Some(3)), Step::Enough(cut));
    }

    fn run(status: &str, created: i64, applied: Option<i64>) -> Run {
        let times = applied.map(|minute| ("applied-at".to_owned(), at(minute)));
        Run {
            id: format!("run-{created}"),
            status: super::super::RunStatus(status.to_owned()),
            created_at: Some(at(created)),
            status_times: BTreeMap::from_iter(times),
            ..Run::default()
        }
    }

    fn workspace(run: Run, includes: bool) -> Workspace {
        Workspace {
            current_run_id: Some(run.id.clone()),
            current_run: includes.then(|| Box::new(run)),
            ..Workspace::default()
        }
    }

    #[test]
    fn a_run_that_was_confirmed_days_later_is_found_by_its_workspace() {
        let workspaces = [
            workspace(run("applied", -5000, Some(10)), true),
            workspace(run("applied", -4000, Some(-3000)), true),
            workspace(run("planned", -3000, None), true),
            workspace(run("discarded", -2000, None), true),
            workspace(run("applied", 5, Some(6)), true),
            workspace(run("applied", -1000, None), false),
        ];
        let late = late_runs(&HashSet::from(["run-5"]), &workspaces, hour());
        assert_eq!(late, ["run--5000", "run--3000", "run--1000"]);
    }

    #[test]
    fn a_window_is_half_open_and_goes_by_the_time_of_effect() {
        let applied = |minute| run("applied", -90, Some(minute));
        assert!(matters(&applied(0), hour()) && matters(&applied(59), hour()));
        assert!(!matters(&applied(60), hour()) && !matters(&applied(-1), hour()));
        assert!(!matters(&run("planned", 61, None), hour()));
    }

    proptest! {
        #[test]
        fn every_run_of_the_window_is_read_or_the_cut_is_said(
            mut created in prop::collection::vec(-300_i64..100, 0..60),
            size in 1_usize..10,
            most in 1_u32..8,
        ) {
            created.sort_unstable_by(|one, other| other.cmp(one));
            let pages: Vec<&[i64]> = created.chunks(size).collect();
            let mut paging = Paging::new(at(0), most);
            let mut read = Vec::new();
            let mut ask = 1;
            let coverage = loop {
                let runs = pages.get(ask as usize - 1).copied().unwrap_or_default();
                read.extend_from_slice(runs);
                let next = ((ask as usize) < pages.len()).then_some(ask + 1);
                match paging.saw(page(runs), next) {
                    Step::Ask(page) => ask = page,
                    Step::Enough(coverage) => break coverage,
                }
            };
            let before = match coverage {
                Coverage::Whole => None,
                Coverage::Cut { before } => Some(before.expect("it is in order")),
            };
            prop_assert!(ask <= most);
            for minute in created.iter().filter(|minute| **minute >= -60) {
                let is_read = read.iter().filter(|read| *read == minute).count()
                    == created.iter().filter(|other| *other == minute).count();
                prop_assert!(is_read || before.is_some_and(|before| at(*minute) <= before));
            }
            // No page more than it takes: all but the last had something of the window.
            let useful = created.iter().filter(|minute| **minute >= -60).count();
            prop_assert!(ask as usize <= useful / size + 1);
        }
    }
}
