//! A token that its issuer did sign, that is current, and that says what it must.

use jiff::Timestamp;
use names::{Audience, SourceIdentity};

use crate::claims::Claims;
use crate::rejected::shown;
use crate::{KubernetesClaims, RejectedToken, SessionTags, Subject};

/// Proof that the issuer vouched for these claims.
///
/// Made only by [`UnverifiedToken::verify`](crate::UnverifiedToken::verify).
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedToken(Box<Claims>);

impl VerifiedToken {
    pub(crate) fn new(claims: Claims) -> Self {
        Self(Box::new(claims))
    }

    /// Checks that the token is for one of these: the client ids of an OIDC provider.
    ///
    /// IAM compares `azp` when the token has one, else `aud`; exactly, with case. A list of
    /// several audiences needs the `azp`. What was compared is returned; it is the `:aud` of
    /// conditions.
    pub fn verify_audience<'t>(&'t self, accepted: &[Audience]) -> Result<&'t str, RejectedToken> {
        let audience = self.audience()?;
        if accepted.iter().any(|client| client.as_str() == audience) {
            Ok(audience)
        } else {
            Err(RejectedToken::WrongAudience {
                found: shown(audience),
                accepted: accepted.to_vec(),
            })
        }
    }

    /// The audience that counts: `azp`, or the only `aud`.
    pub fn audience(&self) -> Result<&str, RejectedToken> {
        match (self.azp(), self.0.audiences.as_slice()) {
            (Some(party), _) => Ok(party),
            (None, [only]) => Ok(only),
            (None, several) => Err(RejectedToken::SeveralAudiences {
                found: several.iter().map(|audience| shown(audience)).collect(),
            }),
        }
    }

    /// The `iss`, as written.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The `sub`.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.0.subject
    }

    /// The `aud`, all of them.
    #[must_use]
    pub fn audiences(&self) -> &[Box<str>] {
        &self.0.audiences
    }

    /// The `azp`: the party that the token was issued to.
    #[must_use]
    pub fn azp(&self) -> Option<&str> {
        self.0.authorized_party.as_deref()
    }

    /// The `amr`: how the subject was authenticated.
    #[must_use]
    pub fn amr(&self) -> &[Box<str>] {
        &self.0.authentication_methods
    }

    /// The `exp`.
    #[must_use]
    pub fn expiry(&self) -> Timestamp {
        self.0.expiry
    }

    /// The `iat`.
    #[must_use]
    pub fn issued_at(&self) -> Timestamp {
        self.0.issued_at
    }

    /// The `jti`.
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.0.token_id.as_deref()
    }

    /// What Kubernetes says about the service account, in tokens of clusters.
    #[must_use]
    pub fn kubernetes(&self) -> Option<&KubernetesClaims> {
        self.0.kubernetes.as_ref()
    }

    /// Session tags that the issuer asks for.
    #[must_use]
    pub fn session_tags(&self) -> Option<&SessionTags> {
        self.0.session_tags.as_ref()
    }

    /// The source identity that the issuer asks for.
    #[must_use]
    pub fn source_identity(&self) -> Option<&SourceIdentity> {
        self.0.source_identity.as_ref()
    }
}
