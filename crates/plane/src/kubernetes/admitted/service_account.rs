//! A pod has a service account that exists, and its token where clients look for it.

use super::new_pod;
use crate::chance;
use apiserver::{Admission, Objects, Place, Review};
use objects::{Object, Status};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use store::Pending;

/// Where clients inside a cluster look for token, authority and namespace.
const MOUNT_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
const VOLUME: &str = "kube-api-access-";
/// An hour and seven seconds, by which Kubernetes tells its own tokens from those asked for.
const EXPIRATION_SECONDS: u32 = 3_607;
/// Letters of generated names: none that make words.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
/// Of a pod that a kubelet runs by itself.
const MIRROR: &str = "kubernetes.io/config.mirror";

/// The account of a pod that names none.
const DEFAULT: &str = "default";
/// About as long as kube-apiserver waits for it: two seconds.
const DEFAULT_LOOKS: u32 = 80;
const BETWEEN_LOOKS: Duration = Duration::from_millis(25);

/// Looks the account up, and mounts its token.
pub(super) struct ServiceAccounts(pub(super) Arc<Objects>);

impl Admission for ServiceAccounts {
    fn mutate<'a>(&'a self, review: &'a mut Review<'_>) -> Pending<'a, Result<(), Status>> {
        Box::pin(async move {
            let (namespace, resource) = (review.namespace, &review.resource.resource);
            let pod_name = review.name;
            let Some(pod) = new_pod(review).filter(|pod| pod.annotation(MIRROR).is_none()) else {
                return Ok(());
            };
            let Some(Value::Object(spec)) = pod.as_map_mut().get_mut("spec") else {
                return Ok(());
            };
            let name = settle_name(spec);
            let account = self.account(namespace, &name).await?.ok_or_else(|| {
                let why = format!(
                    "error looking up service account {namespace}/{name}: serviceaccount {name:?} not found"
                );
                Status::forbidden(resource, pod_name, &why)
            })?;
            if is_mounted(spec, &account) {
                mount(spec);
            }
            pull_secrets(spec, &account);
            Ok(())
        })
    }
}

