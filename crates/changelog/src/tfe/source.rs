//! An organisation's Terraform as a source of changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::record::Time;
use futures_util::future::{join, try_join};
use futures_util::stream::{self, StreamExt};
use http::Error;
use store::Store;
use tokio::sync::{mpsc, watch};

use super::api::Tfe;
use super::change::{change, settle};
use super::clause::{of_details, of_lists};
use super::details::{Reachable, Shelf, Why, details, has_details};
use super::find::{Finding, Known, Listed, Search};
use super::plan_calls::{Coverage, known_from, matters};
use super::shapes::{Effect, Run};
use crate::found::Sink;
use crate::jira::Projects;
use crate::record::{ChangeRecord, Source, Status};
use crate::sources::{Ended, SourceRead};
use crate::window::Window;

/// The details of so many runs are asked for at once.
const DETAILS_AT_ONCE: usize = 4;
/// So many findings may wait for their details; then the list of runs waits.
const READ_AHEAD: usize = 200;

/// What is asked of an organisation.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Changes that took effect in it are wanted, and those in flight.
    pub window: Window,
    /// The moment of the reading.
    pub now: Time,
    /// Whose keys are tickets.
    pub projects: &'a Projects,
    /// Pages of a hundred runs that are read at most; the lists of runs have 30 calls a minute.
    pub most_pages: u32,
    /// Whether to read what each run did, resource by resource: a call or more for each.
    pub details: bool,
    /// Where the details of runs that are over are kept.
    pub store: Option<&'a Store>,
    /// The names of the workspaces, with `*` for any text. All of them where there is none.
    pub workspaces: &'a [String],
}

/// Reads an organisation: its runs, newest first, and the states of workspaces that have no runs.
///
/// A change is handed over with its resources, so that four of them are asked for at once while the lists go
/// on. That everything from a moment on was handed over is said an hour later than the list was read to:
/// a run waits for a while before it takes effect. One that waited longer is found by its workspace, if it is
/// still its current run.
pub async fn read(tfe: &Tfe, ask: &Ask<'_>, sink: &Sink) -> Vec<SourceRead> {
    let search =
        Search { window: ask.window, most_pages: ask.most_pages, workspaces: ask.workspaces };
    let (to, from) = mpsc::channel(READ_AHEAD);
    let (tell, known) = watch::channel(None);
    let worker = Worker {
        tfe,
        ask,
        search,
        known: known.clone(),
        shelf: Shelf::of(tfe, ask.store),
        reachable: Reachable::default(),
    };

    let find = async {
        let list = async {
            let listed = tfe.find_runs(&search, known, &to).await;
            // The worker ends when nothing more can come.
            drop(to);
            listed
        };
        let workspaces = async {
            let known = Arc::new(tfe.know_workspaces(&search).await);
            tell.send_replace(Some(Arc::clone(&known)));
            Ok::<_, Error>(known)
        };
        try_join(list, workspaces).await
    };
    let (found, told) = join(find, worker.work_off(from, sink)).await;
    let ended = match found {
        Ok((listed, known)) => ended(&listed, &known, &told, ask),
        Err(error) => Ended::unread(of_lists(&error), error.gravity() == http::Gravity::Denied),
    };
    vec![SourceRead {
        source: Source::Terraform,
        name: Some(tfe.organisation().to_owned()),
        changes: told.changes,
        ended,
    }]
}

/// Makes changes out of what is found.
struct Worker<'a> {
    tfe: &'a Tfe,
    ask: &'a Ask<'a>,
    search: Search<'a>,
    known: watch::Receiver<Option<Arc<Known>>>,
    shelf: Shelf,
    reachable: Reachable,
}

/// What was handed over.
#[derive(Debug, Default)]
struct Told {
    changes: u64,
    /// Runs of which the details were wanted.
    wanted: u64,
    missing: Missing,
    incomplete: Missing,
    /// Statuses that this program does not know.
    unknown: Missing,
}

/// How often something was missing, for which reason.
#[derive(Debug, Default)]
struct Missing(BTreeMap<String, u64>);

/// A finding that was worked off.
enum Worked {
    Change {
        record: Box<ChangeRecord>,
        wanted: bool,
        no_details: Option<Why>,
        incomplete: Option<Why>,
        unknown: Option<Why>,
    },
    Nothing,
    Reached(Time),
}

