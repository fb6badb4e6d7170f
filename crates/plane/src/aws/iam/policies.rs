//! Managed policies and their versions, the account's own and AWS's.

use super::{
    arn, named, new_keys, on, on_with, operation, page, path, prefix, tags_sent, tags_some,
};
use crate::aws::{Asks, Call, of_iam};
use crate::{chance, notes};
use ::iam::operations::attachments::{self, PolicyEntity, PolicyUsage, usage_count};
use ::iam::operations::policies::{self, AnyPolicy, NewPolicy, PolicyScope, VersionShown};
use ::iam::{Account, All, New};
use awswire::AwsError;
use awswire::dto::iam::*;
use names::{PolicyArn, PolicyName};
use policy::lint::Holder;

/// A policy as it is shown.
pub(super) fn shown(account: &Account, policy: &AnyPolicy) -> Policy {
    let counted = |arn: &PolicyArn, usage| i64::try_from(usage_count(account, arn, usage)).ok();
    let of = |arn: PolicyArn, id: String, version: u32| Policy {
        policy_name: Some(arn.name().to_string()),
        policy_id: Some(id),
        path: Some(arn.path().to_string()),
        default_version_id: Some(format!("v{version}")),
        attachment_count: counted(&arn, PolicyUsage::Permissions),
        permissions_boundary_usage_count: counted(&arn, PolicyUsage::Boundary),
        is_attachable: Some(true),
        arn: Some(arn.to_string()),
        ..Policy::default()
    };
    match policy {
        AnyPolicy::Aws(policy) => Policy {
            create_date: Some(policy.created),
            update_date: Some(policy.updated),
            ..of(
                policy.arn(account.partition()),
                policy.id.to_string(),
                policy.version,
            )
        },
        AnyPolicy::Own(policy) => own_shown(
            of(
                account.policy_arn(policy),
                policy.id.to_string(),
                policy.default,
            ),
            policy,
        ),
    }
}

fn own_shown(shown: Policy, policy: &::iam::Policy) -> Policy {
    Policy {
        description: policy.description.clone(),
        create_date: Some(policy.created),
        update_date: Some(policy.updated),
        tags: tags_some(&policy.tags),
        ..shown
    }
}

pub(super) fn version_shown(version: &VersionShown, document: bool) -> PolicyVersion {
    PolicyVersion {
        document: document.then(|| version.document.clone()),
        version_id: Some(format!("v{}", version.number)),
        is_default_version: Some(version.is_default),
        create_date: Some(version.created),
    }
}

/// `v3` is 3; what has no such form is a version that is not there.
fn number(arn: &PolicyArn, text: &str) -> Result<u32, AwsError> {
    let number = text
        .strip_prefix('v')
        .and_then(|digits| digits.split('.').next()?.parse().ok());
    number.ok_or_else(|| {
        let text = format!("Policy {arn} version {text} does not exist or is not attachable.");
        AwsError::new("NoSuchEntity", 404, text)
    })
}

fn of_policy(text: &str, call: &Call<'_>) -> Result<Asks<PolicyArn>, AwsError> {
    let arn: PolicyArn = arn(text)?;
    on(arn, call)
}

fn of_version(
    text: &str,
    version: &str,
    call: &Call<'_>,
) -> Result<Asks<(PolicyArn, String)>, AwsError> {
    let arn: PolicyArn = arn(text)?;
    on((arn, version.to_owned()), call)
}

operation! {
    "iam:CreatePolicy"
    CreatePolicy(CreatePolicyRequest) -> CreatePolicyResponse, about New<PolicyName>;
    asks(input, call) {
        let (path, name) = (path(input.path.as_deref())?, named::<PolicyName>(&input.policy_name)?);
        let keys = new_keys(input.tags.as_ref(), None);
        on_with(New { path, name }, keys, call)
    }
    run(New { path, name }, input, call) {
        let warnings =
            notes::of_permissions(&input.policy_document, Holder::Anybody, &call.world.accounts);
        let new = NewPolicy {
            path: path.clone(),
            name: name.clone(),
            document: input.policy_document,
            description: input.description,
            tags: tags_sent(input.tags),
        };
        let (id, now, random) = (call.account_id(), chance::now(), chance::random());
        let policy = call
            .change(|world| {
                policies::create_policy(world.accounts.account(id)?, new.clone(), now, random)
            })
            .await?;
        call.note(warnings);
        let account = call.account()?;
        let arn = account.policy_arn(&policy);
        let shown = Policy {
            policy_name: Some(policy.name.to_string()),
            policy_id: Some(policy.id.to_string()),
            arn: Some(arn.to_string()),
            path: Some(policy.path.to_string()),
            default_version_id: Some("v1".to_owned()),
            attachment_count: Some(0),
            permissions_boundary_usage_count: Some(0),
            is_attachable: Some(true),
            ..Policy::default()
        };
        let shown = Policy { description: None, ..own_shown(shown, &policy) };
        Ok(CreatePolicyResponse { policy: Some(shown) })
    }
}

