//! The helper's first half: makes the process-id namespace, starts init in it, and stays beside it.
//!
//! It is the one that ends a container for certain: when the plane is gone, the socket closes and the
//! process is killed; when the shim itself is killed, its child is told by the kernel.

use super::init::INIT;
use super::launch::{Exit, Isolation, Request, StartFailure};
use super::wire::{self, Notice, Order};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process, pidfd_open,
    pidfd_send_signal, set_child_subreaper, setsid, wait, waitid,
};
use rustix::thread::{ThreadNameSpaceType, UnshareFlags, move_into_thread_name_spaces};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Stdio};

/// How often leftover descendants are killed before the shim gives up on them.
const SWEEPS_MAX: usize = 100;

/// Runs the shim on its standard input, a packet socket of the plane.
pub(super) fn run() -> io::Result<()> {
    let plane = io::stdin().as_fd().try_clone_to_owned()?;
    // A terminal's Ctrl-C is for the plane, which then ends its Pods in order.
    setsid()?;
    let Some(((), mut files)) = wire::receive::<()>(&plane)? else {
        return Ok(());
    };
    if files.len() != 4 {
        return Err(io::Error::other("a request comes with four files"));
    }
    let streams = files.split_off(1);
    let request: Request = wire::from_memory(files.remove(0))?;
    match start(&request, &streams) {
        Ok(child) => {
            drop(streams);
            let attended = child.attend(&plane);
            if attended.is_err() {
                // The plane is gone. A child that nobody waits for would keep its namespace alive.
                child.end()?;
            }
            attended
        }
        Err(failure) => wire::send(&plane, &Notice::Failed(failure), &[]),
    }
}

struct Child {
    pid: Pid,
    pidfd: OwnedFd,
    init: OwnedFd,
    isolation: Isolation,
}

fn start(request: &Request, streams: &[OwnedFd]) -> Result<Child, StartFailure> {
    let first = enter(request)?;
    let helper = |error: io::Error| StartFailure::Helper(wire::reason(&error));
    let (ours, theirs) = wire::pair().map_err(helper)?;
    let child = Command::new("/proc/self/exe")
        .args([super::HELPER_ARGUMENT, INIT])
        .stdin(Stdio::from(theirs))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(helper)?;
    let pid = Pid::from_child(&child);
    let pidfd = pidfd_open(pid, PidfdFlags::empty()).map_err(|error| helper(error.into()))?;
    let child = Child {
        pid,
        pidfd,
        init: ours,
        isolation: request.isolation(),
    };
    let told = tell(&child.init, request, streams, first.as_ref());
    if let Err(error) = told {
        child.end().map_err(helper)?;
        return Err(helper(error));
    }
    Ok(child)
}

fn tell(
    init: &OwnedFd,
    request: &Request,
    streams: &[OwnedFd],
    first: Option<&OwnedFd>,
) -> io::Result<()> {
    let memory = wire::in_memory(request)?;
    let files = std::iter::once(&memory).chain(streams).chain(first);
    let files: Vec<_> = files.map(AsFd::as_fd).collect();
    wire::send(init, &(), &files)
}

/// Enters the namespaces that only a child can be born into. For a process that joins others it
/// gives their first one, which cannot be named by its number from inside.
fn enter(request: &Request) -> Result<Option<OwnedFd>, StartFailure> {
    let entered = match (request, request.isolation()) {
        (_, Isolation::Plain) => set_child_subreaper(Some(rustix::process::getpid()))
            .map(|()| None)
            .map_err(io::Error::from),
        (Request::Start(_), Isolation::Namespaces) => super::unshare(UnshareFlags::NEWPID)
            .map(|()| None)
            .map_err(io::Error::from),
        (Request::Start(_), Isolation::UserNamespace) => become_root_of_own().map(|()| None),
        (Request::Join { pid, .. }, isolation) => join(*pid, isolation).map(Some),
    };
    entered.map_err(|error| StartFailure::Sandbox(format!("namespaces are refused: {error}")))
}

fn become_root_of_own() -> io::Result<()> {
    let (uid, gid) = (rustix::process::getuid(), rustix::process::getgid());
    super::unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWPID)?;
    std::fs::write("/proc/self/setgroups", "deny")?;
    std::fs::write("/proc/self/uid_map", format!("0 {} 1", uid.as_raw()))?;
    std::fs::write("/proc/self/gid_map", format!("0 {} 1", gid.as_raw()))
}

