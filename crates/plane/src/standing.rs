//! The accounts and their policies, and every permit that one request is given.
//!
//! One [`Standing`] lives as long as one request: it reads one snapshot, so that everything the
//! request decides is decided about the same world.

use std::sync::{Arc, LazyLock};

use iam::{AccessKey, Account, Accounts, KeyStatus, OidcProvider, Tag};
use names::{AccessKeyId, AccountId, PolicyArn, ProviderName, RoleArn, UniqueId};
use policy::{
    Document, Layers, Operation, PermissionsPolicy, Permit, PolicyKind, PolicySet, PolicySource,
    Principal, Refusal, RequestContext, Resource, ResourcePolicy, TrustPolicy,
};
use store::Keyring;
use sts::{
    Asker, Authority, Caller, Directory, Holder, ProviderFacts, RoleFacts, Session, UserKey,
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
        let account = self.accounts.account_of_key(id);
        let Some((account, (user, key))) =
            account.and_then(|account| Some((account, account.access_key(id)?)))
        else {
            AccessKey::spend_an_opening(id, self.keyring);
            return None;
        };
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
}

impl Authority for Standing<'_> {
    fn authorise<Op: Operation>(
        &self,
        caller: &Caller,
        resource: Resource<Op::Target>,
        keys: &RequestContext,
    ) -> Result<Permit<Op>, Box<Refusal>> {
        let guarded = is_guarded(Op::ACTION).then(|| resource.owner());
        let asked = self.asked(caller, resource.owner(), resource.keys(), keys);
        let layers = self.layers(&asked.principal, asked.session.as_ref(), guarded);
        policy::authorise(&asked.principal, resource, &asked.context, &layers)
    }

    fn authorise_by_trust<Op: Operation<Target = RoleArn>>(
        &self,
        asker: Asker<'_>,
        role: RoleArn,
        keys: &RequestContext,
        before: &[&'static str],
    ) -> Result<Permit<Op>, Box<Refusal>> {
        let (principal, caller) = match asker {
            Asker::Caller(caller) => (caller.principal(), Some(caller)),
            Asker::WebIdentity(provider) => {
                let provider = provider.clone();
                (Principal::WebIdentity { provider }, None)
            }
        };
        let session = caller.and_then(|caller| self.session_policies(caller));
        let trust = self.trust(&role).unwrap_or(&NOBODY);
        let layers = Layers {
            resource: Some(ResourcePolicy::Trust(trust)),
            ..self.layers(&principal, session.as_ref(), Some(role.account()))
        };
        let context = self.context(caller, role.account(), keys);
        policy::authorise(&principal, role.into(), &context, &layers)
            .map_err(|refusal| refusal.after(before, &layers))
    }
}

/// A caller's question, but for the operation.
struct Asked {
    principal: Principal,
    session: Option<PolicySet>,
    context: RequestContext,
}

impl Standing<'_> {
    /// What a caller's question has whatever the operation is.
    fn asked(
        &self,
        caller: &Caller,
        owner: AccountId,
        of_resource: &RequestContext,
        of_call: &RequestContext,
    ) -> Asked {
        let mut context = self.context(Some(caller), owner, of_resource);
        context.overlay(of_call);
        Asked {
            principal: caller.principal(),
            session: self.session_policies(caller),
            context,
        }
    }

    /// The layers that apply to what an account owns, if resource control policies guard it; a
    /// policy of the resource itself is not among them.
    fn layers<'s>(
        &'s self,
        principal: &Principal,
        session: Option<&'s PolicySet>,
        guarded: Option<AccountId>,
    ) -> Layers<'s> {
        let account = principal.account().and_then(|id| self.accounts.get(id));
        let layers = account.and_then(|account| identity_layers(account, principal));
        let owner = guarded.and_then(|id| self.accounts.get(id));
        let nothing = Layers {
            session,
            service_control: self.organisation_layer(account, Side::Caller),
            resource_control: self.organisation_layer(owner, Side::Resource),
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
    fn session_policies(&self, caller: &Caller) -> Option<PolicySet> {
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
        keys: &RequestContext,
    ) -> RequestContext {
        let mut context = (self.request_keys)();
        if let Some(caller) = caller {
            self.set_caller(caller, &mut context);
        }
        context.set("aws:ResourceAccount", owner.as_str());
        self.set_organisation(owner, "aws:ResourceOrg", &mut context);
        context.overlay(keys);
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
        caller.set_keys(context);
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

/// Of the services here, resource control policies guard STS alone.
///
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
fn is_guarded(action: &str) -> bool {
    action.starts_with("sts:")
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

#[cfg(test)]
mod tests;
