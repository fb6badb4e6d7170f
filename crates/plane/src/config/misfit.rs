//! What does not fit in a plane.yaml, and where it is written.

/// A part of plane.yaml that is well spelt and yet cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Misfit {
    /// The way to the part: keys, and places in lists from 0.
    pub at: Vec<String>,
    /// Line and column inside the policy document that stands there, from 1.
    pub inside: Option<(usize, usize)>,
    /// What is wrong.
    pub sentence: String,
}

impl Misfit {
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self {
            at: Vec::new(),
            inside: None,
            sentence: sentence.into(),
        }
    }

    /// The same, found one key or place further from the top.
    pub(super) fn under(mut self, step: &(impl ToString + ?Sized)) -> Self {
        self.at.insert(0, step.to_string());
        self
    }

    pub(super) fn inside(mut self, place: (usize, usize)) -> Self {
        self.inside = Some(place);
        self
    }
}
