//! What the nodes of a group need: a role that EC2 may assume, in an instance profile.
//!
//! AWS has no such call; eksctl makes the two by CloudFormation, and a declared plane as eksctl does.

use crate::accounts::Accounts;
use crate::draft::{Draft, Written};
use crate::entity::Entity;
use crate::error::IamError;
use crate::quotas::{self, at_most};
use crate::records::{InstanceProfile, Permissions, Role, Tag};
use jiff::Timestamp;
use names::{AccountId, IdKind, InstanceProfileName, Path, PolicyArn, RoleName, UniqueId};

/// What nodes are to find.
#[derive(Debug, Clone)]
pub struct NodeNeeds {
    /// The role asked for by name; none: whichever the instance profile holds.
    pub role: Option<RoleName>,
    /// The role to make where neither says which.
    pub role_otherwise: RoleName,
    /// The instance profile.
    pub profile: InstanceProfileName,
    /// What a new role is trusted by.
    pub trust: String,
    /// What a new role is permitted by.
    pub policies: Vec<PolicyArn>,
    /// On a new role and a new profile.
    pub tags: Vec<Tag>,
}

/// Makes what is missing; a role or profile that is there stays as it is, but a profile without a
/// role takes it.
///
/// # Errors
/// [`IamError::NotInProfile`] when the profile holds another role than the one asked for, a policy
/// that does not exist, a quota.
pub fn declare_node_needs(
    accounts: &Accounts,
    id: AccountId,
    needs: &NodeNeeds,
    now: Timestamp,
    random: [[u8; 11]; 2],
) -> Result<Written, IamError> {
    let account = accounts.account(id)?;
    let profile = account.find::<InstanceProfile>(&needs.profile).ok();
    let name = needs.role.as_ref().unwrap_or(&needs.role_otherwise);
    let role = account.find::<Role>(name).ok();
    if let Some(held) = profile.and_then(|profile| profile.role.as_ref()) {
        if needs.role.is_none() || role.is_some_and(|role| role.id == *held) {
            return Ok(Written {
                transaction: store::Transaction::new(),
                output: (),
            });
        }
        return Err(IamError::NotInProfile {
            role: name.clone(),
            profile: needs.profile.clone(),
        });
    }
    let mut draft = Draft::of(account)?;
    let role_id = match role {
        Some(role) => role.id.clone(),
        None => {
            let made = new_role(accounts, name, needs, now, random[0])?;
            for policy in &made.permissions.attached {
                super::boundaries::must_be_attachable(account, Some(policy))?;
            }
            let count = Role::shelf(account).len() + 1;
            at_most(quotas::ROLES, count, "RolesPerAccount")?;
            draft = draft.put(account, &made)?;
            made.id
        }
    };
    let profile = match profile {
        Some(profile) => InstanceProfile {
            role: Some(role_id),
            ..InstanceProfile::clone(profile)
        },
        None => {
            let count = InstanceProfile::shelf(account).len() + 1;
            at_most(
                quotas::INSTANCE_PROFILES,
                count,
                "InstanceProfilesPerAccount",
            )?;
            InstanceProfile {
                id: UniqueId::from_random(IdKind::InstanceProfile, random[1]),
                path: Path::root(),
                name: needs.profile.clone(),
                created: now,
                role: Some(role_id),
                tags: super::tags::fresh(needs.tags.clone())?,
            }
        }
    };
    Ok(draft.put(account, &profile)?.answer(()))
}

fn new_role(
    accounts: &Accounts,
    name: &RoleName,
    needs: &NodeNeeds,
    now: Timestamp,
    random: [u8; 11],
) -> Result<Role, IamError> {
    Ok(Role {
        id: UniqueId::from_random(IdKind::Role, random),
        path: Path::root(),
        name: name.clone(),
        created: now,
        trust: super::trust::pinned(accounts, &needs.trust)?,
        description: None,
        session_seconds_max: 3_600,
        boundary: None,
        permissions: Permissions {
            attached: needs.policies.clone(),
            ..Permissions::default()
        },
        tags: super::tags::fresh(needs.tags.clone())?,
    })
}
