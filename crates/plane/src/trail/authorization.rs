//! An explanation as IAM Toolbox tells it.

use audit::{
    Authorization, Check, CheckKind, ContextKey, ContextValue, Effect, EvaluatedPolicy, Evaluation,
    MatchedStatement, Party, Text,
};
use names::{AccountId, AuthorizationId};
use policy::{
    Decision, Explanation, Layer, LayerExplanation, PolicySource, Refusal, RequestContext,
    StatementExplanation, Values,
};

/// All that is kept of a denial.
pub(crate) fn authorization(id: AuthorizationId, refusal: &Refusal) -> Authorization {
    let owner = party(
        refusal.resource_account,
        "aws:ResourceOrgID",
        &refusal.context,
    );
    let of = match refusal.principal.account() {
        Some(account) => party(account, "aws:PrincipalOrgID", &refusal.context),
        None => owner.clone(),
    };
    let (specific, shared): (Vec<_>, _) =
        refusal.context.iter().partition(|(key, _)| is_of_call(key));
    let evaluation = |(action, explanation): (&str, &Explanation)| Evaluation {
        action: Text::new(action),
        resource: Text::new(&refusal.resource),
        context: keys(specific.clone()),
        checks: checks(explanation, refusal, &owner, &of),
        effect: match explanation.decision {
            Decision::Allow { .. } => Effect::Allow,
            Decision::ExplicitDeny { .. } => Effect::ExplicitDeny,
            Decision::ImplicitDeny { .. } => Effect::ImplicitDeny,
        },
        owner: owner.clone(),
    };
    let before = refusal.before.iter().map(|(action, how)| (*action, how));
    let decisions = before.chain([(refusal.action, &refusal.explanation)]);
    let evaluations = decisions.map(evaluation).collect();
    Authorization {
        id,
        context: keys(shared),
        evaluations,
        of,
    }
}

/// What each layer said, with whose policies it has: the caller's, or those of the resource's owner.
fn checks(explanation: &Explanation, refusal: &Refusal, owner: &Party, of: &Party) -> Vec<Check> {
    let layers = explanation.layers.iter();
    let checks = layers.map(|layer| match is_of_resource(layer.layer) {
        true => check(layer, refusal, owner),
        false => check(layer, refusal, of),
    });
    checks.collect()
}

fn party(account: AccountId, organisation: &str, context: &RequestContext) -> Party {
    let organisation = context.get(organisation).and_then(|id| id.all().first());
    Party {
        account,
        organisation: organisation.map(|id| Text::new(id)),
    }
}

/// Whether a key is about this action and resource, and not about the request and its caller.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
fn is_of_call(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    match key.strip_prefix("aws:") {
        Some(global) => ["resource", "requesttag/", "tagkeys"]
            .iter()
            .any(|of_call| global.starts_with(of_call)),
        // A provider's claims are the caller's; a service's keys are the call's.
        None => !key.split(':').next().unwrap_or_default().contains('.'),
    }
}

fn keys<'a>(of: Vec<(&'a str, &'a Values)>) -> Vec<ContextKey> {
    of.into_iter()
        .map(|(name, values)| ContextKey {
            name: Text::new(name),
            value: match values {
                Values::One(value) => ContextValue::One(Text::new(value)),
                Values::Many(values) => {
                    ContextValue::Many(values.iter().map(|value| Text::new(value)).collect())
                }
            },
        })
        .collect()
}

fn is_of_resource(layer: Layer) -> bool {
    match layer {
        Layer::ResourceControl(_) | Layer::Resource | Layer::Trust => true,
        Layer::ServiceControl(_) | Layer::Identity | Layer::Boundary | Layer::Session => false,
    }
}

fn check(layer: &LayerExplanation, refusal: &Refusal, of: &Party) -> Check {
    let holder = || match is_of_resource(layer.layer) {
        true => refusal.resource.clone(),
        false => refusal.principal.shown_arn(),
    };
    let policies = (0..).zip(&layer.documents).map(|(number, source)| {
        let matched = layer.statements.iter();
        let matched = matched.filter(|one| one.document == number && one.failure.is_none());
        policy_of(source, holder, matched.map(statement).collect())
    });
    let node = layer
        .documents
        .iter()
        .find_map(|one| one.attached_to.clone());
    let target = match layer.layer {
        Layer::ResourceControl(_) | Layer::ServiceControl(_) => node,
        Layer::Resource | Layer::Trust | Layer::Identity | Layer::Boundary | Layer::Session => {
            Some(holder())
        }
    };
    Check {
        kind: kind(layer.layer),
        of: of.clone(),
        effect: effect(layer),
        target: target.map(Text::from),
        policies: policies.collect(),
    }
}

fn kind(layer: Layer) -> CheckKind {
    match layer {
        Layer::ResourceControl(_) => CheckKind::ResourceControl,
        Layer::ServiceControl(_) => CheckKind::ServiceControl,
        Layer::Resource | Layer::Trust => CheckKind::Resource,
        Layer::Identity => CheckKind::Principal,
        Layer::Boundary => CheckKind::Boundary,
        Layer::Session => CheckKind::Session,
    }
}

/// What a layer said by itself. Resource control policies deny only, an implicit one allows the
/// rest; a resource's own policy need not allow, a role's must.
fn effect(layer: &LayerExplanation) -> Effect {
    let mut matched = layer.statements.iter().filter(|one| one.failure.is_none());
    if matched
        .clone()
        .any(|one| one.effect == policy::Effect::Deny)
    {
        return Effect::ExplicitDeny;
    }
    if matched.next().is_some() {
        return Effect::Allow;
    }
    match layer.layer {
        Layer::ResourceControl(_) => Effect::Allow,
        Layer::Resource => Effect::NoImpact,
        Layer::ServiceControl(_)
        | Layer::Trust
        | Layer::Identity
        | Layer::Boundary
        | Layer::Session => Effect::ImplicitDeny,
    }
}

fn policy_of(
    source: &PolicySource,
    holder: impl Fn() -> String,
    matched: Vec<MatchedStatement>,
) -> EvaluatedPolicy {
    let attached_to = source.attached_to.clone().unwrap_or_else(holder);
    let uri = match &source.arn {
        Some(arn) => arn.clone(),
        None => format!("inline:{attached_to}:{}", source.name.replace(' ', "-")),
    };
    EvaluatedPolicy {
        uri: Text::new(&uri),
        inline: source.arn.is_none(),
        attached_to: Some(Text::from(attached_to)),
        document: source.text.clone(),
        matched,
    }
}

fn statement(matched: &StatementExplanation) -> MatchedStatement {
    MatchedStatement {
        sid: match &matched.sid {
            Some(sid) => Text::new(sid),
            None => Text::from(format!("Statement{}", matched.number)),
        },
        denies: matched.effect == policy::Effect::Deny,
    }
}
