//! The objects of a cluster as those read them who run it: at this moment, and without a permit.
//!
//! Who decides what others may (authentication, authorisation, admission) reads here; who acts uses
//! a [`Client`](crate::Client).

use crate::client::Place;
use crate::list;
use crate::parts::Seal;
use crate::query::ListOptions;
use crate::records::Records;
use crate::registry::{Registry, ResourceDef};
use crate::selection::Selection;
use objects::{Object, Status};
use std::sync::Arc;
use store::{Compacted, Entry, Event, Revision, Store, Watch};

/// What a cluster holds.
pub struct Objects {
    pub(crate) registry: Registry,
    pub(crate) records: Arc<Records>,
}

/// One object that was written or deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// What paths call its resource.
    pub plural: String,
    /// Where it lies; none: in the cluster itself.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// The object as it is now; none: it is gone.
    pub object: Option<Object>,
}

/// The changes of a group's objects, in their order.
pub struct Changes {
    objects: Arc<Objects>,
    /// `kubernetes/CLUSTER/GROUP/`
    range: String,
    group: String,
    watch: Watch,
}

impl Objects {
    /// The objects of a cluster that lie below `kubernetes/CLUSTER/`, as in
    /// `111111111111/us-west-2/ci`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, cluster: &str, seal: Arc<dyn Seal>) -> Arc<Self> {
        let prefix = format!("kubernetes/{cluster}/");
        Arc::new(Self {
            registry: Registry::builtin(),
            records: Arc::new(Records::new(store, seal, prefix)),
        })
    }

    /// The newest commit, of whatever object.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.records.revision()
    }

    /// One object; none: there is none of that name.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn get(&self, place: &Place, name: &str) -> Result<Option<Object>, Status> {
        let of = self.resource(place)?;
        let key = self.records.key(of, &place.namespace, name);
        let found = self.records.get(of, &key).await?;
        Ok(found.map(|found| found.read(of)))
    }

    /// The objects of a place, and the commit that shows them so.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn list(&self, place: &Place) -> Result<(Vec<Object>, Revision), Status> {
        let of = self.resource(place)?;
        let everything = Selection::parse(of, "", "")?;
        let options = ListOptions::default();
        let page = list::list(&self.records, of, &place.namespace, &everything, &options).await?;
        let objects = page.records.iter().map(|record| record.read(of)).collect();
        Ok((objects, page.revision))
    }

    /// Follows the objects of a group from a commit on.
    ///
    /// # Errors
    /// What came after that commit is forgotten: list anew.
    pub fn follow(self: &Arc<Self>, group: &str, after: Revision) -> Result<Changes, Compacted> {
        let range = self.records.range_of_group(group);
        Ok(Changes {
            objects: Arc::clone(self),
            watch: self.records.watch(&range, after)?,
            range,
            group: group.to_owned(),
        })
    }

    fn resource(&self, place: &Place) -> Result<&Arc<ResourceDef>, Status> {
        let of = self
            .registry
            .find(&place.group, &place.version, &place.plural);
        of.ok_or_else(Status::unknown_path)
    }
}

impl Changes {
    /// The changes that are there and not yet seen.
    ///
    /// # Errors
    /// Some of them are forgotten: list anew.
    pub fn ready(&mut self) -> Result<Vec<Changed>, Compacted> {
        let events = self.watch.ready()?;
        Ok(events.iter().filter_map(|one| self.changed(one)).collect())
    }

    /// Every change up to this commit was seen.
    #[must_use]
    pub fn seen(&self) -> Revision {
        self.watch.seen()
    }

    /// A record that cannot be read counts as gone: it gives nothing to anybody.
    fn changed(&self, event: &Event) -> Option<Changed> {
        let rest = event.key().as_str().strip_prefix(&self.range)?;
        let (plural, place) = rest.split_once('/')?;
        let (namespace, name) = match place.split_once('/') {
            Some((namespace, name)) => (Some(namespace.to_owned()), name),
            None => (None, place),
        };
        let object = match event {
            Event::Put(entry) => self.read(plural, entry),
            Event::Deleted { .. } => None,
        };
        Some(Changed {
            plural: plural.to_owned(),
            namespace,
            name: name.to_owned(),
            object,
        })
    }

    fn read(&self, plural: &str, entry: &Entry) -> Option<Object> {
        let mut all = self.objects.registry.iter();
        let of = all.find(|one| one.group() == self.group && one.plural() == plural)?;
        let record = self.objects.records.open(of, entry).ok()?;
        Some(record.read(of))
    }
}
