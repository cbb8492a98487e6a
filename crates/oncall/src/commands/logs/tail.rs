//! `oncall logs [tail]`: the events of targets, in order of time.

use clap::Args;
use logs::{LogRecord, TaskStopped};
use output::Output;
use regex::Regex;

use super::choose;
use super::feed::Taker;
use super::follow::{FollowArgs, TaskStoppedLine};
use super::outlets::OutletArgs;
use super::reading::{self, Conditions, Ended, Ending, Wanted, WindowArgs};
use super::render::{LogLine, Look};
use super::resume::{Job, ResumeArgs};
use crate::context::{Context, Stops};
use crate::exit::Exit;
use crate::failure::Failure;

/// Read the events of services, tasks and groups, in order of time
#[derive(Debug, Args)]
pub(crate) struct Tail {
    /// A service, CLUSTER/SERVICE[/CONTAINER], a task id, a log group, a glob, an ARN, or a name of
    /// the configuration
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    #[command(flatten)]
    window: WindowArgs,
    #[command(flatten)]
    conditions: Conditions,
    /// Only events that match (a regular expression; repeatable: any of them)
    #[arg(short = 'i', long, value_name = "REGEX", help_heading = "Conditions")]
    include: Vec<String>,
    /// No events that match (repeatable)
    #[arg(short = 'e', long, value_name = "REGEX", help_heading = "Conditions")]
    exclude: Vec<String>,
    #[command(flatten)]
    follow: FollowArgs,
    #[command(flatten)]
    resume: ResumeArgs,
    #[command(flatten)]
    outlets: OutletArgs,
}

pub(crate) async fn run(verb: Tail, context: &Context) -> Result<Exit, Failure> {
    let selection = verb.conditions.selection(&verb.include, &verb.exclude)?;
    let mut marks = logs::highlight(&verb.conditions.highlight)?;
    marks.extend(logs::highlight(&verb.include)?);
    let job = verb.resume.job(context)?;
    let window = Job::window(job.as_ref(), &verb.window, context)?;
    let mut output = verb.outlets.output(job.as_ref(), !verb.follow.is_asked(), context)?;
    let mut stops = Stops::of(&output)?;
    let targets = match verb.follow.with_task(&verb.targets) {
        typed if typed.is_empty() => choose::targets(&typed, context, &mut stops).await?,
        typed => typed.into_owned(),
    };
    let wanted = Wanted {
        targets: &targets,
        window,
        conditions: &verb.conditions,
        asked: verb.conditions.asked(&[("--include", &verb.include), ("--exclude", &verb.exclude)]),
        selection,
        follow: &verb.follow,
        since_is_asked: verb.window.is_asked(),
        job,
    };
    let (doors, mut feed) = stops.or(reading::begin(wanted, &mut output, context)).await??;
    let _progress = reading::progress(&feed, context);
    let look =
        Look::new(context.now(), window, marks, feed.whose()).expanded(verb.conditions.expand);
    let mut printer = Printer { output: &mut output, look: &look };
    let ending = feed.hand_on(&mut printer, &mut stops, context.talk()).await?;
    feed.finish(&mut output, &mut stops, ending).await?;
    let follows = verb.follow.is_asked();
    let ended = Ended { ending, window, found: true, follows, form: verb.outlets.summary };
    reading::conclude(&feed.summary(), &feed, &doors, ended, context)
}

/// Prints all of it.
struct Printer<'a> {
    output: &'a mut Output,
    look: &'a Look,
}

impl Taker for Printer<'_> {
    async fn take(&mut self, batch: &[LogRecord]) -> Result<usize, Failure> {
        for record in batch {
            self.output.present(&LogLine { record, look: self.look }).await?;
        }
        self.output.pass_on().await?;
        Ok(batch.len())
    }

    async fn settle(&mut self) -> Result<Option<u64>, Failure> {
        Ok(self.output.settle().await?)
    }

    async fn take_end(&mut self, stopped: &TaskStopped) -> Result<(), Failure> {
        Ok(self.output.present(&TaskStoppedLine(stopped)).await?)
    }

    fn has_enough(&self) -> Option<Ending> {
        None
    }
}

/// What `--highlight` and a search mark.
pub(super) type Marks = Vec<Regex>;
