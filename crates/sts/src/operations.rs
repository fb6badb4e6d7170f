//! The operations, one file each, and what those share that open a session.

pub mod assume_role;
pub mod assume_role_with_web_identity;
pub mod get_caller_identity;
pub mod get_federation_token;
pub mod get_session_token;

mod assumable;
mod opening;

pub use assumable::{SetSourceIdentity, TagSession};
pub use opening::{Opened, PassedPolicies};

#[cfg(test)]
mod tests;
