//! Customer managed policies and their versions: CreatePolicy, GetPolicy, ListPolicies, DeletePolicy,
//! CreatePolicyVersion, GetPolicyVersion, ListPolicyVersions, SetDefaultPolicyVersion,
//! DeletePolicyVersion. AWS's own policies are read here too, and never changed.

use super::attachments::holders;
use crate::account::Account;
use crate::draft::{Draft, Written, create, update};
use crate::entity::Kept;
use crate::error::{IamError, InTheWay};
use crate::managed::{ManagedPolicy, managed_policies, managed_policy};
use crate::page::{Page, PageRequest};
use crate::quotas::{self, MANAGED_POLICY_CHARACTERS, POLICY_VERSIONS, at_most, characters};
use crate::records::{Policy, PolicyVersion, Tag};
use jiff::Timestamp;
use names::{IdKind, Path, PolicyArn, PolicyName, PolicyOwner, UniqueId};
use policy::PermissionsPolicy;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What CreatePolicy is asked for.
#[derive(Debug, Clone)]
pub struct NewPolicy {
    /// Its path.
    pub path: Path,
    /// Its name.
    pub name: PolicyName,
    /// Its first version, as sent.
    pub document: String,
    /// Words for people.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A managed policy, whoever manages it.
#[derive(Debug, Clone)]
pub enum AnyPolicy {
    /// AWS's own.
    Aws(&'static ManagedPolicy),
    /// The account's.
    Own(Arc<Kept<Policy>>),
}

/// One version of any managed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionShown {
    /// Its number: `v3` is 3.
    pub number: u32,
    /// The document, as sent.
    pub document: String,
    /// Whether it is in force.
    pub is_default: bool,
    /// When it was created.
    pub created: Timestamp,
}

/// Which policies ListPolicies is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyScope {
    /// AWS's and the account's.
    All,
    /// AWS's own.
    Aws,
    /// The account's.
    Local,
}

/// Creates a policy; its document is version 1, the default.
///
/// # Errors
/// A malformed document, a taken name, bad tags, a quota.
pub fn create_policy(
    account: &Account,
    new: NewPolicy,
    now: Timestamp,
    random: [u8; 11],
) -> Result<Written<Policy>, IamError> {
    must_fit(&new.document)?;
    let policy = Policy {
        id: UniqueId::from_random(IdKind::Policy, random),
        path: new.path,
        name: new.name,
        created: now,
        updated: now,
        description: new.description,
        versions: BTreeMap::from([(
            1,
            PolicyVersion {
                document: new.document,
                created: now,
            },
        )]),
        default: 1,
        next: 2,
        tags: super::tags::fresh(new.tags)?,
    };
    create(
        account,
        policy,
        IamError::PolicyExists,
        ("PoliciesPerAccount", quotas::POLICIES),
    )
}

/// The policy with that ARN.
///
/// # Errors
/// [`IamError::NoPolicy`].
pub fn get_policy(account: &Account, arn: &PolicyArn) -> Result<AnyPolicy, IamError> {
    let found = match arn.owner() {
        PolicyOwner::Aws => managed_policy(arn).map(AnyPolicy::Aws),
        PolicyOwner::Account(_) => account
            .policy(arn)
            .map(|policy| AnyPolicy::Own(Arc::clone(policy))),
    };
    found.ok_or_else(|| IamError::NoPolicy(arn.clone()))
}

/// The policies of a scope that are wanted.
///
/// # Errors
/// A bad marker.
pub fn list_policies(
    account: &Account,
    scope: PolicyScope,
    wanted: impl Fn(&AnyPolicy) -> bool,
    page: &PageRequest,
) -> Result<Page<AnyPolicy>, IamError> {
    let own = account
        .policies
        .iter()
        .filter(|_| scope != PolicyScope::Aws);
    let aws = managed_policies().filter(|_| scope != PolicyScope::Local);
    let all = own
        .map(|(key, policy)| (format!("1{key}"), AnyPolicy::Own(Arc::clone(policy))))
        .chain(aws.map(|policy| (format!("2{}", policy.name), AnyPolicy::Aws(policy))));
    page.cut(all.filter(|(_, policy)| wanted(policy)))
}

/// Deletes a policy that has one version and that nobody uses.
///
/// # Errors
/// [`IamError::NoPolicy`], [`IamError::PolicyAttached`], [`IamError::PolicyHasVersions`].
pub fn delete_policy(account: &Account, arn: &PolicyArn) -> Result<Written, IamError> {
    let policy = own(account, arn)?;
    if let Some(holders) = InTheWay::of(holders(account, arn)) {
        return Err(IamError::PolicyAttached(holders));
    }
    let others = policy.versions.keys();
    let others = others.filter(|version| **version != policy.default);
    if let Some(versions) = InTheWay::of(others.map(|version| format!("v{version}"))) {
        return Err(IamError::PolicyHasVersions(versions));
    }
    Ok(Draft::of(account)?
        .delete::<Policy>(account, &policy.name)
        .answer(()))
}

