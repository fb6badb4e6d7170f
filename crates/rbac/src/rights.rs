//! All roles and bindings of a cluster, found by who they speak of.

use crate::binding::{Binding, RoleKind, RoleRef, Subject, SubjectKey};
use crate::rule::PolicyRule;
use objects::{KubeUser, Object};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The roles and bindings of a cluster at one moment; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    roles: BTreeMap<RoleId, Arc<[PolicyRule]>>,
    bindings: BTreeMap<BindingId, Arc<Binding>>,
    cluster: BySubject,
    namespaces: HashMap<Box<str>, BySubject>,
}

/// Namespace (`None`: the cluster's) and name.
type RoleId = (Option<Box<str>>, Box<str>);
type BindingId = (Option<Box<str>>, Box<str>);

/// A binding stands here once for each of its subjects.
#[derive(Debug, Clone, Default)]
struct BySubject {
    users: HashMap<Box<str>, Vec<Bound>>,
    groups: HashMap<Box<str>, Vec<Bound>>,
}

/// A binding, and which of its subjects.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub(crate) binding: Arc<Binding>,
    pub(crate) subject: usize,
}

impl Bound {
    pub(crate) fn subject(&self) -> &Subject {
        &self.binding.subjects[self.subject]
    }
}

/// The kinds that give rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RightsKind {
    /// `roles`.
    Role,
    /// `clusterroles`.
    ClusterRole,
    /// `rolebindings`.
    RoleBinding,
    /// `clusterrolebindings`.
    ClusterRoleBinding,
}

/// An object that gives no rights because it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind:?} `{name}` cannot be read: {why}")]
pub struct NotReadable {
    /// Its kind.
    pub kind: RightsKind,
    /// Its name.
    pub name: String,
    /// What stands in the way.
    pub why: String,
}

impl Rights {
    /// Takes an object in, in place of an older one of its name.
    ///
    /// # Errors
    /// [`NotReadable`]; the older one is gone then, so that nothing is allowed by what is no longer there.
    pub fn put(&mut self, kind: RightsKind, object: &Object) -> Result<(), NotReadable> {
        let (namespace, name) = (object.namespace(), object.name().unwrap_or_default());
        self.remove(kind, namespace, name);
        let unreadable = |why: serde_json::Error| NotReadable {
            kind,
            name: name.to_owned(),
            why: why.to_string(),
        };
        match kind {
            RightsKind::Role | RightsKind::ClusterRole => {
                let rules = listed::<PolicyRule>(object, "rules");
                let rules = rules.map_err(unreadable)?;
                let id = id(kind, namespace, name);
                self.roles.insert(id, rules.into());
            }
            RightsKind::RoleBinding | RightsKind::ClusterRoleBinding => {
                let role = object.get(&["roleRef"]).unwrap_or(&Value::Null);
                let role = RoleRef::deserialize(role).map_err(unreadable)?;
                let subjects = listed::<Subject>(object, "subjects");
                let (namespace, name) = id(kind, namespace, name);
                self.bind(Binding {
                    namespace,
                    name,
                    role,
                    subjects: subjects.map_err(unreadable)?,
                });
            }
        }
        Ok(())
    }

    /// Takes an object out; nothing happens where none is.
    pub fn remove(&mut self, kind: RightsKind, namespace: Option<&str>, name: &str) {
        let id = id(kind, namespace, name);
        match kind {
            RightsKind::Role | RightsKind::ClusterRole => {
                self.roles.remove(&id);
            }
            RightsKind::RoleBinding | RightsKind::ClusterRoleBinding => {
                if let Some(binding) = self.bindings.remove(&id) {
                    self.unbind(&binding);
                }
            }
        }
    }

    /// The rules of the role that a binding gives; `None`: there is no such role.
    #[must_use]
    pub fn rules(&self, role: &RoleRef, namespace: Option<&str>) -> Option<&[PolicyRule]> {
        let namespace = match role.kind {
            RoleKind::Role => namespace.map(Box::from),
            RoleKind::ClusterRole => None,
        };
        let found = self.roles.get(&(namespace, role.name.as_str().into()));
        found.map(|rules| &**rules)
    }

    /// Every binding, the cluster's first.
    pub(crate) fn bindings(&self) -> impl Iterator<Item = &Arc<Binding>> {
        self.bindings.values()
    }

    /// The bindings that speak of a user: the cluster's, then those of a namespace.
    pub(crate) fn bound<'a>(
        &'a self,
        user: &'a KubeUser,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = &'a Bound> {
        let here = namespace.and_then(|namespace| self.namespaces.get(namespace));
        let places = std::iter::once(&self.cluster).chain(here);
        places.flat_map(|place| place.of(user))
    }

    fn bind(&mut self, binding: Binding) {
        let binding = Arc::new(binding);
        let place = match &binding.namespace {
            Some(namespace) => self.namespaces.entry(namespace.clone()).or_default(),
            None => &mut self.cluster,
        };
        for (subject, one) in binding.subjects.iter().enumerate() {
            let binding = Arc::clone(&binding);
            let named = place.named(one.key(binding.namespace.as_deref()));
            named.push(Bound { binding, subject });
        }
        let id = (binding.namespace.clone(), binding.name.clone());
        self.bindings.insert(id, binding);
    }

    fn unbind(&mut self, binding: &Arc<Binding>) {
        let place = match &binding.namespace {
            Some(namespace) => self.namespaces.get_mut(namespace),
            None => Some(&mut self.cluster),
        };
        let Some(place) = place else { return };
        for subject in &binding.subjects {
            let named = place.named(subject.key(binding.namespace.as_deref()));
            named.retain(|one| !Arc::ptr_eq(&one.binding, binding));
        }
    }
}

impl BySubject {
    /// What speaks of a user: by its name, then by its groups.
    fn of<'a>(&'a self, user: &'a KubeUser) -> impl Iterator<Item = &'a Bound> {
        let by_name = self.users.get(user.name.as_str());
        let groups = user.groups.iter();
        let by_group = groups.filter_map(|group| self.groups.get(group.as_str()));
        by_name.into_iter().chain(by_group).flatten()
    }

    fn named(&mut self, key: SubjectKey) -> &mut Vec<Bound> {
        match key {
            SubjectKey::User(name) => self.users.entry(name),
            SubjectKey::Group(name) => self.groups.entry(name),
        }
        .or_default()
    }
}

/// The items of a field; none where it is left out.
fn listed<T: DeserializeOwned>(object: &Object, field: &str) -> Result<Vec<T>, serde_json::Error> {
    let items = object.get(&[field]);
    let items = items.map(Option::<Vec<T>>::deserialize).transpose()?;
    Ok(items.flatten().unwrap_or_default())
}

fn id(kind: RightsKind, namespace: Option<&str>, name: &str) -> RoleId {
    let namespace = match kind {
        RightsKind::Role | RightsKind::RoleBinding => Some(namespace.unwrap_or_default().into()),
        RightsKind::ClusterRole | RightsKind::ClusterRoleBinding => None,
    };
    (namespace, name.into())
}
