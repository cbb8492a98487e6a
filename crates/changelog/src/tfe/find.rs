//! The calls in their order: the runs of a window, newest first, with the workspaces beside them, and the
//! versions of a state.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ::record::Time;
use futures_util::future::join;
use futures_util::stream::{self, StreamExt};
use http::{Cause, Error};
use tokio::sync::{mpsc, watch};

use super::api::{Include, RunPage, Tfe};
use super::change::of_version;
use super::plan_calls::{Coverage, Paging, Step, known_from, late_runs, matters};
use super::shapes::{Effect, Run, StateVersion, Workspace};
use crate::record::ChangeRecord;
use crate::window::Window;

/// Pages of workspaces that are read at most: two thousand workspaces.
const MOST_WORKSPACE_PAGES: u32 = 20;
/// Workspaces with local execution of which the states are looked at, at most: a call each.
const MOST_LOCAL: usize = 50;
/// So many of them at once.
const LOCAL_AT_ONCE: usize = 4;
/// Pages of versions of one state.
const MOST_VERSION_PAGES: u32 = 2;

/// What to look for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search<'a> {
    pub window: Window,
    /// Pages of the list of runs, at most.
    pub most_pages: u32,
    /// Names of workspaces, with `*` for any text; all of them where there is none.
    pub workspaces: &'a [String],
}

/// What is found, in the order in which it is to be handed over.
#[derive(Debug)]
pub(super) enum Finding {
    /// A run. Where it is not whole, what it refers to takes a call of its own.
    Run { run: Box<Run>, is_whole: bool },
    /// A version of the state of a workspace with local execution.
    Version(Box<ChangeRecord>),
    /// Everything that took effect from then on was found, and what is in flight.
    Reached(Time),
}

/// What the list of runs came to.
#[derive(Debug)]
pub(super) struct Listed {
    pub coverage: Coverage,
    /// Why it was broken off, where it was.
    pub failure: Option<Error>,
}

/// What the workspaces know.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By id, without their runs.
    pub workspaces: HashMap<String, Workspace>,
    /// What the list of runs may not have, or late.
    late: Vec<Late>,
    /// Whether all of them were read.
    pub is_all: bool,
    /// Why not.
    pub failure: Option<Error>,
    /// The states of local workspaces that could not be read, of how many, and why the first could not.
    pub unread_states: Option<(usize, usize, Error)>,
    /// Local workspaces that were too many to be looked at.
    pub left_out_states: usize,
    /// Local workspaces of which older versions were not looked at.
    pub cut_states: usize,
}

#[derive(Debug)]
enum Late {
    /// The current run of a workspace.
    Run(Box<Run>),
    /// The same, of which nothing came along.
    Unknown(String),
    /// A version of a state.
    Version(Box<ChangeRecord>),
}

/// The versions of a workspace's state that a window has.
#[derive(Clone, Debug)]
pub(super) struct Versions {
    /// Newest first.
    pub within: Vec<StateVersion>,
    /// The one before the window, which the oldest within differs from.
    pub before: Option<StateVersion>,
    /// How much of the window was seen.
    pub coverage: Coverage,
}

impl Search<'_> {
    /// Whether a workspace of that name is wanted.
    pub(super) fn wants(&self, name: &str) -> bool {
        self.workspaces.is_empty() || self.workspaces.iter().any(|pattern| fits(pattern, name))
    }

    /// Whether a run may be wanted: where its workspace is not known yet, it may.
    fn may_want(&self, run: &Run) -> bool {
        let workspace = run.workspace.as_ref().filter(|workspace| !workspace.name.is_empty());
        workspace.is_none_or(|workspace| self.wants(&workspace.name))
    }
}

/// Whether a name is as a pattern says, in which `*` is any text.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|tail| {
            let mut ends = tail.char_indices().map(|(at, _)| at).chain([tail.len()]);
            ends.any(|at| fits(rest, &tail[at..]))
        }),
    }
}

impl Tfe {
    /// Hands over the runs that took effect within a window or are still about to, page by page, and before
    /// each moment that is reached what the workspaces know from that moment on.
    ///
    /// An error is one that left nothing to read.
    pub(super) async fn find_runs(
        &self,
        search: &Search<'_>,
        known: watch::Receiver<Option<Arc<Known>>>,
        to: &mpsc::Sender<Finding>,
    ) -> Result<Listed, Error> {
        let mut announcer = Announcer { known, to, seen: HashSet::new() };
        let mut paging = Paging::new(search.window.since, search.most_pages);
        let mut page = self.first_runs(paging.first()).await?;
        let include = if page.has_related { Include::Related } else { Include::Nothing };
        loop {
            let step = paging.saw(page.runs.iter().map(|run| run.created_at), page.next);
            let is_whole = page.has_related;
            let mut runs = page.runs;
            runs.retain(|run| {
                let is_new = announcer.seen.insert(run.id.clone());
                is_new && matters(run, search.window) && search.may_want(run)
            });
            let runs = runs.into_iter().map(|run| Finding::Run { run: Box::new(run), is_whole });
            let found: Vec<Finding> = runs.collect();
            let next = match step {
                Step::Enough(coverage) => {
                    announcer.end(found, coverage, search.window).await;
                    return Ok(Listed { coverage, failure: None });
                }
                Step::Ask(next) => next,
            };
            // The next page is under way while the workspaces may still be.
            let hand_over = announcer.page(found, paging.reached());
            let (answer, ()) = join(self.runs(next, include), hand_over).await;
            page = match answer {
                Ok(page) => page,
                Err(error) => {
                    let coverage = paging.broken_off();
                    announcer.end(Vec::new(), coverage, search.window).await;
                    return Ok(Listed { coverage, failure: Some(error) });
                }
            };
        }
    }

