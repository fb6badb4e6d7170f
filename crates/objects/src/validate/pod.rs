//! Pods' specifications, and those of templates.

use super::container;
use super::faults::{Faults, is_set, items, text};
use super::metadata;
use super::volume;
use crate::field_path::FieldPath;
use crate::spelling;
use serde_json::Value;

/// A Pod's or a template's specification.
pub(super) fn check(spec: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    let volumes = volume::check_all(&spec["volumes"], path.child("volumes"), faults);
    container::check_all(spec, path, &volumes, faults);
    faults.one_of(
        path.child("restartPolicy"),
        &spec["restartPolicy"],
        &["Always", "OnFailure", "Never"],
    );
    let dns = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    faults.one_of(path.child("dnsPolicy"), &spec["dnsPolicy"], &dns);
    metadata::labels(path.child("nodeSelector"), &spec["nodeSelector"], faults);
    for field in ["serviceAccountName", "nodeName"] {
        let name = text(&spec[field]);
        if !name.is_empty() {
            faults.misspelt(path.child(field), name, &spelling::dns_subdomain(name));
        }
    }
    for field in ["hostname", "subdomain"] {
        let name = text(&spec[field]);
        if !name.is_empty() {
            faults.misspelt(path.child(field), name, &spelling::dns_label(name));
        }
    }
    let grace = "terminationGracePeriodSeconds";
    faults.not_negative(path.child(grace), &spec[grace]);
    let deadline = "activeDeadlineSeconds";
    faults.in_range(
        path.child(deadline),
        &spec[deadline],
        1,
        i64::from(i32::MAX),
    );
    tolerations(path.child("tolerations"), &spec["tolerations"], faults);
    host_aliases(path.child("hostAliases"), &spec["hostAliases"], faults);
    let secrets = path.child("imagePullSecrets");
    for (index, secret) in items(&spec["imagePullSecrets"]).iter().enumerate() {
        if text(&secret["name"]).is_empty() {
            faults.required(secrets.index(index).child("name"), "");
        }
    }
}

/// A template: labels and annotations of the Pods, and their specification.
pub(super) fn check_template(template: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    let metadata = path.child("metadata");
    metadata::labels(
        metadata.child("labels"),
        &template["metadata"]["labels"],
        faults,
    );
    let annotations = &template["metadata"]["annotations"];
    metadata::annotations(metadata.child("annotations"), annotations, faults);
    check(&template["spec"], path.child("spec"), faults);
}

fn tolerations(path: FieldPath<'_>, tolerations: &Value, faults: &mut Faults) {
    for (index, toleration) in items(tolerations).iter().enumerate() {
        let item = path.index(index);
        let (key, operator) = (text(&toleration["key"]), text(&toleration["operator"]));
        if !key.is_empty() {
            faults.misspelt(item.child("key"), key, &spelling::qualified_name(key));
        } else if operator != "Exists" {
            let complaint = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            faults.invalid(item.child("operator"), &toleration["operator"], complaint);
        }
        if is_set(&toleration["tolerationSeconds"]) && text(&toleration["effect"]) != "NoExecute" {
            let complaint = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            faults.invalid(item.child("effect"), &toleration["effect"], complaint);
        }
        if operator == "Exists" && !text(&toleration["value"]).is_empty() {
            let complaint = "value must be empty when `operator` is 'Exists'";
            faults.invalid(item.child("operator"), &toleration["value"], complaint);
        }
        faults.one_of(
            item.child("operator"),
            &toleration["operator"],
            &["Equal", "Exists"],
        );
        let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
        faults.one_of(item.child("effect"), &toleration["effect"], &effects);
    }
}

fn host_aliases(path: FieldPath<'_>, aliases: &Value, faults: &mut Faults) {
    for (index, alias) in items(aliases).iter().enumerate() {
        let item = path.index(index);
        if text(&alias["ip"]).parse::<std::net::IpAddr>().is_err() {
            let complaint = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
            faults.invalid(item.child("ip"), &alias["ip"], complaint);
        }
        let names = item.child("hostnames");
        for (index, name) in items(&alias["hostnames"]).iter().enumerate() {
            faults.misspelt(
                names.index(index),
                text(name),
                &spelling::dns_subdomain(text(name)),
            );
        }
    }
}
