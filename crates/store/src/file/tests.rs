//! What the writer does with a disk that counts, waits and fails.

use super::disk::Disk;
use super::{FileStore, GROUP_MAX};
use crate::{CommitRefused, Key, Range, Revision, Store, Transaction};
use redb::backends::InMemoryBackend;
use redb::{Builder, Database, DatabaseError, StorageBackend};
use std::io::{Error, ErrorKind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Waker};

/// A disk in memory, shared by all who open it.
#[derive(Debug, Clone, Default)]
struct Lab(Arc<LabState>);

#[derive(Debug, Default)]
struct LabState {
    bytes: InMemoryBackend,
    /// No write finds room.
    full: AtomicBool,
    /// A sync fails after the bytes were written.
    unsynced: AtomicBool,
    syncs: AtomicUsize,
    /// Syncs begun, done or not.
    begun: AtomicUsize,
    /// Held by a test that lets transactions pile up behind a sync.
    gate: Mutex<()>,
}

impl Lab {
    fn store(&self) -> FileStore {
        FileStore::over(self.clone()).unwrap()
    }

    fn set_full(&self, full: bool) {
        self.0.full.store(full, Ordering::SeqCst);
    }

    fn syncs(&self) -> usize {
        self.0.syncs.load(Ordering::SeqCst)
    }

    fn hold_syncs(&self) -> MutexGuard<'_, ()> {
        self.0.gate.lock().unwrap()
    }

    fn wait_for_a_sync_after(&self, begun: usize) {
        while self.0.begun.load(Ordering::SeqCst) == begun {
            std::thread::yield_now();
        }
    }

    fn room(&self) -> Result<(), Error> {
        if self.0.full.load(Ordering::SeqCst) {
            return Err(Error::from(ErrorKind::StorageFull));
        }
        Ok(())
    }
}

impl Disk for Lab {
    fn open(&self, builder: &Builder) -> Result<Database, DatabaseError> {
        builder.create_with_backend(self.clone())
    }
}

impl StorageBackend for Lab {
    fn len(&self) -> Result<u64, Error> {
        self.0.bytes.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        self.0.bytes.read(offset, out)
    }

    fn set_len(&self, len: u64) -> Result<(), Error> {
        self.room()?;
        self.0.bytes.set_len(len)
    }

    fn sync_data(&self) -> Result<(), Error> {
        self.0.begun.fetch_add(1, Ordering::SeqCst);
        drop(self.hold_syncs());
        if self.0.unsynced.load(Ordering::SeqCst) {
            return Err(Error::other("the disk is gone"));
        }
        self.0.syncs.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        self.room()?;
        self.0.bytes.write(offset, data)
    }
}

fn put(key: &str) -> Transaction {
    Transaction::new().put(Key::new(key), *b"7")
}

async fn keys(store: &FileStore) -> Vec<String> {
    let listing = store.range(Range::All, None).await.unwrap();
    let keys = listing.entries.iter().map(|entry| entry.key.to_string());
    keys.collect()
}

#[tokio::test]
async fn a_full_disk_refuses_writes_until_there_is_room_again() {
    let lab = Lab::default();
    let store = lab.store();
    store.commit(put("before")).await.unwrap();
    lab.set_full(true);
    for _ in 0..3 {
        let refused = store.commit(put("refused")).await;
        assert!(
            matches!(refused, Err(CommitRefused::DiskFull)),
            "{refused:?}"
        );
        assert_eq!(keys(&store).await, ["before"]);
    }
    lab.set_full(false);
    let commit = store.commit(put("after")).await.unwrap();
    assert_eq!(commit.revision, Revision::new(2));
    drop(store);
    let again = lab.store();
    assert_eq!(keys(&again).await, ["after", "before"]);
    assert_eq!(again.revision(), commit.revision);
}

#[tokio::test]
async fn a_file_ahead_of_what_was_acknowledged_takes_no_writes() {
    let lab = Lab::default();
    let store = lab.store();
    store.commit(put("before")).await.unwrap();
    lab.0.unsynced.store(true, Ordering::SeqCst);
    let refused = store.commit(put("unsynced")).await;
    assert!(
        matches!(refused, Err(CommitRefused::Unwritable(_))),
        "{refused:?}"
    );
    lab.0.unsynced.store(false, Ordering::SeqCst);
    let after = store.commit(put("after")).await;
    match after {
        Err(CommitRefused::Unwritable(why)) => assert!(why.contains("restart the plane"), "{why}"),
        other => panic!("{other:?}"),
    }
    drop(store);
    let again = lab.store();
    assert_eq!(keys(&again).await, ["before", "unsynced"]);
}

#[tokio::test]
async fn transactions_that_wait_together_share_one_write() {
    let lab = Lab::default();
    let store = lab.store();
    let one = syncs_of(&lab, store.commit(put("one"))).await;
    let together = GROUP_MAX / 2;
    let all = syncs_of(&lab, pile_up(&lab, &store, together)).await;
    assert!(one > 0, "a commit was acknowledged without a sync");
    assert_eq!(
        all,
        2 * one,
        "the first alone, then all that waited behind it"
    );
    assert_eq!(keys(&store).await.len(), 1 + together);
}

#[tokio::test]
async fn conflicts_alone_cost_no_sync() {
    let lab = Lab::default();
    let store = lab.store();
    let one = syncs_of(&lab, store.commit(put("taken"))).await;
    let conflict = put("taken").if_absent(Key::new("taken"));
    // A refusal is answered before its group is written: the next commit waits for that.
    let both = syncs_of(&lab, async {
        store.commit(conflict).await.unwrap_err();
        store.commit(put("next")).await.unwrap();
    });
    assert_eq!(both.await, one);
}

/// How many syncs something costs.
async fn syncs_of<T>(lab: &Lab, what: impl Future<Output = T>) -> usize {
    let before = lab.syncs();
    what.await;
    lab.syncs() - before
}

/// Commits that many transactions; all but the first are asked for while the first waits for its
/// sync.
async fn pile_up(lab: &Lab, store: &FileStore, count: usize) {
    let mut asked: Vec<_> = (0..count)
        .map(|number| store.commit(put(&format!("{number:03}"))))
        .collect();
    let begun = lab.0.begun.load(Ordering::SeqCst);
    let held = lab.hold_syncs();
    for (number, commit) in asked.iter_mut().enumerate() {
        let polled = commit
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending(), "answered before its sync");
        if number == 0 {
            lab.wait_for_a_sync_after(begun);
        }
    }
    drop(held);
    for commit in asked {
        commit.await.unwrap();
    }
}
