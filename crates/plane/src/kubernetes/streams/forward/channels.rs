//! Ports over channels of a WebSocket: the first byte of a message is twice the place of its port in
//! what was asked, one more for errors. Each channel begins with the port's number.

use super::super::websocket::Socket;
use super::Target;
use apiserver::Query;
use bytes::Bytes;
use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use objects::Status;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

/// Ports of one request: their channels are numbered by a byte.
const PORTS_MAX: usize = 100;

/// Bytes of a port in one message at most.
const PIECE_BYTES_MAX: usize = 16 * 1024;

type Sending = Arc<Mutex<SplitSink<Socket, Message>>>;

/// The ports that are asked for.
///
/// # Errors
/// When there are none, too many, or one is no port.
pub(super) fn ports(query: &Query) -> Result<Vec<u16>, Status> {
    let refused = |why: String| Status::bad_request(why);
    let words = query.all("ports").flat_map(|list| list.split(','));
    let ports = words.map(|word| match word.trim().parse::<u16>() {
        Ok(port @ 1..) => Ok(port),
        Ok(0) | Err(_) => Err(refused(format!("unable to parse port {word:?}"))),
    });
    let ports: Vec<_> = ports.collect::<Result<_, _>>()?;
    match ports.len() {
        0 => Err(refused("query parameter \"ports\" is required".to_owned())),
        1..=PORTS_MAX => Ok(ports),
        count => Err(refused(format!(
            "{count} ports are asked for, {PORTS_MAX} are allowed"
        ))),
    }
}

/// Carries the ports until the caller hangs up.
pub(super) async fn serve(socket: Socket, ports: Vec<u16>, target: Target) {
    let (sending, mut receiving) = socket.split();
    let sending = Arc::new(Mutex::new(sending));
    let (mut inputs, mut carried) = (Vec::new(), JoinSet::new());
    for (place, port) in (0_u8..).zip(ports) {
        let channel = 2 * place;
        for channel in [channel, channel + 1] {
            say(&sending, channel, &port.to_le_bytes()).await;
        }
        inputs.push(match target.dial(port).await {
            Ok(stream) => {
                let (from, to) = stream.into_split();
                carried.spawn(copy(from, channel, Arc::clone(&sending)));
                Some(to)
            }
            Err(why) => {
                say(&sending, channel + 1, why.as_bytes()).await;
                None
            }
        });
    }
    while let Some(Ok(message)) = receiving.next().await {
        match message {
            Message::Binary(bytes) => hear(&bytes, &mut inputs).await,
            Message::Close(_) => return,
            Message::Text(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
}

async fn hear(message: &[u8], inputs: &mut [Option<OwnedWriteHalf>]) {
    let Some((&channel, bytes)) = message.split_first() else {
        return;
    };
    let input = inputs.get_mut(usize::from(channel / 2));
    if channel % 2 == 0
        && let Some(input) = input
        && let Some(writer) = input
        && writer.write_all(bytes).await.is_err()
    {
        *input = None;
    }
}

async fn copy(mut from: impl AsyncReadExt + Unpin, channel: u8, sending: Sending) {
    let mut piece = vec![0; PIECE_BYTES_MAX];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        if !say(&sending, channel, &piece[..length]).await {
            return;
        }
    }
}

async fn say(sending: &Sending, channel: u8, bytes: &[u8]) -> bool {
    let message = Bytes::from([&[channel], bytes].concat());
    let sent = sending.lock().await.send(Message::Binary(message)).await;
    sent.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_from_the_query() {
        let read = |query: &str| ports(&Query::parse(query)).map_err(|refused| refused.message);
        assert_eq!(read("ports=80"), Ok(vec![80]));
        assert_eq!(read("ports=80,443&ports=8080"), Ok(vec![80, 443, 8080]));
        for (query, expected) in [
            ("", "query parameter \"ports\" is required"),
            ("ports=0", "unable to parse port \"0\""),
            ("ports=http", "unable to parse port \"http\""),
            ("ports=80,70000", "unable to parse port \"70000\""),
        ] {
            assert_eq!(read(query), Err(expected.to_owned()), "{query}");
        }
        let many = format!("ports={}", ["1"; PORTS_MAX + 1].join(","));
        assert!(read(&many).unwrap_err().contains("100 are allowed"));
    }
}
