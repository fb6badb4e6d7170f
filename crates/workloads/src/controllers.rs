//! The controllers of a cluster: each follows some resources, decides by a pure function, and does
//! what was decided.
//!
//! A change of an object only says what to look at; what is decided about is read from the API then.
//! So no controller acts on a state that its own last act has made old.

mod available;
mod claim;
mod cron_job;
mod daemon_set;
mod deployment;
mod desk;
mod disruption;
mod endpoints;
mod garbage;
mod job;
mod namespace;
mod node;
mod queue;
mod replica_set;
mod resource_quota;
mod revision;
mod scheduler;
mod stateful_set;
mod storage_class;
mod volume;

pub use node::NodeSettings;

use crate::api::{Api, Refused, Resource};
use crate::runner::{Clock, Severity, Teller};
use desk::Desk;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How soon something that failed is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// What the controllers are told when they start.
#[derive(Clone)]
pub struct Settings {
    /// The cluster's nodes.
    pub nodes: Vec<NodeSettings>,
    /// The certificate of the cluster's authority, as every namespace gets it.
    pub root_ca: String,
    /// Where volumes are made; none: none are made here.
    pub volumes: Option<PathBuf>,
    /// What tells the time.
    pub clock: Clock,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("nodes", &self.nodes)
            .finish_non_exhaustive()
    }
}

/// Controllers at work; they rest when this is dropped.
#[derive(Debug)]
pub struct Controllers {
    _tasks: JoinSet<()>,
}

impl Controllers {
    /// Puts the controllers of a cluster to work.
    #[must_use]
    pub fn start(api: Arc<dyn Api>, settings: Settings) -> Self {
        let desk = Desk {
            teller: Teller::start(Arc::clone(&api)),
            settings: Arc::new(settings),
            api,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(node::keep(desk.clone()));
        tasks.spawn(namespace::furnish(desk.clone()));
        tasks.spawn(namespace::end(desk.clone()));
        tasks.spawn(scheduler::schedule(desk.clone()));
        tasks.spawn(scheduler::collect_lost(desk.clone()));
        tasks.spawn(replica_set::control(desk.clone()));
        tasks.spawn(deployment::control(desk.clone()));
        tasks.spawn(stateful_set::control(desk.clone()));
        tasks.spawn(daemon_set::control(desk.clone()));
        tasks.spawn(job::control(desk.clone()));
        tasks.spawn(cron_job::control(desk.clone()));
        tasks.spawn(disruption::control(desk.clone()));
        tasks.spawn(storage_class::furnish(desk.clone()));
        tasks.spawn(claim::control(desk.clone()));
        tasks.spawn(volume::control(desk.clone()));
        tasks.spawn(resource_quota::control(desk.clone()));
        tasks.spawn(endpoints::control(desk.clone()));
        tasks.spawn(garbage::collect(desk));
        Self { _tasks: tasks }
    }
}

/// The reference by which an object says that a controller's object manages it.
fn owner_reference(resource: &Resource, owner: &Value) -> Value {
    json!({
        "apiVersion": resource.api_version(),
        "kind": resource.kind,
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

/// A Pod of a template, managed by an owner.
fn pod_of(resource: &Resource, owner: &Value, template: &Value) -> Value {
    let metadata = &template["metadata"];
    let base: String = crate::object::name(owner).chars().take(57).collect();
    crate::object::without_nulls(&json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": format!("{base}-"),
            "namespace": owner["metadata"]["namespace"],
            "labels": metadata["labels"],
            "annotations": metadata["annotations"],
            "finalizers": metadata["finalizers"],
            "ownerReferences": [owner_reference(resource, owner)],
        },
        "spec": template["spec"],
    }))
}

/// A number, or a share in percent, rounded up.
fn share(of: &Value, all: usize) -> usize {
    let percent = of.as_str().and_then(|text| text.strip_suffix('%'));
    match (
        of.as_u64(),
        percent.and_then(|text| text.parse::<usize>().ok()),
    ) {
        (Some(number), _) => usize::try_from(number).unwrap_or(usize::MAX),
        (None, Some(percent)) => (all * percent).div_ceil(100),
        (None, None) => 1,
    }
}

/// Whether what was refused is past mending: the object is gone, or goes with its namespace, or has
/// changed and will be seen anew.
fn is_settled(refused: &Refused) -> bool {
    matches!(
        refused,
        Refused::NotFound(_) | Refused::Conflict(_) | Refused::NamespaceEnding(_)
    )
}
