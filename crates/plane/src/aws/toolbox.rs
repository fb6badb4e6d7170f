//! IAM Toolbox: AWS's own way to ask why a request was denied.
//!
//! <https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/>

mod wire;

use super::{Asks, Call, Handler};
use crate::refused::Refused;
use audit::{Authorization, Party, Text};
use awswire::AwsError;
use awswire::dto::iam_toolbox as dto;
use names::AuthorizationId;
use policy::{Operation, Permit};
use sts::ConditionKeys;

/// `iam:GetRequestAuthorizationDetails`.
pub(super) struct GetRequestAuthorizationDetails;

impl Operation for GetRequestAuthorizationDetails {
    const ACTION: &'static str = "iam:GetRequestAuthorizationDetails";
    type Target = AuthorizationId;
}

impl Handler for GetRequestAuthorizationDetails {
    type Input = dto::GetRequestAuthorizationDetailsRequest;

    fn asks(input: &Self::Input, _: &Call<'_>) -> Result<Asks<AuthorizationId>, AwsError> {
        asks(&input.authorization_id)
    }

    async fn run(
        permit: Permit<Self>,
        input: Self::Input,
        call: &Call<'_>,
    ) -> Result<dto::GetRequestAuthorizationDetailsResponse, Refused> {
        let found = found(permit.target(), call)?;
        // A request has few evaluations: they are one page, and no token is ever given out.
        match input.next_token {
            None => Ok(wire::details(&found)),
            Some(_) => Err(invalid("The nextToken is not valid for this authorization id.").into()),
        }
    }
}

/// `iam:GetRequestAuthorizationPolicy`.
pub(super) struct GetRequestAuthorizationPolicy;

impl Operation for GetRequestAuthorizationPolicy {
    const ACTION: &'static str = "iam:GetRequestAuthorizationPolicy";
    type Target = AuthorizationId;
}

impl Handler for GetRequestAuthorizationPolicy {
    type Input = dto::GetRequestAuthorizationPolicyRequest;

    fn asks(input: &Self::Input, _: &Call<'_>) -> Result<Asks<AuthorizationId>, AwsError> {
        asks(&input.authorization_id)
    }

    async fn run(
        permit: Permit<Self>,
        input: Self::Input,
        call: &Call<'_>,
    ) -> Result<dto::GetRequestAuthorizationPolicyResponse, Refused> {
        let found = found(permit.target(), call)?;
        let document = found.document(&input.policy_uri);
        // A document was parsed when it was written.
        let document = document.and_then(|text| serde_json::from_str(text).ok());
        let policy_document = document.ok_or_else(|| {
            let uri = &input.policy_uri;
            not_found(format!(
                "No policy {uri} was evaluated for this authorization id."
            ))
        })?;
        Ok(dto::GetRequestAuthorizationPolicyResponse { policy_document })
    }
}

/// IAM knows no resource for these.
fn asks(id: &str) -> Result<Asks<AuthorizationId>, AwsError> {
    let target = id.parse::<AuthorizationId>();
    Ok(Asks {
        target: target.map_err(|why| invalid(&why.to_string()))?,
        resource: "*".to_owned(),
        shown: "*".to_owned(),
        keys: ConditionKeys::default(),
    })
}

/// What the caller may see of a denial. A stranger hears the same as if there were none.
fn found(id: &AuthorizationId, call: &Call<'_>) -> Result<Authorization, AwsError> {
    let denials = call.plane.denials();
    let seen = denials
        .find(id)
        .and_then(|denial| denial.seen_by(&reader(call)));
    seen.ok_or_else(|| {
        not_found(format!(
            "The authorization details {id} do not exist, have expired, or belong to another account."
        ))
    })
}

/// The caller's account, and its organisation.
fn reader(call: &Call<'_>) -> Party {
    let account = call.account_id();
    let organisation = call.world.accounts.organisation();
    let organisation = organisation.filter(|tree| tree.path_of(account).is_some());
    Party {
        account,
        organisation: organisation.map(|tree| Text::new(tree.id())),
    }
}

fn not_found(message: String) -> AwsError {
    AwsError::new("ResourceNotFoundException", 404, message)
}

fn invalid(message: &str) -> AwsError {
    AwsError::new("ValidationException", 400, message)
}
