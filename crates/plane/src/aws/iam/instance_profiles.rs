//! Instance profiles.

use super::roles::listed as role_listed;
use super::{named, new_keys, on, on_with, operation, page, path, prefix, tags_sent, tags_some};
use crate::aws::pass_role::may_pass;
use crate::aws::{Asks, Call, of_iam};
use crate::chance;
use ::iam::operations::instance_profiles as profiles;
use ::iam::{Account, Accounts, All, InstanceProfile, New, Role};
use awswire::AwsError;
use awswire::dto::iam::{self as wire, *};
use names::{InstanceProfileName, Path, RoleArn, RoleName};

/// An instance profile as it is shown.
pub(super) fn shown(
    accounts: &Accounts,
    account: &Account,
    profile: &InstanceProfile,
) -> wire::InstanceProfile {
    let role = profile.role.as_ref().and_then(|id| account.role_by_id(id));
    wire::InstanceProfile {
        path: profile.path.to_string(),
        instance_profile_name: profile.name.to_string(),
        instance_profile_id: profile.id.to_string(),
        arn: account.instance_profile_arn(profile).to_string(),
        create_date: profile.created,
        roles: role
            .into_iter()
            .map(|role| role_listed(accounts, account, role))
            .collect(),
        tags: tags_some(&profile.tags),
    }
}

fn of_profile(name: &str, call: &Call<'_>) -> Result<Asks<InstanceProfileName>, AwsError> {
    let name: InstanceProfileName = named(name)?;
    on(name, call)
}

fn of_profile_and_role(
    name: &str,
    role: &str,
    call: &Call<'_>,
) -> Result<Asks<(InstanceProfileName, RoleName)>, AwsError> {
    let (name, role): (InstanceProfileName, RoleName) = (named(name)?, named(role)?);
    on((name, role), call)
}

/// The ARN of a role in the caller's account; one that is not there has no path.
fn role_arn(name: &RoleName, call: &Call<'_>) -> Result<RoleArn, AwsError> {
    let account = call.account()?;
    let found = account.find::<Role>(name);
    Ok(found.map_or_else(
        |_| RoleArn::new(account.partition(), account.id(), &Path::root(), name),
        |role| account.role_arn(role),
    ))
}

operation! {
    "iam:CreateInstanceProfile"
    CreateInstanceProfile(CreateInstanceProfileRequest) -> CreateInstanceProfileResponse,
    about New<InstanceProfileName>;
    asks(input, call) {
        let name: InstanceProfileName = named(&input.instance_profile_name)?;
        let path = path(input.path.as_deref())?;
        let keys = new_keys(input.tags.as_ref(), None);
        on_with(New { path, name }, keys, call)
    }
    run(New { path, name }, input, call) {
        let (id, now, random) = (call.account_id(), chance::now(), chance::random());
        let tags = tags_sent(input.tags);
        let profile = call
            .change(|world| {
                let account = world.accounts.account(id)?;
                let (path, name, tags) = (path.clone(), name.clone(), tags.clone());
                profiles::create_instance_profile(account, path, name, tags, now, random)
            })
            .await?;
        let shown = shown(&call.world.accounts, call.account()?, &profile);
        Ok(CreateInstanceProfileResponse { instance_profile: shown })
    }
}

operation! {
    "iam:GetInstanceProfile"
    GetInstanceProfile(GetInstanceProfileRequest) -> GetInstanceProfileResponse,
    about InstanceProfileName;
    asks(input, call) { of_profile(&input.instance_profile_name, call) }
    run(name, _, call) {
        let account = call.account()?;
        let profile = profiles::get_instance_profile(account, name)
            .map_err(|refused| of_iam(&refused))?;
        let shown = shown(&call.world.accounts, account, profile);
        Ok(GetInstanceProfileResponse { instance_profile: shown })
    }
}

operation! {
    "iam:ListInstanceProfiles"
    ListInstanceProfiles(ListInstanceProfilesRequest) -> ListInstanceProfilesResponse, about All;
    asks(_, call) { on(All("instance-profile"), call) }
    run(_, input, call) {
        let (accounts, account) = (&call.world.accounts, call.account()?);
        let wanted = page(input.marker, input.max_items);
        let prefix = prefix(input.path_prefix.as_deref());
        let found = profiles::list_instance_profiles(account, prefix, &wanted)
            .map_err(|refused| of_iam(&refused))?;
        let items = found.items.iter().map(|profile| shown(accounts, account, profile));
        Ok(ListInstanceProfilesResponse {
            instance_profiles: items.collect(),
            is_truncated: Some(found.marker.is_some()),
            marker: found.marker,
        })
    }
}

operation! {
    "iam:ListInstanceProfilesForRole"
    ListInstanceProfilesForRole(ListInstanceProfilesForRoleRequest)
        -> ListInstanceProfilesForRoleResponse, about RoleName;
    asks(input, call) {
        let name: RoleName = named(&input.role_name)?;
        on(name, call)
    }
    run(name, input, call) {
        let (accounts, account) = (&call.world.accounts, call.account()?);
        let wanted = page(input.marker, input.max_items);
        let found = profiles::list_instance_profiles_for_role(account, name, &wanted)
            .map_err(|refused| of_iam(&refused))?;
        let items = found.items.iter().map(|profile| shown(accounts, account, profile));
        Ok(ListInstanceProfilesForRoleResponse {
            instance_profiles: items.collect(),
            is_truncated: Some(found.marker.is_some()),
            marker: found.marker,
        })
    }
}

operation! {
    "iam:AddRoleToInstanceProfile"
    AddRoleToInstanceProfile(AddRoleToInstanceProfileRequest) -> AddRoleToInstanceProfileResponse,
    about (InstanceProfileName, RoleName);
    asks(input, call) {
        of_profile_and_role(&input.instance_profile_name, &input.role_name, call)
    }
    run((name, role), _, call) {
        may_pass(&role_arn(role, call)?, "ec2.amazonaws.com", call)?;
        let id = call.account_id();
        call.change(|world| {
            profiles::add_role_to_instance_profile(world.accounts.account(id)?, name, role)
        })
        .await?;
        Ok(AddRoleToInstanceProfileResponse::default())
    }
}

operation! {
    "iam:RemoveRoleFromInstanceProfile"
    RemoveRoleFromInstanceProfile(RemoveRoleFromInstanceProfileRequest)
        -> RemoveRoleFromInstanceProfileResponse, about (InstanceProfileName, RoleName);
    asks(input, call) {
        of_profile_and_role(&input.instance_profile_name, &input.role_name, call)
    }
    run((name, role), _, call) {
        let id = call.account_id();
        call.change(|world| {
            profiles::remove_role_from_instance_profile(world.accounts.account(id)?, name, role)
        })
        .await?;
        Ok(RemoveRoleFromInstanceProfileResponse::default())
    }
}

operation! {
    "iam:DeleteInstanceProfile"
    DeleteInstanceProfile(DeleteInstanceProfileRequest) -> DeleteInstanceProfileResponse,
    about InstanceProfileName;
    asks(input, call) { of_profile(&input.instance_profile_name, call) }
    run(name, _, call) {
        let id = call.account_id();
        call.change(|world| {
            profiles::delete_instance_profile(world.accounts.account(id)?, name)
        })
        .await?;
        Ok(DeleteInstanceProfileResponse::default())
    }
}
