//! The decisions of a simulation: every action on every resource, by the engine that decides in earnest.

use super::subject::{Subject, parsed};
use super::{invalid, keys_of, work};
use crate::aws::iam::page;
use crate::aws::of_iam;
use awswire::AwsError;
use awswire::dto::iam::*;
use names::AccountId;
use policy::{
    Decision, Effect, Explanation, Layer, Layers, PolicySet, Question, RequestContext,
    ResourcePolicy, TrustPolicy,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Results of a page when nothing is said.
const RESULTS: usize = 100;

/// What is asked of every action and resource alike.
pub(super) struct Simulation<'a> {
    pub(super) subject: &'a Subject,
    pub(super) account: AccountId,
    pub(super) actions: Vec<String>,
    pub(super) resources: Vec<String>,
    pub(super) owner: Option<String>,
    pub(super) trust: Option<TrustPolicy>,
    pub(super) context: RequestContext,
    /// The bytes of the longest value that a pattern may be compared with.
    pub(super) longest: usize,
    pub(super) service_control: Option<&'a [PolicySet]>,
    pub(super) resource_control_of: &'a ::iam::Accounts,
}

impl Simulation<'_> {
    /// A page of the results.
    pub(super) fn page(
        &self,
        marker: Option<String>,
        items_max: Option<i64>,
    ) -> Result<(Vec<EvaluationResult>, Option<String>), AwsError> {
        let resources = &self.resources;
        let pairs = self.actions.iter().flat_map(|action| {
            let of = move |resource: &String| (action.clone(), resource.clone());
            resources.iter().map(of)
        });
        let numbered = pairs
            .enumerate()
            .map(|(at, pair)| (format!("{at:09}"), pair));
        let fitting = work::results_max(self.policy_bytes(), self.longest).ok_or_else(|| {
            invalid("The policies and values are too long to be simulated together.")
        })?;
        // A page may have fewer results than were asked for, as in AWS; the marker tells.
        let mut page = page(marker, items_max);
        page.items_max = Some(page.items_max.unwrap_or(RESULTS).min(fitting));
        let cut = page.cut(numbered);
        let cut = cut.map_err(|refused| of_iam(&refused))?;
        let missing = self.missing();
        let results = cut
            .items
            .iter()
            .map(|(action, resource)| self.result(action, resource, &missing));
        Ok((results.collect::<Result<_, _>>()?, cut.marker))
    }

    fn result(
        &self,
        action: &str,
        resource: &str,
        missing: &[String],
    ) -> Result<EvaluationResult, AwsError> {
        let owner = self.owner_of(resource);
        let is_assuming = action.to_ascii_lowercase().starts_with("sts:assumerole");
        if self.trust.is_some() && !is_assuming {
            let text = "ResourcePolicy is simulated for sts:AssumeRole* alone: \
                        no other resource of this plane has a policy.";
            return Err(invalid(text));
        }
        let organisation = self.resource_control_of.organisation();
        let guarded = organisation.filter(|_| is_assuming);
        let layers = Layers {
            identity: Some(&self.subject.identity),
            boundary: self.subject.boundary.as_ref(),
            service_control: self.service_control,
            resource_control: guarded.and_then(|tree| tree.resource_control(owner)),
            resource: self.trust.as_ref().map(ResourcePolicy::Trust),
            ..Layers::default()
        };
        let question = Question {
            principal: &self.subject.principal,
            action,
            resource,
            resource_account: owner,
            context: &self.context,
        };
        let explained = policy::explain(&question, &layers);
        Ok(EvaluationResult {
            eval_action_name: action.to_owned(),
            eval_resource_name: Some(resource.to_owned()),
            eval_decision: word_of(&explained.decision).to_owned(),
            matched_statements: Some(self.matched(&explained)),
            missing_context_values: Some(missing.to_vec()),
            organizations_decision_detail: self.service_control.map(|_| {
                let is_level = |layer: Layer| matches!(layer, Layer::ServiceControl(_));
                OrganizationsDecisionDetail {
                    allowed_by_organizations: Some(all_allow(&explained, is_level)),
                }
            }),
            permissions_boundary_decision_detail: self.subject.boundary.as_ref().map(|_| {
                PermissionsBoundaryDecisionDetail {
                    allowed_by_permissions_boundary: Some(all_allow(&explained, |layer| {
                        layer == Layer::Boundary
                    })),
                }
            }),
            ..EvaluationResult::default()
        })
    }

    /// Whose resource it is: as its ARN says, or the request, or else the account that asks.
    fn owner_of(&self, resource: &str) -> AccountId {
        let account = |arn: &str| arn.split(':').nth(4)?.parse().ok();
        let named = account(resource).or_else(|| self.owner.as_deref().and_then(account));
        named.unwrap_or(self.account)
    }

    /// The statements that made the decision what it is.
    fn matched(&self, explained: &Explanation) -> Vec<Statement> {
        let wanted = match explained.decision {
            Decision::Allow { .. } => Effect::Allow,
            Decision::ExplicitDeny { .. } => Effect::Deny,
            Decision::ImplicitDeny { .. } => return Vec::new(),
        };
        let mut matched = Vec::new();
        for layer in &explained.layers {
            for one in &layer.statements {
                if one.failure.is_some() || one.effect != wanted {
                    continue;
                }
                let source = usize::try_from(one.document)
                    .ok()
                    .and_then(|at| layer.documents.get(at));
                let trust = self.trust.as_ref().filter(|_| layer.layer == Layer::Trust);
                let document = match trust {
                    Some(trust) => Some(Arc::clone(trust.document())),
                    None => source.and_then(parsed),
                };
                let place = document.and_then(|document| document.statement_place(one.number));
                let position = |(line, column): (usize, usize)| Position {
                    line: i64::try_from(line).ok(),
                    column: i64::try_from(column).ok(),
                };
                matched.push(Statement {
                    source_policy_id: Some(one.policy.clone()),
                    source_policy_type: Some(source_type(layer.layer, source).to_owned()),
                    start_position: place.map(|[start, _]| position(start)),
                    end_position: place.map(|[_, end]| position(end)),
                });
            }
        }
        matched
    }

    /// The bytes of all policies that decide.
    fn policy_bytes(&self) -> usize {
        let sets = [Some(&self.subject.identity), self.subject.boundary.as_ref()];
        let sets = sets.into_iter().flatten();
        let sets = sets.chain(self.service_control.into_iter().flatten());
        let documents = sets.flat_map(PolicySet::documents);
        let texts = documents.map(|(source, _)| source.text.len());
        let trust = self.trust.iter().map(|trust| trust.document().text().len());
        texts.chain(trust).sum()
    }

    /// The keys that the policies read and nobody gave.
    fn missing(&self) -> Vec<String> {
        let mut keys: BTreeSet<String> = keys_of(&self.subject.identity).into_iter().collect();
        keys.extend(self.subject.boundary.iter().flat_map(keys_of));
        let trust = self
            .trust
            .iter()
            .flat_map(|trust| trust.document().context_keys());
        keys.extend(trust.map(str::to_owned));
        let given = |key: &String| self.context.get(key).is_some();
        keys.into_iter().filter(|key| !given(key)).collect()
    }
}

