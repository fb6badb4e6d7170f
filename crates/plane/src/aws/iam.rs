//! IAM: roles, policies, providers, users, groups, access keys, instance profiles and their tags.
//!
//! Every operation is a type named as the operation; what they share is here.

pub(super) mod absent;
pub(super) mod access_keys;
pub(super) mod access_reports;
pub(super) mod aliases;
pub(super) mod authorization_details;
pub(super) mod credential_report;
pub(super) mod groups;
pub(super) mod inline;
pub(super) mod instance_profiles;
pub(super) mod last_use;
pub(super) mod policies;
pub(super) mod providers;
pub(super) mod roles;
pub(super) mod simulate;
pub(super) mod summary;
pub(super) mod tags;
pub(super) mod users;

use super::{Asks, Call, operation};
use ::iam::{Account, PageRequest};
use awswire::AwsError;
use awswire::dto::iam as wire;
use names::{Path, PolicyArn, UserName};
use policy::{RequestContext, Resource, Target};
use std::str::FromStr;

/// A question about what the caller's account names.
fn on<T: Target<Account>>(target: T, call: &Call<'_>) -> Result<Asks<T>, AwsError> {
    on_with(target, RequestContext::new(), call)
}

/// The same, with the condition keys that the request itself gives.
fn on_with<T: Target<Account>>(
    target: T,
    keys: RequestContext,
    call: &Call<'_>,
) -> Result<Asks<T>, AwsError> {
    let resource = Resource::of(target, call.account()?);
    Ok(Asks { resource, keys })
}

/// The keys of a request that attaches or detaches a policy.
fn policy_key(arn: &PolicyArn) -> RequestContext {
    let mut keys = RequestContext::new();
    keys.set("iam:PolicyARN", arn.to_string());
    keys
}

/// The keys of a request that brings tags and, perhaps, a boundary.
fn new_keys(tags: Option<&Vec<wire::Tag>>, boundary: Option<&str>) -> RequestContext {
    let mut keys = RequestContext::new();
    for tag in tags.into_iter().flatten() {
        let key = format!("aws:RequestTag/{}", tag.key);
        keys.set(&key, tag.value.as_str());
    }
    let names = tags.into_iter().flatten().map(|tag| tag.key.as_str());
    keys.set_list("aws:TagKeys", names);
    keys.set_some("iam:PermissionsBoundary", boundary);
    keys
}

/// A name from its text, whose pattern the wire has checked.
fn named<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, AwsError> {
    text.parse()
        .map_err(|why: T::Err| AwsError::new("ValidationError", 400, why.to_string()))
}

/// A name that may be absent.
fn named_some<T: FromStr<Err: std::fmt::Display>>(
    text: Option<&str>,
) -> Result<Option<T>, AwsError> {
    text.map(named).transpose()
}

/// An ARN from its text.
fn arn<T: FromStr>(text: &str) -> Result<T, AwsError> {
    let invalid = |_| AwsError::new("InvalidInput", 400, format!("ARN {text} is not valid."));
    text.parse().map_err(invalid)
}

fn arn_some<T: FromStr>(text: Option<&str>) -> Result<Option<T>, AwsError> {
    text.map(arn).transpose()
}

/// A path from its text; absent, it is `/`.
fn path(text: Option<&str>) -> Result<Path, AwsError> {
    Ok(named_some(text)?.unwrap_or_default())
}

/// The beginning that listed paths have to have.
fn prefix(text: Option<&str>) -> &str {
    text.unwrap_or("/")
}

/// The user of that name; without one, the user who asks.
fn user_or_caller(text: Option<&str>, call: &Call<'_>) -> Result<UserName, AwsError> {
    if let Some(text) = text {
        return named(text);
    }
    let own = call
        .caller
        .user()
        .and_then(|(_, id)| call.account().ok()?.user_by_id(id));
    own.map(|user| user.name.clone()).ok_or_else(|| {
        let text = "Must specify userName when calling with non-User credentials";
        AwsError::new("ValidationError", 400, text)
    })
}

fn page(marker: Option<String>, items_max: Option<i64>) -> PageRequest {
    PageRequest {
        marker,
        items_max: items_max.and_then(|max| usize::try_from(max).ok()),
    }
}

/// Tags as they were sent.
fn tags_sent(tags: Option<Vec<wire::Tag>>) -> Vec<::iam::Tag> {
    let of = |tag: wire::Tag| ::iam::Tag {
        key: tag.key,
        value: tag.value,
    };
    tags.unwrap_or_default().into_iter().map(of).collect()
}

/// Tags as they are shown.
fn tags_shown(tags: &[::iam::Tag]) -> Vec<wire::Tag> {
    let of = |tag: &::iam::Tag| wire::Tag {
        key: tag.key.clone(),
        value: tag.value.clone(),
    };
    tags.iter().map(of).collect()
}

/// The tags of an entity, absent when there are none.
fn tags_some(tags: &[::iam::Tag]) -> Option<Vec<wire::Tag>> {
    (!tags.is_empty()).then(|| tags_shown(tags))
}

/// A permissions boundary as it is shown.
fn boundary_shown(arn: Option<&PolicyArn>) -> Option<wire::AttachedPermissionsBoundary> {
    arn.map(|arn| wire::AttachedPermissionsBoundary {
        permissions_boundary_type: Some("Policy".to_owned()),
        permissions_boundary_arn: Some(arn.to_string()),
    })
}

fn attached_shown(arn: &PolicyArn) -> wire::AttachedPolicy {
    wire::AttachedPolicy {
        policy_name: Some(arn.name().to_string()),
        policy_arn: Some(arn.to_string()),
    }
}
