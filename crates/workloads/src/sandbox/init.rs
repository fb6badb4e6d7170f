//! The helper's second half: the first process of the sandbox. It builds what the container sees,
//! steps down to the container's user, and becomes the program.

use super::launch::{Isolation, Keep, Launch, ProcessSpec, Request, RunAs, StartFailure};
use super::program;
use super::rootfs;
use super::wire::{self, Notice};
use rustix::process::{Signal, set_parent_process_death_signal};
use rustix::thread::{
    CapabilitySet, Gid, ThreadNameSpaceType, Uid, UnshareFlags, move_into_thread_name_spaces,
    remove_capability_from_bounding_set, set_no_new_privs, set_thread_groups, set_thread_res_gid,
    set_thread_res_uid,
};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The argument that names this half.
pub(super) const INIT: &str = "init";

/// Runs init on its standard input, a packet socket of the shim. It returns only on failure.
pub(super) fn run() -> io::Result<()> {
    let shim = io::stdin().as_fd().try_clone_to_owned()?;
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let Some(((), mut files)) = wire::receive::<()>(&shim)? else {
        return Ok(());
    };
    if files.len() < 4 {
        return Err(io::Error::other("a request comes with four files"));
    }
    let first = files.get(4).map(|file| file.try_clone()).transpose()?;
    let streams: Vec<_> = files.drain(1..4).collect();
    let request: Request = wire::from_memory(files.remove(0))?;
    match become_program(&request, &streams, first.as_ref(), &shim) {
        Ok(()) => Ok(()),
        Err(failure) => wire::send(&shim, &Notice::Failed(failure), &[]),
    }
}

fn become_program(
    request: &Request,
    streams: &[OwnedFd],
    first: Option<&OwnedFd>,
    shim: &OwnedFd,
) -> Result<(), StartFailure> {
    if let Some(cgroup) = &request.process().cgroup {
        // Zero is whoever writes it.
        let joined = std::fs::write(cgroup.join("cgroup.procs"), "0");
        joined.map_err(sandbox("the control group is refused"))?;
    }
    match (request, first) {
        (Request::Start(launch), _) => build(launch)?,
        (Request::Join { .. }, Some(first)) => enter(first)?,
        (Request::Join { .. }, None) => {}
    }
    let process = request.process();
    if process.command.is_empty() {
        return Ok(());
    }
    let is_plain = request.isolation() == Isolation::Plain;
    rootfs::start_in(&process.working_dir, is_plain);
    connect(process, streams, shim).map_err(sandbox("the terminal is refused"))?;
    step_down(process, request.isolation()).map_err(sandbox("the user is refused"))?;
    Err(execute(process))
}

fn build(launch: &Launch) -> Result<(), StartFailure> {
    if launch.isolation == Isolation::Plain {
        return Ok(());
    }
    let spaces = UnshareFlags::NEWNS | UnshareFlags::NEWIPC | UnshareFlags::NEWUTS;
    super::unshare(spaces).map_err(sandbox("namespaces are refused"))?;
    rustix::system::sethostname(launch.hostname.as_bytes())
        .map_err(sandbox("the host name is refused"))?;
    rootfs::enter(launch)
}

/// Joins the sandbox of a running process; its process-id namespace is already ours.
fn enter(first: &OwnedFd) -> Result<(), StartFailure> {
    let spaces = ThreadNameSpaceType::MOUNT
        | ThreadNameSpaceType::INTER_PROCESS_COMMUNICATION
        | ThreadNameSpaceType::HOST_NAME_AND_NIS_DOMAIN_NAME;
    move_into_thread_name_spaces(first.as_fd(), spaces)
        .map_err(sandbox("the container's namespaces are refused"))
}

/// Connects the standard streams to what was given, or to a new terminal.
fn connect(process: &ProcessSpec, streams: &[OwnedFd], shim: &OwnedFd) -> io::Result<()> {
    use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout};
    if !process.terminal {
        let [input, output, error] = streams else {
            return Err(io::Error::other("three streams are expected"));
        };
        dup2_stdin(input)?;
        dup2_stdout(output)?;
        dup2_stderr(error)?;
        rustix::process::setsid()?;
        return Ok(());
    }
    let (ours, theirs) = open_terminal()?;
    wire::send(shim, &Notice::Terminal, &[ours.as_fd()])?;
    let (uid, gid) = (process.run_as.uid, process.run_as.gid);
    // A terminal of a namespace without that user keeps its owner.
    let _ = rustix::fs::fchown(&theirs, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
    rustix::process::setsid()?;
    dup2_stdin(&theirs)?;
    dup2_stdout(&theirs)?;
    dup2_stderr(&theirs)?;
    rustix::process::ioctl_tiocsctty(io::stdin())?;
    Ok(())
}

fn open_terminal() -> io::Result<(OwnedFd, OwnedFd)> {
    use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let ours = openpt(flags)?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    let theirs = ioctl_tiocgptpeer(&ours, flags)?;
    Ok((ours, theirs))
}

/// Gives up what the container must not have: capabilities, then the user.
fn step_down(process: &ProcessSpec, isolation: Isolation) -> io::Result<()> {
    if isolation == Isolation::Namespaces {
        if let Keep::Named(names) = &process.capabilities {
            keep_only(names);
        }
        become_user(&process.run_as)?;
    }
    if process.no_new_privileges {
        set_no_new_privs(true)?;
    }
    // The kernel forgets it when the user changes.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    Ok(())
}

fn keep_only(names: &[String]) {
    for (name, capability) in CapabilitySet::all().iter_names() {
        if !names.iter().any(|kept| kept == name) {
            // The older kernel that does not know one cannot grant it either.
            let _ = remove_capability_from_bounding_set(capability);
        }
    }
}

fn become_user(run_as: &RunAs) -> io::Result<()> {
    let groups: Vec<_> = run_as.groups.iter().copied().map(Gid::from_raw).collect();
    let (uid, gid) = (Uid::from_raw(run_as.uid), Gid::from_raw(run_as.gid));
    set_thread_groups(&groups)?;
    set_thread_res_gid(gid, gid, gid)?;
    set_thread_res_uid(uid, uid, uid)?;
    Ok(())
}

/// Becomes the program; what comes back is why not, in runc's words.
fn execute(process: &ProcessSpec) -> StartFailure {
    let name = &process.command[0];
    let path = match program::find(name, &process.env) {
        Ok(path) => path,
        Err(refusal) => return StartFailure::Program(refusal),
    };
    let error = Command::new(path)
        .arg0(name)
        .args(&process.command[1..])
        .env_clear()
        .envs(process.env.iter().map(|(name, value)| (name, value)))
        .exec();
    StartFailure::Program(program::refused(name, &error))
}

fn sandbox<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> StartFailure {
    move |error| StartFailure::Sandbox(wire::reason(&format!("{what}: {error}")))
}
