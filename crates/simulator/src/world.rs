//! The world: what is true at a moment. Pure: the clock is an argument, and nothing is random.

pub(crate) mod address;
pub(crate) mod clock_face;
mod delay;
pub(crate) mod event_id;
pub(crate) mod events;
pub(crate) mod fleet;
pub(crate) mod hash;
pub(crate) mod images;
mod ledger;
mod message;
pub(crate) mod names;
pub(crate) mod objects;
pub(crate) mod registry;
mod roster;
pub(crate) mod scenario;
pub(crate) mod streams;
pub(crate) mod terraform;
mod when;

use std::collections::HashMap;
use std::time::Duration;

pub use ledger::{Ledger, Written};
pub(crate) use when::Span;

use fleet::{Life, Task};
use registry::Registry;
use roster::Roster;
use scenario::Scenario;
use streams::Stream;

/// A scenario set on its clock: the page, and everything that follows from it.
#[derive(Debug)]
pub struct World {
    pub(crate) scenario: Scenario,
    /// When the page rang, in milliseconds since the epoch.
    pub(crate) page: i64,
    /// Nothing was logged before this moment.
    pub(crate) floor: i64,
    /// Nothing is written after this moment.
    pub(crate) silence: i64,
    /// No writer's clock is further ahead.
    pub(crate) furthest_ahead: i64,
    pub(crate) lives: Vec<Life>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) task_by_id: HashMap<String, usize>,
    roster: Roster,
    registry: Registry,
    /// What Terraform did, and when.
    pub(crate) terraform: terraform::History,
    /// Per bucket, everything that was ever put or deleted, in order.
    pub(crate) objects: Vec<Vec<objects::Event>>,
    pub(crate) streams: Vec<Stream>,
    /// Per log group, its streams in the order of their names.
    pub(crate) streams_of: Vec<Vec<u32>>,
}

/// The world as one region shows it: with the log groups that are there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Regional<'w> {
    pub(crate) world: &'w World,
    pub(crate) region: &'w str,
}

impl Regional<'_> {
    /// Whether a log group is there.
    pub(crate) fn has(&self, group: usize) -> bool {
        self.world.scenario.groups[group].region == self.region
    }
}

/// History reaches back so far before the page.
const HISTORY: i64 = 14 * 86_400_000;

impl World {
    /// The world of a drill that began at `start_ms`; the page rang [`Scenario::page_lead`] before.
    pub fn new(scenario: Scenario, start_ms: i64) -> World {
        let page = start_ms - scenario.page_lead_ms;
        let mut lives = Vec::new();
        let mut tasks: Vec<Task> = Vec::new();
        for service in 0..scenario.services.len() {
            let (mut life, own) = fleet::play(&scenario, service, page);
            for task in &mut life.tasks {
                *task += tasks.len();
            }
            tasks.extend(own);
            lives.push(life);
        }
        let task_by_id =
            tasks.iter().enumerate().map(|(index, task)| (task.id.clone(), index)).collect();
        let roster = Roster::new(&scenario, &tasks);
        let registry = Registry::new(&scenario, &lives);
        let terraform = terraform::History::new(&scenario, page);
        let objects = objects::all(&scenario, page, &terraform);
        let mut world = World {
            scenario,
            page,
            floor: page - HISTORY,
            silence: i64::MAX,
            furthest_ahead: 0,
            lives,
            tasks,
            task_by_id,
            roster,
            registry,
            terraform,
            objects,
            streams: Vec::new(),
            streams_of: Vec::new(),
        };
        world.enrol_hosts();
        world.streams = streams::all(&world);
        world.furthest_ahead = world.streams.iter().map(|stream| stream.ahead).max().unwrap_or(0);
        world.streams_of = streams::by_group(&world);
        world
    }

    /// The same world, but its writers stop so long after the drill began.
    #[must_use]
    pub fn stopping_after(mut self, length: Duration) -> World {
        let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
        self.silence = self.start_ms().saturating_add(length);
        self
    }

    /// When the drill began, in milliseconds since the epoch.
    pub fn start_ms(&self) -> i64 {
        self.page + self.scenario.page_lead_ms
    }

    /// It as this region shows it.
    pub(crate) fn in_region<'w>(&'w self, region: &'w str) -> Regional<'w> {
        Regional { world: self, region }
    }

    /// The scenario being played.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// When the page rang, in milliseconds since the epoch.
    pub fn page_ms(&self) -> i64 {
        self.page
    }
}
