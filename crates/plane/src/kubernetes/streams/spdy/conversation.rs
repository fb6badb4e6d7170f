//! A process' streams over SPDY: each is a stream of the connection, named by its type.

use super::super::channels::Size;
use super::super::outcome;
use super::connection::{Connection, Stream, StreamReader, StreamWriter};
use serde_json::Value;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use workloads::runner::{Input, Session, Terminal};
use workloads::sandbox::StartFailure;

/// How long a client may take to open its streams.
const OPENING: Duration = Duration::from_secs(30);

/// Longest message about a terminal's size.
const SIZE_BYTES_MAX: usize = 1024;

/// Which streams a client opens, beside that of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Wanted {
    pub(in super::super) stdin: bool,
    pub(in super::super) stdout: bool,
    pub(in super::super) stderr: bool,
    pub(in super::super) tty: bool,
}

#[derive(Default)]
struct Streams {
    error: Option<StreamWriter>,
    input: Option<StreamReader>,
    output: Option<StreamWriter>,
    standard_error: Option<StreamWriter>,
    resize: Option<StreamReader>,
    /// What is not written stays open, as clients expect it.
    kept: Vec<StreamWriter>,
}

/// Carries bytes between a caller and a process until the process ends.
pub(in super::super) async fn talk(mut connection: Connection, wanted: Wanted, session: Session) {
    let Some(streams) = Streams::gather(&mut connection, wanted).await else {
        return;
    };
    let _kept = streams.kept;
    let fed = feed(streams.input, session.input);
    let resized = resize(streams.resize, session.terminal);
    let told = async {
        let output = async {
            if let Some(to) = streams.output {
                to.copy(session.output).await;
                to.end().await;
            }
        };
        let error = async {
            if let Some(to) = streams.standard_error {
                if let Some(from) = session.error {
                    to.copy(from).await;
                }
                to.end().await;
            }
        };
        let (exit, (), ()) = tokio::join!(session.exit, output, error);
        tell(streams.error, &outcome::of_exit(exit)).await;
    };
    let hung_up = async { while connection.next().await.is_some() {} };
    // A caller that hangs up takes its process with it: the session is dropped.
    let is_told = tokio::select! {
        () = hung_up => false,
        () = told => true,
        ((), ()) = async { tokio::join!(fed, resized) } => true,
    };
    if is_told {
        connection.end().await;
    }
}

/// Tells a caller that there is no process.
pub(in super::super) async fn fail(
    mut connection: Connection,
    wanted: Wanted,
    failure: StartFailure,
) {
    if let Some(streams) = Streams::gather(&mut connection, wanted).await {
        for writer in [streams.output, streams.standard_error]
            .into_iter()
            .flatten()
        {
            writer.end().await;
        }
        tell(streams.error, &outcome::of_failure(&failure)).await;
        connection.end().await;
    }
}

impl Streams {
    /// Waits for the streams that are wanted.
    async fn gather(connection: &mut Connection, wanted: Wanted) -> Option<Self> {
        let mut streams = Self::default();
        let opened = async {
            while !streams.are(wanted) {
                streams.add(connection.next().await?);
            }
            Some(())
        };
        tokio::time::timeout(OPENING, opened).await.ok()??;
        Some(streams)
    }

    fn are(&self, wanted: Wanted) -> bool {
        let holds = |is_wanted: bool, is_open: bool| !is_wanted || is_open;
        self.error.is_some()
            && holds(wanted.stdin, self.input.is_some())
            && holds(wanted.stdout, self.output.is_some())
            && holds(wanted.stderr && !wanted.tty, self.standard_error.is_some())
            && holds(wanted.tty, self.resize.is_some())
    }

    fn add(&mut self, stream: Stream) {
        let Stream {
            headers,
            reader,
            writer,
        } = stream;
        match headers.get("streamtype") {
            Some("error") => self.error = Some(writer),
            Some("stdout") => self.output = Some(writer),
            Some("stderr") => self.standard_error = Some(writer),
            Some("stdin") => {
                self.input = Some(reader);
                self.kept.push(writer);
            }
            Some("resize") => {
                self.resize = Some(reader);
                self.kept.push(writer);
            }
            Some(_) | None => {}
        }
    }
}

async fn tell(error: Option<StreamWriter>, status: &Value) {
    if let Some(error) = error {
        error.write(status.to_string().as_bytes()).await;
        error.end().await;
    }
}

/// Gives the process what the caller sends, and goes on for ever: the end of input is not the end.
async fn feed(from: Option<StreamReader>, to: Option<Input>) {
    if let (Some(mut from), Some(mut to)) = (from, to) {
        while let Some(bytes) = from.next().await {
            if to.write_all(&bytes).await.is_err() {
                break;
            }
        }
    }
    std::future::pending::<()>().await;
}

async fn resize(from: Option<StreamReader>, terminal: Option<Terminal>) {
    let (Some(mut from), Some(terminal)) = (from, terminal) else {
        return std::future::pending().await;
    };
    let mut text = Vec::new();
    while let Some(bytes) = from.next().await {
        text.extend_from_slice(&bytes);
        for size in sizes(&mut text) {
            terminal.resize(size.width, size.height);
        }
    }
    std::future::pending::<()>().await;
}

/// Takes the whole lines from what was sent.
fn sizes(text: &mut Vec<u8>) -> Vec<Size> {
    let end = text.iter().rposition(|byte| *byte == b'\n');
    let whole: Vec<u8> = text.drain(..end.map_or(0, |at| at + 1)).collect();
    text.truncate(SIZE_BYTES_MAX);
    let lines = whole.split(|byte| *byte == b'\n');
    lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_come_in_lines_that_may_be_cut() {
        let mut text = b"{\"Width\":80,\"Height\":24}\n{\"Width\":1".to_vec();
        let found = sizes(&mut text);
        assert_eq!(
            found,
            [Size {
                width: 80,
                height: 24
            }]
        );
        text.extend_from_slice(b"20,\"Height\":9}\nnonsense\n");
        let found = sizes(&mut text);
        assert_eq!(
            found,
            [Size {
                width: 120,
                height: 9
            }]
        );
        assert_eq!(text, b"");
        text.extend_from_slice(&[b'x'; 5_000]);
        assert_eq!(sizes(&mut text), []);
        assert_eq!(text.len(), SIZE_BYTES_MAX);
    }
}
