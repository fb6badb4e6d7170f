//! `rolecall`: the identity plane between Kubernetes and AWS, from the terminal.
//!
//! Here are flags, environment, files, exit codes and text; what is decided is decided in the other
//! crates. A command is one file under `commands`: it takes its flags, returns a [`output::Outcome`]
//! or a [`output::Failure`], and never prints its result itself.

mod args;
mod client;
mod codes;
mod commands;
mod config;
mod environment;
mod output;
mod place;
mod processes;
mod running;

use clap::{CommandFactory, FromArgMatches};
use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: a sandbox starts in a process of one thread.
    let arguments: Vec<_> = std::env::args().collect();
    if let Some(code) = plane::sandbox_helper(&arguments) {
        return code;
    }
    clap_complete::CompleteEnv::with_factory(args::Rolecall::command).complete();
    let matches = match args::Rolecall::command().try_get_matches() {
        Ok(matches) => matches,
        Err(refusal) => return output::usage(&refusal),
    };
    match args::Rolecall::from_arg_matches(&matches) {
        Ok(asked) => run(asked),
        Err(refusal) => output::usage(&refusal),
    }
}

/// Runs the command and reports what came of it in the form that was asked for.
fn run(asked: args::Rolecall) -> ExitCode {
    let printer = output::Printer::new(asked.command.name(), &asked.global);
    match commands::run(asked) {
        Ok(outcome) => printer.outcome(outcome),
        Err(failure) => printer.failure(&failure),
    }
}
