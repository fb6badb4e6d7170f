//! What all kinds of entities have in common: a place in the store, and a name unique in it.

use crate::account::Account;
use crate::error::IamError;
use crate::layers::IdentityLayers;
use crate::records::{Group, InstanceProfile, OidcProvider, Permissions, Policy, Role, Tag, User};
use names::{
    AccountId, GroupName, InstanceProfileName, Path, PolicyArn, PolicyName, PolicyOwner,
    ProviderArn, ProviderName, RoleName, UserName,
};
use policy::TrustPolicy;
use serde::{Serialize, de::DeserializeOwned};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// A record as the snapshot keeps it, with what was compiled from it.
///
/// What is compiled stays for as long as this value does; [`crate::Accounts::apply`] puts a fresh
/// value in place when anything that it was compiled from changes.
#[derive(Debug, Clone)]
pub struct Kept<E> {
    record: E,
    pub(crate) layers: OnceLock<Arc<IdentityLayers>>,
    pub(crate) kept_trust: OnceLock<Option<Arc<TrustPolicy>>>,
}

impl<E> Kept<E> {
    pub(crate) fn new(record: E) -> Self {
        Self {
            record,
            layers: OnceLock::new(),
            kept_trust: OnceLock::new(),
        }
    }

    pub(crate) fn without_layers(&self) -> Self
    where
        E: Clone,
    {
        Self {
            record: self.record.clone(),
            layers: OnceLock::new(),
            kept_trust: self.kept_trust.clone(),
        }
    }
}

impl<E> Deref for Kept<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.record
    }
}

/// The entities of one kind in an account, by the key of their name.
pub(crate) type Shelf<E> = BTreeMap<String, Arc<Kept<E>>>;

/// A kind of entity.
pub trait Entity: Clone + Serialize + DeserializeOwned + Sized {
    /// What it is called by.
    type Name: Clone;
    /// Its part of the store key.
    const KIND: &'static str;

    /// Its own name.
    fn name(&self) -> Self::Name;
    /// What is unique about a name: for most kinds the name without case.
    fn key(name: &Self::Name) -> Cow<'_, str>;
    /// The refusal that says that there is none.
    fn missing(name: &Self::Name, account: &Account) -> IamError;
    /// Refuses what only AWS may change; every change of an entity asks this.
    ///
    /// # Errors
    /// [`IamError::ProtectedRole`].
    fn must_be_modifiable(&self) -> Result<(), IamError> {
        Ok(())
    }
    /// The tags, for a kind that has them.
    fn tags(&self) -> &[Tag];
    /// The tags, to be changed.
    fn tags_mut(&mut self) -> Option<&mut Vec<Tag>>;
    #[doc(hidden)]
    fn shelf(account: &Account) -> &BTreeMap<String, Arc<Kept<Self>>>;
    #[doc(hidden)]
    fn shelf_mut(account: &mut Account) -> &mut BTreeMap<String, Arc<Kept<Self>>>;
}

/// A kind of entity that permissions policies hang on.
pub trait Holder: Entity {
    /// As messages call it: `role`.
    const WORD: &'static str;
    /// The quota of attached policies: its name and value.
    const ATTACHED_MAX: (&'static str, usize);
    /// How many characters all inline policies may have together.
    const INLINE_CHARACTERS_MAX: usize;

    /// What hangs on it.
    fn permissions(&self) -> &Permissions;
    /// What hangs on it, to be changed.
    fn permissions_mut(&mut self) -> &mut Permissions;
    /// Its name as text.
    fn name_text(&self) -> String;
}

/// Where an entity's record stands.
pub(crate) fn store_key<E: Entity>(account: AccountId, name: &E::Name) -> store::Key {
    store::Key::new(format!(
        "{}{account}/{}/{}",
        crate::PREFIX,
        E::KIND,
        E::key(name)
    ))
}

macro_rules! entity {
    ($entity:ident, $name:ty, $kind:literal, $shelf:ident, $missing:expr $(, $guard:item)?) => {
        impl Entity for $entity {
            type Name = $name;
            const KIND: &'static str = $kind;

            fn name(&self) -> $name {
                self.name.clone()
            }
            fn key(name: &$name) -> Cow<'_, str> {
                name.folded()
            }
            fn missing(name: &$name, account: &Account) -> IamError {
                let missing: fn(&$name, &Account) -> IamError = $missing;
                missing(name, account)
            }
            $($guard)?
            fn tags(&self) -> &[Tag] {
                &self.tags
            }
            fn tags_mut(&mut self) -> Option<&mut Vec<Tag>> {
                Some(&mut self.tags)
            }
            fn shelf(account: &Account) -> &Shelf<Self> {
                &account.$shelf
            }
            fn shelf_mut(account: &mut Account) -> &mut Shelf<Self> {
                &mut account.$shelf
            }
        }
    };
}

