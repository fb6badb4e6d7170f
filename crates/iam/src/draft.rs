//! What an operation wants written.

use crate::account::Account;
use crate::accounts::written;
use crate::entity::{Entity, Kept, store_key};
use crate::error::IamError;
use crate::records::AccountRecord;
use store::{Key, Transaction};

/// A transaction that would make an operation so, and its answer once it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<T = ()> {
    /// To be committed; a conflict means: decide again on a newer snapshot.
    pub transaction: Transaction,
    /// The answer.
    pub output: T,
}

/// Writes in one account, gathered.
pub(crate) struct Draft {
    transaction: Transaction,
}

impl Draft {
    /// Begins with the comparison and rewriting that make this the account's one writer.
    pub(crate) fn of(account: &Account) -> Result<Self, IamError> {
        Self::with_record(account, account.record().clone())
    }

    /// The same, with changes to the account's own record.
    pub(crate) fn with_record(
        account: &Account,
        mut record: AccountRecord,
    ) -> Result<Self, IamError> {
        record.writes += 1;
        let key = account_key(account.id());
        let transaction = Transaction::new()
            .if_modified_at(key.clone(), account.modified)
            .put(key, written(&record)?);
        Ok(Self { transaction })
    }

    pub(crate) fn put<E: Entity>(
        mut self,
        account: &Account,
        entity: &E,
    ) -> Result<Self, IamError> {
        let key = store_key::<E>(account.id(), &entity.name());
        self.transaction = self.transaction.put(key, written(entity)?);
        Ok(self)
    }

    pub(crate) fn delete<E: Entity>(mut self, account: &Account, name: &E::Name) -> Self {
        self.transaction = self.transaction.delete(store_key::<E>(account.id(), name));
        self
    }

    pub(crate) fn answer<T>(self, output: T) -> Written<T> {
        Written {
            transaction: self.transaction,
            output,
        }
    }
}

pub(crate) fn account_key(account: names::AccountId) -> Key {
    Key::new(format!("{}{account}/account", crate::PREFIX))
}

/// Writes a new entity; its name must be free and the quota allow one more.
pub(crate) fn create<E: Entity + 'static>(
    account: &Account,
    entity: E,
    taken: impl FnOnce(E::Name) -> IamError,
    (quota, max): (&'static str, usize),
) -> Result<Written<E>, IamError> {
    if account.find::<E>(&entity.name()).is_ok() {
        return Err(taken(entity.name()));
    }
    crate::quotas::at_most(max, E::shelf(account).len() + 1, quota)?;
    Ok(Draft::of(account)?.put(account, &entity)?.answer(entity))
}

/// Changes one entity and writes it back; what the change refuses is not written.
pub(crate) fn update<E: Entity + 'static, T>(
    account: &Account,
    name: &E::Name,
    change: impl FnOnce(&mut E) -> Result<T, IamError>,
) -> Result<Written<T>, IamError> {
    let kept: &Kept<E> = account.find::<E>(name)?;
    kept.must_be_modifiable()?;
    let mut entity: E = E::clone(kept);
    let output = change(&mut entity)?;
    Ok(Draft::of(account)?.put(account, &entity)?.answer(output))
}
