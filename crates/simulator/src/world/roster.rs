//! The roster: who has a name, and what a cluster holds, in the order in which listings have it.
//!
//! It is made once, so that a fleet of thousands is asked as quickly as one of ten.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use super::World;
use super::fleet::Task;
use super::scenario::Scenario;

#[derive(Debug, Default)]
pub(crate) struct Roster {
    clusters: HashMap<String, usize>,
    members: Vec<Members>,
    /// By task: its turn among the tasks that its host ever has.
    turns: Vec<usize>,
}

/// What is in one cluster.
#[derive(Debug, Default)]
struct Members {
    services: BTreeMap<String, usize>,
    /// By id.
    tasks: Vec<usize>,
    /// By id.
    hosts: BTreeMap<String, u32>,
}

impl Roster {
    /// The roster of a world whose tasks have been played. What is about hosts is added by [`World::enrol_hosts`],
    /// since their ids and what runs on them follow from the world.
    pub(super) fn new(scenario: &Scenario, tasks: &[Task]) -> Roster {
        let mut roster = Roster::default();
        for (index, cluster) in scenario.clusters.iter().enumerate() {
            roster.clusters.insert(cluster.name.clone(), index);
            roster.members.push(Members::default());
        }
        for (index, service) in scenario.services.iter().enumerate() {
            roster.members[service.cluster].services.insert(service.name.clone(), index);
        }
        for (index, task) in tasks.iter().enumerate() {
            roster.members[scenario.services[task.service].cluster].tasks.push(index);
        }
        for members in &mut roster.members {
            members.tasks.sort_by(|left, right| tasks[*left].id.cmp(&tasks[*right].id));
        }
        roster
    }
}

/// Everything behind a name, or everything.
fn behind(after: Option<&str>) -> (Bound<&str>, Bound<&str>) {
    (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}

impl World {
    pub(super) fn enrol_hosts(&mut self) {
        for cluster in 0..self.scenario.clusters.len() {
            let hosts = (0..self.scenario.clusters[cluster].hosts)
                .map(|host| (self.instance_id(cluster, host), host))
                .collect();
            self.roster.members[cluster].hosts = hosts;
        }
        let mut seen: HashMap<(usize, u32), usize> = HashMap::new();
        let turn = |task: &Task| {
            let host = self.host_of(task)?;
            let turns =
                seen.entry((self.scenario.services[task.service].cluster, host)).or_default();
            *turns += 1;
            Some(*turns - 1)
        };
        self.roster.turns = self.tasks.iter().map(turn).map(Option::unwrap_or_default).collect();
    }

    /// A task's turn among the tasks that its host ever has: no two of them have the same.
    pub(crate) fn turn_of(&self, task: usize) -> usize {
        self.roster.turns[task]
    }

    pub(crate) fn cluster_named(&self, name: &str) -> Option<usize> {
        self.roster.clusters.get(name).copied()
    }

    pub(crate) fn service_named(&self, cluster: usize, name: &str) -> Option<usize> {
        self.roster.members[cluster].services.get(name).copied()
    }

    pub(crate) fn host_with_id(&self, cluster: usize, id: &str) -> Option<u32> {
        self.roster.members[cluster].hosts.get(id).copied()
    }

    /// The services of a cluster by name, those behind a name if one is given.
    pub(crate) fn services_of(
        &self,
        cluster: usize,
        after: Option<&str>,
    ) -> impl Iterator<Item = usize> + '_ {
        let services = &self.roster.members[cluster].services;
        services.range::<str, _>(behind(after)).map(|(_, service)| *service)
    }

    /// The tasks that a cluster ever has by id, those behind an id if one is given.
    pub(crate) fn tasks_of(
        &self,
        cluster: usize,
        after: Option<&str>,
    ) -> impl Iterator<Item = usize> + '_ {
        let tasks = &self.roster.members[cluster].tasks;
        let from = after.map_or(0, |after| {
            tasks.partition_point(|task| self.tasks[*task].id.as_str() <= after)
        });
        tasks[from..].iter().copied()
    }

    /// The hosts of a cluster by id, those behind an id if one is given.
    pub(crate) fn hosts_of(
        &self,
        cluster: usize,
        after: Option<&str>,
    ) -> impl Iterator<Item = u32> + '_ {
        let hosts = &self.roster.members[cluster].hosts;
        hosts.range::<str, _>(behind(after)).map(|(_, host)| *host)
    }
}
