//! One more process in a running container, and taking part in the first one.

use super::live::{Live, Running};
use super::streams::{self, Output};
use crate::api::Pending;
use crate::sandbox::{Exit, Isolation, Launch, ProcessSpec, Request, Root, StartFailure};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::unix::pipe::Receiver;

/// Bytes that wait between a container and who is attached to it.
const BUFFER_BYTES: usize = 64 * 1024;

/// Most bytes of a probe's output that are told.
const TOLD_BYTES_MAX: u64 = 1024;

/// What to run, and how to be connected with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecOptions {
    /// Program and arguments.
    pub command: Vec<String>,
    /// The process reads from the caller.
    pub stdin: bool,
    /// The process has a terminal.
    pub tty: bool,
}

/// A stream to write to.
pub type Input = Pin<Box<dyn AsyncWrite + Send>>;

/// A stream to read from.
pub type Reader = Pin<Box<dyn AsyncRead + Send>>;

/// A caller's part in a process. It is killed when this is dropped, unless it is the container's own.
pub struct Session {
    /// What is written here, the process reads.
    pub input: Option<Input>,
    /// What the process writes to standard output, or to its terminal.
    pub output: Reader,
    /// What it writes to standard error; a terminal has none.
    pub error: Option<Reader>,
    /// Its terminal.
    pub terminal: Option<Terminal>,
    /// How it ends. Whoever is only attached learns that output ends, and gets a zero.
    pub exit: Pending<'static, Exit>,
}

/// A process' terminal, to be resized.
#[derive(Debug, Clone)]
pub struct Terminal(Arc<OwnedFd>);

/// Why there is no session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecRefused {
    /// The Pod does not run here, or has no such container that runs.
    #[error("container not found (\"{0}\")")]
    NoContainer(String),
    /// The process cannot be started.
    #[error("{0}")]
    Start(#[from] StartFailure),
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("terminal", &self.terminal)
            .finish_non_exhaustive()
    }
}

impl Terminal {
    /// Tells the process how large its terminal is now.
    pub fn resize(&self, columns: u16, rows: u16) {
        let size = Winsize {
            ws_col: columns,
            ws_row: rows,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        // A terminal that is closed has no size.
        let _ = tcsetwinsize(&*self.0, size);
    }
}

impl Live {
    /// Runs one more process in a container.
    pub(crate) async fn exec(
        &self,
        container: &str,
        options: ExecOptions,
    ) -> Result<Session, ExecRefused> {
        let running = self.running(container)?;
        let helper = |error: io::Error| StartFailure::Helper(error.to_string());
        let wants_input = options.stdin && !options.tty;
        let (streams, ends) = streams::open(wants_input).map_err(helper)?;
        let request = self.join(&running, options).await;
        let mut process = self.shared.sandboxes.start(&request, &streams).await?;
        drop(streams);
        let (terminal, ends) = match process.terminal.take() {
            Some(terminal) => {
                let size = Terminal(Arc::new(terminal.try_clone().map_err(helper)?));
                (Some(size), streams::of_terminal(terminal).map_err(helper)?)
            }
            None => (None, ends),
        };
        Ok(Session {
            input: ends.input.map(|input| Box::pin(input) as Input),
            output: Box::pin(UntilHangup(ends.output)),
            error: ends
                .error
                .map(|error| Box::pin(UntilHangup(error)) as Reader),
            terminal,
            exit: Box::pin(async move { process.ended().await }),
        })
    }

    fn running(&self, container: &str) -> Result<Running, ExecRefused> {
        let running = self
            .slots()
            .get(container)
            .and_then(|slot| slot.running.clone());
        running.ok_or_else(|| ExecRefused::NoContainer(container.to_owned()))
    }

    async fn join(&self, running: &Running, options: ExecOptions) -> Request {
        let process = ProcessSpec {
            command: options.command,
            terminal: options.tty,
            ..running.process.clone()
        };
        let isolation = self.shared.granted().await.isolation;
        if isolation != Isolation::Plain {
            return Request::Join {
                pid: running.pid,
                isolation,
                process,
            };
        }
        Request::Start(Launch {
            isolation,
            root: Root::Host,
            read_only_root: false,
            hostname: self.hostname.clone(),
            stage: self.shared.settings.stage(),
            hidden: Vec::new(),
            mounts: Vec::new(),
            process,
        })
    }

