//! What an operation finds out while it runs, kept until it is written into the trail.

use audit::{Finding, Hop};
use iam::IamError;
use policy::MalformedPolicy;
use std::sync::{Mutex, PoisonError};

/// Findings of an operation that runs, in their order.
#[derive(Default)]
pub(crate) struct Notes(Mutex<Vec<Finding>>);

impl Notes {
    pub(crate) fn add(&self, finding: Finding) {
        self.kept().push(finding);
    }

    /// Gives them up.
    pub(crate) fn take(&self) -> Vec<Finding> {
        std::mem::take(&mut *self.kept())
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Finding>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What AWS's sentence leaves out of a refusal; `None`: nothing.
pub(crate) fn refusal(refused: &IamError) -> Option<Finding> {
    if let IamError::MalformedPolicy(why) = refused {
        return Some(malformed(why));
    }
    let names = refused.in_the_way()?.names().join(", ");
    Some(Finding::refused(Hop::Operation, refused.to_string()).fact("in the way", &names))
}

/// A document that is none: the place, the word, and the known word that was perhaps meant.
pub(crate) fn malformed(why: &MalformedPolicy) -> Finding {
    let (line, column) = why.place();
    let summary = match why.detail() {
        "" => why.to_string(),
        detail => detail.to_owned(),
    };
    let mut finding = Finding::refused(Hop::Operation, summary)
        .fact("line", &line.to_string())
        .fact("column", &column.to_string());
    if !why.written().is_empty() {
        finding = finding.fact("text", why.written());
    }
    match why.nearest() {
        Some(word) => finding.change(format!("did you mean `{word}`?")),
        None => finding,
    }
}
