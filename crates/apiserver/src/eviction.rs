//! Evicting a pod: a deletion that its disruption budget must allow.
//!
//! The budget's controller says how many pods may go; each eviction takes one of them before it
//! deletes, so that two evictions at once do not take the same one.

use crate::client::{Client, Place};
use crate::delete::{DeleteOptions, refuse_other};
use crate::metadata::{is_deleting, time_text};
use crate::pod::{answered, set_condition};
use crate::query::Query;
use crate::server::{ApiServer, Target};
use crate::user::{MASTERS, user};
use crate::write::Writer;
use jiff::Timestamp;
use objects::selector::LabelSelector;
use objects::status::{Cause, Reason};
use objects::{Object, Status};
use serde_json::{Value, json};
use std::sync::Arc;

/// How often the budget is read anew when others are faster.
const ATTEMPTS_MAX: u32 = 20;
/// Pods at most that a budget let go and its controller has not seen going.
const DISRUPTED_MAX: usize = 2_000;
/// When one whose budget is not counted yet may ask again.
const RETRY_SECONDS: u32 = 10;
const SEVERAL: &str = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
const REFUSED: &str = "Cannot evict pod as it would violate the pod's disruption budget.";

/// Evicts a pod.
pub(crate) async fn evict(
    server: &Arc<ApiServer>,
    target: &Target<'_>,
    eviction: &Object,
    writer: &Writer,
) -> Result<Object, Status> {
    if eviction.name() != Some(target.name()) {
        let why = "name in URL does not match name in Eviction object";
        return Err(Status::bad_request(why));
    }
    let asked = eviction.get(&["deleteOptions"]).cloned();
    let asked = Object::from_value(asked.unwrap_or_else(|| json!({}))).unwrap_or_default();
    let mut options = DeleteOptions::of(Some(&asked), &Query::default())?;
    options.dry_run |= writer.options.dry_run;
    let pod = server.present(target).await?;
    let names_version = options.resource_version.is_some();
    let freed = free(server, &pod, options.dry_run).await?;
    if freed.while_as_it_is && !names_version {
        options.resource_version = pod.resource_version().map(str::to_owned);
    }
    match end(server, target, options, writer).await {
        Err(status)
            if status.reason == Reason::Conflict && freed.while_as_it_is && !names_version =>
        {
            Err(not_counted(&freed.budget))
        }
        Err(status) => Err(status),
        Ok(()) => Ok(answered(Status::success())),
    }
}

/// Says of a pod why it ends, and ends it.
async fn end(
    server: &ApiServer,
    target: &Target<'_>,
    mut options: DeleteOptions,
    writer: &Writer,
) -> Result<(), Status> {
    let mut writer = writer.clone();
    writer.options.dry_run = options.dry_run;
    let now = time_text(server.parts.surroundings.now());
    let told = server
        .change(target, &writer, &|pod| {
            refuse_other(pod, &options, target)?;
            let mut pod = pod.clone();
            set_condition(&mut pod, disruption(), &now);
            Ok(pod.into())
        })
        .await?;
    if options.resource_version.is_some() {
        // The version that was asked for is the one before.
        options.resource_version = told.object.resource_version().map(str::to_owned);
    }
    server.delete(target, &options).await.map(drop)
}

fn disruption() -> Value {
    json!({
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
    })
}

/// A pod that may go.
#[derive(Debug, Default, PartialEq)]
struct Freed {
    /// Whether it may only as it is: once it is ready, it counts.
    while_as_it_is: bool,
    /// Which budget was asked.
    budget: String,
}

/// Asks the pod's budget, and takes one of the disruptions that it allows.
async fn free(server: &Arc<ApiServer>, pod: &Object, is_dry: bool) -> Result<Freed, Status> {
    if is_free(pod) {
        return Ok(Freed::default());
    }
    let client = server.client(user("system:apiserver", &[MASTERS]));
    let place = Place::new(
        "policy",
        "v1",
        "poddisruptionbudgets",
        pod.namespace().unwrap_or_default(),
    );
    for _ in 0..ATTEMPTS_MAX {
        let (budgets, _) = client.list(&place, "", "").await?;
        let Some(budget) = budget_of(pod, &budgets)? else {
            return Ok(Freed::default());
        };
        let freed = Freed {
            while_as_it_is: goes_unready(pod, budget),
            budget: budget.name().unwrap_or_default().to_owned(),
        };
        if freed.while_as_it_is {
            return Ok(freed);
        }
        let taken = taken(budget, pod, server.parts.surroundings.now())?;
        if is_dry || take(&client, &place, taken).await? {
            return Ok(freed);
        }
    }
    Err(not_counted(pod.name().unwrap_or_default()))
}

