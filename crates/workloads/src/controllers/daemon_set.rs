//! DaemonSets: one Pod on each node that suits.

use super::available::{ReadyFor, is_ready};
use super::desk::Telling;
use super::queue::{Queue, all, controller_of, feed, itself};
use super::revision::{self, Revisions};
use super::scheduler::suits;
use super::{Desk, pod_of, share};
use crate::api::{Refused, resources};
use crate::cache::Key;
use crate::object;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

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
    /// When a Pod becomes available though nothing changes.
    look_again: Option<Duration>,
}

/// A DaemonSet as it stands: the nodes that suit it, and its Pods on each node.
struct Standing<'s> {
    suitable: Vec<&'s str>,
    on: BTreeMap<&'s str, Vec<&'s Value>>,
    revisions: &'s Revisions,
    ready_for: ReadyFor,
}

/// Compares the nodes that suit a DaemonSet with the Pods that it manages.
fn decide(
    set: &Value,
    nodes: &[Value],
    pods: &[Value],
    revisions: &Revisions,
    now: Timestamp,
) -> Plan {
    let template = pod_for(set, "", revisions);
    let suitable = nodes.iter().filter(|node| suits(&template, node));
    let suitable: Vec<_> = suitable.map(object::name).collect();
    let mut on: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for pod in pods {
        on.entry(node_of(pod)).or_default().push(pod);
    }
    let standing = Standing {
        suitable,
        on,
        revisions,
        ready_for: ReadyFor::of(set, now),
    };
    let mut plan = Plan {
        status: standing.status(set),
        look_again: standing.ready_for.next(pods),
        ..Plan::default()
    };
    let Standing { suitable, on, .. } = &standing;
    if object::is_being_deleted(set) {
        return plan;
    }
    for node in suitable {
        if !on.contains_key(node) {
            plan.create.push((*node).to_owned());
        }
    }
    for (node, pods) in on {
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
        plan.delete.extend(standing.outdated(set));
    }
    plan.delete.sort();
    plan.delete.dedup();
    plan
}

impl Standing<'_> {
    /// The one Pod that counts on a node.
    fn first(&self, node: &str) -> Option<&Value> {
        self.on.get(node)?.first().copied()
    }

    fn is_old(&self, pod: &Value) -> bool {
        revision::of(pod) != self.revisions.update
    }

    /// The Pods of an older template that may go now: so many that `maxUnavailable` are missing at most.
    fn outdated(&self, set: &Value) -> Vec<String> {
        let most = &set["spec"]["updateStrategy"]["rollingUpdate"]["maxUnavailable"];
        let most = share(most, self.suitable.len()).max(1);
        let (mut going, mut old, mut missing) = (Vec::new(), Vec::new(), 0);
        for node in &self.suitable {
            let Some(pod) = self.first(node) else {
                missing += 1;
                continue;
            };
            match (self.ready_for.is_available(pod), self.is_old(pod)) {
                (true, true) => old.push(pod),
                (true, false) => {}
                (false, is_old) => {
                    missing += 1;
                    // What does not stand anyway costs nothing.
                    if is_old && !object::is_being_deleted(pod) {
                        going.push(pod);
                    }
                }
            }
        }
        old.truncate(most.saturating_sub(missing));
        going.extend(old);
        let names = going.into_iter().map(object::name);
        names.map(str::to_owned).collect()
    }

    fn status(&self, set: &Value) -> Value {
        let placed = self.suitable.iter().filter_map(|node| self.first(node));
        let placed: Vec<_> = placed.collect();
        let count =
            |counts: &dyn Fn(&Value) -> bool| placed.iter().filter(|pod| counts(pod)).count();
        let available = count(&|pod| self.ready_for.is_available(pod));
        let misplaced = self.on.keys().filter(|node| !self.suitable.contains(node));
        json!({
            "currentNumberScheduled": placed.len(),
            "desiredNumberScheduled": self.suitable.len(),
            "numberMisscheduled": misplaced.count(),
            "numberReady": count(&is_ready),
            "numberAvailable": available,
            "numberUnavailable": self.suitable.len() - available,
            "updatedNumberScheduled": count(&|pod| !self.is_old(pod)),
            "observedGeneration": object::number(set, "/metadata/generation"),
        })
    }
}

/// The node of a Pod, or the one that it is made for.
fn node_of(pod: &Value) -> &str {
    object::text(pod, "/spec/nodeName")
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
    feed(&*desk.api, resources::DAEMON_SETS, &queue, itself);
    let owner = controller_of("DaemonSet");
    feed(&*desk.api, resources::PODS, &queue, owner);
    // Any news of a node may concern all.
    feed(&*desk.api, resources::NODES, &queue, all);
    desk.keep(resources::DAEMON_SETS, queue, reconcile).await;
}

async fn reconcile(desk: &Desk, (namespace, name): &Key) -> Result<Option<Duration>, Refused> {
    let sets = resources::DAEMON_SETS;
    let set = desk.api.get(sets.clone(), namespace, name).await?;
    let pods = desk.managed_by(&set, resources::PODS).await?;
    let nodes = desk.api.list(resources::NODES, "").await?;
    let revisions = revision::settle(desk, &sets, &set).await?;
    let plan = decide(&set, &nodes, &pods, &revisions, desk.now());
    let about = (&sets, &set);
    desk.write_status(about, &plan.status).await?;
    for pod in plan.delete {
        desk.end_pod(&TELLING, about, &pod).await?;
    }
    for node in plan.create {
        let pod = pod_for(&set, &node, &revisions);
        desk.make_pod(&TELLING, about, pod).await?;
    }
    Ok(plan.look_again)
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "rows of data read better without a borrow in each"
)]
mod tests {
    use super::*;

    fn decide(set: &Value, nodes: &[Value], pods: &[Value], revisions: &Revisions) -> Plan {
        let now = Timestamp::from_second(100).unwrap();
        super::decide(set, nodes, pods, revisions, now)
    }

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
    fn a_new_pod_must_be_ready_for_a_while_before_the_next_old_one_goes() {
        let revisions = Revisions::of_names("old", "new");
        let mut set = set(json!({}));
        set["spec"]["minReadySeconds"] = json!(10);
        for (ready_since, gone) in [
            ("1970-01-01T00:01:35Z", ""),
            ("1970-01-01T00:01:30Z", "b*1"),
        ] {
            let mut pods = pods("a b*");
            pods[0]["status"]["conditions"][0]["lastTransitionTime"] = json!(ready_since);
            pods[1]["status"]["conditions"][0]["lastTransitionTime"] =
                json!("1970-01-01T00:00:00Z");
            let plan = decide(&set, &nodes("a b"), &pods, &revisions);
            assert_eq!(plan.delete.join(" "), gone, "{ready_since}");
            assert_eq!(plan.look_again.is_some(), gone.is_empty());
            let available = if gone.is_empty() { 1 } else { 2 };
            assert_eq!(plan.status["numberAvailable"], available);
            assert_eq!(plan.status["numberReady"], 2);
        }
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
