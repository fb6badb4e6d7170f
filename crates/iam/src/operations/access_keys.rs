//! Access keys: CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey.

use crate::account::Account;
use crate::draft::{Written, update};
use crate::error::IamError;
use crate::quotas::{ACCESS_KEYS, at_most};
use crate::records::{AccessKey, KeyStatus, User};
use jiff::Timestamp;
use names::secret::Secret;
use names::{AccessKeyId, KeyKind, UserName};
use store::Keyring;

/// What a new key is made of.
pub struct KeyRandom {
    /// The part of the id beside the account.
    pub id: [u8; 5],
    /// The secret: 40 characters of base64.
    pub secret: Secret,
    /// For sealing the secret; never used twice.
    pub nonce: [u8; 12],
}

/// Creates a key; its secret is in the answer, and sealed in the record.
///
/// # Errors
/// [`IamError::NoUser`], a third key, or an id that happens to be taken.
pub fn create_access_key(
    account: &Account,
    user: &UserName,
    keyring: &Keyring,
    random: &KeyRandom,
    now: Timestamp,
) -> Result<Written<AccessKey>, IamError> {
    let id = AccessKeyId::new(KeyKind::LongTerm, account.id(), random.id);
    if account.access_key(&id).is_some() {
        return Err(IamError::ServiceFailure("the key id drawn is taken".into()));
    }
    let secret = keyring.seal(
        &AccessKey::sealed_under(&id),
        random.secret.expose(),
        random.nonce,
    );
    let key = AccessKey {
        id,
        secret,
        status: KeyStatus::Active,
        created: now,
    };
    update(account, user, |user: &mut User| {
        at_most(ACCESS_KEYS, user.access_keys.len() + 1, "AccessKeysPerUser")?;
        user.access_keys.push(key.clone());
        Ok(key)
    })
}

/// The keys of a user, oldest first.
///
/// # Errors
/// [`IamError::NoUser`].
pub fn list_access_keys<'a>(
    account: &'a Account,
    user: &UserName,
) -> Result<&'a [AccessKey], IamError> {
    Ok(&account.find::<User>(user)?.access_keys)
}

/// Lets a key sign, or no longer.
///
/// # Errors
/// [`IamError::NoUser`], [`IamError::NoAccessKey`].
pub fn update_access_key(
    account: &Account,
    user: &UserName,
    id: &AccessKeyId,
    status: KeyStatus,
) -> Result<Written, IamError> {
    update(account, user, |user: &mut User| {
        let key = user.access_keys.iter_mut().find(|key| key.id == *id);
        key.ok_or_else(|| IamError::NoAccessKey(id.clone()))?.status = status;
        Ok(())
    })
}

/// Deletes a key.
///
/// # Errors
/// [`IamError::NoUser`], [`IamError::NoAccessKey`].
pub fn delete_access_key(
    account: &Account,
    user: &UserName,
    id: &AccessKeyId,
) -> Result<Written, IamError> {
    update(account, user, |user: &mut User| {
        let before = user.access_keys.len();
        user.access_keys.retain(|key| key.id != *id);
        (user.access_keys.len() < before)
            .then_some(())
            .ok_or_else(|| IamError::NoAccessKey(id.clone()))
    })
}

impl AccessKey {
    /// The secret, opened.
    ///
    /// # Errors
    /// When the keyring has no such epoch, or the record was moved or changed.
    pub fn open(&self, keyring: &Keyring) -> Result<Secret, store::Unopened> {
        let bytes = keyring.open(&Self::sealed_under(&self.id), &self.secret)?;
        Ok(bytes.into())
    }

    /// Takes the time of an opening for a key that nobody has: sealing costs what opening costs.
    pub fn spend_an_opening(id: &AccessKeyId, keyring: &Keyring) {
        let place = Self::sealed_under(id);
        std::hint::black_box(keyring.seal(&place, &[0; 40], [0; 12]));
    }
}
