//! How Kubernetes refuses a body.

use std::fmt::Display;

use names::Gvk;

use super::Claim;
use crate::Status;

/// So much of a body is shown when it is not understood.
const SHOWN_BYTES: usize = 30;

/// What was sent, and what should have been.
pub(crate) struct Refusal<'a> {
    pub(crate) expected: &'a Gvk,
    pub(crate) body: &'a [u8],
}

impl Refusal<'_> {
    /// The body is no object at all.
    pub(crate) fn malformed(&self, fault: &dyn Display) -> Status {
        Status::bad_request(format!(
            "the object provided is unrecognized (must be of type {}): {fault} ({})",
            self.expected.kind,
            self.summary()
        ))
    }

    /// The object is of the right type, but its fields are not.
    pub(crate) fn unfit(&self, claim: &Claim, fault: &str) -> Status {
        let kind = match claim.kind.as_str() {
            "" => self.expected.kind.as_str(),
            kind => kind,
        };
        Status::bad_request(format!(
            "{kind} in version {:?} cannot be handled as a {}: {fault}",
            self.expected.version.as_str(),
            self.expected.kind
        ))
    }

    /// A body that says nothing of its type is of the expected one.
    pub(crate) fn unless_expected(&self, claim: &Claim) -> Result<(), Status> {
        let expected = self.expected.api_version();
        let any_version = ["DeleteOptions"].contains(&self.expected.kind.as_str());
        if !claim.kind.is_empty() && claim.kind != self.expected.kind.as_str() {
            return Err(self.unfit(
                claim,
                &format!(
                    "converting ({}) to ({}): unknown conversion",
                    go_type(&claim.api_version, &claim.kind),
                    go_type(&expected, self.expected.kind.as_str())
                ),
            ));
        }
        if claim.api_version.is_empty() || any_version || claim.api_version == expected {
            return Ok(());
        }
        Err(Status::bad_request(format!(
            "the API version in the data ({}) does not match the expected API version ({expected})",
            claim.api_version
        )))
    }

    fn summary(&self) -> String {
        let shown = &self.body[..self.body.len().min(SHOWN_BYTES)];
        let dots = if self.body.len() > SHOWN_BYTES {
            " ..."
        } else {
            ""
        };
        match self.body.first() {
            None => "<empty>".to_owned(),
            Some(b'{') => format!("{}{dots}", String::from_utf8_lossy(shown)),
            Some(_) => format!("{}{dots}", data_encoding::HEXLOWER.encode(shown)),
        }
    }
}

/// `v1.Pod`
fn go_type(api_version: &str, kind: &str) -> String {
    let version = api_version.rsplit('/').next().unwrap_or_default();
    format!("{version}.{kind}")
}
