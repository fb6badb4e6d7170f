//! The operations, one family a file.
//!
//! Each takes the account, or all accounts where it looks beyond one, and answers either what it
//! reads or a [`crate::Written`].

pub mod access_keys;
pub mod access_reports;
pub mod accounts;
pub mod aliases;
pub mod attachments;
pub mod boundaries;
pub mod credential_report;
pub mod granting;
pub mod groups;
pub mod inline;
pub mod instance_profiles;
pub mod nodes;
pub mod policies;
pub mod providers;
pub mod roles;
pub mod summary;
pub mod tags;
pub mod trust;
pub mod users;

use crate::account::Account;
use crate::entity::{Entity, Kept};
use crate::error::{IamError, InTheWay};
use crate::page::{Page, PageRequest};
use crate::records::Permissions;
use std::sync::Arc;

/// The entities of a kind that are wanted, a page of them.
fn page_of<E: Entity + 'static>(
    account: &Account,
    page: &PageRequest,
    wanted: impl Fn(&E) -> bool,
) -> Result<Page<Arc<Kept<E>>>, IamError> {
    let shelf = E::shelf(account)
        .iter()
        .filter(|(_, entity)| wanted(entity));
    page.cut(shelf.map(|(key, entity)| (key.clone(), Arc::clone(entity))))
}

/// Refuses to delete what policies still hang on.
fn must_be_bare(permissions: &Permissions) -> Result<(), IamError> {
    let attached = permissions.attached.iter().map(ToString::to_string);
    if let Some(policies) = InTheWay::of(attached) {
        return Err(IamError::MustDetachPolicies(policies));
    }
    let inline = permissions.inline.keys().map(ToString::to_string);
    match InTheWay::of(inline) {
        Some(policies) => Err(IamError::MustDeletePolicies(policies)),
        None => Ok(()),
    }
}
