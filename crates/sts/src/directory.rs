//! What STS needs to know of accounts, and whom it asks for a permit.
//!
//! Both are traits of this crate, implemented over the world's snapshot where services meet, so
//! that the rules of STS can be read and tested without the records of IAM. An [`Authority`] gathers
//! what applies; a [`Permit`] it can have from [`policy::authorise`] only.

use std::collections::BTreeMap;

use jiff::Timestamp;
use names::secret::Secret;
use names::{
    AccessKeyId, AccountId, Audience, PolicyArn, ProviderArn, ProviderName, RoleArn, UniqueId,
    UserArn,
};
use policy::{Operation, Permit, Refusal, RequestContext, Resource};

use crate::caller::Caller;

/// One consistent view of what accounts contain.
pub trait Directory {
    /// The user's key of this id, whichever account it is in. Where there is none, that takes as long.
    fn access_key(&self, id: &AccessKeyId) -> Option<UserKey>;
    /// The role of this ARN; the ARN must match as a whole, path and case included.
    fn role(&self, arn: &RoleArn) -> Option<RoleFacts>;
    /// Whether the user or role of this unique id still exists in the account.
    fn is_alive(&self, account: AccountId, id: &UniqueId) -> bool;
    /// The account's provider for an issuer.
    fn provider(&self, account: AccountId, name: &ProviderName) -> Option<ProviderFacts>;
    /// Whether a managed policy exists.
    fn has_policy(&self, arn: &PolicyArn) -> bool;
}

/// Decides, about what the directory holds, by all policies that apply.
pub trait Authority: Directory {
    /// Asks whether the caller's policies allow an operation.
    ///
    /// `keys` are those of the call and the resource; those of the caller and of the request are
    /// added by who decides.
    ///
    /// # Errors
    /// The refusal of whoever does not allow it.
    fn authorise<Op: Operation>(
        &self,
        caller: &Caller,
        resource: Resource<Op::Target>,
        keys: &RequestContext,
    ) -> Result<Permit<Op>, Box<Refusal>>;

    /// Asks the same about a role, which must trust who asks. One that is not there trusts nobody.
    /// `before` are the actions that the same call was allowed already.
    ///
    /// # Errors
    /// The refusal of whoever does not allow it.
    fn authorise_by_trust<Op: Operation<Target = RoleArn>>(
        &self,
        asker: Asker<'_>,
        role: RoleArn,
        keys: &RequestContext,
        before: &[&'static str],
    ) -> Result<Permit<Op>, Box<Refusal>>;
}

/// Who asks to assume a role.
#[derive(Debug, Clone, Copy)]
pub enum Asker<'a> {
    /// A signed request's caller.
    Caller(&'a Caller),
    /// A token's bearer, vouched for by a provider; no principal of any account.
    WebIdentity(&'a ProviderArn),
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

/// The moment and the randomness of one call.
#[derive(Debug, Clone, Copy)]
pub struct Instant {
    /// The clock.
    pub now: Timestamp,
    /// Drawn for this call only.
    pub random: crate::session_keys::SessionRandom,
}
