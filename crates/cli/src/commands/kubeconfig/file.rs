//! Changing a file that others use, too: locked, backed up, replaced as a whole.

use super::document::Document;
use crate::output::Failure;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const OWNER_ONLY: u32 = 0o600;

/// Changes a kubeconfig; what would not change it writes nothing.
pub(super) fn change(
    path: &Path,
    with: impl FnOnce(&mut Document) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let failed = |why: std::io::Error| failed(path, &why);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let _lock = Lock::take(path)?;
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(why) if why.kind() == ErrorKind::NotFound => None,
        Err(why) => return Err(failed(why)),
    };
    let parsed = Document::parse(text.as_deref().unwrap_or_default());
    let before = parsed.map_err(|why| {
        Failure::no(
            "kubeconfig-unreadable",
            format!("`{}`: {why}; it was left as it is", path.display()),
        )
    })?;
    let mut after = before.clone();
    with(&mut after)?;
    if after == before {
        return Ok(());
    }
    if text.is_some() {
        std::fs::copy(path, beside(path, ".rolecall.bak")).map_err(failed)?;
    }
    replace(path, &after.to_yaml())
}

/// Replaces a file as a whole and keeps its mode; a new one is its owner's alone.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let mode = std::fs::metadata(path).map_or(OWNER_ONLY, |there| there.permissions().mode());
    let fresh = beside(path, &format!(".{}.new", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(OWNER_ONLY)
        .open(&fresh)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.set_permissions(std::fs::Permissions::from_mode(mode))?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&fresh, path));
    written.map_err(|why| failed(path, &why))
}

/// The lock that Kubernetes' clients respect: a file beside the kubeconfig.
struct Lock(PathBuf);

impl Lock {
    fn take(path: &Path) -> Result<Self, Failure> {
        let lock = beside(path, ".lock");
        let taken = OpenOptions::new().write(true).create_new(true).open(&lock);
        match taken {
            Ok(_) => Ok(Self(lock)),
            Err(why) if why.kind() == ErrorKind::AlreadyExists => Err(Failure::unanswered(
                "kubeconfig-locked",
                format!(
                    "`{}` is there: another program changes the file",
                    lock.display()
                ),
            )
            .help("try again; if no such program runs, delete the lock file")),
            Err(why) => Err(failed(path, &why)),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // What is gone already need not be removed.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn failed(path: &Path, why: &std::io::Error) -> Failure {
    Failure::unanswered(
        "kubeconfig-unwritable",
        format!("`{}`: {why}", path.display()),
    )
}
