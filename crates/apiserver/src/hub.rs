//! The changes of each resource, told once to everybody who watches it.
//!
//! One task follows the store for the whole cluster and hands each change to its resource's [`Hub`].
//! A watcher holds no queue: it remembers how far it has read. Whoever falls behind the hub reads the
//! store's own history, and whoever falls behind that is told that the past is gone. So a stalled
//! watcher costs its place, and nothing else.

use crate::record::Record;
use crate::records::Records;
use crate::registry::ResourceDef;
use bytes::Bytes;
use objects::Object;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use store::{Compacted, Entry, Event, Key, Revision};
use tokio::sync::watch;

/// Changes that a hub keeps at hand; older ones are read from the store.
const CHANGES_MAX: usize = 1_024;

/// What a commit did to one object.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) key: Key,
    /// The commit.
    pub(crate) revision: Revision,
    /// The object as it is now; none: it is gone.
    pub(crate) now: Option<Record>,
    /// The object as it was; none: it is new.
    pub(crate) before: Option<Record>,
    /// The event as most watchers are told it.
    pub(crate) told: OnceLock<Bytes>,
    now_read: OnceLock<Object>,
    before_read: OnceLock<Object>,
}

impl Change {
    fn of(
        records: &Records,
        of: &ResourceDef,
        (event, before): (Event, Option<Entry>),
    ) -> Option<Self> {
        let revision = event.modified();
        let (key, now) = match event {
            Event::Put(entry) => (entry.key.clone(), Some(records.open(of, &entry).ok()?)),
            Event::Deleted { key, .. } => (key, None),
        };
        let before = before.and_then(|entry| records.open(of, &entry).ok());
        Some(Self {
            key,
            revision,
            now,
            before,
            told: OnceLock::new(),
            now_read: OnceLock::new(),
            before_read: OnceLock::new(),
        })
    }

    /// The object as it is now, read at most once for all watchers.
    pub(crate) fn now_read(&self, of: &ResourceDef) -> Option<&Object> {
        let now = self.now.as_ref()?;
        Some(self.now_read.get_or_init(|| now.read(of)))
    }

    /// The object as it was.
    pub(crate) fn before_read(&self, of: &ResourceDef) -> Option<&Object> {
        let before = self.before.as_ref()?;
        Some(self.before_read.get_or_init(|| before.read(of)))
    }
}

/// The newest changes of one resource.
pub(crate) struct Hub {
    of: Arc<ResourceDef>,
    /// The keys of all its objects begin so.
    range: String,
    ring: Mutex<Ring>,
    newest: watch::Sender<Revision>,
}

struct Ring {
    /// Every change after this one is here.
    from: Revision,
    changes: VecDeque<Arc<Change>>,
}

impl Hub {
    fn new(of: &Arc<ResourceDef>, range: String, from: Revision) -> Self {
        Self {
            of: Arc::clone(of),
            range,
            ring: Mutex::new(Ring {
                from,
                changes: VecDeque::new(),
            }),
            newest: watch::Sender::new(from),
        }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, change: Change) {
        let revision = change.revision;
        let mut ring = self.ring();
        // Nobody watches: there is nothing to keep at hand.
        if self.newest.receiver_count() == 0 {
            ring.forget(revision);
            return;
        }
        if ring.changes.len() >= CHANGES_MAX
            && let Some(oldest) = ring.changes.pop_front()
        {
            ring.from = oldest.revision;
        }
        ring.changes.push_back(Arc::new(change));
        drop(ring);
        self.newest.send_replace(revision);
    }

    /// The changes after a revision; none when some of them are no longer at hand.
    fn after(&self, seen: Revision) -> Option<Vec<Arc<Change>>> {
        let ring = self.ring();
        if seen < ring.from {
            return None;
        }
        let first = ring
            .changes
            .partition_point(|change| change.revision <= seen);
        Some(ring.changes.range(first..).cloned().collect())
    }
}

impl Ring {
    fn forget(&mut self, revision: Revision) {
        self.changes.clear();
        self.from = self.from.max(revision);
    }
}

/// The hubs of a cluster.
pub(crate) struct Hubs {
    /// By the range of their resource; one that is served in two forms has a hub for each.
    by_range: Mutex<HashMap<String, Vec<Arc<Hub>>>>,
    /// Every change up to this revision was handed out.
    handed: watch::Sender<Revision>,
}

