//! The path of a field, as errors name it.

use std::fmt;

/// Where a validator stands: a field's path, written out only when something is wrong there.
#[derive(Debug, Clone, Copy)]
pub struct FieldPath<'p> {
    parent: Option<&'p FieldPath<'p>>,
    step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    Field(&'p str),
    Index(usize),
    Key(&'p str),
}

impl<'p> FieldPath<'p> {
    /// A field at the top of the object.
    #[must_use]
    pub const fn root(name: &'p str) -> Self {
        Self {
            parent: None,
            step: Step::Field(name),
        }
    }

    /// A field of this one; `name` may hold dots.
    #[must_use]
    pub const fn child(&'p self, name: &'p str) -> FieldPath<'p> {
        FieldPath {
            parent: Some(self),
            step: Step::Field(name),
        }
    }

    /// An item of this list.
    #[must_use]
    pub const fn index(&'p self, index: usize) -> FieldPath<'p> {
        FieldPath {
            parent: Some(self),
            step: Step::Index(index),
        }
    }

    /// A value of this map.
    #[must_use]
    pub const fn key(&'p self, key: &'p str) -> FieldPath<'p> {
        FieldPath {
            parent: Some(self),
            step: Step::Key(key),
        }
    }
}

impl fmt::Display for FieldPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}")?;
        }
        match (self.step, self.parent) {
            (Step::Field(name), None) => f.write_str(name),
            (Step::Field(name), Some(_)) => write!(f, ".{name}"),
            (Step::Index(index), _) => write!(f, "[{index}]"),
            (Step::Key(key), _) => write!(f, "[{key}]"),
        }
    }
}

impl From<FieldPath<'_>> for String {
    fn from(path: FieldPath<'_>) -> Self {
        path.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_kubernetes_prints_it() {
        let spec = FieldPath::root("spec");
        let containers = spec.child("containers");
        let path = containers.index(0);
        assert_eq!(path.child("name").to_string(), "spec.containers[0].name");
        assert_eq!(spec.key("a/b").to_string(), "spec[a/b]");
    }
}
