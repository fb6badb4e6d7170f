//! What the container sees as `/`: overlays of the host's folders or of an image, an own `/dev`,
//! `/proc`, `/tmp` and `/run`, and the volumes bound where the Pod wants them.
//!
//! All writable layers lie on one in-memory file system that only this mount namespace sees, so that
//! nothing is left behind however the container ends.

use super::launch::{BindMount, Isolation, Launch, Root, StartFailure};
use super::wire::reason;
use rustix::fs::{
    CWD, FileType, Mode, OFlags, ResolveFlags, StatVfsMountFlags, fstat, fstatvfs, mkdirat,
    mknodat, openat, openat2,
};
use rustix::io::Errno;
use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind, mount_bind_recursive,
    mount_change, mount_remount, unmount,
};
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

/// Folders of `/` that a container has of its own.
const OWN: [&str; 5] = ["dev", "proc", "sys", "tmp", "run"];

/// The devices that a container may use.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// Most parts of a path that are made where a volume is mounted.
const PATH_PARTS_MAX: usize = 256;

/// Builds the new root and moves into it.
pub(super) fn enter(launch: &Launch) -> Result<(), StartFailure> {
    let room = Room::new(launch).map_err(refused("the stage"))?;
    room.layers().map_err(refused("the root file system"))?;
    room.own_folders()
        .map_err(refused("the container's own folders"))?;
    room.hide().map_err(refused("hiding the host's secrets"))?;
    if launch.read_only_root {
        room.forbid_writes()
            .map_err(refused("the read-only root"))?;
    }
    for bind in &launch.mounts {
        room.bind(bind)?;
    }
    room.move_in().map_err(refused("moving into the root"))
}

/// Changes to the working folder, which is made where it is missing, as runc does.
pub(super) fn start_in(folder: &Path, is_plain: bool) {
    if !is_plain {
        // A folder that cannot be made shows at the next line.
        let _ = fs::create_dir_all(folder);
    }
    if std::env::set_current_dir(folder).is_err() {
        let _ = std::env::set_current_dir("/");
    }
}

struct Room<'a> {
    launch: &'a Launch,
    root: PathBuf,
    layers: PathBuf,
}

impl<'a> Room<'a> {
    fn new(launch: &'a Launch) -> io::Result<Self> {
        let none = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
        mount_change("/", none)?;
        let stage = &launch.stage;
        mount(
            "tmpfs",
            stage,
            "tmpfs",
            MountFlags::NODEV,
            Some(c"mode=755"),
        )?;
        let room = Self {
            launch,
            root: stage.join("root"),
            layers: stage.join("layers"),
        };
        fs::create_dir(&room.root)?;
        fs::create_dir(&room.layers)?;
        mount_bind(&room.root, &room.root)?;
        Ok(room)
    }

    fn layers(&self) -> io::Result<()> {
        let lower = match &self.launch.root {
            Root::Folder(folder) => {
                self.overlay(folder, &self.root, "image")?;
                return Ok(());
            }
            Root::Host => Path::new("/"),
        };
        for entry in fs::read_dir(lower)? {
            let entry = entry?;
            let name = entry.file_name();
            if OWN.iter().any(|own| name == *own) {
                continue;
            }
            let (source, target) = (entry.path(), self.root.join(&name));
            let kind = entry.file_type()?;
            if kind.is_symlink() {
                std::os::unix::fs::symlink(fs::read_link(source)?, target)?;
            } else if kind.is_dir() {
                fs::create_dir(&target)?;
                self.host_folder(&source, &target, &name.to_string_lossy())?;
            }
        }
        Ok(())
    }

    /// A folder of the host; where an overlay is refused (mounts beneath it, in a user namespace) it
    /// is shown as it is, and refuses writes.
    fn host_folder(&self, source: &Path, target: &Path, name: &str) -> io::Result<()> {
        if self.overlay(source, target, name).is_ok() {
            return Ok(());
        }
        if mount_bind_recursive(source, target).is_ok() {
            return make_read_only(target);
        }
        Ok(())
    }

    fn overlay(&self, lower: &Path, target: &Path, name: &str) -> io::Result<()> {
        let upper = self.layers.join(format!("{name}.upper"));
        let work = self.layers.join(format!("{name}.work"));
        fs::create_dir(&upper)?;
        fs::create_dir(&work)?;
        copy_owner(lower, &upper)?;
        self.white_out(lower, &upper);
        let part = |path: &Path| {
            let text = path.to_string_lossy();
            text.replace('\\', "\\\\")
                .replace(':', "\\:")
                .replace(',', "\\,")
        };
        let mut options = format!(
            "lowerdir={},upperdir={},workdir={}",
            part(lower),
            part(&upper),
            part(&work)
        );
        if self.launch.isolation == Isolation::UserNamespace {
            options.push_str(",userxattr");
        }
        let options = std::ffi::CString::new(options)?;
        let flags = MountFlags::NODEV;
        Ok(mount(
            "overlay",
            target,
            "overlay",
            flags,
            Some(options.as_c_str()),
        )?)
    }

