//! Measures what docs/performance.md promises, as ratios within one run.
//!
//! `cargo bench -p benches --bench edge` measures everything; `-- start`, `-- load`, `-- timing` and
//! `-- sessions` measure one thing each. A server under load is a process of its
//! own: this program again, as `serve` or `bare`.
#![expect(
    clippy::print_stdout,
    reason = "a table on the terminal is what this is for"
)]

mod bare;
mod client;
mod load;
mod stage;
mod start;
mod timing;

use std::process::ExitCode;

/// Sessions after which the rate must be as it was.
const SESSIONS: usize = 1_000_000;

fn main() -> ExitCode {
    benches::program::run(|words| match words {
        ["bare"] => bare::run(),
        ["start"] => start::run(),
        ["load"] => load::run(),
        ["timing"] => timing::run(),
        ["sessions"] => load::sessions(SESSIONS),
        [] => {
            start::run();
            load::run();
            timing::run();
        }
        other => panic!("no such measurement: {other:?}"),
    })
}