    /// Reads the workspaces: what their current runs are, and the states of those that have no runs.
    pub(super) async fn know_workspaces(&self, search: &Search<'_>) -> Known {
        let mut known = Known::default();
        let mut local = Vec::new();
        let mut next = Some(1);
        while let Some(number) = next.filter(|number| *number <= MOST_WORKSPACE_PAGES) {
            let page = match self.workspaces(number).await {
                Ok(page) => page,
                Err(error) => {
                    known.failure = Some(error);
                    break;
                }
            };
            next = page.next;
            let mut workspaces = page.workspaces;
            workspaces.retain(|workspace| search.wants(&workspace.name));
            let late = late_runs(&HashSet::new(), &workspaces, search.window);
            let late: HashSet<String> = late.into_iter().map(str::to_owned).collect();
            for mut workspace in workspaces {
                let run = workspace.current_run.take();
                let id = workspace.current_run_id.clone().filter(|id| late.contains(id));
                known.late.extend(id.map(|id| match run {
                    Some(run) => Late::Run(Box::new(Run {
                        workspace: Some(workspace.clone()),
                        workspace_id: Some(workspace.id.clone()),
                        ..*run
                    })),
                    None => Late::Unknown(id),
                }));
                if workspace.execution_mode == "local" && may_have_changed(&workspace, search) {
                    local.push(workspace.clone());
                }
                known.workspaces.insert(workspace.id.clone(), workspace);
            }
        }
        known.is_all = next.is_none();
        self.know_states(&mut known, local, search.window).await;
        known
    }

    /// Reads the states of workspaces with local execution: they have no runs.
    async fn know_states(&self, known: &mut Known, mut local: Vec<Workspace>, window: Window) {
        known.left_out_states = local.len().saturating_sub(MOST_LOCAL);
        local.truncate(MOST_LOCAL);
        let answers = stream::iter(&local).map(async |workspace| {
            (workspace, self.versions_within(&workspace.name, window, MOST_VERSION_PAGES).await)
        });
        let mut answers = std::pin::pin!(answers.buffered(LOCAL_AT_ONCE));
        while let Some((workspace, answer)) = answers.next().await {
            match answer {
                Ok(versions) => {
                    known.cut_states += usize::from(versions.coverage != Coverage::Whole);
                    let changes = versions.changes(workspace, window);
                    known.late.extend(changes.map(|change| Late::Version(Box::new(change))));
                }
                Err(error) => match &mut known.unread_states {
                    Some((count, _, _)) => *count += 1,
                    None => known.unread_states = Some((1, local.len(), error)),
                },
            }
        }
    }

    /// The finished versions of a workspace's state within a window, with at most so many pages.
    pub(super) async fn versions_within(
        &self,
        workspace: &str,
        window: Window,
        most_pages: u32,
    ) -> Result<Versions, Error> {
        let mut paging = Paging::down_to(window.since, most_pages);
        let (mut within, mut before) = (Vec::new(), None);
        let mut number = paging.first();
        loop {
            let page = self.state_versions(workspace, number).await?;
            let step =
                paging.saw(page.versions.iter().map(|version| version.created_at), page.next);
            for version in page.versions {
                // Half-written and withdrawn ones were never the state.
                if matches!(version.status.as_str(), "pending" | "discarded") {
                    continue;
                }
                match version.created_at {
                    Some(created) if created >= window.until => {}
                    Some(created) if created < window.since => before = before.or(Some(version)),
                    _ => within.push(version),
                }
            }
            match step {
                Step::Ask(next) => number = next,
                Step::Enough(coverage) => return Ok(Versions { within, before, coverage }),
            }
        }
    }

    /// The first page, without what runs refer to where the server does not know how to include it.
    async fn first_runs(&self, page: u32) -> Result<RunPage, Error> {
        match self.runs(page, Include::Related).await {
            Err(Error { cause: Cause::Refused { .. }, .. }) => {
                self.runs(page, Include::Nothing).await
            }
            answer => answer,
        }
    }
}

/// Whether the state of a workspace may have changed since the window began. A server that does not say so
/// has to be asked.
fn may_have_changed(workspace: &Workspace, search: &Search<'_>) -> bool {
    workspace.latest_change_at.is_none_or(|changed| changed >= search.window.since)
}

