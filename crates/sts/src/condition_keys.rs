//! The condition keys that follow from a caller, a token, a role, and what a call asks for.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html>

use names::{ExternalId, SessionName, SourceIdentity, UserArn};
use policy::RequestContext;

use crate::caller::Caller;
use crate::directory::RoleFacts;
use crate::session::{Holder, Session, SessionOrigin, WebIdentity};
use crate::tags::RequestedTags;

impl Caller {
    /// Sets the condition keys that follow from who the caller is (spec/iam-evaluation.md 2.5).
    ///
    /// Tags of the user or role itself are not known here; session tags are, and are to be laid
    /// over them.
    pub fn set_keys(&self, keys: &mut RequestContext) {
        keys.set("aws:PrincipalAccount", self.account().as_str());
        keys.set("aws:userid", self.user_id());
        match (self.session(), self.user()) {
            (Some(session), _) => session.set_keys(keys),
            (None, user) => user.into_iter().for_each(|(user, _)| set_user(user, keys)),
        }
    }
}

impl Session {
    fn set_keys(&self, keys: &mut RequestContext) {
        match &self.holder {
            Holder::User { user, .. } => set_user(user, keys),
            Holder::Role { role, .. } => {
                keys.set("aws:PrincipalArn", role.as_str());
                keys.set("aws:PrincipalType", "AssumedRole");
            }
            Holder::Federated { .. } => {
                keys.set("aws:PrincipalArn", self.holder.arn());
                keys.set("aws:PrincipalType", "FederatedUser");
            }
        }
        keys.set("aws:TokenIssueTime", self.issued.to_string());
        keys.set("aws:MultiFactorAuthPresent", "false");
        keys.set_some("aws:SourceIdentity", self.source_identity.as_ref());
        for (key, tag) in &self.tags {
            keys.set(&format!("aws:PrincipalTag/{key}"), tag.value.as_str());
        }
        if let SessionOrigin::WebIdentity(identity) = &self.origin {
            identity.set_keys(keys);
        }
    }
}

fn set_user(user: &UserArn, keys: &mut RequestContext) {
    keys.set("aws:PrincipalArn", user.as_str());
    keys.set("aws:PrincipalType", "User");
    keys.set("aws:username", user.name().as_str());
}

impl WebIdentity {
    /// Sets the keys of who vouched and of the token's claims, these under the provider's name.
    ///
    /// A token that names an authorised party shows it as `:aud`, and its audience as `:oaud`.
    /// No other claim of a generic provider is available to policies.
    pub fn set_keys(&self, keys: &mut RequestContext) {
        keys.set("aws:FederatedProvider", self.provider.as_str());
        let name = self.provider.provider().as_str();
        let key = |claim: &str| [name, ":", claim].concat();
        keys.set(&key("aud"), self.audience.as_str());
        keys.set(&key("sub"), self.subject.as_str());
        if let Some(original) = &self.original_audience {
            keys.set(&key("oaud"), original.as_str());
        }
        if !self.methods.is_empty() {
            let methods = self.methods.iter().map(String::as_str);
            keys.set_list(&key("amr"), methods);
        }
    }
}

impl RequestedTags {
    /// Sets the keys of the tags that a call asks for.
    pub(crate) fn set_keys(&self, keys: &mut RequestContext) {
        for (key, value) in &self.tags {
            keys.set(&format!("aws:RequestTag/{key}"), value.as_str());
        }
        let names = self.tags.iter().map(|(key, _)| key.as_str());
        keys.set_list("aws:TagKeys", names);
        let transitive = self.transitive_keys.iter().map(String::as_str);
        keys.set_list("sts:TransitiveTagKeys", transitive);
    }
}

impl RoleFacts {
    /// Sets the keys of the role that is to be assumed.
    pub(crate) fn set_keys(&self, keys: &mut RequestContext) {
        for (key, value) in &self.tags {
            keys.set(&format!("aws:ResourceTag/{key}"), value.as_str());
            keys.set(&format!("iam:ResourceTag/{key}"), value.as_str());
        }
    }
}

/// The keys of what a call says about the session that it asks for.
pub(crate) fn of_session_request(
    session: &SessionName,
    source_identity: Option<&SourceIdentity>,
    external_id: Option<&ExternalId>,
) -> RequestContext {
    let mut keys = RequestContext::new();
    keys.set("sts:RoleSessionName", session.as_str());
    keys.set_some("sts:SourceIdentity", source_identity);
    keys.set_some("sts:ExternalId", external_id);
    keys
}