    /// Lets what is hidden of a host's folder not be there at all; the container may make its own. What
    /// cannot be hidden so is covered later, by [`Room::hide`].
    fn white_out(&self, lower: &Path, upper: &Path) {
        for path in self.hidden() {
            let Ok(inside) = path.strip_prefix(lower) else {
                continue;
            };
            let _ = white_out(lower, upper, inside);
        }
    }

    /// What is to be hidden; an image holds nothing of the host's.
    fn hidden(&self) -> &[PathBuf] {
        match self.launch.root {
            Root::Host => &self.launch.hidden,
            Root::Folder(_) => &[],
        }
    }

    fn own_folders(&self) -> io::Result<()> {
        let root = &self.root;
        for own in OWN {
            fs::create_dir_all(root.join(own))?;
        }
        let shared = c"mode=1777";
        let flags = MountFlags::NOSUID | MountFlags::NODEV;
        mount("tmpfs", root.join("tmp"), "tmpfs", flags, Some(shared))?;
        mount("tmpfs", root.join("run"), "tmpfs", flags, Some(c"mode=755"))?;
        self.proc_and_sys()?;
        self.devices()
    }

    fn proc_and_sys(&self) -> io::Result<()> {
        let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
        let proc = self.root.join("proc");
        if mount("proc", &proc, "proc", flags, None).is_err() {
            mount_bind_recursive("/proc", &proc)?;
        }
        let sys = self.root.join("sys");
        mount_bind_recursive("/sys", &sys)?;
        make_read_only(&sys)
    }

    fn devices(&self) -> io::Result<()> {
        let dev = self.root.join("dev");
        mount(
            "tmpfs",
            &dev,
            "tmpfs",
            MountFlags::NOSUID,
            Some(c"mode=755"),
        )?;
        for device in DEVICES {
            let (source, target) = (Path::new("/dev").join(device), dev.join(device));
            fs::write(&target, "")?;
            mount_bind(source, target)?;
        }
        for (name, meaning) in [
            ("fd", "/proc/self/fd"),
            ("stdin", "/proc/self/fd/0"),
            ("stdout", "/proc/self/fd/1"),
            ("stderr", "/proc/self/fd/2"),
            ("ptmx", "pts/ptmx"),
        ] {
            std::os::unix::fs::symlink(meaning, dev.join(name))?;
        }
        let (terminals, memory) = (dev.join("pts"), dev.join("shm"));
        fs::create_dir(&terminals)?;
        fs::create_dir(&memory)?;
        let flags = MountFlags::NOSUID | MountFlags::NOEXEC;
        let options = c"newinstance,ptmxmode=0666,mode=0620";
        mount("devpts", terminals, "devpts", flags, Some(options))?;
        let flags = MountFlags::NOSUID | MountFlags::NODEV;
        Ok(mount("tmpfs", memory, "tmpfs", flags, Some(c"mode=1777"))?)
    }

    /// Covers what the container must not see and still would, by an empty folder of its own.
    fn hide(&self) -> io::Result<()> {
        let mut flags = MountFlags::NOSUID | MountFlags::NODEV;
        flags.set(MountFlags::RDONLY, self.launch.read_only_root);
        for path in self.hidden() {
            let Ok(inside) = path.strip_prefix("/") else {
                continue;
            };
            let target = self.root.join(inside);
            match fs::symlink_metadata(&target) {
                Ok(found) if found.is_dir() => {
                    mount("tmpfs", &target, "tmpfs", flags, Some(c"mode=755"))?;
                }
                Ok(found) if found.is_file() => mount_bind("/dev/null", &target)?,
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }

    fn forbid_writes(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let is_own = OWN.iter().any(|own| entry.file_name() == *own);
            if entry.file_type()?.is_dir() && (!is_own || entry.file_name() == "run") {
                // A folder that is no mount of its own belongs to the root, forbidden next.
                let _ = make_read_only(&entry.path());
            }
        }
        make_read_only(&self.root)
    }

    fn bind(&self, bind: &BindMount) -> Result<(), StartFailure> {
        let source = open_source(bind)?;
        let failed = |error: io::Error| {
            let target = bind.target.display();
            StartFailure::Sandbox(reason(&format!("mounting `{target}`: {error}")))
        };
        let is_folder = is_folder(&source).map_err(failed)?;
        let target = self.place(&bind.target, is_folder).map_err(failed)?;
        mount_bind_recursive(open_path(&source), open_path(&target))
            .map_err(|error| failed(error.into()))?;
        if bind.read_only {
            let mounted = self
                .open_inside(&bind.target)
                .map_err(|error| failed(error.into()))?;
            make_read_only(Path::new(&open_path(&mounted))).map_err(failed)?;
        }
        Ok(())
    }

    /// The file or folder inside the root where a volume goes, made where it is missing. Links are
    /// followed as the container would follow them: `/var/run` is the container's `/run`.
    fn place(&self, target: &Path, is_folder: bool) -> io::Result<OwnedFd> {
        let mut so_far = PathBuf::from("/");
        let parts: Vec<_> = target.strip_prefix("/").unwrap_or(target).iter().collect();
        if parts.iter().any(|part| *part == "..") {
            return Err(Errno::INVAL.into());
        }
        if parts.len() > PATH_PARTS_MAX {
            return Err(Errno::NAMETOOLONG.into());
        }
        for (at, name) in parts.iter().enumerate() {
            let parent = self.open_inside(&so_far)?;
            so_far.push(name);
            if self.open_inside(&so_far).is_ok() {
                continue;
            }
            let mode = Mode::from_raw_mode(0o755);
            if is_folder || at + 1 < parts.len() {
                mkdirat(&parent, *name, mode)?;
            } else {
                let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
                openat(&parent, *name, flags, Mode::from_raw_mode(0o644))?;
            }
        }
        Ok(self.open_inside(&so_far)?)
    }

    fn open_inside(&self, path: &Path) -> rustix::io::Result<OwnedFd> {
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        let root = openat(CWD, &self.root, flags | OFlags::DIRECTORY, Mode::empty())?;
        openat2(root, path, flags, Mode::empty(), ResolveFlags::IN_ROOT)
    }

    fn move_in(&self) -> io::Result<()> {
        std::env::set_current_dir(&self.root)?;
        rustix::process::pivot_root(".", ".")?;
        unmount(".", UnmountFlags::DETACH)?;
        std::env::set_current_dir("/")
    }
}

/// The file or folder that a volume mount shows. A `subPath` is resolved by the kernel beneath the
/// volume: neither `..` nor a link, however it is swapped meanwhile, leads out of it.
fn open_source(bind: &BindMount) -> Result<OwnedFd, StartFailure> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let volume = openat(CWD, &bind.source, flags, Mode::empty()).map_err(|error| {
        let source = bind.source.display();
        StartFailure::Sandbox(format!("volume `{}` at `{source}`: {error}", bind.volume))
    })?;
    let Some(sub_path) = &bind.sub_path else {
        return Ok(volume);
    };
    open_beneath(&volume, sub_path).map_err(|error| StartFailure::SubPath {
        volume: bind.volume.clone(),
        reason: error.to_string(),
    })
}

