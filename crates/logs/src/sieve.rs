//! From the events of a source to the records that are wanted of it.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use aws::Door;
use record::Time;

use crate::cursor::{Arrival, Event};
use crate::event::LogRecord;
use crate::names::StreamNames;
use crate::place::{Group, Owner};
use crate::plan::Source;
use crate::select::{Selection, Verdict};

/// Knows whose the streams of a source are, and what is wanted of them.
#[derive(Debug)]
pub(crate) struct Sieve {
    door: Door,
    group: Arc<Group>,
    owners: BTreeSet<Owner>,
    own_tasks: BTreeSet<String>,
    names: StreamNames,
    /// Tasks that turned out to be of another service.
    foreign_tasks: HashSet<String>,
    selection: Selection,
}

/// What is wanted of some events.
#[derive(Debug, Default)]
pub(crate) struct Sifted {
    pub(crate) records: Vec<LogRecord>,
    /// Left out because they say no level.
    pub(crate) without_level: u64,
}

impl Sieve {
    pub(crate) fn new(door: &Door, source: &Source, selection: &Selection) -> Self {
        Self {
            door: door.clone(),
            group: Arc::new(source.group.clone()),
            owners: source.owners.clone(),
            own_tasks: source.own_tasks.clone(),
            names: StreamNames::new(source.writers.clone()),
            foreign_tasks: HashSet::new(),
            selection: selection.clone(),
        }
    }

    pub(crate) fn group(&self) -> &Arc<Group> {
        &self.group
    }

    pub(crate) async fn sift(&mut self, arrivals: Vec<Arrival>) -> Sifted {
        self.learn_whose_tasks(&arrivals).await;
        let mut sifted = Sifted::default();
        for Arrival { event, late } in arrivals {
            let record = self.record(event, late);
            let task = record.stream.task.as_ref();
            if task.is_some_and(|task| self.foreign_tasks.contains(task)) {
                continue;
            }
            match self.selection.judge(&record) {
                Verdict::Wanted => sifted.records.push(record),
                Verdict::WithoutLevel => sifted.without_level += 1,
                Verdict::Unwanted => {}
            }
        }
        sifted
    }

    /// Other services may write under the same prefix. Tasks that are not known to be a wanted
    /// service's are looked up, once; those that ECS has forgotten are taken for its own.
    async fn learn_whose_tasks(&mut self, arrivals: &[Arrival]) {
        if self.owners.is_empty() {
            return;
        }
        let streams: BTreeSet<&str> =
            arrivals.iter().map(|arrival| arrival.event.stream.as_str()).collect();
        let mut unknown = BTreeSet::new();
        for stream in streams {
            let stream = self.names.stream(stream);
            let own = &self.own_tasks;
            let known = |task: &String| own.contains(task) || self.foreign_tasks.contains(task);
            unknown.extend(stream.task.iter().filter(|task| !known(task)).cloned());
        }
        let owners = self.owners.clone();
        let places: BTreeSet<_> = owners.iter().map(|o| (&o.region, &o.cluster)).collect();
        let unknown: Vec<String> = unknown.into_iter().collect();
        for (region, cluster) in places {
            if unknown.is_empty() {
                break;
            }
            let fleet = ecs::Fleet::new(&self.door, region, None);
            // Without an answer nobody can tell; the prefix is what the service's own definition says.
            let tasks = fleet.tasks(cluster, &unknown).await.unwrap_or_default();
            let of_another = tasks.into_iter().filter(|task| {
                let service = task.service();
                !owners
                    .iter()
                    .any(|o| o.cluster == task.cluster && Some(o.service.as_str()) == service)
            });
            self.foreign_tasks.extend(of_another.map(|task| task.id));
        }
        self.own_tasks.extend(unknown);
    }

    fn record(&mut self, event: Event, late: bool) -> LogRecord {
        LogRecord {
            time: Time::from_millis(event.time),
            ingested: event.ingested.map(Time::from_millis),
            group: Arc::clone(&self.group),
            stream: self.names.stream(&event.stream),
            id: event.id,
            text: event.text,
            repaired: event.repaired,
            late,
        }
    }
}
