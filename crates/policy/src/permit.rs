//! Permits: decisions that travel as types.

use crate::context::RequestContext;
use crate::decide::{Decision, Layer, decide};
use crate::document::Effect;
use crate::explain::{Explanation, explain};
use crate::principal::Principal;
use crate::question::{Layers, Question};
use crate::resource::{Named, Resource};
use names::AccountId;
use std::fmt;

/// An operation that needs to be allowed.
pub trait Operation {
    /// The IAM action, `service:Name`.
    const ACTION: &'static str;
    /// What it is done to.
    type Target;
}

/// Proof that a principal may do an operation to a target. Only [`authorise`] makes one.
pub struct Permit<Op: Operation> {
    principal: Principal,
    target: Op::Target,
    decision: Decision,
}

impl<Op: Operation> Permit<Op> {
    /// Who may.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// To what.
    #[must_use]
    pub fn target(&self) -> &Op::Target {
        &self.target
    }

    /// Gives the target up, and the permit with it.
    #[must_use]
    pub fn into_target(self) -> Op::Target {
        self.target
    }

    /// Why it is allowed.
    #[must_use]
    pub fn reason(&self) -> &Decision {
        &self.decision
    }
}

impl<Op: Operation> fmt::Debug for Permit<Op> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "Permit<{}> for {}",
            Op::ACTION,
            self.principal.shown_arn()
        )
    }
}

/// An operation that is not allowed, and all about why.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The decision.
    pub decision: Decision,
    /// Every layer and statement, with the change that would flip it.
    pub explanation: Explanation,
    /// Who asked.
    pub principal: Principal,
    /// What for: `service:Name`.
    pub action: &'static str,
    /// The ARN of what it is about, or `*`.
    pub resource: String,
    /// The resource as denials name it.
    pub shown: String,
    /// Whose that is.
    pub resource_account: AccountId,
    /// The condition keys.
    pub context: RequestContext,
    /// What the same request needed as well and was allowed: each action, and how that was decided.
    pub before: Vec<(&'static str, Explanation)>,
}

/// Asks whether a principal may do an operation to a target.
///
/// # Errors
/// [`Refusal`], which explains itself.
pub fn authorise<Op: Operation>(
    principal: &Principal,
    resource: Resource<Op::Target>,
    context: &RequestContext,
    layers: &Layers<'_>,
) -> Result<Permit<Op>, Box<Refusal>> {
    let decision = ask(principal, Op::ACTION, resource.named, context, layers)?;
    Ok(Permit {
        principal: principal.clone(),
        target: resource.target,
        decision,
    })
}

/// The same for every operation, and so there only once.
fn ask(
    principal: &Principal,
    action: &'static str,
    resource: Named,
    context: &RequestContext,
    layers: &Layers<'_>,
) -> Result<Decision, Box<Refusal>> {
    let question = Question {
        principal,
        action,
        resource: &resource.arn,
        resource_account: resource.owner,
        context,
    };
    let decision = decide(&question, layers);
    if decision.is_allowed() {
        return Ok(decision);
    }
    Err(Box::new(Refusal {
        decision,
        explanation: explain(&question, layers),
        principal: principal.clone(),
        action,
        shown: resource.shown.unwrap_or_else(|| resource.arn.clone()),
        resource_account: resource.owner,
        resource: resource.arn,
        context: context.clone(),
        before: Vec::new(),
    }))
}

impl Refusal {
    /// Adds what was allowed before, by the same layers.
    #[must_use]
    pub fn after(mut self: Box<Self>, actions: &[&'static str], layers: &Layers<'_>) -> Box<Self> {
        let before = actions.iter().map(|action| {
            let question = Question {
                principal: &self.principal,
                action,
                resource: &self.resource,
                resource_account: self.resource_account,
                context: &self.context,
            };
            (*action, explain(&question, layers))
        });
        self.before = before.collect();
        self
    }

    /// AWS's sentence with its reason.
    #[must_use]
    pub fn wire_text(&self) -> String {
        let arn = self.denied_by_arn().map(|arn| format!(": {arn}"));
        format!(
            "{} {}{}",
            self.wire_text_without_reason(),
            self.reason(),
            arn.unwrap_or_default()
        )
    }

    /// AWS's sentence as `sts:AssumeRole` answers it, without a reason.
    #[must_use]
    pub fn wire_text_without_reason(&self) -> String {
        format!(
            "User: {} is not authorized to perform: {} on resource: {}",
            self.principal.shown_arn(),
            self.action,
            self.shown
        )
    }

    /// The managed policy that denies, if one does: AWS appends its ARN.
    fn denied_by_arn(&self) -> Option<&str> {
        let Decision::ExplicitDeny { by } = self.decision else {
            return None;
        };
        let statements = self.explanation.layers.iter();
        statements
            .filter(|layer| layer.layer == by.layer)
            .flat_map(|layer| &layer.statements)
            .find(|one| one.effect == Effect::Deny && one.failure.is_none())?
            .policy_arn
            .as_deref()
    }

    fn reason(&self) -> String {
        let (layer, explicit) = match self.decision {
            Decision::ExplicitDeny { by } => (by.layer, true),
            // A service control policy that merely does not allow is reported as one that denies.
            Decision::ImplicitDeny {
                layer: layer @ Layer::ServiceControl(_),
            } => (layer, true),
            Decision::ImplicitDeny { layer } => (layer, false),
            Decision::Allow { .. } => return String::new(),
        };
        let name = layer_name(layer);
        match (explicit, layer) {
            (true, Layer::Trust) => "with an explicit deny in the role trust policy".to_owned(),
            (true, Layer::Identity) => format!("with an explicit deny in an {name}"),
            (true, _) => format!("with an explicit deny in a {name}"),
            (false, _) => format!("because no {name} allows the {} action", self.action),
        }
    }
}

/// A layer as AWS's sentences call it.
#[must_use]
pub fn layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::ResourceControl(_) => "resource control policy",
        Layer::ServiceControl(_) => "service control policy",
        Layer::Resource => "resource-based policy",
        Layer::Trust => "role trust policy",
        Layer::Identity => "identity-based policy",
        Layer::Boundary => "permissions boundary",
        Layer::Session => "session policy",
    }
}
