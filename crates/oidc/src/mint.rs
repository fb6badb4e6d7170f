//! Minting: a cluster vouches for a service account.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use names::secret::Secret;
use names::{Audience, IssuerUrl, ServiceAccount};
use serde_json::{Value, json};

use crate::{ObjectRef, SigningKey};

/// What a token is to say.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// Who vouches.
    pub issuer: IssuerUrl,
    /// Whom for.
    pub service_account: ServiceAccount,
    /// The service account's uid: a new account of the same name is another.
    pub uid: String,
    /// Who may accept it; Kubernetes writes a list even of one.
    pub audiences: Vec<Audience>,
    /// The object whose end ends the token.
    pub bound_to: Option<BoundTo>,
    /// How long it is good for.
    pub lifetime: Lifetime,
    /// When it is issued.
    pub now: Timestamp,
    /// The token's own id, a UUID in Kubernetes.
    pub jti: String,
}

/// The object that a token is bound to, beside its service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BoundTo {
    /// A pod, and the node where it runs.
    Pod(ObjectRef, Option<ObjectRef>),
    /// A secret.
    Secret(ObjectRef),
    /// A node.
    Node(ObjectRef),
}

/// A token's lifetime: 10 minutes, as Kubernetes demands, to one day, as EKS grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime(i64);

/// The number of seconds is no lifetime of a service-account token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a service-account token lives {min} to {max} seconds, not {0}",
    min = Lifetime::MIN.seconds(),
    max = Lifetime::MAX.seconds()
)]
pub struct NotALifetime(pub i64);

/// A signed token. It is a secret: who holds it is the service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccountToken {
    text: Secret,
    expiry: Timestamp,
}

/// Mints a token in the shape of Kubernetes' bound service-account tokens.
#[must_use]
pub fn mint(key: &SigningKey, request: &TokenRequest) -> ServiceAccountToken {
    let header = json!({ "alg": "RS256", "kid": key.key_id().as_str() });
    let lifetime = SignedDuration::from_secs(request.lifetime.seconds());
    let expiry = request
        .now
        .saturating_add(lifetime)
        .unwrap_or(Timestamp::MAX);
    let claims = claims(request, expiry);
    ServiceAccountToken {
        text: sign(key, &header, &claims).into(),
        expiry: whole_seconds(expiry),
    }
}

impl Lifetime {
    /// The shortest (Kubernetes' TokenRequest validation).
    pub const MIN: Self = Self(600);
    /// The longest (EKS caps at 24 hours).
    pub const MAX: Self = Self(86_400);

    /// So many seconds, if a token may live that long.
    pub fn from_seconds(seconds: i64) -> Result<Self, NotALifetime> {
        if (Self::MIN.0..=Self::MAX.0).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(NotALifetime(seconds))
        }
    }

    /// The longest that a cluster grants, whatever it is asked for. It may be shorter than what can be
    /// asked for, so that the renewal of a token is seen soon.
    #[must_use]
    pub fn limit(seconds: u32) -> Self {
        Self(i64::from(seconds).clamp(1, Self::MAX.0))
    }

    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }
}

impl Default for Lifetime {
    /// One hour, as Kubernetes when nothing is asked.
    fn default() -> Self {
        Self(3600)
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}

impl ServiceAccountToken {
    /// The compact text.
    #[must_use]
    pub fn text(&self) -> &Secret {
        &self.text
    }

    /// When it ends.
    #[must_use]
    pub fn expiry(&self) -> Timestamp {
        self.expiry
    }
}

fn claims(request: &TokenRequest, expiry: Timestamp) -> Value {
    let account = &request.service_account;
    let mut bound = json!({
        "namespace": account.namespace,
        "serviceaccount": { "name": account.name, "uid": request.uid },
    });
    let named = |object: &ObjectRef| json!({ "name": object.name, "uid": object.uid });
    match &request.bound_to {
        Some(BoundTo::Pod(pod, node)) => {
            bound["pod"] = named(pod);
            if let Some(node) = node {
                bound["node"] = named(node);
            }
        }
        Some(BoundTo::Secret(secret)) => bound["secret"] = named(secret),
        Some(BoundTo::Node(node)) => bound["node"] = named(node),
        None => {}
    }
    json!({
        "aud": request.audiences,
        "exp": expiry.as_second(),
        "iat": request.now.as_second(),
        "iss": request.issuer,
        "jti": request.jti,
        "kubernetes.io": bound,
        "nbf": request.now.as_second(),
        "sub": account.subject(),
    })
}

fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// RFC 7515, 7.1: the compact serialisation.
pub(crate) fn sign(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| BASE64URL_NOPAD.encode(part.to_string().as_bytes());
    let mut text = format!("{}.{}", encode(header), encode(claims));
    let signature = key.sign(text.as_bytes());
    text.push('.');
    BASE64URL_NOPAD.encode_append(&signature, &mut text);
    text
}
