//! Why a policy document is refused when it is written.

use crate::draft::NotADraft;
use crate::json::Span;
use std::fmt;

/// A document that AWS refuses with `MalformedPolicyDocument`.
///
/// `Display` is AWS's own sentence, which often names neither the thing nor the place;
/// [`Self::detail`], [`Self::place`], [`Self::written`] and [`Self::nearest`] do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedPolicy {
    message: String,
    detail: String,
    written: String,
    nearest: Option<String>,
    line: usize,
    column: usize,
}

/// Longest part of a document that is shown again.
const WRITTEN_CHARS_MAX: usize = 120;

impl MalformedPolicy {
    pub(crate) fn new(text: &str, span: Span, message: impl Into<String>) -> Self {
        let (line, column) = span.line_and_column(text);
        let written = text.get(span.start..span.end).unwrap_or_default();
        Self {
            message: message.into(),
            detail: String::new(),
            written: written.chars().take(WRITTEN_CHARS_MAX).collect(),
            nearest: None,
            line,
            column,
        }
    }

    /// What the grammar does not take; `not_json` is AWS's sentence for a text that is not even JSON.
    pub(crate) fn of_draft(text: &str, why: NotADraft, not_json: &str, syntax: &str) -> Self {
        match why {
            NotADraft::NotJson(why) => {
                let span = Span {
                    start: why.at(),
                    end: why.at(),
                };
                Self::new(text, span, not_json).with(why.to_string())
            }
            NotADraft::Syntax {
                what,
                span,
                nearest,
            } => Self::new(text, span, syntax).with(what).near(nearest),
        }
    }

    pub(crate) fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    pub(crate) fn near(mut self, word: Option<&str>) -> Self {
        self.nearest = word.map(str::to_owned);
        self
    }

    /// What AWS does not say: the very thing that is wrong. Empty where AWS's sentence says it all.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Line and column in the document, from 1.
    #[must_use]
    pub fn place(&self) -> (usize, usize) {
        (self.line, self.column)
    }

    /// What is written there, its beginning when it is long.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The known word that was perhaps meant.
    #[must_use]
    pub fn nearest(&self) -> Option<&str> {
        self.nearest.as_deref()
    }
}

impl fmt::Display for MalformedPolicy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for MalformedPolicy {}
