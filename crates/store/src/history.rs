//! The key space in memory: what is there now, and enough of the past to undo and to replay.

use crate::entry::{Entry, Event, Key, Range, Revision};
use crate::transaction::{Change, Commit, Compare, Transaction};
use crate::{CommitRefused, Compacted, Listing, ReadRefused};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

/// Commits kept for readers of the past and for watchers; older ones are compacted.
pub(crate) const COMMITS_KEPT_MAX: usize = 20_000;

/// Bytes that the kept commits may hold in memory beside the present; older ones are compacted.
pub(crate) const PAST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What a change costs beside its key and the value that it replaced.
const CHANGE_BYTES: usize = 256;

/// The key space and its newest commits.
#[derive(Debug, Default)]
pub(crate) struct History {
    revision: Revision,
    oldest: Revision,
    live: BTreeMap<Key, Entry>,
    past: VecDeque<Past>,
    past_bytes: usize,
}

/// A commit, and what stood at each of its events' keys before it.
#[derive(Debug)]
struct Past {
    commit: Commit,
    before: Vec<Option<Entry>>,
}

impl Past {
    /// What it keeps in memory that would be gone otherwise: the values that were replaced.
    fn bytes(&self) -> usize {
        let events = self.changes().map(|(event, before)| {
            let value = before.map_or(0, |entry| entry.value.len());
            CHANGE_BYTES + event.key().as_str().len() + value
        });
        events.sum()
    }

    fn changes(&self) -> impl Iterator<Item = (&Event, Option<&Entry>)> {
        let before = self.before.iter().map(Option::as_ref);
        self.commit.events.iter().zip(before)
    }
}

impl History {
    /// A key space that begins at a revision with these entries; what came before is compacted.
    pub(crate) fn from_entries(revision: Revision, entries: impl Iterator<Item = Entry>) -> Self {
        let live = entries.map(|entry| (entry.key.clone(), entry)).collect();
        Self {
            revision,
            oldest: revision,
            live,
            past: VecDeque::new(),
            past_bytes: 0,
        }
    }

    pub(crate) fn revision(&self) -> Revision {
        self.revision
    }

    /// The entry at a key, now.
    pub(crate) fn entry(&self, key: &Key) -> Option<&Entry> {
        self.live.get(key)
    }

    /// What a transaction would do as the next commit, over changes that wait to be recorded.
    pub(crate) fn prepare(
        &self,
        transaction: &Transaction,
        waiting: &Waiting,
    ) -> Result<Commit, CommitRefused> {
        let there = |key: &Key| match waiting.entries.get(key) {
            Some(entry) => entry.as_ref(),
            None => self.entry(key),
        };
        for compare in &transaction.compares {
            let found = there(compare.key()).map(|entry| entry.modified);
            if !compare.holds(found) {
                return Err(conflict(compare, found));
            }
        }
        let newest = waiting.revision.max(self.revision);
        let revision = newest.next();
        let mut events = BTreeMap::new();
        for change in &transaction.changes {
            match change {
                Change::Put(key, value) => {
                    let created = there(key).map_or(revision, |entry| entry.created);
                    let entry = Entry {
                        key: key.clone(),
                        value: value.clone(),
                        created,
                        modified: revision,
                    };
                    events.insert(key.clone(), Event::Put(entry));
                }
                Change::Delete(key) if there(key).is_some() => {
                    events.insert(
                        key.clone(),
                        Event::Deleted {
                            key: key.clone(),
                            modified: revision,
                        },
                    );
                }
                Change::Delete(key) => {
                    events.remove(key);
                }
            }
        }
        let revision = if events.is_empty() { newest } else { revision };
        Ok(Commit {
            revision,
            events: events.into_values().collect(),
        })
    }

    /// Makes a prepared commit the newest one.
    pub(crate) fn record(&mut self, commit: &Commit) {
        if commit.events.is_empty() {
            return;
        }
        let before = commit
            .events
            .iter()
            .map(|event| match event {
                Event::Put(entry) => self.live.insert(entry.key.clone(), entry.clone()),
                Event::Deleted { key, .. } => self.live.remove(key),
            })
            .collect();
        self.revision = commit.revision;
        let past = Past {
            commit: commit.clone(),
            before,
        };
        self.past_bytes += past.bytes();
        self.past.push_back(past);
        self.keep_bounds();
    }

    /// Forgets the oldest commits while there are too many of them, or they hold too much.
    fn keep_bounds(&mut self) {
        while self.past.len() > COMMITS_KEPT_MAX || self.past_bytes > PAST_BYTES_MAX {
            let Some(oldest) = self.past.front() else {
                return;
            };
            self.compact(oldest.commit.revision);
        }
    }

