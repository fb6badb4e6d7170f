//! Why a policy document is refused when it is written.

use crate::json::Span;
use std::fmt;

/// A document that AWS refuses with `MalformedPolicyDocument`.
///
/// `Display` is AWS's own sentence; [`MalformedPolicy::detail`] and the place say more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedPolicy {
    message: String,
    detail: String,
    line: usize,
    column: usize,
}

impl MalformedPolicy {
    pub(crate) fn new(text: &str, span: Span, message: impl Into<String>) -> Self {
        let (line, column) = span.line_and_column(text);
        Self {
            message: message.into(),
            detail: String::new(),
            line,
            column,
        }
    }

    pub(crate) fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// What AWS does not say: the very thing that is wrong. May be empty.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Line and column in the document, from 1.
    #[must_use]
    pub fn place(&self) -> (usize, usize) {
        (self.line, self.column)
    }
}

impl fmt::Display for MalformedPolicy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for MalformedPolicy {}
