//! Which revision a service ran at a moment of the past, from its service deployments. Pure.

use ecs::ServiceDeployment;
use record::Time;

/// What a service ran at a moment. Revisions are ARNs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// One revision, and no deployment was under way.
    Settled(String),
    /// A deployment was under way.
    Rolling {
        /// The revisions that it was to replace; none when it was the service's first.
        from: Vec<String>,
        /// The revision that it was to bring.
        to: String,
    },
    /// A deployment was taken back.
    RolledBack {
        /// The revision that it was to bring.
        gave_up: Option<String>,
        /// The revision that it went back to.
        to: String,
        /// Whether that was over: no task of the other revision was left.
        is_over: bool,
    },
    /// Several revisions, none of which is known to be the one: a deployment was stopped half-way, or
    /// could not be taken back.
    Mixed(Vec<String>),
    /// The history does not say.
    Unknown,
}

impl Then {
    /// The revision that most tell about that moment: that which the service was to end up with.
    pub(crate) fn revision(&self) -> Option<&str> {
        match self {
            Self::Settled(revision) => Some(revision),
            Self::Rolling { to, .. } | Self::RolledBack { to, .. } => Some(to),
            Self::Mixed(revisions) => revisions.first().map(String::as_str),
            Self::Unknown => None,
        }
    }
}

/// What a service ran at a moment. The deployments are all of its history since before that moment, or
/// since the service's first, in any order.
///
/// A deployment's status is of now: one that is SUCCESSFUL now was in progress between `created` and
/// `finished`. Before the oldest deployment the service ran what that one replaced.
pub(crate) fn at(time: Time, deployments: &[ServiceDeployment]) -> Then {
    let dated = || deployments.iter().filter_map(|one| Some((one.created?, one)));
    // A later deployment overtakes those that are under way.
    let latest =
        dated().filter(|(created, _)| *created <= time).max_by_key(|(created, _)| *created);
    match latest {
        Some((_, deployment)) => during_or_after(time, deployment),
        None => {
            let oldest = dated().min_by_key(|(created, _)| *created);
            several(oldest.map(|(_, oldest)| oldest.sources.clone()).unwrap_or_default())
        }
    }
}

/// What ran at a moment since a deployment began, before the next one did.
fn during_or_after(time: Time, deployment: &ServiceDeployment) -> Then {
    let is_past = |moment: Option<Time>| moment.is_some_and(|moment| moment <= time);
    let is_over = match deployment.finished {
        Some(finished) => finished <= time,
        None => has_ended(&deployment.status),
    };
    let rollback = deployment.rollback.as_ref().filter(|rollback| {
        // A rollback without a time began before it was over.
        is_past(rollback.started) || (rollback.started.is_none() && is_over)
    });
    let is_taken_back = deployment.status.starts_with("ROLLBACK_");
    if let Some(rollback) = rollback
        && is_taken_back
    {
        let to = rollback.revision.clone().or_else(|| only(&deployment.sources));
        let gave_up = deployment.target.clone();
        return match to {
            Some(to) if is_over && deployment.status == "ROLLBACK_FAILED" => {
                several(Vec::from_iter(gave_up).into_iter().chain([to]).collect())
            }
            Some(to) => Then::RolledBack { gave_up, to, is_over },
            None => Then::Unknown,
        };
    }
    let both = || deployment.target.iter().chain(&deployment.sources).cloned().collect();
    match (&deployment.target, is_over) {
        (Some(target), true) if deployment.status == "SUCCESSFUL" => Then::Settled(target.clone()),
        (_, true) => several(both()),
        (Some(target), false) => {
            Then::Rolling { from: deployment.sources.clone(), to: target.clone() }
        }
        (None, false) => several(deployment.sources.clone()),
    }
}

/// Whether a deployment of this status goes on no more.
///
/// Source: `status` of `ServiceDeployment` in the ECS API reference.
fn has_ended(status: &str) -> bool {
    matches!(status, "SUCCESSFUL" | "STOPPED" | "ROLLBACK_SUCCESSFUL" | "ROLLBACK_FAILED")
}

fn only(revisions: &[String]) -> Option<String> {
    match revisions {
        [one] => Some(one.clone()),
        _ => None,
    }
}

