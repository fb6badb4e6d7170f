//! GetCallerIdentity and its small kin: who am I, whose key is this, what does this message say.

use names::{AccessKeyId, AccountId};
use policy::{Operation, RequestContext, Resource};

use crate::caller::Caller;
use crate::denial::Denial;
use crate::directory::Authority;
use crate::error::StsError;
use crate::session_keys::SessionKeys;

/// Who a caller is. Never refused to anyone who is known, explicit denials notwithstanding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The unique id, and for a session its name.
    pub user_id: String,
    /// The account.
    pub account: AccountId,
    /// The ARN.
    pub arn: String,
}

/// Tells a caller who it is.
#[must_use]
pub fn get_caller_identity(caller: &Caller) -> CallerIdentity {
    CallerIdentity {
        user_id: caller.user_id(),
        account: caller.account(),
        arn: caller.arn(),
    }
}

/// The account that an access key id was made in, whether or not the key exists. It needs no
/// permission.
pub fn get_access_key_info(caller: &Caller, id: &str) -> Result<AccountId, StsError> {
    caller.may_call("GetAccessKeyInfo")?;
    let account = |id: AccessKeyId| id.account();
    let found = id.parse().ok().and_then(account);
    found.ok_or_else(|| StsError::NotAnAccessKeyId(id.to_owned()))
}

/// `sts:DecodeAuthorizationMessage`.
#[derive(Debug)]
pub struct DecodeAuthorizationMessage;

impl Operation for DecodeAuthorizationMessage {
    const ACTION: &'static str = "sts:DecodeAuthorizationMessage";
    type Target = ();
}

/// The text of an encoded authorization message.
pub fn decode_authorization_message(
    caller: &Caller,
    message: &str,
    authority: &impl Authority,
    keys: &SessionKeys,
) -> Result<String, StsError> {
    caller.may_call("DecodeAuthorizationMessage")?;
    let (resource, no_keys) = (
        Resource::unnamed((), caller.account()),
        RequestContext::new(),
    );
    authority
        .authorise::<DecodeAuthorizationMessage>(caller, resource, &no_keys)
        .map_err(|refusal| StsError::Denied(Denial::with_reason(refusal)))?;
    keys.open_message(message)
        .map_err(|cause| StsError::NotAnAuthorizationMessage {
            cause: cause.to_string(),
        })
}
