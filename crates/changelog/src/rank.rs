//! Which changes are looked at first: a score of 0 to 100 for each, and the reasons for it.
//!
//! Pure and without a memory: the same change and the same page are the same score. Five groups of
//! rules give points, each group at most so many, and they add up to 100; what cannot have caused
//! the page (it came later, it changed nothing) is muted at the end. The points of the printed
//! reasons are together the score, to the tenth. A group that has no points left still shows its
//! reasons, with none.

mod aftermath;
mod blast;
mod kind;
mod matching;
mod points;
mod time;

use std::cmp::Reverse;

use ::record::Time;

use self::points::{Group, Points};
use crate::merge::in_time;
use crate::record::{ChangeRecord, Reason, Status};

pub(crate) use self::kind::{is_made_of_revisions, resource_type, scales_only};
pub use self::matching::concerns;

/// For how short a time before the page it took effect.
pub const MOST_FOR_TIME: f64 = 20.0;
/// For how well it matches what was paged.
pub const MOST_FOR_MATCH: f64 = 20.0;
/// For how much it can break.
pub const MOST_FOR_BLAST: f64 = 30.0;
/// For what became of it: its tasks die, it is not done, it stopped half way.
pub const MOST_FOR_AFTERMATH: f64 = 20.0;
/// For the flags that it has.
pub const MOST_FOR_FLAGS: f64 = 10.0;

/// What stays of a score, in percent, when all of a change is after the page.
pub const KEPT_AFTER_THE_PAGE: i64 = 10;
/// What stays when it has changed nothing: it failed before, it waits, it is a plan.
pub const KEPT_WITHOUT_EFFECT: i64 = 20;
/// What stays when it was taken back.
pub const KEPT_TAKEN_BACK: i64 = 70;

/// What stays of the score of an old change that nothing is seen of any more, when it is so old
/// that no more is taken away.
pub const KEPT_LONG_AFTER: i64 = 30;

/// What was paged, as far as anybody knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paged {
    /// When. Changes are held against this moment.
    pub at: Option<Time>,
    /// The systems: the name that was asked for, and its members (services, workspaces) where the
    /// configuration names them.
    pub systems: Vec<String>,
    /// The clusters that these run in.
    pub clusters: Vec<String>,
    /// Their environment.
    pub environment: Option<String>,
    /// Other words to look for: of the alarm, of the title of the page.
    pub words: Vec<String>,
}

/// The score of a change, and the reasons for it, the weightiest first.
pub fn score(change: &ChangeRecord, paged: &Paged) -> (f64, Vec<Reason>) {
    let mut points = Points::default();
    points.add(time::points(change, paged));
    points.add(matching::points(change, paged));
    points.add(blast::points(change));
    points.add(aftermath::points(change, paged));
    points.add(flags(change));
    if time::is_after(change, paged) {
        points.mute(KEPT_AFTER_THE_PAGE, "all of it is after the page");
    }
    if !aftermath::goes_on(change, paged) {
        points.mute(time::kept_of_old(change, paged), "it is long ago, and nothing of it shows");
    }
    match change.status {
        Status::Failed | Status::Planned | Status::AwaitingConfirmation => {
            points.mute(KEPT_WITHOUT_EFFECT, "it has changed nothing so far");
        }
        Status::RolledBack => points.mute(KEPT_TAKEN_BACK, "it was taken back"),
        _ => {}
    }
    points.into_score()
}

/// Gives each change its score and its reasons, and puts the weightiest first. Of two with the same
/// score the newer one is first; what is left is ordered by name.
pub fn rank(mut changes: Vec<ChangeRecord>, paged: &Paged) -> Vec<ChangeRecord> {
    for change in &mut changes {
        let (score, reasons) = score(change, paged);
        change.score = Some(score);
        change.reasons = reasons;
    }
    changes.sort_by(|one, other| {
        let score = |change: &ChangeRecord| Reverse(points::tenths(change.score.unwrap_or(0.0)));
        score(one).cmp(&score(other)).then_with(|| in_time(other, one))
    });
    changes
}

fn flags(change: &ChangeRecord) -> Group {
    let mut group = Group::of_at_most(MOST_FOR_FLAGS);
    let mut seen = Vec::new();
    for flag in &change.flags {
        if !seen.contains(flag) {
            group.give(flag.weight(), format!("{}: {}", flag.name(), flag.meaning()));
            seen.push(*flag);
        }
    }
    group
}

/// A rule of the ranking, for the documentation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// What it looks at.
    pub about: &'static str,
    /// The most that it gives, in points.
    pub most: f64,
    /// How it gives them.
    pub how: &'static str,
}

/// The groups of rules, as docs and `--explain` show them.
pub const RULES: [Rule; 5] = [
    Rule {
        about: "time",
        most: MOST_FOR_TIME,
        how: "all of it just before the page, half of it an hour earlier, half of that another hour earlier; nothing after the page",
    },
    Rule {
        about: "match",
        most: MOST_FOR_MATCH,
        how: "the system that was paged or a member of it; a daemon on its hosts; a resource, a workspace, a project, a tag or a summary that names it; its cluster; its environment",
    },
    Rule {
        about: "blast radius",
        most: MOST_FOR_BLAST,
        how: "what it does (destroy, replace, update, create) to what (network, access, names, data, hosts, load balancers), whether it brings new code, on every host, to several clusters, to how many resources and tasks; little when only the number of tasks or hosts changes",
    },
    Rule {
        about: "aftermath",
        most: MOST_FOR_AFTERMATH,
        how: "tasks that it brought died or did not start (the later the last of them, the more), its rollout is not done, it stopped half way",
    },
    Rule { about: "flags", most: MOST_FOR_FLAGS, how: "the weight of each" },
];

#[cfg(test)]
mod incident;
#[cfg(test)]
mod tests;
