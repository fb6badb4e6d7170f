//! The keys and values that a condition can read.

use std::fmt;
use std::sync::{Arc, OnceLock};

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
    /// What stands below these, if it was asked for.
    below: Option<Arc<Below<Gather>>>,
}

type Gather = dyn Fn() -> RequestContext + Send + Sync;

/// Keys that most decisions never read: they are gathered when the first of them is asked for.
struct Below<F: ?Sized> {
    gathered: OnceLock<RequestContext>,
    gather: F,
}

impl Below<Gather> {
    fn keys(&self) -> &RequestContext {
        self.gathered.get_or_init(|| {
            let mut keys = (self.gather)();
            keys.settle();
            keys
        })
    }
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

    /// A context over keys that are gathered when a decision asks for one that is not set above
    /// them, and at most once.
    #[must_use]
    pub fn over(gather: impl Fn() -> Self + Send + Sync + 'static) -> Self {
        let gathered = OnceLock::new();
        Self {
            entries: Vec::new(),
            below: Some(Arc::new(Below { gathered, gather })),
        }
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
            self.settle();
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
        for (name, values) in over.pairs() {
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
        self.pairs().map(|(name, values)| (name.as_str(), values))
    }

    fn pairs(&self) -> impl Iterator<Item = (&KeyName, &Values)> {
        let below = self.below.as_deref().map(Below::keys);
        let of_below = below.into_iter().flat_map(|below| &below.entries);
        let of_below = of_below.map(|(name, values)| (name, self.here(name).unwrap_or(values)));
        let own = self.entries.iter().map(|(name, values)| (name, values));
        let own = own.filter(move |(name, _)| below.is_none_or(|below| below.here(name).is_none()));
        of_below.chain(own)
    }

    pub(crate) fn at(&self, name: &KeyName) -> Option<&Values> {
        self.find(|there| there == name)
    }

    fn here(&self, name: &KeyName) -> Option<&Values> {
        self.find_here(|there| there == name)
    }

    fn find(&self, is_wanted: impl Fn(&KeyName) -> bool) -> Option<&Values> {
        let below = || self.below.as_deref()?.keys().find_here(&is_wanted);
        self.find_here(&is_wanted).or_else(below)
    }

    fn find_here(&self, is_wanted: impl Fn(&KeyName) -> bool) -> Option<&Values> {
        let mut entries = self.entries.iter();
        let found = entries.find(|(name, _)| is_wanted(name));
        found.map(|(_, values)| values)
    }

    /// Takes in what stands below.
    fn settle(&mut self) {
        if self.below.is_some() {
            let all = self.pairs();
            self.entries = all
                .map(|(name, values)| (name.clone(), values.clone()))
                .collect();
            self.below = None;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn of(pairs: &[(&'static str, &str)]) -> RequestContext {
        let mut context = RequestContext::new();
        for (key, value) in pairs {
            context.set(*key, *value);
        }
        context
    }

    fn check(context: &RequestContext, shown: &str) {
        assert_eq!(format!("{context:?}"), format!("{:?}", of_text(shown)));
    }

    /// `key=value` by `key=value`.
    fn of_text(text: &str) -> RequestContext {
        let mut context = RequestContext::new();
        for (key, value) in text
            .split_whitespace()
            .filter_map(|pair| pair.split_once('='))
        {
            context.set(&key.to_owned(), value);
        }
        context
    }

    #[test]
    fn what_stands_below_is_gathered_once_and_only_when_it_is_asked_for() {
        let times = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&times);
        let mut context = RequestContext::over(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            of(&[("a", "below"), ("b", "below")])
        });
        context.set("B", "above");
        let copy = context.clone();
        assert_eq!(
            context.get("b").map(ToString::to_string).as_deref(),
            Some("`above`")
        );
        assert_eq!(times.load(Ordering::Relaxed), 0);
        assert_eq!(
            context.get("A").map(ToString::to_string).as_deref(),
            Some("`below`")
        );
        assert!(copy.get("c").is_none());
        assert_eq!(times.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_context_over_another_is_as_if_it_were_one() {
        let over = || {
            let mut context = RequestContext::over(|| of(&[("a", "1"), ("b", "2")]));
            context.set("c", "3").set("A", "4");
            context
        };
        check(&over(), "a=4 b=2 c=3");
        check(RequestContext::new().overlay(&over()), "a=4 b=2 c=3");
        check(
            over().overlay(&of(&[("b", "5"), ("d", "6")])),
            "a=4 b=5 c=3 d=6",
        );
        check(over().set_list("B", [""; 0]), "a=4 c=3");
        check(&RequestContext::over(over), "a=4 b=2 c=3");
    }
}
