//! Writes each record once: to the ring, and to where lines are kept.

use crate::{Record, Ring, Rotation, Step, Written, encode};
use jiff::Timestamp;
use names::RequestId;

/// Where lines are kept: the plane's audit folder, or nowhere.
pub trait Sink {
    /// Why a line was not kept.
    type Refused;

    /// What stands in the file that is written.
    fn written(&self) -> Written;

    /// Appends a line, which has its line end, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be kept, for example on a full disk.
    fn append(&mut self, line: &[u8]) -> Result<(), Self::Refused>;

    /// Gives the file a name, begins a new one, and removes what the rotation calls surplus.
    ///
    /// # Errors
    /// When the folder does not let it.
    fn begin_new(
        &mut self,
        finished: &str,
        rotation: &Rotation,
        now: Timestamp,
    ) -> Result<(), Self::Refused>;
}

/// The newest records in memory, and all in the sink.
#[derive(Debug)]
pub struct Journal<S> {
    ring: Ring,
    rotation: Rotation,
    sink: S,
    line: Vec<u8>,
}

impl<S: Sink> Journal<S> {
    /// A journal over a sink.
    #[must_use]
    pub fn new(ring: Ring, rotation: Rotation, sink: S) -> Self {
        Self {
            ring,
            rotation,
            sink,
            line: Vec::new(),
        }
    }

    /// Keeps a record. The ring has it also when the sink refuses it, so that `why` goes on.
    ///
    /// # Errors
    /// What the sink says.
    pub fn write(&mut self, record: &Record, now: Timestamp) -> Result<(), S::Refused> {
        self.line.clear();
        encode(record, &mut self.line);
        self.ring.push(record, &self.line);
        match self
            .rotation
            .step(self.sink.written(), self.line.len(), now)
        {
            Step::Append => {}
            Step::BeginNew { finished } => self.sink.begin_new(&finished, &self.rotation, now)?,
        }
        self.sink.append(&self.line)
    }

    /// The record of a request, if it is among the newest.
    #[must_use]
    pub fn find(&self, id: &RequestId) -> Option<Record> {
        self.ring.find(id)
    }

    /// The newest records.
    #[must_use]
    pub fn ring(&self) -> &Ring {
        &self.ring
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[derive(Default)]
    struct Files {
        finished: Vec<String>,
        lines: Vec<Vec<u8>>,
        is_full: bool,
    }

    impl Sink for Files {
        type Refused = &'static str;

        fn written(&self) -> Written {
            let bytes = self.lines.iter().map(|line| line.len() as u64).sum();
            Written {
                bytes,
                since: Timestamp::UNIX_EPOCH,
            }
        }

        fn append(&mut self, line: &[u8]) -> Result<(), Self::Refused> {
            if self.is_full {
                return Err("disk full");
            }
            self.lines.push(line.to_owned());
            Ok(())
        }

        fn begin_new(
            &mut self,
            finished: &str,
            _: &Rotation,
            _: Timestamp,
        ) -> Result<(), Self::Refused> {
            self.finished.push(finished.to_owned());
            self.lines.clear();
            Ok(())
        }
    }

    fn record() -> Record {
        let id = RequestId::from_random([1; 16]);
        Record::new(id, Timestamp::UNIX_EPOCH, Ipv4Addr::LOCALHOST.into())
    }

    fn journal(files: Files) -> Journal<Files> {
        let rotation = Rotation {
            bytes_max: 1_000,
            ..Rotation::default()
        };
        Journal::new(Ring::default(), rotation, files)
    }

    #[test]
    fn a_full_file_is_finished_before_the_next_line() {
        let mut journal = journal(Files::default());
        for _ in 0..10 {
            journal.write(&record(), Timestamp::UNIX_EPOCH).unwrap();
        }
        assert!(!journal.sink.finished.is_empty());
        assert!(journal.sink.written().bytes <= 1_000);
    }

    #[test]
    fn a_full_disk_is_told_and_why_goes_on() {
        let mut journal = journal(Files {
            is_full: true,
            ..Files::default()
        });
        assert_eq!(
            journal.write(&record(), Timestamp::UNIX_EPOCH),
            Err("disk full")
        );
        assert!(journal.find(&record().request_id).is_some());
    }
}
