//! `oncall logs [tail]`: the events of targets, in order of time.

use clap::Args;
use logs::{Batch, Happening};
use output::{Form, Output};
use regex::Regex;
use tokio::time::timeout;

use super::choose;
use super::follow::{FollowArgs, TaskStoppedLine, Teller};
use super::reading::{self, Conditions, Ending, Wanted, WindowArgs};
use super::render::{LogLine, Look};
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
}

pub(crate) async fn run(verb: Tail, context: &Context) -> Result<Exit, Failure> {
    let selection = verb.conditions.selection(&verb.include, &verb.exclude)?;
    let mut marks = logs::highlight(&verb.conditions.highlight)?;
    marks.extend(logs::highlight(&verb.include)?);
    let window = verb.window.window(context)?;
    let mut output = match verb.follow.is_asked() {
        true => context.output(Form::Text)?,
        false => context.paged_output(Form::Text)?,
    };
    let mut stops = Stops::of(&output)?;
    let targets = match verb.follow.with_task(&verb.targets) {
        typed if typed.is_empty() => choose::targets(&typed, context, &mut stops).await?,
        typed => typed.into_owned(),
    };
    let wanted = Wanted {
        targets: &targets,
        window,
        conditions: &verb.conditions,
        selection,
        follow: &verb.follow,
        since_is_asked: verb.window.is_asked(),
    };
    let (door, mut feed) = stops.or(reading::begin(wanted, context)).await??;
    let _progress = reading::progress(&feed, context);
    let look = Look::new(context.now(), window, marks).expanded(verb.conditions.expand);
    let mut teller = Teller::default();
    let ending = loop {
        let step = async {
            let Some(happening) = feed.next().await else { return Ok(Some(Ending::All)) };
            match happening {
                Happening::Records(batch) => present(&batch, &look, &mut output).await?,
                Happening::Notice(notice) => teller.tell(&notice, context.talk()),
                Happening::TaskStopped(stopped) => {
                    output.present(&TaskStoppedLine(&stopped)).await?;
                    let well = stopped.exit_code == Some(0);
                    return Ok(Some(Ending::TaskStopped { well }));
                }
            }
            Ok::<_, Failure>(None)
        };
        match stops.or(step).await {
            Ok(step) => {
                if let Some(ending) = step? {
                    break ending;
                }
            }
            Err(Failure::Interrupted) => break Ending::Interrupted,
            Err(stop) => return Err(stop),
        }
    };
    if ending == Ending::Interrupted {
        let rest = async {
            for batch in feed.rest() {
                present(&batch, &look, &mut output).await?;
            }
            Ok(())
        };
        within_grace(rest).await?;
    }
    finish(&mut output, &mut stops, ending).await?;
    reading::conclude(&feed.summary(), &door, ending, context.talk())
}

async fn present(batch: &Batch, look: &Look, output: &mut Output) -> Result<(), Failure> {
    for record in batch {
        output.present(&LogLine { record, look }).await?;
    }
    Ok(output.pass_on().await?)
}

/// Writes what was read.
pub(super) async fn finish(
    output: &mut Output,
    stops: &mut Stops,
    ending: Ending,
) -> Result<(), Failure> {
    let is_paged = output.is_paged();
    let flush = async { Ok(output.flush().await?) };
    match ending {
        // That a pager ends is no reader's going before its time.
        _ if is_paged => flush.await,
        Ending::Interrupted => within_grace(flush).await,
        // A slow reader or a slow --jq can be interrupted here too.
        _ => stops.or(flush).await?,
    }
}

/// After Ctrl-C a reader that takes nothing is not waited for.
async fn within_grace(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    const GRACE: std::time::Duration = std::time::Duration::from_secs(1);
    timeout(GRACE, work).await.unwrap_or(Ok(()))
}

/// What `--highlight` and a search mark.
pub(super) type Marks = Vec<Regex>;
