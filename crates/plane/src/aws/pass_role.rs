//! Handing a role to a service needs a permission of its own.

use super::{Asks, Call};
use crate::refused::Refused;
use names::RoleArn;
use policy::{Operation, Permit, RequestContext, Resource};

/// `iam:PassRole`.
pub(super) struct PassRole;

impl Operation for PassRole {
    const ACTION: &'static str = "iam:PassRole";
    type Target = RoleArn;
}

/// Asks whether the caller may give one of its account's roles to a service
/// (spec/iam-evaluation.md 3.8).
pub(super) fn may_pass(
    role: &RoleArn,
    service: &str,
    call: &Call<'_>,
) -> Result<Permit<PassRole>, Refused> {
    let mut keys = RequestContext::new();
    keys.set("iam:PassedToService", service);
    let resource = Resource::from(role.clone());
    call.authorise(Asks { resource, keys })
}
