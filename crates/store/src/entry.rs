//! Keys, values and revisions.

use std::fmt;
use std::sync::Arc;

/// The number of a commit; the empty key space has revision 0.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Revision(u64);

impl Revision {
    /// The revision before the first commit.
    pub const ZERO: Self = Self(0);

    /// From its number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The revision of the next commit.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// Where a value stands: text such as `iam/111111111111/role/ci`, ordered by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<str>);

impl Key {
    /// A key of that text.
    #[must_use]
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(Arc::from(text.as_ref()))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The keys that a reader or a watcher asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Range {
    /// Every key.
    All,
    /// One key.
    One(Key),
    /// The keys that begin with this text.
    Prefix(Key),
    /// The keys from the first on, up to and without the second.
    Between(Key, Key),
}

impl Range {
    /// The keys that begin with a text.
    #[must_use]
    pub fn prefix(text: impl AsRef<str>) -> Self {
        Self::Prefix(Key::new(text))
    }

    /// The keys from a text on, up to and without another.
    #[must_use]
    pub fn between(from: impl AsRef<str>, until: impl AsRef<str>) -> Self {
        Self::Between(Key::new(from), Key::new(until))
    }

    /// Whether the key is in the range.
    #[must_use]
    pub fn holds(&self, key: &str) -> bool {
        match self {
            Self::All => true,
            Self::One(one) => one.as_str() == key,
            Self::Prefix(prefix) => key.starts_with(prefix.as_str()),
            Self::Between(from, until) => from.as_str() <= key && key < until.as_str(),
        }
    }

    /// Where an ordered walk over the range begins.
    pub(crate) fn first(&self) -> &str {
        match self {
            Self::All => "",
            Self::One(key) | Self::Prefix(key) | Self::Between(key, _) => key.as_str(),
        }
    }
}

/// A key, its value, and when it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub key: Key,
    /// What stands there.
    pub value: Arc<[u8]>,
    /// The commit that put the key where none was.
    pub created: Revision,
    /// The commit that wrote this value.
    pub modified: Revision,
}

/// What a commit did to one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The key holds this now.
    Put(Entry),
    /// The key is gone.
    Deleted {
        /// The key.
        key: Key,
        /// The commit that deleted it.
        modified: Revision,
    },
}

impl Event {
    /// The key it speaks of.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::Put(entry) => &entry.key,
            Self::Deleted { key, .. } => key,
        }
    }

    /// The commit it belongs to.
    #[must_use]
    pub fn modified(&self) -> Revision {
        match self {
            Self::Put(entry) => entry.modified,
            Self::Deleted { modified, .. } => *modified,
        }
    }
}
