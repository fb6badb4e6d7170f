//! The accounts and their policies, as STS asks for them.
//!
//! One [`Standing`] lives as long as one request: it reads one snapshot, so that everything the
//! request decides is decided about the same world.

use std::sync::{Arc, LazyLock};

use iam::{Account, Accounts, KeyStatus, OidcProvider, Tag};
use names::{AccessKeyId, AccountId, PolicyArn, ProviderName, RoleArn, UniqueId};
use policy::{
    Document, Layers, MalformedPolicy, Operation, PermissionsPolicy, PolicyKind, PolicySet,
    PolicySource, Principal, RequestContext, ResourcePolicy, TrustPolicy, authorise,
};
use store::Keyring;
use sts::{
    Asker, Authority, Caller, ConditionKeys, DenialReason, Directory, Holder, KeyValue,
    ProviderFacts, Question, RoleFacts, Session, UserKey,
};

/// What one request sees of the accounts.
pub(crate) struct Standing<'a> {
    /// Every account at one revision.
    pub(crate) accounts: &'a Accounts,
    /// Opens the secrets of access keys.
    pub(crate) keyring: &'a Keyring,
    /// Gathers the condition keys of the request itself (time, address, region, agent) when a
    /// decision asks for them; many requests need none.
    pub(crate) request_keys: &'a (dyn Fn() -> RequestContext + Sync),
}

impl Directory for Standing<'_> {
    fn access_key(&self, id: &AccessKeyId) -> Option<UserKey> {
        let account = self.accounts.account_of_key(id)?;
        let (user, key) = account.access_key(id)?;
        Some(UserKey {
            user: account.user_arn(user),
            user_id: user.id.clone(),
            secret: key.open(self.keyring).ok()?,
            is_active: key.status == KeyStatus::Active,
        })
    }

    fn role(&self, arn: &RoleArn) -> Option<RoleFacts> {
        let role = self.accounts.get(arn.account())?.role(arn)?;
        let tags = role.tags.iter();
        Some(RoleFacts {
            id: role.id.clone(),
            session_seconds_max: role.session_seconds_max.into(),
            tags: tags
                .map(|tag| (tag.key.clone(), tag.value.clone()))
                .collect(),
        })
    }

    fn is_alive(&self, account: AccountId, id: &UniqueId) -> bool {
        let account = self.accounts.get(account);
        account.is_some_and(|account| {
            account.role_by_id(id).is_some() || account.user_by_id(id).is_some()
        })
    }

    fn provider(&self, account: AccountId, name: &ProviderName) -> Option<ProviderFacts> {
        let account = self.accounts.get(account)?;
        let provider = account.find::<OidcProvider>(name).ok()?;
        Some(ProviderFacts {
            arn: account.provider_arn(provider),
            client_ids: provider.client_ids.clone(),
            thumbprints: provider.thumbprints.clone(),
        })
    }

    fn has_policy(&self, arn: &PolicyArn) -> bool {
        match arn.account() {
            None => iam::managed_policy(arn).is_some(),
            Some(owner) => {
                let account = self.accounts.get(owner);
                account.is_some_and(|account| account.managed_document(arn).is_some())
            }
        }
    }

    fn malformed_policy(&self, text: &str) -> Option<MalformedPolicy> {
        PermissionsPolicy::parse(text).err()
    }
}

impl Authority for Standing<'_> {
    fn decide(&self, question: &Question<'_>) -> Result<(), DenialReason> {
        let principal = match question.asker {
            Asker::Caller(caller) => caller.principal(),
            Asker::WebIdentity(provider) => Principal::WebIdentity {
                provider: provider.clone(),
            },
        };
        let session = match question.asker {
            Asker::Caller(caller) => self.session_policies(caller),
            Asker::WebIdentity(_) => None,
        };
        let caller = match question.asker {
            Asker::Caller(caller) => Some(caller),
            Asker::WebIdentity(_) => None,
        };
        let context = self.context(caller, question.resource_account, &question.keys);
        let mut layers = self.caller_layers(&principal, session.as_ref());
        let owner = self.accounts.get(question.resource_account);
        layers.resource_control = self.organisation_layer(owner, Side::Resource);
        let trust = question
            .trust
            .map(|role| self.trust(role).unwrap_or(&NOBODY));
        layers.resource = trust.map(ResourcePolicy::Trust);
        let question = policy::Question {
            principal: &principal,
            action: question.action,
            resource: &question.resource,
            resource_account: question.resource_account,
            context: &context,
        };
        ask(&question, &layers)
    }
}

