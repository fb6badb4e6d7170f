//! What every back end must do; each runs [`all`] in its tests.
//!
//! The rules are those of etcd's API guarantees
//! (<https://etcd.io/docs/v3.5/learning/api_guarantees/>): commits are atomic and numbered without a
//! gap, and a watch is ordered, gap-free and resumable.

use crate::{
    Commit, CommitRefused, Event, Key, Range, ReadRefused, Revision, Store, Transaction,
};
use std::sync::Arc;

/// Runs every case, each on a store of its own.
///
/// # Panics
/// Where the store does not do what it must.
pub async fn all(fresh: impl Fn() -> Arc<dyn Store>) {
    commits_are_numbered(&*fresh()).await;
    a_conflict_changes_nothing(&*fresh()).await;
    a_key_remembers_its_commits(&*fresh()).await;
    the_last_write_to_a_key_counts(&*fresh()).await;
    nothing_changed_is_no_commit(&*fresh()).await;
    a_range_holds_its_keys_in_order(&*fresh()).await;
    the_past_can_be_read(&*fresh()).await;
    a_watch_is_ordered_and_gap_free(&*fresh()).await;
    a_watch_wakes(fresh()).await;
    the_compacted_past_is_refused(&*fresh()).await;
    of_rivals_one_wins(fresh()).await;
}

async fn commits_are_numbered(store: &dyn Store) {
    assert_eq!(store.revision(), Revision::ZERO);
    for number in 1..=3 {
        let commit = done(store, put("a", "value")).await;
        assert_eq!(commit.revision, Revision::new(number));
        assert_eq!(store.revision(), commit.revision);
    }
}

async fn a_conflict_changes_nothing(store: &dyn Store) {
    let first = done(store, put("a", "1")).await.revision;
    let absent = put("b", "2").if_absent(Key::new("a"));
    let refused = store.commit(absent).await.expect_err("`a` is there");
    assert!(
        matches!(&refused, CommitRefused::Conflict { key, expected: None, found: Some(found) }
            if key.as_str() == "a" && *found == first),
        "{refused:?}"
    );
    let stale = put("a", "2").if_modified_at(Key::new("a"), Revision::new(99));
    assert!(store.commit(stale).await.is_err());
    assert_eq!(texts(store, Range::All, None).await, ["a=1"]);
    assert_eq!(store.revision(), first);
}

async fn a_key_remembers_its_commits(store: &dyn Store) {
    let created = done(store, put("a", "1")).await.revision;
    let replace = put("a", "2").if_modified_at(Key::new("a"), created);
    let modified = done(store, replace).await.revision;
    let listing = store.range(Range::One(Key::new("a")), None).await.expect("now");
    assert_eq!((listing.entries[0].created, listing.entries[0].modified), (created, modified));
    done(store, Transaction::new().delete(Key::new("a"))).await;
    let again = done(store, put("a", "3").if_absent(Key::new("a"))).await.revision;
    let listing = store.range(Range::All, None).await.expect("now");
    assert_eq!(listing.entries[0].created, again);
}

async fn the_last_write_to_a_key_counts(store: &dyn Store) {
    let commit = done(store, put("a", "1").put(Key::new("a"), *b"2").delete(Key::new("b"))).await;
    assert_eq!(commit.events.len(), 1);
    assert_eq!(texts(store, Range::All, None).await, ["a=2"]);
}

async fn nothing_changed_is_no_commit(store: &dyn Store) {
    let first = done(store, put("a", "1")).await.revision;
    let commit = done(store, Transaction::new().delete(Key::new("b"))).await;
    assert_eq!((commit.revision, commit.events.len()), (first, 0));
    assert_eq!(store.revision(), first);
}

async fn a_range_holds_its_keys_in_order(store: &dyn Store) {
    for key in ["b/2", "a", "b/1", "b", "c", "b/10"] {
        done(store, put(key, "")).await;
    }
    assert_eq!(texts(store, Range::prefix("b/"), None).await, ["b/1=", "b/10=", "b/2="]);
    assert_eq!(texts(store, Range::One(Key::new("b")), None).await, ["b="]);
    assert_eq!(texts(store, Range::prefix("d"), None).await, [""; 0]);
    assert_eq!(texts(store, Range::All, None).await.len(), 6);
}