impl Versions {
    /// A change each, newest first.
    fn changes(&self, workspace: &Workspace, window: Window) -> impl Iterator<Item = ChangeRecord> {
        let older = self.within.iter().skip(1).map(Some).chain([self.before.as_ref()]);
        let made_here =
            self.within.iter().zip(older).filter(|(version, _)| version.run_id.is_none());
        made_here.map(move |(version, before)| {
            let time = version.created_at.unwrap_or(window.since);
            of_version(version, before, workspace, time)
        })
    }
}

/// Hands over what is found, each once, newest first, and says how far that is.
struct Announcer<'a> {
    known: watch::Receiver<Option<Arc<Known>>>,
    to: &'a mpsc::Sender<Finding>,
    seen: HashSet<String>,
}

impl Announcer<'_> {
    /// A page came, after which the list is known back to `reached`: what the workspaces know from there on
    /// goes with it, and whatever is in flight.
    async fn page(&mut self, found: Vec<Finding>, reached: Option<Time>) {
        let late = self.late(|late| late.is_from(reached)).await;
        self.hand_over(found, late, reached).await;
    }

    /// The list is at its end.
    async fn end(&mut self, found: Vec<Finding>, coverage: Coverage, window: Window) {
        let (late, reached) = match coverage {
            Coverage::Whole => (self.late(|_| true).await, Some(window.since)),
            // Of what is older only some would be known, for a call each.
            Coverage::Cut { before: Some(before) } => {
                let reached = Some(known_from(before));
                (self.late(|late| late.is_from(reached)).await, reached)
            }
            Coverage::Cut { before: None } => (self.late(|_| true).await, None),
        };
        self.hand_over(found, late, reached).await;
    }

    /// Says after each moment that it is reached, and not only at the end: the details of what comes behind
    /// take their time.
    async fn hand_over(&self, mut found: Vec<Finding>, late: Vec<Finding>, reached: Option<Time>) {
        found.extend(late);
        // What has no place in time, and what is in flight, comes before everything.
        found.sort_by_key(|finding| Reverse(finding.effect().unwrap_or(END_OF_TIME)));
        let mut last = END_OF_TIME;
        for finding in found {
            let time = finding.effect().unwrap_or(END_OF_TIME);
            if time < last && last != END_OF_TIME && reached.is_some_and(|reached| last > reached) {
                self.find(Finding::Reached(last)).await;
            }
            last = time;
            self.find(finding).await;
        }
        if let Some(reached) = reached {
            self.find(Finding::Reached(reached)).await;
        }
    }

    async fn find(&self, finding: Finding) {
        // Nobody waits for it any more where the reader has gone.
        let _ = self.to.send(finding).await;
    }

    /// What the workspaces know, each once, once they are known.
    async fn late(&mut self, is_due: impl Fn(&Late) -> bool) -> Vec<Finding> {
        let Ok(known) = self.known.wait_for(Option::is_some).await.map(|known| known.clone())
        else {
            return Vec::new();
        };
        let late = known.iter().flat_map(|known| &known.late);
        let due = late.filter(|late| is_due(late) && self.seen.insert(late.id().to_owned()));
        due.map(Late::finding).collect()
    }
}

/// After everything.
const END_OF_TIME: Time = Time::from_millis(i64::MAX);

impl Finding {
    /// When it took effect; nothing where it is in flight or that is not known.
    fn effect(&self) -> Option<Time> {
        match self {
            Self::Run { run, .. } if run.is_final() || run.effect() == Effect::Unknown => {
                run.took_effect_at()
            }
            Self::Run { .. } => None,
            Self::Version(change) => Some(change.time),
            Self::Reached(time) => Some(*time),
        }
    }
}

impl Late {
    /// Whether it belongs to what is known back to a moment: what is in flight always does.
    fn is_from(&self, reached: Option<Time>) -> bool {
        match (self, reached) {
            (Self::Run(run), _) if !run.is_final() => true,
            (Self::Run(run), Some(reached)) => {
                run.took_effect_at().is_none_or(|time| time >= reached)
            }
            (Self::Version(change), Some(reached)) => change.time >= reached,
            // The list still may bring it for nothing.
            (Self::Unknown(_), _) | (_, None) => false,
        }
    }

    fn id(&self) -> &str {
        match self {
            Self::Run(run) => &run.id,
            Self::Unknown(id) => id,
            Self::Version(change) => change.id.as_deref().unwrap_or_default(),
        }
    }

    fn finding(&self) -> Finding {
        match self {
            // Who began it does not come along with a workspace. Of what still waits, that is not worth a
            // call.
            Self::Run(run) => Finding::Run {
                run: run.clone(),
                is_whole: !matches!(run.effect(), Effect::Applied | Effect::Partial),
            },
            Self::Unknown(id) => {
                let run = Run { id: id.clone(), ..Run::default() };
                Finding::Run { run: Box::new(run), is_whole: false }
            }
            Self::Version(change) => Finding::Version(change.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
