//! Terraform on the world's clock: what status a run has at a moment, and what its workspace's states hold.
//!
//! The attributes of a resource come from the workspace's `resources` and from the changes of its runs, so that the
//! plan, the log of the apply, the state versions and the state objects of a run never disagree.

mod log;
mod plan;
mod state;

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::hash;
use super::scenario::Scenario;
use super::scenario::terraform::{Action, Change, End, Home, Resource, Run};

pub(crate) use state::{document as state_document, lineage};

/// An API key for a moment of a run's life, and the status that begins with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// In milliseconds since the epoch.
    pub(crate) at: i64,
    pub(crate) status: String,
    /// The key in `status-timestamps`; some statuses have none.
    pub(crate) stamp: Option<&'static str>,
}

/// A run that has its moments.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) steps: Vec<Step>,
    /// When it began and ended to plan.
    pub(crate) planning: [i64; 2],
    /// When it began and ended to apply, if it ever does.
    pub(crate) applying: Option<[i64; 2]>,
    /// Its changes with both sides, in the scenario's order; what drifted is among them.
    pub(crate) changes: Vec<Sides>,
}

/// A resource before and after a change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sides {
    pub(crate) before: Option<Map<String, Value>>,
    pub(crate) after: Option<Map<String, Value>>,
    pub(crate) sensitive: Vec<String>,
    /// What is not known before the apply.
    pub(crate) unknown: Vec<String>,
}

/// A state of a workspace.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) id: String,
    /// In milliseconds since the epoch.
    pub(crate) at: i64,
    pub(crate) serial: u64,
    /// What made it; the first one was there before all runs.
    pub(crate) run: Option<usize>,
    pub(crate) resources: BTreeMap<String, Resource>,
}

/// All runs and states.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// In the order of the scenario's runs: by creation.
    pub(crate) runs: Vec<Played>,
    /// Per workspace, its states in order.
    pub(crate) states: Vec<Vec<State>>,
    /// Per workspace, its runs in the order of their creation.
    pub(crate) runs_of: Vec<Vec<usize>>,
    run_by_id: HashMap<String, usize>,
}

impl History {
    pub(crate) fn new(scenario: &Scenario, page: i64) -> History {
        let terraform = &scenario.terraform;
        let mut runs: Vec<Played> = Vec::new();
        for (index, run) in terraform.runs.iter().enumerate() {
            runs.push(play(run, page, hash::of_text(scenario.seed, &format!("run/{index}"))));
        }
        let mut runs_of = vec![Vec::new(); terraform.workspaces.len()];
        for (index, run) in terraform.runs.iter().enumerate() {
            runs_of[run.workspace].push(index);
        }
        let mut states = Vec::new();
        for (workspace, own) in runs_of.iter().enumerate() {
            states.push(states_of(scenario, page, (workspace, own), &mut runs));
        }
        let run_by_id =
            runs.iter().enumerate().map(|(index, run)| (run.id.clone(), index)).collect();
        History { runs, states, runs_of, run_by_id }
    }

    /// The run with this id, whether it is there yet or not.
    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        self.run_by_id.get(id).copied()
    }
}

impl Played {
    /// The status at a moment, which is not before it was created.
    pub(crate) fn status(&self, now: i64) -> &str {
        let past = self.steps.iter().take_while(|step| step.at <= now);
        past.last().map_or("pending", |step| step.status.as_str())
    }

    /// Whether nothing more becomes of it.
    pub(crate) fn is_over(&self, now: i64) -> bool {
        self.steps.last().is_some_and(|last| last.at <= now && last.status != "planned")
    }

    /// When the status changed last.
    pub(crate) fn updated(&self, now: i64) -> i64 {
        self.steps.iter().rev().find(|step| step.at <= now).map_or(self.created, |step| step.at)
    }

    /// The id of one of its parts: `plan-…`, `apply-…`.
    pub(crate) fn part(&self, kind: &str) -> String {
        let own = self.id.trim_start_matches("run-");
        format!("{kind}-{}", hash::letters(hash::of_text(0, &format!("{kind}/{own}")), 16))
    }
}

