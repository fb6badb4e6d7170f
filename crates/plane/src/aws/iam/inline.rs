//! Inline policies of roles, users and groups.

use super::{named, on, operation, page};
use crate::aws::of_iam;
use crate::notes;
use ::iam::operations::inline;
use ::iam::{Group, Role, User};
use awswire::dto::iam::*;
use names::{GroupName, PolicyName, RoleName, UserName};
use policy::lint::Holder;

/// The four operations on one kind of holder.
macro_rules! inline_policies {
    (
        $entity:ident $holder_name:ident $field:ident, $holder:expr,
        $put_action:literal $put:ident($put_request:ident) -> $put_response:ident,
        $get_action:literal $get:ident($get_request:ident) -> $get_response:ident,
        $list_action:literal $list:ident($list_request:ident) -> $list_response:ident,
        $delete_action:literal $delete:ident($delete_request:ident) -> $delete_response:ident
    ) => {
        operation! {
            $put_action
            $put($put_request) -> $put_response, about ($holder_name, PolicyName);
            asks(input, call) {
                let name: $holder_name = named(&input.$field)?;
                on((name, named(&input.policy_name)?), call)
            }
            run((name, policy), input, call) {
                let id = call.account_id();
                call.change(|world| {
                    let account = world.accounts.account(id)?;
                    let document = input.policy_document.clone();
                    inline::put_policy::<$entity>(account, name, policy.clone(), document)
                })
                .await?;
                let accounts = &call.world.accounts;
                call.note(notes::of_permissions(&input.policy_document, $holder, accounts));
                Ok($put_response::default())
            }
        }

        operation! {
            $get_action
            $get($get_request) -> $get_response, about ($holder_name, PolicyName);
            asks(input, call) {
                let name: $holder_name = named(&input.$field)?;
                on((name, named(&input.policy_name)?), call)
            }
            run((name, policy), _, call) {
                let document = inline::get_policy::<$entity>(call.account()?, name, policy)
                    .map_err(|refused| of_iam(&refused))?;
                Ok($get_response {
                    $field: name.to_string(),
                    policy_name: policy.to_string(),
                    policy_document: document.to_owned(),
                })
            }
        }

        operation! {
            $list_action
            $list($list_request) -> $list_response, about $holder_name;
            asks(input, call) {
                let name: $holder_name = named(&input.$field)?;
                on(name, call)
            }
            run(name, input, call) {
                let wanted = page(input.marker, input.max_items);
                let found = inline::list_policies::<$entity>(call.account()?, name, &wanted)
                    .map_err(|refused| of_iam(&refused))?;
                Ok($list_response {
                    policy_names: found.items.iter().map(ToString::to_string).collect(),
                    is_truncated: Some(found.marker.is_some()),
                    marker: found.marker,
                })
            }
        }

        operation! {
            $delete_action
            $delete($delete_request) -> $delete_response, about ($holder_name, PolicyName);
            asks(input, call) {
                let name: $holder_name = named(&input.$field)?;
                on((name, named(&input.policy_name)?), call)
            }
            run((name, policy), _, call) {
                let id = call.account_id();
                call.change(|world| {
                    inline::delete_policy::<$entity>(world.accounts.account(id)?, name, policy)
                })
                .await?;
                Ok($delete_response::default())
            }
        }
    };
}

inline_policies! {
    Role RoleName role_name, Holder::Role,
    "iam:PutRolePolicy" PutRolePolicy(PutRolePolicyRequest) -> PutRolePolicyResponse,
    "iam:GetRolePolicy" GetRolePolicy(GetRolePolicyRequest) -> GetRolePolicyResponse,
    "iam:ListRolePolicies" ListRolePolicies(ListRolePoliciesRequest) -> ListRolePoliciesResponse,
    "iam:DeleteRolePolicy" DeleteRolePolicy(DeleteRolePolicyRequest) -> DeleteRolePolicyResponse
}

inline_policies! {
    User UserName user_name, Holder::Anybody,
    "iam:PutUserPolicy" PutUserPolicy(PutUserPolicyRequest) -> PutUserPolicyResponse,
    "iam:GetUserPolicy" GetUserPolicy(GetUserPolicyRequest) -> GetUserPolicyResponse,
    "iam:ListUserPolicies" ListUserPolicies(ListUserPoliciesRequest) -> ListUserPoliciesResponse,
    "iam:DeleteUserPolicy" DeleteUserPolicy(DeleteUserPolicyRequest) -> DeleteUserPolicyResponse
}

inline_policies! {
    Group GroupName group_name, Holder::Anybody,
    "iam:PutGroupPolicy" PutGroupPolicy(PutGroupPolicyRequest) -> PutGroupPolicyResponse,
    "iam:GetGroupPolicy" GetGroupPolicy(GetGroupPolicyRequest) -> GetGroupPolicyResponse,
    "iam:ListGroupPolicies" ListGroupPolicies(ListGroupPoliciesRequest) -> ListGroupPoliciesResponse,
    "iam:DeleteGroupPolicy" DeleteGroupPolicy(DeleteGroupPolicyRequest) -> DeleteGroupPolicyResponse
}
