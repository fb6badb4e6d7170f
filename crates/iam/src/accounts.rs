//! The picture of all accounts, kept up to date from the store.

use crate::accesses::Accesses;
use crate::account::Account;
use crate::entity::{Entity, Kept};
use crate::error::IamError;
use crate::last_use::LastUse;
use crate::operations::access_reports::AccessReport;
use crate::operations::credential_report::CredentialReport;
use crate::organisation::Organisation;
use crate::records::{AccountRecord, Group, InstanceProfile, OidcProvider, Policy, Role, User};
use jiff::Timestamp;
use names::{AccessKeyId, AccountId, PolicyArn};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Entry, Event, Listing, Revision};

/// Where all records of this crate stand.
pub const PREFIX: &str = "iam/";

/// The key of the organisation's record, beside the accounts.
pub(crate) const ORGANISATION: &str = "iam/organisation";

/// All accounts at one revision. Cloning copies pointers.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    accounts: BTreeMap<AccountId, Arc<Account>>,
    organisation: Option<Arc<Organisation>>,
    organisation_modified: Option<Revision>,
}

/// A stored record that this program cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the record at `{key}` cannot be read: {why}")]
pub struct Unreadable {
    /// Where it stands.
    pub key: String,
    /// What is wrong with it.
    pub why: String,
}

impl Accounts {
    /// Builds the picture from everything under [`PREFIX`].
    ///
    /// # Errors
    /// [`Unreadable`] for a record of a newer program, or a damaged one.
    pub fn from_listing(listing: &Listing) -> Result<Self, Unreadable> {
        let mut accounts = Self::default();
        for entry in listing
            .entries
            .iter()
            .filter(|entry| entry.key.as_str().starts_with(PREFIX))
        {
            accounts.put(entry)?;
        }
        Ok(accounts)
    }

    /// Takes in what a commit did. Events of other crates' keys are passed over.
    ///
    /// # Errors
    /// [`Unreadable`] as in [`Accounts::from_listing`]; the picture is then as before.
    pub fn apply(&mut self, event: &Event) -> Result<(), Unreadable> {
        if !event.key().as_str().starts_with(PREFIX) {
            return Ok(());
        }
        match event {
            Event::Put(entry) => self.put(entry),
            Event::Deleted { key, .. } => {
                self.take(key.as_str());
                Ok(())
            }
        }
    }

    /// The account with those digits.
    #[must_use]
    pub fn get(&self, id: AccountId) -> Option<&Arc<Account>> {
        self.accounts.get(&id)
    }

    /// The account with those digits.
    ///
    /// # Errors
    /// [`IamError::NoAccount`].
    pub fn account(&self, id: AccountId) -> Result<&Account, IamError> {
        self.get(id)
            .map(AsRef::as_ref)
            .ok_or(IamError::NoAccount(id))
    }

