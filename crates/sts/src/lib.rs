//! Exchanges proof for a session: web identity to session, session to session in another account.

mod sealed;
mod session;
mod session_keys;

pub use session::{
    Holder, Session, SessionOrigin, SessionPolicies, SessionTag, SessionTags, TagReach,
    WebIdentity, federated_arn, session_arn,
};
pub use session_keys::{
    EpochId, EpochKey, MESSAGE_CHARS_MAX, NotSessionKeys, SESSION_SECONDS_MAX, SessionCredentials,
    SessionKeys, SessionRandom, TOKEN_CHARS_MAX, UnopenedToken,
};
