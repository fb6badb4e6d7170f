//! Kubernetes objects as data.
//!
//! An [`Object`] is JSON with a type and metadata; what its fields may be is told by a [`Schema`]
//! from tables that were made of Kubernetes' own definitions. There is no structure per kind.
//! What goes wrong is a [`Status`], in Kubernetes' words.
//!
//! Everything here is a plain function of its arguments.
//!
//! [`Schema`]: schema::Schema

pub mod schema;

mod object;

pub mod status;

pub mod decode;

pub mod openapi;

mod user;

pub mod defaults;
pub mod fields;
pub mod patch;
pub mod quantity;
pub mod quota;
pub mod scale;
pub mod selector;
pub mod table;
pub mod validate;

mod field_path;
mod spelling;

pub use names::{ApiGroup, ApiVersion, GroupResource, Gvk, Kind, Plural};
pub use object::{NotAnObject, Object, OwnerReference};
pub use status::Status;
pub use user::KubeUser;
