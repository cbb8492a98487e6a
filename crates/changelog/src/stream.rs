//! The findings of several sources as one stream, the newest change first, while they are still being
//! read (pure).
//!
//! A change can be shown once nothing that belongs before it, or into it, can come any more. Each
//! source says how far back it is known by now; the least of these moments is what all of them know.

use ::record::Time;

use crate::collapse::{AFTER_THE_RUN, RUN_LASTS, causes, collapse};
use crate::found::Found;
use crate::merge::{are_one, in_time};
use crate::record::{ChangeRecord, Source};
use crate::window::Window;

/// So far around a change the parts of it may lie: all of them have to be known.
const AROUND_A_CHANGE: i64 = RUN_LASTS + AFTER_THE_RUN;

/// Before everything: a source that was read to its end.
const BEGINNING: Time = Time::from_millis(i64::MIN);

/// Where changes in flight stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InFlight {
    /// Before all others.
    First,
    /// At their time.
    InTime,
}

/// Which changes are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// What took effect in it, or is in flight.
    pub window: Window,
    /// Where those in flight stand.
    pub in_flight: InFlight,
}

/// What was found so far, and not shown yet.
#[derive(Debug)]
pub struct Merged {
    scope: Scope,
    /// How far back each source is known; nothing while it has not said so.
    known: Vec<Option<Time>>,
    waiting: Vec<ChangeRecord>,
    /// The tickets that shown changes name: a ticket of its own is no second change.
    named: Vec<String>,
}

impl Merged {
    /// Of so many sources, of which none has said anything.
    pub fn new(sources: usize, scope: Scope) -> Self {
        Self { scope, known: vec![None; sources], waiting: Vec::new(), named: Vec::new() }
    }

    /// Takes what a source hands over. A change that was read before counts as it is now.
    pub fn take(&mut self, place: usize, found: Found) {
        match found {
            Found::Change(change) => self.add(*change),
            Found::Reached(time) => {
                let known = &mut self.known[place];
                *known = Some(known.map_or(time, |known| known.min(time)));
            }
            Found::Ended => self.known[place] = Some(BEGINNING),
        }
    }

    fn add(&mut self, change: ChangeRecord) {
        match self.waiting.iter_mut().find(|known| are_one(known, &change)) {
            Some(known) => *known = change,
            None => self.waiting.push(change),
        }
    }

    /// Whether nothing waits any more.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// How many changes wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The changes whose turn has come, the newest first, each with its steps taken in.
    pub fn ready(&mut self) -> Vec<ChangeRecord> {
        let known: Option<Vec<Time>> = self.known.iter().copied().collect();
        let Some(known) = known.and_then(|known| known.into_iter().max()) else {
            return Vec::new();
        };
        let scope = self.scope;
        self.waiting.sort_by(|one, other| {
            let is_later = |change: &ChangeRecord| {
                scope.in_flight == InFlight::First && !change.is_in_flight()
            };
            is_later(one).cmp(&is_later(other)).then_with(|| in_time(other, one))
        });
        let causes = causes(&self.waiting);
        let blocks = |(place, change): (usize, &ChangeRecord)| {
            causes[place].is_none() && known > scope.needs(change)
        };
        let first_to_wait = self.waiting.iter().enumerate().position(blocks);
        let until = first_to_wait.unwrap_or(self.waiting.len());
        // A step goes with its run, wherever it stands.
        let goes = |place: usize| causes[place].unwrap_or(place) < until;
        let (mut going, mut staying) = (Vec::new(), Vec::new());
        for (place, change) in std::mem::take(&mut self.waiting).into_iter().enumerate() {
            if goes(place) { going.push(change) } else { staying.push(change) }
        }
        self.waiting = staying;
        let mut ready = collapse(going);
        ready.retain(|change| scope.window.has_effect_of(change));
        self.without_known_tickets(ready)
    }

    /// A ticket that a change names is told with that change.
    fn without_known_tickets(&mut self, mut ready: Vec<ChangeRecord>) -> Vec<ChangeRecord> {
        let changes = ready.iter().chain(&self.waiting);
        let others = changes.filter(|change| change.source != Source::Jira);
        let keys = others.flat_map(|change| &change.tickets).map(|ticket| ticket.key.clone());
        self.named.extend(keys);
        self.named.sort_unstable();
        self.named.dedup();
        ready.retain(|change| {
            change.source != Source::Jira
                || change.id.as_ref().is_none_or(|key| !self.named.contains(key))
        });
        ready
    }
}

