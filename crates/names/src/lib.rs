//! How things are called in both worlds: a value exists only if it is well spelt.
//!
//! Every type here is made by parsing (`text.parse()`), prints as it was written, and travels
//! through serde as a string. Nothing inside the house checks a name twice.
//! [`Secret`](secret::Secret) is the one that does not print.

#[macro_use]
mod spelling;
#[macro_use]
mod arn_type;

mod account;
mod partition;
mod region;

mod path;

mod entity;

mod arn;

mod entity_arn;
mod policy_arn;
mod sts_arn;

mod session;

mod access_key_id;
mod unique_id;

mod issuer;
mod provider;

mod cluster;
mod gvk;
mod kubernetes;

mod authorization_id;
mod request_id;

pub mod secret;

pub use access_key_id::{AccessKeyId, KeyKind, NotAnAccessKeyId};
pub use account::{AccountAlias, AccountId, NotAnAccountAlias, NotAnAccountId};
pub use arn::{ARN_CHARS_MAX, Arn, NotAnArn};
pub use authorization_id::{AuthorizationId, NotAnAuthorizationId};
pub use cluster::{
    ClusterArn, ClusterId, ClusterName, NotAClusterArn, NotAClusterId, NotAClusterName,
};
pub use entity::{
    GroupName, InstanceProfileName, NotAGroupName, NotAPolicyName, NotARoleName, NotAUserName,
    NotAnInstanceProfileName, PolicyName, RoleName, UserName,
};
pub use entity_arn::{
    GroupArn, InstanceProfileArn, NotAGroupArn, NotARoleArn, NotAUserArn, NotAnInstanceProfileArn,
    RoleArn, UserArn,
};
pub use gvk::{
    ApiGroup, ApiVersion, GroupResource, Gvk, Kind, NotAGvk, NotAKind, NotAPlural, NotAnApiGroup,
    NotAnApiVersion, Plural,
};
pub use issuer::{IssuerUrl, NotAnIssuer};
pub use kubernetes::{
    DnsLabel, DnsSubdomain, Namespace, NodeName, NotADnsLabel, NotADnsSubdomain, NotANamespace,
    NotANodeName, NotAServiceAccount, NotAServiceAccountName, ServiceAccount, ServiceAccountName,
};
pub use partition::{NotAPartition, Partition};
pub use path::{NotAPath, Path};
pub use policy_arn::{NotAPolicyArn, PolicyArn, PolicyOwner};
pub use provider::{
    Audience, NotAProviderArn, NotAProviderName, NotAnAudience, ProviderArn, ProviderName,
};
pub use region::{NotARegion, Region};
pub use request_id::{NotARequestId, RequestId};
pub use session::{
    ExternalId, FederatedUserName, NotAFederatedUserName, NotASessionName, NotASourceIdentity,
    NotAnExternalId, SessionName, SourceIdentity,
};
pub use spelling::in_lower_case;
pub use sts_arn::{FederatedUserArn, NotAFederatedUserArn, NotASessionArn, SessionArn};
pub use unique_id::{IdKind, NotAUniqueId, UniqueId};
