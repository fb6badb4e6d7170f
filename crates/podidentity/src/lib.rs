//! Writes a role into a Pod: environment variables and a projected token volume.
//!
//! [`mutate`] is the pod identity webhook as one plain function: a Pod, what is [`Known`] of its
//! service account, and the [`Settings`] go in; a JSON Patch and the [`Reason`]s come out. The same
//! Pod twice gives an empty patch the second time, so that it may be asked again after other webhooks
//! have added containers.
//!
//! It behaves as <https://github.com/aws/amazon-eks-pod-identity-webhook> does, and differs where that
//! one surprises people: it adds to arrays instead of replacing them, it writes nothing when nothing
//! changes, and it says what it did not do and why.

mod container;
mod csv;
mod patch;
mod pod;
mod reason;
mod role;
mod settings;
mod sources;
mod wish;

pub use patch::Operation;
pub use reason::{Reason, codes, explanation};
pub use settings::{Compose, ContainerCredentials, Settings, TokenPlace};
pub use sources::{ConfigMapEntries, NotConfigured, PodIdentities};
pub use wish::{Known, ServiceAccountLookup};

use pod::Pod;
use serde_json::Value;
use wish::{Mode, Wish};

/// What a Pod needs, and what is to be said about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutation {
    /// What was given to the Pod.
    pub identity: Identity,
    /// The operations, in the order in which they are to be applied; empty when nothing changes.
    pub patch: Vec<Operation>,
    /// What a person should know of it.
    pub reasons: Vec<Reason>,
}

/// How a Pod comes by its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// It gets none from here.
    None,
    /// It exchanges a token for a session of this role (IAM roles for service accounts).
    Role(String),
    /// It asks an agent on its node (EKS Pod Identity).
    PodIdentity,
}

/// Decides what a Pod of a namespace gets.
///
/// `namespace` is the request's; controllers send Pods without one. `chance` spreads the lifetimes of
/// Pod Identity tokens, so that they are not all renewed at once; any number will do.
#[must_use]
pub fn mutate(pod: &Value, namespace: &str, known: &Known<'_>, chance: u32) -> Mutation {
    let pod = Pod(pod);
    let mut reasons = Vec::new();
    let wish = if pod.is_skipped() {
        reasons.push(Reason::SkippedByLabel);
        None
    } else {
        Wish::of(&pod, namespace, known, chance, &mut reasons)
    };
    let Some(wish) = wish else {
        return Mutation {
            identity: Identity::None,
            patch: Vec::new(),
            reasons,
        };
    };
    let patch = operations(&pod, &wish, known.settings, &mut reasons);
    let identity = match wish.mode {
        Mode::WebIdentity { role } => Identity::Role(role),
        Mode::ContainerCredentials => Identity::PodIdentity,
    };
    Mutation {
        identity,
        patch,
        reasons,
    }
}

/// Label, volume, containers: the volume stands before whatever mounts it.
fn operations(
    pod: &Pod<'_>,
    wish: &Wish,
    settings: &Settings,
    reasons: &mut Vec<Reason>,
) -> Vec<Operation> {
    let skipped = pod.skipped_containers(settings, reasons);
    let mut containers = Vec::new();
    for container in pod.containers() {
        if !skipped.iter().any(|name| *name == container.name()) {
            containers.extend(container.operations(wish, settings, pod.is_windows(), reasons));
        }
    }
    let place = wish.place(settings);
    let mut patch = Vec::new();
    if matches!(wish.mode, Mode::ContainerCredentials) {
        patch.extend(pod.label());
    }
    patch.extend(pod.volume(wish, place, !containers.is_empty(), reasons));
    patch.extend(containers);
    patch
}
