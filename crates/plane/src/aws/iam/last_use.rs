//! GetAccessKeyLastUsed, and when roles were last used.

use super::{on, operation};
use crate::aws::Call;
use ::iam::Account;
use awswire::AwsError;
use awswire::dto::iam::*;
use names::{AccessKeyId, UserName};

/// What is shown of a key that was never used.
const NEVER: &str = "N/A";

/// When a role's sessions last signed a request; of one that never did, nothing is in it.
pub(super) fn of_role(call: &Call<'_>, account: &Account, role: &::iam::Role) -> RoleLastUsed {
    let last = call.plane.uses.last(account, role.id.as_str());
    last.map_or_else(RoleLastUsed::default, |last| RoleLastUsed {
        last_used_date: Some(last.at),
        region: Some(last.region.to_string()),
    })
}

fn of_key(call: &Call<'_>, account: &Account, id: &AccessKeyId) -> AccessKeyLastUsed {
    let last = call.plane.uses.last(account, id.as_str());
    let never = || AccessKeyLastUsed {
        last_used_date: None,
        service_name: NEVER.to_owned(),
        region: NEVER.to_owned(),
    };
    last.map_or_else(never, |last| AccessKeyLastUsed {
        last_used_date: Some(last.at),
        service_name: last.service.to_string(),
        region: last.region.to_string(),
    })
}

/// AWS tells nobody whether a key that is not the account's own exists.
fn not_own(id: &str, call: &Call<'_>) -> AwsError {
    let text = format!(
        "User: {} is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key {id}",
        call.caller.arn()
    );
    AwsError::new("AccessDenied", 403, text)
}

operation! {
    "iam:GetAccessKeyLastUsed"
    GetAccessKeyLastUsed(GetAccessKeyLastUsedRequest) -> GetAccessKeyLastUsedResponse,
    about (UserName, AccessKeyId);
    asks(input, call) {
        let text = &input.access_key_id;
        let id: AccessKeyId = text.parse().map_err(|_| not_own(text, call))?;
        let (user, _) = call.account()?.access_key(&id).ok_or_else(|| not_own(text, call))?;
        let user = user.name.clone();
        on((user, id), call)
    }
    run((user, id), _, call) {
        Ok(GetAccessKeyLastUsedResponse {
            user_name: Some(user.to_string()),
            access_key_last_used: Some(of_key(call, call.account()?, id)),
        })
    }
}
