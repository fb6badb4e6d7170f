//! The upgrade of a request to SPDY, which clients speak that know no WebSocket.

mod connection;
mod conversation;

pub(super) use connection::{Connection, Stream, StreamWriter};
pub(super) use conversation::{Wanted, fail, talk};

use apiserver::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use objects::Status;

/// What clients write into `Upgrade`.
const PROTOCOL: &str = "SPDY/3.1";

/// Where clients list what they speak over it.
const DIALECT: &str = "x-stream-protocol-version";

/// A request that can be upgraded.
#[derive(Debug)]
pub(super) struct Upgrade {
    dialect: &'static str,
}

impl Upgrade {
    /// Whether a request asks for it at all.
    pub(super) fn is_asked(headers: &HeaderMap) -> bool {
        let upgrade = headers.get(header::UPGRADE);
        upgrade.is_some_and(|asked| asked.as_bytes().eq_ignore_ascii_case(PROTOCOL.as_bytes()))
    }

    /// Reads whether a request offers the dialect.
    ///
    /// # Errors
    /// 400 for a request that offers others.
    pub(super) fn read(headers: &HeaderMap, dialect: &'static str) -> Result<Self, Status> {
        let offered = headers.get_all(DIALECT).iter();
        let offered: Vec<_> = offered
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        if offered.contains(&dialect) {
            return Ok(Self { dialect });
        }
        Err(Status::bad_request(format!(
            "unable to upgrade: unable to negotiate protocol: client supports {offered:?}, server \
             accepts {:?}",
            [dialect]
        )))
    }

    /// Answers, and hands the connection on once it is upgraded.
    pub(super) fn accept<F: Future<Output = ()> + Send + 'static>(
        self,
        request: Request<Incoming>,
        serve: impl FnOnce(Connection) -> F + Send + 'static,
    ) -> Response<Body> {
        tokio::spawn(async move {
            // A caller that goes before the upgrade has no more to hear.
            let Ok(upgraded) = hyper::upgrade::on(request).await else {
                return;
            };
            serve(Connection::over(TokioIo::new(upgraded))).await;
        });
        let mut response = Response::new(Body::from(Bytes::new()));
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static(PROTOCOL));
        headers.insert(DIALECT, HeaderValue::from_static(self.dialect));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialect_is_among_those_that_are_offered() {
        let mut headers = HeaderMap::new();
        headers.insert(header::UPGRADE, HeaderValue::from_static("spdy/3.1"));
        assert!(Upgrade::is_asked(&headers));
        let read = |headers: &HeaderMap| Upgrade::read(headers, "v4.channel.k8s.io").is_ok();
        assert!(!read(&headers), "nothing is offered");
        headers.append(DIALECT, HeaderValue::from_static("v5.channel.k8s.io"));
        assert!(!read(&headers));
        headers.append(DIALECT, HeaderValue::from_static("v4.channel.k8s.io, v3"));
        assert!(read(&headers));
    }

    #[test]
    fn a_websocket_is_another_protocol() {
        let mut headers = HeaderMap::new();
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        assert!(!Upgrade::is_asked(&headers));
    }
}
