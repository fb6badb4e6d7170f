//! When a new file begins, and which old ones go. Decides; touches no file.

use jiff::{SignedDuration, Timestamp};

/// Names of finished files begin with this; a time follows, so that names sort as the times do.
const FINISHED_PREFIX: &str = "audit-";
const FINISHED_SUFFIX: &str = ".jsonl";

/// The bounds of the audit files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// A file does not grow beyond this.
    pub bytes_max: u64,
    /// A file does not take lines for longer than this.
    pub age_max: SignedDuration,
    /// Finished files kept beside the one that is written.
    pub finished_max: usize,
}

/// What stands in the file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Its length.
    pub bytes: u64,
    /// When it was begun.
    pub since: Timestamp,
}

/// What to do with the next line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Append it.
    Append,
    /// Give the file this name, begin a new one, and append it there.
    BeginNew {
        /// The name of the finished file.
        finished: String,
    },
}

impl Default for Rotation {
    fn default() -> Self {
        Self {
            bytes_max: 16 * 1024 * 1024,
            age_max: SignedDuration::from_hours(24),
            finished_max: 8,
        }
    }
}

impl Rotation {
    /// What to do with a line of so many bytes. A line longer than a file gets one of its own.
    #[must_use]
    pub fn step(&self, written: Written, line_bytes: usize, now: Timestamp) -> Step {
        let is_full = written.bytes + line_bytes as u64 > self.bytes_max;
        let is_old = now.duration_since(written.since) >= self.age_max;
        if written.bytes > 0 && (is_full || is_old) {
            Step::BeginNew {
                finished: finished(now),
            }
        } else {
            Step::Append
        }
    }

    /// Which of the files in the folder go: the oldest finished ones. Other files are not ours.
    pub fn surplus<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let mut finished: Vec<_> = names.into_iter().filter(|name| is_finished(name)).collect();
        finished.sort_unstable();
        finished.truncate(finished.len().saturating_sub(self.finished_max));
        finished
    }
}

/// Microseconds, so that two files do not come to share a name.
fn finished(now: Timestamp) -> String {
    let time = now.strftime("%Y%m%dT%H%M%S.%6fZ");
    format!("{FINISHED_PREFIX}{time}{FINISHED_SUFFIX}")
}

fn is_finished(name: &str) -> bool {
    name.starts_with(FINISHED_PREFIX) && name.ends_with(FINISHED_SUFFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOURLY: Rotation = Rotation {
        bytes_max: 100,
        age_max: SignedDuration::from_hours(1),
        finished_max: 2,
    };

    fn check(bytes: u64, line_bytes: usize, age_seconds: i64, begins_new: bool) {
        let since = Timestamp::UNIX_EPOCH;
        let now = Timestamp::from_second(age_seconds).unwrap();
        let step = HOURLY.step(Written { bytes, since }, line_bytes, now);
        assert_eq!(
            step != Step::Append,
            begins_new,
            "{bytes} {line_bytes} {age_seconds}"
        );
    }

    #[test]
    fn a_full_or_old_file_makes_room() {
        check(0, 50, 0, false);
        check(50, 50, 0, false);
        check(50, 51, 0, true);
        check(1, 1, 3_599, false);
        check(1, 1, 3_600, true);
    }

    #[test]
    fn an_empty_file_is_never_finished() {
        check(0, 1_000, 0, false);
        check(0, 1, 9_999, false);
    }

    #[test]
    fn the_oldest_finished_files_go_and_no_others() {
        let names = [
            "audit.jsonl",
            "audit-3.jsonl",
            "audit-1.jsonl",
            "note",
            "audit-2.jsonl",
        ];
        assert_eq!(HOURLY.surplus(names), ["audit-1.jsonl"]);
    }

    #[test]
    fn a_finished_file_is_named_by_its_time() {
        let step = HOURLY.step(
            Written {
                bytes: 100,
                since: Timestamp::UNIX_EPOCH,
            },
            1,
            Timestamp::UNIX_EPOCH,
        );
        let finished = "audit-19700101T000000.000000Z.jsonl".to_owned();
        assert_eq!(step, Step::BeginNew { finished });
    }
}
