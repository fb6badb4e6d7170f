//! ARNs of those who hold temporary credentials.

use crate::arn::spelt;
use crate::{AccountId, Arn, FederatedUserName, Partition, RoleName, SessionName};

arn_type! {
    /// A role session: `arn:P:sts::ACCOUNT:assumed-role/ROLE/SESSION`. The role's path is not in it.
    SessionArn, NotASessionArn, "a session ARN",
    "arn:aws:sts::111111111111:assumed-role/ROLE/SESSION",
    {
        /// The role that was assumed.
        role: RoleName,
        /// The session's name.
        session: SessionName,
    }
}

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
            text: Self::spelt(partition, account, role, session).into(),
            partition,
            account,
            role: role.clone(),
            session: session.clone(),
        }
    }

    /// The text of these parts.
    #[must_use]
    pub fn spelt(
        partition: Partition,
        account: AccountId,
        role: &RoleName,
        session: &SessionName,
    ) -> String {
        let resource = ["assumed-role/", role.as_str(), "/", session.as_str()];
        spelt(partition, "sts", "", account.as_str(), &resource)
    }

    fn from_arn(arn: &Arn) -> Option<Self> {
        let (role, session) = sts_resource(arn, "assumed-role/")?.split_once('/')?;
        Some(Self {
            text: arn.text(),
            partition: arn.partition(),
            account: arn.account_id()?,
            role: role.parse().ok()?,
            session: session.parse().ok()?,
        })
    }
}

arn_type! {
    /// Whom GetFederationToken speaks for: `arn:P:sts::ACCOUNT:federated-user/NAME`.
    FederatedUserArn, NotAFederatedUserArn, "a federated user ARN",
    "arn:aws:sts::111111111111:federated-user/NAME",
    {
        /// The federated user's name.
        name: FederatedUserName,
    }
}

impl FederatedUserArn {
    /// Puts the parts together.
    #[must_use]
    pub fn new(partition: Partition, account: AccountId, name: &FederatedUserName) -> Self {
        let resource = ["federated-user/", name.as_str()];
        Self {
            text: spelt(partition, "sts", "", account.as_str(), &resource).into(),
            partition,
            account,
            name: name.clone(),
        }
    }

    fn from_arn(arn: &Arn) -> Option<Self> {
        let name = sts_resource(arn, "federated-user/")?;
        Some(Self {
            text: arn.text(),
            partition: arn.partition(),
            account: arn.account_id()?,
            name: name.parse().ok()?,
        })
    }
}

fn sts_resource<'a>(arn: &'a Arn, kind: &str) -> Option<&'a str> {
    let is_sts = arn.service() == "sts" && arn.region().is_empty();
    is_sts.then(|| arn.resource().strip_prefix(kind)).flatten()
}
