//! What a request asks for.

/// A request that can be decided: its verb, and what the verb is done to.
pub trait Asked {
    /// `get`, `list`, `create`, ...; of a path, the HTTP method in lower case.
    fn verb(&self) -> &str;
    /// To what.
    fn target(&self) -> Target<'_>;
}

/// What a verb is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// Objects.
    Resource(ResourceTarget<'a>),
    /// A path that is no object's: `/version`.
    Path(&'a str),
}

/// Objects of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResourceTarget<'a> {
    /// The API group; empty for the core group.
    pub group: &'a str,
    /// The plural: `pods`.
    pub plural: &'a str,
    /// `exec` of `pods/exec`.
    pub subresource: Option<&'a str>,
    /// `None`: at the cluster scope.
    pub namespace: Option<&'a str>,
    /// `None`: no object of that name is meant, but all of them or a new one.
    pub name: Option<&'a str>,
}

impl ResourceTarget<'_> {
    /// `pods`, or `pods/exec`.
    #[must_use]
    pub fn plural_and_subresource(&self) -> String {
        match self.subresource {
            Some(subresource) => format!("{}/{subresource}", self.plural),
            None => self.plural.to_owned(),
        }
    }
}

impl<A: Asked> Asked for &A {
    fn verb(&self) -> &str {
        (*self).verb()
    }

    fn target(&self) -> Target<'_> {
        (*self).target()
    }
}

impl Asked for (&str, Target<'_>) {
    fn verb(&self) -> &str {
        self.0
    }

    fn target(&self) -> Target<'_> {
        self.1
    }
}
