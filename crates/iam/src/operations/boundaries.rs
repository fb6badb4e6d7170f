//! Permissions boundaries: Put and Delete, for roles and users.

use crate::account::Account;
use crate::draft::{Written, update};
use crate::entity::Holder;
use crate::error::IamError;
use crate::records::{Role, User};
use names::PolicyArn;

/// What a boundary can be put around.
pub trait Bounded: Holder {
    #[doc(hidden)]
    fn boundary_mut(&mut self) -> &mut Option<PolicyArn>;
}

impl Bounded for Role {
    fn boundary_mut(&mut self) -> &mut Option<PolicyArn> {
        &mut self.boundary
    }
}

impl Bounded for User {
    fn boundary_mut(&mut self) -> &mut Option<PolicyArn> {
        &mut self.boundary
    }
}

/// Puts a boundary, in place of the one that is there.
///
/// # Errors
/// The kind's `NoSuchEntity`, or no such policy.
pub fn put_permissions_boundary<E: Bounded + 'static>(
    account: &Account,
    name: &E::Name,
    boundary: PolicyArn,
) -> Result<Written, IamError> {
    must_be_attachable(account, Some(&boundary))?;
    update(account, name, |entity: &mut E| {
        *entity.boundary_mut() = Some(boundary);
        Ok(())
    })
}

/// Takes the boundary away.
///
/// # Errors
/// The kind's `NoSuchEntity`, or [`IamError::NoBoundary`].
pub fn delete_permissions_boundary<E: Bounded + 'static>(
    account: &Account,
    name: &E::Name,
) -> Result<Written, IamError> {
    update(account, name, |entity: &mut E| {
        let taken = entity.boundary_mut().take();
        taken
            .map(drop)
            .ok_or_else(|| IamError::NoBoundary(entity.name_text()))
    })
}

pub(super) fn must_be_attachable(
    account: &Account,
    policy: Option<&PolicyArn>,
) -> Result<(), IamError> {
    match policy {
        Some(arn) if account.managed_document(arn).is_none() => {
            Err(IamError::NotAttachable(arn.clone()))
        }
        Some(_) | None => Ok(()),
    }
}
