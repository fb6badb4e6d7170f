//! The state folder: the root key, the store's file, and the files that clients read.

use crate::leftovers::{self, Claim};
use crate::{StartError, chance};
use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use store::{ROOT_KEY_LENGTH, RootKey};

/// The file whose lock says that a plane runs on the folder.
const LOCK: &str = "plane.lock";

/// A folder that only its owner reads.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Held while a plane runs on the folder.
    _lock: Option<File>,
    /// Set when the folder goes with the plane.
    _temporary: Option<(tempfile::TempDir, Claim)>,
}

impl Folder {
    /// Takes a folder for this process alone, until it is dropped.
    pub(crate) fn at(path: &Path) -> Result<Self, StartError> {
        let mut folder = Self {
            path: path.to_owned(),
            _lock: None,
            _temporary: None,
        };
        let made = std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path);
        made.map_err(|why| folder.failed(&why))?;
        folder._lock = Some(folder.lock()?);
        leftovers::keep(path);
        folder.with_subfolders()
    }

    pub(crate) fn temporary() -> Result<Self, StartError> {
        let made = tempfile::Builder::new().prefix(leftovers::PREFIX).tempdir();
        let made = made.and_then(|folder| Claim::of(folder.path()).map(|claim| (folder, claim)));
        let temporary = made.map_err(|why| StartError::State {
            folder: PathBuf::from("the temporary folder"),
            why: why.to_string(),
        })?;
        let folder = Self {
            path: temporary.0.path().to_owned(),
            _lock: None,
            _temporary: Some(temporary),
        };
        folder.with_subfolders()
    }

    /// The same folder, for a holder whose life does not keep it.
    pub(crate) fn alias(&self) -> Self {
        Self {
            path: self.path.clone(),
            _lock: None,
            _temporary: None,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The store's file.
    pub(crate) fn state(&self) -> PathBuf {
        self.path.join("state.redb")
    }

    /// The key that seals secrets; drawn when there is none.
    pub(crate) fn root_key(&self) -> Result<RootKey, StartError> {
        let path = self.path.join("root.key");
        match std::fs::read(&path) {
            Ok(bytes) => match <[u8; ROOT_KEY_LENGTH]>::try_from(bytes.as_slice()) {
                Ok(key) => Ok(RootKey::from_bytes(key)),
                Err(_) => Err(StartError::State {
                    folder: self.path.clone(),
                    why: format!("`root.key` is not {ROOT_KEY_LENGTH} bytes"),
                }),
            },
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => {
                let key = chance::random::<ROOT_KEY_LENGTH>();
                self.write("root.key", &key)?;
                Ok(RootKey::from_bytes(key))
            }
            Err(why) => Err(self.failed(&why)),
        }
    }

    /// Replaces a file as a whole; only its owner reads it.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StartError> {
        let path = self.path.join(name);
        let fresh = self.path.join(format!("{name}.new"));
        let written = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&fresh)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::rename(&fresh, &path));
        written.map_err(|why| self.failed(&why))
    }

    /// Removes a file, if it is there.
    pub(crate) fn remove(&self, name: &str) {
        // What is gone already need not be removed.
        let _ = std::fs::remove_file(self.path.join(name));
    }

    pub(crate) fn failed(&self, why: &dyn std::fmt::Display) -> StartError {
        StartError::State {
            folder: self.path.clone(),
            why: why.to_string(),
        }
    }

    /// The lock goes with the process, however that ends; its file says which process it is.
    fn lock(&self) -> Result<File, StartError> {
        let opened = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.path.join(LOCK));
        let mut file = opened.map_err(|why| self.failed(&why))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(self.in_use(&mut file)),
            Err(TryLockError::Error(why)) => return Err(self.failed(&why)),
        }
        let written = file
            .set_len(0)
            .and_then(|()| write!(file, "{}", std::process::id()));
        written.map_err(|why| self.failed(&why))?;
        Ok(file)
    }

    fn in_use(&self, lock: &mut File) -> StartError {
        let mut process = String::new();
        let owner = match lock.read_to_string(&mut process) {
            Ok(_) if !process.is_empty() => format!("process {process}"),
            // It has the lock and has not written yet.
            Ok(_) | Err(_) => "a process that starts now".to_owned(),
        };
        StartError::InUse {
            folder: self.path.clone(),
            owner,
        }
    }

    fn with_subfolders(self) -> Result<Self, StartError> {
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&self.path, private).map_err(|why| self.failed(&why))?;
        for name in ["aws", "audit", "kube"] {
            let made = std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(self.path.join(name));
            made.map_err(|why| self.failed(&why))?;
        }
        Ok(self)
    }
}
