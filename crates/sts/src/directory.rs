//! What STS needs to know of accounts, and whom it asks for a decision.
//!
//! Both are traits of this crate, implemented over the world's snapshot where services meet, so
//! that the rules of STS can be read and tested without the records of IAM.

use std::collections::BTreeMap;

use jiff::Timestamp;
use names::secret::Secret;
use names::{
    AccessKeyId, AccountId, Audience, PolicyArn, ProviderArn, ProviderName, RoleArn, UniqueId,
    UserArn,
};
use policy::{MalformedPolicy, Refusal};

use crate::question::Question;

/// One consistent view of what accounts contain.
pub trait Directory {
    /// The user's key of this id, whichever account it is in.
    fn access_key(&self, id: &AccessKeyId) -> Option<UserKey>;
    /// The role of this ARN; the ARN must match as a whole, path and case included.
    fn role(&self, arn: &RoleArn) -> Option<RoleFacts>;
    /// Whether the user or role of this unique id still exists in the account.
    fn is_alive(&self, account: AccountId, id: &UniqueId) -> bool;
    /// The account's provider for an issuer.
    fn provider(&self, account: AccountId, name: &ProviderName) -> Option<ProviderFacts>;
    /// Whether a managed policy exists.
    fn has_policy(&self, arn: &PolicyArn) -> bool;
    /// What is wrong with a session policy.
    fn malformed_policy(&self, text: &str) -> Option<MalformedPolicy>;
}

/// Decides one question against all policies that apply to it.
pub trait Authority {
    /// `Ok` if the caller may; else why not.
    fn decide(&self, question: &Question<'_>) -> Result<(), DenialReason>;
}

/// A user's access key.
#[derive(Debug, Clone)]
pub struct UserKey {
    /// Whose.
    pub user: UserArn,
    /// What the user is.
    pub user_id: UniqueId,
    /// Signs requests.
    pub secret: Secret,
    /// Whether it is switched on.
    pub is_active: bool,
}

/// What STS needs to know of a role.
#[derive(Debug, Clone)]
pub struct RoleFacts {
    /// What the role is.
    pub id: UniqueId,
    /// `MaxSessionDuration`.
    pub session_seconds_max: i64,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// What STS needs to know of an OIDC provider.
#[derive(Debug, Clone)]
pub struct ProviderFacts {
    /// The provider.
    pub arn: ProviderArn,
    /// Whom tokens may be for.
    pub client_ids: Vec<Audience>,
    /// SHA-1 of certificates, in lower-case hexadecimal.
    pub thumbprints: Vec<String>,
}

/// Why a decision was no.
#[derive(Debug, Clone)]
pub struct DenialReason {
    /// What follows the resource in AWS's sentence, where AWS says why at all:
    /// `because no identity-based policy allows the sts:GetFederationToken action`.
    pub wire: String,
    /// For the trail, in our words.
    pub detail: String,
    /// The decision and all about why, if policies decided.
    pub refusal: Option<Box<Refusal>>,
}

/// The moment and the randomness of one call.
#[derive(Debug, Clone, Copy)]
pub struct Instant {
    /// The clock.
    pub now: Timestamp,
    /// Drawn for this call only.
    pub random: crate::session_keys::SessionRandom,
}
