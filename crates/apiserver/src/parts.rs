//! What a server is given by whoever runs it: identities, rights, admission, streams, time, chance.
//!
//! Each is a trait that belongs here; the plane plugs its own in.

use crate::addresses::ServiceNetwork;
use crate::body::Body;
use crate::path::Attributes;
use crate::query::Query;
use crate::registry::ResourceDef;
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use jiff::Timestamp;
use objects::KubeUser;
use objects::{Object, Status};
use std::sync::Arc;
use store::Pending;

/// What a caller shows of itself.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'r> {
    /// The certificate that the connection was opened with, verified against the cluster's authority.
    pub certificate: Option<&'r Bytes>,
    /// The bearer token.
    pub token: Option<&'r str>,
}

/// Says who a caller is.
pub trait Authenticator: Send + Sync {
    /// The user; `None`: nothing that this authenticator knows was shown.
    ///
    /// # Errors
    /// Why what was shown proves nothing. It is for the log: the caller reads `Unauthorized` alone.
    fn authenticate<'a>(
        &'a self,
        shown: Shown<'a>,
    ) -> Pending<'a, Result<Option<KubeUser>, String>>;
}

/// What an authorizer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Yes, and what allows it.
    Allowed(String),
    /// No.
    Refused {
        /// What the caller is told beyond that nothing allows it; mostly nothing.
        told: String,
        /// What came closest to allowing it: for reviews and the record.
        explanation: String,
    },
}

/// Says what a user may.
pub trait Authorizer: Send + Sync {
    /// Decides on one request.
    fn decide<'a>(&'a self, user: &'a KubeUser, asked: &'a Attributes) -> Pending<'a, Verdict>;
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are Kubernetes' own")]
pub enum Operation {
    Create,
    Update,
    Delete,
    Connect,
}

/// A write on its way to the store.
#[derive(Debug)]
pub struct Review<'r> {
    /// What happens.
    pub operation: Operation,
    /// To an object of this resource,
    pub resource: &'r ResourceDef,
    /// or to this part of it.
    pub subresource: &'r str,
    /// Where it lies; empty for the cluster.
    pub namespace: &'r str,
    /// Its name.
    pub name: &'r str,
    /// By whom.
    pub user: &'r KubeUser,
    /// The object as it will be; none for a deletion.
    pub object: Option<Object>,
    /// The object as it is; none for a creation.
    pub old: Option<&'r Object>,
    /// Whether nothing will be written in the end.
    pub dry_run: bool,
    /// What the writer is told beside the answer.
    pub warnings: Vec<String>,
}

/// A step between authorisation and the store.
pub trait Admission: Send + Sync {
    /// Changes the object; all steps do so, in their order, before any looks at the outcome.
    ///
    /// # Errors
    /// Why the write is refused.
    fn mutate<'a>(&'a self, review: &'a mut Review<'_>) -> Pending<'a, Result<(), Status>> {
        let _ = review;
        Box::pin(async { Ok(()) })
    }

    /// Looks at the outcome.
    ///
    /// # Errors
    /// Why the write is refused.
    fn validate<'a>(&'a self, review: &'a Review<'_>) -> Pending<'a, Result<(), Status>> {
        let _ = review;
        Box::pin(async { Ok(()) })
    }
}

/// A question that is answered and forgotten: a review, a token.
#[derive(Debug)]
pub struct Asked<'r> {
    /// What is asked, as it was allowed.
    pub attributes: &'r Attributes,
    /// By whom.
    pub user: &'r KubeUser,
    /// The question.
    pub object: Object,
    /// The object below which it is asked, where there is one.
    pub parent: Option<Object>,
    /// Whether nothing may come of it.
    pub dry_run: bool,
}

/// Answers such questions.
pub trait Answerer: Send + Sync {
    /// The question with its answer in it.
    ///
    /// # Errors
    /// Why there is none.
    fn answer<'a>(&'a self, asked: Asked<'a>) -> Pending<'a, Result<Object, Status>>;
}

/// A stream to a pod's containers: exec, attach, port-forward, log.
#[derive(Debug)]
pub struct StreamAsked {
    /// `exec`, `attach`, `portforward` or `log`.
    pub subresource: String,
    /// The pod.
    pub pod: Object,
    /// Container, command, what to follow.
    pub query: Query,
    /// By whom.
    pub user: KubeUser,
    /// The request, whose connection may be upgraded.
    pub request: Request<Incoming>,
}

/// Opens such streams.
pub trait Streams: Send + Sync {
    /// The answer that opens the stream.
    ///
    /// # Errors
    /// Why it is not opened.
    fn open(&self, asked: StreamAsked) -> Pending<'_, Result<Response<Body>, Status>>;
}

/// A document at a path of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its media type.
    pub content_type: &'static str,
    /// Its text.
    pub text: String,
}

/// Holds such documents.
pub trait Pages: Send + Sync {
    /// The document at a path; none: there is none.
    fn page(&self, path: &str) -> Option<Page>;
}

/// Seals values before they reach the store.
pub trait Seal: Send + Sync {
    /// Seals a value for one key.
    fn seal(&self, key: &str, plain: &[u8]) -> Vec<u8>;

    /// Opens it again.
    ///
    /// # Errors
    /// Why it does not open.
    fn open(&self, key: &str, sealed: &[u8]) -> Result<Vec<u8>, String>;
}

/// Time and chance.
pub trait Surroundings: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Random bytes.
    fn random(&self) -> [u8; 16];
}

/// A request that is over, for the record.
#[derive(Debug)]
pub struct Answered<'r> {
    /// What `Audit-Id` says.
    pub id: &'r str,
    /// What was asked for.
    pub attributes: &'r Attributes,
    /// By whom; none when that could not be said.
    pub user: Option<&'r KubeUser>,
    /// The address of the caller; none for the plane's own parts.
    pub address: Option<std::net::IpAddr>,
    /// What the client calls itself.
    pub agent: &'r str,
    /// The answer's status code.
    pub code: u16,
    /// What the caller was told, where it was refused.
    pub refusal: Option<&'r str>,
    /// What allowed it, or what came closest to doing so.
    pub reason: &'r str,
}

/// Keeps the record of every request.
pub trait Recorder: Send + Sync {
    /// Keeps one.
    fn record<'a>(&'a self, answered: &'a Answered<'_>) -> Pending<'a, ()>;
}

/// Everything that a server is given.
pub struct Parts {
    /// Who a caller is.
    pub authenticator: Arc<dyn Authenticator>,
    /// What it may.
    pub authorizer: Arc<dyn Authorizer>,
    /// Steps before a write, in their order.
    pub admission: Vec<Arc<dyn Admission>>,
    /// Who answers what is asked of `RESOURCE` or `RESOURCE/SUBRESOURCE`.
    pub answerers: Vec<(&'static str, Arc<dyn Answerer>)>,
    /// Opens streams to pods.
    pub streams: Option<Arc<dyn Streams>>,
    /// Paths that belong to none of the resources.
    pub pages: Option<Arc<dyn Pages>>,
    /// The addresses that Services may have.
    pub services: ServiceNetwork,
    /// Time and chance.
    pub surroundings: Arc<dyn Surroundings>,
    /// Keeps records.
    pub recorder: Arc<dyn Recorder>,
}
