//! What objects share is taken by one at a time: addresses, ports, the room in a namespace's quotas.
//!
//! What is taken is what the objects themselves say. Who takes some of it writes at one key besides, its
//! ledger: of two who counted the same state one commits, and the other counts anew. Here they wait
//! for each other, in the order in which they came, so that none counts in vain however many come at once;
//! what the ledger is for is another replica.

use crate::server::ApiServer;
use objects::Status;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use store::{Key, Revision, Transaction};
use tokio::sync::OwnedMutexGuard;

/// The state of a ledger by which something was chosen or counted. While it is held nobody else here
/// counts.
#[derive(Debug)]
pub(crate) struct Ledger {
    key: Key,
    seen: Option<Revision>,
    _turn: OwnedMutexGuard<()>,
}

impl Ledger {
    /// The transaction, if nobody chose or counted in between.
    pub(crate) fn hold(&self, transaction: Transaction) -> Transaction {
        let key = self.key.clone();
        let transaction = match self.seen {
            Some(seen) => transaction.if_modified_at(key.clone(), seen),
            None => transaction.if_absent(key.clone()),
        };
        transaction.put(key, Vec::new())
    }
}

impl ApiServer {
    /// The ledger at a key, as it is when all who came before have written.
    ///
    /// INVARIANT (addresses before quotas): who takes both asks for the ledger of addresses first, so that
    /// no two wait for each other.
    pub(crate) async fn ledger(&self, key: Key) -> Result<Ledger, Status> {
        let turn = self.turns.next(&key).await;
        let seen = self.records.written_at(&key).await?;
        Ok(Ledger {
            key,
            seen,
            _turn: turn,
        })
    }
}

/// Whose turn it is at each ledger that somebody waits for.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<BTreeMap<Key, Weak<tokio::sync::Mutex<()>>>>);

impl Turns {
    async fn next(&self, key: &Key) -> OwnedMutexGuard<()> {
        let queue = self.queue(key);
        queue.lock_owned().await
    }

    fn queue(&self, key: &Key) -> Arc<tokio::sync::Mutex<()>> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(key).and_then(Weak::upgrade) {
            return queue;
        }
        queues.retain(|_, queue| queue.strong_count() > 0);
        let queue = Arc::default();
        queues.insert(key.clone(), Arc::downgrade(&queue));
        queue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_has_the_turn_at_a_ledger_and_nobody_waits_at_another() {
        let turns = Turns::default();
        let [one, other] = ["one", "other"].map(Key::new);
        let first = turns.next(&one).await;
        drop(turns.next(&other).await);
        let mut second = Box::pin(turns.next(&one));
        assert!(tokio::select! { biased; _ = &mut second => false, () = async {} => true });
        drop(first);
        second.await;
    }

    #[tokio::test]
    async fn a_ledger_that_nobody_waits_for_is_forgotten() {
        let turns = Turns::default();
        for index in 0..100 {
            drop(turns.next(&Key::new(format!("ledger-{index}"))).await);
        }
        assert_eq!(turns.0.lock().unwrap().len(), 1);
    }
}
