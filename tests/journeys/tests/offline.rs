//! A plane needs no network, and asks nobody beyond this machine for anything.

use std::fs;
use std::process::{Command, Stdio};

use harness::{Clients, Kubectl, Ran, rolecall};
use serde_json::json;

const DRIVER: &str = include_str!("offline.py");
const WALK: &str = include_str!("offline_walk.py");
/// A user and a network of its own, which the process owns.
const APART: [&str; 2] = ["--map-root-user", "--net"];

#[test]
fn a_plane_and_its_clients_work_without_a_network_and_call_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let (driver, walk) = (
        folder.path().join("driver.py"),
        folder.path().join("walk.py"),
    );
    let words = json!([rolecall(), Kubectl::V1_37.folder().join("kubectl")]);
    fs::write(&driver, DRIVER).expect("the driver is written");
    fs::write(&walk, format!("WORDS = {words}\n{WALK}")).expect("the walk is written");
    let python = Clients::installed().python();
    let (mut command, how) = match can_be_apart() {
        true => {
            let mut unshare = Command::new("unshare");
            unshare.args(APART).arg(python);
            (unshare, "apart")
        }
        false => (Command::new(python), "watched"),
    };
    command.env("HOME", folder.path());
    command.arg(driver).arg(rolecall()).arg(walk).arg(how);
    let seen = Ran::of(&mut command).json();
    let who = "arn:aws:sts::111111111111:assumed-role/pod/one";
    assert_eq!(seen["walked"], json!([who, true, "configmap/one"]));
    assert_eq!(seen["attempts"], 0, "{how}: {seen}");
    assert!(
        seen["proof"].as_u64() > Some(0),
        "{how}: it sees nothing: {seen}"
    );
}

/// Whether this kernel lets an ordinary process have a network of its own.
fn can_be_apart() -> bool {
    let mut command = Command::new("unshare");
    command.args(APART).arg("true").stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
