//! The organisation: units and accounts, and the policies that bind them.
//!
//! What AWS Organizations keeps, plane.yaml says: there is no API for it here.

use super::{AccountConfig, AccountName, Misfit};
use aws_lc_rs::digest::{SHA256, digest};
use iam::{Organisation, OrganisationNode, OrganisationPolicy};
use names::{AccountId, Partition, PolicyName};
use policy::{MalformedPolicy, PermissionsPolicy, ResourceControlPolicy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Most units below each other, as in AWS.
const DEPTH_MAX: usize = 5;
/// Most policies of a kind on one node, AWS's own among them.
const POLICIES_MAX: usize = 5;
/// Most characters of one policy; blanks count.
const CHARACTERS_MAX: usize = 5_120;
/// Allows everything, as AWS's `FullAWSAccess` does.
const FULL_ACCESS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }]
}"#;
/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationConfig {
    /// `o-` and 10 to 32 of `a-z` and `0-9`. Left out: made from the management account's id.
    #[serde(default)]
    pub id: Option<String>,
    /// The alias of the account that no policy of the organisation binds.
    pub management: AccountName,
    /// The top of the tree.
    #[serde(default)]
    pub root: UnitConfig,
}

/// The root, or an organisational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitConfig {
    /// `r-…` for the root, `ou-…-…` for a unit. Left out: made from the names above it.
    #[serde(default)]
    pub id: Option<String>,
    /// Whether AWS's own FullAWSAccess hangs here too, as in AWS until somebody detaches it.
    #[serde(default = "yes")]
    pub full_aws_access: bool,
    /// Service control policies, by name.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, PolicyConfig>")]
    pub service_control: BTreeMap<PolicyName, PolicyConfig>,
    /// Resource control policies, by name.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, PolicyConfig>")]
    pub resource_control: BTreeMap<PolicyName, PolicyConfig>,
    /// The accounts right below.
    #[serde(default)]
    pub accounts: Vec<MemberConfig>,
    /// The units right below, by name.
    #[serde(default)]
    pub units: BTreeMap<String, UnitConfig>,
}

/// An account of the organisation, and the policies that hang on it alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberConfig {
    /// Which account.
    pub alias: AccountName,
    /// As for a unit.
    #[serde(default = "yes")]
    pub full_aws_access: bool,
    /// Service control policies, by name.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, PolicyConfig>")]
    pub service_control: BTreeMap<PolicyName, PolicyConfig>,
    /// Resource control policies, by name.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, PolicyConfig>")]
    pub resource_control: BTreeMap<PolicyName, PolicyConfig>,
}

/// A policy: its document, or the file that holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyConfig {
    /// The document, as JSON text or as the mapping itself.
    #[serde(default)]
    pub document: Option<PolicyText>,
    /// A file with the document, from the folder of plane.yaml.
    #[serde(default)]
    pub file: Option<PathBuf>,
}

/// A policy document in a plane.yaml.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "serde_json::Value")]
pub struct PolicyText(String);

impl From<serde_json::Value> for PolicyText {
    fn from(written: serde_json::Value) -> Self {
        let text = written.as_str().map(str::to_owned);
        Self(text.unwrap_or_else(|| format!("{written:#}")))
    }
}

impl JsonSchema for PolicyText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PolicyText".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "object"] })
    }
}

impl Default for UnitConfig {
    fn default() -> Self {
        Self {
            id: None,
            full_aws_access: true,
            service_control: BTreeMap::new(),
            resource_control: BTreeMap::new(),
            accounts: Vec::new(),
            units: BTreeMap::new(),
        }
    }
}

fn yes() -> bool {
    true
}

impl OrganisationConfig {
    /// Puts the text of each policy that stands in a file in its place.
    ///
    /// # Errors
    /// What `read` refuses, and where it was asked for.
    pub fn read_files(
        &mut self,
        read: &impl Fn(&Path) -> Result<String, String>,
    ) -> Result<(), Misfit> {
        let read = self.root.read_files(read);
        read.map_err(|misfit| misfit.under("root").under("organisation"))
    }

    /// The organisation that this declares.
    ///
    /// # Errors
    /// The first thing in it that cannot be.
    pub(crate) fn declared(
        &self,
        accounts: &[AccountConfig],
        partition: Partition,
    ) -> Result<Organisation, Misfit> {
        self.tree(accounts, partition)
            .map_err(|misfit| misfit.under("organisation"))
    }

    fn tree(
        &self,
        accounts: &[AccountConfig],
        partition: Partition,
    ) -> Result<Organisation, Misfit> {
        let accounts = accounts.iter().map(|one| (&one.alias, one.id)).collect();
        let management =
            known(&accounts, &self.management).map_err(|misfit| misfit.under("management"))?;
        let id = match &self.id {
            Some(id) if is_id(id, "o-", 10) => id.clone(),
            Some(id) => {
                let rule = format!("`{id}` is not o- and 10 to 32 of a-z and 0-9");
                return Err(Misfit::new(rule).under("id"));
            }
            None => format!("o-{}", letters(management.as_str(), 10)),
        };
        let mut grower = Grower {
            accounts,
            prefix: format!("arn:{partition}:organizations::{management}:policy/{id}"),
            partition,
            texts: BTreeMap::new(),
            placed: Vec::new(),
        };
        let mut root = grower
            .root(&self.root, &id)
            .map_err(|misfit| misfit.under("root"))?;
        if !grower.placed.contains(&management) {
            let member = MemberConfig::bare(self.management.clone());
            root.children.push(grower.member(&member)?);
        }
        Organisation::new(id, management, root).map_err(|why| Misfit::new(why.to_string()))
    }
}

