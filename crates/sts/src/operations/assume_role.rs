//! AssumeRole: a session, or a user, becomes a session of a role, in any account.
//!
//! The steps and their order are those of spec/iam-evaluation.md 3.5: what is wrong first is what
//! the caller hears.

use names::{ExternalId, RoleArn, SessionName, SourceIdentity};
use policy::{Operation, Permit};

use super::assumable::{Implied, may_assume};
use super::opening::{Chain, Entitled, Opened, PassedPolicies, Terms, role_lifetime};
use crate::caller::Caller;
use crate::condition_keys::of_session_request;
use crate::denial::{Denial, DenialCause};
use crate::directory::{Asker, Authority, Instant, RoleFacts};
use crate::error::StsError;
use crate::session::{Holder, SessionOrigin};
use crate::session_keys::SessionKeys;
use crate::tags::{RequestedTags, joined_source_identity};

/// What AssumeRole is asked.
#[derive(Debug, Clone)]
pub struct AssumeRole {
    /// The role.
    pub role: RoleArn,
    /// The new session's name.
    pub session: SessionName,
    /// How long, in seconds.
    pub duration: Option<i64>,
    /// What narrows the session.
    pub policies: PassedPolicies,
    /// Its tags.
    pub tags: RequestedTags,
    /// The word agreed with the role's owner.
    pub external_id: Option<ExternalId>,
    /// Who is behind it.
    pub source_identity: Option<SourceIdentity>,
    /// Whether a code of an MFA device was given.
    pub device_code: Option<DeviceCode>,
}

impl Operation for AssumeRole {
    const ACTION: &'static str = "sts:AssumeRole";
    type Target = RoleArn;
}

/// A code of an MFA device. Nothing here has a device, so none is ever right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceCode;

/// Reads `RoleArn` as AWS does: a text that is no role's ARN is one sentence, not a shape.
pub fn role_arn(text: &str) -> Result<RoleArn, StsError> {
    text.parse().map_err(|_| StsError::NotARoleArn {
        found: text.to_owned(),
    })
}

/// Opens a session of the role, if the caller's permissions and the role's trust allow it.
pub fn assume_role(
    caller: &Caller,
    asked: &AssumeRole,
    authority: &impl Authority,
    keys: &SessionKeys,
    at: Instant,
) -> Result<Opened, StsError> {
    let (permit, role) = authorise(caller, asked, authority)?;
    if asked.device_code.is_some() {
        return Err(StsError::NoSuchDevice);
    }
    let terms = Terms {
        seconds: role_lifetime(asked.duration, role.session_seconds_max, chain(caller))?,
        source_identity: source_identity(caller, asked)?,
        origin: origin(caller),
        policies: &asked.policies,
        tags: &asked.tags,
        inherits: caller.role_session(),
    };
    let entitled = Entitled::to_role(permit, role.id, asked.session.clone());
    entitled.open(terms, authority, keys, at)
}

/// Asks for `sts:AssumeRole`, and for what tags and source identity imply, inherited ones too.
fn authorise(
    caller: &Caller,
    asked: &AssumeRole,
    authority: &impl Authority,
) -> Result<(Permit<AssumeRole>, RoleFacts), StsError> {
    let (asker, role) = (Asker::Caller(caller), &asked.role);
    if is_federated(caller) {
        let cause = DenialCause::SessionKind;
        let denial = Denial::of_role(asker, AssumeRole::ACTION, role, cause);
        return Err(StsError::Denied(denial));
    }
    let (source, external) = (asked.source_identity.as_ref(), asked.external_id.as_ref());
    let mut keys = of_session_request(&asked.session, source, external);
    asked.tags.set_keys(&mut keys);
    let session = caller.role_session();
    let inherits_tags = session.is_some_and(|session| session.transitive_tags().next().is_some());
    let inherits_source = session.is_some_and(|session| session.source_identity.is_some());
    let implied = Implied {
        tags: !asked.tags.is_empty() || inherits_tags,
        source_identity: source.is_some() || inherits_source,
    };
    may_assume(asker, role, implied, keys, authority)
}

fn source_identity(
    caller: &Caller,
    asked: &AssumeRole,
) -> Result<Option<SourceIdentity>, StsError> {
    joined_source_identity(asked.source_identity.as_ref(), caller.role_session())
        .map_err(|inherited| StsError::SourceIdentitySet { inherited })
}

fn chain(caller: &Caller) -> Chain {
    match caller.role_session() {
        Some(_) => Chain::Chained,
        None => Chain::First,
    }
}

fn origin(caller: &Caller) -> SessionOrigin {
    match caller.role_session() {
        Some(session) => SessionOrigin::Chained {
            depth: session.chain_depth().saturating_add(1),
        },
        None => SessionOrigin::User,
    }
}

/// A federated user's session may call nothing of STS but GetCallerIdentity.
fn is_federated(caller: &Caller) -> bool {
    let holder = caller.session().map(|session| &session.holder);
    matches!(holder, Some(Holder::Federated { .. }))
}
