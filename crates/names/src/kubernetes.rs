//! Namespaces, nodes and service accounts.

use std::fmt;
use std::str::FromStr;

name! {
    /// A namespace: an RFC 1123 label.
    Namespace, NotANamespace, "a namespace",
    "1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end",
    is_label
}

name! {
    /// A node: an RFC 1123 subdomain.
    NodeName, NotANodeName, "a node name",
    "1 to 253 lower-case letters, digits, hyphens and dots, each part ending in a letter or digit",
    is_subdomain
}

name! {
    /// A service account's name: an RFC 1123 subdomain.
    ServiceAccountName, NotAServiceAccountName, "a service account name",
    "1 to 253 lower-case letters, digits, hyphens and dots, each part ending in a letter or digit",
    is_subdomain
}

name! {
    /// An RFC 1123 label, what most short names are.
    DnsLabel, NotADnsLabel, "a DNS label",
    "1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end",
    is_label
}

name! {
    /// An RFC 1123 subdomain, what most objects are named by.
    DnsSubdomain, NotADnsSubdomain, "a DNS subdomain",
    "1 to 253 lower-case letters, digits, hyphens and dots, each part ending in a letter or digit",
    is_subdomain
}

/// A service account of a cluster.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct ServiceAccount {
    /// The namespace it lives in.
    pub namespace: Namespace,
    /// Its name there.
    pub name: ServiceAccountName,
}

/// The text names no service account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a service account: `NAMESPACE/NAME`, or `system:serviceaccount:NAMESPACE:NAME`"
)]
pub struct NotAServiceAccount(pub String);

impl ServiceAccount {
    /// The `sub` of its tokens: `system:serviceaccount:NAMESPACE:NAME`.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.namespace, self.name)
    }

    /// The service account that a `sub` names.
    pub fn from_subject(subject: &str) -> Result<Self, NotAServiceAccount> {
        let names = subject.strip_prefix("system:serviceaccount:");
        Self::from_halves(names.and_then(|names| names.split_once(':')))
            .ok_or_else(|| NotAServiceAccount(subject.to_owned()))
    }

    fn from_halves(halves: Option<(&str, &str)>) -> Option<Self> {
        let (namespace, name) = halves?;
        Some(Self {
            namespace: namespace.parse().ok()?,
            name: name.parse().ok()?,
        })
    }
}

impl FromStr for ServiceAccount {
    type Err = NotAServiceAccount;

    /// Reads `NAMESPACE/NAME`, as people write it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_halves(text.split_once('/')).ok_or_else(|| NotAServiceAccount(text.to_owned()))
    }
}

impl fmt::Display for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// An RFC 1123 label.
pub(crate) fn is_label(text: &str) -> bool {
    text.len() <= 63 && is_part(text)
}

/// An RFC 1123 subdomain. Kubernetes bounds the whole, not its parts.
pub(crate) fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_part)
}

fn is_part(text: &str) -> bool {
    let is_edge = |byte: Option<u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    is_edge(text.bytes().next())
        && is_edge(text.bytes().last())
        && text.bytes().all(|byte| is_edge(Some(byte)) || byte == b'-')
}
