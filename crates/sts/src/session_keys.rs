//! Keys under which sessions are sealed; nothing of a session is stored.
//!
//! A session token is `VERSION EPOCH NONCE CIPHERTEXT TAG`, in base64: AES-256-GCM-SIV over the
//! whole session, with everything before the ciphertext and the access key id as associated data.
//! The secret access key is derived (HKDF-SHA-256) from the epoch's key, the access key id and
//! the token's nonce. So any replica that knows the epochs verifies any session without a read,
//! and a token presented with another access key id does not open.
//!
//! The nonce is in the derivation because an access key id has only 39 random bits: two sessions
//! of one account may come to share an id, and must not come to share a secret.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk};
use aws_lc_rs::hmac;
use data_encoding::BASE64;
use jiff::Timestamp;
use names::secret::Secret;
use names::{AccessKeyId, KeyKind};

use crate::sealed;
use crate::session::Session;

/// First byte of every session token, and of nothing else that these keys seal.
const VERSION_SESSION: u8 = 1;
/// First byte of every encoded authorization message.
const VERSION_MESSAGE: u8 = 2;
/// Version and epoch.
const HEADER_LEN: usize = 1 + 4;
/// Bytes of the secret before base64, which makes 40 characters of them as in AWS.
const SECRET_LEN: usize = 30;

/// Longest session token, in characters: what the SDKs' credential files and AWS's own
/// `MinimumSessionTokenSize` are prepared for.
pub const TOKEN_CHARS_MAX: usize = 4096;
/// Longest encoded authorization message that the service model takes.
pub const MESSAGE_CHARS_MAX: usize = 10_240;
/// Longest life of any session (GetSessionToken of a user): 36 hours.
pub const SESSION_SECONDS_MAX: i64 = 129_600;

/// The epochs' keys: one seals, all open.
///
/// INVARIANT (ascending epochs): `later` is sorted by id, and its ids are above the first's.
#[derive(Clone)]
pub struct SessionKeys {
    first: Arc<Epoch>,
    later: Vec<Arc<Epoch>>,
}

/// Which epoch's key sealed a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EpochId(pub u32);

/// An epoch's key, as it is kept in the store (sealed there by the store's own keyring).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochKey {
    /// Which epoch.
    pub id: EpochId,
    /// From when it seals; it opens from the moment it is known.
    pub active_from: Timestamp,
    /// 32 random bytes.
    pub key: Secret,
}

/// A key set that cannot seal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSessionKeys {
    /// No epoch at all.
    #[error("no session key epoch")]
    Empty,
    /// A key of another length than 32 bytes.
    #[error("the key of session key epoch {} has {found} bytes, not 32", id.0)]
    KeyLength {
        /// Which epoch.
        id: EpochId,
        /// How many bytes.
        found: usize,
    },
}

/// The randomness of one session: drawn at the edge, used once.
#[derive(Debug, Clone, Copy)]
pub struct SessionRandom {
    /// For the access key id.
    pub access_key: [u8; 5],
    /// For the token.
    pub nonce: [u8; NONCE_LEN],
}

/// What opening a session hands to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCredentials {
    /// `ASIA…`, naming the account.
    pub access_key_id: AccessKeyId,
    /// Signs requests.
    pub secret_access_key: Secret,
    /// Travels with each request.
    pub session_token: Secret,
    /// When all three end.
    pub expiry: Timestamp,
}

impl SessionRandom {
    /// How many random bytes a session takes.
    pub const LEN: usize = 5 + NONCE_LEN;

    /// Shares the bytes out.
    #[must_use]
    pub fn of(bytes: [u8; Self::LEN]) -> Self {
        let [a, b, c, d, e, nonce @ ..] = bytes;
        let access_key = [a, b, c, d, e];
        Self { access_key, nonce }
    }
}

/// Why a session token does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnopenedToken {
    /// Not base64, too short or too long, or another kind of token.
    #[error("the session token is not one of this plane's")]
    Shape,
    /// Its epoch is unknown here: another plane's, or older than any session can be.
    #[error("the session token was sealed under key epoch {}, which this plane does not know", .0.0)]
    Epoch(EpochId),
    /// The bytes were changed, or belong to another access key id.
    #[error("the session token does not belong to this access key id, or was changed")]
    Seal,
    /// Sealed here, but by a version of rolecall that wrote more than this one reads.
    #[error("the session token has a format that this version does not read")]
    Format,
}

