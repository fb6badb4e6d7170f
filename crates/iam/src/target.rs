//! What an IAM call can be about: the ARN that is decided on, the keys that a condition can read of
//! it, and the way IAM names it when it refuses.

use crate::account::Account;
use crate::entity::{Entity, Kept};
use crate::records::{Group, InstanceProfile, OidcProvider, Role, User};
use names::{
    AccountId, GroupName, InstanceProfileName, Path, PolicyArn, PolicyName, PolicyOwner,
    ProviderArn, RoleName, UserName,
};
use policy::{RequestContext, Target};
use std::sync::Arc;

/// An entity that a call would make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New<Name> {
    /// Its path.
    pub path: Path,
    /// Its name.
    pub name: Name,
}

/// All entities of a kind, as ARNs call it: `role`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct All(pub &'static str);

impl Target<Account> for All {
    fn arn(&self, account: &Account) -> String {
        arn(account, self.0, &Path::root(), "")
    }

    fn owner(&self, account: &Account) -> AccountId {
        account.id()
    }
}

/// Entities that calls name: denials show their friendly name. One that is not there has no path,
/// as in AWS; one that is yet to be made is shown by its ARN.
macro_rules! named {
    ($($name:ident $entity:ident, $kind:literal, $word:literal, $services:expr, $boundary:expr;)*) => {$(
        impl Target<Account> for $name {
            fn arn(&self, account: &Account) -> String {
                let found = account.find::<$entity>(self);
                let path = found.map_or_else(|_| Path::root(), |found| found.path.clone());
                arn(account, $kind, &path, self.as_str())
            }

            fn owner(&self, account: &Account) -> AccountId {
                account.id()
            }

            fn shown(&self, _: &Account) -> Option<String> {
                Some(format!(concat!($word, " {}"), self))
            }

            fn keys(&self, account: &Account) -> RequestContext {
                keys_of(account.find::<$entity>(self).ok(), &$services, $boundary)
            }
        }

        impl Target<Account> for New<$name> {
            fn arn(&self, account: &Account) -> String {
                arn(account, $kind, &self.path, self.name.as_str())
            }

            fn owner(&self, account: &Account) -> AccountId {
                account.id()
            }
        }
    )*};
}

named! {
    RoleName Role, "role", "role", ["aws", "iam"], |role| role.boundary.as_ref();
    UserName User, "user", "user", ["aws", "iam"], |user| user.boundary.as_ref();
    GroupName Group, "group", "group", [], |_| None;
    InstanceProfileName InstanceProfile, "instance-profile", "instance profile", ["aws"], |_| None;
}

impl Target<Account> for New<PolicyName> {
    fn arn(&self, account: &Account) -> String {
        arn(account, "policy", &self.path, self.name.as_str())
    }

    fn owner(&self, account: &Account) -> AccountId {
        account.id()
    }

    fn shown(&self, _: &Account) -> Option<String> {
        Some(format!("policy {}", self.name))
    }
}

impl Target<Account> for PolicyArn {
    fn arn(&self, _: &Account) -> String {
        self.to_string()
    }

    fn owner(&self, account: &Account) -> AccountId {
        account.id()
    }

    fn keys(&self, account: &Account) -> RequestContext {
        let own = match PolicyArn::owner(self) {
            PolicyOwner::Aws => None,
            PolicyOwner::Account(_) => account.policy(self),
        };
        keys_of(own, &["aws"], |_| None)
    }
}

impl Target<Account> for ProviderArn {
    fn arn(&self, _: &Account) -> String {
        self.to_string()
    }

    fn owner(&self, account: &Account) -> AccountId {
        account.id()
    }

    fn keys(&self, account: &Account) -> RequestContext {
        let provider = account.find::<OidcProvider>(self.provider()).ok();
        keys_of(provider, &["aws"], |_| None)
    }
}

fn arn(account: &Account, kind: &str, path: &Path, name: &str) -> String {
    let (partition, id) = (account.partition(), account.id());
    format!("arn:{partition}:iam::{id}:{kind}{path}{name}")
}

/// The keys of an entity, if it is there: its tags for these services, and its boundary.
fn keys_of<E: Entity>(
    found: Option<&Arc<Kept<E>>>,
    services: &[&str],
    boundary: fn(&E) -> Option<&PolicyArn>,
) -> RequestContext {
    let mut keys = RequestContext::new();
    let Some(entity) = found else {
        return keys;
    };
    for tag in entity.tags() {
        for service in services {
            let key = format!("{service}:ResourceTag/{}", tag.key);
            keys.set(&key, tag.value.as_str());
        }
    }
    keys.set_some("iam:PermissionsBoundary", boundary(entity));
    keys
}
