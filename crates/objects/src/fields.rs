//! Who owns which field: `metadata.managedFields`, server-side apply and the tracking of updates.
//!
//! The shape is that of `sigs.k8s.io/structured-merge-diff`: a configuration is merged into the live
//! object by schema, each owner has a [`FieldSet`], and a field that two owners want to differ in is a
//! conflict. See <https://kubernetes.io/docs/reference/using-api/server-side-apply/>.

mod apply;
mod check;
mod compare;
mod conflict;
mod last_applied;
mod merge;
mod owners;
mod path;
mod remove;
mod set;
mod track;
mod typed;
mod wire;

pub use apply::{ApplyRefused, apply};
pub use check::Faults;
pub use conflict::{Conflict, Conflicts};
pub use owners::{FieldOwner, MalformedFields, Operation, Owned, Owners};
pub use path::{PathElement, PathValue};
pub use set::FieldSet;
pub use track::{keep_times, track_update};

use jiff::Timestamp;

/// A write: who makes it, in which version, and when.
#[derive(Debug, Clone, Copy)]
pub struct Write<'w> {
    /// The field owner's name: the `fieldManager` of the request.
    pub owner: &'w str,
    /// The version that the request speaks: `apps/v1`.
    pub api_version: &'w str,
    /// The subresource that is written; empty for the object itself.
    pub subresource: &'w str,
    /// Top-level fields that this write cannot change: `status`, or `spec` when the status is written.
    pub ignored: &'w [&'w str],
    /// Now.
    pub now: Timestamp,
}
