//! How long the listener waits for a peer, and how much of one it takes.

use std::time::Duration;

/// Connections at a time; more wait in the system's queue.
const CONNECTIONS_MAX: usize = 1_024;
/// Connections of one address at a time: half, so that one peer leaves room for others.
const CONNECTIONS_PER_PEER_MAX: usize = CONNECTIONS_MAX / 2;
/// Until the first byte of a connection.
const FIRST_BYTE_WAIT: Duration = Duration::from_secs(10);
/// For a TLS handshake.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(10);
/// From the first byte of a request's head to its last.
const HEAD_WAIT: Duration = Duration::from_secs(10);
/// Between two parts of a body.
const BODY_PAUSE: Duration = Duration::from_secs(5);
/// For the whole of a body.
const BODY_WAIT: Duration = Duration::from_secs(20);
/// Between two requests: longer than AWS's clients keep a connection for reuse.
const IDLE_WAIT: Duration = Duration::from_secs(75);
/// For a peer to hear why its request was not read to the end.
const LINGER_WAIT: Duration = Duration::from_secs(2);
/// For a peer to take some more of its answer.
const WRITE_WAIT: Duration = Duration::from_secs(20);

/// The bounds of the listener. [`Limits::default`] is what a plane has; tests shorten the waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time.
    pub connections_max: usize,
    /// Connections of one address at a time.
    pub connections_per_peer_max: usize,
    /// Until the first byte of a connection.
    pub first_byte_wait: Duration,
    /// For a TLS handshake.
    pub handshake_wait: Duration,
    /// From the first byte of a request's head to its last.
    pub head_wait: Duration,
    /// Between two parts of a body.
    pub body_pause: Duration,
    /// For the whole of a body.
    pub body_wait: Duration,
    /// Between two requests.
    pub idle_wait: Duration,
    /// For a peer to take some more of its answer.
    pub write_wait: Duration,
    /// For a peer to hear why its request was not read to the end.
    pub linger_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: CONNECTIONS_MAX,
            connections_per_peer_max: CONNECTIONS_PER_PEER_MAX,
            first_byte_wait: FIRST_BYTE_WAIT,
            handshake_wait: HANDSHAKE_WAIT,
            head_wait: HEAD_WAIT,
            body_pause: BODY_PAUSE,
            body_wait: BODY_WAIT,
            idle_wait: IDLE_WAIT,
            write_wait: WRITE_WAIT,
            linger_wait: LINGER_WAIT,
        }
    }
}
