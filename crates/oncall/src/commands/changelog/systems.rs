//! Which systems are meant: what was typed, with the sets of the configuration looked up.

use changelog::{ChangeRecord, Paged};
use record::Time;

use crate::config::TargetSet;
use crate::context::Context;

/// The systems that were asked for, and what the configuration knows of all.
#[derive(Debug)]
pub(super) struct Systems {
    /// As they were typed.
    typed: Vec<String>,
    /// Those of the configuration among them.
    sets: Vec<TargetSet>,
    /// All sets that say their environment.
    environments: Vec<TargetSet>,
}

impl Systems {
    pub(super) fn of(typed: &[String], context: &Context) -> Self {
        let known = &context.config().targets;
        let says_it = known.values().filter(|set| set.environment.is_some());
        Self {
            typed: typed.to_vec(),
            sets: typed.iter().filter_map(|name| known.get(name)).cloned().collect(),
            environments: says_it.cloned().collect(),
        }
    }

    /// What was paged, for the ranking and for telling which changes are of it.
    pub(super) fn paged(&self, at: Time, clusters: &[String]) -> Paged {
        let mut paged = Paged { at: Some(at), clusters: clusters.to_vec(), ..Paged::default() };
        let members = self.sets.iter().flat_map(|set| {
            set.services.iter().chain(&set.workspaces).chain(&set.tags).map(String::as_str)
        });
        for name in self.typed.iter().map(String::as_str).chain(members) {
            let (cluster, service) = match name.split_once('/') {
                Some((cluster, service)) => (Some(cluster), service),
                None => (None, name),
            };
            paged.systems.push(service.to_owned());
            paged.clusters.extend(cluster.map(str::to_owned));
        }
        paged.environment = self.sets.iter().find_map(|set| set.environment.clone());
        paged.systems.dedup();
        paged
    }

    /// Whether only some are asked for.
    pub(super) fn is_some(&self) -> bool {
        !self.typed.is_empty()
    }

    /// Says of which environment a change is, where the configuration knows.
    pub(super) fn name_environment(&self, change: &mut ChangeRecord) {
        if change.environment.is_some() {
            return;
        }
        let set = self.environments.iter().find(|set| is_member(change, set));
        change.environment = set.and_then(|set| set.environment.clone());
    }
}

fn is_member(change: &ChangeRecord, set: &TargetSet) -> bool {
    let Some(system) = &change.system else { return false };
    let path = change.cluster.as_ref().map(|cluster| format!("{cluster}/{system}"));
    let has =
        |names: &[String]| names.iter().any(|name| name == system || Some(name) == path.as_ref());
    has(&set.services)
        || has(&set.workspaces)
        || set.tags.iter().any(|tag| change.tags.contains(tag))
}
