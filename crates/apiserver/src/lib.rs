//! Serves the Kubernetes API of a cluster: authenticate, authorise, admit, store, watch.
//!
//! One generic path serves every kind: a kind is a [`ResourceDef`] in the [`Registry`]. A request goes
//! through `service` (who asks, may they), `dispatch` (what is done) and the verbs; the verbs take a
//! target that only a [`Permit`] gives. Objects are kept as `record`s: bytes that lists and watches
//! copy without reading them. What belongs to others comes in through the traits of `parts`.

mod service;

mod path;
mod permit;
mod published;
mod query;
mod quota;
mod user;

mod registry;
mod subresource;

mod dispatch;
mod impersonation;
mod pages;

mod addresses;
mod delete;
mod ledger;
mod list;
mod metadata;
mod patch;
mod pod;
mod selection;
mod watch;
mod words;
mod write;

mod hub;
mod objects;
mod record;
mod records;

mod answer;
mod body;
mod discovery;
mod eviction;
mod negotiation;
mod shown;

mod client;
mod parts;
mod server;
mod start;

pub use crate::objects::{Changed, Changes, Objects};
pub use addresses::{NotANetwork, ServiceNetwork};
pub use body::Body;
pub use client::{Client, ObjectWatch, Place, WatchEvent};
pub use delete::{DeleteOptions, Propagation};
pub use parts::{
    Admission, Answered, Answerer, Asked, Authenticator, Authorizer, Operation, Page, Pages, Parts,
    Recorder, Review, Seal, Shown, StreamAsked, Streams, Surroundings, Verdict,
};
pub use path::Attributes;
pub use permit::{Denied, Permit};
pub use query::Query;
pub use registry::{Ending, KeptAs, Registry, ResourceDef, Scope, Strategy, Verb};
pub use server::{ApiServer, ServerVersion};
pub use service::Connection;
pub use subresource::{How, SubresourceDef, View};
pub use user::{MASTERS, user};
