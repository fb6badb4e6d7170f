//! Whose policies a simulation is about, and as whom it asks.

use super::invalid;
use crate::aws::{Call, of_iam};
use ::iam::operations::granting::Subject as Source;
use ::iam::{Account, Group, Role, User};
use awswire::AwsError;
use awswire::dto::iam::ContextEntry;
use names::{IdKind, ProviderArn, RoleArn, UniqueId, UserArn};
use policy::{
    Document, PermissionsPolicy, PolicyKind, PolicySet, PolicySource, Principal, RequestContext,
};
use std::sync::Arc;

type Compiled = (PolicySource, Arc<Document>);

/// The policies, and who would ask.
pub(super) struct Subject {
    pub(super) principal: Principal,
    pub(super) identity: PolicySet,
    pub(super) boundary: Option<PolicySet>,
    tags: Vec<::iam::Tag>,
}

impl Subject {
    /// Policies that nobody has, asked as the caller named, or as some user of the account.
    pub(super) fn of_documents(
        caller: Option<&str>,
        documents: Vec<Compiled>,
        call: &Call<'_>,
    ) -> Result<Self, AwsError> {
        let nobody = format!(
            "arn:{}:iam::{}:user/simulated",
            call.account()?.partition(),
            call.account_id()
        );
        Ok(Self {
            principal: principal_of(caller.unwrap_or(&nobody), call)?,
            identity: PolicySet::compile(documents),
            boundary: None,
            tags: Vec::new(),
        })
    }

    /// The policies of the user, group or role that has that ARN, and these besides.
    pub(super) fn of_source(
        source: &Source,
        arn: &str,
        caller: Option<&str>,
        documents: Vec<Compiled>,
        call: &Call<'_>,
    ) -> Result<Self, AwsError> {
        let account = call.account()?;
        let mut subject = Self::of_documents(caller, Vec::new(), call)?;
        let mut all = match source {
            Source::User(name) => {
                let user = account.find::<User>(name).map_err(|why| of_iam(&why))?;
                let layers = account.user_layers(user);
                subject.boundary = layers.boundary.as_ref().map(again);
                subject.tags.clone_from(&user.tags);
                documents_of(&layers.identity)
            }
            Source::Role(name) => {
                let role = account.find::<Role>(name).map_err(|why| of_iam(&why))?;
                let layers = account.role_layers(role);
                subject.boundary = layers.boundary.as_ref().map(again);
                subject.tags.clone_from(&role.tags);
                documents_of(&layers.identity)
            }
            Source::Group(name) => {
                let group = account.find::<Group>(name).map_err(|why| of_iam(&why))?;
                of_group(account, group)
            }
            Source::Policy(_) => return Err(unclear(arn)),
        };
        if caller.is_none() && !matches!(source, Source::Group(_)) {
            subject.principal = principal_of(arn, call)?;
        }
        all.extend(documents);
        subject.identity = PolicySet::compile(all);
        Ok(subject)
    }

    /// Bounds it by the one boundary that was given, in place of its own.
    pub(super) fn bound_by(&mut self, texts: Option<&[String]>) -> Result<(), AwsError> {
        let Some(texts) = texts.filter(|texts| !texts.is_empty()) else {
            return Ok(());
        };
        self.boundary = Some(PolicySet::compile(input_documents(texts)?));
        Ok(())
    }

    /// What is known of who asks, and over it what was given.
    pub(super) fn context(
        &self,
        given: Option<Vec<ContextEntry>>,
    ) -> Result<RequestContext, AwsError> {
        let mut context = RequestContext::new();
        if let Some(account) = self.principal.account() {
            context.set("aws:PrincipalAccount", account.as_str());
        }
        match &self.principal {
            Principal::User { arn, id } => {
                context.set("aws:PrincipalArn", arn.as_str());
                context.set("aws:PrincipalType", "User");
                context.set("aws:userid", id.as_str());
                context.set("aws:username", arn.name().as_str());
            }
            Principal::RoleSession { role, .. } => {
                context.set("aws:PrincipalArn", role.as_str());
                context.set("aws:PrincipalType", "AssumedRole");
            }
            Principal::FederatedUser { .. }
            | Principal::Root { .. }
            | Principal::Service { .. }
            | Principal::WebIdentity { .. }
            | Principal::Anonymous => {}
        }
        for tag in &self.tags {
            context.set(&format!("aws:PrincipalTag/{}", tag.key), tag.value.as_str());
        }
        for entry in given.into_iter().flatten() {
            let name = entry.context_key_name.unwrap_or_default();
            let values = entry.context_key_values.unwrap_or_default();
            let is_list = entry
                .context_key_type
                .is_some_and(|kind| kind.ends_with("List"));
            match (is_list, values.as_slice()) {
                (_, []) => {}
                (false, [value]) => drop(context.set(&name, value.as_str())),
                (false, _) => return Err(invalid(&format!("{name} takes one value."))),
                (true, values) => {
                    context.set_list(&name, values.iter().map(String::as_str));
                }
            }
        }
        Ok(context)
    }
}

