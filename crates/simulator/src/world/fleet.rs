//! The life of a service: its deployments, its tasks, who stopped them and what replaced them.
//!
//! A service's story is played once, from the deployment that the world begins with to a day after the
//! page, and kept as a table; what is true at a moment is then a lookup. Each slot of a service holds
//! one task at a time, so running counts add up by construction.

mod play;

pub(super) use play::play;

use super::World;
use super::hash;
use super::scenario::Stopping;

/// A task that never reached a moment.
pub(crate) const NEVER: i64 = i64::MAX;

#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) service: usize,
    pub(crate) deployment: usize,
    pub(crate) slot: u32,
    pub(crate) id: String,
    pub(crate) seed: u64,
    pub(crate) created: i64,
    pub(crate) started: i64,
    pub(crate) end: Option<End>,
}

#[derive(Debug, Clone)]
pub(crate) struct End {
    pub(crate) stopping: i64,
    pub(crate) stopped: i64,
    /// ECS `TaskStopCode`.
    pub(crate) code: &'static str,
    pub(crate) reason: String,
    /// The container that failed, when one did.
    pub(crate) failure: Option<Stopping>,
}

/// A revision of the service's task definition.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) revision: u32,
    pub(crate) registered: i64,
    pub(crate) images: Vec<String>,
    pub(crate) registered_by: String,
}

/// One deployment: what the ECS API shows as a deployment or a task set, as the service revision that it is of,
/// and as the service deployment that brought it about.
#[derive(Debug, Clone)]
pub(crate) struct Deployment {
    /// The number in `ecs-svc/N`, and of its service revision.
    pub(crate) number: String,
    /// The id of its service deployment.
    pub(crate) id: String,
    pub(crate) revision: u32,
    /// What its images stood for at this moment is what its tasks run.
    pub(crate) created: i64,
    /// When it reached a steady state, if it did.
    pub(crate) completed: i64,
    pub(crate) images: Vec<String>,
    /// The deployment whose tasks it found.
    pub(crate) source: Option<usize>,
    /// All its first tasks are there, and old ones are not taken away before: where it is blue and green.
    pub(crate) scaled: i64,
    /// When its tasks failed that never came up, in order.
    pub(crate) failures: Vec<i64>,
    /// When the circuit breaker gave it up.
    pub(crate) tripped: i64,
    /// When its service had gone back to `source`.
    pub(crate) rolled_back: i64,
    /// When a newer one took its place, under way or not.
    pub(crate) superseded: i64,
}

/// For a while the health check of some tasks fails.
#[derive(Debug, Clone)]
pub(crate) struct Sickness {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) container: usize,
    pub(crate) share: f64,
    pub(crate) seed: u64,
}

/// How many tasks of a deployment run, and how many are about to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) running: usize,
    pub(crate) pending: usize,
}

impl Count {
    pub(crate) fn is_zero(self) -> bool {
        self == Count::default()
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Hold {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) message: String,
}

/// One service's story.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    /// In the order in which they were made; there is always one.
    pub(crate) deployments: Vec<Deployment>,
    /// In the order of their revisions.
    pub(crate) definitions: Vec<Definition>,
    pub(crate) desired: Vec<(i64, u32)>,
    pub(crate) holds: Vec<Hold>,
    pub(crate) sicknesses: Vec<Sickness>,
    /// Its tasks, in the order in which they were created.
    pub(crate) tasks: Vec<usize>,
}

impl Life {
    pub(crate) fn desired_at(&self, now: i64) -> u32 {
        self.desired.iter().rev().find(|(from, _)| *from <= now).map_or(0, |(_, desired)| *desired)
    }

    /// The newest deployment made by `now`.
    pub(crate) fn newest_at(&self, now: i64) -> usize {
        self.deployments.iter().rposition(|deployment| deployment.created <= now).unwrap_or(0)
    }

    /// The PRIMARY deployment: the newest one, or the one that the service goes back to.
    pub(crate) fn primary_at(&self, now: i64) -> usize {
        let newest = self.newest_at(now);
        self.deployments[newest].goes_back_to(now).unwrap_or(newest)
    }

    /// The PRIMARY task set: the newest one that the traffic has moved to.
    pub(crate) fn primary_set_at(&self, now: i64) -> usize {
        self.deployments.iter().rposition(|deployment| deployment.shifted() <= now).unwrap_or(0)
    }

    /// Whether the health check of a task's container fails.
    pub(crate) fn is_sick(&self, task: &Task, container: usize, now: i64) -> bool {
        self.sicknesses.iter().any(|sickness| {
            sickness.container == container
                && (sickness.from..sickness.to).contains(&now)
                && hash::unit(hash::combine(task.seed, sickness.seed)) < sickness.share
        })
    }
}

/// How many tasks of a deployment may fail before the circuit breaker gives it up: half of the desired count, 3 at
/// least, 200 at most.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>
pub(crate) fn threshold(desired: u32) -> u32 {
    desired.div_ceil(2).clamp(3, 200)
}

/// From the last of the new tasks to the traffic.
const SHIFT: i64 = 30_000;

impl Deployment {
    /// As the API names it.
    pub(crate) fn name(&self) -> String {
        format!("ecs-svc/{}", self.number)
    }

    /// The deployment that its service has gone back to, or is on the way to.
    pub(crate) fn goes_back_to(&self, now: i64) -> Option<usize> {
        self.source.filter(|_| self.rolled_back != NEVER && self.tripped <= now)
    }

    /// When the traffic has moved to it, where it is blue and green.
    pub(crate) fn shifted(&self) -> i64 {
        self.scaled.saturating_add(SHIFT)
    }
}

impl World {
    /// The tasks of each of a service's deployments.
    pub(crate) fn counts_at(&self, service: usize, now: i64) -> Vec<Count> {
        let life = &self.lives[service];
        let mut counts = vec![Count::default(); life.deployments.len()];
        for task in &life.tasks {
            let task = &self.tasks[*task];
            match task.status_at(now) {
                Some("RUNNING") => counts[task.deployment].running += 1,
                Some("PENDING") => counts[task.deployment].pending += 1,
                _ => {}
            }
        }
        counts
    }
}

impl Task {
    /// ECS `lastStatus`; `None` before the task exists.
    pub(crate) fn status_at(&self, now: i64) -> Option<&'static str> {
        if now < self.created {
            return None;
        }
        Some(match &self.end {
            Some(end) if now >= end.stopped => "STOPPED",
            Some(end) if now >= end.stopping => "STOPPING",
            _ if now < self.started => "PENDING",
            _ => "RUNNING",
        })
    }

    /// ECS `desiredStatus`.
    pub(crate) fn desired_status_at(&self, now: i64) -> &'static str {
        match &self.end {
            Some(end) if now >= end.stopping => "STOPPED",
            _ => "RUNNING",
        }
    }

    /// Whether the API still knows it: stopped tasks are kept for about an hour.
    pub(crate) fn is_known_at(&self, now: i64) -> bool {
        const KEPT: i64 = 3_600_000;
        now >= self.created && self.end.as_ref().is_none_or(|end| now < end.stopped + KEPT)
    }
}
