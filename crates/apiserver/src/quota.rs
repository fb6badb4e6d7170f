//! Quotas of namespaces, held when something is written.
//!
//! What is used is what the objects themselves say, counted in turn by those who take some of it.

use crate::ledger::Ledger;
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
        let value = Value::Object(object.as_map().clone());
        let before = old.map(|old| Value::Object(old.as_map().clone()));
        let takes = |quota: &Quota<'_>| {
            let was = before.as_ref().map(|old| quota.usage(&of.resource, old));
            growth(&quota.usage(&of.resource, &value), &was.unwrap_or_default())
        };
        let quotas = self.quotas(namespace).await?;
        let taken_of = quotas.iter().map(Quota::of);
        let taken_of = taken_of.map(|quota| (takes(&quota), quota));
        let taken_of: Vec<_> = taken_of.filter(|(more, _)| !more.is_empty()).collect();
        if taken_of.is_empty() {
            return Ok(None);
        }
        let ledger = self.ledger(self.records.ledger_of(namespace)).await?;
        for (more, quota) in taken_of {
            let used = self.used(of, namespace, &quota).await?;
            quota
                .admit(&of.resource, &value, &more, &used)
                .map_err(|why| {
                    let name = object.name().unwrap_or_default();
                    Status::forbidden(&of.resource, name, &why)
                })?;
        }
        Ok(Some(ledger))
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