impl Standing<'_> {
    /// The layers that bind the caller, whatever it asks for.
    ///
    /// A federated user's session is bounded by its session policies from the first: without any
    /// it may do nothing by itself.
    pub(crate) fn caller_layers<'s>(
        &'s self,
        principal: &Principal,
        session: Option<&'s PolicySet>,
    ) -> Layers<'s> {
        let account = principal.account().and_then(|id| self.accounts.get(id));
        let layers = account.and_then(|account| identity_layers(account, principal));
        let nothing = Layers {
            session,
            service_control: self.organisation_layer(account, Side::Caller),
            ..Layers::default()
        };
        match layers {
            Some(layers) => Layers {
                identity: Some(&layers.identity),
                boundary: layers.boundary.as_ref(),
                ..nothing
            },
            None => nothing,
        }
    }

    /// The policies that a caller's session was opened with, compiled; none where no such layer
    /// applies. A document that does not read, or is gone, allows nothing.
    pub(crate) fn session_policies(&self, caller: &Caller) -> Option<PolicySet> {
        let session = caller.session()?;
        let is_bounded = matches!(session.holder, Holder::Federated { .. });
        let has_policies =
            session.policies.inline.is_some() || !session.policies.managed.is_empty();
        (is_bounded || has_policies).then(|| PolicySet::compile(self.session_documents(session)))
    }

    /// The condition keys: of the request, of the caller, and of the call.
    pub(crate) fn context(
        &self,
        caller: Option<&Caller>,
        owner: AccountId,
        keys: &ConditionKeys,
    ) -> RequestContext {
        let mut context = (self.request_keys)();
        if let Some(caller) = caller {
            self.set_caller(caller, &mut context);
        }
        context.set("aws:ResourceAccount", owner.as_str());
        self.set_organisation(owner, "aws:ResourceOrg", &mut context);
        set_all(keys, &mut context);
        context
    }

    /// The condition keys of a caller: its own tags, over them its session's, and the rest.
    pub(crate) fn set_caller(&self, caller: &Caller, context: &mut RequestContext) {
        let principal = caller.principal();
        if let Some(account) = self.accounts.get(caller.account()) {
            for tag in own_tags(account, &principal) {
                let key = format!("aws:PrincipalTag/{}", tag.key);
                context.set(&key, tag.value.as_str());
            }
        }
        self.set_organisation(caller.account(), "aws:PrincipalOrg", context);
        let mut keys = ConditionKeys::default();
        caller.set_keys(&mut keys);
        set_all(&keys, context);
    }

    fn set_organisation(&self, account: AccountId, prefix: &str, context: &mut RequestContext) {
        let organisation = self.accounts.organisation();
        let Some(path) = organisation.and_then(|tree| tree.path_of(account)) else {
            return;
        };
        let id = path.split('/').next().unwrap_or_default();
        context.set(&format!("{prefix}ID"), id);
        context.set_list(&format!("{prefix}Paths"), [path]);
    }

    fn trust(&self, role: &RoleArn) -> Option<&TrustPolicy> {
        let account = self.accounts.get(role.account())?;
        let role = account.role(role)?;
        account.trust_of(role).map(Arc::as_ref)
    }

    fn organisation_layer(
        &self,
        account: Option<&Arc<Account>>,
        side: Side,
    ) -> Option<&[PolicySet]> {
        let (account, organisation) = (account?, self.accounts.organisation()?);
        match side {
            Side::Caller => organisation.service_control(account.id()),
            Side::Resource => organisation.resource_control(account.id()),
        }
    }

    fn session_documents(&self, session: &Session) -> Vec<(PolicySource, Arc<Document>)> {
        let inline = session.policies.inline.iter();
        let inline = inline.filter_map(|text| session_document(None, text));
        let account = self.accounts.get(session.account());
        let managed = session.policies.managed.iter().filter_map(|arn| {
            let text = account?.managed_document(arn)?;
            session_document(Some(arn), text)
        });
        inline.chain(managed).collect()
    }
}

