//! The API in memory: enough of it for a runner and controllers to work against.

use jiff::{SignedDuration, Timestamp};
use names::secret::Secret;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use workloads::api::{
    Api, Change, Deletion, Feed, Minted, Part, Pending, Refused, Resource, TokenAsk, resources,
};

/// Generous, since many tests share two cores.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

type Key = (String, String, String);

/// A cluster's objects.
#[derive(Debug)]
pub(crate) struct Fake {
    state: Mutex<State>,
    revision: watch::Sender<u64>,
    /// How long minted tokens live.
    pub(crate) token_life: SignedDuration,
    /// Tokens that were asked for.
    pub(crate) asked: Mutex<Vec<TokenAsk>>,
    /// What is made in the place of its namesake just before that one's status is written.
    pub(crate) usurper: Mutex<Option<(Resource, Value)>>,
}

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<Key, Value>,
    followers: Vec<(String, mpsc::Sender<Change>)>,
    created: u64,
}

impl Fake {
    pub(crate) fn new() -> Arc<Self> {
        Self::with_token_life(SignedDuration::from_hours(1))
    }

    pub(crate) fn with_token_life(token_life: SignedDuration) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            revision: watch::Sender::new(0),
            token_life,
            asked: Mutex::default(),
            usurper: Mutex::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Creates an object, or replaces it.
    pub(crate) fn put(&self, resource: Resource, mut object: Value) -> Value {
        let mut state = self.state();
        let key = key(&resource, &object);
        if object["metadata"]["uid"].is_null() {
            let known = state
                .objects
                .get(&key)
                .map(|known| known["metadata"]["uid"].clone());
            state.created += 1;
            object["metadata"]["uid"] = known.unwrap_or(json!(format!("uid-{}", state.created)));
        }
        if object["metadata"]["creationTimestamp"].is_null() {
            object["metadata"]["creationTimestamp"] = json!("2026-01-01T00:00:00Z");
        }
        object["apiVersion"] = json!(resource.api_version());
        object["kind"] = json!(resource.kind);
        if object.get("spec").is_some() && object["metadata"]["generation"].is_null() {
            object["metadata"]["generation"] = json!(1);
        }
        self.store(&mut state, key, object)
    }

    fn store(&self, state: &mut State, key: Key, mut object: Value) -> Value {
        self.revision.send_modify(|revision| *revision += 1);
        object["metadata"]["resourceVersion"] = json!(self.revision.borrow().to_string());
        state.objects.insert(key.clone(), object.clone());
        Self::tell(state, &key.0, &Change::Set(object.clone()));
        object
    }

    fn remove(&self, state: &mut State, key: &Key) {
        if let Some(object) = state.objects.remove(key) {
            Self::tell(state, &key.0, &Change::Gone(object));
            self.revision.send_modify(|revision| *revision += 1);
        }
    }

    /// Lets the usurper take the place of an object.
    fn usurp(&self, resource: &Resource, name: &str) {
        let mut usurper = self.usurper.lock().unwrap();
        let is_his = |(of, object): &mut (Resource, Value)| {
            of == resource && object["metadata"]["name"] == name
        };
        if let Some((resource, object)) = usurper.take_if(is_his) {
            let place = key(&resource, &object);
            self.remove(&mut self.state(), &place);
            self.put(resource, object);
        }
    }

    fn tell(state: &mut State, plural: &str, change: &Change) {
        state.followers.retain(|(wanted, follower)| {
            wanted != plural || follower.try_send(change.clone()).is_ok()
        });
    }

    pub(crate) fn find(&self, resource: &Resource, namespace: &str, name: &str) -> Option<Value> {
        let key = (
            resource.plural.to_string(),
            namespace.to_owned(),
            name.to_owned(),
        );
        self.state().objects.get(&key).cloned()
    }

    pub(crate) fn all(&self, resource: &Resource) -> Vec<Value> {
        let state = self.state();
        let all = state
            .objects
            .iter()
            .filter(|((plural, _, _), _)| *plural == resource.plural);
        all.map(|(_, object)| object.clone()).collect()
    }

