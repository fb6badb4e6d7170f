//! A container's log: one file for each of its runs, in the format of the container runtime
//! interface, `TIME STREAM TAG TEXT`.

use jiff::Timestamp;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// A log grows to this many bytes; then it becomes the older half and a new one begins.
const LOG_BYTES_MAX: u64 = 10 * 1024 * 1024;

/// A longer line is split; the parts but the last are tagged `P`.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// Where one run writes its log, and others read it.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    path: PathBuf,
    writer: Arc<Mutex<Writer>>,
    changed: Arc<watch::Sender<State>>,
}

/// How far a log has got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct State {
    written: u64,
    turns: u64,
    is_closed: bool,
}

#[derive(Debug)]
struct Writer {
    file: File,
    size: u64,
}

/// What of a log is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// Wait for more until the container ends.
    pub follow: bool,
    /// Each line begins with its time.
    pub timestamps: bool,
    /// Only what was written at or after this time.
    pub since: Option<Timestamp>,
    /// Only the last lines.
    pub tail_lines: Option<u64>,
    /// At most so many bytes.
    pub limit_bytes: Option<u64>,
}

impl Log {
    pub(crate) fn create(path: PathBuf) -> io::Result<Self> {
        let file = open_new(&path)?;
        Ok(Self {
            path,
            writer: Arc::new(Mutex::new(Writer { file, size: 0 })),
            changed: Arc::new(watch::Sender::new(State::default())),
        })
    }

    /// Appends what a stream wrote at a time: whole lines, or parts of a long one.
    pub(crate) fn append(
        &self,
        at: Timestamp,
        stream: &str,
        line: &[u8],
        is_whole: bool,
    ) -> io::Result<()> {
        let tag = if is_whole { "F" } else { "P" };
        let mut record = format!("{at:.9} {stream} {tag} ").into_bytes();
        record.extend_from_slice(line);
        record.push(b'\n');
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let turned = writer.size + record.len() as u64 > LOG_BYTES_MAX;
        if turned {
            std::fs::rename(&self.path, older(&self.path))?;
            *writer = Writer {
                file: open_new(&self.path)?,
                size: 0,
            };
        }
        writer.file.write_all(&record)?;
        writer.size += record.len() as u64;
        drop(writer);
        self.changed.send_modify(|state| {
            state.written += 1;
            state.turns += u64::from(turned);
        });
        Ok(())
    }

    /// No more will be written.
    pub(crate) fn close(&self) {
        self.changed.send_modify(|state| state.is_closed = true);
    }

    pub(crate) fn watch(&self) -> watch::Receiver<State> {
        self.changed.subscribe()
    }

    /// The last lines, of at most so many bytes.
    pub(crate) async fn end(&self, lines: u64, bytes: usize) -> Vec<u8> {
        let options = LogOptions {
            tail_lines: Some(lines),
            ..LogOptions::default()
        };
        let mut text = Vec::new();
        if let Ok(mut reader) = self.read(options) {
            while let Ok(Some(piece)) = reader.next().await {
                text.extend(piece);
            }
        }
        text.split_off(text.len().saturating_sub(bytes))
    }

    /// Removes the files.
    pub(crate) fn remove(&self) {
        let _ = std::fs::remove_file(&self.path);
        let _ = std::fs::remove_file(older(&self.path));
    }

    /// A reader of what is wanted.
    pub(crate) fn read(&self, options: LogOptions) -> io::Result<LogReader> {
        let changed = self.watch();
        let state = *changed.borrow();
        let mut files: Vec<BufReader<File>> = Vec::new();
        if let Ok(file) = File::open(older(&self.path)) {
            files.push(BufReader::new(file));
        }
        files.push(BufReader::new(File::open(&self.path)?));
        let skipped = match options.tail_lines {
            None => 0,
            Some(tail) => count(&mut files, options.since)?.saturating_sub(tail),
        };
        let left = options.limit_bytes.unwrap_or(u64::MAX);
        Ok(LogReader {
            path: self.path.clone(),
            files: files.into(),
            options,
            skipped,
            left,
            turns: state.turns,
            changed,
        })
    }
}

