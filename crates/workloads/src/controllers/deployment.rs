//! Deployments: one ReplicaSet for each version of the template, and the way from one to the next.

mod decision;
mod hash;
mod standing;

use super::queue::{Queue, controller_of, feed, itself};
use super::{Desk, Severity};
use crate::api::{Deletion, Part, Refused, resources};
use crate::cache::Key;
use crate::object;
use decision::{Action, decide};
use serde_json::{Value, json};
use std::time::Duration;

/// The annotation that numbers the versions of a template.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// The label by which the ReplicaSets of a Deployment tell their Pods apart.
const TEMPLATE_HASH: &str = "pod-template-hash";

/// A short name for a template's content.
pub(super) fn template_hash(template: &Value) -> String {
    hash::of(template, 0)
}

/// Keeps every Deployment's ReplicaSets.
pub(super) async fn control(desk: Desk) {
    let queue = Queue::default();
    feed(&*desk.api, resources::DEPLOYMENTS, &queue, itself);
    let owner = controller_of("Deployment");
    feed(&*desk.api, resources::REPLICA_SETS, &queue, owner);
    desk.keep(resources::DEPLOYMENTS, queue, reconcile).await;
}

/// Does what is decided; tells when to look again though nothing changes.
async fn reconcile(desk: &Desk, (namespace, name): &Key) -> Result<Option<Duration>, Refused> {
    let deployment = desk
        .api
        .get(resources::DEPLOYMENTS, namespace, name)
        .await?;
    let sets = desk
        .managed_by(&deployment, resources::REPLICA_SETS)
        .await?;
    for action in decide(&deployment, &sets) {
        act(desk, &deployment, action).await?;
    }
    let sets = desk
        .managed_by(&deployment, resources::REPLICA_SETS)
        .await?;
    let (status, again) = standing::status(&deployment, &sets, desk.now());
    let about = (&resources::DEPLOYMENTS, &deployment);
    desk.write_status(about, &status).await?;
    Ok(again)
}

async fn act(desk: &Desk, deployment: &Value, action: Action) -> Result<(), Refused> {
    let namespace = object::namespace(deployment);
    match action {
        Action::Create(set) => {
            let replicas = object::number(&set, "/spec/replicas");
            let new = object::name(&set).to_owned();
            desk.api.create(resources::REPLICA_SETS, set).await?;
            if replicas > 0 {
                tell_scaled(desk, deployment, &new, 0, replicas);
            }
        }
        Action::Scale { set, from, to } => {
            let annotations = json!({
                "deployment.kubernetes.io/desired-replicas":
                    object::number(deployment, "/spec/replicas").to_string(),
                "deployment.kubernetes.io/max-replicas": decision::most(deployment).to_string(),
            });
            let patch = json!({
                "metadata": {"annotations": annotations},
                "spec": {"replicas": to},
            });
            desk.api
                .merge(resources::REPLICA_SETS, namespace, &set, Part::Main, patch)
                .await?;
            tell_scaled(desk, deployment, &set, from, to);
        }
        Action::Annotate { set, revision } => {
            let patch = json!({"metadata": {"annotations": {REVISION: revision}}});
            match set {
                Some(set) => {
                    let sets = resources::REPLICA_SETS;
                    desk.api
                        .merge(sets, namespace, &set, Part::Main, patch)
                        .await?;
                }
                None => {
                    let about = (&resources::DEPLOYMENTS, deployment);
                    desk.merge(about, Part::Main, patch).await?;
                }
            }
        }
        Action::Forget(set) => {
            desk.api
                .delete(
                    resources::REPLICA_SETS,
                    namespace,
                    &set,
                    Deletion::default(),
                )
                .await?;
        }
    }
    Ok(())
}

fn tell_scaled(desk: &Desk, deployment: &Value, set: &str, from: i64, to: i64) {
    let way = if to > from { "up" } else { "down" };
    let text = format!("Scaled {way} replica set {set} from {from} to {to}");
    let about = (&resources::DEPLOYMENTS, deployment);
    let kind = (Severity::Normal, "ScalingReplicaSet");
    desk.tell("deployment-controller", about, kind, text);
}