operation! {
    "iam:GetPolicy"
    GetPolicy(GetPolicyRequest) -> GetPolicyResponse, about PolicyArn;
    asks(input, call) { of_policy(&input.policy_arn, call) }
    run(arn, _, call) {
        let account = call.account()?;
        let policy = policies::get_policy(account, arn).map_err(|refused| of_iam(&refused))?;
        Ok(GetPolicyResponse { policy: Some(shown(account, &policy)) })
    }
}

operation! {
    "iam:GetPolicyVersion"
    GetPolicyVersion(GetPolicyVersionRequest) -> GetPolicyVersionResponse, about (PolicyArn, String);
    asks(input, call) { of_version(&input.policy_arn, &input.version_id, call) }
    run((arn, version), _, call) {
        let version = policies::get_policy_version(call.account()?, arn, number(arn, version)?)
            .map_err(|refused| of_iam(&refused))?;
        Ok(GetPolicyVersionResponse { policy_version: Some(version_shown(&version, true)) })
    }
}

operation! {
    "iam:ListPolicies"
    ListPolicies(ListPoliciesRequest) -> ListPoliciesResponse, about All;
    asks(_, call) { on(All("policy"), call) }
    run(_, input, call) {
        let account = call.account()?;
        let scope = match input.scope.as_deref() {
            Some("AWS") => PolicyScope::Aws,
            Some("Local") => PolicyScope::Local,
            _ => PolicyScope::All,
        };
        let prefix = prefix(input.path_prefix.as_deref());
        let only_attached = input.only_attached == Some(true);
        let usage = input.policy_usage_filter.as_deref();
        let wanted = |policy: &AnyPolicy| {
            let arn = match policy {
                AnyPolicy::Aws(policy) => policy.arn(account.partition()),
                AnyPolicy::Own(policy) => account.policy_arn(policy),
            };
            let used = |usage| usage_count(account, &arn, usage) > 0;
            arn.path().as_str().starts_with(prefix)
                && (!only_attached || used(PolicyUsage::Permissions))
                && match usage {
                    Some("PermissionsPolicy") => used(PolicyUsage::Permissions),
                    Some("PermissionsBoundary") => used(PolicyUsage::Boundary),
                    _ => true,
                }
        };
        let page = page(input.marker, input.max_items);
        let found = policies::list_policies(account, scope, wanted, &page)
            .map_err(|refused| of_iam(&refused))?;
        // Lists show neither description nor tags.
        let listed = |policy: &AnyPolicy| Policy {
            description: None,
            tags: None,
            ..shown(account, policy)
        };
        Ok(ListPoliciesResponse {
            policies: Some(found.items.iter().map(listed).collect()),
            is_truncated: Some(found.marker.is_some()),
            marker: found.marker,
        })
    }
}

operation! {
    "iam:DeletePolicy"
    DeletePolicy(DeletePolicyRequest) -> DeletePolicyResponse, about PolicyArn;
    asks(input, call) { of_policy(&input.policy_arn, call) }
    run(arn, _, call) {
        let id = call.account_id();
        call.change(|world| policies::delete_policy(world.accounts.account(id)?, arn)).await?;
        Ok(DeletePolicyResponse::default())
    }
}

operation! {
    "iam:CreatePolicyVersion"
    CreatePolicyVersion(CreatePolicyVersionRequest) -> CreatePolicyVersionResponse, about PolicyArn;
    asks(input, call) { of_policy(&input.policy_arn, call) }
    run(arn, input, call) {
        let (id, now) = (call.account_id(), chance::now());
        let as_default = input.set_as_default == Some(true);
        let version = call
            .change(|world| {
                let account = world.accounts.account(id)?;
                let document = input.policy_document.clone();
                policies::create_policy_version(account, arn, document, as_default, now)
            })
            .await?;
        let accounts = &call.world.accounts;
        call.note(notes::of_permissions(&input.policy_document, Holder::Anybody, accounts));
        Ok(CreatePolicyVersionResponse { policy_version: Some(version_shown(&version, false)) })
    }
}