fn open_new(path: &Path) -> io::Result<File> {
    // What a container prints is nobody else's business.
    OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

fn older(path: &Path) -> PathBuf {
    path.with_extension("log.1")
}

/// How many lines a reader would give.
fn count(files: &mut [BufReader<File>], since: Option<Timestamp>) -> io::Result<u64> {
    let mut lines = 0;
    for file in files {
        let mut record = Vec::new();
        while file.read_until(b'\n', &mut record)? > 0 {
            lines += u64::from(Record::read(&record).is_some_and(|record| {
                record.is_whole && since.is_none_or(|since| record.at() >= Some(since))
            }));
            record.clear();
        }
        file.seek(SeekFrom::Start(0))?;
    }
    Ok(lines)
}

struct Record<'a> {
    time: &'a str,
    is_whole: bool,
    text: &'a [u8],
}

impl<'a> Record<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let line = line.strip_suffix(b"\n")?;
        let mut parts = line.splitn(4, |byte| *byte == b' ');
        let time = std::str::from_utf8(parts.next()?).ok()?;
        let _stream = parts.next()?;
        let is_whole = parts.next()? == b"F";
        let text = parts.next()?;
        Some(Self {
            time,
            is_whole,
            text,
        })
    }

    fn at(&self) -> Option<Timestamp> {
        self.time.parse().ok()
    }
}

/// Reads a log, and follows it if that is wanted.
#[derive(Debug)]
pub struct LogReader {
    path: PathBuf,
    files: std::collections::VecDeque<BufReader<File>>,
    options: LogOptions,
    skipped: u64,
    left: u64,
    turns: u64,
    changed: watch::Receiver<State>,
}

impl LogReader {
    /// The next piece of the log, `None` at its end: now, or with the container if it is followed.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            self.changed.mark_unchanged();
            let state = *self.changed.borrow_and_update();
            let piece = self.available()?;
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
            if state.turns > self.turns {
                self.turns = state.turns;
                self.files
                    .push_back(BufReader::new(File::open(&self.path)?));
                continue;
            }
            let is_over = !self.options.follow || state.is_closed || self.left == 0;
            if is_over || self.changed.changed().await.is_err() {
                return Ok(None);
            }
        }
    }

    fn available(&mut self) -> io::Result<Vec<u8>> {
        let mut piece = Vec::new();
        let mut record = Vec::new();
        while piece.len() < 64 * 1024 && self.left > 0 {
            let Some(file) = self.files.front_mut() else {
                break;
            };
            record.clear();
            file.read_until(b'\n', &mut record)?;
            if record.last() == Some(&b'\n') {
                self.take(&record, &mut piece);
                continue;
            }
            // Half a record will be whole soon.
            file.seek_relative(-i64::try_from(record.len()).unwrap_or_default())?;
            if self.files.len() == 1 {
                break;
            }
            self.files.pop_front();
        }
        Ok(piece)
    }

    fn take(&mut self, record: &[u8], piece: &mut Vec<u8>) {
        let Some(record) = Record::read(record) else {
            return;
        };
        if self
            .options
            .since
            .is_some_and(|since| record.at() < Some(since))
        {
            return;
        }
        if self.skipped > 0 {
            self.skipped -= u64::from(record.is_whole);
            return;
        }
        let mut line = Vec::new();
        if self.options.timestamps {
            line.extend_from_slice(record.time.as_bytes());
            line.push(b' ');
        }
        line.extend_from_slice(record.text);
        if record.is_whole {
            line.push(b'\n');
        }
        let room = usize::try_from(self.left).unwrap_or(usize::MAX);
        line.truncate(room);
        self.left -= line.len() as u64;
        piece.extend_from_slice(&line);
    }
}

/// Cuts a stream into lines as they come.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    pending: Vec<u8>,
}

impl Lines {
    /// Takes bytes; gives the lines that they complete, and whether each is whole.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<(Vec<u8>, bool)> {
        self.pending.extend_from_slice(bytes);
        let mut lines = Vec::new();
        loop {
            let end = self.pending.iter().position(|byte| *byte == b'\n');
            match end {
                Some(end) if end <= LINE_BYTES_MAX => {
                    let mut line: Vec<_> = self.pending.drain(..=end).collect();
                    line.pop();
                    lines.push((line, true));
                }
                _ if self.pending.len() > LINE_BYTES_MAX => {
                    lines.push((self.pending.drain(..LINE_BYTES_MAX).collect(), false));
                }
                Some(_) | None => return lines,
            }
        }
    }

    /// What stands after the last line end.
    pub(crate) fn rest(&mut self) -> Option<Vec<u8>> {
        let rest = std::mem::take(&mut self.pending);
        (!rest.is_empty()).then_some(rest)
    }
}

#[cfg(test)]
mod tests;
