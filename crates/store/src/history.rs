//! The key space in memory: what is there now, and enough of the past to undo and to replay.

use crate::entry::{Entry, Event, Key, Range, Revision};
use crate::transaction::{Change, Commit, Compare, Transaction};
use crate::{CommitRefused, Compacted, Listing, ReadRefused};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

/// Commits kept for readers of the past and for watchers; older ones are compacted.
pub(crate) const COMMITS_KEPT_MAX: usize = 1_000;

/// The key space and its newest commits.
#[derive(Debug, Default)]
pub(crate) struct History {
    revision: Revision,
    oldest: Revision,
    live: BTreeMap<Key, Entry>,
    past: VecDeque<Past>,
}

/// A commit, and what stood before it.
#[derive(Debug)]
struct Past {
    commit: Commit,
    before: Vec<(Key, Option<Entry>)>,
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
            .map(|event| {
                let key = event.key().clone();
                let entry = match event {
                    Event::Put(entry) => self.live.insert(key.clone(), entry.clone()),
                    Event::Deleted { .. } => self.live.remove(&key),
                };
                (key, entry)
            })
            .collect();
        self.revision = commit.revision;
        self.past.push_back(Past {
            commit: commit.clone(),
            before,
        });
        if self.past.len() > COMMITS_KEPT_MAX {
            let oldest = self
                .past
                .front()
                .map_or(self.revision, |past| past.commit.revision);
            self.compact(oldest);
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
        let undone = self.undone(revision);
        if undone.is_empty() {
            return Ok(Listing {
                revision,
                entries: self.walk(range).cloned().collect(),
            });
        }
        let mut entries: BTreeMap<&Key, &Entry> =
            self.walk(range).map(|entry| (&entry.key, entry)).collect();
        for (key, entry) in undone.iter().filter(|(key, _)| range.holds(key.as_str())) {
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

    /// The commits after a revision, oldest first.
    pub(crate) fn after(
        &self,
        revision: Revision,
    ) -> Result<impl Iterator<Item = &Commit>, Compacted> {
        if revision < self.oldest {
            return Err(Compacted {
                asked: revision,
                oldest: self.oldest,
            });
        }
        let first = self
            .past
            .partition_point(|past| past.commit.revision <= revision);
        Ok(self.past.range(first..).map(|past| &past.commit))
    }

    /// Forgets what stood before a revision.
    pub(crate) fn compact(&mut self, before: Revision) {
        let before = before.min(self.revision);
        self.oldest = self.oldest.max(before);
        let kept = self
            .past
            .partition_point(|past| past.commit.revision <= before);
        self.past.drain(..kept);
    }

    fn walk<'a>(&'a self, range: &'a Range) -> impl Iterator<Item = &'a Entry> {
        self.live
            .range::<str, _>((Bound::Included(range.first()), Bound::Unbounded))
            .map(|(_, entry)| entry)
            .take_while(|entry| range.holds(entry.key.as_str()))
    }

    /// What stood at each key that was changed after a revision.
    fn undone(&self, revision: Revision) -> BTreeMap<&Key, &Option<Entry>> {
        let later = self
            .past
            .iter()
            .rev()
            .take_while(|past| past.commit.revision > revision);
        // The oldest change of a key comes last, and knows what stood there at the revision.
        later
            .flat_map(|past| past.before.iter().map(|(key, entry)| (key, entry)))
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
