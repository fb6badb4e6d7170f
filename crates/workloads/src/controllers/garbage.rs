//! The garbage collector: objects go with their owners.

mod verdict;

use super::queue::Queue;
use super::{Desk, RETRY};
use crate::api::{Change, Deletion, Part, Refused, Resource, resources};
use crate::cache::key_of;
use crate::object;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use verdict::{Dependent, Known, Owner, Verdict, judge, references};

/// How often it is looked whether resources were added.
const RESOURCES: std::time::Duration = std::time::Duration::from_secs(5);

/// All objects that own or are owned, by uid.
#[derive(Debug, Clone, Default)]
struct Graph(Arc<Mutex<BTreeMap<String, Node>>>);

#[derive(Debug, Clone)]
struct Node {
    resource: Resource,
    object: Arc<Value>,
}

/// Collects garbage as long as there is an API.
pub(super) async fn collect(desk: Desk) {
    let (graph, queue) = (Graph::default(), Queue::default());
    tokio::spawn(follow_all(desk.clone(), graph.clone(), queue.clone()));
    loop {
        let key = queue.next().await;
        if attend(&desk, &graph, &queue, &key.0).await.is_err() {
            queue.push_after(RETRY, key);
        }
    }
}

async fn follow_all(desk: Desk, graph: Graph, queue: Queue) {
    let mut followed = std::collections::BTreeSet::new();
    loop {
        for (resource, _) in desk.api.collected().await {
            if resource != resources::EVENTS && followed.insert(resource.clone()) {
                let feed = desk.api.follow(resource.clone());
                tokio::spawn(follow(resource, feed, graph.clone(), queue.clone()));
            }
        }
        tokio::time::sleep(RESOURCES).await;
    }
}

async fn follow(resource: Resource, mut feed: crate::api::Feed, graph: Graph, queue: Queue) {
    let mut told: Option<std::collections::BTreeSet<String>> = None;
    while let Some(change) = feed.recv().await {
        match change {
            Change::Set(object) => {
                if let Some(told) = &mut told {
                    told.insert(object::uid(&object).to_owned());
                }
                graph.set(&resource, object, &queue);
            }
            Change::Gone(object) => graph.remove(object::uid(&object), &queue),
            Change::Restarted => told = Some(Default::default()),
            Change::Synced => {
                if let Some(told) = told.take() {
                    graph.retain(&resource, &told, &queue);
                }
            }
        }
    }
}

impl Graph {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Node>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, resource: &Resource, object: Value, queue: &Queue) {
        let uid = object::uid(&object).to_owned();
        let node = Node {
            resource: resource.clone(),
            object: Arc::new(object),
        };
        let mut nodes = self.lock();
        let owners = references(&node.object);
        for (owner, _) in &owners {
            // A dependent that changed may free an owner that waits for it.
            queue.push(((*owner).to_owned(), String::new()));
        }
        let is_of_interest = !owners.is_empty() || object::is_being_deleted(&node.object);
        nodes.insert(uid.clone(), node);
        drop(nodes);
        if is_of_interest {
            queue.push((uid, String::new()));
        }
    }

    fn remove(&self, uid: &str, queue: &Queue) {
        let mut nodes = self.lock();
        let gone = nodes.remove(uid);
        let related = dependents_of(&nodes, uid);
        drop(nodes);
        let owners = gone.iter().flat_map(|node| references(&node.object));
        for owner in owners {
            queue.push((owner.0.to_owned(), String::new()));
        }
        for (dependent, _) in related {
            queue.push((dependent, String::new()));
        }
    }

    fn retain(
        &self,
        resource: &Resource,
        told: &std::collections::BTreeSet<String>,
        queue: &Queue,
    ) {
        let gone: Vec<_> = self
            .lock()
            .iter()
            .filter(|(uid, node)| node.resource == *resource && !told.contains(*uid))
            .map(|(uid, _)| uid.clone())
            .collect();
        gone.iter().for_each(|uid| self.remove(uid, queue));
    }

    fn get(&self, uid: &str) -> Option<Node> {
        self.lock().get(uid).cloned()
    }

    fn dependents(&self, uid: &str) -> Vec<(String, Node)> {
        dependents_of(&self.lock(), uid)
    }
}

fn dependents_of(nodes: &BTreeMap<String, Node>, uid: &str) -> Vec<(String, Node)> {
    let is_owned = |node: &Node| {
        references(&node.object)
            .iter()
            .any(|(owner, _)| *owner == uid)
    };
    let owned = nodes.iter().filter(|(_, node)| is_owned(node));
    owned
        .map(|(uid, node)| (uid.clone(), node.clone()))
        .collect()
}