fn several(mut revisions: Vec<String>) -> Then {
    let mut seen = std::collections::BTreeSet::new();
    revisions.retain(|revision| seen.insert(revision.clone()));
    match revisions.len() {
        0 => Then::Unknown,
        1 => Then::Settled(revisions.remove(0)),
        _ => Then::Mixed(revisions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs::Rollback;
    use proptest::prelude::*;

    fn moment(at: i64) -> Option<Time> {
        Some(Time::from_millis(at))
    }

    fn named(number: usize) -> String {
        format!("arn:aws:ecs:r:1:service-revision/prod/api/{number}")
    }

    fn deployment(
        status: &str,
        created: i64,
        finished: Option<i64>,
        from: usize,
        to: usize,
    ) -> ServiceDeployment {
        ServiceDeployment {
            status: status.to_owned(),
            created: moment(created),
            finished: finished.map(Time::from_millis),
            sources: vec![named(from)],
            target: Some(named(to)),
            ..ServiceDeployment::default()
        }
    }

    fn then(at_moment: i64, deployments: &[ServiceDeployment]) -> Then {
        at(Time::from_millis(at_moment), deployments)
    }

    #[test]
    fn a_deployment_that_is_successful_now_was_in_progress_then() {
        let history = [deployment("SUCCESSFUL", 10, Some(20), 1, 2)];
        assert_eq!(then(9, &history), Then::Settled(named(1)));
        assert_eq!(then(10, &history), Then::Rolling { from: vec![named(1)], to: named(2) });
        assert_eq!(then(19, &history), Then::Rolling { from: vec![named(1)], to: named(2) });
        assert_eq!(then(20, &history), Then::Settled(named(2)));
    }

    #[test]
    fn a_rollback_runs_the_new_revision_first_then_the_old_one() {
        let mut one = deployment("ROLLBACK_SUCCESSFUL", 10, Some(30), 1, 2);
        one.rollback =
            Some(Rollback { started: moment(20), revision: Some(named(1)), reason: None });
        let back = |is_over| Then::RolledBack { gave_up: Some(named(2)), to: named(1), is_over };
        assert_eq!(then(15, &[one.clone()]), Then::Rolling { from: vec![named(1)], to: named(2) });
        assert_eq!(then(20, &[one.clone()]), back(false));
        assert_eq!(then(30, &[one.clone()]), back(true));
        one.status = "ROLLBACK_FAILED".to_owned();
        assert_eq!(then(25, &[one.clone()]), back(false));
        assert_eq!(then(30, &[one.clone()]), Then::Mixed(vec![named(2), named(1)]));
        (one.status, one.finished) = ("ROLLBACK_IN_PROGRESS".to_owned(), None);
        assert_eq!(then(99, &[one]), back(false));
    }

    #[test]
    fn a_deployment_that_was_stopped_leaves_both() {
        let history = [deployment("STOPPED", 10, Some(20), 1, 2)];
        assert_eq!(then(25, &history), Then::Mixed(vec![named(2), named(1)]));
    }

    #[test]
    fn what_is_pending_or_asked_to_stop_is_still_rolling() {
        for status in ["PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED"] {
            let history = [deployment(status, 10, None, 1, 2)];
            assert_eq!(then(99, &history), Then::Rolling { from: vec![named(1)], to: named(2) });
        }
    }

    #[test]
    fn a_later_deployment_overtakes_one_that_is_under_way() {
        let mut second = deployment("IN_PROGRESS", 15, None, 1, 3);
        second.sources.push(named(2));
        let history = [deployment("STOPPED", 10, Some(40), 1, 2), second];
        let rolling = Then::Rolling { from: vec![named(1), named(2)], to: named(3) };
        assert_eq!(then(20, &history), rolling);
        assert_eq!(then(50, &history), rolling);
    }

    #[test]
    fn before_the_first_deployment_of_a_service_nothing_is_known() {
        let mut first = deployment("SUCCESSFUL", 10, Some(20), 1, 1);
        first.sources.clear();
        assert_eq!(then(5, &[first.clone()]), Then::Unknown);
        assert_eq!(then(15, &[first]), Then::Rolling { from: vec![], to: named(1) });
        assert_eq!(then(5, &[]), Then::Unknown);
    }

    /// What becomes of a deployment of the simulated history.
    #[derive(Clone, Copy, Debug)]
    enum Fate {
        Succeeds,
        IsTakenBack,
    }

    proptest! {
        /// A history is lived through from its beginning, one deployment after the other, and then asked
        /// about at any moment.
        #[test]
        fn the_history_says_what_ran(
            steps in prop::collection::vec((
                1i64..50,
                1i64..50,
                1i64..50,
                prop::sample::select(vec![Fate::Succeeds, Fate::IsTakenBack]),
            ), 1..8),
            asked in 0i64..1_200,
            forget in 0usize..4,
            turn in any::<bool>(),
        ) {
            let (mut clock, mut current) = (0, 0);
            let mut history = Vec::new();
            let mut expected = Then::Settled(named(0));
            for (number, (quiet, first, second, fate)) in steps.iter().enumerate() {
                let target = number + 1;
                let created = clock + quiet;
                let turned = created + first;
                let done = match fate {
                    Fate::Succeeds => turned,
                    Fate::IsTakenBack => turned + second,
                };
                let mut made = deployment("SUCCESSFUL", created, Some(done), current, target);
                let rolling = Then::Rolling { from: vec![named(current)], to: named(target) };
                let back = |is_over| {
                    Then::RolledBack { gave_up: Some(named(target)), to: named(current), is_over }
                };
                let after = match fate {
                    Fate::Succeeds => Then::Settled(named(target)),
                    Fate::IsTakenBack => {
                        made.status = "ROLLBACK_SUCCESSFUL".to_owned();
                        made.rollback = Some(Rollback {
                            started: moment(turned),
                            revision: Some(named(current)),
                            reason: None,
                        });
                        back(true)
                    }
                };
                if asked >= created {
                    expected = match fate {
                        _ if asked >= done => after,
                        Fate::IsTakenBack if asked >= turned => back(false),
                        _ => rolling,
                    };
                }
                if let Fate::Succeeds = fate {
                    current = target;
                }
                clock = done;
                history.push(made);
            }
            // ECS forgets the oldest; what those left behind is asked about no more.
            let forgotten: Vec<_> = history.drain(..forget.min(history.len() - 1)).collect();
            prop_assume!(forgotten.last().is_none_or(|last| last.finished <= moment(asked)));
            if let Some(last) = forgotten.last() {
                let is_before = history[0].created > moment(asked);
                // A rollback that is forgotten is known by what it left.
                if is_before {
                    expected = Then::Settled(history[0].sources[0].clone());
                }
                prop_assert!(last.created < history[0].created);
            }
            if turn {
                history.reverse();
            }
            prop_assert_eq!(then(asked, &history), expected);
        }

        #[test]
        fn no_history_panics(
            steps in prop::collection::vec((
                prop::sample::select(vec![
                    "PENDING", "SUCCESSFUL", "STOPPED", "STOP_REQUESTED", "IN_PROGRESS",
                    "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL",
                    "ROLLBACK_FAILED", "?",
                ]),
                prop::option::of(0i64..9),
                prop::option::of(0i64..9),
                prop::option::of((prop::option::of(0i64..9), prop::option::of(0usize..3))),
                prop::collection::vec(0usize..3, 0..3),
                prop::option::of(0usize..3),
            ), 0..6),
            asked in 0i64..12,
        ) {
            let made = steps.into_iter().map(|(status, created, finished, rollback, sources, target)| {
                ServiceDeployment {
                    status: status.to_owned(),
                    created: created.map(Time::from_millis),
                    finished: finished.map(Time::from_millis),
                    sources: sources.into_iter().map(named).collect(),
                    target: target.map(named),
                    rollback: rollback.map(|(started, revision)| Rollback {
                        started: started.map(Time::from_millis),
                        revision: revision.map(named),
                        reason: None,
                    }),
                    ..ServiceDeployment::default()
                }
            });
            let history: Vec<_> = made.collect();
            let then = then(asked, &history);
            prop_assert_eq!(then.revision().is_none(), then == Then::Unknown);
            if let Then::Mixed(revisions) = then {
                prop_assert!(revisions.len() > 1);
            }
        }
    }
}
