//! Making a volume for a claim: whether it can be done here, and which it is.

use super::{Around, Step, class_of, reference};
use crate::controllers::Severity;
use crate::controllers::storage_class::PROVISIONER;
use crate::object;
use serde_json::{Value, json};
use std::path::Path;

pub(super) fn provision(claim: &Value, around: &Around<'_>) -> Step {
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
