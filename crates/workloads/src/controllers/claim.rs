//! PersistentVolumeClaims: each gets a volume that suits it, one that is there or one that is made.
//!
//! A volume that is made is a folder of this machine; the runner makes it when it first mounts it.

mod decision;

pub(super) use decision::{claims_of, waits_for_a_pod};

use super::queue::{Queue, all_beside, feed, itself};
use super::{Desk, Severity};
use crate::api::{Part, Refused, resources};
use crate::cache::Key;
use crate::object;
use decision::{Around, PROTECTION, Step, class_of, decide, reference};
use serde_json::{Value, json};
use std::time::Duration;

/// Who tells of it, as Kubernetes calls it.
const COMPONENT: &str = "persistentvolume-controller";

/// How soon a claim that nothing suits is looked at again; classes that come are seen so.
const AGAIN: Duration = Duration::from_secs(15);

/// Keeps every claim.
pub(super) async fn control(desk: Desk) {
    let queue = Queue::default();
    feed(&*desk.api, resources::CLAIMS, &queue, itself);
    feed(&*desk.api, resources::VOLUMES, &queue, |volume| {
        let whose = &volume["spec"]["claimRef"];
        let key = (whose["namespace"].as_str()?, whose["name"].as_str()?);
        Some((key.0.to_owned(), key.1.to_owned()))
    });
    // A Pod may use any claim of its namespace.
    feed(&*desk.api, resources::PODS, &queue, |pod| {
        claims_of(pod).next().and_then(|_| all_beside(pod))
    });
    desk.keep(resources::CLAIMS, queue, reconcile).await;
}

async fn reconcile(desk: &Desk, (namespace, name): &Key) -> Result<Option<Duration>, Refused> {
    let claim = desk.api.get(resources::CLAIMS, namespace, name).await?;
    let volumes = desk.api.list(resources::VOLUMES, "").await?;
    let pods = desk.api.list(resources::PODS, namespace).await?;
    let class = class(desk, &claim).await?;
    let around = Around {
        volumes: &volumes,
        pods: &pods,
        class: class.as_ref(),
        folder: desk.settings.volumes.as_deref(),
    };
    match decide(&claim, &around) {
        Step::Rest => {}
        Step::Unprotect => {
            let about = (&resources::CLAIMS, &claim);
            desk.unprotect(about, PROTECTION).await?;
        }
        // Unless somebody else took it meanwhile.
        Step::Take(name) => {
            let volume = named(&volumes, &name);
            mark(desk, &claim, volume).await?;
            name_volume(desk, &claim, &name).await?;
        }
        Step::Settle(name) => {
            let volume = named(&volumes, &name);
            mark(desk, &claim, volume).await?;
            settle(desk, &claim, volume).await?;
        }
        Step::Provision(volume) => make(desk, &claim, volume).await?,
        Step::Lose => {
            let text = "Bound claim has lost its PersistentVolume. Data on the volume is lost!";
            set_phase(desk, &claim, json!({"phase": "Lost"})).await?;
            say(
                desk,
                &claim,
                (Severity::Warning, "ClaimLost"),
                text.to_owned(),
            );
        }
        Step::Wait(severity, reason, text) => {
            say(desk, &claim, (severity, reason), text);
            set_phase(desk, &claim, json!({"phase": "Pending"})).await?;
            return Ok(Some(AGAIN));
        }
    }
    Ok(None)
}

fn named<'v>(volumes: &'v [Value], name: &str) -> Option<&'v Value> {
    volumes.iter().find(|one| object::name(one) == name)
}

async fn class(desk: &Desk, claim: &Value) -> Result<Option<Value>, Refused> {
    match class_of(claim) {
        "" => Ok(None),
        name => desk.find(resources::STORAGE_CLASSES, "", name).await,
    }
}

fn say(desk: &Desk, claim: &Value, kind: (Severity, &'static str), text: String) {
    desk.tell(COMPONENT, (&resources::CLAIMS, claim), kind, text);
}

/// Makes a volume for a claim, and gives it to the claim.
async fn make(desk: &Desk, claim: &Value, volume: Value) -> Result<(), Refused> {
    let name = object::name(&volume).to_owned();
    match desk.api.create(resources::VOLUMES, volume).await {
        Ok(_) => {
            let text = format!("Successfully provisioned volume {name}");
            say(
                desk,
                claim,
                (Severity::Normal, "ProvisioningSucceeded"),
                text,
            );
        }
        Err(Refused::AlreadyExists(_)) => {}
        Err(refused) => return Err(refused),
    }
    name_volume(desk, claim, &name).await
}

/// Says on a volume whose it is.
async fn mark(desk: &Desk, claim: &Value, volume: Option<&Value>) -> Result<(), Refused> {
    let Some(volume) = volume.filter(|volume| volume["spec"]["claimRef"]["uid"].is_null()) else {
        return Ok(());
    };
    let patch = json!({
        "metadata": {
            "resourceVersion": volume["metadata"]["resourceVersion"],
            "annotations": {"pv.kubernetes.io/bound-by-controller": "yes"},
        },
        "spec": {"claimRef": reference(claim)},
    });
    let about = (&resources::VOLUMES, volume);
    desk.merge(about, Part::Main, patch).await
}

/// Gives a volume to a claim.
async fn name_volume(desk: &Desk, claim: &Value, name: &str) -> Result<(), Refused> {
    let patch = json!({
        "metadata": {"annotations": {
            "pv.kubernetes.io/bind-completed": "yes",
            "pv.kubernetes.io/bound-by-controller": "yes",
        }},
        "spec": {"volumeName": name},
    });
    let about = (&resources::CLAIMS, claim);
    desk.merge(about, Part::Main, patch).await
}

/// Says on a claim what it has of its volume.
async fn settle(desk: &Desk, claim: &Value, volume: Option<&Value>) -> Result<(), Refused> {
    let spec = volume.map_or(&Value::Null, |volume| &volume["spec"]);
    let status = json!({
        "phase": "Bound",
        "accessModes": spec["accessModes"],
        "capacity": spec["capacity"],
    });
    set_phase(desk, claim, status).await
}

async fn set_phase(desk: &Desk, claim: &Value, status: Value) -> Result<(), Refused> {
    desk.write_status((&resources::CLAIMS, claim), &status)
        .await
}