/// Writes what is left of a budget; false: somebody else wrote it in between.
async fn take(client: &Client, place: &Place, budget: Object) -> Result<bool, Status> {
    match client.update(place, "status", budget).await {
        Ok(_) => Ok(true),
        Err(status) if status.reason == Reason::Conflict => Ok(false),
        Err(status) => Err(status),
    }
}

/// A pod that does not run, or goes anyway, disrupts nothing.
fn is_free(pod: &Object) -> bool {
    let phase = pod.text(&["status", "phase"]);
    matches!(phase, Some("Succeeded" | "Failed" | "Pending")) || is_deleting(pod)
}

/// The one budget that selects a pod.
fn budget_of<'b>(pod: &Object, budgets: &'b [Object]) -> Result<Option<&'b Object>, Status> {
    let labels = pod.get(&["metadata", "labels"]).and_then(Value::as_object);
    let selects = |budget: &&Object| {
        let selector = budget.get(&["spec", "selector"]);
        let selector = selector.and_then(|selector| LabelSelector::from_object(selector).ok());
        selector.is_some_and(|selector| selector.matches(labels))
    };
    let mut all = budgets.iter().filter(selects);
    match (all.next(), all.next()) {
        (_, Some(_)) => Err(Status::unknown_error(SEVERAL)),
        (budget, None) => Ok(budget),
    }
}

/// Whether a pod that is not ready may go without being counted.
fn goes_unready(pod: &Object, budget: &Object) -> bool {
    let mut conditions = pod.items(&["status", "conditions"]).iter();
    let is_ready =
        conditions.any(|condition| condition["type"] == "Ready" && condition["status"] == "True");
    let (healthy, desired) = (
        count(budget, "currentHealthy"),
        count(budget, "desiredHealthy"),
    );
    let always = budget.text(&["spec", "unhealthyPodEvictionPolicy"]) == Some("AlwaysAllow");
    !is_ready && (always || (healthy >= desired && desired > 0))
}

/// The budget after one more pod went.
fn taken(budget: &Object, pod: &Object, now: Timestamp) -> Result<Object, Status> {
    let name = budget.name().unwrap_or_default();
    let generation = budget
        .get(&["metadata", "generation"])
        .and_then(Value::as_i64);
    if count(budget, "observedGeneration") < generation.unwrap_or_default() {
        return Err(not_counted(name));
    }
    let disrupted = budget
        .get(&["status", "disruptedPods"])
        .and_then(Value::as_object);
    if disrupted.is_some_and(|pods| pods.len() > DISRUPTED_MAX) {
        return Err(not_counted(name));
    }
    let allowed = count(budget, "disruptionsAllowed");
    if allowed <= 0 {
        return Err(exhausted(budget, name));
    }
    let mut taken = budget.clone();
    let status = taken
        .as_map_mut()
        .entry("status")
        .or_insert_with(|| json!({}));
    status["disruptionsAllowed"] = json!(allowed - 1);
    status["disruptedPods"][pod.name().unwrap_or_default()] = json!(time_text(now));
    Ok(taken)
}

fn count(budget: &Object, field: &str) -> i64 {
    let found = budget.get(&["status", field]).and_then(Value::as_i64);
    found.unwrap_or_default()
}

fn exhausted(budget: &Object, name: &str) -> Status {
    let (desired, healthy) = (
        count(budget, "desiredHealthy"),
        count(budget, "currentHealthy"),
    );
    let why = format!(
        "The disruption budget {name} needs {desired} healthy pods and has {healthy} currently"
    );
    Status::too_many_requests(REFUSED, 0).with_cause(cause(why))
}

