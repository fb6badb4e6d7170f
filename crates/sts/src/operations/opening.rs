//! What all operations share that open a session: who may hold it, its terms, its seal.

use jiff::Timestamp;
use names::{AccountId, PolicyArn, RoleArn, SessionName, SourceIdentity, UniqueId, UserArn};
use policy::{Operation, PermissionsPolicy, Permit};

use super::get_federation_token::GetFederationToken;
use crate::directory::{Directory, Instant};
use crate::error::StsError;
use crate::packed::{POLICY_ARNS_MAX, POLICY_CHARS_MAX, PackedPercent, without_white_space};
use crate::session::{Holder, Session, SessionOrigin, SessionPolicies, SessionTags};
use crate::session_keys::{SessionCredentials, SessionKeys, TOKEN_CHARS_MAX};
use crate::tags::RequestedTags;

/// Who may hold a new session: whom a permit names, or a user as itself. There is no other way to
/// a session.
#[derive(Debug)]
pub(super) struct Entitled(Holder);

/// What a new session is to be, once somebody may hold it.
#[derive(Debug)]
pub(super) struct Terms<'a> {
    pub(super) origin: SessionOrigin,
    pub(super) seconds: i64,
    pub(super) policies: &'a PassedPolicies,
    pub(super) tags: &'a RequestedTags,
    /// The caller's session, whose transitive tags the new one inherits.
    pub(super) inherits: Option<&'a Session>,
    pub(super) source_identity: Option<SourceIdentity>,
}

/// How long a role session lasts when nothing was asked, whatever the role's maximum.
pub(super) const ROLE_SECONDS_DEFAULT: i64 = 3_600;
/// How long a session lasts at most that one role session opens for another role.
pub(super) const CHAIN_SECONDS_MAX: i64 = 3_600;

/// A session that was opened, with what its caller gets.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The session.
    pub session: Session,
    /// Its credentials.
    pub credentials: SessionCredentials,
    /// `PackedPolicySize`: none when neither policies nor tags were passed.
    pub packed: Option<PackedPercent>,
}

/// The policies that a call passes to narrow the session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PassedPolicies {
    /// A document.
    pub inline: Option<String>,
    /// Managed policies of the session's account, or of AWS.
    pub managed: Vec<PolicyArn>,
}

impl Entitled {
    /// The role that may be assumed.
    pub(super) fn to_role<Op: Operation<Target = RoleArn>>(
        permit: Permit<Op>,
        id: UniqueId,
        session: SessionName,
    ) -> Self {
        let role = permit.into_target();
        Self(Holder::Role { role, id, session })
    }

    /// The name that the user may vouch for.
    pub(super) fn to_federate(
        permit: &Permit<GetFederationToken>,
        user: UserArn,
        id: UniqueId,
    ) -> Self {
        let name = permit.target().name().clone();
        Self(Holder::Federated { name, user, id })
    }

    /// The user who asks: for a session of its own it needs no permission.
    pub(super) fn as_itself(user: UserArn, id: UniqueId) -> Self {
        Self(Holder::User { user, id })
    }

    /// Opens the session.
    pub(super) fn open(
        self,
        terms: Terms<'_>,
        directory: &dyn Directory,
        keys: &SessionKeys,
        at: Instant,
    ) -> Result<Opened, StsError> {
        let policies = terms.policies.accepted(self.0.account(), directory)?;
        let tags = terms.tags.joined_with(terms.inherits);
        let tags = tags.map_err(StsError::Tags)?;
        let packed = packed(terms.policies, &tags)?;
        let (issued, expiry) = span(at.now, terms.seconds);
        let session = Session {
            holder: self.0,
            origin: terms.origin,
            issued,
            expiry,
            policies,
            tags,
            source_identity: terms.source_identity,
        };
        seal(session, packed, keys, at)
    }
}

impl PassedPolicies {
    /// Whether nothing was passed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inline.is_none() && self.managed.is_empty()
    }

    /// The session's policies, if each is one and is where it may come from.
    fn accepted(
        &self,
        account: AccountId,
        directory: &dyn Directory,
    ) -> Result<SessionPolicies, StsError> {
        if let Some(text) = &self.inline {
            accept_document(text)?;
        }
        if self.managed.len() > POLICY_ARNS_MAX {
            let max = POLICY_ARNS_MAX;
            return Err(StsError::TooManyPolicyArns { max });
        }
        let is_strange = |arn: &&PolicyArn| {
            arn.account().is_some_and(|owner| owner != account) || !directory.has_policy(arn)
        };
        if let Some(stranger) = self.managed.iter().find(is_strange) {
            return Err(StsError::NoSuchPolicy(stranger.clone()));
        }
        Ok(SessionPolicies {
            inline: self.inline.as_deref().map(compact),
            managed: self.managed.clone(),
        })
    }
}

fn accept_document(text: &str) -> Result<(), StsError> {
    if text.chars().count() > POLICY_CHARS_MAX {
        let max = POLICY_CHARS_MAX;
        return Err(StsError::PolicyTooLong { max });
    }
    let parsed = PermissionsPolicy::parse(text);
    parsed.map_err(|why| StsError::MalformedPolicy(Box::new(why)))?;
    Ok(())
}

fn compact(text: &str) -> std::sync::Arc<str> {
    without_white_space(text).into()
}

/// How long a role session lasts: AssumeRole step 5.
pub(super) fn role_lifetime(
    asked: Option<i64>,
    role_max: i64,
    chain: Chain,
) -> Result<i64, StsError> {
    let seconds = asked.unwrap_or(ROLE_SECONDS_DEFAULT);
    if seconds > role_max {
        return Err(StsError::LongerThanRoleAllows {
            asked: seconds,
            max: role_max,
        });
    }
    match chain {
        Chain::Chained if seconds > CHAIN_SECONDS_MAX => {
            Err(StsError::LongerThanChainAllows { asked: seconds })
        }
        Chain::Chained | Chain::First => Ok(seconds),
    }
}

/// Whether a role session opens the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chain {
    /// A user or a web identity does.
    First,
    /// A role session does.
    Chained,
}

/// The share that policies and tags take, if any were passed and they fit.
fn packed(passed: &PassedPolicies, tags: &SessionTags) -> Result<Option<PackedPercent>, StsError> {
    if passed.is_empty() && tags.is_empty() {
        return Ok(None);
    }
    let of_tags = PackedPercent::of_tags(tags);
    let packed = PackedPercent::of(passed.inline.as_deref(), &passed.managed, tags);
    if of_tags.is_too_large() {
        Err(StsError::PackedTagsTooLarge(of_tags))
    } else if packed.is_too_large() {
        Err(StsError::PackedPolicyTooLarge(packed))
    } else {
        Ok(Some(packed))
    }
}

/// Seals the session, if its token is one that clients are prepared for.
fn seal(
    session: Session,
    packed: Option<PackedPercent>,
    keys: &SessionKeys,
    at: Instant,
) -> Result<Opened, StsError> {
    let credentials = keys.issue(&session, at.random);
    if credentials.session_token.expose().len() > TOKEN_CHARS_MAX {
        return Err(StsError::TokenTooLarge);
    }
    Ok(Opened {
        session,
        credentials,
        packed,
    })
}

/// Issue and expiry, in whole seconds.
fn span(now: Timestamp, seconds: i64) -> (Timestamp, Timestamp) {
    let at = |second| Timestamp::from_second(second).unwrap_or(now);
    let issued = now.as_second();
    (at(issued), at(issued.saturating_add(seconds)))
}
