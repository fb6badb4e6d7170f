//! What is to be done about a claim. Pure.

use crate::controllers::Severity;
use crate::controllers::storage_class::PROVISIONER;
use crate::object;
use objects::quantity::Quantity;
use objects::selector::LabelSelector;
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

fn provision(claim: &Value, around: &Around<'_>) -> Step {
    let name = class_of(claim);
    let failed = |text: String| Step::Wait(Severity::Warning, "ProvisioningFailed", text);
    if name.is_empty() {
        let text = "no persistent volumes available for this claim and no storage class is set";
        return Step::Wait(Severity::Normal, "FailedBinding", text.to_owned());
    }
    let Some(class) = around.class else {
        return failed(format!("storageclass.storage.k8s.io {name:?} not found"));
    };
    let provisioner = object::text(class, "/provisioner");
    let Some(folder) = around.folder.filter(|_| provisioner == PROVISIONER) else {
        return Step::Wait(
            Severity::Normal,
            "ExternalProvisioning",
            waiting_for(provisioner),
        );
    };
    let why = if claim["spec"]["volumeMode"] == "Block" {
        Some("a folder is no block device")
    } else if !claim["spec"]["selector"].is_null() {
        Some("claim Selector is not supported")
    } else if claim["spec"]["dataSource"].is_object() || claim["spec"]["dataSourceRef"].is_object()
    {
        Some("a volume is made empty: dataSource is not supported")
    } else {
        None
    };
    match why {
        Some(why) => failed(format!(
            "failed to provision volume with StorageClass {name:?}: {why}"
        )),
        None => Step::Provision(volume_for(claim, class, folder)),
    }
}

fn waiting_for(provisioner: &str) -> String {
    format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or \
         manually by the system administrator. If volume creation is delayed, please verify that the \
         provisioner is running and correctly registered."
    )
}

fn volume_for(claim: &Value, class: &Value, folder: &Path) -> Value {
    let name = format!("pvc-{}", object::uid(claim));
    let path = folder.join(&name);
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": name,
            "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER},
        },
        "spec": {
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "accessModes": claim["spec"]["accessModes"],
            "claimRef": reference(claim),
            "persistentVolumeReclaimPolicy": class["reclaimPolicy"],
            "storageClassName": object::name(class),
            "volumeMode": "Filesystem",
            "hostPath": {"path": path.to_string_lossy(), "type": "DirectoryOrCreate"},
        },
    })
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
mod tests {
    use super::*;

