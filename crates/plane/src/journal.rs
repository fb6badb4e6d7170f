//! The audit file in the state folder.

use audit::{Rotation, Sink, Written};
use jiff::Timestamp;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file that is written now.
pub(crate) struct AuditFile {
    folder: PathBuf,
    file: File,
    bytes: u64,
    since: Timestamp,
}

impl AuditFile {
    /// Opens the file of a folder, or begins it.
    pub(crate) fn open(folder: &Path, now: Timestamp) -> std::io::Result<Self> {
        let file = opened(folder)?;
        let bytes = file.metadata()?.len();
        Ok(Self {
            folder: folder.to_owned(),
            file,
            bytes,
            since: now,
        })
    }
}

fn opened(folder: &Path) -> std::io::Result<File> {
    File::options()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(folder.join("audit.jsonl"))
}

impl Sink for AuditFile {
    type Refused = std::io::Error;

    fn written(&self) -> Written {
        Written {
            bytes: self.bytes,
            since: self.since,
        }
    }

    fn append(&mut self, line: &[u8]) -> Result<(), Self::Refused> {
        self.file.write_all(line)?;
        self.bytes += line.len() as u64;
        Ok(())
    }

    fn begin_new(
        &mut self,
        finished: &str,
        rotation: &Rotation,
        now: Timestamp,
    ) -> Result<(), Self::Refused> {
        std::fs::rename(self.folder.join("audit.jsonl"), self.folder.join(finished))?;
        self.file = opened(&self.folder)?;
        (self.bytes, self.since) = (0, now);
        let names: Vec<String> = std::fs::read_dir(&self.folder)?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        for surplus in rotation.surplus(names.iter().map(String::as_str)) {
            std::fs::remove_file(self.folder.join(surplus))?;
        }
        Ok(())
    }
}
