//! The world: one immutable view of all accounts and clusters, and the only way to change it.
//!
//! A reader takes the [`Arc`] once and decides everything on it. A change is decided on it as well;
//! what comes out is a transaction, and when somebody else was faster, the change is decided again on
//! the newer world. Before a change is answered its events are in the world, so whoever wrote reads
//! what it wrote.

use arc_swap::ArcSwap;
use eks::Clusters;
use iam::Accounts;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Commit, CommitRefused, Keyring, Range, Revision, Store, Transaction};

/// How often a change is decided anew when others are faster.
const ATTEMPTS_MAX: u32 = 16;

/// One consistent view.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) revision: Revision,
    pub(crate) accounts: Accounts,
    pub(crate) clusters: Clusters,
}

/// The current world, and the store behind it.
pub(crate) struct Worlds {
    current: ArcSwap<World>,
    /// Held while events are applied, so that they are applied in order.
    applying: Mutex<()>,
    store: Box<dyn Store>,
    keyring: Keyring,
}

/// Why a change was not made.
#[derive(Debug)]
pub(crate) enum Unchanged<E> {
    /// The operation refuses.
    Refused(E),
    /// The store does.
    Store(CommitRefused),
    /// What was written cannot be read back.
    Unreadable(String),
}

impl Worlds {
    /// Reads the world that the store holds.
    pub(crate) async fn load(store: Box<dyn Store>, keyring: Keyring) -> Result<Self, String> {
        let listing = store
            .range(Range::All, None)
            .await
            .map_err(|why| why.to_string())?;
        let world = World {
            revision: listing.revision,
            accounts: Accounts::from_listing(&listing).map_err(|why| why.to_string())?,
            clusters: Clusters::load(&listing.entries, &keyring).map_err(|why| why.to_string())?,
        };
        Ok(Self {
            current: ArcSwap::from_pointee(world),
            applying: Mutex::new(()),
            store,
            keyring,
        })
    }

    /// The world as it is now.
    pub(crate) fn now(&self) -> Arc<World> {
        self.current.load_full()
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Decides a change on the newest world, commits it, and answers when it can be read.
    pub(crate) async fn change<T, E>(
        &self,
        decide: impl Fn(&World) -> Result<(Transaction, T), E>,
    ) -> Result<T, Unchanged<E>> {
        for _ in 0..ATTEMPTS_MAX {
            let (transaction, output) = decide(&self.now()).map_err(Unchanged::Refused)?;
            if transaction.is_empty() {
                return Ok(output);
            }
            match self.store.commit(transaction).await {
                Ok(commit) => {
                    self.apply(&commit).map_err(Unchanged::Unreadable)?;
                    return Ok(output);
                }
                Err(CommitRefused::Conflict { .. }) => {}
                Err(refused) => return Err(Unchanged::Store(refused)),
            }
        }
        let busy = "others kept changing the same object; try again".to_owned();
        Err(Unchanged::Store(CommitRefused::Unwritable(busy)))
    }

    /// Brings the world up to a commit. Commits may arrive here out of order; what is missing is read
    /// from the store's own history.
    fn apply(&self, commit: &Commit) -> Result<(), String> {
        let _order = self.applying.lock().unwrap_or_else(PoisonError::into_inner);
        let mut world = World::clone(&self.now());
        if world.revision >= commit.revision {
            return Ok(());
        }
        let mut watch = self
            .store
            .watch(Range::All, world.revision)
            .map_err(|why| why.to_string())?;
        for event in watch.ready().map_err(|why| why.to_string())? {
            world
                .accounts
                .apply(&event)
                .map_err(|why| why.to_string())?;
            world
                .clusters
                .apply(&event, &self.keyring)
                .map_err(|why| why.to_string())?;
        }
        world.revision = watch.seen();
        self.current.store(Arc::new(world));
        Ok(())
    }
}
