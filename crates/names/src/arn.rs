//! Amazon Resource Names: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.

use std::str::FromStr;
use std::sync::Arc;

use crate::{AccountId, Partition};

/// Longest ARN that the AWS APIs take.
pub const ARN_CHARS_MAX: usize = 2048;

/// An ARN of any service, without wildcards in the five first parts.
#[derive(Clone)]
pub struct Arn {
    text: Arc<str>,
    partition: Partition,
    /// Where the colons after service, region and account stand.
    colons: [u16; 4],
}

/// What keeps a text from being an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnArn {
    /// Longer than [`ARN_CHARS_MAX`].
    #[error("an ARN has at most {ARN_CHARS_MAX} characters, this has {chars}")]
    TooLong {
        /// How many characters came.
        chars: usize,
    },
    /// Fewer than six parts, or another first word.
    #[error("`{text}` is not an ARN: `arn:partition:service:region:account:resource`")]
    Shape {
        /// The whole text.
        text: String,
    },
    /// A partition that AWS does not have.
    #[error("in `{text}`: {cause}")]
    Partition {
        /// The whole text.
        text: String,
        /// Which word it was.
        cause: crate::NotAPartition,
    },
    /// One part is not spelt as its kind is.
    #[error("in `{text}` the {part} is `{found}`")]
    Part {
        /// The whole text.
        text: String,
        /// `service`, `region`, `account` or `resource`.
        part: &'static str,
        /// What stood there.
        found: String,
    },
}

impl Arn {
    /// The partition.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The service, as `iam`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.between(0, 1)
    }

    /// The region; empty for global services.
    #[must_use]
    pub fn region(&self) -> &str {
        self.between(1, 2)
    }

    /// The account: twelve digits, empty, or a word such as `aws`.
    #[must_use]
    pub fn account(&self) -> &str {
        self.between(2, 3)
    }

    /// The account, when it is a number.
    #[must_use]
    pub fn account_id(&self) -> Option<AccountId> {
        self.account().parse().ok()
    }

    /// All after the fifth colon, colons included.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.text[usize::from(self.colons[3]) + 1..]
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The whole text, shared.
    pub(crate) fn text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    fn between(&self, from: usize, to: usize) -> &str {
        &self.text[usize::from(self.colons[from]) + 1..usize::from(self.colons[to])]
    }
}

/// The text of an ARN; the resource comes in parts. In one piece, since requests spell many.
pub(crate) fn spelt(
    partition: Partition,
    service: &str,
    region: &str,
    account: &str,
    resource: &[&str],
) -> String {
    let place = [
        "arn:",
        partition.as_str(),
        ":",
        service,
        ":",
        region,
        ":",
        account,
        ":",
    ];
    let parts = || place.iter().chain(resource);
    let mut text = String::with_capacity(parts().map(|part| part.len()).sum());
    parts().for_each(|part| text.push_str(part));
    text
}

impl FromStr for Arn {
    type Err = NotAnArn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > ARN_CHARS_MAX {
            return Err(NotAnArn::TooLong {
                chars: text.chars().count(),
            });
        }
        let shape = || NotAnArn::Shape {
            text: text.to_owned(),
        };
        let rest = text.strip_prefix("arn:").ok_or_else(shape)?;
        let partition = rest.split(':').next().unwrap_or_default();
        let colons = colons_after_partition(text).ok_or_else(shape)?;
        let partition = partition.parse().map_err(|cause| NotAnArn::Partition {
            text: text.to_owned(),
            cause,
        })?;
        let arn = Self {
            text: text.into(),
            partition,
            colons,
        };
        match arn.misspelt_part() {
            None => Ok(arn),
            Some((part, found)) => Err(NotAnArn::Part {
                text: text.to_owned(),
                part,
                found: found.to_owned(),
            }),
        }
    }
}

impl Arn {
    fn misspelt_part(&self) -> Option<(&'static str, &str)> {
        let is_word = |text: &str| {
            text.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let is_number = self.account().starts_with(|c: char| c.is_ascii_digit());
        if self.service().is_empty() || !is_word(self.service()) {
            Some(("service", self.service()))
        } else if !is_word(self.region()) {
            Some(("region", self.region()))
        } else if !is_word(self.account()) || (is_number && self.account_id().is_none()) {
            Some(("account", self.account()))
        } else if self.resource().is_empty() || self.resource().chars().any(char::is_control) {
            Some(("resource", self.resource()))
        } else {
            None
        }
    }
}

/// Positions of the second to the fifth colon.
fn colons_after_partition(text: &str) -> Option<[u16; 4]> {
    let mut colons = text
        .match_indices(':')
        .skip(1)
        .map(|(at, _)| u16::try_from(at));
    let mut next = || colons.next()?.ok();
    Some([next()?, next()?, next()?, next()?])
}

text_traits!(Arn);
compare_by_text!(Arn);
