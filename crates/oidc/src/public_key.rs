//! One public key of an issuer (RFC 7517), parsed once and ready to verify.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::digest;
use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use data_encoding::BASE64URL_NOPAD;

use crate::algorithm::Family;
use crate::rejected::shown;
use crate::{Algorithm, Json, RejectedToken};

/// Longest `kid` that a key may have.
const KEY_ID_CHARS_MAX: usize = 256;
/// Smallest modulus in bits: what NIST SP 800-131A still allows.
const RSA_BITS_MIN: usize = 2048;
/// Largest modulus in bits: a larger one costs the verifier too much.
const RSA_BITS_MAX: usize = 8192;

/// A key's name within its issuer: the `kid`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyId(Arc<str>);

/// A public key that may verify tokens; cloning shares it.
#[derive(Clone)]
pub struct PublicKey(Arc<Parsed>);

struct Parsed {
    key_id: Option<KeyId>,
    material: Material,
    verifiers: Vec<(Algorithm, ParsedPublicKey)>,
}

/// The numbers that make the key, as published.
#[derive(Clone, PartialEq, Eq)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    Ec {
        curve: &'static str,
        x: Vec<u8>,
        y: Vec<u8>,
    },
}

/// Why a published key must not verify tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusableKey {
    /// `use` or `key_ops` give it another purpose.
    #[error("it is published for `{0}`, not for signatures")]
    Purpose(String),
    /// A key type that AWS does not accept; `oct` would be a shared secret.
    #[error("its type is `{0}`, must be `RSA` or `EC`")]
    Type(String),
    /// A curve that AWS does not accept.
    #[error("its curve is `{0}`, must be `P-256`, `P-384` or `P-521`")]
    Curve(String),
    /// Its algorithm is not one that its type signs with, or not accepted.
    #[error("its `alg` is `{0}`")]
    Algorithm(String),
    /// The modulus is too small or too large.
    #[error("it has {bits} bits, must have {RSA_BITS_MIN} to {RSA_BITS_MAX}")]
    Size {
        /// How many it has.
        bits: usize,
    },
    /// A member is missing or has no sense.
    #[error("its `{0}` is missing or malformed")]
    Member(&'static str),
}

impl KeyId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }
}

impl PublicKey {
    /// Reads a JWK.
    pub fn from_jwk(jwk: &Json<'_>) -> Result<Self, UnusableKey> {
        let key_id = read_key_id(jwk)?;
        purpose_is_signing(jwk)?;
        let material = Material::read(jwk)?;
        let verifiers = material.verifiers(jwk.get("alg"))?;
        Ok(Self(Arc::new(Parsed {
            key_id,
            material,
            verifiers,
        })))
    }

    /// The `kid`, when it has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.0.key_id.as_ref()
    }

    /// Algorithms that this key verifies: one when it says so, else all of its type.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        self.0
            .verifiers
            .iter()
            .map(|(algorithm, _)| *algorithm)
            .collect()
    }

    /// The key as a JWK, with the members that EKS publishes.
    #[must_use]
    pub fn to_jwk(&self) -> serde_json::Value {
        let mut jwk = match &self.0.material {
            Material::Rsa { n, e } => serde_json::json!({
                "kty": "RSA", "n": BASE64URL_NOPAD.encode(n), "e": BASE64URL_NOPAD.encode(e),
            }),
            Material::Ec { curve, x, y } => serde_json::json!({
                "kty": "EC", "crv": curve,
                "x": BASE64URL_NOPAD.encode(x), "y": BASE64URL_NOPAD.encode(y),
            }),
        };
        jwk["use"] = "sig".into();
        if let Some(id) = &self.0.key_id {
            jwk["kid"] = id.as_str().into();
        }
        if let [(only, _)] = self.0.verifiers.as_slice() {
            jwk["alg"] = only.as_str().into();
        }
        jwk
    }

    pub(crate) fn rsa(key_id: KeyId, n: Vec<u8>, e: Vec<u8>) -> Result<Self, UnusableKey> {
        let material = Material::Rsa { n, e };
        let verifiers = material.verifiers(Some(&Json::Text("RS256".into())))?;
        Ok(Self(Arc::new(Parsed {
            key_id: Some(key_id),
            material,
            verifiers,
        })))
    }

    pub(crate) fn is_named(&self, wanted: &str) -> bool {
        self.key_id().is_some_and(|id| id.as_str() == wanted)
    }

    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.verifier(algorithm).is_some()
    }

    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.0.material == other.0.material
    }

    pub(crate) fn verify(
        &self,
        algorithm: Algorithm,
        text: &[u8],
        signature: &[u8],
    ) -> Result<(), RejectedToken> {
        let verifier =
            self.verifier(algorithm)
                .ok_or_else(|| RejectedToken::AlgorithmMismatch {
                    token: algorithm,
                    key: self.algorithms(),
                })?;
        let digest = digest(algorithm.digest(), text);
        verifier
            .verify_digest_sig(&digest, signature)
            .map_err(|_| RejectedToken::BadSignature {
                key_id: self.0.key_id.clone(),
            })
    }

    fn verifier(&self, wanted: Algorithm) -> Option<&ParsedPublicKey> {
        self.0
            .verifiers
            .iter()
            .find_map(|(algorithm, key)| (*algorithm == wanted).then_some(key))
    }
}

impl Material {
    fn read(jwk: &Json<'_>) -> Result<Self, UnusableKey> {
        match jwk.get("kty").and_then(Json::as_text) {
            Some("RSA") => Self::read_rsa(jwk),
            Some("EC") => Self::read_ec(jwk),
            Some(other) => Err(UnusableKey::Type(shown(other))),
            None => Err(UnusableKey::Member("kty")),
        }
    }

