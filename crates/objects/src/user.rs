//! Who sent a request to a cluster.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A user as authentication found it: `authentication.k8s.io/v1` UserInfo.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KubeUser {
    /// Its name, as RBAC's subjects spell it; of a service account `system:serviceaccount:NS:NAME`.
    #[serde(rename = "username", default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Tells it from another one that had the name before.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// Its groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// What else authentication knows, by lower-case key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, Vec<String>>,
}

impl KubeUser {
    /// Whether it is in a group.
    #[must_use]
    pub fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|one| one == group)
    }
}
