//! Creating and changing objects.
//!
//! A change is decided on the object as it is, and written only if it still is so; when somebody else
//! was faster it is decided anew. A creation holds only while its namespace takes new objects.

use crate::ledger::Ledger;
use crate::metadata;
use crate::parts::{Operation, Review};
use crate::patch::Patch;
use crate::path::Attributes;
use crate::permit::Permit;
use crate::query::WriteOptions;
use crate::record::Record;
use crate::records::Unwritten;
use crate::registry::{Ending, ResourceDef};
use crate::server::{ApiServer, Target};
use crate::subresource::How;
use crate::words;
use objects::status::{Cause, FieldError, Reason};
use objects::{Object, Status};
use serde_json::json;
use store::{Key, Revision, Transaction};

/// How often a change is decided anew when others are faster.
const ATTEMPTS_MAX: u32 = 32;
/// How often a generated name is drawn anew.
const NAMES_MAX: u32 = 8;

/// What came of a write.
pub(crate) struct Written {
    pub(crate) object: Object,
    /// Whether the object is new.
    pub(crate) is_new: bool,
    pub(crate) warnings: Vec<String>,
}

/// Who writes, for the record of who owns which field.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    pub(crate) options: WriteOptions,
    /// The field manager where the options name none.
    pub(crate) agent: String,
    /// Whether it applies a configuration, and so has said what it owns.
    pub(crate) applies: bool,
}

impl Writer {
    pub(crate) fn manager(&self) -> &str {
        let agent = self.agent.split('/').next().unwrap_or_default();
        self.options.field_manager.as_deref().unwrap_or(agent)
    }
}

/// The new state of an object, and what its writer is told beside the answer.
#[derive(Debug, Clone)]
pub(crate) struct Decided {
    pub(crate) object: Object,
    pub(crate) warnings: Vec<String>,
}

impl From<Object> for Decided {
    fn from(object: Object) -> Self {
        let warnings = Vec::new();
        Self { object, warnings }
    }
}

/// An object as it was found, and where.
#[derive(Clone, Copy)]
pub(crate) struct Found<'f> {
    pub(crate) of: &'f ResourceDef,
    pub(crate) key: &'f Key,
    pub(crate) record: &'f Record,
    pub(crate) object: &'f Object,
}

/// A change that only has to be written.
struct Prepared {
    object: Object,
    warnings: Vec<String>,
    /// By which states of the ledgers it was given what it takes.
    ledgers: Vec<Ledger>,
}

