//! A connection's stream with a limit on every wait of it, and a look at each head that comes.

use super::head::{HeadScan, SeenHead};
use crate::limits::Limits;
use std::io::{Error, ErrorKind, IoSlice};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// Whose turn it is on a connection. The stream and the service share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    scan: HeadScan,
    has_served: bool,
    /// An answer has begun, and nothing of it has left.
    is_held: bool,
}

/// What the connection waits for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The first byte of the next request.
    #[default]
    Idle,
    /// The rest of its head.
    Head,
    /// The plane, or the rest of its answer; the request's body has limits of its own.
    Answer,
    /// Nothing that HTTP knows of: another protocol goes on.
    Upgraded,
}

impl Turn {
    /// A head is complete; what was seen of it.
    pub(super) fn begin_answer(&self) -> Option<SeenHead> {
        let mut state = self.state();
        (state.phase, state.has_served, state.is_held) = (Phase::Answer, true, true);
        state.scan.take()
    }

    /// The answer is over; the next bytes are the next request's, which may have begun already.
    pub(super) fn end_answer(&self) {
        let mut state = self.state();
        if state.phase == Phase::Answer {
            state.phase = match state.scan.is_within_head() {
                true => Phase::Head,
                false => Phase::Idle,
            };
        }
    }

    /// The answer switches to another protocol, whose waits are its own.
    pub(super) fn leave_http(&self) {
        self.state().phase = Phase::Upgraded;
    }

    /// Whether no request has begun yet.
    pub(super) fn is_untouched(&self) -> bool {
        let state = self.state();
        state.phase == Phase::Idle && !state.has_served
    }

    /// Whether an answer is to wait before its first byte; once for each.
    fn take_hold(&self) -> bool {
        std::mem::take(&mut self.state().is_held)
    }

    /// Bytes came; says whether they begin a request.
    fn read(&self, bytes: &[u8]) -> bool {
        let mut state = self.state();
        if state.phase == Phase::Upgraded || bytes.is_empty() {
            return false;
        }
        state.scan.read(bytes);
        let begins = state.phase == Phase::Idle;
        if begins {
            state.phase = Phase::Head;
        }
        begins
    }

    /// Whether the peer has more to send of a request that was answered before its end.
    fn is_cut_short(&self) -> bool {
        let state = self.state();
        state.phase != Phase::Upgraded && state.scan.is_within()
    }

    fn phase(&self) -> Phase {
        self.state().phase
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The stream. A wait that is over ends the connection with [`ErrorKind::TimedOut`].
pub(super) struct Paced<S> {
    stream: S,
    turn: Turn,
    limits: Limits,
    /// The phase that reading waits in, and since when.
    reading: Option<(Phase, Instant)>,
    /// Since when the peer takes nothing.
    writing: Option<Instant>,
    /// Since when nothing more is said to the peer.
    ending: Option<Instant>,
    /// Fires no later than the next deadline.
    timer: Option<Pin<Box<Sleep>>>,
}

impl<S> Paced<S> {
    pub(super) fn new(stream: S, turn: Turn, limits: Limits) -> Self {
        Self {
            stream,
            turn,
            limits,
            reading: None,
            writing: None,
            ending: None,
            timer: None,
        }
    }

    /// Waits for the peer's bytes as long as its phase allows.
    fn wait_to_read(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        let phase = self.turn.phase();
        let wait = match phase {
            Phase::Idle => self.limits.idle_wait,
            Phase::Head => self.limits.head_wait,
            Phase::Answer | Phase::Upgraded => {
                self.reading = None;
                return Poll::Pending;
            }
        };
        let since = match self.reading {
            Some((waited_in, since)) if waited_in == phase => since,
            _ => Instant::now(),
        };
        self.reading = Some((phase, since));
        self.wait(since, wait, cx)
    }

    fn wait_to_write(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        if self.turn.phase() == Phase::Upgraded {
            return Poll::Pending;
        }
        let since = *self.writing.get_or_insert_with(Instant::now);
        self.wait(since, self.limits.write_wait, cx)
    }

    /// Pending until the time is over. The timer is moved only when it would fire too late: between
    /// quick requests it stays where it is.
    fn wait(&mut self, since: Instant, wait: Duration, cx: &mut Context<'_>) -> Poll<Error> {
        let deadline = since + wait;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(ErrorKind::TimedOut.into());
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }

    /// Takes what the peer still sends and forgets it, for a while: were the connection closed over
    /// bytes that nobody read, the system would take the last answer away from the peer.
    fn linger(&mut self, cx: &mut Context<'_>) -> Poll<()>
    where
        S: AsyncRead + Unpin,
    {
        let since = *self.ending.get_or_insert_with(Instant::now);
        let mut unread = [0; 4_096];
        loop {
            let mut into = ReadBuf::new(&mut unread);
            match Pin::new(&mut self.stream).poll_read(cx, &mut into) {
                Poll::Ready(Ok(())) if !into.filled().is_empty() => {
                    if since.elapsed() >= self.limits.linger_wait {
                        return Poll::Ready(());
                    }
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return self.wait(since, self.limits.linger_wait, cx).map(drop),
            }
        }
    }

    /// Answers that are ready at the same time leave together: a client of many connections is woken
    /// once for all of them. Alone, an answer waits for one look at the sockets.
    fn leave_with_others(&self, cx: &mut Context<'_>) -> Poll<()> {
        match self.turn.take_hold() {
            true => pin!(tokio::task::yield_now()).poll(cx),
            false => Poll::Ready(()),
        }
    }

    fn written<T>(
        &mut self,
        cx: &mut Context<'_>,
        polled: Poll<std::io::Result<T>>,
    ) -> Poll<std::io::Result<T>> {
        if polled.is_ready() {
            self.writing = None;
            return polled;
        }
        self.wait_to_write(cx).map(Err)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = into.filled().len();
        let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, into) else {
            return Poll::Ready(Err(ready!(self.wait_to_read(cx))));
        };
        if self.turn.read(&into.filled()[before..]) {
            self.reading = None;
        }
        Poll::Ready(read)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        ready!(self.leave_with_others(cx));
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(cx, polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        self.written(cx, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        if self.ending.is_none() {
            let polled = Pin::new(&mut self.stream).poll_shutdown(cx);
            ready!(self.written(cx, polled))?;
        }
        if self.turn.is_cut_short() {
            ready!(self.linger(cx));
        }
        Poll::Ready(Ok(()))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        ready!(self.leave_with_others(cx));
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.written(cx, polled)
    }
}