struct Epoch {
    id: EpochId,
    active_from: Timestamp,
    seal: LessSafeKey,
    derive: Prk,
}

impl SessionKeys {
    /// The keys of these epochs.
    pub fn new(epochs: &[EpochKey]) -> Result<Self, NotSessionKeys> {
        let epochs: Result<Vec<_>, _> = epochs.iter().map(Epoch::new).collect();
        let mut epochs = epochs?;
        epochs.sort_by_key(|epoch| epoch.id);
        epochs.dedup_by_key(|epoch| epoch.id);
        let mut epochs = epochs.into_iter().map(Arc::new);
        Ok(Self {
            first: epochs.next().ok_or(NotSessionKeys::Empty)?,
            later: epochs.collect(),
        })
    }

    /// Seals a session and derives its credentials.
    #[must_use]
    pub fn issue(&self, session: &Session, random: SessionRandom) -> SessionCredentials {
        let epoch = self.active(session.issued);
        let access_key_id =
            AccessKeyId::new(KeyKind::Temporary, session.account(), random.access_key);
        let header = header(VERSION_SESSION, epoch.id);
        let bound = access_key_id.as_str().as_bytes();
        let token = epoch.seal(header, random.nonce, bound, &sealed::write(session));
        SessionCredentials {
            secret_access_key: epoch.secret(&access_key_id, &random.nonce),
            session_token: BASE64.encode(&token).into(),
            access_key_id,
            expiry: session.expiry,
        }
    }

    /// Opens a token that was presented with this access key id; gives the session and the secret
    /// that must have signed the request. Whether the session still lives is not looked at.
    pub fn open(
        &self,
        access_key_id: &AccessKeyId,
        token: &str,
    ) -> Result<(Session, Secret), UnopenedToken> {
        let parts = TokenParts::of(token, VERSION_SESSION, TOKEN_CHARS_MAX)?;
        let epoch = self.epoch(parts.epoch)?;
        let bound = access_key_id.as_str().as_bytes();
        let nonce = parts.nonce;
        let bytes = epoch.open(parts, bound)?;
        let session = sealed::read(&bytes).ok_or(UnopenedToken::Format)?;
        Ok((session, epoch.secret(access_key_id, &nonce)))
    }

    /// Seals the text that DecodeAuthorizationMessage gives back; none if it is too long for the
    /// service model.
    #[must_use]
    pub fn seal_message(
        &self,
        text: &str,
        now: Timestamp,
        nonce: [u8; NONCE_LEN],
    ) -> Option<String> {
        let epoch = self.active(now);
        let header = header(VERSION_MESSAGE, epoch.id);
        let message = BASE64.encode(&epoch.seal(header, nonce, b"", text.as_bytes()));
        (message.len() <= MESSAGE_CHARS_MAX).then_some(message)
    }

    /// The text of an encoded authorization message that this plane sealed.
    pub fn open_message(&self, message: &str) -> Result<String, UnopenedToken> {
        let parts = TokenParts::of(message, VERSION_MESSAGE, MESSAGE_CHARS_MAX)?;
        let bytes = self.epoch(parts.epoch)?.open(parts, b"")?;
        String::from_utf8(bytes).map_err(|_| UnopenedToken::Format)
    }

    /// The newest epoch that has begun; before the first has, the first.
    fn active(&self, now: Timestamp) -> &Epoch {
        let mut newest_first = self.later.iter().rev();
        newest_first
            .find(|epoch| epoch.active_from <= now)
            .unwrap_or(&self.first)
    }

    fn epoch(&self, id: EpochId) -> Result<&Epoch, UnopenedToken> {
        let mut epochs = self.epochs();
        let found = epochs.find(|epoch| epoch.id == id);
        found.ok_or(UnopenedToken::Epoch(id))
    }

    fn epochs(&self) -> impl Iterator<Item = &Epoch> {
        [&self.first]
            .into_iter()
            .chain(&self.later)
            .map(Arc::as_ref)
    }
}