/// Adds a version, under a number that was never used.
///
/// # Errors
/// [`IamError::NoPolicy`], a malformed document, [`IamError::TooManyVersions`].
pub fn create_policy_version(
    account: &Account,
    arn: &PolicyArn,
    document: String,
    as_default: bool,
    now: Timestamp,
) -> Result<Written<VersionShown>, IamError> {
    let name = own(account, arn)?.name.clone();
    must_fit(&document)?;
    update(account, &name, |policy: &mut Policy| {
        if policy.versions.len() == POLICY_VERSIONS {
            return Err(IamError::TooManyVersions {
                max: POLICY_VERSIONS,
            });
        }
        let number = policy.next;
        policy.next += 1;
        policy.updated = now;
        policy.versions.insert(
            number,
            PolicyVersion {
                document,
                created: now,
            },
        );
        if as_default {
            policy.default = number;
        }
        shown(policy, number).ok_or_else(|| missing(arn, number))
    })
}

/// One version of any managed policy.
///
/// # Errors
/// [`IamError::NoPolicy`], [`IamError::NoPolicyVersion`].
pub fn get_policy_version(
    account: &Account,
    arn: &PolicyArn,
    number: u32,
) -> Result<VersionShown, IamError> {
    let versions = versions(&get_policy(account, arn)?);
    versions
        .into_iter()
        .find(|version| version.number == number)
        .ok_or_else(|| missing(arn, number))
}

/// The versions of any managed policy, newest first.
///
/// # Errors
/// [`IamError::NoPolicy`], a bad marker.
pub fn list_policy_versions(
    account: &Account,
    arn: &PolicyArn,
    page: &PageRequest,
) -> Result<Page<VersionShown>, IamError> {
    let versions = versions(&get_policy(account, arn)?);
    page.cut(
        versions
            .into_iter()
            .map(|version| (format!("{:010}", u32::MAX - version.number), version)),
    )
}

/// Makes a version the one in force.
///
/// # Errors
/// [`IamError::NoPolicy`], [`IamError::NoPolicyVersion`].
pub fn set_default_policy_version(
    account: &Account,
    arn: &PolicyArn,
    number: u32,
    now: Timestamp,
) -> Result<Written, IamError> {
    let name = own(account, arn)?.name.clone();
    update(account, &name, |policy: &mut Policy| {
        if !policy.versions.contains_key(&number) {
            return Err(missing(arn, number));
        }
        policy.default = number;
        policy.updated = now;
        Ok(())
    })
}

/// Deletes a version that is not in force; its number is not used again.
///
/// # Errors
/// [`IamError::NoPolicy`], [`IamError::NoPolicyVersion`], [`IamError::DefaultVersion`].
pub fn delete_policy_version(
    account: &Account,
    arn: &PolicyArn,
    number: u32,
    now: Timestamp,
) -> Result<Written, IamError> {
    let name = own(account, arn)?.name.clone();
    update(account, &name, |policy: &mut Policy| {
        if policy.default == number {
            return Err(IamError::DefaultVersion);
        }
        policy
            .versions
            .remove(&number)
            .ok_or_else(|| missing(arn, number))?;
        policy.updated = now;
        Ok(())
    })
}

/// The name of the account's own policy with that ARN.
///
/// # Errors
/// [`IamError::ManagedByAws`], [`IamError::NoPolicy`].
pub fn own<'a>(account: &'a Account, arn: &PolicyArn) -> Result<&'a Arc<Kept<Policy>>, IamError> {
    match arn.owner() {
        PolicyOwner::Aws => Err(IamError::ManagedByAws(arn.clone())),
        PolicyOwner::Account(_) => account
            .policy(arn)
            .ok_or_else(|| IamError::NoPolicy(arn.clone())),
    }
}

/// Refuses what is no permissions policy.
pub(super) fn must_parse(document: &str) -> Result<(), IamError> {
    PermissionsPolicy::parse(document).map_err(Box::new)?;
    Ok(())
}

fn must_fit(document: &str) -> Result<(), IamError> {
    at_most(
        MANAGED_POLICY_CHARACTERS,
        characters(document),
        "PolicySize",
    )?;
    must_parse(document)
}

fn versions(policy: &AnyPolicy) -> Vec<VersionShown> {
    match policy {
        AnyPolicy::Own(policy) => policy
            .versions
            .keys()
            .rev()
            .filter_map(|number| shown(policy, *number))
            .collect(),
        AnyPolicy::Aws(policy) => vec![VersionShown {
            number: policy.version,
            document: policy.document.clone(),
            is_default: true,
            created: policy.updated,
        }],
    }
}

fn shown(policy: &Policy, number: u32) -> Option<VersionShown> {
    let version = policy.versions.get(&number)?;
    Some(VersionShown {
        number,
        document: version.document.clone(),
        is_default: policy.default == number,
        created: version.created,
    })
}

fn missing(arn: &PolicyArn, version: u32) -> IamError {
    IamError::NoPolicyVersion {
        arn: arn.clone(),
        version,
    }
}
