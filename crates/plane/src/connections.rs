//! Connections from the first byte to the last, with a limit on every wait.
//!
//! Who answers is the listener's own: the AWS port and each cluster's Kubernetes API share this.

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::sync::watch;

/// Until the first byte of a connection.
const FIRST_BYTE_WAIT: Duration = Duration::from_secs(10);
/// For a request's head.
const HEAD_WAIT: Duration = Duration::from_secs(10);
/// For a TLS handshake.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(10);
/// The first byte of a TLS handshake record.
const TLS_HANDSHAKE: u8 = 0x16;

/// Who answers the requests of a listener.
pub(crate) trait Answers: Send + Sync + 'static {
    /// What its answers are made of.
    type Body: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
        + Send
        + 'static;

    /// Connections at a time; more wait in the system's queue.
    const CONNECTIONS_MAX: usize;

    /// Whether requests without TLS are answered.
    const IN_THE_CLEAR: bool;

    /// Answers one request.
    fn answer(
        &self,
        request: Request<Incoming>,
        peer: &Peer,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// The other end of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) over_tls: bool,
    /// The certificate that it proved to hold the key of, verified against the listener's authority.
    pub(crate) certificate: Option<Bytes>,
}

/// Accepts connections until told to stop; each is served on its own.
pub(crate) async fn listen<A: Answers>(
    answers: Arc<A>,
    listener: TcpListener,
    tls: tokio_rustls::TlsAcceptor,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(A::CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        // Out of descriptors or reset at once: others may fare better a moment later.
        let Ok((stream, address)) = accepted else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let (answers, tls, stop) = (Arc::clone(&answers), tls.clone(), stop.clone());
        tokio::spawn(async move {
            connection(answers, stream, address, tls, stop).await;
            drop(place);
        });
    }
}

async fn connection<A: Answers>(
    answers: Arc<A>,
    stream: TcpStream,
    address: SocketAddr,
    tls: tokio_rustls::TlsAcceptor,
    stop: watch::Receiver<bool>,
) {
    let mut first = [0];
    let Ok(Ok(1)) = tokio::time::timeout(FIRST_BYTE_WAIT, stream.peek(&mut first)).await else {
        return;
    };
    // Small answers go out at once.
    let _ = stream.set_nodelay(true);
    let over_tls = first[0] == TLS_HANDSHAKE;
    let mut peer = Peer {
        address,
        over_tls,
        certificate: None,
    };
    if over_tls {
        let shaken = tokio::time::timeout(HANDSHAKE_WAIT, tls.accept(stream)).await;
        if let Ok(Ok(stream)) = shaken {
            let chain = stream.get_ref().1.peer_certificates();
            let leaf = chain.and_then(<[_]>::first);
            peer.certificate = leaf.map(|leaf| Bytes::copy_from_slice(leaf));
            serve(answers, TokioIo::new(stream), peer, stop).await;
        }
    } else if A::IN_THE_CLEAR {
        serve(answers, TokioIo::new(stream), peer, stop).await;
    }
}

async fn serve<A: Answers, S>(
    answers: Arc<A>,
    stream: S,
    peer: Peer,
    mut stop: watch::Receiver<bool>,
) where
    S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let peer = Arc::new(peer);
    let service = service_fn(move |request| {
        let (answers, peer) = (Arc::clone(&answers), Arc::clone(&peer));
        async move { Ok::<_, std::convert::Infallible>(answers.answer(request, &peer).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .serve_connection(stream, service)
        .with_upgrades();
    let mut served = std::pin::pin!(served);
    tokio::select! {
        // However it ended, the connection is over and nobody is left to tell.
        _ = served.as_mut() => return,
        _ = stop.changed() => served.as_mut().graceful_shutdown(),
    }
    let _ = served.await;
}
