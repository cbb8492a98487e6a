//! Reading all sources side by side: their findings become one stream, tickets are looked up, and what
//! was read is told at the end.

use changelog::jira::Tickets;
use changelog::{
    Answer, ChangeRecord, Ended, Found, InFlight, Merged, Paged, Scope, Sink, SourceRead, Summary,
    before_minutes, ecs_deployments, jira, s3_state, sinks, tfe,
};
use futures_util::future::{LocalBoxFuture, join_all, try_join};
use output::Notice;
use record::Time;

use super::asked::{AskedArgs, Moments};
use super::open::{self, Opened, Sources};
use super::systems::Systems;
use super::who;
use crate::commands::logs::SummaryForm;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::short_time::clock;

/// So many change tickets are read at most.
const MOST_TICKETS: usize = 500;
/// The runs that Terraform gives in a page at most.
const RUNS_A_PAGE: u32 = 100;

/// What is to be read, opened.
pub(super) struct Reading<'a> {
    asked: &'a AskedArgs,
    context: &'a Context,
    pub(super) moments: Moments,
    systems: Systems,
    paged: Paged,
    sources: Sources,
}

/// How the findings are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// As soon as their turn has come, the newest first.
    AsFound(InFlight),
    /// All at once, the newest first.
    AtTheEnd,
}

impl<'a> Reading<'a> {
    /// Opens the sources. `ranked`: the systems that were typed are what was paged, and all changes
    /// count; else only changes of them are wanted.
    pub(super) async fn open(asked: &'a AskedArgs, context: &'a Context) -> Result<Self, Failure> {
        let moments = asked.moments(context)?;
        let systems = Systems::of(&asked.systems, context);
        let paged = systems.paged(moments.counted_from(), &asked.sources.clusters);
        let sources = open::sources(&asked.sources, context).await?;
        Ok(Self { asked, context, moments, systems, paged, sources })
    }

    /// What was paged.
    pub(super) fn paged(&self) -> &Paged {
        &self.paged
    }

