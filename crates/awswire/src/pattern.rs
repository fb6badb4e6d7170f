//! The patterns of the models, matched against whole values.
//!
//! The models write Java regular expressions. Most of them are one class of characters, repeated;
//! the build script turns those into a bit set. The rest is translated to `regex` at build time
//! and compiled when a request first needs it.

use std::fmt;
use std::sync::OnceLock;

use regex::Regex;

/// A constraint on text.
pub struct Pattern {
    /// As AWS writes it, for refusals.
    pub source: &'static str,
    /// IAM's own prose in place of the pattern, with `{}` for the member's name.
    pub prose: Option<&'static str>,
    rule: Rule,
}

enum Rule {
    Class {
        ascii: u128,
        above: &'static [(u32, u32)],
        may_be_empty: bool,
    },
    Regex {
        translated: &'static str,
        compiled: OnceLock<Option<Regex>>,
    },
}

impl Pattern {
    pub(crate) const fn class(
        source: &'static str,
        prose: Option<&'static str>,
        ascii: u128,
        above: &'static [(u32, u32)],
        may_be_empty: bool,
    ) -> Self {
        Self {
            source,
            prose,
            rule: Rule::Class {
                ascii,
                above,
                may_be_empty,
            },
        }
    }

    pub(crate) const fn regex(
        source: &'static str,
        prose: Option<&'static str>,
        translated: &'static str,
    ) -> Self {
        Self {
            source,
            prose,
            rule: Rule::Regex {
                translated,
                compiled: OnceLock::new(),
            },
        }
    }

    /// Whether the whole of `text` matches. A pattern that does not compile matches nothing: the
    /// unknown means deny, and a test compiles every pattern.
    pub fn matches(&self, text: &str) -> bool {
        match &self.rule {
            Rule::Class {
                ascii,
                above,
                may_be_empty,
            } => {
                (*may_be_empty || !text.is_empty())
                    && text.chars().all(|c| is_in_class(c, *ascii, above))
            }
            Rule::Regex {
                translated,
                compiled,
            } => compiled
                .get_or_init(|| Regex::new(translated).ok())
                .as_ref()
                .is_some_and(|regex| regex.is_match(text)),
        }
    }
}

fn is_in_class(c: char, ascii: u128, above: &[(u32, u32)]) -> bool {
    let code = u32::from(c);
    if code < 128 {
        return ascii >> code & 1 == 1;
    }
    above
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&code))
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source)
    }
}
