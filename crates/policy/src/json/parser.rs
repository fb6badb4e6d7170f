//! The parser: one walk over the text, each value put behind the one that began before it.

use super::{DEPTH_MAX, Items, Json, Kind, Members, NotJson, Placed, Span};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Parses a whole text.
pub(crate) fn parse(text: &str) -> Result<Json<'_>, NotJson> {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        values: Vec::with_capacity(text.len() / BYTES_OF_A_VALUE),
    };
    parser.value()?;
    parser.blanks();
    if parser.at < text.len() {
        return Err(parser.expected("the end of the text"));
    }
    Ok(Json {
        values: parser.values,
    })
}

/// What a name or a value of a policy takes, more or less.
const BYTES_OF_A_VALUE: usize = 10;

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    values: Vec<Placed<'a>>,
}

impl<'a> Parser<'a> {
    fn value(&mut self) -> Result<(), NotJson> {
        self.blanks();
        let start = self.at;
        match self.peek() {
            Some(b'{') => self.deeper(Kind::Object, Self::object),
            Some(b'[') => self.deeper(Kind::List, Self::list),
            Some(b'"') => {
                let text = Kind::Text(self.text()?);
                self.place(start, text);
                Ok(())
            }
            Some(b'-' | b'0'..=b'9') => {
                let number = Kind::Number(self.number()?);
                self.place(start, number);
                Ok(())
            }
            _ => {
                let word = self.word()?;
                self.place(start, word);
                Ok(())
            }
        }
    }

    /// The next value, which began there and has ended here.
    fn place(&mut self, start: usize, kind: Kind<'a>) {
        self.values.push(Placed {
            span: Span {
                start,
                end: self.at,
            },
            kind,
            next: self.values.len() + 1,
        });
    }

    /// A value that holds others, which stand behind it.
    fn deeper(
        &mut self,
        kind: Kind<'a>,
        inside: fn(&mut Self) -> Result<(), NotJson>,
    ) -> Result<(), NotJson> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(NotJson::TooDeep { at: self.at });
        }
        let (start, own) = (self.at, self.values.len());
        self.at += 1;
        self.place(start, kind);
        inside(self)?;
        self.depth -= 1;
        let next = self.values.len();
        let placed = &mut self.values[own];
        (placed.span.end, placed.next) = (self.at, next);
        Ok(())
    }

    fn object(&mut self) -> Result<(), NotJson> {
        if self.ends(b'}') {
            return Ok(());
        }
        let mut names = Names {
            first: self.values.len(),
            many: BTreeSet::new(),
        };
        loop {
            self.blanks();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.expected("a name in double quotes"));
            }
            let name = self.text()?;
            if names.have(name.clone(), &self.values) {
                return Err(NotJson::Twice {
                    name: name.into_owned(),
                    at: start,
                });
            }
            self.place(start, Kind::Text(name));
            self.blanks();
            if !self.take(b':') {
                return Err(self.expected("`:`"));
            }
            self.value()?;
            if self.ends(b'}') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(self.expected("`,` or `}`"));
            }
        }
    }

    fn list(&mut self) -> Result<(), NotJson> {
        if self.ends(b']') {
            return Ok(());
        }
        loop {
            self.value()?;
            if self.ends(b']') {
                return Ok(());
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

    fn word(&mut self) -> Result<Kind<'a>, NotJson> {
        let words = [
            ("null", Kind::Null),
            ("true", Kind::Bool(true)),
            ("false", Kind::Bool(false)),
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

/// The names of an object so far.
struct Names<'a> {
    /// Where the first of them stands among the values.
    first: usize,
    /// All of them, as soon as they are more than [`FEW`].
    many: BTreeSet<Cow<'a, str>>,
}

/// So many names are looked through faster than they are sorted.
const FEW: usize = 16;

impl<'a> Names<'a> {
    /// Whether a name is among them; from now on it is.
    fn have(&mut self, name: Cow<'a, str>, values: &[Placed<'a>]) -> bool {
        if self.many.is_empty() {
            let names = Members(Items {
                values,
                at: self.first,
            });
            let mut names = names.map(|member| member.name);
            if names.clone().count() <= FEW {
                return names.any(|other| *other == name);
            }
            self.many = names.cloned().collect();
        }
        !self.many.insert(name)
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
    fn a_name_that_stands_twice_is_found_among_few_and_among_many() {
        for count in [1, FEW, FEW + 1, FEW + 2, 5_000] {
            let names: Vec<_> = (0..count).map(|at| format!("\"{at}\":{{}}")).collect();
            let text = names.join(",");
            assert!(parse(&format!("{{{text}}}")).is_ok());
            for twice in [&names[0], &names[count / 2], &names[count - 1]] {
                let found = parse(&format!("{{{text},{twice}}}")).unwrap_err().at();
                assert_eq!(found, text.len() + 2, "{twice} of {count}");
            }
        }
    }

    #[test]
    fn depth_is_bounded_without_recursing_further() {
        let deep = "[".repeat(100_000);
        assert_eq!(parse(&deep), Err(NotJson::TooDeep { at: DEPTH_MAX }));
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
