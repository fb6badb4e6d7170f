//! ARNs of those who hold temporary credentials.

use std::str::FromStr;
use std::sync::Arc;

use crate::{AccountId, Arn, FederatedUserName, Partition, RoleName, SessionName};

/// A role session: `arn:P:sts::ACCOUNT:assumed-role/ROLE/SESSION`. The role's path is not in it.
#[derive(Clone)]
pub struct SessionArn {
    text: Arc<str>,
    partition: Partition,
    account: AccountId,
    role: RoleName,
    session: SessionName,
}

/// The text is not a session ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a session ARN: `arn:aws:sts::111111111111:assumed-role/ROLE/SESSION`")]
pub struct NotASessionArn(pub String);

impl SessionArn {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        partition: Partition,
        account: AccountId,
        role: &RoleName,
        session: &SessionName,
    ) -> Self {
        Self {
            text: format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}").into(),
            partition,
            account,
            role: role.clone(),
            session: session.clone(),
        }
    }

    /// The partition.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The account of the role.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The role that was assumed.
    #[must_use]
    pub fn role(&self) -> &RoleName {
        &self.role
    }

    /// The session's name.
    #[must_use]
    pub fn session(&self) -> &SessionName {
        &self.session
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn from_arn(arn: &Arn) -> Option<Self> {
        let (role, session) = sts_resource(arn, "assumed-role/")?.split_once('/')?;
        Some(Self {
            text: arn.as_str().into(),
            partition: arn.partition(),
            account: arn.account_id()?,
            role: role.parse().ok()?,
            session: session.parse().ok()?,
        })
    }
}

impl FromStr for SessionArn {
    type Err = NotASessionArn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let arn = text.parse::<Arn>().ok();
        arn.and_then(|arn| Self::from_arn(&arn))
            .ok_or_else(|| NotASessionArn(text.to_owned()))
    }
}

text_traits!(SessionArn);
compare_by_text!(SessionArn);

/// Whom GetFederationToken speaks for: `arn:P:sts::ACCOUNT:federated-user/NAME`.
#[derive(Clone)]
pub struct FederatedUserArn {
    text: Arc<str>,
    partition: Partition,
    account: AccountId,
    name: FederatedUserName,
}

/// The text is not a federated user's ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a federated user ARN: `arn:aws:sts::111111111111:federated-user/NAME`")]
pub struct NotAFederatedUserArn(pub String);

impl FederatedUserArn {
    /// Puts the parts together.
    #[must_use]
    pub fn new(partition: Partition, account: AccountId, name: &FederatedUserName) -> Self {
        Self {
            text: format!("arn:{partition}:sts::{account}:federated-user/{name}").into(),
            partition,
            account,
            name: name.clone(),
        }
    }

    /// The partition.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The account of the user who federated.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The federated user's name.
    #[must_use]
    pub fn name(&self) -> &FederatedUserName {
        &self.name
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn from_arn(arn: &Arn) -> Option<Self> {
        let name = sts_resource(arn, "federated-user/")?;
        Some(Self {
            text: arn.as_str().into(),
            partition: arn.partition(),
            account: arn.account_id()?,
            name: name.parse().ok()?,
        })
    }
}

impl FromStr for FederatedUserArn {
    type Err = NotAFederatedUserArn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let arn = text.parse::<Arn>().ok();
        arn.and_then(|arn| Self::from_arn(&arn))
            .ok_or_else(|| NotAFederatedUserArn(text.to_owned()))
    }
}

text_traits!(FederatedUserArn);
compare_by_text!(FederatedUserArn);

fn sts_resource<'a>(arn: &'a Arn, kind: &str) -> Option<&'a str> {
    let is_sts = arn.service() == "sts" && arn.region().is_empty();
    is_sts.then(|| arn.resource().strip_prefix(kind)).flatten()
}
