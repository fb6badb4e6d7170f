//! Partitions: the separate AWS worlds, each with its own accounts and hosts.

use crate::Region;

/// The first word of every ARN after `arn`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Partition {
    /// The commercial world.
    #[default]
    Aws,
    /// China.
    AwsCn,
    /// The United States' government regions.
    AwsUsGov,
    /// The European sovereign cloud.
    AwsEusc,
    /// The first isolated world.
    AwsIso,
    /// The second isolated world.
    AwsIsoB,
    /// The third isolated world.
    AwsIsoE,
    /// The fourth isolated world.
    AwsIsoF,
}

/// The text names no partition that AWS has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a partition: one of `aws`, `aws-cn`, `aws-us-gov`, `aws-eusc`, `aws-iso`, `aws-iso-b`, `aws-iso-e`, `aws-iso-f`"
)]
pub struct NotAPartition(pub String);

impl Partition {
    /// Every partition, the commercial one first.
    pub const ALL: [Self; 8] = [
        Self::Aws,
        Self::AwsCn,
        Self::AwsUsGov,
        Self::AwsEusc,
        Self::AwsIso,
        Self::AwsIsoB,
        Self::AwsIsoE,
        Self::AwsIsoF,
    ];

    /// As written in an ARN.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsUsGov => "aws-us-gov",
            Self::AwsEusc => "aws-eusc",
            Self::AwsIso => "aws-iso",
            Self::AwsIsoB => "aws-iso-b",
            Self::AwsIsoE => "aws-iso-e",
            Self::AwsIsoF => "aws-iso-f",
        }
    }

    /// The partition that a region lies in, by its prefix as in AWS's own partition rules.
    #[must_use]
    pub fn of_region(region: &Region) -> Self {
        match region.as_str().rsplitn(3, '-').last().unwrap_or_default() {
            "cn" => Self::AwsCn,
            "us-gov" => Self::AwsUsGov,
            "eusc" => Self::AwsEusc,
            "eusc-de" => Self::AwsEusc,
            "us-iso" => Self::AwsIso,
            "us-isob" => Self::AwsIsoB,
            "eu-isoe" => Self::AwsIsoE,
            "us-isof" | "eu-isof" => Self::AwsIsoF,
            _ => Self::Aws,
        }
    }

    /// What host names end in.
    #[must_use]
    pub fn dns_suffix(self) -> &'static str {
        match self {
            Self::Aws | Self::AwsUsGov => "amazonaws.com",
            Self::AwsCn => "amazonaws.com.cn",
            Self::AwsEusc => "amazonaws.eu",
            Self::AwsIso => "c2s.ic.gov",
            Self::AwsIsoB => "sc2s.sgov.gov",
            Self::AwsIsoE => "cloud.adc-e.uk",
            Self::AwsIsoF => "csp.hci.ic.gov",
        }
    }
}

impl std::str::FromStr for Partition {
    type Err = NotAPartition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|partition| partition.as_str() == text)
            .ok_or_else(|| NotAPartition(text.to_owned()))
    }
}

text_traits!(Partition);
