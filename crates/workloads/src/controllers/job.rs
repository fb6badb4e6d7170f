//! Jobs: Pods that run until enough of them have succeeded.

use super::desk::Telling;
use super::queue::{Queue, controller_of, feed, itself};
use super::replica_set::is_active;
use super::{Desk, Severity, pod_of};
use crate::api::{Deletion, Refused, resources};
use crate::cache::Key;
use crate::object;
use crate::runner::seconds;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

/// Who tells of it, as Kubernetes calls it.
const COMPONENT: &str = "job-controller";

const TELLING: Telling = Telling::of(COMPONENT);

/// What is to be done about a Job.
#[derive(Debug, Default, PartialEq)]
struct Plan {
    create: usize,
    delete: Vec<String>,
    status: Value,
    /// Reason and message of the end that is new.
    ended: Option<(&'static str, &'static str)>,
    look_again: Option<Duration>,
}

/// Compares what a Job wants with the Pods that it manages.
fn decide(job: &Value, pods: &[Value], now: Timestamp) -> Plan {
    let is_in = |pod: &Value, phase| object::text(pod, "/status/phase") == phase;
    let active: Vec<_> = pods.iter().filter(|pod| is_active(pod)).collect();
    let succeeded = pods.iter().filter(|pod| is_in(pod, "Succeeded")).count();
    // A Pod that was deleted, as of a Job that was suspended, has not failed of itself.
    let failed = pods
        .iter()
        .filter(|pod| is_in(pod, "Failed") && !object::is_being_deleted(pod))
        .count();
    let size = |pointer: &str, otherwise: usize| {
        let found = job.pointer(pointer).and_then(Value::as_u64);
        found.map_or(otherwise, |found| {
            usize::try_from(found).unwrap_or(usize::MAX)
        })
    };
    let parallelism = size("/spec/parallelism", 1);
    let has_completions = job["spec"]["completions"].is_u64();
    let completions = size("/spec/completions", 1);
    let started = object::text(job, "/status/startTime")
        .parse()
        .unwrap_or(now);
    let ran = now.duration_since(started).as_secs();
    let deadline = job["spec"]["activeDeadlineSeconds"].as_i64();
    let mut plan = Plan::default();
    let mut status = job["status"].clone();
    if status["startTime"].is_null() {
        status["startTime"] = json!(seconds(now));
    }
    let known_end = ["Complete", "Failed"]
        .iter()
        .any(|kind| object::condition(job, kind) == "True");
    let has_finished = if has_completions {
        succeeded >= completions
    } else {
        succeeded > 0 && active.is_empty()
    };
    let end = if known_end {
        None
    } else if failed > size("/spec/backoffLimit", 6) {
        Some((
            "Failed",
            "BackoffLimitExceeded",
            "Job has reached the specified backoff limit",
        ))
    } else if deadline.is_some_and(|deadline| ran >= deadline) {
        Some((
            "Failed",
            "DeadlineExceeded",
            "Job was active longer than specified deadline",
        ))
    } else if has_finished {
        Some((
            "Complete",
            "CompletionsReached",
            "Reached expected number of succeeded pods",
        ))
    } else {
        None
    };
    let is_over = known_end || end.is_some() || object::is_being_deleted(job);
    let is_suspended = job["spec"]["suspend"] == true;
    let wanted = if is_over || is_suspended {
        0
    } else if has_completions {
        parallelism.min(completions - succeeded)
    } else if succeeded > 0 {
        active.len()
    } else {
        parallelism
    };
    plan.create = wanted.saturating_sub(active.len());
    let surplus = active.iter().skip(wanted);
    plan.delete = surplus.map(|pod| object::name(pod).to_owned()).collect();
    let ready = active
        .iter()
        .filter(|pod| object::condition(pod, "Ready") == "True")
        .count();
    let counts = [
        ("active", active.len() - plan.delete.len()),
        ("ready", ready),
        ("succeeded", succeeded.max(size("/status/succeeded", 0))),
        ("failed", failed.max(size("/status/failed", 0))),
    ];
    for (field, count) in counts {
        status[field] = json!(count);
    }
    if let Some((kind, reason, message)) = end {
        if kind == "Complete" {
            status["completionTime"] = json!(seconds(now));
        }
        status["conditions"] = conditions(job, kind, (reason, message), now);
        plan.ended = Some((reason, message));
    }
    plan.status = status;
    plan.look_again = deadline
        .filter(|_| !is_over)
        .map(|deadline| Duration::from_secs(u64::try_from(deadline - ran).unwrap_or_default() + 1));
    plan
}

fn conditions(job: &Value, kind: &str, (reason, message): (&str, &str), now: Timestamp) -> Value {
    let now = seconds(now);
    let of = |kind: &str| {
        json!({
            "type": kind, "status": "True", "reason": reason, "message": message,
            "lastProbeTime": now, "lastTransitionTime": now,
        })
    };
    let criterion = if kind == "Complete" {
        "SuccessCriteriaMet"
    } else {
        "FailureTarget"
    };
    let known = object::items(job, "/status/conditions").iter().cloned();
    known.chain([of(criterion), of(kind)]).collect()
}

/// Keeps every Job's Pods.
pub(super) async fn control(desk: Desk) {
    let queue = Queue::default();
    feed(&*desk.api, resources::JOBS, &queue, itself);
    let owner = controller_of("Job");
    feed(&*desk.api, resources::PODS, &queue, owner);
    desk.keep(resources::JOBS, queue, reconcile).await;
}

