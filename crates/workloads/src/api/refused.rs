//! Why the API did not do what was asked.

/// Why the API did not do what was asked: the reasons that a controller tells apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It does not exist.
    #[error("{0}")]
    NotFound(String),
    /// One of that name exists.
    #[error("{0}")]
    AlreadyExists(String),
    /// It changed meanwhile.
    #[error("{0}")]
    Conflict(String),
    /// Its namespace is on its way out, and takes nothing new.
    #[error("{0}")]
    NamespaceEnding(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl Refused {
    /// It does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound(_))
    }
}
