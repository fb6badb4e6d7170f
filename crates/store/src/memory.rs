//! The key space in memory alone.

use crate::history::History;
use crate::watch::Shared;
use crate::{
    Commit, CommitRefused, Compacted, Listing, Pending, Range, ReadRefused, Revision, Store,
    Transaction, Watch,
};
use std::sync::Arc;

/// A store that ends with its process.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shared: Shared::new(History::default()),
        }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for MemoryStore {
    fn commit(&self, transaction: Transaction) -> Pending<'_, Result<Commit, CommitRefused>> {
        Box::pin(async move { self.shared.commit(&transaction) })
    }

    fn range(
        &self,
        range: Range,
        at: Option<Revision>,
    ) -> Pending<'_, Result<Listing, ReadRefused>> {
        Box::pin(async move { self.shared.range(&range, at) })
    }

    fn watch(&self, range: Range, after: Revision) -> Result<Watch, Compacted> {
        self.shared.watch(range, after)
    }

    fn compact(&self, before: Revision) -> Pending<'_, Result<(), CommitRefused>> {
        Box::pin(async move {
            self.shared.compact(before);
            Ok(())
        })
    }

    fn revision(&self) -> Revision {
        self.shared.revision()
    }
}
