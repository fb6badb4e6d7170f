//! What a plane is made of: plane.yaml's shape.
//!
//! The file is the whole truth about the organisation, and about which accounts and clusters must be
//! there. What a plane holds already is never changed or deleted by it: see `bootstrap`.

mod images;
mod misfit;
mod nodes;
mod organisation;

pub use images::{ImagesConfig, OtherImages};
pub use misfit::Misfit;
pub use nodes::{InstanceType, NodeConfig, NodeGroup};
pub use organisation::{MemberConfig, OrganisationConfig, PolicyConfig, PolicyText, UnitConfig};

use names::{AccountId, ClusterName, IssuerUrl, Region};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most accounts in one plane.yaml.
const ACCOUNTS_MAX: usize = 1_000;

/// Accounts and clusters of a plane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaneConfig {
    /// The region where nothing else is said.
    #[serde(default = "default_region")]
    #[schemars(with = "String")]
    pub region: Region,
    /// The accounts; the first is the one that commands speak to when none is named.
    pub accounts: Vec<AccountConfig>,
    /// The organisation over the accounts. Left out: there is none, and no policy of one.
    #[serde(default)]
    pub organisation: Option<OrganisationConfig>,
    /// The clusters. Left out: one per account, named after it.
    #[serde(default)]
    pub clusters: Option<Vec<ClusterConfig>>,
    /// The images that Pods name. Left out: Pods see the host's root file system.
    #[serde(default)]
    pub images: ImagesConfig,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountConfig {
    /// What commands and profiles call it.
    pub alias: AccountName,
    /// Twelve digits, in quotes.
    #[schemars(with = "String")]
    pub id: AccountId,
}

/// What a plane calls an account: 1 to 63 of `a-z`, `0-9` and `-`. From three letters on it is the
/// account's IAM alias as well.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub struct AccountName(String);

impl TryFrom<String> for AccountName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=63).contains(&text.len()) && text.bytes().all(letter) && !text.starts_with('-') {
            return Ok(Self(text));
        }
        Err(format!("`{text}` is not 1 to 63 of a-z, 0-9 and -"))
    }
}

impl AccountName {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AccountName {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClusterConfig {
    /// Its name.
    #[schemars(with = "String")]
    pub name: ClusterName,
    /// The alias of its account.
    pub account: AccountName,
    /// Its region; left out: the plane's.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub region: Option<Region>,
    /// The issuer of a real cluster; left out: the plane mints for it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub issuer: Option<IssuerUrl>,
    /// Its nodes.
    #[serde(default)]
    pub nodes: Vec<NodeConfig>,
}

impl PlaneConfig {
    /// Checks what the parts cannot know of each other.
    ///
    /// # Errors
    /// The first thing that does not fit, and where it stands.
    pub fn validate(&self) -> Result<(), Misfit> {
        self.validate_accounts()
            .map_err(|misfit| misfit.under("accounts"))?;
        self.validate_clusters()
            .map_err(|misfit| misfit.under("clusters"))?;
        let images = self.images.validate();
        images.map_err(|misfit| misfit.under("images"))?;
        self.organisation().map(drop)
    }

    /// The organisation declared.
    ///
    /// # Errors
    /// The first thing in it that cannot be.
    pub(crate) fn organisation(&self) -> Result<Option<iam::Organisation>, Misfit> {
        let declared = self.organisation.as_ref();
        declared
            .map(|one| one.declared(&self.accounts, self.region.partition()))
            .transpose()
    }

