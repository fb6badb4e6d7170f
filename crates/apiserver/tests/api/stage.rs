//! An API over memory, in which everybody may everything, asked over HTTP as clients ask.

use apiserver::{
    Answered, ApiServer, Attributes, Authenticator, Authorizer, Connection, Objects, Parts,
    Recorder, Seal, ServerVersion, ServiceNetwork, Shown, Surroundings, Verdict, user,
};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use objects::KubeUser;
use serde_json::Value;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{
    Commit, CommitRefused, Compacted, Listing, MemoryStore, Pending, Range, ReadRefused, Revision,
    Store, Transaction, Watch as StoreWatch,
};

pub(crate) const JSON: &str = "application/json";
pub(crate) const YAML: &str = "application/yaml";
pub(crate) const MERGE: &str = "application/merge-patch+json";
pub(crate) const STRATEGIC: &str = "application/strategic-merge-patch+json";
pub(crate) const JSON_PATCH: &str = "application/json-patch+json";
pub(crate) const APPLY: &str = "application/apply-patch+yaml";
pub(crate) const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
pub(crate) const METADATA: &str =
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json";
pub(crate) const METADATA_LIST: &str =
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";

/// The text that a value is; another is the empty one.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The items of a list; another value has none.
pub(crate) fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A running API.
pub(crate) struct Api {
    server: Arc<ApiServer>,
    pub(crate) store: Arc<dyn Store>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    /// The answer's body, if it is no refusal.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!(self.code < 300, "{} {}", self.code, self.body);
        self.body
    }

    pub(crate) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    pub(crate) fn warnings(&self) -> Vec<&str> {
        let all = self.headers.get_all("warning").iter();
        all.filter_map(|value| value.to_str().ok()).collect()
    }

    /// Code and message of a refusal.
    #[track_caller]
    pub(crate) fn refused(&self, code: u16, message: &str) {
        assert_eq!(
            (self.code, self.message()),
            (code, message),
            "{}",
            self.body
        );
    }
}

impl Api {
    pub(crate) async fn start() -> Self {
        Self::over(Arc::new(MemoryStore::new())).await
    }

    pub(crate) async fn over(store: Arc<dyn Store>) -> Self {
        let objects = Objects::new(
            Arc::clone(&store),
            "111111111111/us-west-2/ci",
            Arc::new(Open),
        );
        let parts = Parts {
            authenticator: Arc::new(Anybody),
            authorizer: Arc::new(Anything),
            admission: Vec::new(),
            answerers: Vec::new(),
            streams: None,
            pages: None,
            services: ServiceNetwork::default(),
            surroundings: Arc::new(Clock(AtomicU64::new(0))),
            recorder: Arc::new(Nowhere),
        };
        let version = ServerVersion {
            major: "1".to_owned(),
            minor: "33".to_owned(),
        };
        let server = ApiServer::new(&objects, version, parts);
        server.settle().await.expect("the first namespaces");
        Self { server, store }
    }

    /// Says where the API is.
    pub(crate) async fn publish(&self, at: &str) {
        let at = at.parse().expect("an address");
        self.server.publish(at).await.expect("the Service");
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[], "").await
    }

    pub(crate) async fn get_as(&self, path: &str, accept: &str) -> Reply {
        self.ask("GET", path, &[(ACCEPT.as_str(), accept)], "")
            .await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, JSON, &body.to_string()).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send("PUT", path, JSON, &body.to_string()).await
    }

    pub(crate) async fn delete(&self, path: &str, options: &Value) -> Reply {
        self.send("DELETE", path, JSON, &options.to_string()).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &str,
    ) -> Reply {
        self.ask(method, path, &[(CONTENT_TYPE.as_str(), content_type)], body)
            .await
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let (headers, body) = self.open(method, path, headers, body).await;
        let code = headers.0;
        let bytes = body.collect().await.expect("the whole answer").to_bytes();
        let text = String::from_utf8_lossy(&bytes);
        Reply {
            code,
            headers: headers.1,
            body: serde_json::from_str(&text).unwrap_or(Value::String(text.into_owned())),
        }
    }

    /// Follows a path that is a watch.
    pub(crate) async fn watch(&self, path: &str, accept: &str) -> Watch {
        let ((code, _), body) = self
            .open("GET", path, &[(ACCEPT.as_str(), accept)], "")
            .await;
        assert_eq!(code, 200, "{path}");
        Watch {
            body,
            read: String::new(),
        }
    }

    async fn open(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> ((u16, HeaderMap), Incoming) {
        let (client, server) = tokio::io::duplex(64 * 1024);
        let api = Arc::clone(&self.server);
        let service = service_fn(move |request| {
            let api = Arc::clone(&api);
            let from = Connection {
                address: Ipv4Addr::LOCALHOST.into(),
                certificate: None,
            };
            async move { Ok::<_, Infallible>(api.answer(request, &from).await) }
        });
        let serve = hyper::server::conn::http1::Builder::new();
        tokio::spawn(serve.serve_connection(TokioIo::new(server), service));
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(client))
            .await
            .expect("a connection");
        tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "ci")
            .header(USER_AGENT, "tests/1.0");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = Full::new(Bytes::from(body.to_owned()));
        let request = request.body(body).expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        ((head.status.as_u16(), head.headers), body)
    }
}

