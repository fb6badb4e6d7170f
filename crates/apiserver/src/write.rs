//! Creating and changing objects.
//!
//! A change is decided on the object as it is, and written only if it still is so; when somebody else
//! was faster it is decided anew.

mod create;
mod fit;

pub(crate) use fit::{fit_place, refuse_other_uid};

use crate::ledger::Ledger;
use crate::metadata;
use crate::parts::{Operation, Review};
use crate::patch::Patch;
use crate::path::Attributes;
use crate::permit::Permit;
use crate::query::WriteOptions;
use crate::record::Record;
use crate::records::Unwritten;
use crate::registry::ResourceDef;
use crate::server::{ApiServer, Target};
use crate::subresource::How;
use crate::words;
use fit::{fit_name, part_written};
use objects::{Object, Status};
use store::{Key, Revision, Transaction};

/// How often a change is decided anew when others are faster.
const ATTEMPTS_MAX: u32 = 32;
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

pub(crate) fn with_revision(mut object: Object, revision: Revision) -> Object {
    let revision = revision.to_string();
    object
        .metadata_mut()
        .insert("resourceVersion".to_owned(), revision.into());
    object
}
