//! What peers tell each other.

use crate::headers::Headers;
use bytes::Bytes;

/// The status of a reset by which a stream is refused.
pub const REFUSED_STREAM: u32 = 3;

/// The version in the head of control frames; 3.1 differs from it in windows alone.
pub(crate) const VERSION: u16 = 3;

/// The bit that says that the sender has sent all of a stream.
pub(crate) const FIN: u8 = 1;

pub(crate) const SYN_STREAM: u16 = 1;
pub(crate) const SYN_REPLY: u16 = 2;
pub(crate) const RST_STREAM: u16 = 3;
pub(crate) const PING: u16 = 6;
pub(crate) const GOAWAY: u16 = 7;
pub(crate) const HEADERS: u16 = 8;

/// What one peer tells the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A stream is opened.
    Open {
        /// Its number: odd when a client opens it.
        stream: u32,
        /// What it is for.
        headers: Headers,
        /// Whoever opens it sends nothing on it.
        fin: bool,
    },
    /// A stream is accepted.
    Reply {
        /// Its number.
        stream: u32,
        /// Whoever accepts it sends nothing on it.
        fin: bool,
    },
    /// A stream ends at once, both ways.
    Reset {
        /// Its number.
        stream: u32,
        /// Why.
        status: u32,
    },
    /// To be sent back as it is.
    Ping(u32),
    /// No more streams are accepted.
    GoAway {
        /// The last one that was.
        last: u32,
    },
    /// A piece of a stream.
    Data {
        /// Its number.
        stream: u32,
        /// The bytes.
        bytes: Bytes,
        /// This was all.
        fin: bool,
    },
}
