//! What is to be done about a StatefulSet. Pure.

use crate::controllers::available::{ReadyFor, is_ready};
use crate::controllers::revision::{self, Revisions};
use crate::object;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

/// What is to be done about a StatefulSet.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// Numbers, each with whether its Pod is of the newest template.
    pub(super) create: Vec<(u64, bool)>,
    pub(super) delete: Vec<String>,
    pub(super) status: Value,
    /// When a Pod becomes available though nothing changes.
    pub(super) look_again: Option<Duration>,
}

/// Compares what a StatefulSet wants with the Pods that it manages.
///
/// One thing at a time, unless its Pods may be managed in parallel: a Pod comes when all before it are
/// available, goes when all after it are gone, and is replaced when all after it are.
pub(super) fn decide(set: &Value, pods: &[Value], revisions: &Revisions, now: Timestamp) -> Plan {
    let ready_for = ReadyFor::of(set, now);
    let is_available = |pod: &Value| ready_for.is_available(pod);
    let wanted = number(set, "/spec/replicas", 1);
    let first = number(set, "/spec/ordinals/start", 0);
    let last = first.saturating_add(wanted);
    let numbered = |number: u64| pods.iter().find(|pod| ordinal(set, pod) == Some(number));
    let mut plan = Plan {
        status: status(set, pods, revisions, ready_for),
        look_again: ready_for.next(pods),
        ..Plan::default()
    };
    if object::is_being_deleted(set) {
        return plan;
    }
    let is_parallel = set["spec"]["podManagementPolicy"] == "Parallel";
    let is_new = |number: u64| number >= update_from(set, first) || revisions.are_one();
    for number in first..last {
        match numbered(number) {
            None => plan.create.push((number, is_new(number))),
            Some(pod) if has_ended(pod) => plan.delete.push(object::name(pod).to_owned()),
            Some(pod) if is_available(pod) => continue,
            Some(_) => {}
        }
        if !is_parallel {
            break;
        }
    }
    let is_busy = !plan.create.is_empty() || !plan.delete.is_empty();
    if !is_parallel && is_busy {
        return plan;
    }
    let mut surplus: Vec<_> = pods
        .iter()
        .filter_map(|pod| Some((ordinal(set, pod)?, pod)))
        .filter(|(number, _)| !(first..last).contains(number))
        .collect();
    surplus.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    let at_once = if is_parallel { surplus.len() } else { 1 };
    let all_stand = (first..last).all(|number| numbered(number).is_some_and(is_available));
    if is_parallel || all_stand || surplus.iter().any(|(_, pod)| object::is_being_deleted(pod)) {
        let going = surplus.iter().take(at_once);
        let going = going.filter(|(_, pod)| !object::is_being_deleted(pod));
        plan.delete
            .extend(going.map(|(_, pod)| object::name(pod).to_owned()));
    }
    if !surplus.is_empty() && !is_parallel {
        return plan;
    }
    if set["spec"]["updateStrategy"]["type"] != "OnDelete" {
        plan.delete
            .extend(outdated(set, first..last, pods, revisions, ready_for));
    }
    plan
}

/// The last Pod that is not of the newest template, if all after it are and stand.
fn outdated(
    set: &Value,
    numbers: std::ops::Range<u64>,
    pods: &[Value],
    revisions: &Revisions,
    ready_for: ReadyFor,
) -> Option<String> {
    let from = update_from(set, numbers.start);
    for number in numbers.rev().filter(|number| *number >= from) {
        let pod = pods.iter().find(|pod| ordinal(set, pod) == Some(number))?;
        if object::is_being_deleted(pod) {
            return None;
        }
        if revision::of(pod) != revisions.update {
            return Some(object::name(pod).to_owned());
        }
        if !ready_for.is_available(pod) {
            return None;
        }
    }
    None
}

