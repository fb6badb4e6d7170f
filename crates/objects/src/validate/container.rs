//! Containers of a Pod.

use super::faults::{Faults, is_set, items, text};
use super::volume::{Volumes, relative_path};
use super::{probe, resources};
use crate::field_path::FieldPath;
use crate::spelling;
use serde_json::Value;
use std::collections::HashSet;

/// Protocols, as they are listed when another is given.
pub(super) const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];

/// All containers of a Pod; their names must differ.
pub(super) fn check_all(
    spec: &Value,
    path: FieldPath<'_>,
    volumes: &Volumes<'_>,
    faults: &mut Faults,
) {
    if items(&spec["containers"]).is_empty() {
        faults.required(path.child("containers"), "");
    }
    let mut names = HashSet::new();
    for list in ["containers", "initContainers"] {
        let place = path.child(list);
        for (index, container) in items(&spec[list]).iter().enumerate() {
            let item = place.index(index);
            faults.once(&mut names, item.child("name"), &container["name"]);
            check(container, item, volumes, faults);
            if list == "initContainers" && text(&container["restartPolicy"]).is_empty() {
                refuse_in_init(container, item, faults);
            }
        }
    }
}

/// What makes sense only in a container that goes on running.
fn refuse_in_init(container: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    for field in [
        "lifecycle",
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
    ] {
        if is_set(&container[field]) {
            let complaint = "may not be set for init containers without restartPolicy=Always";
            faults.forbidden(path.child(field), complaint);
        }
    }
}

fn check(container: &Value, path: FieldPath<'_>, volumes: &Volumes<'_>, faults: &mut Faults) {
    faults.named(path.child("name"), &container["name"], spelling::dns_label);
    match text(&container["image"]) {
        "" => faults.required(path.child("image"), ""),
        image if image != image.trim() => {
            let complaint = "must not have leading or trailing whitespace";
            faults.invalid(path.child("image"), &container["image"], complaint);
        }
        _ => {}
    }
    let policies = ["Always", "IfNotPresent", "Never"];
    faults.one_of(
        path.child("imagePullPolicy"),
        &container["imagePullPolicy"],
        &policies,
    );
    let messages = "terminationMessagePolicy";
    faults.one_of(
        path.child(messages),
        &container[messages],
        &["FallbackToLogsOnError", "File"],
    );
    ports(&container["ports"], path.child("ports"), faults);
    env(&container["env"], path.child("env"), faults);
    env_from(&container["envFrom"], path.child("envFrom"), faults);
    mounts(
        &container["volumeMounts"],
        path.child("volumeMounts"),
        volumes,
        faults,
    );
    probe::check_all(container, path, faults);
    resources::check(&container["resources"], path.child("resources"), faults);
}

fn ports(ports: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    let mut names = HashSet::new();
    for (index, port) in items(ports).iter().enumerate() {
        let item = path.index(index);
        let name = text(&port["name"]);
        if !name.is_empty() {
            faults.misspelt(item.child("name"), name, &spelling::port_name(name));
            faults.once(&mut names, item.child("name"), &port["name"]);
        }
        match port["containerPort"].as_i64() {
            None | Some(0) => faults.required(item.child("containerPort"), ""),
            Some(_) => faults.port(item.child("containerPort"), &port["containerPort"]),
        }
        if port["hostPort"].as_i64() != Some(0) {
            faults.port(item.child("hostPort"), &port["hostPort"]);
        }
        faults.one_of(item.child("protocol"), &port["protocol"], &PROTOCOLS);
    }
}

fn env(variables: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    for (index, variable) in items(variables).iter().enumerate() {
        let item = path.index(index);
        faults.named(
            item.child("name"),
            &variable["name"],
            spelling::env_var_name,
        );
        value_from(variable, item.child("valueFrom"), faults);
    }
}

