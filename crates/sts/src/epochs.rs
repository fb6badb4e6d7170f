//! The epochs of session keys as they are kept, and how one follows the other.
//!
//! `epochs/N` holds the key of epoch N, sealed to that very place. An epoch is known for a while
//! before it seals, and is kept until no session that it sealed can live:
//!
//! ```text
//! next      opens, does not seal yet: every replica learns it before it meets a token of it
//! active    seals
//! retiring  opens, seals no more: sessions that it sealed still live
//! gone      forgotten: every session that it sealed has ended
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use names::secret::Secret;
use serde::{Deserialize, Serialize};
use store::{Entry, Event, Key, Keyring, NONCE_LENGTH, Sealed, Transaction};

use crate::session_keys::{EpochId, EpochKey, NotSessionKeys, SESSION_SECONDS_MAX, SessionKeys};

/// Every epoch's record lies under this.
pub const EPOCHS_PREFIX: &str = "epochs/";
/// How long an epoch is known before it seals.
pub const KNOWN_BEFORE_USE: SignedDuration = SignedDuration::from_mins(15);
/// How long an epoch is kept after it stopped to seal: the longest session, and an hour for clocks.
pub const KEPT_AFTER_USE: SignedDuration = SignedDuration::from_secs(SESSION_SECONDS_MAX + 3_600);
/// Most epochs at a time.
pub const EPOCHS_MAX: usize = 64;

/// The epochs at one revision. Cloning copies pointers and keys, no derivation.
#[derive(Debug, Clone)]
pub struct Epochs {
    kept: BTreeMap<EpochId, EpochKey>,
    keys: Arc<SessionKeys>,
}

/// The randomness of a new epoch.
#[derive(Debug, Clone, Copy)]
pub struct EpochRandom {
    /// The key.
    pub key: [u8; 32],
    /// For sealing it.
    pub nonce: [u8; NONCE_LENGTH],
}

/// Why the stored epochs cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableEpoch {
    /// Not a record of a version that is known.
    #[error("`{key}` is not a session key epoch that this rolecall reads: {cause}")]
    Format {
        /// Where.
        key: String,
        /// What was wrong.
        cause: String,
    },
    /// The seal does not open.
    #[error("the session key at `{key}` does not open: {cause}")]
    Sealed {
        /// Where.
        key: String,
        /// Why.
        cause: store::Unopened,
    },
    /// Together they cannot seal.
    #[error(transparent)]
    Keys(#[from] NotSessionKeys),
}

/// One more epoch would be more than [`EPOCHS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are {EPOCHS_MAX} session key epochs already; the oldest leaves at {free_at}")]
pub struct TooManyEpochs {
    /// When the next one is possible.
    pub free_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct StoredEpoch {
    version: u32,
    active_from: i64,
    key: Sealed,
}

impl Epochs {
    /// The epochs of these entries; entries of others are passed over.
    ///
    /// # Errors
    /// A record that cannot be read, or no epoch at all.
    pub fn load(entries: &[Entry], keyring: &Keyring) -> Result<Self, UnreadableEpoch> {
        let mut kept = BTreeMap::new();
        for entry in entries {
            if let Some(id) = id_at(entry.key.as_str()) {
                kept.insert(id, read(id, entry, keyring)?);
            }
        }
        Self::of(kept)
    }

    /// Takes in what a commit did. Events of other keys are passed over.
    ///
    /// # Errors
    /// As for [`Epochs::load`]; the epochs are then as before.
    pub fn apply(&mut self, event: &Event, keyring: &Keyring) -> Result<(), UnreadableEpoch> {
        let Some(id) = id_at(event.key().as_str()) else {
            return Ok(());
        };
        let mut kept = self.kept.clone();
        match event {
            Event::Put(entry) => {
                kept.insert(id, read(id, entry, keyring)?);
            }
            Event::Deleted { .. } => {
                kept.remove(&id);
            }
        }
        *self = Self::of(kept)?;
        Ok(())
    }

    /// The keys that seal and open sessions.
    #[must_use]
    pub fn keys(&self) -> &SessionKeys {
        &self.keys
    }

