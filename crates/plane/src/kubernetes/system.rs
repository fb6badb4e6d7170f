//! The API as controllers and the runner see it: `workloads`' trait over the server's own client.

use apiserver::{ApiServer, Client, DeleteOptions, MASTERS, Place, Propagation, WatchEvent, user};
use jiff::Timestamp;
use names::secret::Secret;
use objects::{Object, Status, status::Reason};
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use workloads::api::{
    Api, Change, Deletion, Feed, Minted, Part, Pending, Refused, Resource, TokenAsk, resources,
};

/// Changes that wait for their reader; the watch waits with them.
const WAITING_MAX: usize = 256;

/// Before a watch that failed is opened again.
const RETRY: Duration = Duration::from_millis(200);

/// How often a Pod's status is written anew when others change the Pod meanwhile.
const ATTEMPTS_MAX: u32 = 16;

/// The media type of the patches.
const MERGE: &str = "application/merge-patch+json";

/// A system component's way to a cluster's API.
#[derive(Clone)]
pub(super) struct System {
    server: Arc<ApiServer>,
    client: Client,
}

impl fmt::Debug for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("System")
    }
}

impl System {
    /// As a user of that name, who may do everything.
    pub(super) fn new(server: &Arc<ApiServer>, name: &str) -> Self {
        Self {
            client: server.client(user(name, &[MASTERS])),
            server: Arc::clone(server),
        }
    }
}

impl Api for System {
    fn get<'a>(
        &'a self,
        resource: Resource,
        namespace: &'a str,
        name: &'a str,
    ) -> Pending<'a, Result<Value, Refused>> {
        Box::pin(async move {
            let found = self.client.get(&place(&resource, namespace), name).await;
            found.map(Object::into_value).map_err(refused)
        })
    }

    fn list<'a>(
        &'a self,
        resource: Resource,
        namespace: &'a str,
    ) -> Pending<'a, Result<Vec<Value>, Refused>> {
        Box::pin(async move {
            let listed = self.client.list(&place(&resource, namespace), "", "").await;
            let (objects, _) = listed.map_err(refused)?;
            Ok(objects.into_iter().map(Object::into_value).collect())
        })
    }

    fn follow(&self, resource: Resource) -> Feed {
        let (sender, feed) = mpsc::channel(WAITING_MAX);
        tokio::spawn(follow(self.client.clone(), resource, sender));
        feed
    }

    fn create(&self, resource: Resource, object: Value) -> Pending<'_, Result<Value, Refused>> {
        Box::pin(async move {
            let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
            let place = place(&resource, namespace);
            let created = self.client.create(&place, of(object)?).await;
            created.map(Object::into_value).map_err(refused)
        })
    }

    fn merge<'a>(
        &'a self,
        resource: Resource,
        namespace: &'a str,
        name: &'a str,
        part: Part,
        patch: Value,
    ) -> Pending<'a, Result<Value, Refused>> {
        Box::pin(async move {
            let place = place(&resource, namespace);
            match part {
                Part::Main => self.patch(&place, name, "", &patch).await,
                Part::Status if resource == resources::PODS => {
                    self.merge_conditions(&place, name, patch).await
                }
                Part::Status => self.patch(&place, name, "status", &patch).await,
                Part::Finalize => self.finalize(&place, name, &patch).await,
            }
        })
    }

    fn delete<'a>(
        &'a self,
        resource: Resource,
        namespace: &'a str,
        name: &'a str,
        deletion: Deletion,
    ) -> Pending<'a, Result<(), Refused>> {
        Box::pin(async move {
            let options = DeleteOptions {
                grace_seconds: deletion
                    .grace_seconds
                    .and_then(|grace| i64::try_from(grace).ok()),
                uid: deletion.uid,
                propagation: match deletion.propagation {
                    Some("Foreground") => Propagation::Foreground,
                    Some("Orphan") => Propagation::Orphan,
                    Some(_) | None => Propagation::Background,
                },
                ..DeleteOptions::default()
            };
            let deleted = self
                .client
                .delete(&place(&resource, namespace), name, &options)
                .await;
            deleted.map(|_| ()).map_err(refused)
        })
    }

    fn bind<'a>(&'a self, pod: &'a Value, node: &'a str) -> Pending<'a, Result<(), Refused>> {
        Box::pin(async move {
            let metadata = &pod["metadata"];
            let text = |field: &str| metadata[field].as_str().unwrap_or_default();
            let (namespace, name) = (text("namespace"), text("name"));
            let binding = of(json!({
                "apiVersion": "v1",
                "kind": "Binding",
                "metadata": {"name": name, "namespace": namespace, "uid": metadata["uid"]},
                "target": {"apiVersion": "v1", "kind": "Node", "name": node},
            }))?;
            let pods = place(&resources::PODS, namespace);
            let bound = self.client.ask(&pods, name, "binding", binding).await;
            bound.map(|_| ()).map_err(refused)
        })
    }

    fn mint(&self, ask: TokenAsk) -> Pending<'_, Result<Minted, Refused>> {
        Box::pin(async move {
            let accounts = place(&resources::SERVICE_ACCOUNTS, &ask.namespace);
            let request = of(json!({
                "apiVersion": "authentication.k8s.io/v1",
                "kind": "TokenRequest",
                "spec": {
                    "audiences": ask.audience.iter().collect::<Vec<_>>(),
                    "expirationSeconds": ask.expiration_seconds,
                    "boundObjectRef": {
                        "apiVersion": "v1", "kind": "Pod",
                        "name": ask.pod_name, "uid": ask.pod_uid,
                    },
                },
            }))?;
            let account = &ask.service_account;
            let answered = self.client.ask(&accounts, account, "token", request).await;
            minted(&answered.map_err(refused)?)
        })
    }

    fn collected(&self) -> Pending<'_, Vec<(Resource, bool)>> {
        let all = self.server.registry().iter();
        // What can only be created is a question, and leaves nothing behind.
        let stored = all.filter(|resource| resource.verbs.len() > 1);
        let all = stored.map(|found| {
            let resource = Resource {
                group: found.group().to_owned().into(),
                version: found.version().to_owned().into(),
                kind: found.gvk.kind.as_str().to_owned().into(),
                plural: found.plural().to_owned().into(),
            };
            (resource, found.is_namespaced())
        });
        let all = all.collect();
        Box::pin(async move { all })
    }
}

