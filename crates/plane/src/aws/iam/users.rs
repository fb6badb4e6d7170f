//! Users, and the policies attached to them.

use super::{
    arn, arn_some, attached_shown, boundary_shown, named, named_some, new_keys, on, on_with,
    operation, page, path, policy_key, prefix, tags_sent, tags_some, user_or_caller,
};
use crate::aws::{Asks, Call, of_iam};
use crate::chance;
use ::iam::operations::users::{self, NewUser};
use ::iam::operations::{attachments, boundaries};
use ::iam::{Account, All, New, User};
use awswire::AwsError;
use awswire::dto::iam::{self as wire, *};
use names::{Path, PolicyArn, UserName};

/// A user as it is shown.
fn shown(account: &Account, user: &User) -> wire::User {
    wire::User {
        permissions_boundary: boundary_shown(user.boundary.as_ref()),
        tags: tags_some(&user.tags),
        ..listed(account, user)
    }
}

/// A user as lists show it: without boundary and tags.
pub(super) fn listed(account: &Account, user: &User) -> wire::User {
    wire::User {
        path: user.path.to_string(),
        user_name: user.name.to_string(),
        user_id: user.id.to_string(),
        arn: account.user_arn(user).to_string(),
        create_date: user.created,
        ..wire::User::default()
    }
}

fn of_user(name: &str, call: &Call<'_>) -> Result<Asks<UserName>, AwsError> {
    let name: UserName = named(name)?;
    on(name, call)
}

fn of_user_and_policy(
    name: &str,
    policy: &str,
    call: &Call<'_>,
) -> Result<Asks<(UserName, PolicyArn)>, AwsError> {
    let (name, policy): (UserName, PolicyArn) = (named(name)?, arn(policy)?);
    let keys = policy_key(&policy);
    on_with((name, policy), keys, call)
}

operation! {
    "iam:CreateUser"
    CreateUser(CreateUserRequest) -> CreateUserResponse, about New<UserName>;
    asks(input, call) {
        let (path, name) = (path(input.path.as_deref())?, named::<UserName>(&input.user_name)?);
        let keys = new_keys(input.tags.as_ref(), input.permissions_boundary.as_deref());
        on_with(New { path, name }, keys, call)
    }
    run(New { path, name }, input, call) {
        let new = NewUser {
            path: path.clone(),
            name: name.clone(),
            boundary: arn_some(input.permissions_boundary.as_deref())?,
            tags: tags_sent(input.tags),
        };
        let (id, now, random) = (call.account_id(), chance::now(), chance::random());
        let user = call
            .change(|world| {
                users::create_user(world.accounts.account(id)?, new.clone(), now, random)
            })
            .await?;
        Ok(CreateUserResponse { user: Some(shown(call.account()?, &user)) })
    }
}

operation! {
    "iam:GetUser"
    GetUser(GetUserRequest) -> GetUserResponse, about UserName;
    asks(input, call) {
        let name = user_or_caller(input.user_name.as_deref(), call)?;
        on(name, call)
    }
    run(name, _, call) {
        let account = call.account()?;
        let user = users::get_user(account, name).map_err(|refused| of_iam(&refused))?;
        Ok(GetUserResponse { user: shown(account, user) })
    }
}

operation! {
    "iam:ListUsers"
    ListUsers(ListUsersRequest) -> ListUsersResponse, about All;
    asks(_, call) { on(All("user"), call) }
    run(_, input, call) {
        let account = call.account()?;
        let wanted = page(input.marker, input.max_items);
        let found = users::list_users(account, prefix(input.path_prefix.as_deref()), &wanted)
            .map_err(|refused| of_iam(&refused))?;
        Ok(ListUsersResponse {
            users: found.items.iter().map(|user| listed(account, user)).collect(),
            is_truncated: Some(found.marker.is_some()),
            marker: found.marker,
        })
    }
}

