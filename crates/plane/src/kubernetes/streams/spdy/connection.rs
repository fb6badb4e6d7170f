//! The streams of one SPDY connection.

use bytes::{Bytes, BytesMut};
use spdy::{Decoder, Encoder, Frame, Headers, REFUSED_STREAM};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Streams that a client may send on at a time.
const STREAMS_MAX: usize = 1_000;

/// Pieces that wait for whoever reads a stream; the connection waits with them.
const PIECES_MAX: usize = 16;

/// Frames that wait for a slow client; whoever writes them waits with them.
const FRAMES_MAX: usize = 64;

/// Bytes that are read or written at a time.
const PIECE_BYTES: usize = 32 * 1024;

/// How long a client that was told the end may take to hang up.
const LINGER: Duration = Duration::from_secs(10);

/// A connection on which a client opens streams. What it carries ends when it is dropped.
pub(in super::super) struct Connection {
    opened: mpsc::Receiver<Stream>,
    frames: mpsc::Sender<Frame>,
    reading: JoinHandle<()>,
    writing: JoinHandle<()>,
}

/// A stream that a client has opened.
pub(in super::super) struct Stream {
    pub(in super::super) headers: Headers,
    pub(in super::super) reader: StreamReader,
    pub(in super::super) writer: StreamWriter,
}

/// What the client sends on a stream.
pub(in super::super) struct StreamReader(mpsc::Receiver<Bytes>);

/// What the client is sent on a stream.
pub(in super::super) struct StreamWriter {
    stream: u32,
    frames: mpsc::Sender<Frame>,
    is_reset: Arc<AtomicBool>,
}

impl Connection {
    /// Begins to speak.
    pub(in super::super) fn over(io: impl AsyncRead + AsyncWrite + Send + 'static) -> Self {
        let (from, to) = tokio::io::split(io);
        let (frames, waiting) = mpsc::channel(FRAMES_MAX);
        let (opened, streams) = mpsc::channel(PIECES_MAX);
        let listener = Listener {
            opened,
            frames: frames.clone(),
            sending: HashMap::new(),
        };
        Self {
            opened: streams,
            frames,
            reading: tokio::spawn(listener.listen(from)),
            writing: tokio::spawn(write(to, waiting)),
        }
    }

    /// The next stream that the client opens; `None` when it has hung up.
    pub(in super::super) async fn next(&mut self) -> Option<Stream> {
        self.opened.recv().await
    }

    /// Lets the client read to the end of what it was told, and hang up.
    pub(in super::super) async fn end(mut self) {
        let told = self.frames.send(Frame::GoAway { last: 0 }).await;
        if told.is_ok() {
            let hung_up = async { while self.next().await.is_some() {} };
            let _ = tokio::time::timeout(LINGER, hung_up).await;
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reading.abort();
        self.writing.abort();
    }
}

impl StreamReader {
    /// The next piece; `None` at the end.
    pub(in super::super) async fn next(&mut self) -> Option<Bytes> {
        self.0.recv().await
    }
}

impl StreamWriter {
    /// Sends a piece; false when nobody reads it.
    pub(in super::super) async fn write(&self, bytes: &[u8]) -> bool {
        let frame = Frame::Data {
            stream: self.stream,
            bytes: Bytes::copy_from_slice(bytes),
            fin: false,
        };
        !self.is_reset() && self.frames.send(frame).await.is_ok()
    }

    /// Sends all that there is to read.
    pub(in super::super) async fn copy(&self, mut from: impl AsyncRead + Unpin) {
        let mut piece = vec![0; PIECE_BYTES];
        while let Ok(length @ 1..) = from.read(&mut piece).await {
            if !self.write(&piece[..length]).await {
                return;
            }
        }
    }

    /// Says that this was all.
    pub(in super::super) async fn end(self) {
        let frame = Frame::Data {
            stream: self.stream,
            bytes: Bytes::new(),
            fin: true,
        };
        // Who is gone does not wait for the end.
        let _ = self.frames.send(frame).await;
    }

    /// Whether the client has broken the stream off.
    pub(in super::super) fn is_reset(&self) -> bool {
        self.is_reset.load(Ordering::Relaxed)
    }
}

/// Takes what the client sends.
struct Listener {
    opened: mpsc::Sender<Stream>,
    frames: mpsc::Sender<Frame>,
    /// The streams on which the client may still send.
    sending: HashMap<u32, (mpsc::Sender<Bytes>, Arc<AtomicBool>)>,
}

impl Listener {
    async fn listen(mut self, mut from: impl AsyncRead + Unpin) {
        let (mut decoder, mut piece) = (Decoder::default(), vec![0; PIECE_BYTES]);
        while let Ok(length @ 1..) = from.read(&mut piece).await {
            decoder.push(&piece[..length]);
            loop {
                match decoder.next_frame() {
                    Ok(Some(frame)) => {
                        if self.take(frame).await.is_none() {
                            return;
                        }
                    }
                    Ok(None) => break,
                    Err(_) => return,
                }
            }
        }
    }

    /// Does what a frame says; `None` when the connection is at its end.
    async fn take(&mut self, frame: Frame) -> Option<()> {
        match frame {
            Frame::Open {
                stream,
                headers,
                fin,
            } => self.open(stream, headers, fin).await,
            Frame::Data { stream, bytes, fin } => {
                if let Some((pieces, _)) = self.sending.get(&stream)
                    && !bytes.is_empty()
                {
                    // What nobody reads is dropped.
                    let _ = pieces.send(bytes).await;
                }
                if fin {
                    self.sending.remove(&stream);
                }
                Some(())
            }
            Frame::Reset { stream, .. } => {
                if let Some((_, is_reset)) = self.sending.remove(&stream) {
                    is_reset.store(true, Ordering::Relaxed);
                }
                Some(())
            }
            Frame::Ping(number) => self.frames.send(Frame::Ping(number)).await.ok(),
            Frame::Reply { .. } | Frame::GoAway { .. } => Some(()),
        }
    }

    async fn open(&mut self, stream: u32, headers: Headers, fin: bool) -> Option<()> {
        if self.sending.len() >= STREAMS_MAX || self.sending.contains_key(&stream) {
            let status = REFUSED_STREAM;
            return self.frames.send(Frame::Reset { stream, status }).await.ok();
        }
        let (pieces, reader) = mpsc::channel(PIECES_MAX);
        let is_reset = Arc::new(AtomicBool::new(false));
        if !fin {
            self.sending.insert(stream, (pieces, Arc::clone(&is_reset)));
        }
        // Clients drop what comes before the reply.
        let reply = Frame::Reply { stream, fin: false };
        self.frames.send(reply).await.ok()?;
        let writer = StreamWriter {
            stream,
            frames: self.frames.clone(),
            is_reset,
        };
        let opened = Stream {
            headers,
            reader: StreamReader(reader),
            writer,
        };
        self.opened.send(opened).await.ok()
    }
}

async fn write(mut to: impl AsyncWrite + Unpin, mut frames: mpsc::Receiver<Frame>) {
    let (mut encoder, mut bytes) = (Encoder::default(), BytesMut::new());
    while let Some(frame) = frames.recv().await {
        encoder.write(&frame, &mut bytes);
        while bytes.len() < PIECE_BYTES
            && let Ok(frame) = frames.try_recv()
        {
            encoder.write(&frame, &mut bytes);
        }
        if to.write_all(&bytes).await.is_err() || to.flush().await.is_err() {
            return;
        }
        bytes.clear();
    }
}

#[cfg(test)]
mod tests;
