//! What was asked, without what must not be kept.

use crate::Text;
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Parameters kept of one request; the rest is left out.
pub const PARAMETERS_MAX: usize = 64;

/// A request's parameters by name; the sensitive ones only as a mark or as `[hidden]`.
///
/// INVARIANT (ascending names): sorted by name, each name once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<String, String>")]
pub struct Parameters(Vec<(Text, Text)>);

impl Parameters {
    /// The parameters of these names; of a name that comes twice, the last.
    pub fn new<'a, N, V>(parameters: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<Cow<'a, str>>,
        V: Into<Cow<'a, str>>,
    {
        let parameters = parameters.into_iter().take(PARAMETERS_MAX);
        let mut kept = Self(Vec::with_capacity(parameters.size_hint().0));
        for (name, value) in parameters {
            let name = Text::of(name.into());
            let value = shown(name.as_str(), value.into());
            match kept.place(name.as_str()) {
                Ok(at) => kept.0[at].1 = value,
                Err(at) => kept.0.insert(at, (name, value)),
            }
        }
        kept
    }

    /// The value of a parameter, as it may be shown.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.place(Text::new(name).as_str()).ok()?;
        Some(self.0[at].1.as_str())
    }

    /// Where a name stands, or would.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0
            .binary_search_by(|(there, _)| there.as_str().cmp(name))
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
        Self::new(parameters)
    }
}

impl Serialize for Parameters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// A value as it may be shown under its name.
pub(crate) fn shown(name: &str, value: Cow<'_, str>) -> Text {
    let is_shown_already = value == "[hidden]" || is_mark(&value);
    match sensitivity(name) {
        Sensitivity::None => Text::of(value),
        Sensitivity::Token | Sensitivity::Secret if is_shown_already => Text::of(value),
        Sensitivity::Token => Text::mark(value.as_bytes()),
        Sensitivity::Secret => Text::fixed("[hidden]"),
    }
}

/// How much a name says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sensitivity {
    None,
    /// A token: of high entropy, so that a mark of it tells nothing.
    Token,
    /// A secret that a mark could be guessed from.
    Secret,
}

/// By the name's letters and digits, whatever their case and what stands between them.
pub(crate) fn sensitivity(name: &str) -> Sensitivity {
    let mut found = Sensitivity::None;
    for (at, first) in name.bytes().enumerate() {
        for (part, sensitivity) in parts_from(first) {
            if begins(&name.as_bytes()[at..], part) {
                found = found.max(*sensitivity);
            }
        }
    }
    found
}

/// Parts of names that say what the values are, by their first letter: every parameter of every
/// request is asked for them, and nearly always one letter tells.
fn parts_from(first: u8) -> &'static [(&'static str, Sensitivity)] {
    use Sensitivity::{Secret, Token};
    match first.to_ascii_lowercase() {
        b'a' => &[
            ("assertion", Token),
            ("authorization", Token),
            ("authenticationcode", Secret),
        ],
        b'c' => &[("credential", Secret)],
        b'e' => &[("encodedmessage", Token)],
        b'p' => &[("password", Secret), ("privatekey", Secret)],
        b's' => &[("signature", Token), ("secret", Secret), ("seed", Secret)],
        b't' => &[("token", Token), ("tokencode", Secret)],
        _ => &[],
    }
}

/// Whether a name begins with a part, which is in lower case.
fn begins(name: &[u8], part: &str) -> bool {
    let (mut letters, part) = (name.iter(), part.as_bytes());
    part.iter().all(|wanted| {
        let letter = letters.find(|byte| byte.is_ascii_alphanumeric());
        letter.is_some_and(|letter| letter.to_ascii_lowercase() == *wanted)
    })
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
    use proptest::prelude::*;

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

    #[test]
    fn of_a_name_that_comes_twice_the_last_value_stands_and_names_are_in_order() {
        let parameters = Parameters::new([("b", "1"), ("a", "2"), ("b", "3")]);
        let shown: Vec<_> = parameters.iter().collect();
        assert_eq!(shown, [("a", "2"), ("b", "3")]);
    }

    /// The plainest way to say the same.
    fn plainly(name: &str) -> Sensitivity {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        let letters: String = letters.map(|c| c.to_ascii_lowercase()).collect();
        let parts = (0..=u8::MAX).flat_map(parts_from);
        let held = parts.filter(|(part, _)| letters.contains(part));
        held.map(|(_, sensitivity)| *sensitivity)
            .max()
            .unwrap_or(Sensitivity::None)
    }

    proptest! {
        #[test]
        fn a_part_is_found_wherever_and_however_it_stands(
            name in "[-._ aestTé]{0,3}([sS]e[-.]?(cret|ed)|to-?k[eE]n|pass.?word|[a-z]{0,4}){0,2}(code|[- ]authentication-code)?"
        ) {
            prop_assert_eq!(sensitivity(&name), plainly(&name));
        }
    }
}