impl Epoch {
    fn new(key: &EpochKey) -> Result<Self, NotSessionKeys> {
        let bytes = key.key.expose();
        let wrong_length = || NotSessionKeys::KeyLength {
            id: key.id,
            found: bytes.len(),
        };
        if bytes.len() != 32 {
            return Err(wrong_length());
        }
        let derive = extract(b"rolecall session keys 1", bytes);
        let mut seal = [0; 32];
        expand(&derive, &[b"seal"], &mut seal);
        let seal = UnboundKey::new(&AES_256_GCM_SIV, &seal).map_err(|_| wrong_length())?;
        Ok(Self {
            id: key.id,
            active_from: key.active_from,
            seal: LessSafeKey::new(seal),
            derive,
        })
    }

    fn seal(
        &self,
        header: [u8; HEADER_LEN],
        nonce: [u8; NONCE_LEN],
        bound: &[u8],
        plaintext: &[u8],
    ) -> Vec<u8> {
        let before = HEADER_LEN + NONCE_LEN;
        let mut token = Vec::with_capacity(before + plaintext.len() + AES_256_GCM_SIV.tag_len());
        token.extend_from_slice(&header);
        token.extend_from_slice(&nonce);
        token.extend_from_slice(plaintext);
        let aad = Aad::from([&header, bound].concat());
        let once = Nonce::assume_unique_for_key(nonce);
        let ciphertext = &mut token[before..];
        match self.seal.seal_in_place_separate_tag(once, aad, ciphertext) {
            Ok(tag) => token.extend_from_slice(tag.as_ref()),
            // Beyond 2^36 bytes only; then a token that does not open, never a readable one.
            Err(_) => token.truncate(before),
        }
        token
    }

    fn open(&self, parts: TokenParts, bound: &[u8]) -> Result<Vec<u8>, UnopenedToken> {
        let mut bytes = parts.ciphertext;
        let aad = Aad::from([&parts.header, bound].concat());
        let once = Nonce::assume_unique_for_key(parts.nonce);
        let plaintext = self.seal.open_in_place(once, aad, &mut bytes);
        let len = plaintext.map_err(|_| UnopenedToken::Seal)?.len();
        bytes.truncate(len);
        Ok(bytes)
    }

    fn secret(&self, access_key_id: &AccessKeyId, nonce: &[u8; NONCE_LEN]) -> Secret {
        let mut bytes = [0; SECRET_LEN];
        let info: [&[u8]; 3] = [b"secret", access_key_id.as_str().as_bytes(), nonce];
        expand(&self.derive, &info, &mut bytes);
        BASE64.encode(&bytes).into()
    }
}

/// A token taken apart, before anything of it is believed.
struct TokenParts {
    header: [u8; HEADER_LEN],
    epoch: EpochId,
    nonce: [u8; NONCE_LEN],
    ciphertext: Vec<u8>,
}

impl TokenParts {
    fn of(token: &str, version: u8, chars_max: usize) -> Result<Self, UnopenedToken> {
        if token.len() > chars_max {
            return Err(UnopenedToken::Shape);
        }
        let bytes = BASE64.decode(token.as_bytes()).ok();
        let parts = bytes.as_deref().and_then(Self::of_bytes);
        parts
            .filter(|parts| parts.header[0] == version)
            .ok_or(UnopenedToken::Shape)
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (header, rest) = bytes.split_first_chunk::<HEADER_LEN>()?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LEN>()?;
        let [_, epoch @ ..] = *header;
        Some(Self {
            header: *header,
            epoch: EpochId(u32::from_be_bytes(epoch)),
            nonce: *nonce,
            ciphertext: ciphertext.to_vec(),
        })
    }
}

fn header(version: u8, epoch: EpochId) -> [u8; HEADER_LEN] {
    let [a, b, c, d] = epoch.0.to_be_bytes();
    [version, a, b, c, d]
}

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

/// RFC 5869, 2.2. aws-lc-rs has an `extract`, but one that is repeated at each expansion.
fn extract(salt: &[u8], secret: &[u8]) -> Prk {
    let salt = hmac::Key::new(hmac::HMAC_SHA256, salt);
    Prk::new_less_safe(HKDF_SHA256, hmac::sign(&salt, secret).as_ref())
}

/// RFC 5869, 2.3.
fn expand(prk: &Prk, info: &[&[u8]], out: &mut [u8]) {
    let filled = prk
        .expand(info, Bytes(out.len()))
        .and_then(|okm| okm.fill(out));
    debug_assert!(filled.is_ok(), "fails only beyond 8,160 bytes");
}

impl std::fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.epochs().map(|epoch| epoch.id))
            .finish()
    }
}

#[cfg(test)]
pub(crate) mod tests;
