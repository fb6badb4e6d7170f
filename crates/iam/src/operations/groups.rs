//! Groups: CreateGroup, GetGroup, ListGroups, UpdateGroup, DeleteGroup, AddUserToGroup,
//! RemoveUserFromGroup, ListGroupsForUser.

use crate::account::Account;
use crate::draft::{Draft, Written, create, update};
use crate::entity::{Entity, Kept};
use crate::error::{IamError, InTheWay};
use crate::page::{Page, PageRequest};
use crate::quotas;
use crate::records::{Group, Permissions, User};
use jiff::Timestamp;
use names::{GroupName, IdKind, Path, UniqueId, UserName};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Creates a group.
///
/// # Errors
/// A taken name, a quota.
pub fn create_group(
    account: &Account,
    path: Path,
    name: GroupName,
    now: Timestamp,
    random: [u8; 11],
) -> Result<Written<Group>, IamError> {
    let group = Group {
        id: UniqueId::from_random(IdKind::Group, random),
        path,
        name,
        created: now,
        permissions: Permissions::default(),
        members: BTreeSet::new(),
    };
    create(
        account,
        group,
        IamError::GroupExists,
        ("GroupsPerAccount", quotas::GROUPS),
    )
}

/// A group and some of the users in it.
#[derive(Debug, Clone)]
pub struct GroupShown {
    /// The group.
    pub group: Arc<Kept<Group>>,
    /// A page of its members.
    pub members: Page<Arc<Kept<User>>>,
}

/// A group and a page of its members.
///
/// # Errors
/// [`IamError::NoGroup`], a bad marker.
pub fn get_group(
    account: &Account,
    name: &GroupName,
    page: &PageRequest,
) -> Result<GroupShown, IamError> {
    let group = Arc::clone(account.find::<Group>(name)?);
    let members = super::page_of(account, page, |user: &User| {
        group.members.contains(&user.id)
    })?;
    Ok(GroupShown { group, members })
}

/// The groups whose path begins so.
///
/// # Errors
/// A bad marker.
pub fn list_groups(
    account: &Account,
    path_prefix: &str,
    page: &PageRequest,
) -> Result<Page<Arc<Kept<Group>>>, IamError> {
    super::page_of(account, page, |group: &Group| {
        group.path.as_str().starts_with(path_prefix)
    })
}

/// The groups that a user is in.
///
/// # Errors
/// [`IamError::NoUser`], a bad marker.
pub fn list_groups_for_user(
    account: &Account,
    user: &UserName,
    page: &PageRequest,
) -> Result<Page<Arc<Kept<Group>>>, IamError> {
    let user = account.find::<User>(user)?;
    super::page_of(account, page, |group: &Group| {
        group.members.contains(&user.id)
    })
}

/// Renames or moves a group.
///
/// # Errors
/// [`IamError::NoGroup`], [`IamError::GroupExists`].
pub fn update_group(
    account: &Account,
    name: &GroupName,
    new_name: Option<GroupName>,
    new_path: Option<Path>,
) -> Result<Written, IamError> {
    let mut group = Group::clone(account.find::<Group>(name)?);
    group.path = new_path.unwrap_or(group.path);
    group.name = new_name.unwrap_or(group.name);
    if Group::key(&group.name) != Group::key(name) && account.find::<Group>(&group.name).is_ok() {
        return Err(IamError::GroupExists(group.name));
    }
    Ok(Draft::of(account)?
        .delete::<Group>(account, name)
        .put(account, &group)?
        .answer(()))
}

/// Deletes an empty group on which nothing hangs any more.
///
/// # Errors
/// [`IamError::NoGroup`], or the `DeleteConflict` that says what to remove first.
pub fn delete_group(account: &Account, name: &GroupName) -> Result<Written, IamError> {
    let group = account.find::<Group>(name)?;
    let members = account.all::<User>();
    let members = members.filter(|user| group.members.contains(&user.id));
    if let Some(users) = InTheWay::of(members.map(|user| user.name.to_string())) {
        return Err(IamError::MustRemoveUsers(users));
    }
    super::must_be_bare(&group.permissions)?;
    Ok(Draft::of(account)?
        .delete::<Group>(account, name)
        .answer(()))
}

/// Puts a user in a group; nothing happens when it is there already.
///
/// # Errors
/// [`IamError::NoGroup`], [`IamError::NoUser`], an eleventh group.
pub fn add_user_to_group(
    account: &Account,
    group: &GroupName,
    user: &UserName,
) -> Result<Written, IamError> {
    let id = account.find::<User>(user)?.id.clone();
    update(account, group, |group: &mut Group| {
        if group.members.insert(id.clone()) {
            quotas::at_most(
                quotas::GROUPS_OF_A_USER,
                account.groups_of(&id).count() + 1,
                "GroupsPerUser",
            )?;
        }
        Ok(())
    })
}

/// Takes a user out of a group.
///
/// # Errors
/// [`IamError::NoGroup`], [`IamError::NoUser`], [`IamError::NotAMember`].
pub fn remove_user_from_group(
    account: &Account,
    group: &GroupName,
    user: &UserName,
) -> Result<Written, IamError> {
    let id = account.find::<User>(user)?.id.clone();
    update(account, group, |found: &mut Group| {
        let gone = found.members.remove(&id);
        gone.then_some(()).ok_or_else(|| IamError::NotAMember {
            user: user.clone(),
            group: group.clone(),
        })
    })
}
