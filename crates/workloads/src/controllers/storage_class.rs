//! The class of volumes that are folders of this machine, which a cluster has from the beginning.

use super::{Desk, RETRY};
use crate::api::{Refused, resources};
use serde_json::{Value, json};

/// Who makes volumes of that class, as classes name it.
pub(super) const PROVISIONER: &str = "rolecall.dev/local-path";

/// What the class is called.
const NAME: &str = "local-path";

/// Makes the class, if there is none of that name. Who deletes it has it again at the next start.
pub(super) async fn furnish(desk: Desk) {
    if desk.settings.volumes.is_none() {
        return;
    }
    loop {
        match desk.api.create(resources::STORAGE_CLASSES, class()).await {
            Ok(_) | Err(Refused::AlreadyExists(_)) => return,
            Err(_) => tokio::time::sleep(RETRY).await,
        }
    }
}

fn class() -> Value {
    json!({
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": NAME,
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": PROVISIONER,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
    })
}
