//! What an operation finds out while it runs, kept until it is written into the trail.

use audit::{Finding, Hop};
use iam::{Accounts, IamError};
use policy::lint::{self, Holder};
use policy::{Document, MalformedPolicy, PermissionsPolicy, TrustPolicy};
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

/// What is to be warned of in a trust policy that was written.
pub(crate) fn of_trust(text: &str, accounts: &Accounts) -> Vec<Finding> {
    match TrustPolicy::parse(text, accounts) {
        Ok(trust) => warnings(trust.document(), Holder::Role, Hop::Trust, accounts),
        Err(_) => Vec::new(),
    }
}

/// What is to be warned of in a permissions policy that was written.
pub(crate) fn of_permissions(text: &str, holder: Holder, accounts: &Accounts) -> Vec<Finding> {
    match PermissionsPolicy::parse(text) {
        Ok(policy) => warnings(policy.document(), holder, Hop::Identity, accounts),
        Err(_) => Vec::new(),
    }
}

fn warnings(document: &Document, holder: Holder, hop: Hop, accounts: &Accounts) -> Vec<Finding> {
    let warnings = lint::warnings(document, holder, accounts).into_iter();
    let noted = warnings.map(|warning| {
        Finding::noted(hop, warning.message)
            .fact("line", &warning.line.to_string())
            .fact("column", &warning.column.to_string())
            .fact(
                "explained by",
                &format!("rolecall explain {}", warning.code),
            )
    });
    noted.collect()
}
