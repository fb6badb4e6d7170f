//! Clusters as AWS sees them: issuer, signing keys, endpoint, authority, settings.
//!
//! [`Clusters`] is every cluster at one revision, kept up from the store's watch; the
//! [`operations`] read it and give transactions. The service accounts of a cluster are vouched
//! for by its [`Issuer`], whose keys are in [`IssuerKeys`].

mod cluster;
mod signing;

mod snapshot;

pub mod operations;

mod page;
mod service_block;
mod settings;
mod update;
pub mod versions;

mod records;

mod error;

pub use cluster::{Cluster, ClusterStatus, Issuer, UPDATES_MAX, endpoint_of_eks};
pub use error::EksError;
pub use page::{PAGE_ROWS_MAX, Page};
pub use records::{
    CLUSTERS_PREFIX, ClusterKeys, SECRETS_PREFIX, UnreadableCluster, cluster_key, secrets_key,
};
pub use service_block::ServiceBlock;
pub use settings::{
    AccessConfig, AuthenticationMode, EncryptionConfig, EncryptionProvider, LogSetup, Logging,
    NetworkConfig, Settings, UpgradePolicy, VpcConfig,
};
pub use signing::{
    IssuerKey, IssuerKeys, KEYS_MAX, KeyPhase, PUBLISHED_AFTER_USE, PUBLISHED_BEFORE_USE,
    TooManyKeys,
};
pub use snapshot::{Clusters, Kept};
pub use update::{Update, UpdateKind};