/// The first number that is updated: those before a partition keep the template that they have.
fn update_from(set: &Value, first: u64) -> u64 {
    first.saturating_add(number(
        set,
        "/spec/updateStrategy/rollingUpdate/partition",
        0,
    ))
}

fn number(set: &Value, pointer: &str, otherwise: u64) -> u64 {
    let found = set.pointer(pointer).and_then(Value::as_u64);
    found.unwrap_or(otherwise)
}

/// The number of a Pod's name.
pub(super) fn ordinal(set: &Value, pod: &Value) -> Option<u64> {
    let rest = object::name(pod).strip_prefix(object::name(set))?;
    rest.strip_prefix('-')?.parse().ok()
}

fn has_ended(pod: &Value) -> bool {
    let phase = object::text(pod, "/status/phase");
    matches!(phase, "Succeeded" | "Failed") && !object::is_being_deleted(pod)
}

fn status(set: &Value, pods: &[Value], revisions: &Revisions, ready_for: ReadyFor) -> Value {
    let count = |counts: &dyn Fn(&Value) -> bool| pods.iter().filter(|pod| counts(pod)).count();
    let of = |wanted: &str| count(&|pod: &Value| revision::of(pod) == wanted);
    let ready = count(&is_ready);
    let updated = of(&revisions.update);
    // Once all Pods are of the newest template, it is the one that holds.
    let wanted = usize::try_from(number(set, "/spec/replicas", 1)).unwrap_or(usize::MAX);
    let is_done = updated == pods.len() && ready >= wanted;
    let current = if is_done {
        &revisions.update
    } else {
        &revisions.current
    };
    json!({
        "observedGeneration": object::number(set, "/metadata/generation"),
        "replicas": pods.len(),
        "readyReplicas": ready,
        "availableReplicas": count(&|pod: &Value| ready_for.is_available(pod)),
        "currentReplicas": of(current),
        "updatedReplicas": updated,
        "currentRevision": current,
        "updateRevision": revisions.update,
        "collisionCount": 0,
    })
}

/// Whether a Pod's number is one of those that are wanted.
pub(super) fn is_wanted(set: &Value, pod: &Value) -> bool {
    let first = number(set, "/spec/ordinals/start", 0);
    let last = first.saturating_add(number(set, "/spec/replicas", 1));
    ordinal(set, pod).is_some_and(|number| (first..last).contains(&number))
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "rows of data read better without a borrow in each"
)]
mod tests {
    use super::*;

    fn decide(set: &Value, pods: &[Value], revisions: &Revisions) -> Plan {
        super::decide(set, pods, revisions, Timestamp::UNIX_EPOCH)
    }

    fn set(replicas: u64, more: Value) -> Value {
        let mut set = json!({"metadata": {"name": "db"}, "spec": {"replicas": replicas}});
        for (name, value) in more.as_object().into_iter().flatten() {
            set["spec"][name] = value.clone();
        }
        set
    }

    /// `0` is ready, `0-` is not, `0x` goes, `0!` has failed; `0*` is ready and of an old template.
    fn pods(words: &str) -> Vec<Value> {
        let pod = |word: &str| {
            let number = word.trim_end_matches(['-', 'x', '!', '*']);
            let is = |mark: char| word.ends_with(mark);
            let ready = if is('-') || is('!') { "False" } else { "True" };
            json!({
                "metadata": {
                    "name": format!("db-{number}"),
                    "labels": {"controller-revision-hash": if is('*') { "old" } else { "new" }},
                    "deletionTimestamp": is('x').then_some("2026-01-01T00:00:00Z"),
                },
                "status": {
                    "phase": if is('!') { "Failed" } else { "Running" },
                    "conditions": [{"type": "Ready", "status": ready}],
                },
            })
        };
        words.split_whitespace().map(pod).collect()
    }

