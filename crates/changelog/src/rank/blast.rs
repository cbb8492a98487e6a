//! How much a change can break.

use std::collections::BTreeMap;

use super::MOST_FOR_BLAST;
use super::kind::{Kind, brings_code, is_made_of_revisions, kind, scales_only};
use super::points::Group;
use crate::record::{Action, ChangeRecord, Counts, ResourceChange, Source};

/// Something is destroyed.
pub(super) const DESTROY: f64 = 10.0;
/// Something is destroyed and made anew.
pub(super) const REPLACE: f64 = 8.0;
/// Something is changed in place, or gets a new revision.
pub(super) const UPDATE: f64 = 4.0;
/// Something is made.
pub(super) const CREATE: f64 = 1.0;
/// Other code runs after it.
pub(super) const CODE: f64 = 6.0;
/// It is a daemon: a task on every host, beside everything.
pub(super) const DAEMON: f64 = 8.0;
/// It is in one cluster more.
pub(super) const ANOTHER_CLUSTER: f64 = 4.0;
/// The most for how many resources it touches, and for how many tasks it has.
pub(super) const MANY: f64 = 4.0;
/// All that it gets when only numbers of tasks or hosts change.
pub(super) const ONLY_NUMBERS: f64 = 2.0;

pub(super) fn points(change: &ChangeRecord) -> Group {
    let mut group = Group::of_at_most(MOST_FOR_BLAST);
    let touched: Vec<&ResourceChange> =
        change.resources.iter().filter(|resource| touches(resource.action)).collect();
    if !touched.is_empty() && touched.iter().all(|resource| scales_only(resource)) {
        group.give(ONLY_NUMBERS, "it changes only how many run, not what");
        return group;
    }
    worst(change, &touched, &mut group);
    kinds(&touched, &mut group);
    if touched.iter().any(|resource| brings_code(resource)) || is_deployment(change) {
        group.give(CODE, "other code runs since");
    }
    fleet(change, &mut group);
    group
}

/// What it does that is hardest to undo, and to how many resources at once.
fn worst(change: &ChangeRecord, touched: &[&ResourceChange], group: &mut Group) {
    let (destroyed, replaced, updated, created) = if touched.is_empty() {
        let Counts { add, change, destroy, replace, .. } = change.counts;
        (destroy.saturating_sub(replace), replace, change, add.saturating_sub(replace))
    } else {
        let count = |wanted: Action, revisions: bool| {
            let is = |resource: &&&ResourceChange| {
                resource.action == wanted && is_made_of_revisions(resource) == revisions
            };
            touched.iter().filter(is).count() as u64
        };
        let both = |wanted| count(wanted, false) + count(wanted, true);
        let updated = both(Action::Update) + count(Action::Replace, true);
        (both(Action::Delete), count(Action::Replace, false), updated, both(Action::Create))
    };
    let acts = [
        (destroyed, DESTROY, "destroys"),
        (replaced, REPLACE, "replaces"),
        (updated, UPDATE, "changes"),
        (created, CREATE, "makes"),
    ];
    let listed: u64 = acts.iter().map(|(count, ..)| count).sum();
    let all = listed.saturating_add(change.resources_left_out);
    if let Some((count, points, act)) = acts.into_iter().find(|(count, ..)| *count > 0) {
        let more = match all - count {
            0 => String::new(),
            more => format!(", and touches {more} more"),
        };
        group.give(points + many(all), format!("it {act} {}{more}", resources(count)));
    }
}

/// Each kind of resource that it touches, with the type that shows it. What is only made breaks
/// little.
fn kinds(touched: &[&ResourceChange], group: &mut Group) {
    let mut kinds: BTreeMap<Kind, (f64, &str)> = BTreeMap::new();
    for resource in touched {
        let Some(kind) = kind(resource) else { continue };
        let share = if resource.action == Action::Create { 0.3 } else { 1.0 };
        let found = kinds.entry(kind).or_insert((0.0, &resource.address));
        if share > found.0 {
            *found = (share, &resource.address);
        }
    }
    for (kind, (share, address)) in kinds {
        group.give(kind.weight() * share, format!("{}: {address}", kind.says()));
    }
}

fn fleet(change: &ChangeRecord, group: &mut Group) {
    if let Some(reach) = &change.reach {
        if reach.daemon {
            group.give(DAEMON, "a task of it runs on every host, beside everything else");
        }
        group.give(many(reach.tasks), format!("{} tasks of it run", reach.tasks));
    }
    let clusters = change.clusters();
    if clusters.len() > 1 {
        let points = ANOTHER_CLUSTER * (clusters.len() - 1) as f64;
        group
            .give(points, format!("it is in {} clusters: {}", clusters.len(), clusters.join(", ")));
    }
}

fn touches(action: Action) -> bool {
    !matches!(action, Action::Read | Action::Move | Action::Import)
}

/// Whether it is a deployment of a version, which ECS says without a list of resources.
fn is_deployment(change: &ChangeRecord) -> bool {
    let is_ecs = change.source == Source::Ecs && change.resources.is_empty();
    is_ecs || change.steps.iter().any(|step| step.source == Source::Ecs)
}

/// A point more for each doubling: the step from 1 to 2 tells more than that from 100 to 101.
fn many(count: u64) -> f64 {
    (count.max(1) as f64).log2().min(MANY)
}

fn resources(count: u64) -> String {
    format!("{count} {}", if count == 1 { "resource" } else { "resources" })
}
