//! Kubernetes' client libraries for Python, Node and Rust: list, watch, informer, apply, exec, port-forward.

use std::path::Path;
use std::process::Command;

use harness::{Languages, Plane, Ran, program_of};
use serde_json::{Value, json};

#[test]
fn pythons_client_lists_watches_applies_executes_and_forwards() {
    let plane = Plane::start(&[]);
    let mut python = plane.command(Languages::installed().python(), "ci");
    python.args(["-c", include_str!("languages/python.py")]);
    check(
        &mut python,
        &json!({
            "listed": ["red"],
            "watched": [["ADDED", "green"], ["MODIFIED", "red"], ["DELETED", "red"]],
            "refused": [404, "NotFound"],
            "executed": ["got this\n", "oops\n", 3],
            "forwarded": "HTTP/1.0 200 OK",
            "ready": 2,
        }),
    );
}

#[test]
fn nodes_client_lists_watches_by_an_informer_and_executes() {
    let plane = Plane::start(&[]);
    let languages = Languages::installed();
    let mut node = plane.command(languages.node(), "ci");
    // Beside the modules, so that imports are found.
    node.args([
        "--input-type=module",
        "-e",
        include_str!("languages/node.mjs"),
    ])
    .current_dir(languages.node_folder());
    check(
        &mut node,
        &json!({
            "seen": [
                ["add", "before", "green"],
                ["add", "after", "green"],
                ["update", "after", "red"],
                ["delete", "after", "red"],
            ],
            "cached": ["before"],
            "refused": 404,
            "executed": ["got this\n", "oops\n", "3"],
        }),
    );
}

#[test]
fn kube_rs_lists_watches_by_an_informer_applies_executes_and_acts_by_a_token() {
    let plane = Plane::start(&[]);
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("kube-rs");
    let informed = json!({
        "known": ["before"],
        "seen": [["apply", "green"], ["apply", "red"], ["delete", "red"]],
        "kept": ["before"],
    });
    check(
        &mut plane.command(program_of(&package), "ci"),
        &json!({
            "listed": [["one", "three"], ["two"]],
            "watched": [["added", "green"], ["modified", "red"], ["deleted", "red"]],
            "informed": informed,
            "informed by one request": informed,
            "applied": {"conflict": [409, "Conflict"], "colour": "red", "managers": ["second"]},
            "executed": ["got this\n", "oops\n", "3"],
            "is": "system:serviceaccount:kube-rs:robot",
        }),
    );
}

/// Runs a program to its end, and wants it to tell this.
#[track_caller]
fn check(program: &mut Command, expected: &Value) {
    assert_eq!(&Ran::of(program).json(), expected);
}
