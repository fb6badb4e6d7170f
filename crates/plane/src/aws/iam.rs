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

use super::{Asks, Call};
use ::iam::{PageRequest, Target};
use awswire::AwsError;
use awswire::dto::iam as wire;
use names::{Path, PolicyArn, UserName};
use std::str::FromStr;
use sts::ConditionKeys;

/// An operation: its type, what it is about, and what it does.
macro_rules! operation {
    (
        $action:literal
        $name:ident($request:ty) -> $response:ty, about $target:ty;
        asks($asked:pat_param, $asks_call:pat_param) $asks:block
        run($permitted:pat_param, $input:pat_param, $call:pat_param) $run:block
    ) => {
        #[doc = concat!("`", $action, "`.")]
        pub(in crate::aws) struct $name;

        impl policy::Operation for $name {
            const ACTION: &'static str = $action;
            type Target = $target;
        }

        impl crate::aws::Handler for $name {
            type Input = $request;

            fn asks(
                $asked: &Self::Input,
                $asks_call: &crate::aws::Call<'_>,
            ) -> Result<crate::aws::Asks<$target>, awswire::AwsError> {
                $asks
            }

            async fn run(
                permit: policy::Permit<Self>,
                $input: Self::Input,
                $call: &crate::aws::Call<'_>,
            ) -> Result<$response, crate::refused::Refused> {
                let $permitted = permit.target();
                $run
            }
        }
    };
}
use operation;

/// What an operation is about, decided on that resource. The keys that the request itself gives
/// stand before those of the resource.
fn on<T>(
    target: T,
    resource: &Target,
    mut keys: ConditionKeys,
    call: &Call<'_>,
) -> Result<Asks<T>, AwsError> {
    let account = call.account()?;
    for (key, value) in resource.condition_keys(account) {
        if keys.get(&key).is_none() {
            keys.set(key, value);
        }
    }
    Ok(Asks {
        target,
        resource: resource.arn(account),
        shown: resource.shown(account),
        keys,
    })
}

/// No keys beside the resource's.
fn none() -> ConditionKeys {
    ConditionKeys::default()
}

/// The keys of a request that attaches or detaches a policy.
fn policy_key(arn: &PolicyArn) -> ConditionKeys {
    let mut keys = ConditionKeys::default();
    keys.set("iam:PolicyARN", arn.to_string());
    keys
}

/// The keys of a request that brings tags and, perhaps, a boundary.
fn new_keys(tags: Option<&Vec<wire::Tag>>, boundary: Option<&str>) -> ConditionKeys {
    let mut keys = ConditionKeys::default();
    for tag in tags.into_iter().flatten() {
        keys.set(format!("aws:RequestTag/{}", tag.key), tag.value.clone());
    }
    let names = tags.into_iter().flatten().map(|tag| tag.key.clone());
    keys.set_list("aws:TagKeys", names.collect());
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
