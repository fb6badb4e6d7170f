//! What a controller is to look at: each key once, however often it was named.

use super::{RETRY, is_settled};
use crate::api::{Api, Change, Refused, Resource};
use crate::cache::Key;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Keys that wait.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    waiting: Arc<Mutex<BTreeSet<Key>>>,
    has_more: Arc<Notify>,
}

impl Queue {
    pub(super) fn push(&self, key: Key) {
        self.lock().insert(key);
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
            let next = self.lock().pop_first();
            match next {
                Some(key) => return key,
                None => self.has_more.notified().await,
            }
        }
    }

    /// Names a key again, as a look at it asks for: it says when the next is due though nothing changes,
    /// and one that was refused is repeated, unless it is past mending.
    pub(super) fn after(&self, key: Key, looked: Result<Option<Duration>, Refused>) {
        match looked {
            Ok(None) => {}
            Ok(Some(again)) => self.push_after(again, key),
            Err(refused) if is_settled(&refused) => {}
            Err(_) => self.push_after(RETRY, key),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<Key>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
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

/// The key of the object of a kind that manages an object.
pub(super) fn controller_of(kind: &'static str) -> impl Fn(&Value) -> Option<Key> {
    move |object| {
        let owner = crate::object::controller(object)?;
        let name = owner["name"].as_str()?;
        let is_wanted = owner["kind"] == kind;
        is_wanted.then(|| (crate::object::namespace(object).to_owned(), name.to_owned()))
    }
}
