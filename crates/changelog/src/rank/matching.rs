//! How well a change matches what was paged.

use super::points::Group;
use super::{MOST_FOR_MATCH, Paged};
use crate::names::{given_names, mentions, same};
use crate::record::ChangeRecord;

/// It is the system that was paged, or a member of it.
pub(super) const SYSTEM: f64 = 20.0;
/// It is a daemon on the hosts that the paged system runs on: nothing there is without it.
pub(super) const DAEMON_BESIDE: f64 = 12.0;
/// One of its resources has the name of the system.
pub(super) const RESOURCE: f64 = 12.0;
/// Its workspace, project or tags name the system.
pub(super) const WORKSPACE: f64 = 10.0;
/// It is in the cluster of the system.
pub(super) const CLUSTER: f64 = 6.0;
/// Its summary names the system.
pub(super) const SUMMARY: f64 = 5.0;
/// It says a word of the page.
pub(super) const WORD: f64 = 4.0;
/// It is in the environment of the system.
pub(super) const ENVIRONMENT: f64 = 3.0;

pub(super) fn points(change: &ChangeRecord, paged: &Paged) -> Group {
    let mut group = Group::of_at_most(MOST_FOR_MATCH);
    system(change, paged, &mut group);
    cluster(change, paged, &mut group);
    if let Some(word) = paged.words.iter().find(|word| says(change, word)) {
        group.give(WORD, format!("it says {word}"));
    }
    if let (Some(its), Some(paged)) = (&change.environment, &paged.environment)
        && same(its, paged)
    {
        group.give(ENVIRONMENT, format!("it is in {its}"));
    }
    group
}

/// Whether a change is of one of the systems, or names one. What only happened beside them is not.
pub fn concerns(change: &ChangeRecord, paged: &Paged) -> bool {
    let clusters = change.clusters();
    let elsewhere = !paged.clusters.is_empty()
        && !clusters.is_empty()
        && !clusters.iter().any(|cluster| paged.clusters.iter().any(|paged| paged == cluster));
    let mut group = Group::of_at_most(MOST_FOR_MATCH);
    system(change, paged, &mut group);
    !elsewhere && group.gives()
}

/// The best match to one of the systems; one change is no better for matching two of them.
fn system(change: &ChangeRecord, paged: &Paged, group: &mut Group) {
    let steps = change.steps.iter().filter_map(|step| step.system.as_ref());
    let own: Vec<&String> = change.system.iter().chain(steps).collect();
    let find = |matches: &dyn Fn(&str) -> bool| paged.systems.iter().find(|name| matches(name));

    if let Some(name) = find(&|name| own.iter().any(|system| same(system, name))) {
        group.give(SYSTEM, format!("it is of {name}"));
        return;
    }
    let names: Vec<String> =
        change.resources.iter().flat_map(|resource| given_names(&resource.address)).collect();
    if let Some(name) = find(&|name| names.iter().any(|given| mentions(given, name))) {
        group.give(RESOURCE, format!("a resource has the name {name}"));
        return;
    }
    let place: Vec<&String> = own.into_iter().chain(&change.project).chain(&change.tags).collect();
    if let Some(name) = find(&|name| place.iter().any(|text| mentions(text, name))) {
        group.give(WORKSPACE, format!("its workspace, project or tags name {name}"));
    } else if let Some(name) = find(&|name| mentions(&change.summary, name)) {
        group.give(SUMMARY, format!("its summary names {name}"));
    }
}

fn cluster(change: &ChangeRecord, paged: &Paged, group: &mut Group) {
    let mut clusters = change.clusters().into_iter();
    let Some(cluster) = clusters.find(|cluster| paged.clusters.iter().any(|it| it == cluster))
    else {
        return;
    };
    if change.reach.as_ref().is_some_and(|reach| reach.daemon) {
        group.give(
            DAEMON_BESIDE,
            format!("it runs on every host of {cluster}, beside what was paged"),
        );
    } else {
        group.give(CLUSTER, format!("it is in cluster {cluster}"));
    }
}

fn says(change: &ChangeRecord, word: &str) -> bool {
    let resources = change.resources.iter().map(|resource| &resource.address);
    let texts = [&change.summary].into_iter().chain(&change.system).chain(&change.tags);
    texts.chain(resources).any(|text| mentions(text, word))
}

impl ChangeRecord {
    /// The clusters that it and its steps are in, each once.
    pub(crate) fn clusters(&self) -> Vec<&str> {
        let steps = self.steps.iter().filter_map(|step| step.cluster.as_deref());
        let mut clusters: Vec<&str> = self.cluster.as_deref().into_iter().chain(steps).collect();
        clusters.sort_unstable();
        clusters.dedup();
        clusters
    }
}
