//! Defaults of what makes Pods.

use super::parts::{Part, absent, blank, part, present};
use super::pod;
use serde_json::{Value, json};

pub(super) fn deployment(spec: &mut Part) {
    absent(spec, "replicas", 1);
    absent(spec, "revisionHistoryLimit", 10);
    absent(spec, "progressDeadlineSeconds", 600);
    let strategy = part(spec, "strategy");
    blank(strategy, "type", "RollingUpdate");
    if strategy.get("type") == Some(&json!("RollingUpdate")) {
        let rolling = part(strategy, "rollingUpdate");
        absent(rolling, "maxUnavailable", "25%");
        absent(rolling, "maxSurge", "25%");
    }
    template(spec);
}

pub(super) fn replica_set(spec: &mut Part) {
    absent(spec, "replicas", 1);
    template(spec);
}

pub(super) fn stateful_set(spec: &mut Part) {
    absent(spec, "replicas", 1);
    absent(spec, "revisionHistoryLimit", 10);
    blank(spec, "podManagementPolicy", "OrderedReady");
    let retention = part(spec, "persistentVolumeClaimRetentionPolicy");
    blank(retention, "whenDeleted", "Retain");
    blank(retention, "whenScaled", "Retain");
    let strategy = part(spec, "updateStrategy");
    blank(strategy, "type", "RollingUpdate");
    if strategy.get("type") == Some(&json!("RollingUpdate")) {
        absent(part(strategy, "rollingUpdate"), "partition", 0);
    }
    for claim in super::parts::items(spec, "volumeClaimTemplates") {
        absent(claim, "apiVersion", "v1");
        absent(claim, "kind", "PersistentVolumeClaim");
        absent(part(claim, "spec"), "volumeMode", "Filesystem");
        absent(part(claim, "status"), "phase", "Pending");
    }
    template(spec);
}

pub(super) fn daemon_set(spec: &mut Part) {
    absent(spec, "revisionHistoryLimit", 10);
    let strategy = part(spec, "updateStrategy");
    blank(strategy, "type", "RollingUpdate");
    if strategy.get("type") == Some(&json!("RollingUpdate")) {
        let rolling = part(strategy, "rollingUpdate");
        absent(rolling, "maxUnavailable", 1);
        absent(rolling, "maxSurge", 0);
    }
    template(spec);
}

pub(super) fn job(spec: &mut Part) {
    // Neither said: one Pod, once. Completions alone: one at a time.
    match (is_set(spec, "completions"), is_set(spec, "parallelism")) {
        (false, false) => {
            spec.insert("completions".to_owned(), json!(1));
            spec.insert("parallelism".to_owned(), json!(1));
        }
        (true, false) => absent(spec, "parallelism", 1),
        (_, true) => {}
    }
    let is_indexed = spec.get("completionMode") == Some(&json!("Indexed"));
    let limit = if is_indexed && is_set(spec, "backoffLimitPerIndex") {
        i32::MAX
    } else {
        6
    };
    absent(spec, "backoffLimit", limit);
    blank(spec, "completionMode", "NonIndexed");
    absent(spec, "suspend", false);
    let by_policy = is_set(spec, "podFailurePolicy");
    let replacement = if by_policy {
        "Failed"
    } else {
        "TerminatingOrFailed"
    };
    blank(spec, "podReplacementPolicy", replacement);
    template(spec);
}

/// A Job that has its uid selects by it, and gives it to its Pods, unless it says that it selects otherwise.
pub(super) fn own_pods(job: &mut Part) {
    let metadata = part(job, "metadata");
    let text = |field: &str| {
        metadata
            .get(field)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let (Some(name), Some(uid)) = (text("name"), text("uid")) else {
        return;
    };
    let spec = part(job, "spec");
    if is_set(spec, "selector") || spec.get("manualSelector") == Some(&json!(true)) {
        return;
    }
    let labels = part(part(part(spec, "template"), "metadata"), "labels");
    for (label, value) in [("job-name", &name), ("controller-uid", &uid)] {
        labels.insert(label.to_owned(), json!(value));
        labels.insert(format!("batch.kubernetes.io/{label}"), json!(value));
    }
    let selector = json!({ "matchLabels": { "batch.kubernetes.io/controller-uid": uid } });
    spec.insert("selector".to_owned(), selector);
}

pub(super) fn cron_job(spec: &mut Part) {
    blank(spec, "concurrencyPolicy", "Allow");
    absent(spec, "suspend", false);
    absent(spec, "successfulJobsHistoryLimit", 3);
    absent(spec, "failedJobsHistoryLimit", 1);
    if let Some(job) = present(spec, "jobTemplate").and_then(|job| present(job, "spec")) {
        template(job);
    }
}

fn template(spec: &mut Part) {
    if let Some(pod) = present(spec, "template").and_then(|template| present(template, "spec")) {
        pod::spec(pod);
    }
}

fn is_set(spec: &Part, field: &str) -> bool {
    spec.get(field).is_some_and(|value| *value != Value::Null)
}