/// The moments of a run, one after the other.
fn play(run: &Run, page: i64, seed: u64) -> Played {
    let created = page + run.at;
    let planning = created + run.queued_ms;
    let planned = planning + run.plan_ms;
    let step = |at, status: &str, stamp| Step { at, status: status.to_owned(), stamp: Some(stamp) };
    let mut steps = vec![
        Step { at: created, status: "pending".to_owned(), stamp: None },
        step(created + run.queued_ms / 2, "plan_queued", "plan-queued-at"),
        step(planning, "planning", "planning-at"),
    ];
    let mut applying = None;
    match run.end {
        End::ErroredInPlan => steps.push(step(planned, "errored", "errored-at")),
        End::CanceledInPlan => steps.push(step(planned, "canceled", "canceled-at")),
        End::NoChanges => {
            steps.push(step(planned, "planned_and_finished", "planned-and-finished-at"));
        }
        _ if run.plan_only => {
            steps.push(step(planned, "planned_and_finished", "planned-and-finished-at"));
        }
        _ => steps.push(step(planned, "planned", "planned-at")),
    }
    if run.end == End::Discarded {
        steps.push(step(planned + run.confirm_ms, "discarded", "discarded-at"));
    }
    if run.end.is_after_apply_began() && !run.plan_only {
        let confirmed = planned + run.confirm_ms;
        let began = confirmed + 2_000;
        let ended = began + run.apply_ms;
        applying = Some([began, ended]);
        if run.confirmed_by.is_some() {
            steps.push(step(confirmed, "confirmed", "confirmed-at"));
        }
        steps.push(step(confirmed + 1_000, "apply_queued", "apply-queued-at"));
        steps.push(step(began, "applying", "applying-at"));
        steps.push(match run.end {
            End::ErroredInApply => step(ended, "errored", "errored-at"),
            End::CanceledInApply => step(ended, "canceled", "canceled-at"),
            End::ForceCanceled => step(ended, "force_canceled", "force-canceled-at"),
            _ => step(ended, "applied", "applied-at"),
        });
    }
    if let (Some(named), Some(last)) = (&run.status, steps.last_mut()) {
        last.status.clone_from(named);
    }
    Played {
        id: format!("run-{}", hash::letters(seed, 16)),
        created,
        steps,
        planning: [planning, planned],
        applying,
        changes: Vec::new(),
    }
}

/// The states of a workspace, and with them both sides of every change of its runs.
fn states_of(
    scenario: &Scenario,
    page: i64,
    (workspace, own): (usize, &[usize]),
    runs: &mut [Played],
) -> Vec<State> {
    let terraform = &scenario.terraform;
    let spec = &terraform.workspaces[workspace];
    // A change counts when its apply ends; one that never does sees the world as it is when it is planned.
    let mut order = own.to_vec();
    order.sort_by_key(|run| runs[*run].applying.map_or(runs[*run].planning[1], |[_, end]| end));

    let mut current: BTreeMap<String, Resource> = spec
        .resources
        .iter()
        .map(|resource| (resource.address.text.clone(), with_id(resource.clone())))
        .collect();
    for change in order.iter().flat_map(|run| &terraform.runs[*run].changes) {
        found_before(change, &mut current);
    }
    let seed = hash::of_text(scenario.seed, &spec.name);
    let name = |serial: u64| format!("sv-{}", hash::letters(hash::combine(seed, serial), 16));
    let mut states = Vec::new();
    if !current.is_empty() {
        states.push(State {
            id: name(1),
            at: page + spec.created,
            serial: 1,
            run: None,
            resources: current.clone(),
        });
    }
    for index in order {
        let run = &terraform.runs[index];
        let mut applied = 0;
        let mut drifted = current.clone();
        let mut sides = Vec::new();
        for (nth, change) in run.changes.iter().enumerate() {
            let made = hash::combine(hash::of_text(seed, &runs[index].id), nth as u64);
            if change.drift {
                sides.push(make(change, &mut drifted, made));
            } else if runs[index].applying.is_some() && applied < run.applied {
                applied += 1;
                sides.push(make(change, &mut current, made));
            } else {
                // Planned only.
                sides.push(make(change, &mut current.clone(), made));
            }
        }
        runs[index].changes = sides;
        if let Some([_, ended]) = runs[index].applying
            && (applied > 0 || run.end == End::Applied)
        {
            let serial = states.last().map_or(1, |last: &State| last.serial + 1);
            states.push(State {
                id: name(serial),
                at: ended,
                serial,
                run: Some(index),
                resources: current.clone(),
            });
        }
    }
    states
}

