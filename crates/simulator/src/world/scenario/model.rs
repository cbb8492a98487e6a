//! The scenario once checked: names resolved, messages compiled.

use std::collections::BTreeMap;

use super::buckets::{Bucket, Deed};
use super::exercise::Exercise;
use super::file::{Class, Controller, Driver, Moment, Protocol};
use super::terraform::Terraform;
use super::tickets::{Project, Ticket};
use crate::faults::Faults;
use crate::world::message::Message;
use crate::world::registry::Reference;

/// A checked scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) seed: u64,
    pub(crate) region: String,
    pub(crate) page_lead_ms: i64,
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) groups: Vec<Group>,
    pub(crate) services: Vec<Service>,
    pub(crate) timeline: Vec<(i64, Action)>,
    /// The images that their repository no longer has.
    pub(crate) missing_images: Vec<Reference>,
    /// In the order in which they happen.
    pub(crate) pushes: Vec<Push>,
    pub(crate) terraform: Terraform,
    pub(crate) buckets: Vec<Bucket>,
    /// In the order in which they happen.
    pub(crate) deeds: Vec<Deed>,
    pub(crate) projects: Vec<Project>,
    pub(crate) tickets: Vec<Ticket>,
    pub(crate) faults: Faults,
    pub(crate) exercise: Exercise,
}

#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    pub(crate) name: String,
    pub(crate) hosts: u32,
    /// Whether the ARNs of what is in it lack its name, as in an account that never opted in to long ones.
    pub(crate) short_arns: bool,
    /// Whether nobody may look into it.
    pub(crate) denied: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) retention_days: Option<u32>,
    pub(crate) class: Class,
    pub(crate) lag: Option<Lag>,
    /// How far the clock of its writers is ahead, in milliseconds.
    pub(crate) ahead: i64,
    pub(crate) created: i64,
    pub(crate) rotation: Option<Rotation>,
    pub(crate) templates: Vec<Template>,
}

/// How a group that no container writes to gets its streams.
#[derive(Debug, Clone)]
pub(crate) struct Rotation {
    pub(crate) name: Message,
    pub(crate) every_ms: i64,
    pub(crate) count: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) cluster: usize,
    pub(crate) desired: u32,
    pub(crate) daemon: bool,
    pub(crate) fargate: bool,
    pub(crate) controller: Controller,
    pub(crate) circuit_breaker: CircuitBreaker,
    pub(crate) alarms: Option<Alarms>,
    /// How long the old tasks stay beside the new ones, in milliseconds, where a deployment makes all new ones
    /// before it takes an old one away: blue and green.
    pub(crate) bake_ms: Option<i64>,
    pub(crate) family: String,
    pub(crate) revision: u32,
    pub(crate) since: i64,
    pub(crate) created: i64,
    pub(crate) cpu: u32,
    pub(crate) memory: u32,
    pub(crate) registered_by: String,
    pub(crate) load_balancer: Option<LoadBalancer>,
    pub(crate) containers: Vec<Container>,
}

/// What watches a deployment's tasks start.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CircuitBreaker {
    pub(crate) enable: bool,
    pub(crate) rollback: bool,
}

/// The alarms that watch a deployment. None of them ever goes off.
#[derive(Debug, Clone)]
pub(crate) struct Alarms {
    pub(crate) names: Vec<String>,
    pub(crate) enable: bool,
    pub(crate) rollback: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct LoadBalancer {
    pub(crate) target_group: String,
    pub(crate) container: String,
    pub(crate) port: u16,
}

#[derive(Debug, Clone)]
pub(crate) struct Container {
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) essential: bool,
    pub(crate) health_check: bool,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) ports: Vec<Port>,
    pub(crate) log: Option<Log>,
    /// Its own, or its service's.
    pub(crate) lag: Option<Lag>,
    /// How far its clock is ahead, in milliseconds; its own, or its service's.
    pub(crate) ahead: Option<i64>,
    pub(crate) templates: Vec<Template>,
}

