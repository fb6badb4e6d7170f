//! GetSessionToken: a user's key becomes a session of the same user.
//!
//! It needs no permission, and no policy can refuse it (spec/iam-evaluation.md 3.8).

use super::assume_role::DeviceCode;
use super::opening::{Opened, seal, span};
use crate::caller::Caller;
use crate::directory::Instant;
use crate::error::StsError;
use crate::session::{Holder, Session, SessionOrigin, SessionPolicies, SessionTags};
use crate::session_keys::SessionKeys;

/// How long a user's session lasts when nothing was asked: twelve hours.
pub const USER_SECONDS_DEFAULT: i64 = 43_200;

/// Opens a session of the user who asks.
pub fn get_session_token(
    caller: &Caller,
    duration: Option<i64>,
    device_code: Option<DeviceCode>,
    keys: &SessionKeys,
    at: Instant,
) -> Result<Opened, StsError> {
    let (Some((user, id)), None) = (caller.user(), caller.session()) else {
        let operation = "GetSessionToken";
        return Err(StsError::SessionMayNotCall { operation });
    };
    if device_code.is_some() {
        return Err(StsError::NoSuchDevice);
    }
    let (issued, expiry) = span(at.now, duration.unwrap_or(USER_SECONDS_DEFAULT));
    let session = Session {
        holder: Holder::User {
            user: user.clone(),
            id: id.clone(),
        },
        origin: SessionOrigin::User,
        issued,
        expiry,
        policies: SessionPolicies::default(),
        tags: SessionTags::new(),
        source_identity: None,
    };
    seal(session, None, keys, at)
}
