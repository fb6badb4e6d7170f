//! GetAccountAuthorizationDetails: everything that says who may do what, in pages.

use super::{
    attached_shown, boundary_shown, instance_profiles, last_use, operation, page, policies,
    tags_some,
};
use crate::aws::{Call, of_iam};
use ::iam::operations::attachments::{PolicyUsage, usage_count};
use ::iam::operations::policies::{AnyPolicy, list_policy_versions};
use ::iam::operations::roles::trust_shown;
use ::iam::{Account, Kept, PageRequest, Permissions};
use ::iam::{Group, InstanceProfile, Policy, Role, User};
use awswire::AwsError;
use awswire::dto::iam::{
    AttachedPolicy, GetAccountAuthorizationDetailsRequest, GetAccountAuthorizationDetailsResponse,
    GroupDetail, ManagedPolicyDetail, PolicyDetail, RoleDetail, UserDetail,
};
use std::sync::Arc;

operation! {
    "iam:GetAccountAuthorizationDetails"
    GetAccountAuthorizationDetails(GetAccountAuthorizationDetailsRequest) -> GetAccountAuthorizationDetailsResponse, about ();
    asks(_, call) { Ok(call.unnamed(())) }
    run((), input, call) {
        let account = call.account()?;
        let filter = input.filter.unwrap_or_default();
        let wants = |kind: &str| filter.is_empty() || filter.iter().any(|wanted| wanted == kind);
        let all = items(account, wants);
        let cut = page(input.marker, input.max_items).cut(all.into_iter());
        let cut = cut.map_err(|refused| of_iam(&refused))?;
        let mut response = GetAccountAuthorizationDetailsResponse {
            is_truncated: Some(cut.marker.is_some()),
            marker: cut.marker,
            user_detail_list: Some(Vec::new()),
            group_detail_list: Some(Vec::new()),
            role_detail_list: Some(Vec::new()),
            policies: Some(Vec::new()),
        };
        for item in cut.items {
            match item {
                Item::User(user) => push(&mut response.user_detail_list, of_user(account, &user)),
                Item::Group(group) => push(&mut response.group_detail_list, of_group(account, &group)),
                Item::Role(role) => push(&mut response.role_detail_list, of_role(call, account, &role)),
                Item::Policy(policy) => push(&mut response.policies, of_policy(account, &policy)?),
            }
        }
        Ok(response)
    }
}

/// What a page is made of.
enum Item {
    User(Arc<Kept<User>>),
    Group(Arc<Kept<Group>>),
    Role(Arc<Kept<Role>>),
    Policy(AnyPolicy),
}

/// Everything wanted, under keys in whose order it is shown.
fn items(account: &Account, wants: impl Fn(&str) -> bool) -> Vec<(String, Item)> {
    let mut items = Vec::new();
    let key = |kind: u8, name: &str| format!("{kind}/{}", name.to_ascii_lowercase());
    if wants("User") {
        let users = account.all::<User>();
        items.extend(users.map(|user| (key(1, user.name.as_str()), Item::User(Arc::clone(user)))));
    }
    if wants("Group") {
        let groups = account.all::<Group>();
        items.extend(
            groups.map(|group| (key(2, group.name.as_str()), Item::Group(Arc::clone(group)))),
        );
    }
    if wants("Role") {
        let roles = account.all::<Role>();
        items.extend(roles.map(|role| (key(3, role.name.as_str()), Item::Role(Arc::clone(role)))));
    }
    if wants("LocalManagedPolicy") {
        let own = account.all::<Policy>();
        items.extend(own.map(|policy| {
            let item = Item::Policy(AnyPolicy::Own(Arc::clone(policy)));
            (key(4, policy.name.as_str()), item)
        }));
    }
    if wants("AWSManagedPolicy") {
        let used = ::iam::managed_policies().filter(|policy| {
            let arn = policy.arn(account.partition());
            let used_as = |usage| usage_count(account, &arn, usage) > 0;
            used_as(PolicyUsage::Permissions) || used_as(PolicyUsage::Boundary)
        });
        items.extend(used.map(|policy| {
            (
                key(5, policy.name.as_str()),
                Item::Policy(AnyPolicy::Aws(policy)),
            )
        }));
    }
    items.sort_by(|(one, _), (other, _)| one.cmp(other));
    items
}