impl UnitConfig {
    fn read_files(
        &mut self,
        read: &impl Fn(&Path) -> Result<String, String>,
    ) -> Result<(), Misfit> {
        read_all(&mut self.service_control, "service_control", read)?;
        read_all(&mut self.resource_control, "resource_control", read)?;
        for (index, member) in self.accounts.iter_mut().enumerate() {
            read_all(&mut member.service_control, "service_control", read)
                .and_then(|()| read_all(&mut member.resource_control, "resource_control", read))
                .map_err(|misfit| misfit.under(&index).under("accounts"))?;
        }
        for (name, unit) in &mut self.units {
            unit.read_files(read)
                .map_err(|misfit| misfit.under(name).under("units"))?;
        }
        Ok(())
    }
}

fn read_all(
    policies: &mut BTreeMap<PolicyName, PolicyConfig>,
    kind: &str,
    read: &impl Fn(&Path) -> Result<String, String>,
) -> Result<(), Misfit> {
    for (name, policy) in policies {
        policy
            .read_file(read)
            .map_err(|misfit| misfit.under(name).under(kind))?;
    }
    Ok(())
}

impl PolicyConfig {
    fn read_file(&mut self, read: &impl Fn(&Path) -> Result<String, String>) -> Result<(), Misfit> {
        match (&self.document, &self.file) {
            (None, Some(file)) => {
                let text = read(file).map_err(|why| Misfit::new(why).under("file"))?;
                self.document = Some(PolicyText(text));
                Ok(())
            }
            (Some(_), None) => Ok(()),
            (Some(_), Some(_)) => Err(Misfit::new(
                "a policy has a `document` or a `file`, not both",
            )),
            (None, None) => Err(Misfit::new("a policy has a `document` or a `file`")),
        }
    }

    /// The document, and the field that a person looks at for it.
    fn text(&self) -> Result<(&str, &'static str), Misfit> {
        match (&self.document, &self.file) {
            (Some(PolicyText(text)), None) => Ok((text, "document")),
            (Some(PolicyText(text)), Some(_)) => Ok((text, "file")),
            (None, _) => Err(Misfit::new("a policy has a `document` or a `file`")),
        }
    }
}

impl MemberConfig {
    fn bare(alias: AccountName) -> Self {
        Self {
            alias,
            full_aws_access: true,
            service_control: BTreeMap::new(),
            resource_control: BTreeMap::new(),
        }
    }
}

/// Grows the tree from what is declared.
struct Grower<'a> {
    accounts: BTreeMap<&'a AccountName, AccountId>,
    /// The ARNs of this organisation's policies begin so.
    prefix: String,
    partition: Partition,
    /// The text of each policy, by kind and name: one name, one policy, wherever it hangs.
    texts: BTreeMap<(Kind, &'a PolicyName), &'a str>,
    /// The accounts that have their place.
    placed: Vec<AccountId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Service,
    Resource,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Service => "service_control",
            Self::Resource => "resource_control",
        }
    }

    fn parse(self, text: &str) -> Result<(), MalformedPolicy> {
        match self {
            Self::Service => PermissionsPolicy::parse(text).map(drop),
            Self::Resource => ResourceControlPolicy::parse(text).map(drop),
        }
    }
}

impl<'a> Grower<'a> {
    fn root(&mut self, root: &'a UnitConfig, above: &str) -> Result<OrganisationNode, Misfit> {
        let id = match &root.id {
            Some(id) if is_id(id, "r-", 4) => id.clone(),
            Some(id) => {
                let rule = format!("`{id}` is not r- and 4 to 32 of a-z and 0-9");
                return Err(Misfit::new(rule).under("id"));
            }
            None => format!("r-{}", letters(above, 4)),
        };
        self.unit(root, id, 0)
    }

    fn unit(
        &mut self,
        unit: &'a UnitConfig,
        id: String,
        depth: usize,
    ) -> Result<OrganisationNode, Misfit> {
        let mut node = OrganisationNode {
            service_control: self.hung(
                Kind::Service,
                &unit.service_control,
                unit.full_aws_access,
            )?,
            resource_control: self.hung(Kind::Resource, &unit.resource_control, false)?,
            id,
            ..OrganisationNode::default()
        };
        for (index, member) in unit.accounts.iter().enumerate() {
            let grown = self.member(member);
            let grown = grown.map_err(|misfit| misfit.under(&index).under("accounts"))?;
            node.children.push(grown);
        }
        for (name, below) in &unit.units {
            let grown = self.unit_below(name, below, &node.id, depth + 1);
            let grown = grown.map_err(|misfit| misfit.under(name).under("units"))?;
            node.children.push(grown);
        }
        Ok(node)
    }

