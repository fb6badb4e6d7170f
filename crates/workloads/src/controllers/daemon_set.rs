//! DaemonSets: one Pod on each node that suits.

use super::desk::Telling;
use super::queue::{Queue, controller_of, feed};
use super::revision::{self, Revisions};
use super::scheduler::suits;
use super::{Desk, pod_of};
use crate::api::{Refused, resources};
use crate::cache::{Key, key_of};
use crate::object;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TELLING: Telling = Telling::of("daemonset-controller");

/// What a node may have against other Pods, and not against those of a DaemonSet.
const TOLERATED: [&str; 6] = [
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
    "node.kubernetes.io/disk-pressure",
    "node.kubernetes.io/memory-pressure",
    "node.kubernetes.io/pid-pressure",
    "node.kubernetes.io/unschedulable",
];

/// What is to be done about a DaemonSet.
#[derive(Debug, Default, PartialEq)]
struct Plan {
    /// Names of nodes.
    create: Vec<String>,
    delete: Vec<String>,
    status: Value,
}

/// Compares the nodes that suit a DaemonSet with the Pods that it manages.
fn decide(set: &Value, nodes: &[Value], pods: &[Value], revisions: &Revisions) -> Plan {
    let template = pod_for(set, "", revisions);
    let suitable = nodes.iter().filter(|node| suits(&template, node));
    let suitable: Vec<_> = suitable.map(object::name).collect();
    let mut on: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for pod in pods {
        on.entry(node_of(pod)).or_default().push(pod);
    }
    let mut plan = Plan {
        status: status(set, &suitable, &on, revisions),
        ..Plan::default()
    };
    if object::is_being_deleted(set) {
        return plan;
    }
    for node in &suitable {
        if !on.contains_key(node) {
            plan.create.push((*node).to_owned());
        }
    }
    for (node, pods) in &on {
        let standing = pods.iter().filter(|pod| !object::is_being_deleted(pod));
        let is_wanted = suitable.contains(node);
        let ended =
            |pod: &Value| matches!(object::text(pod, "/status/phase"), "Succeeded" | "Failed");
        let surplus = standing
            .enumerate()
            .filter(|(place, pod)| !is_wanted || *place > 0 || ended(pod));
        plan.delete
            .extend(surplus.map(|(_, pod)| object::name(pod).to_owned()));
    }
    if set["spec"]["updateStrategy"]["type"] != "OnDelete" {
        plan.delete.extend(outdated(set, &suitable, &on, revisions));
    }
    plan.delete.sort();
    plan.delete.dedup();
    plan
}

/// The Pods of an older template that may go now: so many that `maxUnavailable` are missing at most.
fn outdated(
    set: &Value,
    suitable: &[&str],
    on: &BTreeMap<&str, Vec<&Value>>,
    revisions: &Revisions,
) -> Vec<String> {
    let most = &set["spec"]["updateStrategy"]["rollingUpdate"]["maxUnavailable"];
    let most = share(most, suitable.len()).max(1);
    let first = |node: &&str| on.get(node).and_then(|pods| pods.first()).copied();
    let (mut going, mut missing) = (Vec::new(), 0);
    for node in suitable {
        match first(node) {
            Some(pod) if revision::of(pod) != revisions.update && !is_ready(pod) => {
                // What does not stand anyway costs nothing.
                missing += 1;
                if !object::is_being_deleted(pod) {
                    going.push(object::name(pod).to_owned());
                }
            }
            Some(pod) if is_ready(pod) => {}
            Some(_) | None => missing += 1,
        }
    }
    let old = suitable.iter().filter_map(first);
    let old = old.filter(|pod| is_ready(pod) && revision::of(pod) != revisions.update);
    let old = old.take(most.saturating_sub(missing));
    going.extend(old.map(|pod| object::name(pod).to_owned()));
    going
}

/// A number, or a share in percent, rounded up.
fn share(of: &Value, all: usize) -> usize {
    let percent = of.as_str().and_then(|text| text.strip_suffix('%'));
    match (
        of.as_u64(),
        percent.and_then(|text| text.parse::<usize>().ok()),
    ) {
        (Some(number), _) => usize::try_from(number).unwrap_or(usize::MAX),
        (None, Some(percent)) => (all * percent).div_ceil(100),
        (None, None) => 1,
    }
}

