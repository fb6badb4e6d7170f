//! Connections from the first byte to the last, with a limit on every wait.
//!
//! Who answers is the listener's own: the AWS port and each cluster's Kubernetes API share this.

mod answered;
mod head;
mod paced;
mod peers;
mod serve;

use crate::limits::Limits;
use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::{Request, Response};
use peers::Peers;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// When the system has no descriptor left: others may fare better a moment later.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// Who answers the requests of a listener.
pub(crate) trait Answers: Send + Sync + 'static {
    /// What its answers are made of.
    type Body: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
        + From<Bytes>
        + Send
        + Unpin
        + 'static;

    /// Whether requests without TLS are answered.
    const IN_THE_CLEAR: bool;

    /// Whether a request is worked on to its end though its peer has gone away. Then nobody listens
    /// for that meanwhile.
    const TO_ITS_END: bool;

    /// Answers one request.
    fn answer(
        &self,
        request: Request<Incoming>,
        peer: &Peer,
    ) -> impl Future<Output = Response<Self::Body>> + Send;

    /// So many connections are open now.
    fn connections(&self, _open: usize) {}
}

/// The other end of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) over_tls: bool,
    /// The certificate that it proved to hold the key of, verified against the listener's authority.
    pub(crate) certificate: Option<Bytes>,
}

/// Accepts connections until told to stop, then waits for those that are open. Dropping it ends them.
pub(crate) async fn listen<A: Answers>(
    answers: Arc<A>,
    listener: TcpListener,
    tls: TlsAcceptor,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) {
    let peers = Peers::new(limits.connections_per_peer_max);
    let mut open = JoinSet::new();
    loop {
        answers.connections(open.len());
        let has_room = open.len() < limits.connections_max;
        let accepted = tokio::select! {
            _ = stop.changed() => break,
            Some(_) = open.join_next() => continue,
            accepted = listener.accept(), if has_room => accepted,
        };
        let Ok((stream, address)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let Some(place) = peers.admit(address.ip().to_canonical()) else {
            continue;
        };
        let connection = serve::Connection {
            answers: Arc::clone(&answers),
            tls: tls.clone(),
            limits,
            stop: stop.clone(),
        };
        open.spawn(async move {
            connection.serve(stream, address).await;
            drop(place);
        });
    }
    drop(listener);
    while open.join_next().await.is_some() {
        answers.connections(open.len());
    }
}
