//! Developer tasks: `cargo run -p xtask -- models --botocore DIR|WHEEL`.

use std::path::PathBuf;
use std::process::ExitCode;

mod json;
mod models;
mod source;

const USAGE: &str = "usage: xtask models --botocore DIR|WHEEL

  models    refresh crates/awswire/models from botocore's service models
            (pip download --no-deps botocore)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["models", "--botocore", from] => report(models::refresh(from.as_ref(), &models_folder())),
        _ => report(Err(USAGE.to_owned())),
    }
}

fn models_folder() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/awswire/models"
    ))
}

#[expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a developer's terminal program"
)]
fn report(outcome: Result<String, String>) -> ExitCode {
    match outcome {
        Ok(done) => {
            println!("{done}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
