//! Creating objects: a creation holds only while its namespace takes new objects.

use super::fit::fit_place;
use super::{ATTEMPTS_MAX, Writer, Written, with_revision};
use crate::metadata;
use crate::parts::{Operation, Review};
use crate::records::Unwritten;
use crate::registry::{Ending, ResourceDef};
use crate::server::{ApiServer, Target};
use crate::words;
use objects::status::{Cause, FieldError, Reason};
use objects::{Object, Status};
use serde_json::json;
use store::{Key, Revision, Transaction};

/// How often a generated name is drawn anew.
const NAMES_MAX: u32 = 8;

impl ApiServer {
    /// Writes a new object.
    pub(crate) async fn create(
        &self,
        target: &Target<'_>,
        object: Object,
        writer: &Writer,
    ) -> Result<Written, Status> {
        let begin = object
            .name()
            .is_none()
            .then(|| object.generate_name().map(str::to_owned))
            .flatten();
        let Some(begin) = begin else {
            return self.create_named(target, object, writer).await;
        };
        let mut refused = None;
        for _ in 0..NAMES_MAX {
            let mut named = object.clone();
            let name = metadata::generated_name(&begin, self.parts.surroundings.random());
            named
                .metadata_mut()
                .insert("name".to_owned(), name.clone().into());
            match self.create_named(target, named, writer).await {
                Err(status) if status.reason == Reason::AlreadyExists => {
                    refused = Some(Status::generate_name_conflict(&target.of.resource, &name));
                }
                answered => return answered,
            }
        }
        Err(refused.unwrap_or_else(|| Status::internal_error("no name was drawn")))
    }

    async fn create_named(
        &self,
        target: &Target<'_>,
        mut object: Object,
        writer: &Writer,
    ) -> Result<Written, Status> {
        let of = &*target.of;
        fit_place(&mut object, target)?;
        if object.resource_version().is_some() {
            let why = "resourceVersion should not be set on objects to be created";
            return Err(Status::bad_request(why));
        }
        let name = object.name().unwrap_or_default().to_owned();
        if name.is_empty() {
            let fault = FieldError::required("metadata.name", "name or generateName is required");
            return Err(Status::invalid(&of.gvk, "", &[fault]));
        }
        let surroundings = &self.parts.surroundings;
        let uid = metadata::uid(surroundings.random());
        metadata::set_new(&mut object, of, uid, surroundings.now());
        prepare_new(&mut object, of);
        words::default(&mut object);
        let object = words::own(object, None, of, "", writer, surroundings.now())?;
        let key = self.records.key(of, target.namespace(), &name);
        for _ in 0..ATTEMPTS_MAX {
            let home = self.home(target, &name).await?;
            let mut review = Review {
                operation: Operation::Create,
                resource: of,
                subresource: "",
                namespace: target.namespace(),
                name: &name,
                user: target.permit.user(),
                object: Some(object.clone()),
                old: None,
                dry_run: writer.options.dry_run,
                warnings: Vec::new(),
            };
            self.admit(&mut review).await?;
            let mut warnings = std::mem::take(&mut review.warnings);
            warnings.extend(kept_only(of));
            let mut admitted = review.object.take().unwrap_or_default();
            let addresses = self.give_addresses(of, &mut admitted, None).await?;
            words::validate_new(&admitted, of)?;
            let counted = self.count(of, &admitted, None).await?;
            if writer.options.dry_run {
                if self.records.get(of, &key).await?.is_some() {
                    return Err(Status::already_exists(&of.resource, &name));
                }
                return Ok(Written {
                    object: admitted,
                    is_new: true,
                    warnings,
                });
            }
            let value = self.records.value(of, &key, &admitted)?;
            let mut transaction = Transaction::new()
                .if_absent(key.clone())
                .put(key.clone(), value);
            if let Some((home, revision)) = home {
                transaction = transaction.if_modified_at(home, revision);
            }
            for ledger in addresses.iter().chain(&counted) {
                transaction = ledger.hold(transaction);
            }
            match self.records.commit(transaction).await {
                Ok(commit) => {
                    let object = with_revision(admitted, commit.revision);
                    return Ok(Written {
                        object,
                        is_new: true,
                        warnings,
                    });
                }
                Err(Unwritten::Conflict(at)) if at == key => {
                    return Err(Status::already_exists(&of.resource, &name));
                }
                // The namespace was written in between: it may take no more. Or another object was given
                // what this one was to have.
                Err(Unwritten::Conflict(_)) => {}
                Err(Unwritten::Refused(status)) => return Err(status),
            }
        }
        Err(Status::server_timeout(&of.resource, "create", 1))
    }

    /// The namespace in which an object is created, and that it is alive.
    async fn home(
        &self,
        target: &Target<'_>,
        name: &str,
    ) -> Result<Option<(Key, Revision)>, Status> {
        let namespace = target.namespace();
        if namespace.is_empty() {
            return Ok(None);
        }
        let Some(of) = self.registry.find("", "v1", "namespaces") else {
            return Ok(None);
        };
        let key = self.records.key(of, "", namespace);
        let Some(found) = self.records.get(of, &key).await? else {
            return Err(Status::not_found(&of.resource, namespace));
        };
        if metadata::is_deleting(&found.read(of)) {
            let why = format!(
                "unable to create new content in namespace {namespace} because it is being terminated"
            );
            let refused = Status::forbidden(&target.of.resource, name, &why);
            return Err(refused.with_cause(Cause {
                reason: "NamespaceTerminating".to_owned(),
                message: format!("namespace {namespace} is being terminated"),
                field: "metadata.namespace".to_owned(),
            }));
        }
        Ok(Some((key, found.revision)))
    }
}

/// What the writer of an object must know on which nothing here acts.
fn kept_only(of: &ResourceDef) -> Option<String> {
    let why = of.strategy.kept_only?;
    Some(format!(
        "a {} is kept here, and nothing acts on it: {why}",
        of.gvk.kind
    ))
}

/// What a new object of a kind begins with.
fn prepare_new(object: &mut Object, of: &ResourceDef) {
    match of.strategy.ending {
        Ending::Namespace => {
            let name = object.name().unwrap_or_default().to_owned();
            let labels = object
                .metadata_mut()
                .entry("labels")
                .or_insert_with(|| json!({}));
            if let Some(labels) = labels.as_object_mut() {
                labels.insert("kubernetes.io/metadata.name".to_owned(), name.into());
            }
            let map = object.as_map_mut();
            map.insert("spec".to_owned(), json!({ "finalizers": ["kubernetes"] }));
            map.insert("status".to_owned(), json!({ "phase": "Active" }));
        }
        Ending::Pod => {
            let status = json!({ "phase": "Pending", "qosClass": words::qos_class(object) });
            object.as_map_mut().insert("status".to_owned(), status);
        }
        Ending::AtOnce if of.strategy.begins_pending => {
            let status = json!({ "phase": "Pending" });
            object.as_map_mut().insert("status".to_owned(), status);
        }
        Ending::AtOnce => {}
    }
}
