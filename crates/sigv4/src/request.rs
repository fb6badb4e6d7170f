//! What is signed: the head of a request and the hash of its body.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use std::borrow::Cow;

/// The head of a request as it came over the wire, nothing decoded.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    /// `GET`, `POST` and kin.
    pub method: &'a str,
    /// The path before the question mark, escapes untouched.
    pub raw_path: &'a str,
    /// What stands after the question mark; empty when there is none.
    pub raw_query: &'a str,
    /// Names in any case, values as bytes, in the order they came.
    pub headers: &'a [(&'a str, &'a [u8])],
}

impl<'a> RequestHead<'a> {
    /// The values of a header, in order.
    pub(crate) fn values(&self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let of_name = move |header: &&(&str, &[u8])| header.0.eq_ignore_ascii_case(name);
        self.headers.iter().filter(of_name).map(|(_, value)| *value)
    }

    /// The first value of a header, as text.
    pub(crate) fn text(&self, name: &'a str) -> Option<Cow<'a, str>> {
        let value = self.values(name).next()?.trim_ascii();
        Some(match std::str::from_utf8(value) {
            Ok(text) => text.into(),
            Err(_) => String::from_utf8_lossy(value),
        })
    }
}

/// The SHA-256 of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyHash([u8; 32]);

impl BodyHash {
    /// Hashes a body.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self(sha256(body))
    }

    /// The hash of no body.
    #[must_use]
    pub fn empty() -> Self {
        Self::of(b"")
    }

    /// As it stands in a canonical request.
    #[must_use]
    pub fn to_hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}
