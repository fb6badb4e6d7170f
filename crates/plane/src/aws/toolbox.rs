//! IAM Toolbox: AWS's own way to ask why a request was denied.
//!
//! <https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/>

mod wire;

use super::{Asks, Call, operation};
use audit::{Authorization, Party, Text};
use awswire::AwsError;
use awswire::dto::iam_toolbox as dto;
use names::AuthorizationId;

operation! {
    "iam:GetRequestAuthorizationDetails"
    GetRequestAuthorizationDetails(dto::GetRequestAuthorizationDetailsRequest)
        -> dto::GetRequestAuthorizationDetailsResponse, about AuthorizationId;
    asks(input, call) { asks(&input.authorization_id, call) }
    run(id, input, call) {
        let found = found(id, call)?;
        // A request has few evaluations: they are one page, and no token is ever given out.
        match input.next_token {
            None => Ok(wire::details(&found)),
            Some(_) => Err(invalid("The nextToken is not valid for this authorization id.").into()),
        }
    }
}

operation! {
    "iam:GetRequestAuthorizationPolicy"
    GetRequestAuthorizationPolicy(dto::GetRequestAuthorizationPolicyRequest)
        -> dto::GetRequestAuthorizationPolicyResponse, about AuthorizationId;
    asks(input, call) { asks(&input.authorization_id, call) }
    run(id, input, call) {
        let (found, uri) = (found(id, call)?, &input.policy_uri);
        // A document was parsed when it was written.
        let document = found.document(uri).and_then(|text| serde_json::from_str(text).ok());
        let policy_document = document.ok_or_else(|| {
            not_found(format!("No policy {uri} was evaluated for this authorization id."))
        })?;
        Ok(dto::GetRequestAuthorizationPolicyResponse { policy_document })
    }
}

/// IAM knows no resource for these.
fn asks(id: &str, call: &Call<'_>) -> Result<Asks<AuthorizationId>, AwsError> {
    let id = id.parse::<AuthorizationId>();
    Ok(call.unnamed(id.map_err(|why| invalid(&why.to_string()))?))
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
