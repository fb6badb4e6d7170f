//! A request as it came.

use bytes::Bytes;
use hyper::header::{AsHeaderName, HeaderValue};
use hyper::http::request::Parts;
use sigv4::RequestHead;
use std::net::SocketAddr;

/// A request with its body read; nothing of it is copied or decoded.
pub(crate) struct Received {
    /// The head, as HTTP reads it.
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
    pub(crate) peer: SocketAddr,
    pub(crate) over_tls: bool,
}

impl Received {
    pub(crate) fn method(&self) -> &str {
        self.head.method.as_str()
    }

    /// The path, escapes untouched.
    pub(crate) fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// What stands after the question mark; empty when there is none.
    pub(crate) fn query(&self) -> &str {
        self.head.uri.query().unwrap_or_default()
    }

    /// The first value of a header, if it is text.
    pub(crate) fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.head.headers.get(name).and_then(text_of)
    }

    /// All headers, as a signature is proved over them.
    pub(crate) fn header_slices(&self) -> Vec<(&str, &[u8])> {
        let headers = self.head.headers.iter();
        headers
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect()
    }

    /// The head, as a signature is proved over it.
    pub(crate) fn signed_head<'a>(&'a self, headers: &'a [(&'a str, &'a [u8])]) -> RequestHead<'a> {
        RequestHead {
            method: self.method(),
            raw_path: self.path(),
            raw_query: self.query(),
            headers,
        }
    }
}

/// The value of a header, if it is text.
pub(crate) fn text_of(value: &HeaderValue) -> Option<&str> {
    std::str::from_utf8(value.as_bytes()).ok()
}
