//! Fields that an apply would take from others.

use super::owners::{FieldOwner, Owners};
use super::path::PathElement;
use super::set::FieldSet;
use crate::status::{Cause, Status};
use std::fmt;

/// A field, and who else wants it otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Who has it.
    pub owner: FieldOwner,
    /// The field.
    pub path: Vec<PathElement>,
}

/// All conflicts of an apply; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflicts(pub Vec<Conflict>);

impl Conflicts {
    /// What others own of `written`.
    pub(super) fn between(owners: &Owners, but: &FieldOwner, written: &FieldSet) -> Self {
        let others = owners.iter().filter(|(owner, _)| *owner != but);
        let conflicts = others.flat_map(|(owner, owned)| {
            let paths = owned.fields.intersection(written).paths();
            paths.into_iter().map(|path| Conflict {
                owner: owner.clone(),
                path,
            })
        });
        Self(conflicts.collect())
    }

    /// The fields that are in conflict.
    pub(super) fn fields(&self) -> FieldSet {
        let mut fields = FieldSet::default();
        self.0
            .iter()
            .for_each(|conflict| fields.insert(&conflict.path));
        fields
    }

    /// Those about other fields.
    pub(super) fn without(self, fields: &FieldSet) -> Self {
        let is_left = |conflict: &Conflict| {
            let mut field = FieldSet::default();
            field.insert(&conflict.path);
            !field.difference(fields).is_empty()
        };
        Self(self.0.into_iter().filter(is_left).collect())
    }

    /// The 409 answer.
    #[must_use]
    pub fn status(&self) -> Status {
        let causes = self.0.iter().map(|conflict| Cause {
            reason: "FieldManagerConflict".to_owned(),
            message: format!("conflict with {}", conflict.owner),
            field: Path(&conflict.path).to_string(),
        });
        Status::apply_conflict(self.to_string(), causes.collect())
    }
}

impl fmt::Display for Conflicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = self.0.as_slice() {
            let (owner, path) = (&only.owner, Path(&only.path));
            return write!(
                f,
                "Apply failed with 1 conflict: conflict with {owner}: {path}"
            );
        }
        write!(f, "Apply failed with {} conflicts: ", self.0.len())?;
        let mut last = None;
        for Conflict { owner, path } in &self.0 {
            if last != Some(owner) {
                let newline = if last.is_none() { "" } else { "\n" };
                write!(f, "{newline}conflicts with {owner}:")?;
                last = Some(owner);
            }
            write!(f, "\n- {}", Path(path))?;
        }
        Ok(())
    }
}

struct Path<'p>(&'p [PathElement]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|element| write!(f, "{element}"))
    }
}