    fn read_rsa(jwk: &Json<'_>) -> Result<Self, UnusableKey> {
        let n = bytes_of(jwk, "n")?;
        let e = bytes_of(jwk, "e")?;
        let n = without_zeros_before(&n).to_vec();
        let e = without_zeros_before(&e).to_vec();
        let bits = n.len() * 8 - n.first().map_or(0, |byte| byte.leading_zeros() as usize);
        if !(RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits) {
            return Err(UnusableKey::Size { bits });
        }
        // An exponent of 1 makes every text its own signature; an even one cannot be.
        let is_odd = e.last().is_some_and(|byte| byte % 2 == 1);
        if e.len() > 4 || !is_odd || e == [1] {
            return Err(UnusableKey::Member("e"));
        }
        Ok(Self::Rsa { n, e })
    }

    fn read_ec(jwk: &Json<'_>) -> Result<Self, UnusableKey> {
        let (curve, length) = match jwk.get("crv").and_then(Json::as_text) {
            Some("P-256") => ("P-256", 32),
            Some("P-384") => ("P-384", 48),
            Some("P-521") => ("P-521", 66),
            Some(other) => return Err(UnusableKey::Curve(shown(other))),
            None => return Err(UnusableKey::Member("crv")),
        };
        // RFC 7518, 6.2.1.2: coordinates have the full length of the field.
        let coordinate = |name| {
            bytes_of(jwk, name).and_then(|bytes| {
                if bytes.len() == length {
                    Ok(bytes)
                } else {
                    Err(UnusableKey::Member(name))
                }
            })
        };
        Ok(Self::Ec {
            curve,
            x: coordinate("x")?,
            y: coordinate("y")?,
        })
    }

    /// Keys parsed for each algorithm that this key may sign with.
    fn verifiers(
        &self,
        declared: Option<&Json<'_>>,
    ) -> Result<Vec<(Algorithm, ParsedPublicKey)>, UnusableKey> {
        let declared = match declared {
            None => None,
            Some(Json::Text(name)) => {
                Some(Algorithm::named(name).ok_or_else(|| UnusableKey::Algorithm(shown(name)))?)
            }
            Some(_) => return Err(UnusableKey::Member("alg")),
        };
        let wanted = |algorithm: &Algorithm| declared.is_none_or(|only| only == *algorithm);
        let mut verifiers = Vec::new();
        for algorithm in Algorithm::ALL.into_iter().filter(wanted) {
            if let Some(key) = self.parse_for(algorithm)? {
                verifiers.push((algorithm, key));
            }
        }
        match declared {
            Some(other) if verifiers.is_empty() => {
                Err(UnusableKey::Algorithm(other.as_str().to_owned()))
            }
            _ => Ok(verifiers),
        }
    }

    fn parse_for(&self, algorithm: Algorithm) -> Result<Option<ParsedPublicKey>, UnusableKey> {
        match (self, algorithm.family()) {
            (Self::Rsa { n, e }, Family::Rsa(parameters)) => {
                let components = RsaPublicKeyComponents { n, e };
                let key = components.to_parsed_public_key(parameters);
                key.map(Some).map_err(|_| UnusableKey::Member("n"))
            }
            (Self::Ec { curve, x, y }, Family::Ec(name, parameters)) if *curve == name => {
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                let key = ParsedPublicKey::new(parameters, point);
                key.map(Some).map_err(|_| UnusableKey::Member("x"))
            }
            (Self::Rsa { .. }, Family::Ec(..)) | (Self::Ec { .. }, _) => Ok(None),
        }
    }
}

impl AsRef<str> for KeyId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("key_id", &self.0.key_id)
            .field("algorithms", &self.algorithms())
            .finish_non_exhaustive()
    }
}

fn read_key_id(jwk: &Json<'_>) -> Result<Option<KeyId>, UnusableKey> {
    match jwk.get("kid") {
        None => Ok(None),
        Some(Json::Text(id)) if id.chars().count() <= KEY_ID_CHARS_MAX => Ok(Some(KeyId::new(id))),
        Some(_) => Err(UnusableKey::Member("kid")),
    }
}

/// RFC 7517, 4.2 and 4.3: a key for encryption does not verify.
fn purpose_is_signing(jwk: &Json<'_>) -> Result<(), UnusableKey> {
    match jwk.get("use").map(Json::as_text) {
        None | Some(Some("sig")) => {}
        Some(Some(other)) => return Err(UnusableKey::Purpose(shown(other))),
        Some(None) => return Err(UnusableKey::Member("use")),
    }
    let Some(operations) = jwk.get("key_ops") else {
        return Ok(());
    };
    let operations = operations
        .as_texts()
        .ok_or(UnusableKey::Member("key_ops"))?;
    if operations.iter().any(|operation| &**operation == "verify") {
        Ok(())
    } else {
        Err(UnusableKey::Purpose(shown(&operations.join(", "))))
    }
}

fn bytes_of(jwk: &Json<'_>, name: &'static str) -> Result<Vec<u8>, UnusableKey> {
    let text = jwk.get(name).and_then(Json::as_text);
    text.and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok())
        .filter(|bytes| !bytes.is_empty())
        .ok_or(UnusableKey::Member(name))
}

/// Some issuers write the sign byte of the DER integer, which RFC 7518 forbids.
fn without_zeros_before(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}
