//! Sealing secrets before they reach a store.
//!
//! AES-256-GCM-SIV (RFC 8452) under a root key, with the store key as associated data: a sealed
//! value that was moved to another key, changed by one bit, or sealed under a key that this ring
//! does not hold, does not open. The epoch of the root key stands in the clear, so that a newer
//! root key can be added while values of the older one still open.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroizing;

/// The bytes of a root key.
pub const ROOT_KEY_LENGTH: usize = 32;

/// The bytes of a nonce.
pub const NONCE_LENGTH: usize = 12;

const EPOCH_LENGTH: usize = 4;

/// The number of a root key; the greatest one seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u32);

/// A root key: 32 secret bytes.
#[derive(Clone)]
pub struct RootKey(Zeroizing<[u8; ROOT_KEY_LENGTH]>);

impl RootKey {
    /// From its bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; ROOT_KEY_LENGTH]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[secret]")
    }
}

/// A sealed value: epoch, nonce, ciphertext and tag. It says nothing of what it holds.
/// Records hold it as base64 text.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Box<[u8]>);

impl Sealed {
    /// Its bytes, to be stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// From stored bytes; whether they are whole shows when they are opened.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl serde::Serialize for Sealed {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&data_encoding::BASE64.encode_display(&self.0))
    }
}

impl<'de> serde::Deserialize<'de> for Sealed {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(input)?;
        let bytes = data_encoding::BASE64.decode(text.as_bytes());
        bytes
            .map(|bytes| Self(bytes.into()))
            .map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "[sealed, {} bytes]", self.0.len())
    }
}

/// Why a sealed value did not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// Too short to be one.
    #[error("the sealed value at `{at}` is cut off")]
    CutOff {
        /// Where it stands.
        at: String,
    },
    /// Sealed under a root key that is not here.
    #[error(
        "the value at `{at}` is sealed under root key {epoch}, which is missing: bring that root key back"
    )]
    NoKey {
        /// Where it stands.
        at: String,
        /// The epoch that it names.
        epoch: u32,
    },
    /// Changed, moved from another key, or the root key is another one.
    #[error(
        "the sealed value at `{at}` was changed, or the root key is not the one that sealed it"
    )]
    Tampered {
        /// Where it stands.
        at: String,
    },
}

/// The root keys that are known.
pub struct Keyring {
    keys: BTreeMap<Epoch, LessSafeKey>,
    newest: Epoch,
}

impl Keyring {
    /// A ring with its first root key.
    #[must_use]
    pub fn new(epoch: Epoch, root: &RootKey) -> Self {
        let ring = Self {
            keys: BTreeMap::new(),
            newest: epoch,
        };
        ring.with(epoch, root)
    }

    /// The ring with one more root key; the greatest epoch seals from now on.
    #[must_use]
    pub fn with(mut self, epoch: Epoch, root: &RootKey) -> Self {
        // 32 bytes are this algorithm's key length, so no key is refused.
        if let Ok(key) = UnboundKey::new(&AES_256_GCM_SIV, &*root.0) {
            self.keys.insert(epoch, LessSafeKey::new(key));
        }
        self.newest = self.newest.max(epoch);
        self
    }

    /// Seals a secret for the store key at which it will stand. The nonce is random, never used
    /// before; should it be, GCM-SIV reveals only whether two secrets are equal.
    #[must_use]
    pub fn seal(&self, at: &str, secret: &[u8], nonce: [u8; NONCE_LENGTH]) -> Sealed {
        let mut sealed = Vec::with_capacity(EPOCH_LENGTH + NONCE_LENGTH + secret.len() + 16);
        sealed.extend_from_slice(&self.newest.0.to_be_bytes());
        sealed.extend_from_slice(&nonce);
        let mut body = Zeroizing::new(secret.to_vec());
        let tag = self.keys.get(&self.newest).and_then(|key| {
            key.seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(at.as_bytes()),
                body.as_mut_slice(),
            )
            .ok()
        });
        // Sealing fails only beyond 2^36 bytes; an empty body then opens as tampered.
        if let Some(tag) = tag {
            sealed.extend_from_slice(&body);
            sealed.extend_from_slice(tag.as_ref());
        }
        Sealed(sealed.into())
    }

    /// Opens a sealed value that stands at a store key.
    ///
    /// # Errors
    /// [`Unopened`] says whether it is cut off, its root key is missing, or it was changed.
    pub fn open(&self, at: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, Unopened> {
        let place = || at.to_owned();
        let (epoch, rest) = sealed
            .0
            .split_first_chunk::<EPOCH_LENGTH>()
            .ok_or_else(|| Unopened::CutOff { at: place() })?;
        let (nonce, body) = rest
            .split_first_chunk::<NONCE_LENGTH>()
            .ok_or_else(|| Unopened::CutOff { at: place() })?;
        let epoch = u32::from_be_bytes(*epoch);
        let key = self
            .keys
            .get(&Epoch(epoch))
            .ok_or_else(|| Unopened::NoKey { at: place(), epoch })?;
        let mut opened = Zeroizing::new(body.to_vec());
        let length = key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(at.as_bytes()),
                opened.as_mut_slice(),
            )
            .map_err(|_| Unopened::Tampered { at: place() })?
            .len();
        opened.truncate(length);
        Ok(opened)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Keyring({:?})", self.keys.keys())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ring(byte: u8) -> Keyring {
        Keyring::new(Epoch(1), &RootKey::from_bytes([byte; ROOT_KEY_LENGTH]))
    }

    #[test]
    fn a_value_opens_only_where_it_was_sealed_and_under_its_key() {
        let sealed = ring(1).seal("a", b"secret", [0; NONCE_LENGTH]);
        assert_eq!(&**ring(1).open("a", &sealed).unwrap(), b"secret");
        let elsewhere = Unopened::Tampered { at: "b".to_owned() };
        assert_eq!(ring(1).open("b", &sealed).unwrap_err(), elsewhere);
        let other_key = Unopened::Tampered { at: "a".to_owned() };
        assert_eq!(ring(2).open("a", &sealed).unwrap_err(), other_key);
    }

    #[test]
    fn a_newer_root_key_seals_and_the_older_one_still_opens() {
        let older = ring(1).seal("a", b"secret", [0; NONCE_LENGTH]);
        let both = ring(1).with(Epoch(2), &RootKey::from_bytes([2; ROOT_KEY_LENGTH]));
        assert_eq!(&**both.open("a", &older).unwrap(), b"secret");
        let newer = both.seal("a", b"secret", [0; NONCE_LENGTH]);
        let missing = Unopened::NoKey {
            at: "a".to_owned(),
            epoch: 2,
        };
        assert_eq!(ring(1).open("a", &newer).unwrap_err(), missing);
    }

    proptest! {
        #[test]
        fn sealing_hides_and_every_flipped_bit_is_refused(
            secret in proptest::collection::vec(any::<u8>(), 8..64),
            nonce in any::<[u8; NONCE_LENGTH]>(),
            bit in any::<proptest::sample::Index>(),
        ) {
            let sealed = ring(7).seal("k", &secret, nonce);
            prop_assert!(!sealed.as_bytes().windows(secret.len()).any(|part| part == secret));
            prop_assert_eq!(&**ring(7).open("k", &sealed).unwrap(), secret.as_slice());
            let mut bytes = sealed.as_bytes().to_vec();
            let bit = bit.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(ring(7).open("k", &Sealed::from_bytes(&bytes)).is_err());
        }

        #[test]
        fn strange_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(ring(7).open("k", &Sealed::from_bytes(&bytes)).is_err());
        }
    }
}
