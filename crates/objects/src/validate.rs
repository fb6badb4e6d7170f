//! What is wrong with an object, as Kubernetes' own validators say it.
//!
//! Structure and types are the decoder's matter; these are the rules behind them, for the kinds whose
//! users meet them. An object comes here with its defaults filled in.

mod budget;
mod claim;
mod config;
mod container;
mod faults;
mod metadata;
mod pod;
mod probe;
mod rbac;
mod resources;
mod selector;
mod service;
mod update;
mod volume;
mod workload;

use crate::Object;
use crate::field_path::FieldPath;
use crate::status::FieldError;
use faults::{Faults, text};
use serde_json::Value;

const SPEC: FieldPath<'static> = FieldPath::root("spec");

/// What is wrong with a new object.
#[must_use]
pub fn validate_create(object: &Object) -> Vec<FieldError> {
    let mut faults = Faults::default();
    let value = Value::Object(object.as_map().clone());
    let (group, kind) = group_kind(&value);
    metadata::check(
        &value["metadata"],
        metadata::NameRule::of(group, kind),
        &mut faults,
    );
    check_kind(group, kind, &value, &mut faults);
    faults.into_list()
}

/// What is wrong with a new state of an object that was in the `old` one.
#[must_use]
pub fn validate_update(object: &Object, old: &Object) -> Vec<FieldError> {
    let mut faults = Faults::default();
    let value = Value::Object(object.as_map().clone());
    let old = Value::Object(old.as_map().clone());
    let (group, kind) = group_kind(&value);
    metadata::check(
        &value["metadata"],
        metadata::NameRule::of(group, kind),
        &mut faults,
    );
    metadata::check_update(&value["metadata"], &old["metadata"], &mut faults);
    check_kind(group, kind, &value, &mut faults);
    update::check(group, kind, &value, &old, &mut faults);
    faults.into_list()
}

fn group_kind(object: &Value) -> (&str, &str) {
    let group = text(&object["apiVersion"])
        .split_once('/')
        .map_or("", |(group, _)| group);
    (group, text(&object["kind"]))
}

fn check_kind(group: &str, kind: &str, object: &Value, faults: &mut Faults) {
    let spec = &object["spec"];
    match (group, kind) {
        ("", "Pod") => pod::check(spec, SPEC, faults),
        ("", "ConfigMap") => config::check_config_map(object, faults),
        ("", "Secret") => config::check_secret(object, faults),
        ("", "Service") => service::check(spec, faults),
        ("", "Event") => check_event(object, faults),
        ("apps", "Deployment") => workload::check_deployment(spec, faults),
        ("apps", "ReplicaSet") => workload::check_replica_set(spec, faults),
        ("apps", "StatefulSet" | "DaemonSet") => workload::check_set(kind, spec, faults),
        ("batch", "Job") => workload::check_job(spec, SPEC, faults),
        ("batch", "CronJob") => workload::check_cron_job(spec, faults),
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => {
            rbac::check_rules(&object["rules"], kind, faults);
        }
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
            rbac::check_binding(object, kind, faults);
        }
        ("authentication.k8s.io", "TokenRequest") => check_token_request(spec, faults),
        ("autoscaling", "Scale") => faults.not_negative(SPEC.child("replicas"), &spec["replicas"]),
        ("", "PersistentVolumeClaim") => claim::check(spec, faults),
        ("", "PersistentVolume") => claim::check_volume(spec, faults),
        ("policy", "PodDisruptionBudget") => budget::check(spec, faults),
        ("coordination.k8s.io", "Lease") => check_lease(spec, faults),
        _ => {}
    }
}

fn check_event(event: &Value, faults: &mut Faults) {
    let (involved, namespace) = (
        &event["involvedObject"]["namespace"],
        &event["metadata"]["namespace"],
    );
    let is_cluster_wide = text(involved).is_empty() && text(namespace) == "default";
    if text(involved) != text(namespace) && !is_cluster_wide {
        let place = FieldPath::root("involvedObject");
        faults.invalid(
            place.child("namespace"),
            involved,
            "does not match event.namespace",
        );
    }
}

fn check_lease(spec: &Value, faults: &mut Faults) {
    let (field, duration) = (
        SPEC.child("leaseDurationSeconds"),
        &spec["leaseDurationSeconds"],
    );
    if duration.as_i64().is_some_and(|seconds| seconds <= 0) {
        faults.invalid(field, duration, "must be greater than 0");
    }
    faults.not_negative(SPEC.child("leaseTransitions"), &spec["leaseTransitions"]);
}

fn check_token_request(spec: &Value, faults: &mut Faults) {
    token_lifetime(
        SPEC.child("expirationSeconds"),
        &spec["expirationSeconds"],
        faults,
    );
}

/// The lifetimes that a service-account token may have.
fn token_lifetime(path: FieldPath<'_>, seconds: &Value, faults: &mut Faults) {
    match seconds.as_i64() {
        Some(few) if few < 600 => {
            faults.invalid(
                path,
                seconds,
                "may not specify a duration less than 10 minutes",
            );
        }
        Some(many) if many > 1 << 32 => {
            faults.invalid(
                path,
                seconds,
                "may not specify a duration larger than 2^32 seconds",
            );
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
