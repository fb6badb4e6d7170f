//! The keys of one issuer: one signs, all verify, and none leaves while a token of it lives.
//!
//! A key passes through four phases, which follow from the times in the ring and the time of
//! asking; nobody has to move it along:
//!
//! ```text
//! next      published, does not sign yet: relying parties learn it before they need it
//! active    signs
//! retiring  published, signs no more: tokens that it signed still live
//! gone      out of the key set: every token that it signed has expired
//! ```

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use oidc::SigningKey;

/// How long a key is published before it signs: as long as a relying party may keep a key set.
pub const PUBLISHED_BEFORE_USE: SignedDuration = SignedDuration::from_mins(15);
/// How long a key is published after it stopped to sign: the longest token life (24 hours), and
/// an hour for clocks.
pub const PUBLISHED_AFTER_USE: SignedDuration = SignedDuration::from_hours(25);
/// Most keys of one issuer, so that a key set stays far below the hundred that STS reads.
pub const KEYS_MAX: usize = 8;

/// The signing keys of one issuer, ordered by the time from which they sign.
///
/// INVARIANT (a key that signs): the first key signed from the issuer's first moment.
#[derive(Clone)]
pub struct IssuerKeys {
    first: IssuerKey,
    later: Vec<IssuerKey>,
}

/// One signing key and the time from which it signs.
#[derive(Clone)]
pub struct IssuerKey {
    /// The key pair.
    pub key: Arc<SigningKey>,
    /// From when it signs, until the next one does.
    pub active_from: Timestamp,
}

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyPhase {
    /// Published, does not sign yet.
    Next,
    /// Signs.
    Active,
    /// Published, signs no more.
    Retiring,
    /// Not published.
    Gone,
}

/// A rotation would publish more keys than [`KEYS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the issuer already publishes {KEYS_MAX} signing keys; the oldest leaves at {free_at}")]
pub struct TooManyKeys {
    /// When the next rotation is possible.
    pub free_at: Timestamp,
}

impl IssuerKeys {
    /// The ring of a new issuer.
    #[must_use]
    pub fn new(key: Arc<SigningKey>, active_from: Timestamp) -> Self {
        Self {
            first: IssuerKey { key, active_from },
            later: Vec::new(),
        }
    }

    /// The ring of these keys; none if there is no key.
    #[must_use]
    pub fn from_keys(mut keys: Vec<IssuerKey>) -> Option<Self> {
        keys.sort_by_key(|key| key.active_from);
        let mut keys = keys.into_iter();
        Some(Self {
            first: keys.next()?,
            later: keys.collect(),
        })
    }

    /// The key that signs now.
    #[must_use]
    pub fn signer(&self, now: Timestamp) -> &Arc<SigningKey> {
        let mut newest_first = self.later.iter().rev();
        let active = newest_first.find(|key| key.active_from <= now);
        &active.unwrap_or(&self.first).key
    }

    /// The keys to publish now: all but those that are gone.
    pub fn published(&self, now: Timestamp) -> impl Iterator<Item = &IssuerKey> {
        self.phases(now)
            .filter(|(_, phase)| *phase != KeyPhase::Gone)
            .map(|(key, _)| key)
    }

    /// Every key and its phase.
    pub fn phases(&self, now: Timestamp) -> impl Iterator<Item = (&IssuerKey, KeyPhase)> {
        let successors = self.later.iter().map(Some).chain([None]);
        self.keys()
            .zip(successors)
            .map(move |(key, next)| (key, phase(key, next, now)))
    }

    /// The ring with one more key, which signs after [`PUBLISHED_BEFORE_USE`]; keys that are gone
    /// are dropped.
    pub fn rotated(&self, key: Arc<SigningKey>, now: Timestamp) -> Result<Self, TooManyKeys> {
        let mut keys: Vec<_> = self.published(now).cloned().collect();
        if keys.len() >= KEYS_MAX {
            return Err(TooManyKeys {
                free_at: self.oldest_gone_at(now),
            });
        }
        let active_from = after(now, PUBLISHED_BEFORE_USE);
        keys.push(IssuerKey { key, active_from });
        Ok(Self::from_keys(keys).unwrap_or_else(|| self.clone()))
    }

    /// The ring without the keys that are gone; none when it has no such key.
    #[must_use]
    pub fn without_gone(&self, now: Timestamp) -> Option<Self> {
        let published: Vec<_> = self.published(now).cloned().collect();
        let has_gone = published.len() < self.keys().count();
        has_gone.then(|| Self::from_keys(published)).flatten()
    }

    /// Every key, oldest first.
    pub fn keys(&self) -> impl Iterator<Item = &IssuerKey> {
        [&self.first].into_iter().chain(&self.later)
    }

    fn oldest_gone_at(&self, now: Timestamp) -> Timestamp {
        let successor = self.later.first();
        after(
            successor.map_or(now, |key| key.active_from),
            PUBLISHED_AFTER_USE,
        )
    }
}

fn phase(key: &IssuerKey, next: Option<&IssuerKey>, now: Timestamp) -> KeyPhase {
    let replaced = next.map(|next| next.active_from);
    match replaced {
        Some(replaced) if now >= after(replaced, PUBLISHED_AFTER_USE) => KeyPhase::Gone,
        Some(replaced) if now >= replaced => KeyPhase::Retiring,
        _ if now >= key.active_from => KeyPhase::Active,
        _ => KeyPhase::Next,
    }
}

fn after(time: Timestamp, duration: SignedDuration) -> Timestamp {
    time.saturating_add(duration).unwrap_or(Timestamp::MAX)
}

impl std::fmt::Debug for IssuerKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids = self.keys().map(|key| (key.key.key_id(), key.active_from));
        f.debug_list().entries(ids).finish()
    }
}
