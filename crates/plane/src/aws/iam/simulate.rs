//! SimulateCustomPolicy, SimulatePrincipalPolicy, and the keys that such policies read.
//!
//! The same engine decides as in earnest. Unlike AWS's simulator it also decides `sts:AssumeRole*` with
//! a trust policy as ResourcePolicy; other resources of this plane have no policy.

mod simulation;
mod subject;
mod work;

use self::simulation::Simulation;
use self::subject::{Subject, input_documents, source_of};
use super::{on, operation};
use crate::aws::Call;
use ::iam::operations::granting::Subject as Source;
use awswire::AwsError;
use awswire::dto::iam::*;
use policy::{PolicySet, TrustPolicy};
use std::collections::BTreeSet;

/// What both simulations are asked.
struct Asked {
    actions: Vec<String>,
    resources: Option<Vec<String>>,
    owner: Option<String>,
    handling: Option<String>,
    context: Option<Vec<ContextEntry>>,
    boundary: Option<Vec<String>>,
    resource_policy: Option<String>,
    marker: Option<String>,
    items_max: Option<i64>,
}

/// Takes it from a request of either.
macro_rules! asked {
    ($input:ident) => {
        Asked {
            actions: $input.action_names,
            resources: $input.resource_arns,
            owner: $input.resource_owner,
            handling: $input.resource_handling_option,
            context: $input.context_entries,
            boundary: $input.permissions_boundary_policy_input_list,
            resource_policy: $input.resource_policy,
            marker: $input.marker,
            items_max: $input.max_items,
        }
    };
}

operation! {
    "iam:SimulateCustomPolicy"
    SimulateCustomPolicy(SimulateCustomPolicyRequest) -> SimulateCustomPolicyResponse, about ();
    asks(_, call) { Ok(call.unnamed(())) }
    run((), input, call) {
        let caller = input.caller_arn.as_deref();
        if caller.is_none() && input.resource_policy.is_some() {
            return Err(invalid("CallerArn is required when a ResourcePolicy is given.").into());
        }
        let documents = input_documents(&input.policy_input_list)?;
        let subject = Subject::of_documents(caller, documents, call)?;
        let levels = input.ordered_organization_policy_input_list.unwrap_or_default();
        let levels = levels.iter().map(|level| {
            let texts = level.service_control_policy_input_list.as_deref();
            Ok(PolicySet::compile(input_documents(texts.unwrap_or_default())?))
        });
        let levels = levels.collect::<Result<Vec<_>, AwsError>>()?;
        let levels = (!levels.is_empty()).then_some(&*levels);
        let (results, marker) = asked!(input).simulate(subject, levels, call)?;
        Ok(SimulateCustomPolicyResponse {
            evaluation_results: Some(results),
            is_truncated: Some(marker.is_some()),
            marker,
        })
    }
}

operation! {
    "iam:SimulatePrincipalPolicy"
    SimulatePrincipalPolicy(SimulatePrincipalPolicyRequest) -> SimulatePrincipalPolicyResponse, about (Source, String);
    asks(input, call) {
        let source = source_of(&input.policy_source_arn, call)?;
        on((source, input.policy_source_arn.clone()), call)
    }
    run((source, arn), input, call) {
        if input.policy_exclusion_list.is_some() {
            return Err(invalid("PolicyExclusionList is not built here.").into());
        }
        let documents = input_documents(&input.policy_input_list.unwrap_or_default())?;
        let caller = input.caller_arn.as_deref();
        let subject = Subject::of_source(source, arn, caller, documents, call)?;
        let organisation = call.world.accounts.organisation();
        let levels = organisation.and_then(|tree| tree.service_control(call.account_id()));
        let (results, marker) = asked!(input).simulate(subject, levels, call)?;
        Ok(SimulatePrincipalPolicyResponse {
            evaluation_results: Some(results),
            is_truncated: Some(marker.is_some()),
            marker,
        })
    }
}

