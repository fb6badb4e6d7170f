//! A binding: a role, and who has it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A RoleBinding (with a namespace) or a ClusterRoleBinding (without one).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// `None`: it binds in the whole cluster.
    pub namespace: Option<Box<str>>,
    /// Its name.
    pub name: Box<str>,
    /// What it gives.
    pub role: RoleRef,
    /// To whom.
    pub subjects: Vec<Subject>,
}

/// The role that a binding gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRef {
    /// A role of the binding's namespace, or of the cluster.
    pub kind: RoleKind,
    /// Its name.
    pub name: String,
}

/// Where a role lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoleKind {
    /// In a namespace.
    Role,
    /// In the cluster.
    ClusterRole,
}

impl RoleKind {
    /// The kind as objects name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::ClusterRole => "ClusterRole",
        }
    }
}

/// Somebody a binding names. RBAC's subject; a token's is `oidc::Subject`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Its name.
    pub name: String,
    /// Of a service account; left out, the binding's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

/// What a subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubjectKind {
    /// A user by name.
    User,
    /// All users of a group.
    Group,
    /// A service account.
    ServiceAccount,
}

impl Subject {
    /// The user name or group that a request must carry to be meant.
    pub(crate) fn key(&self, binding_namespace: Option<&str>) -> SubjectKey {
        match self.kind {
            SubjectKind::User => SubjectKey::User(self.name.as_str().into()),
            SubjectKind::Group => SubjectKey::Group(self.name.as_str().into()),
            SubjectKind::ServiceAccount => {
                let namespace = self.service_account_namespace(binding_namespace);
                let user = format!("system:serviceaccount:{namespace}:{}", self.name);
                SubjectKey::User(user.into())
            }
        }
    }

    fn service_account_namespace<'a>(&'a self, binding_namespace: Option<&'a str>) -> &'a str {
        let own = self.namespace.as_deref().filter(|one| !one.is_empty());
        own.or(binding_namespace).unwrap_or_default()
    }
}

/// By which bindings are found.
#[derive(Debug)]
pub(crate) enum SubjectKey {
    User(Box<str>),
    Group(Box<str>),
}

impl Binding {
    /// As upstream describes it in a reason; `subject` is the one that was meant.
    pub(crate) fn described(&self, subject: &Subject) -> impl fmt::Display {
        let (kind, name) = match &self.namespace {
            Some(namespace) => ("RoleBinding", format!("{}/{namespace}", self.name)),
            None => ("ClusterRoleBinding", self.name.to_string()),
        };
        let subject = match subject.kind {
            SubjectKind::User => format!("User {:?}", subject.name),
            SubjectKind::Group => format!("Group {:?}", subject.name),
            SubjectKind::ServiceAccount => {
                let namespace = subject.service_account_namespace(self.namespace.as_deref());
                format!("ServiceAccount \"{}/{namespace}\"", subject.name)
            }
        };
        let role = &self.role;
        format!(
            "{kind} {name:?} of {} {:?} to {subject}",
            role.kind.as_str(),
            role.name
        )
    }
}
