//! Policy variables: `${aws:PrincipalTag/team}`, `${key, 'default'}`, `${*}`.
//!
//! Source: IAM User Guide, "IAM policy elements: Variables and tags". What is substituted is literal:
//! its `*` and `?` are no wildcards.

use crate::context::{KeyName, RequestContext, Values};

/// Stands for a literal `*` in an expanded pattern; no policy text can hold it.
pub(crate) const LITERAL_STAR: u8 = 0x01;
/// Stands for a literal `?` in an expanded pattern.
pub(crate) const LITERAL_MARK: u8 = 0x02;
/// Stands for a `:` that parts no segments of an ARN.
pub(crate) const LITERAL_COLON: u8 = 0x03;

/// A text of a policy, taken apart at its variables.
#[derive(Debug, Clone)]
pub(crate) enum Template {
    /// Without variables.
    Plain(Box<str>),
    /// With variables.
    Pieces(Box<[Piece]>),
    /// A `${` that no variable follows; it matches nothing.
    Malformed,
}

#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Text(Box<str>),
    /// `${*}`, `${?}`, `${$}`.
    Character(char),
    Variable {
        key: KeyName,
        default: Option<Box<str>>,
    },
}

impl Template {
    /// Takes a text apart; without variables (language 2008-10-17) it stays whole.
    pub(crate) fn new(text: &str, variables: bool) -> Self {
        if !variables || !text.contains("${") {
            return Self::Plain(text.into());
        }
        // What stands for a literal character must not come from the policy's own text.
        if has_marks(text) {
            return Self::Malformed;
        }
        pieces(text).map_or_else(|| Self::Malformed, |pieces| Self::Pieces(pieces.into()))
    }

    /// Puts the values in; wildcards of the values are marked as literal. `None` when a variable has
    /// no value, or several, or one that holds such a mark.
    pub(crate) fn expand(&self, context: &RequestContext) -> Option<String> {
        let mut expanded = String::new();
        match self {
            Self::Plain(text) => expanded.push_str(text),
            Self::Malformed => return None,
            Self::Pieces(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => expanded.push_str(text),
                        Piece::Character(character) => push_literal(&mut expanded, *character),
                        Piece::Variable { key, default } => {
                            let value = match (context.at(key), default) {
                                (Some(Values::One(value)), _) => &**value,
                                (None, Some(default)) => default,
                                (Some(Values::Many(_)), _) | (None, None) => return None,
                            };
                            // Nor from the request.
                            if has_marks(value) {
                                return None;
                            }
                            value
                                .chars()
                                .for_each(|character| push_literal(&mut expanded, character));
                        }
                    }
                }
            }
        }
        Some(expanded)
    }
}

/// An expanded pattern as a plain text, its literal characters written as themselves.
pub(crate) fn plain(expanded: &str) -> String {
    let written = |character| match u8::try_from(character) {
        Ok(LITERAL_STAR) => '*',
        Ok(LITERAL_MARK) => '?',
        Ok(LITERAL_COLON) => ':',
        Ok(_) | Err(_) => character,
    };
    expanded.chars().map(written).collect()
}

/// Whether a text holds one of the characters that stand for literal ones.
pub(crate) fn has_marks(text: &str) -> bool {
    text.bytes()
        .any(|byte| matches!(byte, LITERAL_STAR | LITERAL_MARK | LITERAL_COLON))
}

fn push_literal(expanded: &mut String, character: char) {
    expanded.push(match character {
        '*' => char::from(LITERAL_STAR),
        '?' => char::from(LITERAL_MARK),
        ':' => char::from(LITERAL_COLON),
        other => other,
    });
}

fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if at > 0 {
            pieces.push(Piece::Text(rest[..at].into()));
        }
        let (inside, after) = rest[at + 2..].split_once('}')?;
        pieces.push(variable(inside)?);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.into()));
    }
    Some(pieces)
}

fn variable(inside: &str) -> Option<Piece> {
    match inside {
        "*" => return Some(Piece::Character('*')),
        "?" => return Some(Piece::Character('?')),
        "$" => return Some(Piece::Character('$')),
        _ => {}
    }
    let (name, default) = match inside.split_once(',') {
        None => (inside.trim(), None),
        Some((name, default)) => {
            let quoted = default.trim();
            let default = quoted.strip_prefix('\'')?.strip_suffix('\'')?;
            (name.trim(), Some(default.into()))
        }
    };
    let well_spelt = !name.is_empty() && !name.contains(['$', '{', '\'', ' ']);
    well_spelt.then(|| Piece::Variable {
        key: KeyName::new(name),
        default,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_in_and_what_is_missing_resolves_to_nothing() {
        let mut context = RequestContext::new();
        context
            .set("aws:username", "a*b")
            .set("k:marked", "\u{1}")
            .set_list("aws:TagKeys", ["x", "y"]);
        let rows = [
            ("home/${aws:username}/*", Some("home/a\u{1}b/*")),
            ("${AWS:UserName}", Some("a\u{1}b")),
            ("${aws:none}", None),
            ("${aws:none , 'x y'}", Some("x y")),
            ("${aws:TagKeys}", None),
            ("${k:marked}", None),
            ("${*}${?}${$}{", Some("\u{1}\u{2}${")),
            ("${open", None),
            ("${}", None),
            ("\u{1}${aws:username}", None),
        ];
        for (text, wanted) in rows {
            let expanded = Template::new(text, true).expand(&context);
            assert_eq!(expanded.as_deref(), wanted, "{text}");
        }
        assert_eq!(
            Template::new("${aws:none}", false)
                .expand(&context)
                .as_deref(),
            Some("${aws:none}")
        );
    }
}
