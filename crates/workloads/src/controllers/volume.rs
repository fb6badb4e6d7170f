//! PersistentVolumes: whose each is, and what becomes of one whose claim is gone.

use super::queue::{Queue, all, feed, itself};
use super::storage_class::PROVISIONER;
use super::{Desk, Severity};
use crate::api::{Deletion, Refused, resources};
use crate::cache::Key;
use crate::object;
use serde_json::{Value, json};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Who tells of it, as Kubernetes calls it.
const COMPONENT: &str = "persistentvolume-controller";

/// Keeps a volume as long as it is a claim's.
const PROTECTION: &str = "kubernetes.io/pv-protection";

/// What is to be done about a volume.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// It is as it should be, or will be seen again.
    Rest,
    /// It may go.
    Unprotect,
    /// It is to say how it stands.
    Say(&'static str),
    /// It was made for a claim that is gone, and goes with its folder.
    Reclaim(PathBuf),
}

/// Decides by the claim that a volume names, where that is still there.
fn decide(volume: &Value, claim: Option<&Value>, folder: Option<&Path>) -> Step {
    let whose = &volume["spec"]["claimRef"];
    let claim = claim.filter(|claim| claim["metadata"]["uid"] == whose["uid"]);
    let phase = match (whose["uid"].is_null(), claim) {
        (true, _) => "Available",
        (false, None) => "Released",
        (false, Some(claim)) if claim["spec"]["volumeName"] == volume["metadata"]["name"] => {
            "Bound"
        }
        // Its claim is about to name it.
        (false, Some(_)) => return Step::Rest,
    };
    if object::is_being_deleted(volume) {
        let is_protected = object::has_finalizer(volume, PROTECTION);
        return match phase != "Bound" && is_protected {
            true => Step::Unprotect,
            false => Step::Rest,
        };
    }
    if object::text(volume, "/status/phase") != phase {
        return Step::Say(phase);
    }
    let is_to_go = volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete";
    match ours(volume, folder) {
        Some(folder) if phase == "Released" && is_to_go => Step::Reclaim(folder),
        Some(_) | None => Step::Rest,
    }
}

/// The folder of a volume that was made here: by its name, which is no path.
fn ours(volume: &Value, folder: Option<&Path>) -> Option<PathBuf> {
    let made_by = object::annotation(volume, "pv.kubernetes.io/provisioned-by");
    let name = object::name(volume);
    let path = folder?.join(name);
    let is_ours = made_by == Some(PROVISIONER)
        && name.starts_with("pvc-")
        && volume["spec"]["hostPath"]["path"].as_str() == path.to_str();
    is_ours.then_some(path)
}

/// Keeps every volume.
pub(super) async fn control(desk: Desk) {
    let queue = Queue::default();
    feed(&*desk.api, resources::VOLUMES, &queue, itself);
    // News of a claim may concern any volume that names it.
    feed(&*desk.api, resources::CLAIMS, &queue, all);
    desk.keep(resources::VOLUMES, queue, reconcile).await;
}

async fn reconcile(desk: &Desk, (_, name): &Key) -> Result<Option<Duration>, Refused> {
    let volume = desk.api.get(resources::VOLUMES, "", name).await?;
    let claim = claim(desk, &volume).await?;
    let about = (&resources::VOLUMES, &volume);
    match decide(&volume, claim.as_ref(), desk.settings.volumes.as_deref()) {
        Step::Rest => Ok(None),
        Step::Unprotect => {
            desk.unprotect(about, PROTECTION).await?;
            Ok(None)
        }
        Step::Say(phase) => {
            desk.write_status(about, &json!({"phase": phase})).await?;
            Ok(None)
        }
        Step::Reclaim(folder) => {
            if let Err(why) = remove(folder).await {
                let kind = (Severity::Warning, "VolumeFailedDelete");
                desk.tell(COMPONENT, about, kind, why.to_string());
                return Err(Refused::Other(why.to_string()));
            }
            let deletion = Deletion {
                uid: Some(object::uid(&volume).to_owned()),
                ..Deletion::default()
            };
            desk.api
                .delete(resources::VOLUMES, "", name, deletion)
                .await?;
            Ok(None)
        }
    }
}

async fn claim(desk: &Desk, volume: &Value) -> Result<Option<Value>, Refused> {
    let text = |field: &str| object::text(volume, &format!("/spec/claimRef/{field}")).to_owned();
    let (namespace, name) = (text("namespace"), text("name"));
    if name.is_empty() {
        return Ok(None);
    }
    desk.find(resources::CLAIMS, &namespace, &name).await
}

/// Removes a folder; one that was never used is not there.
async fn remove(folder: PathBuf) -> io::Result<()> {
    let removed = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(folder));
    match removed.await.map_err(io::Error::other)? {
        Err(why) if why.kind() != io::ErrorKind::NotFound => Err(why),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume(phase: &str, policy: &str) -> Value {
        json!({
            "metadata": {
                "name": "pvc-c1",
                "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER},
                "finalizers": [PROTECTION],
            },
            "spec": {
                "claimRef": {"namespace": "shop", "name": "data", "uid": "c1"},
                "persistentVolumeReclaimPolicy": policy,
                "hostPath": {"path": "/state/volumes/pvc-c1"},
            },
            "status": {"phase": phase},
        })
    }

    fn claim(uid: &str, volume: &str) -> Value {
        json!({"metadata": {"uid": uid}, "spec": {"volumeName": volume}})
    }

    fn decided(volume: &Value, claim: Option<&Value>) -> Step {
        decide(volume, claim, Some(Path::new("/state/volumes")))
    }

    #[test]
    fn a_volume_says_whether_it_is_free_a_claims_or_left_behind() {
        let mut free = volume("Pending", "Retain");
        free["spec"]["claimRef"] = Value::Null;
        assert_eq!(decided(&free, None), Step::Say("Available"));
        let volume = volume("Pending", "Retain");
        let bound = claim("c1", "pvc-c1");
        assert_eq!(decided(&volume, Some(&bound)), Step::Say("Bound"));
        assert_eq!(decided(&volume, Some(&claim("c1", ""))), Step::Rest);
        assert_eq!(decided(&volume, None), Step::Say("Released"));
        let namesake = claim("c2", "pvc-c1");
        assert_eq!(decided(&volume, Some(&namesake)), Step::Say("Released"));
    }

    #[test]
    fn only_what_was_made_here_and_is_not_retained_goes_with_its_claim() {
        let folder = PathBuf::from("/state/volumes/pvc-c1");
        let released = volume("Released", "Delete");
        assert_eq!(decided(&released, None), Step::Reclaim(folder));
        assert_eq!(decided(&volume("Released", "Retain"), None), Step::Rest);
        for path in ["/", "/state/volumes/pvc-c2", "/state/volumes/../pvc-c1"] {
            let mut elsewhere = volume("Released", "Delete");
            elsewhere["spec"]["hostPath"]["path"] = json!(path);
            assert_eq!(decided(&elsewhere, None), Step::Rest, "{path}");
        }
        let mut foreign = volume("Released", "Delete");
        foreign["metadata"]["annotations"] = json!({});
        assert_eq!(decided(&foreign, None), Step::Rest);
    }

    #[test]
    fn a_volume_goes_when_it_is_no_claims() {
        let mut volume = volume("Bound", "Delete");
        volume["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        let bound = claim("c1", "pvc-c1");
        assert_eq!(decided(&volume, Some(&bound)), Step::Rest);
        assert_eq!(decided(&volume, None), Step::Unprotect);
    }
}
