//! The clients are there and are what they say.

use std::process::Command;

use harness::{Cli, Clients};

fn check(program: &std::path::Path, arguments: &[&str], expected: &str) {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn both_versions_of_aws_and_boto3_are_installed() {
    let clients = Clients::installed();
    check(&clients.aws(Cli::V1), &["--version"], "aws-cli/1.");
    check(&clients.aws(Cli::V2), &["--version"], "aws-cli/2.");
    let version = ["-c", "import boto3; print(boto3.__version__)"];
    check(&clients.python(), &version, "1.44.5");
}