    fn validate_accounts(&self) -> Result<(), Misfit> {
        if self.accounts.is_empty() || self.accounts.len() > ACCOUNTS_MAX {
            let rule = format!("a plane has 1 to {ACCOUNTS_MAX} accounts");
            return Err(Misfit::new(rule));
        }
        let (mut aliases, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for (index, account) in self.accounts.iter().enumerate() {
            let twice = if !aliases.insert(&account.alias) {
                (
                    "alias",
                    format!("two accounts have the alias `{}`", account.alias),
                )
            } else if !ids.insert(account.id) {
                ("id", format!("two accounts have the id `{}`", account.id))
            } else {
                continue;
            };
            return Err(Misfit::new(twice.1).under(twice.0).under(&index));
        }
        Ok(())
    }

    fn validate_clusters(&self) -> Result<(), Misfit> {
        let mut names = BTreeSet::new();
        for (index, cluster) in self.clusters.iter().flatten().enumerate() {
            if !names.insert(&cluster.name) {
                let twice = format!("two clusters have the name `{}`", cluster.name);
                return Err(Misfit::new(twice).under("name").under(&index));
            }
            self.validate_cluster(cluster)
                .map_err(|misfit| misfit.under(&index))?;
        }
        Ok(())
    }

    fn validate_cluster(&self, cluster: &ClusterConfig) -> Result<(), Misfit> {
        let mut accounts = self.accounts.iter();
        if !accounts.any(|account| account.alias == cluster.account) {
            let stranger = format!(
                "cluster `{}` is of no account: there is none called `{}`",
                cluster.name, cluster.account
            );
            return Err(Misfit::new(stranger).under("account"));
        }
        if cluster.issuer.is_some() && !cluster.nodes.is_empty() {
            let elsewhere = format!(
                "cluster `{}` is elsewhere, as its issuer says; so are its nodes",
                cluster.name
            );
            return Err(Misfit::new(elsewhere).under("nodes"));
        }
        nodes::validate(&cluster.nodes, &cluster.name).map_err(|misfit| misfit.under("nodes"))
    }

    /// The clusters declared, or one per account, named after it.
    #[must_use]
    pub fn clusters(&self) -> Vec<ClusterConfig> {
        match &self.clusters {
            Some(clusters) => clusters.clone(),
            None => self
                .accounts
                .iter()
                .filter_map(|account| {
                    Some(ClusterConfig {
                        name: account.alias.as_str().parse().ok()?,
                        account: account.alias.clone(),
                        region: None,
                        issuer: None,
                        nodes: Vec::new(),
                    })
                })
                .collect(),
        }
    }
}

impl Default for PlaneConfig {
    /// ci, dev, stg and prod in us-west-2, each with a cluster named after it.
    fn default() -> Self {
        let accounts = [("ci", 1), ("dev", 2), ("stg", 3), ("prod", 4)];
        Self {
            region: default_region(),
            accounts: accounts
                .into_iter()
                .filter_map(|(alias, digit): (&str, u64)| {
                    Some(AccountConfig {
                        alias: AccountName(alias.to_owned()),
                        id: AccountId::from_number(digit * 111_111_111_111)?,
                    })
                })
                .collect(),
            organisation: None,
            clusters: None,
            images: ImagesConfig::default(),
        }
    }
}

#[expect(clippy::expect_used, reason = "a constant; the test below reads it")]
fn default_region() -> Region {
    "us-west-2".parse().expect("a well-spelt region")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_plane_has_four_accounts_and_a_cluster_in_each() {
        let config = PlaneConfig::default();
        config.validate().unwrap();
        assert_eq!(config.accounts.len(), 4);
        assert_eq!(config.accounts[3].id.as_str(), "444444444444");
        let names: Vec<_> = config
            .clusters()
            .iter()
            .map(|one| one.name.to_string())
            .collect();
        assert_eq!(names, ["ci", "dev", "stg", "prod"]);
    }

    #[test]
    fn what_does_not_fit_together_is_named() {
        let mut config = PlaneConfig::default();
        config.accounts[1].alias = config.accounts[0].alias.clone();
        let misfit = config.validate().unwrap_err();
        assert_eq!(misfit.sentence, "two accounts have the alias `ci`");
        assert_eq!(misfit.at, ["accounts", "1", "alias"]);
    }
}
