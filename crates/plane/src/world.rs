//! The world: one immutable view of all accounts, clusters and session keys, and the only way to change it.
//!
//! A reader takes the [`Arc`] once and decides everything on it. A change is decided on it as well;
//! what comes out is a transaction, and when somebody else was faster, the change is decided again on
//! the newer world. Before a change is answered its events are in the world, so whoever wrote reads
//! what it wrote.

use arc_swap::ArcSwap;
use eks::Clusters;
use iam::Accounts;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Commit, CommitRefused, Keyring, Range, Revision, Store, Transaction};
use sts::Epochs;

/// How often a change is decided anew when others are faster.
const ATTEMPTS_MAX: u32 = 16;

/// The keys that the world is read from. What Kubernetes' API keeps lies behind them and is never
/// loaded as a whole.
fn ours() -> Range {
    Range::between("eks/", "kubernetes/")
}

/// One consistent view.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) revision: Revision,
    pub(crate) accounts: Accounts,
    pub(crate) clusters: Clusters,
    pub(crate) epochs: Epochs,
}

/// The current world, and the store behind it.
pub(crate) struct Worlds {
    current: ArcSwap<World>,
    /// Held while events are applied, so that they are applied in order.
    applying: Mutex<()>,
    store: Arc<dyn Store>,
    keyring: Arc<Keyring>,
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
    pub(crate) async fn load(store: Arc<dyn Store>, keyring: Arc<Keyring>) -> Result<Self, String> {
        let world = World::read(&*store, &keyring).await?;
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

    pub(crate) fn keyring(&self) -> &Arc<Keyring> {
        &self.keyring
    }

    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.store
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
                    self.follow(&commit).await.map_err(Unchanged::Unreadable)?;
                    return Ok(output);
                }
                Err(CommitRefused::Conflict { .. }) => {}
                Err(refused) => return Err(Unchanged::Store(refused)),
            }
        }
        let busy = "others kept changing the same object; try again".to_owned();
        Err(Unchanged::Store(CommitRefused::Unwritable(busy)))
    }

    /// Brings the world up to a commit; reads it anew when too much came in between.
    async fn follow(&self, commit: &Commit) -> Result<(), String> {
        match self.apply(commit) {
            Ok(()) => Ok(()),
            Err(Behind::Compacted) => {
                let read = World::read(&*self.store, &self.keyring).await?;
                let _order = self.applying();
                if self.now().revision < read.revision {
                    self.current.store(Arc::new(read));
                }
                Ok(())
            }
            Err(Behind::Unreadable(why)) => Err(why),
        }
    }

    /// Commits may arrive here out of order; what is missing is read from the store's own history.
    fn apply(&self, commit: &Commit) -> Result<(), Behind> {
        let _order = self.applying();
        let mut world = World::clone(&self.now());
        if world.revision >= commit.revision {
            return Ok(());
        }
        let unreadable = |why: &dyn std::fmt::Display| Behind::Unreadable(why.to_string());
        let watch = self.store.watch(ours(), world.revision);
        let mut watch = watch.map_err(|_| Behind::Compacted)?;
        for event in watch.ready().map_err(|_| Behind::Compacted)? {
            let applied = world.accounts.apply(&event);
            applied.map_err(|why| unreadable(&why))?;
            let applied = world.clusters.apply(&event, &self.keyring);
            applied.map_err(|why| unreadable(&why))?;
            let applied = world.epochs.apply(&event, &self.keyring);
            applied.map_err(|why| unreadable(&why))?;
        }
        world.revision = watch.seen();
        self.current.store(Arc::new(world));
        Ok(())
    }

    fn applying(&self) -> MutexGuard<'_, ()> {
        self.applying.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why the world was not brought up to a commit by events alone.
enum Behind {
    /// More was written in between than the store remembers.
    Compacted,
    /// What was written cannot be read back.
    Unreadable(String),
}

impl World {
    async fn read(store: &dyn Store, keyring: &Keyring) -> Result<Self, String> {
        let listing = store.range(ours(), None).await;
        let listing = listing.map_err(|why| why.to_string())?;
        Ok(Self {
            revision: listing.revision,
            accounts: Accounts::from_listing(&listing).map_err(|why| why.to_string())?,
            clusters: Clusters::load(&listing.entries, keyring).map_err(|why| why.to_string())?,
            epochs: Epochs::load(&listing.entries, keyring).map_err(|why| why.to_string())?,
        })
    }
}
