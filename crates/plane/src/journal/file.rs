//! The audit file in the state folder.

use audit::{Rotation, Sink, Written};
use jiff::Timestamp;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The name of the file that is written.
const NAME: &str = "audit.jsonl";

/// Bytes looked at together for the end of a line.
const BLOCK_BYTES: usize = 64 * 1024;

/// The file that is written now.
pub(super) struct AuditFile {
    folder: PathBuf,
    file: File,
    bytes: u64,
    since: Timestamp,
}

impl AuditFile {
    /// Opens the file of a folder, or begins it. A part of a line, which a plane leaves that is killed
    /// while it writes, goes: the next line would be read as its end.
    pub(super) fn open(folder: &Path, now: Timestamp) -> std::io::Result<Self> {
        let file = opened(folder)?;
        let bytes = end_of_lines(&file)?;
        file.set_len(bytes)?;
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
        .read(true)
        .append(true)
        .mode(0o600)
        .open(folder.join(NAME))
}

/// Where the last whole line ends.
fn end_of_lines(file: &File) -> std::io::Result<u64> {
    let mut block = vec![0; BLOCK_BYTES];
    let mut end = file.metadata()?.len();
    while end > 0 {
        let start = end.saturating_sub(BLOCK_BYTES as u64);
        let looked_at = &mut block[..usize::try_from(end - start).unwrap_or(BLOCK_BYTES)];
        file.read_exact_at(looked_at, start)?;
        if let Some(at) = looked_at.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: &str, left: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        std::fs::write(&path, found).unwrap();
        let mut file = AuditFile::open(folder.path(), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(file.written().bytes, left.len() as u64);
        file.append(b"{}\n").unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text == format!("{left}{{}}\n"), "{} bytes", text.len());
    }

    #[test]
    fn a_torn_last_line_goes_and_whole_ones_stay() {
        check("", "");
        check("{\"a\":1}\n", "{\"a\":1}\n");
        check("{\"a\":1}\n{\"b\"", "{\"a\":1}\n");
        check("{\"a\"", "");
    }

    #[test]
    fn a_torn_line_may_be_longer_than_a_block() {
        let whole = format!("{}\n", "a".repeat(BLOCK_BYTES));
        check(&format!("{whole}{}", "b".repeat(2 * BLOCK_BYTES)), &whole);
        check(&format!("{whole}{}", "b".repeat(BLOCK_BYTES)), &whole);
    }
}
