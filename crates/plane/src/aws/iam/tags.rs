//! Tags of roles, users, policies, providers and instance profiles.

use super::{arn, named, new_keys, on, on_with, operation, page, tags_sent, tags_shown};
use crate::aws::of_iam;
use ::iam::operations::{policies, providers, tags};
use ::iam::{Account, IamError, InstanceProfile, OidcProvider, Policy, Role, User};
use awswire::dto::iam::*;
use names::{
    InstanceProfileName, PolicyArn, PolicyName, ProviderArn, ProviderName, RoleName, UserName,
};
use policy::RequestContext;

/// The keys of a request that takes tags away.
fn untag_keys(names: &[String]) -> RequestContext {
    let mut keys = RequestContext::new();
    keys.set_list("aws:TagKeys", names.iter().map(String::as_str));
    keys
}

/// What is called by its name is found by it.
fn itself<T: Clone>(_: &Account, name: &T) -> Result<T, IamError> {
    Ok(name.clone())
}

/// The name of the policy with that ARN.
fn policy_name(account: &Account, arn: &PolicyArn) -> Result<PolicyName, IamError> {
    policies::own(account, arn).map(|policy| policy.name.clone())
}

/// The name of the provider with that ARN.
fn provider_name(account: &Account, arn: &ProviderArn) -> Result<ProviderName, IamError> {
    providers::get_provider(account, arn).map(|_| arn.provider().clone())
}

/// The three operations on one kind of entity.
macro_rules! tags_of {
    (
        $entity:ident $target:ident $field:ident $read:ident $name_of:ident,
        $tag_action:literal $tag:ident($tag_request:ident) -> $tag_response:ident,
        $untag_action:literal $untag:ident($untag_request:ident) -> $untag_response:ident,
        $list_action:literal $list:ident($list_request:ident) -> $list_response:ident
    ) => {
        operation! {
            $tag_action
            $tag($tag_request) -> $tag_response, about $target;
            asks(input, call) {
                let target: $target = $read(&input.$field)?;
                let keys = new_keys(Some(&input.tags), None);
                on_with(target, keys, call)
            }
            run(target, input, call) {
                let (id, new) = (call.account_id(), tags_sent(Some(input.tags)));
                call.change(|world| {
                    let account = world.accounts.account(id)?;
                    tags::tag::<$entity>(account, &$name_of(account, target)?, new.clone())
                })
                .await?;
                Ok($tag_response::default())
            }
        }

        operation! {
            $untag_action
            $untag($untag_request) -> $untag_response, about $target;
            asks(input, call) {
                let target: $target = $read(&input.$field)?;
                let keys = untag_keys(&input.tag_keys);
                on_with(target, keys, call)
            }
            run(target, input, call) {
                let id = call.account_id();
                call.change(|world| {
                    let account = world.accounts.account(id)?;
                    tags::untag::<$entity>(account, &$name_of(account, target)?, &input.tag_keys)
                })
                .await?;
                Ok($untag_response::default())
            }
        }

        operation! {
            $list_action
            $list($list_request) -> $list_response, about $target;
            asks(input, call) {
                let target: $target = $read(&input.$field)?;
                on(target, call)
            }
            run(target, input, call) {
                let account = call.account()?;
                let wanted = page(input.marker, input.max_items);
                let found = $name_of(account, target)
                    .and_then(|name| tags::list_tags::<$entity>(account, &name, &wanted))
                    .map_err(|refused| of_iam(&refused))?;
                Ok($list_response {
                    tags: tags_shown(&found.items),
                    is_truncated: Some(found.marker.is_some()),
                    marker: found.marker,
                })
            }
        }
    };
}

tags_of! {
    Role RoleName role_name named itself,
    "iam:TagRole" TagRole(TagRoleRequest) -> TagRoleResponse,
    "iam:UntagRole" UntagRole(UntagRoleRequest) -> UntagRoleResponse,
    "iam:ListRoleTags" ListRoleTags(ListRoleTagsRequest) -> ListRoleTagsResponse
}

tags_of! {
    User UserName user_name named itself,
    "iam:TagUser" TagUser(TagUserRequest) -> TagUserResponse,
    "iam:UntagUser" UntagUser(UntagUserRequest) -> UntagUserResponse,
    "iam:ListUserTags" ListUserTags(ListUserTagsRequest) -> ListUserTagsResponse
}

tags_of! {
    InstanceProfile InstanceProfileName instance_profile_name named itself,
    "iam:TagInstanceProfile" TagInstanceProfile(TagInstanceProfileRequest) -> TagInstanceProfileResponse,
    "iam:UntagInstanceProfile" UntagInstanceProfile(UntagInstanceProfileRequest) -> UntagInstanceProfileResponse,
    "iam:ListInstanceProfileTags" ListInstanceProfileTags(ListInstanceProfileTagsRequest) -> ListInstanceProfileTagsResponse
}

tags_of! {
    Policy PolicyArn policy_arn arn policy_name,
    "iam:TagPolicy" TagPolicy(TagPolicyRequest) -> TagPolicyResponse,
    "iam:UntagPolicy" UntagPolicy(UntagPolicyRequest) -> UntagPolicyResponse,
    "iam:ListPolicyTags" ListPolicyTags(ListPolicyTagsRequest) -> ListPolicyTagsResponse
}

tags_of! {
    OidcProvider ProviderArn open_id_connect_provider_arn arn provider_name,
    "iam:TagOpenIDConnectProvider" TagOpenIDConnectProvider(TagOpenIDConnectProviderRequest) -> TagOpenIDConnectProviderResponse,
    "iam:UntagOpenIDConnectProvider" UntagOpenIDConnectProvider(UntagOpenIDConnectProviderRequest) -> UntagOpenIDConnectProviderResponse,
    "iam:ListOpenIDConnectProviderTags" ListOpenIDConnectProviderTags(ListOpenIDConnectProviderTagsRequest) -> ListOpenIDConnectProviderTagsResponse
}
