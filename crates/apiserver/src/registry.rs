//! The resources that are served, as data: a kind is an entry here, not a handler.
//!
//! A custom resource will be one more [`ResourceDef`], made while the server runs.

mod builtin;
mod events;

pub(crate) use builtin::gvk;

use crate::subresource::SubresourceDef;
use names::{GroupResource, Gvk};
use objects::Object;
use std::collections::HashMap;
use std::sync::Arc;

/// One resource of one version of a group.
#[derive(Debug, Clone)]
pub struct ResourceDef {
    /// The type of its objects.
    pub gvk: Gvk,
    /// The group, and what paths call it.
    pub resource: GroupResource,
    /// What people call one, as `configmap`.
    pub singular: Box<str>,
    /// What people call it in short.
    pub short_names: Vec<Box<str>>,
    /// Words that stand for several resources, as `all`.
    pub categories: Vec<Box<str>>,
    /// Whether its objects lie in namespaces.
    pub scope: Scope,
    /// What can be asked of it.
    pub verbs: &'static [Verb],
    /// What lies below its objects.
    pub subresources: Vec<SubresourceDef>,
    /// How its objects live.
    pub strategy: Strategy,
    /// The resource of another group whose objects these are; none: they are its own.
    pub kept_as: Option<KeptAs>,
}

/// The form in which objects are kept that are served by two groups, under the same plural.
#[derive(Debug, Clone, Copy)]
pub struct KeptAs {
    /// The group in whose form they are kept.
    pub group: &'static str,
    /// From the form that is served to that one.
    pub keep: fn(&mut Object),
    /// Back again.
    pub show: fn(&mut Object),
}

/// Where the objects of a resource lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In namespaces.
    Namespaced,
    /// In the cluster itself.
    Cluster,
}

/// What is asked of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words are Kubernetes' own")]
pub enum Verb {
    Create,
    Delete,
    DeleteCollection,
    Get,
    List,
    Patch,
    Update,
    Watch,
}

impl Verb {
    /// What every stored resource can be asked.
    pub const ALL: &'static [Self] = &[
        Self::Create,
        Self::Delete,
        Self::DeleteCollection,
        Self::Get,
        Self::List,
        Self::Patch,
        Self::Update,
        Self::Watch,
    ];
    /// What a question that is answered and forgotten can be asked.
    pub const CREATE: &'static [Self] = &[Self::Create];
    /// What a view of an object can be asked.
    pub const VIEW: &'static [Self] = &[Self::Get, Self::Patch, Self::Update];

    /// As rules and discovery write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Delete => "delete",
            Self::DeleteCollection => "deletecollection",
            Self::Get => "get",
            Self::List => "list",
            Self::Patch => "patch",
            Self::Update => "update",
            Self::Watch => "watch",
        }
    }
}

/// How the objects of a resource live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strategy {
    /// Whether changes of the desired state are counted in `metadata.generation`.
    pub generation: bool,
    /// Whether `status` is written by its own subresource alone.
    pub status: bool,
    /// Whether values are sealed before they reach the store.
    pub sealed: bool,
    /// How an object ends.
    pub ending: Ending,
    /// Whether an object waits from the beginning for somebody to bind it.
    pub begins_pending: bool,
    /// Of a kind on which nothing acts here: what does not happen.
    pub kept_only: Option<&'static str>,
}

/// How an object ends when it is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As soon as nothing holds it back.
    AtOnce,
    /// A running pod is given time.
    Pod,
    /// A namespace's contents go first.
    Namespace,
}

impl ResourceDef {
    /// The group; empty for the core group.
    #[must_use]
    pub fn group(&self) -> &str {
        self.gvk.group.as_str()
    }

    /// The group in whose form its objects are kept.
    #[must_use]
    pub fn group_kept(&self) -> &str {
        self.kept_as.map_or_else(|| self.group(), |kept| kept.group)
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> &str {
        self.gvk.version.as_str()
    }

    /// What paths call it.
    #[must_use]
    pub fn plural(&self) -> &str {
        self.resource.plural.as_str()
    }

    /// Whether its objects lie in namespaces.
    #[must_use]
    pub fn is_namespaced(&self) -> bool {
        self.scope == Scope::Namespaced
    }

    /// Whether it is asked and answered, and kept by nobody.
    #[must_use]
    pub fn is_question(&self) -> bool {
        self.verbs == Verb::CREATE
    }

    /// The subresource of that name.
    #[must_use]
    pub fn subresource(&self, name: &str) -> Option<&SubresourceDef> {
        self.subresources.iter().find(|one| *one.name == *name)
    }
}

/// The resources that are served.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    resources: Vec<Arc<ResourceDef>>,
    by_path: HashMap<String, Arc<ResourceDef>>,
}

impl Registry {
    /// What a server serves by itself.
    #[must_use]
    pub fn builtin() -> Self {
        let mut registry = Self::default();
        for resource in builtin::resources() {
            registry.add(resource);
        }
        registry
    }

    /// Serves one more resource.
    pub fn add(&mut self, resource: ResourceDef) {
        let resource = Arc::new(resource);
        let path = path(resource.group(), resource.version(), resource.plural());
        self.by_path.insert(path, Arc::clone(&resource));
        self.resources.push(resource);
    }

    /// The resource of a path.
    #[must_use]
    pub fn find(&self, group: &str, version: &str, plural: &str) -> Option<&Arc<ResourceDef>> {
        self.by_path.get(&path(group, version, plural))
    }

    /// The resource whose objects have this type.
    #[must_use]
    pub fn of_kind(&self, gvk: &Gvk) -> Option<&Arc<ResourceDef>> {
        self.resources.iter().find(|one| one.gvk == *gvk)
    }

    /// All resources, in the order in which discovery shows them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<ResourceDef>> {
        self.resources.iter()
    }

    /// The groups with their versions, in the order of discovery; the core group first.
    #[must_use]
    pub fn groups(&self) -> Vec<(&str, Vec<&str>)> {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for one in &self.resources {
            let (group, version) = (one.group(), one.version());
            match groups.iter_mut().find(|(there, _)| *there == group) {
                Some((_, versions)) if versions.contains(&version) => {}
                Some((_, versions)) => versions.push(version),
                None => groups.push((group, vec![version])),
            }
        }
        groups
    }

    /// The resources of one version of a group; none when it is not served.
    #[must_use]
    pub fn of_version(&self, group: &str, version: &str) -> Vec<&Arc<ResourceDef>> {
        let all = self.resources.iter();
        all.filter(|one| one.group() == group && one.version() == version)
            .collect()
    }
}

fn path(group: &str, version: &str, plural: &str) -> String {
    format!("{group}/{version}/{plural}")
}
