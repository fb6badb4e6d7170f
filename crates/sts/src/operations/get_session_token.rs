//! GetSessionToken: a user's key becomes a session of the same user.
//!
//! It needs no permission, and no policy can refuse it (spec/iam-evaluation.md 3.8).

use super::assume_role::DeviceCode;
use super::opening::{Entitled, Opened, PassedPolicies, Terms};
use crate::caller::Caller;
use crate::directory::{Directory, Instant};
use crate::error::StsError;
use crate::session::SessionOrigin;
use crate::session_keys::SessionKeys;
use crate::tags::RequestedTags;

/// How long a user's session lasts when nothing was asked: twelve hours.
pub const USER_SECONDS_DEFAULT: i64 = 43_200;

/// Opens a session of the user who asks.
pub fn get_session_token(
    caller: &Caller,
    duration: Option<i64>,
    device_code: Option<DeviceCode>,
    directory: &dyn Directory,
    keys: &SessionKeys,
    at: Instant,
) -> Result<Opened, StsError> {
    let (user, id) = caller.own_user("GetSessionToken")?;
    if device_code.is_some() {
        return Err(StsError::NoSuchDevice);
    }
    let terms = Terms {
        origin: SessionOrigin::User,
        seconds: duration.unwrap_or(USER_SECONDS_DEFAULT),
        policies: &PassedPolicies::default(),
        tags: &RequestedTags::default(),
        inherits: None,
        source_identity: None,
    };
    let entitled = Entitled::as_itself(user.clone(), id.clone());
    entitled.open(terms, directory, keys, at)
}
