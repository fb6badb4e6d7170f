//! The listener: HTTP and TLS on one port, told apart by their first byte, with a limit on every wait.

use crate::Inner;
use crate::aws;
use crate::received::Received;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::sync::watch;

/// Connections at a time; more wait in the system's queue.
const CONNECTIONS_MAX: usize = 1_024;
/// Until the first byte of a connection.
const FIRST_BYTE_WAIT: Duration = Duration::from_secs(10);
/// For a request's head.
const HEAD_WAIT: Duration = Duration::from_secs(10);
/// For a request's body.
const BODY_WAIT: Duration = Duration::from_secs(20);
/// For a TLS handshake.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(10);
/// The first byte of a TLS handshake record.
const TLS_HANDSHAKE: u8 = 0x16;

/// Accepts connections until told to stop; each is served on its own.
pub(crate) async fn listen(
    plane: Arc<Inner>,
    listener: TcpListener,
    tls: tokio_rustls::TlsAcceptor,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        // Out of descriptors or reset at once: others may fare better a moment later.
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let (plane, tls, stop) = (Arc::clone(&plane), tls.clone(), stop.clone());
        tokio::spawn(async move {
            connection(plane, stream, peer, tls, stop).await;
            drop(place);
        });
    }
}

async fn connection(
    plane: Arc<Inner>,
    stream: TcpStream,
    peer: SocketAddr,
    tls: tokio_rustls::TlsAcceptor,
    stop: watch::Receiver<bool>,
) {
    let mut first = [0];
    let Ok(Ok(1)) = tokio::time::timeout(FIRST_BYTE_WAIT, stream.peek(&mut first)).await else {
        return;
    };
    // Small answers go out at once.
    let _ = stream.set_nodelay(true);
    if first[0] == TLS_HANDSHAKE {
        let shaken = tokio::time::timeout(HANDSHAKE_WAIT, tls.accept(stream)).await;
        if let Ok(Ok(stream)) = shaken {
            serve(plane, TokioIo::new(stream), peer, true, stop).await;
        }
    } else {
        serve(plane, TokioIo::new(stream), peer, false, stop).await;
    }
}

async fn serve<S>(
    plane: Arc<Inner>,
    stream: S,
    peer: SocketAddr,
    over_tls: bool,
    mut stop: watch::Receiver<bool>,
) where
    S: hyper::rt::Read + hyper::rt::Write + Unpin,
{
    let service = service_fn(move |request| {
        let plane = Arc::clone(&plane);
        async move { Ok::<_, std::convert::Infallible>(answer(&plane, request, peer, over_tls).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .serve_connection(stream, service);
    let mut served = std::pin::pin!(served);
    tokio::select! {
        // However it ended, the connection is over and nobody is left to tell.
        _ = served.as_mut() => return,
        _ = stop.changed() => served.as_mut().graceful_shutdown(),
    }
    let _ = served.await;
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
