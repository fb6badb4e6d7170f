//! How a Deployment stands: its status, as `rollout status` and `wait` read it. Pure.

use super::decision::versions;
use crate::object;
use crate::runner::seconds;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

/// The status, and when it changes by time alone.
pub(super) fn status(
    deployment: &Value,
    sets: &[Value],
    now: Timestamp,
) -> (Value, Option<Duration>) {
    let (new, _) = versions(deployment, sets);
    let sum = |field: &str| -> i64 { sets.iter().map(|set| object::number(set, field)).sum() };
    let replicas = sum("/status/replicas");
    let available = sum("/status/availableReplicas");
    let wanted = deployment["spec"]["replicas"].as_i64().unwrap_or(1);
    let updated = new.map_or(0, |set| object::number(set, "/status/replicas"));
    let counts = Counts {
        wanted,
        replicas,
        updated,
        available,
    };
    let (progressing, again) = progressing(deployment, new, &counts, now);
    let mut status = json!({
        "observedGeneration": object::number(deployment, "/metadata/generation"),
        "replicas": replicas,
        "updatedReplicas": updated,
        "readyReplicas": sum("/status/readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": (wanted - available).max(0),
        "conditions": [available_condition(deployment, &counts, now), progressing],
    });
    if let Some(collisions) = deployment["status"].get("collisionCount") {
        status["collisionCount"] = collisions.clone();
    }
    (status, again)
}

struct Counts {
    wanted: i64,
    replicas: i64,
    updated: i64,
    available: i64,
}

impl Counts {
    fn is_complete(&self) -> bool {
        self.updated == self.wanted && self.replicas == self.wanted && self.available == self.wanted
    }
}

fn available_condition(deployment: &Value, counts: &Counts, now: Timestamp) -> Value {
    let update = &deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"];
    let percent = update
        .as_str()
        .and_then(|text| text.strip_suffix('%')?.parse::<i64>().ok());
    let missing = update
        .as_i64()
        .unwrap_or(counts.wanted * percent.unwrap_or(25) / 100);
    let is_available = counts.available >= counts.wanted - missing;
    let (status, reason, message) = if is_available {
        (
            "True",
            "MinimumReplicasAvailable",
            "Deployment has minimum availability.",
        )
    } else {
        (
            "False",
            "MinimumReplicasUnavailable",
            "Deployment does not have minimum availability.",
        )
    };
    condition(
        deployment,
        "Available",
        (status, reason, message.to_owned()),
        now,
    )
}

fn progressing(
    deployment: &Value,
    new: Option<&Value>,
    counts: &Counts,
    now: Timestamp,
) -> (Value, Option<Duration>) {
    let kind = "Progressing";
    if deployment["spec"]["paused"] == true {
        let told = (
            "Unknown",
            "DeploymentPaused",
            "Deployment is paused".to_owned(),
        );
        return (condition(deployment, kind, told, now), None);
    }
    let name = new.map_or("", object::name);
    if counts.is_complete() {
        let text = format!("ReplicaSet \"{name}\" has successfully progressed.");
        let told = ("True", "NewReplicaSetAvailable", text);
        return (condition(deployment, kind, told, now), None);
    }
    let before = known(deployment, kind);
    let moved = before.is_none()
        || object::text(before.unwrap_or(&Value::Null), "/reason") == "NewReplicaSetAvailable"
        || counts.updated != object::number(deployment, "/status/updatedReplicas")
        || counts.replicas != object::number(deployment, "/status/replicas")
        || counts.available > object::number(deployment, "/status/availableReplicas")
        || object::number(deployment, "/status/observedGeneration")
            != object::number(deployment, "/metadata/generation");
    let deadline = deployment["spec"]["progressDeadlineSeconds"]
        .as_i64()
        .unwrap_or(600);
    let since = match before {
        Some(before) if !moved => object::text(before, "/lastUpdateTime")
            .parse()
            .unwrap_or(now),
        Some(_) | None => now,
    };
    let waited = now.duration_since(since).as_secs();
    if waited >= deadline {
        let text = format!("ReplicaSet \"{name}\" has timed out progressing.");
        let told = ("False", "ProgressDeadlineExceeded", text);
        return (condition(deployment, kind, told, now), None);
    }
    let text = format!("ReplicaSet \"{name}\" is progressing.");
    let told = ("True", "ReplicaSetUpdated", text);
    let mut progressing = condition(deployment, kind, told, now);
    progressing["lastUpdateTime"] = json!(seconds(since));
    let again = u64::try_from(deadline - waited).unwrap_or_default() + 1;
    (progressing, Some(Duration::from_secs(again)))
}

fn known<'a>(deployment: &'a Value, kind: &str) -> Option<&'a Value> {
    let mut conditions = object::items(deployment, "/status/conditions").iter();
    conditions.find(|condition| condition["type"] == kind)
}

