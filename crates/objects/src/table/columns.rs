//! The columns of each kind.

use super::look::Look;
use super::{access, configuration, network, node, pod, workload};
use serde_json::{Value, json};

/// A column of a Table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub name: &'static str,
    /// The type of its cells, as OpenAPI names types.
    pub sort: &'static str,
    /// More about it: `name` for that of the object.
    pub format: &'static str,
    /// 0 for all; 1 for those who ask for wide output.
    pub priority: u8,
}

impl Column {
    pub(super) fn to_json(self) -> Value {
        let Self {
            name,
            sort,
            format,
            priority,
        } = self;
        json!({"name": name, "type": sort, "format": format, "description": name, "priority": priority})
    }
}

/// The columns of a kind; for one that has none of its own, its name and when it was made.
#[must_use]
pub fn columns(group: &str, kind: &str) -> &'static [Column] {
    self::kind(group, kind).columns
}

/// A kind's columns, and how its objects fill them.
pub(super) struct Shape {
    group: &'static str,
    kind: &'static str,
    pub(super) columns: &'static [Column],
    cells: fn(&Look<'_>) -> Vec<Value>,
}

impl Shape {
    pub(super) fn cells(&self, look: &Look<'_>) -> Vec<Value> {
        (self.cells)(look)
    }
}

pub(super) fn kind(group: &str, kind: &str) -> &'static Shape {
    SHAPES
        .iter()
        .find(|shape| shape.group == group && shape.kind == kind)
        .unwrap_or(&OTHER)
}

const fn column(name: &'static str, sort: &'static str, priority: u8) -> Column {
    Column {
        name,
        sort,
        format: "",
        priority,
    }
}

const NAME: Column = Column {
    name: "Name",
    sort: "string",
    format: "name",
    priority: 0,
};

/// Writes a shape: `@` before a heading is a number's, the part after `|` is for wide output.
macro_rules! shape {
    ($group:literal $kind:literal, $cells:path, [$($(@$number:tt)? $name:literal),*] $(| [$($wide:literal),*])?) => {
        Shape {
            group: $group,
            kind: $kind,
            columns: &[NAME, $(column($name, sort!($($number)?), 0),)* $($(column($wide, "string", 1)),*)?],
            cells: $cells,
        }
    };
}

macro_rules! sort {
    () => {
        "string"
    };
    (int) => {
        "integer"
    };
}

const OTHER: Shape = Shape {
    group: "",
    kind: "",
    columns: &[
        NAME,
        Column {
            name: "Created At",
            sort: "string",
            format: "date-time",
            priority: 0,
        },
    ],
    cells: configuration::other,
};

const RBAC: &str = "rbac.authorization.k8s.io";

const BINDING: &[Column] = &[
    NAME,
    column("Role", "string", 0),
    column("Age", "string", 0),
    column("Users", "string", 1),
    column("Groups", "string", 1),
    column("ServiceAccounts", "string", 1),
];

const EVENT: &[Column] = &[
    column("Last Seen", "string", 0),
    column("Type", "string", 0),
    column("Reason", "string", 0),
    column("Object", "string", 0),
    column("Subobject", "string", 1),
    column("Source", "string", 1),
    column("Message", "string", 0),
    column("First Seen", "string", 1),
    column("Count", "string", 1),
    Column {
        name: "Name",
        sort: "string",
        format: "name",
        priority: 1,
    },
];