fn value_from(variable: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    let from = &variable["valueFrom"];
    if !is_set(from) {
        return;
    }
    let sources = [
        "fieldRef",
        "resourceFieldRef",
        "configMapKeyRef",
        "secretKeyRef",
        "fileKeyRef",
    ];
    let empty = Value::from("");
    match sources.iter().filter(|source| is_set(&from[**source])).count() {
        0 => faults.invalid(
            path,
            &empty,
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
        ),
        1 if !text(&variable["value"]).is_empty() => {
            faults.invalid(path, &empty, "may not be specified when `value` is not empty");
        }
        1 => {}
        _ => faults.invalid(path, &empty, "may not have more than one field specified at a time"),
    }
    if is_set(&from["fieldRef"]) {
        field_ref(&from["fieldRef"], path.child("fieldRef"), faults);
    }
    for source in ["configMapKeyRef", "secretKeyRef"] {
        let (place, reference) = (path.child(source), &from[source]);
        if is_set(reference) {
            faults.named(place.child("key"), &reference["key"], spelling::config_key);
            if text(&reference["name"]).is_empty() {
                faults.required(place.child("name"), "");
            }
        }
    }
}

/// A field of the Pod that a variable can take its value from.
fn field_ref(reference: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    const FIELDS: [&str; 10] = [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
        "spec.host",
    ];
    let field = text(&reference["fieldPath"]);
    let is_subscript = |prefix: &str| {
        field
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.ends_with("']"))
    };
    if field.is_empty() {
        faults.required(path.child("fieldPath"), "");
    } else if !(FIELDS.contains(&field)
        || is_subscript("metadata.labels['")
        || is_subscript("metadata.annotations['"))
    {
        let complaint = format!("error converting fieldPath: field label not supported: {field}");
        faults.invalid(path.child("fieldPath"), &reference["fieldPath"], &complaint);
    }
}

fn env_from(sources: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    for (index, source) in items(sources).iter().enumerate() {
        let item = path.index(index);
        let prefix = text(&source["prefix"]);
        if !prefix.is_empty() {
            faults.misspelt(
                item.child("prefix"),
                prefix,
                &spelling::env_var_name(prefix),
            );
        }
        let found: Vec<_> = ["configMapRef", "secretRef"]
            .into_iter()
            .filter(|kind| is_set(&source[*kind]))
            .collect();
        match found.as_slice() {
            [] => {
                let complaint = "must specify one of: `configMapRef` or `secretRef`";
                faults.invalid(item, &Value::from(""), complaint);
            }
            [kind] if text(&source[*kind]["name"]).is_empty() => {
                let reference = item.child(kind);
                faults.required(reference.child("name"), "");
            }
            [_] => {}
            _ => {
                let complaint = "may not have more than one field specified at a time";
                faults.invalid(item, &Value::from(""), complaint);
            }
        }
    }
}

fn mounts(mounts: &Value, path: FieldPath<'_>, volumes: &Volumes<'_>, faults: &mut Faults) {
    let mut places = HashSet::new();
    for (index, mount) in items(mounts).iter().enumerate() {
        let item = path.index(index);
        match text(&mount["name"]) {
            "" => faults.required(item.child("name"), ""),
            name if !volumes.contains(name) => faults.not_found(item.child("name"), &mount["name"]),
            _ => {}
        }
        match text(&mount["mountPath"]) {
            "" => faults.required(item.child("mountPath"), ""),
            place if !places.insert(place) => {
                faults.invalid(
                    item.child("mountPath"),
                    &mount["mountPath"],
                    "must be unique",
                );
            }
            _ => {}
        }
        for field in ["subPath", "subPathExpr"] {
            relative_path(item.child(field), &mount[field], faults);
        }
        if !text(&mount["subPath"]).is_empty() && !text(&mount["subPathExpr"]).is_empty() {
            let complaint = "subPathExpr and subPath are mutually exclusive";
            faults.invalid(item.child("subPathExpr"), &mount["subPathExpr"], complaint);
        }
    }
}
