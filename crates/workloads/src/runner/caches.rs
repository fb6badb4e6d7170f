//! What the runner knows of the objects that its Pods refer to.

use super::env::Sources;
use crate::api::{Api, resources};
use crate::cache::{Cache, Changes};
use crate::object;
use serde_json::Value;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(crate) struct Caches {
    config_maps: Cache,
    secrets: Cache,
    services: Cache,
}

/// Waits until a ConfigMap or a Secret changes.
#[derive(Debug)]
pub(crate) struct SourceChanges {
    config_maps: Changes,
    secrets: Changes,
}

impl Caches {
    pub(crate) fn follow(api: &dyn Api) -> Self {
        Self {
            config_maps: Cache::follow(api, resources::CONFIG_MAPS),
            secrets: Cache::follow(api, resources::SECRETS),
            services: Cache::follow(api, resources::SERVICES),
        }
    }

    pub(crate) async fn synced(&self) -> bool {
        self.config_maps.synced().await
            && self.secrets.synced().await
            && self.services.synced().await
    }

    pub(crate) fn changes(&self) -> SourceChanges {
        SourceChanges {
            config_maps: self.config_maps.changes(),
            secrets: self.secrets.changes(),
        }
    }

    pub(crate) fn sources(&self, namespace: &str) -> Sources {
        let named = |object: Arc<Value>| (object::name(&object).to_owned(), object);
        let all = |cache: &Cache| cache.list(namespace).into_iter().map(named).collect();
        Sources {
            config_maps: all(&self.config_maps),
            secrets: all(&self.secrets),
            services: self.services.list(namespace),
            api: None,
            variables: Vec::new(),
        }
    }
}

impl SourceChanges {
    /// Returns after the next change; false when there will be none.
    pub(crate) async fn next(&mut self) -> bool {
        tokio::select! {
            more = self.config_maps.next() => more,
            more = self.secrets.next() => more,
        }
    }
}