fn is_ready(pod: &Value) -> bool {
    object::condition(pod, "Ready") == "True" && !object::is_being_deleted(pod)
}

/// The node of a Pod, or the one that it is made for.
fn node_of(pod: &Value) -> &str {
    object::text(pod, "/spec/nodeName")
}

fn status(
    set: &Value,
    suitable: &[&str],
    on: &BTreeMap<&str, Vec<&Value>>,
    revisions: &Revisions,
) -> Value {
    let first = |node: &&str| on.get(node).and_then(|pods| pods.first()).copied();
    let placed: Vec<_> = suitable.iter().filter_map(first).collect();
    let ready = placed.iter().filter(|pod| is_ready(pod)).count();
    let updated = placed
        .iter()
        .filter(|pod| revision::of(pod) == revisions.update);
    let misplaced = on.keys().filter(|node| !suitable.contains(node)).count();
    json!({
        "currentNumberScheduled": placed.len(),
        "desiredNumberScheduled": suitable.len(),
        "numberMisscheduled": misplaced,
        "numberReady": ready,
        "numberAvailable": ready,
        "numberUnavailable": suitable.len() - ready,
        "updatedNumberScheduled": updated.count(),
        "observedGeneration": object::number(set, "/metadata/generation"),
    })
}

/// A Pod for a node.
fn pod_for(set: &Value, node: &str, revisions: &Revisions) -> Value {
    let mut pod = pod_of(&resources::DAEMON_SETS, set, &set["spec"]["template"]);
    pod["metadata"]["labels"][revision::LABEL] = json!(revisions.update);
    // The scheduler is not asked: which node it is was decided here.
    pod["spec"]["nodeName"] = json!(node);
    let effects = |key: &str| match key {
        "node.kubernetes.io/not-ready" | "node.kubernetes.io/unreachable" => "NoExecute",
        _ => "NoSchedule",
    };
    let tolerated = TOLERATED
        .iter()
        .map(|key| json!({"key": key, "operator": "Exists", "effect": effects(key)}));
    let own = object::items(&pod, "/spec/tolerations").to_vec();
    pod["spec"]["tolerations"] = own.into_iter().chain(tolerated).collect();
    pod
}

/// Keeps every DaemonSet's Pods.
pub(super) async fn control(desk: Desk) {
    let queue = Queue::default();
    feed(&*desk.api, resources::DAEMON_SETS, &queue, |set| {
        Some(key_of(set))
    });
    feed(
        &*desk.api,
        resources::PODS,
        &queue,
        controller_of("DaemonSet"),
    );
    // Any news of a node may concern all: the empty key stands for them.
    feed(&*desk.api, resources::NODES, &queue, |_| {
        Some(Default::default())
    });
    loop {
        let key = queue.next().await;
        if key == Default::default() {
            let sets = desk.api.list(resources::DAEMON_SETS, "").await;
            let sets = sets.unwrap_or_default();
            sets.iter().for_each(|set| queue.push(key_of(set)));
            continue;
        }
        let looked = reconcile(&desk, &key).await;
        queue.after(key, looked.map(|()| None));
    }
}

async fn reconcile(desk: &Desk, (namespace, name): &Key) -> Result<(), Refused> {
    let sets = resources::DAEMON_SETS;
    let set = desk.api.get(sets.clone(), namespace, name).await?;
    let pods = desk.managed_by(&set, resources::PODS).await?;
    let nodes = desk.api.list(resources::NODES, "").await?;
    let revisions = revision::settle(desk, &sets, &set).await?;
    let plan = decide(&set, &nodes, &pods, &revisions);
    let about = (&sets, &set);
    desk.write_status(about, &plan.status).await?;
    for pod in plan.delete {
        desk.end_pod(&TELLING, about, &pod).await?;
    }
    for node in plan.create {
        let pod = pod_for(&set, &node, &revisions);
        desk.make_pod(&TELLING, about, pod).await?;
    }
    Ok(())
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "rows of data read better without a borrow in each"
)]
mod tests {
    use super::*;

