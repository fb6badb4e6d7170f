//! Which services users, groups, roles and policies last accessed, and by which policies they may.
//!
//! Reports speak of the services that the plane has; other services cannot be accessed here.

use super::{on, operation, page};
use crate::aws::{Asks, Call, of_iam};
use crate::chance;
use ::iam::IamError;
use ::iam::operations::access_reports::{
    AccessReport, Accessor, Granularity, generate_access_report, get_access_report,
};
use ::iam::operations::granting::{GrantingPolicy, PolicyPlace, Subject, policies_of};
use awswire::AwsError;
use awswire::dto::iam::*;
use names::RequestId;
use std::sync::Arc;

operation! {
    "iam:GenerateServiceLastAccessedDetails"
    GenerateServiceLastAccessedDetails(GenerateServiceLastAccessedDetailsRequest)
        -> GenerateServiceLastAccessedDetailsResponse, about Subject;
    asks(input, call) { on_subject(&input.arn, call) }
    run(subject, input, call) {
        let granularity = match input.granularity.as_deref() {
            Some("ACTION_LEVEL") => Granularity::Action,
            _ => Granularity::Service,
        };
        let id = RequestId::from_random(chance::random());
        let (account, made) = (call.account_id(), (&id, chance::now()));
        let written = call.change(|world| {
            let account = world.accounts.account(account)?;
            let accesses = |id: &names::UniqueId| call.plane.uses.accesses(account, id);
            generate_access_report(account, subject, granularity, actions(), accesses, made)
        });
        written.await?;
        Ok(GenerateServiceLastAccessedDetailsResponse { job_id: Some(id.to_string()) })
    }
}

operation! {
    "iam:GetServiceLastAccessedDetails"
    GetServiceLastAccessedDetails(GetServiceLastAccessedDetailsRequest)
        -> GetServiceLastAccessedDetailsResponse, about ();
    asks(_, call) { Ok(call.unnamed(())) }
    run((), input, call) {
        let report = report(&input.job_id, call)?;
        let services = report.granted.keys();
        let services = services.map(|service| (service.clone(), service));
        let cut = page(input.marker, input.max_items).cut(services);
        let cut = cut.map_err(|refused| of_iam(&refused))?;
        let job_type = match report.granularity {
            Granularity::Service => "SERVICE_LEVEL",
            Granularity::Action => "ACTION_LEVEL",
        };
        Ok(GetServiceLastAccessedDetailsResponse {
            job_status: COMPLETED.to_owned(),
            job_type: Some(job_type.to_owned()),
            job_creation_date: report.created,
            job_completion_date: report.created,
            services_last_accessed: cut.items.iter().map(|service| accessed(report, service)).collect(),
            is_truncated: Some(cut.marker.is_some()),
            marker: cut.marker,
            error: None,
        })
    }
}

operation! {
    "iam:GetServiceLastAccessedDetailsWithEntities"
    GetServiceLastAccessedDetailsWithEntities(GetServiceLastAccessedDetailsWithEntitiesRequest)
        -> GetServiceLastAccessedDetailsWithEntitiesResponse, about ();
    asks(_, call) { Ok(call.unnamed(())) }
    run((), input, call) {
        let report = report(&input.job_id, call)?;
        let service = &input.service_namespace;
        if !report.granted.contains_key(service) {
            let text = format!("The report has no service with the namespace {service}.");
            return Err(of_iam(&IamError::InvalidInput(text)).into());
        }
        let entities = report.entities.iter().map(|entity| (entity.arn.clone(), entity));
        let mut entities: Vec<_> = entities.collect();
        entities.sort_by(|(one, _), (other, _)| one.cmp(other));
        let cut = page(input.marker, input.max_items).cut(entities.into_iter());
        let cut = cut.map_err(|refused| of_iam(&refused))?;
        Ok(GetServiceLastAccessedDetailsWithEntitiesResponse {
            job_status: COMPLETED.to_owned(),
            job_creation_date: report.created,
            job_completion_date: report.created,
            entity_details_list: cut.items.iter().map(|entity| details(entity, service)).collect(),
            is_truncated: Some(cut.marker.is_some()),
            marker: cut.marker,
            error: None,
        })
    }
}

