//! The engine, asked what the manual was asked.

use crate::case::{ACCOUNT, Case, OTHER_ROLE, PROVIDER, ROLE, SERVICE, USER};
use names::{Arn, UniqueId};
use policy::{
    Decision, Document, Explanation, Layers, PermissionsPolicy, PolicyKind, PolicySet,
    PolicySource, Principal, PrincipalDirectory, Question, RequestContext, ResourceControlPolicy,
    ResourcePolicy, TrustPolicy, decide, explain,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who has which unique id.
#[derive(Clone)]
pub(crate) struct Directory(pub(crate) BTreeMap<&'static str, &'static str>);

impl Default for Directory {
    fn default() -> Self {
        Self(BTreeMap::from([
            (ROLE, "AROAAAAAAAAAAAAAAAAAA"),
            (OTHER_ROLE, "AROABBBBBBBBBBBBBBBBB"),
            (USER, "AIDAAAAAAAAAAAAAAAAAA"),
        ]))
    }
}

impl PrincipalDirectory for Directory {
    fn id_of(&self, arn: &Arn) -> Option<UniqueId> {
        self.0.get(arn.as_str())?.parse().ok()
    }

    fn arn_of(&self, id: &UniqueId) -> Option<String> {
        let named = self.0.iter().find(|(_, there)| *id == **there);
        named.map(|(arn, _)| (*arn).to_owned())
    }
}

pub(crate) fn principal(name: &str) -> Principal {
    let id = |text: &str| text.parse().expect("an id");
    match name {
        "user" => Principal::User {
            arn: USER.parse().expect("an ARN"),
            id: id("AIDAAAAAAAAAAAAAAAAAA"),
        },
        "session" => Principal::RoleSession {
            role: ROLE.parse().expect("an ARN"),
            role_id: id("AROAAAAAAAAAAAAAAAAAA"),
            session: "build".parse().expect("a name"),
        },
        "guest" => Principal::FederatedUser {
            name: "guest".parse().expect("a name"),
            user: USER.parse().expect("an ARN"),
            user_id: id("AIDAAAAAAAAAAAAAAAAAA"),
        },
        "root" => Principal::Root {
            partition: names::Partition::Aws,
            account: ACCOUNT.parse().expect("an account"),
        },
        "service" => Principal::Service {
            name: SERVICE.to_owned(),
        },
        "web" => Principal::WebIdentity {
            provider: PROVIDER.parse().expect("an ARN"),
        },
        _ => Principal::Anonymous,
    }
}

/// What was compiled of a case's documents.
struct Compiled {
    identity: Option<PolicySet>,
    boundary: Option<PolicySet>,
    session: Option<PolicySet>,
    service_control: Option<Vec<PolicySet>>,
    resource_control: Option<Vec<PolicySet>>,
    resource: Option<TrustPolicy>,
}

impl Compiled {
    fn of(case: &Case) -> Self {
        let own = |kind, documents: &Option<Vec<Value>>| {
            documents.as_ref().map(|documents| set(kind, documents))
        };
        let levels = |kind, levels: &Option<Vec<Vec<Value>>>| {
            let sets = |levels: &Vec<Vec<Value>>| levels.iter().map(|one| set(kind, one)).collect();
            levels.as_ref().map(sets)
        };
        Self {
            identity: own(PolicyKind::Identity, &case.identity),
            boundary: own(PolicyKind::Boundary, &case.boundary),
            session: own(PolicyKind::Session, &case.session),
            service_control: levels(PolicyKind::ServiceControl, &case.service_control),
            resource_control: levels(PolicyKind::ResourceControl, &case.resource_control),
            resource: case.resource_policy.as_ref().map(|document| {
                let text = document.to_string();
                TrustPolicy::parse(&text, &Directory::default())
                    .unwrap_or_else(|why| panic!("{why}: {text}"))
            }),
        }
    }

    fn layers(&self, is_trust: bool) -> Layers<'_> {
        Layers {
            identity: self.identity.as_ref(),
            boundary: self.boundary.as_ref(),
            session: self.session.as_ref(),
            service_control: self.service_control.as_deref(),
            resource_control: self.resource_control.as_deref(),
            resource: self.resource.as_ref().map(|policy| match is_trust {
                true => ResourcePolicy::Trust(policy),
                false => ResourcePolicy::Ordinary(policy.set()),
            }),
        }
    }
}

/// Each document is named by its number.
fn set(kind: PolicyKind, documents: &[Value]) -> PolicySet {
    let parse = |text: &str| -> Arc<Document> {
        let parsed = match kind {
            PolicyKind::ResourceControl => {
                ResourceControlPolicy::parse(text).map(|policy| policy.document().clone())
            }
            PolicyKind::Identity
            | PolicyKind::Trust
            | PolicyKind::Boundary
            | PolicyKind::Session
            | PolicyKind::ServiceControl => {
                PermissionsPolicy::parse(text).map(|policy| policy.document().clone())
            }
        };
        parsed.unwrap_or_else(|why| panic!("{why} ({}): {text}", why.detail()))
    };
    let sourced = documents.iter().enumerate().map(|(number, document)| {
        let text = document.to_string();
        let document = parse(&text);
        let source = PolicySource {
            kind,
            arn: None,
            name: number.to_string(),
            attached_to: None,
            text: text.into(),
        };
        (source, document)
    });
    PolicySet::compile(sourced.collect())
}

pub(crate) fn context(case: &Case) -> RequestContext {
    let mut context = RequestContext::new();
    for (key, values) in &case.context {
        match values.as_slice() {
            [only] => context.set(key, only.as_str()),
            several => context.set_list(key, several.iter().map(String::as_str)),
        };
    }
    context
}

fn ask<T>(case: &Case, how: impl Fn(&Question<'_>, &Layers<'_>) -> T) -> T {
    let (compiled, principal, context) =
        (Compiled::of(case), principal(&case.caller), context(case));
    let question = Question {
        principal: &principal,
        action: &case.action,
        resource: &case.resource,
        resource_account: case.owner.parse().expect("an account"),
        context: &context,
    };
    how(&question, &compiled.layers(case.is_trust))
}

/// The decision in the manual's words: who, and by which statement.
pub(crate) fn answer(case: &Case) -> String {
    said(&ask(case, decide))
}

pub(crate) fn explained(case: &Case) -> Explanation {
    ask(case, explain)
}

pub(crate) fn said(decision: &Decision) -> String {
    match decision {
        Decision::Allow { by: None } => "allow by nobody".to_owned(),
        Decision::Allow { by: Some(by) } => {
            format!("allow by {:?} {}.{}", by.layer, by.document, by.statement)
        }
        Decision::ExplicitDeny { by } => {
            format!("{:?} denies by {}.{}", by.layer, by.document, by.statement)
        }
        Decision::ImplicitDeny { layer } => format!("{layer:?} is silent"),
    }
}

pub(crate) fn allows(case: &Case) -> bool {
    answer(case).starts_with("allow")
}

/// The answer without the statement, which another writing of the same documents numbers otherwise.
pub(crate) fn outcome(case: &Case) -> String {
    let answer = answer(case);
    let end = answer.rfind(|one: char| !one.is_ascii_digit() && one != '.');
    answer[..=end.expect("words")].trim().to_owned()
}