async fn the_past_can_be_read(store: &dyn Store) {
    let first = done(store, put("a", "1").put(Key::new("b"), *b"1")).await.revision;
    let second = done(store, put("a", "2").delete(Key::new("b"))).await.revision;
    done(store, put("a", "3").put(Key::new("c"), *b"3")).await;
    assert_eq!(texts(store, Range::All, Some(first)).await, ["a=1", "b=1"]);
    assert_eq!(texts(store, Range::All, Some(second)).await, ["a=2"]);
    assert_eq!(texts(store, Range::All, None).await, ["a=3", "c=3"]);
    let ahead = store.range(Range::All, Some(Revision::new(4))).await;
    assert!(matches!(ahead, Err(ReadRefused::Ahead { .. })));
}

async fn a_watch_is_ordered_and_gap_free(store: &dyn Store) {
    for value in ["1", "2", "3"] {
        done(store, put("a", value).put(Key::new("other"), value.as_bytes())).await;
    }
    let mut watch = store.watch(Range::prefix("a"), Revision::new(1)).expect("kept");
    let events = watch.next().await.expect("kept");
    assert_eq!(events.iter().map(text).collect::<Vec<_>>(), ["a=2", "a=3"]);
    done(store, Transaction::new().delete(Key::new("a"))).await;
    let events = watch.next().await.expect("kept");
    assert_eq!(events.iter().map(text).collect::<Vec<_>>(), ["a gone"]);
    assert_eq!(watch.seen(), store.revision());
}

async fn a_watch_wakes(store: Arc<dyn Store>) {
    let mut watch = store.watch(Range::All, Revision::ZERO).expect("kept");
    let woken = tokio::spawn(async move { watch.next().await.expect("kept").len() });
    tokio::task::yield_now().await;
    done(&*store, put("a", "1")).await;
    assert_eq!(woken.await.expect("no panic"), 1);
}

async fn the_compacted_past_is_refused(store: &dyn Store) {
    for value in ["1", "2", "3"] {
        done(store, put("a", value)).await;
    }
    let mut behind = store.watch(Range::All, Revision::ZERO).expect("kept");
    store.compact(Revision::new(2)).await.expect("compacted");
    let refused = behind.next().await.expect_err("fell behind");
    assert_eq!((refused.asked, refused.oldest), (Revision::ZERO, Revision::new(2)));
    assert!(store.watch(Range::All, Revision::new(1)).is_err());
    let past = store.range(Range::All, Some(Revision::new(1))).await;
    assert!(matches!(past, Err(ReadRefused::Compacted(_))));
    assert_eq!(texts(store, Range::All, Some(Revision::new(2))).await, ["a=2"]);
    assert_eq!(texts(store, Range::All, None).await, ["a=3"]);
}

async fn of_rivals_one_wins(store: Arc<dyn Store>) {
    let rivals: Vec<_> = (0..16)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                store.commit(put("a", "mine").if_absent(Key::new("a"))).await.is_ok()
            })
        })
        .collect();
    let mut winners = 0;
    for rival in rivals {
        winners += usize::from(rival.await.expect("no panic"));
    }
    assert_eq!((winners, store.revision()), (1, Revision::new(1)));
}

fn put(key: &str, value: &str) -> Transaction {
    Transaction::new().put(Key::new(key), value.as_bytes())
}

async fn done(store: &dyn Store, transaction: Transaction) -> Commit {
    store.commit(transaction).await.expect("committed")
}

async fn texts(store: &dyn Store, range: Range, at: Option<Revision>) -> Vec<String> {
    let listing = store.range(range, at).await.expect("kept");
    listing.entries.into_iter().map(|entry| text(&Event::Put(entry))).collect()
}

fn text(event: &Event) -> String {
    match event {
        Event::Put(entry) => format!("{}={}", entry.key, String::from_utf8_lossy(&entry.value)),
        Event::Deleted { key, .. } => format!("{key} gone"),
    }
}
