//! The canonical request and the string to sign.

use std::borrow::Cow;

use data_encoding::HEXLOWER;
use names::in_lower_case;

use crate::authorization::ALGORITHM;
use crate::refusal::SignatureRefusal;
use crate::request::{RequestHead, sha256};

/// Most headers that a signature may cover; more than any client sends.
const SIGNED_HEADERS_MAX: usize = 128;

/// The names of the headers under a signature: lower case, no name twice, in the signer's order.
#[derive(Clone)]
pub(crate) struct SignedHeaders<'a>(Vec<Cow<'a, str>>);

impl<'a> SignedHeaders<'a> {
    /// Step 8 of the ladder, and the bound that keeps a canonical request no longer than its head.
    pub(crate) fn parse(text: &'a str) -> Result<Self, SignatureRefusal> {
        let names: Vec<_> = text
            .split(';')
            .take(SIGNED_HEADERS_MAX + 1)
            .map(|name| in_lower_case(name.trim()))
            .collect();
        if names.len() > SIGNED_HEADERS_MAX {
            return Err(SignatureRefusal::TooManySignedHeaders {
                max: SIGNED_HEADERS_MAX,
            });
        }
        if !names
            .iter()
            .any(|name| name == "host" || name == ":authority")
        {
            return Err(SignatureRefusal::HostUnsigned);
        }
        let is_first = |at: usize| !names[..at].contains(&names[at]);
        match (0..names.len()).find(|at| !is_first(*at)) {
            Some(at) => Err(SignatureRefusal::SignedTwice {
                header: names[at].clone().into_owned(),
            }),
            None => Ok(Self(names)),
        }
    }

    /// Takes names that are known to be right.
    pub(crate) fn from_sorted(names: Vec<String>) -> SignedHeaders<'static> {
        SignedHeaders(names.into_iter().map(Cow::Owned).collect())
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|signed| signed == name)
    }

    pub(crate) fn joined(&self) -> String {
        self.0.join(";")
    }
}

/// The lines that both sides must agree on, byte for byte.
pub(crate) struct CanonicalRequest<'a> {
    pub(crate) head: &'a RequestHead<'a>,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) signed: &'a SignedHeaders<'a>,
    pub(crate) payload: &'a str,
}

impl CanonicalRequest<'_> {
    /// Method, path, query, each header, the names of the headers, the payload's hash.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        for line in [self.head.method, self.path, self.query] {
            push_line(&mut out, line.as_bytes());
        }
        for name in &self.signed.0 {
            self.push_header(&mut out, name);
        }
        for (index, name) in self.signed.0.iter().enumerate() {
            out.push(if index == 0 { b'\n' } else { b';' });
            out.extend_from_slice(name.as_bytes());
        }
        out.push(b'\n');
        out.extend_from_slice(self.payload.as_bytes());
        out
    }

    fn push_header(&self, out: &mut Vec<u8>, name: &str) {
        out.extend_from_slice(name.as_bytes());
        let mut separator = b':';
        let field = if name == ":authority" { "host" } else { name };
        for (found, value) in self.head.headers {
            if found.eq_ignore_ascii_case(field) {
                out.push(separator);
                push_collapsed(out, value);
                separator = b',';
            }
        }
        if separator == b':' {
            out.push(b':');
        }
        out.push(b'\n');
    }
}

/// What is signed: the algorithm, the date, the scope and the canonical request's hash.
pub(crate) fn string_to_sign(date: &str, scope: &str, canonical_request: &[u8]) -> String {
    let mut text = String::with_capacity(192);
    for line in [ALGORITHM, date, scope] {
        text.push_str(line);
        text.push('\n');
    }
    HEXLOWER.encode_append(&sha256(canonical_request), &mut text);
    text
}

fn push_line(out: &mut Vec<u8>, line: &[u8]) {
    out.extend_from_slice(line);
    out.push(b'\n');
}

/// Without blanks at the ends, and one for each run of blanks inside.
fn push_collapsed(out: &mut Vec<u8>, value: &[u8]) {
    let words = value
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    for (index, word) in words.enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}
