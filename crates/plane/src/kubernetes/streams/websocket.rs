//! The upgrade of a request to a WebSocket that speaks one of Kubernetes' dialects.

mod tunnel;

pub(super) use tunnel::tunnel;

use apiserver::Body;
use aws_lc_rs::digest;
use bytes::Bytes;
use data_encoding::BASE64;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use objects::Status;
use std::time::Duration;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

/// An open WebSocket.
pub(super) type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Dialects that are spoken, the best first.
pub(super) type Dialects = &'static [&'static str];

/// What RFC 6455 appends to a key before it is hashed.
const MAGIC: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Largest message that a caller may send.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;

/// Clients before 1.34 read before they have made their streams, and fail on a message that comes
/// at once, as a refusal does: <https://github.com/kubernetes/kubernetes/pull/131203>.
const CLIENTS_READY_WAIT: Duration = Duration::from_millis(20);

/// A request that can be upgraded.
#[derive(Debug)]
pub(super) struct Upgrade {
    accept: String,
    dialect: &'static str,
}

impl Upgrade {
    /// The dialect that both speak.
    pub(super) fn dialect(&self) -> &'static str {
        self.dialect
    }

    /// Reads what a request offers.
    ///
    /// # Errors
    /// 400 for what is no WebSocket, or none in a known dialect: clients try their next protocol.
    pub(super) fn read(headers: &HeaderMap, dialects: Dialects) -> Result<Self, Status> {
        let text = |name: header::HeaderName| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let key = text(header::SEC_WEBSOCKET_KEY);
        if BASE64
            .decode(key.as_bytes())
            .is_ok_and(|key| key.len() == 16)
            && text(header::SEC_WEBSOCKET_VERSION) == "13"
        {
            let offered: Vec<_> = text(header::SEC_WEBSOCKET_PROTOCOL)
                .split(',')
                .map(str::trim)
                .collect();
            let dialect = dialects
                .iter()
                .copied()
                .find(|dialect| offered.contains(dialect));
            let dialect = dialect.ok_or_else(|| {
                let why = format!(
                    "unable to upgrade: unable to negotiate protocol: client supports {offered:?}, \
                     server accepts {dialects:?}"
                );
                Status::bad_request(why)
            })?;
            return Ok(Self {
                accept: accept_of(key),
                dialect,
            });
        }
        Err(Status::bad_request(
            "unable to upgrade: the WebSocket handshake is malformed",
        ))
    }

    /// Answers, and hands the socket on once the connection is upgraded.
    pub(super) fn accept<F: Future<Output = ()> + Send + 'static>(
        self,
        request: Request<Incoming>,
        serve: impl FnOnce(Socket) -> F + Send + 'static,
    ) -> Response<Body> {
        tokio::spawn(async move {
            // A caller that goes before the upgrade has no more to hear.
            let Ok(upgraded) = hyper::upgrade::on(request).await else {
                return;
            };
            let config = WebSocketConfig::default()
                .max_message_size(Some(MESSAGE_BYTES_MAX))
                .max_frame_size(Some(MESSAGE_BYTES_MAX));
            let io = TokioIo::new(upgraded);
            let socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
            tokio::time::sleep(CLIENTS_READY_WAIT).await;
            serve(socket).await;
        });
        let mut response = Response::new(Body::from(Bytes::new()));
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        let dialect = HeaderValue::from_static(self.dialect);
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, dialect);
        if let Ok(accept) = HeaderValue::from_str(&self.accept) {
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        }
        response
    }
}

fn accept_of(key: &str) -> String {
    let hashed = format!("{key}{MAGIC}");
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, hashed.as_bytes());
    BASE64.encode(hash.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[(&'static str, &'static str)]) -> Result<(String, &'static str), u16> {
        let mut headers = HeaderMap::new();
        for (name, value) in rows {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        let read = Upgrade::read(&headers, &["v5.channel.k8s.io", "v4.channel.k8s.io"]);
        read.map(|upgrade| (upgrade.accept, upgrade.dialect))
            .map_err(|refused| refused.code)
    }

    #[test]
    fn the_best_dialect_that_both_know_is_spoken() {
        let offer = |dialects: &'static str| {
            check(&[
                ("upgrade", "websocket"),
                ("sec-websocket-version", "13"),
                ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ("sec-websocket-protocol", dialects),
            ])
        };
        // The example of RFC 6455, 1.3.
        let accept = || "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_owned();
        let both = "v4.channel.k8s.io, v5.channel.k8s.io";
        assert_eq!(offer(both), Ok((accept(), "v5.channel.k8s.io")));
        assert_eq!(
            offer("v4.channel.k8s.io"),
            Ok((accept(), "v4.channel.k8s.io"))
        );
        assert_eq!(offer("base64.channel.k8s.io"), Err(400));
    }

    #[test]
    fn a_malformed_handshake_is_refused() {
        assert_eq!(
            check(&[("upgrade", "websocket"), ("sec-websocket-key", "x")]),
            Err(400)
        );
    }
}
