//! Managed policies on roles, users and groups: Attach…, Detach…, ListAttached…, ListEntitiesForPolicy.

use crate::account::Account;
use crate::draft::{Written, update};
use crate::entity::{Holder, Kept};
use crate::error::IamError;
use crate::page::{Page, PageRequest};
use crate::quotas::at_most;
use crate::records::{Group, Permissions, Role, User};
use names::PolicyArn;
use std::sync::Arc;

/// Attaches a policy; nothing happens when it is attached already.
///
/// # Errors
/// The kind's `NoSuchEntity`, no such policy, a quota.
pub fn attach_policy<E: Holder + 'static>(
    account: &Account,
    name: &E::Name,
    arn: &PolicyArn,
) -> Result<Written, IamError> {
    let policy_must_exist = || super::boundaries::must_be_attachable(account, Some(arn));
    update(account, name, |holder: &mut E| {
        policy_must_exist()?;
        let attached = &mut holder.permissions_mut().attached;
        if !attached.contains(arn) {
            attached.push(arn.clone());
        }
        let (quota, max) = E::ATTACHED_MAX;
        at_most(max, attached.len(), quota)
    })
}

/// Detaches a policy.
///
/// # Errors
/// The kind's `NoSuchEntity`, [`IamError::NotAttached`].
pub fn detach_policy<E: Holder + 'static>(
    account: &Account,
    name: &E::Name,
    arn: &PolicyArn,
) -> Result<Written, IamError> {
    update(account, name, |holder: &mut E| {
        let attached = &mut holder.permissions_mut().attached;
        let place = attached.iter().position(|policy| policy == arn);
        attached.remove(place.ok_or_else(|| IamError::NotAttached(arn.clone()))?);
        Ok(())
    })
}

/// The policies attached, of those whose path begins so.
///
/// # Errors
/// The kind's `NoSuchEntity`, a bad marker.
pub fn list_attached_policies<E: Holder + 'static>(
    account: &Account,
    name: &E::Name,
    path_prefix: &str,
    page: &PageRequest,
) -> Result<Page<PolicyArn>, IamError> {
    let mut attached = account.find::<E>(name)?.permissions().attached.clone();
    attached.retain(|arn| arn.path().as_str().starts_with(path_prefix));
    attached.sort();
    page.cut(attached.into_iter().map(|arn| (arn.to_string(), arn)))
}

/// Who has a policy attached, or as a boundary.
#[derive(Debug, Clone)]
pub enum PolicyEntity {
    /// A role.
    Role(Arc<Kept<Role>>),
    /// A user.
    User(Arc<Kept<User>>),
    /// A group.
    Group(Arc<Kept<Group>>),
}

/// How a policy is used by an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyUsage {
    /// Attached, for its permissions.
    Permissions,
    /// As the permissions boundary.
    Boundary,
}

/// The entities that use a policy, roles first, then users, then groups.
///
/// # Errors
/// [`IamError::NoPolicy`], a bad marker.
pub fn list_entities_for_policy(
    account: &Account,
    arn: &PolicyArn,
    usage: PolicyUsage,
    wanted: impl Fn(&PolicyEntity) -> bool,
    page: &PageRequest,
) -> Result<Page<PolicyEntity>, IamError> {
    if account.managed_document(arn).is_none() {
        return Err(IamError::NoPolicy(arn.clone()));
    }
    let uses = |attached: &[PolicyArn], boundary: Option<&PolicyArn>| match usage {
        PolicyUsage::Permissions => attached.contains(arn),
        PolicyUsage::Boundary => boundary == Some(arn),
    };
    let roles = account
        .roles
        .iter()
        .filter(|(_, role)| uses(&role.permissions.attached, role.boundary.as_ref()));
    let users = account
        .users
        .iter()
        .filter(|(_, user)| uses(&user.permissions.attached, user.boundary.as_ref()));
    let groups = account
        .groups
        .iter()
        .filter(|(_, group)| uses(&group.permissions.attached, None));
    let entities = roles
        .map(|(key, role)| (format!("1{key}"), PolicyEntity::Role(Arc::clone(role))))
        .chain(users.map(|(key, user)| (format!("2{key}"), PolicyEntity::User(Arc::clone(user)))))
        .chain(
            groups.map(|(key, group)| (format!("3{key}"), PolicyEntity::Group(Arc::clone(group)))),
        );
    page.cut(entities.filter(|(_, entity)| wanted(entity)))
}

/// How many entities of the account use a policy in that way.
#[must_use]
pub fn usage_count(account: &Account, arn: &PolicyArn, usage: PolicyUsage) -> usize {
    let bounds = |boundary: &Option<PolicyArn>| boundary.as_ref() == Some(arn);
    match usage {
        PolicyUsage::Permissions => {
            account
                .all::<Role>()
                .filter(|role| role.permissions.attached.contains(arn))
                .count()
                + account
                    .all::<User>()
                    .filter(|user| user.permissions.attached.contains(arn))
                    .count()
                + account
                    .all::<Group>()
                    .filter(|group| group.permissions.attached.contains(arn))
                    .count()
        }
        PolicyUsage::Boundary => {
            account
                .all::<Role>()
                .filter(|role| bounds(&role.boundary))
                .count()
                + account
                    .all::<User>()
                    .filter(|user| bounds(&user.boundary))
                    .count()
        }
    }
}

/// Everybody who has a policy or is bounded by it: `role ci`, `user bob`.
pub(super) fn holders(account: &Account, arn: &PolicyArn) -> Vec<String> {
    let uses = |permissions: &Permissions, boundary: Option<&PolicyArn>| {
        permissions.attached.contains(arn) || boundary == Some(arn)
    };
    let roles = account.all::<Role>();
    let roles = roles.filter(|role| uses(&role.permissions, role.boundary.as_ref()));
    let users = account.all::<User>();
    let users = users.filter(|user| uses(&user.permissions, user.boundary.as_ref()));
    let groups = account.all::<Group>();
    let groups = groups.filter(|group| uses(&group.permissions, None));
    roles
        .map(|role| format!("role {}", role.name))
        .chain(users.map(|user| format!("user {}", user.name)))
        .chain(groups.map(|group| format!("group {}", group.name)))
        .collect()
}
