//! The resources of a run: out of its plan, and for one that stopped in the middle or took long, out of
//! the log of its apply. Those of a run that is over are kept: they never change again.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use ::record::Time;
use http::{Cause, Error};
use serde::{Deserialize, Serialize};
use store::{Cache, Scope, Store};

use super::api::{Detail, Tfe};
use super::change::has_counts;
use super::clause::{of_details as clause, unreadable};
use super::shapes::{Effect, Run};
use super::structured_log::StructuredLog;
use crate::record::{ChangeRecord, Counts, Diagnostic, Outcome, ResourceChange};
use crate::terraform::{ReadError, apply, plan};

/// An apply that took longer is told resource by resource: its end says too little of when what happened.
const LONG_APPLY_MS: i64 = 5 * 60 * 1000;

/// Details of runs are kept in so many places of so many each; where a place is full, the oldest run makes
/// room. One file each, so that two commands at once do not undo each other's work.
const PLACES: u64 = 1024;
const IN_A_PLACE: u64 = 4;
/// What is larger is asked for again.
const MOST_KEPT_RESOURCES: usize = 2_000;
/// Raise it when what is read out of a plan changes: what was kept before is read anew.
const KEPT_VERSION: u32 = 1;

/// What a run did, resource by resource. It has nothing that a record has not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Details {
    resources: Vec<ResourceChange>,
    left_out: u64,
    counts: Counts,
    /// Whether these are counts of what was done, and not of what was planned.
    counts_are_done: bool,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    run: String,
    time: Time,
    details: Details,
}

/// Where the details of an organisation's runs are kept.
#[derive(Debug)]
pub(super) struct Shelf(Option<Cache>);

/// Why there are no details, in a clause.
pub(super) type Why = String;

/// Why a part of the details could not be had.
#[derive(Debug)]
struct Missing {
    why: Why,
    /// Whether it has nothing to do with this run: no answer, a throttle, a wrong token.
    is_general: bool,
}

impl Missing {
    fn of_this_run(why: impl Into<Why>) -> Self {
        Self { why: why.into(), is_general: false }
    }

    /// Permissions are those of the workspace; a link is that of the run.
    fn of(error: &Error) -> Self {
        use Cause::{Denied, LinkExpired, NotFound, Refused};
        let is_of_this_run =
            matches!(error.cause, NotFound | Denied { .. } | LinkExpired { .. } | Refused { .. });
        Self { why: clause(error), is_general: !is_of_this_run }
    }
}

/// After so many runs in a row without an answer to the question for details, it is asked no more.
const PATIENCE: u32 = 3;

/// Whether the details still can be had. A service that does not answer is not asked a thousand times.
#[derive(Debug, Default)]
pub(super) struct Reachable(Mutex<(u32, Why)>);

impl Reachable {
    fn gave_up(&self) -> Option<Why> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (state.0 >= PATIENCE).then(|| state.1.clone())
    }

    fn note(&self, missing: Option<&Missing>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match missing {
            Some(missing) if missing.is_general => *state = (state.0 + 1, missing.why.clone()),
            _ => state.0 = 0,
        }
    }
}

impl Shelf {
    pub(super) fn of(tfe: &Tfe, store: Option<&Store>) -> Self {
        let scope =
            || Scope::new(format!("terraform {}", tfe.host()), tfe.organisation().to_owned());
        Self(store.map(|store| store.cache(&scope())))
    }

    fn take(&self, run: &str) -> Option<Details> {
        let cache = self.0.as_ref()?;
        let kept = names(run).filter_map(|name| cache.read::<Kept>(&name));
        kept.filter(is_current).find(|kept| kept.run == run).map(|kept| kept.details)
    }

    fn keep(&self, run: &str, time: Time, details: &Details) {
        let Some(cache) = &self.0 else { return };
        if details.resources.len() > MOST_KEPT_RESOURCES {
            return;
        }
        let age = |name: &String| {
            let kept = cache.read::<Kept>(name).filter(is_current);
            kept.map_or(Time::from_millis(i64::MIN), |kept| kept.time)
        };
        let Some(name) = names(run).min_by_key(age) else { return };
        let kept =
            Kept { version: KEPT_VERSION, run: run.to_owned(), time, details: details.clone() };
        // What cannot be kept is asked for again.
        let _ = cache.write(&name, &kept);
    }
}

