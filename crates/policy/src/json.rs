//! JSON with its places kept: every value and every name knows where in the text it stands.
//!
//! Stricter than RFC 8259 asks: a name that stands twice in one object is refused, since "the last
//! one wins" would let a reader and an enforcer see two different policies; and depth is bounded.

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

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node<'a> {
    pub(crate) span: Span,
    pub(crate) value: Value<'a>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// As written.
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Vec<Member<'a>>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) name_span: Span,
    pub(crate) node: Node<'a>,
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

/// Parses a whole text.
pub(crate) fn parse(text: &str) -> Result<Node<'_>, NotJson> {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
    };
    let node = parser.value()?;
    parser.blanks();
    if parser.at < text.len() {
        return Err(parser.expected("the end of the text"));
    }
    Ok(node)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn value(&mut self) -> Result<Node<'a>, NotJson> {
        self.blanks();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.deeper(Self::object)?,
            Some(b'[') => self.deeper(Self::list)?,
            Some(b'"') => Value::Text(self.text()?),
            Some(b'-' | b'0'..=b'9') => Value::Number(self.number()?),
            _ => self.word()?,
        };
        Ok(Node {
            span: Span {
                start,
                end: self.at,
            },
            value,
        })
    }

    fn deeper(
        &mut self,
        inner: fn(&mut Self) -> Result<Value<'a>, NotJson>,
    ) -> Result<Value<'a>, NotJson> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(NotJson::TooDeep { at: self.at });
        }
        self.at += 1;
        let value = inner(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value<'a>, NotJson> {
        let mut members: Vec<Member<'a>> = Vec::new();
        if self.ends(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.blanks();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.expected("a name in double quotes"));
            }
            let name = self.text()?;
            let name_span = Span {
                start,
                end: self.at,
            };
            if members.iter().any(|member| member.name == name) {
                return Err(NotJson::Twice {
                    name: name.into_owned(),
                    at: start,
                });
            }
            self.blanks();
            if !self.take(b':') {
                return Err(self.expected("`:`"));
            }
            let node = self.value()?;
            members.push(Member {
                name,
                name_span,
                node,
            });
            if self.ends(b'}') {
                return Ok(Value::Object(members));
            }
            if !self.take(b',') {
                return Err(self.expected("`,` or `}`"));
            }
        }
    }

    fn list(&mut self) -> Result<Value<'a>, NotJson> {
        let mut items = Vec::new();
        if self.ends(b']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value()?);
            if self.ends(b']') {
                return Ok(Value::List(items));
            }
            if !self.take(b',') {
                return Err(self.expected("`,` or `]`"));
            }
        }
    }

    /// A string; borrowed from the text unless an escape stands in it.
    fn text(&mut self) -> Result<Cow<'a, str>, NotJson> {
        self.at += 1;
        let start = self.at;
        let mut unescaped: Option<String> = None;
        let mut copied = start;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let rest = &self.text[copied..self.at];
                    self.at += 1;
                    return Ok(match unescaped {
                        Some(text) => Cow::Owned(text + rest),
                        None => Cow::Borrowed(rest),
                    });
                }
                Some(b'\\') => {
                    let before = &self.text[copied..self.at];
                    let character = self.escape()?;
                    let text = unescaped.get_or_insert_default();
                    text.push_str(before);
                    text.push(character);
                    copied = self.at;
                }
                Some(0..=0x1f) | None => return Err(self.expected("`\"`")),
                Some(_) => self.at += plain(&self.text.as_bytes()[self.at..]),
            }
        }
    }

    fn escape(&mut self) -> Result<char, NotJson> {
        let at = self.at;
        let wrong = NotJson::Expected {
            expected: "an escape such as `\\n` or `\\u0041`",
            at,
        };
        self.at += 2;
        Ok(match self.text.as_bytes().get(at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let high = self.hex().ok_or(wrong.clone())?;
                match high {
                    0xd800..=0xdbff => {
                        let paired = self.text[self.at..].starts_with("\\u");
                        self.at += 2;
                        let low = if paired { self.hex() } else { None };
                        low.filter(|low| (0xdc00..=0xdfff).contains(low))
                            .and_then(|low| {
                                char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
                            })
                            .ok_or(wrong)?
                    }
                    code => char::from_u32(code).ok_or(wrong)?,
                }
            }
            _ => return Err(wrong),
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self) -> Result<&'a str, NotJson> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') && self.digits() == 0 {
            return Err(self.expected("a digit"));
        }
        if self.take(b'.') && self.digits() == 0 {
            return Err(self.expected("a digit"));
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return Err(self.expected("a digit"));
            }
        }
        Ok(&self.text[start..self.at])
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn word(&mut self) -> Result<Value<'a>, NotJson> {
        let words = [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
        ];
        let rest = &self.text[self.at..];
        for (word, value) in words {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.expected("a value"))
    }

    fn ends(&mut self, bracket: u8) -> bool {
        self.blanks();
        self.take(bracket)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expected(&self, expected: &'static str) -> NotJson {
        NotJson::Expected {
            expected,
            at: self.at.min(self.text.len()),
        }
    }
}

/// How many bytes of a string's inside mean themselves.
fn plain(bytes: &[u8]) -> usize {
    let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    bytes.iter().position(ends).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn strange_texts_are_refused_with_their_place() {
        let rows = [
            ("", 0),
            ("{", 1),
            ("{\"a\":1,\"a\":2}", 7),
            ("[1,]", 3),
            ("{\"a\" 1}", 5),
            ("\"\\x\"", 1),
            ("\"\\ud800\"", 1),
            ("01", 1),
            ("1 2", 2),
            ("tru", 0),
        ];
        for (text, at) in rows {
            assert_eq!(parse(text).unwrap_err().at(), at, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded_without_recursing_further() {
        let deep = "[".repeat(100_000);
        assert_eq!(parse(&deep), Err(NotJson::TooDeep { at: DEPTH_MAX }));
    }

    #[test]
    fn line_and_column_count_from_one() {
        let text = "{\n  \"é\": 1\n}";
        let Value::Object(members) = parse(text).unwrap().value else {
            panic!("no object")
        };
        assert_eq!(members[0].name_span.line_and_column(text), (2, 3));
        assert_eq!(members[0].node.span.line_and_column(text), (2, 8));
    }

    proptest! {
        #[test]
        fn it_takes_exactly_what_a_second_parser_takes(text in "[\\[\\]{}:,\"a1 \\\\ntrue.-]{0,24}") {
            let other = serde_json::from_str::<serde_json::Value>(&text);
            let ours = parse(&text);
            let twice = matches!(ours, Err(NotJson::Twice { .. }));
            // Numbers beyond a double are refused there and are text here.
            prop_assert!(twice || ours.is_ok() == other.is_ok() , "{:?} {:?}", ours, other);
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
