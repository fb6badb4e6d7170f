//! The policies by which an entity may reach a service: ListPoliciesGrantingServiceAccess.

use crate::account::Account;
use crate::entity::Holder;
use crate::error::IamError;
use crate::records::{Group, Role, User};
use names::{AccountId, GroupArn, PolicyArn, PolicyName, RoleArn, UserArn};
use policy::{Document, PermissionsPolicy, RequestContext, Target};
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

impl Subject {
    /// The entity of that account, or the policy of it or of AWS, that an ARN names.
    #[must_use]
    pub fn named_by(arn: &str, account: AccountId) -> Option<Self> {
        let (owner, subject) = if let Ok(arn) = arn.parse::<UserArn>() {
            (Some(arn.account()), Self::User(arn.name().clone()))
        } else if let Ok(arn) = arn.parse::<RoleArn>() {
            (Some(arn.account()), Self::Role(arn.name().clone()))
        } else if let Ok(arn) = arn.parse::<GroupArn>() {
            (Some(arn.account()), Self::Group(arn.name().clone()))
        } else {
            let arn: PolicyArn = arn.parse().ok()?;
            (arn.account(), Self::Policy(arn))
        };
        owner
            .is_none_or(|owner| owner == account)
            .then_some(subject)
    }

    fn named(&self) -> &dyn Target<Account> {
        match self {
            Self::User(name) => name,
            Self::Group(name) => name,
            Self::Role(name) => name,
            Self::Policy(arn) => arn,
        }
    }
}

/// Asking about an entity is decided on the entity.
impl Target<Account> for Subject {
    fn arn(&self, account: &Account) -> String {
        self.named().arn(account)
    }

    fn owner(&self, account: &Account) -> AccountId {
        account.id()
    }

    fn shown(&self, account: &Account) -> Option<String> {
        self.named().shown(account)
    }

    fn keys(&self, account: &Account) -> RequestContext {
        self.named().keys(account)
    }
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
