//! `oncall`: what is wrong, in one line. See docs/architecture.md.

mod cli;
mod commands;
mod config;
mod context;
mod drill;
mod exit;
mod failure;
mod short_time;
mod verbs;

fn main() -> std::process::ExitCode {
    cli::main()
}
