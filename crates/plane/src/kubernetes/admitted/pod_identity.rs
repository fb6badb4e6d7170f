//! The pod identity webhook, in process: a pod whose service account names a role gets a token for it.
//!
//! The service account is looked up at this moment, so a pod never misses an annotation that was
//! written just before. What was not done, and why, is told to whoever creates the pod, and stands as
//! an event on it.

use super::new_pod;
use crate::chance;
use crate::kubernetes::notes::{Note, Notes};
use apiserver::{Admission, Objects, Place, Review};
use eks::Cluster;
use objects::patch::Patch;
use objects::schema::Schemas;
use objects::{Object, Status};
use podidentity::{
    Compose, ConfigMapEntries, Known, Mutation, PodIdentities, ServiceAccountLookup, Settings,
};
use serde_json::Value;
use std::sync::Arc;
use store::Pending;

/// The ConfigMap that may name roles for service accounts that do not.
const CONFIG_MAP: (&str, &str, &str) = ("kube-system", "pod-identity-webhook", "config");
/// What events say in one word.
const REASON: &str = "PodIdentity";

/// Writes roles into pods.
pub(super) struct PodIdentity {
    objects: Arc<Objects>,
    settings: Settings,
    noted: Notes,
}

impl PodIdentity {
    pub(super) fn of(cluster: &Cluster, objects: &Arc<Objects>, noted: Notes) -> Self {
        Self {
            objects: Arc::clone(objects),
            settings: Settings {
                region: Some(cluster.region().to_string()),
                compose: Some(Compose {
                    partition: cluster.arn.partition().to_string(),
                    account: cluster.account().to_string(),
                }),
                ..Settings::default()
            },
            noted,
        }
    }

    async fn decide(&self, pod: &Value, namespace: &str) -> Result<Mutation, Status> {
        let name = pod["spec"]["serviceAccountName"].as_str();
        let accounts = Place::new("", "v1", "serviceaccounts", namespace);
        let account = self
            .objects
            .get(&accounts, name.unwrap_or("default"))
            .await?;
        let account = account.map(Object::into_value);
        let known = Known {
            service_account: ServiceAccountLookup::of(account.as_ref()),
            config_map: &self.config_map().await?,
            pod_identities: &PodIdentities::default(),
            settings: &self.settings,
        };
        let chance = u32::from_le_bytes(chance::random());
        Ok(podidentity::mutate(pod, namespace, &known, chance))
    }

    /// A ConfigMap that cannot be read names nobody.
    async fn config_map(&self) -> Result<ConfigMapEntries, Status> {
        let (namespace, name, key) = CONFIG_MAP;
        let place = Place::new("", "v1", "configmaps", namespace);
        let found = self.objects.get(&place, name).await?;
        let text = found.as_ref().and_then(|found| found.text(&["data", key]));
        let entries = text.map(ConfigMapEntries::parse);
        Ok(entries.and_then(Result::ok).unwrap_or_default())
    }
}

impl Admission for PodIdentity {
    fn mutate<'a>(&'a self, review: &'a mut Review<'_>) -> Pending<'a, Result<(), Status>> {
        Box::pin(async move {
            let Some(pod) = new_pod(review) else {
                return Ok(());
            };
            let pod = pod.clone();
            let value = pod.clone().into_value();
            let decided = self.decide(&value, review.namespace).await?;
            if !decided.patch.is_empty() {
                review.object = Some(patched(&pod, &decided)?);
            }
            for reason in decided.reasons.iter().filter(|reason| reason.is_warning()) {
                let message = format!("{}: {reason}", reason.code());
                review.warnings.push(message.clone());
                if !review.dry_run {
                    self.noted.take(Note {
                        namespace: review.namespace.to_owned(),
                        name: review.name.to_owned(),
                        uid: pod.uid().unwrap_or_default().to_owned(),
                        reason: REASON,
                        message,
                    });
                }
            }
            Ok(())
        })
    }
}

fn patched(pod: &Object, decided: &Mutation) -> Result<Object, Status> {
    let failed = |why: String| Status::internal_error(&format!("pod identity: {why}"));
    let operations = serde_json::to_vec(&decided.patch).map_err(|why| failed(why.to_string()))?;
    let patch = Patch::json(&operations).map_err(|why| failed(why.to_string()))?;
    let gvk = pod.gvk().map_err(|why| failed(why.to_string()))?;
    let schema = Schemas::builtin().of(&gvk);
    let schema = schema.ok_or_else(|| failed(format!("no schema for {gvk}")))?;
    let map = patch.apply(schema, pod.as_map());
    let map = map.map_err(|why| failed(why.to_string()))?;
    Object::from_value(Value::Object(map)).map_err(|why| failed(why.to_string()))
}
