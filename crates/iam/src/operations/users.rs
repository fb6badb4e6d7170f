//! Users: CreateUser, GetUser, ListUsers, UpdateUser, DeleteUser.

use crate::account::Account;
use crate::draft::{Draft, Written, create};
use crate::entity::{Entity, Kept};
use crate::error::{IamError, InTheWay};
use crate::page::{Page, PageRequest};
use crate::quotas;
use crate::records::{Permissions, Tag, User};
use jiff::Timestamp;
use names::{IdKind, Path, PolicyArn, UniqueId, UserName};
use std::sync::Arc;

/// What CreateUser is asked for.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Its path.
    pub path: Path,
    /// Its name.
    pub name: UserName,
    /// Its permissions boundary.
    pub boundary: Option<PolicyArn>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// Creates a user.
///
/// # Errors
/// A taken name, a boundary that is no policy, bad tags, a quota.
pub fn create_user(
    account: &Account,
    new: NewUser,
    now: Timestamp,
    random: [u8; 11],
) -> Result<Written<User>, IamError> {
    super::boundaries::must_be_attachable(account, new.boundary.as_ref())?;
    let user = User {
        id: UniqueId::from_random(IdKind::User, random),
        path: new.path,
        name: new.name,
        created: now,
        boundary: new.boundary,
        permissions: Permissions::default(),
        access_keys: Vec::new(),
        tags: super::tags::fresh(new.tags)?,
    };
    create(
        account,
        user,
        IamError::UserExists,
        ("UsersPerAccount", quotas::USERS),
    )
}

/// The user of that name.
///
/// # Errors
/// [`IamError::NoUser`].
pub fn get_user<'a>(
    account: &'a Account,
    name: &UserName,
) -> Result<&'a Arc<Kept<User>>, IamError> {
    account.find::<User>(name)
}

/// The users whose path begins so.
///
/// # Errors
/// A bad marker.
pub fn list_users(
    account: &Account,
    path_prefix: &str,
    page: &PageRequest,
) -> Result<Page<Arc<Kept<User>>>, IamError> {
    super::page_of(account, page, |user: &User| {
        user.path.as_str().starts_with(path_prefix)
    })
}

/// Renames or moves a user; its unique id, and so every trust in it, stays.
///
/// # Errors
/// [`IamError::NoUser`], [`IamError::UserExists`].
pub fn update_user(
    account: &Account,
    name: &UserName,
    new_name: Option<UserName>,
    new_path: Option<Path>,
) -> Result<Written, IamError> {
    let mut user = User::clone(account.find::<User>(name)?);
    user.path = new_path.unwrap_or(user.path);
    user.name = new_name.unwrap_or(user.name);
    if User::key(&user.name) != User::key(name) && account.find::<User>(&user.name).is_ok() {
        return Err(IamError::UserExists(user.name));
    }
    Ok(Draft::of(account)?
        .delete::<User>(account, name)
        .put(account, &user)?
        .answer(()))
}

/// Deletes a user on whom nothing hangs any more.
///
/// # Errors
/// [`IamError::NoUser`], or the `DeleteConflict` that says what to remove first.
pub fn delete_user(account: &Account, name: &UserName) -> Result<Written, IamError> {
    let user = account.find::<User>(name)?;
    let groups = account.groups_of(&user.id);
    if let Some(groups) = InTheWay::of(groups.map(|group| group.name.to_string())) {
        return Err(IamError::MustLeaveGroups(groups));
    }
    super::must_be_bare(&user.permissions)?;
    let keys = user.access_keys.iter().map(|key| key.id.to_string());
    if let Some(keys) = InTheWay::of(keys) {
        return Err(IamError::MustDeleteAccessKeys(keys));
    }
    Ok(Draft::of(account)?.delete::<User>(account, name).answer(()))
}
