//! A plane with short waits, and bytes sent to it as no client would.

use plane::{Limits, Options, Plane, PlaneConfig, Running, StateFolder};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Far above every limit of a test, and above what a busy machine adds.
pub(crate) const AT_MOST: Duration = Duration::from_secs(60);

/// Short enough for a test, long enough that a busy machine's ordinary request fits.
pub(crate) const SHORT: Duration = Duration::from_millis(700);

/// Limits that end soon.
pub(crate) fn short() -> Limits {
    Limits {
        first_byte_wait: SHORT,
        handshake_wait: SHORT,
        head_wait: SHORT,
        body_pause: SHORT,
        body_wait: SHORT * 2,
        idle_wait: SHORT,
        write_wait: SHORT,
        linger_wait: AT_MOST,
        ..Limits::default()
    }
}

/// One account without a cluster.
pub(crate) fn config() -> PlaneConfig {
    let declared = r#"{ "accounts": [{ "alias": "ci", "id": "111111111111" }], "clusters": [] }"#;
    serde_json::from_str(declared).expect("a configuration")
}

/// A free port, nothing kept.
pub(crate) fn options(limits: Limits) -> Options {
    Options {
        listen: "127.0.0.1:0".parse().expect("an address"),
        state: StateFolder::Ephemeral,
        allow_private_issuers: false,
        issuer_ca: None,
        token_lifetime_max: oidc::Lifetime::MAX,
        pods: None,
        limits,
    }
}

pub(crate) async fn start(limits: Limits) -> Running {
    Plane::start(config(), options(limits))
        .await
        .expect("a plane")
}

pub(crate) async fn connect(plane: &Running) -> TcpStream {
    TcpStream::connect(plane.address())
        .await
        .expect("a connection")
}

/// Everything that comes until the plane closes the connection; a reset ends it as well.
pub(crate) async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(AT_MOST, stream.read_to_end(&mut bytes)).await;
    let _ = read.expect("the plane ends the connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends bytes on a connection of their own, and reads until the plane ends it.
pub(crate) async fn sent(plane: &Running, bytes: &[u8]) -> String {
    let mut stream = connect(plane).await;
    stream.write_all(bytes).await.expect("bytes are taken");
    rest(&mut stream).await
}

/// Whether the plane answers somebody else now.
pub(crate) async fn answers(plane: &Running) -> bool {
    let asked = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    sent(plane, asked).await.starts_with("HTTP/1.1 200 ")
}
