//! When an access key or a role was last used, and for what.
//!
//! It decides nothing, so it stands beside the records of keys and roles, under their unique ids:
//! to write it is no change of the account, conflicts with none, and leaves alone what was compiled
//! from users and roles.

use crate::account::Account;
use crate::accounts::{PREFIX, written};
use crate::error::IamError;
use crate::seconds;
use jiff::Timestamp;
use names::{AccessKeyId, AccountId, Region, UniqueId};
use serde::{Deserialize, Serialize};
use store::{Key, Transaction};

/// The last request that a key or a role's session signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastUse {
    /// When.
    #[serde(with = "seconds")]
    pub at: Timestamp,
    /// The service, as signatures name it.
    pub service: Box<str>,
    /// The region that was signed for.
    pub region: Region,
}

impl LastUse {
    /// The part of the store key before the unique id.
    pub(crate) const KIND: &'static str = "used";
}

impl Account {
    /// The last use that was written of a key or role with that unique id.
    #[must_use]
    pub fn last_use(&self, id: &str) -> Option<&LastUse> {
        self.last_uses.get(id).map(AsRef::as_ref)
    }
}

/// Writes the uses that are newer than those written, and forgets what is no longer there.
///
/// # Errors
/// [`IamError::ServiceFailure`].
pub fn write_last_uses<'a>(
    account: &Account,
    uses: impl IntoIterator<Item = (&'a str, &'a LastUse)>,
) -> Result<Transaction, IamError> {
    let mut transaction = Transaction::new();
    for (id, last) in uses {
        let is_newer = account.last_use(id).is_none_or(|known| known.at < last.at);
        if is_newer && is_there(account, id) {
            transaction = transaction.put(key(account.id(), id), written(last)?);
        }
    }
    let gone = account.last_uses.keys().filter(|id| !is_there(account, id));
    Ok(gone.fold(transaction, |transaction, id| {
        transaction.delete(key(account.id(), id))
    }))
}

fn is_there(account: &Account, id: &str) -> bool {
    let is_key = |id: AccessKeyId| account.access_key(&id).is_some();
    let is_role = |id: UniqueId| account.role_by_id(&id).is_some();
    id.parse().is_ok_and(is_key) || id.parse().is_ok_and(is_role)
}

fn key(account: AccountId, id: &str) -> Key {
    Key::new(format!("{PREFIX}{account}/{}/{id}", LastUse::KIND))
}
