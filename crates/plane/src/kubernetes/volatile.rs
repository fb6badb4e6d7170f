//! The folder in memory where the tokens and secrets of Pods lie.
//!
//! It is named by the state folder: the next plane on the same state finds and removes what one left
//! behind that was killed, and so does any that starts before.

use crate::leftovers::{Claim, MEMORY, PREFIX};
use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Bytes of the hash in the folder's name.
const NAME_BYTES: usize = 16;

/// A folder that only its owner reads. It goes with this value, as when a plane did not come to its start.
#[derive(Debug)]
pub(super) struct Volatile {
    path: PathBuf,
    _claim: Claim,
}

impl Volatile {
    /// Makes the folder of a state folder, empty.
    ///
    /// # Errors
    /// When it cannot be made, or when what is there cannot be removed.
    pub(super) fn of(state: &Path) -> io::Result<Self> {
        match Path::new(MEMORY) {
            memory if memory.is_dir() => Self::beneath(memory, state),
            _ => Self::beneath(state, state),
        }
    }

    fn beneath(memory: &Path, state: &Path) -> io::Result<Self> {
        let state = fs::canonicalize(state)?;
        let hash = digest::digest(&digest::SHA256, state.as_os_str().as_bytes());
        let name = HEXLOWER.encode(&hash.as_ref()[..NAME_BYTES]);
        let path = memory.join(format!("{PREFIX}{name}"));
        remove(&path)?;
        // Fails when somebody else has made one meanwhile: theirs is not to be trusted.
        DirBuilder::new().mode(0o700).create(&path)?;
        let _claim = Claim::of(&path)?;
        Ok(Self { path, _claim })
    }

    /// The part of a cluster.
    pub(super) fn part(&self, cluster: &str) -> PathBuf {
        self.path.join(cluster)
    }

    /// Removes the folder and all that is in it.
    pub(super) fn remove(&self) -> io::Result<()> {
        remove(&self.path)
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

impl Drop for Volatile {
    fn drop(&mut self) {
        // What stays is removed by the next start.
        let _ = self.remove();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::ManuallyDrop;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_a_killed_plane_left_goes_with_the_next_one_on_its_state_and_with_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let [memory, one, other] = ["memory", "one", "other"].map(|name| {
            let path = folder.path().join(name);
            fs::create_dir(&path).unwrap();
            path
        });
        let killed = ManuallyDrop::new(Volatile::beneath(&memory, &one).unwrap());
        let token = killed.part("ci").join("token");
        fs::create_dir(killed.part("ci")).unwrap();
        fs::write(&token, "secret").unwrap();
        let another = Volatile::beneath(&memory, &other).unwrap();
        assert!(token.exists());
        let next = Volatile::beneath(&memory, &one).unwrap();
        assert!(!token.exists());
        let mode = fs::metadata(&next.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        drop((next, another));
        assert_eq!(fs::read_dir(&memory).unwrap().count(), 0);
    }

    #[test]
    fn a_link_in_its_place_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let [memory, state, elsewhere] = ["memory", "state", "elsewhere"].map(|name| {
            let path = folder.path().join(name);
            fs::create_dir(&path).unwrap();
            path
        });
        let made = Volatile::beneath(&memory, &state).unwrap();
        made.remove().unwrap();
        fs::write(elsewhere.join("kept"), "").unwrap();
        std::os::unix::fs::symlink(&elsewhere, &made.path).unwrap();
        let made = Volatile::beneath(&memory, &state).unwrap();
        assert!(!made.path.is_symlink());
        assert!(elsewhere.join("kept").exists());
    }
}