fn is_current(kept: &Kept) -> bool {
    kept.version == KEPT_VERSION
}

/// The names under which a run may be kept. A hash of another kind only means that it is not found.
fn names(run: &str) -> impl Iterator<Item = String> {
    let mut hasher = DefaultHasher::new();
    run.hash(&mut hasher);
    let place = hasher.finish() % PLACES;
    (0..IN_A_PLACE).map(move |number| format!("run-{place}-{number}"))
}

/// Whether there is anything to be told of a run resource by resource.
pub(super) fn has_details(run: &Run) -> bool {
    let counts = [run.apply.as_ref().map(|it| it.counts), run.plan.as_ref().map(|it| it.counts)];
    let changes_something = counts.into_iter().flatten().any(|counts| {
        let all = [counts.additions, counts.changes, counts.destructions, counts.imports];
        all.into_iter().flatten().any(|count| count > 0)
    });
    match run.effect() {
        Effect::None => false,
        // Before its plan is there, it has none.
        Effect::OnItsWay | Effect::Unknown => changes_something,
        Effect::Partial => true,
        Effect::Applied | Effect::Applying | Effect::Awaiting => {
            changes_something || (!has_counts(run) && run.has_changes != Some(false))
        }
    }
}

/// The details of a run, kept ones first. Beside them stands why there are none, or not all.
pub(super) async fn details(
    tfe: &Tfe,
    run: &Run,
    shelf: &Shelf,
    reachable: &Reachable,
) -> (Option<Details>, Option<Why>) {
    if let Some(kept) = shelf.take(&run.id) {
        return (Some(kept), None);
    }
    if let Some(why) = reachable.gave_up() {
        return (None, Some(why));
    }
    let (mut details, mut missing) = match planned(tfe, run).await {
        Ok(details) => (details, None),
        Err(missing) => (None, Some(missing)),
    };
    if wants_apply_log(run) {
        match applied(tfe, run).await {
            Ok(None) => {}
            Ok(Some(apply)) => details.get_or_insert_default().came_to(apply),
            Err(error) => missing = missing.or(Some(error)),
        }
    }
    reachable.note(missing.as_ref());
    if let (Some(details), None, true) = (&details, &missing, run.is_final()) {
        let time = run.took_effect_at().unwrap_or(Time::from_millis(0));
        shelf.keep(&run.id, time, details);
    }
    (details, missing.map(|missing| missing.why))
}

async fn planned(tfe: &Tfe, run: &Run) -> Result<Option<Details>, Missing> {
    let Some(plan) = &run.plan else {
        return Err(Missing::of_this_run("the server does not say which plan they have"));
    };
    let (resources, left_out, counts) =
        match tfe.detail(plan).await.map_err(|error| Missing::of(&error))? {
            Detail::RedactedPlan(reader) | Detail::Plan(reader) => {
                let read = on_a_thread(move || plan::read(reader)).await?;
                (read.resources, read.left_out, read.counts)
            }
            Detail::Log(log) => {
                let read = on_a_thread(move || apply::read(log.text())).await?;
                (read.resources, read.left_out, read.counts)
            }
            Detail::Nothing { why: Some(error) } => return Err(Missing::of(&error)),
            Detail::Nothing { why: None } if run.is_final() => {
                return Err(Missing::of_this_run("the server has no plan in JSON of them"));
            }
            Detail::Nothing { why: None } => return Ok(None),
        };
    Ok(Some(Details { resources, left_out, counts, ..Details::default() }))
}

/// What really happened stands in the log of the apply only: of a run that stopped in the middle, and of
/// one that took so long that its end says too little.
fn wants_apply_log(run: &Run) -> bool {
    let is_structured = run.plan.as_ref().is_some_and(|plan| plan.has_structured_log);
    let took_long = || {
        let (Some(began), Some(ended)) = (run.time_of("applying"), run.time_of("applied")) else {
            return false;
        };
        ended.millis().saturating_sub(began.millis()) >= LONG_APPLY_MS
    };
    is_structured
        && match run.effect() {
            Effect::Partial | Effect::Applying => true,
            Effect::Applied => took_long(),
            _ => false,
        }
}

