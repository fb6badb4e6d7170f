//! Changing a file that others use, too: locked, backed up, replaced as a whole.

use super::document::Document;
use crate::output::Failure;
use jiff::Timestamp;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const OWNER_ONLY: u32 = 0o600;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Written,
    /// It was so already, and was left alone.
    None,
}

/// Changes a kubeconfig; what would not change it writes nothing. Behind a link, the file changes that it
/// leads to.
pub(super) fn change(
    named: &Path,
    with: impl FnOnce(&mut Document) -> Result<(), Failure>,
) -> Result<Change, Failure> {
    let real = named.canonicalize();
    let path = real.as_deref().unwrap_or(named);
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
            format!("`{}`: {why}", named.display()),
        )
        .help("it was left as it is")
    })?;
    let mut after = before.clone();
    with(&mut after)?;
    if after == before {
        return Ok(Change::None);
    }
    if text.is_some() {
        std::fs::copy(path, beside(path, &backup(crate::client::now()))).map_err(failed)?;
    }
    replace(path, &after.to_yaml())?;
    Ok(Change::Written)
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

/// What the name of a file as it was ends with: a date, so that no backup takes another's place.
fn backup(now: Timestamp) -> String {
    now.strftime(".rolecall-%Y%m%dT%H%M%S%.3fZ.bak").to_string()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_there_is_kept_under_its_date_and_a_new_one_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        let name = |name: &'static str| {
            change(&path, move |document| {
                document.set_current(name);
                Ok(())
            })
            .unwrap()
        };
        assert_eq!(name("first"), Change::Written);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, OWNER_ONLY);
        let first = std::fs::read_to_string(&path).unwrap();
        assert_eq!(name("second"), Change::Written);
        let written = || std::fs::metadata(&path).unwrap().modified().unwrap();
        let at = written();
        assert_eq!(name("second"), Change::None);
        assert_eq!(written(), at);
        let others = std::fs::read_dir(folder.path()).unwrap();
        let others = others.map(|entry| entry.unwrap().path());
        let kept: Vec<_> = others.filter(|one| *one != path).collect();
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert_eq!(std::fs::read_to_string(&kept[0]).unwrap(), first);
        assert_eq!(
            backup(Timestamp::UNIX_EPOCH),
            ".rolecall-19700101T000000.000Z.bak"
        );
    }
}
