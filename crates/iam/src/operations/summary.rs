//! GetAccountSummary.

use crate::account::Account;
use crate::entity::{Entity, Holder};
use crate::quotas;
use crate::records::{Group, InstanceProfile, OidcProvider, Policy, Role, User};

/// Every row of the summary: what the account holds, and its quotas.
#[must_use]
pub fn account_summary(account: &Account) -> Vec<(&'static str, i64)> {
    let versions = account.all::<Policy>().map(|policy| policy.versions.len());
    let rows: [(&str, usize); 28] = [
        ("AccessKeysPerUserQuota", quotas::ACCESS_KEYS),
        ("AccountAccessKeysPresent", 0),
        ("AccountMFAEnabled", 0),
        ("AccountPasswordPresent", 0),
        ("AccountSigningCertificatesPresent", 0),
        ("AssumeRolePolicySizeQuota", quotas::TRUST_POLICY_CHARACTERS),
        ("AttachedPoliciesPerGroupQuota", Group::ATTACHED_MAX.1),
        ("AttachedPoliciesPerRoleQuota", Role::ATTACHED_MAX.1),
        ("AttachedPoliciesPerUserQuota", User::ATTACHED_MAX.1),
        ("GroupPolicySizeQuota", Group::INLINE_CHARACTERS_MAX),
        ("Groups", Group::shelf(account).len()),
        ("GroupsPerUserQuota", quotas::GROUPS_OF_A_USER),
        ("GroupsQuota", quotas::GROUPS),
        ("InstanceProfiles", InstanceProfile::shelf(account).len()),
        ("InstanceProfilesQuota", quotas::INSTANCE_PROFILES),
        ("MFADevices", 0),
        ("Policies", Policy::shelf(account).len()),
        ("PoliciesQuota", quotas::POLICIES),
        ("PolicySizeQuota", quotas::MANAGED_POLICY_CHARACTERS),
        ("PolicyVersionsInUse", versions.sum()),
        ("Providers", OidcProvider::shelf(account).len()),
        ("RolePolicySizeQuota", Role::INLINE_CHARACTERS_MAX),
        ("Roles", Role::shelf(account).len()),
        ("RolesQuota", quotas::ROLES),
        ("UserPolicySizeQuota", User::INLINE_CHARACTERS_MAX),
        ("Users", User::shelf(account).len()),
        ("UsersQuota", quotas::USERS),
        ("VersionsPerPolicyQuota", quotas::POLICY_VERSIONS),
    ];
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    rows.map(|(key, row)| (key, count(row))).to_vec()
}