async fn applied(tfe: &Tfe, run: &Run) -> Result<Option<apply::Apply>, Missing> {
    let log = log_of_apply(tfe, run).await.map_err(|error| Missing::of(&error))?;
    match log.filter(|log| !log.text().trim_ascii().is_empty()) {
        Some(log) => on_a_thread(move || apply::read(log.text())).await.map(Some),
        None => Ok(None),
    }
}

/// The log of the apply of a run; once more with a fresh link when this one is over.
async fn log_of_apply(tfe: &Tfe, run: &Run) -> Result<Option<StructuredLog>, Error> {
    let Some((id, link)) = run.apply.as_ref().and_then(|it| Some((&it.id, it.log.as_ref()?)))
    else {
        return Ok(None);
    };
    match tfe.log(link).await {
        Err(Error { cause: Cause::LinkExpired { .. }, .. }) => {}
        read => return read.map(Some),
    }
    match tfe.apply(id).await?.log {
        Some(link) => tfe.log(&link).await.map(Some),
        None => Ok(None),
    }
}

impl Details {
    /// Takes in what the log of the apply says: how far each resource came, and when.
    fn came_to(&mut self, apply: apply::Apply) {
        let has_ended = matches!(apply.ending, apply::Ending::Applied | apply::Ending::Errored);
        let mut logged: HashMap<String, ResourceChange> =
            apply.resources.into_iter().map(|one| (one.address.clone(), one)).collect();
        for resource in &mut self.resources {
            match logged.remove(&resource.address) {
                Some(said) => {
                    resource.time = said.time;
                    resource.elapsed_seconds = said.elapsed_seconds;
                    resource.outcome = said.outcome;
                }
                // A plan has it, and the whole log says nothing of it.
                None if has_ended && changes_the_world(resource) => {
                    resource.outcome = Some(Outcome::NotStarted);
                }
                None => {}
            }
        }
        let mut only_logged: Vec<ResourceChange> = logged.into_values().collect();
        only_logged.sort_by(|one, other| one.address.cmp(&other.address));
        for resource in only_logged {
            match self.resources.len() < ResourceChange::MOST {
                true => self.resources.push(resource),
                false => self.left_out += 1,
            }
        }
        let drift = self.counts.drift.max(apply.counts.drift);
        self.counts = Counts { drift, ..apply.counts };
        self.counts_are_done = true;
        self.diagnostics = apply.diagnostics;
    }

    /// Puts the details into the record of their run.
    pub(super) fn fill(self, record: &mut ChangeRecord, run: &Run) {
        record.counts = match (run.effect() == Effect::Partial, self.counts_are_done) {
            (true, true) => self.counts,
            // What was planned is not what was done.
            (true, false) => Counts { drift: self.counts.drift, ..record.counts },
            (false, _) if has_counts(run) => Counts {
                add: record.counts.add,
                change: record.counts.change,
                destroy: record.counts.destroy,
                ..self.counts
            },
            (false, _) => self.counts,
        };
        record.resources = self.resources;
        record.resources_left_out = self.left_out;
        record.diagnostics = self.diagnostics;
    }
}

/// What an apply announces. The rest changes the state only, and a log may leave it out.
fn changes_the_world(resource: &ResourceChange) -> bool {
    use crate::record::Action::{Create, Delete, Replace, Update};
    matches!(resource.action, Create | Delete | Replace | Update)
}

/// Reading a plan waits for its next piece: that is for a thread of its own.
async fn on_a_thread<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, ReadError> + Send + 'static,
) -> Result<T, Missing> {
    match tokio::task::spawn_blocking(read).await {
        Ok(read) => read.map_err(|error| Missing::of_this_run(unreadable(&error))),
        Err(_) => Err(Missing::of_this_run("reading them broke off")),
    }
}

#[cfg(test)]
mod tests;