impl Scope {
    /// How far back all sources must be known before a change can be shown. What lies before the
    /// window is never read.
    fn needs(&self, change: &ChangeRecord) -> Time {
        let first = change.first_moment().millis().saturating_sub(AROUND_A_CHANGE);
        Time::from_millis(first).max(self.window.since)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::merge::{Order, merge};
    use crate::record::{Action, ResourceChange, Status, Ticket};

    const HOUR: i64 = 3_600_000;
    const WINDOW: Window =
        Window { since: Time::from_millis(0), until: Time::from_millis(10 * HOUR) };

    fn change(millis: i64, source: Source, id: &str) -> ChangeRecord {
        let mut change = ChangeRecord::new(Time::from_millis(millis), source, Status::Applied, id);
        change.id = Some(id.to_owned());
        change
    }

    fn run_of_service(millis: i64, id: &str, service: &str) -> ChangeRecord {
        let mut run = change(millis, Source::Terraform, id);
        let mut resource =
            ResourceChange::new(format!("aws_ecs_service.{service}"), Action::Update);
        resource.resource_type = Some("aws_ecs_service".to_owned());
        resource.attributes = vec!["task_definition".to_owned()];
        run.resources.push(resource);
        run
    }

    fn deployment(millis: i64, id: &str, service: &str) -> ChangeRecord {
        let mut deployment = change(millis, Source::Ecs, id);
        deployment.system = Some(service.to_owned());
        deployment
    }

    fn merged(sources: usize, in_flight: InFlight) -> Merged {
        Merged::new(sources, Scope { window: WINDOW, in_flight })
    }

    fn found(change: ChangeRecord) -> Found {
        Found::Change(Box::new(change))
    }

    fn ids(changes: &[ChangeRecord]) -> Vec<&str> {
        changes.iter().filter_map(|change| change.id.as_deref()).collect()
    }

    #[test]
    fn a_change_waits_until_every_source_is_known_well_before_it() {
        let mut merged = merged(2, InFlight::InTime);
        merged.take(0, found(change(5 * HOUR, Source::Terraform, "run")));
        merged.take(0, Found::Ended);
        assert!(merged.ready().is_empty(), "the other source has said nothing");
        merged.take(1, Found::Reached(Time::from_millis(5 * HOUR)));
        assert!(merged.ready().is_empty(), "a part of it may lie before it");
        merged.take(1, Found::Reached(Time::from_millis(4 * HOUR)));
        assert_eq!(ids(&merged.ready()), ["run"]);
    }

    #[test]
    fn a_deployment_goes_with_its_run_although_that_was_found_later() {
        let mut merged = merged(2, InFlight::InTime);
        merged.take(0, found(deployment(5 * HOUR, "deployment", "api")));
        merged.take(0, Found::Ended);
        merged.take(1, found(run_of_service(5 * HOUR - 60_000, "run", "api")));
        merged.take(1, Found::Ended);
        let ready = merged.ready();
        assert_eq!(ids(&ready), ["run"]);
        assert_eq!(ready[0].steps.len(), 2);
        assert!(merged.is_empty());
    }

    #[test]
    fn what_is_in_flight_may_come_first_however_old_it_is() {
        let mut flying = change(HOUR, Source::Terraform, "flying");
        flying.status = Status::AwaitingConfirmation;
        for (in_flight, order) in
            [(InFlight::First, ["flying", "made"]), (InFlight::InTime, ["made", "flying"])]
        {
            let mut merged = merged(1, in_flight);
            merged.take(0, found(change(5 * HOUR, Source::Terraform, "made")));
            merged.take(0, found(flying.clone()));
            merged.take(0, Found::Ended);
            assert_eq!(ids(&merged.ready()), order);
        }
    }

    #[test]
    fn a_ticket_that_a_change_names_is_no_second_change() {
        let mut merged = merged(1, InFlight::InTime);
        let mut run = change(5 * HOUR, Source::Terraform, "run");
        run.tickets.push(Ticket { key: "OPS-1".to_owned(), ..Ticket::default() });
        merged.take(0, found(run));
        merged.take(0, found(change(4 * HOUR, Source::Jira, "OPS-1")));
        merged.take(0, found(change(4 * HOUR, Source::Jira, "OPS-2")));
        merged.take(0, Found::Ended);
        assert_eq!(ids(&merged.ready()), ["run", "OPS-2"]);
    }

    proptest! {
        /// Each source hands over what it has, newest first, and says how far it is after each.
        #[test]
        fn whoever_answers_first_the_stream_is_the_list_of_all(
            mut runs in proptest::collection::btree_set(0i64..600, 0..8),
            mut deployments in proptest::collection::btree_set(0i64..600, 0..8),
            turns in proptest::collection::vec(any::<bool>(), 0..20),
        ) {
            let minute = |minute: i64| minute * 60_000;
            let service = |at: i64| ["api", "web"][usize::from(at % 2 == 0)];
            let run = |at: i64| run_of_service(minute(at), &format!("run-{at}"), service(at));
            let deploy = |at: i64| deployment(minute(at) + 1, &format!("dep-{at}"), service(at));
            let all = [
                runs.iter().map(|at| run(*at)).collect::<Vec<_>>(),
                deployments.iter().map(|at| deploy(*at)).collect(),
            ];
            let wanted = collapse(merge(all, Order::NewestFirst));

            let mut merged = merged(2, InFlight::InTime);
            let mut shown = Vec::new();
            for of_runs in turns {
                let (place, next) = match of_runs {
                    true => (0, runs.pop_last().map(|at| (at, run(at)))),
                    false => (1, deployments.pop_last().map(|at| (at, deploy(at)))),
                };
                if let Some((at, change)) = next {
                    merged.take(place, found(change));
                    merged.take(place, Found::Reached(Time::from_millis(minute(at))));
                    shown.extend(merged.ready());
                }
            }
            for at in runs {
                merged.take(0, found(run(at)));
            }
            for at in deployments {
                merged.take(1, found(deploy(at)));
            }
            merged.take(0, Found::Ended);
            merged.take(1, Found::Ended);
            shown.extend(merged.ready());
            prop_assert!(merged.is_empty());
            prop_assert_eq!(ids(&shown), ids(&wanted));
            prop_assert!(shown == wanted);
        }
    }
}
