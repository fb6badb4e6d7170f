//! Clusters as AWS names them.

use data_encoding::HEXUPPER;

use crate::arn::spelt;
use crate::{AccountId, Arn, Region};

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

arn_type! {
    /// A cluster's ARN: `arn:P:eks:REGION:ACCOUNT:cluster/NAME`.
    ClusterArn, NotAClusterArn, "a cluster ARN",
    "arn:aws:eks:us-west-2:111111111111:cluster/NAME",
    {
        /// The region.
        region: Region,
        /// The cluster's name.
        name: ClusterName,
    }
}

impl ClusterArn {
    /// Puts the parts together; the partition is the region's.
    #[must_use]
    pub fn new(region: &Region, account: AccountId, name: &ClusterName) -> Self {
        let partition = region.partition();
        let (place, resource) = (region.as_str(), ["cluster/", name.as_str()]);
        Self {
            text: spelt(partition, "eks", place, account.as_str(), &resource).into(),
            partition,
            region: region.clone(),
            account,
            name: name.clone(),
        }
    }

    fn from_arn(arn: &Arn) -> Option<Self> {
        let name = arn.resource().strip_prefix("cluster/")?;
        (arn.service() == "eks").then_some(Self {
            text: arn.text(),
            partition: arn.partition(),
            region: arn.region().parse().ok()?,
            account: arn.account_id()?,
            name: name.parse().ok()?,
        })
    }
}
