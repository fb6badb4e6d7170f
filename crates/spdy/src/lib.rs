//! The frames of SPDY/3.1, in which kubectl multiplexes the streams of exec, attach and port-forward.
//!
//! A [`Decoder`] turns the peer's bytes into [`Frame`]s, an [`Encoder`] frames into bytes; both keep
//! the compression of header blocks, which goes on from block to block. Who sends what and when is
//! decided elsewhere: nothing here reads or writes. Windows of flow control are not kept, as none of
//! the peers keeps them; whoever reads slowly slows down the connection.

mod decoder;
mod encoder;
mod frame;
mod headers;

pub use decoder::{Decoder, FRAME_BYTES_MAX, Malformed};
pub use encoder::Encoder;
pub use frame::{Frame, REFUSED_STREAM};
pub use headers::{HEADERS_BYTES_MAX, Headers};
