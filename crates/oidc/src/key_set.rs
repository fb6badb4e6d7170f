//! The keys that one issuer publishes (JWKS, RFC 7517 section 5).

use std::sync::Arc;

use crate::{Algorithm, Json, KeyId, NotJson, PublicKey, RejectedToken, UnusableKey};

/// Longest document that is read.
const KEY_SET_BYTES_MAX: usize = 1024 * 1024;
/// Most keys of one type: AWS's own limit for RSA and for EC keys.
const KEYS_PER_TYPE_MAX: usize = 100;

/// The keys of one issuer, parsed; cloning shares them.
///
/// Keys of another issuer are in another set: the caller picks the set by the token's issuer, so
/// equal key ids of two issuers never meet.
#[derive(Debug, Clone, Default)]
pub struct KeySet(Arc<Keys>);

#[derive(Debug, Default)]
struct Keys {
    usable: Vec<PublicKey>,
    skipped: Vec<SkippedKey>,
}

/// A published key that must not verify tokens; the others of its set still do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedKey {
    /// The key's id, when it has a readable one.
    pub key_id: Option<KeyId>,
    /// Why it is skipped.
    pub reason: UnusableKey,
}

/// Why a document is not a key set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAKeySet {
    /// Longer than is read.
    #[error("key set has {bytes} bytes, at most {KEY_SET_BYTES_MAX} are read")]
    TooLong {
        /// How many came.
        bytes: usize,
    },
    /// Not JSON, or a member stands twice.
    #[error("key set is not JSON: {0}")]
    Json(#[from] NotJson),
    /// No list `keys`.
    #[error("key set has no list `keys`")]
    NoKeys,
    /// More keys than AWS accepts.
    #[error(
        "key set has {count} keys of type `{key_type}`, at most {KEYS_PER_TYPE_MAX} are accepted"
    )]
    TooManyKeys {
        /// The `kty`.
        key_type: String,
        /// How many there are.
        count: usize,
    },
}

impl KeySet {
    /// The set of these keys.
    pub fn of(keys: impl IntoIterator<Item = PublicKey>) -> Self {
        Self(Arc::new(Keys {
            usable: keys.into_iter().collect(),
            skipped: Vec::new(),
        }))
    }

    /// Reads a published set. A key that cannot verify is skipped, with its reason.
    pub fn parse(document: &[u8]) -> Result<Self, NotAKeySet> {
        if document.len() > KEY_SET_BYTES_MAX {
            return Err(NotAKeySet::TooLong {
                bytes: document.len(),
            });
        }
        let document = Json::parse(document)?;
        let published = document
            .get("keys")
            .and_then(Json::as_list)
            .ok_or(NotAKeySet::NoKeys)?;
        refuse_too_many(published)?;
        let mut keys = Keys::default();
        for jwk in published {
            match PublicKey::from_jwk(jwk) {
                Ok(key) => keys.usable.push(key),
                Err(reason) => keys.skipped.push(SkippedKey {
                    key_id: jwk.get("kid").and_then(Json::as_text).map(KeyId::new),
                    reason,
                }),
            }
        }
        Ok(Self(Arc::new(keys)))
    }

    /// The document as EKS publishes it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let keys: Vec<_> = self.0.usable.iter().map(PublicKey::to_jwk).collect();
        serde_json::json!({ "keys": keys }).to_string()
    }

    /// The keys that verify.
    #[must_use]
    pub fn keys(&self) -> &[PublicKey] {
        &self.0.usable
    }

    /// The keys that were skipped, and why.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.0.skipped
    }

    /// Whether a key of that id is published, usable or not: if not, a cached set may be stale.
    #[must_use]
    pub fn publishes(&self, key_id: &str) -> bool {
        self.0.usable.iter().any(|key| key.is_named(key_id)) || self.skipped_named(key_id).is_some()
    }

    /// The one key that may have signed.
    ///
    /// By id when the token has one. Without, only when one key fits the algorithm: of two, the
    /// signer would get to choose. The same key published twice counts as one.
    pub(crate) fn select(
        &self,
        key_id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<&PublicKey, RejectedToken> {
        let candidates = || {
            let is_named = |key: &&PublicKey| key_id.is_none_or(|id| key.is_named(id));
            self.0.usable.iter().filter(is_named)
        };
        let mut fitting = candidates().filter(|key| key.fits(algorithm));
        match (fitting.next(), candidates().next()) {
            (Some(first), _) => {
                let others = fitting.filter(|key| !key.is_same_as(first)).count();
                if others == 0 {
                    Ok(first)
                } else {
                    Err(RejectedToken::AmbiguousKey {
                        key_id: key_id.map(crate::rejected::shown),
                        candidates: others + 1,
                    })
                }
            }
            (None, Some(key)) if key_id.is_some() => Err(RejectedToken::AlgorithmMismatch {
                token: algorithm,
                key: key.algorithms(),
            }),
            (None, _) => Err(self.nothing_fits(key_id)),
        }
    }

    fn nothing_fits(&self, key_id: Option<&str>) -> RejectedToken {
        match key_id.and_then(|id| self.skipped_named(id)) {
            Some((key_id, reason)) => RejectedToken::UnusableKey { key_id, reason },
            None => RejectedToken::UnknownKey {
                key_id: key_id.map(crate::rejected::shown),
                published: self
                    .0
                    .usable
                    .iter()
                    .filter_map(PublicKey::key_id)
                    .cloned()
                    .collect(),
            },
        }
    }

    fn skipped_named(&self, wanted: &str) -> Option<(KeyId, UnusableKey)> {
        self.0.skipped.iter().find_map(|skipped| {
            let key_id = skipped.key_id.clone().filter(|id| id.as_str() == wanted)?;
            Some((key_id, skipped.reason.clone()))
        })
    }
}

/// AWS answers for such an issuer as if its keys could not be fetched.
fn refuse_too_many(published: &[Json<'_>]) -> Result<(), NotAKeySet> {
    let type_of = |jwk: &Json<'_>| match jwk.get("kty").and_then(Json::as_text) {
        Some("RSA") => "RSA",
        Some("EC") => "EC",
        Some(_) | None => "other",
    };
    for key_type in ["RSA", "EC", "other"] {
        let count = published
            .iter()
            .filter(|jwk| type_of(jwk) == key_type)
            .count();
        if count > KEYS_PER_TYPE_MAX {
            return Err(NotAKeySet::TooManyKeys {
                key_type: key_type.to_owned(),
                count,
            });
        }
    }
    Ok(())
}
