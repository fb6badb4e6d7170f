//! GetFederationToken: a user vouches for a name, and bounds it by policies.

use names::{FederatedUserArn, FederatedUserName};
use policy::{Operation, Permit, RequestContext, Resource};

use super::assumable::TagSession;
use super::get_session_token::USER_SECONDS_DEFAULT;
use super::opening::{Entitled, Opened, PassedPolicies, Terms};
use crate::caller::Caller;
use crate::denial::Denial;
use crate::directory::{Authority, Instant};
use crate::error::StsError;
use crate::session::{SessionOrigin, federated_arn};
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

impl Operation for GetFederationToken {
    const ACTION: &'static str = "sts:GetFederationToken";
    type Target = FederatedUserArn;
}

/// Opens a session under the name, if the user may do so.
pub fn get_federation_token(
    caller: &Caller,
    asked: &GetFederationToken,
    authority: &impl Authority,
    keys: &SessionKeys,
    at: Instant,
) -> Result<Opened, StsError> {
    let (user, id) = caller.own_user("GetFederationToken")?;
    let permit = authorise(caller, federated_arn(user, &asked.name), asked, authority)?;
    let terms = Terms {
        origin: SessionOrigin::User,
        seconds: asked.duration.unwrap_or(USER_SECONDS_DEFAULT),
        policies: &asked.policies,
        tags: &asked.tags,
        inherits: None,
        source_identity: None,
    };
    let entitled = Entitled::to_federate(&permit, user.clone(), id.clone());
    entitled.open(terms, authority, keys, at)
}

/// Asks for `sts:GetFederationToken`, and for what tags imply.
fn authorise(
    caller: &Caller,
    guest: FederatedUserArn,
    asked: &GetFederationToken,
    authority: &impl Authority,
) -> Result<Permit<GetFederationToken>, StsError> {
    let mut keys = RequestContext::new();
    asked.tags.set_keys(&mut keys);
    let deny = |refusal| StsError::Denied(Denial::with_reason(refusal));
    let permit = authority.authorise(caller, Resource::from(guest.clone()), &keys);
    let permit = permit.map_err(deny)?;
    if !asked.tags.is_empty() {
        let guest = Resource::from(guest);
        let tagging = authority.authorise::<TagSession<FederatedUserArn>>(caller, guest, &keys);
        tagging.map_err(deny)?;
    }
    Ok(permit)
}
