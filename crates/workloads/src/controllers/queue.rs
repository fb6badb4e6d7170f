//! What a controller is to look at: each key once, however often it was named.

use super::{RETRY, is_settled};
use crate::api::{Api, Change, Refused, Resource};
use crate::cache::{Key, key_of};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How often the wait doubles while something fails again and again.
const DOUBLINGS_MAX: u32 = 4;

/// Keys that wait.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    state: Arc<Mutex<State>>,
    has_more: Arc<Notify>,
}

#[derive(Debug, Default)]
struct State {
    waiting: BTreeSet<Key>,
    /// How often in a row the look at a key was refused.
    refused: BTreeMap<Key, u32>,
}

impl Queue {
    pub(super) fn push(&self, key: Key) {
        self.lock().waiting.insert(key);
        self.has_more.notify_one();
    }

    /// Names a key again after a while.
    pub(super) fn push_after(&self, wait: Duration, key: Key) {
        let queue = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            queue.push(key);
        });
    }

    pub(super) async fn next(&self) -> Key {
        loop {
            let next = self.lock().waiting.pop_first();
            match next {
                Some(key) => return key,
                None => self.has_more.notified().await,
            }
        }
    }

    /// Names a key again, as a look at it asks for: it says when the next is due though nothing changes,
    /// and one that was refused is repeated, each time later, unless it is past mending.
    pub(super) fn after(&self, key: Key, looked: Result<Option<Duration>, Refused>) {
        match looked {
            Err(refused) if !is_settled(&refused) => {
                let wait = self.wait_after_refusal(&key);
                self.push_after(wait, key);
            }
            settled => {
                self.lock().refused.remove(&key);
                if let Ok(Some(again)) = settled {
                    self.push_after(again, key);
                }
            }
        }
    }

    fn wait_after_refusal(&self, key: &Key) -> Duration {
        let mut state = self.lock();
        let times = state.refused.entry(key.clone()).or_default();
        let wait = RETRY * 2_u32.pow((*times).min(DOUBLINGS_MAX));
        *times += 1;
        wait
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names in the queue what each change of a resource is about.
pub(super) fn feed(
    api: &dyn Api,
    resource: Resource,
    queue: &Queue,
    about: impl Fn(&Value) -> Option<Key> + Send + 'static,
) {
    let (mut changes, queue) = (api.follow(resource), queue.clone());
    tokio::spawn(async move {
        while let Some(change) = changes.recv().await {
            match change {
                Change::Set(object) | Change::Gone(object) => {
                    if let Some(key) = about(&object) {
                        queue.push(key);
                    }
                }
                Change::Synced | Change::Restarted => {}
            }
        }
    });
}

/// Names the object itself.
pub(super) fn itself(object: &Value) -> Option<Key> {
    Some(key_of(object))
}

/// Names all objects of the namespace of an object, by an empty name ([`Desk::keep`](super::Desk::keep)).
pub(super) fn all_beside(object: &Value) -> Option<Key> {
    Some((crate::object::namespace(object).to_owned(), String::new()))
}

/// Names all objects of all namespaces, by an empty key.
pub(super) fn all(_: &Value) -> Option<Key> {
    Some(Key::default())
}

/// The key of the object of a kind that manages an object.
pub(super) fn controller_of(kind: &'static str) -> impl Fn(&Value) -> Option<Key> {
    move |object| {
        let owner = crate::object::controller(object)?;
        let name = owner["name"].as_str()?;
        let is_wanted = owner["kind"] == kind;
        is_wanted.then(|| (crate::object::namespace(object).to_owned(), name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_again_and_again_waits_longer_each_time_up_to_a_bound() {
        let (queue, key) = (Queue::default(), Key::default());
        let mut waits = (0..6).map(|_| queue.wait_after_refusal(&key).as_millis());
        assert!(waits.by_ref().eq([500, 1000, 2000, 4000, 8000, 8000]));
        queue.after(key.clone(), Ok(None));
        assert_eq!(queue.wait_after_refusal(&key), RETRY, "all is well again");
    }
}
