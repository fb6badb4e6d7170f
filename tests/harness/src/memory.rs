//! Where a plane keeps the secrets of its Pods in memory, and what a killed one leaves there.

use std::fs;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;

/// The folder in memory of the plane of a state folder, which must be there.
#[must_use]
pub fn in_memory(state: &Path) -> Option<PathBuf> {
    let state = state.canonicalize().ok()?;
    let hash = digest::digest(&digest::SHA256, state.as_os_str().as_encoded_bytes());
    let name = HEXLOWER.encode(&hash.as_ref()[..16]);
    Some(PathBuf::from(format!("/dev/shm/rolecall-{name}")))
}

/// Removes it, as the next plane would: perhaps there will be none.
pub(crate) fn forget(state: &Path) {
    // Mostly there is nothing: a plane that is asked to end removes it itself.
    let _ = in_memory(state).map(fs::remove_dir_all);
}
