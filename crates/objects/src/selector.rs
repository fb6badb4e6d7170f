//! Which objects a request is about: selectors on labels and on fields.

mod field;
mod label;
mod lexer;
mod selectable;

pub use field::{FieldSelector, FieldTerm};
pub use label::{LabelOperator, LabelRequirement, LabelSelector};
pub use selectable::Selectable;

/// Bytes in a selector's text: what fits into a request's head.
const TEXT_MAX: usize = 64 * 1024;

/// The text or the object is no selector; the message is Kubernetes' own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotASelector(pub String);