    fn claim(more: &Value) -> Value {
        let mut claim = json!({
            "metadata": {"name": "data", "namespace": "shop", "uid": "c1"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}},
                "storageClassName": "local-path",
                "volumeMode": "Filesystem",
            },
        });
        for (field, value) in more.as_object().into_iter().flatten() {
            claim["spec"][field] = value.clone();
        }
        claim
    }

    fn class(mode: &str) -> Value {
        json!({"metadata": {"name": "local-path"}, "provisioner": PROVISIONER,
            "reclaimPolicy": "Delete", "volumeBindingMode": mode})
    }

    fn volume(name: &str, size: &str, more: &Value) -> Value {
        let mut volume = json!({
            "metadata": {"name": name},
            "spec": {
                "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
                "capacity": {"storage": size},
                "storageClassName": "local-path",
                "volumeMode": "Filesystem",
            },
        });
        for (field, value) in more.as_object().into_iter().flatten() {
            volume["spec"][field] = value.clone();
        }
        volume
    }

    fn pod(phase: &str) -> Value {
        json!({
            "spec": {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]},
            "status": {"phase": phase},
        })
    }

    fn decided(claim: &Value, volumes: &[Value], class: Option<&Value>, pods: &[Value]) -> Step {
        let folder = Some(Path::new("/state/volumes"));
        let around = Around {
            volumes,
            pods,
            class,
            folder,
        };
        decide(claim, &around)
    }

    fn reason(step: &Step) -> &str {
        if let Step::Wait(_, reason, _) = step {
            reason
        } else {
            ""
        }
    }

    #[test]
    fn a_claim_takes_the_smallest_volume_that_has_what_it_wants() {
        let volumes = [
            volume("small", "512Mi", &json!({})),
            volume("large", "4Gi", &json!({})),
            volume("fits", "1Gi", &json!({})),
            volume("other", "1Gi", &json!({"storageClassName": "fast"})),
            volume("once", "1Gi", &json!({"accessModes": ["ReadOnlyMany"]})),
            volume(
                "taken",
                "1Gi",
                &json!({"claimRef": {"name": "x", "namespace": "shop", "uid": "x"}}),
            ),
            volume("block", "1Gi", &json!({"volumeMode": "Block"})),
        ];
        let class = class("Immediate");
        let step = decided(&claim(&json!({})), &volumes, Some(&class), &[]);
        assert_eq!(step, Step::Take("fits".to_owned()));
    }

    #[test]
    fn a_volume_that_is_kept_for_a_claim_goes_to_it_and_to_no_other() {
        let kept = json!({"claimRef": {"name": "data", "namespace": "shop"}});
        let volumes = [
            volume("free", "1Gi", &json!({})),
            volume("kept", "9Gi", &kept),
        ];
        let class = class("Immediate");
        let step = decided(&claim(&json!({})), &volumes, Some(&class), &[]);
        assert_eq!(step, Step::Take("kept".to_owned()));
        let mut other = claim(&json!({}));
        other["metadata"]["name"] = json!("other");
        let step = decided(&other, &volumes, Some(&class), &[]);
        assert_eq!(step, Step::Take("free".to_owned()));
    }

    #[test]
    fn a_class_may_want_a_pod_first() {
        let class = class("WaitForFirstConsumer");
        let claim = claim(&json!({}));
        assert_eq!(
            reason(&decided(&claim, &[], Some(&class), &[])),
            "WaitForFirstConsumer"
        );
        let ended = decided(&claim, &[], Some(&class), &[pod("Succeeded")]);
        assert_eq!(reason(&ended), "WaitForFirstConsumer");
        let step = decided(&claim, &[], Some(&class), &[pod("Pending")]);
        assert!(matches!(step, Step::Provision(_)), "{step:?}");
    }

    #[test]
    fn a_volume_is_made_by_the_claim_and_its_class() {
        let Step::Provision(made) =
            decided(&claim(&json!({})), &[], Some(&class("Immediate")), &[])
        else {
            panic!("it is made")
        };
        assert_eq!(object::name(&made), "pvc-c1");
        assert_eq!(made["spec"]["claimRef"]["uid"], "c1");
        assert_eq!(made["spec"]["capacity"]["storage"], "1Gi");
        assert_eq!(made["spec"]["persistentVolumeReclaimPolicy"], "Delete");
        assert_eq!(made["spec"]["hostPath"]["path"], "/state/volumes/pvc-c1");
    }

    #[test]
    fn a_claim_that_nothing_suits_says_what_it_waits_for() {
        let mut foreign = class("Immediate");
        foreign["provisioner"] = json!("ebs.csi.aws.com");
        let ours = class("Immediate");
        for (spec, class, expected) in [
            (json!({"storageClassName": ""}), None, "FailedBinding"),
            (json!({}), None, "ProvisioningFailed"),
            (json!({}), Some(&foreign), "ExternalProvisioning"),
            (
                json!({"volumeMode": "Block"}),
                Some(&ours),
                "ProvisioningFailed",
            ),
            (json!({"selector": {}}), Some(&ours), "ProvisioningFailed"),
            (json!({"volumeName": "none"}), Some(&ours), "FailedBinding"),
        ] {
            assert_eq!(
                reason(&decided(&claim(&spec), &[], class, &[])),
                expected,
                "{spec}"
            );
        }
    }

    #[test]
    fn a_claim_with_a_volume_is_bound_and_lost_when_that_goes() {
        let mut claim = claim(&json!({"volumeName": "v"}));
        let whose = json!({"claimRef": {"name": "data", "namespace": "shop", "uid": "c1"}});
        let volumes = [volume("v", "1Gi", &whose)];
        assert_eq!(
            decided(&claim, &volumes, None, &[]),
            Step::Settle("v".to_owned())
        );
        claim["status"]["phase"] = json!("Bound");
        assert_eq!(decided(&claim, &[], None, &[]), Step::Lose);
        let another = json!({"claimRef": {"name": "data", "namespace": "shop", "uid": "old"}});
        let volumes = [volume("v", "1Gi", &another)];
        assert_eq!(
            reason(&decided(&claim, &volumes, None, &[])),
            "FailedBinding"
        );
    }

    #[test]
    fn a_claim_goes_once_no_pod_uses_it() {
        let mut claim = claim(&json!({}));
        claim["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        claim["metadata"]["finalizers"] = json!([PROTECTION]);
        assert_eq!(decided(&claim, &[], None, &[pod("Running")]), Step::Rest);
        assert_eq!(
            decided(&claim, &[], None, &[pod("Succeeded")]),
            Step::Unprotect
        );
    }
}
