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
    let words: Vec<String> = std::env::args().collect();
    // The sandboxes of Pods are this program, too.
    if let Some(code) = plane::sandbox_helper(&words) {
        return code;
    }
    // Cargo adds a flag of its own.
    let words: Vec<&str> = words
        .iter()
        .skip(1)
        .map(String::as_str)
        .filter(|word| !word.starts_with("--"))
        .collect();
    benches::server::serve(&words);
    let all = [
        ("creations", creations::run as fn()),
        ("list", list::run),
        ("watchers", watchers::run),
        ("stalled", stalled::run),
        ("pods", pods::run),
    ];
    let wanted = |name: &str| words.is_empty() || words.contains(&name);
    println!(
        "load average at the beginning: {}",
        benches::clock::load_average()
    );
    for (_, run) in all.iter().filter(|(name, _)| wanted(name)) {
        run();
    }
    println!(
        "load average at the end: {}",
        benches::clock::load_average()
    );
    ExitCode::SUCCESS
}
