//! Who a request is from, once that is proved.

use names::{
    AccountId, FederatedUserArn, FederatedUserName, Partition, ProviderArn, RoleArn, SessionArn,
    SessionName, UniqueId, UserArn,
};
use std::fmt::{self, Write as _};

/// The sender of a request, resolved.
///
/// Source: IAM User Guide, "AWS JSON policy elements: Principal".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// An IAM user.
    User {
        /// Its ARN.
        arn: UserArn,
        /// Its unique id, `AIDA…`.
        id: UniqueId,
    },
    /// A session of a role.
    RoleSession {
        /// The role.
        role: RoleArn,
        /// The role's unique id, `AROA…`.
        role_id: UniqueId,
        /// The session's name.
        session: SessionName,
    },
    /// A session that a user opened for somebody by GetFederationToken.
    FederatedUser {
        /// The session's name.
        name: FederatedUserName,
        /// The user that federated.
        user: UserArn,
        /// That user's unique id.
        user_id: UniqueId,
    },
    /// An account's root user.
    Root {
        /// Its partition.
        partition: Partition,
        /// The account.
        account: AccountId,
    },
    /// An AWS service, such as `pods.eks.amazonaws.com`.
    Service {
        /// Its name.
        name: String,
    },
    /// The bearer of a token that an OIDC provider vouches for, while it asks for a session.
    WebIdentity {
        /// The provider.
        provider: ProviderArn,
    },
    /// Nobody known.
    Anonymous,
}

impl Principal {
    /// The account it belongs to.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::User { arn, .. } => Some(arn.account()),
            Self::RoleSession { role, .. } => Some(role.account()),
            Self::FederatedUser { user, .. } => Some(user.account()),
            Self::Root { account, .. } => Some(*account),
            Self::Service { .. } | Self::WebIdentity { .. } | Self::Anonymous => None,
        }
    }

    /// The ARN that GetCallerIdentity returns and that a denial names: of a role session the session
    /// ARN, of which the role's path is no part.
    #[must_use]
    pub fn shown_arn(&self) -> String {
        match self {
            Self::User { arn, .. } => arn.to_string(),
            Self::RoleSession { role, session, .. } => {
                SessionArn::new(role.partition(), role.account(), role.name(), session).to_string()
            }
            Self::FederatedUser { name, user, .. } => {
                FederatedUserArn::new(user.partition(), user.account(), name).to_string()
            }
            Self::Root { partition, account } => {
                format!("arn:{partition}:iam::{account}:root")
            }
            Self::Service { name } => name.clone(),
            Self::WebIdentity { provider } => provider.to_string(),
            Self::Anonymous => "anonymous".to_owned(),
        }
    }

    /// Whether [`Self::shown_arn`] is this text; nothing is allocated to see that.
    pub(crate) fn is_shown_as(&self, text: &str) -> bool {
        let mut rest = Expected(text);
        let written = match self {
            Self::RoleSession { role, session, .. } => write!(
                rest,
                "arn:{}:sts::{}:assumed-role/{}/{session}",
                role.partition(),
                role.account(),
                role.name()
            ),
            Self::FederatedUser { name, user, .. } => write!(
                rest,
                "arn:{}:sts::{}:federated-user/{name}",
                user.partition(),
                user.account()
            ),
            Self::User { .. }
            | Self::Root { .. }
            | Self::Service { .. }
            | Self::WebIdentity { .. }
            | Self::Anonymous => rest.write_str(&self.shown_arn()),
        };
        written.is_ok() && rest.0.is_empty()
    }

    /// The value of `aws:PrincipalArn`: of a role session the role's ARN with its path.
    #[must_use]
    pub fn principal_arn(&self) -> Option<String> {
        match self {
            Self::RoleSession { role, .. } => Some(role.to_string()),
            Self::User { .. } | Self::FederatedUser { .. } | Self::Root { .. } => {
                Some(self.shown_arn())
            }
            Self::Service { .. } | Self::WebIdentity { .. } | Self::Anonymous => None,
        }
    }

    /// The value of `aws:userid`.
    #[must_use]
    pub fn user_id(&self) -> Option<String> {
        match self {
            Self::User { id, .. } => Some(id.to_string()),
            Self::RoleSession {
                role_id, session, ..
            } => Some(format!("{role_id}:{session}")),
            Self::FederatedUser { name, user, .. } => Some(format!("{}:{name}", user.account())),
            Self::Root { account, .. } => Some(account.to_string()),
            Self::Service { .. } | Self::WebIdentity { .. } | Self::Anonymous => None,
        }
    }
}

/// Takes what is written off the front of what is expected, and fails where they differ.
struct Expected<'a>(&'a str);

impl fmt::Write for Expected<'_> {
    fn write_str(&mut self, written: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(written).ok_or(fmt::Error)?;
        Ok(())
    }
}
