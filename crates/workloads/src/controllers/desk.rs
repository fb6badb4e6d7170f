//! What every controller works with, and what several of them do alike.

use super::Settings;
use crate::api::{Api, Deletion, Part, Refused, Resource, resources};
use crate::object;
use crate::runner::{News, Severity, Teller};
use serde_json::{Value, json};
use std::sync::Arc;

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
        let (namespace, name) = (object::namespace(of), object::name(of));
        let patch = json!({"status": status});
        let written = self
            .api
            .merge(resource.clone(), namespace, name, Part::Status, patch);
        written.await.map(|_| ())
    }

    /// Makes a Pod for an object, and tells how that went.
    pub(super) async fn make_pod(
        &self,
        component: &'static str,
        about: About<'_>,
        pod: Value,
    ) -> Result<(), Refused> {
        match self.api.create(resources::PODS, pod).await {
            Ok(pod) => {
                let text = format!("Created pod: {}", object::name(&pod));
                let kind = (Severity::Normal, "SuccessfulCreate");
                self.tell(component, about, kind, text);
                Ok(())
            }
            Err(refused) => {
                let text = format!("Error creating: {refused}");
                let kind = (Severity::Warning, "FailedCreate");
                self.tell(component, about, kind, text);
                Err(refused)
            }
        }
    }

    /// Ends a Pod of an object, and tells it.
    pub(super) async fn end_pod(
        &self,
        component: &'static str,
        about: About<'_>,
        pod: &str,
    ) -> Result<(), Refused> {
        let namespace = object::namespace(about.1);
        self.api
            .delete(resources::PODS, namespace, pod, Deletion::default())
            .await?;
        let kind = (Severity::Normal, "SuccessfulDelete");
        self.tell(component, about, kind, format!("Deleted pod: {pod}"));
        Ok(())
    }
}
