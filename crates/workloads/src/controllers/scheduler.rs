//! The scheduler: gives each Pod a node. And what is done about Pods whose node is gone.

use super::claim::{claims_of, waits_for_a_pod};
use super::queue::{Queue, feed};
use super::{Desk, Severity, is_settled};
use crate::api::{Deletion, Part, Refused, resources};
use crate::cache::key_of;
use crate::object;
use crate::runner::seconds;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How soon a Pod that fits nowhere is looked at again; nodes that change are seen at once.
const AGAIN: Duration = Duration::from_secs(30);

/// The node that suits a Pod, by name; or why none does, as the scheduler says it.
fn choose(
    pod: &Value,
    nodes: &[Value],
    pods_on: &BTreeMap<String, usize>,
) -> Result<String, String> {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let mut fitting = Vec::new();
    for node in nodes {
        match misfit(pod, node) {
            None => fitting.push(object::name(node)),
            Some(reason) => *reasons.entry(reason).or_default() += 1,
        }
    }
    let load = |node: &&str| (pods_on.get(*node).copied().unwrap_or(0), (*node).to_owned());
    fitting
        .into_iter()
        .min_by_key(load)
        .map(str::to_owned)
        .ok_or_else(|| {
            let reasons = reasons
                .iter()
                .map(|(reason, count)| format!("{count} {reason}"));
            let reasons = reasons.collect::<Vec<_>>().join(", ");
            let why = if reasons.is_empty() {
                String::new()
            } else {
                format!(": {reasons}")
            };
            format!("0/{} nodes are available{why}.", nodes.len())
        })
}

fn misfit(pod: &Value, node: &Value) -> Option<&'static str> {
    if !is_selected(pod, node) {
        Some("node(s) didn't match Pod's node affinity/selector")
    } else if node["spec"]["unschedulable"] == true {
        Some("node(s) were unschedulable")
    } else if !bears_taints(pod, node) {
        Some("node(s) had untolerated taint(s)")
    } else {
        None
    }
}

/// Whether a node suits a Pod, were the node open for new ones.
pub(super) fn suits(pod: &Value, node: &Value) -> bool {
    is_selected(pod, node) && bears_taints(pod, node)
}

fn is_selected(pod: &Value, node: &Value) -> bool {
    let selector = pod.pointer("/spec/nodeSelector").and_then(Value::as_object);
    let has = |(name, value): (&String, &Value)| object::label(node, name) == value.as_str();
    selector.into_iter().flatten().all(has)
}

fn bears_taints(pod: &Value, node: &Value) -> bool {
    let repels = |taint: &&Value| taint["effect"] == "NoSchedule" || taint["effect"] == "NoExecute";
    let mut taints = object::items(node, "/spec/taints").iter().filter(repels);
    let tolerations = object::items(pod, "/spec/tolerations");
    taints.all(|taint| tolerations.iter().any(|one| tolerates(one, taint)))
}

fn tolerates(toleration: &Value, taint: &Value) -> bool {
    let text = |of: &Value, field: &str| of[field].as_str().unwrap_or_default().to_owned();
    let (key, effect) = (text(toleration, "key"), text(toleration, "effect"));
    let same_key = key.is_empty() || key == text(taint, "key");
    let same_effect = effect.is_empty() || effect == text(taint, "effect");
    let exists = toleration["operator"] == "Exists";
    same_key && same_effect && (exists || text(toleration, "value") == text(taint, "value"))
}

/// Binds every Pod without a node to one.
pub(super) async fn schedule(desk: Desk) {
    let queue = Queue::default();
    feed(&*desk.api, resources::PODS, &queue, |pod| {
        let is_free = object::text(pod, "/spec/nodeName").is_empty();
        let is_ours = matches!(
            object::text(pod, "/spec/schedulerName"),
            "" | "default-scheduler"
        );
        (is_free && is_ours && !object::is_being_deleted(pod)).then(|| key_of(pod))
    });
    // Any news of a node or of a claim may make room: the empty key stands for all Pods that wait.
    for resource in [resources::NODES, resources::CLAIMS] {
        feed(&*desk.api, resource, &queue, |_| Some(Default::default()));
    }
    let mut pods_on = BTreeMap::new();
    loop {
        let key = queue.next().await;
        if key == Default::default() {
            wake_waiting(&desk, &queue).await;
            continue;
        }
        let looked = place(&desk, &key.0, &key.1, &mut pods_on).await;
        queue.after(key, looked.map(|is_done| (!is_done).then_some(AGAIN)));
    }
}

