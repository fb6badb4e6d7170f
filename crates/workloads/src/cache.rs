//! The objects of a resource, kept up to date by its feed.

use crate::api::{Api, Change, Feed, Resource};
use crate::object;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use tokio::sync::watch;

/// Namespace and name.
pub(crate) type Key = (String, String);

/// A local copy of all objects of a resource.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    objects: Arc<RwLock<BTreeMap<Key, Arc<Value>>>>,
    state: watch::Receiver<State>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    changes: u64,
    is_synced: bool,
}

impl Cache {
    /// Follows a resource from now on.
    pub(crate) fn follow(api: &dyn Api, resource: Resource) -> Self {
        let objects = Arc::default();
        let (sender, state) = watch::channel(State::default());
        tokio::spawn(keep(api.follow(resource), Arc::clone(&objects), sender));
        Self { objects, state }
    }

    /// Waits until all that existed is known; false when the feed ended before.
    pub(crate) async fn synced(&self) -> bool {
        self.state
            .clone()
            .wait_for(|state| state.is_synced)
            .await
            .is_ok()
    }

    /// Tells of every change from now on.
    pub(crate) fn changes(&self) -> Changes {
        Changes(self.state.clone())
    }

    /// The objects of a namespace; of all, with the empty one.
    pub(crate) fn list(&self, namespace: &str) -> Vec<Arc<Value>> {
        let objects = self.read();
        if namespace.is_empty() {
            return objects.values().cloned().collect();
        }
        let first = (namespace.to_owned(), String::new());
        let from = objects.range(first..);
        let ours = from.take_while(|((found, _), _)| found == namespace);
        ours.map(|(_, object)| Arc::clone(object)).collect()
    }

    /// One object.
    pub(crate) fn get(&self, namespace: &str, name: &str) -> Option<Arc<Value>> {
        let key = (namespace.to_owned(), name.to_owned());
        self.read().get(&key).cloned()
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<Key, Arc<Value>>> {
        self.objects.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for changes.
#[derive(Debug)]
pub(crate) struct Changes(watch::Receiver<State>);

impl Changes {
    /// Returns after the next change, or one since the last call; false when there will be none.
    pub(crate) async fn next(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

async fn keep(
    mut feed: Feed,
    objects: Arc<RwLock<BTreeMap<Key, Arc<Value>>>>,
    state: watch::Sender<State>,
) {
    let mut told_anew: Option<BTreeMap<Key, Arc<Value>>> = Some(BTreeMap::new());
    while let Some(change) = feed.recv().await {
        let mut known = objects.write().unwrap_or_else(PoisonError::into_inner);
        match change {
            Change::Set(object) => {
                let (key, object) = (key_of(&object), Arc::new(object));
                if let Some(told) = &mut told_anew {
                    told.insert(key.clone(), Arc::clone(&object));
                }
                known.insert(key, object);
            }
            Change::Gone(object) => {
                let key = key_of(&object);
                if let Some(told) = &mut told_anew {
                    told.remove(&key);
                }
                known.remove(&key);
            }
            Change::Restarted => told_anew = Some(BTreeMap::new()),
            Change::Synced => {
                if let Some(told) = told_anew.take() {
                    *known = told;
                }
            }
        }
        let is_synced = told_anew.is_none();
        drop(known);
        state.send_modify(|state| {
            state.changes += 1;
            state.is_synced |= is_synced;
        });
    }
}

pub(crate) fn key_of(object: &Value) -> Key {
    (
        object::namespace(object).to_owned(),
        object::name(object).to_owned(),
    )
}
