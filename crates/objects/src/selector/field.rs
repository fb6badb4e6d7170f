//! Selectors on fields: `spec.nodeName=n1,status.phase!=Running`.

use super::{NotASelector, Selectable, TEXT_MAX};
use serde_json::{Map, Value};
use std::fmt;
use std::str::FromStr;

/// What some fields of an object must hold; without terms it takes every object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldSelector {
    terms: Vec<FieldTerm>,
}

/// One field and what it must, or must not, hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldTerm {
    /// The field as written: `metadata.name`.
    pub field: Box<str>,
    /// The value it is compared with.
    pub value: Box<str>,
    /// Whether it must differ.
    pub is_negated: bool,
}

impl FieldSelector {
    /// Whether it takes every object.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.terms.is_empty()
    }

    /// Its terms; all must hold.
    #[must_use]
    pub fn terms(&self) -> &[FieldTerm] {
        &self.terms
    }

    /// The value that `field` must have, if the selector fixes one: a watch of one name is a watch of
    /// that name.
    #[must_use]
    pub fn required(&self, field: &str) -> Option<&str> {
        let mut terms = self.terms.iter();
        let term = terms.find(|term| !term.is_negated && term.field.as_ref() == field)?;
        Some(&term.value)
    }

    /// Refuses fields that objects of this kind cannot be selected by.
    pub fn check_against(&self, selectable: &Selectable) -> Result<(), NotASelector> {
        let unknown = self.terms.iter().find(|term| !selectable.has(&term.field));
        unknown.map_or(Ok(()), |term| Err(selectable.refuse(&term.field)))
    }

    /// Whether the object is meant. Allocates nothing for text fields.
    #[must_use]
    pub fn matches(&self, selectable: &Selectable, object: &Map<String, Value>) -> bool {
        self.terms.iter().all(|term| {
            let is_equal = selectable.value(object, &term.field).as_ref() == term.value.as_ref();
            is_equal != term.is_negated
        })
    }
}

impl FromStr for FieldSelector {
    type Err = NotASelector;

    fn from_str(text: &str) -> Result<Self, NotASelector> {
        if text.len() > TEXT_MAX {
            return Err(NotASelector(format!(
                "selector has more than {TEXT_MAX} bytes"
            )));
        }
        let parts = split_unescaped(text)
            .into_iter()
            .filter(|part| !part.is_empty());
        let terms = parts.map(|part| term(part).unwrap_or_else(|| Err(not_understood(text, part))));
        let mut terms = terms.collect::<Result<Vec<_>, _>>()?;
        terms.sort();
        Ok(Self { terms })
    }
}

/// Splits at commas that no backslash escapes.
fn split_unescaped(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut is_escaped) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b',' => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// The term that a part writes; nothing, if no operator stands in it.
fn term(part: &str) -> Option<Result<FieldTerm, NotASelector>> {
    let at = part.char_indices().find_map(|(at, _)| {
        let rest = &part[at..];
        let operator = ["!=", "==", "="]
            .into_iter()
            .find(|operator| rest.starts_with(operator))?;
        Some((at, operator))
    });
    let (at, operator) = at?;
    let value = unescape(&part[at + operator.len()..]);
    Some(value.map(|value| FieldTerm {
        field: part[..at].into(),
        value: value.into(),
        is_negated: operator == "!=",
    }))
}

fn not_understood(selector: &str, part: &str) -> NotASelector {
    NotASelector(format!(
        "invalid selector: '{selector}'; can't understand '{part}'"
    ))
}

/// Undoes `\\`, `\,` and `\=`; these three stand escaped only.
fn unescape(text: &str) -> Result<String, NotASelector> {
    let refuse =
        |complaint: String| Err(NotASelector(format!("invalid field selector: {complaint}")));
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, true) => match letters.next() {
                Some(escaped @ ('\\' | ',' | '=')) => plain.push(escaped),
                Some(other) => return refuse(format!("invalid escape sequence: \\{other}")),
                None => return refuse("invalid escape sequence: \\".to_owned()),
            },
            (',' | '=', _) => {
                let code = u32::from(letter);
                return refuse(format!("unescaped character in value: {code}"));
            }
            _ => plain.push(letter),
        }
    }
    Ok(plain)
}

impl fmt::Display for FieldSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let operator = if term.is_negated { "!=" } else { "=" };
            let value = term
                .value
                .replace('\\', r"\\")
                .replace(',', r"\,")
                .replace('=', r"\=");
            write!(f, "{comma}{}{operator}{value}", term.field)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn refusal(text: &str) -> String {
        text.parse::<FieldSelector>().unwrap_err().to_string()
    }

    #[test]
    fn a_selector_takes_the_objects_whose_fields_hold_its_values() {
        let pod = json!({
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"nodeName": "n1", "restartPolicy": "Always"},
            "status": {"phase": "Running"},
        });
        let rows = [
            ("", true),
            ("metadata.name=web", true),
            ("metadata.name==web,status.phase=Running", true),
            ("metadata.name!=web", false),
            ("spec.nodeName!=n2", true),
            ("spec.schedulerName=", true),
            ("spec.hostNetwork=false", true),
            ("status.phase=Pending", false),
        ];
        let pods = Selectable::of("", "Pod");
        for (text, expected) in rows {
            let selector: FieldSelector = text.parse().unwrap();
            selector.check_against(&pods).unwrap();
            let found = selector.matches(&pods, pod.as_object().unwrap());
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_bad_selector_is_refused_in_kubernetes_words() {
        let rows = [
            ("a", "invalid selector: 'a'; can't understand 'a'"),
            (
                r"a=\x",
                r"invalid field selector: invalid escape sequence: \x",
            ),
            (
                "a=b=c",
                "invalid field selector: unescaped character in value: 61",
            ),
        ];
        for (text, complaint) in rows {
            assert_eq!(refusal(text), complaint);
        }
    }

    #[test]
    fn a_field_that_is_not_selectable_is_named() {
        let rows = [
            ("", "Pod", "field label not supported: spec.foo"),
            ("", "Secret", "field label not supported: spec.foo"),
            ("", "Event", "field label not supported: spec.foo"),
            (
                "",
                "ConfigMap",
                r#""spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace""#,
            ),
        ];
        let selector: FieldSelector = "spec.foo=1".parse().unwrap();
        for (group, kind, complaint) in rows {
            let refused = selector
                .check_against(&Selectable::of(group, kind))
                .unwrap_err();
            assert_eq!(refused.to_string(), complaint);
        }
    }

    #[test]
    fn the_value_that_a_selector_fixes_is_known() {
        let selector: FieldSelector = "metadata.name=web,spec.nodeName!=n".parse().unwrap();
        assert_eq!(selector.required("metadata.name"), Some("web"));
        assert_eq!(selector.required("spec.nodeName"), None);
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(
            terms in proptest::collection::vec(("[a-z.]{1,8}", "[a-z,=\\\\]{0,6}", any::<bool>()), 0..4),
        ) {
            let terms = terms.into_iter().map(|(field, value, is_negated)| FieldTerm {
                field: field.into(), value: value.into(), is_negated,
            });
            let mut terms: Vec<_> = terms.collect();
            terms.sort();
            let selector = FieldSelector { terms };
            prop_assert_eq!(selector.to_string().parse::<FieldSelector>().unwrap(), selector);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[a-z=!,\\\\\\PC]{0,40}") {
            if let Ok(selector) = text.parse::<FieldSelector>() {
                prop_assert_eq!(selector.to_string().parse::<FieldSelector>().unwrap(), selector);
            }
        }
    }
}
