//! Namespaces: what each one gets, and how one ends.

use super::queue::{Queue, feed};
use super::{Desk, RETRY, is_settled};
use crate::api::{Deletion, Part, Refused, resources};
use crate::cache::{Key, key_of};
use crate::object;
use serde_json::{Value, json};

/// The ConfigMap by which Pods know the cluster's authority.
const ROOT_CA: &str = "kube-root-ca.crt";

/// Keeps in every namespace its default service account and the certificate of the authority.
pub(super) async fn furnish(desk: Desk) {
    let queue = Queue::default();
    feed(&*desk.api, resources::NAMESPACES, &queue, |namespace| {
        Some((object::name(namespace).to_owned(), String::new()))
    });
    let of = |wanted: &'static str| {
        move |object: &Value| {
            let is_wanted = object::name(object) == wanted;
            is_wanted.then(|| (object::namespace(object).to_owned(), String::new()))
        }
    };
    feed(
        &*desk.api,
        resources::SERVICE_ACCOUNTS,
        &queue,
        of("default"),
    );
    feed(&*desk.api, resources::CONFIG_MAPS, &queue, of(ROOT_CA));
    loop {
        let key = queue.next().await;
        let looked = furnish_one(&desk, &key.0).await;
        queue.after(key, looked.map(|()| None));
    }
}

async fn furnish_one(desk: &Desk, namespace: &str) -> Result<(), Refused> {
    let found = desk.api.get(resources::NAMESPACES, "", namespace).await?;
    if is_ending(&found) {
        return Ok(());
    }
    let account = json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "default", "namespace": namespace},
    });
    exists(desk.api.create(resources::SERVICE_ACCOUNTS, account).await)?;
    let data = json!({"ca.crt": desk.settings.root_ca});
    let authority = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": ROOT_CA,
            "namespace": namespace,
            "annotations": {"kubernetes.io/description":
                "Contains a CA bundle that can be used to verify the kube-apiserver when using \
                 internal endpoints such as the internal service IP or kubernetes.default.svc. No \
                 other usage is guaranteed across distributions of Kubernetes clusters."},
        },
        "data": data,
    });
    exists(desk.api.create(resources::CONFIG_MAPS, authority).await)?;
    let found = desk
        .api
        .get(resources::CONFIG_MAPS, namespace, ROOT_CA)
        .await?;
    if found["data"] != data {
        let patch = json!({"data": data});
        desk.api
            .merge(
                resources::CONFIG_MAPS,
                namespace,
                ROOT_CA,
                Part::Main,
                patch,
            )
            .await?;
    }
    Ok(())
}

fn exists(created: Result<Value, Refused>) -> Result<(), Refused> {
    match created {
        Ok(_) | Err(Refused::AlreadyExists(_)) => Ok(()),
        Err(refused) => Err(refused),
    }
}

fn is_ending(namespace: &Value) -> bool {
    object::is_being_deleted(namespace) || object::text(namespace, "/status/phase") == "Terminating"
}

/// Ends the namespaces that are being deleted: Pods first, then all else, then the namespace.
pub(super) async fn end(desk: Desk) {
    let queue = Queue::default();
    feed(&*desk.api, resources::NAMESPACES, &queue, |namespace| {
        object::is_being_deleted(namespace).then(|| key_of(namespace))
    });
    loop {
        let key = queue.next().await;
        match end_one(&desk, &key).await {
            Ok(Emptied::Yes) => {}
            // What is left ends on its own time; its finalizers, its processes.
            Ok(Emptied::NotYet) => queue.push_after(RETRY / 5, key),
            Err(refused) if refused.is_not_found() => {}
            Err(_) => queue.push_after(RETRY, key),
        }
    }
}

enum Emptied {
    Yes,
    NotYet,
}

async fn end_one(desk: &Desk, (_, name): &Key) -> Result<Emptied, Refused> {
    let namespace = desk.api.get(resources::NAMESPACES, "", name).await?;
    if !object::is_being_deleted(&namespace) {
        return Ok(Emptied::Yes);
    }
    let mut left = Vec::new();
    let pods = desk.api.list(resources::PODS, name).await?;
    let has_pods = !pods.is_empty();
    for (resource, is_namespaced) in desk.api.collected().await {
        if !is_namespaced || (has_pods && resource != resources::PODS) {
            continue;
        }
        let objects = desk.api.list(resource.clone(), name).await?;
        for object in objects
            .iter()
            .filter(|object| !object::is_being_deleted(object))
        {
            let deletion = Deletion {
                uid: Some(object::uid(object).to_owned()),
                propagation: Some("Background"),
                ..Deletion::default()
            };
            let object = object::name(object);
            match desk
                .api
                .delete(resource.clone(), name, object, deletion)
                .await
            {
                Ok(()) => {}
                Err(refused) if is_settled(&refused) => {}
                Err(refused) => return Err(refused),
            }
        }
        if !objects.is_empty() {
            left.push(format!(
                "{}. has {} resource instances",
                resource.plural,
                objects.len()
            ));
        }
    }
    if !left.is_empty() {
        tell_left(desk, &namespace, &left).await?;
        return Ok(Emptied::NotYet);
    }
    let mut finalizers = object::items(&namespace, "/spec/finalizers").to_vec();
    finalizers.retain(|finalizer| finalizer != "kubernetes");
    let patch = json!({"spec": {"finalizers": finalizers}});
    let about = (&resources::NAMESPACES, &namespace);
    desk.merge(about, Part::Finalize, patch).await?;
    Ok(Emptied::Yes)
}

async fn tell_left(desk: &Desk, namespace: &Value, left: &[String]) -> Result<(), Refused> {
    let message = format!("Some resources are remaining: {}", left.join(", "));
    let known = object::items(namespace, "/status/conditions").iter();
    let mut same = known.filter(|condition| condition["type"] == "NamespaceContentRemaining");
    if same.next().is_some() {
        return Ok(());
    }
    let condition = json!({
        "type": "NamespaceContentRemaining",
        "status": "True",
        "reason": "SomeResourcesRemain",
        "message": message,
        "lastTransitionTime": crate::runner::seconds(desk.now()),
    });
    let patch = json!({"status": {"conditions": [condition]}});
    let about = (&resources::NAMESPACES, namespace);
    desk.merge(about, Part::Status, patch).await
}
