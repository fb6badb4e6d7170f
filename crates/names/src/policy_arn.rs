//! ARNs of managed policies, whose account may be AWS itself.

use std::str::FromStr;
use std::sync::Arc;

use crate::arn::spelt;
use crate::entity_arn::path_and_name;
use crate::{AccountId, Arn, Partition, Path, PolicyName};

/// A managed policy's ARN: `arn:P:iam::ACCOUNT:policy/PATH/NAME`, with `aws` as the account for
/// those that AWS manages.
#[derive(Clone)]
pub struct PolicyArn {
    text: Arc<str>,
    partition: Partition,
    owner: PolicyOwner,
    path: Path,
    name: PolicyName,
}

/// Who manages a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyOwner {
    /// AWS: the same policy in every account, read-only.
    Aws,
    /// The customer, in one account.
    Account(AccountId),
}

/// The text is not a managed policy's ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a policy ARN: `arn:aws:iam::111111111111:policy/PATH/NAME`, or `aws` as the account"
)]
pub struct NotAPolicyArn(pub String);

impl PolicyArn {
    /// Puts the parts together.
    #[must_use]
    pub fn new(partition: Partition, owner: PolicyOwner, path: &Path, name: &PolicyName) -> Self {
        let resource = ["policy", path.as_str(), name.as_str()];
        Self {
            text: spelt(partition, "iam", "", &owner.to_string(), &resource).into(),
            partition,
            owner,
            path: path.clone(),
            name: name.clone(),
        }
    }

    /// The partition.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// Who manages it.
    #[must_use]
    pub fn owner(&self) -> PolicyOwner {
        self.owner
    }

    /// The account, unless AWS manages the policy.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        match self.owner {
            PolicyOwner::Aws => None,
            PolicyOwner::Account(account) => Some(account),
        }
    }

    /// The path, `/` unless told otherwise.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name without the path.
    #[must_use]
    pub fn name(&self) -> &PolicyName {
        &self.name
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn from_arn(arn: &Arn) -> Option<Self> {
        let (path, name) = path_and_name(arn, "policy")?;
        let owner = match arn.account() {
            "aws" => PolicyOwner::Aws,
            account => PolicyOwner::Account(account.parse().ok()?),
        };
        Some(Self {
            text: arn.as_str().into(),
            partition: arn.partition(),
            owner,
            path: path.parse().ok()?,
            name: name.parse().ok()?,
        })
    }
}

impl FromStr for PolicyArn {
    type Err = NotAPolicyArn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let arn = text.parse::<Arn>().ok();
        arn.and_then(|arn| Self::from_arn(&arn))
            .ok_or_else(|| NotAPolicyArn(text.to_owned()))
    }
}

text_traits!(PolicyArn);
compare_by_text!(PolicyArn);

impl std::fmt::Display for PolicyOwner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Aws => f.write_str("aws"),
            Self::Account(account) => account.fmt(f),
        }
    }
}
