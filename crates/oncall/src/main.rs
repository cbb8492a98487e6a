//! `oncall`: what is wrong, in one line. See docs/architecture.md.

mod cli;
mod commands;
mod config;
mod context;
mod drill;
mod exit;
mod failure;
mod verbs;

/// Records are made on one thread and dropped on another, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::main()
}
