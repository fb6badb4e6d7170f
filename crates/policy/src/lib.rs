//! Decides an AWS request against policy documents, and names every statement that mattered.
//!
//! A [`Question`] and the [`Layers`] of documents that apply go in; a [`Decision`] comes out.
//! [`authorise`] asks about a [`Resource`] that is made of the operation's target, and turns an allowed
//! decision into a [`Permit`] with that target, without which no operation can be carried out. [`explain`] runs the same code and says of every statement which element failed first.
//!
//! Everything here is a plain function of its arguments. Source: the IAM User Guide's policy
//! reference, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies.html>.

mod arn_pattern;
mod condition;
mod context;
mod decide;
mod document;
mod draft;
mod elements;
mod explain;
mod glob;
mod hash;
mod index;
mod json;
pub mod lint;
mod malformed;
mod matching;
mod nearest;
mod number;
mod passage;
mod permissions_policy;
mod permit;
mod principal;
mod principal_element;
mod question;
mod resource;
mod resource_control_policy;
mod set;
mod trust_policy;
mod variable;

pub use context::{KeyName, RequestContext, Values};
pub use decide::{Decision, Layer, StatementRef, decide};
pub use document::{Document, Effect, PolicyLanguage};
pub use explain::{Explanation, Failure, LayerExplanation, Repair, StatementExplanation, explain};
pub use malformed::MalformedPolicy;
pub use nearest::nearest as nearest_word;
pub use permissions_policy::PermissionsPolicy;
pub use permit::{Operation, Permit, Refusal, authorise, layer_name};
pub use principal::Principal;
pub use principal_element::{PrincipalDirectory, Strength};
pub use question::{Layers, Question, ResourcePolicy};
pub use resource::{Resource, Target};
pub use resource_control_policy::ResourceControlPolicy;
pub use set::{PolicyKind, PolicySet, PolicySource};
pub use trust_policy::TrustPolicy;
