//! Folders that go with their plane, and what is left of planes that were killed.
//!
//! Such a folder holds a file that its plane keeps locked, and that the kernel unlocks when the process
//! ends, however that ends. A folder whose file nobody has locked is nobody's any more: who starts next
//! removes it.

use rustix::fs::{Mode, OFlags};
use rustix::process::{Uid, geteuid};
use std::fs::{self, DirEntry, File};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// How the names of such folders begin.
pub(crate) const PREFIX: &str = "rolecall-";

/// Where files are kept in memory.
pub(crate) const MEMORY: &str = "/dev/shm";

/// The file. A folder without it is never removed.
const LOCK: &str = ".goes-with-its-plane";

/// Says in a folder that it goes with this process, as long as it is held.
#[derive(Debug)]
pub(crate) struct Claim(#[expect(dead_code, reason = "it is held, not read")] File);

impl Claim {
    /// # Errors
    /// When the folder has been claimed already, or cannot be written to.
    pub(crate) fn of(folder: &Path) -> io::Result<Self> {
        let fresh = folder.join(format!("{LOCK}.new"));
        let file = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&fresh)?;
        file.try_lock()?;
        // Under the name that others look for, it was locked from the first moment.
        fs::rename(fresh, folder.join(LOCK))?;
        Ok(Self(file))
    }
}

/// Says that a folder is to stay, whatever it was.
pub(crate) fn keep(folder: &Path) {
    // Mostly there is nothing that says anything else.
    let _ = fs::remove_file(folder.join(LOCK));
}

/// Removes what killed planes of this user left in memory and in the system's temporary folder.
pub(crate) fn remove() {
    for place in [Path::new(MEMORY), &std::env::temp_dir()] {
        remove_from(place, geteuid());
    }
}

fn remove_from(place: &Path, user: Uid) {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    for folder in entries.filter(is_named).map(|entry| entry.path()) {
        if let Some(_lock) = take(&folder, user) {
            // What cannot go now keeps its lock file, and is tried by the next plane.
            let _ = empty(&folder).and_then(|()| fs::remove_dir_all(&folder));
        }
    }
}

fn is_named(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    name.as_encoded_bytes().starts_with(PREFIX.as_bytes())
}

/// The lock of a folder of the user's that nobody holds. No link is followed.
fn take(folder: &Path, user: Uid) -> Option<File> {
    let there = fs::symlink_metadata(folder).ok()?;
    if !there.is_dir() || there.uid() != user.as_raw() {
        return None;
    }
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let lock = rustix::fs::open(folder.join(LOCK), flags, Mode::empty()).ok()?;
    let lock = File::from(lock);
    lock.try_lock().ok()?;
    Some(lock)
}

/// Removes all but the lock file.
fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;
    use tempfile::TempDir;

    struct Place(TempDir);

    impl Place {
        fn new() -> Self {
            Self(TempDir::new().unwrap())
        }

        /// A folder with something in it.
        fn folder(&self, name: &str) -> PathBuf {
            let folder = self.0.path().join(name);
            fs::create_dir_all(folder.join("deep")).unwrap();
            fs::write(folder.join("deep/secret"), "secret").unwrap();
            folder
        }

        fn sweep(&self) {
            remove_from(self.0.path(), geteuid());
        }
    }

    #[test]
    fn what_nobody_holds_any_more_goes_and_what_is_held_stays() {
        let place = Place::new();
        let [left, held] = ["rolecall-left", "rolecall-held"].map(|name| place.folder(name));
        drop(Claim::of(&left).unwrap());
        let claim = Claim::of(&held).unwrap();
        place.sweep();
        assert!(!left.exists());
        assert!(held.join("deep/secret").exists());
        drop(claim);
        place.sweep();
        assert!(!held.exists());
    }

    #[test]
    fn what_is_not_ours_stays() {
        let place = Place::new();
        let elsewhere = Place::new();
        let claimed = |folder: PathBuf| {
            drop(Claim::of(&folder).unwrap());
            folder
        };
        let unclaimed = place.folder("rolecall-unclaimed");
        let named_otherwise = claimed(place.folder("other"));
        let linked = claimed(elsewhere.folder("rolecall-linked"));
        symlink(&linked, place.0.path().join("rolecall-link")).unwrap();
        let taken_over = claimed(place.folder("rolecall-kept"));
        keep(&taken_over);
        let lock_elsewhere = place.folder("rolecall-lock-elsewhere");
        symlink(linked.join(LOCK), lock_elsewhere.join(LOCK)).unwrap();
        place.sweep();
        for stays in [
            unclaimed,
            named_otherwise,
            linked,
            taken_over,
            lock_elsewhere,
        ] {
            assert!(stays.join("deep/secret").exists(), "{stays:?}");
        }
        assert!(place.0.path().join("rolecall-link").is_symlink());
    }

    #[test]
    fn what_another_user_left_stays() {
        let place = Place::new();
        let left = place.folder("rolecall-left");
        drop(Claim::of(&left).unwrap());
        remove_from(place.0.path(), Uid::from_raw(geteuid().as_raw() + 1));
        assert!(left.exists());
    }

    #[test]
    fn a_link_in_what_was_left_leads_nowhere() {
        let place = Place::new();
        let elsewhere = Place::new();
        let kept = elsewhere.folder("kept");
        let left = place.folder("rolecall-left");
        symlink(&kept, left.join("deep/link")).unwrap();
        symlink(&kept, left.join("link")).unwrap();
        drop(Claim::of(&left).unwrap());
        place.sweep();
        assert!(!left.exists());
        assert!(kept.join("deep/secret").exists());
    }
}
