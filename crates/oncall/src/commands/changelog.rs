//! `oncall changelog`: what changed.

mod apply;
mod asked;
mod check;
mod from;
mod input;
mod list;
mod open;
mod plan;
mod reading;
mod render;
mod systems;
mod told;
mod until_stopped;
mod who;

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// What a command line without a verb means.
pub(crate) const DEFAULT_VERB: &str = "list";

/// See what changed: Terraform runs, states, ECS deployments, change tickets
///
/// `oncall changelog api` is short for `oncall changelog list api`. Flags may stand on either side of
/// the verb.
#[derive(Debug, Args)]
#[command(disable_help_subcommand = true)]
pub(crate) struct ChangelogCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::List),
    Check(check::Check),
    Plan(plan::Plan),
    Apply(apply::Apply),
}

pub(crate) async fn run(command: ChangelogCommand, context: &Context) -> Result<Exit, Failure> {
    match command.verb {
        Verb::List(verb) => list::run(verb, context).await,
        Verb::Check(verb) => check::run(verb, context).await,
        Verb::Plan(verb) => plan::run(verb, context).await,
        Verb::Apply(verb) => apply::run(verb, context).await,
    }
}
