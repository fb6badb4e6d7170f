//! Reads `application/x-www-form-urlencoded`, and finds parameters by dotted prefix.

use std::borrow::Cow;
use std::cmp::Ordering;

use memchr::memchr;

use crate::limits::PARAMETERS_MAX;

/// The parameters of a request, sorted so that all that stand under one name stand together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form<'a> {
    pairs: Vec<Pair<'a>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Pair<'a> {
    key: Cow<'a, str>,
    value: Cow<'a, str>,
}

/// A form that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MalformedForm {
    /// More than [`PARAMETERS_MAX`].
    TooManyParameters,
    /// Bytes that are not UTF-8, before or after decoding.
    NotText,
    /// A `%` without two hexadecimal digits behind it.
    BadEscape,
    /// The same parameter twice: what is checked and what is used could differ.
    Duplicate(String),
}

impl MalformedForm {
    /// The sentence for the client.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::TooManyParameters => {
                format!("The query string has more than {PARAMETERS_MAX} parameters")
            }
            Self::NotText => "The query string is not UTF-8".to_owned(),
            Self::BadEscape => "The query string contains a malformed escape sequence".to_owned(),
            Self::Duplicate(key) => format!("The parameter {key} occurs more than once"),
        }
    }
}

impl<'a> Form<'a> {
    /// Reads a body or a query string.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, MalformedForm> {
        let mut form = Self {
            pairs: read_pairs(bytes)?,
        };
        form.pairs.sort_by(|a, b| compare(&a.key, &b.key));
        for pair in form.pairs.windows(2) {
            if pair[0].key == pair[1].key {
                return Err(MalformedForm::Duplicate(pair[0].key.clone().into_owned()));
            }
        }
        Ok(form)
    }

    /// The value of exactly that parameter.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let found = self.pairs.binary_search_by(|pair| compare(&pair.key, key));
        found.ok().map(|index| &*self.pairs[index].value)
    }

    /// Names and values, in the order of the names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|pair| (&*pair.key, &*pair.value))
    }

    /// Everything, as the content of a structure.
    pub(crate) fn root(&self) -> Node<'_> {
        Node {
            pairs: &self.pairs,
            depth: 0,
        }
    }
}

/// The parameters that share a prefix of `depth` bytes (its final dot included).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'f> {
    pairs: &'f [Pair<'f>],
    depth: usize,
}

impl<'f> Node<'f> {
    /// The value of the prefix itself: `ClientIDList=` is a list without items.
    pub(crate) fn text(&self) -> Option<&'f str> {
        let first = self.pairs.first()?;
        (first.key.len() < self.depth).then_some(&*first.value)
    }

    /// What stands below, by the next part of the name.
    pub(crate) fn children(self) -> impl Iterator<Item = (&'f str, Node<'f>)> {
        let own = usize::from(self.text().is_some());
        let mut rest = &self.pairs[own..];
        std::iter::from_fn(move || {
            let part = part_at(&rest.first()?.key, self.depth);
            let same = rest
                .iter()
                .take_while(|pair| part_at(&pair.key, self.depth) == part);
            let (group, others) = rest.split_at(same.count());
            rest = others;
            Some((
                part,
                Node {
                    pairs: group,
                    depth: self.depth + part.len() + 1,
                },
            ))
        })
    }

    /// The child of that name.
    pub(crate) fn child(self, name: &str) -> Option<Node<'f>> {
        self.children()
            .find(|(part, _)| *part == name)
            .map(|(_, node)| node)
    }
}

fn part_at(key: &str, depth: usize) -> &str {
    cut(&key[depth..], b'.').0
}

/// By bytes, a dot before anything else: then `Tag`, `Tag.member.1` stand before `Tag-x`.
fn compare(a: &str, b: &str) -> Ordering {
    let differ = a.bytes().zip(b.bytes()).find(|(a, b)| a != b);
    match differ {
        None => a.len().cmp(&b.len()),
        Some((b'.', _)) => Ordering::Less,
        Some((_, b'.')) => Ordering::Greater,
        Some((a, b)) => a.cmp(&b),
    }
}

