//! When a user or role last asked for each action of each service, whatever the answer was.
//!
//! As with last uses, nothing is decided on it, so it stands beside the records of users and roles,
//! under their unique ids.

use crate::account::Account;
use crate::accounts::{PREFIX, written};
use crate::error::IamError;
use crate::seconds;
use jiff::Timestamp;
use names::{AccountId, Region, UniqueId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Key, Transaction};

/// One action, asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// When it last was.
    #[serde(with = "seconds")]
    pub at: Timestamp,
    /// The region that was signed for.
    pub region: Region,
}

/// The last access of each action, by service and name. As large as the services' tables at most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accesses(BTreeMap<Box<str>, BTreeMap<Box<str>, Access>>);

impl Accesses {
    /// The part of the store key before the unique id.
    pub(crate) const KIND: &'static str = "accessed";

    /// Notes a request. One that was noted before costs no allocation.
    pub fn note(&mut self, service: &str, action: &str, at: Timestamp, region: &Region) {
        let known = self.0.get_mut(service);
        if let Some(access) = known.and_then(|actions| actions.get_mut(action)) {
            if access.at <= at {
                access.at = at;
                if access.region != *region {
                    access.region = region.clone();
                }
            }
            return;
        }
        let region = region.clone();
        let actions = self.0.entry(service.into()).or_default();
        actions.insert(action.into(), Access { at, region });
    }

    /// Takes in what is noted elsewhere; of each action the later access stays.
    pub fn merge(&mut self, other: &Self) {
        for (service, actions) in &other.0 {
            for (action, access) in actions {
                self.note(service, action, access.at, &access.region);
            }
        }
    }

    /// The latest access to a service.
    #[must_use]
    pub fn last(&self, service: &str) -> Option<&Access> {
        let actions = self.0.get(service)?.values();
        actions.max_by_key(|access| access.at)
    }

    /// The last access of one action.
    #[must_use]
    pub fn of(&self, service: &str, action: &str) -> Option<&Access> {
        self.0.get(service)?.get(action)
    }
}

impl Account {
    /// What was written of the accesses of the user or role with that unique id.
    #[must_use]
    pub fn accesses(&self, id: &str) -> Option<&Accesses> {
        self.accesses.get(id).map(AsRef::as_ref)
    }
}

/// Adds accesses to those written, and forgets those of who is no longer there.
///
/// # Errors
/// [`IamError::ServiceFailure`].
pub fn write_accesses<'a>(
    account: &Account,
    noted: impl IntoIterator<Item = (&'a str, &'a Accesses)>,
) -> Result<Transaction, IamError> {
    let mut transaction = Transaction::new();
    for (id, noted) in noted {
        let mut all = account.accesses(id).cloned().unwrap_or_default();
        all.merge(noted);
        if is_there(account, id) {
            transaction = transaction.put(key(account.id(), id), written(&all)?);
        }
    }
    let gone = account.accesses.keys().filter(|id| !is_there(account, id));
    Ok(gone.fold(transaction, |transaction, id| {
        transaction.delete(key(account.id(), id))
    }))
}

fn is_there(account: &Account, id: &str) -> bool {
    let is_there = |id: UniqueId| account.arn_of(&id).is_some();
    id.parse().is_ok_and(is_there)
}

fn key(account: AccountId, id: &str) -> Key {
    Key::new(format!("{PREFIX}{account}/{}/{id}", Accesses::KIND))
}
