//! From frames to bytes.

use crate::frame::{FIN, Frame, GOAWAY, PING, RST_STREAM, SYN_REPLY, SYN_STREAM, VERSION};
use crate::headers::{DICTIONARY, Headers};
use bytes::{BufMut, BytesMut};
use flate2::{Compress, Compression, FlushCompress};

/// Writes frames for a peer.
#[derive(Debug)]
pub struct Encoder {
    deflate: Compress,
}

impl Default for Encoder {
    fn default() -> Self {
        let mut deflate = Compress::new(Compression::fast(), true);
        // Only a compression that has begun refuses it.
        let _ = deflate.set_dictionary(DICTIONARY);
        Self { deflate }
    }
}

impl Encoder {
    /// Appends a frame.
    pub fn write(&mut self, frame: &Frame, to: &mut BytesMut) {
        match frame {
            Frame::Open {
                stream,
                headers,
                fin,
            } => {
                let block = self.deflate(headers);
                control(SYN_STREAM, flags(*fin), 10 + block.len(), to);
                to.put_u32(*stream);
                to.put_bytes(0, 6);
                to.put_slice(&block);
            }
            Frame::Reply { stream, fin } => {
                let block = self.deflate(&Headers::default());
                control(SYN_REPLY, flags(*fin), 4 + block.len(), to);
                to.put_u32(*stream);
                to.put_slice(&block);
            }
            Frame::Reset { stream, status } => {
                control(RST_STREAM, 0, 8, to);
                to.put_u32(*stream);
                to.put_u32(*status);
            }
            Frame::Ping(number) => {
                control(PING, 0, 4, to);
                to.put_u32(*number);
            }
            Frame::GoAway { last } => {
                control(GOAWAY, 0, 8, to);
                to.put_u32(*last);
                to.put_u32(0);
            }
            Frame::Data { stream, bytes, fin } => {
                to.put_u32(*stream);
                length(flags(*fin), bytes.len(), to);
                to.put_slice(bytes);
            }
        }
    }

    fn deflate(&mut self, headers: &Headers) -> Vec<u8> {
        let block = headers.block();
        // Incompressible bytes grow by less than this, so that one step is enough.
        let mut deflated = Vec::with_capacity(block.len() + block.len() / 8 + 128);
        let step = self
            .deflate
            .compress_vec(&block, &mut deflated, FlushCompress::Sync);
        debug_assert!(step.is_ok(), "compression into memory does not fail");
        deflated
    }
}

fn flags(fin: bool) -> u8 {
    if fin { FIN } else { 0 }
}

fn control(kind: u16, flags: u8, bytes: usize, to: &mut BytesMut) {
    to.put_u16(0x8000 | VERSION);
    to.put_u16(kind);
    length(flags, bytes, to);
}

fn length(flags: u8, bytes: usize, to: &mut BytesMut) {
    let length = u32::try_from(bytes).unwrap_or(u32::MAX) & 0x00ff_ffff;
    to.put_u32(u32::from(flags) << 24 | length);
}
