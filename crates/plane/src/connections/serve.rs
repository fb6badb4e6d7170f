//! One connection: HTTP or TLS by its first byte, requests one after the other, and its end.

use super::answered::Answered;
use super::head::HeadFault;
use super::paced::{Paced, Turn};
use super::{Answers, Peer};
use crate::limits::Limits;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// The first byte of a TLS handshake record.
const TLS_HANDSHAKE: u8 = 0x16;

/// Bytes of a request's head; AWS's own endpoints take less.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// What a connection is served with.
pub(super) struct Connection<A> {
    pub(super) answers: Arc<A>,
    pub(super) tls: TlsAcceptor,
    pub(super) limits: Limits,
    pub(super) stop: watch::Receiver<bool>,
}

impl<A: Answers> Connection<A> {
    /// Serves a connection to its end.
    pub(super) async fn serve(mut self, stream: TcpStream, address: SocketAddr) {
        let mut first = [0];
        tokio::select! {
            peeked = timeout(self.limits.first_byte_wait, stream.peek(&mut first)) => {
                let Ok(Ok(1)) = peeked else { return };
            }
            _ = self.stop.changed() => return,
        }
        // Small answers go out at once.
        let _ = stream.set_nodelay(true);
        let mut peer = Peer {
            address,
            over_tls: first[0] == TLS_HANDSHAKE,
            certificate: None,
        };
        if peer.over_tls {
            let shaken = timeout(self.limits.handshake_wait, self.tls.accept(stream)).await;
            if let Ok(Ok(stream)) = shaken {
                let chain = stream.get_ref().1.peer_certificates();
                let leaf = chain.and_then(<[_]>::first);
                peer.certificate = leaf.map(|leaf| Bytes::copy_from_slice(leaf));
                self.requests(stream, peer).await;
            }
        } else if A::IN_THE_CLEAR {
            self.requests(stream, peer).await;
        }
    }

    async fn requests<S>(mut self, stream: S, peer: Peer)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let turn = Turn::default();
        let stream = Paced::new(stream, turn.clone(), self.limits);
        let (of_service, answers, peer) = (turn.clone(), self.answers, Arc::new(peer));
        let service = service_fn(move |request| {
            let (answers, peer) = (Arc::clone(&answers), Arc::clone(&peer));
            let turn = of_service.clone();
            async move {
                let response = respond(&*answers, request, &peer, &turn).await;
                Ok::<_, Infallible>(Answered::watch(response, &turn))
            }
        });
        let served = hyper::server::conn::http1::Builder::new()
            .max_buf_size(HEAD_BYTES_MAX)
            .half_close(A::TO_ITS_END)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut served = std::pin::pin!(served);
        tokio::select! {
            // However it ended, the connection is over and nobody is left to tell.
            _ = served.as_mut() => return,
            _ = self.stop.changed() => {}
        }
        if turn.is_untouched() {
            return;
        }
        // An idle connection ends here; one with a request ends after its answer.
        served.as_mut().graceful_shutdown();
        let _ = served.await;
    }
}

async fn respond<A: Answers>(
    answers: &A,
    request: Request<Incoming>,
    peer: &Peer,
    turn: &Turn,
) -> Response<A::Body> {
    let Some(head) = turn.begin_answer() else {
        return refuse("where a request ends and the next begins is unclear\n");
    };
    let mut response = match head.fault {
        None => answers.answer(request, peer).await,
        Some(HeadFault::BareLineFeed) => refuse("each line of a request's head ends in CR LF\n"),
        Some(HeadFault::TwoLengths) => {
            refuse("a request has Content-Length or Transfer-Encoding, not both\n")
        }
    };
    if head.is_last {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}

fn refuse<B: From<Bytes>>(fault: &'static str) -> Response<B> {
    let mut response = Response::new(Bytes::from_static(fault.as_bytes()).into());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
