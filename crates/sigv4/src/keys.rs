//! Signing keys: derived from a secret for one day, region and service, and remembered.

use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use names::secret::Secret;
use zeroize::Zeroizing;

use crate::credential::{Credential, TERMINATOR};

/// Most signing keys that [`DerivedKeys`] remembers.
pub const DERIVED_KEYS_MAX: usize = 1024;

/// A key that signs requests of one scope. The library wipes it when the last copy goes.
#[derive(Clone)]
pub(crate) struct SigningKey(Arc<hmac::Key>);

impl SigningKey {
    /// Four HMACs: date, region, service, terminator.
    pub(crate) fn derive(secret: &Secret, date: &str, region: &str, service: &str) -> Self {
        let mut start = Zeroizing::new(Vec::with_capacity(4 + secret.expose().len()));
        start.extend_from_slice(b"AWS4");
        start.extend_from_slice(secret.expose());
        let day = Zeroizing::new(hmac_sha256(&start, date.as_bytes()));
        let of_region = Zeroizing::new(hmac_sha256(&*day, region.as_bytes()));
        let of_service = Zeroizing::new(hmac_sha256(&*of_region, service.as_bytes()));
        let key = Zeroizing::new(hmac_sha256(&*of_service, TERMINATOR.as_bytes()));
        Self(Arc::new(hmac::Key::new(HMAC_SHA256, &*key)))
    }

    pub(crate) fn sign(&self, string_to_sign: &str) -> [u8; 32] {
        tag(&self.0, string_to_sign.as_bytes())
    }
}

/// Remembers the signing keys of late, at most [`DERIVED_KEYS_MAX`].
///
/// Two generations: what is used moves to the young one; when that is half full the old one is
/// forgotten. Each entry holds the secret it was derived from, so a key id that comes back with
/// another secret is derived anew.
#[derive(Default)]
pub struct DerivedKeys(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: BTreeMap<Box<str>, Derived>,
    old: BTreeMap<Box<str>, Derived>,
}

struct Derived {
    secret: Secret,
    key: SigningKey,
}

impl DerivedKeys {
    /// Remembers nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The signing key of a credential, if it is remembered.
    pub(crate) fn recall(
        &self,
        credential: &Credential<'_>,
        secret: &Secret,
    ) -> Option<SigningKey> {
        self.generations(|all| all.recall(credential.as_str(), secret))
    }

    /// Remembers the signing key of a credential that has signed with it. What a wrong signature
    /// names is not remembered, so that nobody without a secret fills the memory or empties it.
    pub(crate) fn remember(&self, credential: &Credential<'_>, secret: &Secret, key: SigningKey) {
        let secret = secret.clone();
        let derived = Derived { secret, key };
        self.generations(|all| all.remember(credential.as_str().into(), derived));
    }

    fn generations<R>(&self, act: impl FnOnce(&mut Generations) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.generations(|all| all.young.len() + all.old.len())
    }
}

impl Generations {
    fn recall(&mut self, credential: &str, secret: &Secret) -> Option<SigningKey> {
        if let Some(derived) = self.young.get(credential) {
            return (derived.secret == *secret).then(|| derived.key.clone());
        }
        let (credential, derived) = self.old.remove_entry(credential)?;
        if derived.secret != *secret {
            return None;
        }
        let key = derived.key.clone();
        self.remember(credential, derived);
        Some(key)
    }

    fn remember(&mut self, credential: Box<str>, derived: Derived) {
        if self.young.len() >= DERIVED_KEYS_MAX / 2 {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(credential, derived);
    }
}

pub(crate) fn derive(credential: &Credential<'_>, secret: &Secret) -> SigningKey {
    SigningKey::derive(
        secret,
        credential.date(),
        credential.region(),
        credential.service(),
    )
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    tag(&hmac::Key::new(HMAC_SHA256, key), message)
}

fn tag(key: &hmac::Key, message: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(key, message);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(tag.as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        BodyHash, Claim, Expectation, Presented, RequestHead, SignatureRefusal, Signer, sign,
    };

    #[test]
    fn only_so_many_keys_are_remembered() {
        let (keys, secret) = (DerivedKeys::new(), Secret::from("s"));
        for id in 0..DERIVED_KEYS_MAX * 2 {
            let text = format!("{id}/20260102/us-west-2/sts/{TERMINATOR}");
            let credential = Credential::parse(&text).unwrap();
            let key = derive(&credential, &secret);
            assert!(keys.recall(&credential, &secret).is_none());
            keys.remember(&credential, &secret, key.clone());
            let remembered = keys.recall(&credential, &secret);
            assert_eq!(remembered.map(|one| one.sign("x")), Some(key.sign("x")));
            assert!(keys.recall(&credential, &Secret::from("t")).is_none());
            assert!(keys.len() <= DERIVED_KEYS_MAX);
        }
        assert!(keys.len() >= DERIVED_KEYS_MAX / 2);
    }

    #[test]
    fn a_key_is_remembered_when_it_has_signed_and_not_before() {
        let (keys, secret) = (DerivedKeys::new(), Secret::from("right"));
        let wrong = Secret::from("wrong");
        with_a_request_signed_by(&secret, |presented| {
            presented.spend_a_verification(&keys);
            let refused = presented.clone().verify(&wrong, &keys);
            assert_eq!(refused.err(), Some(SignatureRefusal::Mismatch));
            assert_eq!(keys.len(), 0);
            for _ in 0..2 {
                assert!(presented.clone().verify(&secret, &keys).is_ok());
                assert_eq!(keys.len(), 1);
            }
            let refused = presented.clone().verify(&wrong, &keys);
            assert_eq!(refused.err(), Some(SignatureRefusal::Mismatch));
            assert!(presented.clone().verify(&secret, &keys).is_ok());
        });
    }

    fn with_a_request_signed_by(secret: &Secret, then: impl FnOnce(&Presented<'_>)) {
        let signer = Signer {
            access_key_id: "AKIDEXAMPLE",
            secret_key: secret,
            session_token: None,
            region: "us-west-2",
            service: "sts",
        };
        let host: (&str, &[u8]) = ("host", b"localhost:4566");
        let head = RequestHead {
            method: "GET",
            raw_path: "/",
            raw_query: "",
            headers: &[host],
        };
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let added = sign(&signer, &head, &BodyHash::empty(), now).unwrap();
        let added = added.iter().map(|(name, value)| (*name, value.as_bytes()));
        let headers: Vec<_> = added.chain([host]).collect();
        let head = RequestHead {
            headers: &headers,
            ..head
        };
        let expectation = Expectation {
            services: &["sts"],
            now,
        };
        let claim = Claim::of(head);
        then(&claim.present(&BodyHash::empty(), &expectation).unwrap());
    }
}
