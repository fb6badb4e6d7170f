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
mod clock;
mod load;
mod serve;
mod stage;
mod start;
mod timing;

/// Sessions after which the rate must be as it was.
const SESSIONS: usize = 1_000_000;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // Cargo adds a flag of its own.
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !word.starts_with("--"))
        .collect();
    println!("load average at the beginning: {}", clock::load_average());
    match words.as_slice() {
        ["serve", folder] => serve::run(folder),
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
    }
    println!("load average at the end: {}", clock::load_average());
}