async fn attend(desk: &Desk, graph: &Graph, queue: &Queue, uid: &str) -> Result<(), Refused> {
    let Some(node) = graph.get(uid) else {
        return Ok(());
    };
    let dependents = graph.dependents(uid);
    let of = |(_, node): &(String, Node)| Dependent::of(&node.object, uid);
    let seen: Vec<_> = dependents.iter().map(of).collect();
    let mut owners = BTreeMap::new();
    for reference in object::items(&node.object, "/metadata/ownerReferences") {
        let owner = owner_of(desk, graph, &node, reference).await?;
        owners.insert(
            reference["uid"].as_str().unwrap_or_default().to_owned(),
            owner,
        );
    }
    let known = Known {
        owners: &owners,
        dependents: &seen,
    };
    match judge(&node.object, &known) {
        Verdict::Keep => {}
        Verdict::Delete(propagation) => delete(desk, &node, propagation).await?,
        Verdict::Disown(gone) => disown(desk, &node, &gone).await?,
        Verdict::Unblock => {
            unblock(desk, &node).await?;
            delete(desk, &node, "Foreground").await?;
        }
        Verdict::Orphan => {
            for (_, dependent) in &dependents {
                disown(desk, dependent, &[uid.to_owned()]).await?;
            }
            finish(desk, &node, "orphan").await?;
        }
        Verdict::WakeDependents => {
            dependents
                .iter()
                .for_each(|(uid, _)| queue.push((uid.clone(), String::new())));
        }
        Verdict::Finish => finish(desk, &node, "foregroundDeletion").await?,
    }
    Ok(())
}

/// Whether an owner exists. What is not known here is asked of the API, which may know more.
async fn owner_of(
    desk: &Desk,
    graph: &Graph,
    node: &Node,
    reference: &Value,
) -> Result<Owner, Refused> {
    let uid = reference["uid"].as_str().unwrap_or_default();
    if let Some(owner) = graph.get(uid) {
        let (theirs, ours) = (
            object::namespace(&owner.object),
            object::namespace(&node.object),
        );
        let is_reachable = theirs.is_empty() || theirs == ours;
        return Ok(if is_reachable {
            Owner::of(&owner.object)
        } else {
            Owner::Absent
        });
    }
    let kind = reference["kind"].as_str().unwrap_or_default();
    let version = reference["apiVersion"].as_str().unwrap_or_default();
    let all = desk.api.collected().await;
    let resource = all
        .into_iter()
        .find(|(resource, _)| resource.kind == kind && resource.api_version() == version);
    let Some((resource, is_namespaced)) = resource else {
        // A kind that is not served may come back: nothing is deleted for that.
        return Ok(Owner::Present);
    };
    let namespace = if is_namespaced {
        object::namespace(&node.object)
    } else {
        ""
    };
    let name = reference["name"].as_str().unwrap_or_default();
    match desk.api.get(resource, namespace, name).await {
        Ok(found) if object::uid(&found) == uid => Ok(Owner::of(&found)),
        Ok(_) => Ok(Owner::Absent),
        Err(refused) if refused.is_not_found() => Ok(Owner::Absent),
        Err(refused) => Err(refused),
    }
}

async fn delete(desk: &Desk, node: &Node, propagation: &'static str) -> Result<(), Refused> {
    let (namespace, name) = key_of(&node.object);
    let deletion = Deletion {
        uid: Some(object::uid(&node.object).to_owned()),
        propagation: Some(propagation),
        ..Deletion::default()
    };
    settled(
        desk.api
            .delete(node.resource.clone(), &namespace, &name, deletion)
            .await,
    )
}

async fn disown(desk: &Desk, node: &Node, gone: &[String]) -> Result<(), Refused> {
    let kept = object::items(&node.object, "/metadata/ownerReferences").iter();
    let kept: Vec<_> = kept
        .filter(|reference| !gone.iter().any(|uid| reference["uid"] == **uid))
        .collect();
    change(desk, node, json!({"ownerReferences": kept})).await
}

/// Owners no longer wait for this object: it waits for them, in a circle.
async fn unblock(desk: &Desk, node: &Node) -> Result<(), Refused> {
    let mut references = object::items(&node.object, "/metadata/ownerReferences").to_vec();
    for reference in &mut references {
        reference["blockOwnerDeletion"] = json!(false);
    }
    change(desk, node, json!({"ownerReferences": references})).await
}

async fn finish(desk: &Desk, node: &Node, finalizer: &str) -> Result<(), Refused> {
    let left = object::items(&node.object, "/metadata/finalizers").iter();
    let left: Vec<_> = left.filter(|found| **found != finalizer).collect();
    change(desk, node, json!({"finalizers": left})).await
}

async fn change(desk: &Desk, node: &Node, mut metadata: Value) -> Result<(), Refused> {
    let before = &node.object["metadata"];
    metadata["resourceVersion"] = before["resourceVersion"].clone();
    let patch = json!({"metadata": metadata});
    let about = (&node.resource, &*node.object);
    match desk.merge(about, Part::Main, patch).await {
        // It was changed meanwhile; what it is now will be judged.
        Err(Refused::Conflict(_)) if before["resourceVersion"].is_string() => Ok(()),
        other => settled(other),
    }
}

fn settled(done: Result<(), Refused>) -> Result<(), Refused> {
    match done {
        Err(refused) if super::is_settled(&refused) => Ok(()),
        other => other,
    }
}
