//! The organisation: a tree of nodes with the policies that hold at each level.

use crate::accounts::{Accounts, ORGANISATION, written};
use crate::draft::Written;
use crate::error::IamError;
use names::AccountId;
use policy::{
    Document, PermissionsPolicy, PolicyKind, PolicySet, PolicySource, ResourceControlPolicy,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use store::{Key, Transaction};

/// An organisation. Its policies bind every member account but the management account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Organisation {
    /// `o-…`, as `aws:PrincipalOrgID` shows it.
    pub id: String,
    /// The account that no policy here binds.
    pub management: AccountId,
    /// The top of the tree.
    pub root: OrganisationNode,
    #[serde(skip)]
    compiled: OnceLock<BTreeMap<AccountId, Levels>>,
}

/// The root, an organisational unit, or an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationNode {
    /// `r-…` or `ou-…`; an account's node has its digits.
    pub id: String,
    /// Set when this node is an account.
    pub account: Option<AccountId>,
    /// Service control policies attached here.
    pub service_control: Vec<OrganisationPolicy>,
    /// Resource control policies attached here.
    pub resource_control: Vec<OrganisationPolicy>,
    /// What is below.
    pub children: Vec<OrganisationNode>,
}

/// One policy of the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationPolicy {
    /// `arn:aws:organizations::…`.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The document, as written.
    pub document: String,
}

#[derive(Debug, Clone)]
struct Levels {
    path: String,
    service_control: Arc<[PolicySet]>,
    resource_control: Arc<[PolicySet]>,
}

impl Organisation {
    /// An organisation of a tree.
    #[must_use]
    pub fn new(id: String, management: AccountId, root: OrganisationNode) -> Self {
        Self {
            id,
            management,
            root,
            compiled: OnceLock::new(),
        }
    }

    /// The service control policies that bind an account's principals, a set a level from the root
    /// down; `None` for the management account and for strangers.
    #[must_use]
    pub fn service_control(&self, account: AccountId) -> Option<&[PolicySet]> {
        self.levels(account).map(|levels| &*levels.service_control)
    }

    /// The resource control policies that bind access to an account's resources, likewise.
    #[must_use]
    pub fn resource_control(&self, account: AccountId) -> Option<&[PolicySet]> {
        self.levels(account).map(|levels| &*levels.resource_control)
    }

    /// `o-…/r-…/ou-…/`, as `aws:PrincipalOrgPaths` shows it, for members and the management account.
    #[must_use]
    pub fn path_of(&self, account: AccountId) -> Option<&str> {
        self.table()
            .get(&account)
            .map(|levels| levels.path.as_str())
    }

    fn levels(&self, account: AccountId) -> Option<&Levels> {
        if account == self.management {
            return None;
        }
        self.table().get(&account)
    }

    fn table(&self) -> &BTreeMap<AccountId, Levels> {
        self.compiled.get_or_init(|| {
            let mut table = BTreeMap::new();
            walk(&self.root, &mut vec![&self.root], &self.id, &mut table);
            table
        })
    }
}

fn walk<'a>(
    node: &'a OrganisationNode,
    above: &mut Vec<&'a OrganisationNode>,
    path: &str,
    table: &mut BTreeMap<AccountId, Levels>,
) {
    if let Some(account) = node.account {
        let set = |policies: fn(&OrganisationNode) -> &[OrganisationPolicy], kind| {
            above
                .iter()
                .map(|level| compile(policies(level), kind, &level.id))
                .collect()
        };
        table.insert(
            account,
            Levels {
                path: format!("{path}/"),
                service_control: set(|level| &level.service_control, PolicyKind::ServiceControl),
                resource_control: set(|level| &level.resource_control, PolicyKind::ResourceControl),
            },
        );
        return;
    }
    let path = format!("{path}/{}", node.id);
    for child in &node.children {
        above.push(child);
        walk(child, above, &path, table);
        above.pop();
    }
}

/// What every resource control level holds beside what is attached to it: such policies only deny.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
const FULL_ACCESS: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

fn compile(policies: &[OrganisationPolicy], kind: PolicyKind, node: &str) -> PolicySet {
    let source = |arn: &str, name: &str, text: &str| PolicySource {
        kind,
        arn: Some(arn.to_owned()),
        name: name.to_owned(),
        attached_to: Some(node.to_owned()),
        text: Arc::from(text),
    };
    let attached = policies.iter().filter_map(|policy| {
        let document = document(kind, &policy.document).ok()?;
        Some((
            source(&policy.arn, &policy.name, &policy.document),
            document,
        ))
    });
    let mut documents: Vec<_> = attached.collect();
    if kind == PolicyKind::ResourceControl
        && let Ok(full) = PermissionsPolicy::parse(FULL_ACCESS)
    {
        let arn = "arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess";
        documents.push((
            source(arn, "RCPFullAWSAccess", FULL_ACCESS),
            Arc::clone(full.document()),
        ));
    }
    PolicySet::compile(documents)
}

fn document(kind: PolicyKind, text: &str) -> Result<Arc<Document>, IamError> {
    let parsed = match kind {
        PolicyKind::ResourceControl => {
            ResourceControlPolicy::parse(text).map(|policy| Arc::clone(policy.document()))
        }
        PolicyKind::ServiceControl
        | PolicyKind::Identity
        | PolicyKind::Trust
        | PolicyKind::Boundary
        | PolicyKind::Session => {
            PermissionsPolicy::parse(text).map(|policy| Arc::clone(policy.document()))
        }
    };
    parsed.map_err(|malformed| IamError::MalformedPolicy(malformed.to_string()))
}

/// Declares the organisation, or declares it anew.
///
/// # Errors
/// [`IamError::MalformedPolicy`] for a policy in it that is none.
pub fn declare_organisation(
    accounts: &Accounts,
    organisation: &Organisation,
) -> Result<Written, IamError> {
    parse_all(&organisation.root)?;
    let key = Key::new(ORGANISATION);
    let transaction = match accounts.organisation_modified() {
        None => Transaction::new().if_absent(key.clone()),
        Some(revision) => Transaction::new().if_modified_at(key.clone(), revision),
    };
    Ok(Written {
        transaction: transaction.put(key, written(organisation)?),
        output: (),
    })
}

fn parse_all(node: &OrganisationNode) -> Result<(), IamError> {
    for policy in &node.service_control {
        document(PolicyKind::ServiceControl, &policy.document)?;
    }
    for policy in &node.resource_control {
        document(PolicyKind::ResourceControl, &policy.document)?;
    }
    node.children.iter().try_for_each(parse_all)
}
