//! Signs AWS requests with Signature Version 4, and proves which access key signed one.
//!
//! A request head is a [`Claim`]; with the hash of the body, [`Claim::present`] climbs the ladder of
//! refusals that needs no secret. The owner of the secrets looks the access key up, and
//! [`Presented::verify`] turns the claim into a [`Proven`] one; there is no other way to get one.
//! [`sign`] and [`presign`] are the client's side of the same rules.
//!
//! The rules: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
//! SigV4A and the chunked uploads of S3 are refused by name; S3's own path rule (encode once, do
//! not normalise) is not built, since no service here uses it.

mod presented;
mod request;

mod refusal;

mod authorization;
mod credential;
mod date;

mod canonical;
mod uri;

mod keys;
mod sign;

pub use authorization::Form;
pub use credential::{ClaimedScope, ScopeProblem, region_of_host};
pub use date::{CLOCK_SKEW, compact};
pub use keys::{DERIVED_KEYS_MAX, DerivedKeys};
pub use presented::{Claim, Expectation, Presented, Proven};
pub use refusal::{Family, PathFault, SignatureRefusal};
pub use request::{BodyHash, RequestHead};
pub use sign::{NotSignable, Signer, presign, sign};
