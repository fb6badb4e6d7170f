//! Kubernetes' channels over a WebSocket: the first byte of a message says what it belongs to.

use super::outcome;
use super::websocket::Socket;
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Mutex;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use workloads::runner::{Input, Reader, Session, Terminal};
use workloads::sandbox::StartFailure;

const INPUT: u8 = 0;
const OUTPUT: u8 = 1;
const ERROR: u8 = 2;
const STATUS: u8 = 3;
const RESIZE: u8 = 4;
/// Closes the channel that the next byte names.
const CLOSE: u8 = 255;

/// Bytes of output in one message at most.
const PIECE_BYTES_MAX: usize = 16 * 1024;

/// The size of a terminal, as clients send it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Size {
    pub(super) width: u16,
    pub(super) height: u16,
}

/// What a message says.
#[derive(Debug, PartialEq, Eq)]
enum Said<'m> {
    Input(&'m [u8]),
    InputEnds,
    Resize(Size),
    Nothing,
}

type Sending = Arc<Mutex<SplitSink<Socket, Message>>>;

/// Carries bytes between a caller and a process until the process ends.
pub(super) async fn talk(socket: Socket, session: Session) {
    let (sending, receiving) = socket.split();
    let sending = Arc::new(Mutex::new(sending));
    let Session {
        input,
        output,
        error,
        terminal,
        exit,
    } = session;
    let heard = listen(receiving, input, terminal);
    let told = async {
        let output = copy(output, OUTPUT, &sending);
        let error = async {
            if let Some(error) = error {
                copy(error, ERROR, &sending).await;
            }
        };
        let (exit, (), ()) = tokio::join!(exit, output, error);
        end(&sending, &outcome::of_exit(exit)).await;
    };
    // A caller that hangs up takes its process with it: the session is dropped.
    tokio::select! {
        () = heard => {}
        () = told => {}
    }
}

/// Tells a caller that there is no process.
pub(super) async fn fail(socket: Socket, failure: StartFailure) {
    let (sending, _receiving) = socket.split();
    let status = outcome::of_failure(&failure);
    end(&Arc::new(Mutex::new(sending)), &status).await;
}

/// Gives the process what the caller sends, until the caller hangs up.
async fn listen(
    mut receiving: SplitStream<Socket>,
    mut input: Option<Input>,
    terminal: Option<Terminal>,
) {
    while let Some(Ok(message)) = receiving.next().await {
        let bytes = match message {
            Message::Binary(bytes) => bytes,
            Message::Text(text) => Bytes::from(text),
            Message::Close(_) => return,
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
        };
        match said(&bytes) {
            Said::Input(bytes) => {
                if let Some(writer) = &mut input
                    && writer.write_all(bytes).await.is_err()
                {
                    input = None;
                }
            }
            Said::InputEnds => input = None,
            Said::Resize(size) => {
                if let Some(terminal) = &terminal {
                    terminal.resize(size.width, size.height);
                }
            }
            Said::Nothing => {}
        }
    }
}

fn said(message: &[u8]) -> Said<'_> {
    match message.split_first() {
        Some((&INPUT, bytes)) => Said::Input(bytes),
        Some((&CLOSE, [INPUT])) => Said::InputEnds,
        Some((&RESIZE, size)) => serde_json::from_slice(size).map_or(Said::Nothing, Said::Resize),
        Some(_) | None => Said::Nothing,
    }
}

async fn copy(mut from: Reader, channel: u8, sending: &Sending) {
    let mut piece = vec![0; PIECE_BYTES_MAX + 1];
    piece[0] = channel;
    while let Ok(length @ 1..) = from.read(&mut piece[1..]).await {
        let message = Message::Binary(Bytes::copy_from_slice(&piece[..=length]));
        if sending.lock().await.send(message).await.is_err() {
            return;
        }
    }
}

async fn end(sending: &Sending, status: &Value) {
    let mut message = vec![STATUS];
    message.extend_from_slice(status.to_string().as_bytes());
    let mut sending = sending.lock().await;
    let close = CloseFrame {
        code: CloseCode::Normal,
        reason: "".into(),
    };
    // A caller that is gone does not ask how it ended.
    let _ = sending.send(Message::Binary(message.into())).await;
    let _ = sending.send(Message::Close(Some(close))).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_says_what_a_message_is() {
        for (message, expected) in [
            (&b"\x00ls\n"[..], Said::Input(b"ls\n")),
            (&b"\xff\x00"[..], Said::InputEnds),
            (
                &b"\x04{\"Width\":80,\"Height\":24}"[..],
                Said::Resize(Size {
                    width: 80,
                    height: 24,
                }),
            ),
            (&b"\x04{\"Width\":-1}"[..], Said::Nothing),
            (&b"\x09x"[..], Said::Nothing),
            (&b""[..], Said::Nothing),
        ] {
            assert_eq!(said(message), expected);
        }
    }
}
