//! The objects of one cluster in the store.
//!
//! Keys are `kubernetes/ACCOUNT/REGION/CLUSTER/GROUP/PLURAL/[NAMESPACE/]NAME`; the core group is
//! written `core`. Sealed resources are sealed to the very key at which they stand.

use crate::parts::Seal;
use crate::record::{NotARecord, Record};
use crate::registry::ResourceDef;
use bytes::Bytes;
use objects::{Object, Status};
use std::sync::Arc;
use store::{
    Commit, CommitRefused, Entry, Key, Range, ReadRefused, Revision, Store, Transaction, Watch,
};

/// Bytes of an object at most, as etcd takes them.
pub(crate) const RECORD_BYTES_MAX: usize = 1_536 * 1024;

/// Where a cluster's objects are.
pub(crate) struct Records {
    store: Arc<dyn Store>,
    seal: Arc<dyn Seal>,
    prefix: String,
}

/// What a range held.
pub(crate) struct Found {
    pub(crate) revision: Revision,
    /// In the order of their keys.
    pub(crate) records: Vec<(Key, Record)>,
}

/// Why nothing was written.
pub(crate) enum Unwritten {
    /// Somebody else wrote at this key in between.
    Conflict(Key),
    /// The store does not take it.
    Refused(Status),
}

impl Records {
    pub(crate) fn new(store: Arc<dyn Store>, seal: Arc<dyn Seal>, prefix: String) -> Self {
        Self {
            store,
            seal,
            prefix,
        }
    }

    /// Below this lie all objects of the cluster.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Below this lie the objects of a group.
    pub(crate) fn range_of_group(&self, group: &str) -> String {
        let group = match group {
            "" => "core",
            group => group,
        };
        format!("{}{group}/", self.prefix)
    }

    /// Below this lie the objects of a resource, in one namespace or in all.
    pub(crate) fn range(&self, of: &ResourceDef, namespace: &str) -> String {
        let mut range = self.range_of_group(of.group_kept()) + of.plural() + "/";
        if !namespace.is_empty() && of.is_namespaced() {
            range.push_str(namespace);
            range.push('/');
        }
        range
    }

    /// Where one object is.
    pub(crate) fn key(&self, of: &ResourceDef, namespace: &str, name: &str) -> Key {
        Key::new(self.range(of, namespace) + name)
    }

    /// Where those write who take an address or a port: no object is kept there.
    pub(crate) fn ledger(&self) -> Key {
        Key::new(format!("{}allocations/services", self.prefix))
    }

    /// Where those write who take something of a namespace's quotas: no object is kept there.
    pub(crate) fn ledger_of(&self, namespace: &str) -> Key {
        Key::new(format!("{}allocations/quotas/{namespace}", self.prefix))
    }

    /// The commit that last wrote at a key.
    pub(crate) async fn written_at(&self, key: &Key) -> Result<Option<Revision>, Status> {
        let found = self.store.range(Range::One(key.clone()), None).await;
        let found = found.map_err(|why| unreadable(&why))?;
        Ok(found.entries.first().map(|entry| entry.modified))
    }

    /// One object, now.
    pub(crate) async fn get(&self, of: &ResourceDef, key: &Key) -> Result<Option<Record>, Status> {
        let found = self.store.range(Range::One(key.clone()), None).await;
        let found = found.map_err(|why| unreadable(&why))?;
        let found = found.entries.into_iter().next();
        found.map(|entry| self.open(of, &entry)).transpose()
    }

    /// The objects of a range at a revision (`None`: now).
    pub(crate) async fn list(
        &self,
        of: &ResourceDef,
        range: &str,
        at: Option<Revision>,
    ) -> Result<Found, ReadRefused> {
        let listing = self.store.range(Range::prefix(range), at).await?;
        let open = |entry: Entry| {
            // A record that does not open is left out of lists; asked for by name, it says why.
            let record = self.open(of, &entry).ok()?;
            Some((entry.key, record))
        };
        Ok(Found {
            revision: listing.revision,
            records: listing.entries.into_iter().filter_map(open).collect(),
        })
    }

    /// The value under which an object is kept at a key.
    pub(crate) fn value(
        &self,
        of: &ResourceDef,
        key: &Key,
        object: &Object,
    ) -> Result<Vec<u8>, Status> {
        let plain = match of.kept_as {
            Some(kept) => {
                let mut object = object.clone();
                (kept.keep)(&mut object);
                crate::record::write(&object)
            }
            None => crate::record::write(object),
        };
        if plain.len() > RECORD_BYTES_MAX {
            return Err(Status::request_entity_too_large(&format!(
                "limit is {RECORD_BYTES_MAX}"
            )));
        }
        Ok(match of.strategy.sealed {
            true => self.seal.seal(key.as_str(), &plain),
            false => plain,
        })
    }

    pub(crate) async fn commit(&self, transaction: Transaction) -> Result<Commit, Unwritten> {
        self.store
            .commit(transaction)
            .await
            .map_err(|why| match why {
                CommitRefused::Conflict { key, .. } => Unwritten::Conflict(key),
                CommitRefused::DiskFull | CommitRefused::Unwritable(_) => {
                    Unwritten::Refused(Status::service_unavailable(why.to_string()))
                }
            })
    }

    /// Follows all objects of the cluster.
    pub(crate) fn watch(&self, range: &str, after: Revision) -> Result<Watch, store::Compacted> {
        self.store.watch(Range::prefix(range), after)
    }

    pub(crate) fn revision(&self) -> Revision {
        self.store.revision()
    }

    /// An entry of the store as a record.
    pub(crate) fn open(&self, of: &ResourceDef, entry: &Entry) -> Result<Record, Status> {
        let key = entry.key.as_str();
        let bytes = match of.strategy.sealed {
            true => self.seal.open(key, &entry.value).map(Bytes::from),
            false => Ok(Bytes::from_owner(Arc::clone(&entry.value))),
        };
        let bytes = bytes.map_err(|why| NotARecord {
            key: key.to_owned(),
            why,
        });
        let record = bytes.and_then(|bytes| Record::of(key, bytes, entry.modified));
        let record = record.map_err(|why| Status::internal_error(&why.to_string()))?;
        Ok(match of.kept_as {
            Some(kept) => {
                let mut object = record.read(of);
                (kept.show)(&mut object);
                Record {
                    bytes: crate::record::write(&object).into(),
                    ..record
                }
            }
            None => record,
        })
    }
}

fn unreadable(why: &ReadRefused) -> Status {
    Status::internal_error(&why.to_string())
}
