//! The key space in one file, with many transactions to a sync of the disk.
//!
//! Everything is held in memory as well, so reads do not touch the disk. One thread writes: it takes
//! all transactions that wait, writes them as one database transaction, syncs once, and only then
//! makes them visible and answers. What was answered is on the disk; what is visible is on the disk.

mod disk;
mod table;

use crate::history::Waiting;
use crate::watch::Shared;
use crate::{
    Commit, CommitRefused, Compacted, Listing, OpenRefused, Pending, Range, ReadRefused, Revision,
    Store, Transaction, Watch,
};
use disk::{Disk, OneFile};
use std::path::Path;
use std::sync::{Arc, mpsc};
use table::{NotWritten, Table};
use tokio::sync::oneshot;

#[cfg(test)]
mod tests;

/// Transactions written with one sync at most.
const GROUP_MAX: usize = 256;

/// Transactions that may wait for the writer; more are held back where they come from.
const QUEUE_MAX: usize = 4_096;

/// A store in a file of its own.
#[derive(Debug)]
pub struct FileStore {
    shared: Arc<Shared>,
    writer: mpsc::SyncSender<Asked>,
    ended: Option<std::thread::JoinHandle<()>>,
}

/// A transaction, and who waits for its end.
struct Asked {
    transaction: Transaction,
    answer: oneshot::Sender<Result<Commit, CommitRefused>>,
}

impl FileStore {
    /// Opens the file, or makes it for its owner's eyes alone.
    ///
    /// # Errors
    /// [`OpenRefused`] when a newer rolecall wrote it, another process has it open, or the disk
    /// does not let it be read or made. The file is left as it was.
    pub fn open(path: &Path) -> Result<Self, OpenRefused> {
        Self::over(OneFile::at(path))
    }

    fn over(disk: impl Disk) -> Result<Self, OpenRefused> {
        let table = Table::open(&disk)?;
        let shared = Shared::new(table.load()?);
        let (writer, asked) = mpsc::sync_channel(QUEUE_MAX);
        let ended = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                let mut file = Reopened {
                    disk,
                    table: Some(table),
                };
                move || write(&mut file, &shared, &asked)
            })
            .map_err(|why| OpenRefused::Unreadable(why.to_string()))?;
        Ok(Self {
            shared,
            writer,
            ended: Some(ended),
        })
    }
}

impl Drop for FileStore {
    /// Waits until the writer has let go of the file.
    fn drop(&mut self) {
        let (closed, _) = mpsc::sync_channel(0);
        self.writer = closed;
        if let Some(ended) = self.ended.take() {
            let _ = ended.join();
        }
    }
}

/// The writer's whole life: a group, a sync, the answers.
fn write<D: Disk>(file: &mut Reopened<D>, shared: &Shared, asked: &mpsc::Receiver<Asked>) {
    while let Ok(first) = asked.recv() {
        let group: Vec<_> = std::iter::once(first)
            .chain(asked.try_iter().take(GROUP_MAX - 1))
            .collect();
        write_group(file, shared, group);
    }
}

/// The file, opened again after a write that failed: the database takes no more writes then, and
/// the disk may have room by the time of the next one.
struct Reopened<D> {
    disk: D,
    table: Option<Table>,
}

impl<D: Disk> Reopened<D> {
    fn write<'a>(
        &mut self,
        newest: Revision,
        commits: impl Iterator<Item = &'a Commit>,
    ) -> Result<(), NotWritten> {
        let table = match self.table.take() {
            Some(table) => table,
            None => Table::open_again(&self.disk, newest)?,
        };
        table.write(commits)?;
        self.table = Some(table);
        Ok(())
    }
}

fn write_group<D: Disk>(file: &mut Reopened<D>, shared: &Shared, group: Vec<Asked>) {
    let mut waiting = Waiting::default();
    let mut prepared = Vec::with_capacity(group.len());
    for Asked {
        transaction,
        answer,
    } in group
    {
        match shared.prepare(&transaction, &waiting) {
            Ok(commit) => {
                waiting.add(&commit);
                prepared.push((commit, answer));
            }
            // Somebody who no longer waits needs no answer; so below.
            Err(refused) => drop(answer.send(Err(refused))),
        }
    }
    if prepared.is_empty() {
        return;
    }
    match file.write(shared.revision(), prepared.iter().map(|(commit, _)| commit)) {
        Ok(()) => {
            shared.record(prepared.iter().map(|(commit, _)| commit));
            for (commit, answer) in prepared {
                drop(answer.send(Ok(commit)));
            }
        }
        Err(refused) => {
            for (_, answer) in prepared {
                drop(answer.send(Err(refused.refusal())));
            }
        }
    }
}

impl Store for FileStore {
    fn commit(&self, transaction: Transaction) -> Pending<'_, Result<Commit, CommitRefused>> {
        Box::pin(async move {
            let gone = || CommitRefused::Unwritable("the store's writer has ended".to_owned());
            let (answer, answered) = oneshot::channel();
            match self.writer.try_send(Asked {
                transaction,
                answer,
            }) {
                Ok(()) => answered.await.map_err(|_| gone())?,
                Err(mpsc::TrySendError::Full(_)) => Err(CommitRefused::Unwritable(
                    "too many writes wait for the disk".to_owned(),
                )),
                Err(mpsc::TrySendError::Disconnected(_)) => Err(gone()),
            }
        })
    }

    fn range(
        &self,
        range: Range,
        at: Option<Revision>,
    ) -> Pending<'_, Result<Listing, ReadRefused>> {
        Box::pin(async move { self.shared.range(&range, at) })
    }

    fn watch(&self, range: Range, after: Revision) -> Result<Watch, Compacted> {
        self.shared.watch(range, after)
    }

    /// Forgets the past in memory; the file holds the present alone.
    fn compact(&self, before: Revision) -> Pending<'_, Result<(), CommitRefused>> {
        Box::pin(async move {
            self.shared.compact(before);
            Ok(())
        })
    }

    fn revision(&self) -> Revision {
        self.shared.revision()
    }
}
