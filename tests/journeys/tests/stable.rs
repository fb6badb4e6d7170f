//! What scripts rely on: exit codes, codes and the envelope, as `tests/matrix/stable-1.json` has them.
//!
//! What stands there stays for as long as the envelope's `schemaVersion` does: a line may be added;
//! one that is to go or to mean something else needs a new version, and a new file beside this one.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::Command;

use harness::{Ran, rolecall};
use serde_json::{Map, Value, json};

const SNAPSHOT: &str = include_str!("../../matrix/stable-1.json");

fn snapshot() -> Value {
    serde_json::from_str(SNAPSHOT).expect("the snapshot is JSON")
}

/// `rolecall` on a state folder on which nothing runs.
fn run(words: &[&str]) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(rolecall());
    command.env_remove("ROLECALL_STATE");
    Ran::of(command.arg("--state").arg(folder.path()).args(words))
}

#[test]
fn every_code_means_what_it_meant() {
    let told = run(&["explain"]);
    let told = told.text().lines().filter_map(|line| line.split_once("  "));
    let told: BTreeMap<&str, &str> = told.collect();
    let wanted = snapshot();
    let wanted = wanted["codes"].as_object().expect("codes");
    let wanted: BTreeMap<&str, &str> = wanted
        .iter()
        .map(|(code, meaning)| (code.as_str(), meaning.as_str().unwrap_or_default()))
        .collect();
    assert_eq!(told, wanted);
}

#[test]
fn every_end_has_its_exit_code_and_the_envelope_its_shape() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("its address").to_string();
    let rows: [(&[&str], i32, Value); 4] = [
        (&["explain", "no-plane"], 0, json!(["ok", null])),
        (&["status"], 1, json!(["error", "refused"])),
        (&["explain", "nothing"], 2, json!(["error", "usage"])),
        (
            &["up", "--detach", "--listen", &taken],
            3,
            json!(["error", "unanswered"]),
        ),
    ];
    let wanted = snapshot();
    for (words, exit, end) in rows {
        let ran = run(&[words, &["--output", "json"]].concat());
        assert_eq!(ran.code, Some(exit), "{}\n{}", ran.command, ran.stdout);
        let envelope: Value = serde_json::from_str(&ran.stdout).expect("an envelope");
        assert_eq!(envelope["schemaVersion"], wanted["schemaVersion"]);
        assert_eq!(
            json!([envelope["status"], envelope["error"]["category"]]),
            end
        );
        assert_eq!(envelope["command"], words[0]);
        let mut shape = shape_of(&envelope);
        let error = shape.remove("error").expect("an envelope has `error`");
        let data = shape.remove("data").expect("an envelope has `data`");
        assert_eq!(Value::Object(shape), wanted["envelope"]);
        match exit {
            0 => assert_eq!((error, data), (json!("null"), json!("object"))),
            _ => {
                assert_eq!(data, "null");
                assert_eq!(json!(shape_of(&envelope["error"])), wanted["error"]);
            }
        }
    }
}

#[test]
fn the_help_says_the_exit_codes() {
    let help = run(&["--help"]);
    let line = help
        .text()
        .lines()
        .find_map(|line| line.strip_prefix("Exit codes: "));
    assert_eq!(json!(line), snapshot()["exits"]);
}

/// The names in an object, each with the kind of its value.
fn shape_of(object: &Value) -> Map<String, Value> {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let members = object.as_object().expect("an object");
    members
        .iter()
        .map(|(name, value)| (name.clone(), json!(kind(value))))
        .collect()
}
