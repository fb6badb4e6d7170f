//! Who asked.

use crate::Text;
use names::{AccessKeyId, AccountId};
use serde::{Deserialize, Serialize};

/// The caller, in CloudTrail's words
/// (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserIdentity {
    /// What kind of caller.
    #[serde(rename = "type")]
    pub kind: IdentityKind,
    /// Its unique id; `ID:SESSION` for a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<Text>,
    /// Its ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<Text>,
    /// Its account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// The key that signed, also when the signature was wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<AccessKeyId>,
    /// The user's name, or a web identity's subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<Text>,
    /// The OIDC provider of a web identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_provider: Option<Text>,
}

impl UserIdentity {
    /// Nothing but the kind.
    #[must_use]
    pub fn of(kind: IdentityKind) -> Self {
        Self {
            kind,
            principal_id: None,
            arn: None,
            account_id: None,
            access_key_id: None,
            user_name: None,
            identity_provider: None,
        }
    }
}

/// CloudTrail's `userIdentity.type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are CloudTrail's own")]
pub enum IdentityKind {
    Root,
    #[serde(rename = "IAMUser")]
    User,
    AssumedRole,
    FederatedUser,
    WebIdentityUser,
    #[serde(rename = "AWSService")]
    Service,
    /// Nobody was proved.
    Unknown,
}
