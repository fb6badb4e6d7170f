//! The first cluster's API, as its administrator reaches it.

use bytes::Bytes;
use data_encoding::BASE64;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Connections that create many objects.
const CONNECTIONS: usize = 16;

/// Where the API is, and by which certificate one is its administrator.
#[derive(Clone)]
pub(crate) struct Api {
    address: SocketAddr,
    tls: TlsConnector,
}

impl Api {
    /// Of the plane with that folder.
    pub(crate) fn of(folder: &Path) -> Self {
        let config = std::fs::read_to_string(folder.join("kube/config")).expect("a kubeconfig");
        // The first cluster stands first.
        let value = |name: &str| {
            let (_, rest) = config.split_once(&format!("{name}: ")).expect("a setting");
            rest.lines().next().expect("its value").to_owned()
        };
        let pem = |name: &str| BASE64.decode(value(name).as_bytes()).expect("base64");
        let certificate = |name: &str| CertificateDer::from_pem_slice(&pem(name)).expect("PEM");
        let mut roots = RootCertStore::empty();
        roots
            .add(certificate("certificate-authority-data"))
            .expect("an authority");
        let key = PrivateKeyDer::from_pem_slice(&pem("client-key-data")).expect("PEM");
        let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(crypto)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![certificate("client-certificate-data")], key)
            .expect("a certificate");
        let server = value("server");
        let address = server.trim_start_matches("https://").parse();
        Self {
            address: address.expect("an address"),
            tls: TlsConnector::from(Arc::new(config)),
        }
    }

    pub(crate) async fn connect(&self) -> Connection {
        let stream = TcpStream::connect(self.address).await;
        let stream = stream.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let name = ServerName::from(self.address.ip());
        let stream = self.tls.connect(name, stream).await.expect("TLS");
        let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (sender, connection) = shaken.expect("HTTP");
        tokio::spawn(connection);
        Connection(sender)
    }

    /// Creates so many objects, each made from its number.
    pub(crate) async fn create(
        &self,
        path: &'static str,
        count: usize,
        object: fn(usize) -> Value,
    ) {
        let tasks = (0..CONNECTIONS).map(|first| {
            let api = self.clone();
            tokio::spawn(async move {
                let mut connection = api.connect().await;
                for number in (first..count).step_by(CONNECTIONS) {
                    connection.post(path, &object(number)).await;
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.expect("every object is created");
        }
    }
}

/// One keep-alive connection.
pub(crate) struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    /// Sends a request; the answer's body is still to be read.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        (media_type, body): (&str, String),
    ) -> Response<Incoming> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("content-type", media_type)
            .body(Full::from(body))
            .expect("a request");
        self.0.ready().await.expect("the connection is kept");
        self.0.send_request(request).await.expect("an answer")
    }

    pub(crate) async fn get(&mut self, path: &str) -> Bytes {
        let answer = self.send("GET", path, ("application/json", String::new()));
        read(answer.await).await
    }

    pub(crate) async fn post(&mut self, path: &str, object: &Value) {
        let body = ("application/json", object.to_string());
        read(self.send("POST", path, body).await).await;
    }

    pub(crate) async fn patch(&mut self, path: &str, media_type: &str, patch: &Value) {
        let body = (media_type, patch.to_string());
        read(self.send("PATCH", path, body).await).await;
    }
}

/// The body of an answer that must be one.
async fn read(answer: Response<Incoming>) -> Bytes {
    let status = answer.status();
    let body = answer.into_body().collect().await.expect("a body");
    let body = body.to_bytes();
    assert!(status.is_success(), "{}", String::from_utf8_lossy(&body));
    body
}

/// A ConfigMap of about half a kilobyte.
pub(crate) fn config_map(name: &str, text: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": { "name": name },
        "data": { "text": text, "filler": "x".repeat(400) },
    })
}
