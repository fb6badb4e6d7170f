//! What an update may not change, kind by kind.

use super::SPEC;
use super::claim;
use super::faults::{Faults, items, text};
use crate::field_path::FieldPath;
use serde_json::Value;

pub(super) fn check(group: &str, kind: &str, object: &Value, old: &Value, faults: &mut Faults) {
    let (spec, old_spec) = (&object["spec"], &old["spec"]);
    match (group, kind) {
        ("", "Pod") => pod(spec, old_spec, faults),
        ("", "ConfigMap") => sealed(object, old, &["data", "binaryData"], faults),
        ("", "Secret") => {
            faults.unchanged(FieldPath::root("type"), &object["type"], &old["type"]);
            sealed(object, old, &["data"], faults);
        }
        ("", "Service") => cluster_address(spec, old_spec, faults),
        ("", "PersistentVolumeClaim") => {
            let is_bound = text(&old["status"]["phase"]) == "Bound";
            claim::check_update(spec, old_spec, is_bound, faults);
        }
        ("", "PersistentVolume") => {
            let source = |spec: &'_ Value| (spec["hostPath"].clone(), spec["local"].clone());
            if source(spec) != source(old_spec) {
                let complaint = "spec.persistentvolumesource is immutable after creation";
                faults.forbidden(SPEC.child("persistentvolumesource"), complaint);
            }
        }
        ("apps", "Deployment" | "ReplicaSet" | "DaemonSet") => {
            faults.unchanged(
                SPEC.child("selector"),
                &spec["selector"],
                &old_spec["selector"],
            );
        }
        ("apps", "StatefulSet") => stateful_set(spec, old_spec, faults),
        ("batch", "Job") => {
            for field in ["completions", "selector", "template", "completionMode"] {
                faults.unchanged(SPEC.child(field), &spec[field], &old_spec[field]);
            }
        }
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding")
            if object["roleRef"] != old["roleRef"] =>
        {
            faults.invalid(
                FieldPath::root("roleRef"),
                &object["roleRef"],
                "cannot change roleRef",
            );
        }
        ("storage.k8s.io", "StorageClass") => {
            for field in ["provisioner", "reclaimPolicy", "volumeBindingMode"] {
                faults.unchanged(FieldPath::root(field), &object[field], &old[field]);
            }
        }
        _ => {}
    }
}

/// The data of an object that said it would not change.
fn sealed(object: &Value, old: &Value, fields: &[&str], faults: &mut Faults) {
    if old["immutable"] != Value::Bool(true) {
        return;
    }
    let complaint = "field is immutable when `immutable` is set";
    if object["immutable"] != Value::Bool(true) {
        faults.forbidden(FieldPath::root("immutable"), complaint);
    }
    for field in fields
        .iter()
        .filter(|field| object[**field] != old[**field])
    {
        faults.forbidden(FieldPath::root(field), complaint);
    }
}

fn cluster_address(spec: &Value, old: &Value, faults: &mut Faults) {
    let is_external = |spec: &Value| text(&spec["type"]) == "ExternalName";
    let (address, before) = (&spec["clusterIP"], text(&old["clusterIP"]));
    if !is_external(spec) && !is_external(old) && !before.is_empty() && text(address) != before {
        let addresses = SPEC.child("clusterIPs");
        let found = Value::from(vec![text(address)]);
        faults.invalid(addresses.index(0), &found, "may not change once set");
    }
}

fn stateful_set(spec: &Value, old: &Value, faults: &mut Faults) {
    const FREE: [&str; 7] = [
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    ];
    if !differing(spec, old, &FREE).is_empty() {
        let complaint = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
        faults.forbidden(SPEC, complaint);
    }
}

/// A Pod is what it was created as, but for a few fields.
fn pod(spec: &Value, old: &Value, faults: &mut Faults) {
    let containers = SPEC.child("containers");
    if items(&spec["containers"]).len() != items(&old["containers"]).len() {
        faults.forbidden(containers, "pod updates may not add or remove containers");
        return;
    }
    if items(&spec["initContainers"]).len() != items(&old["initContainers"]).len() {
        let place = SPEC.child("initContainers");
        faults.forbidden(place, "pod updates may not add or remove containers");
        return;
    }
    tolerations(spec, old, faults);
    let free = [
        "activeDeadlineSeconds",
        "tolerations",
        "terminationGracePeriodSeconds",
        "ephemeralContainers",
    ];
    let (new, old) = (without_images(spec), without_images(old));
    let changed = differing(&new, &old, &free);
    if !changed.is_empty() {
        let fields: Vec<_> = changed
            .iter()
            .map(|field| format!("  spec.{field}"))
            .collect();
        let complaint = format!(
            "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n{}\n",
            fields.join("\n")
        );
        faults.forbidden(SPEC, &complaint);
    }
}

fn tolerations(spec: &Value, old: &Value, faults: &mut Faults) {
    let kept = items(&spec["tolerations"]);
    if !items(&old["tolerations"])
        .iter()
        .all(|toleration| kept.contains(toleration))
    {
        let complaint = "existing toleration can not be modified except its tolerationSeconds";
        faults.forbidden(SPEC.child("tolerations"), complaint);
    }
}

fn without_images(spec: &Value) -> Value {
    let mut spec = spec.clone();
    for list in ["containers", "initContainers"] {
        let containers = spec.get_mut(list).and_then(Value::as_array_mut);
        for container in containers
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
        {
            container.remove("image");
        }
    }
    spec
}

/// The fields that differ, but for those that may.
fn differing<'v>(new: &'v Value, old: &'v Value, free: &[&str]) -> Vec<&'v str> {
    let fields = |spec: &'v Value| spec.as_object().map(|map| map.keys()).into_iter().flatten();
    let mut names: Vec<_> = fields(new).chain(fields(old)).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !free.contains(name) && new[*name] != old[*name]);
    names
}
