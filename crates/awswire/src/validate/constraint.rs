//! The constraints of a shape, each with AWS's phrase for a value that breaks it.

use crate::Pattern;
use crate::model::{Kind, Shape};
use crate::value::Value;

/// A constraint of a shape.
#[derive(Clone, Copy)]
pub(super) enum Constraint {
    Pattern(&'static Pattern),
    LengthMax(i64),
    LengthMin(i64),
    ValueMax(i64),
    ValueMin(i64),
    OneOf(&'static [&'static str]),
}

impl Constraint {
    pub(super) fn all(shape: &Shape) -> impl Iterator<Item = Constraint> + use<> {
        let is_number = matches!(shape.kind, Kind::Integer | Kind::Double);
        let at_most = if is_number {
            Self::ValueMax
        } else {
            Self::LengthMax
        };
        let at_least = if is_number {
            Self::ValueMin
        } else {
            Self::LengthMin
        };
        let one_of = (!shape.one_of.is_empty()).then_some(Self::OneOf(shape.one_of));
        let pattern = shape.pattern.map(Self::Pattern);
        [
            pattern,
            shape.max.map(at_most),
            shape.min.map(at_least),
            one_of,
        ]
        .into_iter()
        .flatten()
    }

    pub(super) fn holds(&self, value: &Value) -> bool {
        match *self {
            Self::Pattern(pattern) => text(value).is_none_or(|text| pattern.matches(text)),
            Self::LengthMax(max) => !is_longer(value, max),
            Self::LengthMin(min) => is_longer(value, min - 1),
            Self::ValueMax(max) => compare(value, max).is_none_or(std::cmp::Ordering::is_le),
            Self::ValueMin(min) => compare(value, min).is_none_or(std::cmp::Ordering::is_ge),
            Self::OneOf(texts) => text(value).is_none_or(|text| texts.contains(&text)),
        }
    }

    pub(super) fn phrase(&self) -> String {
        match self {
            Self::Pattern(pattern) => {
                format!(
                    "Member must satisfy regular expression pattern: {}",
                    pattern.source
                )
            }
            Self::LengthMax(max) => format!("Member must have length less than or equal to {max}"),
            Self::LengthMin(min) => {
                format!("Member must have length greater than or equal to {min}")
            }
            Self::ValueMax(max) => format!("Member must have value less than or equal to {max}"),
            Self::ValueMin(min) => format!("Member must have value greater than or equal to {min}"),
            Self::OneOf(texts) => {
                format!("Member must satisfy enum value set: [{}]", texts.join(", "))
            }
        }
    }
}

/// The text of a string; a secret's is looked at here and never shown.
fn text(value: &Value) -> Option<&str> {
    if let Value::Secret(secret) = value {
        return secret.expose_str();
    }
    if let Value::String(text) = value {
        Some(text)
    } else {
        None
    }
}

/// Whether a value has more items, bytes or characters than that.
fn is_longer(value: &Value, than: i64) -> bool {
    let Ok(than) = usize::try_from(than) else {
        return true;
    };
    match value {
        Value::List(items) => items.len() > than,
        Value::Map(entries) => entries.len() > than,
        Value::Blob(bytes) => bytes.len() > than,
        Value::String(_) | Value::Secret(_) => {
            text(value).is_some_and(|text| has_more_chars(text, than))
        }
        Value::Structure(_)
        | Value::Integer(_)
        | Value::Double(_)
        | Value::Boolean(_)
        | Value::Timestamp(_)
        | Value::Document(_) => false,
    }
}

/// Counts only where the bytes, of which a character has one to four, do not tell.
fn has_more_chars(text: &str, than: usize) -> bool {
    text.len() > than && (text.len() / 4 > than || text.chars().count() > than)
}

fn compare(value: &Value, bound: i64) -> Option<std::cmp::Ordering> {
    if let Value::Integer(number) = value {
        return Some(number.cmp(&bound));
    }
    let Value::Double(number) = value else {
        return None;
    };
    #[expect(clippy::cast_precision_loss, reason = "bounds of the models are small")]
    number.partial_cmp(&(bound as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_long_as_it_has_characters() {
        for (text, chars) in [("", 0), ("a", 1), ("aé", 2), ("\u{1F4A9}\u{1F4A9}", 2)] {
            let value = Value::String(text.to_owned());
            for bound in 0..10 {
                assert_eq!(Constraint::LengthMax(bound).holds(&value), chars <= bound);
                assert_eq!(Constraint::LengthMin(bound).holds(&value), chars >= bound);
            }
        }
    }
}
