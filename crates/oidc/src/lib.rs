//! Mints and verifies the tokens by which a cluster vouches for a service account.
//!
//! A [`SigningKey`] and a [`TokenRequest`] make a [`ServiceAccountToken`] (a JWT, RFC 7519, in the
//! shape of Kubernetes' bound tokens). A text becomes an [`UnverifiedToken`], and with the
//! issuer's [`KeySet`] and the time a [`VerifiedToken`], or a [`RejectedToken`] that says why not.
//!
//! What a relying party must not do (RFC 8725) is not expressible here: the algorithm comes from
//! the key, keys inside a token's header are never looked at, and there is no `none` and no HMAC.
//! Keys broken by ROCA (CVE-2017-15361) are not recognised: their fingerprint belongs to smart
//! cards of 2017, and an issuer that signs with one is trusted by an explicit act of the account.

mod rejected;

mod mint;
mod signing_key;

mod unverified;
mod verified;

mod algorithm;
mod key_set;
mod public_key;

mod claims;
mod discovery;
mod json;

pub use algorithm::Algorithm;
pub use claims::{KubernetesClaims, ObjectRef, SessionTags, Subject};
pub use discovery::{Discovery, NotADiscoveryDocument};
pub use json::{Json, NotJson};
pub use key_set::{KeySet, NotAKeySet, SkippedKey};
pub use mint::{BoundTo, Lifetime, NotALifetime, ServiceAccountToken, TokenRequest, mint};
pub use public_key::{KeyId, PublicKey, UnusableKey};
pub use rejected::{NotAJwt, RejectedToken};
pub use signing_key::{NotASigningKey, SigningKey};
pub use unverified::{TOKEN_CHARS_MAX, TokenBytes, UnverifiedToken};
pub use verified::VerifiedToken;

/// Seconds by which `nbf` and `iat` may lie ahead of our clock. `exp` has no leeway.
///
/// AWS does not publish its own; a token's end is exact here since issuer and verifier share one
/// clock, and another issuer's clock may run ahead by this much.
pub const FUTURE_LEEWAY_SECONDS: i64 = 60;

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod lab;
#[cfg(test)]
mod tests;
