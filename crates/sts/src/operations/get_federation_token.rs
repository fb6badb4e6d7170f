//! GetFederationToken: a user vouches for a name, and bounds it by policies.

use names::{AccountId, FederatedUserName};

use super::get_session_token::USER_SECONDS_DEFAULT;
use super::opening::{Opened, PassedPolicies, packed, seal, span};
use crate::caller::Caller;
use crate::denial::{Denial, DenialCause, Wording};
use crate::directory::{Authority, Directory, Instant};
use crate::error::StsError;
use crate::question::{Asker, ConditionKeys, Question};
use crate::session::{Holder, Session, SessionOrigin, federated_arn};
use crate::session_keys::SessionKeys;
use crate::tags::RequestedTags;

/// What GetFederationToken is asked.
#[derive(Debug, Clone)]
pub struct GetFederationToken {
    /// The name to vouch for.
    pub name: FederatedUserName,
    /// How long, in seconds.
    pub duration: Option<i64>,
    /// What the session may do, within what the user may; without any, nothing.
    pub policies: PassedPolicies,
    /// Its tags.
    pub tags: RequestedTags,
}

/// Opens a session under the name, if the user may do so.
pub fn get_federation_token(
    caller: &Caller,
    asked: &GetFederationToken,
    directory: &dyn Directory,
    authority: &dyn Authority,
    keys: &SessionKeys,
    at: Instant,
) -> Result<Opened, StsError> {
    let (Some((user, id)), None) = (caller.user(), caller.session()) else {
        let operation = "GetFederationToken";
        return Err(StsError::SessionMayNotCall { operation });
    };
    let resource = federated_arn(user, &asked.name).to_string();
    authorise(caller, asked, user.account(), resource, authority)?;
    let policies = asked.policies.accepted(user.account(), directory)?;
    let tags = asked.tags.joined_with(None).map_err(StsError::Tags)?;
    let packed = packed(&asked.policies, &tags)?;
    let (issued, expiry) = span(at.now, asked.duration.unwrap_or(USER_SECONDS_DEFAULT));
    let session = Session {
        holder: Holder::Federated {
            name: asked.name.clone(),
            user: user.clone(),
            id: id.clone(),
        },
        origin: SessionOrigin::User,
        issued,
        expiry,
        policies,
        tags,
        source_identity: None,
    };
    seal(session, packed, keys, at)
}

fn authorise(
    caller: &Caller,
    asked: &GetFederationToken,
    resource_account: AccountId,
    resource: String,
    authority: &dyn Authority,
) -> Result<(), StsError> {
    let mut keys = ConditionKeys::default();
    keys.set_requested_tags(&asked.tags);
    keys.set("aws:ResourceAccount", resource_account.to_string());
    let question = Question {
        asker: Asker::Caller(caller),
        action: "sts:GetFederationToken",
        resource,
        resource_account,
        trust: None,
        keys,
    };
    let tagging = (!asked.tags.is_empty()).then_some("sts:TagSession");
    for action in [Some(question.action), tagging].into_iter().flatten() {
        let question = Question {
            action,
            ..question.clone()
        };
        authority.decide(&question).map_err(|why| {
            let cause = DenialCause::Policies(why);
            StsError::Denied(Denial::of(&question, cause, Wording::WithReason))
        })?;
    }
    Ok(())
}
