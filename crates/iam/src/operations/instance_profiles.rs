//! Instance profiles: CreateInstanceProfile, GetInstanceProfile, ListInstanceProfiles,
//! ListInstanceProfilesForRole, AddRoleToInstanceProfile, RemoveRoleFromInstanceProfile,
//! DeleteInstanceProfile.

use crate::account::Account;
use crate::draft::{Draft, Written, create, update};
use crate::entity::{Entity, Kept};
use crate::error::{IamError, InTheWay};
use crate::page::{Page, PageRequest};
use crate::quotas;
use crate::records::{InstanceProfile, Role, Tag};
use jiff::Timestamp;
use names::{IdKind, InstanceProfileName, Path, RoleName, UniqueId};
use std::sync::Arc;

/// Creates an instance profile, without a role.
///
/// # Errors
/// A taken name, bad tags, a quota.
pub fn create_instance_profile(
    account: &Account,
    path: Path,
    name: InstanceProfileName,
    tags: Vec<Tag>,
    now: Timestamp,
    random: [u8; 11],
) -> Result<Written<InstanceProfile>, IamError> {
    let id = UniqueId::from_random(IdKind::InstanceProfile, random);
    let tags = super::tags::fresh(tags)?;
    let profile = InstanceProfile {
        id,
        path,
        name,
        created: now,
        role: None,
        tags,
    };
    let quota = ("InstanceProfilesPerAccount", quotas::INSTANCE_PROFILES);
    create(account, profile, IamError::InstanceProfileExists, quota)
}

/// The instance profile of that name.
///
/// # Errors
/// [`IamError::NoInstanceProfile`].
pub fn get_instance_profile<'a>(
    account: &'a Account,
    name: &InstanceProfileName,
) -> Result<&'a Arc<Kept<InstanceProfile>>, IamError> {
    account.find::<InstanceProfile>(name)
}

/// The instance profiles whose path begins so.
///
/// # Errors
/// A bad marker.
pub fn list_instance_profiles(
    account: &Account,
    path_prefix: &str,
    page: &PageRequest,
) -> Result<Page<Arc<Kept<InstanceProfile>>>, IamError> {
    super::page_of(account, page, |profile: &InstanceProfile| {
        profile.path.as_str().starts_with(path_prefix)
    })
}

/// The instance profiles that hold a role.
///
/// # Errors
/// [`IamError::NoRole`], a bad marker.
pub fn list_instance_profiles_for_role(
    account: &Account,
    role: &RoleName,
    page: &PageRequest,
) -> Result<Page<Arc<Kept<InstanceProfile>>>, IamError> {
    let id = &account.find::<Role>(role)?.id;
    super::page_of(account, page, |profile: &InstanceProfile| {
        profile.role.as_ref() == Some(id)
    })
}

/// Puts a role in an instance profile, which holds at most one.
///
/// # Errors
/// [`IamError::NoInstanceProfile`], [`IamError::NoRole`], a second role.
pub fn add_role_to_instance_profile(
    account: &Account,
    name: &InstanceProfileName,
    role: &RoleName,
) -> Result<Written, IamError> {
    let found = account.find::<Role>(role)?;
    found.must_be_modifiable()?;
    let id = found.id.clone();
    update(account, name, |profile: &mut InstanceProfile| {
        if profile.role.is_some() {
            return Err(IamError::QuotaExceeded {
                quota: "InstanceSessionsPerInstanceProfile",
                max: 1,
            });
        }
        profile.role = Some(id);
        Ok(())
    })
}

/// Takes the role out of an instance profile.
///
/// # Errors
/// [`IamError::NoInstanceProfile`], [`IamError::NoRole`], [`IamError::NotInProfile`].
pub fn remove_role_from_instance_profile(
    account: &Account,
    name: &InstanceProfileName,
    role: &RoleName,
) -> Result<Written, IamError> {
    let found = account.find::<Role>(role)?;
    found.must_be_modifiable()?;
    let id = &found.id;
    update(account, name, |profile: &mut InstanceProfile| {
        if profile.role.as_ref() != Some(id) {
            return Err(IamError::NotInProfile {
                role: role.clone(),
                profile: name.clone(),
            });
        }
        profile.role = None;
        Ok(())
    })
}

/// Deletes an instance profile that holds no role.
///
/// # Errors
/// [`IamError::NoInstanceProfile`], [`IamError::MustRemoveRoles`].
pub fn delete_instance_profile(
    account: &Account,
    name: &InstanceProfileName,
) -> Result<Written, IamError> {
    let profile = account.find::<InstanceProfile>(name)?;
    let roles = account.all::<Role>();
    let held = roles.filter(|role| profile.role.as_ref() == Some(&role.id));
    if let Some(roles) = InTheWay::of(held.map(|role| role.name.to_string())) {
        return Err(IamError::MustRemoveRoles(roles));
    }
    Ok(Draft::of(account)?
        .delete::<InstanceProfile>(account, name)
        .answer(()))
}