/// Whom a role trusts that is not there, or whose trust policy does not read.
static NOBODY: LazyLock<TrustPolicy> = LazyLock::new(TrustPolicy::of_nobody);

/// Which organisation policies: those over callers or those over resources.
#[derive(Clone, Copy)]
enum Side {
    Caller,
    Resource,
}

macro_rules! actions {
    ($($name:ident)*) => {
        $(struct $name;

        impl Operation for $name {
            const ACTION: &'static str = concat!("sts:", stringify!($name));
            type Target = ();
        })*

        /// Decides; a refusal carries AWS's reason and every statement that was looked at.
        fn ask(question: &policy::Question<'_>, layers: &Layers<'_>) -> Result<(), DenialReason> {
            let refused = match question.action {
                $(action if action == $name::ACTION => {
                    authorise::<$name>((), question, layers).err()
                })*
                unknown => return Err(unknown_action(unknown)),
            };
            refused.map_or(Ok(()), |refusal| Err(reason(refusal, question.resource)))
        }
    };
}

actions! {
    AssumeRole
    AssumeRoleWithWebIdentity
    TagSession
    SetSourceIdentity
    GetFederationToken
    DecodeAuthorizationMessage
}

fn reason(refusal: Box<policy::Refusal>, resource: &str) -> DenialReason {
    let bare = refusal.wire_text_without_reason(resource);
    let whole = refusal.wire_text(resource);
    let wire = whole.strip_prefix(&bare).unwrap_or_default().trim_start();
    let change = refusal.explanation.smallest_change.clone();
    DenialReason {
        wire: wire.to_owned(),
        detail: change.unwrap_or_else(|| wire.to_owned()),
        refusal: Some(refusal),
    }
}

fn unknown_action(action: &str) -> DenialReason {
    DenialReason {
        wire: format!("because no identity-based policy allows the {action} action"),
        detail: format!("`{action}` is not an action that STS asks for here"),
        refusal: None,
    }
}

fn identity_layers<'a>(
    account: &'a Account,
    principal: &Principal,
) -> Option<&'a iam::IdentityLayers> {
    match principal {
        Principal::RoleSession { role_id, .. } => {
            let role = account.role_by_id(role_id)?;
            Some(account.role_layers(role))
        }
        Principal::User { id, .. } | Principal::FederatedUser { user_id: id, .. } => {
            let user = account.user_by_id(id)?;
            Some(account.user_layers(user))
        }
        Principal::Root { .. }
        | Principal::Service { .. }
        | Principal::WebIdentity { .. }
        | Principal::Anonymous => None,
    }
}

/// A federated user has the tags of its session only.
fn own_tags<'a>(account: &'a Account, principal: &Principal) -> &'a [Tag] {
    let tags = match principal {
        Principal::RoleSession { role_id, .. } => {
            let role = account.role_by_id(role_id);
            role.map(|role| role.tags.as_slice())
        }
        Principal::User { id, .. } => account.user_by_id(id).map(|user| user.tags.as_slice()),
        Principal::FederatedUser { .. }
        | Principal::Root { .. }
        | Principal::Service { .. }
        | Principal::WebIdentity { .. }
        | Principal::Anonymous => None,
    };
    tags.unwrap_or_default()
}

fn session_document(arn: Option<&PolicyArn>, text: &str) -> Option<(PolicySource, Arc<Document>)> {
    let parsed = PermissionsPolicy::parse(text).ok()?;
    let source = PolicySource {
        kind: PolicyKind::Session,
        arn: arn.map(ToString::to_string),
        name: arn
            .map_or("session policy", |arn| arn.name().as_str())
            .to_owned(),
        attached_to: None,
        text: text.into(),
    };
    Some((source, Arc::clone(parsed.document())))
}

fn set_all(keys: &ConditionKeys, context: &mut RequestContext) {
    for (key, value) in keys.iter() {
        match value {
            KeyValue::One(value) => context.set(key, value.as_str()),
            KeyValue::Many(values) => context.set_list(key, values.iter().map(String::as_str)),
        };
    }
}

#[cfg(test)]
mod tests;
