//! What every controller works with, and what several of them do alike.

use super::Settings;
use super::queue::Queue;
use crate::api::{Api, Deletion, Part, Refused, Resource, resources};
use crate::cache::{Key, key_of};
use crate::object;
use crate::runner::{News, Severity, Teller};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What every controller works with.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) api: Arc<dyn Api>,
    pub(super) settings: Arc<Settings>,
    pub(super) teller: Teller,
}

/// An object that a controller acts for, and its resource.
pub(super) type About<'a> = (&'a Resource, &'a Value);

impl Desk {
    pub(super) fn now(&self) -> jiff::Timestamp {
        (self.settings.clock)()
    }

    pub(super) fn tell(
        &self,
        component: &'static str,
        (resource, about): About<'_>,
        (severity, reason): (Severity, &'static str),
        message: String,
    ) {
        let metadata = &about["metadata"];
        self.teller.tell(News {
            severity,
            reason,
            message,
            at: self.now(),
            about: json!({
                "kind": resource.kind,
                "apiVersion": resource.api_version(),
                "namespace": metadata["namespace"],
                "name": metadata["name"],
                "uid": metadata["uid"],
                "resourceVersion": metadata["resourceVersion"],
            }),
            component,
            host: String::new(),
        });
    }

    /// Keeps the objects of a resource: looks at each that the queue names, for ever. An empty name stands
    /// for all objects of its namespace, an empty key for all there are.
    pub(super) async fn keep(
        &self,
        resource: Resource,
        queue: Queue,
        look: impl AsyncFn(&Self, &Key) -> Result<Option<Duration>, Refused>,
    ) {
        loop {
            let key = queue.next().await;
            let looked = match &*key.1 {
                "" => self.name_all(&resource, &queue, &key.0).await,
                _ => look(self, &key).await,
            };
            queue.after(key, looked);
        }
    }

    async fn name_all(
        &self,
        resource: &Resource,
        queue: &Queue,
        namespace: &str,
    ) -> Result<Option<Duration>, Refused> {
        let all = self.api.list(resource.clone(), namespace).await?;
        all.iter().for_each(|one| queue.push(key_of(one)));
        Ok(None)
    }

    /// An object, if it is there.
    pub(super) async fn find(
        &self,
        resource: Resource,
        namespace: &str,
        name: &str,
    ) -> Result<Option<Value>, Refused> {
        match self.api.get(resource, namespace, name).await {
            Ok(object) => Ok(Some(object)),
            Err(refused) if refused.is_not_found() => Ok(None),
            Err(refused) => Err(refused),
        }
    }

    /// The objects of a resource that an object manages, in its namespace.
    pub(super) async fn managed_by(
        &self,
        owner: &Value,
        resource: Resource,
    ) -> Result<Vec<Value>, Refused> {
        let mut managed = self.api.list(resource, object::namespace(owner)).await?;
        managed.retain(|one| object::is_controlled_by(one, object::uid(owner)));
        Ok(managed)
    }

    /// Writes an object's status, unless it has that one.
    pub(super) async fn write_status(
        &self,
        (resource, of): About<'_>,
        status: &Value,
    ) -> Result<(), Refused> {
        if of["status"] == *status {
            return Ok(());
        }
        let patch = json!({"status": status});
        self.merge((resource, of), Part::Status, patch).await
    }

    /// Merges a patch into an object: into this one, never into a namesake that was made meanwhile.
    pub(super) async fn merge(
        &self,
        (resource, of): About<'_>,
        part: Part,
        mut patch: Value,
    ) -> Result<(), Refused> {
        patch["metadata"]["uid"] = of["metadata"]["uid"].clone();
        let (namespace, name) = (object::namespace(of), object::name(of));
        let merged = self
            .api
            .merge(resource.clone(), namespace, name, part, patch);
        merged.await.map(drop)
    }

    /// Takes a finalizer from an object, unless that changed meanwhile.
    pub(super) async fn unprotect(&self, about: About<'_>, finalizer: &str) -> Result<(), Refused> {
        let of = about.1;
        let mut finalizers = object::items(of, "/metadata/finalizers").to_vec();
        finalizers.retain(|one| one != finalizer);
        let patch = json!({"metadata": {
            "resourceVersion": of["metadata"]["resourceVersion"],
            "finalizers": finalizers,
        }});
        self.merge(about, Part::Main, patch).await
    }

    /// Makes a Pod for an object, and tells how that went.
    ///
    /// What a Pod lacks may come without any news of the object: a service account, room in a quota. So
    /// whatever refuses it, it is tried again, unless the namespace takes nothing more.
    pub(super) async fn make_pod(
        &self,
        telling: &Telling,
        about: About<'_>,
        pod: Value,
    ) -> Result<(), Refused> {
        let of = object::name(about.1);
        let wanted = object::name(&pod).to_owned();
        let refused = match self.api.create(resources::PODS, pod).await {
            Ok(pod) => {
                let text = (telling.made)(object::name(&pod), of);
                let kind = (Severity::Normal, "SuccessfulCreate");
                self.tell(telling.component, about, kind, text);
                return Ok(());
            }
            Err(refused) => refused,
        };
        if matches!(
            refused,
            Refused::NamespaceEnding(_) | Refused::AlreadyExists(_)
        ) {
            return Err(refused);
        }
        let text = (telling.refused)(&wanted, of, &refused);
        let kind = (Severity::Warning, "FailedCreate");
        self.tell(telling.component, about, kind, text);
        Err(Refused::Other(refused.to_string()))
    }

    /// Ends a Pod of an object, and tells it.
    pub(super) async fn end_pod(
        &self,
        telling: &Telling,
        about: About<'_>,
        pod: &str,
    ) -> Result<(), Refused> {
        let namespace = object::namespace(about.1);
        self.api
            .delete(resources::PODS, namespace, pod, Deletion::default())
            .await?;
        let text = (telling.ended)(pod, object::name(about.1));
        let kind = (Severity::Normal, "SuccessfulDelete");
        self.tell(telling.component, about, kind, text);
        Ok(())
    }
}

/// How a controller tells of the Pods that it makes and ends: each text from the Pod's name and that of
/// the object that it is for.
pub(super) struct Telling {
    /// Who tells it, as Kubernetes calls it.
    pub(super) component: &'static str,
    pub(super) made: fn(&str, &str) -> String,
    pub(super) refused: fn(&str, &str, &Refused) -> String,
    pub(super) ended: fn(&str, &str) -> String,
}

impl Telling {
    /// As most controllers tell it.
    pub(super) const fn of(component: &'static str) -> Self {
        Self {
            component,
            made: |pod, _| format!("Created pod: {pod}"),
            refused: |_, _, why| format!("Error creating: {why}"),
            ended: |pod, _| format!("Deleted pod: {pod}"),
        }
    }
}
