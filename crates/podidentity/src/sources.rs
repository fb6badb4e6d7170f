//! What is configured beside the service accounts themselves.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a configuration document.
const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;

/// Roles by service account, from the key `config` of the ConfigMap `pod-identity-webhook`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigMapEntries {
    exact: BTreeMap<String, Entry>,
    /// `*/NAME`: any namespace.
    everywhere: BTreeMap<String, Entry>,
}

/// What one entry says; what it does not say is taken from the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) role: String,
    pub(crate) audience: Option<String>,
    pub(crate) regional_sts: Option<bool>,
    pub(crate) expiration_seconds: Option<i64>,
}

/// A configuration document that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotConfigured {
    /// It is too long.
    #[error("the document has {0} bytes, at most {DOCUMENT_BYTES_MAX} are read")]
    TooLong(usize),
    /// It is not the JSON that is expected.
    #[error("{0}")]
    Malformed(String),
    /// A key names no service account.
    #[error("`{0}` names no service account: `NAMESPACE/NAME`, or `*/NAME` for any namespace")]
    NotAServiceAccount(String),
    /// A wildcard stands where none is understood.
    #[error("`{0}` has a wildcard inside a name; only `*` as the whole namespace is understood")]
    PartialWildcard(String),
    /// A member that no entry has.
    #[error(
        "`{key}` has the unknown member `{member}`; known are RoleARN, Audience, UseRegionalSTS, TokenExpiration"
    )]
    UnknownMember {
        /// The entry.
        key: String,
        /// The member.
        member: String,
    },
}

impl ConfigMapEntries {
    /// Reads the document: an object with a member `NAMESPACE/NAME` for each service account.
    ///
    /// # Errors
    /// [`NotConfigured`] names what stands in the way; keep the entries that were read before.
    pub fn parse(text: &str) -> Result<Self, NotConfigured> {
        let members: BTreeMap<String, BTreeMap<String, serde_json::Value>> = read(text)?;
        let mut entries = Self::default();
        for (key, members) in members {
            let entry = Entry::of(&key, members)?;
            match key.split_once('/') {
                Some(("*", name)) if is_plain(name) => {
                    entries.everywhere.insert(name.to_owned(), entry);
                }
                Some((namespace, name)) if is_plain(namespace) && is_plain(name) => {
                    entries.exact.insert(key, entry);
                }
                Some(_) if key.contains('*') => return Err(NotConfigured::PartialWildcard(key)),
                _ => return Err(NotConfigured::NotAServiceAccount(key)),
            }
        }
        Ok(entries)
    }

    /// The entry of a service account: its own one first.
    pub(crate) fn get(&self, namespace: &str, name: &str) -> Option<&Entry> {
        self.exact
            .get(&format!("{namespace}/{name}"))
            .or_else(|| self.everywhere.get(name))
    }
}

impl Entry {
    /// Member names are read without regard to case, as Go's JSON reader does.
    fn of(key: &str, members: BTreeMap<String, serde_json::Value>) -> Result<Self, NotConfigured> {
        let mut entry = Self::default();
        for (member, value) in members {
            let malformed = |wanted: &str| {
                NotConfigured::Malformed(format!("`{member}` of `{key}` is {wanted}"))
            };
            let text = || value.as_str().map(str::to_owned);
            match member.to_ascii_lowercase().as_str() {
                "rolearn" => entry.role = text().ok_or_else(|| malformed("text"))?,
                "audience" => {
                    let audience = text().ok_or_else(|| malformed("text"))?;
                    entry.audience = Some(audience).filter(|audience| !audience.is_empty());
                }
                "useregionalsts" => {
                    let regional = value.as_bool().ok_or_else(|| malformed("true or false"))?;
                    entry.regional_sts = Some(regional);
                }
                "tokenexpiration" => {
                    let seconds = value.as_i64().ok_or_else(|| malformed("a whole number"))?;
                    entry.expiration_seconds = Some(seconds).filter(|seconds| *seconds != 0);
                }
                _ => {
                    let key = key.to_owned();
                    return Err(NotConfigured::UnknownMember { key, member });
                }
            }
        }
        Ok(entry)
    }
}

/// The service accounts with an EKS Pod Identity association.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodIdentities(BTreeSet<(String, String)>);

impl PodIdentities {
    /// Reads `{"identities":[{"namespace":…,"serviceAccount":…}]}`; an empty document has none.
    ///
    /// # Errors
    /// [`NotConfigured`] names what stands in the way; keep the identities that were read before.
    pub fn parse(text: &str) -> Result<Self, NotConfigured> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let file: File = read(text)?;
        let pairs = file.identities.into_iter();
        Ok(pairs
            .map(|one| (one.namespace, one.service_account))
            .collect())
    }

    /// Whether a service account has one.
    #[must_use]
    pub fn holds(&self, namespace: &str, name: &str) -> bool {
        self.0.contains(&(namespace.to_owned(), name.to_owned()))
    }
}

impl FromIterator<(String, String)> for PodIdentities {
    /// From namespaces and names.
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    identities: Vec<PodIdentity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodIdentity {
    namespace: String,
    service_account: String,
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, NotConfigured> {
    if text.len() > DOCUMENT_BYTES_MAX {
        return Err(NotConfigured::TooLong(text.len()));
    }
    serde_json::from_str(text).map_err(|why| NotConfigured::Malformed(why.to_string()))
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains(['*', '/'])
}
