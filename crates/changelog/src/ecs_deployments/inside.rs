//! Which services may have been deployed inside a window, by what DescribeServices says of them. Pure.

use ::record::Time;
use ecs::{Deployment, Service};

use crate::window::Window;

/// A service with something inside the window.
#[derive(Clone, Debug)]
pub(super) struct Inside {
    /// The place of its cluster.
    pub(super) cluster: usize,
    pub(super) service: Service,
    /// Whether it is being deployed.
    pub(super) in_flight: bool,
    /// No change of it is newer.
    pub(super) latest: Time,
}

impl Inside {
    /// A service, unless nothing of it can be inside the window. Its deployments say when it was last
    /// deployed; a rollback may go back to an old one, and only the events tell when.
    pub(super) fn of(cluster: usize, service: Service, window: Window) -> Option<Self> {
        let moments = |deployment: &Deployment| [deployment.created, deployment.updated];
        let of_deployments = service.deployments.iter().flat_map(moments).flatten();
        let telling = service.events.iter().filter(|event| is_about_a_deployment(&event.message));
        let of_events = telling.filter_map(|event| event.time);
        let latest = of_deployments.chain(of_events).max()?;
        let in_flight = service.deployments.iter().any(is_in_flight);
        // A newer deployment may hide one of the window.
        let may_have = latest >= window.since;
        (in_flight || may_have).then_some(Self { cluster, service, in_flight, latest })
    }

    /// What is in flight comes last in this order, and the newest after the older.
    pub(super) fn order(&self) -> (bool, Time) {
        (self.in_flight, self.latest)
    }
}

/// Whether a deployment is under way, as far as ECS says it.
pub(super) fn is_in_flight(deployment: &Deployment) -> bool {
    deployment.rollout.as_deref() == Some("IN_PROGRESS")
}

/// `(service api) (deployment ecs-svc/1) deployment failed: tasks failed to start.`
///
/// Source: "Amazon ECS service event messages" in the ECS developer guide.
fn is_about_a_deployment(message: &str) -> bool {
    let says = ["deployment completed", "deployment failed", "rolling back to deployment"];
    says.iter().any(|words| message.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs::Event;

    const WINDOW: Window = Window { since: Time::from_millis(100), until: Time::from_millis(200) };

    fn service(created: i64, updated: i64, rollout: Option<&str>) -> Service {
        let deployment = Deployment {
            status: "PRIMARY".to_owned(),
            created: Some(Time::from_millis(created)),
            updated: Some(Time::from_millis(updated)),
            rollout: rollout.map(str::to_owned),
            ..Deployment::default()
        };
        Service { deployments: vec![deployment], ..Service::default() }
    }

    fn is_inside(service: Service) -> bool {
        Inside::of(0, service, WINDOW).is_some()
    }

    #[test]
    fn what_was_deployed_before_and_is_settled_is_not_asked_about() {
        assert!(!is_inside(service(10, 99, Some("COMPLETED"))));
        assert!(!is_inside(service(10, 99, None)));
        assert!(!is_inside(Service::default()));
    }

    #[test]
    fn what_was_deployed_in_it_or_since_or_is_in_flight_is_asked_about() {
        assert!(is_inside(service(100, 100, Some("COMPLETED"))));
        assert!(is_inside(service(10, 150, Some("COMPLETED"))));
        assert!(is_inside(service(10, 20, Some("IN_PROGRESS"))));
        assert!(is_inside(service(900, 900, Some("COMPLETED"))), "it may hide an older one");
    }

    #[test]
    fn the_events_tell_of_a_rollback_to_an_old_deployment() {
        let mut back = service(10, 20, Some("COMPLETED"));
        let event = |message: &str| Event {
            time: Some(Time::from_millis(150)),
            message: message.to_owned(),
        };
        back.events = vec![event("(service api) has reached a steady state.")];
        assert!(!is_inside(back.clone()));
        back.events = vec![event(
            "(service api) (deployment ecs-svc/2) deployment failed: tasks failed to start.",
        )];
        assert!(is_inside(back));
    }
}
