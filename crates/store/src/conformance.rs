//! What every back end must do, as checks that any [`Store`] can be put through.
//!
//! Each check takes an empty store and panics with what went wrong, as a test does.

use crate::{CommitRefused, Event, Key, Range, ReadRefused, Revision, Store, Transaction};

/// Puts stores through all checks; `empty` makes a new empty store for each.
///
/// # Panics
/// When the store does not do what etcd's model says.
pub async fn conforms<S: Store>(empty: impl Fn() -> S) {
    revisions_count_commits(&empty()).await;
    comparisons_guard_all_changes(&empty()).await;
    the_last_write_of_a_key_counts(&empty()).await;
    ranges_are_ordered_and_bounded(&empty()).await;
    the_past_can_be_read_until_it_is_compacted(&empty()).await;
    a_watch_sees_every_commit_once(&empty()).await;
    a_watch_knows_what_stood_before(&empty()).await;
    a_watch_of_the_compacted_past_is_refused(&empty()).await;
    of_many_writers_one_wins_each_revision(&empty()).await;
}

fn key(text: &str) -> Key {
    Key::new(text)
}

fn put(text: &str, value: &str) -> Transaction {
    Transaction::new().put(key(text), value.as_bytes())
}

async fn commit(store: &impl Store, transaction: Transaction) -> Revision {
    store
        .commit(transaction)
        .await
        .expect("a commit without comparisons")
        .revision
}

async fn values(store: &impl Store, range: Range, at: Option<Revision>) -> Vec<(String, String)> {
    let listing = store.range(range, at).await.expect("a readable revision");
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    listing
        .entries
        .iter()
        .map(|entry| (entry.key.to_string(), text(&entry.value)))
        .collect()
}