    /// The entries of a range at a revision.
    pub(crate) fn range(
        &self,
        range: &Range,
        at: Option<Revision>,
    ) -> Result<Listing, ReadRefused> {
        let revision = at.unwrap_or(self.revision);
        if revision > self.revision {
            return Err(ReadRefused::Ahead {
                asked: revision,
                newest: self.revision,
            });
        }
        if revision < self.oldest {
            return Err(Compacted {
                asked: revision,
                oldest: self.oldest,
            }
            .into());
        }
        let undone = self.undone(range, revision);
        if undone.is_empty() {
            return Ok(Listing {
                revision,
                entries: self.walk(range).cloned().collect(),
            });
        }
        let mut entries: BTreeMap<&Key, &Entry> =
            self.walk(range).map(|entry| (&entry.key, entry)).collect();
        for (key, entry) in undone {
            match entry {
                Some(entry) => entries.insert(key, entry),
                None => entries.remove(key),
            };
        }
        Ok(Listing {
            revision,
            entries: entries.into_values().cloned().collect(),
        })
    }

    /// What the commits after a revision did, oldest first, each change with what stood there before.
    pub(crate) fn after(
        &self,
        revision: Revision,
    ) -> Result<impl Iterator<Item = (&Event, Option<&Entry>)>, Compacted> {
        if revision < self.oldest {
            return Err(Compacted {
                asked: revision,
                oldest: self.oldest,
            });
        }
        let first = self
            .past
            .partition_point(|past| past.commit.revision <= revision);
        Ok(self.past.range(first..).flat_map(Past::changes))
    }

    /// Forgets what stood before a revision.
    pub(crate) fn compact(&mut self, before: Revision) {
        let before = before.min(self.revision);
        self.oldest = self.oldest.max(before);
        let kept = self
            .past
            .partition_point(|past| past.commit.revision <= before);
        let forgotten: usize = self.past.drain(..kept).map(|past| past.bytes()).sum();
        self.past_bytes -= forgotten;
    }

    fn walk<'a>(&'a self, range: &'a Range) -> impl Iterator<Item = &'a Entry> {
        self.live
            .range::<str, _>((Bound::Included(range.first()), Bound::Unbounded))
            .map(|(_, entry)| entry)
            .take_while(|entry| range.holds(entry.key.as_str()))
    }

    /// What stood at each key of the range that was changed after a revision.
    fn undone(&self, range: &Range, revision: Revision) -> BTreeMap<&Key, Option<&Entry>> {
        let later = self
            .past
            .iter()
            .rev()
            .take_while(|past| past.commit.revision > revision);
        // The oldest change of a key comes last, and knows what stood there at the revision.
        later
            .flat_map(Past::changes)
            .map(|(event, before)| (event.key(), before))
            .filter(|(key, _)| range.holds(key.as_str()))
            .collect()
    }
}

/// Prepared commits that are not recorded yet.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    revision: Revision,
    entries: BTreeMap<Key, Option<Entry>>,
}

impl Waiting {
    pub(crate) fn add(&mut self, commit: &Commit) {
        self.revision = commit.revision;
        for event in &*commit.events {
            let entry = match event {
                Event::Put(entry) => Some(entry.clone()),
                Event::Deleted { .. } => None,
            };
            self.entries.insert(event.key().clone(), entry);
        }
    }
}

fn conflict(compare: &Compare, found: Option<Revision>) -> CommitRefused {
    let expected = match compare {
        Compare::Absent(_) => None,
        Compare::Modified(_, revision) => Some(*revision),
    };
    CommitRefused::Conflict {
        key: compare.key().clone(),
        expected,
        found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(history: &mut History, key: &str, bytes: usize) {
        let transaction = Transaction::new().put(Key::new(key), vec![b'x'; bytes]);
        let commit = history.prepare(&transaction, &Waiting::default()).unwrap();
        history.record(&commit);
    }

    #[test]
    fn the_past_is_bounded_by_the_bytes_it_holds() {
        let mut history = History::default();
        let size = PAST_BYTES_MAX / 4;
        for _ in 0..3 {
            put(&mut history, "a", size);
        }
        assert!(history.after(Revision::ZERO).is_ok());
        for _ in 0..2 {
            put(&mut history, "a", size);
        }
        assert!(history.after(Revision::ZERO).is_err());
        assert!(history.past_bytes <= PAST_BYTES_MAX);
    }

    #[test]
    fn the_past_is_bounded_by_its_commits() {
        let mut history = History::default();
        for _ in 0..=COMMITS_KEPT_MAX {
            put(&mut history, "a", 1);
        }
        assert_eq!(history.past.len(), COMMITS_KEPT_MAX);
        history.compact(history.revision());
        assert_eq!(history.past_bytes, 0);
    }
}