    fn decided(set: &Value, words: &str) -> String {
        let revisions = Revisions::of_names("old", "new");
        let plan = decide(set, &pods(words), &revisions);
        let made = plan.create.iter().map(|(number, _)| format!("+{number}"));
        let gone = plan.delete.iter().map(|name| name.replace("db", ""));
        made.chain(gone).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn pods_come_one_after_the_other_each_when_the_one_before_is_ready() {
        for (replicas, pods, expected) in [
            (3, "", "+0"),
            (3, "0-", ""),
            (3, "0", "+1"),
            (3, "0 1 2", ""),
            (3, "1 2", "+0"),
            (3, "0x 1 2", ""),
            (3, "0! 1 2", "-0"),
        ] {
            assert_eq!(decided(&set(replicas, json!({})), pods), expected, "{pods}");
        }
    }

    #[test]
    fn the_next_pod_waits_until_the_one_before_has_been_ready_for_a_while() {
        let set = set(2, json!({"minReadySeconds": 5}));
        let mut pods = pods("0");
        let revisions = Revisions::of_names("new", "new");
        let since = |second: i64| json!(Timestamp::from_second(second).unwrap().to_string());
        pods[0]["status"]["conditions"][0]["lastTransitionTime"] = since(-4);
        let plan = decide(&set, &pods, &revisions);
        assert_eq!(
            (plan.create.len(), plan.look_again),
            (0, Some(Duration::from_secs(1)))
        );
        assert_eq!(plan.status["readyReplicas"], 1);
        assert_eq!(plan.status["availableReplicas"], 0);
        pods[0]["status"]["conditions"][0]["lastTransitionTime"] = since(-5);
        let plan = decide(&set, &pods, &revisions);
        assert_eq!((plan.create.len(), plan.look_again), (1, None));
    }

    #[test]
    fn pods_go_one_after_the_other_the_last_first() {
        for (replicas, pods, expected) in [
            (1, "0 1 2", "-2"),
            (1, "0 1 2x", ""),
            (1, "0 1", "-1"),
            (0, "0", "-0"),
        ] {
            assert_eq!(decided(&set(replicas, json!({})), pods), expected, "{pods}");
        }
    }

    #[test]
    fn pods_that_may_be_managed_in_parallel_come_and_go_at_once() {
        let parallel = |replicas| set(replicas, json!({"podManagementPolicy": "Parallel"}));
        assert_eq!(decided(&parallel(3), ""), "+0 +1 +2");
        assert_eq!(decided(&parallel(1), "0 1 2"), "-2 -1");
    }

    #[test]
    fn a_new_template_replaces_the_last_pod_first_down_to_the_partition() {
        let rolling = |partition: u64| {
            let strategy =
                json!({"type": "RollingUpdate", "rollingUpdate": {"partition": partition}});
            set(3, json!({"updateStrategy": strategy}))
        };
        for (partition, pods, expected) in [
            (0, "0* 1* 2*", "-2"),
            (0, "0* 1* 2x", ""),
            (0, "0* 1* 2-", ""),
            (0, "0* 1* 2", "-1"),
            (1, "0* 1 2", ""),
            (3, "0* 1* 2*", ""),
        ] {
            assert_eq!(decided(&rolling(partition), pods), expected, "{pods}");
        }
        let on_delete = set(3, json!({"updateStrategy": {"type": "OnDelete"}}));
        assert_eq!(decided(&on_delete, "0* 1* 2*"), "");
    }

    #[test]
    fn numbers_may_start_elsewhere() {
        assert_eq!(
            decided(&set(2, json!({"ordinals": {"start": 5}})), "5"),
            "+6"
        );
    }

    #[test]
    fn the_newest_template_holds_once_all_pods_are_of_it() {
        let revisions = Revisions::of_names("old", "new");
        let current = |words: &str| {
            let status = decide(&set(2, json!({})), &pods(words), &revisions).status;
            status["currentRevision"].clone()
        };
        assert_eq!(current("0* 1"), "old");
        assert_eq!(current("0 1"), "new");
    }
}