impl Worker<'_> {
    async fn work_off(&self, from: mpsc::Receiver<Finding>, sink: &Sink) -> Told {
        let findings = stream::unfold(from, async |mut from| Some((from.recv().await?, from)));
        // In their order, so that what is reached is said after everything before it.
        let worked = findings.map(|finding| self.worked(finding)).buffered(DETAILS_AT_ONCE);
        let mut worked = std::pin::pin!(worked);
        let mut told = Told::default();
        while let Some(worked) = worked.next().await {
            match worked {
                Worked::Change { record, wanted, no_details, incomplete, unknown } => {
                    told.changes += 1;
                    told.wanted += u64::from(wanted);
                    told.missing.note(no_details);
                    told.incomplete.note(incomplete);
                    told.unknown.note(unknown);
                    sink.change(*record).await;
                }
                Worked::Nothing => {}
                Worked::Reached(time) => sink.reached(time).await,
            }
        }
        told
    }

    async fn worked(&self, finding: Finding) -> Worked {
        match finding {
            Finding::Reached(time) => Worked::Reached(time),
            Finding::Version(record) => Worked::Change {
                record,
                wanted: false,
                no_details: None,
                incomplete: None,
                unknown: None,
            },
            Finding::Run { run, is_whole } => self.told(*run, is_whole).await,
        }
    }

    async fn told(&self, run: Run, is_whole: bool) -> Worked {
        let (mut run, incomplete) = match is_whole {
            true => (run, None),
            false => match self.tfe.run(&run.id).await {
                Ok(whole) => (Run { workspace: whole.workspace.or(run.workspace), ..whole }, None),
                Err(error) => (run, Some(of_lists_of_one(&error))),
            },
        };
        let wanted = self.ask.details && has_details(&run);
        let (details, no_details) = match wanted {
            true => details(self.tfe, &run, &self.shelf, &self.reachable).await,
            false => (None, None),
        };
        self.place(&mut run).await;
        let is_elsewhere =
            run.workspace.as_ref().is_some_and(|workspace| !self.search.wants(&workspace.name));
        // Once it is whole, it may be another one than it seemed to be.
        if is_elsewhere || !matters(&run, self.ask.window) {
            return Worked::Nothing;
        }
        let link = |workspace: &str| self.tfe.link(workspace, &run.id);
        let mut record = change(&run, self.ask.projects, link);
        if let Some(details) = details {
            details.fill(&mut record, &run);
        }
        settle(&mut record, &run);
        let unknown = match &record.status {
            Status::Unknown(status) if run.effect() == Effect::Unknown => Some(status.clone()),
            _ => None,
        };
        Worked::Change { record: Box::new(record), wanted, no_details, incomplete, unknown }
    }

    /// What the workspaces say of the workspace of a run: only they have its project.
    async fn place(&self, run: &mut Run) {
        let mut known = self.known.clone();
        let Ok(known) = known.wait_for(Option::is_some).await.map(|known| known.clone()) else {
            return;
        };
        let id = run.workspace_id.as_deref().unwrap_or_default();
        if let Some(workspace) = known.as_ref().and_then(|known| known.workspaces.get(id)) {
            run.workspace = Some(workspace.clone());
        }
    }
}

/// Why one run could not be had.
fn of_lists_of_one(error: &Error) -> Why {
    match error.cause {
        http::Cause::NotFound => "not found, or not permitted (HTTP 404)".to_owned(),
        _ => of_lists(error),
    }
}

impl Missing {
    fn note(&mut self, why: Option<Why>) {
        if let Some(why) = why {
            *self.0.entry(why).or_default() += 1;
        }
    }

    /// How often in all, and the commonest reason.
    fn sum(&self) -> Option<(u64, &str)> {
        let (why, _) = self.0.iter().max_by_key(|(_, count)| **count)?;
        Some((self.0.values().sum(), why))
    }
}

/// How the reading ended: what is missing, each in a clause.
fn ended(listed: &Listed, known: &Known, told: &Told, ask: &Ask<'_>) -> Ended {
    let mut why = Vec::new();
    let mut complete_from = None;
    if let Coverage::Cut { before } = listed.coverage {
        complete_from = before.map(known_from);
        why.push(match (&listed.failure, before) {
            (Some(error), _) => of_lists(error),
            (None, Some(_)) => format!("more than {} pages of runs", ask.most_pages),
            (None, None) => {
                format!("more than {} pages of runs, in no order of time", ask.most_pages)
            }
        });
    }
    match &known.failure {
        Some(error) => {
            why.push(format!("runs that were confirmed late may be missing: {}", of_lists(error)));
        }
        None if !known.is_all => {
            why.push(
                "runs that were confirmed late may be missing: too many workspaces".to_owned(),
            );
        }
        None => {}
    }
    if let Some((count, why_not)) = told.incomplete.sum() {
        why.push(format!("commit and actor of {count} runs: {why_not}"));
    }
    // An audit must not call clean what nobody knows the outcome of.
    if let Some((count, status)) = told.unknown.sum() {
        let runs = if count == 1 { "run" } else { "runs" };
        why.push(format!("what became of {count} {runs}: nobody here knows the status `{status}`"));
    }
    if let Some((count, why_not)) = told.missing.sum() {
        why.push(format!("details of {count} of {} runs: {why_not}", told.wanted));
    }
    if let Some((count, of, error)) = &known.unread_states {
        let why_not = match error.cause {
            http::Cause::NotFound | http::Cause::Denied { .. } => {
                "the token needs to read state versions".to_owned()
            }
            _ => of_details(error),
        };
        why.push(format!("states of {count} of {of} local workspaces: {why_not}"));
    }
    if known.left_out_states > 0 {
        why.push(format!("states of {} more local workspaces: too many", known.left_out_states));
    }
    if known.cut_states > 0 {
        why.push(format!("older states of {} local workspaces: too many", known.cut_states));
    }
    let why = why.join("; ");
    match complete_from {
        Some(at) => Ended::CutShort { at, why },
        None if why.is_empty() => Ended::Complete { until: ask.now },
        None => Ended::Partly { why },
    }
}

#[cfg(test)]
mod tests;
