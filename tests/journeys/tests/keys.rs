//! Keys turn under clients that use them, and over the sudden end of a plane.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use harness::{Cli, Clients, Plane, Ran};
use serde_json::{Value, json};

const DRIVER: &str = include_str!("keys.py");

#[test]
fn exchanges_go_on_while_keys_turn_and_after_a_kill_in_the_middle() {
    let mut plane = Plane::start(&[]);
    let token = plane.token("ns/sa@ci", "sts.amazonaws.com");
    trust_the_issuer(&plane);
    let stop = plane.scratch().join("stop");

    let mut client = driver(&plane, &token, &stop);
    let client = client.stdout(Stdio::piped()).spawn();
    let client = client.expect("the client runs");
    for _ in 0..6 {
        plane.rolecall(&["keys", "rotate"]).text();
    }
    fs::write(&stop, "").expect("the client is told");
    let ran = client.wait_with_output().expect("the client ends");
    let walked: Value = serde_json::from_slice(&ran.stdout).expect("the client tells");
    assert_eq!(walked["refusals"], json!([]));
    assert!(walked["exchanges"].as_u64() > Some(0), "{walked}");
    let before = phases(&plane, "ci");
    assert_eq!(before.len(), 7);
    assert_eq!(before[0], "active");

    let rotating = Command::new(harness::rolecall())
        .args(["keys", "rotate", "--state"])
        .arg(plane.state())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    plane.kill();
    let _ = rotating.expect("a rotation begins").wait();
    plane.restart(&[]);
    let mut client = driver(&plane, &token, &stop);
    let again = Ran::of(client.arg(walked["session"].to_string())).json();
    assert_eq!(again["refusals"], json!([]));
    let after = phases(&plane, "ci");
    assert!((7..=8).contains(&after.len()), "{after:?}");
    assert_eq!(after[0], "active");
}

#[test]
fn keys_turn_of_one_cluster_or_of_sessions_and_no_further_than_a_key_set_holds() {
    let plane = Plane::start(&[]);
    plane.rolecall(&["keys", "rotate", "--sessions"]).text();
    assert_eq!(phases(&plane, "sessions"), ["active", "next"]);
    assert_eq!(phases(&plane, "ci"), ["active"]);
    for _ in 1..8 {
        plane
            .rolecall(&["keys", "rotate", "--cluster", "ci"])
            .text();
    }
    assert_eq!(phases(&plane, "ci").len(), 8);
    assert_eq!(phases(&plane, "prod"), ["active"]);
    let refused = plane.rolecall(&["keys", "rotate", "--cluster", "ci"]);
    assert!(
        refused.refusal().contains("TooManyKeys"),
        "{}",
        refused.refusal()
    );
    let unknown = plane.rolecall(&["keys", "rotate", "--cluster", "nowhere"]);
    assert!(
        unknown.refusal().contains("NoSuchCluster"),
        "{}",
        unknown.refusal()
    );
}

fn driver(plane: &Plane, token: &str, stop: &Path) -> Command {
    let mut command = plane.command(Clients::installed().python(), "ci");
    command.args(["-c", DRIVER, token]).arg(stop);
    command
}

/// The provider and the role that the driver's token is for.
fn trust_the_issuer(plane: &Plane) {
    let describe = "eks describe-cluster --name ci --query cluster.identity.oidc.issuer";
    let issuer = plane.aws(Cli::V2, "ci", describe).json();
    let issuer = issuer.as_str().expect("an issuer").to_owned();
    let create = format!(
        "iam create-open-id-connect-provider --url {issuer} --client-id-list sts.amazonaws.com"
    );
    let provider = plane.aws(Cli::V2, "ci", &create).json();
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Federated": provider["OpenIDConnectProviderArn"] },
            "Action": "sts:AssumeRoleWithWebIdentity",
        }],
    });
    let trust = trust.to_string();
    let words = [
        "iam",
        "create-role",
        "--role-name",
        "turning",
        "--assume-role-policy-document",
        &trust,
    ];
    plane.aws_words(Cli::V2, "ci", &words).text();
}

fn phases(plane: &Plane, of: &str) -> Vec<String> {
    let query = format!("keys[?of=='{of}'].phase");
    let listed = plane.rolecall(&["keys", "list", "--query", &query]).json();
    let listed = listed.as_array().cloned().unwrap_or_default();
    let phases = listed.iter().filter_map(Value::as_str);
    phases.map(str::to_owned).collect()
}