fn join(pid: i32, isolation: Isolation) -> io::Result<OwnedFd> {
    let pid = Pid::from_raw(pid).ok_or(rustix::io::Errno::SRCH)?;
    let first = pidfd_open(pid, PidfdFlags::empty())?;
    let mut spaces = ThreadNameSpaceType::PROCESS_ID;
    if isolation == Isolation::UserNamespace {
        spaces |= ThreadNameSpaceType::USER;
    }
    move_into_thread_name_spaces(first.as_fd(), spaces)?;
    Ok(first)
}

impl Child {
    /// Relays notices and orders until the process has ended.
    fn attend(&self, plane: &OwnedFd) -> io::Result<()> {
        let mut init_is_open = true;
        let mut has_started = false;
        loop {
            let mut watched = vec![
                PollFd::new(plane, PollFlags::IN),
                PollFd::new(&self.pidfd, PollFlags::IN),
            ];
            if init_is_open {
                watched.push(PollFd::new(&self.init, PollFlags::IN));
            }
            poll(&mut watched, None)?;
            let is_ready = |at: usize| watched.get(at).is_some_and(|fd| !fd.revents().is_empty());
            let (from_plane, ended, from_init) = (is_ready(0), is_ready(1), is_ready(2));
            if from_init {
                match self.relay(plane)? {
                    Relayed::More => {}
                    Relayed::Closed => {
                        init_is_open = false;
                        has_started = true;
                        let pid = self.pid.as_raw_nonzero().get();
                        wire::send(plane, &Notice::Started { pid }, &[])?;
                    }
                    Relayed::Failed => return self.end().map(|_| ()),
                }
            } else if ended {
                let exit = self.end()?;
                let notice = if has_started {
                    Notice::Exited(exit)
                } else {
                    let text = format!("init ended early: {exit:?}");
                    Notice::Failed(StartFailure::Helper(text))
                };
                return wire::send(plane, &notice, &[]);
            } else if from_plane && !self.obey(plane) {
                return self.end().map(|_| ());
            }
        }
    }

    fn relay(&self, plane: &OwnedFd) -> io::Result<Relayed> {
        let Some((notice, files)) = wire::receive::<Notice>(&self.init)? else {
            return Ok(Relayed::Closed);
        };
        let files: Vec<_> = files.iter().map(AsFd::as_fd).collect();
        wire::send(plane, &notice, &files)?;
        let is_failure = matches!(notice, Notice::Failed(_));
        Ok(if is_failure {
            Relayed::Failed
        } else {
            Relayed::More
        })
    }

    /// Does what the plane says; false when it is gone.
    fn obey(&self, plane: &OwnedFd) -> bool {
        match wire::receive::<Order>(plane) {
            Ok(Some((order, _))) => {
                if let Some(signal) = Signal::from_named_raw(order.signal) {
                    // A process that has just ended takes no signal.
                    let _ = pidfd_send_signal(&self.pidfd, signal);
                }
                true
            }
            Ok(None) | Err(_) => false,
        }
    }

    /// Kills what still runs, and waits for it. The end of a namespace's init ends all in it.
    fn end(&self) -> io::Result<Exit> {
        let _ = pidfd_send_signal(&self.pidfd, Signal::KILL);
        let ended = waitid(WaitId::PidFd(self.pidfd.as_fd()), WaitIdOptions::EXITED)?
            .ok_or_else(|| io::Error::other("the process did not end"))?;
        if self.isolation == Isolation::Plain {
            sweep();
        }
        Ok(match (ended.exit_status(), ended.terminating_signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, Some(signal)) => Exit::Signal(signal),
            (None, None) => Exit::Code(-1),
        })
    }
}

enum Relayed {
    More,
    Closed,
    Failed,
}

/// Kills the descendants that a plain process left behind: they are this process' children now.
fn sweep() {
    for _ in 0..SWEEPS_MAX {
        for child in children() {
            let _ = kill_process(child, Signal::KILL);
        }
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => return,
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

fn children() -> Vec<Pid> {
    let own = rustix::process::getpid().as_raw_nonzero();
    let listed = std::fs::read_to_string(format!("/proc/self/task/{own}/children"));
    let listed = listed.unwrap_or_default();
    let pids = listed.split_whitespace().filter_map(|pid| pid.parse().ok());
    pids.filter_map(Pid::from_raw).collect()
}
