//! What all operations share that open a session: its lifetime, its policies, its seal.

use jiff::Timestamp;
use names::{AccountId, PolicyArn};

use crate::directory::{Directory, Instant};
use crate::error::StsError;
use crate::packed::{POLICY_ARNS_MAX, POLICY_CHARS_MAX, PackedPercent, without_white_space};
use crate::session::{Session, SessionPolicies, SessionTags};
use crate::session_keys::{SessionCredentials, SessionKeys, TOKEN_CHARS_MAX};

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

impl PassedPolicies {
    /// Whether nothing was passed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inline.is_none() && self.managed.is_empty()
    }

    /// The session's policies, if each is one and is where it may come from.
    pub(super) fn accepted(
        &self,
        account: AccountId,
        directory: &dyn Directory,
    ) -> Result<SessionPolicies, StsError> {
        if let Some(text) = &self.inline {
            accept_document(text, directory)?;
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

fn accept_document(text: &str, directory: &dyn Directory) -> Result<(), StsError> {
    if text.chars().count() > POLICY_CHARS_MAX {
        let max = POLICY_CHARS_MAX;
        return Err(StsError::PolicyTooLong { max });
    }
    match directory.malformed_policy(text) {
        Some(why) => Err(StsError::MalformedPolicy(Box::new(why))),
        None => Ok(()),
    }
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
pub(super) fn packed(
    passed: &PassedPolicies,
    tags: &SessionTags,
) -> Result<Option<PackedPercent>, StsError> {
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
pub(super) fn seal(
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
pub(super) fn span(now: Timestamp, seconds: i64) -> (Timestamp, Timestamp) {
    let at = |second| Timestamp::from_second(second).unwrap_or(now);
    let issued = now.as_second();
    (at(issued), at(issued.saturating_add(seconds)))
}