/// The lines of a watch.
pub(crate) struct Watch {
    body: Incoming,
    read: String,
}

impl Watch {
    /// The next event; none: the watch is over.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((line, rest)) = self.read.split_once('\n') {
                let event = serde_json::from_str(line).expect("an event");
                self.read = rest.to_owned();
                return Some(event);
            }
            let frame = self.body.frame().await?.expect("a frame");
            let data = frame.into_data().expect("data");
            self.read.push_str(&String::from_utf8_lossy(&data));
        }
    }

    /// `TYPE name` of the next events.
    pub(crate) async fn told(&mut self, count: usize) -> Vec<String> {
        let mut told = Vec::new();
        for _ in 0..count {
            let event = self.next().await.expect("one more event");
            let (sort, object) = (&event["type"], &event["object"]);
            let name = &object["metadata"]["name"];
            told.push(format!(
                "{} {}",
                sort.as_str().unwrap_or_default(),
                name.as_str().unwrap_or_default()
            ));
        }
        told
    }
}

/// A store at which everybody waits for everybody else: who asks at the same time reads the same state.
pub(crate) struct Crowded(MemoryStore);

impl Crowded {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(MemoryStore::new()))
    }
}

impl Store for Crowded {
    fn commit(&self, transaction: Transaction) -> Pending<'_, Result<Commit, CommitRefused>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.commit(transaction).await
        })
    }

    fn range(
        &self,
        range: Range,
        at: Option<Revision>,
    ) -> Pending<'_, Result<Listing, ReadRefused>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.range(range, at).await
        })
    }

    fn watch(&self, range: Range, after: Revision) -> Result<StoreWatch, Compacted> {
        self.0.watch(range, after)
    }

    fn compact(&self, before: Revision) -> Pending<'_, Result<(), CommitRefused>> {
        self.0.compact(before)
    }

    fn revision(&self) -> Revision {
        self.0.revision()
    }
}

struct Anybody;

impl Authenticator for Anybody {
    fn authenticate<'a>(&'a self, _: Shown<'a>) -> Pending<'a, Result<Option<KubeUser>, String>> {
        Box::pin(async { Ok(Some(user("tester", &["system:masters"]))) })
    }
}

struct Anything;

impl Authorizer for Anything {
    fn decide<'a>(&'a self, _: &'a KubeUser, _: &'a Attributes) -> Pending<'a, Verdict> {
        Box::pin(async { Verdict::Allowed("a test".to_owned()) })
    }
}

struct Open;

impl Seal for Open {
    fn seal(&self, _: &str, plain: &[u8]) -> Vec<u8> {
        plain.to_vec()
    }

    fn open(&self, _: &str, sealed: &[u8]) -> Result<Vec<u8>, String> {
        Ok(sealed.to_vec())
    }
}

/// It is always the same time, and chance counts.
struct Clock(AtomicU64);

impl Surroundings for Clock {
    fn now(&self) -> Timestamp {
        "2026-01-02T03:04:05Z".parse().expect("a time")
    }

    fn random(&self) -> [u8; 16] {
        let drawn = self.0.fetch_add(1, Ordering::Relaxed);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&drawn.to_le_bytes());
        bytes
    }
}

struct Nowhere;

impl Recorder for Nowhere {
    fn record<'a>(&'a self, _: &'a Answered<'_>) -> Pending<'a, ()> {
        Box::pin(async {})
    }
}
