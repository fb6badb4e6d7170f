//! Accounts themselves. AWS Organizations creates them; here they are declared.

use crate::accounts::{Accounts, written};
use crate::draft::{Written, account_key};
use crate::error::IamError;
use crate::records::AccountRecord;
use jiff::Timestamp;
use names::{AccountAlias, AccountId, Partition};
use store::Transaction;

/// Declares an account; one that is there already stays as it is.
///
/// # Errors
/// [`IamError::AliasTaken`] when another account has the alias.
pub fn declare_account(
    accounts: &Accounts,
    id: AccountId,
    partition: Partition,
    alias: Option<AccountAlias>,
    now: Timestamp,
) -> Result<Written, IamError> {
    if accounts.get(id).is_some() {
        return Ok(Written {
            transaction: Transaction::new(),
            output: (),
        });
    }
    super::aliases::must_be_free(accounts, alias.as_ref())?;
    let record = AccountRecord {
        partition,
        alias,
        created: now,
        writes: 0,
    };
    let key = account_key(id);
    let transaction = Transaction::new()
        .if_absent(key.clone())
        .put(key, written(&record)?);
    Ok(Written {
        transaction,
        output: (),
    })
}
