//! Policies that AWS manages: the well-known ones, as read-only data.

use jiff::Timestamp;
use names::{IdKind, Partition, Path, PolicyArn, PolicyName, PolicyOwner, UniqueId};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// One policy of AWS's own.
#[derive(Debug, Clone)]
pub struct ManagedPolicy {
    /// Made from the name: AWS's own ids are not published.
    pub id: UniqueId,
    /// `/`, `/service-role/`, `/job-function/`.
    pub path: Path,
    /// Its name.
    pub name: PolicyName,
    /// The number of the version in force, the only one known here.
    pub version: u32,
    /// When AWS created it.
    pub created: Timestamp,
    /// When AWS made this version.
    pub updated: Timestamp,
    /// The document in force.
    pub document: String,
}

impl ManagedPolicy {
    /// Its ARN, in a partition.
    #[must_use]
    pub fn arn(&self, partition: Partition) -> PolicyArn {
        PolicyArn::new(partition, PolicyOwner::Aws, &self.path, &self.name)
    }
}

/// All of them, in the order of their names.
pub fn managed_policies() -> impl Iterator<Item = &'static ManagedPolicy> {
    table().values()
}

/// The one with that ARN, whatever its partition.
#[must_use]
pub fn managed_policy(arn: &PolicyArn) -> Option<&'static ManagedPolicy> {
    let policy = table().get(arn.name().as_str())?;
    (arn.owner() == PolicyOwner::Aws && policy.path == *arn.path()).then_some(policy)
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    policies: Vec<Row<'a>>,
}

#[derive(Deserialize)]
struct Row<'a> {
    name: PolicyName,
    path: Path,
    version: u32,
    created: Box<str>,
    updated: Box<str>,
    #[serde(borrow)]
    document: &'a RawValue,
}

/// A constant of the program, read when first asked for.
fn table() -> &'static BTreeMap<String, ManagedPolicy> {
    static TABLE: OnceLock<BTreeMap<String, ManagedPolicy>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let file: File<'_> = serde_json::from_str(include_str!("../data/managed_policies.json"))
            .unwrap_or(File {
                policies: Vec::new(),
            });
        file.policies
            .into_iter()
            .map(|row| (row.name.to_string(), policy(row)))
            .collect()
    })
}

fn policy(row: Row<'_>) -> ManagedPolicy {
    let time = |text: &str| text.parse().unwrap_or_default();
    ManagedPolicy {
        id: UniqueId::from_random(IdKind::Policy, digest(row.name.as_str())),
        path: row.path,
        version: row.version,
        created: time(&row.created),
        updated: time(&row.updated),
        document: row.document.get().to_owned(),
        name: row.name,
    }
}

/// Spreads a name over the bytes of an id (FNV-1a, twice); not a secret, only steady.
fn digest(name: &str) -> [u8; 11] {
    let hash = |seed: u64| {
        name.bytes().fold(seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    let mut bytes = [0; 11];
    bytes[..8].copy_from_slice(&hash(0xcbf2_9ce4_8422_2325).to_be_bytes());
    bytes[8..].copy_from_slice(&hash(0x9e37_79b9_7f4a_7c15).to_be_bytes()[..3]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_file_is_read_and_parses_as_a_permissions_policy() {
        assert!(managed_policies().count() > 25);
        for managed in managed_policies() {
            policy::PermissionsPolicy::parse(&managed.document)
                .unwrap_or_else(|error| panic!("{}: {error}", managed.name));
            assert_ne!(managed.created, Timestamp::default(), "{}", managed.name);
        }
    }

    #[test]
    fn a_managed_policy_is_found_by_its_whole_arn() {
        let check = |arn: &str, found: bool| {
            assert_eq!(
                managed_policy(&arn.parse().unwrap()).is_some(),
                found,
                "{arn}"
            );
        };
        check("arn:aws:iam::aws:policy/AdministratorAccess", true);
        check("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", true);
        check("arn:aws:iam::aws:policy/ViewOnlyAccess", false);
        check(
            "arn:aws:iam::111111111111:policy/AdministratorAccess",
            false,
        );
    }
}
