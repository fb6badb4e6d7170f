//! Following the commits.

use crate::entry::{Entry, Event, Range, Revision};
use crate::history::History;
use crate::history::Waiting;
use crate::transaction::Commit;
use crate::{CommitRefused, Compacted, Listing, ReadRefused, Transaction};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The key space that a store, its readers and its watchers share.
#[derive(Debug)]
pub(crate) struct Shared {
    history: Mutex<History>,
    newest: watch::Sender<Revision>,
}

impl Shared {
    pub(crate) fn new(history: History) -> Arc<Self> {
        let newest = watch::Sender::new(history.revision());
        Arc::new(Self {
            history: Mutex::new(history),
            newest,
        })
    }

    pub(crate) fn prepare(
        &self,
        transaction: &Transaction,
        waiting: &Waiting,
    ) -> Result<Commit, CommitRefused> {
        self.history().prepare(transaction, waiting)
    }

    /// Prepares and records in one step.
    pub(crate) fn commit(&self, transaction: &Transaction) -> Result<Commit, CommitRefused> {
        let mut history = self.history();
        let commit = history.prepare(transaction, &Waiting::default())?;
        history.record(&commit);
        drop(history);
        self.newest.send_replace(commit.revision);
        Ok(commit)
    }

    /// Records prepared commits, then wakes whoever watches.
    pub(crate) fn record<'a>(&self, commits: impl Iterator<Item = &'a Commit>) {
        let mut history = self.history();
        commits.for_each(|commit| history.record(commit));
        let revision = history.revision();
        drop(history);
        self.newest.send_replace(revision);
    }

    pub(crate) fn range(
        &self,
        range: &Range,
        at: Option<Revision>,
    ) -> Result<Listing, ReadRefused> {
        self.history().range(range, at)
    }

    pub(crate) fn compact(&self, before: Revision) {
        self.history().compact(before);
    }

    pub(crate) fn revision(&self) -> Revision {
        self.history().revision()
    }

    pub(crate) fn watch(
        self: &Arc<Self>,
        range: Range,
        after: Revision,
    ) -> Result<Watch, Compacted> {
        let newest = self.newest.subscribe();
        // Refused at once rather than at the first wait.
        drop(self.history().after(after)?);
        Ok(Watch {
            shared: Arc::clone(self),
            newest,
            range,
            seen: after,
        })
    }

    /// A panic of another thread leaves whole commits behind, since each is recorded in one step.
    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The commits after a revision that touch a range, in order and without a gap.
///
/// A watch holds no queue: it reads the store's own history, so a slow watcher costs nothing and in
/// the end is told that the past was compacted.
#[derive(Debug)]
pub struct Watch {
    shared: Arc<Shared>,
    newest: watch::Receiver<Revision>,
    range: Range,
    seen: Revision,
}

impl Watch {
    /// Waits for the next events; all events of a commit come together.
    ///
    /// # Errors
    /// [`Compacted`] when the watch fell behind what is kept: read the range again and watch from
    /// there.
    pub async fn next(&mut self) -> Result<Vec<Event>, Compacted> {
        loop {
            let events = self.ready()?;
            if !events.is_empty() {
                return Ok(events);
            }
            self.changed().await;
        }
    }

    /// Waits until there was a commit that this watch has not looked at; it may touch other keys.
    pub async fn changed(&mut self) {
        // The sender lives as long as `shared`, which this watch holds.
        let _ = self.newest.changed().await;
    }

    /// The events that are there already, without waiting.
    ///
    /// # Errors
    /// As [`Watch::next`].
    pub fn ready(&mut self) -> Result<Vec<Event>, Compacted> {
        self.take(|event, _| event.clone())
    }

    /// As [`Watch::ready`], each event with the entry that stood at its key before.
    ///
    /// # Errors
    /// As [`Watch::next`].
    pub fn ready_with_before(&mut self) -> Result<Vec<(Event, Option<Entry>)>, Compacted> {
        self.take(|event, before| (event.clone(), before.cloned()))
    }

    fn take<T>(&mut self, of: impl Fn(&Event, Option<&Entry>) -> T) -> Result<Vec<T>, Compacted> {
        self.newest.mark_unchanged();
        let history = self.shared.history();
        let events = history
            .after(self.seen)?
            .filter(|(event, _)| self.range.holds(event.key().as_str()))
            .map(|(event, before)| of(event, before))
            .collect();
        self.seen = history.revision();
        Ok(events)
    }

    /// The revision up to which everything was seen.
    #[must_use]
    pub fn seen(&self) -> Revision {
        self.seen
    }
}