impl ServiceAccounts {
    /// The account; the one that every namespace is given is waited for, since a namespace that was
    /// just made may not have it yet.
    async fn account(&self, namespace: &str, name: &str) -> Result<Option<Object>, Status> {
        let place = Place::new("", "v1", "serviceaccounts", namespace);
        let waits = match name {
            DEFAULT => DEFAULT_LOOKS,
            _ => 0,
        };
        for _ in 0..waits {
            if let Some(found) = self.0.get(&place, name).await? {
                return Ok(Some(found));
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        self.0.get(&place, name).await
    }
}

/// The account's name, under both of the fields that hold it.
fn settle_name(spec: &mut Map<String, Value>) -> String {
    let told = spec.get("serviceAccountName").and_then(Value::as_str);
    let told = told.filter(|name| !name.is_empty());
    let name = told.unwrap_or(DEFAULT).to_owned();
    for field in ["serviceAccountName", "serviceAccount"] {
        spec.insert(field.to_owned(), name.as_str().into());
    }
    name
}

/// The pod says whether its token is mounted, else the account, else it is.
fn is_mounted(spec: &Map<String, Value>, account: &Object) -> bool {
    let flag = "automountServiceAccountToken";
    let of_pod = spec.get(flag).and_then(Value::as_bool);
    let of_account = account.get(&[flag]).and_then(Value::as_bool);
    of_pod.or(of_account).unwrap_or(true)
}

/// Mounts the token into every container that mounts nothing there itself.
fn mount(spec: &mut Map<String, Value>) {
    let volumes = spec.get("volumes").and_then(Value::as_array);
    let mut names = volumes
        .into_iter()
        .flatten()
        .filter_map(|volume| volume["name"].as_str());
    let present = names.find(|name| name.starts_with(VOLUME));
    let (volume, is_present) = match present {
        Some(present) => (present.to_owned(), true),
        None => (generated(), false),
    };
    let mut is_used = false;
    for list in ["initContainers", "containers"] {
        let containers = spec.get_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            is_used |= mount_into(container, &volume);
        }
    }
    if is_used && !is_present {
        push(spec, "volumes", projected(&volume));
    }
}

fn mount_into(container: &mut Value, volume: &str) -> bool {
    let Some(container) = container.as_object_mut() else {
        return false;
    };
    let mounts = container.get("volumeMounts").and_then(Value::as_array);
    let mut mounts = mounts.into_iter().flatten();
    if mounts.any(|mount| mount["mountPath"] == MOUNT_PATH) {
        return false;
    }
    let mount = json!({ "name": volume, "readOnly": true, "mountPath": MOUNT_PATH });
    push(container, "volumeMounts", mount);
    true
}

fn push(map: &mut Map<String, Value>, field: &str, item: Value) {
    let list = map.entry(field.to_owned()).or_insert(Value::Null);
    match list.as_array_mut() {
        Some(items) => items.push(item),
        None => *list = Value::Array(vec![item]),
    }
}

fn projected(name: &str) -> Value {
    json!({ "name": name, "projected": {
        "defaultMode": 0o644,
        "sources": [
            { "serviceAccountToken": { "path": "token", "expirationSeconds": EXPIRATION_SECONDS } },
            { "configMap": {
                "name": "kube-root-ca.crt",
                "items": [{ "key": "ca.crt", "path": "ca.crt" }],
            } },
            { "downwardAPI": { "items": [{
                "path": "namespace",
                "fieldRef": { "apiVersion": "v1", "fieldPath": "metadata.namespace" },
            }] } },
        ],
    } })
}

fn generated() -> String {
    let chance: [u8; 5] = chance::random();
    let letter = |byte: u8| char::from(LETTERS[usize::from(byte) % LETTERS.len()]);
    VOLUME
        .chars()
        .chain(chance.into_iter().map(letter))
        .collect()
}

/// A pod that names no secrets to pull images with has those of its account.
fn pull_secrets(spec: &mut Map<String, Value>, account: &Object) {
    let has_own = spec.get("imagePullSecrets").and_then(Value::as_array);
    let given = account.items(&["imagePullSecrets"]);
    if has_own.is_none_or(Vec::is_empty) && !given.is_empty() {
        spec.insert("imagePullSecrets".to_owned(), given.to_vec().into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn the_pod_says_whether_its_token_is_mounted_else_the_account() {
        let rows = [
            (json!(null), json!(null), true),
            (json!(null), json!(false), false),
            (json!(true), json!(false), true),
            (json!(false), json!(true), false),
        ];
        for (pod, account, wanted) in rows {
            let spec = map(&json!({ "automountServiceAccountToken": pod }));
            let account = Object::from_value(json!({ "automountServiceAccountToken": account }));
            assert_eq!(is_mounted(&spec, &account.unwrap()), wanted);
        }
    }

    #[test]
    fn a_container_that_mounts_something_there_keeps_it() {
        let own = json!([{ "name": "own", "mountPath": MOUNT_PATH }]);
        let mut spec = map(&json!({
            "initContainers": [{ "name": "before" }],
            "containers": [{ "name": "a", "volumeMounts": own }, { "name": "b" }],
        }));
        mount(&mut spec);
        let name = &spec["volumes"][0]["name"];
        assert!(name.as_str().unwrap().starts_with(VOLUME));
        assert_eq!(spec["containers"][0]["volumeMounts"], own);
        for list in ["initContainers", "containers"] {
            let last = spec[list].as_array().unwrap().last().unwrap();
            assert_eq!(last["volumeMounts"][0]["name"], *name);
        }
        let before = spec.clone();
        mount(&mut spec);
        assert_eq!(spec, before, "a second time changes nothing");
    }

    #[test]
    fn a_pod_without_secrets_to_pull_with_has_those_of_its_account() {
        let account = json!({ "imagePullSecrets": [{ "name": "registry" }] });
        let account = Object::from_value(account).unwrap();
        for (own, wanted) in [(json!([]), "registry"), (json!([{ "name": "own" }]), "own")] {
            let mut spec = map(&json!({ "imagePullSecrets": own }));
            pull_secrets(&mut spec, &account);
            assert_eq!(spec["imagePullSecrets"][0]["name"], wanted);
        }
    }

    /// Seals nothing.
    struct Open;

    impl apiserver::Seal for Open {
        fn seal(&self, _: &str, plain: &[u8]) -> Vec<u8> {
            plain.to_vec()
        }

        fn open(&self, _: &str, sealed: &[u8]) -> Result<Vec<u8>, String> {
            Ok(sealed.to_vec())
        }
    }

    #[tokio::test]
    async fn the_default_account_of_a_new_namespace_is_waited_for_and_no_other() {
        let store: Arc<dyn store::Store> = Arc::new(store::MemoryStore::new());
        let objects = Objects::new(Arc::clone(&store), "a/r/c", Arc::new(Open));
        let accounts = ServiceAccounts(objects);
        assert_eq!(accounts.account("team", "robot").await, Ok(None));
        let key = "kubernetes/a/r/c/core/serviceaccounts/team/default";
        let record = br#"{"metadata":{"name":"default","namespace":"team"}}"#;
        let made = store::Transaction::new().put(store::Key::new(key), record.to_vec());
        let late = async {
            tokio::time::sleep(BETWEEN_LOOKS * 3).await;
            store.commit(made).await.unwrap();
        };
        let (found, ()) = tokio::join!(accounts.account("team", "default"), late);
        assert_eq!(found.unwrap().unwrap().name(), Some("default"));
    }
}