impl System {
    async fn patch(
        &self,
        place: &Place,
        name: &str,
        subresource: &str,
        patch: &Value,
    ) -> Result<Value, Refused> {
        let patch = patch.to_string();
        let patched = self
            .client
            .patch(place, name, subresource, MERGE, patch.as_bytes());
        patched.await.map(Object::into_value).map_err(refused)
    }

    /// Writes a Pod's status with the conditions that others have set, as they are at that moment.
    async fn merge_conditions(
        &self,
        place: &Place,
        name: &str,
        mut patch: Value,
    ) -> Result<Value, Refused> {
        let own = items(&patch["status"]["conditions"]).to_vec();
        let mut attempts = 0;
        loop {
            let found = self.client.get(place, name).await.map_err(refused)?;
            let pod = found.into_value();
            let is_own = |one: &&Value| own.iter().any(|own| own["type"] == one["type"]);
            let others = items(&pod["status"]["conditions"]).iter();
            let others = others.filter(|one| !is_own(one));
            patch["status"]["conditions"] = own.iter().chain(others).cloned().collect();
            patch["metadata"]["resourceVersion"] = pod["metadata"]["resourceVersion"].clone();
            attempts += 1;
            match self.patch(place, name, "status", &patch).await {
                Err(Refused::Conflict(_)) if attempts < ATTEMPTS_MAX => {}
                written => return written,
            }
        }
    }

    /// Writes a namespace's finalizers, which only an update can.
    async fn finalize(&self, place: &Place, name: &str, patch: &Value) -> Result<Value, Refused> {
        let found = self.client.get(place, name).await.map_err(refused)?;
        let mut namespace = found.into_value();
        for condition in ["uid", "resourceVersion"] {
            if let Some(wanted) = patch["metadata"].get(condition) {
                namespace["metadata"][condition] = wanted.clone();
            }
        }
        namespace["spec"]["finalizers"] = patch["spec"]["finalizers"].clone();
        let updated = self.client.update(place, "finalize", of(namespace)?).await;
        updated.map(Object::into_value).map_err(refused)
    }
}

/// Watches until nobody reads on. A watch that ends or falls behind begins anew.
async fn follow(client: Client, resource: Resource, sender: mpsc::Sender<Change>) {
    let place = place(&resource, "");
    loop {
        if tell_all(&client, &place, &sender).await.is_none() {
            return;
        }
        if sender.send(Change::Restarted).await.is_err() {
            return;
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// Tells of one watch to its end; `None` when nobody reads on.
async fn tell_all(client: &Client, place: &Place, sender: &mpsc::Sender<Change>) -> Option<()> {
    let Ok(mut watch) = client.watch(place, "", "").await else {
        return Some(());
    };
    let mut is_synced = false;
    while let Some(Ok(events)) = watch.next().await {
        for event in events {
            let change = match event {
                WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                    Change::Set(object.into_value())
                }
                WatchEvent::Deleted(object) => Change::Gone(object.into_value()),
                WatchEvent::Bookmark(_) if is_synced => continue,
                WatchEvent::Bookmark(_) => {
                    is_synced = true;
                    Change::Synced
                }
            };
            sender.send(change).await.ok()?;
        }
    }
    Some(())
}

fn minted(answer: &Object) -> Result<Minted, Refused> {
    let token = answer.text(&["status", "token"]);
    let expires = answer.text(&["status", "expirationTimestamp"]);
    let expires = expires.and_then(|expires| expires.parse::<Timestamp>().ok());
    let (Some(token), Some(expires)) = (token, expires) else {
        return Err(Refused::Other("the answer holds no token".to_owned()));
    };
    Ok(Minted {
        token: Secret::new(token.as_bytes().to_vec()),
        expires,
    })
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn place(resource: &Resource, namespace: &str) -> Place {
    Place::new(
        &resource.group,
        &resource.version,
        &resource.plural,
        namespace,
    )
}

fn of(value: Value) -> Result<Object, Refused> {
    Object::from_value(value).map_err(|error| Refused::Other(error.to_string()))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that `map_err` calls"
)]
fn refused(status: Status) -> Refused {
    let text = status.message.clone();
    let mut causes = status.causes();
    if causes.any(|cause| cause.reason == "NamespaceTerminating") {
        return Refused::NamespaceEnding(text);
    }
    match status.reason {
        Reason::NotFound => Refused::NotFound(text),
        Reason::AlreadyExists => Refused::AlreadyExists(text),
        Reason::Conflict => Refused::Conflict(text),
        Reason::Unknown
        | Reason::Unauthorized
        | Reason::Forbidden
        | Reason::Gone
        | Reason::Invalid
        | Reason::ServerTimeout
        | Reason::Timeout
        | Reason::TooManyRequests
        | Reason::BadRequest
        | Reason::MethodNotAllowed
        | Reason::NotAcceptable
        | Reason::RequestEntityTooLarge
        | Reason::UnsupportedMediaType
        | Reason::InternalError
        | Reason::Expired
        | Reason::ServiceUnavailable
        | Reason::NonZeroExitCode => Refused::Other(text),
    }
}
