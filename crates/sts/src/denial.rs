//! A refusal by policy, or by the want of one.

use std::fmt;

use names::RoleArn;
use policy::Refusal;

use crate::directory::Asker;

/// Why a caller may not, with AWS's sentence as `Display`.
#[derive(Debug, Clone)]
pub struct Denial {
    text: String,
    /// Why.
    pub cause: DenialCause,
    /// How AWS words it.
    pub wording: Wording,
}

/// Why a caller may not.
#[derive(Debug, Clone)]
pub enum DenialCause {
    /// The policies do not allow it.
    Policies(Box<Refusal>),
    /// There is no such role, and so nobody whom it trusts.
    NoSuchRole {
        /// The role.
        role: RoleArn,
        /// What the policies said: they are asked all the same, so that nothing in the answer tells
        /// it from a refusal.
        refusal: Option<Box<Refusal>>,
    },
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
    /// A role may not be assumed.
    pub(crate) fn of_role(
        asker: Asker<'_>,
        action: &'static str,
        role: &RoleArn,
        cause: DenialCause,
    ) -> Box<Self> {
        let (text, wording) = match asker {
            Asker::WebIdentity(_) => (
                format!("Not authorized to perform {action}"),
                Wording::OfToken,
            ),
            Asker::Caller(caller) => (
                format!(
                    "User: {} is not authorized to perform: {action} on resource: {role}",
                    caller.arn()
                ),
                Wording::WithoutReason,
            ),
        };
        Box::new(Self {
            text,
            cause,
            wording,
        })
    }

    /// The caller's policies do not allow what it asks for.
    pub(crate) fn with_reason(refusal: Box<Refusal>) -> Box<Self> {
        Box::new(Self {
            text: refusal.wire_text(),
            cause: DenialCause::Policies(refusal),
            wording: Wording::WithReason,
        })
    }

    /// What the policies said, if they were asked.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.cause {
            DenialCause::Policies(refusal) => Some(refusal),
            DenialCause::NoSuchRole { refusal, .. } => refusal.as_deref(),
            DenialCause::SessionKind => None,
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}
