//! What a cluster is asked to be, member for member as in the EKS API.
//!
//! The names are the API's, so that a record reads like an answer of DescribeCluster. Settings
//! that the plane has no machinery for (Auto Mode, hybrid nodes, zonal shift, component flags)
//! are kept as they were sent and given back, in [`Settings::kept`].

use std::collections::BTreeMap;

use crate::service_block::ServiceBlock;
use serde::{Deserialize, Serialize};

/// A cluster's settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Subnets, security groups and who reaches the endpoint.
    pub resources_vpc_config: VpcConfig,
    /// The services' addresses.
    pub kubernetes_network_config: NetworkConfig,
    /// Which control plane logs are on.
    pub logging: Logging,
    /// Who may use the cluster: access entries, aws-auth, or both.
    pub access_config: AccessConfig,
    /// What happens at the end of standard support.
    pub upgrade_policy: UpgradePolicy,
    /// Which objects are encrypted by which key.
    pub encryption_config: Vec<EncryptionConfig>,
    /// Whether DeleteCluster refuses.
    pub deletion_protection: bool,
    /// `computeConfig`, `storageConfig` and their like, by name.
    pub kept: BTreeMap<String, serde_json::Value>,
}

/// Subnets, security groups and who reaches the endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VpcConfig {
    /// Where the control plane's network interfaces are.
    pub subnet_ids: Vec<String>,
    /// Further security groups of those interfaces.
    pub security_group_ids: Vec<String>,
    /// Whether the endpoint answers the internet.
    pub endpoint_public_access: bool,
    /// Whether the endpoint answers inside the VPC.
    pub endpoint_private_access: bool,
    /// From where, on the internet.
    pub public_access_cidrs: Vec<String>,
    /// How the control plane reaches out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_plane_egress_mode: Option<String>,
}

/// The services' addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkConfig {
    /// The block from which services get addresses.
    pub service_ipv4_cidr: ServiceBlock,
    /// `ipv4` or `ipv6`.
    pub ip_family: String,
}

/// Which control plane logs are on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Logging {
    /// Rows of log types, switched together.
    pub cluster_logging: Vec<LogSetup>,
}

/// One row of [`Logging`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogSetup {
    /// `api`, `audit`, `authenticator`, `controllerManager`, `scheduler`.
    pub types: Vec<String>,
    /// On or off.
    pub enabled: bool,
}

/// Who may use a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AccessConfig {
    /// Whether its creator becomes its administrator.
    pub bootstrap_cluster_creator_admin_permissions: bool,
    /// By access entries, the aws-auth ConfigMap, or both.
    pub authentication_mode: AuthenticationMode,
}

/// Where a cluster looks a principal up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuthenticationMode {
    /// The aws-auth ConfigMap: what a cluster has when nothing was asked.
    #[default]
    ConfigMap,
    /// Access entries first, then the ConfigMap.
    ApiAndConfigMap,
    /// Access entries only.
    Api,
}

/// What happens at the end of standard support.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UpgradePolicy {
    /// `STANDARD` (upgrade) or `EXTENDED` (pay).
    pub support_type: String,
}

/// Which objects are encrypted by which key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EncryptionConfig {
    /// Only `secrets` is possible.
    pub resources: Vec<String>,
    /// The key.
    pub provider: EncryptionProvider,
}

/// The key of an [`EncryptionConfig`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EncryptionProvider {
    /// A KMS key.
    pub key_arn: String,
}

/// Every control plane log, in the API's order.
const LOG_TYPES: [&str; 5] = [
    "api",
    "audit",
    "authenticator",
    "controllerManager",
    "scheduler",
];

impl AuthenticationMode {
    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConfigMap => "CONFIG_MAP",
            Self::ApiAndConfigMap => "API_AND_CONFIG_MAP",
            Self::Api => "API",
        }
    }

    /// Whether a cluster may change to this mode: only ever towards access entries.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        self <= next && (self, next) != (Self::ConfigMap, Self::Api)
    }
}

impl Logging {
    /// Whether a type of log is on.
    #[must_use]
    pub fn is_on(&self, log: &str) -> bool {
        let mut rows = self.cluster_logging.iter();
        rows.any(|row| row.enabled && row.types.iter().any(|name| name == log))
    }

    /// These logs with the rows of a request applied, in the form in which EKS gives them back:
    /// one row of those that are on, one of those that are off.
    #[must_use]
    pub fn with(&self, changes: &[LogSetup]) -> Self {
        let is_on = |log: &str| {
            let named = |row: &&LogSetup| row.types.iter().any(|name| name == log);
            let change = changes.iter().rev().find(named);
            change.map_or_else(|| self.is_on(log), |row| row.enabled)
        };
        let (on, off): (Vec<&str>, Vec<&str>) = LOG_TYPES.iter().partition(|log| is_on(log));
        let rows = [(on, true), (off, false)].map(|(types, enabled)| LogSetup {
            types: types.into_iter().map(str::to_owned).collect(),
            enabled,
        });
        let rows = rows.into_iter().filter(|row| !row.types.is_empty());
        Self {
            cluster_logging: rows.collect(),
        }
    }
}

impl Default for VpcConfig {
    fn default() -> Self {
        Self {
            subnet_ids: Vec::new(),
            security_group_ids: Vec::new(),
            endpoint_public_access: true,
            endpoint_private_access: false,
            public_access_cidrs: vec!["0.0.0.0/0".to_owned()],
            control_plane_egress_mode: None,
        }
    }
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            service_ipv4_cidr: ServiceBlock::default(),
            ip_family: "ipv4".to_owned(),
        }
    }
}

impl Default for Logging {
    fn default() -> Self {
        Self {
            cluster_logging: vec![LogSetup {
                types: LOG_TYPES.map(str::to_owned).to_vec(),
                enabled: false,
            }],
        }
    }
}

impl Default for AccessConfig {
    fn default() -> Self {
        Self {
            bootstrap_cluster_creator_admin_permissions: true,
            authentication_mode: AuthenticationMode::default(),
        }
    }
}

impl Default for UpgradePolicy {
    fn default() -> Self {
        Self {
            support_type: "EXTENDED".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switching_one_log_on_leaves_the_others_off() {
        let change = LogSetup {
            types: vec!["audit".to_owned()],
            enabled: true,
        };
        let logging = Logging::default().with(&[change]);
        assert!(logging.is_on("audit"));
        assert!(!logging.is_on("api"));
        assert_eq!(logging.cluster_logging.len(), 2);
        assert_eq!(logging.with(&[]), logging);
    }

    #[test]
    fn authentication_only_moves_towards_access_entries_and_by_both() {
        use AuthenticationMode::{Api, ApiAndConfigMap, ConfigMap};
        assert!(ConfigMap.may_become(ApiAndConfigMap));
        assert!(ApiAndConfigMap.may_become(Api));
        assert!(!ConfigMap.may_become(Api));
        assert!(!Api.may_become(ApiAndConfigMap));
    }
}
