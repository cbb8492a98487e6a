//! `oncall logs [tail]`: the events of targets, in order of time.

use clap::Args;
use output::{Form, Output};
use regex::Regex;
use tokio::time::timeout;

use super::choose;
use super::reading::{self, Conditions, Ending, WindowArgs};
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
}

pub(crate) async fn run(verb: Tail, context: &Context) -> Result<Exit, Failure> {
    let selection = verb.conditions.selection(&verb.include, &verb.exclude)?;
    let mut marks = logs::highlight(&verb.conditions.highlight)?;
    marks.extend(logs::highlight(&verb.include)?);
    let window = verb.window.window(context)?;
    let mut output = context.paged_output(Form::Text)?;
    let mut stops = Stops::of(&output)?;
    let targets = choose::targets(&verb.targets, context, &mut stops).await?;
    let begin = reading::begin(&targets, window, &verb.conditions, selection, context);
    let (door, mut stream) = stops.or(begin).await??;
    let _progress = reading::progress(&stream, context);
    let look = Look::new(context.now(), window, marks).expanded(verb.conditions.expand);
    let mut ending = Ending::All;
    loop {
        let step = async {
            let Some(batch) = stream.next().await else { return Ok(false) };
            for record in &batch {
                output.present(&LogLine { record, look: &look }).await?;
            }
            output.pass_on().await?;
            Ok::<bool, Failure>(true)
        };
        match stops.or(step).await {
            Ok(more) => {
                if !more? {
                    break;
                }
            }
            Err(Failure::Interrupted) => {
                ending = Ending::Interrupted;
                break;
            }
            Err(stop) => return Err(stop),
        }
    }
    finish(&mut output, ending).await?;
    reading::conclude(stream.summary(), &door, ending, context.talk())
}

/// Writes what was read. After Ctrl-C a reader that takes nothing is not waited for.
pub(super) async fn finish(output: &mut Output, ending: Ending) -> Result<(), Failure> {
    const GRACE: std::time::Duration = std::time::Duration::from_secs(1);
    if ending != Ending::Interrupted {
        return Ok(output.flush().await?);
    }
    match timeout(GRACE, output.flush()).await {
        Ok(flushed) => Ok(flushed?),
        Err(_) => Ok(()),
    }
}

/// What `--highlight` and a search mark.
pub(super) type Marks = Vec<Regex>;
