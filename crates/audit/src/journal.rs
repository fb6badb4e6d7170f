//! Keeps lines where they outlive the plane, in files of bounded size.

use crate::{Rotation, Step, Written};
use jiff::Timestamp;

/// Where lines are kept: the plane's audit folder, or nowhere.
pub trait Sink {
    /// Why a line was not kept.
    type Refused;

    /// What stands in the file that is written.
    fn written(&self) -> Written;

    /// Appends lines, which have their line ends: all of them, or none.
    ///
    /// # Errors
    /// When they cannot be kept, for example on a full disk.
    fn append(&mut self, lines: &[u8]) -> Result<(), Self::Refused>;

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

/// Keeps lines in a sink, and begins a new file when the rotation says so.
#[derive(Debug)]
pub struct Journal<S> {
    rotation: Rotation,
    sink: S,
}

impl<S: Sink> Journal<S> {
    /// A journal over a sink.
    #[must_use]
    pub fn new(rotation: Rotation, sink: S) -> Self {
        Self { rotation, sink }
    }

    /// Keeps lines, which have their line ends: all of them, or none.
    ///
    /// # Errors
    /// What the sink says.
    pub fn write(&mut self, lines: &[u8], now: Timestamp) -> Result<(), S::Refused> {
        match self.rotation.step(self.sink.written(), lines.len(), now) {
            Step::Append => {}
            Step::BeginNew { finished } => self.sink.begin_new(&finished, &self.rotation, now)?,
        }
        self.sink.append(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

        fn append(&mut self, lines: &[u8]) -> Result<(), Self::Refused> {
            if self.is_full {
                return Err("disk full");
            }
            self.lines.push(lines.to_owned());
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

    fn journal(files: Files) -> Journal<Files> {
        let rotation = Rotation {
            bytes_max: 1_000,
            ..Rotation::default()
        };
        Journal::new(rotation, files)
    }

    #[test]
    fn a_full_file_is_finished_before_the_next_line() {
        let mut journal = journal(Files::default());
        for _ in 0..10 {
            journal.write(&[b'x'; 300], Timestamp::UNIX_EPOCH).unwrap();
        }
        assert!(!journal.sink.finished.is_empty());
        assert!(journal.sink.written().bytes <= 1_000);
    }

    #[test]
    fn a_full_disk_is_told() {
        let mut journal = journal(Files {
            is_full: true,
            ..Files::default()
        });
        let told = journal.write(b"{}\n", Timestamp::UNIX_EPOCH);
        assert_eq!(told, Err("disk full"));
    }
}
