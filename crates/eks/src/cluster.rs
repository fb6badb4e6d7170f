//! A cluster as AWS sees it.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use names::{AccountId, ClusterArn, ClusterId, ClusterName, IssuerUrl, Region, RoleArn};
use serde::{Deserialize, Serialize};

use crate::settings::Settings;
use crate::update::Update;
use crate::versions::KubernetesVersion;

/// Updates that a cluster remembers; the oldest goes first.
pub const UPDATES_MAX: usize = 50;

/// A cluster's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// Where it is, whose it is, and its name.
    pub arn: ClusterArn,
    /// When it was created, in milliseconds of the epoch.
    pub created_ms: i64,
    /// Its Kubernetes version.
    pub version: KubernetesVersion,
    /// The role that EKS would act by; none for a cluster that was declared, not created.
    pub role: Option<RoleArn>,
    /// The Kubernetes API's address.
    pub endpoint: String,
    /// Who vouches for its service accounts.
    pub issuer: Issuer,
    /// The certificate of the authority that signs the endpoint's, as PEM.
    pub authority_pem: String,
    /// What it was asked to be.
    pub settings: Settings,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The last changes of its settings, oldest first.
    pub updates: VecDeque<Update>,
    /// The idempotency token under which it was created.
    pub client_request_token: Option<String>,
}

/// Who vouches for a cluster's service accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Issuer {
    /// This plane holds its keys.
    Own(IssuerUrl),
    /// A real cluster somewhere holds them; its key set is fetched.
    External(IssuerUrl),
}

/// What CreateCluster's answer, or a later one, says of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterStatus {
    /// In the answer of CreateCluster.
    Creating,
    /// In every answer of DescribeCluster: nothing here takes time.
    Active,
    /// In the answer of DeleteCluster.
    Deleting,
}

impl Cluster {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &ClusterName {
        self.arn.name()
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.arn.account()
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &Region {
        self.arn.region()
    }

    /// When it was created.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        Timestamp::from_millisecond(self.created_ms).unwrap_or_default()
    }

    /// `certificateAuthority.data`: the PEM in base64, as clients put it into a kubeconfig.
    #[must_use]
    pub fn authority_data(&self) -> String {
        data_encoding::BASE64.encode(self.authority_pem.as_bytes())
    }

    /// The update of this id.
    #[must_use]
    pub fn update(&self, id: &str) -> Option<&Update> {
        self.updates.iter().find(|update| update.id == id)
    }

    pub(crate) fn remember(&mut self, update: Update) {
        while self.updates.len() >= UPDATES_MAX {
            self.updates.pop_front();
        }
        self.updates.push_back(update);
    }
}

impl Issuer {
    /// The claim `iss` of the cluster's tokens.
    #[must_use]
    pub fn url(&self) -> &IssuerUrl {
        match self {
            Self::Own(url) | Self::External(url) => url,
        }
    }

    /// The issuer that EKS gives a new cluster:
    /// `https://oidc.eks.REGION.amazonaws.com/id/<32 hexadecimal digits>`.
    #[must_use]
    pub fn of_eks(region: &Region, id: &ClusterId) -> Option<IssuerUrl> {
        let suffix = region.partition().dns_suffix();
        format!("https://oidc.eks.{region}.{suffix}/id/{id}")
            .parse()
            .ok()
    }
}

/// The endpoint that EKS gives a new cluster.
#[must_use]
pub fn endpoint_of_eks(region: &Region, id: &ClusterId) -> String {
    let suffix = region.partition().dns_suffix();
    format!("https://{id}.gr7.{region}.eks.{suffix}")
}

impl ClusterStatus {
    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Active => "ACTIVE",
            Self::Deleting => "DELETING",
        }
    }
}
