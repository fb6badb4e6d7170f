//! The keys and values that a condition can read.

use std::fmt;

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
pub(crate) struct KeyName {
    hash: u64,
    text: Box<str>,
}

impl PartialEq for KeyName {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.text.eq_ignore_ascii_case(&other.text)
    }
}

impl Eq for KeyName {}

/// What stands at a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// A single-valued key.
    One(Box<str>),
    /// A multi-valued key, with any number of values but none.
    Many(Box<[Box<str>]>),
}

impl Values {
    /// The values, one or many.
    #[must_use]
    pub fn all(&self) -> &[Box<str>] {
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
    pub fn set(&mut self, key: &str, value: impl Into<Box<str>>) -> &mut Self {
        self.put(KeyName::new(key), Values::One(value.into()))
    }

    /// Gives a key a list of values; an empty list takes the key away.
    pub fn set_list<V: Into<Box<str>>>(
        &mut self,
        key: &str,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        let values: Box<[Box<str>]> = values.into_iter().map(Into::into).collect();
        let name = KeyName::new(key);
        if values.is_empty() {
            self.entries.retain(|(there, _)| *there != name);
            return self;
        }
        self.put(name, Values::Many(values))
    }

    /// Gives a key one value, if there is one.
    pub fn set_some(&mut self, key: &str, value: Option<impl ToString>) -> &mut Self {
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
        self.at(&KeyName::new(key))
    }

    /// Every key as it was written, with its values, in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Values)> {
        self.entries
            .iter()
            .map(|(name, values)| (name.as_str(), values))
    }

    pub(crate) fn at(&self, name: &KeyName) -> Option<&Values> {
        self.entries
            .iter()
            .find(|(there, _)| there == name)
            .map(|(_, values)| values)
    }

    fn put(&mut self, name: KeyName, values: Values) -> &mut Self {
        match self.entries.iter_mut().find(|(there, _)| *there == name) {
            Some((_, there)) => *there = values,
            None => self.entries.push((name, values)),
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
    pub(crate) fn new(text: &str) -> Self {
        Self {
            hash: crate::hash::folded(text),
            text: text.into(),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}
