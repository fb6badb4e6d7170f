//! Killed at any moment, the file loses no acknowledged write and holds no torn object.
//!
//! The test starts itself again as a child that writes and says what was acknowledged, kills it, and
//! opens the file. Each transaction writes two keys with one value, so a torn one would show.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of a test fail as the test does"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use store::{FileStore, Key, Range, Revision, Store, Transaction};

/// How often a child is killed.
const KILLS: u32 = 100;

/// The variable by which the child knows its file.
const CHILD: &str = "STORE_KILLED_CHILD";

#[test]
fn no_kill_loses_an_acknowledged_write_or_tears_one() {
    if let Some(path) = std::env::var_os(CHILD) {
        write_forever(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.redb");
    let mut acknowledged = 0;
    for round in 0..KILLS {
        acknowledged = acknowledged.max(kill_while_writing(&path, round));
        let held = held(&path);
        assert!(
            held >= acknowledged,
            "round {round}: {acknowledged} was acknowledged, {held} is held"
        );
    }
    assert!(
        acknowledged > u64::from(KILLS),
        "the children hardly wrote: {acknowledged}"
    );
}

/// The child: writes as fast as it can, and prints each revision that was acknowledged.
#[expect(clippy::print_stdout, reason = "it is how the child tells its parent")]
fn write_forever(path: &Path) -> ! {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let store = FileStore::open(path).unwrap();
    loop {
        let value = (store.revision().number() + 1).to_string();
        let transaction = Transaction::new()
            .put(Key::new("one"), value.as_bytes())
            .put(Key::new("two"), value.as_bytes());
        let commit = runtime.block_on(store.commit(transaction)).unwrap();
        println!("acknowledged {}", commit.revision);
    }
}

/// Lets a child write for a while that differs by round, kills it, and gives the last revision that
/// it saw acknowledged.
fn kill_while_writing(path: &Path, round: u32) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--nocapture",
            "no_kill_loses_an_acknowledged_write_or_tears_one",
        ])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let acknowledged = |line: std::io::Result<String>| {
        line.ok()?
            .strip_prefix("acknowledged ")?
            .parse::<u64>()
            .ok()
    };
    let mut last = lines
        .by_ref()
        .filter_map(acknowledged)
        .take(1 + round as usize % 7)
        .last();
    std::thread::sleep(std::time::Duration::from_micros(
        u64::from(round) * 37 % 2_000,
    ));
    child.kill().unwrap();
    // What it still printed was acknowledged, too.
    last = lines.filter_map(acknowledged).last().or(last);
    child.wait().unwrap();
    last.unwrap_or(0)
}

/// Opens the file, checks that it is whole, and gives its revision.
fn held(path: &Path) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let store = FileStore::open(path).unwrap();
    let listing = runtime.block_on(store.range(Range::All, None)).unwrap();
    let values: Vec<_> = listing
        .entries
        .iter()
        .map(|entry| String::from_utf8_lossy(&entry.value))
        .collect();
    if store.revision() != Revision::ZERO {
        let newest = store.revision().to_string();
        assert_eq!(
            values,
            [newest.as_str(), newest.as_str()],
            "a torn transaction"
        );
    }
    store.revision().number()
}
