//! `oncall drill`: an incident to practise on, and the simulated cloud for other tools.

mod answer;
mod hint;
mod list;
mod prose;
mod serve;
mod start;

use clap::{Args, Subcommand};

use crate::cli::Global;
use crate::context::Context;
use crate::drill::{Plan, USUAL_SCENARIO};
use crate::exit::Exit;
use crate::failure::Failure;

/// An incident to practise on, in a simulated cloud
///
/// `oncall drill start` shows the page. Look around with --drill on any command, ask for a hint, and
/// answer. Which drill is said by the global --drill=NAME|PATH; without it, it is incident-8.
#[derive(Debug, Args)]
#[command(disable_help_subcommand = true)]
pub(crate) struct DrillCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::List),
    Start(start::Start),
    Hint(hint::Hint),
    Answer(answer::Answer),
    Serve(Box<serve::Serve>),
}

pub(crate) async fn run(command: DrillCommand, global: Global) -> Result<Exit, Failure> {
    match command.verb {
        Verb::List(verb) => list::run(verb, global).await,
        Verb::Start(verb) => {
            let global = verb.choose(global)?;
            let (context, plan) = open(global, false)?;
            context.conclude(start::run(verb, plan, &context).await)
        }
        Verb::Hint(verb) => {
            let (context, plan) = open(global, false)?;
            context.conclude(hint::run(verb, plan, &context).await)
        }
        Verb::Answer(verb) => {
            let (context, plan) = open(global, false)?;
            context.conclude(answer::run(verb, plan, &context).await)
        }
        Verb::Serve(verb) => {
            let (context, plan) = open(global, verb.frozen)?;
            context.conclude(serve::run(*verb, plan, &context).await)
        }
    }
}

/// Opens the drill that was chosen, or the usual one.
fn open(mut global: Global, frozen: bool) -> Result<(Context, Plan), Failure> {
    global.drill.get_or_insert_with(|| USUAL_SCENARIO.to_owned());
    let context = Context::open(global, frozen)?;
    match context.drill() {
        Some(plan) => Ok((context, plan)),
        None => Err(Failure::usage("there is no drill to open", None)),
    }
}

/// How a command of this drill is typed: `oncall drill hint`, with the drill where it is not the usual one.
fn typed(plan: &Plan, command: &str) -> String {
    match plan.choice() {
        None => format!("oncall {command}"),
        Some(choice) => format!("oncall --drill={} {command}", prose::shell_word(choice)),
    }
}
