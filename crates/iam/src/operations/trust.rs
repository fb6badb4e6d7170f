//! Who may assume a role: UpdateAssumeRolePolicy.

use crate::accounts::Accounts;
use crate::directory::PinnedTrust;
use crate::draft::{Written, update};
use crate::error::IamError;
use crate::quotas::{self, TRUST_POLICY_CHARACTERS, at_most};
use crate::records::Role;
use names::{AccountId, RoleName};

/// Replaces a role's trust policy; its principals are pinned as they are now.
///
/// # Errors
/// [`IamError::NoRole`], [`IamError::MalformedPolicy`], [`IamError::QuotaExceeded`].
pub fn update_assume_role_policy(
    accounts: &Accounts,
    id: AccountId,
    name: &RoleName,
    document: &str,
) -> Result<Written, IamError> {
    update(accounts.account(id)?, name, |role: &mut Role| {
        role.trust = pinned(accounts, document)?;
        Ok(())
    })
}

/// A trust policy that may be saved.
pub(super) fn pinned(accounts: &Accounts, document: &str) -> Result<PinnedTrust, IamError> {
    at_most(
        TRUST_POLICY_CHARACTERS,
        quotas::characters(document),
        "ACLSizePerRole",
    )?;
    PinnedTrust::save(document, accounts)
}
