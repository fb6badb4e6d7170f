//! A session: who holds it, how it was opened, and what it carries.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use names::{
    AccountId, FederatedUserArn, FederatedUserName, Partition, PolicyArn, ProviderArn, RoleArn,
    SessionArn, SessionName, SourceIdentity, UniqueId, UserArn,
};
use policy::Principal;

/// What assuming a role, or asking for a token, opens.
///
/// Only this crate makes one: by an operation that was allowed, or by opening a token that such an
/// operation sealed. `non_exhaustive` keeps every other crate to reading.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// Who acts by it.
    pub holder: Holder,
    /// How it was opened.
    pub origin: SessionOrigin,
    /// When it was opened: `aws:TokenIssueTime`. Whole seconds.
    pub issued: Timestamp,
    /// When it ends. Whole seconds.
    pub expiry: Timestamp,
    /// What narrows it.
    pub policies: SessionPolicies,
    /// Its tags, by key.
    pub tags: SessionTags,
    /// Who is behind it, if that was ever said.
    pub source_identity: Option<SourceIdentity>,
}

/// Who acts by a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A role, under a session name.
    Role {
        /// The role as it was called when the session was opened.
        role: RoleArn,
        /// What the role is: its deletion ends the session, its re-creation does not revive it.
        id: UniqueId,
        /// The last part of the session ARN.
        session: SessionName,
    },
    /// A user, by GetSessionToken.
    User {
        /// The user.
        user: UserArn,
        /// What the user is.
        id: UniqueId,
    },
    /// A name that a user vouched for, by GetFederationToken.
    Federated {
        /// The name.
        name: FederatedUserName,
        /// The user whose permissions bound it.
        user: UserArn,
        /// What that user is.
        id: UniqueId,
    },
}

/// How a session was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionOrigin {
    /// By a user's own credentials.
    User,
    /// By a token of a cluster's issuer.
    WebIdentity(WebIdentity),
    /// By another role session: role chaining, at most one hour.
    Chained {
        /// How many role sessions lie before this one, at least one.
        depth: u16,
    },
}

/// What is kept of a service-account token: the claims that trust policies may test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebIdentity {
    /// The provider that vouched: `aws:FederatedProvider`.
    pub provider: ProviderArn,
    /// The claim `sub`.
    pub subject: String,
    /// The authorised party if the token names one, else its audience: the key `:aud`.
    pub audience: String,
    /// The audience of a token that names an authorised party: the key `:oaud`.
    pub original_audience: Option<String>,
    /// The claim `amr`.
    pub methods: Vec<String>,
}

/// What narrows a session below its holder's permissions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionPolicies {
    /// The document passed with the call, as it was sent.
    pub inline: Option<Arc<str>>,
    /// The managed policies named in the call.
    pub managed: Vec<PolicyArn>,
}

/// Tags by key; keys that differ only in case do not stand together.
pub type SessionTags = BTreeMap<String, SessionTag>;

/// One session tag's value and reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionTag {
    /// The value.
    pub value: String,
    /// Where the tag goes when the session assumes another role.
    pub reach: TagReach,
}

/// Where a session tag goes when the session assumes another role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagReach {
    /// It ends with this session.
    Session,
    /// Every chained session inherits it and none can change it.
    Transitive,
}

impl Session {
    /// The account in which the session acts.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.holder.account()
    }

    /// How many role sessions lie before this one.
    #[must_use]
    pub fn chain_depth(&self) -> u16 {
        match &self.origin {
            SessionOrigin::User | SessionOrigin::WebIdentity(_) => 0,
            SessionOrigin::Chained { depth } => *depth,
        }
    }

    /// The tags that a chained session inherits.
    pub fn transitive_tags(&self) -> impl Iterator<Item = (&str, &SessionTag)> {
        self.tags
            .iter()
            .filter(|(_, tag)| tag.reach == TagReach::Transitive)
            .map(|(key, tag)| (key.as_str(), tag))
    }
}

impl Holder {
    /// The account.
    #[must_use]
    pub fn account(&self) -> AccountId {
        match self {
            Self::Role { role, .. } => role.account(),
            Self::User { user, .. } | Self::Federated { user, .. } => user.account(),
        }
    }

    /// The partition.
    #[must_use]
    pub fn partition(&self) -> Partition {
        match self {
            Self::Role { role, .. } => role.partition(),
            Self::User { user, .. } | Self::Federated { user, .. } => user.partition(),
        }
    }

    /// The holder as policies name it.
    #[must_use]
    pub fn principal(&self) -> Principal {
        match self.clone() {
            Self::Role { role, id, session } => Principal::RoleSession {
                role,
                role_id: id,
                session,
            },
            Self::User { user, id } => Principal::User { arn: user, id },
            Self::Federated { name, user, id } => Principal::FederatedUser {
                name,
                user,
                user_id: id,
            },
        }
    }

    /// The unique id whose entity keeps the session alive.
    #[must_use]
    pub fn entity_id(&self) -> &UniqueId {
        match self {
            Self::Role { id, .. } | Self::User { id, .. } | Self::Federated { id, .. } => id,
        }
    }

    /// `UserId` of GetCallerIdentity, and `aws:userid`.
    #[must_use]
    pub fn user_id(&self) -> String {
        match self {
            Self::Role { id, session, .. } => [id.as_str(), ":", session.as_str()].concat(),
            Self::User { id, .. } => id.as_str().to_owned(),
            Self::Federated { name, user, .. } => format!("{}:{name}", user.account()),
        }
    }

    /// `Arn` of GetCallerIdentity. A session ARN drops the role's path.
    #[must_use]
    pub fn arn(&self) -> String {
        match self {
            Self::Role { role, session, .. } => {
                SessionArn::spelt(role.partition(), role.account(), role.name(), session)
            }
            Self::User { user, .. } => user.as_str().to_owned(),
            Self::Federated { name, user, .. } => federated_arn(user, name).to_string(),
        }
    }
}

/// `arn:P:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
#[must_use]
pub fn session_arn(role: &RoleArn, session: &SessionName) -> SessionArn {
    SessionArn::new(role.partition(), role.account(), role.name(), session)
}

/// `arn:P:sts::ACCOUNT:federated-user/NAME`.
#[must_use]
pub fn federated_arn(user: &UserArn, name: &FederatedUserName) -> FederatedUserArn {
    FederatedUserArn::new(user.partition(), user.account(), name)
}
