//! Following a collection: the events that one watcher is told.

use crate::hub::{Change, Following, Hubs};
use crate::list;
use crate::query::ListOptions;
use crate::record::Record;
use crate::records::Records;
use crate::registry::ResourceDef;
use crate::selection::Selection;
use objects::Status;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use store::{Compacted, Revision};
use tokio::time::Instant;

/// Between two bookmarks.
const BOOKMARK_EVERY: Duration = Duration::from_secs(60);

/// The last one comes so long before the end, so that who watches on knows where.
const BOOKMARK_BEFORE_END: Duration = Duration::from_secs(2);

/// How long a watch lasts at most, whatever is asked for.
const WATCH_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// One event, as a watcher is told it.
#[derive(Debug)]
pub(crate) enum Told {
    /// An object is new, changed or gone, to this watcher.
    Object {
        kind: ToldKind,
        record: Record,
        /// The change that every watcher without a selection is told in the same words.
        shared: Option<Arc<Change>>,
    },
    /// Everything up to this revision was told.
    Bookmark {
        revision: Revision,
        /// Whether the state that there was at the beginning ends here.
        ends_initial: bool,
    },
    /// The watch cannot go on.
    Failed(Status),
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ToldKind {
    Added,
    Modified,
    Deleted,
}

impl ToldKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Added => "ADDED",
            Self::Modified => "MODIFIED",
            Self::Deleted => "DELETED",
        }
    }
}

/// A watcher.
pub(crate) struct Watching {
    pub(crate) of: Arc<ResourceDef>,
    range: String,
    selection: Selection,
    following: Following,
    told: VecDeque<Told>,
    bookmarks: bool,
    next_bookmark: Instant,
    ends: Instant,
    has_failed: bool,
}

/// What a watch is opened on.
pub(crate) struct Opened<'s> {
    pub(crate) records: &'s Arc<Records>,
    pub(crate) hubs: &'s Arc<Hubs>,
    pub(crate) of: &'s Arc<ResourceDef>,
    pub(crate) namespace: &'s str,
    pub(crate) selection: Selection,
    /// How long it lasts where the watcher does not say.
    pub(crate) lasts: Duration,
}

impl Watching {
    /// Begins with the present state where that is asked for, or goes on from a revision.
    pub(crate) async fn open(on: Opened<'_>, options: &ListOptions) -> Result<Self, Status> {
        let (records, of) = (on.records, on.of);
        let newest = records.revision();
        let wanted = options.revision.unwrap_or_default();
        if wanted > newest.number() {
            return Err(Status::too_large_resource_version(wanted, newest.number()));
        }
        let begins_now = match options.initial_events {
            Some(initial) => initial,
            None => wanted == 0,
        };
        let mut told = VecDeque::new();
        let mut seen = match wanted {
            0 => newest,
            wanted => Revision::new(wanted),
        };
        if begins_now {
            let everything = ListOptions::default();
            let page = list::list(records, of, on.namespace, &on.selection, &everything).await?;
            seen = page.revision;
            told.extend(page.records.into_iter().map(|record| Told::Object {
                kind: ToldKind::Added,
                record,
                shared: None,
            }));
            if options.initial_events == Some(true) && options.bookmarks {
                told.push_back(Told::Bookmark {
                    revision: seen,
                    ends_initial: true,
                });
            }
        }
        let lasts = options
            .timeout_seconds
            .map_or(on.lasts, Duration::from_secs);
        let now = Instant::now();
        let ends = now + lasts.min(WATCH_MAX);
        let mut following = on.hubs.follow(records, of, seen);
        // The past that is asked for may be gone; then this is the answer, not an event.
        let changes = following.ready().map_err(|why| gone(&why))?;
        let mut watching = Self {
            of: Arc::clone(of),
            range: records.range(of, on.namespace),
            selection: on.selection,
            following,
            told,
            bookmarks: options.bookmarks,
            next_bookmark: bookmark_after(now, ends),
            ends,
            has_failed: false,
        };
        watching.tell(changes);
        Ok(watching)
    }

    /// The next events, all that are there; none: the watch is over.
    pub(crate) async fn next(&mut self) -> Option<Vec<Told>> {
        loop {
            if !self.told.is_empty() {
                return Some(self.told.drain(..).collect());
            }
            if self.has_failed {
                return None;
            }
            match self.following.ready() {
                Ok(changes) => self.tell(changes),
                Err(why) => {
                    self.has_failed = true;
                    return Some(vec![Told::Failed(gone(&why))]);
                }
            }
            if self.told.is_empty() && !self.wait().await {
                return None;
            }
        }
    }

    /// Waits for a change, a bookmark's time, or the end (`false`).
    async fn wait(&mut self) -> bool {
        let bookmark_at = match self.bookmarks {
            true => self.next_bookmark,
            false => self.ends,
        };
        tokio::select! {
            () = self.following.changed() => true,
            () = tokio::time::sleep_until(bookmark_at.min(self.ends)) => {
                if Instant::now() >= self.ends {
                    return false;
                }
                self.next_bookmark = bookmark_after(Instant::now(), self.ends);
                self.told.push_back(Told::Bookmark {
                    revision: self.following.seen(),
                    ends_initial: false,
                });
                true
            }
        }
    }

    fn tell(&mut self, changes: Vec<Arc<Change>>) {
        for change in changes {
            if let Some(told) = self.told_of(change) {
                self.told.push_back(told);
            }
        }
    }

    /// What a change is to this watcher: an object that leaves the selection is gone.
    fn told_of(&self, change: Arc<Change>) -> Option<Told> {
        if !change.key.as_str().starts_with(&self.range) {
            return None;
        }
        let (of, selection) = (&self.of, &self.selection);
        let takes_all = selection.is_everything();
        let was = match takes_all {
            true => change.before.is_some(),
            false => change
                .before_read(of)
                .is_some_and(|object| selection.matches(object)),
        };
        let is = match takes_all {
            true => change.now.is_some(),
            false => change
                .now_read(of)
                .is_some_and(|object| selection.matches(object)),
        };
        let kind = match (was, is) {
            (false, false) => return None,
            (false, true) => ToldKind::Added,
            (true, true) => ToldKind::Modified,
            (true, false) => ToldKind::Deleted,
        };
        let record = match kind {
            ToldKind::Added | ToldKind::Modified => change.now.clone()?,
            // The last state that the watcher knew, at the revision that ended it.
            ToldKind::Deleted => Record {
                bytes: change.before.as_ref()?.bytes.clone(),
                revision: change.revision,
            },
        };
        Some(Told::Object {
            kind,
            record,
            shared: takes_all.then_some(change),
        })
    }
}

/// When the next bookmark is due: by the end, if no more is.
fn bookmark_after(now: Instant, ends: Instant) -> Instant {
    let last = ends - BOOKMARK_BEFORE_END;
    match now < last {
        true => last.min(now + BOOKMARK_EVERY),
        false => ends,
    }
}

fn gone(why: &Compacted) -> Status {
    Status::expired(format!(
        "too old resource version: {} ({})",
        why.asked, why.oldest
    ))
}
