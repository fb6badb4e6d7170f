//! The API from inside the process: for controllers, runners and admission, as named users.
//!
//! The same verbs, authorisation and admission as over the wire, without bytes and sockets.

use crate::delete::{DeleteOptions, Deleted};
use crate::list;
use crate::patch::Patch;
use crate::path::Attributes;
use crate::permit::Permit;
use crate::query::{ListOptions, Matching, WriteOptions};
use crate::selection::Selection;
use crate::server::ApiServer;
use crate::watch::{Opened, Told, ToldKind, Watching};
use crate::write::Writer;
use objects::KubeUser;
use objects::{Object, Status};
use std::sync::Arc;
use std::time::Duration;

/// A watch from inside lasts as long as its holder.
const FOREVER: Duration = Duration::from_secs(24 * 60 * 60);

/// A collection, or below it an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// What paths call the resource.
    pub plural: String,
    /// The namespace; empty for the cluster, or for all namespaces.
    pub namespace: String,
}

impl Place {
    /// A resource in a namespace, or in the cluster.
    #[must_use]
    pub fn new(group: &str, version: &str, plural: &str, namespace: &str) -> Self {
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            plural: plural.to_owned(),
            namespace: namespace.to_owned(),
        }
    }
}

/// A caller inside the process.
#[derive(Clone)]
pub struct Client {
    server: Arc<ApiServer>,
    user: KubeUser,
}

/// An event of a watch.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchEvent {
    /// New to the watcher.
    Added(Object),
    /// Changed.
    Modified(Object),
    /// Gone; the last state.
    Deleted(Object),
    /// Everything up to this resource version was told.
    Bookmark(String),
}

/// A watch from inside.
pub struct ObjectWatch(Watching);

impl ObjectWatch {
    /// The next events, all that are there; none: the watch is over.
    ///
    /// # Errors
    /// 410 when the watcher fell behind what the store remembers: list again.
    pub async fn next(&mut self) -> Option<Result<Vec<WatchEvent>, Status>> {
        let told = self.0.next().await?;
        let of = Arc::clone(&self.0.of);
        Some(
            told.into_iter()
                .map(|told| match told {
                    Told::Object { kind, record, .. } => {
                        let object = record.read(&of);
                        Ok(match kind {
                            ToldKind::Added => WatchEvent::Added(object),
                            ToldKind::Modified => WatchEvent::Modified(object),
                            ToldKind::Deleted => WatchEvent::Deleted(object),
                        })
                    }
                    Told::Bookmark { revision, .. } => {
                        Ok(WatchEvent::Bookmark(revision.to_string()))
                    }
                    Told::Failed(status) => Err(status),
                })
                .collect(),
        )
    }
}

impl ApiServer {
    /// A caller inside the process, which may what that user may.
    #[must_use]
    pub fn client(self: &Arc<Self>, user: KubeUser) -> Client {
        Client {
            server: Arc::clone(self),
            user,
        }
    }
}

impl Client {
    /// One object.
    ///
    /// # Errors
    /// As the API answers; so below.
    pub async fn get(&self, place: &Place, name: &str) -> Result<Object, Status> {
        let permit = self.permit("get", place, name, "").await?;
        self.server.present(&self.server.target(&permit)?).await
    }