fn word_of(decision: &Decision) -> &'static str {
    match decision {
        Decision::Allow { .. } => "allowed",
        Decision::ExplicitDeny { .. } => "explicitDeny",
        Decision::ImplicitDeny { .. } => "implicitDeny",
    }
}

/// Whether each of these layers allows and none denies.
fn all_allow(explained: &Explanation, wanted: impl Fn(Layer) -> bool) -> bool {
    let mut layers = explained.layers.iter().filter(|one| wanted(one.layer));
    layers.all(|one| {
        let matched = |effect: Effect| {
            let mut statements = one.statements.iter();
            statements.any(|one| one.failure.is_none() && one.effect == effect)
        };
        matched(Effect::Allow) && !matched(Effect::Deny)
    })
}

fn source_type(layer: Layer, source: Option<&policy::PolicySource>) -> &'static str {
    let holder = source.and_then(|source| source.attached_to.as_deref());
    let holder = holder
        .and_then(|arn| arn.split(':').nth(5))
        .unwrap_or_default();
    match (layer, source.and_then(|source| source.arn.as_deref())) {
        (Layer::Resource | Layer::Trust, _) => "resource",
        (_, Some(arn)) if arn.contains(":iam::aws:") => "aws-managed",
        (_, Some(_)) => "user-managed",
        (_, None) => match holder.split('/').next() {
            Some("user") => "user",
            Some("group") => "group",
            Some("role") => "role",
            _ => "none",
        },
    }
}
