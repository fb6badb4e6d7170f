//! Roles, who may assume them, and the policies attached to them.

use super::{
    arn, arn_some, attached_shown, boundary_shown, last_use, named, new_keys, on, on_with,
    operation, page, path, policy_key, prefix, tags_sent, tags_some,
};
use crate::aws::{Call, of_iam};
use crate::{chance, notes};
use ::iam::operations::roles::{self, NewRole};
use ::iam::operations::{attachments, boundaries, trust};
use ::iam::{Account, Accounts, All, New, Role};
use awswire::AwsError;
use awswire::dto::iam::{self as wire, *};
use names::{PolicyArn, RoleName};

/// A role as it is shown.
pub(super) fn shown(accounts: &Accounts, account: &Account, role: &Role) -> wire::Role {
    wire::Role {
        path: role.path.to_string(),
        role_name: role.name.to_string(),
        role_id: role.id.to_string(),
        arn: account.role_arn(role).to_string(),
        create_date: role.created,
        assume_role_policy_document: Some(roles::trust_shown(accounts, &role.trust)),
        description: role.description.clone(),
        max_session_duration: Some(i64::from(role.session_seconds_max)),
        permissions_boundary: boundary_shown(role.boundary.as_ref()),
        tags: tags_some(&role.tags),
        ..wire::Role::default()
    }
}

/// A role as lists show it: without boundary and tags.
pub(super) fn listed(accounts: &Accounts, account: &Account, role: &Role) -> wire::Role {
    wire::Role {
        permissions_boundary: None,
        tags: None,
        ..shown(accounts, account, role)
    }
}

fn seconds(sent: Option<i64>) -> Option<u32> {
    sent.and_then(|seconds| u32::try_from(seconds).ok())
}

fn of_role(name: &str, call: &Call<'_>) -> Result<crate::aws::Asks<RoleName>, AwsError> {
    let name: RoleName = named(name)?;
    on(name, call)
}

fn of_role_and_policy(
    name: &str,
    policy: &str,
    call: &Call<'_>,
) -> Result<crate::aws::Asks<(RoleName, PolicyArn)>, AwsError> {
    let (name, policy): (RoleName, PolicyArn) = (named(name)?, arn(policy)?);
    let keys = policy_key(&policy);
    on_with((name, policy), keys, call)
}

operation! {
    "iam:CreateRole"
    CreateRole(CreateRoleRequest) -> CreateRoleResponse, about New<RoleName>;
    asks(input, call) {
        let (path, name) = (path(input.path.as_deref())?, named::<RoleName>(&input.role_name)?);
        let keys = new_keys(input.tags.as_ref(), input.permissions_boundary.as_deref());
        on_with(New { path, name }, keys, call)
    }
    run(New { path, name }, input, call) {
        let warnings = notes::of_trust(&input.assume_role_policy_document, &call.world.accounts);
        let new = NewRole {
            path: path.clone(),
            name: name.clone(),
            trust: input.assume_role_policy_document,
            description: input.description,
            session_seconds_max: seconds(input.max_session_duration),
            boundary: arn_some(input.permissions_boundary.as_deref())?,
            tags: tags_sent(input.tags),
        };
        let (id, now, random) = (call.account_id(), chance::now(), chance::random());
        let role = call
            .change(|world| {
                let written = roles::create_role(&world.accounts, id, new.clone(), now, random)?;
                let account = world.accounts.account(id)?;
                let role = shown(&world.accounts, account, &written.output);
                Ok(::iam::Written { transaction: written.transaction, output: role })
            })
            .await?;
        call.note(warnings);
        Ok(CreateRoleResponse { role })
    }
}

operation! {
    "iam:GetRole"
    GetRole(GetRoleRequest) -> GetRoleResponse, about RoleName;
    asks(input, call) { of_role(&input.role_name, call) }
    run(name, _, call) {
        let account = call.account()?;
        let role = roles::get_role(account, name).map_err(|refused| of_iam(&refused))?;
        let role_last_used = Some(last_use::of_role(call, account, role));
        let role = shown(&call.world.accounts, account, role);
        Ok(GetRoleResponse { role: wire::Role { role_last_used, ..role } })
    }
}

operation! {
    "iam:ListRoles"
    ListRoles(ListRolesRequest) -> ListRolesResponse, about All;
    asks(_, call) { on(All("role"), call) }
    run(_, input, call) {
        let account = call.account()?;
        let wanted = page(input.marker, input.max_items);
        let found = roles::list_roles(account, prefix(input.path_prefix.as_deref()), &wanted)
            .map_err(|refused| of_iam(&refused))?;
        let accounts = &call.world.accounts;
        Ok(ListRolesResponse {
            roles: found.items.iter().map(|role| listed(accounts, account, role)).collect(),
            is_truncated: Some(found.marker.is_some()),
            marker: found.marker,
        })
    }
}

operation! {
    "iam:UpdateRole"
    UpdateRole(UpdateRoleRequest) -> UpdateRoleResponse, about RoleName;
    asks(input, call) { of_role(&input.role_name, call) }
    run(name, input, call) {
        let (id, longest) = (call.account_id(), seconds(input.max_session_duration));
        call.change(|world| {
            let account = world.accounts.account(id)?;
            roles::update_role(account, name, input.description.clone(), longest)
        })
        .await?;
        Ok(UpdateRoleResponse::default())
    }
}

