//! `oncall completions`: the completion script of a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::failure::Failure;

/// Print the completion script of a shell
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(command: Completions) -> Result<Exit, Failure> {
    output::print_to_stdout(&script(command.shell));
    Ok(Exit::Done)
}

/// The script, as it also stands in completions/.
pub(crate) fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "oncall", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
