//! Canonical paths and queries.

use std::borrow::Cow;

use crate::refusal::{PathFault, SignatureRefusal};

/// The path normalised and encoded once more, as every service but S3 wants it.
///
/// Clients encode labels once to send them and once again to sign them, so `%2F` becomes `%252F`
/// and an encoded slash never splits a label.
pub(crate) fn canonical_path(raw: &str) -> Result<Cow<'_, str>, SignatureRefusal> {
    if is_canonical(raw) {
        return Ok(Cow::Borrowed(raw));
    }
    expect_escapes(raw).map_err(|_| SignatureRefusal::Path(PathFault::Escape))?;
    if !raw.is_empty() && !raw.starts_with('/') {
        return Err(SignatureRefusal::Path(PathFault::NotAbsolute));
    }
    let mut segments = Vec::new();
    for segment in raw.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments
                    .pop()
                    .ok_or(SignatureRefusal::Path(PathFault::AboveRoot))?;
            }
            segment => segments.push(segment),
        }
    }
    let mut path = String::with_capacity(raw.len() + 16);
    for segment in &segments {
        path.push('/');
        encode_into(&mut path, segment.as_bytes());
    }
    let ends_in_slash = ["/", "/.", "/.."].iter().any(|end| raw.ends_with(end));
    if segments.is_empty() || ends_in_slash {
        path.push('/');
    }
    Ok(Cow::Owned(path))
}

/// Whether a path is its own canonical form: nothing to encode, to leave out, or to go back from.
fn is_canonical(raw: &str) -> bool {
    let is_plain = |byte: u8| byte == b'/' || is_unreserved(byte);
    let has_no_gap = || !["//", "/."].iter().any(|gap| raw.contains(gap));
    raw.starts_with('/') && raw.bytes().all(is_plain) && (raw.len() == 1 || has_no_gap())
}

/// RFC 3986, 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// A query whose names and values are in canonical encoding, in the order they came.
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub(crate) fn parse(raw: &str) -> Result<Self, SignatureRefusal> {
        let mut pairs = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((recoded(name)?, recoded(value)?));
        }
        Ok(Self { pairs })
    }

    /// The first value of a name that needs no escapes, decoded.
    pub(crate) fn first(&self, name: &str) -> Option<String> {
        let (_, value) = self.pairs.iter().find(|(found, _)| found == name)?;
        let bytes = decoded(value).unwrap_or_default();
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Sorted by name, then value, without the pairs of `name`.
    pub(crate) fn canonical_without(&self, name: &str) -> String {
        let mut pairs: Vec<_> = self
            .pairs
            .iter()
            .filter(|(found, _)| found != name)
            .collect();
        pairs.sort();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("&")
    }
}

/// Encodes all but RFC 3986's unreserved characters.
pub(crate) fn encode_into(out: &mut String, bytes: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in bytes {
        if is_unreserved(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    encode_into(&mut out, text.as_bytes());
    out
}

/// Decodes, with `+` as a blank, and encodes again, so that every spelling becomes one.
fn recoded(text: &str) -> Result<String, SignatureRefusal> {
    let bytes = decoded(text)?;
    let mut out = String::with_capacity(text.len());
    encode_into(&mut out, &bytes);
    Ok(out)
}

fn decoded(text: &str) -> Result<Vec<u8>, SignatureRefusal> {
    expect_escapes(text)?;
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex_digit(rest.next()) << 4 | hex_digit(rest.next()),
            b'+' => b' ',
            byte => byte,
        });
    }
    Ok(bytes)
}

/// Two hexadecimal digits after every percent sign.
fn expect_escapes(text: &str) -> Result<(), SignatureRefusal> {
    for (at, _) in text.match_indices('%') {
        let digits: String = text[at + 1..].chars().take(2).collect();
        if digits.chars().count() < 2 {
            return Err(SignatureRefusal::QueryEscapeCut);
        }
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(SignatureRefusal::QueryEscape { found: digits });
        }
    }
    Ok(())
}

fn hex_digit(digit: Option<u8>) -> u8 {
    let digit = digit
        .and_then(|digit| char::from(digit).to_digit(16))
        .unwrap_or_default();
    u8::try_from(digit).unwrap_or_default()
}
