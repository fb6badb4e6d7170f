//! What is to be done about a claim. Pure.

mod provision;

use crate::controllers::Severity;
use crate::object;
use objects::quantity::Quantity;
use objects::selector::LabelSelector;
use provision::provision;
use serde_json::{Value, json};
use std::path::Path;

/// Keeps a claim as long as a Pod uses it.
pub(super) const PROTECTION: &str = "kubernetes.io/pvc-protection";

/// What is to be done about a claim.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// Nothing.
    Rest,
    /// No Pod uses it any more: it may go.
    Unprotect,
    /// This volume is to be its own.
    Take(String),
    /// It has its volume: both are to say so.
    Settle(String),
    /// A volume is to be made.
    Provision(Value),
    /// Its volume is gone.
    Lose,
    /// It waits, and for what.
    Wait(Severity, &'static str, String),
}

/// What a claim is decided by.
#[derive(Debug, Default)]
pub(super) struct Around<'a> {
    pub(super) volumes: &'a [Value],
    /// The Pods of the namespace.
    pub(super) pods: &'a [Value],
    /// The claim's class, where there is one of that name.
    pub(super) class: Option<&'a Value>,
    /// Where volumes are made.
    pub(super) folder: Option<&'a Path>,
}

pub(super) fn decide(claim: &Value, around: &Around<'_>) -> Step {
    let is_used = around.pods.iter().any(|pod| uses(pod, object::name(claim)));
    if object::is_being_deleted(claim) {
        let is_protected = object::has_finalizer(claim, PROTECTION);
        return match is_protected && !is_used {
            true => Step::Unprotect,
            false => Step::Rest,
        };
    }
    let named = object::text(claim, "/spec/volumeName");
    if !named.is_empty() {
        return with_volume(claim, named, around);
    }
    if around.class.is_some_and(waits_for_a_pod) && !is_used {
        let text = "waiting for first consumer to be created before binding";
        return Step::Wait(Severity::Normal, "WaitForFirstConsumer", text.to_owned());
    }
    match suitable(claim, around.volumes) {
        Some(volume) => Step::Take(object::name(volume).to_owned()),
        None => provision(claim, around),
    }
}

/// A claim that names its volume.
fn with_volume(claim: &Value, named: &str, around: &Around<'_>) -> Step {
    let volume = around.volumes.iter().find(|one| object::name(one) == named);
    let was_bound = object::text(claim, "/status/phase") == "Bound";
    match volume {
        Some(volume) if is_for(volume, claim) => Step::Settle(named.to_owned()),
        Some(_) => {
            let text = format!("volume {named:?} already bound to a different claim.");
            Step::Wait(Severity::Warning, "FailedBinding", text)
        }
        None if was_bound => Step::Lose,
        None => {
            let text = format!("volume {named:?} not found");
            Step::Wait(Severity::Warning, "FailedBinding", text)
        }
    }
}

/// Whether a class wants a Pod before a volume.
pub(in crate::controllers) fn waits_for_a_pod(class: &Value) -> bool {
    class["volumeBindingMode"] == "WaitForFirstConsumer"
}

/// Whether a Pod that has not ended mounts a claim.
fn uses(pod: &Value, claim: &str) -> bool {
    let has_ended = matches!(object::text(pod, "/status/phase"), "Succeeded" | "Failed");
    !has_ended && claims_of(pod).any(|one| one == claim)
}

/// The claims that a Pod mounts.
pub(in crate::controllers) fn claims_of(pod: &Value) -> impl Iterator<Item = &str> {
    let volumes = object::items(pod, "/spec/volumes").iter();
    volumes.filter_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str())
}

/// Whether a volume says that it is this claim's, or says nothing of a uid.
fn is_for(volume: &Value, claim: &Value) -> bool {
    let whose = &volume["spec"]["claimRef"];
    let same = |field: &str| whose[field] == claim["metadata"][field];
    whose.is_null()
        || (same("namespace") && same("name") && (whose["uid"].is_null() || same("uid")))
}

/// The smallest volume that is free, or kept for this claim, and has what it wants.
fn suitable<'v>(claim: &Value, volumes: &'v [Value]) -> Option<&'v Value> {
    let size = |object: &Value, pointer: &str| object.pointer(pointer).and_then(Quantity::of);
    let wanted = size(claim, "/spec/resources/requests/storage");
    let selector = &claim["spec"]["selector"];
    let selector = (!selector.is_null()).then(|| LabelSelector::from_object(selector).ok());
    let suits = |volume: &&Value| {
        let modes = object::items(volume, "/spec/accessModes");
        let labels = volume
            .pointer("/metadata/labels")
            .and_then(Value::as_object);
        let is_kept = volume["spec"]["claimRef"].is_object();
        let is_chosen = match &selector {
            None => true,
            Some(selector) => selector.as_ref().is_some_and(|one| one.matches(labels)),
        };
        !object::is_being_deleted(volume)
            && object::text(volume, "/status/phase") != "Released"
            && is_for(volume, claim)
            && (is_kept || is_chosen)
            && object::text(volume, "/spec/storageClassName") == class_of(claim)
            && volume["spec"]["volumeMode"] == claim["spec"]["volumeMode"]
            && object::items(claim, "/spec/accessModes")
                .iter()
                .all(|mode| modes.contains(mode))
            && size(volume, "/spec/capacity/storage") >= wanted
    };
    let rank = |volume: &&Value| {
        let is_free = volume["spec"]["claimRef"].is_null();
        (is_free, size(volume, "/spec/capacity/storage"))
    };
    volumes.iter().filter(suits).min_by_key(rank)
}

pub(super) fn class_of(claim: &Value) -> &str {
    object::text(claim, "/spec/storageClassName")
}

/// As a volume names its claim.
pub(super) fn reference(claim: &Value) -> Value {
    let metadata = &claim["metadata"];
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        "resourceVersion": metadata["resourceVersion"],
    })
}

#[cfg(test)]
mod tests;
