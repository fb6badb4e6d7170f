//! The organisation: a tree of nodes with the policies that hold at each level.

use crate::accounts::{Accounts, ORGANISATION, written};
use crate::draft::Written;
use crate::error::IamError;
use names::AccountId;
use policy::{
    Document, MalformedPolicy, PermissionsPolicy, PolicyKind, PolicySet, PolicySource,
    ResourceControlPolicy,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Key, Transaction};

/// An organisation. Its policies bind every member account but the management account.
///
/// INVARIANT (read whole): every document in it was parsed when it was made, also when it comes from
/// the store, for a policy passed over would deny nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Tree")]
pub struct Organisation {
    id: String,
    management: AccountId,
    root: OrganisationNode,
    #[serde(skip)]
    members: BTreeMap<AccountId, Levels>,
}

/// An organisation as it is stored.
#[derive(Deserialize)]
struct Tree {
    id: String,
    management: AccountId,
    root: OrganisationNode,
}

impl TryFrom<Tree> for Organisation {
    type Error = IamError;

    fn try_from(tree: Tree) -> Result<Self, IamError> {
        Self::new(tree.id, tree.management, tree.root)
    }
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
    ///
    /// # Errors
    /// [`IamError::MalformedOrganisation`] for the first policy in it that is none.
    pub fn new(
        id: String,
        management: AccountId,
        root: OrganisationNode,
    ) -> Result<Self, IamError> {
        let mut members = BTreeMap::new();
        let place = Place {
            organisation: &id,
            management,
        };
        walk(
            &root,
            &mut vec![place.level(&root)?],
            &id,
            place,
            &mut members,
        )?;
        Ok(Self {
            id,
            management,
            root,
            members,
        })
    }

    /// `o-…`, as `aws:PrincipalOrgID` shows it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The account that no policy here binds.
    #[must_use]
    pub fn management(&self) -> AccountId {
        self.management
    }

    /// The top of the tree.
    #[must_use]
    pub fn root(&self) -> &OrganisationNode {
        &self.root
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
        self.members
            .get(&account)
            .map(|levels| levels.path.as_str())
    }

    fn is_same_as(&self, other: &Self) -> bool {
        (&self.id, self.management, &self.root) == (&other.id, other.management, &other.root)
    }

    fn levels(&self, account: AccountId) -> Option<&Levels> {
        if account == self.management {
            return None;
        }
        self.members.get(&account)
    }
}

/// What is attached to one node.
struct Level {
    service_control: Vec<Compiled>,
    resource_control: Vec<Compiled>,
}

type Compiled = (PolicySource, Arc<Document>);

fn walk(
    node: &OrganisationNode,
    above: &mut Vec<Level>,
    path: &str,
    place: Place<'_>,
    members: &mut BTreeMap<AccountId, Levels>,
) -> Result<(), IamError> {
    if let Some(account) = node.account {
        let levels = Levels {
            path: format!("{path}/"),
            service_control: sets(above, |level| &level.service_control),
            resource_control: sets(above, |level| &level.resource_control),
        };
        members.insert(account, levels);
        return Ok(());
    }
    let path = format!("{path}/{}", node.id);
    for child in &node.children {
        above.push(place.level(child)?);
        walk(child, above, &path, place, members)?;
        above.pop();
    }
    Ok(())
}

fn sets(levels: &[Level], attached: fn(&Level) -> &Vec<Compiled>) -> Arc<[PolicySet]> {
    levels
        .iter()
        .map(|level| PolicySet::compile(attached(level).clone()))
        .collect()
}

/// Whose tree it is: what the ARNs of its nodes begin with.
#[derive(Clone, Copy)]
struct Place<'a> {
    organisation: &'a str,
    management: AccountId,
}

impl Place<'_> {
    fn level(self, node: &OrganisationNode) -> Result<Level, IamError> {
        let arn = self.arn_of(node);
        let all = |policies: &[OrganisationPolicy], kind, parse: Parse| {
            policies
                .iter()
                .map(|policy| compiled(policy, kind, parse, node, &arn))
                .collect::<Result<Vec<_>, _>>()
        };
        let service: Parse =
            |text| PermissionsPolicy::parse(text).map(|policy| Arc::clone(policy.document()));
        let resource: Parse =
            |text| ResourceControlPolicy::parse(text).map(|policy| Arc::clone(policy.document()));
        Ok(Level {
            service_control: all(&node.service_control, PolicyKind::ServiceControl, service)?,
            resource_control: all(
                &node.resource_control,
                PolicyKind::ResourceControl,
                resource,
            )?,
        })
    }

    /// `arn:aws:organizations::MANAGEMENT:ou/o-…/ou-…`, and likewise of a root and an account.
    fn arn_of(self, node: &OrganisationNode) -> String {
        let Self {
            organisation,
            management,
        } = self;
        let kind = match node.account {
            Some(_) => "account",
            None if node.id.starts_with("r-") => "root",
            None => "ou",
        };
        let id = &node.id;
        format!("arn:aws:organizations::{management}:{kind}/{organisation}/{id}")
    }
}

type Parse = fn(&str) -> Result<Arc<Document>, MalformedPolicy>;

fn compiled(
    policy: &OrganisationPolicy,
    kind: PolicyKind,
    parse: Parse,
    node: &OrganisationNode,
    arn: &str,
) -> Result<Compiled, IamError> {
    let document = parse(&policy.document).map_err(|why| malformed(policy, &node.id, &why))?;
    let source = PolicySource {
        kind,
        arn: Some(policy.arn.clone()),
        name: policy.name.clone(),
        attached_to: Some(arn.to_owned()),
        text: Arc::from(policy.document.as_str()),
    };
    Ok((source, document))
}

/// No client of AWS reads this one, a person who declares a tree does: it says where.
fn malformed(policy: &OrganisationPolicy, node: &str, why: &MalformedPolicy) -> IamError {
    let (line, column) = why.place();
    let detail = match why.detail() {
        "" => String::new(),
        detail => format!(" ({detail})"),
    };
    IamError::MalformedOrganisation(format!(
        "policy `{}` at `{node}`, line {line} column {column}: {why}{detail}",
        policy.name
    ))
}

/// Declares the organisation, or declares it anew; one that is there already stays as it is.
///
/// # Errors
/// [`IamError::ServiceFailure`] when it cannot be written down.
pub fn declare_organisation(
    accounts: &Accounts,
    organisation: &Organisation,
) -> Result<Written, IamError> {
    if accounts
        .organisation()
        .is_some_and(|there| there.is_same_as(organisation))
    {
        return Ok(Written {
            transaction: Transaction::new(),
            output: (),
        });
    }
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

/// Declares that there is no organisation.
#[must_use]
pub fn retract_organisation(accounts: &Accounts) -> Written {
    let key = Key::new(ORGANISATION);
    let transaction = match accounts.organisation_modified() {
        None => Transaction::new(),
        Some(revision) => Transaction::new()
            .if_modified_at(key.clone(), revision)
            .delete(key),
    };
    Written {
        transaction,
        output: (),
    }
}
