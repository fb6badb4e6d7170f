//! What UpdateClusterConfig did, as DescribeUpdate and ListUpdates tell it.

use serde::{Deserialize, Serialize};

/// One change of a cluster's settings. It is done when it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// A UUID.
    pub id: String,
    /// What kind of change it was.
    pub kind: UpdateKind,
    /// What was asked: parameter name and value.
    pub params: Vec<(String, String)>,
    /// When, in seconds of the epoch.
    pub created: i64,
}

/// What UpdateClusterConfig can change; one call changes one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UpdateKind {
    /// Who reaches the endpoint.
    EndpointAccess,
    /// Subnets and security groups.
    VpcConfig,
    /// Control plane logs.
    Logging,
    /// Authentication mode.
    AccessConfig,
    /// Support type.
    UpgradePolicy,
    /// Deletion protection.
    DeletionProtection,
    /// Auto Mode: compute, storage, load balancing.
    AutoMode,
    /// Hybrid nodes.
    RemoteNetworkConfig,
    /// Zonal shift.
    ZonalShiftConfig,
    /// The control plane's size.
    ControlPlaneScalingConfig,
    /// Flags of the control plane's components.
    ControlPlaneComponentConfig,
}

impl UpdateKind {
    /// `type` of an update.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EndpointAccess => "EndpointAccessUpdate",
            Self::VpcConfig => "VpcConfigUpdate",
            Self::Logging => "LoggingUpdate",
            Self::AccessConfig => "AccessConfigUpdate",
            Self::UpgradePolicy => "UpgradePolicyUpdate",
            Self::DeletionProtection => "DeletionProtectionUpdate",
            Self::AutoMode => "AutoModeUpdate",
            Self::RemoteNetworkConfig => "RemoteNetworkConfigUpdate",
            Self::ZonalShiftConfig => "ZonalShiftConfigUpdate",
            Self::ControlPlaneScalingConfig => "ControlPlaneScalingConfigUpdate",
            Self::ControlPlaneComponentConfig => "ControlPlaneComponentConfigUpdate",
        }
    }
}
