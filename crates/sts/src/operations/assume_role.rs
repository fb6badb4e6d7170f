//! AssumeRole: a session, or a user, becomes a session of a role, in any account.
//!
//! The steps and their order are those of spec/iam-evaluation.md 3.5: what is wrong first is what
//! the caller hears.

use names::{ExternalId, RoleArn, SessionName, SourceIdentity};

use super::opening::{Chain, Opened, PassedPolicies, packed, role_lifetime, seal, span};
use crate::caller::Caller;
use crate::denial::{Denial, DenialCause, Wording};
use crate::directory::{Authority, Directory, Instant, RoleFacts};
use crate::error::StsError;
use crate::question::{Asker, ConditionKeys, Question};
use crate::session::{Holder, Session, SessionOrigin};
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
    directory: &dyn Directory,
    authority: &dyn Authority,
    keys: &SessionKeys,
    at: Instant,
) -> Result<Opened, StsError> {
    let role = authorise(caller, asked, directory, authority)?;
    if asked.device_code.is_some() {
        return Err(StsError::NoSuchDevice);
    }
    let seconds = role_lifetime(asked.duration, role.session_seconds_max, chain(caller))?;
    let source_identity = source_identity(caller, asked)?;
    let policies = asked.policies.accepted(asked.role.account(), directory)?;
    let tags = asked.tags.joined_with(caller.role_session());
    let tags = tags.map_err(StsError::Tags)?;
    let packed = packed(&asked.policies, &tags)?;
    let (issued, expiry) = span(at.now, seconds);
    let session = Session {
        holder: Holder::Role {
            role: asked.role.clone(),
            id: role.id,
            session: asked.session.clone(),
        },
        origin: origin(caller),
        issued,
        expiry,
        policies,
        tags,
        source_identity,
    };
    seal(session, packed, keys, at)
}

/// Asks for `sts:AssumeRole`, and for what tags and source identity imply.
fn authorise(
    caller: &Caller,
    asked: &AssumeRole,
    directory: &dyn Directory,
    authority: &dyn Authority,
) -> Result<RoleFacts, StsError> {
    let role = directory.role(&asked.role);
    let question = Question {
        asker: Asker::Caller(caller),
        action: "sts:AssumeRole",
        resource: asked.role.to_string(),
        resource_account: asked.role.account(),
        trust: Some(&asked.role),
        keys: keys(asked, role.as_ref()),
    };
    let deny = |question: &Question<'_>, cause| {
        StsError::Denied(Denial::of(question, cause, Wording::WithoutReason))
    };
    if is_federated(caller) {
        return Err(deny(&question, DenialCause::SessionKind));
    }
    let Some(role) = role else {
        let reason = authority.decide(&question).err();
        return Err(deny(&question, DenialCause::NoSuchRole(reason)));
    };
    for action in actions(caller, asked) {
        let question = Question {
            action,
            ..question.clone()
        };
        let decided = authority.decide(&question);
        decided.map_err(|why| deny(&question, DenialCause::Policies(why)))?;
    }
    Ok(role)
}

/// `sts:AssumeRole`, and what else the call does.
fn actions(caller: &Caller, asked: &AssumeRole) -> Vec<&'static str> {
    let session = caller.role_session();
    let inherits_tags = session.is_some_and(|session| session.transitive_tags().next().is_some());
    let inherits_source = session.is_some_and(|session| session.source_identity.is_some());
    let mut actions = vec!["sts:AssumeRole"];
    if !asked.tags.is_empty() || inherits_tags {
        actions.push("sts:TagSession");
    }
    if asked.source_identity.is_some() || inherits_source {
        actions.push("sts:SetSourceIdentity");
    }
    actions
}

fn keys(asked: &AssumeRole, role: Option<&RoleFacts>) -> ConditionKeys {
    let mut keys = ConditionKeys::default();
    let (source, external) = (asked.source_identity.as_ref(), asked.external_id.as_ref());
    keys.set_session_request(&asked.session, source, external);
    keys.set_requested_tags(&asked.tags);
    if let Some(role) = role {
        keys.set_role(&asked.role, role);
    }
    keys
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
