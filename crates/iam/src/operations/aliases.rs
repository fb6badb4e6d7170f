//! The account's alias: CreateAccountAlias, DeleteAccountAlias, ListAccountAliases.

use crate::account::Account;
use crate::accounts::Accounts;
use crate::draft::{Draft, Written};
use crate::error::IamError;
use names::{AccountAlias, AccountId};

/// Gives the account an alias, in place of the one it has.
///
/// # Errors
/// [`IamError::AliasTaken`]: an alias is unique among all accounts.
pub fn create_account_alias(
    accounts: &Accounts,
    id: AccountId,
    alias: AccountAlias,
) -> Result<Written, IamError> {
    must_be_free(accounts, Some(&alias))?;
    let account = accounts.account(id)?;
    let mut record = account.record().clone();
    record.alias = Some(alias);
    Ok(Draft::with_record(account, record)?.answer(()))
}

/// Takes the alias away.
///
/// # Errors
/// [`IamError::NoAlias`] for another alias than the account's.
pub fn delete_account_alias(account: &Account, alias: &AccountAlias) -> Result<Written, IamError> {
    let mut record = account.record().clone();
    if record.alias.as_ref() != Some(alias) {
        return Err(IamError::NoAlias(alias.clone()));
    }
    record.alias = None;
    Ok(Draft::with_record(account, record)?.answer(()))
}

/// The aliases of the account: one at most.
#[must_use]
pub fn list_account_aliases(account: &Account) -> Vec<AccountAlias> {
    account.record().alias.iter().cloned().collect()
}

pub(super) fn must_be_free(
    accounts: &Accounts,
    alias: Option<&AccountAlias>,
) -> Result<(), IamError> {
    let taken = alias.filter(|alias| {
        accounts
            .iter()
            .any(|account| account.record().alias.as_ref() == Some(*alias))
    });
    taken.map_or(Ok(()), |alias| Err(IamError::AliasTaken(alias.clone())))
}
