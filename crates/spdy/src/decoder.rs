//! From bytes to frames.

use crate::frame::{FIN, Frame, GOAWAY, HEADERS, PING, RST_STREAM, SYN_REPLY, SYN_STREAM, VERSION};
use crate::headers::{DICTIONARY, HEADERS_BYTES_MAX, Headers};
use bytes::{Buf, Bytes, BytesMut};
use flate2::{Decompress, FlushDecompress};

/// Longest frame, its head left out.
pub const FRAME_BYTES_MAX: usize = 1024 * 1024;

/// The head of every frame.
const HEAD_BYTES: usize = 8;

/// Bytes of headers that are inflated at a time.
const PIECE_BYTES: usize = 4 * 1024;

/// Why what a peer sends cannot be read. Nothing after it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A control frame of another protocol.
    #[error("a frame is of SPDY/{0}, SPDY/3 is spoken")]
    Version(u16),
    /// A frame is too long.
    #[error("a frame has {0} bytes, {FRAME_BYTES_MAX} are allowed")]
    TooLong(usize),
    /// A frame is shorter than its type is.
    #[error("a frame of type {0} is too short")]
    TooShort(u16),
    /// Compressed headers cannot be inflated.
    #[error("headers cannot be inflated")]
    Compression,
    /// The headers are too long.
    #[error("headers have more than {HEADERS_BYTES_MAX} bytes")]
    TooManyHeaders,
    /// The headers are no pairs of names and values.
    #[error("headers are no names and values")]
    Headers,
}

/// Reads the frames of a peer.
#[derive(Debug)]
pub struct Decoder {
    read: BytesMut,
    inflate: Decompress,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            read: BytesMut::new(),
            inflate: Decompress::new(true),
        }
    }
}

impl Decoder {
    /// Takes bytes of the peer.
    pub fn push(&mut self, bytes: &[u8]) {
        self.read.extend_from_slice(bytes);
    }

    /// The next frame, once it has come as a whole. Frames that tell nothing are passed over.
    ///
    /// # Errors
    /// When the peer speaks something else; nothing can be read from it any more.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Malformed> {
        while let Some((head, body)) = self.whole()? {
            if let Some(frame) = self.frame(head, body)? {
                return Ok(Some(frame));
            }
        }
        Ok(None)
    }

    fn whole(&mut self) -> Result<Option<(Head, Bytes)>, Malformed> {
        let Some(mut bytes) = self.read.get(..HEAD_BYTES) else {
            return Ok(None);
        };
        let head = Head {
            first: bytes.get_u32(),
            flags: bytes[0],
        };
        let length = usize::try_from(bytes.get_u32() & 0x00ff_ffff).unwrap_or(usize::MAX);
        if length > FRAME_BYTES_MAX {
            return Err(Malformed::TooLong(length));
        }
        if self.read.len() < HEAD_BYTES + length {
            return Ok(None);
        }
        self.read.advance(HEAD_BYTES);
        Ok(Some((head, self.read.split_to(length).freeze())))
    }

    fn frame(&mut self, head: Head, mut body: Bytes) -> Result<Option<Frame>, Malformed> {
        let fin = head.flags & FIN != 0;
        let Some(kind) = head.kind()? else {
            return Ok(Some(Frame::Data {
                stream: head.first,
                bytes: body,
                fin,
            }));
        };
        let number = |body: &mut Bytes| body.try_get_u32().map_err(|_| Malformed::TooShort(kind));
        Ok(match kind {
            SYN_STREAM => {
                let stream = number(&mut body)? & STREAM;
                // The stream that it belongs to, its priority and its slot say nothing here.
                let _ = number(&mut body)?;
                let _ = body.try_get_u16().map_err(|_| Malformed::TooShort(kind))?;
                let headers = self.headers(&body)?;
                Some(Frame::Open {
                    stream,
                    headers,
                    fin,
                })
            }
            SYN_REPLY => {
                let stream = number(&mut body)? & STREAM;
                self.headers(&body)?;
                Some(Frame::Reply { stream, fin })
            }
            RST_STREAM => Some(Frame::Reset {
                stream: number(&mut body)? & STREAM,
                status: number(&mut body)?,
            }),
            PING => Some(Frame::Ping(number(&mut body)?)),
            GOAWAY => Some(Frame::GoAway {
                last: number(&mut body)? & STREAM,
            }),
            HEADERS => {
                // They are not asked for, but the next block is compressed by what stands in them.
                let _ = number(&mut body)?;
                self.headers(&body)?;
                None
            }
            // Settings and windows.
            _ => None,
        })
    }

    fn headers(&mut self, block: &[u8]) -> Result<Headers, Malformed> {
        Headers::read(&self.inflate(block)?).ok_or(Malformed::Headers)
    }

    fn inflate(&mut self, mut block: &[u8]) -> Result<Vec<u8>, Malformed> {
        let mut inflated = Vec::new();
        let mut piece = [0; PIECE_BYTES];
        loop {
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let step = self
                .inflate
                .decompress(block, &mut piece, FlushDecompress::Sync);
            let count =
                |from: u64, to: u64| usize::try_from(to - from).map_err(|_| Malformed::Compression);
            let taken = count(read, self.inflate.total_in())?;
            let made = count(written, self.inflate.total_out())?;
            block = block.get(taken..).ok_or(Malformed::Compression)?;
            inflated.extend_from_slice(&piece[..made]);
            if inflated.len() > HEADERS_BYTES_MAX {
                return Err(Malformed::TooManyHeaders);
            }
            match step {
                Err(error) if error.needs_dictionary().is_some() => {
                    let set = self.inflate.set_dictionary(DICTIONARY);
                    set.map_err(|_| Malformed::Compression)?;
                }
                Err(_) => return Err(Malformed::Compression),
                // What fills the piece may have more behind it.
                Ok(_) if made == PIECE_BYTES => {}
                Ok(_) if block.is_empty() => return Ok(inflated),
                Ok(_) if taken == 0 && made == 0 => return Err(Malformed::Compression),
                Ok(_) => {}
            }
        }
    }
}

/// The bits of a number that name a stream.
const STREAM: u32 = 0x7fff_ffff;

#[derive(Debug, Clone, Copy)]
struct Head {
    first: u32,
    flags: u8,
}

impl Head {
    /// The type of a control frame; `None` for data.
    fn kind(self) -> Result<Option<u16>, Malformed> {
        if self.first & !STREAM == 0 {
            return Ok(None);
        }
        let [high, low, kind @ ..] = self.first.to_be_bytes();
        match u16::from_be_bytes([high & 0x7f, low]) {
            VERSION => Ok(Some(u16::from_be_bytes(kind))),
            other => Err(Malformed::Version(other)),
        }
    }
}

#[cfg(test)]
mod tests;
