//! Why not: the bindings and rules that came closest, and what each lacked.

use crate::attributes::{Asked, Target};
use crate::binding::RoleKind;
use crate::decide::{Grant, rules_of};
use crate::rights::{Bound, Rights};
use crate::rule::{Element, PolicyRule};
use objects::KubeUser;
use std::cmp::Reverse;
use std::fmt;

/// Rules that are named; the closest ones.
const NAMED_MAX: usize = 3;

/// What came closest to allowing a request, best first.
#[derive(Debug, Clone, Default)]
pub struct Explanation {
    /// At most three, best first; empty: nothing is bound to the user or its groups here.
    pub shortfalls: Vec<Shortfall>,
}

/// A binding that speaks of somebody, and why it does not allow the request.
#[derive(Debug, Clone)]
pub enum Shortfall {
    /// Its rule would allow it, but in another namespace.
    OtherNamespace {
        /// The binding.
        grant: Grant,
        /// Where it would.
        namespace: String,
    },
    /// The rule names everything but the verb.
    Verb {
        /// The binding.
        grant: Grant,
        /// The verbs that the rule allows.
        allowed: Vec<String>,
    },
    /// The rule is for objects of other names.
    Name {
        /// The binding.
        grant: Grant,
        /// The names that the rule allows.
        allowed: Vec<String>,
    },
    /// The rules of the role are for other objects altogether.
    Resource {
        /// The binding.
        grant: Grant,
    },
    /// The role does not exist.
    NoSuchRole {
        /// The binding.
        grant: Grant,
    },
}

/// Explains why a user may not do what it asks for.
#[must_use]
pub fn explain(user: &KubeUser, asked: &impl Asked, rights: &Rights) -> Explanation {
    let namespace = namespace(asked);
    let mut shortfalls: Vec<_> = rights
        .bound(user, namespace)
        .map(|bound| shortfall(bound, asked, rights))
        .collect();
    shortfalls.extend(elsewhere(user, asked, rights));
    shortfalls.sort_by_key(|one| Reverse(one.closeness()));
    // What everybody is bound to says nothing, where something else came closer.
    let is_far = |one: &Shortfall| matches!(one, Shortfall::Resource { .. });
    if shortfalls.first().is_some_and(|first| !is_far(first)) {
        shortfalls.retain(|one| !is_far(one));
    }
    shortfalls.truncate(NAMED_MAX);
    Explanation { shortfalls }
}

fn namespace(asked: &impl Asked) -> Option<&str> {
    match asked.target() {
        Target::Resource(target) => target.namespace,
        Target::Path(_) => None,
    }
}

/// The user's own bindings in other namespaces that would allow the same there.
fn elsewhere<'a>(
    user: &'a KubeUser,
    asked: &'a impl Asked,
    rights: &'a Rights,
) -> impl Iterator<Item = Shortfall> + 'a {
    let here = namespace(asked);
    let others = rights
        .bindings()
        .filter_map(|binding| binding.namespace.as_deref())
        .filter(move |namespace| Some(*namespace) != here);
    let mut seen = None;
    let others = others.filter(move |namespace| seen.replace(*namespace) != Some(*namespace));
    others.filter_map(move |namespace| {
        let bound = rights
            .bound(user, Some(namespace))
            .filter(|bound| bound.binding.namespace.is_some());
        let mut allowing = bound.filter_map(|bound| {
            let rules = rules_of(bound, rights)?;
            let rule = rules.iter().position(|rule| rule.allows(asked))?;
            Some(Grant::new(bound, Some(rule)))
        });
        Some(Shortfall::OtherNamespace {
            grant: allowing.next()?,
            namespace: namespace.to_owned(),
        })
    })
}

/// What the best rule of a binding's role lacks.
fn shortfall(bound: &Bound, asked: &impl Asked, rights: &Rights) -> Shortfall {
    let Some(rules) = rules_of(bound, rights) else {
        let grant = Grant::new(bound, None);
        return Shortfall::NoSuchRole { grant };
    };
    let misfit = |(at, rule): (usize, &PolicyRule)| Some((rule.first_misfit(asked)?, at));
    let best = rules
        .iter()
        .enumerate()
        .filter_map(misfit)
        .max_by_key(|(element, _)| *element);
    match best {
        Some((Element::Verb, at)) => Shortfall::Verb {
            grant: Grant::new(bound, Some(at)),
            allowed: rules[at].verbs.clone(),
        },
        Some((Element::Name, at)) => Shortfall::Name {
            grant: Grant::new(bound, Some(at)),
            allowed: rules[at].resource_names.clone(),
        },
        Some((Element::Target | Element::Group | Element::Resource, _)) | None => {
            let grant = Grant::new(bound, None);
            Shortfall::Resource { grant }
        }
    }
}

impl Shortfall {
    /// The binding.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        match self {
            Self::OtherNamespace { grant, .. }
            | Self::Verb { grant, .. }
            | Self::Name { grant, .. }
            | Self::Resource { grant }
            | Self::NoSuchRole { grant } => grant,
        }
    }

    fn closeness(&self) -> u8 {
        match self {
            Self::Name { .. } => 4,
            Self::Verb { .. } => 3,
            Self::NoSuchRole { .. } => 2,
            Self::OtherNamespace { .. } => 1,
            Self::Resource { .. } => 0,
        }
    }
}

impl Explanation {
    /// Upstream's list of roles that bindings name and nobody has made.
    #[must_use]
    pub fn missing_roles(&self) -> Option<String> {
        let missing = self.shortfalls.iter().filter_map(|one| match one {
            Shortfall::NoSuchRole { grant } => {
                let role = &grant.binding().role;
                let plural = match role.kind {
                    RoleKind::Role => "role",
                    RoleKind::ClusterRole => "clusterrole",
                };
                let name = &role.name;
                Some(format!(
                    "{plural}.rbac.authorization.k8s.io {name:?} not found"
                ))
            }
            Shortfall::OtherNamespace { .. }
            | Shortfall::Verb { .. }
            | Shortfall::Name { .. }
            | Shortfall::Resource { .. } => None,
        });
        let missing: Vec<_> = missing.collect();
        match &missing[..] {
            [] => None,
            [one] => Some(one.clone()),
            several => Some(format!("[{}]", several.join(", "))),
        }
    }
}

/// A sentence for each.
impl fmt::Display for Explanation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.shortfalls.is_empty() {
            return out.write_str("no binding names the user or one of its groups");
        }
        for (index, one) in self.shortfalls.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(out, "{separator}{one}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Shortfall {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grant = self.grant();
        match self {
            Self::OtherNamespace { namespace, .. } => {
                write!(out, "{grant} allows it in the namespace `{namespace}` only")
            }
            Self::Verb { allowed, .. } => {
                write!(
                    out,
                    "{grant} allows the verbs `{}` on it",
                    allowed.join("`, `")
                )
            }
            Self::Name { allowed, .. } => {
                write!(
                    out,
                    "{grant} allows it for the names `{}` only",
                    allowed.join("`, `")
                )
            }
            Self::Resource { .. } => write!(out, "{grant} has no rule for it"),
            Self::NoSuchRole { .. } => write!(out, "{grant} names a role that does not exist"),
        }
    }
}