async fn reconcile(desk: &Desk, (namespace, name): &Key) -> Result<Option<Duration>, Refused> {
    let job = desk.api.get(resources::JOBS, namespace, name).await?;
    let pods = desk.managed_by(&job, resources::PODS).await?;
    let plan = decide(&job, &pods, desk.now());
    let about = (&resources::JOBS, &job);
    desk.write_status(about, &plan.status).await?;
    if let Some((reason, message)) = plan.ended {
        let (severity, reason, message) = match reason {
            "CompletionsReached" => (Severity::Normal, "Completed", "Job completed"),
            _ => (Severity::Warning, reason, message),
        };
        desk.tell(COMPONENT, about, (severity, reason), message.to_owned());
    }
    for pod in plan.delete {
        desk.end_pod(&TELLING, about, &pod).await?;
    }
    for _ in 0..plan.create {
        let mut pod = pod_of(&resources::JOBS, &job, &job["spec"]["template"]);
        pod["metadata"]["labels"]["batch.kubernetes.io/job-name"] = json!(name);
        pod["metadata"]["labels"]["job-name"] = json!(name);
        desk.make_pod(&TELLING, about, pod).await?;
    }
    forget(desk, &job, plan.look_again).await
}

/// Deletes a Job that has ended, once its time to be seen is over.
async fn forget(
    desk: &Desk,
    job: &Value,
    look_again: Option<Duration>,
) -> Result<Option<Duration>, Refused> {
    let Some(kept) = job["spec"]["ttlSecondsAfterFinished"].as_i64() else {
        return Ok(look_again);
    };
    let ends = ["Complete", "Failed"];
    let ended = object::items(job, "/status/conditions")
        .iter()
        .find_map(|condition| {
            let is_end = ends.iter().any(|kind| condition["type"] == *kind);
            is_end.then(|| {
                object::text(condition, "/lastTransitionTime")
                    .parse::<Timestamp>()
                    .ok()
            })?
        });
    let Some(ended) = ended else {
        return Ok(look_again);
    };
    let left = kept - desk.now().duration_since(ended).as_secs();
    if left > 0 {
        return Ok(Some(Duration::from_secs(
            u64::try_from(left).unwrap_or_default(),
        )));
    }
    let deletion = Deletion {
        uid: Some(object::uid(job).to_owned()),
        propagation: Some("Background"),
        ..Deletion::default()
    };
    let (namespace, name) = (object::namespace(job), object::name(job));
    desk.api
        .delete(resources::JOBS, namespace, name, deletion)
        .await?;
    Ok(None)
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "rows of data read better without a borrow in each"
)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn pods(phases: &[&str]) -> Vec<Value> {
        let pod = |(number, phase): (usize, &&str)| json!({"metadata": {"name": format!("p{number}")}, "status": {"phase": phase}});
        phases.iter().enumerate().map(pod).collect()
    }

    #[track_caller]
    fn check(spec: Value, phases: &[&str], create: usize, end: Option<&str>) {
        let plan = decide(&json!({"spec": spec}), &pods(phases), at(0));
        assert_eq!(plan.create, create);
        assert_eq!(plan.ended.map(|(reason, _)| reason), end);
    }

    #[test]
    fn as_many_pods_run_at_once_as_are_allowed_and_still_needed() {
        let spec = json!({"completions": 3, "parallelism": 2});
        check(spec.clone(), &[], 2, None);
        check(spec.clone(), &["Running", "Running"], 0, None);
        check(spec.clone(), &["Succeeded", "Succeeded"], 1, None);
        check(
            spec,
            &["Succeeded", "Succeeded", "Succeeded"],
            0,
            Some("CompletionsReached"),
        );
    }

    #[test]
    fn a_job_whose_pods_fail_too_often_fails() {
        let spec = json!({"completions": 1, "parallelism": 1, "backoffLimit": 1});
        check(spec.clone(), &["Failed"], 1, None);
        check(spec, &["Failed", "Failed"], 0, Some("BackoffLimitExceeded"));
    }

    #[test]
    fn pods_that_were_deleted_have_not_failed() {
        let mut gone = pods(&["Failed", "Failed"]);
        for pod in &mut gone {
            pod["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        }
        let job = json!({"spec": {"completions": 1, "backoffLimit": 0}});
        let plan = decide(&job, &gone, at(0));
        assert_eq!(plan.status["failed"], 0);
        assert!(plan.ended.is_none());
    }

    #[test]
    fn a_suspended_job_runs_nothing() {
        check(json!({"completions": 1, "suspend": true}), &[], 0, None);
        let plan = decide(
            &json!({"spec": {"suspend": true}}),
            &pods(&["Running"]),
            at(0),
        );
        assert_eq!(plan.delete, ["p0"]);
    }

    #[test]
    fn a_job_ends_with_its_deadline() {
        let job = json!({
            "spec": {"completions": 1, "activeDeadlineSeconds": 10},
            "status": {"startTime": "1970-01-01T00:00:00Z"},
        });
        assert_eq!(decide(&job, &pods(&["Running"]), at(9)).delete.len(), 0);
        let plan = decide(&job, &pods(&["Running"]), at(10));
        assert_eq!(plan.delete, ["p0"]);
        assert_eq!(plan.ended.unwrap().0, "DeadlineExceeded");
    }
}
