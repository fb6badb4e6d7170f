//! How IAM refuses, with AWS's code, status and text.
//!
//! Codes and statuses are the service model's; texts are those that IAM is seen to answer.

use names::{
    AccessKeyId, AccountAlias, AccountId, GroupName, InstanceProfileName, IssuerUrl, PolicyArn,
    PolicyName, ProviderArn, RoleName, UserName,
};
use policy::MalformedPolicy;

/// Why an IAM operation was refused. `Display` is the text on the wire.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the text of each variant says what it is")]
pub enum IamError {
    #[error("The account with id {0} cannot be found.")]
    NoAccount(AccountId),
    #[error("The role with name {0} cannot be found.")]
    NoRole(RoleName),
    #[error("The user with name {0} cannot be found.")]
    NoUser(UserName),
    #[error("The group with name {0} cannot be found.")]
    NoGroup(GroupName),
    #[error("Instance Profile {0} cannot be found.")]
    NoInstanceProfile(InstanceProfileName),
    #[error("Policy {0} was not found.")]
    NoPolicy(PolicyArn),
    #[error("Policy {0} does not exist or is not attachable.")]
    NotAttachable(PolicyArn),
    #[error("Policy {arn} version v{version} does not exist or is not attachable.")]
    NoPolicyVersion { arn: PolicyArn, version: u32 },
    #[error("Policy {0} was not found.")]
    NotAttached(PolicyArn),
    #[error("The {holder} policy with name {policy} cannot be found.")]
    NoInlinePolicy {
        holder: &'static str,
        policy: PolicyName,
    },
    #[error("The Access Key with id {0} cannot be found.")]
    NoAccessKey(AccessKeyId),
    #[error("OpenIDConnect Provider not found for arn {0}")]
    NoProvider(ProviderArn),
    #[error("The user with name {user} cannot be found in the group {group}.")]
    NotAMember { user: UserName, group: GroupName },
    #[error("The role with name {role} cannot be found in the instance profile {profile}.")]
    NotInProfile {
        role: RoleName,
        profile: InstanceProfileName,
    },
    #[error("The Account Alias {0} cannot be found.")]
    NoAlias(AccountAlias),
    #[error("The account alias {0} already exists.")]
    AliasTaken(AccountAlias),
    #[error("No report of last accessed services has the job id {0}.")]
    NoAccessReport(String),
    #[error("There is no credential report: GenerateCredentialReport makes one.")]
    NoCredentialReport,
    #[error(
        "The credential report is older than four hours: GenerateCredentialReport makes a new one."
    )]
    CredentialReportExpired,
    #[error("Permissions boundary of {0} cannot be found.")]
    NoBoundary(String),

    #[error("Role with name {0} already exists.")]
    RoleExists(RoleName),
    #[error("User with name {0} already exists.")]
    UserExists(UserName),
    #[error("Group with name {0} already exists.")]
    GroupExists(GroupName),
    #[error("Instance Profile {0} already exists.")]
    InstanceProfileExists(InstanceProfileName),
    #[error("A policy called {0} already exists. Duplicate names are not allowed.")]
    PolicyExists(PolicyName),
    #[error("Provider with url {0} already exists.")]
    ProviderExists(IssuerUrl),

    #[error("Cannot delete entity, must detach all policies first.")]
    MustDetachPolicies(InTheWay),
    #[error("Cannot delete entity, must delete policies first.")]
    MustDeletePolicies(InTheWay),
    #[error("Cannot delete entity, must remove roles from instance profile first.")]
    MustRemoveRoles(InTheWay),
    #[error("Cannot delete entity, must delete access keys first.")]
    MustDeleteAccessKeys(InTheWay),
    #[error("Cannot delete entity, must remove user from groups first.")]
    MustLeaveGroups(InTheWay),
    #[error("Cannot delete entity, must remove users from group first.")]
    MustRemoveUsers(InTheWay),
    #[error("Cannot delete a policy attached to entities.")]
    PolicyAttached(InTheWay),
    #[error(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy."
    )]
    PolicyHasVersions(InTheWay),
    #[error("Cannot delete the default version of a policy.")]
    DefaultVersion,

    #[error("Cannot exceed quota for {quota}: {max}")]
    QuotaExceeded { quota: &'static str, max: usize },
    #[error("Maximum policy size of {max} bytes exceeded for {holder} {name}")]
    InlinePoliciesTooLong {
        max: usize,
        holder: &'static str,
        name: String,
    },
    #[error(
        "A managed policy can have up to {max} versions. Before you create a new version, you must delete an existing version."
    )]
    TooManyVersions { max: usize },

    #[error("{0}")]
    MalformedPolicy(#[from] Box<MalformedPolicy>),
    #[error("{0}")]
    MalformedOrganisation(String),
    #[error("{0}")]
    Validation(String),
    #[error("{0}")]
    InvalidInput(String),
    #[error(
        "Cannot perform the operation on the protected role '{0}' - this role is only modifiable by AWS"
    )]
    ProtectedRole(RoleName),
    #[error("Path prefix '{0}' can only be used for AWS Service linked Roles")]
    ProtectedPath(&'static str),
    #[error("Policy {0} is not modifiable: it is managed by AWS.")]
    ManagedByAws(PolicyArn),
    #[error("The service failed to read or write a record: {0}")]
    ServiceFailure(String),
}