fn read_pairs(bytes: &[u8]) -> Result<Vec<Pair<'_>>, MalformedForm> {
    let text = std::str::from_utf8(bytes).map_err(|_| MalformedForm::NotText)?;
    let mut pairs = Vec::with_capacity(8);
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (part, after) = cut(text, b'&');
        rest = after;
        if part.is_empty() {
            continue;
        }
        if pairs.len() == PARAMETERS_MAX {
            return Err(MalformedForm::TooManyParameters);
        }
        let (key, value) = cut(part, b'=');
        pairs.push(Pair {
            key: decode(key)?,
            value: decode(value.unwrap_or_default())?,
        });
    }
    Ok(pairs)
}

/// What stands before and after the first such byte, which is one of ASCII.
fn cut(text: &str, byte: u8) -> (&str, Option<&str>) {
    match memchr(byte, text.as_bytes()) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// Undoes the encoding of a form, where a `+` is a blank.
fn decode(text: &str) -> Result<Cow<'_, str>, MalformedForm> {
    if memchr(b'+', text.as_bytes()).is_none() {
        return decode_percent(text);
    }
    let spaced = text.replace('+', " ");
    decode_percent(&spaced).map(|decoded| Cow::Owned(decoded.into_owned()))
}

/// Undoes percent-encoding, and refuses what only looks like it.
pub(crate) fn decode_percent(text: &str) -> Result<Cow<'_, str>, MalformedForm> {
    let mut rest = text.as_bytes();
    if memchr(b'%', rest).is_none() {
        return Ok(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(at) = memchr(b'%', rest) {
        let [_, high, low, after @ ..] = &rest[at..] else {
            return Err(MalformedForm::BadEscape);
        };
        decoded.extend_from_slice(&rest[..at]);
        decoded.push(digit(*high)? << 4 | digit(*low)?);
        rest = after;
    }
    decoded.extend_from_slice(rest);
    let decoded = String::from_utf8(decoded);
    decoded.map(Cow::Owned).map_err(|_| MalformedForm::NotText)
}

fn digit(byte: u8) -> Result<u8, MalformedForm> {
    let digit = char::from(byte).to_digit(16);
    let digit = digit.and_then(|digit| u8::try_from(digit).ok());
    digit.ok_or(MalformedForm::BadEscape)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: &str, expected: &[(&str, &str)]) {
        let form = Form::parse(form.as_bytes()).unwrap();
        let found: Vec<(&str, &str)> = form
            .pairs
            .iter()
            .map(|pair| (&*pair.key, &*pair.value))
            .collect();
        assert_eq!(found, expected);
    }

    fn check_refused(form: &[u8], expected: &MalformedForm) {
        assert_eq!(&Form::parse(form).unwrap_err(), expected);
    }

    #[test]
    fn a_form_is_decoded_once() {
        check(
            "a=1&b=x+y%2Bz&c&d=%2525",
            &[("a", "1"), ("b", "x y+z"), ("c", ""), ("d", "%25")],
        );
        check("&&a==&", &[("a", "=")]);
        check("", &[]);
    }

    #[test]
    fn what_stands_under_one_name_stands_together() {
        check(
            "T.member.1=a&T-x=b&T=c&T.member.10=d&S=e",
            &[
                ("S", "e"),
                ("T", "c"),
                ("T.member.1", "a"),
                ("T.member.10", "d"),
                ("T-x", "b"),
            ],
        );
    }

    #[test]
    fn a_malformed_form_says_what_is_wrong() {
        check_refused(b"a=%zz", &MalformedForm::BadEscape);
        check_refused(b"a=%f", &MalformedForm::BadEscape);
        check_refused(b"a=%4%31", &MalformedForm::BadEscape);
        check_refused(b"a=%%31", &MalformedForm::BadEscape);
        check_refused(b"a=%ff", &MalformedForm::NotText);
        check_refused(b"\xff=1", &MalformedForm::NotText);
        check_refused(b"a=1&%61=2", &MalformedForm::Duplicate("a".to_owned()));
    }

    #[test]
    fn parameters_are_counted() {
        let form = |n: usize| (0..n).map(|i| format!("p{i}=&")).collect::<String>();
        assert!(Form::parse(form(PARAMETERS_MAX).as_bytes()).is_ok());
        check_refused(
            form(PARAMETERS_MAX + 1).as_bytes(),
            &MalformedForm::TooManyParameters,
        );
    }
}
