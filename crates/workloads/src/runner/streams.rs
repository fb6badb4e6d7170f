//! What a process reads and writes, as byte streams that others can take part in.

use super::logs::{Lines, Log};
use super::settings::Clock;
use crate::sandbox::Streams;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::sync::{Mutex, broadcast};

/// Pieces of output that a slow reader may lag behind; older ones are lost to it.
const PIECES_MAX: usize = 256;

/// A piece of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Output {
    /// Written to standard output, or to the terminal.
    Standard(Arc<[u8]>),
    /// Written to standard error.
    Error(Arc<[u8]>),
}

/// Our ends of a process' streams.
#[derive(Debug)]
pub(crate) struct Ends {
    pub(crate) input: Option<Sender>,
    pub(crate) output: Receiver,
    /// A terminal has none.
    pub(crate) error: Option<Receiver>,
}

/// A running container's streams, shared by its log and whoever is attached.
#[derive(Debug, Clone)]
pub(crate) struct Hub {
    /// Ends for who is attached when the last holder is gone.
    pub(crate) output: broadcast::Sender<Output>,
    pub(crate) inlet: Inlet,
}

/// A running container's standard input, if it takes any.
#[derive(Debug, Clone)]
pub(crate) struct Inlet(Arc<Mutex<Option<Sender>>>);

/// Makes streams for a process, and our ends of them.
pub(crate) fn open(with_input: bool) -> io::Result<(Streams, Ends)> {
    let (output, output_end) = io::pipe()?;
    let (error, error_end) = io::pipe()?;
    let mut input = None;
    let input_end: OwnedFd = if with_input {
        let (reader, writer) = io::pipe()?;
        input = Some(Sender::from_owned_fd(writer.into())?);
        reader.into()
    } else {
        std::fs::File::open("/dev/null")?.into()
    };
    let streams = Streams {
        input: input_end,
        output: output_end.into(),
        error: error_end.into(),
    };
    let ends = Ends {
        input,
        output: Receiver::from_owned_fd(output.into())?,
        error: Some(Receiver::from_owned_fd(error.into())?),
    };
    Ok((streams, ends))
}

/// Our end of a terminal as streams.
pub(crate) fn of_terminal(terminal: OwnedFd) -> io::Result<Ends> {
    rustix::io::ioctl_fionbio(&terminal, true)?;
    let writer = terminal.try_clone()?;
    Ok(Ends {
        input: Some(Sender::from_owned_fd_unchecked(writer)?),
        output: Receiver::from_owned_fd_unchecked(terminal)?,
        error: None,
    })
}

impl Hub {
    /// Copies what a container writes into its log and to all who are attached, until it closes its
    /// streams.
    pub(crate) fn start(
        ends: Ends,
        log: Log,
        clock: &Clock,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, _) = broadcast::channel(PIECES_MAX);
        let hub = Self {
            output: sender.clone(),
            inlet: Inlet(Arc::new(Mutex::new(ends.input))),
        };
        let output = copy(
            ends.output,
            sender.clone(),
            log.clone(),
            Arc::clone(clock),
            false,
        );
        let error = ends
            .error
            .map(|error| copy(error, sender, log.clone(), Arc::clone(clock), true));
        let copying = tokio::spawn(async move {
            match error {
                Some(error) => {
                    tokio::join!(output, error);
                }
                None => output.await,
            }
            log.close();
        });
        (hub, copying)
    }
}

impl Inlet {
    /// Writes to the container's standard input; false when it takes none.
    pub(crate) async fn write(&self, bytes: &[u8]) -> bool {
        let mut input = self.0.lock().await;
        match input.as_mut() {
            Some(sender) => sender.write_all(bytes).await.is_ok(),
            None => false,
        }
    }

    /// Ends the container's standard input.
    pub(crate) async fn close(&self) {
        self.0.lock().await.take();
    }
}

async fn copy(
    mut from: Receiver,
    to: broadcast::Sender<Output>,
    log: Log,
    clock: Clock,
    is_error: bool,
) {
    let stream = if is_error { "stderr" } else { "stdout" };
    let (mut bytes, mut lines) = (vec![0; 16 * 1024], Lines::default());
    // The other end of a terminal closes with an error.
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        let piece = &bytes[..length];
        for (line, is_whole) in lines.push(piece) {
            // A full disk must not stop the container; its log has a hole then.
            let _ = log.append(clock(), stream, &line, is_whole);
        }
        let shared: Arc<[u8]> = piece.into();
        let piece = if is_error {
            Output::Error(shared)
        } else {
            Output::Standard(shared)
        };
        // Nobody may be attached.
        let _ = to.send(piece);
    }
    if let Some(line) = lines.rest() {
        let _ = log.append(clock(), stream, &line, false);
    }
}
