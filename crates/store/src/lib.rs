//! One ordered, revisioned key space with compare-and-swap and watch.
//!
//! The model is etcd's (<https://etcd.io/docs/v3.5/learning/data_model/>): every commit has the next
//! [`Revision`]; a [`Transaction`] compares and then changes, all or nothing; a [`Watch`] gives every
//! commit from a revision on, in order and without a gap, or says that the past was compacted.
//!
//! Two back ends hold it: [`MemoryStore`], and [`FileStore`] over one file in which many waiting
//! transactions share one sync of the disk. [`conformance`] is what both must do. Secrets do not
//! reach a store in the clear: [`Keyring`] seals them first.

mod entry;
mod file;
mod history;
mod keyring;
mod memory;
mod refusal;
mod transaction;
mod watch;

pub mod conformance;

pub use entry::{Entry, Event, Key, Range, Revision};
pub use file::FileStore;
pub use keyring::{Epoch, Keyring, NONCE_LENGTH, ROOT_KEY_LENGTH, RootKey, Sealed, Unopened};
pub use memory::MemoryStore;
pub use refusal::{CommitRefused, Compacted, OpenRefused, ReadRefused};
pub use transaction::{Change, Commit, Compare, Transaction};
pub use watch::Watch;

use std::pin::Pin;

/// An answer that comes later.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A key space in etcd's model.
pub trait Store: Send + Sync + 'static {
    /// Commits a transaction as a whole, or refuses it as a whole.
    ///
    /// # Errors
    /// [`CommitRefused::Conflict`] when a comparison does not hold; the other variants when the
    /// back end cannot write.
    fn commit(&self, transaction: Transaction) -> Pending<'_, Result<Commit, CommitRefused>>;

    /// The entries of a range, in key order, as they were at a revision (`None`: now).
    ///
    /// # Errors
    /// [`ReadRefused`] when the revision is compacted or lies ahead.
    fn range(
        &self,
        range: Range,
        at: Option<Revision>,
    ) -> Pending<'_, Result<Listing, ReadRefused>>;

    /// Every commit after a revision that touches the range.
    ///
    /// # Errors
    /// [`Compacted`] when commits after that revision are forgotten.
    fn watch(&self, range: Range, after: Revision) -> Result<Watch, Compacted>;

    /// Forgets what stood before a revision; the newest value of every key stays.
    fn compact(&self, before: Revision) -> Pending<'_, Result<(), CommitRefused>>;

    /// The revision of the newest commit.
    fn revision(&self) -> Revision;
}

/// What a range held at a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The revision read.
    pub revision: Revision,
    /// In key order.
    pub entries: Vec<Entry>,
}
