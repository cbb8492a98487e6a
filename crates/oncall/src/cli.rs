//! The command line: what can be typed, and which command it is. The registry of all commands.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use output::{ColorChoice, Talk};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use crate::commands::{changelog, completions, drill, logs, schema, specs};
use crate::context::{self, Context, Variables};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::verbs;

/// Find what is wrong, in one line.
#[derive(Debug, Parser)]
#[command(
    name = "oncall",
    version,
    about,
    disable_help_subcommand = true,
    propagate_version = false,
    after_help = "First time? `oncall --drill logs api` needs no account: it reads a simulated cloud."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Every command. Two lines a command: one here, one in `run`.
#[derive(Debug, Subcommand)]
enum Command {
    Logs(Box<logs::LogsCommand>),
    Specs(Box<specs::SpecsCommand>),
    Changelog(Box<changelog::ChangelogCommand>),
    Drill(drill::DrillCommand),
    Schema(schema::Schema),
    Completions(completions::Completions),
}

/// The flags that every command has.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// AWS profile; wins over keys in the environment (repeatable: all of them are read)
    #[arg(long = "profile", global = true, value_name = "NAME", value_delimiter = ',')]
    pub(crate) profiles: Vec<String>,
    /// AWS region; wins over environment and profile (repeatable: all of them are read)
    #[arg(long = "region", global = true, value_name = "NAME", value_delimiter = ',')]
    pub(crate) regions: Vec<String>,
    /// Read a simulated cloud instead of AWS: a built-in drill or a scenario file
    #[arg(
        long,
        global = true,
        value_name = "NAME|PATH",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = crate::drill::USUAL_SCENARIO
    )]
    pub(crate) drill: Option<String>,
    /// Form of the output: for people on a terminal, JSON Lines in a pipe
    #[arg(short, long, global = true, value_name = "FORM", hide_possible_values = false)]
    pub(crate) output: Option<FormChoice>,
    /// Print what a jq program makes of each record: texts raw, the rest as JSON
    #[arg(long, global = true, value_name = "PROGRAM", conflicts_with = "template")]
    pub(crate) jq: Option<String>,
    /// Fill in a template with each record, as in '{{ time }} {{ message }}'; @FILE reads a file
    #[arg(long, global = true, value_name = "TEMPLATE|@FILE")]
    pub(crate) template: Option<String>,
    /// Add the link of the console to each record that has a page
    #[arg(long, global = true)]
    pub(crate) link: bool,
    /// When to colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
    /// Read and show times in UTC
    #[arg(long, global = true, conflicts_with = "timezone")]
    pub(crate) utc: bool,
    /// Read and show times in this zone, such as Europe/Berlin
    #[arg(long, global = true, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// Share of the account's request quota to use: 1 to 100, or `unlimited`
    #[arg(long, global = true, value_name = "PERCENT")]
    pub(crate) budget: Option<String>,
    /// How long to wait for an answer, an attempt [default: 15s]
    #[arg(long, global = true, value_name = "DURATION")]
    pub(crate) timeout: Option<String>,
    /// No notes and no summary on stderr
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// No pager for long output
    #[arg(long, global = true)]
    pub(crate) no_pager: bool,
    /// Never ask anything
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
    /// Show the requests that are made, on stderr
    #[arg(long, global = true)]
    pub(crate) debug: bool,
}

/// The forms as they are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormChoice {
    /// For people on a terminal, JSON Lines elsewhere
    Auto,
    /// Lines for people; off a terminal tab-separated columns
    Text,
    /// One JSON object a line
    Json,
    /// The exact text of each event
    Raw,
    /// A table
    Table,
}

/// When to colour, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl From<ColorWhen> for ColorChoice {
    fn from(when: ColorWhen) -> Self {
        match when {
            ColorWhen::Auto => Self::Auto,
            ColorWhen::Always => Self::Always,
            ColorWhen::Never => Self::Never,
        }
    }
}

/// What a command line without a verb means, by command.
pub(crate) const DEFAULT_VERBS: [(&str, &str); 3] = [
    ("logs", logs::DEFAULT_VERB),
    ("specs", specs::DEFAULT_VERB),
    ("changelog", changelog::DEFAULT_VERB),
];

/// Parses, runs, and says how it ended. Help, version and mistakes touch neither the configuration
/// nor the network nor an async runtime.
///
/// A panic is a bug: it is said as one, and has an exit code of its own.
pub(crate) fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        output::print_to_stderr(&format!("error: this is a bug in oncall: {panic}\n"));
    }));
    std::panic::catch_unwind(run_process).unwrap_or_else(|_| Exit::Bug.into())
}

fn run_process() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let args = verbs::place_verb(args, &Cli::command(), &DEFAULT_VERBS);
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return parse_error(&error),
    };
    let talk = Talk::new(context::settings(&cli.global, Variables));
    watch_ourselves(&cli.global);
    // One thread decodes pages while this one draws records: each is about half of the work.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = match runtime.worker_threads(1).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure::unavailable(format!("the program cannot start: {error}"), None);
            return failure.tell(talk).into();
        }
    };
    let exit = match runtime.block_on(run(cli)) {
        Ok(exit) => exit,
        Err(failure) => failure.tell(talk),
    };
    // Requests that nobody waits for any more do not hold the exit.
    runtime.shutdown_background();
    exit.into()
}

async fn run(cli: Cli) -> Result<Exit, Failure> {
    let global = cli.global;
    match cli.command {
        Command::Logs(command) => {
            let context = Context::open(global, false)?;
            let ended = logs::run(*command, &context).await;
            context.conclude(ended)
        }
        Command::Specs(command) => {
            let context = Context::open(global, false)?;
            let ended = specs::run(*command, &context).await;
            context.conclude(ended)
        }
        Command::Changelog(command) => {
            let context = Context::open(global, false)?;
            let ended = changelog::run(*command, &context).await;
            context.conclude(ended)
        }
        Command::Drill(command) => drill::run(command, global).await,
        Command::Schema(command) => schema::run(command),
        Command::Completions(command) => completions::run(command),
    }
}

/// Help and version go to stdout, mistakes to stderr.
fn parse_error(error: &clap::Error) -> ExitCode {
    let text = error.render();
    if error.use_stderr() {
        output::print_to_stderr(&text.to_string());
        return Exit::Usage.into();
    }
    output::print_to_stdout(&text.to_string());
    Exit::Done.into()
}

/// `--debug` and `ONCALL_LOG` show the requests that we make: our own lines only, never the HTTP
/// library's, which would show headers.
fn watch_ourselves(global: &Global) {
    if !global.debug && Variables.get("ONCALL_LOG").is_none() {
        return;
    }
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(output::DebugWriter::default)
        .with_ansi(false)
        .with_target(false)
        .without_time();
    let ours = Targets::new().with_target("oncall", tracing::Level::DEBUG);
    tracing_subscriber::registry().with(lines.with_filter(ours)).init();
}

#[cfg(test)]
mod generated;
