//! What was asked, without what must not be kept.

use crate::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Parameters kept of one request; the rest is left out.
pub const PARAMETERS_MAX: usize = 64;

/// Parts of names whose values are tokens: of high entropy, so that a mark of them tells nothing.
const TOKENS: [&str; 5] = [
    "token",
    "assertion",
    "signature",
    "authorization",
    "encodedmessage",
];

/// Parts of names whose values are secrets that a mark could be guessed from.
const SECRETS: [&str; 7] = [
    "password",
    "secret",
    "privatekey",
    "credential",
    "tokencode",
    "authenticationcode",
    "seed",
];

/// A request's parameters by name; the sensitive ones only as a mark or as `[hidden]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, String>")]
pub struct Parameters(BTreeMap<Text, Text>);

impl Parameters {
    /// The parameters of these names.
    pub fn new<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let shown = |(name, value): (&str, &str)| {
            let name = Text::new(name);
            let value = shown(name.as_str(), value);
            (name, value)
        };
        Self(
            parameters
                .into_iter()
                .take(PARAMETERS_MAX)
                .map(shown)
                .collect(),
        )
    }

    /// The value of a parameter, as it may be shown.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(&Text::new(name)).map(Text::as_str)
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<BTreeMap<String, String>> for Parameters {
    fn from(parameters: BTreeMap<String, String>) -> Self {
        Self::new(
            parameters
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )
    }
}

/// A value as it may be shown under its name.
pub(crate) fn shown(name: &str, value: &str) -> Text {
    let is_shown_already = value == "[hidden]" || is_mark(value);
    match sensitivity(name) {
        Sensitivity::None => Text::new(value),
        Sensitivity::Token | Sensitivity::Secret if is_shown_already => Text::new(value),
        Sensitivity::Token => Text::mark(value.as_bytes()),
        Sensitivity::Secret => Text::fixed("[hidden]"),
    }
}

/// How much a name says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sensitivity {
    None,
    Token,
    Secret,
}

pub(crate) fn sensitivity(name: &str) -> Sensitivity {
    let name: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if has(&SECRETS) {
        Sensitivity::Secret
    } else if has(&TOKENS) {
        Sensitivity::Token
    } else {
        Sensitivity::None
    }
}

/// Exactly what [`Text::mark`] writes: twelve hex digits, in which no token fits.
fn is_mark(value: &str) -> bool {
    value
        .strip_prefix("[token sha256:")
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|hash| hash.len() == 12 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_decides_what_is_shown() {
        let hidden = "[hidden]";
        let mark = Text::mark(b"value").to_string();
        for (name, shown) in [
            ("RoleArn", "value"),
            ("AccessKeyId", "value"),
            ("WebIdentityToken", mark.as_str()),
            ("X-Amz-Security-Token", mark.as_str()),
            ("Authorization", mark.as_str()),
            ("TokenCode", hidden),
            ("NewPassword", hidden),
            ("SecretAccessKey", hidden),
            ("private_key", hidden),
        ] {
            assert_eq!(
                Parameters::new([(name, "value")]).get(name),
                Some(shown),
                "{name}"
            );
        }
    }
}