operation! {
    "iam:ListPoliciesGrantingServiceAccess"
    ListPoliciesGrantingServiceAccess(ListPoliciesGrantingServiceAccessRequest)
        -> ListPoliciesGrantingServiceAccessResponse, about Subject;
    asks(input, call) {
        let asks = on_subject(&input.arn, call)?;
        match asks.resource.target() {
            Subject::Policy(_) => Err(unclear(&input.arn)),
            Subject::User(_) | Subject::Group(_) | Subject::Role(_) => Ok(asks),
        }
    }
    run(subject, input, call) {
        let policies = policies_of(call.account()?, subject);
        let policies = policies.map_err(|refused| of_iam(&refused))?;
        let entries = input.service_namespaces.into_iter().map(|service| {
            let granting = policies.iter().filter(|policy| policy.grants(&service));
            ListPoliciesGrantingServiceAccessEntry {
                policies: Some(granting.map(granting_shown).collect()),
                service_namespace: Some(service),
            }
        });
        Ok(ListPoliciesGrantingServiceAccessResponse {
            policies_granting_service_access: entries.collect(),
            is_truncated: Some(false),
            marker: None,
        })
    }
}

/// A report is made before its job id is told.
const COMPLETED: &str = "COMPLETED";

/// What an ARN of the caller's account, or of a policy of AWS, names.
fn on_subject(text: &str, call: &Call<'_>) -> Result<Asks<Subject>, AwsError> {
    match Subject::named_by(text, call.account_id()) {
        Some(subject) => on(subject, call),
        None => Err(unclear(text)),
    }
}

fn unclear(arn: &str) -> AwsError {
    let text = format!("ARN {arn} names no entity of this account that the operation is about.");
    of_iam(&IamError::InvalidInput(text))
}

fn report<'a>(id: &str, call: &'a Call<'_>) -> Result<&'a Arc<AccessReport>, AwsError> {
    get_access_report(call.account()?, id).map_err(|refused| of_iam(&refused))
}

/// The actions that can be asked for here, each with its service.
fn actions() -> impl Iterator<Item = (&'static str, &'static str)> {
    awswire::services().iter().flat_map(|service| {
        let names = service.operations.iter().map(|operation| operation.name);
        names.map(|name| (service.signing_name, name))
    })
}

fn accessed(report: &AccessReport, service: &str) -> ServiceLastAccessed {
    let (latest, count) = report.latest(service);
    ServiceLastAccessed {
        service_name: name_of(service).to_owned(),
        service_namespace: service.to_owned(),
        last_authenticated: latest.map(|latest| latest.access.at),
        last_authenticated_entity: latest.map(|latest| latest.accessor.arn.clone()),
        last_authenticated_region: latest.map(|latest| latest.access.region.to_string()),
        total_authenticated_entities: i64::try_from(count).ok(),
        tracked_actions_last_accessed: match report.granularity {
            Granularity::Service => None,
            Granularity::Action => Some(tracked(report, service)),
        },
    }
}

fn tracked(report: &AccessReport, service: &str) -> Vec<TrackedActionLastAccessed> {
    let actions = report.granted.get(service).into_iter().flatten();
    let tracked = actions.map(|action| {
        let latest = report.latest_of(service, action);
        TrackedActionLastAccessed {
            action_name: Some(action.clone()),
            last_accessed_entity: latest.map(|latest| latest.accessor.arn.clone()),
            last_accessed_time: latest.map(|latest| latest.access.at),
            last_accessed_region: latest.map(|latest| latest.access.region.to_string()),
        }
    });
    tracked.collect()
}

fn details(entity: &Accessor, service: &str) -> EntityDetails {
    let last = entity.accesses.last(service);
    EntityDetails {
        entity_info: EntityInfo {
            arn: entity.arn.clone(),
            name: entity.name.clone(),
            r#type: entity.kind.clone(),
            id: entity.id.to_string(),
            path: Some(entity.path.to_string()),
        },
        last_authenticated: last.map(|access| access.at),
    }
}

fn granting_shown(policy: &GrantingPolicy) -> PolicyGrantingServiceAccess {
    let shown = PolicyGrantingServiceAccess {
        policy_name: policy.name.to_string(),
        ..PolicyGrantingServiceAccess::default()
    };
    match &policy.place {
        PolicyPlace::Managed(arn) => PolicyGrantingServiceAccess {
            policy_type: "MANAGED".to_owned(),
            policy_arn: Some(arn.to_string()),
            ..shown
        },
        PolicyPlace::Inline(kind, name) => PolicyGrantingServiceAccess {
            policy_type: "INLINE".to_owned(),
            entity_type: Some(kind.to_uppercase()),
            entity_name: Some(name.clone()),
            ..shown
        },
    }
}

/// A service as reports name it.
fn name_of(service: &str) -> &str {
    match service {
        "cloudformation" => "AWS CloudFormation",
        "eks" => "Amazon Elastic Kubernetes Service",
        "eks-auth" => "Amazon EKS Auth",
        "iam" => "AWS Identity and Access Management",
        "sts" => "AWS Security Token Service",
        other => other,
    }
}