operation! {
    "iam:UpdateUser"
    UpdateUser(UpdateUserRequest) -> UpdateUserResponse, about UserName;
    asks(input, call) { of_user(&input.user_name, call) }
    run(name, input, call) {
        let id = call.account_id();
        let new_name: Option<UserName> = named_some(input.new_user_name.as_deref())?;
        let new_path: Option<Path> = named_some(input.new_path.as_deref())?;
        call.change(|world| {
            let account = world.accounts.account(id)?;
            users::update_user(account, name, new_name.clone(), new_path.clone())
        })
        .await?;
        Ok(UpdateUserResponse::default())
    }
}

operation! {
    "iam:DeleteUser"
    DeleteUser(DeleteUserRequest) -> DeleteUserResponse, about UserName;
    asks(input, call) { of_user(&input.user_name, call) }
    run(name, _, call) {
        let id = call.account_id();
        call.change(|world| users::delete_user(world.accounts.account(id)?, name)).await?;
        Ok(DeleteUserResponse::default())
    }
}

operation! {
    "iam:AttachUserPolicy"
    AttachUserPolicy(AttachUserPolicyRequest) -> AttachUserPolicyResponse, about (UserName, PolicyArn);
    asks(input, call) { of_user_and_policy(&input.user_name, &input.policy_arn, call) }
    run((name, policy), _, call) {
        let id = call.account_id();
        call.change(|world| {
            attachments::attach_policy::<User>(world.accounts.account(id)?, name, policy)
        })
        .await?;
        Ok(AttachUserPolicyResponse::default())
    }
}

operation! {
    "iam:DetachUserPolicy"
    DetachUserPolicy(DetachUserPolicyRequest) -> DetachUserPolicyResponse, about (UserName, PolicyArn);
    asks(input, call) { of_user_and_policy(&input.user_name, &input.policy_arn, call) }
    run((name, policy), _, call) {
        let id = call.account_id();
        call.change(|world| {
            attachments::detach_policy::<User>(world.accounts.account(id)?, name, policy)
        })
        .await?;
        Ok(DetachUserPolicyResponse::default())
    }
}

operation! {
    "iam:ListAttachedUserPolicies"
    ListAttachedUserPolicies(ListAttachedUserPoliciesRequest) -> ListAttachedUserPoliciesResponse,
    about UserName;
    asks(input, call) { of_user(&input.user_name, call) }
    run(name, input, call) {
        let wanted = page(input.marker, input.max_items);
        let prefix = prefix(input.path_prefix.as_deref());
        let found =
            attachments::list_attached_policies::<User>(call.account()?, name, prefix, &wanted)
                .map_err(|refused| of_iam(&refused))?;
        Ok(ListAttachedUserPoliciesResponse {
            attached_policies: Some(found.items.iter().map(attached_shown).collect()),
            is_truncated: Some(found.marker.is_some()),
            marker: found.marker,
        })
    }
}

operation! {
    "iam:PutUserPermissionsBoundary"
    PutUserPermissionsBoundary(PutUserPermissionsBoundaryRequest) -> PutUserPermissionsBoundaryResponse,
    about (UserName, PolicyArn);
    asks(input, call) {
        let (name, policy): (UserName, PolicyArn) =
            (named(&input.user_name)?, arn(&input.permissions_boundary)?);
        let keys = new_keys(None, Some(&input.permissions_boundary));
        on_with((name, policy), keys, call)
    }
    run((name, policy), _, call) {
        let id = call.account_id();
        call.change(|world| {
            let account = world.accounts.account(id)?;
            boundaries::put_permissions_boundary::<User>(account, name, policy.clone())
        })
        .await?;
        Ok(PutUserPermissionsBoundaryResponse::default())
    }
}

operation! {
    "iam:DeleteUserPermissionsBoundary"
    DeleteUserPermissionsBoundary(DeleteUserPermissionsBoundaryRequest)
        -> DeleteUserPermissionsBoundaryResponse, about UserName;
    asks(input, call) { of_user(&input.user_name, call) }
    run(name, _, call) {
        let id = call.account_id();
        call.change(|world| {
            boundaries::delete_permissions_boundary::<User>(world.accounts.account(id)?, name)
        })
        .await?;
        Ok(DeleteUserPermissionsBoundaryResponse::default())
    }
}