const SHAPES: &[Shape] = &[
    shape!("" "Pod", pod::cells, ["Ready", "Status", "Restarts", "Age"]
        | ["IP", "Node", "Nominated Node", "Readiness Gates"]),
    shape!("apps" "Deployment", workload::deployment,
        ["Ready", @int "Up-to-date", @int "Available", "Age"] | ["Containers", "Images", "Selector"]),
    shape!("apps" "ReplicaSet", workload::replica_set,
        [@int "Desired", @int "Current", @int "Ready", "Age"] | ["Containers", "Images", "Selector"]),
    shape!("apps" "StatefulSet", workload::stateful_set, ["Ready", "Age"] | ["Containers", "Images"]),
    shape!("apps" "DaemonSet", workload::daemon_set,
        [@int "Desired", @int "Current", @int "Ready", @int "Up-to-date", @int "Available", "Node Selector", "Age"]
        | ["Containers", "Images", "Selector"]),
    shape!("apps" "ControllerRevision", workload::controller_revision, ["Controller", @int "Revision", "Age"]),
    shape!("autoscaling" "HorizontalPodAutoscaler", workload::autoscaler,
        ["Reference", "Targets", "MinPods", "MaxPods", @int "Replicas", "Age"]),
    shape!("autoscaling" "Scale", workload::scale, [@int "Desired", @int "Available", "Age"]),
    shape!("batch" "Job", workload::job, ["Status", "Completions", "Duration", "Age"]
        | ["Containers", "Images", "Selector"]),
    shape!("batch" "CronJob", workload::cron_job,
        ["Schedule", "Timezone", "Suspend", @int "Active", "Last Schedule", "Age"]
        | ["Containers", "Images", "Selector"]),
    shape!("" "ConfigMap", configuration::config_map, [@int "Data", "Age"]),
    shape!("" "Secret", configuration::secret, ["Type", @int "Data", "Age"]),
    shape!("" "ServiceAccount", configuration::service_account, [@int "Secrets", "Age"]),
    shape!("" "Namespace", configuration::namespace, ["Status", "Age"]),
    Shape {
        group: "",
        kind: "Event",
        columns: EVENT,
        cells: configuration::event,
    },
    Shape {
        group: "events.k8s.io",
        kind: "Event",
        columns: EVENT,
        cells: configuration::event,
    },
    shape!("coordination.k8s.io" "Lease", configuration::lease, ["Holder", "Age"]),
    shape!("storage.k8s.io" "StorageClass", configuration::storage_class,
        ["Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion", "Age"]),
    shape!("" "PersistentVolume", configuration::volume,
        ["Capacity", "Access Modes", "Reclaim Policy", "Status", "Claim", "StorageClass",
            "VolumeAttributesClass", "Reason", "Age"]
        | ["VolumeMode"]),
    shape!("" "PodTemplate", workload::pod_template, ["Containers", "Images", "Pod Labels"]),
    shape!("" "ResourceQuota", configuration::quota, ["Request", "Limit", "Age"]),
    shape!("" "PersistentVolumeClaim", configuration::claim,
        ["Status", "Volume", "Capacity", "Access Modes", "StorageClass", "VolumeAttributesClass", "Age"]
        | ["VolumeMode"]),
    shape!("scheduling.k8s.io" "PriorityClass", configuration::priority_class,
        [@int "Value", "Global-Default", "Age", "PreemptionPolicy"]),
    shape!("policy" "PodDisruptionBudget", workload::disruption_budget,
        ["Min Available", "Max Unavailable", @int "Allowed Disruptions", "Age"]),
    shape!("" "Node", node::cells, ["Status", "Roles", "Age", "Version"]
        | ["Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime"]),
    shape!("" "Service", network::service, ["Type", "Cluster-IP", "External-IP", "Port(s)", "Age"]
        | ["Selector"]),
    shape!("" "Endpoints", network::endpoints, ["Endpoints", "Age"]),
    shape!("discovery.k8s.io" "EndpointSlice", network::endpoint_slice,
        ["AddressType", "Ports", "Endpoints", "Age"]),
    shape!("networking.k8s.io" "Ingress", network::ingress, ["Class", "Hosts", "Address", "Ports", "Age"]),
    shape!("networking.k8s.io" "NetworkPolicy", network::policy, ["Pod-Selector", "Age"]),
    Shape {
        group: RBAC,
        kind: "RoleBinding",
        columns: BINDING,
        cells: access::binding,
    },
    Shape {
        group: RBAC,
        kind: "ClusterRoleBinding",
        columns: BINDING,
        cells: access::binding,
    },
];
