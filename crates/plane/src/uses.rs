//! When access keys and roles were last used.
//!
//! Every authenticated request leaves a note in memory; a task writes the notes to the store now and
//! then, and once more at the end. Whoever asks is told the newer of the two. A plane that is killed
//! loses a minute of notes.

use crate::Inner;
use crate::world::{Unchanged, Worlds};
use ::sts::{Caller, Holder};
use iam::{Account, IamError, LastUse, write_last_uses};
use jiff::Timestamp;
use names::{AccountId, Region};
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How often notes are written.
const WRITE_EVERY: Duration = Duration::from_secs(60);

/// Requests of different keys rarely wait for each other.
const SHARDS: usize = 16;

/// The notes that are not written yet, by account and unique id.
type Notes = HashMap<Box<str>, (AccountId, LastUse), RandomState>;

/// The last uses since they were last written.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    shards: [Mutex<Notes>; SHARDS],
    hasher: RandomState,
}

impl Uses {
    /// Notes a request of a user's key or of a role's session.
    pub(crate) fn note(&self, caller: &Caller, service: &str, region: &Region, now: Timestamp) {
        let id = match caller.session().map(|session| &session.holder) {
            None => caller.access_key_id().as_str(),
            Some(Holder::Role { id, .. }) => id.as_str(),
            Some(Holder::User { .. } | Holder::Federated { .. }) => return,
        };
        self.note_id(caller.account(), id, service, region, now);
    }

    fn note_id(&self, account: AccountId, id: &str, service: &str, region: &Region, at: Timestamp) {
        let mut notes = self.shard(id);
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
        let noted = self.shard(id).get(id).map(|(_, last)| last.clone());
        let written = account.last_use(id).cloned();
        noted.into_iter().chain(written).max_by_key(|last| last.at)
    }

    /// Writes what is noted. Notes stay until they can be read from the world.
    ///
    /// # Errors
    /// The first account that the store did not take; its notes stay.
    pub(crate) async fn write(&self, worlds: &Worlds) -> Result<(), Unchanged<IamError>> {
        let mut ended = Ok(());
        for (id, notes) in self.by_account() {
            let written = worlds.change(|world| {
                let account = world.accounts.account(id)?;
                let uses = notes.iter().map(|(id, last)| (&**id, last));
                write_last_uses(account, uses).map(|transaction| (transaction, ()))
            });
            match written.await {
                Ok(()) => notes.iter().for_each(|(id, last)| self.forget(id, last)),
                Err(why) => ended = ended.and(Err(why)),
            }
        }
        ended
    }

    fn by_account(&self) -> HashMap<AccountId, Vec<(Box<str>, LastUse)>> {
        let mut accounts: HashMap<_, Vec<_>> = HashMap::new();
        for shard in &self.shards {
            for (id, (account, last)) in locked(shard).iter() {
                let notes = accounts.entry(*account).or_default();
                notes.push((id.clone(), last.clone()));
            }
        }
        accounts
    }

    /// Forgets a note that nothing was added to since.
    fn forget(&self, id: &str, written: &LastUse) {
        let mut notes = self.shard(id);
        if notes.get(id).is_some_and(|(_, last)| last == written) {
            notes.remove(id);
        }
    }

    fn shard(&self, id: &str) -> MutexGuard<'_, Notes> {
        let hash = self.hasher.hash_one(id);
        // The remainder is below `SHARDS`.
        let place = usize::try_from(hash % SHARDS as u64).unwrap_or_default();
        locked(&self.shards[place])
    }
}

fn locked(shard: &Mutex<Notes>) -> MutexGuard<'_, Notes> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
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
