//! Ports over SPDY: for each connection of a caller a stream of data, and one of errors.

use super::super::spdy::{Connection, Stream, StreamWriter};
use super::Target;
use std::collections::HashMap;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;

/// Streams that wait for the other one of their pair.
const WAITING_MAX: usize = 100;

/// A caller's connection to a port.
struct Pair {
    port: u16,
    data: Stream,
    error: StreamWriter,
}

/// Carries connections until the caller hangs up.
pub(super) async fn serve(mut connection: Connection, target: Target) {
    let (mut waiting, mut carried) = (HashMap::new(), JoinSet::new());
    loop {
        tokio::select! {
            stream = connection.next() => match stream {
                Some(stream) => {
                    if let Some(pair) = pair(&mut waiting, stream) {
                        let target = target.clone();
                        carried.spawn(async move { carry(pair, &target).await });
                    }
                }
                None => return,
            },
            Some(_) = carried.join_next() => {}
        }
    }
}

/// The pair that a stream makes whole, if it does.
fn pair(waiting: &mut HashMap<String, Stream>, stream: Stream) -> Option<Pair> {
    let request = stream.headers.get("requestid")?.to_owned();
    let Some(other) = waiting.remove(&request) else {
        if waiting.len() < WAITING_MAX {
            waiting.insert(request, stream);
        }
        return None;
    };
    let is_data = |stream: &Stream| stream.headers.get("streamtype") == Some("data");
    let (data, error) = match (is_data(&stream), is_data(&other)) {
        (true, false) => (stream, other),
        (false, true) => (other, stream),
        (true, true) | (false, false) => return None,
    };
    let port = data.headers.get("port")?.parse().ok()?;
    Some(Pair {
        port,
        data,
        error: error.writer,
    })
}

async fn carry(pair: Pair, target: &Target) {
    let Pair { port, data, error } = pair;
    match target.dial(port).await {
        Ok(port) => join(data, port).await,
        Err(why) => {
            error.write(why.as_bytes()).await;
            data.writer.end().await;
        }
    }
    error.end().await;
}

/// Copies both ways until both are at their end, or one breaks off.
async fn join(data: Stream, port: tokio::net::TcpStream) {
    let Stream {
        mut reader, writer, ..
    } = data;
    let (from, mut to) = port.into_split();
    let down = async {
        writer.copy(from).await;
    };
    let up = async {
        while let Some(bytes) = reader.next().await {
            if to.write_all(&bytes).await.is_err() {
                break;
            }
        }
        if writer.is_reset() {
            return;
        }
        // A port that is closed already needs no end.
        let _ = to.shutdown().await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = up => {}
        () = down => {}
    }
    writer.end().await;
}
