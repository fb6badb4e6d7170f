//! What the runner knows of the objects that its Pods refer to.

use super::env::Sources;
use super::problem::Problem;
use crate::api::{Api, resources};
use crate::cache::{Cache, Changes};
use crate::object;
use crate::pod::HostPath;
use serde_json::Value;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(crate) struct Caches {
    config_maps: Cache,
    secrets: Cache,
    services: Cache,
    claims: Cache,
    volumes: Cache,
}

/// Waits until a ConfigMap, a Secret or a claim changes.
#[derive(Debug)]
pub(crate) struct SourceChanges {
    config_maps: Changes,
    secrets: Changes,
    claims: Changes,
}

impl Caches {
    pub(crate) fn follow(api: &dyn Api) -> Self {
        Self {
            config_maps: Cache::follow(api, resources::CONFIG_MAPS),
            secrets: Cache::follow(api, resources::SECRETS),
            services: Cache::follow(api, resources::SERVICES),
            claims: Cache::follow(api, resources::CLAIMS),
            volumes: Cache::follow(api, resources::VOLUMES),
        }
    }

    pub(crate) async fn synced(&self) -> bool {
        self.config_maps.synced().await
            && self.secrets.synced().await
            && self.services.synced().await
            && self.claims.synced().await
            && self.volumes.synced().await
    }

    pub(crate) fn changes(&self) -> SourceChanges {
        SourceChanges {
            config_maps: self.config_maps.changes(),
            secrets: self.secrets.changes(),
            claims: self.claims.changes(),
        }
    }

    /// The folder that a claim has, as its volume names it.
    pub(crate) fn claimed(&self, namespace: &str, claim: &str) -> Result<HostPath, Problem> {
        let failed = |text: String| Err(Problem::Volume(text));
        let Some(claim) = self.claims.get(namespace, claim) else {
            return failed(format!("persistentvolumeclaim {claim:?} not found"));
        };
        let name = object::text(&claim, "/spec/volumeName");
        if object::text(&claim, "/status/phase") != "Bound" {
            return failed(format!(
                "PVC {namespace}/{} is not bound",
                object::name(&claim)
            ));
        }
        let Some(volume) = self.volumes.get("", name) else {
            return failed(format!("persistentvolume {name:?} not found"));
        };
        let spec = &volume["spec"];
        let (folder, kind) = match (&spec["hostPath"], &spec["local"]) {
            (Value::Object(folder), _) => (folder, folder.get("type")),
            (_, Value::Object(folder)) => (folder, None),
            _ => return failed("this kind of volume is not built".to_owned()),
        };
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        Ok(HostPath {
            path: text(folder.get("path")).unwrap_or_default(),
            kind: text(kind).unwrap_or_default(),
        })
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
            more = self.claims.next() => more,
        }
    }
}
