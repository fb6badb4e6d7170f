//! A WebSocket as a plain stream of bytes: another protocol speaks through it.

use super::Socket;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_tungstenite::tungstenite::Message;

/// Bytes that wait for either side, and bytes of a message.
const PIECE_BYTES_MAX: usize = 64 * 1024;

/// How long a client that was told the end may take to hang up.
const LINGER: Duration = Duration::from_secs(10);

/// The bytes of all binary messages, both ways.
pub(in super::super) fn tunnel(socket: Socket) -> DuplexStream {
    let (inner, outer) = tokio::io::duplex(PIECE_BYTES_MAX);
    tokio::spawn(carry(socket, outer));
    inner
}

async fn carry(socket: Socket, stream: DuplexStream) {
    let (mut sending, mut receiving) = socket.split();
    let (mut from_us, mut to_us) = tokio::io::split(stream);
    let heard = async {
        while let Some(Ok(message)) = receiving.next().await {
            let written = match message {
                Message::Binary(bytes) => to_us.write_all(&bytes).await,
                Message::Close(_) => return,
                Message::Text(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {
                    Ok(())
                }
            };
            if written.is_err() {
                return;
            }
        }
    };
    let told = async {
        let mut piece = vec![0; PIECE_BYTES_MAX];
        while let Ok(length @ 1..) = from_us.read(&mut piece).await {
            let message = Message::Binary(Bytes::copy_from_slice(&piece[..length]));
            if sending.send(message).await.is_err() {
                return;
            }
        }
        // Who is gone needs no farewell.
        let _ = sending.close().await;
        tokio::time::sleep(LINGER).await;
    };
    tokio::select! {
        () = heard => {}
        () = told => {}
    }
}
