//! Collecting what is wrong.

use crate::field_path::FieldPath;
use crate::spelling;
use crate::status::FieldError;
use serde_json::Value;
use std::collections::HashSet;

/// What was found wrong so far.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<FieldError>);

impl Faults {
    pub(super) fn into_list(self) -> Vec<FieldError> {
        self.0
    }

    pub(super) fn required(&mut self, path: FieldPath<'_>, detail: &str) {
        self.0.push(FieldError::required(path, detail));
    }

    pub(super) fn invalid(&mut self, path: FieldPath<'_>, value: &Value, detail: &str) {
        self.0
            .push(FieldError::invalid(path, value.clone(), detail));
    }

    pub(super) fn not_supported(&mut self, path: FieldPath<'_>, value: &Value, known: &[&str]) {
        self.0
            .push(FieldError::not_supported(path, text(value), known));
    }

    pub(super) fn duplicate(&mut self, path: FieldPath<'_>, value: &Value) {
        self.0.push(FieldError::duplicate(path, value.clone()));
    }

    pub(super) fn forbidden(&mut self, path: FieldPath<'_>, detail: &str) {
        self.0.push(FieldError::forbidden(path, detail));
    }

    pub(super) fn not_found(&mut self, path: FieldPath<'_>, value: &Value) {
        self.0.push(FieldError::not_found(path, value.clone()));
    }

    pub(super) fn too_long(&mut self, path: FieldPath<'_>, max: usize) {
        self.0.push(FieldError::too_long(path, max));
    }

    /// One fault for each complaint about the text.
    pub(super) fn misspelt(&mut self, path: FieldPath<'_>, text: &str, complaints: &[String]) {
        let errors = complaints
            .iter()
            .map(|complaint| FieldError::invalid(path, text, complaint));
        self.0.extend(errors);
    }

    /// The text must be there, and spelt by the rule.
    pub(super) fn named(
        &mut self,
        path: FieldPath<'_>,
        name: &Value,
        rule: fn(&str) -> Vec<String>,
    ) {
        match text(name) {
            "" => self.required(path, ""),
            name => self.misspelt(path, name, &rule(name)),
        }
    }

    /// The text must be one of those known, if it is there.
    pub(super) fn one_of(&mut self, path: FieldPath<'_>, value: &Value, known: &[&str]) {
        let found = text(value);
        if !found.is_empty() && !known.contains(&found) {
            self.not_supported(path, value, known);
        }
    }

    pub(super) fn not_negative(&mut self, path: FieldPath<'_>, value: &Value) {
        if value.as_i64().is_some_and(|number| number < 0) {
            self.invalid(path, value, "must be greater than or equal to 0");
        }
    }

    pub(super) fn in_range(&mut self, path: FieldPath<'_>, value: &Value, low: i64, high: i64) {
        if value
            .as_i64()
            .is_some_and(|number| !(low..=high).contains(&number))
        {
            self.invalid(path, value, &spelling::out_of_range(low, high));
        }
    }

    pub(super) fn port(&mut self, path: FieldPath<'_>, value: &Value) {
        self.in_range(path, value, 1, 65_535);
    }

    pub(super) fn unchanged(&mut self, path: FieldPath<'_>, value: &Value, old: &Value) {
        if value != old {
            self.invalid(path, value, "field is immutable");
        }
    }

    /// Names in a list must differ.
    pub(super) fn once<'v>(
        &mut self,
        seen: &mut HashSet<&'v str>,
        path: FieldPath<'_>,
        name: &'v Value,
    ) {
        let name_text = text(name);
        if !name_text.is_empty() && !seen.insert(name_text) {
            self.duplicate(path, name);
        }
    }
}

/// The text of a value; an absent one is empty.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The items of a value; an absent list is empty.
pub(super) fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The entries of a value; an absent map is empty.
pub(super) fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

/// Whether the value says something.
pub(super) fn is_set(value: &Value) -> bool {
    !value.is_null()
}