entity!(
    Role,
    RoleName,
    "role",
    roles,
    |name, _| IamError::NoRole(name.clone()),
    fn must_be_modifiable(&self) -> Result<(), IamError> {
        match protected_prefix(&self.path) {
            Some(_) => Err(IamError::ProtectedRole(self.name.clone())),
            None => Ok(()),
        }
    }
);
entity!(User, UserName, "user", users, |name, _| IamError::NoUser(
    name.clone()
));
entity!(
    InstanceProfile,
    InstanceProfileName,
    "instance-profile",
    instance_profiles,
    |name, _| { IamError::NoInstanceProfile(name.clone()) }
);
entity!(Policy, PolicyName, "policy", policies, |name, account| {
    let owner = PolicyOwner::Account(account.id());
    IamError::NoPolicy(PolicyArn::new(
        account.partition(),
        owner,
        &Path::root(),
        name,
    ))
});

impl Entity for Group {
    type Name = GroupName;
    const KIND: &'static str = "group";

    fn name(&self) -> GroupName {
        self.name.clone()
    }
    fn key(name: &GroupName) -> Cow<'_, str> {
        name.folded()
    }
    fn missing(name: &GroupName, _: &Account) -> IamError {
        IamError::NoGroup(name.clone())
    }
    fn tags(&self) -> &[Tag] {
        &[]
    }
    fn tags_mut(&mut self) -> Option<&mut Vec<Tag>> {
        None
    }
    fn shelf(account: &Account) -> &Shelf<Self> {
        &account.groups
    }
    fn shelf_mut(account: &mut Account) -> &mut Shelf<Self> {
        &mut account.groups
    }
}

impl Entity for OidcProvider {
    type Name = ProviderName;
    const KIND: &'static str = "oidc-provider";

    fn name(&self) -> ProviderName {
        self.url.as_provider_name().clone()
    }
    fn key(name: &ProviderName) -> Cow<'_, str> {
        name.as_str().into()
    }
    fn missing(name: &ProviderName, account: &Account) -> IamError {
        IamError::NoProvider(ProviderArn::new(account.partition(), account.id(), name))
    }
    fn tags(&self) -> &[Tag] {
        &self.tags
    }
    fn tags_mut(&mut self) -> Option<&mut Vec<Tag>> {
        Some(&mut self.tags)
    }
    fn shelf(account: &Account) -> &Shelf<Self> {
        &account.providers
    }
    fn shelf_mut(account: &mut Account) -> &mut Shelf<Self> {
        &mut account.providers
    }
}

/// Paths of roles that belong to AWS's services: no permission lets anybody change these.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html>,
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>
pub(crate) fn protected_prefix(path: &Path) -> Option<&'static str> {
    ["/aws-service-role/", "/aws-reserved/"]
        .into_iter()
        .find(|prefix| path.as_str().starts_with(prefix))
}

macro_rules! holder {
    ($entity:ident, $word:literal, $quota:literal, $attached:literal, $inline:literal) => {
        impl Holder for $entity {
            const WORD: &'static str = $word;
            const ATTACHED_MAX: (&'static str, usize) = ($quota, $attached);
            const INLINE_CHARACTERS_MAX: usize = $inline;

            fn permissions(&self) -> &Permissions {
                &self.permissions
            }
            fn permissions_mut(&mut self) -> &mut Permissions {
                &mut self.permissions
            }
            fn name_text(&self) -> String {
                self.name.to_string()
            }
        }
    };
}

holder!(Role, "role", "PoliciesPerRole", 10, 10_240);
holder!(User, "user", "PoliciesPerUser", 10, 2_048);
holder!(Group, "group", "PoliciesPerGroup", 10, 5_120);