    fn nodes(names: &str) -> Vec<Value> {
        let node = |name: &str| {
            let taints = if name.ends_with('t') {
                json!([{"key": "special", "effect": "NoSchedule"}])
            } else {
                json!([])
            };
            json!({"metadata": {"name": name}, "spec": {"taints": taints}})
        };
        names.split_whitespace().map(node).collect()
    }

    /// `a` is ready on node `a`, `a-` is not, `a*` is ready and of an old template, `ax` goes.
    fn pods(words: &str) -> Vec<Value> {
        let pod = |(place, word): (usize, &str)| {
            let is = |mark: char| word.ends_with(mark);
            let ready = if is('-') { "False" } else { "True" };
            json!({
                "metadata": {
                    "name": format!("{word}{place}"),
                    "labels": {"controller-revision-hash": if is('*') { "old" } else { "new" }},
                    "deletionTimestamp": is('x').then_some("2026-01-01T00:00:00Z"),
                },
                "spec": {"nodeName": word.trim_end_matches(['-', '*', 'x'])},
                "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": ready}]},
            })
        };
        words.split_whitespace().enumerate().map(pod).collect()
    }

    fn decided(set: &Value, of_nodes: &str, of_pods: &str) -> String {
        let revisions = Revisions::of_names("old", "new");
        let plan = decide(set, &nodes(of_nodes), &pods(of_pods), &revisions);
        let made = plan.create.iter().map(|node| format!("+{node}"));
        made.chain(plan.delete).collect::<Vec<_>>().join(" ")
    }

    fn set(template: Value) -> Value {
        json!({"metadata": {"name": "agent"}, "spec": {"template": {"spec": template}}})
    }

    #[test]
    fn each_node_that_suits_has_one_pod() {
        let set = set(json!({}));
        assert_eq!(decided(&set, "a b", ""), "+a +b");
        assert_eq!(decided(&set, "a b", "a"), "+b");
        assert_eq!(decided(&set, "a b t", "a b"), "", "a taint keeps it away");
        assert_eq!(decided(&set, "a", "a a"), "a1", "one is enough");
        assert_eq!(decided(&set, "a", "a b"), "b1", "the node is gone");
    }

    #[test]
    fn a_node_may_be_chosen_and_a_taint_be_tolerated() {
        let set = set(json!({"tolerations": [{"key": "special", "operator": "Exists"}]}));
        assert_eq!(decided(&set, "a t", "a"), "+t");
        let mut nodes = nodes("a b");
        nodes[1]["metadata"]["labels"] = json!({"disk": "fast"});
        let set = self::set(json!({"nodeSelector": {"disk": "fast"}}));
        let plan = decide(&set, &nodes, &[], &Revisions::of_names("new", "new"));
        assert_eq!(plan.create, ["b"]);
    }

    #[test]
    fn a_new_template_replaces_as_many_pods_as_may_be_missing() {
        let mut set = set(json!({}));
        assert_eq!(decided(&set, "a b c", "a* b* c*"), "a*0");
        assert_eq!(decided(&set, "a b c", "ax b* c*"), "");
        assert_eq!(decided(&set, "a b c", "a- b* c*"), "");
        set["spec"]["updateStrategy"] = json!({"rollingUpdate": {"maxUnavailable": "50%"}});
        assert_eq!(decided(&set, "a b c", "a* b* c*"), "a*0 b*1");
        set["spec"]["updateStrategy"] = json!({"type": "OnDelete"});
        assert_eq!(decided(&set, "a b c", "a* b* c*"), "");
    }

    #[test]
    fn the_status_counts_nodes() {
        let revisions = Revisions::of_names("old", "new");
        let plan = decide(
            &set(json!({})),
            &nodes("a b c"),
            &pods("a b- gone"),
            &revisions,
        );
        for (field, expected) in [
            ("desiredNumberScheduled", 3),
            ("currentNumberScheduled", 2),
            ("numberReady", 1),
            ("numberUnavailable", 2),
            ("numberMisscheduled", 1),
        ] {
            assert_eq!(plan.status[field], expected, "{field}");
        }
    }
}
