//! The thread that writes the audit file.

use super::{Health, Message};
use crate::chance;
use audit::{EventKind, Journal, Parameters, Record, Sink, Text, encode};
use names::RequestId;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Bytes written at once when many lines wait.
const BATCH_BYTES_MAX: usize = 256 * 1024;

/// How long lines gather before they are written together. Whoever comes alone is written at once;
/// among many, no request wakes this thread.
const GATHERING: Duration = Duration::from_millis(5);

/// How often a disk that refused is tried again.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Takes lines from the queue and writes them, many at a time when many wait.
pub(super) struct Writer<S> {
    pub(super) journal: Journal<S>,
    pub(super) queue: Receiver<Message>,
    pub(super) room: Arc<Semaphore>,
    pub(super) health: Arc<Health>,
}

impl<S: Sink<Refused = std::io::Error>> Writer<S> {
    /// Writes until the queue ends.
    pub(super) fn run(mut self) {
        let mut batch = Batch::default();
        while batch.is_open {
            match self.next() {
                Ok(message) => batch.take(message),
                Err(RecvTimeoutError::Timeout) => {
                    self.mend();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
            while batch.is_open && batch.bytes.len() < BATCH_BYTES_MAX {
                let Ok(message) = self.queue.try_recv() else {
                    break;
                };
                batch.take(message);
            }
            self.write(&batch);
            self.room.add_permits(batch.room);
            // A queue that fills faster than this is not left alone.
            if batch.is_open && batch.bytes.len() < BATCH_BYTES_MAX {
                std::thread::sleep(GATHERING);
            }
            batch.clear();
        }
    }

    /// Waits for the next line; while the disk refuses, not for ever.
    fn next(&self) -> Result<Message, RecvTimeoutError> {
        if self.health.failure().is_some() {
            return self.queue.recv_timeout(RETRY_PAUSE);
        }
        let next = self.queue.recv();
        next.map_err(|_| RecvTimeoutError::Disconnected)
    }

    /// A line that the disk refuses is lost and counted: requests go on.
    fn write(&mut self, batch: &Batch) {
        let is_mended = self.health.failure().is_none() || self.mend();
        if batch.lines == 0 {
            return;
        }
        let written = if is_mended {
            self.journal.write(&batch.bytes, chance::now())
        } else {
            Err(std::io::Error::other("the disk refused a moment ago"))
        };
        if let Err(why) = written {
            self.health.lose(batch.lines, &why);
        }
    }

    /// Writes the record that tells of the lost ones; when that goes, all is well again.
    fn mend(&mut self) -> bool {
        let mut line = Vec::new();
        encode(&gap(self.health.unwritten()), &mut line);
        let is_mended = self.journal.write(&line, chance::now()).is_ok();
        if is_mended {
            self.health.mend();
        }
        is_mended
    }
}

/// Lines to be written at once.
struct Batch {
    bytes: Vec<u8>,
    lines: u64,
    /// What they take of the queue's room.
    room: usize,
    is_open: bool,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            lines: 0,
            room: 0,
            is_open: true,
        }
    }
}

impl Batch {
    fn take(&mut self, message: Message) {
        match message {
            Message::Line { line, room } => {
                self.bytes.extend_from_slice(&line);
                self.lines += 1;
                self.room += room as usize;
            }
            Message::End => self.is_open = false,
        }
    }

    fn clear(&mut self) {
        self.bytes.clear();
        // A rare flood does not keep its memory.
        self.bytes.shrink_to(BATCH_BYTES_MAX);
        (self.lines, self.room) = (0, 0);
    }
}

/// A record of the records that are missing before it.
fn gap(lost: u64) -> Record {
    let id = RequestId::from_random(chance::random());
    let mut record = Record::new(id, chance::now(), Ipv4Addr::LOCALHOST.into());
    record.event_source = Text::fixed("rolecall");
    record.event_name = Text::fixed("AuditRecordsLost");
    record.event_type = EventKind::RolecallApiCall;
    record.request_parameters = Parameters::new([("lostSinceStart", lost.to_string().as_str())]);
    record
}
