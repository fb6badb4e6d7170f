//! Exchanges proof for a session: web identity to session, session to session in another account,
//! session to "who am I".
//!
//! Start with [`authenticate`], which makes a [`Caller`] of a signature, and with
//! [`assume_role`](operations::assume_role), which makes a [`Session`] of a caller. Sessions are
//! sealed into their tokens ([`SessionKeys`]), not stored. One is opened only from a
//! [`Permit`](policy::Permit), or for a user as itself. Everything here is a pure function:
//! accounts ([`Directory`]), decisions ([`Authority`]), time and randomness are arguments.

mod session;

mod caller;

pub mod operations;

mod condition_keys;
mod directory;
mod tags;

mod epochs;
mod session_keys;

mod packed;
mod sealed;

mod denial;
mod error;

pub use caller::{Caller, InvalidToken, RefusedCredentials, authenticate};
pub use denial::{Denial, DenialCause, Wording};
pub use directory::{Asker, Authority, Directory, Instant, ProviderFacts, RoleFacts, UserKey};
pub use epochs::{
    EPOCHS_MAX, EPOCHS_PREFIX, EpochRandom, Epochs, KEPT_AFTER_USE, KNOWN_BEFORE_USE,
    TooManyEpochs, UnreadableEpoch, begin_epochs, forget_epochs, rotate_epoch,
};
pub use error::StsError;
pub use packed::{PACKED_BYTES_MAX, POLICY_ARNS_MAX, POLICY_CHARS_MAX, PackedPercent};
pub use session::{
    Holder, Session, SessionOrigin, SessionPolicies, SessionTag, SessionTags, TagReach,
    WebIdentity, federated_arn, session_arn,
};
pub use session_keys::{
    EpochId, EpochKey, MESSAGE_CHARS_MAX, NotSessionKeys, SESSION_SECONDS_MAX, SessionCredentials,
    SessionKeys, SessionRandom, TOKEN_CHARS_MAX, UnopenedToken,
};
pub use tags::{RefusedTags, RequestedTags, TAGS_MAX};
