//! The life of a service: its deployments, its tasks, who stopped them and what replaced them.
//!
//! A service's story is played once, from the deployment that the world begins with to a day after the
//! page, and kept as a table; what is true at a moment is then a lookup. Each slot of a service holds
//! one task at a time, so running counts add up by construction.

mod play;

pub(super) use play::play;

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

#[derive(Debug, Clone)]
pub(crate) struct Deployment {
    /// The number in `ecs-svc/N`.
    pub(crate) number: String,
    pub(crate) revision: u32,
    pub(crate) created: i64,
    /// When it reached a steady state, if it did.
    pub(crate) completed: i64,
    pub(crate) images: Vec<String>,
    pub(crate) registered_by: String,
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
    pub(crate) deployments: Vec<Deployment>,
    pub(crate) desired: Vec<(i64, u32)>,
    pub(crate) holds: Vec<Hold>,
    /// Its tasks, in the order in which they were created.
    pub(crate) tasks: Vec<usize>,
}

impl Life {
    pub(crate) fn desired_at(&self, now: i64) -> u32 {
        self.desired.iter().rev().find(|(from, _)| *from <= now).map_or(0, |(_, desired)| *desired)
    }

    /// The newest deployment made by `now`: the PRIMARY one.
    pub(crate) fn primary_at(&self, now: i64) -> usize {
        self.deployments.iter().rposition(|deployment| deployment.created <= now).unwrap_or(0)
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
