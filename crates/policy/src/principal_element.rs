//! Principals as statements name them, users and roles pinned to their unique ids.
//!
//! Source: IAM User Guide, "AWS JSON policy elements: Principal".

use crate::json::Span;
use crate::principal::Principal;
use names::{AccountId, Arn, FederatedUserArn, Partition, ProviderArn, SessionArn, UniqueId};

/// Knows which users and roles exist.
pub trait PrincipalDirectory {
    /// The unique id of the user or role that has this ARN now.
    fn id_of(&self, arn: &Arn) -> Option<UniqueId>;
    /// The ARN that the user or role of this id has now.
    fn arn_of(&self, id: &UniqueId) -> Option<String>;
    /// The partition of all that it knows: no document names a principal of another. `None`: it takes
    /// each document at its word.
    fn partition(&self) -> Option<Partition> {
        None
    }
}

/// A Principal or NotPrincipal element.
#[derive(Debug)]
pub(crate) struct PrincipalElement {
    pub(crate) negated: bool,
    pub(crate) span: Span,
    pub(crate) entries: Vec<PrincipalEntry>,
}

#[derive(Debug)]
pub(crate) struct PrincipalEntry {
    pub(crate) written: Box<str>,
    pub(crate) span: Span,
    pub(crate) named: NamedPrincipal,
}

#[derive(Debug)]
pub(crate) enum NamedPrincipal {
    Anyone,
    Account(Partition, AccountId),
    /// A user or a role.
    Entity(UniqueId),
    /// A session or a federated user, by its exact ARN.
    Exact(Box<str>),
    Service(Box<str>),
    Provider(ProviderArn),
    /// SAML providers and other kinds that no caller here can be.
    Other,
}

/// How directly an entry names a caller. More direct is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub enum Strength {
    /// By its account.
    Account,
    /// By the role that it is a session of.
    ViaRole,
    /// By the user that federated it.
    ViaUser,
    /// Itself.
    Direct,
}

impl PrincipalElement {
    /// How the element speaks of a caller; `None`: it does not. NotPrincipal speaks of whom no entry
    /// names, and then directly.
    pub(crate) fn speaks_of(&self, caller: &Principal) -> Option<Strength> {
        let strongest = self
            .entries
            .iter()
            .filter_map(|entry| entry.named.strength(caller))
            .max();
        match (self.negated, strongest) {
            (false, strength) => strength,
            (true, None) => Some(Strength::Direct),
            (true, Some(_)) => None,
        }
    }
}

impl NamedPrincipal {
    fn strength(&self, caller: &Principal) -> Option<Strength> {
        let same = |same: bool, strength| same.then_some(strength);
        match (self, caller) {
            (Self::Anyone, Principal::WebIdentity { .. }) => None,
            (Self::Anyone, _) => Some(Strength::Direct),
            (Self::Account(_, account), caller) => {
                same(caller.account() == Some(*account), Strength::Account)
            }
            (Self::Entity(id), Principal::User { id: caller, .. }) => {
                same(id == caller, Strength::Direct)
            }
            (Self::Entity(id), Principal::RoleSession { role_id, .. }) => {
                same(id == role_id, Strength::ViaRole)
            }
            (Self::Entity(id), Principal::FederatedUser { user_id, .. }) => {
                same(id == user_id, Strength::ViaUser)
            }
            (Self::Exact(arn), Principal::RoleSession { .. } | Principal::FederatedUser { .. }) => {
                same(caller.is_shown_as(arn), Strength::Direct)
            }
            (Self::Service(name), Principal::Service { name: caller }) => {
                same(**name == **caller, Strength::Direct)
            }
            (Self::Provider(arn), Principal::WebIdentity { provider }) => {
                same(arn == provider, Strength::Direct)
            }
            _ => None,
        }
    }

    /// As IAM shows it now: an entity by the ARN it has, or by its bare id when it is gone.
    pub(crate) fn shown(&self, written: &str, directory: &dyn PrincipalDirectory) -> String {
        match self {
            Self::Account(written, account) => {
                let partition = directory.partition().unwrap_or(*written);
                format!("arn:{partition}:iam::{account}:root")
            }
            Self::Entity(id) => directory.arn_of(id).unwrap_or_else(|| id.to_string()),
            Self::Anyone | Self::Exact(_) | Self::Service(_) | Self::Provider(_) | Self::Other => {
                written.to_owned()
            }
        }
    }
}

/// Reads one `AWS` entry. `None`: there is no such principal.
pub(crate) fn aws_principal(
    text: &str,
    directory: &dyn PrincipalDirectory,
) -> Option<NamedPrincipal> {
    if text == "*" {
        return Some(NamedPrincipal::Anyone);
    }
    if let Ok(account) = text.parse::<AccountId>() {
        return Some(NamedPrincipal::Account(Partition::default(), account));
    }
    if text.contains(['*', '?']) {
        return None;
    }
    let arn: Arn = text.parse().ok()?;
    let account = arn.account_id()?;
    if directory
        .partition()
        .is_some_and(|here| here != arn.partition())
    {
        return None;
    }
    match (
        arn.service(),
        arn.resource().split_once('/').map(|(kind, _)| kind),
    ) {
        ("iam", None) if arn.resource() == "root" => {
            Some(NamedPrincipal::Account(arn.partition(), account))
        }
        ("iam", Some("role" | "user")) => directory.id_of(&arn).map(NamedPrincipal::Entity),
        ("sts", Some("assumed-role")) => {
            text.parse::<SessionArn>().ok()?;
            Some(NamedPrincipal::Exact(text.into()))
        }
        ("sts", Some("federated-user")) => {
            text.parse::<FederatedUserArn>().ok()?;
            Some(NamedPrincipal::Exact(text.into()))
        }
        _ => None,
    }
}
