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

    /// What was paged, for the ranking.
    pub(super) fn paged(&self, at: Time, clusters: &[String]) -> Paged {
        let mut paged = Paged { at: Some(at), clusters: clusters.to_vec(), ..Paged::default() };
        for (cluster, name) in self.each() {
            paged.systems.push(name.to_owned());
            paged.clusters.extend(cluster.map(str::to_owned));
        }
        paged.environment = self.sets.iter().find_map(|set| set.environment.clone());
        paged
    }

    /// Whether a change is of one of them.
    pub(super) fn concern(&self, change: &ChangeRecord) -> bool {
        self.each().any(|(cluster, name)| {
            let one = Paged {
                systems: vec![name.to_owned()],
                clusters: cluster.map(str::to_owned).into_iter().collect(),
                ..Paged::default()
            };
            changelog::concerns(change, &one)
        })
    }

    /// Each name, with its cluster where it says one: what was typed, and the members of its sets.
    fn each(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        let members = self.sets.iter().flat_map(|set| {
            let services = set.services.iter().map(|name| without_profile(name));
            services.chain(set.workspaces.iter().chain(&set.tags).map(String::as_str))
        });
        let typed = self.typed.iter().map(|name| without_kind(name));
        typed.chain(members).map(|name| match name.split_once('/') {
            Some((cluster, service)) => (Some(cluster), service),
            None => (None, name),
        })
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
    let is_it = |name: &str| name == system || Some(name) == path.as_deref();
    set.services.iter().any(|name| is_it(without_profile(name)))
        || set.workspaces.iter().any(|name| is_it(name))
        || set.tags.iter().any(|tag| change.tags.contains(tag))
}

/// `prod/api` of `staging:prod/api`: a service of a set may say its profile.
fn without_profile(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, service)| service)
}

/// `service:check` is a service that is called like a verb.
fn without_kind(name: &str) -> &str {
    name.strip_prefix("service:").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use changelog::{Source, Status};

    use super::*;

    fn ledger() -> TargetSet {
        TargetSet {
            services: vec!["staging:prod/txn-writer".to_owned()],
            workspaces: vec!["ledger-prod".to_owned()],
            tags: vec!["team:ledger".to_owned()],
            environment: Some("prod".to_owned()),
            ..TargetSet::default()
        }
    }

    fn systems(typed: &[&str]) -> Systems {
        let typed = typed.iter().map(|name| (*name).to_owned()).collect();
        Systems { typed, sets: vec![ledger()], environments: vec![ledger()] }
    }

    #[test]
    fn a_set_is_its_members_and_their_clusters() {
        let paged = systems(&["ledger", "service:check"]).paged(Time::from_millis(0), &[]);
        let wanted = ["ledger", "check", "txn-writer", "ledger-prod", "team:ledger"];
        assert_eq!(paged.systems, wanted);
        assert_eq!(paged.clusters, ["prod"]);
        assert_eq!(paged.environment.as_deref(), Some("prod"));
    }

    #[test]
    fn the_cluster_of_one_name_says_nothing_about_another() {
        let systems = Systems {
            typed: vec!["prod/api".to_owned(), "web".to_owned()],
            sets: Vec::new(),
            environments: Vec::new(),
        };
        let is_of = |cluster: &str, system: &str| {
            let time = Time::from_millis(0);
            let mut change = ChangeRecord::new(time, Source::Ecs, Status::Applied, "x");
            change.cluster = Some(cluster.to_owned());
            change.system = Some(system.to_owned());
            systems.concern(&change)
        };
        assert!(is_of("prod", "api") && is_of("edge", "web") && is_of("prod", "web"));
        assert!(!is_of("edge", "api") && !is_of("prod", "other"));
    }

    #[test]
    fn a_change_of_a_member_is_of_the_environment_of_its_set() {
        let named = |edit: fn(&mut ChangeRecord)| {
            let time = Time::from_millis(0);
            let mut change = ChangeRecord::new(time, Source::Ecs, Status::Applied, "x");
            change.system = Some("other".to_owned());
            edit(&mut change);
            systems(&[]).name_environment(&mut change);
            change.environment
        };
        let prod = Some("prod".to_owned());
        assert_eq!(named(|_| {}), None);
        assert_eq!(named(|change| change.system = Some("ledger-prod".to_owned())), prod);
        assert_eq!(named(|change| change.tags = vec!["team:ledger".to_owned()]), prod);
        let of_service = |change: &mut ChangeRecord| {
            change.cluster = Some("prod".to_owned());
            change.system = Some("txn-writer".to_owned());
        };
        assert_eq!(named(of_service), prod);
    }
}