operation! {
    "iam:GetContextKeysForCustomPolicy"
    GetContextKeysForCustomPolicy(GetContextKeysForCustomPolicyRequest) -> GetContextKeysForCustomPolicyResponse, about ();
    asks(_, call) { Ok(call.unnamed(())) }
    run((), input, _) {
        let documents = input_documents(&input.policy_input_list)?;
        let keys = PolicySet::compile(documents);
        Ok(GetContextKeysForCustomPolicyResponse { context_key_names: Some(keys_of(&keys)) })
    }
}

operation! {
    "iam:GetContextKeysForPrincipalPolicy"
    GetContextKeysForPrincipalPolicy(GetContextKeysForPrincipalPolicyRequest) -> GetContextKeysForPrincipalPolicyResponse, about (Source, String);
    asks(input, call) {
        let source = source_of(&input.policy_source_arn, call)?;
        on((source, input.policy_source_arn.clone()), call)
    }
    run((source, arn), input, call) {
        let documents = input_documents(&input.policy_input_list.unwrap_or_default())?;
        let subject = Subject::of_source(source, arn, None, documents, call)?;
        Ok(GetContextKeysForPrincipalPolicyResponse {
            context_key_names: Some(keys_of(&subject.identity)),
        })
    }
}

impl Asked {
    /// A page of results, and the marker of the next, under these levels of service control policies.
    fn simulate(
        self,
        mut subject: Subject,
        service_control: Option<&[PolicySet]>,
        call: &Call<'_>,
    ) -> Result<(Vec<EvaluationResult>, Option<String>), AwsError> {
        refuse_handling(self.handling.as_deref())?;
        subject.bound_by(self.boundary.as_deref())?;
        let simulation = Simulation {
            longest: longest(self.context.as_deref(), self.resources.as_deref()),
            context: subject.context(self.context)?,
            subject: &subject,
            account: call.account_id(),
            actions: actions(self.actions)?,
            resources: resources(self.resources),
            owner: self.owner,
            trust: trust(self.resource_policy.as_deref(), call)?,
            service_control,
            resource_control_of: &call.world.accounts,
        };
        simulation.page(self.marker, self.items_max)
    }
}

/// The bytes of the longest value that was given.
fn longest(entries: Option<&[ContextEntry]>, resources: Option<&[String]>) -> usize {
    let entries = entries.into_iter().flatten();
    let values = entries.flat_map(|entry| entry.context_key_values.iter().flatten());
    let given = values.chain(resources.into_iter().flatten());
    given.map(String::len).max().unwrap_or_default()
}

fn keys_of(set: &PolicySet) -> Vec<String> {
    let keys: BTreeSet<_> = set
        .documents()
        .flat_map(|(_, document)| document.context_keys())
        .collect();
    keys.into_iter().map(str::to_owned).collect()
}

fn actions(names: Vec<String>) -> Result<Vec<String>, AwsError> {
    let is_action = |name: &str| {
        let word = |part: &str| {
            let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            !part.is_empty() && part.bytes().all(letter)
        };
        name.split_once(':')
            .is_some_and(|(service, action)| word(service) && word(action))
    };
    match names.iter().find(|name| !is_action(name)) {
        Some(name) => Err(invalid(&format!("Invalid Action Name: {name}"))),
        None => Ok(names),
    }
}

fn resources(arns: Option<Vec<String>>) -> Vec<String> {
    let arns = arns.filter(|arns| !arns.is_empty());
    arns.unwrap_or_else(|| vec!["*".to_owned()])
}

fn trust(text: Option<&str>, call: &Call<'_>) -> Result<Option<TrustPolicy>, AwsError> {
    let parse = |text| TrustPolicy::parse(text, &call.world.accounts);
    let parsed = text.map(parse).transpose();
    parsed.map_err(|why| invalid(&format!("ResourcePolicy: {why}")))
}

/// It chooses among networks of EC2, which this plane has not.
fn refuse_handling(option: Option<&str>) -> Result<(), AwsError> {
    match option {
        None => Ok(()),
        Some(_) => Err(invalid(
            "ResourceHandlingOption is of EC2 and not built here.",
        )),
    }
}

fn invalid(text: &str) -> AwsError {
    AwsError::new("InvalidInput", 400, text)
}
