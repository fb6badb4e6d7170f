//! A refusal by policy, or by the want of one.

use std::fmt;

use crate::directory::DenialReason;
use crate::question::{Asker, Question};

/// Why a caller may not, with AWS's sentence as `Display`.
#[derive(Debug, Clone)]
pub struct Denial {
    /// The sentence on the wire.
    text: String,
    /// The action that was refused.
    pub action: &'static str,
    /// What it was about.
    pub resource: String,
    /// Why.
    pub cause: DenialCause,
    /// How AWS words it.
    pub wording: Wording,
}

/// Why a caller may not.
#[derive(Debug, Clone)]
pub enum DenialCause {
    /// The policies, or that none allows.
    Policies(DenialReason),
    /// There is no such role; the answer does not tell it from a refusal.
    ///
    /// The policies were asked all the same, so that nothing tells it from a refusal.
    NoSuchRole(Option<DenialReason>),
    /// Sessions of this kind never may, whatever policies say.
    SessionKind,
}

/// How AWS words a denial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// AssumeRole: caller's side, trust side and missing role read the same.
    WithoutReason,
    /// All else.
    WithReason,
    /// AssumeRoleWithWebIdentity: not even who asked.
    OfToken,
}

impl Denial {
    pub(crate) fn of(question: &Question<'_>, cause: DenialCause, wording: Wording) -> Box<Self> {
        let action = question.action;
        let text = match question.asker {
            Asker::WebIdentity(_) => format!("Not authorized to perform {action}"),
            Asker::Caller(caller) => {
                let reason = match (&cause, wording) {
                    (DenialCause::Policies(reason), Wording::WithReason) => {
                        format!(" {}", reason.wire)
                    }
                    (DenialCause::Policies(_), Wording::WithoutReason | Wording::OfToken)
                    | (DenialCause::NoSuchRole(_) | DenialCause::SessionKind, _) => String::new(),
                };
                let (caller, resource) = (caller.arn(), &question.resource);
                format!(
                    "User: {caller} is not authorized to perform: {action} on resource: {resource}{reason}"
                )
            }
        };
        Box::new(Self {
            text,
            action,
            resource: question.resource.clone(),
            cause,
            wording,
        })
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