async fn wake_waiting(desk: &Desk, queue: &Queue) {
    let pods = desk.api.list(resources::PODS, "").await.unwrap_or_default();
    let waiting = pods
        .iter()
        .filter(|pod| object::text(pod, "/spec/nodeName").is_empty());
    waiting.for_each(|pod| queue.push(key_of(pod)));
}

/// False when it fits nowhere now.
async fn place(
    desk: &Desk,
    namespace: &str,
    name: &str,
    pods_on: &mut BTreeMap<String, usize>,
) -> Result<bool, Refused> {
    let pod = desk.api.get(resources::PODS, namespace, name).await?;
    if !object::text(&pod, "/spec/nodeName").is_empty() || object::is_being_deleted(&pod) {
        return Ok(true);
    }
    let nodes = desk.api.list(resources::NODES, "").await?;
    let about = (&resources::PODS, &pod);
    let chosen = match wait_for_claims(desk, &pod).await? {
        Claims::Bound => choose(&pod, &nodes, pods_on),
        Claims::Coming => return Ok(false),
        Claims::Missing(why) => Err(format!("0/{} nodes are available: {why}.", nodes.len())),
    };
    match chosen {
        Ok(node) => {
            if let Err(refused) = desk.api.bind(&pod, &node).await {
                if !is_settled(&refused) {
                    let kind = (Severity::Warning, "FailedScheduling");
                    desk.tell("default-scheduler", about, kind, refused.to_string());
                }
                return Err(refused);
            }
            *pods_on.entry(node.clone()).or_default() += 1;
            let text = format!("Successfully assigned {namespace}/{name} to {node}");
            desk.tell(
                "default-scheduler",
                about,
                (Severity::Normal, "Scheduled"),
                text,
            );
            Ok(true)
        }
        Err(why) => {
            desk.tell(
                "default-scheduler",
                about,
                (Severity::Warning, "FailedScheduling"),
                why.clone(),
            );
            say_unschedulable(desk, &pod, &why).await?;
            Ok(false)
        }
    }
}

/// How the claims stand that a Pod mounts.
enum Claims {
    /// All have their volumes.
    Bound,
    /// One gets its volume because this Pod wants it.
    Coming,
    /// One has none, and why that keeps the Pod.
    Missing(String),
}

async fn wait_for_claims(desk: &Desk, pod: &Value) -> Result<Claims, Refused> {
    for name in claims_of(pod) {
        let claim = match desk
            .api
            .get(resources::CLAIMS, object::namespace(pod), name)
            .await
        {
            Ok(claim) => claim,
            Err(refused) if refused.is_not_found() => {
                let why = format!("persistentvolumeclaim {name:?} not found");
                return Ok(Claims::Missing(why));
            }
            Err(refused) => return Err(refused),
        };
        let phase = object::text(&claim, "/status/phase");
        if object::is_being_deleted(&claim) {
            let why = format!("persistentvolumeclaim {name:?} is being deleted");
            return Ok(Claims::Missing(why));
        }
        if phase == "Lost" {
            let why =
                format!("persistentvolumeclaim {name:?} bound to non-existent persistentvolume");
            return Ok(Claims::Missing(why));
        }
        if phase != "Bound" {
            return unbound(desk, &claim).await;
        }
    }
    Ok(Claims::Bound)
}

async fn unbound(desk: &Desk, claim: &Value) -> Result<Claims, Refused> {
    let class = object::text(claim, "/spec/storageClassName");
    let class = desk.api.get(resources::STORAGE_CLASSES, "", class).await;
    match class {
        Ok(class) if waits_for_a_pod(&class) => Ok(Claims::Coming),
        Err(refused) if !refused.is_not_found() => Err(refused),
        Ok(_) | Err(_) => {
            let why = "pod has unbound immediate PersistentVolumeClaims";
            Ok(Claims::Missing(why.to_owned()))
        }
    }
}

