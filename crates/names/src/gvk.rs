//! What a Kubernetes object is: its group, version and kind.

use std::fmt;

use crate::kubernetes::is_subdomain;

name! {
    /// The group that a kind belongs to; the core group has no name.
    ApiGroup, NotAnApiGroup, "an API group",
    "empty for the core group, or an RFC 1123 subdomain as `apps` or `rbac.authorization.k8s.io`",
    |text| text.is_empty() || is_subdomain(text)
}

name! {
    /// A version of a group, as `v1` or `v1beta1`.
    ApiVersion, NotAnApiVersion, "an API version",
    "1 to 63 lower-case letters, digits and hyphens, beginning with a letter, as `v1`",
    |text| crate::kubernetes::is_label(text) && text.as_bytes()[0].is_ascii_lowercase()
}

name! {
    /// The type of an object, as `ConfigMap`.
    Kind, NotAKind, "a kind",
    "1 to 63 letters, digits and hyphens, beginning with a letter, as `ConfigMap`",
    |text| text.len() <= 63
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

name! {
    /// The noun in a kind's paths, as `configmaps`.
    Plural, NotAPlural, "a plural",
    "1 to 63 lower-case letters, digits and hyphens, as `configmaps`",
    crate::kubernetes::is_label
}

/// What a path is about, whichever the version: `deployments` of the group `apps`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupResource {
    /// The group.
    pub group: ApiGroup,
    /// The noun.
    pub plural: Plural,
}

impl fmt::Display for GroupResource {
    /// As Kubernetes' messages print it: `pods`, `deployments.apps`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.plural.as_str())?;
        if self.group.is_core() {
            return Ok(());
        }
        write!(f, ".{}", self.group)
    }
}

/// The full name of an object's type.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gvk {
    /// The group.
    pub group: ApiGroup,
    /// The version of the group.
    pub version: ApiVersion,
    /// The kind.
    pub kind: Kind,
}

/// The two texts name no type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAGvk {
    /// The group is misspelt.
    #[error(transparent)]
    Group(#[from] NotAnApiGroup),
    /// The version is misspelt.
    #[error(transparent)]
    Version(#[from] NotAnApiVersion),
    /// The kind is misspelt.
    #[error(transparent)]
    Kind(#[from] NotAKind),
}

impl Gvk {
    /// The type of an object with this `apiVersion` and `kind`.
    pub fn parse_api_version(api_version: &str, kind: &str) -> Result<Self, NotAGvk> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self::parse(group, version, kind)
    }

    /// The type that three texts name.
    pub fn parse(group: &str, version: &str, kind: &str) -> Result<Self, NotAGvk> {
        Ok(Self {
            group: group.parse()?,
            version: version.parse()?,
            kind: kind.parse()?,
        })
    }

    /// An object's `apiVersion`: `v1`, `apps/v1`.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_core() {
            return self.version.to_string();
        }
        format!("{}/{}", self.group, self.version)
    }
}

impl ApiGroup {
    /// Whether it is the group without a name, whose paths begin with `/api`.
    #[must_use]
    pub fn is_core(&self) -> bool {
        self.as_str().is_empty()
    }
}

impl fmt::Display for Gvk {
    /// As Kubernetes' messages print it: `apps/v1, Kind=Deployment`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}, Kind={}", self.group, self.version, self.kind)
    }
}

impl fmt::Debug for Gvk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}
