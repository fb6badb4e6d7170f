//! Groups, who is in them, and the policies attached to them.

use super::users::listed;
use super::{
    arn, attached_shown, named, named_some, on, on_with, operation, page, path, policy_key, prefix,
};
use crate::aws::{Asks, Call, of_iam};
use crate::chance;
use ::iam::operations::{attachments, groups};
use ::iam::{Account, All, Group, New};
use awswire::AwsError;
use awswire::dto::iam::{self as wire, *};
use names::{GroupName, Path, PolicyArn, UserName};

/// A group as it is shown.
fn shown(account: &Account, group: &Group) -> wire::Group {
    wire::Group {
        path: group.path.to_string(),
        group_name: group.name.to_string(),
        group_id: group.id.to_string(),
        arn: account.group_arn(group).to_string(),
        create_date: group.created,
    }
}

fn of_group(name: &str, call: &Call<'_>) -> Result<Asks<GroupName>, AwsError> {
    let name: GroupName = named(name)?;
    on(name, call)
}

fn of_group_and_policy(
    name: &str,
    policy: &str,
    call: &Call<'_>,
) -> Result<Asks<(GroupName, PolicyArn)>, AwsError> {
    let (name, policy): (GroupName, PolicyArn) = (named(name)?, arn(policy)?);
    let keys = policy_key(&policy);
    on_with((name, policy), keys, call)
}

fn of_group_and_user(
    name: &str,
    user: &str,
    call: &Call<'_>,
) -> Result<Asks<(GroupName, UserName)>, AwsError> {
    let (name, user): (GroupName, UserName) = (named(name)?, named(user)?);
    on((name, user), call)
}

operation! {
    "iam:CreateGroup"
    CreateGroup(CreateGroupRequest) -> CreateGroupResponse, about New<GroupName>;
    asks(input, call) {
        let (path, name) = (path(input.path.as_deref())?, named::<GroupName>(&input.group_name)?);
        on(New { path, name }, call)
    }
    run(New { path, name }, _, call) {
        let (id, now, random) = (call.account_id(), chance::now(), chance::random());
        let group = call
            .change(|world| {
                let account = world.accounts.account(id)?;
                groups::create_group(account, path.clone(), name.clone(), now, random)
            })
            .await?;
        Ok(CreateGroupResponse { group: shown(call.account()?, &group) })
    }
}

operation! {
    "iam:GetGroup"
    GetGroup(GetGroupRequest) -> GetGroupResponse, about GroupName;
    asks(input, call) { of_group(&input.group_name, call) }
    run(name, input, call) {
        let account = call.account()?;
        let wanted = page(input.marker, input.max_items);
        let found =
            groups::get_group(account, name, &wanted).map_err(|refused| of_iam(&refused))?;
        Ok(GetGroupResponse {
            group: shown(account, &found.group),
            users: found.members.items.iter().map(|user| listed(account, user)).collect(),
            is_truncated: Some(found.members.marker.is_some()),
            marker: found.members.marker,
        })
    }
}

operation! {
    "iam:ListGroups"
    ListGroups(ListGroupsRequest) -> ListGroupsResponse, about All;
    asks(_, call) { on(All("group"), call) }
    run(_, input, call) {
        let account = call.account()?;
        let wanted = page(input.marker, input.max_items);
        let found = groups::list_groups(account, prefix(input.path_prefix.as_deref()), &wanted)
            .map_err(|refused| of_iam(&refused))?;
        Ok(ListGroupsResponse {
            groups: found.items.iter().map(|group| shown(account, group)).collect(),
            is_truncated: Some(found.marker.is_some()),
            marker: found.marker,
        })
    }
}

operation! {
    "iam:ListGroupsForUser"
    ListGroupsForUser(ListGroupsForUserRequest) -> ListGroupsForUserResponse, about UserName;
    asks(input, call) {
        let name: UserName = named(&input.user_name)?;
        on(name, call)
    }
    run(name, input, call) {
        let account = call.account()?;
        let wanted = page(input.marker, input.max_items);
        let found = groups::list_groups_for_user(account, name, &wanted)
            .map_err(|refused| of_iam(&refused))?;
        Ok(ListGroupsForUserResponse {
            groups: found.items.iter().map(|group| shown(account, group)).collect(),
            is_truncated: Some(found.marker.is_some()),
            marker: found.marker,
        })
    }
}