/// The names of what has to go before something can be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InTheWay(Vec<String>);

impl InTheWay {
    /// These are in the way; `None`: nothing is.
    pub(crate) fn of(names: impl IntoIterator<Item = String>) -> Option<Self> {
        let names: Vec<_> = names.into_iter().collect();
        (!names.is_empty()).then_some(Self(names))
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl IamError {
    /// What is in the way of a deletion.
    #[must_use]
    pub fn in_the_way(&self) -> Option<&InTheWay> {
        if let Self::MustDetachPolicies(names)
        | Self::MustDeletePolicies(names)
        | Self::MustRemoveRoles(names)
        | Self::MustDeleteAccessKeys(names)
        | Self::MustLeaveGroups(names)
        | Self::MustRemoveUsers(names)
        | Self::PolicyAttached(names)
        | Self::PolicyHasVersions(names) = self
        {
            return Some(names);
        }
        None
    }

    /// AWS's code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoAccount(_)
            | Self::NoRole(_)
            | Self::NoUser(_)
            | Self::NoGroup(_)
            | Self::NoInstanceProfile(_)
            | Self::NoPolicy(_)
            | Self::NotAttachable(_)
            | Self::NoPolicyVersion { .. }
            | Self::NotAttached(_)
            | Self::NoInlinePolicy { .. }
            | Self::NoAccessKey(_)
            | Self::NoProvider(_)
            | Self::NotAMember { .. }
            | Self::NotInProfile { .. }
            | Self::NoAlias(_)
            | Self::NoBoundary(_)
            | Self::NoAccessReport(_) => "NoSuchEntity",
            Self::NoCredentialReport => "ReportNotPresent",
            Self::CredentialReportExpired => "ReportExpired",
            Self::RoleExists(_)
            | Self::UserExists(_)
            | Self::GroupExists(_)
            | Self::InstanceProfileExists(_)
            | Self::PolicyExists(_)
            | Self::ProviderExists(_)
            | Self::AliasTaken(_) => "EntityAlreadyExists",
            Self::MustDetachPolicies(_)
            | Self::MustDeletePolicies(_)
            | Self::MustRemoveRoles(_)
            | Self::MustDeleteAccessKeys(_)
            | Self::MustLeaveGroups(_)
            | Self::MustRemoveUsers(_)
            | Self::PolicyAttached(_)
            | Self::PolicyHasVersions(_)
            | Self::DefaultVersion => "DeleteConflict",
            Self::QuotaExceeded { .. }
            | Self::InlinePoliciesTooLong { .. }
            | Self::TooManyVersions { .. } => "LimitExceeded",
            Self::MalformedPolicy(_) | Self::MalformedOrganisation(_) => "MalformedPolicyDocument",
            Self::Validation(_) => "ValidationError",
            Self::InvalidInput(_) | Self::ProtectedPath(_) => "InvalidInput",
            Self::ProtectedRole(_) => "UnmodifiableEntity",
            Self::ManagedByAws(_) => "AccessDenied",
            Self::ServiceFailure(_) => "ServiceFailure",
        }
    }

    /// The HTTP status of that code.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.code() {
            "NoSuchEntity" => 404,
            "ReportNotPresent" | "ReportExpired" => 410,
            "EntityAlreadyExists" | "DeleteConflict" | "LimitExceeded" => 409,
            "AccessDenied" => 403,
            "ServiceFailure" => 500,
            _ => 400,
        }
    }
}