fn pairs(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

async fn revisions_count_commits(store: &impl Store) {
    assert_eq!(store.revision(), Revision::ZERO);
    assert_eq!(commit(store, put("a", "1")).await, Revision::new(1));
    assert_eq!(commit(store, put("a", "2")).await, Revision::new(2));
    let unchanged = Transaction::new().delete(key("none"));
    assert_eq!(
        commit(store, unchanged).await,
        Revision::new(2),
        "nothing changed"
    );
    let listing = store
        .range(Range::One(key("a")), None)
        .await
        .expect("now is readable");
    assert_eq!(listing.revision, Revision::new(2));
    assert_eq!(listing.entries[0].created, Revision::new(1));
    assert_eq!(listing.entries[0].modified, Revision::new(2));
}

async fn comparisons_guard_all_changes(store: &impl Store) {
    let first = commit(store, put("a", "1")).await;
    let stale = put("a", "2")
        .put(key("b"), *b"x")
        .if_modified_at(key("a"), first.next());
    match store.commit(stale).await {
        Err(CommitRefused::Conflict {
            key,
            expected,
            found,
        }) => {
            assert_eq!(
                (key.as_str(), expected, found),
                ("a", Some(first.next()), Some(first))
            );
        }
        other => panic!("a stale comparison gave {other:?}"),
    }
    let taken = store.commit(put("a", "2").if_absent(key("a"))).await;
    assert!(
        matches!(taken, Err(CommitRefused::Conflict { expected: None, .. })),
        "{taken:?}"
    );
    assert_eq!(values(store, Range::All, None).await, pairs(&[("a", "1")]));
    let good = put("a", "2")
        .if_modified_at(key("a"), first)
        .if_absent(key("b"));
    commit(store, good).await;
    assert_eq!(values(store, Range::All, None).await, pairs(&[("a", "2")]));
}

async fn the_last_write_of_a_key_counts(store: &impl Store) {
    let transaction = put("a", "1")
        .put(key("a"), *b"2")
        .put(key("b"), *b"1")
        .delete(key("b"));
    let done = store.commit(transaction).await.expect("no comparison");
    assert_eq!(done.events.len(), 1, "{done:?}");
    assert_eq!(values(store, Range::All, None).await, pairs(&[("a", "2")]));
}

async fn ranges_are_ordered_and_bounded(store: &impl Store) {
    for name in ["b/2", "a", "b/10", "b", "c"] {
        commit(store, put(name, "")).await;
    }
    let found = values(store, Range::prefix("b/"), None).await;
    assert_eq!(found, pairs(&[("b/10", ""), ("b/2", "")]));
    assert_eq!(
        values(store, Range::One(key("b")), None).await,
        pairs(&[("b", "")])
    );
    assert_eq!(values(store, Range::All, None).await.len(), 5);
    let between = values(store, Range::between("b", "b/2"), None).await;
    assert_eq!(between, pairs(&[("b", ""), ("b/10", "")]));
}

async fn the_past_can_be_read_until_it_is_compacted(store: &impl Store) {
    let first = commit(store, put("a", "1")).await;
    let second = commit(store, put("a", "2").put(key("b"), *b"1")).await;
    let third = commit(store, Transaction::new().delete(key("a"))).await;
    assert_eq!(
        values(store, Range::All, Some(first)).await,
        pairs(&[("a", "1")])
    );
    assert_eq!(
        values(store, Range::All, Some(second)).await,
        pairs(&[("a", "2"), ("b", "1")])
    );
    assert_eq!(
        values(store, Range::All, Some(third)).await,
        pairs(&[("b", "1")])
    );
    let ahead = store.range(Range::All, Some(third.next())).await;
    assert!(matches!(ahead, Err(ReadRefused::Ahead { .. })), "{ahead:?}");
    store.compact(second).await.expect("compaction");
    let gone = store.range(Range::All, Some(first)).await;
    assert!(matches!(gone, Err(ReadRefused::Compacted(_))), "{gone:?}");
    assert_eq!(
        values(store, Range::All, Some(second)).await,
        pairs(&[("a", "2"), ("b", "1")])
    );
}

async fn a_watch_sees_every_commit_once(store: &impl Store) {
    let first = commit(store, put("w/a", "1")).await;
    let mut watch = store
        .watch(Range::prefix("w/"), first)
        .expect("a kept revision");
    commit(store, put("other", "1")).await;
    commit(store, put("w/b", "2")).await;
    commit(store, Transaction::new().delete(key("w/a"))).await;
    let mut seen = Vec::new();
    while seen.len() < 2 {
        seen.extend(watch.next().await.expect("nothing compacted"));
    }
    assert_eq!(seen[0].key().as_str(), "w/b");
    assert!(
        matches!(&seen[1], Event::Deleted { key, .. } if key.as_str() == "w/a"),
        "{seen:?}"
    );
    assert!(watch.ready().expect("nothing compacted").is_empty());
    assert_eq!(watch.seen(), store.revision());
}

async fn a_watch_knows_what_stood_before(store: &impl Store) {
    let mut watch = store
        .watch(Range::prefix("a"), Revision::ZERO)
        .expect("a kept revision");
    commit(store, put("a", "1")).await;
    commit(store, put("a", "2").put(key("b"), *b"1")).await;
    commit(store, Transaction::new().delete(key("a"))).await;
    let seen = watch.ready_with_before().expect("nothing compacted");
    let before: Vec<_> = seen
        .iter()
        .map(|(_, before)| before.as_ref().map(|entry| &*entry.value))
        .collect();
    assert_eq!(before, [None, Some(&b"1"[..]), Some(b"2")]);
}

async fn a_watch_of_the_compacted_past_is_refused(store: &impl Store) {
    let first = commit(store, put("a", "1")).await;
    let mut behind = store
        .watch(Range::All, Revision::ZERO)
        .expect("a kept revision");
    commit(store, put("a", "2")).await;
    commit(store, put("a", "3")).await;
    store.compact(first.next()).await.expect("compaction");
    assert!(
        store.watch(Range::All, first).is_err(),
        "a watch with a gap was begun"
    );
    assert!(behind.next().await.is_err(), "a watch went on over a gap");
}

async fn of_many_writers_one_wins_each_revision(store: &impl Store) {
    commit(store, put("n", "0")).await;
    let increment = || async {
        loop {
            let listing = store
                .range(Range::All, None)
                .await
                .expect("now is readable");
            let entry = &listing.entries[0];
            let number: u32 = String::from_utf8_lossy(&entry.value)
                .parse()
                .expect("a number");
            let next = put("n", &(number + 1).to_string());
            match store
                .commit(next.if_modified_at(key("n"), entry.modified))
                .await
            {
                Ok(_) => return,
                Err(CommitRefused::Conflict { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        }
    };
    let rounds = async {
        for _ in 0..10 {
            increment().await;
        }
    };
    let others = async {
        for _ in 0..10 {
            increment().await;
        }
    };
    tokio::join!(rounds, others);
    assert_eq!(values(store, Range::All, None).await, pairs(&[("n", "20")]));
}
