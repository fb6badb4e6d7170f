//! How EKS refuses, with AWS's code, status and text.
//!
//! Codes and statuses are the service model's; texts are those that EKS is seen to answer.

use names::{ClusterArn, ClusterName, RoleArn};

use crate::settings::AuthenticationMode;
use crate::signing::TooManyKeys;
use crate::versions::KubernetesVersion;

/// Why an EKS operation was refused. `Display` is the text on the wire.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EksError {
    /// No cluster of that name in the caller's account and region.
    #[error("No cluster found for name: {0}.")]
    NoCluster(ClusterName),
    /// No update of that id.
    #[error("No update found for ID: {0}")]
    NoUpdate(String),
    /// The name is taken in this account and region.
    #[error("Cluster already exists with name: {0}")]
    ClusterExists(ClusterName),
    /// As many clusters as an account may have in a region.
    #[error("You've reached the maximum number of clusters allowed: {max}")]
    TooManyClusters {
        /// The quota.
        max: usize,
    },
    /// A version that EKS does not offer, or no longer.
    #[error("unsupported Kubernetes version {0}")]
    UnsupportedVersion(KubernetesVersion),
    /// A version that is not `MAJOR.MINOR`.
    #[error("unsupported Kubernetes version {0}")]
    NotAVersion(String),
    /// The cluster role is missing, or does not trust EKS.
    #[error(
        "Role with arn: {0}, could not be assumed because it does not exist or the trusted entity is not correct"
    )]
    RoleNotAssumable(RoleArn),
    /// Another shape than a role ARN of this account.
    #[error("Invalid role ARN: {0}")]
    NotARole(String),
    /// A block of addresses that EKS does not take for Services.
    #[error(
        "Service IPv4 CIDR {0} is invalid: it must lie within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 and be between /24 and /12"
    )]
    NotAServiceBlock(String),
    /// DeleteCluster of a cluster that is protected.
    #[error(
        "Cluster {0} cannot be deleted because deletion protection is enabled. Disable deletion protection and try again."
    )]
    DeletionProtected(ClusterName),
    /// UpdateClusterConfig without anything to change.
    #[error("The type for cluster update was not provided.")]
    NothingToUpdate,
    /// UpdateClusterConfig with more than one kind of change.
    #[error("Only one type of update can be allowed.")]
    SeveralUpdates,
    /// The change would leave everything as it is.
    #[error("{0}")]
    NoChange(String),
    /// A move of the authentication mode that EKS does not make.
    #[error("Unsupported authentication mode update from {} to {}", from.as_str(), to.as_str())]
    AuthenticationModeBack {
        /// What the cluster has.
        from: AuthenticationMode,
        /// What was asked.
        to: AuthenticationMode,
    },
    /// A page token that this operation did not make.
    #[error("Invalid NextToken: {0}")]
    NotANextToken(String),
    /// Tags of something that is no EKS resource, or not of this caller's account and region.
    #[error("Invalid resource ARN: {0}")]
    NotAResourceArn(String),
    /// Tags of a resource that is not there.
    #[error("Resource not found for ARN: {0}")]
    NoResource(ClusterArn),
    /// More tags than a resource may have.
    #[error("The maximum number of tags per resource is {max}, this resource would have {found}")]
    TooManyTags {
        /// The quota.
        max: usize,
        /// How many there would be.
        found: usize,
    },
    /// A tag key in AWS's own namespace.
    #[error("Tag keys beginning with aws: are reserved for system use: {0}")]
    ReservedTag(String),
    /// The issuer publishes as many keys as it may.
    #[error(transparent)]
    TooManyKeys(TooManyKeys),
    /// The keys could not be made or sealed; ours to mend.
    #[error("{0}")]
    Keys(String),
    /// The issuer of this cluster is a real cluster's, whose keys are not here.
    #[error("the issuer of {0} is an external one; its signing keys are rotated where they are")]
    NotOurIssuer(ClusterArn),
    /// A tag key or value beyond its length.
    #[error("Tag keys have 1 to 128 characters and tag values at most 256: {0}")]
    TagLength(String),
}

impl EksError {
    /// The exception's name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoCluster(_) | Self::NoUpdate(_) => "ResourceNotFoundException",
            Self::ClusterExists(_) => "ResourceInUseException",
            Self::TooManyClusters { .. } => "ResourceLimitExceededException",
            Self::UnsupportedVersion(_)
            | Self::NotAVersion(_)
            | Self::RoleNotAssumable(_)
            | Self::NotARole(_)
            | Self::NotAServiceBlock(_)
            | Self::NothingToUpdate
            | Self::SeveralUpdates
            | Self::NoChange(_)
            | Self::AuthenticationModeBack { .. }
            | Self::NotANextToken(_) => "InvalidParameterException",
            Self::Keys(_) => "ServerException",
            Self::DeletionProtected(_) | Self::NotOurIssuer(_) | Self::TooManyKeys(_) => {
                "InvalidRequestException"
            }
            Self::NoResource(_) => "NotFoundException",
            Self::NotAResourceArn(_)
            | Self::TooManyTags { .. }
            | Self::ReservedTag(_)
            | Self::TagLength(_) => "BadRequestException",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.code() {
            "ResourceNotFoundException" | "NotFoundException" => 404,
            "ResourceInUseException" => 409,
            "ServerException" => 500,
            _ => 400,
        }
    }
}
