//! The operations, one family a file.
//!
//! Each is a pure function of the snapshot: it gives its output and the transaction that makes it
//! true. Who may call them is decided before, on the cluster's ARN (or on `*` where IAM knows no
//! resource: CreateCluster, ListClusters, DescribeClusterVersions).

mod cluster_versions;
mod create_cluster;
mod endpoint;
mod read_clusters;
mod tag_resource;
mod update_cluster_config;

pub use cluster_versions::{VersionFilter, describe_cluster_versions};
pub use create_cluster::{
    CLUSTERS_MAX, KeyMaterial, NewCluster, create_cluster, forget_signing_keys, rotate_signing_key,
};
pub use endpoint::set_endpoint;
pub use read_clusters::{
    delete_cluster, describe_cluster, describe_update, list_clusters, list_updates,
};
pub use tag_resource::{
    TAGS_MAX, list_tags_for_resource, tag_resource, tagged_cluster, untag_resource,
};
pub use update_cluster_config::{ConfigChange, update_cluster_config};

use names::{AccountId, Region};

/// Where clusters live: one account's in one region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
}

#[cfg(test)]
mod tests;
