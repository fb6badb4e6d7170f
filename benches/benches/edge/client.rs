//! Requests, signed once and sent often.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::SendRequest;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use names::secret::Secret;
use sigv4::{BodyHash, RequestHead, Signer};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// Between two tries to reach a server that is about to listen.
const RETRY: Duration = Duration::from_micros(500);

/// An access key.
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// A request as it is sent each time.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) path: &'static str,
    pub(crate) host: String,
    pub(crate) content_type: &'static str,
    pub(crate) body: Bytes,
    pub(crate) signed: Vec<(&'static str, String)>,
}

impl Sent {
    /// A form for an AWS service, unsigned.
    pub(crate) fn form(address: SocketAddr, body: String) -> Self {
        Self {
            path: "/",
            host: address.to_string(),
            content_type: "application/x-www-form-urlencoded; charset=utf-8",
            body: body.into(),
            signed: Vec::new(),
        }
    }

    /// Signs it for now.
    pub(crate) fn sign(mut self, service: &str, key: &Key) -> Self {
        let headers = [
            ("host", self.host.as_bytes()),
            ("content-type", self.content_type.as_bytes()),
        ];
        let head = RequestHead {
            method: "POST",
            raw_path: self.path,
            raw_query: "",
            headers: &headers,
        };
        let signer = Signer {
            access_key_id: &key.id,
            secret_key: &Secret::from(key.secret.clone()),
            session_token: None,
            region: "us-west-2",
            service,
        };
        let hash = BodyHash::of(&self.body);
        let signed = sigv4::sign(&signer, &head, &hash, benches::clock::now());
        self.signed = signed.expect("a signature");
        self
    }

    fn to_http(&self) -> Request<Full<Bytes>> {
        let mut request = Request::post(self.path)
            .header("host", &self.host)
            .header("content-type", self.content_type);
        for (name, value) in &self.signed {
            request = request.header(*name, value);
        }
        let body = Full::new(self.body.clone());
        request.body(body).expect("a request")
    }
}

/// One keep-alive connection.
pub(crate) struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.expect("a connection")).await
    }

    /// To a server that is about to listen.
    pub(crate) async fn open_soon(address: SocketAddr) -> Self {
        loop {
            if let Ok(stream) = TcpStream::connect(address).await {
                return Self::over(stream).await;
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn over(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("a socket");
        let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (sender, connection) = shaken.expect("HTTP");
        tokio::spawn(connection);
        Self(sender)
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&mut self, request: &Sent) -> (StatusCode, Bytes) {
        self.0.ready().await.expect("the connection is kept");
        let answer = self.0.send_request(request.to_http()).await;
        let (head, body) = answer.expect("an answer").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        (head.status, body)
    }

    /// The same, of a request that must be answered.
    pub(crate) async fn done(&mut self, request: &Sent) -> String {
        let (status, body) = self.send(request).await;
        let body = String::from_utf8_lossy(&body).into_owned();
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }
}