    fn unit_below(
        &mut self,
        name: &str,
        unit: &'a UnitConfig,
        above: &str,
        depth: usize,
    ) -> Result<OrganisationNode, Misfit> {
        if depth > DEPTH_MAX {
            return Err(Misfit::new(format!(
                "units are at most {DEPTH_MAX} below each other"
            )));
        }
        if name.is_empty() || name.chars().count() > 128 {
            return Err(Misfit::new("a unit's name has 1 to 128 characters"));
        }
        let root = above.split('-').nth(1).unwrap_or_default();
        let id = match &unit.id {
            Some(id) if id.split('-').count() == 3 && is_id(id, "ou-", 13) => id.clone(),
            Some(id) => {
                let rule = format!("`{id}` is not a unit's id, such as ou-{root}-0123abcd");
                return Err(Misfit::new(rule).under("id"));
            }
            None => format!("ou-{root}-{}", letters(&format!("{above}/{name}"), 8)),
        };
        self.unit(unit, id, depth)
    }

    fn member(&mut self, member: &'a MemberConfig) -> Result<OrganisationNode, Misfit> {
        let account =
            known(&self.accounts, &member.alias).map_err(|misfit| misfit.under("alias"))?;
        if self.placed.contains(&account) {
            let twice = format!("account `{}` stands in the tree twice", member.alias);
            return Err(Misfit::new(twice).under("alias"));
        }
        self.placed.push(account);
        Ok(OrganisationNode {
            id: account.to_string(),
            account: Some(account),
            service_control: self.hung(
                Kind::Service,
                &member.service_control,
                member.full_aws_access,
            )?,
            resource_control: self.hung(Kind::Resource, &member.resource_control, false)?,
            children: Vec::new(),
        })
    }

    /// The policies of a kind that hang on one place, AWS's own first. Resource control policies only
    /// deny, so that AWS's own, which is always there and allows everything, changes nothing.
    fn hung(
        &mut self,
        kind: Kind,
        policies: &'a BTreeMap<PolicyName, PolicyConfig>,
        with_full_access: bool,
    ) -> Result<Vec<OrganisationPolicy>, Misfit> {
        let own = usize::from(with_full_access || kind == Kind::Resource);
        if policies.len() + own > POLICIES_MAX {
            let rule = format!("at most {POLICIES_MAX} hang on one place, AWS's own among them");
            return Err(Misfit::new(rule).under(kind.word()));
        }
        let mut hung = Vec::new();
        if with_full_access {
            hung.push(self.full_access());
        }
        for (name, policy) in policies {
            let declared = self.policy(kind, name, policy);
            hung.push(declared.map_err(|misfit| misfit.under(name).under(kind.word()))?);
        }
        Ok(hung)
    }

    fn policy(
        &mut self,
        kind: Kind,
        name: &'a PolicyName,
        policy: &'a PolicyConfig,
    ) -> Result<OrganisationPolicy, Misfit> {
        let (text, field) = policy.text()?;
        kind.parse(text)
            .map_err(|why| malformed(&why).under(field))?;
        if text.chars().count() > CHARACTERS_MAX {
            let rule = format!("`{name}` has more than {CHARACTERS_MAX} characters; blanks count");
            return Err(Misfit::new(rule).under(field));
        }
        if *self.texts.entry((kind, name)).or_insert(text) != text {
            let twice = format!("`{name}` hangs elsewhere with another document");
            return Err(Misfit::new(twice).under(field));
        }
        let id = letters(&format!("{}/{name}", kind.word()), 8);
        Ok(OrganisationPolicy {
            arn: format!("{}/{}_policy/p-{id}", self.prefix, kind.word()),
            name: name.to_string(),
            document: text.to_owned(),
        })
    }

    fn full_access(&self) -> OrganisationPolicy {
        let partition = self.partition;
        OrganisationPolicy {
            arn: format!(
                "arn:{partition}:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
            ),
            name: "FullAWSAccess".to_owned(),
            document: FULL_ACCESS.to_owned(),
        }
    }
}

fn known(
    accounts: &BTreeMap<&AccountName, AccountId>,
    alias: &AccountName,
) -> Result<AccountId, Misfit> {
    let found = accounts.get(alias).copied();
    found.ok_or_else(|| Misfit::new(format!("no account is called `{alias}`")))
}

/// AWS's sentence, and what it does not say.
fn malformed(why: &MalformedPolicy) -> Misfit {
    let sentence = match why.detail() {
        "" => why.to_string(),
        detail => format!("{why} ({detail})"),
    };
    Misfit::new(sentence).inside(why.place())
}

fn is_id(text: &str, prefix: &str, min: usize) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.strip_prefix(prefix)
        .is_some_and(|rest| (min..=64).contains(&rest.len()) && rest.bytes().all(letter))
}

/// Letters and digits that follow from a text: the ids of one file are the same at every start.
fn letters(text: &str, count: usize) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let spread = digest(&SHA256, text.as_bytes());
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]);
    spread.as_ref().iter().take(count).map(letter).collect()
}

#[cfg(test)]
mod tests;
