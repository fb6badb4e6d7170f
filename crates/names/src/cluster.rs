//! Clusters as AWS names them.

use std::str::FromStr;
use std::sync::Arc;

use data_encoding::HEXUPPER;

use crate::{AccountId, Arn, Partition, Region};

name! {
    /// An EKS cluster's name (`^[0-9A-Za-z][A-Za-z0-9\-_]*`, 1 to 100 characters).
    ClusterName, NotAClusterName, "a cluster name",
    "1 to 100 letters, digits, hyphens and underscores, beginning with a letter or digit",
    is_cluster_name
}

name! {
    /// The last part of a cluster's issuer: 32 hexadecimal digits.
    ClusterId, NotAClusterId, "a cluster id",
    "32 hexadecimal digits",
    |text| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl ClusterId {
    /// Writes the random bytes as EKS does, in capitals.
    #[must_use]
    pub fn from_random(random: [u8; 16]) -> Self {
        Self(HEXUPPER.encode(&random).into())
    }
}

fn is_cluster_name(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// A cluster's ARN: `arn:P:eks:REGION:ACCOUNT:cluster/NAME`.
#[derive(Clone)]
pub struct ClusterArn {
    text: Arc<str>,
    partition: Partition,
    region: Region,
    account: AccountId,
    name: ClusterName,
}

/// The text is not a cluster's ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a cluster ARN: `arn:aws:eks:us-west-2:111111111111:cluster/NAME`")]
pub struct NotAClusterArn(pub String);

impl ClusterArn {
    /// Puts the parts together; the partition is the region's.
    #[must_use]
    pub fn new(region: &Region, account: AccountId, name: &ClusterName) -> Self {
        let partition = region.partition();
        Self {
            text: format!("arn:{partition}:eks:{region}:{account}:cluster/{name}").into(),
            partition,
            region: region.clone(),
            account,
            name: name.clone(),
        }
    }

    /// The partition.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The cluster's name.
    #[must_use]
    pub fn name(&self) -> &ClusterName {
        &self.name
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn from_arn(arn: &Arn) -> Option<Self> {
        let name = arn.resource().strip_prefix("cluster/")?;
        (arn.service() == "eks").then_some(Self {
            text: arn.as_str().into(),
            partition: arn.partition(),
            region: arn.region().parse().ok()?,
            account: arn.account_id()?,
            name: name.parse().ok()?,
        })
    }
}

impl FromStr for ClusterArn {
    type Err = NotAClusterArn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let arn = text.parse::<Arn>().ok();
        arn.and_then(|arn| Self::from_arn(&arn))
            .ok_or_else(|| NotAClusterArn(text.to_owned()))
    }
}

text_traits!(ClusterArn);
compare_by_text!(ClusterArn);
