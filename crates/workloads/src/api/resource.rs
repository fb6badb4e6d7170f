//! How the API names the kinds that controllers and runner work with.

use std::borrow::Cow;

/// A resource of the API.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Resource {
    /// `apps`; empty for the core group.
    pub group: Cow<'static, str>,
    /// `v1`.
    pub version: Cow<'static, str>,
    /// `Deployment`.
    pub kind: Cow<'static, str>,
    /// `deployments`.
    pub plural: Cow<'static, str>,
}

impl Resource {
    const fn of(group: &'static str, kind: &'static str, plural: &'static str) -> Self {
        Self {
            group: Cow::Borrowed(group),
            version: Cow::Borrowed("v1"),
            kind: Cow::Borrowed(kind),
            plural: Cow::Borrowed(plural),
        }
    }

    /// As an object's `apiVersion` names its group and version.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_string()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

/// The resources by name.
pub mod resources {
    use super::Resource;

    /// Pods.
    pub const PODS: Resource = Resource::of("", "Pod", "pods");
    /// Nodes.
    pub const NODES: Resource = Resource::of("", "Node", "nodes");
    /// Namespaces.
    pub const NAMESPACES: Resource = Resource::of("", "Namespace", "namespaces");
    /// Service accounts.
    pub const SERVICE_ACCOUNTS: Resource = Resource::of("", "ServiceAccount", "serviceaccounts");
    /// ConfigMaps.
    pub const CONFIG_MAPS: Resource = Resource::of("", "ConfigMap", "configmaps");
    /// Secrets.
    pub const SECRETS: Resource = Resource::of("", "Secret", "secrets");
    /// Services.
    pub const SERVICES: Resource = Resource::of("", "Service", "services");
    /// Endpoints.
    pub const ENDPOINTS: Resource = Resource::of("", "Endpoints", "endpoints");
    /// Events.
    pub const EVENTS: Resource = Resource::of("", "Event", "events");
    /// EndpointSlices.
    pub const ENDPOINT_SLICES: Resource =
        Resource::of("discovery.k8s.io", "EndpointSlice", "endpointslices");
    /// Deployments.
    pub const DEPLOYMENTS: Resource = Resource::of("apps", "Deployment", "deployments");
    /// ReplicaSets.
    pub const REPLICA_SETS: Resource = Resource::of("apps", "ReplicaSet", "replicasets");
    /// StatefulSets.
    pub const STATEFUL_SETS: Resource = Resource::of("apps", "StatefulSet", "statefulsets");
    /// DaemonSets.
    pub const DAEMON_SETS: Resource = Resource::of("apps", "DaemonSet", "daemonsets");
    /// ControllerRevisions.
    pub const CONTROLLER_REVISIONS: Resource =
        Resource::of("apps", "ControllerRevision", "controllerrevisions");
    /// Jobs.
    pub const JOBS: Resource = Resource::of("batch", "Job", "jobs");
    /// CronJobs.
    pub const CRON_JOBS: Resource = Resource::of("batch", "CronJob", "cronjobs");
    /// PersistentVolumeClaims.
    pub const CLAIMS: Resource =
        Resource::of("", "PersistentVolumeClaim", "persistentvolumeclaims");
    /// PersistentVolumes.
    pub const VOLUMES: Resource = Resource::of("", "PersistentVolume", "persistentvolumes");
    /// StorageClasses.
    pub const STORAGE_CLASSES: Resource =
        Resource::of("storage.k8s.io", "StorageClass", "storageclasses");
    /// ResourceQuotas.
    pub const QUOTAS: Resource = Resource::of("", "ResourceQuota", "resourcequotas");
    /// PodDisruptionBudgets.
    pub const DISRUPTION_BUDGETS: Resource =
        Resource::of("policy", "PodDisruptionBudget", "poddisruptionbudgets");
    /// Leases.
    pub const LEASES: Resource = Resource::of("coordination.k8s.io", "Lease", "leases");
}
