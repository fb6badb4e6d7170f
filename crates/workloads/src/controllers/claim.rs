//! PersistentVolumeClaims: each gets a volume that suits it, one that is there or one that is made.
//!
//! A volume that is made is a folder of this machine; the runner makes it when it first mounts it.

mod decision;

pub(super) use decision::{claims_of, waits_for_a_pod};

use super::queue::{Queue, feed};
use super::{Desk, Severity};
use crate::api::{Part, Refused, Resource, resources};
use crate::cache::{Key, key_of};
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
    feed(&*desk.api, resources::CLAIMS, &queue, |claim| {
        Some(key_of(claim))
    });
    feed(&*desk.api, resources::VOLUMES, &queue, |volume| {
        let whose = &volume["spec"]["claimRef"];
        let key = (whose["namespace"].as_str()?, whose["name"].as_str()?);
        Some((key.0.to_owned(), key.1.to_owned()))
    });
    // A Pod may use any claim of its namespace: the empty name means all of them.
    feed(&*desk.api, resources::PODS, &queue, |pod| {
        let has_claims = claims_of(pod).next().is_some();
        has_claims.then(|| (object::namespace(pod).to_owned(), String::new()))
    });
    loop {
        let key = queue.next().await;
        let looked = match &*key.1 {
            "" => name_all(&desk, &queue, &key.0).await,
            _ => reconcile(&desk, &key).await,
        };
        queue.after(key, looked);
    }
}

async fn name_all(
    desk: &Desk,
    queue: &Queue,
    namespace: &str,
) -> Result<Option<Duration>, Refused> {
    let claims = desk.api.list(resources::CLAIMS, namespace).await?;
    claims.iter().for_each(|claim| queue.push(key_of(claim)));
    Ok(None)
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
        Step::Rest => Ok(None),
        Step::Unprotect => unprotect(desk, (&resources::CLAIMS, &claim), PROTECTION).await,
        Step::Take(volume) => take(desk, &claim, &volumes, &volume).await,
        Step::Settle(volume) => settle(desk, &claim, &volumes, &volume).await,
        Step::Provision(volume) => make(desk, &claim, volume).await,
        Step::Lose => {
            let text = "Bound claim has lost its PersistentVolume. Data on the volume is lost!";
            set_phase(desk, &claim, json!({"phase": "Lost"})).await?;
            say(
                desk,
                &claim,
                (Severity::Warning, "ClaimLost"),
                text.to_owned(),
            );
            Ok(None)
        }
        Step::Wait(severity, reason, text) => {
            say(desk, &claim, (severity, reason), text);
            set_phase(desk, &claim, json!({"phase": "Pending"})).await?;
            Ok(Some(AGAIN))
        }
    }
}

async fn class(desk: &Desk, claim: &Value) -> Result<Option<Value>, Refused> {
    match class_of(claim) {
        "" => Ok(None),
        name => match desk.api.get(resources::STORAGE_CLASSES, "", name).await {
            Ok(class) => Ok(Some(class)),
            Err(refused) if refused.is_not_found() => Ok(None),
            Err(refused) => Err(refused),
        },
    }
}

fn say(desk: &Desk, claim: &Value, kind: (Severity, &'static str), text: String) {
    desk.tell(COMPONENT, (&resources::CLAIMS, claim), kind, text);
}

/// Makes a volume for a claim, and gives it to the claim.
async fn make(desk: &Desk, claim: &Value, volume: Value) -> Result<Option<Duration>, Refused> {
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

/// Gives a volume to a claim, unless somebody else took it meanwhile.
async fn take(
    desk: &Desk,
    claim: &Value,
    volumes: &[Value],
    name: &str,
) -> Result<Option<Duration>, Refused> {
    mark(desk, claim, volumes, name).await?;
    name_volume(desk, claim, name).await
}

/// Says on a volume whose it is.
async fn mark(desk: &Desk, claim: &Value, volumes: &[Value], name: &str) -> Result<(), Refused> {
    let volume = volumes.iter().find(|one| object::name(one) == name);
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
    let part = Part::Main;
    let marked = desk.api.merge(resources::VOLUMES, "", name, part, patch);
    marked.await.map(drop)
}

async fn name_volume(desk: &Desk, claim: &Value, name: &str) -> Result<Option<Duration>, Refused> {
    let patch = json!({
        "metadata": {"annotations": {
            "pv.kubernetes.io/bind-completed": "yes",
            "pv.kubernetes.io/bound-by-controller": "yes",
        }},
        "spec": {"volumeName": name},
    });
    let (namespace, claim) = (object::namespace(claim), object::name(claim));
    let part = Part::Main;
    let named = desk
        .api
        .merge(resources::CLAIMS, namespace, claim, part, patch);
    named.await.map(|_| None)
}

/// Says on a claim what it has of its volume.
async fn settle(
    desk: &Desk,
    claim: &Value,
    volumes: &[Value],
    name: &str,
) -> Result<Option<Duration>, Refused> {
    mark(desk, claim, volumes, name).await?;
    let volume = volumes.iter().find(|one| object::name(one) == name);
    let spec = volume.map_or(&Value::Null, |volume| &volume["spec"]);
    let status = json!({
        "phase": "Bound",
        "accessModes": spec["accessModes"],
        "capacity": spec["capacity"],
    });
    set_phase(desk, claim, status).await?;
    Ok(None)
}

async fn set_phase(desk: &Desk, claim: &Value, status: Value) -> Result<(), Refused> {
    desk.write_status((&resources::CLAIMS, claim), &status)
        .await
}

/// Takes a finalizer away.
pub(super) async fn unprotect(
    desk: &Desk,
    (resource, of): (&Resource, &Value),
    finalizer: &str,
) -> Result<Option<Duration>, Refused> {
    let mut finalizers = object::items(of, "/metadata/finalizers").to_vec();
    finalizers.retain(|one| one != finalizer);
    let patch = json!({"metadata": {
        "resourceVersion": of["metadata"]["resourceVersion"],
        "finalizers": finalizers,
    }});
    let (namespace, name) = (object::namespace(of), object::name(of));
    let part = Part::Main;
    let freed = desk
        .api
        .merge(resource.clone(), namespace, name, part, patch);
    freed.await.map(|_| None)
}
