//! How one denied request was decided: what IAM Toolbox tells of it.

use crate::Text;
use names::{AccountId, AuthorizationId};
use std::sync::Arc;

/// The decisions about one denied request, policies and all, as they were when it was denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// What the denial tells its client to ask with.
    pub id: AuthorizationId,
    /// Whose denial it is: the caller's; of a caller without account, the resource's owner's.
    pub of: Party,
    /// The condition keys of the request and its caller.
    pub context: Vec<ContextKey>,
    /// Every action and resource that was decided on; the last is the denied one.
    pub evaluations: Vec<Evaluation>,
}

/// An account, and the organisation that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The account.
    pub account: AccountId,
    /// `o-…`
    pub organisation: Option<Text>,
}

/// A condition key with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextKey {
    /// `aws:SourceIp`
    pub name: Text,
    /// What stands there.
    pub value: ContextValue,
}

/// One value, or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    /// Of a single-valued key.
    One(Text),
    /// Of a multi-valued key.
    Many(Vec<Text>),
}

/// The decision about one action on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// `eks:ListClusters`
    pub action: Text,
    /// The ARN decided on, or `*`.
    pub resource: Text,
    /// Who owns the resource.
    pub owner: Party,
    /// The condition keys of this action and resource.
    pub context: Vec<ContextKey>,
    /// Layer by layer, in AWS's order.
    pub checks: Vec<Check>,
    /// The outcome.
    pub effect: Effect,
}

/// What one layer said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which layer.
    pub kind: CheckKind,
    /// Whose policies these are.
    pub of: Party,
    /// What it said.
    pub effect: Effect,
    /// Whose policies or which resource's: an ARN.
    pub target: Option<Text>,
    /// Every policy of the layer.
    pub policies: Vec<EvaluatedPolicy>,
}

/// A policy that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluatedPolicy {
    /// A managed policy's ARN; an inline one has an opaque identifier.
    pub uri: Text,
    /// Whether it is written into its holder.
    pub inline: bool,
    /// Who holds it: an ARN.
    pub attached_to: Option<Text>,
    /// The document as written.
    pub document: Arc<str>,
    /// Its statements that matched.
    pub matched: Vec<MatchedStatement>,
}

/// A statement that matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedStatement {
    /// Its Sid, or a name made up for it.
    pub sid: Text,
    /// Whether it denies.
    pub denies: bool,
}

/// The layers, in the order in which AWS reports them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckKind {
    /// Resource control policies of one level.
    ResourceControl,
    /// Service control policies of one level.
    ServiceControl,
    /// The resource's own policy.
    Resource,
    /// The caller's own policies.
    Principal,
    /// The permissions boundary.
    Boundary,
    /// The session's policies.
    Session,
}

/// What a layer, or all of them, came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It need not allow, and does not.
    NoImpact,
    /// Nothing in it allows.
    ImplicitDeny,
    /// A statement denies.
    ExplicitDeny,
}

impl Party {
    /// Whether what belongs to the other may be shown to this one: it is of the same account, or of
    /// the same organisation.
    #[must_use]
    pub fn sees(&self, other: &Self) -> bool {
        self.account == other.account
            || self.organisation.is_some() && self.organisation == other.organisation
    }
}

impl Authorization {
    /// The part of it that a party may see; `None`: it may not know of it.
    ///
    /// A foreign account's policies and its resource's keys stay its own, and whether it denies or merely does not
    /// allow: AWS answers a foreign role that refuses as one that is not there.
    #[must_use]
    pub fn seen_by(&self, reader: &Party) -> Option<Self> {
        if !reader.sees(&self.of) {
            return None;
        }
        let mut seen = self.clone();
        for evaluation in &mut seen.evaluations {
            evaluation.checks.retain(|check| reader.sees(&check.of));
            if !reader.sees(&evaluation.owner) {
                evaluation.context.retain(|key| !key.is_of_resource());
                // What was allowed before the denial is no secret: the denial names what came after it.
                if evaluation.effect != Effect::Allow {
                    evaluation.effect = evaluation.effect_of_checks();
                }
            }
        }
        Some(seen)
    }

    /// The document of a policy that was looked at.
    #[must_use]
    pub fn document(&self, uri: &str) -> Option<&Arc<str>> {
        let policies = self
            .policies()
            .find(|(_, policy)| policy.uri.as_str() == uri);
        policies.map(|(_, policy)| &policy.document)
    }

    /// Every policy of every check, as often as it stands there.
    pub fn policies(&self) -> impl Iterator<Item = (&Check, &EvaluatedPolicy)> {
        let checks = self.evaluations.iter().flat_map(|one| &one.checks);
        checks.flat_map(|check| check.policies.iter().map(move |policy| (check, policy)))
    }

    /// The bytes that it takes, documents in full although they may be shared.
    pub(crate) fn cost(&self) -> usize {
        let keys = |keys: &[ContextKey]| keys.iter().map(ContextKey::cost).sum::<usize>();
        let evaluations = self.evaluations.iter().map(|one| {
            size_of::<Evaluation>()
                + one.action.as_str().len()
                + one.resource.as_str().len()
                + keys(&one.context)
                + one.checks.len() * size_of::<Check>()
        });
        let policies = self.policies().map(|(_, policy)| policy.cost());
        size_of::<Self>()
            + keys(&self.context)
            + evaluations.sum::<usize>()
            + policies.sum::<usize>()
    }
}

impl Evaluation {
    /// What the checks that are left come to, of a request that was denied.
    fn effect_of_checks(&self) -> Effect {
        let denies = |check: &Check| check.effect == Effect::ExplicitDeny;
        match self.checks.iter().any(denies) {
            true => Effect::ExplicitDeny,
            false => Effect::ImplicitDeny,
        }
    }
}

impl ContextKey {
    /// `aws:ResourceTag/team`, `aws:ResourceOrgID` and the like.
    fn is_of_resource(&self) -> bool {
        let key = self.name.as_str().split_once(':');
        key.is_some_and(|(_, name)| name.to_ascii_lowercase().starts_with("resource"))
    }

    fn cost(&self) -> usize {
        let value = match &self.value {
            ContextValue::One(value) => value.as_str().len(),
            ContextValue::Many(values) => {
                let values = values.iter();
                values
                    .map(|one| one.as_str().len() + size_of::<Text>())
                    .sum()
            }
        };
        size_of::<Self>() + self.name.as_str().len() + value
    }
}

impl EvaluatedPolicy {
    fn cost(&self) -> usize {
        let matched = self.matched.iter();
        let attached_to = self
            .attached_to
            .as_ref()
            .map_or(0, |arn| arn.as_str().len());
        size_of::<Self>()
            + self.uri.as_str().len()
            + attached_to
            + self.document.len()
            + matched
                .map(|one| size_of::<MatchedStatement>() + one.sid.as_str().len())
                .sum::<usize>()
    }
}

#[cfg(test)]
mod tests;