fn push<T>(list: &mut Option<Vec<T>>, item: T) {
    list.get_or_insert_default().push(item);
}

fn of_user(account: &Account, user: &User) -> UserDetail {
    let groups = account.groups_of(&user.id);
    UserDetail {
        path: Some(user.path.to_string()),
        user_name: Some(user.name.to_string()),
        user_id: Some(user.id.to_string()),
        arn: Some(account.user_arn(user).to_string()),
        create_date: Some(user.created),
        user_policy_list: Some(inline(&user.permissions)),
        group_list: Some(groups.map(|group| group.name.to_string()).collect()),
        attached_managed_policies: Some(attached(&user.permissions)),
        permissions_boundary: boundary_shown(user.boundary.as_ref()),
        tags: tags_some(&user.tags),
    }
}

fn of_group(account: &Account, group: &Group) -> GroupDetail {
    GroupDetail {
        path: Some(group.path.to_string()),
        group_name: Some(group.name.to_string()),
        group_id: Some(group.id.to_string()),
        arn: Some(account.group_arn(group).to_string()),
        create_date: Some(group.created),
        group_policy_list: Some(inline(&group.permissions)),
        attached_managed_policies: Some(attached(&group.permissions)),
    }
}

fn of_role(call: &Call<'_>, account: &Account, role: &Role) -> RoleDetail {
    let accounts = &call.world.accounts;
    let profiles = account.all::<InstanceProfile>();
    let profiles = profiles.filter(|profile| profile.role.as_ref() == Some(&role.id));
    let profiles = profiles.map(|profile| instance_profiles::shown(accounts, account, profile));
    RoleDetail {
        path: Some(role.path.to_string()),
        role_name: Some(role.name.to_string()),
        role_id: Some(role.id.to_string()),
        arn: Some(account.role_arn(role).to_string()),
        create_date: Some(role.created),
        assume_role_policy_document: Some(trust_shown(accounts, &role.trust)),
        instance_profile_list: Some(profiles.collect()),
        role_policy_list: Some(inline(&role.permissions)),
        attached_managed_policies: Some(attached(&role.permissions)),
        permissions_boundary: boundary_shown(role.boundary.as_ref()),
        tags: tags_some(&role.tags),
        role_last_used: Some(last_use::of_role(call, account, role)),
    }
}

fn of_policy(account: &Account, policy: &AnyPolicy) -> Result<ManagedPolicyDetail, AwsError> {
    let shown = policies::shown(account, policy);
    let arn = match policy {
        AnyPolicy::Aws(policy) => policy.arn(account.partition()),
        AnyPolicy::Own(policy) => account.policy_arn(policy),
    };
    let versions = list_policy_versions(account, &arn, &PageRequest::default());
    let versions = versions.map_err(|refused| of_iam(&refused))?;
    let versions = versions.items.iter();
    Ok(ManagedPolicyDetail {
        policy_name: shown.policy_name,
        policy_id: shown.policy_id,
        arn: shown.arn,
        path: shown.path,
        default_version_id: shown.default_version_id,
        attachment_count: shown.attachment_count,
        permissions_boundary_usage_count: shown.permissions_boundary_usage_count,
        is_attachable: shown.is_attachable,
        description: shown.description,
        create_date: shown.create_date,
        update_date: shown.update_date,
        policy_version_list: Some(
            versions
                .map(|version| policies::version_shown(version, true))
                .collect(),
        ),
    })
}

fn inline(permissions: &Permissions) -> Vec<PolicyDetail> {
    let inline = permissions.inline.iter();
    let shown = inline.map(|(name, document)| PolicyDetail {
        policy_name: Some(name.to_string()),
        policy_document: Some(document.clone()),
    });
    shown.collect()
}

fn attached(permissions: &Permissions) -> Vec<AttachedPolicy> {
    permissions.attached.iter().map(attached_shown).collect()
}
