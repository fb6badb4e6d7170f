//! Measures what docs/performance.md promises of a cluster's Kubernetes API.
//!
//! `cargo bench -p benches --bench kubernetes` measures everything; `-- creations`, `-- list`,
//! `-- watchers`, `-- stalled` and `-- pods` measure one thing each. The plane is a process of its own:
//! this program again, as `serve`.
#![expect(
    clippy::print_stdout,
    reason = "a table on the terminal is what this is for"
)]

mod api;
mod creations;
mod list;
mod pods;
mod stalled;
mod watchers;

use std::process::ExitCode;

fn main() -> ExitCode {
    let all = [
        ("creations", creations::run as fn()),
        ("list", list::run),
        ("watchers", watchers::run),
        ("stalled", stalled::run),
        ("pods", pods::run),
    ];
    benches::program::run(|words| {
        let wanted = |name: &str| words.is_empty() || words.contains(&name);
        for (_, run) in all.iter().filter(|(name, _)| wanted(name)) {
            run();
        }
    })
}
