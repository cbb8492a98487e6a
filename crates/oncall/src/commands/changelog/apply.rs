//! `oncall changelog apply FILE`: what an apply changed, read while it goes on.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use changelog::terraform::{Document, ReadError, apply};
use clap::Args;
use output::{Form, Notice};
use record::Time;

use super::input::{self, Input};
use super::render::{ChangeLine, Look};
use super::told::ToldArgs;
use super::until_stopped::{Stopper, stoppable};
use crate::context::{Context, Stops};
use crate::exit::Exit;
use crate::failure::Failure;

/// Say what a Terraform apply changed: terraform apply -json | oncall changelog apply -
///
/// It reads along until the apply ends, and says when each resource was done, and how long it took.
/// Ctrl-C reaches Terraform too, which then stops by itself: what it still says is read. A second
/// Ctrl-C ends the reading. What was seen until then is said: PARTIAL.
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// What `terraform apply -json` writes; `-` is stdin
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    #[command(flatten)]
    told: ToldArgs,
}

pub(crate) async fn run(verb: Apply, context: &Context) -> Result<Exit, Failure> {
    let now = context.now();
    let at = verb.told.at(&now)?;
    let input = Input::typed(&verb.file);
    let is_terminal = context.settings().terminals.stdin;
    let opened = input.open(is_terminal, input::how(Document::Apply))?;
    let mut output = context.paged_output(Form::Text)?;
    let mut stops = Stops::of(&output)?;

    let (lines, stopper) = stoppable(opened).map_err(input::no_answer)?;
    let (read, was_interrupted) = read_along(lines, &stopper, &mut stops, context).await?;
    let read = match read {
        Err(_) if was_interrupted => return Err(Failure::Interrupted),
        read => read.map_err(|error| input::unreadable(&input, &error))?,
    };

    let ending = read.ending;
    let strange_lines = read.strange_lines;
    let mut change = read.into_record(Time::from(context.now().timestamp()));
    verb.told.tell(&mut change, at);
    let look = Look { now, explain: false };
    output.present(&ChangeLine { change: &change, look: &look }).await?;
    output.flush().await?;
    Ok(conclude(ending, strange_lines, was_interrupted, context))
}

/// Reads to the end of the input, or to the second Ctrl-C. And whether there was one.
async fn read_along(
    lines: impl std::io::Read + Send + 'static,
    stopper: &Stopper,
    stops: &mut Stops,
    context: &Context,
) -> Result<(Result<apply::Apply, ReadError>, bool), Failure> {
    let seen = Arc::new(Mutex::new(apply::Seen::default()));
    let shown = Arc::clone(&seen);
    let progress = context.progress(move || {
        format!("applying: {}", shown.lock().unwrap_or_else(PoisonError::into_inner))
    });
    let mut reading = tokio::task::spawn_blocking(move || {
        apply::read_along(lines, |now| {
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = now.clone();
        })
    });
    let mut was_interrupted = false;
    let read = loop {
        match stops.or(&mut reading).await {
            Ok(read) => break read,
            Err(Failure::Interrupted) if !was_interrupted => {
                was_interrupted = true;
                let what = "waiting for Terraform to stop; Ctrl-C again does not wait";
                context.talk().say(Notice::Note, what);
            }
            Err(Failure::Interrupted) => stopper.stop(),
            Err(failure) => return Err(failure),
        }
    };
    drop(progress);
    Ok((read.map_err(input::no_answer)?, was_interrupted))
}

/// Says what is missing, and how to exit.
fn conclude(
    ending: apply::Ending,
    strange_lines: u64,
    was_interrupted: bool,
    context: &Context,
) -> Exit {
    let talk = context.talk();
    match strange_lines {
        0 => {}
        1 => talk.say(Notice::Note, "1 line is no message of Terraform's, and was passed over"),
        many => {
            let text = format!("{many} lines are no messages of Terraform's, and were passed over");
            talk.say(Notice::Note, &text);
        }
    }
    let is_cut = matches!(ending, apply::Ending::CutShort | apply::Ending::PlanCutShort);
    if is_cut {
        let why = match was_interrupted {
            true => "what Terraform did after Ctrl-C: its messages were not read to their end",
            false => "what Terraform did last: its messages end before it said how it ended",
        };
        talk.say(Notice::Missing, why);
    }
    match (was_interrupted, is_cut) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Incomplete,
        (false, false) => Exit::Done,
    }
}
