//! Keeps a record of each request: the newest at hand for `why`, all of them in the audit file.
//!
//! A request encodes its record once, leaves it in the ring, and waits for nothing but room in the
//! queue; a thread of its own writes the file. A full queue holds requests back and loses nothing.

mod file;
mod writer;

use crate::chance;
use audit::{Journal, Record, Ring, Rotation, encode};
use file::AuditFile;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::Semaphore;
use writer::Writer;

/// Bytes of lines that wait for the disk; then requests wait as well.
const QUEUE_BYTES_MAX: u32 = 4 * 1024 * 1024;

/// Where records go.
pub(crate) struct AuditLog {
    ring: Mutex<Ring>,
    room: Arc<Semaphore>,
    queue: Sender<Message>,
    health: Arc<Health>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

/// What the writer is told.
enum Message {
    /// Write this line, which takes so much of the queue's room.
    Line { line: Arc<[u8]>, room: u32 },
    /// Write what has come, and end.
    End,
}

/// How the file does.
#[derive(Debug, Default)]
struct Health {
    unwritten: AtomicU64,
    failure: Mutex<Option<String>>,
}

impl AuditLog {
    /// Opens the audit file of a folder and starts its writer.
    pub(crate) fn open(folder: &Path) -> std::io::Result<Self> {
        Self::over(AuditFile::open(folder, chance::now())?)
    }

    fn over(
        file: impl audit::Sink<Refused = std::io::Error> + Send + 'static,
    ) -> std::io::Result<Self> {
        let (queue, lines) = channel();
        let room = Arc::new(Semaphore::new(QUEUE_BYTES_MAX as usize));
        let health = Arc::new(Health::default());
        let writer = Writer {
            journal: Journal::new(Rotation::default(), file),
            queue: lines,
            room: Arc::clone(&room),
            health: Arc::clone(&health),
        };
        let thread = std::thread::Builder::new().name("audit".to_owned());
        let writer = thread.spawn(move || writer.run())?;
        Ok(Self {
            ring: Mutex::new(Ring::default()),
            room,
            queue,
            health,
            writer: Mutex::new(Some(writer)),
        })
    }

    /// Keeps a request's record.
    pub(crate) async fn keep(&self, record: &Record) {
        let mut line = Vec::with_capacity(1_024);
        encode(record, &mut line);
        let line: Arc<[u8]> = line.into();
        self.ring().push(record, Arc::clone(&line));
        // A line that is longer than the queue takes the whole of it.
        let room =
            u32::try_from(line.len()).map_or(QUEUE_BYTES_MAX, |bytes| bytes.min(QUEUE_BYTES_MAX));
        if let Ok(taken) = self.room.acquire_many(room).await {
            taken.forget();
        }
        if self.queue.send(Message::Line { line, room }).is_err() {
            self.health.lose(1, &"the writer has ended");
        }
    }

    /// The newest records.
    pub(crate) fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes that wait to be written.
    pub(crate) fn waiting(&self) -> usize {
        (QUEUE_BYTES_MAX as usize).saturating_sub(self.room.available_permits())
    }

    /// Whether requests are about to wait for the disk.
    pub(crate) fn is_behind(&self) -> bool {
        self.waiting() > QUEUE_BYTES_MAX as usize / 2
    }

    /// Records that no file has.
    pub(crate) fn unwritten(&self) -> u64 {
        self.health.unwritten()
    }

    /// Why the newest record could not be written; `None`: it could.
    pub(crate) fn failure(&self) -> Option<String> {
        self.health.failure()
    }

    /// Whether nothing writes any more.
    pub(crate) fn has_ended(&self) -> bool {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Writes what waits and ends the writer. Blocks; records that come later are lost and counted.
    pub(crate) fn close(&self) {
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(writer) = writer else { return };
        // Both fail only when the writer has ended before.
        let _ = self.queue.send(Message::End);
        let _ = writer.join();
    }
}

impl Health {
    fn lose(&self, lines: u64, why: &dyn std::fmt::Display) {
        self.unwritten.fetch_add(lines, Ordering::Relaxed);
        *self.lock() = Some(why.to_string());
    }

    fn mend(&self) {
        *self.lock() = None;
    }

    fn unwritten(&self) -> u64 {
        self.unwritten.load(Ordering::Relaxed)
    }

    fn failure(&self) -> Option<String> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