operation! {
    "iam:UpdateGroup"
    UpdateGroup(UpdateGroupRequest) -> UpdateGroupResponse, about GroupName;
    asks(input, call) { of_group(&input.group_name, call) }
    run(name, input, call) {
        let id = call.account_id();
        let new_name: Option<GroupName> = named_some(input.new_group_name.as_deref())?;
        let new_path: Option<Path> = named_some(input.new_path.as_deref())?;
        call.change(|world| {
            let account = world.accounts.account(id)?;
            groups::update_group(account, name, new_name.clone(), new_path.clone())
        })
        .await?;
        Ok(UpdateGroupResponse::default())
    }
}

operation! {
    "iam:DeleteGroup"
    DeleteGroup(DeleteGroupRequest) -> DeleteGroupResponse, about GroupName;
    asks(input, call) { of_group(&input.group_name, call) }
    run(name, _, call) {
        let id = call.account_id();
        call.change(|world| groups::delete_group(world.accounts.account(id)?, name)).await?;
        Ok(DeleteGroupResponse::default())
    }
}

operation! {
    "iam:AddUserToGroup"
    AddUserToGroup(AddUserToGroupRequest) -> AddUserToGroupResponse, about (GroupName, UserName);
    asks(input, call) { of_group_and_user(&input.group_name, &input.user_name, call) }
    run((group, user), _, call) {
        let id = call.account_id();
        call.change(|world| {
            groups::add_user_to_group(world.accounts.account(id)?, group, user)
        })
        .await?;
        Ok(AddUserToGroupResponse::default())
    }
}

operation! {
    "iam:RemoveUserFromGroup"
    RemoveUserFromGroup(RemoveUserFromGroupRequest) -> RemoveUserFromGroupResponse,
    about (GroupName, UserName);
    asks(input, call) { of_group_and_user(&input.group_name, &input.user_name, call) }
    run((group, user), _, call) {
        let id = call.account_id();
        call.change(|world| {
            groups::remove_user_from_group(world.accounts.account(id)?, group, user)
        })
        .await?;
        Ok(RemoveUserFromGroupResponse::default())
    }
}

operation! {
    "iam:AttachGroupPolicy"
    AttachGroupPolicy(AttachGroupPolicyRequest) -> AttachGroupPolicyResponse,
    about (GroupName, PolicyArn);
    asks(input, call) { of_group_and_policy(&input.group_name, &input.policy_arn, call) }
    run((name, policy), _, call) {
        let id = call.account_id();
        call.change(|world| {
            attachments::attach_policy::<Group>(world.accounts.account(id)?, name, policy)
        })
        .await?;
        Ok(AttachGroupPolicyResponse::default())
    }
}

operation! {
    "iam:DetachGroupPolicy"
    DetachGroupPolicy(DetachGroupPolicyRequest) -> DetachGroupPolicyResponse,
    about (GroupName, PolicyArn);
    asks(input, call) { of_group_and_policy(&input.group_name, &input.policy_arn, call) }
    run((name, policy), _, call) {
        let id = call.account_id();
        call.change(|world| {
            attachments::detach_policy::<Group>(world.accounts.account(id)?, name, policy)
        })
        .await?;
        Ok(DetachGroupPolicyResponse::default())
    }
}

operation! {
    "iam:ListAttachedGroupPolicies"
    ListAttachedGroupPolicies(ListAttachedGroupPoliciesRequest) -> ListAttachedGroupPoliciesResponse,
    about GroupName;
    asks(input, call) { of_group(&input.group_name, call) }
    run(name, input, call) {
        let wanted = page(input.marker, input.max_items);
        let prefix = prefix(input.path_prefix.as_deref());
        let found =
            attachments::list_attached_policies::<Group>(call.account()?, name, prefix, &wanted)
                .map_err(|refused| of_iam(&refused))?;
        Ok(ListAttachedGroupPoliciesResponse {
            attached_policies: Some(found.items.iter().map(attached_shown).collect()),
            is_truncated: Some(found.marker.is_some()),
            marker: found.marker,
        })
    }
}
