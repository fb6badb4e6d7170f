//! Where the database lies.

use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Reading and writing for the owner, nothing for others: the key space holds sealed secrets.
const OWNER_ONLY: u32 = 0o600;

/// A place that the database can be opened at more than once, one opening after the other.
pub(super) trait Disk: Send + 'static {
    /// Opens the database, or makes it.
    fn open(&self, builder: &Builder) -> Result<Database, DatabaseError>;
}

/// A file.
#[derive(Debug)]
pub(super) struct OneFile {
    path: PathBuf,
}

impl OneFile {
    pub(super) fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }
}

impl Disk for OneFile {
    fn open(&self, builder: &Builder) -> Result<Database, DatabaseError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(OWNER_ONLY)
            .open(&self.path)
            .map_err(redb::StorageError::from)?;
        builder.create_with_backend(FileBackend::new(file)?)
    }
}
