//! The policies by which an entity may reach a service: ListPoliciesGrantingServiceAccess.

use crate::account::Account;
use crate::entity::Holder;
use crate::error::IamError;
use crate::records::{Group, Role, User};
use names::{PolicyArn, PolicyName};
use policy::{Document, PermissionsPolicy};
use std::sync::Arc;

/// The user, group, role or managed policy that a report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A user, by its name.
    User(names::UserName),
    /// A group, by its name.
    Group(names::GroupName),
    /// A role, by its name.
    Role(names::RoleName),
    /// A managed policy.
    Policy(PolicyArn),
}

/// A policy that stands somewhere in an account.
#[derive(Debug, Clone)]
pub struct GrantingPolicy {
    /// Its name.
    pub name: PolicyName,
    /// Where it stands.
    pub place: PolicyPlace,
    document: Arc<Document>,
}

/// Where a policy stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyPlace {
    /// By itself, attached.
    Managed(PolicyArn),
    /// Within an entity: its word, and its name.
    Inline(&'static str, String),
}

impl GrantingPolicy {
    /// Whether something in it allows an action of the service, under whatever condition.
    #[must_use]
    pub fn grants(&self, service: &str) -> bool {
        self.document.allows_of(service)
    }

    /// Whether something in it allows the action, under whatever condition.
    #[must_use]
    pub fn allows(&self, action: &str) -> bool {
        self.document.allows_action(action)
    }
}

/// All permissions policies of an entity, a user's groups' included; of a policy, itself.
///
/// # Errors
/// The kind's `NoSuchEntity`.
pub fn policies_of(account: &Account, subject: &Subject) -> Result<Vec<GrantingPolicy>, IamError> {
    match subject {
        Subject::Role(name) => Ok(held::<Role>(account, account.find(name)?)),
        Subject::Group(name) => Ok(held::<Group>(account, account.find(name)?)),
        Subject::User(name) => {
            let user = account.find::<User>(name)?;
            let mut all = held::<User>(account, user);
            for group in account.groups_of(&user.id) {
                all.extend(held::<Group>(account, group));
            }
            Ok(all)
        }
        Subject::Policy(arn) => {
            let policy = managed(account, arn);
            let policy = policy.ok_or_else(|| IamError::NoPolicy(arn.clone()))?;
            Ok(vec![policy])
        }
    }
}

fn held<E: Holder>(account: &Account, holder: &E) -> Vec<GrantingPolicy> {
    let permissions = holder.permissions();
    let attached = permissions.attached.iter();
    let attached = attached.filter_map(|arn| managed(account, arn));
    let inline = permissions.inline.iter().filter_map(|(name, text)| {
        Some(GrantingPolicy {
            name: name.clone(),
            place: PolicyPlace::Inline(E::WORD, holder.name_text()),
            document: document(text)?,
        })
    });
    attached.chain(inline).collect()
}

fn managed(account: &Account, arn: &PolicyArn) -> Option<GrantingPolicy> {
    Some(GrantingPolicy {
        name: arn.name().clone(),
        place: PolicyPlace::Managed(arn.clone()),
        document: document(account.managed_document(arn)?)?,
    })
}

fn document(text: &str) -> Option<Arc<Document>> {
    let policy = PermissionsPolicy::parse(text).ok()?;
    Some(Arc::clone(policy.document()))
}
