//! What a deployment reached, and what became of it: the facts of ECS that a ranking rests on.

use ::record::Time;
use serde::{Deserialize, Serialize};

/// How much of the fleet runs what a deployment brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reach {
    /// How many tasks it is to have.
    pub tasks: u64,
    /// Whether it is a daemon: a task on every host of its cluster.
    pub daemon: bool,
}

impl Reach {
    /// The reach of two deployments of one change.
    pub fn and(&self, other: &Self) -> Self {
        Self { tasks: self.tasks.saturating_add(other.tasks), daemon: self.daemon || other.daemon }
    }
}

/// What became of the tasks that a deployment brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Aftermath {
    /// IN_PROGRESS, COMPLETED, FAILED: `rolloutState` of the deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<String>,
    /// How many failed to start: `failedTasks`, which the first healthy task sets to 0.
    pub failed_tasks: u64,
    /// How many of its tasks died of themselves since: an essential container exited, out of
    /// memory, a failed health check. Those that a scaling or a newer deployment stopped do not count.
    pub deaths: u64,
    /// When the first of them died.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_death: Option<Time>,
    /// When the last of them died.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_death: Option<Time>,
    /// Of what most of them died, in ECS's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub death_reason: Option<String>,
}

impl Aftermath {
    /// Whether the rollout is still under way.
    pub fn is_rolling_out(&self) -> bool {
        self.rollout.as_deref() == Some("IN_PROGRESS")
    }

    /// How many tasks died, or failed to start.
    pub fn lost(&self) -> u64 {
        self.deaths.saturating_add(self.failed_tasks)
    }

    /// What became of two deployments of one change: the less finished rollout, all deaths, and the
    /// reason of the one with more of them.
    pub fn and(&self, other: &Self) -> Self {
        let unfinished = [self, other].into_iter().find(|one| one.is_rolling_out());
        let more = if other.deaths > self.deaths { other } else { self };
        let less = if other.deaths > self.deaths { self } else { other };
        Self {
            rollout: match unfinished {
                Some(one) => one.rollout.clone(),
                None => [self, other]
                    .into_iter()
                    .filter_map(|one| one.rollout.clone())
                    .max_by_key(|rollout| rollout == "FAILED"),
            },
            failed_tasks: self.failed_tasks.saturating_add(other.failed_tasks),
            deaths: self.deaths.saturating_add(other.deaths),
            first_death: self.first_death.into_iter().chain(other.first_death).min(),
            last_death: self.last_death.into_iter().chain(other.last_death).max(),
            death_reason: more.death_reason.clone().or_else(|| less.death_reason.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_deployments_of_one_change_are_as_unfinished_as_the_less_finished_one() {
        let done = Aftermath { rollout: Some("COMPLETED".to_owned()), ..Aftermath::default() };
        let under_way =
            Aftermath { rollout: Some("IN_PROGRESS".to_owned()), ..Aftermath::default() };
        let failed = Aftermath { rollout: Some("FAILED".to_owned()), ..Aftermath::default() };
        assert!(done.and(&under_way).is_rolling_out());
        assert!(under_way.and(&done).is_rolling_out());
        assert_eq!(done.and(&failed).rollout.as_deref(), Some("FAILED"));
        assert_eq!(failed.and(&done).rollout.as_deref(), Some("FAILED"));
        assert_eq!(done.and(&Aftermath::default()).rollout.as_deref(), Some("COMPLETED"));
    }

    #[test]
    fn their_deaths_are_counted_together() {
        let few = Aftermath {
            deaths: 2,
            first_death: Some(Time::from_millis(5)),
            last_death: Some(Time::from_millis(9)),
            death_reason: Some("Essential container in task exited".to_owned()),
            ..Aftermath::default()
        };
        let many = Aftermath {
            deaths: 7,
            failed_tasks: 1,
            first_death: Some(Time::from_millis(3)),
            last_death: Some(Time::from_millis(8)),
            death_reason: Some("OutOfMemoryError".to_owned()),
            ..Aftermath::default()
        };
        let both = few.and(&many);
        assert_eq!(both, many.and(&few));
        assert_eq!((both.lost(), both.death_reason.as_deref()), (10, Some("OutOfMemoryError")));
        assert_eq!(both.first_death, Some(Time::from_millis(3)));
        assert_eq!(both.last_death, Some(Time::from_millis(9)));
    }
}
