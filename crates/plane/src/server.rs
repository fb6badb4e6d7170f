//! The AWS port: a request's body within its limits, then whoever answers it.

use crate::Inner;
use crate::aws;
use crate::connections::{Answers, Peer};
use crate::received::Received;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Response, StatusCode};
use std::net::SocketAddr;
use std::time::Duration;

/// For a request's body.
const BODY_WAIT: Duration = Duration::from_secs(20);

impl Answers for Inner {
    type Body = Full<Bytes>;
    const CONNECTIONS_MAX: usize = 1_024;
    const IN_THE_CLEAR: bool = true;

    async fn answer(&self, request: Request<Incoming>, peer: &Peer) -> Response<Full<Bytes>> {
        answer(self, request, peer.address, peer.over_tls).await
    }
}

async fn answer(
    plane: &Inner,
    request: Request<Incoming>,
    peer: SocketAddr,
    over_tls: bool,
) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let hosts: Vec<_> = parts.headers.get_all(HOST).iter().collect();
    if hosts.len() != 1 {
        return plain(
            StatusCode::BAD_REQUEST,
            "a request has exactly one Host header",
        );
    }
    let other_host = parts.uri.authority().is_some_and(|authority| {
        !hosts[0]
            .as_bytes()
            .eq_ignore_ascii_case(authority.as_str().as_bytes())
    });
    if other_host {
        return plain(
            StatusCode::BAD_REQUEST,
            "the request's target names another host than Host",
        );
    }
    let limited = Limited::new(body, awswire::limits::BODY_BYTES_MAX);
    let body = match tokio::time::timeout(BODY_WAIT, limited.collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(why)) if why.is::<http_body_util::LengthLimitError>() => {
            return closing(plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body is too large",
            ));
        }
        Ok(Err(_)) => return closing(plain(StatusCode::BAD_REQUEST, "the body cannot be read")),
        Err(_) => return closing(plain(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
    };
    let received = Received {
        head: parts,
        body,
        peer,
        over_tls,
    };
    if let Some(local) = crate::local::answer(plane, &received) {
        return local;
    }
    match aws::answer(plane, &received).await {
        Some(answered) => to_http(answered),
        None => plain(
            StatusCode::NOT_FOUND,
            "nothing is here; /readyz, /metrics and the AWS APIs are",
        ),
    }
}

fn to_http(answered: awswire::Response) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(answered.body)));
    *response.status_mut() =
        StatusCode::from_u16(answered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        hyper::header::CONTENT_TYPE,
        HeaderValue::from_static(answered.content_type),
    );
    for (name, value) in answered.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

/// A short text.
pub(crate) fn plain(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    typed(status, "text/plain; charset=utf-8", format!("{text}\n"))
}

/// A body of a type.
pub(crate) fn typed(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(
        hyper::header::CONTENT_TYPE,
        HeaderValue::from_static(content_type),
    );
    response
}

/// What was not read to its end cannot be followed by another request.
fn closing(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    response
        .headers_mut()
        .insert(hyper::header::CONNECTION, HeaderValue::from_static("close"));
    response
}
