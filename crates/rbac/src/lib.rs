//! Decides a Kubernetes request against roles and bindings, and names the rule that mattered.
//!
//! A user and what it asks for go in, with the [`Rights`] that roles and bindings give; [`decide`] says
//! which of them allows it, and [`explain`] which came closest when none does.
//! [`confirm_no_escalation`] keeps people from granting what they do not hold.
//!
//! Everything here is a plain function of its arguments. Source:
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>.

mod aggregation;
mod attributes;
mod binding;
mod bootstrap;
mod cover;
mod decide;
mod explain;
mod quoted;
mod review;
mod rights;
mod rule;

pub use aggregation::aggregated;
pub use attributes::{Asked, ResourceTarget, Target};
pub use binding::{Binding, RoleKind, RoleRef, Subject, SubjectKind};
pub use bootstrap::bootstrap_objects;
pub use cover::{MayNotGrant, confirm_may_bind, confirm_no_escalation};
pub use decide::{Decision, Grant, decide};
pub use explain::{Explanation, Shortfall, explain};
pub use review::{RulesOf, rules_of};
pub use rights::{NotReadable, Rights, RightsKind};
pub use rule::PolicyRule;

/// Whoever is in this group may do everything, whatever the roles say.
pub const SUPERUSERS: &str = "system:masters";
