//! Quotas of namespaces, held when something is written.
//!
//! What is used is what the objects themselves say. Who takes some of it writes at one key of the
//! namespace besides, the ledger: of two who counted the same state one commits, and the other counts
//! anew.

use crate::addresses::Ledger;
use crate::registry::ResourceDef;
use crate::server::ApiServer;
use objects::quota::{Quota, Usage, add, growth};
use objects::{Object, Status};
use serde_json::Value;

impl ApiServer {
    /// Whether the quotas of its namespace leave room for an object; none: it takes nothing of them.
    pub(crate) async fn count(
        &self,
        of: &ResourceDef,
        object: &Object,
        old: Option<&Object>,
    ) -> Result<Option<Ledger>, Status> {
        let Some(namespace) = object.namespace().filter(|_| of.is_namespaced()) else {
            return Ok(None);
        };
        let quotas = self.quotas(namespace).await?;
        if quotas.is_empty() {
            return Ok(None);
        }
        let ledger = self.ledger(self.records.ledger_of(namespace)).await?;
        let value = Value::Object(object.as_map().clone());
        let before = old.map(|old| Value::Object(old.as_map().clone()));
        let mut takes = false;
        for quota in quotas.iter().map(Quota::of) {
            let was = before.as_ref().map(|old| quota.usage(&of.resource, old));
            let more = growth(&quota.usage(&of.resource, &value), &was.unwrap_or_default());
            if more.is_empty() {
                continue;
            }
            takes = true;
            let used = self.used(of, namespace, &quota).await?;
            quota
                .admit(&of.resource, &value, &more, &used)
                .map_err(|why| {
                    let name = object.name().unwrap_or_default();
                    Status::forbidden(&of.resource, name, &why)
                })?;
        }
        Ok(takes.then_some(ledger))
    }

    async fn quotas(&self, namespace: &str) -> Result<Vec<Value>, Status> {
        let Some(of) = self.registry.find("", "v1", "resourcequotas") else {
            return Ok(Vec::new());
        };
        self.all(of, namespace).await
    }

    /// What objects of a resource use of a quota.
    async fn used(
        &self,
        of: &ResourceDef,
        namespace: &str,
        quota: &Quota<'_>,
    ) -> Result<Usage, Status> {
        let mut used = Usage::new();
        for object in self.all(of, namespace).await? {
            add(&mut used, &quota.usage(&of.resource, &object));
        }
        Ok(used)
    }

    async fn all(&self, of: &ResourceDef, namespace: &str) -> Result<Vec<Value>, Status> {
        let range = self.records.range(of, namespace);
        let found = self.records.list(of, &range, None).await;
        let found = found.map_err(|why| Status::internal_error(&why.to_string()))?;
        let records = found.records.into_iter();
        Ok(records
            .map(|(_, record)| record.read(of).into_value())
            .collect())
    }
}
