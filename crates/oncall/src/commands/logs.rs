//! `oncall logs`: what the systems are saying.

mod around;
mod choose;
mod feed;
mod follow;
mod grep;
mod groups;
mod outlets;
mod pretty;
mod reading;
mod render;
mod resume;
mod streams;
mod summary;
mod tail;

pub(crate) use self::outlets::SummaryForm;

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// What a command line without a verb means.
pub(crate) const DEFAULT_VERB: &str = "tail";

/// Read logs by the name of a service, a task or a group
///
/// `oncall logs api` is short for `oncall logs tail api`. Flags may stand on either side of the
/// verb. A service called like a verb is reached as `service:grep`.
#[derive(Debug, Args)]
#[command(disable_help_subcommand = true)]
pub(crate) struct LogsCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Tail(tail::Tail),
    Grep(grep::Grep),
    Groups(groups::Groups),
    Streams(streams::Streams),
}

pub(crate) async fn run(command: LogsCommand, context: &Context) -> Result<Exit, Failure> {
    match command.verb {
        Verb::Tail(verb) => tail::run(verb, context).await,
        Verb::Grep(verb) => grep::run(verb, context).await,
        Verb::Groups(verb) => groups::run(verb, context).await,
        Verb::Streams(verb) => streams::run(verb, context).await,
    }
}