async fn say_unschedulable(desk: &Desk, pod: &Value, why: &str) -> Result<(), Refused> {
    let known = object::items(pod, "/status/conditions");
    let is_told =
        |condition: &Value| condition["type"] == "PodScheduled" && condition["message"] == why;
    if known.iter().any(is_told) {
        return Ok(());
    }
    let condition = json!({
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": why,
        "lastProbeTime": null, "lastTransitionTime": seconds(desk.now()),
    });
    let patch = json!({"status": {"phase": "Pending", "conditions": [condition]}});
    let about = (&resources::PODS, pod);
    desk.merge(about, Part::Status, patch).await
}

/// Removes the Pods of nodes that do not exist: nobody else will.
pub(super) async fn collect_lost(desk: Desk) {
    let queue = Queue::default();
    feed(&*desk.api, resources::PODS, &queue, |pod| {
        (!object::text(pod, "/spec/nodeName").is_empty()).then(|| key_of(pod))
    });
    loop {
        let (namespace, name) = queue.next().await;
        let Ok(pod) = desk.api.get(resources::PODS, &namespace, &name).await else {
            continue;
        };
        let node = object::text(&pod, "/spec/nodeName");
        let is_ours = desk.settings.nodes.iter().any(|ours| ours.name == node);
        let known = desk.api.get(resources::NODES, "", node).await;
        if !is_ours && known.is_err_and(|refused| refused.is_not_found()) {
            let deletion = Deletion {
                uid: Some(object::uid(&pod).to_owned()),
                grace_seconds: Some(0),
                propagation: None,
            };
            // One that is gone meanwhile is what was wanted.
            let _ = desk
                .api
                .delete(resources::PODS, &namespace, &name, deletion)
                .await;
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "rows of data read better without a borrow in each"
)]
mod tests {
    use super::*;

    fn node(name: &str, more: Value) -> Value {
        let mut node = json!({"metadata": {"name": name, "labels": {"disk": name}}, "spec": {}});
        node["spec"] = more;
        node
    }

    #[track_caller]
    fn check(pod: Value, nodes: &[Value], expected: Result<&str, &str>) {
        let load = BTreeMap::from([("one".to_owned(), 2), ("two".to_owned(), 1)]);
        let chosen = choose(&json!({"spec": pod}), nodes, &load);
        assert_eq!(chosen.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn a_pod_goes_to_the_node_with_the_fewest_pods() {
        check(
            json!({}),
            &[node("one", json!({})), node("two", json!({}))],
            Ok("two"),
        );
    }

    #[test]
    fn a_selector_names_the_node() {
        let nodes = [node("one", json!({})), node("two", json!({}))];
        check(json!({"nodeSelector": {"disk": "one"}}), &nodes, Ok("one"));
        let why = "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.";
        check(json!({"nodeSelector": {"disk": "three"}}), &nodes, Err(why));
    }

    #[test]
    fn a_taint_repels_who_does_not_tolerate_it() {
        let taints = json!([{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]);
        let nodes = [node("one", json!({"taints": taints}))];
        let why = "0/1 nodes are available: 1 node(s) had untolerated taint(s).";
        check(json!({}), &nodes, Err(why));
        for toleration in [
            json!({"operator": "Exists"}),
            json!({"key": "gpu", "value": "yes"}),
            json!({"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}),
        ] {
            check(json!({"tolerations": [toleration]}), &nodes, Ok("one"));
        }
        check(
            json!({"tolerations": [{"key": "gpu", "value": "no"}]}),
            &nodes,
            Err(why),
        );
    }

    #[test]
    fn a_cordoned_node_takes_no_pods() {
        let nodes = [node("one", json!({"unschedulable": true}))];
        let why = "0/1 nodes are available: 1 node(s) were unschedulable.";
        check(json!({}), &nodes, Err(why));
        check(json!({}), &[], Err("0/0 nodes are available."));
    }
}
