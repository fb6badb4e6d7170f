//! Small messages with open files attached, over a packet socket between plane, helper and init.

use super::launch::{Exit, StartFailure};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, IoSlice, IoSliceMut, Read, Seek, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Longest message, in bytes.
const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// Longest text of a failure, in characters, so that every notice fits a message.
const REASON_CHARS_MAX: usize = 2_000;

/// Most open files with one message: the request, the three standard streams, a process to join.
const FILES_MAX: usize = 5;

/// What a helper tells the plane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Notice {
    /// The terminal's other end is attached.
    Terminal,
    /// The program runs; its process id as the host counts.
    Started { pid: i32 },
    /// It will not run.
    Failed(StartFailure),
    /// It ran and ended.
    Exited(Exit),
}

/// What the plane tells a helper after the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Order {
    /// The signal to send to the process.
    pub(super) signal: i32,
}

/// A pair of connected packet sockets, closed on exec.
pub(super) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
    let flags = SocketFlags::CLOEXEC;
    Ok(socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        flags,
        None,
    )?)
}

/// Sends one message with the files attached.
pub(super) fn send<M: Serialize>(
    socket: impl AsFd,
    message: &M,
    files: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES_MAX))];
    let mut attached = SendAncillaryBuffer::new(&mut space);
    if !files.is_empty() {
        attached.push(SendAncillaryMessage::ScmRights(files));
    }
    sendmsg(
        socket,
        &[IoSlice::new(&bytes)],
        &mut attached,
        SendFlags::NOSIGNAL,
    )?;
    Ok(())
}

/// The next message and its files; `None` when the other side is gone.
pub(super) fn receive<M: DeserializeOwned>(
    socket: impl AsFd,
) -> io::Result<Option<(M, Vec<OwnedFd>)>> {
    let mut bytes = vec![0; MESSAGE_BYTES_MAX];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES_MAX))];
    let mut attached = RecvAncillaryBuffer::new(&mut space);
    let buffers = &mut [IoSliceMut::new(&mut bytes)];
    let received = recvmsg(socket, buffers, &mut attached, RecvFlags::CMSG_CLOEXEC)?;
    if received.bytes == 0 {
        return Ok(None);
    }
    let mut files = Vec::new();
    for message in attached.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            files.extend(rights);
        }
    }
    Ok(Some((
        serde_json::from_slice(&bytes[..received.bytes])?,
        files,
    )))
}

/// A request as a file in memory: it may be larger than a message, and must not touch the disk.
pub(super) fn in_memory<M: Serialize>(request: &M) -> io::Result<OwnedFd> {
    let flags = rustix::fs::MemfdFlags::CLOEXEC;
    let mut file = std::fs::File::from(rustix::fs::memfd_create("request", flags)?);
    file.write_all(&serde_json::to_vec(request)?)?;
    Ok(file.into())
}

/// Reads what [`in_memory`] wrote.
pub(super) fn from_memory<M: DeserializeOwned>(file: OwnedFd) -> io::Result<M> {
    let mut file = std::fs::File::from(file);
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// A failure's text, short enough for a message.
pub(super) fn reason(text: &impl ToString) -> String {
    text.to_string().chars().take(REASON_CHARS_MAX).collect()
}
