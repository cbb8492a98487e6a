//! `oncall specs`: what is running.

mod diff;
mod fleets;
mod list;
mod operand;
mod page;
mod render;
mod show;
mod tasks;
mod watch;

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// What a command line without a verb means.
pub(crate) const DEFAULT_VERB: &str = "list";

/// See what is running: services, versions, tasks, and what is wrong with them
///
/// `oncall specs api` is short for `oncall specs list api`. Flags may stand on either side of the
/// verb. A service called like a verb is reached as `service:show`.
#[derive(Debug, Args)]
#[command(disable_help_subcommand = true)]
pub(crate) struct SpecsCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::List),
    Show(show::Show),
    Tasks(tasks::Tasks),
    Diff(diff::Diff),
    Watch(watch::Watch),
}

pub(crate) async fn run(command: SpecsCommand, context: &Context) -> Result<Exit, Failure> {
    match command.verb {
        Verb::List(verb) => list::run(verb, context).await,
        Verb::Show(verb) => show::run(verb, context).await,
        Verb::Tasks(verb) => tasks::run(verb, context).await,
        Verb::Diff(verb) => diff::run(verb, context).await,
        Verb::Watch(verb) => watch::run(verb, context).await,
    }
}
