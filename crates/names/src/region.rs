//! Regions.

use crate::Partition;

name! {
    /// A region, as `us-west-2`.
    Region, NotARegion, "a region",
    "lower-case words and a number joined by hyphens, as `us-west-2`",
    is_region
}

impl Region {
    /// The partition that this region lies in.
    #[must_use]
    pub fn partition(&self) -> Partition {
        Partition::of_region(self)
    }

    /// Whether a text is spelt as a region is, known or not.
    #[must_use]
    pub fn is_spelt(text: &str) -> bool {
        is_region(text)
    }

    /// The region of the services that a partition has only once, as IAM.
    #[must_use]
    pub fn home(partition: Partition) -> Self {
        let name = match partition {
            Partition::Aws => "us-east-1",
            Partition::AwsCn => "cn-north-1",
            Partition::AwsUsGov => "us-gov-west-1",
            Partition::AwsEusc => "eusc-de-east-1",
            Partition::AwsIso => "us-iso-east-1",
            Partition::AwsIsoB => "us-isob-east-1",
            Partition::AwsIsoE => "eu-isoe-west-1",
            Partition::AwsIsoF => "us-isof-south-1",
        };
        Self(name.into())
    }
}

/// Longest region name accepted.
const REGION_CHARS_MAX: usize = 32;

fn is_region(text: &str) -> bool {
    let mut words = text.rsplit('-');
    let number = words.next().unwrap_or_default();
    let mut count = 0;
    let words_are_letters = words.all(|word| {
        count += 1;
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())
    });
    text.len() <= REGION_CHARS_MAX
        && words_are_letters
        && count >= 2
        && (1..=2).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
}