    /// All accounts, in the order of their digits.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Account>> {
        self.accounts.values()
    }

    /// The organisation, where there is one.
    #[must_use]
    pub fn organisation(&self) -> Option<&Arc<Organisation>> {
        self.organisation.as_ref()
    }

    /// The commit that wrote the organisation.
    #[must_use]
    pub fn organisation_modified(&self) -> Option<Revision> {
        self.organisation_modified
    }

    /// The account that an access key says it belongs to.
    #[must_use]
    pub fn account_of_key(&self, id: &AccessKeyId) -> Option<&Arc<Account>> {
        self.get(id.account()?)
    }

    fn put(&mut self, entry: &Entry) -> Result<(), Unreadable> {
        let key = entry.key.as_str();
        if key == ORGANISATION {
            self.organisation = Some(Arc::new(read(entry)?));
            self.organisation_modified = Some(entry.modified);
            return Ok(());
        }
        let (id, kind, name) = place(key).ok_or_else(|| unreadable(key, "no such place"))?;
        let account = self.account_mut(id);
        match kind {
            "account" => {
                account.record = read(entry)?;
                account.modified = entry.modified;
            }
            Role::KIND => account.put_role(name, read(entry)?),
            User::KIND => account.put_user(name, read(entry)?),
            Group::KIND => {
                shelve::<Group>(account, name, read(entry)?);
                account.forget_user_layers();
            }
            Policy::KIND => {
                let policy: Policy = read(entry)?;
                let arn = account.policy_arn(&policy);
                shelve::<Policy>(account, name, policy);
                account.forget_layers_with(&arn);
            }
            OidcProvider::KIND => shelve::<OidcProvider>(account, name, read(entry)?),
            InstanceProfile::KIND => shelve::<InstanceProfile>(account, name, read(entry)?),
            LastUse::KIND => {
                let last = Arc::new(read(entry)?);
                account.last_uses.insert(name.to_owned(), last);
            }
            Accesses::KIND => {
                let accesses = Arc::new(read(entry)?);
                account.accesses.insert(name.to_owned(), accesses);
            }
            CredentialReport::KIND => account.credential_report = Some(Arc::new(read(entry)?)),
            AccessReport::KIND => {
                let report = Arc::new(read(entry)?);
                account.access_reports.insert(name.to_owned(), report);
            }
            _ => return Err(unreadable(key, "no such kind")),
        }
        Ok(())
    }

    fn take(&mut self, key: &str) {
        if key == ORGANISATION {
            self.organisation = None;
            self.organisation_modified = None;
            return;
        }
        let Some((id, kind, name)) = place(key) else {
            return;
        };
        if kind == "account" {
            self.accounts.remove(&id);
            return;
        }
        let account = self.account_mut(id);
        match kind {
            Role::KIND => account.take_role(name),
            User::KIND => account.take_user(name),
            Group::KIND => {
                account.groups.remove(name);
                account.forget_user_layers();
            }
            Policy::KIND => drop(account.policies.remove(name)),
            OidcProvider::KIND => drop(account.providers.remove(name)),
            InstanceProfile::KIND => drop(account.instance_profiles.remove(name)),
            LastUse::KIND => drop(account.last_uses.remove(name)),
            Accesses::KIND => drop(account.accesses.remove(name)),
            CredentialReport::KIND => account.credential_report = None,
            AccessReport::KIND => drop(account.access_reports.remove(name)),
            _ => {}
        }
    }

    /// The account to be changed; its own record sorts before its contents, so a full listing
    /// brings it first.
    fn account_mut(&mut self, id: AccountId) -> &mut Account {
        let blank = AccountRecord {
            partition: names::Partition::Aws,
            alias: None,
            created: Timestamp::UNIX_EPOCH,
            writes: 0,
        };
        let account = self
            .accounts
            .entry(id)
            .or_insert_with(|| Arc::new(Account::new(id, blank, Revision::ZERO)));
        Arc::make_mut(account)
    }
}

impl Account {
    fn forget_user_layers(&mut self) {
        for user in self.users.values_mut() {
            *user = Arc::new(user.without_layers());
        }
    }

    fn forget_layers_with(&mut self, arn: &PolicyArn) {
        let in_groups = self
            .groups
            .values()
            .any(|group| group.permissions.attached.contains(arn));
        for role in self.roles.values_mut() {
            if role.permissions.attached.contains(arn) || role.boundary.as_ref() == Some(arn) {
                *role = Arc::new(role.without_layers());
            }
        }
        for user in self.users.values_mut() {
            if in_groups
                || user.permissions.attached.contains(arn)
                || user.boundary.as_ref() == Some(arn)
            {
                *user = Arc::new(user.without_layers());
            }
        }
    }
}

fn shelve<E: Entity>(account: &mut Account, key: &str, record: E) {
    E::shelf_mut(account).insert(key.to_owned(), Arc::new(Kept::new(record)));
}

/// `iam/ACCOUNT/KIND/NAME`; names of providers hold more slashes.
fn place(key: &str) -> Option<(AccountId, &str, &str)> {
    let (account, rest) = key.strip_prefix(PREFIX)?.split_once('/')?;
    let (kind, name) = rest.split_once('/').unwrap_or((rest, ""));
    Some((account.parse().ok()?, kind, name))
}

/// The version of every record that this program writes, and the only one it reads.
const VERSION: u32 = 1;

#[derive(serde::Serialize)]
struct Written<'a, R> {
    v: u32,
    record: &'a R,
}

/// The version is read before the record, which only that version can understand.
#[derive(serde::Deserialize)]
struct Found<'a> {
    v: u32,
    #[serde(borrow)]
    record: &'a RawValue,
}

fn read<R: DeserializeOwned>(entry: &Entry) -> Result<R, Unreadable> {
    let refuse = |error: serde_json::Error| unreadable(entry.key.as_str(), &error.to_string());
    let found: Found<'_> = serde_json::from_slice(&entry.value).map_err(refuse)?;
    if found.v != VERSION {
        return Err(unreadable(
            entry.key.as_str(),
            &format!("it has version {}, not {VERSION}", found.v),
        ));
    }
    serde_json::from_str(found.record.get()).map_err(refuse)
}

/// A record as it is stored.
pub(crate) fn written<R: serde::Serialize>(record: &R) -> Result<Vec<u8>, IamError> {
    let failure = |error: serde_json::Error| IamError::ServiceFailure(error.to_string());
    serde_json::to_vec(&Written { v: VERSION, record }).map_err(failure)
}

fn unreadable(key: &str, why: &str) -> Unreadable {
    Unreadable {
        key: key.to_owned(),
        why: why.to_owned(),
    }
}
