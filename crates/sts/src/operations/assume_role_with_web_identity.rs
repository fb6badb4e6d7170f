//! AssumeRoleWithWebIdentity: a service-account token becomes a session of a role.
//!
//! The call is unsigned; the token is the only proof. It goes in two steps, because the key set of
//! the issuer may have to be fetched in between, which is the edge's business:
//!
//! 1. [`provider_of`]: does the role's account trust this issuer? (3.6, step 4)
//! 2. [`assume_role_with_web_identity`]: may the bearer of this token, now verified, assume the
//!    role? (steps 8 to 12)

use names::{IssuerUrl, RoleArn, SessionName};
use oidc::VerifiedToken;

use super::opening::{Chain, Opened, PassedPolicies, packed, role_lifetime, seal, span};
use crate::denial::{Denial, DenialCause, Wording};
use crate::directory::{Authority, Directory, Instant, ProviderFacts, RoleFacts};
use crate::error::StsError;
use crate::question::{Asker, ConditionKeys, Question};
use crate::session::{Holder, Session, SessionOrigin, WebIdentity};
use crate::session_keys::SessionKeys;
use crate::tags::RequestedTags;

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// What AssumeRoleWithWebIdentity is asked, besides the token.
#[derive(Debug, Clone)]
pub struct AssumeRoleWithWebIdentity {
    /// The role.
    pub role: RoleArn,
    /// The new session's name.
    pub session: SessionName,
    /// How long, in seconds.
    pub duration: Option<i64>,
    /// What narrows the session.
    pub policies: PassedPolicies,
}

/// A session opened by a token, with what the answer repeats of it.
#[derive(Debug, Clone)]
pub struct OpenedByToken {
    /// The session.
    pub opened: Opened,
    /// What was kept of the token.
    pub identity: WebIdentity,
}

/// The provider by which the role's account trusts this issuer.
///
/// The token's `iss` must be the provider's URL; a port and the case of the host do not tell
/// issuers apart, since eksctl registers them with a port.
pub fn provider_of(
    role: &RoleArn,
    issuer: &str,
    directory: &dyn Directory,
) -> Result<ProviderFacts, StsError> {
    let account = role.account();
    let url = issuer.parse::<IssuerUrl>().ok();
    let found = url.and_then(|url| directory.provider(account, url.as_provider_name()));
    found.ok_or_else(|| StsError::NoProvider {
        issuer: issuer.to_owned(),
        account,
    })
}

/// Refuses the certificate of an issuer's host that the provider does not pin.
///
/// To be asked only for a host whose certificate no public authority vouches for.
pub fn accept_thumbprint(provider: &ProviderFacts, found: &str) -> Result<(), StsError> {
    let mut pinned = provider.thumbprints.iter();
    if pinned.any(|pinned| pinned.eq_ignore_ascii_case(found)) {
        return Ok(());
    }
    Err(StsError::WrongThumbprint {
        found: found.to_owned(),
        pinned: provider.thumbprints.clone(),
    })
}

/// Opens a session of the role, if its trust policy allows this token's subject.
pub fn assume_role_with_web_identity(
    provider: &ProviderFacts,
    token: &VerifiedToken,
    asked: &AssumeRoleWithWebIdentity,
    directory: &dyn Directory,
    authority: &dyn Authority,
    keys: &SessionKeys,
    at: Instant,
) -> Result<OpenedByToken, StsError> {
    let identity = vouched(provider, token)?;
    let role = authorise(&identity, token, asked, directory, authority)?;
    let seconds = role_lifetime(asked.duration, role.session_seconds_max, Chain::First)?;
    let policies = asked.policies.accepted(asked.role.account(), directory)?;
    let tags = requested_tags(token).joined_with(None);
    let tags = tags.map_err(StsError::Tags)?;
    let packed = packed(&asked.policies, &tags)?;
    let (issued, expiry) = span(at.now, seconds);
    let session = Session {
        holder: Holder::Role {
            role: asked.role.clone(),
            id: role.id,
            session: asked.session.clone(),
        },
        origin: SessionOrigin::WebIdentity(identity.clone()),
        issued,
        expiry,
        policies,
        tags,
        source_identity: token.source_identity().cloned(),
    };
    let opened = seal(session, packed, keys, at)?;
    Ok(OpenedByToken { opened, identity })
}

/// Step 8, and what is kept of the token: the provider's issuer signed it, for one of the
/// provider's client ids.
fn vouched(provider: &ProviderFacts, token: &VerifiedToken) -> Result<WebIdentity, StsError> {
    let issuer = token.issuer().parse::<IssuerUrl>().ok();
    let is_the_providers =
        issuer.is_some_and(|issuer| issuer.as_provider_name() == provider.arn.provider());
    if !is_the_providers {
        return Err(StsError::NoProvider {
            issuer: token.issuer().to_owned(),
            account: provider.arn.account(),
        });
    }
    let audience = token.verify_audience(&provider.client_ids)?;
    let original = token.azp().and(token.audiences().first());
    Ok(WebIdentity {
        provider: provider.arn.clone(),
        subject: token.subject().as_str().to_owned(),
        audience: audience.to_owned(),
        original_audience: original.map(ToString::to_string),
        methods: token.amr().iter().map(ToString::to_string).collect(),
    })
}

/// Steps 9 and 10: a missing role answers as one that does not trust.
fn authorise(
    identity: &WebIdentity,
    token: &VerifiedToken,
    asked: &AssumeRoleWithWebIdentity,
    directory: &dyn Directory,
    authority: &dyn Authority,
) -> Result<RoleFacts, StsError> {
    let role = directory.role(&asked.role);
    let question = Question {
        asker: Asker::WebIdentity(&identity.provider),
        action: ACTION,
        resource: asked.role.to_string(),
        resource_account: asked.role.account(),
        trust: Some(&asked.role),
        keys: condition_keys(identity, token, asked, role.as_ref()),
    };
    let deny = |question: &Question<'_>, cause| {
        StsError::Denied(Denial::of(question, cause, Wording::OfToken))
    };
    let Some(role) = role else {
        let reason = authority.decide(&question).err();
        return Err(deny(&question, DenialCause::NoSuchRole(reason)));
    };
    for action in actions(token) {
        let decided = authority.decide(&Question {
            action,
            ..question.clone()
        });
        decided.map_err(|why| deny(&question, DenialCause::Policies(why)))?;
    }
    Ok(role)
}

fn actions(token: &VerifiedToken) -> Vec<&'static str> {
    let mut actions = vec![ACTION];
    if !requested_tags(token).is_empty() {
        actions.push("sts:TagSession");
    }
    if token.source_identity().is_some() {
        actions.push("sts:SetSourceIdentity");
    }
    actions
}

fn condition_keys(
    identity: &WebIdentity,
    token: &VerifiedToken,
    asked: &AssumeRoleWithWebIdentity,
    role: Option<&RoleFacts>,
) -> ConditionKeys {
    let mut keys = ConditionKeys::default();
    keys.set("aws:FederatedProvider", identity.provider.as_str());
    keys.set_web_identity(identity);
    keys.set_session_request(&asked.session, token.source_identity(), None);
    keys.set_requested_tags(&requested_tags(token));
    if let Some(role) = role {
        keys.set_role(&asked.role, role);
    }
    keys
}

fn requested_tags(token: &VerifiedToken) -> RequestedTags {
    let Some(asked) = token.session_tags() else {
        return RequestedTags::default();
    };
    let tags = asked.tags.iter();
    let transitive = asked.transitive_keys.iter();
    RequestedTags {
        tags: tags
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect(),
        transitive_keys: transitive.map(ToString::to_string).collect(),
    }
}
