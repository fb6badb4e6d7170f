//! What Kubernetes fills in where an object says nothing.
//!
//! Pure and idempotent: an object with its defaults gets no others. What the server alone can know
//! (names, addresses, tokens) is not here.

mod parts;
mod pod;
mod service;
mod workload;

use crate::Object;
use data_encoding::BASE64;
use parts::{Part, absent, part};
use serde_json::{Value, json};

/// Fills in what the kind's defaults are.
pub fn default(object: &mut Object) {
    let Ok(gvk) = object.gvk() else { return };
    let (group, kind) = (gvk.group.as_str().to_owned(), gvk.kind.as_str().to_owned());
    let map = object.as_map_mut();
    match (group.as_str(), kind.as_str()) {
        ("", "Pod") => {
            let spec = part(map, "spec");
            pod::spec(spec);
            absent(spec, "enableServiceLinks", true);
        }
        ("", "Secret") => {
            absent(map, "type", "Opaque");
            plain_data(map);
        }
        ("", "Service") => service::spec(part(map, "spec")),
        ("", "Namespace") => {
            namespace(map);
        }
        ("", "Endpoints") => service::endpoints(map),
        ("discovery.k8s.io", "EndpointSlice") => service::endpoint_slice(map),
        ("apps", "Deployment") => workload::deployment(part(map, "spec")),
        ("apps", "ReplicaSet") => workload::replica_set(part(map, "spec")),
        ("apps", "StatefulSet") => workload::stateful_set(part(map, "spec")),
        ("apps", "DaemonSet") => workload::daemon_set(part(map, "spec")),
        ("batch", "Job") => {
            workload::own_pods(map);
            workload::job(part(map, "spec"));
        }
        ("batch", "CronJob") => workload::cron_job(part(map, "spec")),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => binding(map),
        ("autoscaling", "HorizontalPodAutoscaler") => absent(part(map, "spec"), "minReplicas", 1),
        ("authentication.k8s.io", "TokenRequest") => token_request(map),
        ("", "PersistentVolumeClaim") => absent(part(map, "spec"), "volumeMode", "Filesystem"),
        ("", "PersistentVolume") => {
            let spec = part(map, "spec");
            absent(spec, "volumeMode", "Filesystem");
            absent(spec, "persistentVolumeReclaimPolicy", "Retain");
        }
        ("storage.k8s.io", "StorageClass") => {
            absent(map, "reclaimPolicy", "Delete");
            absent(map, "volumeBindingMode", "Immediate");
        }
        ("", "LimitRange") => limits(part(map, "spec")),
        ("networking.k8s.io", "NetworkPolicy") => network_policy(part(map, "spec")),
        _ => {}
    }
}

/// What a Secret gives as text goes to its data; it is never read back.
fn plain_data(secret: &mut Part) {
    if let Some(Value::Object(plain)) = secret.remove("stringData") {
        let data = part(secret, "data");
        for (key, text) in plain {
            let bytes = text.as_str().unwrap_or_default().as_bytes();
            data.insert(key, Value::String(BASE64.encode(bytes)));
        }
    }
}

/// A token's lifetime, if the request names none: an hour.
fn token_request(request: &mut Part) {
    absent(part(request, "spec"), "expirationSeconds", 3600);
}

/// The label by which namespaces are selected by name.
fn namespace(namespace: &mut Part) {
    let name = namespace
        .get("metadata")
        .and_then(|metadata| metadata.get("name"))
        .cloned();
    if let Some(name) = name.filter(|name| name != "") {
        let labels = part(part(namespace, "metadata"), "labels");
        labels.insert("kubernetes.io/metadata.name".to_owned(), name);
    }
}

/// The groups of a binding's role and subjects.
fn binding(binding: &mut Part) {
    const RBAC: &str = "rbac.authorization.k8s.io";
    if let Some(role) = binding
        .get_mut("roleRef")
        .and_then(|role| role.as_object_mut())
    {
        parts::blank(role, "apiGroup", RBAC);
    }
    for subject in parts::items(binding, "subjects") {
        if matches!(
            subject.get("kind").and_then(|kind| kind.as_str()),
            Some("User" | "Group")
        ) {
            parts::blank(subject, "apiGroup", RBAC);
        }
    }
}

/// What a container is limited to where nothing else is said is the most that it may be, and what it is
/// given is that, or the least.
fn limits(spec: &mut Part) {
    for limit in parts::items(spec, "limits") {
        if limit.get("type").and_then(Value::as_str) != Some("Container") {
            continue;
        }
        for (from, to) in [
            ("max", "default"),
            ("default", "defaultRequest"),
            ("min", "defaultRequest"),
        ] {
            let Some(Value::Object(amounts)) = limit.get(from).cloned() else {
                continue;
            };
            for (name, amount) in amounts {
                absent(part(limit, to), &name, amount);
            }
        }
    }
}

fn network_policy(spec: &mut Part) {
    let types = if spec.contains_key("egress") {
        json!(["Ingress", "Egress"])
    } else {
        json!(["Ingress"])
    };
    absent(spec, "policyTypes", types);
    for direction in ["ingress", "egress"] {
        for rule in parts::items(spec, direction) {
            for port in parts::items(rule, "ports") {
                absent(port, "protocol", "TCP");
            }
        }
    }
}

#[cfg(test)]
mod tests;