/// Decides the new state of an object from the present one.
pub(crate) type Decide<'d> = dyn Fn(&Object) -> Result<Decided, Status> + Send + Sync + 'd;

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

    /// All admission steps: every change, then every look; what a change left out is defaulted anew.
    pub(crate) async fn admit(&self, review: &mut Review<'_>) -> Result<(), Status> {
        for step in &self.parts.admission {
            step.mutate(review).await?;
        }
        if let Some(object) = &mut review.object {
            words::default(object);
        }
        for step in &self.parts.admission {
            step.validate(review).await?;
        }
        Ok(())
    }

    /// Changes an object that exists.
    pub(crate) async fn change(
        &self,
        target: &Target<'_>,
        writer: &Writer,
        decide: &Decide<'_>,
    ) -> Result<Written, Status> {
        let of = &*target.of;
        let key = self.records.key(of, target.namespace(), target.name());
        for _ in 0..ATTEMPTS_MAX {
            let Some(present) = self.records.get(of, &key).await? else {
                return Err(target.not_found());
            };
            let old = present.read(of);
            let decided = decide(&old)?;
            let (decided, mut warnings) = (decided.object, decided.warnings);
            // A version that the writer names is a condition; one that it took from the object is not.
            let named = decided.resource_version();
            if named.is_some_and(|named| named != present.revision.to_string()) {
                return Err(Status::modified(&of.resource, target.name()));
            }
            let prepared = self.prepare_change(target, decided, &old, writer).await?;
            warnings.extend(prepared.warnings);
            let found = Found {
                of,
                key: &key,
                record: &present,
                object: &old,
            };
            let (object, ledgers) = (prepared.object, prepared.ledgers);
            let is_dry = writer.options.dry_run;
            let written = self.write_change(found, object, &ledgers, is_dry).await?;
            if let Some(object) = written {
                return Ok(Written {
                    object,
                    is_new: false,
                    warnings,
                });
            }
        }
        Err(Status::modified(&of.resource, target.name()))
    }

    /// Patches an object; an apply makes it where there is none.
    pub(crate) async fn patch(
        &self,
        target: &Target<'_>,
        patch: &Patch,
        writer: &Writer,
    ) -> Result<Written, Status> {
        let (of, subresource) = (&target.of, target.permit.asked().subresource.as_str());
        let now = self.parts.surroundings.now();
        let decide = |old: &Object| patch.apply(Some(old), of, subresource, writer, now);
        let changed = self.change(target, writer, &decide).await;
        match changed {
            Err(status) if status.code == 404 && patch.is_apply() && target.how().is_none() => {
                let asked = Attributes {
                    verb: "create".to_owned(),
                    ..target.permit.asked().clone()
                };
                let user = target.permit.user().clone();
                Permit::ask(&*self.parts.authorizer, user, asked).await?;
                let mut decided = patch.apply(None, of, subresource, writer, now)?;
                fit_name(&mut decided.object, target.name())?;
                let mut written = self.create(target, decided.object, writer).await?;
                written.warnings.extend(decided.warnings);
                Ok(written)
            }
            changed => changed,
        }
    }

    async fn prepare_change(
        &self,
        target: &Target<'_>,
        decided: Object,
        old: &Object,
        writer: &Writer,
    ) -> Result<Prepared, Status> {
        let of = &*target.of;
        // What is written may be a part alone: its writer means the object that it names.
        refuse_other_uid(&decided, old, target)?;
        let mut object = part_written(decided, old, target);
        fit_place(&mut object, target)?;
        fit_name(&mut object, target.name())?;
        metadata::carry_over(&mut object, old, of);
        words::default(&mut object);
        let subresource = target.permit.asked().subresource.as_str();
        let now = self.parts.surroundings.now();
        let object = words::own(object, Some(old), of, subresource, writer, now)?;
        let mut review = Review {
            operation: Operation::Update,
            resource: of,
            subresource,
            namespace: target.namespace(),
            name: target.name(),
            user: target.permit.user(),
            object: Some(object),
            old: Some(old),
            dry_run: writer.options.dry_run,
            warnings: Vec::new(),
        };
        self.admit(&mut review).await?;
        let warnings = std::mem::take(&mut review.warnings);
        let mut object = review.object.take().unwrap_or_default();
        metadata::refuse_new_finalizers(&object, old, of)?;
        let addresses = self.give_addresses(of, &mut object, Some(old)).await?;
        let counted = match subresource {
            "" => self.count(of, &object, Some(old)).await?,
            _ => None,
        };
        // A binding writes what nobody else may change.
        if !matches!(target.how(), Some(How::Bind)) {
            words::validate_changed(&object, old, of)?;
        }
        Ok(Prepared {
            object: words::keep_times(&object, old),
            warnings,
            ledgers: addresses.into_iter().chain(counted).collect(),
        })
    }

    /// Writes the new state; none: somebody else was faster. What changes nothing writes nothing, and
    /// what has nothing left to wait for goes.
    pub(crate) async fn write_change(
        &self,
        found: Found<'_>,
        object: Object,
        ledgers: &[Ledger],
        is_dry: bool,
    ) -> Result<Option<Object>, Status> {
        let (key, revision) = (found.key, found.record.revision);
        if is_dry || metadata::is_same(&object, found.object) {
            return Ok(Some(with_revision(object, revision)));
        }
        let mut transaction = Transaction::new().if_modified_at(key.clone(), revision);
        for ledger in ledgers {
            transaction = ledger.hold(transaction);
        }
        let transaction = match metadata::may_go(&object) {
            true => transaction.delete(key.clone()),
            false => {
                let value = self.records.value(found.of, key, &object)?;
                transaction.put(key.clone(), value)
            }
        };
        match self.records.commit(transaction).await {
            Ok(commit) => Ok(Some(with_revision(object, commit.revision))),
            Err(Unwritten::Conflict(_)) => Ok(None),
            Err(Unwritten::Refused(status)) => Err(status),
        }
    }
}