    /// The objects whose labels and fields are selected, and the resource version of that state.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn list(
        &self,
        place: &Place,
        labels: &str,
        fields: &str,
    ) -> Result<(Vec<Object>, String), Status> {
        let permit = self.permit("list", place, "", "").await?;
        let target = self.server.target(&permit)?;
        let selection = Selection::parse(&target.of, labels, fields)?;
        let options = ListOptions::default();
        let page = list::list(
            &self.server.records,
            &target.of,
            target.namespace(),
            &selection,
            &options,
        );
        let page = page.await?;
        let objects = page
            .records
            .iter()
            .map(|record| record.read(&target.of))
            .collect();
        Ok((objects, page.revision.to_string()))
    }

    /// Every object that is selected, a bookmark, then every change.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn watch(
        &self,
        place: &Place,
        labels: &str,
        fields: &str,
    ) -> Result<ObjectWatch, Status> {
        let permit = self.permit("watch", place, "", "").await?;
        let target = self.server.target(&permit)?;
        let options = ListOptions {
            bookmarks: true,
            initial_events: Some(true),
            matching: Some(Matching::NotOlderThan),
            ..ListOptions::default()
        };
        let opened = Opened {
            records: &self.server.records,
            hubs: &self.server.hubs,
            of: &target.of,
            namespace: target.namespace(),
            selection: Selection::parse(&target.of, labels, fields)?,
            lasts: FOREVER,
        };
        Ok(ObjectWatch(Watching::open(opened, &options).await?))
    }

    /// Creates an object, or asks a question.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn create(&self, place: &Place, object: Object) -> Result<Object, Status> {
        let permit = self.permit("create", place, "", "").await?;
        let target = self.server.target(&permit)?;
        let writer = self.writer();
        match target.of.is_question() {
            true => self.server.question(&target, object, &writer).await,
            false => Ok(self.server.create(&target, object, &writer).await?.object),
        }
    }

    /// Asks a question below an object: a token of a service account, a binding of a pod.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn ask(
        &self,
        place: &Place,
        name: &str,
        subresource: &str,
        object: Object,
    ) -> Result<Object, Status> {
        let permit = self.permit("create", place, name, subresource).await?;
        let target = self.server.target(&permit)?;
        self.server.question(&target, object, &self.writer()).await
    }

    /// Replaces an object, or its subresource (`status`, `finalize`; empty for the object itself).
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn update(
        &self,
        place: &Place,
        subresource: &str,
        object: Object,
    ) -> Result<Object, Status> {
        let name = object.name().unwrap_or_default().to_owned();
        let permit = self.permit("update", place, &name, subresource).await?;
        let target = self.server.target(&permit)?;
        let decide = |_: &Object| Ok(object.clone().into());
        Ok(self
            .server
            .change(&target, &self.writer(), &decide)
            .await?
            .object)
    }

    /// Patches an object or its subresource, by a patch of that media type.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn patch(
        &self,
        place: &Place,
        name: &str,
        subresource: &str,
        media_type: &str,
        patch: &[u8],
    ) -> Result<Object, Status> {
        let permit = self.permit("patch", place, name, subresource).await?;
        let target = self.server.target(&permit)?;
        let mut writer = self.writer();
        let patch = Patch::parse(media_type, patch, &writer.options)?;
        writer.applies = patch.is_apply();
        Ok(self.server.patch(&target, &patch, &writer).await?.object)
    }

    /// Deletes an object; the object while it is still on its way out, else none.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn delete(
        &self,
        place: &Place,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<Option<Object>, Status> {
        let permit = self.permit("delete", place, name, "").await?;
        let target = self.server.target(&permit)?;
        Ok(match self.server.delete(&target, options).await? {
            Deleted::Ending(object) => Some(object),
            Deleted::Gone(_) => None,
        })
    }

    async fn permit(
        &self,
        verb: &str,
        place: &Place,
        name: &str,
        subresource: &str,
    ) -> Result<Permit, Status> {
        let asked = Attributes {
            verb: verb.to_owned(),
            path: String::new(),
            is_resource: true,
            group: place.group.clone(),
            version: place.version.clone(),
            plural: place.plural.clone(),
            subresource: subresource.to_owned(),
            namespace: place.namespace.clone(),
            name: name.to_owned(),
        };
        let authorizer = &*self.server.parts.authorizer;
        Ok(Permit::ask(authorizer, self.user.clone(), asked).await?)
    }

    fn writer(&self) -> Writer {
        Writer {
            options: WriteOptions::default(),
            agent: self.user.name.clone(),
            applies: false,
        }
    }
}
