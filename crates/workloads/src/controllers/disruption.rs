//! PodDisruptionBudgets: how many of the Pods that one selects may be evicted now.
//!
//! The API takes from what is written here before it evicts; a Pod that it let go counts as gone until
//! it is, or until it is clear that it stays.

mod wanted;

use super::available::is_ready;
use super::queue::{Queue, all_beside, feed, itself};
use super::{Desk, Severity};
use crate::api::{Part, Refused, Resource, resources};
use crate::cache::Key;
use crate::object;
use crate::runner::seconds;
use jiff::{SignedDuration, Timestamp};
use objects::selector::LabelSelector;
use serde_json::{Map, Value, json};
use std::time::Duration;
use wanted::{Owners, count, wanted};

/// Who tells of it, as Kubernetes calls it.
const COMPONENT: &str = "controllermanager";

/// How long a Pod whose eviction was allowed may take to begin to go.
const GOES_WITHIN: SignedDuration = SignedDuration::from_mins(2);

const UNMANAGED: &str = "Pods selected by this PodDisruptionBudget were found to be unmanaged. As a \
    result, the status of the PDB cannot be calculated correctly, which may result in undefined \
    behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer \
    value.";

/// What is to be written about a budget.
#[derive(Debug, PartialEq)]
struct Plan {
    status: Value,
    news: Option<(Severity, &'static str, String)>,
    look_again: Option<Duration>,
}

/// Counts the Pods of a namespace against a budget.
fn decide(budget: &Value, pods: &[Value], owners: &Owners, now: Timestamp) -> Plan {
    let selector = LabelSelector::from_object(&budget["spec"]["selector"]).ok();
    let is_selected = |pod: &&Value| {
        let labels = pod.pointer("/metadata/labels").and_then(Value::as_object);
        let selector = selector
            .as_ref()
            .filter(|_| budget["spec"]["selector"].is_object());
        selector.is_some_and(|selector| selector.matches(labels))
    };
    let pods: Vec<_> = pods.iter().filter(is_selected).collect();
    let disrupted = disrupted(budget, &pods, now);
    let wanted = match wanted(budget, &pods, owners) {
        Ok(wanted) => wanted,
        Err(why) => return failed(budget, &why, now),
    };
    let is_healthy = |pod: &&&Value| is_ready(pod) && !disrupted.contains_key(object::name(pod));
    let healthy = count(pods.iter().filter(is_healthy).count());
    let allowed = match wanted.expected {
        0 => 0,
        _ => (healthy - wanted.healthy).max(0),
    };
    let generation = object::number(budget, "/metadata/generation");
    let told = match allowed {
        0 => ("False", "InsufficientPods", ""),
        _ => ("True", "SufficientPods", ""),
    };
    let (news, reason) = match (pods.is_empty(), wanted.has_unmanaged) {
        (true, _) => (Some("No matching pods found"), (Severity::Normal, "NoPods")),
        (false, true) => (Some(UNMANAGED), (Severity::Warning, "UnmanagedPods")),
        (false, false) => (None, (Severity::Normal, "")),
    };
    Plan {
        look_again: disrupted.values().filter_map(|at| left(at, now)).min(),
        status: json!({
            "currentHealthy": healthy,
            "desiredHealthy": wanted.healthy,
            "expectedPods": wanted.expected,
            "disruptionsAllowed": allowed,
            "disruptedPods": disrupted,
            "observedGeneration": generation,
            "conditions": [condition(budget, told, generation, now)],
        }),
        news: news.map(|text| (reason.0, reason.1, text.to_owned())),
    }
}

/// The Pods that were let go and have not begun to, each with when that was.
fn disrupted(budget: &Value, pods: &[&Value], now: Timestamp) -> Map<String, Value> {
    let known = budget
        .pointer("/status/disruptedPods")
        .and_then(Value::as_object);
    let known = known.into_iter().flatten();
    let still = known.filter(|(name, at)| {
        let stays = |pod: &&&Value| object::name(pod) == *name && !object::is_being_deleted(pod);
        left(at, now).is_some() && pods.iter().any(|pod| stays(&pod))
    });
    still.map(|(name, at)| (name.clone(), at.clone())).collect()
}

/// How long a Pod that was let go then may still take.
fn left(at: &Value, now: Timestamp) -> Option<Duration> {
    let at: Timestamp = at.as_str()?.parse().ok()?;
    let left = GOES_WITHIN - now.duration_since(at);
    Duration::try_from(left).ok().filter(|left| !left.is_zero())
}

/// Nothing may be disrupted while it cannot be counted.
fn failed(budget: &Value, why: &str, now: Timestamp) -> Plan {
    let mut status = budget["status"].clone();
    let generation = object::number(budget, "/status/observedGeneration");
    status["disruptionsAllowed"] = json!(0);
    let told = ("False", "SyncFailed", why);
    status["conditions"] = json!([condition(budget, told, generation, now)]);
    for field in ["currentHealthy", "desiredHealthy", "expectedPods"] {
        if status[field].is_null() {
            status[field] = json!(0);
        }
    }
    let text = format!("Failed to calculate the number of expected pods: {why}");
    Plan {
        status,
        news: Some((Severity::Warning, "CalculateExpectedPodCountFailed", text)),
        look_again: None,
    }
}

fn condition(
    budget: &Value,
    (status, reason, message): (&str, &str, &str),
    generation: i64,
    now: Timestamp,
) -> Value {
    let known = object::items(budget, "/status/conditions").iter();
    let mut same =
        known.filter(|one| one["type"] == "DisruptionAllowed" && one["status"] == status);
    let since = same.next().map(|one| one["lastTransitionTime"].clone());
    json!({
        "type": "DisruptionAllowed",
        "status": status,
        "reason": reason,
        "message": message,
        "observedGeneration": generation,
        "lastTransitionTime": since.unwrap_or_else(|| json!(seconds(now))),
    })
}

/// Keeps every budget's status.
pub(super) async fn control(desk: Desk) {
    let queue = Queue::default();
    let budgets = resources::DISRUPTION_BUDGETS;
    feed(&*desk.api, budgets.clone(), &queue, itself);
    // News of a Pod or of an owner may concern any budget of the namespace.
    for resource in [
        resources::PODS,
        resources::REPLICA_SETS,
        resources::STATEFUL_SETS,
        resources::DEPLOYMENTS,
    ] {
        feed(&*desk.api, resource, &queue, all_beside);
    }
    desk.keep(budgets, queue, reconcile).await;
}

async fn reconcile(desk: &Desk, (namespace, name): &Key) -> Result<Option<Duration>, Refused> {
    let budgets = resources::DISRUPTION_BUDGETS;
    let budget = desk.api.get(budgets.clone(), namespace, name).await?;
    let list = |resource: Resource| desk.api.list(resource, namespace);
    let pods = list(resources::PODS).await?;
    let owners = Owners {
        replica_sets: list(resources::REPLICA_SETS).await?,
        stateful_sets: list(resources::STATEFUL_SETS).await?,
        deployments: list(resources::DEPLOYMENTS).await?,
    };
    let plan = decide(&budget, &pods, &owners, desk.now());
    if plan.status == budget["status"] {
        return Ok(plan.look_again);
    }
    let patch = patch(&budget, plan.status);
    let about = (&budgets, &budget);
    desk.merge(about, Part::Status, patch).await?;
    if let Some((severity, reason, text)) = plan.news {
        desk.tell(COMPONENT, about, (severity, reason), text);
    }
    Ok(plan.look_again)
}

/// The status as a patch that holds only while the budget is as it was: an eviction may have taken from
/// it meanwhile. Pods that are no longer waited for are taken away by name.
fn patch(budget: &Value, mut status: Value) -> Value {
    let known = budget
        .pointer("/status/disruptedPods")
        .and_then(Value::as_object);
    for name in known.into_iter().flat_map(Map::keys) {
        if status["disruptedPods"][name].is_null() {
            status["disruptedPods"][name] = Value::Null;
        }
    }
    let revision = &budget["metadata"]["resourceVersion"];
    json!({"metadata": {"resourceVersion": revision}, "status": status})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_000).unwrap()
    }

    fn budget(spec: &Value) -> Value {
        let mut budget = json!({"metadata": {"name": "b", "generation": 3}, "spec": spec});
        budget["spec"]["selector"] = json!({"matchLabels": {"app": "web"}});
        budget
    }

    /// `a` is ready and of the set, `a-` is not ready, `ax` goes; `a?` is nobody's.
    fn pods(words: &str) -> Vec<Value> {
        let pod = |word: &str| {
            let is = |mark: char| word.ends_with(mark);
            let ready = if is('-') { "False" } else { "True" };
            let owner = json!({"kind": "ReplicaSet", "uid": "rs", "controller": true});
            json!({
                "metadata": {
                    "name": word,
                    "labels": {"app": "web"},
                    "deletionTimestamp": is('x').then_some("2026-01-01T00:00:00Z"),
                    "ownerReferences": if is('?') { json!([]) } else { json!([owner]) },
                },
                "status": {"conditions": [{"type": "Ready", "status": ready}]},
            })
        };
        words.split_whitespace().map(pod).collect()
    }

    /// A ReplicaSet of a Deployment that wants so many.
    fn owners(replicas: i64) -> Owners {
        let above = json!({"kind": "Deployment", "uid": "d", "controller": true});
        let set =
            json!({"metadata": {"uid": "rs", "ownerReferences": [above]}, "spec": {"replicas": 1}});
        let deployment = json!({"metadata": {"uid": "d"}, "spec": {"replicas": replicas}});
        Owners {
            replica_sets: vec![set],
            deployments: vec![deployment],
            stateful_sets: Vec::new(),
        }
    }

    #[track_caller]
    fn check(spec: &Value, words: &str, replicas: i64, counts: [i64; 4]) {
        let status = decide(&budget(spec), &pods(words), &owners(replicas), now()).status;
        let fields = [
            "currentHealthy",
            "desiredHealthy",
            "expectedPods",
            "disruptionsAllowed",
        ];
        let found = fields.map(|field| status[field].as_i64().unwrap());
        assert_eq!(found, counts, "{spec} {words}");
        let reason = if counts[3] > 0 {
            "SufficientPods"
        } else {
            "InsufficientPods"
        };
        assert_eq!(status["conditions"][0]["reason"], reason);
        assert_eq!(status["observedGeneration"], 3);
    }

    #[test]
    fn as_many_may_go_as_are_healthy_above_what_is_wanted() {
        check(&json!({"minAvailable": 2}), "a b c", 3, [3, 2, 3, 1]);
        check(&json!({"minAvailable": 2}), "a b c- dx", 4, [2, 2, 4, 0]);
        check(&json!({"minAvailable": "50%"}), "a b c", 3, [3, 2, 3, 1]);
        check(&json!({"maxUnavailable": 1}), "a b c", 3, [3, 2, 3, 1]);
        check(&json!({"maxUnavailable": 1}), "a b", 3, [2, 2, 3, 0]);
        check(&json!({"maxUnavailable": "100%"}), "a b", 2, [2, 0, 2, 2]);
        check(&json!({"minAvailable": 1}), "", 0, [0, 1, 0, 0]);
        check(&json!({"maxUnavailable": 1}), "", 0, [0, 0, 0, 0]);
    }

    #[test]
    fn pods_that_nobody_owns_count_where_a_number_is_wanted() {
        check(&json!({"minAvailable": 1}), "a? b?", 0, [2, 1, 2, 1]);
        let spec = json!({"maxUnavailable": 1});
        let plan = decide(&budget(&spec), &pods("a?"), &owners(0), now());
        assert_eq!(plan.news.unwrap().1, "UnmanagedPods");
    }

    #[test]
    fn what_cannot_be_counted_lets_nothing_go() {
        let spec = json!({"maxUnavailable": 1});
        let plan = decide(&budget(&spec), &pods("a"), &Owners::default(), now());
        assert_eq!(plan.status["disruptionsAllowed"], 0);
        assert_eq!(plan.status["conditions"][0]["reason"], "SyncFailed");
        assert_eq!(
            plan.status["conditions"][0]["message"],
            "found no controllers for pod \"a\""
        );
    }

    #[test]
    fn a_pod_that_was_let_go_counts_as_gone_until_it_is_clear_that_it_stays() {
        let mut budget = budget(&json!({"minAvailable": 1}));
        for (second, healthy, waits) in [(999, 1, true), (880, 2, false)] {
            let at = seconds(Timestamp::from_second(second).unwrap());
            budget["status"]["disruptedPods"] = json!({"a": at, "gone": at});
            let plan = decide(&budget, &pods("a b"), &owners(2), now());
            assert_eq!(plan.status["currentHealthy"], healthy);
            assert_eq!(plan.look_again.is_some(), waits);
            let patch = patch(&budget, plan.status);
            assert_eq!(patch["status"]["disruptedPods"]["gone"], Value::Null);
            assert_eq!(patch["status"]["disruptedPods"]["a"].is_string(), waits);
        }
    }

    #[test]
    fn a_budget_without_a_selector_selects_nothing_and_an_empty_one_all() {
        let spec = json!({"minAvailable": 1});
        for (selector, expected) in [(Value::Null, 0), (json!({}), 2)] {
            let mut budget = budget(&spec);
            budget["spec"]["selector"] = selector;
            let plan = decide(&budget, &pods("a b"), &owners(2), now());
            assert_eq!(plan.status["expectedPods"], expected);
        }
    }
}