    /// Takes part in a container's first process.
    pub(crate) fn attach(&self, container: &str, stdin: bool) -> Result<Session, ExecRefused> {
        let running = self.running(container)?;
        let (output, output_end) = tokio::io::duplex(BUFFER_BYTES);
        let (error, error_end) = tokio::io::duplex(BUFFER_BYTES);
        let pieces = running.hub.output.subscribe();
        let distributed = tokio::spawn(distribute(pieces, output_end, error_end));
        let input = stdin.then(|| {
            let (input, input_end) = tokio::io::duplex(BUFFER_BYTES);
            let closes = self
                .pod()
                .container(container)
                .is_some_and(|found| found.stdin_once);
            tokio::spawn(feed(input_end, running.hub.inlet.clone(), closes));
            Box::pin(input) as Input
        });
        let is_terminal = running.terminal.is_some();
        Ok(Session {
            input,
            output: Box::pin(output),
            error: (!is_terminal).then(|| Box::pin(error) as Reader),
            terminal: running.terminal.map(Terminal),
            exit: Box::pin(async move {
                let _ = distributed.await;
                Exit::Code(0)
            }),
        })
    }

    /// Runs a command in a container and waits for it. What it printed tells why it failed.
    pub(crate) async fn run_inside(
        &self,
        container: &str,
        command: &[String],
        patience: Duration,
    ) -> Result<(), String> {
        let options = ExecOptions {
            command: command.to_vec(),
            ..ExecOptions::default()
        };
        let session = self
            .exec(container, options)
            .await
            .map_err(|error| error.to_string())?;
        let ran = async {
            let (mut text, mut rest) = (String::new(), Vec::new());
            let mut output = session.output.take(TOLD_BYTES_MAX);
            let mut error = session.error.map(|error| error.take(TOLD_BYTES_MAX));
            let reading = async {
                // What cannot be read is not told.
                let _ = output.read_to_string(&mut text).await;
                if let Some(error) = &mut error {
                    let _ = error.read_to_end(&mut rest).await;
                }
            };
            let (exit, ()) = tokio::join!(session.exit, reading);
            match exit {
                Exit::Code(0) => Ok(()),
                Exit::Code(_) | Exit::Signal(_) => {
                    text.push_str(&String::from_utf8_lossy(&rest));
                    let code = exit.code();
                    Err(if text.is_empty() {
                        format!("exit status {code}")
                    } else {
                        text
                    })
                }
            }
        };
        match tokio::time::timeout(patience, ran).await {
            Ok(done) => done,
            Err(_) => Err(format!("command timed out: \"{}\"", command.join(" "))),
        }
    }
}

async fn distribute(
    mut pieces: tokio::sync::broadcast::Receiver<Output>,
    mut output: impl AsyncWrite + Unpin,
    mut error: impl AsyncWrite + Unpin,
) {
    use tokio::sync::broadcast::error::RecvError;
    loop {
        let written = match pieces.recv().await {
            Ok(Output::Standard(bytes)) => output.write_all(&bytes).await,
            Ok(Output::Error(bytes)) => error.write_all(&bytes).await,
            // Who reads too slowly loses what came meanwhile, and stays attached.
            Err(RecvError::Lagged(_)) => Ok(()),
            Err(RecvError::Closed) => return,
        };
        if written.is_err() {
            return;
        }
    }
}

async fn feed(mut from: impl AsyncRead + Unpin, inlet: streams::Inlet, closes: bool) {
    let mut bytes = vec![0; 4096];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        if !inlet.write(&bytes[..length]).await {
            return;
        }
    }
    if closes {
        inlet.close().await;
    }
}

/// Reads a terminal, whose end is an error on Linux.
struct UntilHangup(Receiver);

impl AsyncRead for UntilHangup {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let hangup = rustix::io::Errno::IO.raw_os_error();
        match Pin::new(&mut self.0).poll_read(context, buffer) {
            Poll::Ready(Err(error)) if error.raw_os_error() == Some(hangup) => Poll::Ready(Ok(())),
            read @ (Poll::Ready(_) | Poll::Pending) => read,
        }
    }
}
