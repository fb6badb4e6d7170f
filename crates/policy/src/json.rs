//! JSON with its places kept: every value and every name knows where in the text it stands.
//!
//! Stricter than RFC 8259 asks: a name that stands twice in one object is refused, since "the last
//! one wins" would let a reader and an enforcer see two different policies; and depth is bounded.

mod parser;

pub(crate) use parser::parse;
use std::borrow::Cow;

/// Objects and lists within each other; a policy needs seven.
const DEPTH_MAX: usize = 32;

/// A place in a text, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last one.
    pub end: usize,
}

impl Span {
    /// Line and column of its first character, both from 1.
    #[must_use]
    pub(crate) fn line_and_column(self, text: &str) -> (usize, usize) {
        let before = text.get(..self.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (
            before.matches('\n').count() + 1,
            before[line_start..].chars().count() + 1,
        )
    }
}

/// A text read as JSON: every value of it in the order in which they begin.
///
/// They stand in one list, so that reading a policy costs one allocation and not one for each list and
/// object in it; [`Node`] walks them as the tree that they are.
#[derive(Debug, PartialEq)]
pub(crate) struct Json<'a> {
    values: Vec<Placed<'a>>,
}

#[derive(Debug, PartialEq)]
struct Placed<'a> {
    span: Span,
    kind: Kind<'a>,
    /// Where, among the values, the one behind this and all that it holds stands.
    next: usize,
}

#[derive(Debug, PartialEq)]
enum Kind<'a> {
    Null,
    Bool(bool),
    /// As written.
    Number(&'a str),
    Text(Cow<'a, str>),
    List,
    /// Each value behind its name, which is a text.
    Object,
}

impl<'a> Json<'a> {
    pub(crate) fn root(&self) -> Node<'_, 'a> {
        Node {
            values: &self.values,
            at: 0,
        }
    }
}

/// A value of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'j, 'a> {
    values: &'j [Placed<'a>],
    at: usize,
}

/// What a value is, what it holds given one by one.
#[derive(Debug)]
pub(crate) enum Value<'j, 'a> {
    Null,
    Bool(bool),
    /// As written.
    Number(&'a str),
    Text(&'j Cow<'a, str>),
    List(Items<'j, 'a>),
    Object(Members<'j, 'a>),
}

/// A named value of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member<'j, 'a> {
    pub(crate) name: &'j Cow<'a, str>,
    pub(crate) name_span: Span,
    pub(crate) node: Node<'j, 'a>,
}

impl Member<'_, '_> {
    /// Of the name and the value.
    pub(crate) fn span(self) -> Span {
        Span {
            start: self.name_span.start,
            end: self.node.span().end,
        }
    }
}

impl<'j, 'a> Node<'j, 'a> {
    pub(crate) fn span(self) -> Span {
        self.values[self.at].span
    }

    pub(crate) fn value(self) -> Value<'j, 'a> {
        let placed = &self.values[self.at];
        let inside = Items {
            values: &self.values[..placed.next],
            at: self.at + 1,
        };
        match &placed.kind {
            Kind::Null => Value::Null,
            Kind::Bool(truth) => Value::Bool(*truth),
            Kind::Number(text) => Value::Number(text),
            Kind::Text(text) => Value::Text(text),
            Kind::List => Value::List(inside),
            Kind::Object => Value::Object(Members(inside)),
        }
    }
}

/// The values of a list.
#[derive(Debug, Clone)]
pub(crate) struct Items<'j, 'a> {
    /// All values up to the end of the list.
    values: &'j [Placed<'a>],
    at: usize,
}

impl<'j, 'a> Iterator for Items<'j, 'a> {
    type Item = Node<'j, 'a>;

    fn next(&mut self) -> Option<Node<'j, 'a>> {
        let (values, at) = (self.values, self.at);
        self.at = values.get(at)?.next;
        Some(Node { values, at })
    }
}

/// The names and values of an object.
#[derive(Debug, Clone)]
pub(crate) struct Members<'j, 'a>(Items<'j, 'a>);

impl<'j, 'a> Iterator for Members<'j, 'a> {
    type Item = Member<'j, 'a>;

    fn next(&mut self) -> Option<Member<'j, 'a>> {
        let (name, node) = (self.0.next()?, self.0.next()?);
        let Value::Text(text) = name.value() else {
            return None;
        };
        Some(Member {
            name: text,
            name_span: name.span(),
            node,
        })
    }
}

/// Why a text is not JSON as we take it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotJson {
    /// Something else was expected.
    #[error("expected {expected}")]
    Expected {
        /// What the grammar allows here.
        expected: &'static str,
        /// Where.
        at: usize,
    },
    /// A name stands twice in one object.
    #[error("`{name}` stands twice in one object")]
    Twice {
        /// The name.
        name: String,
        /// Where it stands again.
        at: usize,
    },
    /// Objects and lists are nested too deep.
    #[error("nested deeper than {DEPTH_MAX} levels")]
    TooDeep {
        /// Where the level begins.
        at: usize,
    },
}

impl NotJson {
    /// Where in the text.
    #[must_use]
    pub(crate) fn at(&self) -> usize {
        match self {
            Self::Expected { at, .. } | Self::Twice { at, .. } | Self::TooDeep { at } => *at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_and_column_count_from_one() {
        let text = "{\n  \"é\": 1\n}";
        let json = parse(text).unwrap();
        let Value::Object(mut members) = json.root().value() else {
            panic!("no object")
        };
        let member = members.next().unwrap();
        assert_eq!(member.name_span.line_and_column(text), (2, 3));
        assert_eq!(member.node.span().line_and_column(text), (2, 8));
    }
}
