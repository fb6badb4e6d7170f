//! Sealing secrets before they reach a store: the disk may be read by an enemy.
//!
//! A [`Sealed`] value is `VERSION EPOCH NONCE CIPHERTEXT TAG`: AES-256-GCM-SIV (RFC 8452) with the
//! first three and the key under which the value is stored as associated data. So a value that was
//! changed, or moved to another key, does not open. The epoch stands in the clear: a new root key
//! seals from then on, the older ones still open, and what they sealed is sealed again when it is
//! next written ([`Keyring::is_outdated`]).

mod file;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use data_encoding::BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroizing;

pub use file::NotAKeyFile;

/// First byte of every sealed value.
const VERSION: u8 = 1;
/// Version, epoch, nonce.
const HEADER_LEN: usize = 1 + 4 + NONCE_LEN;
/// The authentication tag at the end.
const TAG_LEN: usize = 16;
/// Longest secret that is sealed: private keys are far shorter.
pub const SECRET_BYTES_MAX: usize = 1 << 20;

/// The number of a root key; the newest one seals.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Epoch(pub u32);

/// 32 random bytes that never reach the store.
#[derive(Clone)]
pub struct RootKey(Zeroizing<[u8; 32]>);

/// The root keys of all epochs.
pub struct Keyring {
    newest: (Epoch, LessSafeKey),
    older: BTreeMap<Epoch, LessSafeKey>,
}

/// A secret as the store may see it. Serde writes it as base64.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

/// Why a sealed value does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// It is no sealed value, or one of a newer rolecall.
    #[error("`{at}` holds no sealed value that this rolecall can read")]
    Shape {
        /// The store key.
        at: String,
    },
    /// The root key of its epoch is missing.
    #[error("`{at}` was sealed under root key {epoch}, which is not in the key file")]
    Epoch {
        /// The store key.
        at: String,
        /// The epoch.
        epoch: u32,
    },
    /// The bytes were changed, moved from another key, or sealed under another root key.
    #[error(
        "`{at}` does not open: it was changed, copied from another place, or the key file is \
         another plane's"
    )]
    Seal {
        /// The store key.
        at: String,
    },
}

impl RootKey {
    /// The key of these bytes; they must be random.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    fn cipher(&self) -> LessSafeKey {
        let key = UnboundKey::new(&AES_256_GCM_SIV, &*self.0).expect("an AES-256 key of 32 bytes");
        LessSafeKey::new(key)
    }
}

impl Keyring {
    /// The keyring of these epochs. Without any, a plane that keeps nothing gives its one.
    ///
    /// # Errors
    /// [`NotAKeyring`] when there is no epoch, or two of one number.
    pub fn new(epochs: Vec<(Epoch, RootKey)>) -> Result<Self, NotAKeyring> {
        let mut older = BTreeMap::new();
        for (epoch, key) in &epochs {
            if older.insert(*epoch, key.cipher()).is_some() {
                return Err(NotAKeyring::Twice(epoch.0));
            }
        }
        let newest = older.pop_last().ok_or(NotAKeyring::Empty)?;
        Ok(Self { newest, older })
    }

    /// The epoch that seals.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.newest.0
    }

    /// Seals a secret for one store key; the nonce is 12 random bytes, used once.
    ///
    /// # Panics
    /// On secrets above [`SECRET_BYTES_MAX`].
    #[must_use]
    pub fn seal(&self, store_key: &str, secret: &[u8], nonce: [u8; NONCE_LEN]) -> Sealed {
        assert!(secret.len() <= SECRET_BYTES_MAX, "a secret of more than 1 MiB");
        let (epoch, cipher) = &self.newest;
        let mut bytes = Vec::with_capacity(HEADER_LEN + secret.len() + TAG_LEN);
        bytes.push(VERSION);
        bytes.extend_from_slice(&epoch.0.to_be_bytes());
        bytes.extend_from_slice(&nonce);
        let bound = associated(&bytes, store_key);
        // Room for everything is reserved, so that no copy of the secret is left in a freed buffer.
        bytes.extend_from_slice(secret);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = cipher
            .seal_in_place_separate_tag(nonce, Aad::from(bound), &mut bytes[HEADER_LEN..])
            .expect("a short secret and 12 bytes of nonce");
        bytes.extend_from_slice(tag.as_ref());
        Sealed(bytes)
    }

    /// Opens what was sealed for this store key.
    ///
    /// # Errors
    /// [`Unopened`] says which of the three things is wrong.
    pub fn open(&self, store_key: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, Unopened> {
        let at = || store_key.to_owned();
        let epoch = sealed.epoch().ok_or_else(|| Unopened::Shape { at: at() })?;
        let cipher =
            self.cipher(epoch).ok_or_else(|| Unopened::Epoch { at: at(), epoch: epoch.0 })?;
        let (header, body) = sealed.0.split_at(HEADER_LEN);
        let nonce = Nonce::try_assume_unique_for_key(&header[HEADER_LEN - NONCE_LEN..])
            .map_err(|_| Unopened::Shape { at: at() })?;
        let bound = Aad::from(associated(header, store_key));
        let mut secret = Zeroizing::new(body.to_vec());
        let len = cipher
            .open_in_place(nonce, bound, &mut secret)
            .map_err(|_| Unopened::Seal { at: at() })?
            .len();
        secret.truncate(len);
        Ok(secret)
    }

    /// Whether a newer root key than the one that sealed it is there.
    #[must_use]
    pub fn is_outdated(&self, sealed: &Sealed) -> bool {
        sealed.epoch() != Some(self.epoch())
    }

    fn cipher(&self, epoch: Epoch) -> Option<&LessSafeKey> {
        let (newest, cipher) = &self.newest;
        if epoch == *newest { Some(cipher) } else { self.older.get(&epoch) }
    }
}

/// Root keys that make no keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAKeyring {
    /// None at all.
    #[error("no root key")]
    Empty,
    /// Two of one epoch.
    #[error("two root keys of epoch {0}")]
    Twice(u32),
}

impl Sealed {
    /// The bytes, for a record that is not JSON.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// From its bytes; whether they are sealed shows when they are opened.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The epoch in clear; `None` when the shape is not that of a sealed value.
    #[must_use]
    pub fn epoch(&self) -> Option<Epoch> {
        let is_whole = self.0.len() >= HEADER_LEN + TAG_LEN && self.0[0] == VERSION;
        let epoch = self.0.get(1..5)?.try_into().ok()?;
        is_whole.then_some(Epoch(u32::from_be_bytes(epoch)))
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[secret]")
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Keyring(epoch {})", self.epoch().0)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Sealed({} bytes)", self.0.len())
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        BASE64.decode(text.as_bytes()).map(Self).map_err(serde::de::Error::custom)
    }
}

/// What the seal is bound to: its header and its place.
fn associated(header: &[u8], store_key: &str) -> Vec<u8> {
    [header, store_key.as_bytes()].concat()
}

#[cfg(test)]
mod tests;
