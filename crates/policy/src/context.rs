//! The keys and values that a condition can read.

use std::fmt;
use std::sync::Arc;

/// Room for the keys that most requests have; more make room for themselves. As many as the system's
/// allocator gives quickly, which are about a thousand bytes.
const USUAL_KEYS: usize = 18;

/// A request's condition keys with their values.
///
/// Names of keys compare without letter case, values with it. A key without a value is absent.
///
/// Source: IAM User Guide, "AWS global condition context keys".
#[derive(Clone, Default)]
pub struct RequestContext {
    entries: Vec<(KeyName, Values)>,
}

/// A key's name as written, with its hash so that most others are told apart at once. Letter case
/// does not tell keys apart.
#[derive(Debug, Clone)]
pub struct KeyName {
    hash: u64,
    text: Spelt,
}

/// Most keys are named in the program.
#[derive(Debug, Clone)]
enum Spelt {
    Here(&'static str),
    Elsewhere(Arc<str>),
}

impl PartialEq for KeyName {
    fn eq(&self, other: &Self) -> bool {
        self.is(other.hash, other.as_str())
    }
}

impl Eq for KeyName {}

/// What stands at a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// A single-valued key.
    One(Arc<str>),
    /// A multi-valued key, with any number of values but none.
    Many(Arc<[Arc<str>]>),
}

impl Values {
    /// The values, one or many.
    #[must_use]
    pub fn all(&self) -> &[Arc<str>] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl fmt::Display for Values {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(value) => write!(out, "`{value}`"),
            Self::Many(values) => {
                let quoted: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
                write!(out, "[{}]", quoted.join(", "))
            }
        }
    }
}

impl RequestContext {
    /// A context without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a key one value, in place of what stood there.
    pub fn set(&mut self, key: impl Into<KeyName>, value: impl Into<Arc<str>>) -> &mut Self {
        self.put(key.into(), Values::One(value.into()))
    }

    /// Gives a key a list of values; an empty list takes the key away.
    pub fn set_list<V: Into<Arc<str>>>(
        &mut self,
        key: impl Into<KeyName>,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        let values: Arc<[Arc<str>]> = values.into_iter().map(Into::into).collect();
        let name = key.into();
        if values.is_empty() {
            self.entries.retain(|(there, _)| *there != name);
            return self;
        }
        self.put(name, Values::Many(values))
    }

    /// Gives a key one value, if there is one.
    pub fn set_some(&mut self, key: impl Into<KeyName>, value: Option<impl ToString>) -> &mut Self {
        match value {
            Some(value) => self.set(key, value.to_string()),
            None => self,
        }
    }

    /// Lays other keys over these.
    pub fn overlay(&mut self, over: &Self) -> &mut Self {
        for (name, values) in &over.entries {
            self.put(name.clone(), values.clone());
        }
        self
    }

    /// What stands at a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Values> {
        let hash = crate::hash::folded(key);
        self.find(|name| name.is(hash, key))
    }

    /// Every key as it was written, with its values, in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Values)> {
        self.entries
            .iter()
            .map(|(name, values)| (name.as_str(), values))
    }

    pub(crate) fn at(&self, name: &KeyName) -> Option<&Values> {
        self.find(|there| there == name)
    }

    fn find(&self, is_wanted: impl Fn(&KeyName) -> bool) -> Option<&Values> {
        let mut entries = self.entries.iter();
        let found = entries.find(|(name, _)| is_wanted(name));
        found.map(|(_, values)| values)
    }

    fn put(&mut self, name: KeyName, values: Values) -> &mut Self {
        match self.entries.iter_mut().find(|(there, _)| *there == name) {
            Some((_, there)) => *there = values,
            None => {
                if self.entries.is_empty() {
                    self.entries.reserve(USUAL_KEYS);
                }
                self.entries.push((name, values));
            }
        }
        self
    }
}

impl fmt::Debug for RequestContext {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map().entries(self.iter()).finish()
    }
}

impl KeyName {
    /// The key of a policy.
    pub(crate) fn new(text: &str) -> Self {
        Self {
            hash: crate::hash::folded(text),
            text: Spelt::Elsewhere(text.into()),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        match &self.text {
            Spelt::Here(text) => text,
            Spelt::Elsewhere(text) => text,
        }
    }

    fn is(&self, hash: u64, text: &str) -> bool {
        self.hash == hash && self.as_str().eq_ignore_ascii_case(text)
    }
}

impl From<&'static str> for KeyName {
    fn from(text: &'static str) -> Self {
        Self {
            hash: crate::hash::folded(text),
            text: Spelt::Here(text),
        }
    }
}

impl From<&String> for KeyName {
    fn from(text: &String) -> Self {
        Self::new(text)
    }
}