operation! {
    "iam:ListPolicyVersions"
    ListPolicyVersions(ListPolicyVersionsRequest) -> ListPolicyVersionsResponse, about PolicyArn;
    asks(input, call) { of_policy(&input.policy_arn, call) }
    run(arn, input, call) {
        let wanted = page(input.marker, input.max_items);
        let found = policies::list_policy_versions(call.account()?, arn, &wanted)
            .map_err(|refused| of_iam(&refused))?;
        let versions = found.items.iter().map(|version| version_shown(version, false));
        Ok(ListPolicyVersionsResponse {
            versions: Some(versions.collect()),
            is_truncated: Some(found.marker.is_some()),
            marker: found.marker,
        })
    }
}

operation! {
    "iam:SetDefaultPolicyVersion"
    SetDefaultPolicyVersion(SetDefaultPolicyVersionRequest) -> SetDefaultPolicyVersionResponse,
    about (PolicyArn, String);
    asks(input, call) { of_version(&input.policy_arn, &input.version_id, call) }
    run((arn, version), _, call) {
        let (id, now, number) = (call.account_id(), chance::now(), number(arn, version)?);
        call.change(|world| {
            policies::set_default_policy_version(world.accounts.account(id)?, arn, number, now)
        })
        .await?;
        Ok(SetDefaultPolicyVersionResponse::default())
    }
}

operation! {
    "iam:DeletePolicyVersion"
    DeletePolicyVersion(DeletePolicyVersionRequest) -> DeletePolicyVersionResponse,
    about (PolicyArn, String);
    asks(input, call) { of_version(&input.policy_arn, &input.version_id, call) }
    run((arn, version), _, call) {
        let (id, now, number) = (call.account_id(), chance::now(), number(arn, version)?);
        call.change(|world| {
            policies::delete_policy_version(world.accounts.account(id)?, arn, number, now)
        })
        .await?;
        Ok(DeletePolicyVersionResponse::default())
    }
}

operation! {
    "iam:ListEntitiesForPolicy"
    ListEntitiesForPolicy(ListEntitiesForPolicyRequest) -> ListEntitiesForPolicyResponse, about PolicyArn;
    asks(input, call) { of_policy(&input.policy_arn, call) }
    run(arn, input, call) {
        let usage = match input.policy_usage_filter.as_deref() {
            Some("PermissionsBoundary") => PolicyUsage::Boundary,
            _ => PolicyUsage::Permissions,
        };
        let prefix = prefix(input.path_prefix.as_deref());
        let kind_wanted = input.entity_filter.as_deref();
        let wanted = |entity: &PolicyEntity| {
            let (kind, path) = match entity {
                PolicyEntity::Role(role) => ("Role", &role.path),
                PolicyEntity::User(user) => ("User", &user.path),
                PolicyEntity::Group(group) => ("Group", &group.path),
            };
            kind_wanted.is_none_or(|wanted| wanted == kind) && path.as_str().starts_with(prefix)
        };
        let page = page(input.marker, input.max_items);
        let found =
            attachments::list_entities_for_policy(call.account()?, arn, usage, wanted, &page)
                .map_err(|refused| of_iam(&refused))?;
        let (mut roles, mut users, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        for entity in found.items {
            match entity {
                PolicyEntity::Role(role) => roles.push(PolicyRole {
                    role_name: Some(role.name.to_string()),
                    role_id: Some(role.id.to_string()),
                }),
                PolicyEntity::User(user) => users.push(PolicyUser {
                    user_name: Some(user.name.to_string()),
                    user_id: Some(user.id.to_string()),
                }),
                PolicyEntity::Group(group) => groups.push(PolicyGroup {
                    group_name: Some(group.name.to_string()),
                    group_id: Some(group.id.to_string()),
                }),
            }
        }
        Ok(ListEntitiesForPolicyResponse {
            policy_groups: Some(groups),
            policy_users: Some(users),
            policy_roles: Some(roles),
            is_truncated: Some(found.marker.is_some()),
            marker: found.marker,
        })
    }
}