/// Opens a path beneath a folder; a missing one becomes a folder, as the kubelet does.
fn open_beneath(folder: &OwnedFd, path: &Path) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let open = |path: &Path| openat2(folder, path, flags, Mode::empty(), beneath);
    match open(path) {
        Err(Errno::NOENT) => {}
        other => return other,
    }
    let mut so_far = PathBuf::new();
    for part in path.components() {
        let parent = if so_far.as_os_str().is_empty() {
            open(Path::new("."))?
        } else {
            open(&so_far)?
        };
        so_far.push(part);
        if matches!(open(&so_far), Err(Errno::NOENT)) {
            mkdirat(&parent, Path::new(&part), Mode::from_raw_mode(0o750))?;
        }
    }
    open(path)
}

fn is_folder(file: &OwnedFd) -> io::Result<bool> {
    Ok(FileType::from_raw_mode(fstat(file)?.st_mode).is_dir())
}

/// The path by which a mount names an open file.
fn open_path(file: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// Remounts read-only, keeping the restrictions that an outer namespace locks.
fn make_read_only(path: &Path) -> io::Result<()> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let found = fstatvfs(openat(CWD, path, flags, Mode::empty())?)?.f_flag;
    let mut wanted = MountFlags::BIND | MountFlags::RDONLY;
    for (found_flag, flag) in [
        (StatVfsMountFlags::NOSUID, MountFlags::NOSUID),
        (StatVfsMountFlags::NODEV, MountFlags::NODEV),
        (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
        (StatVfsMountFlags::NOATIME, MountFlags::NOATIME),
        (StatVfsMountFlags::NODIRATIME, MountFlags::NODIRATIME),
        (StatVfsMountFlags::RELATIME, MountFlags::RELATIME),
    ] {
        if found.contains(found_flag) {
            wanted |= flag;
        }
    }
    Ok(mount_remount(path, wanted, c"")?)
}

/// Gives a layer the mode and owner of the folder that it stands over.
/// Marks a path as deleted in the upper layer of an overlay that is not mounted yet.
fn white_out(lower: &Path, upper: &Path, inside: &Path) -> io::Result<()> {
    let (mut lower, mut upper) = (lower.to_owned(), upper.to_owned());
    let parents = inside.parent().into_iter().flat_map(Path::components);
    for part in parents {
        lower.push(part);
        upper.push(part);
        if !fs::symlink_metadata(&lower)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        if !upper.exists() {
            fs::create_dir(&upper)?;
            copy_owner(&lower, &upper)?;
        }
    }
    let name = inside.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    fs::symlink_metadata(lower.join(name))?;
    let deleted = FileType::CharacterDevice;
    Ok(mknodat(CWD, upper.join(name), deleted, Mode::empty(), 0)?)
}

fn copy_owner(from: &Path, to: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let found = fs::metadata(from)?;
    fs::set_permissions(to, found.permissions())?;
    // An owner whom the user namespace does not know stays the one who made it.
    let _ = std::os::unix::fs::chown(to, Some(found.uid()), Some(found.gid()));
    Ok(())
}

fn refused<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> StartFailure {
    move |error| StartFailure::Sandbox(reason(&format!("{what}: {error}")))
}
