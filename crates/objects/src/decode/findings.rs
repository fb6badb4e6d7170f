//! Where a reader stands in an object, and what it found wrong on its way.

use std::fmt::Write as _;

use crate::schema::{Field, Schema, go};

/// How many strict faults are told of one object.
const STRICT_MAX: usize = 100;

/// What is wrong with a body that is well formed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// Unknown and duplicate fields, in the order in which they were met.
    pub strict: Vec<String>,
    /// The first value of another type than its field.
    pub mismatch: Option<String>,
}

/// One step down from the root.
#[derive(Clone, Copy)]
pub(crate) enum Step<'s> {
    /// Into a field of a structure, with the structure's name.
    Field(&'s str, Field<'s>),
    /// To the value of a key; the text stands in the keys of the walk.
    Key,
    /// To an item.
    Index(usize),
}

/// The way from the root to the value that is being read.
#[derive(Default)]
pub(crate) struct Walk<'s> {
    steps: Vec<Step<'s>>,
    keys: Vec<String>,
    pub(crate) findings: Findings,
}

impl<'s> Walk<'s> {
    pub(crate) fn enter_field(&mut self, structure: &'s str, field: Field<'s>) {
        self.steps.push(Step::Field(structure, field));
    }

    pub(crate) fn enter_key(&mut self, key: &str) {
        self.steps.push(Step::Key);
        self.keys.push(key.to_owned());
    }

    pub(crate) fn enter_item(&mut self, index: usize) {
        self.steps.push(Step::Index(index));
    }

    pub(crate) fn leave(&mut self) {
        if matches!(self.steps.pop(), Some(Step::Key)) {
            self.keys.pop();
        }
    }

    /// A key that the structure here does not have.
    pub(crate) fn unknown(&mut self, key: &str) {
        self.note("unknown", key);
    }

    /// A key that was given here before.
    pub(crate) fn duplicate(&mut self, key: &str) {
        self.note("duplicate", key);
    }

    /// A value that is not of the type that stands here: `found` is Go's word for it.
    pub(crate) fn mismatch(&mut self, found: &str, schema: Schema<'s>) {
        let told = match self.field() {
            Some((structure, field)) => {
                let wanted = match self.steps.last() {
                    Some(Step::Field(..)) => field.go_type(),
                    _ => go::type_name(schema),
                };
                let structure = structure.rsplit('.').next().unwrap_or(structure);
                format!(
                    "json: cannot unmarshal {found} into Go struct field {structure}.{} of type {wanted}",
                    self.go_path()
                )
            }
            None => {
                let wanted = go::type_name(schema);
                format!("json: cannot unmarshal {found} into Go value of type {wanted}")
            }
        };
        self.fault(told);
    }

    /// A value that its type refuses, in that type's own words.
    pub(crate) fn fault(&mut self, told: String) {
        self.findings.mismatch.get_or_insert(told);
    }

    fn note(&mut self, what: &str, key: &str) {
        let mut path = self.path();
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
        let told = format!("{what} field {path:?}");
        let strict = &mut self.findings.strict;
        if strict.len() < STRICT_MAX && !strict.contains(&told) {
            strict.push(told);
        }
    }

    /// `spec.containers[0].env`
    fn path(&self) -> String {
        let mut path = String::new();
        let mut keys = self.keys.iter();
        for step in &self.steps {
            let name = match step {
                Step::Field(_, field) => field.name(),
                Step::Key => keys.next().map(String::as_str).unwrap_or_default(),
                Step::Index(index) => {
                    let _ = write!(path, "[{index}]");
                    continue;
                }
            };
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
        }
        path
    }

    /// The innermost structure on the way, and its field.
    fn field(&self) -> Option<(&'s str, Field<'s>)> {
        self.steps.iter().rev().find_map(|step| match step {
            Step::Field(structure, field) => Some((*structure, *field)),
            Step::Key | Step::Index(_) => None,
        })
    }

    /// The fields on the way, as Go tells them: without items and keys.
    fn go_path(&self) -> String {
        let names = self.steps.iter().filter_map(|step| match step {
            Step::Field(_, field) => Some(field.name()),
            Step::Key | Step::Index(_) => None,
        });
        names.collect::<Vec<_>>().join(".")
    }
}