impl Hubs {
    pub(crate) fn new(revision: Revision) -> Self {
        Self {
            by_range: Mutex::new(HashMap::new()),
            handed: watch::Sender::new(revision),
        }
    }

    /// Hands out changes until the task is ended.
    pub(crate) async fn run(&self, records: &Records) {
        let mut after = *self.handed.borrow();
        loop {
            let Ok(mut watch) = records.watch(records.prefix(), after) else {
                after = records.revision();
                self.skip_to(after);
                continue;
            };
            while let Ok(changes) = watch.ready_with_before() {
                self.hand_out(records, changes, watch.seen());
                watch.changed().await;
            }
            after = watch.seen();
        }
    }

    fn hand_out(&self, records: &Records, changes: Vec<(Event, Option<Entry>)>, seen: Revision) {
        let hubs = self.hubs();
        for change in changes {
            let range = resource_range(records.prefix(), change.0.key().as_str());
            for hub in range
                .and_then(|range| hubs.get(range))
                .into_iter()
                .flatten()
            {
                if let Some(change) = Change::of(records, &hub.of, change.clone()) {
                    hub.push(change);
                }
            }
        }
        self.handed.send_replace(seen);
    }

    /// Too much happened at once: watchers find out from the store what they missed.
    fn skip_to(&self, revision: Revision) {
        for hub in self.hubs().values().flatten() {
            hub.ring().forget(revision);
            hub.newest.send_replace(revision);
        }
        self.handed.send_replace(revision);
    }

    /// Follows a resource from a revision on.
    pub(crate) fn follow(
        self: &Arc<Self>,
        records: &Arc<Records>,
        of: &Arc<ResourceDef>,
        seen: Revision,
    ) -> Following {
        let range = records.range(of, "");
        let mut hubs = self.hubs();
        let of_range = hubs.entry(range.clone()).or_default();
        let there = of_range.iter().find(|hub| hub.of.gvk == of.gvk);
        let hub = there.cloned().unwrap_or_else(|| {
            let hub = Arc::new(Hub::new(of, range, *self.handed.borrow()));
            of_range.push(Arc::clone(&hub));
            hub
        });
        Following {
            newest: hub.newest.subscribe(),
            hub,
            hubs: Arc::clone(self),
            records: Arc::clone(records),
            seen,
        }
    }

    fn hubs(&self) -> MutexGuard<'_, HashMap<String, Vec<Arc<Hub>>>> {
        self.by_range.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The range of the resource that a key belongs to: prefix, group and plural.
fn resource_range<'k>(prefix: &str, key: &'k str) -> Option<&'k str> {
    let rest = key.strip_prefix(prefix)?;
    let (end, _) = rest.match_indices('/').nth(1)?;
    key.get(..prefix.len() + end + 1)
}

/// A watcher's place in the changes of a resource.
pub(crate) struct Following {
    hub: Arc<Hub>,
    hubs: Arc<Hubs>,
    records: Arc<Records>,
    newest: watch::Receiver<Revision>,
    seen: Revision,
}

impl Following {
    /// The changes that are there and not yet seen.
    pub(crate) fn ready(&mut self) -> Result<Vec<Arc<Change>>, Compacted> {
        self.newest.mark_unchanged();
        // Read first: what was handed out by then is in the hub.
        let handed = *self.hubs.handed.borrow();
        if let Some(changes) = self.hub.after(self.seen) {
            let newest = changes.last().map_or(handed, |change| change.revision);
            self.seen = self.seen.max(newest);
            return Ok(changes);
        }
        let mut watch = self.records.watch(&self.hub.range, self.seen)?;
        let changes = watch.ready_with_before()?;
        self.seen = watch.seen();
        let changes = changes.into_iter();
        let open = |change| Change::of(&self.records, &self.hub.of, change).map(Arc::new);
        Ok(changes.filter_map(open).collect())
    }

    /// Waits until there may be more.
    pub(crate) async fn changed(&mut self) {
        // The sender lives as long as the hub, which this holds.
        let _ = self.newest.changed().await;
    }

    /// Every change up to this revision was seen.
    pub(crate) fn seen(&self) -> Revision {
        self.seen
    }
}