/// The object of a request fits its path, and takes from it what it leaves out.
pub(crate) fn fit_place(object: &mut Object, target: &Target<'_>) -> Result<(), Status> {
    let namespace = target.namespace();
    let told = object.namespace().unwrap_or_default();
    if told.is_empty() && !namespace.is_empty() {
        object
            .metadata_mut()
            .insert("namespace".to_owned(), namespace.into());
    } else if namespace.is_empty() && !told.is_empty() {
        object.metadata_mut().remove("namespace");
    } else if told != namespace {
        let why =
            "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Status::bad_request(why));
    }
    Ok(())
}

/// What is written with a uid is meant for the object of that uid.
pub(crate) fn refuse_other_uid(
    object: &Object,
    old: &Object,
    target: &Target<'_>,
) -> Result<(), Status> {
    let (told, there) = (
        object.uid().unwrap_or_default(),
        old.uid().unwrap_or_default(),
    );
    if !told.is_empty() && told != there {
        let why = format!(
            "Precondition failed: UID in precondition: {told}, UID in object meta: {there}"
        );
        return Err(Status::conflict(&target.of.resource, target.name(), &why));
    }
    Ok(())
}

/// An object's name is the path's; left out, it is.
fn fit_name(object: &mut Object, name: &str) -> Result<(), Status> {
    match object.name() {
        Some(told) if told != name => {
            let why = format!(
                "the name of the object ({told}) does not match the name on the URL ({name})"
            );
            Err(Status::bad_request(why))
        }
        Some(_) => Ok(()),
        None => {
            object.metadata_mut().insert("name".to_owned(), name.into());
            Ok(())
        }
    }
}

/// The part that a request may write, over the object as it is.
fn part_written(decided: Object, old: &Object, target: &Target<'_>) -> Object {
    let keep = |mut into: Object, from: &Object, field: &str| {
        match from.as_map().get(field) {
            Some(value) => into.as_map_mut().insert(field.to_owned(), value.clone()),
            None => into.as_map_mut().remove(field),
        };
        into
    };
    match target.how() {
        Some(How::Status) => {
            let mut object = keep(old.clone(), &decided, "status");
            if let Some(owned) = decided
                .metadata()
                .and_then(|there| there.get("managedFields"))
            {
                object
                    .metadata_mut()
                    .insert("managedFields".to_owned(), owned.clone());
            }
            object
        }
        Some(How::Finalize) => {
            let finalizers = decided.get(&["spec", "finalizers"]).cloned();
            let mut object = old.clone();
            let spec = object
                .as_map_mut()
                .entry("spec")
                .or_insert_with(|| json!({}));
            if let Some(spec) = spec.as_object_mut() {
                match finalizers {
                    Some(finalizers) => spec.insert("finalizers".to_owned(), finalizers),
                    None => spec.remove("finalizers"),
                };
            }
            object
        }
        None if target.of.strategy.status => keep(decided, old, "status"),
        Some(How::View(_) | How::Bind | How::Evict | How::Asked | How::Stream) | None => decided,
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

pub(crate) fn with_revision(mut object: Object, revision: Revision) -> Object {
    let revision = revision.to_string();
    object
        .metadata_mut()
        .insert("resourceVersion".to_owned(), revision.into());
    object
}
