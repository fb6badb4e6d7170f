//! The operations, one file each.

pub mod assume_role;
pub mod assume_role_with_web_identity;
pub mod get_caller_identity;
pub mod get_federation_token;
pub mod get_session_token;
mod opening;

pub use opening::{Opened, PassedPolicies};

#[cfg(test)]
mod tests;
