//! Both back ends do what etcd's model says.

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{FileStore, Key, MemoryStore, OpenRefused, Range, Store, Transaction, conformance};

#[tokio::test]
async fn the_memory_store_conforms() {
    conformance::conforms(MemoryStore::new).await;
}

#[tokio::test]
async fn the_file_store_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let count = AtomicU32::new(0);
    conformance::conforms(|| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        FileStore::open(&folder.path().join(format!("{number}.redb"))).unwrap()
    })
    .await;
}

#[tokio::test]
async fn what_was_committed_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.redb");
    let first = FileStore::open(&path).unwrap();
    let commit = first
        .commit(Transaction::new().put(Key::new("a"), *b"1"))
        .await
        .unwrap();
    let before = first.range(Range::All, None).await.unwrap();
    drop(first);
    let again = FileStore::open(&path).unwrap();
    assert_eq!(again.range(Range::All, None).await.unwrap(), before);
    assert_eq!(again.revision(), commit.revision);
}

#[test]
fn one_process_at_a_time_has_the_file_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.redb");
    let _first = FileStore::open(&path).unwrap();
    assert!(matches!(FileStore::open(&path), Err(OpenRefused::Taken)));
}

#[test]
fn only_its_owner_reads_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.redb");
    drop(FileStore::open(&path).unwrap());
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{mode:o}");
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.redb");
    std::fs::write(&path, b"not a database").unwrap();
    assert!(matches!(
        FileStore::open(&path),
        Err(OpenRefused::Unreadable(_))
    ));
    assert_eq!(std::fs::read(&path).unwrap(), b"not a database");
}

#[test]
fn a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.redb");
    drop(FileStore::open(&path).unwrap());
    {
        let database = redb::Database::create(&path).unwrap();
        let write = database.begin_write().unwrap();
        let meta: redb::TableDefinition<'_, &str, u64> = redb::TableDefinition::new("meta");
        write
            .open_table(meta)
            .unwrap()
            .insert("format", 99)
            .unwrap();
        write.commit().unwrap();
    }
    assert!(matches!(
        FileStore::open(&path),
        Err(OpenRefused::Newer { found: 99, .. })
    ));
}
