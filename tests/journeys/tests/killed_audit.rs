//! What the sudden end of a plane does to the records of its requests.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use harness::{Cli, Clients, Plane};
use journeys::eventually;
use serde_json::Value;

const DRIVER: &str = include_str!("killed_audit.py");
/// Answers on one connection before the plane is killed.
const ENOUGH: usize = 1_000;
/// Records of one connection that may be missing: those of 5 ms, or of as long as a machine with more
/// to do than it can leaves the plane's writer waiting.
const LOST_MAX: usize = 500;

#[test]
fn a_killed_plane_leaves_whole_lines_and_lacks_only_the_newest() {
    let mut plane = Plane::start(&[]);
    let going = plane.scratch().join("going");
    let mut command = plane.command(Clients::installed().python(), "ci");
    command
        .args(["-c", DRIVER])
        .arg(&going)
        .arg(ENOUGH.to_string());
    let client = command
        .stdout(Stdio::piped())
        .spawn()
        .expect("the client runs");
    eventually("the client is at it", || going.exists());
    plane.kill();
    let told = client.wait_with_output().expect("the client ends").stdout;
    let answered: Vec<Vec<String>> = serde_json::from_slice(&told).expect("lists of ids");
    plane.restart(&[]);
    let kept = request_ids(&plane);
    for ids in answered {
        let lost = ids
            .iter()
            .rev()
            .take_while(|id| !kept.contains(*id))
            .count();
        assert!(lost <= LOST_MAX, "{lost} of {} are lost", ids.len());
        let older = &ids[..ids.len() - lost];
        let gaps: Vec<_> = older.iter().filter(|id| !kept.contains(*id)).collect();
        assert!(gaps.is_empty(), "{gaps:?} are lost, and newer ones are not");
    }
}

#[test]
fn a_line_that_was_torn_goes_at_the_next_start_and_takes_no_other_with_it() {
    let mut plane = Plane::start(&[]);
    plane.aws(Cli::V2, "ci", "sts get-caller-identity").text();
    plane.stop();
    let whole = fs::read_to_string(file(&plane)).expect("the audit file");
    fs::write(file(&plane), format!("{whole}{{\"eventName\":\"Tor")).expect("it is torn");
    plane.restart(&[]);
    plane.aws(Cli::V2, "ci", "eks list-clusters").text();
    plane.stop();
    let after = fs::read_to_string(file(&plane)).expect("the audit file");
    let new = after.strip_prefix(&whole).expect("what was there stays");
    let record: Value = new
        .lines()
        .next()
        .map(read)
        .expect("a line of the new plane");
    assert_eq!(record["eventName"], "ListClusters");
    after.lines().for_each(|line| drop(read(line)));
}

fn request_ids(plane: &Plane) -> BTreeSet<String> {
    let text = fs::read_to_string(file(plane)).expect("the audit file");
    let ids = text
        .lines()
        .map(|line| read(line)["requestID"].as_str().map(str::to_owned));
    ids.map(|id| id.expect("each record has its id")).collect()
}

#[track_caller]
fn read(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"))
}

fn file(plane: &Plane) -> PathBuf {
    plane.state().join("audit/audit.jsonl")
}
