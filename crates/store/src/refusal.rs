//! Why a store does not do what it is asked.

use crate::{Key, Revision};

/// Why a transaction was not committed. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum CommitRefused {
    /// A comparison does not hold: somebody else wrote in between.
    #[error("`{key}` was changed in between: expected {expected:?}, found {found:?}")]
    Conflict {
        /// The key compared.
        key: Key,
        /// The commit that should have written it; `None`: nothing should be there.
        expected: Option<Revision>,
        /// The commit that did write it; `None`: nothing is there.
        found: Option<Revision>,
    },
    /// The disk is full; reads go on.
    #[error("no space left on the disk that holds the state; nothing was written")]
    DiskFull,
    /// The back end failed in another way.
    #[error("the state cannot be written: {0}")]
    Unwritable(String),
}

/// Commits after the revision asked for are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("revision {asked} is compacted; the oldest that is kept is {oldest}")]
pub struct Compacted {
    /// What was asked for.
    pub asked: Revision,
    /// The oldest revision that can be read.
    pub oldest: Revision,
}

/// Why a range was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadRefused {
    /// The past asked for is forgotten.
    #[error(transparent)]
    Compacted(#[from] Compacted),
    /// The revision lies ahead.
    #[error("revision {asked} lies ahead; the newest is {newest}")]
    Ahead {
        /// What was asked for.
        asked: Revision,
        /// The newest commit.
        newest: Revision,
    },
}

/// Why a store's file was not opened. The file was not changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenRefused {
    /// A newer rolecall wrote it.
    #[error(
        "the state has format {found}, this rolecall reads up to {known}: use the newer rolecall, or another state folder"
    )]
    Newer {
        /// The format found.
        found: u64,
        /// The newest format known.
        known: u64,
    },
    /// Another process has it open.
    #[error("another process has the state open")]
    Taken,
    /// The disk is full.
    #[error("no space left on the disk that holds the state")]
    DiskFull,
    /// It cannot be read.
    #[error("the state cannot be opened: {0}")]
    Unreadable(String),
}
