//! What controllers and runner ask of the Kubernetes API: a trait that `plane` implements over the
//! API server, and that tests implement in memory.

mod refused;
mod resource;

pub use refused::Refused;
pub use resource::{Resource, resources};

use jiff::Timestamp;
use names::secret::Secret;
use serde_json::Value;
use std::pin::Pin;
use tokio::sync::mpsc;

/// An answer that comes later.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One step of a [`Feed`].
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// An object exists with this content.
    Set(Value),
    /// An object is gone; its last content.
    Gone(Value),
    /// All that existed when the feed began, or began anew, has been told.
    Synced,
    /// The feed begins anew: what is not told again before the next [`Change::Synced`] is gone.
    Restarted,
}

/// Every object of a resource, then every change to one, in order. It ends with the API.
pub type Feed = mpsc::Receiver<Change>;

/// How an object is to be deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deletion {
    /// Only the object of this uid.
    pub uid: Option<String>,
    /// Seconds that a Pod's processes get to end.
    pub grace_seconds: Option<u64>,
    /// `Background`, `Foreground` or `Orphan`.
    pub propagation: Option<&'static str>,
}

/// A token for one Pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAsk {
    /// The Pod's namespace.
    pub namespace: String,
    /// Its service account.
    pub service_account: String,
    /// The Pod that it is bound to.
    pub pod_name: String,
    /// Its uid.
    pub pod_uid: String,
    /// Who it is for; `None`: the API itself.
    pub audience: Option<String>,
    /// How long it is to live.
    pub expiration_seconds: i64,
}

/// A token that was minted.
#[derive(Debug, Clone)]
pub struct Minted {
    /// The text.
    pub token: Secret,
    /// When it ends.
    pub expires: Timestamp,
}

/// The API, as a system component sees it.
pub trait Api: std::fmt::Debug + Send + Sync + 'static {
    /// One object. Cluster-scoped resources have the empty namespace, here and below.
    fn get<'a>(
        &'a self,
        resource: Resource,
        namespace: &'a str,
        name: &'a str,
    ) -> Pending<'a, Result<Value, Refused>>;

    /// All objects of a namespace, or of all with the empty one.
    fn list<'a>(
        &'a self,
        resource: Resource,
        namespace: &'a str,
    ) -> Pending<'a, Result<Vec<Value>, Refused>>;

    /// All objects of all namespaces, and what becomes of them.
    fn follow(&self, resource: Resource) -> Feed;

    /// Creates an object in the namespace of its metadata.
    fn create(&self, resource: Resource, object: Value) -> Pending<'_, Result<Value, Refused>>;

    /// Merges a patch into an object, or into its status. A `metadata.resourceVersion` or
    /// `metadata.uid` in the patch is a condition.
    fn merge<'a>(
        &'a self,
        resource: Resource,
        namespace: &'a str,
        name: &'a str,
        part: Part,
        patch: Value,
    ) -> Pending<'a, Result<Value, Refused>>;

    /// Deletes an object, or begins to.
    fn delete<'a>(
        &'a self,
        resource: Resource,
        namespace: &'a str,
        name: &'a str,
        deletion: Deletion,
    ) -> Pending<'a, Result<(), Refused>>;

    /// Gives a Pod its node: this one, no namesake.
    fn bind<'a>(&'a self, pod: &'a Value, node: &'a str) -> Pending<'a, Result<(), Refused>>;

    /// Mints a token for a Pod that runs on this node.
    fn mint(&self, ask: TokenAsk) -> Pending<'_, Result<Minted, Refused>>;

    /// The resources whose objects can be owned and deleted, and whether each has namespaces.
    fn collected(&self) -> Pending<'_, Vec<(Resource, bool)>>;
}

/// The part of an object that a write is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All but the status.
    Main,
    /// The status. Those conditions of a Pod are set that the patch has, by their types, and others stay:
    /// its runner says some, others others.
    Status,
    /// A namespace's `spec.finalizers`.
    Finalize,
}
