//! Permits: decisions that travel as types.

use crate::attributes::{Asked, Target};
use crate::decide::{Decision, Grant, decide};
use crate::explain::{Explanation, explain};
use crate::rights::Rights;
use objects::KubeUser;
use std::fmt;

/// Proof that a user may do what it asked for. Only [`authorise`] makes one.
#[derive(Debug)]
pub struct Permit<A> {
    user: KubeUser,
    asked: A,
    reason: Reason,
}

impl<A> Permit<A> {
    /// Who may.
    pub fn user(&self) -> &KubeUser {
        &self.user
    }

    /// What.
    pub fn asked(&self) -> &A {
        &self.asked
    }

    /// Why.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// Gives up the permit for what was asked.
    pub fn into_asked(self) -> A {
        self.asked
    }
}

/// Why a request is allowed.
#[derive(Debug, Clone)]
pub enum Reason {
    /// The user is one of the superusers.
    Superuser,
    /// A rule allows it.
    Rbac(Grant),
}

/// As reviews and the audit record give it.
impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superuser => write!(out, "the user is in the group {}", crate::SUPERUSERS),
            Self::Rbac(grant) => write!(out, "RBAC: allowed by {grant}"),
        }
    }
}

/// A request that is not allowed, and all about why.
#[derive(Debug)]
pub struct Refusal<A> {
    /// What was asked.
    pub asked: A,
    /// Which bindings and rules came closest, and what was missing.
    pub explanation: Explanation,
    user: String,
}

/// Asks whether a user may do what it asks for.
///
/// # Errors
/// [`Refusal`], which explains itself.
pub fn authorise<A: Asked>(
    user: &KubeUser,
    asked: A,
    rights: &Rights,
) -> Result<Permit<A>, Box<Refusal<A>>> {
    let reason = match decide(user, &asked, rights) {
        Decision::Superuser => Reason::Superuser,
        Decision::Allow { by } => Reason::Rbac(by),
        Decision::NoOpinion => {
            return Err(Box::new(Refusal {
                explanation: explain(user, &asked, rights),
                user: user.name.clone(),
                asked,
            }));
        }
    };
    Ok(Permit {
        user: user.clone(),
        asked,
        reason,
    })
}

impl<A: Asked> Refusal<A> {
    /// Kubernetes' sentence, without the object's name in front: `User "u" cannot list resource
    /// "pods" in API group "" in the namespace "n"`, and the bindings whose role is missing.
    #[must_use]
    pub fn message(&self) -> String {
        let (user, verb) = (&self.user, self.asked.verb());
        let cannot = match self.asked.target() {
            Target::Path(path) => format!("User {user:?} cannot {verb} path {path:?}"),
            Target::Resource(target) => {
                let resource = target.plural_and_subresource();
                let group = target.group;
                let scope = match target.namespace {
                    Some(namespace) => format!("in the namespace {namespace:?}"),
                    None => "at the cluster scope".to_owned(),
                };
                format!(
                    "User {user:?} cannot {verb} resource {resource:?} in API group {group:?} {scope}"
                )
            }
        };
        match self.explanation.missing_roles() {
            Some(missing) => format!("{cannot}: RBAC: {missing}"),
            None => cannot,
        }
    }
}
