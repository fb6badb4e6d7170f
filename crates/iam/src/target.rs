//! What an IAM call is about: the resource that is decided on, the keys a condition can read of it,
//! and the way IAM names it when it refuses.

use crate::account::Account;
use crate::records::{Group, InstanceProfile, OidcProvider, Role, Tag, User};
use names::{
    GroupName, InstanceProfileName, Path, PolicyArn, PolicyName, PolicyOwner, ProviderArn,
    RoleName, UserName,
};

/// The resource of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A role by its name.
    Role(RoleName),
    /// A user by its name.
    User(UserName),
    /// A group by its name.
    Group(GroupName),
    /// An instance profile by its name.
    InstanceProfile(InstanceProfileName),
    /// A managed policy by its ARN.
    Policy(PolicyArn),
    /// An OIDC provider by its ARN.
    Provider(ProviderArn),
    /// A role that CreateRole would make.
    NewRole(Path, RoleName),
    /// A user that CreateUser would make.
    NewUser(Path, UserName),
    /// A group that CreateGroup would make.
    NewGroup(Path, GroupName),
    /// An instance profile that CreateInstanceProfile would make.
    NewInstanceProfile(Path, InstanceProfileName),
    /// A policy that CreatePolicy would make.
    NewPolicy(Path, PolicyName),
    /// A list of a kind: `role`.
    List(&'static str),
    /// A call without a resource.
    Nothing,
}

impl Target {
    /// The ARN decided on, or `*`. An entity that is not there has no path, as in AWS.
    #[must_use]
    pub fn arn(&self, account: &Account) -> String {
        let of = |kind: &str, path: &Path, name: &str| {
            format!(
                "arn:{}:iam::{}:{kind}{}{name}",
                account.partition(),
                account.id(),
                path.as_str()
            )
        };
        let root = Path::root();
        match self {
            Self::Role(name) => of(
                "role",
                account.find::<Role>(name).map_or(&root, |role| &role.path),
                name.as_str(),
            ),
            Self::User(name) => of(
                "user",
                account.find::<User>(name).map_or(&root, |user| &user.path),
                name.as_str(),
            ),
            Self::Group(name) => of(
                "group",
                account
                    .find::<Group>(name)
                    .map_or(&root, |group| &group.path),
                name.as_str(),
            ),
            Self::InstanceProfile(name) => {
                let path = account
                    .find::<InstanceProfile>(name)
                    .map_or(&root, |profile| &profile.path);
                of("instance-profile", path, name.as_str())
            }
            Self::Policy(arn) => arn.to_string(),
            Self::Provider(arn) => arn.to_string(),
            Self::NewRole(path, name) => of("role", path, name.as_str()),
            Self::NewUser(path, name) => of("user", path, name.as_str()),
            Self::NewGroup(path, name) => of("group", path, name.as_str()),
            Self::NewInstanceProfile(path, name) => of("instance-profile", path, name.as_str()),
            Self::NewPolicy(path, name) => of("policy", path, name.as_str()),
            Self::List(kind) => of(kind, &root, ""),
            Self::Nothing => "*".into(),
        }
    }

    /// How `AccessDenied` names it: named calls by friendly name, creations and ARN calls by ARN.
    #[must_use]
    pub fn shown(&self, account: &Account) -> String {
        match self {
            Self::Role(name) => format!("role {name}"),
            Self::User(name) => format!("user {name}"),
            Self::Group(name) => format!("group {name}"),
            Self::InstanceProfile(name) => format!("instance profile {name}"),
            Self::NewPolicy(_, name) => format!("policy {name}"),
            Self::Policy(_)
            | Self::Provider(_)
            | Self::NewRole(..)
            | Self::NewUser(..)
            | Self::NewGroup(..)
            | Self::NewInstanceProfile(..)
            | Self::List(_)
            | Self::Nothing => self.arn(account),
        }
    }

    /// The condition keys that the resource itself gives: its tags, and its permissions boundary.
    #[must_use]
    pub fn condition_keys(&self, account: &Account) -> Vec<(String, String)> {
        match self {
            Self::Role(name) => account.find::<Role>(name).map_or_else(
                |_| Vec::new(),
                |role| keys(&role.tags, &["aws", "iam"], role.boundary.as_ref()),
            ),
            Self::User(name) => account.find::<User>(name).map_or_else(
                |_| Vec::new(),
                |user| keys(&user.tags, &["aws", "iam"], user.boundary.as_ref()),
            ),
            Self::InstanceProfile(name) => account.find::<InstanceProfile>(name).map_or_else(
                |_| Vec::new(),
                |profile| keys(&profile.tags, &["aws"], None),
            ),
            Self::Policy(arn) => match arn.owner() {
                PolicyOwner::Aws => Vec::new(),
                PolicyOwner::Account(_) => account
                    .policy(arn)
                    .map_or_else(Vec::new, |policy| keys(&policy.tags, &["aws"], None)),
            },
            Self::Provider(arn) => account.find::<OidcProvider>(arn.provider()).map_or_else(
                |_| Vec::new(),
                |provider| keys(&provider.tags, &["aws"], None),
            ),
            Self::Group(_)
            | Self::NewRole(..)
            | Self::NewUser(..)
            | Self::NewGroup(..)
            | Self::NewInstanceProfile(..)
            | Self::NewPolicy(..)
            | Self::List(_)
            | Self::Nothing => Vec::new(),
        }
    }
}

fn keys(tags: &[Tag], services: &[&str], boundary: Option<&PolicyArn>) -> Vec<(String, String)> {
    let of_tag = |tag: &Tag| {
        let value = tag.value.clone();
        services
            .iter()
            .map(|service| (format!("{service}:ResourceTag/{}", tag.key), value.clone()))
            .collect::<Vec<_>>()
    };
    let boundary = boundary.map(|arn| ("iam:PermissionsBoundary".to_owned(), arn.to_string()));
    tags.iter().flat_map(of_tag).chain(boundary).collect()
}