/// What a change finds was there before, also if the scenario says nothing else about it.
fn found_before(change: &Change, initial: &mut BTreeMap<String, Resource>) {
    let address = match change.action {
        Action::Create | Action::Import | Action::Read => return,
        _ => change.previous.as_ref().unwrap_or(&change.address),
    };
    let resource = initial.entry(address.text.clone()).or_insert_with(|| {
        with_id(Resource { address: address.clone(), values: Map::new(), sensitive: Vec::new() })
    });
    for name in change.attributes.iter().chain(change.values.keys()) {
        let made = hash::of_text(0, &format!("{}/{name}", address.text));
        resource.values.entry(name.clone()).or_insert_with(|| Value::from(word(made)));
    }
    add_missing(&mut resource.sensitive, &change.sensitive);
}

fn with_id(mut resource: Resource) -> Resource {
    let seed = hash::of_text(1, &resource.address.text);
    resource.values.entry("id").or_insert_with(|| id(&resource.address.kind, seed));
    resource
}

/// An id of the cloud's making.
fn id(kind: &str, seed: u64) -> Value {
    let short = match kind {
        "aws_security_group" => "sg",
        "aws_launch_template" => "lt",
        "aws_security_group_rule" => "sgr",
        _ => return Value::from(hash::uuid(seed)),
    };
    Value::from(format!("{short}-{}", hash::hex(seed, 17)))
}

fn word(seed: u64) -> String {
    hash::hex(seed, 12)
}

fn add_missing(names: &mut Vec<String>, more: &[String]) {
    for name in more {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
}

/// Makes a change in a state, and says how the resource was before and after.
fn make(change: &Change, state: &mut BTreeMap<String, Resource>, seed: u64) -> Sides {
    let address = &change.address;
    let from = change.previous.as_ref().unwrap_or(address);
    let old = match change.action {
        Action::Create | Action::Read => None,
        _ => state.get(&from.text).cloned(),
    };
    let mut sensitive = old.as_ref().map_or_else(Vec::new, |old| old.sensitive.clone());
    add_missing(&mut sensitive, &change.sensitive);
    let before = old.as_ref().map(|old| old.values.clone());
    let mut unknown = change.unknown.clone();
    let after = match change.action {
        Action::Delete | Action::Forget => None,
        _ => {
            let mut values = before.clone().unwrap_or_default();
            for name in &change.attributes {
                let made = hash::of_text(seed, name);
                values.insert(name.clone(), Value::from(word(made)));
            }
            values.extend(change.values.clone());
            let is_new =
                matches!(change.action, Action::Create | Action::Replace | Action::ReplaceFirst);
            if is_new || !values.contains_key("id") {
                values.insert("id".to_owned(), id(&address.kind, seed));
                unknown.push("id".to_owned());
            }
            Some(values)
        }
    };
    state.remove(&from.text);
    if let Some(values) = &after {
        let resource = Resource {
            address: address.clone(),
            values: values.clone(),
            sensitive: sensitive.clone(),
        };
        state.insert(address.text.clone(), resource);
    }
    let before = if change.action == Action::Import { after.clone() } else { before };
    Sides { before, after, sensitive, unknown }
}

/// How many resources a run adds, changes, destroys and imports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) additions: u64,
    pub(crate) changes: u64,
    pub(crate) destructions: u64,
    pub(crate) imports: u64,
}

impl Counts {
    /// Of the first `limit` changes that are of the plan.
    pub(crate) fn of(run: &Run, limit: usize) -> Counts {
        let mut counts = Counts::default();
        for change in run.changes.iter().filter(|change| !change.drift).take(limit) {
            match change.action {
                Action::Create => counts.additions += 1,
                Action::Update => counts.changes += 1,
                Action::Delete => counts.destructions += 1,
                Action::Replace | Action::ReplaceFirst => {
                    counts.additions += 1;
                    counts.destructions += 1;
                }
                Action::Import => counts.imports += 1,
                Action::NoOp | Action::Read | Action::Forget | Action::Move => {}
            }
        }
        counts
    }
}

/// Whether a workspace's runs are in the API, rather than on somebody's machine.
pub(crate) fn has_runs(scenario: &Scenario, workspace: usize) -> bool {
    let spec = &scenario.terraform.workspaces[workspace];
    matches!(spec.home, Home::Organization(_))
        && spec.execution != super::scenario::terraform::Execution::Local
}

#[cfg(test)]
mod tests;