    /// Reads everything, and hands changes on.
    pub(super) async fn hand_on(
        &self,
        delivery: Delivery,
        ranked: bool,
        mut taker: impl AsyncFnMut(Vec<ChangeRecord>) -> Result<(), Failure>,
    ) -> Result<Vec<SourceRead>, Failure> {
        let opened = &self.sources.opened;
        let (sinks, mut found) = sinks(opened.len());
        let in_flight = match delivery {
            Delivery::AsFound(in_flight) => in_flight,
            Delivery::AtTheEnd => InFlight::InTime,
        };
        let mut merged =
            Merged::new(opened.len(), Scope { window: self.moments.window, in_flight });
        let work = opened.iter().zip(sinks).map(|(source, sink)| -> LocalBoxFuture<'_, _> {
            Box::pin(async move {
                let reads = self.read(source, &sink).await;
                sink.ended().await;
                reads
            })
        });
        let mut tickets = self.tickets();
        let reading = async { Ok::<_, Failure>(join_all(work.collect::<Vec<_>>()).await) };
        let consuming = async {
            while let Some((place, finding)) = found.recv().await {
                let may_unlock = !matches!(finding, Found::Change(_));
                merged.take(place, finding);
                if may_unlock && delivery != Delivery::AtTheEnd {
                    let ready = self.finished(merged.ready(), ranked, &mut tickets).await;
                    taker(ready).await?;
                }
            }
            let ready = self.finished(merged.ready(), ranked, &mut tickets).await;
            taker(ready).await
        };
        let (reads, ()) = try_join(reading, consuming).await?;
        let mut reads: Vec<SourceRead> = reads.into_iter().flatten().collect();
        reads.extend(self.sources.failed.iter().cloned());
        if let Some(tickets) = tickets {
            self.say_unknown_fields(&tickets);
            let looked_up = tickets.read(self.moments.now.timestamp().into());
            reads.extend(looked_up.filter(|read| {
                // The same Jira as a source has said it already.
                let is_whole = matches!(read.ended, Ended::Complete { .. });
                !reads.iter().any(|known| {
                    known.source == read.source && (is_whole || known.ended == read.ended)
                })
            }));
        }
        Ok(reads)
    }

    /// Where tickets are looked up, if anywhere.
    fn tickets(&self) -> Option<Tickets> {
        let Sources { jira, rules, projects, .. } = &self.sources;
        Some(Tickets::new(jira.clone()?, rules.clone(), projects.clone()))
    }

    fn say_unknown_fields(&self, tickets: &Tickets) {
        for name in tickets.unknown_names() {
            let note = format!("this Jira has no field `{name}` ([jira] of the configuration)");
            self.context.talk().say(Notice::Note, &note);
        }
    }

    async fn read(&self, source: &Opened, sink: &Sink) -> Vec<SourceRead> {
        let window = self.moments.window;
        let now: Time = self.moments.now.timestamp().into();
        let args = &self.asked.sources;
        match source {
            Opened::Terraform(tfe) => {
                let ask = tfe::Ask {
                    window,
                    now,
                    projects: &self.sources.projects,
                    most_pages: args.most_runs.div_ceil(RUNS_A_PAGE),
                    details: !args.no_details,
                    store: self.context.store(),
                    workspaces: &[],
                };
                tfe::read(tfe, &ask, sink).await
            }
            Opened::S3State { door, region, place } => {
                let place = s3_state::StatePlace {
                    bucket: place.bucket.clone(),
                    prefix: place.prefix.clone(),
                };
                let ask = s3_state::Ask { window, now, most_pages: s3_state::Ask::MOST_PAGES };
                vec![s3_state::read(door, region, &place, &ask, sink).await]
            }
            Opened::Ecs(place) => {
                let wants = |_: &str, _: &str| true;
                let ask = ecs_deployments::Ask {
                    window,
                    now,
                    account: place.account.as_deref(),
                    clusters: &args.clusters,
                    wants: &wants,
                    stopped: !args.no_details,
                };
                match args.who {
                    true => who::read(place, &ask, sink, self.context.talk()).await,
                    false => ecs_deployments::read(&place.fleet, &ask, sink).await,
                }
            }
            Opened::Jira(jira) => {
                let ask = jira::Ask {
                    window,
                    now,
                    projects: self.sources.project_keys.clone(),
                    rules: self.sources.rules.clone(),
                    most: MOST_TICKETS,
                };
                jira::read(jira, &ask, sink).await
            }
            Opened::From(file) => file.read(window, now, sink).await,
        }
    }

    /// The changes that are wanted, with their tickets and the minutes before the moment.
    async fn finished(
        &self,
        mut changes: Vec<ChangeRecord>,
        ranked: bool,
        tickets: &mut Option<Tickets>,
    ) -> Vec<ChangeRecord> {
        if self.systems.is_some() && !ranked {
            changes.retain(|change| self.systems.concern(change));
        }
        if let Some(tickets) = tickets {
            let mut all: Vec<&mut ChangeRecord> = changes.iter_mut().collect();
            tickets.join(&mut all).await;
        }
        let from = self.moments.counted_from();
        for change in &mut changes {
            self.systems.name_environment(change);
            change.before_minutes = Some(before_minutes(change, from));
        }
        changes
    }

    /// What was read, and how far.
    pub(super) fn summary(&self, changes: u64, sources: Vec<SourceRead>) -> Summary {
        let window = self.moments.window;
        let time = self.moments.now.timestamp().into();
        Summary { time, since: window.since, until: window.until, changes, sources }
    }
}

/// Says what was read, and how to exit.
pub(super) fn say(
    summary: &Summary,
    form: SummaryForm,
    context: &Context,
) -> Result<Exit, Failure> {
    let now = context.now();
    match form {
        SummaryForm::Json => {
            // Texts and numbers written to memory cannot fail.
            context.talk().record(&serde_json::to_string(summary).unwrap_or_default());
        }
        // A script that got what it asked for wants no word about it.
        SummaryForm::Text
            if summary.answer() == Answer::Changed && !context.talk().is_terminal() => {}
        SummaryForm::Text => {
            let notice = match summary.is_complete() {
                true => Notice::Summary,
                false => Notice::Missing,
            };
            context.talk().say(notice, &summary.sentence(|time| clock(time, &now)));
        }
        SummaryForm::None => {}
    }
    Ok(match summary.answer() {
        Answer::Changed => Exit::Done,
        Answer::NothingChanged => Exit::No,
        Answer::Incomplete => Exit::Incomplete,
        Answer::Denied => Exit::Denied,
    })
}

/// Says what could not be read, if anything could not.
pub(super) fn say_missing(summary: &Summary, context: &Context) {
    if !summary.is_complete() {
        let now = context.now();
        let sentence = summary.sentence(|time: Time| clock(time, &now));
        context.talk().say(Notice::Missing, &sentence);
    }
}
