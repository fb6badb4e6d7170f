//! The decision: rules only ever allow, so the first one that fits settles it.

use crate::SUPERUSERS;
use crate::attributes::{Asked, Target};
use crate::binding::Binding;
use crate::rights::{Bound, Rights};
use crate::rule::PolicyRule;
use objects::KubeUser;
use std::fmt;
use std::sync::Arc;

/// What roles and bindings say of a request.
#[derive(Debug, Clone)]
pub enum Decision {
    /// The user is one of the superusers.
    Superuser,
    /// A rule allows it.
    Allow {
        /// Which one.
        by: Grant,
    },
    /// No rule does, so it is refused: nothing here can deny what another rule allows.
    NoOpinion,
}

/// A binding that speaks of a user, and the rule of its role that mattered.
#[derive(Debug, Clone)]
pub struct Grant {
    bound: Bound,
    rule: Option<usize>,
}

impl Decision {
    /// Whether the request may go on.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        match self {
            Self::Superuser | Self::Allow { .. } => true,
            Self::NoOpinion => false,
        }
    }
}

impl Grant {
    pub(crate) fn new(bound: &Bound, rule: Option<usize>) -> Self {
        Self {
            bound: bound.clone(),
            rule,
        }
    }

    /// The binding.
    #[must_use]
    pub fn binding(&self) -> &Arc<Binding> {
        &self.bound.binding
    }

    /// The place of the rule in its role, from 0; `None` where the role has none that matters.
    #[must_use]
    pub fn rule(&self) -> Option<usize> {
        self.rule
    }
}

/// `RoleBinding "edit/ci" of ClusterRole "edit" to Group "deployers"`.
impl fmt::Display for Grant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.binding().described(self.bound.subject()).fmt(out)
    }
}

/// Decides whether a user may do what it asks for.
#[must_use]
pub fn decide(user: &KubeUser, asked: &impl Asked, rights: &Rights) -> Decision {
    if user.is_in(SUPERUSERS) {
        return Decision::Superuser;
    }
    let namespace = match asked.target() {
        Target::Resource(target) => target.namespace,
        Target::Path(_) => None,
    };
    let mut allowing = rights.bound(user, namespace).filter_map(|bound| {
        let rules = rules_of(bound, rights)?;
        let rule = rules.iter().position(|rule| rule.allows(asked))?;
        Some(Grant::new(bound, Some(rule)))
    });
    match allowing.next() {
        Some(by) => Decision::Allow { by },
        None => Decision::NoOpinion,
    }
}

/// The rules that a binding gives; `None`: its role does not exist.
pub(crate) fn rules_of<'a>(bound: &Bound, rights: &'a Rights) -> Option<&'a [PolicyRule]> {
    let binding = &bound.binding;
    rights.rules(&binding.role, binding.namespace.as_deref())
}
