//! Warnings about documents that are well formed and yet do not do what their author meant.
//!
//! Each has a stable code; [`explanation`] says what it means without a network. What one document
//! shows is warned of here, with the users and roles that exist at hand. What only the whole world
//! shows (a caller without the permission that its account was trusted for, one side of two accounts,
//! a boundary that lacks an action, a level of an organisation that allows nothing, a duration above a
//! role's) is no matter of a document: [`crate::explain`] names it for the request that meets it.

mod codes;
mod conditions;
mod statements;
mod trust;

pub use codes::{codes, explanation};

use crate::document::{Document, PolicyLanguage};
use crate::json::Span;
use crate::principal_element::PrincipalDirectory;
use serde::Serialize;

/// A warning about a place in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Its stable code.
    pub code: &'static str,
    /// What is wrong here.
    pub message: String,
    /// Where, from 1.
    pub line: usize,
    /// Where, from 1.
    pub column: usize,
}

/// Who holds a document, as far as that matters to what it can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A role: its sessions have no user name.
    Role,
    /// A user, a group, or whoever it will be attached to.
    Anybody,
}

/// All warnings about a document, in the order of its text.
#[must_use]
pub fn warnings(
    document: &Document,
    holder: Holder,
    directory: &dyn PrincipalDirectory,
) -> Vec<Warning> {
    let mut found = Found {
        document,
        holder,
        directory,
        warnings: Vec::new(),
    };
    found.variables();
    found.pod_identity();
    for statement in &document.statements {
        found.statement(statement);
        for condition in &statement.conditions {
            found.condition(condition, statement);
        }
        found.trust(statement);
    }
    found
        .warnings
        .sort_by_key(|warning| (warning.line, warning.column));
    found.warnings
}

struct Found<'a> {
    document: &'a Document,
    holder: Holder,
    directory: &'a dyn PrincipalDirectory,
    warnings: Vec<Warning>,
}

impl Found<'_> {
    fn add(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        let (line, column) = span.line_and_column(&self.document.text);
        self.warnings.push(Warning {
            code,
            message: message.into(),
            line,
            column,
        });
    }

    fn variables(&mut self) {
        let at = self.document.text.find("${aws:");
        if let (PolicyLanguage::V2008, Some(start)) = (self.document.language, at) {
            let span = Span {
                start,
                end: start + 2,
            };
            self.add("RC-LANG-001", span, "`${aws:` is literal text here");
        }
    }
}
