//! The file itself: an embedded database with the present value of every key.

use super::disk::Disk;
use crate::entry::{Entry, Event, Key, Revision};
use crate::history::History;
use crate::{Commit, CommitRefused, OpenRefused};
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};
use std::io::ErrorKind;
use std::sync::Arc;

/// The format written; an older one is read and rewritten, a newer one is refused.
const FORMAT: u64 = 1;

/// Bytes of the database's own cache: everything is in memory already.
const CACHE_BYTES: usize = 256 * 1024;

const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
/// Key to (created, modified, value).
const ENTRIES: TableDefinition<'_, &str, (u64, u64, &[u8])> = TableDefinition::new("entries");

/// The open file.
#[derive(Debug)]
pub(super) struct Table {
    database: Database,
}

impl Table {
    pub(super) fn open(disk: &impl Disk) -> Result<Self, OpenRefused> {
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE_BYTES);
        let database = disk.open(&builder).map_err(not_opened)?;
        let table = Self { database };
        match table.format()? {
            Some(found) if found > FORMAT => Err(OpenRefused::Newer {
                found,
                known: FORMAT,
            }),
            Some(_) => Ok(table),
            None => {
                table.begin()?;
                Ok(table)
            }
        }
    }

    /// Opens the file after a failed write. It must hold what was acknowledged and nothing more: a
    /// group that was refused and reached the disk all the same needs a new start to be seen.
    pub(super) fn open_again(disk: &impl Disk, newest: Revision) -> Result<Self, NotWritten> {
        let table = Self::open(disk)?;
        let held = table.load()?.revision();
        if held == newest {
            return Ok(table);
        }
        let why =
            format!("the file is at revision {held}, the plane at {newest}: restart the plane");
        Err(NotWritten::Other(why))
    }

    /// The key space as the file holds it.
    pub(super) fn load(&self) -> Result<History, OpenRefused> {
        let read = self.database.begin_read().map_err(unreadable)?;
        let revision = read
            .open_table(META)
            .map_err(unreadable)?
            .get("revision")
            .map_err(unreadable)?
            .map_or(0, |value| value.value());
        let table = read.open_table(ENTRIES).map_err(unreadable)?;
        let mut entries = Vec::new();
        for row in table.iter().map_err(unreadable)? {
            let (key, value) = row.map_err(unreadable)?;
            let (created, modified, value) = value.value();
            entries.push(Entry {
                key: Key::new(key.value()),
                value: Arc::from(value),
                created: Revision::new(created),
                modified: Revision::new(modified),
            });
        }
        Ok(History::from_entries(
            Revision::new(revision),
            entries.into_iter(),
        ))
    }

    /// Writes commits as one, and syncs.
    pub(super) fn write<'a>(
        &self,
        commits: impl Iterator<Item = &'a Commit>,
    ) -> Result<(), NotWritten> {
        let write = self.database.begin_write().map_err(NotWritten::of)?;
        {
            let mut meta = write.open_table(META).map_err(NotWritten::of)?;
            let mut entries = write.open_table(ENTRIES).map_err(NotWritten::of)?;
            for commit in commits {
                for event in &*commit.events {
                    match event {
                        Event::Put(entry) => entries.insert(
                            entry.key.as_str(),
                            (
                                entry.created.number(),
                                entry.modified.number(),
                                &*entry.value,
                            ),
                        ),
                        Event::Deleted { key, .. } => entries.remove(key.as_str()),
                    }
                    .map_err(NotWritten::of)?;
                }
                meta.insert("revision", commit.revision.number())
                    .map_err(NotWritten::of)?;
            }
        }
        write.commit().map_err(NotWritten::of)
    }

    fn format(&self) -> Result<Option<u64>, OpenRefused> {
        let read = self.database.begin_read().map_err(unreadable)?;
        match read.open_table(META) {
            Ok(meta) => Ok(meta
                .get("format")
                .map_err(unreadable)?
                .map(|value| value.value())),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(why) => Err(unreadable(why)),
        }
    }

    fn begin(&self) -> Result<(), OpenRefused> {
        let write = self.database.begin_write().map_err(unreadable)?;
        write
            .open_table(META)
            .map_err(unreadable)?
            .insert("format", FORMAT)
            .map_err(unreadable)?;
        write.open_table(ENTRIES).map_err(unreadable)?;
        write.commit().map_err(unreadable)
    }
}

/// Why a group was not written; each of its transactions is told the same.
#[derive(Debug)]
pub(super) enum NotWritten {
    DiskFull,
    Other(String),
}

impl NotWritten {
    fn of(why: impl Into<redb::Error>) -> Self {
        let why = why.into();
        if is_full(&why) {
            Self::DiskFull
        } else {
            Self::Other(why.to_string())
        }
    }

    pub(super) fn refusal(&self) -> CommitRefused {
        match self {
            Self::DiskFull => CommitRefused::DiskFull,
            Self::Other(why) => CommitRefused::Unwritable(why.clone()),
        }
    }
}

impl From<OpenRefused> for NotWritten {
    fn from(why: OpenRefused) -> Self {
        if matches!(why, OpenRefused::DiskFull) {
            Self::DiskFull
        } else {
            Self::Other(why.to_string())
        }
    }
}

fn not_opened(why: DatabaseError) -> OpenRefused {
    if matches!(why, DatabaseError::DatabaseAlreadyOpen) {
        return OpenRefused::Taken;
    }
    unreadable(why)
}

fn unreadable(why: impl Into<redb::Error>) -> OpenRefused {
    let why = why.into();
    if is_full(&why) {
        OpenRefused::DiskFull
    } else {
        OpenRefused::Unreadable(why.to_string())
    }
}

fn is_full(why: &redb::Error) -> bool {
    let kinds = [
        ErrorKind::StorageFull,
        ErrorKind::QuotaExceeded,
        ErrorKind::FileTooLarge,
    ];
    matches!(why, redb::Error::Io(why) if kinds.contains(&why.kind()))
}
