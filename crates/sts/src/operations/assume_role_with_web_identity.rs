//! AssumeRoleWithWebIdentity: a service-account token becomes a session of a role.
//!
//! The call is unsigned; the token is the only proof. It goes in two steps, because the key set of
//! the issuer may have to be fetched in between, which is the edge's business:
//!
//! 1. [`trusted_issuer`]: does the role's account trust this issuer? (3.6, step 4)
//! 2. [`assume_role_with_web_identity`]: may the bearer of this token, now verified, assume the
//!    role? (steps 8 to 12)

use names::{AccountId, IssuerUrl, RoleArn, SessionName};
use oidc::VerifiedToken;
use policy::{Operation, Permit};

use super::assumable::{Implied, may_assume};
use super::opening::{Chain, Entitled, Opened, PassedPolicies, Terms, role_lifetime};
use crate::condition_keys::of_session_request;
use crate::directory::{Asker, Authority, Directory, Instant, ProviderFacts, RoleFacts};
use crate::error::StsError;
use crate::session::{SessionOrigin, WebIdentity};
use crate::session_keys::SessionKeys;
use crate::tags::RequestedTags;

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

impl Operation for AssumeRoleWithWebIdentity {
    const ACTION: &'static str = "sts:AssumeRoleWithWebIdentity";
    type Target = RoleArn;
}

/// A session opened by a token, with what the answer repeats of it.
#[derive(Debug, Clone)]
pub struct OpenedByToken {
    /// The session.
    pub opened: Opened,
    /// What was kept of the token.
    pub identity: WebIdentity,
}

/// An issuer that an account trusts. Made only by [`trusted_issuer`].
#[derive(Debug, Clone)]
pub struct TrustedIssuer {
    url: IssuerUrl,
    provider: ProviderFacts,
}

impl TrustedIssuer {
    /// The issuer, as its tokens write it.
    #[must_use]
    pub fn url(&self) -> &IssuerUrl {
        &self.url
    }

    /// The account's provider for it.
    #[must_use]
    pub fn provider(&self) -> &ProviderFacts {
        &self.provider
    }
}

/// The issuer, if the role's account has a provider for it.
///
/// The token's `iss` must be the provider's URL; a port and the case of the host do not tell
/// issuers apart, since eksctl registers them with a port.
pub fn trusted_issuer(
    role: &RoleArn,
    issuer: &str,
    directory: &dyn Directory,
) -> Result<TrustedIssuer, StsError> {
    let account = role.account();
    let trusted = issuer.parse::<IssuerUrl>().ok().and_then(|url| {
        let provider = directory.provider(account, url.as_provider_name())?;
        Some(TrustedIssuer { url, provider })
    });
    trusted.ok_or_else(|| no_provider(issuer, account))
}

fn no_provider(issuer: &str, account: AccountId) -> StsError {
    StsError::NoProvider {
        issuer: issuer.to_owned(),
        account,
    }
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
    issuer: &TrustedIssuer,
    token: &VerifiedToken,
    asked: &AssumeRoleWithWebIdentity,
    authority: &impl Authority,
    keys: &SessionKeys,
    at: Instant,
) -> Result<OpenedByToken, StsError> {
    let identity = vouched(issuer, token)?;
    let tags = requested_tags(token);
    let (permit, role) = authorise(&identity, token, &tags, asked, authority)?;
    let terms = Terms {
        seconds: role_lifetime(asked.duration, role.session_seconds_max, Chain::First)?,
        source_identity: token.source_identity().cloned(),
        origin: SessionOrigin::WebIdentity(identity.clone()),
        policies: &asked.policies,
        tags: &tags,
        inherits: None,
    };
    let entitled = Entitled::to_role(permit, role.id, asked.session.clone());
    let opened = entitled.open(terms, authority, keys, at)?;
    Ok(OpenedByToken { opened, identity })
}

/// Step 8, and what is kept of the token: the provider's issuer signed it, for one of the
/// provider's client ids.
fn vouched(issuer: &TrustedIssuer, token: &VerifiedToken) -> Result<WebIdentity, StsError> {
    let provider = &issuer.provider;
    if token.issuer() != issuer.url.as_str() {
        return Err(no_provider(token.issuer(), provider.arn.account()));
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

/// Steps 9 and 10.
fn authorise(
    identity: &WebIdentity,
    token: &VerifiedToken,
    tags: &RequestedTags,
    asked: &AssumeRoleWithWebIdentity,
    authority: &impl Authority,
) -> Result<(Permit<AssumeRoleWithWebIdentity>, RoleFacts), StsError> {
    let source = token.source_identity();
    let mut keys = of_session_request(&asked.session, source, None);
    identity.set_keys(&mut keys);
    tags.set_keys(&mut keys);
    let implied = Implied {
        tags: !tags.is_empty(),
        source_identity: source.is_some(),
    };
    let asker = Asker::WebIdentity(&identity.provider);
    may_assume(asker, &asked.role, implied, keys, authority)
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