    /// Every epoch and from when it seals, in order.
    pub fn iter(&self) -> impl Iterator<Item = (EpochId, Timestamp)> {
        self.kept
            .values()
            .map(|epoch| (epoch.id, epoch.active_from))
    }

    /// From when the newest epoch seals.
    #[must_use]
    pub fn newest_from(&self) -> Timestamp {
        self.iter().last().map_or(Timestamp::MIN, |(_, from)| from)
    }

    fn of(kept: BTreeMap<EpochId, EpochKey>) -> Result<Self, UnreadableEpoch> {
        let epochs: Vec<EpochKey> = kept.values().cloned().collect();
        let keys = Arc::new(SessionKeys::new(&epochs)?);
        Ok(Self { kept, keys })
    }
}

/// Begins the first epoch, where there is none.
#[must_use]
pub fn begin_epochs(keyring: &Keyring, random: EpochRandom, now: Timestamp) -> Transaction {
    begun(EpochId(1), now, keyring, random)
}

/// Adds an epoch, which seals once every replica can know it.
///
/// # Errors
/// [`TooManyEpochs`].
pub fn rotate_epoch(
    epochs: &Epochs,
    keyring: &Keyring,
    random: EpochRandom,
    now: Timestamp,
) -> Result<Transaction, TooManyEpochs> {
    if epochs.kept.len() >= EPOCHS_MAX {
        let second = epochs.iter().nth(1);
        return Err(TooManyEpochs {
            free_at: second.map_or(now, |(_, from)| after(from, KEPT_AFTER_USE)),
        });
    }
    let newest = epochs.kept.keys().last().map_or(0, |id| id.0);
    let id = EpochId(newest.saturating_add(1));
    Ok(begun(id, after(now, KNOWN_BEFORE_USE), keyring, random))
}

/// Forgets the epochs that no living session can be sealed under.
#[must_use]
pub fn forget_epochs(epochs: &Epochs, now: Timestamp) -> Transaction {
    let pairs = epochs.iter().zip(epochs.iter().skip(1));
    let gone = pairs.filter(|(_, (_, replaced))| now >= after(*replaced, KEPT_AFTER_USE));
    gone.fold(Transaction::new(), |transaction, ((id, _), _)| {
        transaction.delete(key_of(id))
    })
}

fn begun(
    id: EpochId,
    active_from: Timestamp,
    keyring: &Keyring,
    random: EpochRandom,
) -> Transaction {
    let at = key_of(id);
    let stored = StoredEpoch {
        version: 1,
        active_from: active_from.as_second(),
        key: keyring.seal(at.as_str(), &random.key, random.nonce),
    };
    let record = serde_json::to_vec(&stored).unwrap_or_default();
    Transaction::new().if_absent(at.clone()).put(at, record)
}

fn read(id: EpochId, entry: &Entry, keyring: &Keyring) -> Result<EpochKey, UnreadableEpoch> {
    let key = entry.key.as_str();
    let format = |cause: String| UnreadableEpoch::Format {
        key: key.to_owned(),
        cause,
    };
    let stored: StoredEpoch =
        serde_json::from_slice(&entry.value).map_err(|error| format(error.to_string()))?;
    if stored.version != 1 {
        return Err(format(format!("version {}", stored.version)));
    }
    let opened = keyring.open(key, &stored.key);
    let opened = opened.map_err(|cause| UnreadableEpoch::Sealed {
        key: key.to_owned(),
        cause,
    })?;
    Ok(EpochKey {
        id,
        active_from: Timestamp::from_second(stored.active_from).unwrap_or_default(),
        key: Secret::new(opened.to_vec()),
    })
}

fn key_of(id: EpochId) -> Key {
    Key::new(format!("{EPOCHS_PREFIX}{}", id.0))
}

fn id_at(key: &str) -> Option<EpochId> {
    let number = key.strip_prefix(EPOCHS_PREFIX)?;
    number.parse().ok().map(EpochId)
}

fn after(time: Timestamp, duration: SignedDuration) -> Timestamp {
    time.saturating_add(duration).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
