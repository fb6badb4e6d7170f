//! What is asked, and the documents that apply to it.

use crate::context::RequestContext;
use crate::principal::Principal;
use crate::set::PolicySet;
use crate::trust_policy::TrustPolicy;
use names::AccountId;

/// May this principal do this to that?
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// `service:Name`.
    pub action: &'a str,
    /// The resource's ARN; `*` for an action without resource.
    pub resource: &'a str,
    /// The account that owns the resource; for an action without resource, the one it is done in.
    pub resource_account: AccountId,
    /// The condition keys.
    pub context: &'a RequestContext,
}

/// The documents that apply. An absent layer is `None`; a layer that is there without a document
/// allows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layers<'a> {
    /// The caller's own policies and its groups'.
    pub identity: Option<&'a PolicySet>,
    /// The caller's permissions boundary.
    pub boundary: Option<&'a PolicySet>,
    /// The session's policies.
    pub session: Option<&'a PolicySet>,
    /// Service control policies over the caller's account, root first.
    pub service_control: Option<&'a [PolicySet]>,
    /// Resource control policies over the resource's account, root first.
    pub resource_control: Option<&'a [PolicySet]>,
    /// The resource's own policy.
    pub resource: Option<ResourcePolicy<'a>>,
}

impl Layers<'_> {
    /// Leaves out what cannot speak of such a caller: who has no account has no policies, and no
    /// organisation above it; a root user has no policies of its own.
    pub(crate) fn that_apply_to(self, principal: &Principal) -> Self {
        match principal {
            Principal::Service { .. } | Principal::WebIdentity { .. } | Principal::Anonymous => {
                Self {
                    resource: self.resource,
                    resource_control: self.resource_control,
                    ..Self::default()
                }
            }
            Principal::Root { .. } => Self {
                identity: None,
                boundary: None,
                session: None,
                ..self
            },
            Principal::User { .. }
            | Principal::RoleSession { .. }
            | Principal::FederatedUser { .. } => self,
        }
    }
}

/// A resource's own policy, and what it is to the decision.
#[derive(Debug, Clone, Copy)]
pub enum ResourcePolicy<'a> {
    /// May allow beside the caller's own policies.
    Ordinary(&'a PolicySet),
    /// Must allow, also within the account.
    Trust(&'a TrustPolicy),
}