/// ECS `PortMapping`.
#[derive(Debug, Clone)]
pub(crate) struct Port {
    pub(crate) number: u16,
    pub(crate) name: Option<String>,
    /// The host's port, when it is always the same.
    pub(crate) host: Option<u16>,
    pub(crate) protocol: Protocol,
}

#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) driver: Driver,
    /// The group that it writes to, if it writes to CloudWatch Logs at all.
    pub(crate) group: Option<usize>,
    pub(crate) stream_prefix: Option<String>,
    pub(crate) options: BTreeMap<String, String>,
}

/// How late events are at least and at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lag {
    pub(crate) low_ms: i64,
    pub(crate) high_ms: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub(crate) timing: Timing,
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) wave: Option<Wave>,
    pub(crate) lines: Vec<Message>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Timing {
    /// One event somewhere in each interval.
    Spread { interval_us: i64 },
    /// One event at the same place of each interval.
    Every { interval_us: i64 },
    /// One event in a task's life.
    Once { moment: Moment, after_ms: i64 },
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Wave {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) on: i64,
    pub(crate) every: i64,
}

impl Wave {
    /// Whether the wave is on at this moment, relative to the page.
    #[inline]
    pub(crate) fn is_on(&self, offset_ms: i64) -> bool {
        offset_ms >= self.from
            && offset_ms < self.to
            && (offset_ms - self.from) % self.every < self.on
    }
}

/// From `at` on, relative to the page, a tag stands for another image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Push {
    pub(crate) at: i64,
    /// With its tag written out.
    pub(crate) image: String,
    pub(crate) digest: String,
}

#[derive(Debug, Clone)]
pub(crate) enum Action {
    Deploy {
        service: usize,
        images: Vec<String>,
        over_ms: i64,
        settles: bool,
        /// Of the definition that is there already.
        force: bool,
        /// None of its tasks starts.
        fail: Option<Failing>,
        registered_by: String,
        /// The principal who updates the service.
        by: String,
    },
    /// A new revision of the definition that nobody deploys.
    Register {
        service: usize,
        images: Vec<String>,
        registered_by: String,
    },
    /// The health check of some tasks fails for a while.
    Sick {
        service: usize,
        container: usize,
        share: f64,
        to: i64,
    },
    Stop {
        service: usize,
        stopping: Stopping,
        share: f64,
        wave: Option<Wave>,
        to: i64,
    },
    Scale {
        service: usize,
        desired: u32,
        /// The principal who updates the service.
        by: String,
    },
    Hold {
        service: usize,
        to: i64,
        message: String,
    },
}

impl Action {
    pub(crate) fn service(&self) -> usize {
        match self {
            Action::Deploy { service, .. }
            | Action::Stop { service, .. }
            | Action::Scale { service, .. }
            | Action::Hold { service, .. }
            | Action::Register { service, .. }
            | Action::Sick { service, .. } => *service,
        }
    }

    /// Whether the tasks that are there keep running, whatever becomes of it.
    pub(crate) fn leaves_tasks_alone(&self) -> bool {
        matches!(
            self,
            Action::Register { .. } | Action::Sick { .. } | Action::Deploy { fail: Some(_), .. }
        )
    }
}

/// How a container's end looks in the ECS API.
#[derive(Debug, Clone)]
pub(crate) struct Stopping {
    pub(crate) container: usize,
    pub(crate) reason: Option<String>,
    pub(crate) exit_code: i32,
    pub(crate) stopped_reason: String,
}

/// How the tasks of a deployment fail.
#[derive(Debug, Clone)]
pub(crate) enum Failing {
    /// They never start: ECS `TaskFailedToStart`. Without a reason, the first image cannot be pulled.
    ToStart { reason: Option<String> },
    /// A container ends a moment after its start.
    AtOnce(Stopping),
}
