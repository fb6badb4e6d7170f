//! ReplicaSets: as many Pods as they say.

use super::available::{ReadyFor, is_ready};
use super::desk::Telling;
use super::queue::{Queue, controller_of, feed, itself};
use super::{Desk, pod_of};
use crate::api::{Refused, resources};
use crate::cache::Key;
use crate::object;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

const TELLING: Telling = Telling::of("replicaset-controller");

/// Most Pods that are made or ended at once.
const BURST_MAX: usize = 500;

/// What is to be done about a ReplicaSet.
#[derive(Debug, Default, PartialEq)]
struct Plan {
    create: usize,
    delete: Vec<String>,
    status: Value,
    /// When a Pod becomes available though nothing changes.
    look_again: Option<Duration>,
}

/// Compares what a ReplicaSet wants with the Pods that it manages.
fn decide(replica_set: &Value, pods: &[Value], now: Timestamp) -> Plan {
    let active: Vec<_> = pods.iter().filter(|pod| is_active(pod)).collect();
    let wanted = usize::try_from(object::number(replica_set, "/spec/replicas")).unwrap_or(0);
    let mut plan = Plan {
        status: status(replica_set, &active, now),
        look_again: ReadyFor::of(replica_set, now).next(active.iter().copied()),
        ..Plan::default()
    };
    if object::is_being_deleted(replica_set) {
        return plan;
    }
    plan.create = wanted.saturating_sub(active.len()).min(BURST_MAX);
    let surplus = active.len().saturating_sub(wanted).min(BURST_MAX);
    let mut ranked = active;
    ranked.sort_by_key(|pod| rank(pod));
    let surplus = ranked.into_iter().take(surplus);
    plan.delete = surplus.map(|pod| object::name(pod).to_owned()).collect();
    plan
}

/// A Pod that counts: it runs, or will.
pub(super) fn is_active(pod: &Value) -> bool {
    let phase = object::text(pod, "/status/phase");
    phase != "Succeeded" && phase != "Failed" && !object::is_being_deleted(pod)
}

/// Which Pod goes first: one without a node, then one that does not run, then one that is not ready,
/// then the youngest.
fn rank(pod: &Value) -> (bool, bool, bool, std::cmp::Reverse<&str>, &str) {
    (
        !object::text(pod, "/spec/nodeName").is_empty(),
        object::text(pod, "/status/phase") == "Running",
        object::condition(pod, "Ready") == "True",
        std::cmp::Reverse(object::text(pod, "/metadata/creationTimestamp")),
        object::name(pod),
    )
}

fn status(replica_set: &Value, active: &[&Value], now: Timestamp) -> Value {
    let ready_for = ReadyFor::of(replica_set, now);
    let ready = active.iter().filter(|pod| is_ready(pod));
    let available = active.iter().filter(|pod| ready_for.is_available(pod));
    json!({
        "replicas": active.len(),
        "fullyLabeledReplicas": active.len(),
        "readyReplicas": ready.count(),
        "availableReplicas": available.count(),
        "observedGeneration": object::number(replica_set, "/metadata/generation"),
    })
}

/// Keeps every ReplicaSet's Pods.
pub(super) async fn control(desk: Desk) {
    let queue = Queue::default();
    feed(&*desk.api, resources::REPLICA_SETS, &queue, itself);
    let owner = controller_of("ReplicaSet");
    feed(&*desk.api, resources::PODS, &queue, owner);
    desk.keep(resources::REPLICA_SETS, queue, reconcile).await;
}

async fn reconcile(desk: &Desk, (namespace, name): &Key) -> Result<Option<Duration>, Refused> {
    let set = desk
        .api
        .get(resources::REPLICA_SETS, namespace, name)
        .await?;
    let pods = desk.managed_by(&set, resources::PODS).await?;
    let plan = decide(&set, &pods, desk.now());
    let about = (&resources::REPLICA_SETS, &set);
    desk.write_status(about, &plan.status).await?;
    for pod in plan.delete {
        desk.end_pod(&TELLING, about, &pod).await?;
    }
    for _ in 0..plan.create {
        let pod = pod_of(about.0, about.1, &set["spec"]["template"]);
        desk.make_pod(&TELLING, about, pod).await?;
    }
    Ok(plan.look_again)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(set: &Value, pods: &[Value]) -> Plan {
        super::decide(set, pods, Timestamp::UNIX_EPOCH)
    }

    fn set(replicas: i64) -> Value {
        json!({"metadata": {"name": "web", "generation": 2}, "spec": {"replicas": replicas}})
    }

    fn pod(name: &str, phase: &str, is_ready: bool) -> Value {
        let ready = if is_ready { "True" } else { "False" };
        let conditions = json!([{"type": "Ready", "status": ready}]);
        json!({
            "metadata": {"name": name, "creationTimestamp": format!("2026-01-01T00:00:0{}Z", name.len())},
            "spec": {"nodeName": "n"},
            "status": {"phase": phase, "conditions": conditions},
        })
    }

    #[test]
    fn missing_pods_are_made_and_those_that_have_ended_do_not_count() {
        assert_eq!(decide(&set(3), &[pod("a", "Running", true)]).create, 2);
        assert_eq!(decide(&set(1), &[pod("a", "Failed", false)]).create, 1);
        let mut going = pod("a", "Running", true);
        going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert_eq!(decide(&set(1), &[going]).create, 1);
    }

    #[test]
    fn surplus_pods_go_the_least_useful_first() {
        let pods = [
            pod("a", "Running", true),
            pod("bb", "Running", true),
            pod("c", "Running", false),
            pod("d", "Pending", false),
        ];
        assert_eq!(decide(&set(1), &pods).delete, ["d", "c", "bb"]);
    }

    #[test]
    fn a_set_that_goes_makes_no_pods() {
        let mut going = set(3);
        going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert_eq!(decide(&going, &[]).create, 0);
    }

    #[test]
    fn the_status_counts_what_is_ready() {
        let pods = [pod("a", "Running", true), pod("b", "Running", false)];
        let status = decide(&set(2), &pods).status;
        assert_eq!(
            (
                &status["replicas"],
                &status["readyReplicas"],
                &status["observedGeneration"]
            ),
            (&json!(2), &json!(1), &json!(2))
        );
    }
}
