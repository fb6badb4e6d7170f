//! One request: its host, its body, and who answers it.

use super::AwsPort;
use super::reply::{closing, of_aws, plain};
use crate::connections::Peer;
use crate::limits::Limits;
use crate::received::Received;
use crate::{Inner, aws, health, local};
use bytes::{Bytes, BytesMut};
use futures_util::future::poll_immediate;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::header::HOST;
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use std::pin::{Pin, pin};
use std::sync::Arc;
use tokio::time::timeout;

/// Answers a request.
pub(super) async fn answer(
    port: &AwsPort,
    request: Request<Incoming>,
    peer: &Peer,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    if let Some(fault) = host_fault(&head) {
        return closing(plain(StatusCode::BAD_REQUEST, fault));
    }
    let body = match read_body(body, &port.limits).await {
        Ok(body) => body,
        Err(refused) => return closing(refused),
    };
    let received = Received {
        head,
        body,
        peer: peer.address,
        over_tls: peer.over_tls,
    };
    let plane = Arc::clone(&port.plane);
    to_its_end(Box::pin(async move { by_path(&plane, &received).await })).await
}

async fn by_path(plane: &Inner, received: &Received) -> Response<Full<Bytes>> {
    if let Some(answer) = health::answer(plane, received).await {
        return answer;
    }
    if let Some(answer) = local::answer(plane, received).await {
        return answer;
    }
    match aws::answer(plane, received).await {
        Some(answered) => of_aws(answered),
        None => plain(
            StatusCode::NOT_FOUND,
            "nothing is here; /readyz, /metrics and the AWS APIs are",
        ),
    }
}

/// One Host, and no other in the request's target.
fn host_fault(head: &Parts) -> Option<&'static str> {
    let mut hosts = head.headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Some("a request has exactly one Host header");
    };
    let target = head.uri.authority()?;
    let is_same = host
        .as_bytes()
        .eq_ignore_ascii_case(target.as_str().as_bytes());
    (!is_same).then_some("the request's target names another host than Host")
}

/// Reads a body of bounded length, which may neither pause nor go on for long.
async fn read_body(body: Incoming, limits: &Limits) -> Result<Bytes, Response<Full<Bytes>>> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > awswire::limits::BODY_BYTES_MAX as u64 {
        return Err(too_large());
    }
    let mut gathering = pin!(gather(body, limits));
    // Most bodies are there already, and need no clock.
    if let Some(gathered) = poll_immediate(gathering.as_mut()).await {
        return gathered;
    }
    match timeout(limits.body_wait, gathering).await {
        Ok(gathered) => gathered,
        Err(_) => Err(too_slow()),
    }
}

async fn gather(mut body: Incoming, limits: &Limits) -> Result<Bytes, Response<Full<Bytes>>> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    loop {
        let frame = match poll_immediate(body.frame()).await {
            Some(frame) => frame,
            None => {
                let waited = timeout(limits.body_pause, body.frame()).await;
                waited.map_err(|_| too_slow())?
            }
        };
        let part = match frame {
            None => break,
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            Some(Err(_)) => {
                return Err(plain(StatusCode::BAD_REQUEST, "the body cannot be read"));
            }
        };
        if first.len() + rest.len() + part.len() > awswire::limits::BODY_BYTES_MAX {
            return Err(too_large());
        }
        match first.is_empty() {
            true => first = part,
            false => rest.extend_from_slice(&part),
        }
    }
    // Most bodies come in one part, which is not copied.
    if rest.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok(whole.freeze())
}

fn too_large() -> Response<Full<Bytes>> {
    plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large")
}

fn too_slow() -> Response<Full<Bytes>> {
    plain(StatusCode::REQUEST_TIMEOUT, "the body took too long")
}

/// Runs a request's work to its end, also when the peer goes away in the middle: a change that was
/// begun is in the world and in the audit file. Work that waits for nothing costs no task.
async fn to_its_end<T: Send + 'static>(mut work: Pin<Box<dyn Future<Output = T> + Send>>) -> T {
    if let Some(done) = poll_immediate(work.as_mut()).await {
        return done;
    }
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(ended) => std::panic::resume_unwind(ended.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use tokio::sync::Notify;

    /// A request's work is moved into a box, and so is copied with the room for all that it may come to.
    #[test]
    fn a_request_carries_no_room_for_what_is_rare() {
        fn room<'a, F>(_: impl Fn(&'a Inner, &'a Received) -> F) -> usize {
            size_of::<F>()
        }
        let bytes = room(by_path);
        assert!(bytes < 4_096, "{bytes} bytes");
    }

    #[tokio::test]
    async fn work_that_was_begun_ends_though_nobody_waits_for_it() {
        let (go, ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let is_done = Arc::new(AtomicBool::new(false));
        let work = {
            let (go, ended, is_done) = (Arc::clone(&go), Arc::clone(&ended), Arc::clone(&is_done));
            async move {
                go.notified().await;
                is_done.store(true, Ordering::SeqCst);
                ended.notify_one();
            }
        };
        let abandoned = tokio::spawn(to_its_end(Box::pin(work)));
        tokio::task::yield_now().await;
        abandoned.abort();
        let _ = abandoned.await;
        go.notify_one();
        ended.notified().await;
        assert!(is_done.load(Ordering::SeqCst));
    }
}
