//! Reports of which services users and roles last accessed: GenerateServiceLastAccessedDetails,
//! GetServiceLastAccessedDetails, GetServiceLastAccessedDetailsWithEntities.
//!
//! A report is made at once and kept as it was made; what is asked of it later is read from it.

use super::granting::{Subject, policies_of};
use crate::accesses::{Access, Accesses};
use crate::account::Account;
use crate::accounts::{PREFIX, written};
use crate::draft::Written;
use crate::error::IamError;
use crate::records::{Group, Permissions, Role, User};
use crate::seconds;
use jiff::Timestamp;
use names::{Path, PolicyArn, RequestId, UniqueId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{Key, Transaction};

/// So many reports an account keeps; the oldest goes first.
pub const ACCESS_REPORTS_MAX: usize = 100;

/// A report as it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessReport {
    /// When.
    #[serde(with = "seconds")]
    pub created: Timestamp,
    /// How much it tells.
    pub granularity: Granularity,
    /// The actions that policies allow, by service.
    pub granted: BTreeMap<String, BTreeSet<String>>,
    /// The users and roles that it is about.
    pub entities: Vec<Accessor>,
}

/// Whether services alone are told, or their actions as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Granularity {
    /// Services alone.
    Service,
    /// Actions as well.
    Action,
}

/// A user or role, and what it accessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accessor {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `USER` or `ROLE`.
    pub kind: String,
    /// Its unique id.
    pub id: UniqueId,
    /// Its path.
    pub path: Path,
    /// What it accessed until then.
    pub accesses: Accesses,
}

/// The latest access of several, and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Latest<'a> {
    /// Who.
    pub accessor: &'a Accessor,
    /// When, and in which region.
    pub access: &'a Access,
}

impl AccessReport {
    /// The part of the store key before the id.
    pub(crate) const KIND: &'static str = "access-report";

    /// The latest access to a service, and by how many.
    #[must_use]
    pub fn latest(&self, service: &str) -> (Option<Latest<'_>>, usize) {
        self.latest_by(|accesses| accesses.last(service))
    }

    /// The latest access of an action.
    #[must_use]
    pub fn latest_of(&self, service: &str, action: &str) -> Option<Latest<'_>> {
        self.latest_by(|accesses| accesses.of(service, action)).0
    }

    fn latest_by<'a>(
        &'a self,
        of: impl Fn(&'a Accesses) -> Option<&'a Access>,
    ) -> (Option<Latest<'a>>, usize) {
        let all = self.entities.iter().filter_map(|accessor| {
            let access = of(&accessor.accesses)?;
            Some(Latest { accessor, access })
        });
        let all: Vec<_> = all.collect();
        let latest = all.iter().max_by_key(|latest| latest.access.at);
        (latest.copied(), all.len())
    }
}

/// Makes a report. `services` are those that can be accessed at all, with their actions;
/// `accesses` tells what is known of a unique id.
///
/// # Errors
/// `NoSuchEntity` of what the report is about.
pub fn generate_access_report<'a>(
    account: &Account,
    subject: &Subject,
    granularity: Granularity,
    services: impl IntoIterator<Item = (&'a str, &'a str)>,
    accesses: impl Fn(&UniqueId) -> Accesses,
    (id, now): (&RequestId, Timestamp),
) -> Result<Written, IamError> {
    let policies = policies_of(account, subject)?;
    let mut granted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (service, action) in services {
        let full = format!("{service}:{action}");
        if policies.iter().any(|policy| policy.allows(&full)) {
            let actions = granted.entry(service.to_owned()).or_default();
            actions.insert(action.to_owned());
        }
    }
    let report = AccessReport {
        created: now,
        granularity,
        granted,
        entities: accessors(account, subject, accesses)?,
    };
    let transaction = Transaction::new().put(key(account, id.as_str()), written(&report)?);
    let oldest = oldest(account);
    Ok(Written {
        transaction: oldest.fold(transaction, |transaction, id| {
            transaction.delete(key(account, id))
        }),
        output: (),
    })
}

/// The report of that id.
///
/// # Errors
/// [`IamError::NoAccessReport`].
pub fn get_access_report<'a>(
    account: &'a Account,
    id: &str,
) -> Result<&'a Arc<AccessReport>, IamError> {
    let report = account.access_reports.get(id);
    report.ok_or_else(|| IamError::NoAccessReport(id.to_owned()))
}

/// The reports that have to go so that there is room for one more.
fn oldest(account: &Account) -> impl Iterator<Item = &str> {
    let reports = account.access_reports.iter();
    let mut by_age: Vec<_> = reports
        .map(|(id, report)| (report.created, &**id))
        .collect();
    by_age.sort_unstable();
    let surplus = (by_age.len() + 1).saturating_sub(ACCESS_REPORTS_MAX);
    by_age.into_iter().take(surplus).map(|(_, id)| id)
}

/// Who may use what the report is about.
fn accessors(
    account: &Account,
    subject: &Subject,
    accesses: impl Fn(&UniqueId) -> Accesses,
) -> Result<Vec<Accessor>, IamError> {
    let of_user = |user: &User| Accessor {
        arn: account.user_arn(user).to_string(),
        name: user.name.to_string(),
        kind: "USER".to_owned(),
        id: user.id.clone(),
        path: user.path.clone(),
        accesses: accesses(&user.id),
    };
    let of_role = |role: &Role| Accessor {
        arn: account.role_arn(role).to_string(),
        name: role.name.to_string(),
        kind: "ROLE".to_owned(),
        id: role.id.clone(),
        path: role.path.clone(),
        accesses: accesses(&role.id),
    };
    Ok(match subject {
        Subject::User(name) => vec![of_user(account.find::<User>(name)?)],
        Subject::Role(name) => vec![of_role(account.find::<Role>(name)?)],
        Subject::Group(name) => {
            let group = account.find::<Group>(name)?;
            let users = account.all::<User>();
            let members = users.filter(|user| group.members.contains(&user.id));
            members.map(|user| of_user(user)).collect()
        }
        Subject::Policy(arn) => {
            let users = account.all::<User>();
            let users = users.filter(|user| has(account, user, arn));
            let roles = account.all::<Role>();
            let roles = roles.filter(|role| role.permissions.attached.contains(arn));
            let users = users.map(|user| of_user(user));
            users.chain(roles.map(|role| of_role(role))).collect()
        }
    })
}

/// Whether a user has a policy, by itself or by a group.
fn has(account: &Account, user: &User, arn: &PolicyArn) -> bool {
    let attached = |permissions: &Permissions| permissions.attached.contains(arn);
    let mut groups = account.groups_of(&user.id);
    attached(&user.permissions) || groups.any(|group| attached(&group.permissions))
}

fn key(account: &Account, id: &str) -> Key {
    Key::new(format!(
        "{PREFIX}{}/{}/{id}",
        account.id(),
        AccessReport::KIND
    ))
}
