//! What a killed plane leaves in memory, where its Pods had their secrets.

use std::fs;
use std::path::Path;

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;

/// Removes it, as the next plane on the same state folder would: there will be none.
pub(crate) fn forget(state: &Path) {
    let Ok(state) = state.canonicalize() else {
        return;
    };
    let hash = digest::digest(&digest::SHA256, state.as_os_str().as_encoded_bytes());
    let name = HEXLOWER.encode(&hash.as_ref()[..16]);
    // Mostly there is nothing: a plane that is asked to end removes it itself.
    let _ = fs::remove_dir_all(format!("/dev/shm/rolecall-{name}"));
}
