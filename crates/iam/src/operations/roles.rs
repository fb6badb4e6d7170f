//! Roles: CreateRole, GetRole, ListRoles, UpdateRole, UpdateRoleDescription, DeleteRole.

use crate::account::Account;
use crate::accounts::Accounts;
use crate::directory::PinnedTrust;
use crate::draft::{Draft, Written, create, update};
use crate::entity::{Entity, Kept, protected_prefix};
use crate::error::{IamError, InTheWay};
use crate::page::{Page, PageRequest};
use crate::quotas;
use crate::records::{Permissions, Role, Tag};
use jiff::Timestamp;
use names::{AccountId, IdKind, Path, PolicyArn, RoleName, UniqueId};
use std::sync::Arc;

/// What CreateRole is asked for.
#[derive(Debug, Clone)]
pub struct NewRole {
    /// Its path.
    pub path: Path,
    /// Its name.
    pub name: RoleName,
    /// Its trust policy, as sent.
    pub trust: String,
    /// Words for people.
    pub description: Option<String>,
    /// 3,600 when absent.
    pub session_seconds_max: Option<u32>,
    /// Its permissions boundary.
    pub boundary: Option<PolicyArn>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// Creates a role.
///
/// # Errors
/// A path or name that is taken, a malformed trust policy, a boundary that is no policy, bad tags, a quota.
pub fn create_role(
    accounts: &Accounts,
    id: AccountId,
    new: NewRole,
    now: Timestamp,
    random: [u8; 11],
) -> Result<Written<Role>, IamError> {
    let account = accounts.account(id)?;
    if let Some(prefix) = protected_prefix(&new.path) {
        return Err(IamError::ProtectedPath(prefix));
    }
    super::boundaries::must_be_attachable(account, new.boundary.as_ref())?;
    let role = Role {
        id: UniqueId::from_random(IdKind::Role, random),
        path: new.path,
        name: new.name,
        created: now,
        trust: super::trust::pinned(accounts, &new.trust)?,
        description: new.description,
        session_seconds_max: new.session_seconds_max.unwrap_or(3_600),
        boundary: new.boundary,
        permissions: Permissions::default(),
        tags: super::tags::fresh(new.tags)?,
    };
    create(
        account,
        role,
        IamError::RoleExists,
        ("RolesPerAccount", quotas::ROLES),
    )
}

/// The role of that name.
///
/// # Errors
/// [`IamError::NoRole`].
pub fn get_role<'a>(
    account: &'a Account,
    name: &RoleName,
) -> Result<&'a Arc<Kept<Role>>, IamError> {
    account.find::<Role>(name)
}

/// The roles whose path begins so.
///
/// # Errors
/// A bad marker.
pub fn list_roles(
    account: &Account,
    path_prefix: &str,
    page: &PageRequest,
) -> Result<Page<Arc<Kept<Role>>>, IamError> {
    super::page_of(account, page, |role: &Role| {
        role.path.as_str().starts_with(path_prefix)
    })
}

/// Changes the description and the longest session; UpdateRole takes what is absent as the default.
///
/// # Errors
/// [`IamError::NoRole`].
pub fn update_role(
    account: &Account,
    name: &RoleName,
    description: Option<String>,
    session_seconds_max: Option<u32>,
) -> Result<Written, IamError> {
    update(account, name, |role: &mut Role| {
        if let Some(description) = description {
            role.description = Some(description);
        }
        if let Some(seconds) = session_seconds_max {
            role.session_seconds_max = seconds;
        }
        Ok(())
    })
}

/// Changes the description alone.
///
/// # Errors
/// [`IamError::NoRole`].
pub fn update_role_description(
    account: &Account,
    name: &RoleName,
    description: String,
) -> Result<Written<Role>, IamError> {
    update(account, name, |role: &mut Role| {
        role.description = Some(description);
        Ok(role.clone())
    })
}

/// Deletes a role on which nothing hangs any more.
///
/// # Errors
/// [`IamError::NoRole`], [`IamError::ProtectedRole`], or the `DeleteConflict` that says what to remove first.
pub fn delete_role(account: &Account, name: &RoleName) -> Result<Written, IamError> {
    let role = account.find::<Role>(name)?;
    role.must_be_modifiable()?;
    let profiles = account.all::<crate::InstanceProfile>();
    let profiles = profiles.filter(|profile| profile.role.as_ref() == Some(&role.id));
    if let Some(profiles) = InTheWay::of(profiles.map(|profile| profile.name.to_string())) {
        return Err(IamError::MustRemoveRoles(profiles));
    }
    super::must_be_bare(&role.permissions)?;
    Ok(Draft::of(account)?.delete::<Role>(account, name).answer(()))
}

/// A role's trust policy as it is shown.
#[must_use]
pub fn trust_shown(accounts: &Accounts, trust: &PinnedTrust) -> String {
    trust.shown(accounts)
}