operation! {
    "iam:UpdateRoleDescription"
    UpdateRoleDescription(UpdateRoleDescriptionRequest) -> UpdateRoleDescriptionResponse, about RoleName;
    asks(input, call) { of_role(&input.role_name, call) }
    run(name, input, call) {
        let id = call.account_id();
        let role = call
            .change(|world| {
                let account = world.accounts.account(id)?;
                let text = input.description.clone();
                let written = roles::update_role_description(account, name, text)?;
                let role = shown(&world.accounts, account, &written.output);
                Ok(::iam::Written { transaction: written.transaction, output: role })
            })
            .await?;
        Ok(UpdateRoleDescriptionResponse { role: Some(role) })
    }
}

operation! {
    "iam:DeleteRole"
    DeleteRole(DeleteRoleRequest) -> DeleteRoleResponse, about RoleName;
    asks(input, call) { of_role(&input.role_name, call) }
    run(name, _, call) {
        let id = call.account_id();
        call.change(|world| roles::delete_role(world.accounts.account(id)?, name)).await?;
        Ok(DeleteRoleResponse::default())
    }
}

operation! {
    "iam:UpdateAssumeRolePolicy"
    UpdateAssumeRolePolicy(UpdateAssumeRolePolicyRequest) -> UpdateAssumeRolePolicyResponse, about RoleName;
    asks(input, call) { of_role(&input.role_name, call) }
    run(name, input, call) {
        let id = call.account_id();
        let document = &input.policy_document;
        call.change(|world| trust::update_assume_role_policy(&world.accounts, id, name, document))
            .await?;
        call.note(notes::of_trust(document, &call.world.accounts));
        Ok(UpdateAssumeRolePolicyResponse::default())
    }
}

operation! {
    "iam:AttachRolePolicy"
    AttachRolePolicy(AttachRolePolicyRequest) -> AttachRolePolicyResponse, about (RoleName, PolicyArn);
    asks(input, call) { of_role_and_policy(&input.role_name, &input.policy_arn, call) }
    run((name, policy), _, call) {
        let id = call.account_id();
        call.change(|world| {
            attachments::attach_policy::<Role>(world.accounts.account(id)?, name, policy)
        })
        .await?;
        Ok(AttachRolePolicyResponse::default())
    }
}

operation! {
    "iam:DetachRolePolicy"
    DetachRolePolicy(DetachRolePolicyRequest) -> DetachRolePolicyResponse, about (RoleName, PolicyArn);
    asks(input, call) { of_role_and_policy(&input.role_name, &input.policy_arn, call) }
    run((name, policy), _, call) {
        let id = call.account_id();
        call.change(|world| {
            attachments::detach_policy::<Role>(world.accounts.account(id)?, name, policy)
        })
        .await?;
        Ok(DetachRolePolicyResponse::default())
    }
}

operation! {
    "iam:ListAttachedRolePolicies"
    ListAttachedRolePolicies(ListAttachedRolePoliciesRequest) -> ListAttachedRolePoliciesResponse, about RoleName;
    asks(input, call) { of_role(&input.role_name, call) }
    run(name, input, call) {
        let wanted = page(input.marker, input.max_items);
        let prefix = prefix(input.path_prefix.as_deref());
        let found =
            attachments::list_attached_policies::<Role>(call.account()?, name, prefix, &wanted)
                .map_err(|refused| of_iam(&refused))?;
        Ok(ListAttachedRolePoliciesResponse {
            attached_policies: Some(found.items.iter().map(attached_shown).collect()),
            is_truncated: Some(found.marker.is_some()),
            marker: found.marker,
        })
    }
}

operation! {
    "iam:PutRolePermissionsBoundary"
    PutRolePermissionsBoundary(PutRolePermissionsBoundaryRequest) -> PutRolePermissionsBoundaryResponse,
    about (RoleName, PolicyArn);
    asks(input, call) {
        let (name, policy): (RoleName, PolicyArn) =
            (named(&input.role_name)?, arn(&input.permissions_boundary)?);
        let keys = new_keys(None, Some(&input.permissions_boundary));
        on_with((name, policy), keys, call)
    }
    run((name, policy), _, call) {
        let id = call.account_id();
        call.change(|world| {
            let account = world.accounts.account(id)?;
            boundaries::put_permissions_boundary::<Role>(account, name, policy.clone())
        })
        .await?;
        Ok(PutRolePermissionsBoundaryResponse::default())
    }
}

operation! {
    "iam:DeleteRolePermissionsBoundary"
    DeleteRolePermissionsBoundary(DeleteRolePermissionsBoundaryRequest) -> DeleteRolePermissionsBoundaryResponse,
    about RoleName;
    asks(input, call) { of_role(&input.role_name, call) }
    run(name, _, call) {
        let id = call.account_id();
        call.change(|world| {
            boundaries::delete_permissions_boundary::<Role>(world.accounts.account(id)?, name)
        })
        .await?;
        Ok(DeleteRolePermissionsBoundaryResponse::default())
    }
}