fn not_counted(name: &str) -> Status {
    let why = format!("The disruption budget {name} is still being processed by the server.");
    Status::too_many_requests(REFUSED, RETRY_SECONDS).with_cause(cause(why))
}

fn cause(message: String) -> Cause {
    Cause {
        reason: "DisruptionBudget".to_owned(),
        message,
        field: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Object {
        Object::from_value(value).unwrap()
    }

    fn pod(ready: &str) -> Object {
        object(json!({
            "metadata": {"name": "p", "labels": {"app": "web"}},
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": ready}]},
        }))
    }

    fn budget(healthy: i64, desired: i64, allowed: i64) -> Object {
        object(json!({
            "metadata": {"name": "b", "generation": 1},
            "spec": {"selector": {"matchLabels": {"app": "web"}}},
            "status": {"observedGeneration": 1, "currentHealthy": healthy,
                "desiredHealthy": desired, "disruptionsAllowed": allowed},
        }))
    }

    fn now() -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    #[test]
    fn a_pod_that_does_not_run_or_goes_disrupts_nothing() {
        for (phase, goes, free) in [
            ("Running", false, false),
            ("Running", true, true),
            ("Pending", false, true),
            ("Failed", false, true),
        ] {
            let mut pod = json!({"metadata": {"name": "p"}, "status": {"phase": phase}});
            if goes {
                pod["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
            }
            assert_eq!(is_free(&object(pod)), free, "{phase} {goes}");
        }
    }

    #[test]
    fn a_budget_that_allows_a_disruption_loses_it_and_remembers_the_pod() {
        let taken = taken(&budget(3, 2, 1), &pod("True"), now()).unwrap();
        assert_eq!(count(&taken, "disruptionsAllowed"), 0);
        let disrupted = json!({"p": "1970-01-01T00:00:00Z"});
        assert_eq!(taken.get(&["status", "disruptedPods"]), Some(&disrupted));
    }

    #[test]
    fn a_budget_that_allows_none_or_is_not_counted_yet_refuses() {
        let mut stale = budget(3, 2, 1);
        stale
            .metadata_mut()
            .insert("generation".to_owned(), json!(2));
        for (budget, seconds, why) in [
            (
                budget(2, 2, 0),
                0,
                "The disruption budget b needs 2 healthy pods and has 2 currently",
            ),
            (
                stale,
                10,
                "The disruption budget b is still being processed by the server.",
            ),
        ] {
            let refused = taken(&budget, &pod("True"), now()).unwrap_err();
            assert_eq!(
                (refused.code, refused.reason),
                (429, Reason::TooManyRequests)
            );
            assert_eq!(refused.message, REFUSED);
            let details = refused.details.clone().unwrap();
            assert_eq!(details.retry_after_seconds, seconds);
            let cause = refused.causes().next().unwrap();
            assert_eq!((&*cause.reason, &*cause.message), ("DisruptionBudget", why));
        }
    }

    #[test]
    fn a_pod_that_is_not_ready_goes_when_enough_others_are_or_its_budget_always_lets_it() {
        assert!(goes_unready(&pod("False"), &budget(2, 2, 0)));
        assert!(!goes_unready(&pod("False"), &budget(1, 2, 0)));
        assert!(!goes_unready(&pod("True"), &budget(2, 2, 0)));
        let mut always = budget(0, 2, 0);
        always.as_map_mut()["spec"]["unhealthyPodEvictionPolicy"] = json!("AlwaysAllow");
        assert!(goes_unready(&pod("False"), &always));
    }

    #[test]
    fn a_pod_has_one_budget_or_none() {
        let mut other = budget(1, 1, 1);
        other.as_map_mut()["spec"]["selector"] = json!({"matchLabels": {"app": "db"}});
        let mut none = budget(1, 1, 1);
        none.as_map_mut()["spec"] = json!({});
        let budgets = [other, none, budget(1, 1, 1)];
        let found = budget_of(&pod("True"), &budgets).unwrap();
        assert_eq!(found, Some(&budgets[2]));
        assert_eq!(budget_of(&pod("True"), &budgets[..2]), Ok(None));
        let twice = [budget(1, 1, 1), budget(1, 1, 1)];
        assert_eq!(
            budget_of(&pod("True"), &twice).unwrap_err().message,
            SEVERAL
        );
    }
}
