//! A change of the key space: compare, then write, all or nothing.

use crate::{Event, Key, Revision};
use std::sync::Arc;

/// What must hold for a transaction to be committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compare {
    /// Nothing stands at the key.
    Absent(Key),
    /// The key's value was written by this commit.
    Modified(Key, Revision),
}

impl Compare {
    /// The key compared.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::Absent(key) | Self::Modified(key, _) => key,
        }
    }

    /// Whether it holds for a key that was last written by that commit (`None`: nothing is there).
    pub(crate) fn holds(&self, modified: Option<Revision>) -> bool {
        match self {
            Self::Absent(_) => modified.is_none(),
            Self::Modified(_, wanted) => modified == Some(*wanted),
        }
    }
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Put a value where the key is.
    Put(Key, Arc<[u8]>),
    /// Take the key away; nothing happens where nothing is.
    Delete(Key),
}

impl Change {
    /// The key written.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::Put(key, _) | Self::Delete(key) => key,
        }
    }
}

/// Comparisons and the writes that follow when all of them hold.
///
/// Of several writes to one key the last counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transaction {
    /// All must hold.
    pub compares: Vec<Compare>,
    /// Done in this order.
    pub changes: Vec<Change>,
}

impl Transaction {
    /// A transaction without comparisons or writes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Demands that nothing stands at the key.
    #[must_use]
    pub fn if_absent(mut self, key: Key) -> Self {
        self.compares.push(Compare::Absent(key));
        self
    }

    /// Demands that the key's value is the one that this commit wrote.
    #[must_use]
    pub fn if_modified_at(mut self, key: Key, revision: Revision) -> Self {
        self.compares.push(Compare::Modified(key, revision));
        self
    }

    /// Puts a value.
    #[must_use]
    pub fn put(mut self, key: Key, value: impl Into<Arc<[u8]>>) -> Self {
        self.changes.push(Change::Put(key, value.into()));
        self
    }

    /// Deletes a key.
    #[must_use]
    pub fn delete(mut self, key: Key) -> Self {
        self.changes.push(Change::Delete(key));
        self
    }

    /// Whether it writes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// A transaction that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its number; the store's newest one when the transaction changed nothing.
    pub revision: Revision,
    /// What it did, one event a key, in key order.
    pub events: Arc<[Event]>,
}