    /// Waits until something holds.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        mut found: impl FnMut(&Self) -> Option<T>,
    ) -> T {
        let mut revision = self.revision.subscribe();
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                revision.borrow_and_update();
                if let Some(found) = found(self) {
                    return found;
                }
                revision.changed().await.unwrap();
            }
        });
        match waited.await {
            Ok(found) => found,
            Err(_) => {
                let all = self.state().objects.values().cloned().collect::<Vec<_>>();
                panic!("not within {PATIENCE:?}: {what}\n{:#}", json!(all))
            }
        }
    }

    /// Waits until a Pod is as it should be.
    pub(crate) async fn pod(&self, name: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let what = format!("pod {name}");
        self.until(&what, |fake| {
            fake.find(&resources::PODS, "default", name)
                .filter(|pod| is_so(pod))
        })
        .await
    }

    /// Asks for an object's end, as a user does.
    pub(crate) fn delete_now(
        &self,
        resource: &Resource,
        namespace: &str,
        name: &str,
        how: Deletion,
    ) {
        let mut state = self.state();
        let key = (
            resource.plural.to_string(),
            namespace.to_owned(),
            name.to_owned(),
        );
        let Some(object) = state.objects.get(&key) else {
            return;
        };
        let mut object = object.clone();
        let mut finalizers = object["metadata"]["finalizers"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        match how.propagation {
            Some("Foreground") => finalizers.push(json!("foregroundDeletion")),
            Some("Orphan") => finalizers.push(json!("orphan")),
            Some(_) | None => {}
        }
        let grace = match how.grace_seconds {
            Some(grace) => grace,
            None if resource.plural == "pods" && !object["spec"]["nodeName"].is_null() => {
                object["spec"]["terminationGracePeriodSeconds"]
                    .as_u64()
                    .unwrap_or(30)
            }
            None => 0,
        };
        if finalizers.is_empty() && grace == 0 && resource.plural != "namespaces" {
            return self.remove(&mut state, &key);
        }
        if object["metadata"]["deletionTimestamp"].is_null() {
            object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:01:00Z");
        }
        object["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
        if !finalizers.is_empty() {
            object["metadata"]["finalizers"] = json!(finalizers);
        }
        if resource.plural == "namespaces" {
            object["status"]["phase"] = json!("Terminating");
        }
        self.store(&mut state, key, object);
    }
}

fn key(resource: &Resource, object: &Value) -> Key {
    let text = |field: &str| {
        object["metadata"][field]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    (resource.plural.to_string(), text("namespace"), text("name"))
}

/// A JSON merge patch.
fn merge(into: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *into = patch;
        return;
    };
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    for (field, value) in patch {
        if value.is_null() {
            into.as_object_mut().unwrap().remove(&field);
        } else {
            merge(&mut into[&field], value);
        }
    }
}

/// The conditions that a patch does not have stay as they are.
fn keep_conditions(patch: &mut Value, known: &Value) {
    let Some(conditions) = patch["status"]["conditions"].as_array_mut() else {
        return;
    };
    let all = known["status"]["conditions"].as_array().into_iter();
    for other in all.flatten() {
        if !conditions.iter().any(|one| one["type"] == other["type"]) {
            conditions.push(other.clone());
        }
    }
}

fn not_found(plural: &str, name: &str) -> Refused {
    Refused::NotFound(format!("{plural} \"{name}\" not found"))
}

impl Api for Fake {
    fn get<'a>(
        &'a self,
        resource: Resource,
        namespace: &'a str,
        name: &'a str,
    ) -> Pending<'a, Result<Value, Refused>> {
        let found = self.find(&resource, namespace, name);
        let found = found.ok_or_else(|| not_found(&resource.plural, name));
        Box::pin(async move { found })
    }

    fn list<'a>(
        &'a self,
        resource: Resource,
        namespace: &'a str,
    ) -> Pending<'a, Result<Vec<Value>, Refused>> {
        let mut all = self.all(&resource);
        all.retain(|object| namespace.is_empty() || object["metadata"]["namespace"] == namespace);
        Box::pin(async move { Ok(all) })
    }

    fn follow(&self, resource: Resource) -> Feed {
        let (sender, receiver) = mpsc::channel(100_000);
        let mut state = self.state();
        for ((plural, _, _), object) in &state.objects {
            if *plural == resource.plural {
                sender.try_send(Change::Set(object.clone())).unwrap();
            }
        }
        sender.try_send(Change::Synced).unwrap();
        state.followers.push((resource.plural.to_string(), sender));
        receiver
    }

    fn create(&self, resource: Resource, mut object: Value) -> Pending<'_, Result<Value, Refused>> {
        Box::pin(async move {
            let base = object["metadata"]["generateName"].as_str();
            if let (Some(base), true) = (base, object["metadata"]["name"].is_null()) {
                let name = format!("{base}{:05}", self.state().created);
                object["metadata"]["name"] = json!(name);
            }
            let key = key(&resource, &object);
            let namespace = self.find(&resources::NAMESPACES, "", &key.1);
            if namespace.is_some_and(|found| !found["metadata"]["deletionTimestamp"].is_null()) {
                let text = format!("namespace {} is being terminated", key.1);
                return Err(Refused::NamespaceEnding(text));
            }
            let account = object["spec"]["serviceAccountName"].as_str();
            if let (Some(account), "pods") = (account, &*resource.plural)
                && self
                    .find(&resources::SERVICE_ACCOUNTS, &key.1, account)
                    .is_none()
            {
                return Err(not_found("serviceaccounts", account));
            }
            if self.state().objects.contains_key(&key) {
                let text = format!("{} \"{}\" already exists", key.0, key.2);
                return Err(Refused::AlreadyExists(text));
            }
            Ok(self.put(resource, object))
        })
    }

    fn merge<'a>(
        &'a self,
        resource: Resource,
        namespace: &'a str,
        name: &'a str,
        part: Part,
        mut patch: Value,
    ) -> Pending<'a, Result<Value, Refused>> {
        Box::pin(async move {
            if part == Part::Status {
                self.usurp(&resource, name);
            }
            let mut state = self.state();
            let key = (
                resource.plural.to_string(),
                namespace.to_owned(),
                name.to_owned(),
            );
            let known = state.objects.get(&key).cloned();
            let known = known.ok_or_else(|| not_found(&resource.plural, name))?;
            for field in ["uid", "resourceVersion"] {
                let wanted = &patch["metadata"][field];
                if !wanted.is_null() && *wanted != known["metadata"][field] {
                    return Err(Refused::Conflict(format!("{field} differs")));
                }
            }
            if let Some(Value::Object(metadata)) = patch.get_mut("metadata") {
                metadata.remove("resourceVersion");
            }
            match part {
                Part::Main => {
                    patch.as_object_mut().unwrap().remove("status");
                }
                Part::Status => {
                    patch = json!({"status": patch["status"]});
                    if resource == resources::PODS {
                        keep_conditions(&mut patch, &known);
                    }
                }
                Part::Finalize => {}
            }
            let mut object = known.clone();
            merge(&mut object, patch);
            if object["spec"] != known["spec"] {
                let generation = known["metadata"]["generation"].as_i64().unwrap_or(0);
                object["metadata"]["generation"] = json!(generation + 1);
            }
            let is_going = !object["metadata"]["deletionTimestamp"].is_null();
            let list = |pointer: &str| {
                object
                    .pointer(pointer)
                    .and_then(Value::as_array)
                    .map_or(0, Vec::len)
            };
            let holds = list("/metadata/finalizers")
                + if resource.plural == "namespaces" {
                    list("/spec/finalizers")
                } else {
                    0
                };
            let has_grace = resource.plural == "pods"
                && object["metadata"]["deletionGracePeriodSeconds"].as_u64() > Some(0);
            if is_going && holds == 0 && !has_grace {
                self.remove(&mut state, &key);
                return Ok(object);
            }
            Ok(if object == known {
                object
            } else {
                self.store(&mut state, key, object)
            })
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
            let found = self.find(&resource, namespace, name);
            let found = found.ok_or_else(|| not_found(&resource.plural, name))?;
            if deletion
                .uid
                .as_ref()
                .is_some_and(|uid| found["metadata"]["uid"] != **uid)
            {
                return Err(Refused::Conflict("the uid differs".to_owned()));
            }
            self.delete_now(&resource, namespace, name, deletion);
            Ok(())
        })
    }

    fn bind<'a>(&'a self, pod: &'a Value, node: &'a str) -> Pending<'a, Result<(), Refused>> {
        Box::pin(async move {
            let (_, namespace, name) = key(&resources::PODS, pod);
            let meant = &pod["metadata"]["uid"];
            let found = self.find(&resources::PODS, &namespace, &name);
            let mut pod = found.ok_or_else(|| not_found("pods", &name))?;
            if pod["metadata"]["uid"] != *meant {
                return Err(Refused::Conflict("the uid differs".to_owned()));
            }
            pod["spec"]["nodeName"] = json!(node);
            self.put(resources::PODS, pod);
            Ok(())
        })
    }

    fn mint(&self, ask: TokenAsk) -> Pending<'_, Result<Minted, Refused>> {
        let mut asked = self.asked.lock().unwrap();
        asked.push(ask);
        let token = Secret::new(format!("token-{}", asked.len()).into_bytes());
        let expires = Timestamp::now() + self.token_life;
        Box::pin(async move { Ok(Minted { token, expires }) })
    }

    fn collected(&self) -> Pending<'_, Vec<(Resource, bool)>> {
        let all = vec![
            resources::PODS,
            resources::REPLICA_SETS,
            resources::DEPLOYMENTS,
            resources::JOBS,
            resources::STATEFUL_SETS,
            resources::DAEMON_SETS,
            resources::CONTROLLER_REVISIONS,
            resources::CLAIMS,
            resources::CONFIG_MAPS,
            resources::SECRETS,
            resources::SERVICE_ACCOUNTS,
        ];
        let all = all.into_iter().map(|resource| (resource, true)).collect();
        Box::pin(async move { all })
    }
}
