//! The sandbox helper as a binary of its own, for the tests of this crate.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    workloads::sandbox::helper(&arguments).unwrap_or(ExitCode::from(2))
}
