//! When the file can grow no more, writes are refused and reads go on; with room again, writes go on
//! without a new start.
//!
//! The test starts itself again as a child that limits the size of its own files, and lifts the
//! limit. A shell in between makes the child ignore the signal that comes with the limit.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of a test fail as the test does"
)]

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::path::Path;
use std::process::Command;
use store::{CommitRefused, FileStore, Key, Range, Store, Transaction};

/// The variable by which the child knows its file.
const CHILD: &str = "STORE_FULL_CHILD";

/// What the child says at its end, so that a child that ran no test is seen.
const DONE: &str = "went on with room again";

#[tokio::test]
async fn a_file_that_cannot_grow_refuses_writes_until_it_can() {
    if let Some(path) = std::env::var_os(CHILD) {
        fill(Path::new(&path)).await;
        println!("{DONE}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.redb");
    let child = Command::new("sh")
        .args(["-c", r#"trap "" XFSZ; exec "$0" "$@""#])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("a_file_that_cannot_grow_refuses_writes_until_it_can")
        .env(CHILD, &path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains(DONE), "{child:?}");
}

async fn fill(path: &Path) {
    let store = FileStore::open(path).unwrap();
    limit(Some(std::fs::metadata(path).unwrap().len()));
    let mut written = 0;
    let refused = loop {
        match store.commit(put(written)).await {
            Ok(_) => written += 1,
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, CommitRefused::DiskFull), "{refused}");
    let again = store.commit(put(written)).await;
    assert!(matches!(again, Err(CommitRefused::DiskFull)), "{again:?}");
    assert_eq!(held(&store).await, written);
    limit(None);
    store.commit(put(written)).await.unwrap();
    drop(store);
    assert_eq!(held(&FileStore::open(path).unwrap()).await, written + 1);
}

/// Limits the size of this process's files, up to what it is allowed.
fn limit(bytes: Option<u64>) {
    let maximum = getrlimit(Resource::Fsize).maximum;
    let current = bytes.or(maximum);
    setrlimit(Resource::Fsize, Rlimit { current, maximum }).unwrap();
}

fn put(number: usize) -> Transaction {
    Transaction::new().put(Key::new(format!("{number:06}")), vec![7; 64 * 1024])
}

async fn held(store: &FileStore) -> usize {
    let listing = store.range(Range::All, None).await.unwrap();
    listing.entries.len()
}
