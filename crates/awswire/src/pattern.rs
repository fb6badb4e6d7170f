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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Shape};
    use crate::tables::services;

    fn collect(shape: &'static Shape, found: &mut Vec<&'static Pattern>) {
        found.extend(shape.pattern);
        match shape.kind {
            Kind::Structure(members) => members.iter().for_each(|m| collect(m.shape, found)),
            Kind::List { item, .. } => collect(item, found),
            Kind::Map { key, value } => [key, value].into_iter().for_each(|s| collect(s, found)),
            Kind::String
            | Kind::Integer
            | Kind::Double
            | Kind::Boolean
            | Kind::Blob
            | Kind::Timestamp
            | Kind::Document => {}
        }
    }

    #[test]
    fn every_pattern_of_the_models_compiles() {
        let mut patterns = Vec::new();
        for operation in services().iter().flat_map(|service| service.operations) {
            collect(operation.input, &mut patterns);
            collect(operation.output, &mut patterns);
        }
        for pattern in patterns {
            if let Rule::Regex { translated, .. } = pattern.rule {
                assert!(
                    Regex::new(translated).is_ok(),
                    "{pattern:?} as {translated}"
                );
            }
        }
    }

    fn check(pattern: &str, accepted: &[&str], refused: &[&str]) {
        let mut patterns = Vec::new();
        for operation in services().iter().flat_map(|service| service.operations) {
            collect(operation.input, &mut patterns);
        }
        let pattern = patterns.into_iter().find(|p| p.source == pattern).unwrap();
        accepted
            .iter()
            .for_each(|text| assert!(pattern.matches(text), "{text:?}"));
        refused
            .iter()
            .for_each(|text| assert!(!pattern.matches(text), "{text:?}"));
    }

    #[test]
    fn a_pattern_means_here_what_it_means_in_java() {
        check(r"[\w+=,.@-]+", &["a+=,.@-_9"], &["", "é", "a b", "a\n"]);
        check(r"[\w+=,.@-]*", &["", "a"], &["/"]);
        check(
            r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)",
            &["/", "/a/b/"],
            &["a", "/a", "/ä/"],
        );
        check(
            r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+",
            &["é 1", "a-b"],
            &["", "a<b"],
        );
        let arn =
            r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+";
        check(
            arn,
            &["arn:\u{1F4A9}é\n", "\u{10FFFF}"],
            &["", "\u{7}", "\u{FFFE}"],
        );
        check(
            r"[A-Za-z0-9-_=]+\.[A-Za-z0-9-_=]+\.[A-Za-z0-9-_=]+",
            &["a-.b_.c="],
            &["a.b", "a.b.c\n"],
        );
    }
}
