//! The stored records, version 1, one a key under `iam/ACCOUNT/`.
//!
//! Names and ARNs are kept as written; identity over time is the unique id.

use crate::directory::PinnedTrust;
use crate::seconds;
use jiff::Timestamp;
use names::{
    AccessKeyId, AccountAlias, Audience, GroupName, InstanceProfileName, IssuerUrl, Partition,
    Path, PolicyArn, PolicyName, RoleName, UniqueId, UserName,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::Sealed;

/// The account itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRecord {
    /// Which AWS it is in.
    pub partition: Partition,
    /// Its one alias.
    pub alias: Option<AccountAlias>,
    /// When it was declared; the epoch for one that was before this was kept.
    #[serde(with = "seconds", default)]
    pub created: Timestamp,
    /// How many transactions wrote in this account.
    pub writes: u64,
}

/// A key and value on an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Case is kept, but two keys may not differ by case alone.
    pub key: String,
    /// The value.
    pub value: String,
}

/// What a role, user or group is permitted by: attached managed policies and inline ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// In the order of attachment.
    pub attached: Vec<PolicyArn>,
    /// The documents as sent.
    pub inline: BTreeMap<PolicyName, String>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// `AROA…`, never used again.
    pub id: UniqueId,
    /// Not part of the name.
    pub path: Path,
    /// Unique in the account, ignoring case.
    pub name: RoleName,
    /// When it was created.
    #[serde(with = "seconds")]
    pub created: Timestamp,
    /// Who may assume it.
    pub trust: PinnedTrust,
    /// Words for people.
    pub description: Option<String>,
    /// The longest session, 3,600 to 43,200.
    pub session_seconds_max: u32,
    /// The policy that bounds its permissions.
    pub boundary: Option<PolicyArn>,
    /// What it may do.
    pub permissions: Permissions,
    /// At most 50.
    pub tags: Vec<Tag>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// `AIDA…`, never used again.
    pub id: UniqueId,
    /// Not part of the name.
    pub path: Path,
    /// Unique in the account, ignoring case.
    pub name: UserName,
    /// When it was created.
    #[serde(with = "seconds")]
    pub created: Timestamp,
    /// The policy that bounds its permissions.
    pub boundary: Option<PolicyArn>,
    /// What it may do, beside its groups' permissions.
    pub permissions: Permissions,
    /// At most two.
    pub access_keys: Vec<AccessKey>,
    /// At most 50.
    pub tags: Vec<Tag>,
}

/// A user's long-term credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA…`.
    pub id: AccessKeyId,
    /// The secret, sealed under [`AccessKey::sealed_under`].
    pub secret: Sealed,
    /// An inactive key answers like an unknown one.
    pub status: KeyStatus,
    /// When it was created.
    #[serde(with = "seconds")]
    pub created: Timestamp,
}

impl AccessKey {
    /// What binds the sealed secret to its place: another key's secret does not open here.
    #[must_use]
    pub fn sealed_under(id: &AccessKeyId) -> String {
        ["iam/access-key/", id.as_str()].concat()
    }
}

/// Whether a key may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyStatus {
    /// It may.
    Active,
    /// It may not.
    Inactive,
}

impl KeyStatus {
    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

/// A group of users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// `AGPA…`, never used again.
    pub id: UniqueId,
    /// Not part of the name.
    pub path: Path,
    /// Unique in the account, ignoring case.
    pub name: GroupName,
    /// When it was created.
    #[serde(with = "seconds")]
    pub created: Timestamp,
    /// What its members may do.
    pub permissions: Permissions,
    /// The users in it.
    pub members: BTreeSet<UniqueId>,
}

/// A customer managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// `ANPA…`, never used again.
    pub id: UniqueId,
    /// Not part of the name.
    pub path: Path,
    /// Unique in the account, ignoring case.
    pub name: PolicyName,
    /// When it was created.
    #[serde(with = "seconds")]
    pub created: Timestamp,
    /// When a version was last added, removed or made the default.
    #[serde(with = "seconds")]
    pub updated: Timestamp,
    /// Words for people.
    pub description: Option<String>,
    /// At most five.
    pub versions: BTreeMap<u32, PolicyVersion>,
    /// The version in force.
    pub default: u32,
    /// The number of the next version; numbers are never used again.
    pub next: u32,
    /// At most 50.
    pub tags: Vec<Tag>,
}

impl Policy {
    /// The document in force.
    #[must_use]
    pub fn document(&self) -> &str {
        self.versions
            .get(&self.default)
            .map_or("", |version| &version.document)
    }
}

/// One version of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// As sent.
    pub document: String,
    /// When it was created.
    #[serde(with = "seconds")]
    pub created: Timestamp,
}

/// The account's record that it trusts an issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcProvider {
    /// Compared with a token's `iss` exactly.
    pub url: IssuerUrl,
    /// When it was created.
    #[serde(with = "seconds")]
    pub created: Timestamp,
    /// The audiences accepted; none: no token passes.
    pub client_ids: Vec<Audience>,
    /// SHA-1 of certificates, 40 hexadecimal digits, lower case.
    pub thumbprints: Vec<String>,
    /// At most 50.
    pub tags: Vec<Tag>,
}

/// A container that hands a role to an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// `AIPA…`, never used again.
    pub id: UniqueId,
    /// Not part of the name.
    pub path: Path,
    /// Unique in the account, ignoring case.
    pub name: InstanceProfileName,
    /// When it was created.
    #[serde(with = "seconds")]
    pub created: Timestamp,
    /// At most one role.
    pub role: Option<UniqueId>,
    /// At most 50.
    pub tags: Vec<Tag>,
}
