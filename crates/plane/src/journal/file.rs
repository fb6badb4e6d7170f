//! The audit file in the state folder.

use audit::{Rotation, Sink, Written};
use jiff::Timestamp;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The name of the file that is written.
const NAME: &str = "audit.jsonl";

/// The file that is written now.
pub(super) struct AuditFile {
    folder: PathBuf,
    file: File,
    bytes: u64,
    since: Timestamp,
}

impl AuditFile {
    /// Opens the file of a folder, or begins it.
    pub(super) fn open(folder: &Path, now: Timestamp) -> std::io::Result<Self> {
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
        .open(folder.join(NAME))
}

impl Sink for AuditFile {
    type Refused = std::io::Error;

    fn written(&self) -> Written {
        Written {
            bytes: self.bytes,
            since: self.since,
        }
    }

    fn append(&mut self, lines: &[u8]) -> Result<(), Self::Refused> {
        if let Err(why) = self.file.write_all(lines) {
            // A full disk may have taken half a line; the next one begins where this one did.
            let _ = self.file.set_len(self.bytes);
            return Err(why);
        }
        self.bytes += lines.len() as u64;
        Ok(())
    }

    fn begin_new(
        &mut self,
        finished: &str,
        rotation: &Rotation,
        now: Timestamp,
    ) -> Result<(), Self::Refused> {
        match std::fs::rename(self.folder.join(NAME), self.folder.join(finished)) {
            // Somebody moved it away, or an earlier try got as far as this.
            Err(why) if why.kind() == ErrorKind::NotFound => {}
            renamed => renamed?,
        }
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
