//! When access keys and roles were last used, and which actions users and roles asked for.
//!
//! Every authenticated request leaves a note in memory; a task writes the notes to the store now and
//! then, and once more at the end. Whoever asks is told the newer of the two. A plane that is killed
//! loses a minute of notes.

use crate::Inner;
use crate::world::{Unchanged, Worlds};
use ::sts::{Caller, Holder};
use iam::{Accesses, Account, IamError, LastUse, write_accesses, write_last_uses};
use jiff::Timestamp;
use names::{AccountId, Region, UniqueId};
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::Transaction;
use tokio::sync::watch;

/// How often notes are written.
const WRITE_EVERY: Duration = Duration::from_secs(60);

/// Requests of different keys rarely wait for each other.
const SHARDS: usize = 16;

/// The notes that are not written yet, by account and unique id.
type Unwritten<T> = HashMap<Box<str>, (AccountId, T), RandomState>;

/// The uses since they were last written.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Shard {
    last_uses: Unwritten<LastUse>,
    accesses: Unwritten<Accesses>,
}

/// A request, as it is noted.
pub(crate) struct Use<'a> {
    /// As signatures name it.
    pub(crate) service: &'a str,
    pub(crate) action: &'a str,
    pub(crate) region: &'a Region,
    pub(crate) at: Timestamp,
}

impl Uses {
    /// Notes a request, whatever will be answered: of a user's key or of a role its last use, of a
    /// user or role what it asked for.
    pub(crate) fn note(&self, caller: &Caller, made: &Use<'_>) {
        let used = match caller.session().map(|session| &session.holder) {
            None => Some(caller.access_key_id().as_str()),
            Some(Holder::Role { id, .. }) => Some(id.as_str()),
            Some(Holder::User { .. } | Holder::Federated { .. }) => None,
        };
        if let Some(id) = used {
            self.note_use(caller.account(), id, made);
        }
        self.note_access(caller.account(), caller.entity_id().as_str(), made);
    }

    fn note_access(&self, account: AccountId, id: &str, made: &Use<'_>) {
        let notes = &mut self.shard(id).accesses;
        if !notes.contains_key(id) {
            notes.insert(id.into(), (account, Accesses::default()));
        }
        if let Some((_, accesses)) = notes.get_mut(id) {
            accesses.note(made.service, made.action, made.at, made.region);
        }
    }

    fn note_use(&self, account: AccountId, id: &str, made: &Use<'_>) {
        let Use {
            service,
            region,
            at,
            ..
        } = *made;
        let notes = &mut self.shard(id).last_uses;
        let Some((_, last)) = notes.get_mut(id) else {
            let (service, region) = (service.into(), region.clone());
            let last = LastUse {
                at,
                service,
                region,
            };
            notes.insert(id.into(), (account, last));
            return;
        };
        last.at = last.at.max(at);
        if &*last.service != service {
            last.service = service.into();
        }
        if last.region != *region {
            last.region = region.clone();
        }
    }

    /// The last use of a key or role of an account, by its unique id.
    pub(crate) fn last(&self, account: &Account, id: &str) -> Option<LastUse> {
        let noted = self
            .shard(id)
            .last_uses
            .get(id)
            .map(|(_, last)| last.clone());
        let written = account.last_use(id).cloned();
        noted.into_iter().chain(written).max_by_key(|last| last.at)
    }

    /// What a user or role of an account asked for, by its unique id.
    pub(crate) fn accesses(&self, account: &Account, id: &UniqueId) -> Accesses {
        let id = id.as_str();
        let mut accesses = account.accesses(id).cloned().unwrap_or_default();
        if let Some((_, noted)) = self.shard(id).accesses.get(id) {
            accesses.merge(noted);
        }
        accesses
    }

    /// Writes what is noted. Notes stay until they can be read from the world.
    ///
    /// # Errors
    /// The first account that the store did not take; its notes stay.
    pub(crate) async fn write(&self, worlds: &Worlds) -> Result<(), Unchanged<IamError>> {
        let used = self.write_all::<LastUse>(worlds).await;
        let accessed = self.write_all::<Accesses>(worlds).await;
        used.and(accessed)
    }

    async fn write_all<T: Noted>(&self, worlds: &Worlds) -> Result<(), Unchanged<IamError>> {
        let mut ended = Ok(());
        for (id, notes) in self.by_account::<T>() {
            let written = worlds.change(|world| {
                let account = world.accounts.account(id)?;
                T::write(account, &notes).map(|transaction| (transaction, ()))
            });
            match written.await {
                Ok(()) => notes.iter().for_each(|(id, note)| self.forget(id, note)),
                Err(why) => ended = ended.and(Err(why)),
            }
        }
        ended
    }

    fn by_account<T: Noted>(&self) -> HashMap<AccountId, Vec<(Box<str>, T)>> {
        let mut accounts: HashMap<_, Vec<_>> = HashMap::new();
        for shard in &self.shards {
            for (id, (account, note)) in T::notes(&mut locked(shard)).iter() {
                let notes = accounts.entry(*account).or_default();
                notes.push((id.clone(), note.clone()));
            }
        }
        accounts
    }

    /// Forgets a note that nothing was added to since.
    fn forget<T: Noted>(&self, id: &str, written: &T) {
        let mut shard = self.shard(id);
        let notes = T::notes(&mut shard);
        if notes.get(id).is_some_and(|(_, note)| note == written) {
            notes.remove(id);
        }
    }

    fn shard(&self, id: &str) -> MutexGuard<'_, Shard> {
        let hash = self.hasher.hash_one(id);
        // The remainder is below `SHARDS`.
        let place = usize::try_from(hash % SHARDS as u64).unwrap_or_default();
        locked(&self.shards[place])
    }
}

fn locked(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A kind of note: where it stands, and how it is written.
trait Noted: Clone + PartialEq {
    fn notes(shard: &mut Shard) -> &mut Unwritten<Self>;
    fn write(account: &Account, notes: &[(Box<str>, Self)]) -> Result<Transaction, IamError>;
}

impl Noted for LastUse {
    fn notes(shard: &mut Shard) -> &mut Unwritten<Self> {
        &mut shard.last_uses
    }

    fn write(account: &Account, notes: &[(Box<str>, Self)]) -> Result<Transaction, IamError> {
        write_last_uses(account, notes.iter().map(|(id, last)| (&**id, last)))
    }
}

impl Noted for Accesses {
    fn notes(shard: &mut Shard) -> &mut Unwritten<Self> {
        &mut shard.accesses
    }

    fn write(account: &Account, notes: &[(Box<str>, Self)]) -> Result<Transaction, IamError> {
        write_accesses(
            account,
            notes.iter().map(|(id, accesses)| (&**id, accesses)),
        )
    }
}

/// Writes what is noted, again and again, until the plane stops. What could not be written is tried
/// again with the next.
pub(crate) async fn keep_writing(plane: Arc<Inner>, mut stopped: watch::Receiver<bool>) {
    let mut writes = tokio::time::interval(WRITE_EVERY);
    writes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = writes.tick() => {}
            _ = stopped.changed() => return,
        }
        let _ = plane.uses.write(&plane.worlds).await;
    }
}
