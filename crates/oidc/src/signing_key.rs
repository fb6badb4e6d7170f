//! The private key of an issuer.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use data_encoding::BASE64URL_NOPAD;
use names::secret::Secret;

use crate::{KeyId, PublicKey};

/// An RSA key of 2048 bits that signs tokens with RS256, as EKS clusters do.
pub struct SigningKey {
    pair: KeyPair,
    public: PublicKey,
    key_id: KeyId,
}

/// The bytes are not a signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not an RSA private key of 2048 to 8192 bits in PKCS#8")]
pub struct NotASigningKey;

impl SigningKey {
    /// Makes a new key. The randomness is the cryptographic library's own: a key made from
    /// anything else would not be one.
    pub fn generate() -> Result<Self, NotASigningKey> {
        KeyPair::generate(KeySize::Rsa2048)
            .map_err(|_| NotASigningKey)
            .and_then(Self::from_pair)
    }

    /// Reads what [`to_pkcs8`](Self::to_pkcs8) wrote.
    pub fn from_pkcs8(bytes: &Secret) -> Result<Self, NotASigningKey> {
        KeyPair::from_pkcs8(bytes.expose())
            .map_err(|_| NotASigningKey)
            .and_then(Self::from_pair)
    }

    /// The private key as PKCS#8, to be sealed.
    pub fn to_pkcs8(&self) -> Result<Secret, NotASigningKey> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().map_err(|_| NotASigningKey)?;
        Ok(Secret::new(der.as_ref().to_vec()))
    }

    /// The key's id: base64url of SHA-256 over its SubjectPublicKeyInfo, as Kubernetes derives it.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// The public half, for the key set.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs with RS256.
    pub(crate) fn sign(&self, text: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text,
                &mut signature,
            )
            .expect("a key pair that the library accepted signs");
        signature
    }

    fn from_pair(pair: KeyPair) -> Result<Self, NotASigningKey> {
        let public = pair.public_key();
        let spki: PublicKeyX509Der<'_> = public.as_der().map_err(|_| NotASigningKey)?;
        let key_id = KeyId::new(&BASE64URL_NOPAD.encode(digest(&SHA256, spki.as_ref()).as_ref()));
        let (n, e) = components(public.as_ref()).ok_or(NotASigningKey)?;
        let public = PublicKey::rsa(key_id.clone(), n, e).map_err(|_| NotASigningKey)?;
        Ok(Self {
            pair,
            public,
            key_id,
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017, A.1.1): a sequence of two integers.
fn components(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (sequence, _) = element(der, 0x30)?;
    let (modulus, rest) = element(sequence, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    let unsigned = |integer: &[u8]| integer.strip_prefix(&[0]).unwrap_or(integer).to_vec();
    Some((unsigned(modulus), unsigned(exponent)))
}

/// The content of a DER element with that tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => {
            let (bytes, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*bytes)), rest)
        }
        short => (usize::from(short), rest),
    };
    (found == tag).then_some(())?;
    rest.split_at_checked(length)
}
