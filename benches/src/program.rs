//! A benchmark's program: what it is told to be, and the machine's load around what it measures.

use crate::clock::load_average;
use crate::server;
use std::process::ExitCode;

/// Runs it by its words: as the helper of a Pod, as a server, or to measure what they name.
#[expect(
    clippy::print_stdout,
    reason = "a table on the terminal is what this is for"
)]
pub fn run(measure: impl FnOnce(&[&str])) -> ExitCode {
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
    server::serve(&words);
    println!("load average at the beginning: {}", load_average());
    measure(&words);
    println!("load average at the end: {}", load_average());
    ExitCode::SUCCESS
}