/// The user, role or group of the caller's account that a PolicySourceArn names.
pub(super) fn source_of(arn: &str, call: &Call<'_>) -> Result<Source, AwsError> {
    match Source::named_by(arn, call.account_id()) {
        Some(Source::Policy(_)) | None => Err(unclear(arn)),
        Some(source) => Ok(source),
    }
}

fn unclear(arn: &str) -> AwsError {
    let text = format!("Invalid Entity Arn: {arn} does not clearly define entity type and name.");
    invalid(&text)
}

/// Policies as they were sent.
pub(super) fn input_documents(texts: &[String]) -> Result<Vec<Compiled>, AwsError> {
    let numbered = (1..).zip(texts);
    let compiled = numbered.map(|(number, text): (u32, _)| {
        let policy = PermissionsPolicy::parse(text)
            .map_err(|why| invalid(&format!("PolicyInputList.{number}: {why}")))?;
        let source = PolicySource {
            kind: PolicyKind::Identity,
            arn: None,
            name: format!("PolicyInputList.{number}"),
            attached_to: None,
            text: text.as_str().into(),
        };
        Ok((source, Arc::clone(policy.document())))
    });
    compiled.collect()
}

/// A document of a set, read again.
pub(super) fn parsed(source: &PolicySource) -> Option<Arc<Document>> {
    let policy = PermissionsPolicy::parse(&source.text).ok()?;
    Some(Arc::clone(policy.document()))
}

fn documents_of(set: &PolicySet) -> Vec<Compiled> {
    let sources = set.documents().map(|(source, _)| source.clone());
    sources
        .filter_map(|source| {
            let document = parsed(&source)?;
            Some((source, document))
        })
        .collect()
}

fn again(set: &PolicySet) -> PolicySet {
    PolicySet::compile(documents_of(set))
}

fn of_group(account: &Account, group: &Group) -> Vec<Compiled> {
    let holder = account.group_arn(group).to_string();
    let source = |arn: Option<String>, name: &str, text: &str| PolicySource {
        kind: PolicyKind::Identity,
        arn,
        name: name.to_owned(),
        attached_to: Some(holder.clone()),
        text: text.into(),
    };
    let inline = group.permissions.inline.iter();
    let inline = inline.map(|(name, text)| source(None, name.as_str(), text));
    let attached = group.permissions.attached.iter().filter_map(|arn| {
        let text = account.managed_document(arn)?;
        Some(source(Some(arn.to_string()), arn.name().as_str(), text))
    });
    inline
        .chain(attached)
        .filter_map(|source| {
            let document = parsed(&source)?;
            Some((source, document))
        })
        .collect()
}

/// Who an ARN means; somebody who is not there has an id that nobody has.
fn principal_of(arn: &str, call: &Call<'_>) -> Result<Principal, AwsError> {
    let accounts = &call.world.accounts;
    if let Ok(arn) = arn.parse::<UserArn>() {
        let account = accounts.get(arn.account());
        let user = account.and_then(|account| account.find::<User>(arn.name()).ok());
        let id = user.map(|user| user.id.clone());
        return Ok(Principal::User {
            id: id.unwrap_or_else(|| UniqueId::from_random(IdKind::User, [0; 11])),
            arn,
        });
    }
    if let Ok(arn) = arn.parse::<RoleArn>() {
        let account = accounts.get(arn.account());
        let role = account.and_then(|account| account.find::<Role>(arn.name()).ok());
        let id = role.map(|role| role.id.clone());
        let session = "simulated".parse();
        return Ok(Principal::RoleSession {
            role_id: id.unwrap_or_else(|| UniqueId::from_random(IdKind::Role, [0; 11])),
            role: arn,
            session: session.map_err(|_| invalid("no session name"))?,
        });
    }
    match arn.parse::<ProviderArn>() {
        Ok(provider) => Ok(Principal::WebIdentity { provider }),
        Err(_) => Err(invalid(&format!(
            "CallerArn: {arn} is no user, role or provider."
        ))),
    }
}