/// A condition; one that says the same as before stays as it was.
fn condition(
    deployment: &Value,
    kind: &str,
    (status, reason, message): (&str, &str, String),
    now: Timestamp,
) -> Value {
    let before = known(deployment, kind);
    let same = |field: &str, value: &str| before.is_some_and(|before| before[field] == value);
    let now = json!(seconds(now));
    let kept = |field: &str, is_same: bool| match before {
        Some(before) if is_same => before[field].clone(),
        Some(_) | None => now.clone(),
    };
    let is_same = same("status", status) && same("reason", reason) && same("message", &message);
    json!({
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastUpdateTime": kept("lastUpdateTime", is_same),
        "lastTransitionTime": kept("lastTransitionTime", same("status", status)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn deployment() -> Value {
        json!({
            "metadata": {"name": "web", "generation": 1},
            "spec": {"replicas": 2, "progressDeadlineSeconds": 60, "template": {"a": 1}},
        })
    }

    fn set(replicas: i64, available: i64) -> Value {
        json!({
            "metadata": {"name": "web-x", "uid": "x"},
            "spec": {"template": {"a": 1}},
            "status": {"replicas": replicas, "readyReplicas": available, "availableReplicas": available},
        })
    }

    fn reasons(status: &Value) -> Vec<&str> {
        let conditions = status["conditions"].as_array().unwrap();
        conditions
            .iter()
            .map(|condition| condition["reason"].as_str().unwrap())
            .collect()
    }

    #[test]
    fn a_rollout_is_done_when_all_new_pods_are_available() {
        let (status, again) = status(&deployment(), &[set(2, 2)], at(0));
        assert_eq!(
            reasons(&status),
            ["MinimumReplicasAvailable", "NewReplicaSetAvailable"]
        );
        assert_eq!(status["unavailableReplicas"], 0);
        assert_eq!(again, None);
    }

    #[test]
    fn a_rollout_that_stands_still_for_too_long_has_failed() {
        let mut deployment = deployment();
        let (first, again) = status(&deployment, &[set(2, 0)], at(0));
        assert_eq!(
            reasons(&first),
            ["MinimumReplicasUnavailable", "ReplicaSetUpdated"]
        );
        assert_eq!(again, Some(Duration::from_secs(61)));
        deployment["status"] = first;
        let (still, _) = status(&deployment, &[set(2, 0)], at(59));
        assert_eq!(still, deployment["status"], "nothing changes but the time");
        let (late, _) = status(&deployment, &[set(2, 0)], at(61));
        assert_eq!(reasons(&late)[1], "ProgressDeadlineExceeded");
        let (moved, _) = status(&deployment, &[set(2, 1)], at(61));
        assert_eq!(reasons(&moved)[1], "ReplicaSetUpdated");
    }

    #[test]
    fn a_paused_deployment_says_so() {
        let mut deployment = deployment();
        deployment["spec"]["paused"] = json!(true);
        let (status, _) = status(&deployment, &[set(2, 2)], at(0));
        assert_eq!(reasons(&status)[1], "DeploymentPaused");
    }
}
